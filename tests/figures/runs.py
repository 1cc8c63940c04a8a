"""Runs to compare."""

from typing import Any

from wandb_plot.model.run import Run


def a_run(run_id: str, name: str = "base", **fields: Any) -> Run:
    """A run of a project."""
    return Run(run_id, name, "acme", "vision", **fields)
