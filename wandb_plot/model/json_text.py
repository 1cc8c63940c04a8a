"""JSON that holds numbers of any size."""

import json
import sys
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """What `text` stands for as JSON; an integer of thousands of digits is an infinite number.

    Raises:
        json.JSONDecodeError: it is no JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python refuses to read such integers
        return json.loads(text, parse_int=_whole_number)


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits) < sys.int_info.str_digits_check_threshold else float(digits)
