"""`wandb-plot projects`, as far as it needs no server."""

from tests.conftest import Command


def test_a_folder_has_no_projects_to_list(wandb_plot: Command) -> None:
    """It is wrong usage, before anybody is asked for a key; the hint says what can be listed."""
    done = wandb_plot("projects", "./wandb", "--json")
    assert (done.code, done.stdout) == (2, "")
    assert "wandb-plot runs ./wandb" in str(done.error()["hint"])
