"""JSON is strict, and harmless on a terminal."""

import json
import math
from datetime import UTC, datetime

from wandb_plot.basics.json_text import json_ready, to_json


def test_non_finite_numbers_are_words() -> None:
    """JSON output never holds a bare NaN, however deep."""
    assert json_ready({"a": [math.nan, {"b": math.inf}], "c": -math.inf}) == {
        "a": ["NaN", {"b": "Infinity"}],
        "c": "-Infinity",
    }
    assert json_ready(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"


def test_json_is_plain_characters_a_terminal_does_not_obey() -> None:
    """Controls and direction overrides are escaped, other scripts stay readable, and it reads back the same."""
    text = "\x1b[31mred\x9b1m \u202egnp.exe 損失"
    written = to_json({"name": text})
    assert written.isprintable()
    assert "損失" in written
    assert json.loads(written) == {"name": text}
