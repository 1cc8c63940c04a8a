"""Names made short."""

from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.figures.words.shortening import shorten


def test_what_fits_stays_as_it_is() -> None:
    """Also where names begin alike; only line breaks become spaces."""
    assert shorten(["config.arch=cnn", "config.arch=vit"], 20) == ["config.arch=cnn", "config.arch=vit"]
    assert shorten(["two\nlines", "one"], 20) == ["two lines", "one"]


def test_what_all_share_goes_first() -> None:
    """Word by word where names are built alike; a number keeps the word before it, and an exponent its sign."""
    names = [f"imagenet-sweep-2024/mlp-{layers}-wide-lr{lr}-run" for layers in (2, 3) for lr in ("1e-4", "1e-5")]
    assert shorten(names, 20) == ["mlp-2-lr1e-4", "mlp-2-lr1e-5", "mlp-3-lr1e-4", "mlp-3-lr1e-5"]
    assert shorten(["mlp-wide-s0", "cnn-wide-s1"], 20, bare=True) == ["mlp-s0", "cnn-s1"]
    assert shorten([f"resnet50_imagenet_seed{at}" for at in range(2)], 20) == ["seed0", "seed1"]


def test_names_of_different_build_lose_what_they_begin_and_end_with() -> None:
    """At word boundaries."""
    names = ["imagenet-2024/mlp-wide-run", "imagenet-2024/mlp-very-deep-run"]
    assert shorten(names, 20) == ["wide", "very-deep"]


def test_then_the_middle_goes() -> None:
    """Beginning and end stay, since they tell most."""
    assert shorten(["a" * 30 + "-s0"], 12) == ["aaaaa…aaa-s0"]


@given(st.lists(st.text("ab-= #1…\n", max_size=40), max_size=8), st.integers(8, 20))
def test_different_names_stay_different(names: list[str], length: int) -> None:
    """However they are cut; equal ones stay equal, and none outgrows the length by more than its number."""
    short = shorten(names, length)
    assert len(short) == len(names)
    assert all(len(one) <= length + 3 for one in short)
    pairs = {(name, one) for name, one in zip(names, short, strict=True)}
    assert len(pairs) == len({one for _, one in pairs}) == len(set(names))
