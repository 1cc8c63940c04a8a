"""docs/cli.md: each command with what it prints."""

from pathlib import Path

from wandb_plot.cli import cli

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_each_command_is_shown_at_work() -> None:
    """With an example that cog runs; all but the demo, which takes longer than all others together."""
    shown = {name for name in cli.commands if f"\n$ wandb-plot {name}" in PAGE}
    assert set(cli.commands) - shown == {"demo"}
