"""The order in which people sort names."""

from wandb_plot.basics.natural_order import natural_key


def test_numbers_in_names_go_by_size() -> None:
    """Numbers come first, by size; a hyphen is no sign, decimals are decimals, and case doesn't matter."""
    ordered = ["-3", "1e-05", "0.1", "2", "10", "lr0.05", "lr0.1", "net9", "Net10", "run-9", "run-10"]
    assert sorted([*ordered[5:], *ordered[:5]], key=natural_key) == ordered
