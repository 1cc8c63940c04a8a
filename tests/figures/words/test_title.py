"""The title that figures have by default."""

from typing import Any

import pytest

from tests.figures.runs import a_run, history
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.options import FigureOptions, Presentation

RUNS = [
    a_run(f"{arch}{seed}", config={"arch": arch, "seed": seed, "lr": lr, "env": "AB"[seed], "size": lr * 10})
    for arch, lr in (("vit", 1), ("cnn", 2))
    for seed in (0, 1)
]


def title(metrics: str = "loss", runs: int = 4, **options: Any) -> str:
    """The title of a figure of some metrics of the first `runs` runs."""
    names = metrics.split(",")
    read = history(**{name: {0: 1.0, 1: 2.0} for name in names})
    return assemble(names, [(run, read) for run in RUNS[:runs]], FigureOptions(**options)).figure.title


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runs": 1}, "loss · vit0"),
        ({}, "loss of 4 runs"),
        ({"metrics": "loss,acc"}, "loss, acc of 4 runs"),
        ({"metrics": "a,b,c,d"}, "4 metrics of 4 runs"),
        ({"group_by": "config.arch"}, "loss by arch"),
        ({"group_by": "config.arch,config.lr"}, "loss by arch, lr"),
        ({"group_by": "!config.seed"}, "loss by 4 keys"),
        ({"group_by": "config.arch", "runs": 2}, "loss · vit"),
        ({"panels": "config.env"}, "loss of 4 runs"),
        ({"panels": "config.env", "group_by": "config.arch"}, "loss by arch"),
    ],
)
def test_a_title_says_of_what_and_whose(options: dict[str, Any], said: str) -> None:
    """The metric, then the only run or group, the number of runs, or the keys of the groups as the legend has them."""
    assert title(**options) == said


def test_panels_of_metrics_name_them_themselves() -> None:
    """Such a figure has no title of its own but the run or group, where there is only one."""
    assert title("loss,acc", panels="metric") == ""
    assert title("loss,acc", panels="metric", group_by="config.arch") == ""
    assert title("loss,acc", 1, panels="metric") == "vit0"


@pytest.mark.parametrize("given", ["Who learns?", ""])
def test_a_given_title_wins(given: str) -> None:
    """As it is, also where it is empty."""
    assert title(group_by="config.arch", presentation=Presentation(title=given)) == given
