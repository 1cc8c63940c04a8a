"""The order in which people sort names that hold numbers."""

import math
from typing import Any

from natsort import natsort_keygen, ns

# Decimals are numbers, a hyphen no sign: `lr0.05` comes before `lr0.1`, `run-9` before `run-10`.
_text_key = natsort_keygen(alg=ns.FLOAT | ns.UNSIGNED | ns.IGNORECASE)


def natural_key(text: str) -> Any:
    """A key to sort by: numbers first, by size; then text, the numbers in it by size too."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    return (0, number, text) if math.isfinite(number) else (1, _text_key(text), text)
