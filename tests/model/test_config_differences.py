"""What differs between the configs of runs."""

from tests.figures.runs import a_run
from wandb_plot.model.config_differences import config_differences


def test_differences_are_the_keys_that_differ() -> None:
    """Nested keys are joined with dots; equal ones, and 1 against 1.0, are left out; a missing key is None."""
    runs = [
        a_run("a", config={"lr": 0.1, "seed": 1, "optimizer": {"name": "adam", "beta": 0.9}, "layers": [1, 2]}),
        a_run("b", config={"lr": 0.2, "seed": 1.0, "optimizer": {"name": "adam", "beta": 0.8}, "layers": [1, 3]}),
        a_run("c", config={"lr": 0.1, "seed": 1, "optimizer": {"name": "adam"}, "layers": [1, 2], "extra": True}),
    ]
    assert list(config_differences(runs).items()) == [
        ("lr", [0.1, 0.2, 0.1]),
        ("optimizer.beta", [0.9, 0.8, None]),
        ("layers", [[1, 2], [1, 3], [1, 2]]),
        ("extra", [None, None, True]),
    ]
    assert config_differences(runs[:1]) == {}
