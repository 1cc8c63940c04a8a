"""JSON that holds numbers of any size."""

import json
import math
import sys
from typing import Any

# JSON has no tokens for these, so servers and users write them as strings.
NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def non_finite_text(number: float) -> str:
    """The string that stands for a number which is not finite."""
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


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
