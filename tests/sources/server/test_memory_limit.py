"""The memory that the client may take."""

from pathlib import Path

import pytest

from wandb_plot.sources.server.client import memory_limit


@pytest.mark.parametrize(
    ("text", "expected"), [("2147483648\n", 2 << 30), ("max\n", None), ("9223372036854771712\n", None), (None, None)]
)
def test_a_container_may_have_less_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, expected: int | None
) -> None:
    """Its limit counts where there is one: a machine of 64 GB is no help to a container of 2."""
    monkeypatch.setattr(memory_limit.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1 << 24}[name])
    limit = tmp_path / "memory.max"
    if text is not None:
        limit.write_text(text)
    monkeypatch.setattr(memory_limit, "_CGROUP_LIMITS", (limit,))
    assert memory_limit.available_memory() == (expected or 64 << 30)
