"""What reaches the terminal can't harm it, and holds no secret."""

from pathlib import Path

import pytest

from wandb_plot.terminal.text import printable, redact


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "a\nb", "a\rb", "\x9b2J", "a\u202eb", "\ud800"])
def test_names_cannot_emit_escapes(text: str) -> None:
    """What a terminal would obey is shown as an escape."""
    assert printable(text).isprintable()
    assert "\\" in printable(text)
    assert printable("naïve 損失 🚀") == "naïve 損失 🚀"


KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("short-secret", "[key]"),
        (f"local-{KEY}", "[key]"),
        (f"wandb_v1_{'x' * 30}", "[key]"),
        (f"api_key={KEY}", "api_key=[key]"),
        (f"{{'apiKey': '{KEY}'}}", "{'apiKey': '[key]'}"),
        (f"Authorization: Basic {'YXBp' * 8}=", "Authorization: Basic [key]"),
        (f"{{'Authorization': 'Bearer {'ab12' * 8}'}}", "{'Authorization': 'Bearer [key]'}"),
        ("https://me:pass@host/x", "https://host/x"),
        ("https://host/file.png?Signature=abc&x=1", "https://host/file.png?[...]"),
    ],
)
def test_secrets_are_left_out(monkeypatch: pytest.MonkeyPatch, text: str, left: str) -> None:
    """Keys, what authorizes, credentials in addresses, and the signatures of addresses."""
    monkeypatch.setenv("WANDB_API_KEY", "short-secret")
    assert redact(f"so {text} it is") == f"so {left} it is"


def test_a_commit_is_no_key_unless_it_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Forty hexadecimal digits are left out where they are the key of this user, in environment or netrc, only."""
    commit = KEY[::-1]
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai\n  login user\n  password {KEY}\n")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert redact(f"{commit} {KEY}") == f"{commit} [key]"
    monkeypatch.setenv("WANDB_API_KEY", commit)
    assert redact(commit) == "[key]"
