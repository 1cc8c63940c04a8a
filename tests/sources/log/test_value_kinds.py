"""Single logged values."""

import math

from wandb_plot.sources.log.value_kinds import ValueField, decode_value


def test_an_integer_of_thousands_of_digits_is_infinite() -> None:
    """Also within a dict: what stands beside it is not lost."""
    assert decode_value(ValueField.VALUE_JSON, b'{"big": -' + b"9" * 5_000 + b', "small": 1}') == {
        "big": -math.inf,
        "small": 1,
    }
