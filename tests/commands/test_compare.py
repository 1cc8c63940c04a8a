"""`wandb-plot compare` on the study of 18 runs."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.server import TestServer
from tests.sources.log.log_writer import field, item, row, write_log
from tests.study import study_contents

VIT = ("--baseline", "config.arch=cnn", "--candidate", "config.arch=vit", "--metric", "val/acc:max")
ACCURACY = (*VIT, "--higher-is-better")


def compared(done: Any) -> dict[str, Any]:
    """The document."""
    assert done.code == 0, done.stderr
    document: dict[str, Any] = done.json()
    return document


def write_run(wandb: Path, run_id: str, seed: int, value: float) -> None:
    """A finished run of one point."""
    folder = wandb / f"offline-run-20260101_000000-{run_id}"
    folder.mkdir()
    record = field(17, field(1, run_id) + field(4, field(1, item("seed", str(seed)))))
    write_log(folder / f"run-{run_id}.wandb", [record, row(0, acc=value), field(18, field(1, 0))])


def test_each_pair_counts_alike(wandb_plot: Command, tmp_path: Path) -> None:
    """And where the means of the sides say otherwise, it is told why."""
    wandb = tmp_path / "wandb"
    wandb.mkdir()
    for side, values in {"b": [(1, 0.0), *[(2, 10.0)] * 3], "c": [*[(1, 1.0)] * 3, (2, 11.0)]}.items():
        for number, (seed, value) in enumerate(values):
            write_run(wandb, f"{side}{number}", seed, value)
    words = ("--baseline", "b*", "--candidate", "c*", "--metric", "acc:last", "--higher-is-better")
    document = compared(wandb_plot("compare", wandb, *words, "--pair-by", "config.seed", "--json"))
    assert (document["baseline"]["mean"], document["candidate"]["mean"], document["difference"]) == (7.5, 3.5, 1)
    why = "the difference is the mean over the values of config.seed"
    assert any(why in note for note in document["notes"])
    assert not any(why in note for note in compared(wandb_plot("compare", wandb, *words, "--json"))["notes"])


def test_the_better_architecture_is_found(wandb_plot: Command, study: Path) -> None:
    """With n and the runs behind both sides, and the difference of the means; the same every time."""
    document = compared(wandb_plot("compare", study, *ACCURACY, "--json"))
    base, other = document["baseline"], document["candidate"]
    assert base["run_ids"] == [f"s{number:02d}" for number in range(1, 7)]
    assert other["run_ids"] == [f"s{number:02d}" for number in range(13, 19)]
    assert (base["n"], other["n"], document["verdict"]) == (6, 6, "better")
    assert document["difference"] == pytest.approx(other["mean"] - base["mean"])
    assert 0 < document["low"] < document["difference"] < document["high"]
    assert any("s18 failed" in note for note in document["notes"])
    assert compared(wandb_plot("compare", study, *ACCURACY, "--json")) == document


def test_a_server_gives_the_same(wandb_plot: Command, study: Path) -> None:
    """To the last digit: nothing is sampled."""
    with TestServer(study_contents()) as server:
        remote = compared(wandb_plot("compare", "acme/vision", *ACCURACY, "--json", env=server.env))
    assert remote == compared(wandb_plot("compare", study, *ACCURACY, "--json"))


def test_pairs_are_runs_that_say_the_same(wandb_plot: Command, study: Path) -> None:
    """Runs without a partner are left out, and named."""
    words = ("--baseline", "config.arch=cnn", "--baseline", "config.optim.lr=0.01", "--baseline", "config.seed<2")
    words += ("--candidate", "config.arch=vit", "--candidate", "config.optim.lr=0.01")
    words += ("--metric", "val/acc:max", "--higher-is-better", "--pair-by", "config.seed")
    document = compared(wandb_plot("compare", study, *words, "--json"))
    assert (document["baseline"]["n"], document["candidate"]["n"]) == (2, 2)
    assert document["needed_of"] == "pairs"
    assert [pair["value"] for pair in document["pairs"]] == ["0", "1"]
    differences = [pair["candidate"][0] - pair["baseline"][0] for pair in document["pairs"]]
    assert [pair["difference"] for pair in document["pairs"]] == differences
    assert document["difference"] == pytest.approx(sum(differences) / 2)
    assert any("s15" in note and "left out" in note for note in document["notes"])
    assert any("too narrow" in note for note in document["notes"])


def test_a_side_is_named_by_filters_by_runs_or_both(wandb_plot: Command, study: Path) -> None:
    """Names and globs choose, filters narrow; what both sides shall meet is said once."""
    metric = ("--metric", "val/acc:max", "--higher-is-better", "--json")
    both = ("--filter", "config.seed>0", "--state", "finished")
    by_name = ("--baseline", "cnn-*", "--baseline", "config.optim.lr=0.1", "--candidate", "s16,vit-high-*")
    document = compared(wandb_plot("compare", study, *by_name, *metric))
    assert document["baseline"]["run_ids"] == ["s04", "s05", "s06"]
    assert document["candidate"]["run_ids"] == ["s16", "s17", "s18"]
    narrowed = compared(wandb_plot("compare", study, *by_name, *both, *metric))
    assert [narrowed[side]["run_ids"] for side in ("baseline", "candidate")] == [["s05", "s06"], ["s17"]]
    assert not any("did not finish" in note for note in narrowed["notes"])
    assert "1 run is left out by --state: s18 failed." in narrowed["notes"]


def test_conditions_joined_by_a_comma_are_told(wandb_plot: Command, study: Path) -> None:
    """An option holds one condition; the error says how to give several."""
    words = ("--baseline", "config.arch=cnn,config.optim.lr=0.01", "--candidate", "config.arch=vit")
    refused = wandb_plot("compare", study, *words, "--metric", "val/acc", "--higher-is-better")
    assert (refused.code, refused.stdout) == (3, "")
    assert "repeat the option for each of several: config.arch=cnn, then config.optim.lr=0.01" in refused.stderr
    assert "--baseline once for each condition" in refused.stderr


def test_one_run_a_side_is_unresolved(wandb_plot: Command, study: Path) -> None:
    """With no interval, and how far apart they are in terms of what spread the siblings show."""
    words = ("--baseline", "id=s01", "--candidate", "config.arch=vit", "--metric", "val/acc:max", "--higher-is-better")
    document = compared(wandb_plot("compare", study, *words, "--json"))
    assert (document["verdict"], document["low"], document["high"]) == ("unresolved", None, None)
    assert any("times the standard deviation" in note for note in document["notes"])


def test_the_gate_opens_for_the_better_alone(wandb_plot: Command, study: Path) -> None:
    """Exit 8 for worse and for unresolved, with the result on stdout all the same."""
    assert wandb_plot("compare", study, *ACCURACY, "--gate").code == 0
    worse = wandb_plot("compare", study, *VIT, "--lower-is-better", "--gate", "--json")
    assert (worse.code, worse.json()["verdict"], worse.error()["code"]) == (8, "worse", "gate")  # type: ignore[index, call-overload]


def test_it_reads_well(wandb_plot: Command, study: Path) -> None:
    """Both sides, the verdict, and how the numbers were made."""
    done = wandb_plot("compare", study, *ACCURACY)
    assert done.code == 0
    lines = done.stdout.splitlines()
    assert lines[1].split()[:2] == ["baseline", "6"]
    assert lines[1].split(maxsplit=5)[2:] == ["0.778", "±", "0.029", "s01, s02, s03, s04, s05, s06"]
    assert "better (higher is better)" in lines
    assert any(line.startswith("difference (candidate - baseline) 0.09452, 95% interval [0.0") for line in lines)
    assert any("10,000 bootstrap resamples" in line for line in lines)


def test_pairs_are_shown(wandb_plot: Command, study: Path) -> None:
    """A line a value of the key, of several runs their mean; unresolved says how many pairs would show a difference."""
    several = wandb_plot("compare", study, *ACCURACY, "--pair-by", "config.seed").stdout.splitlines()
    assert several[4].split() == ["config.seed", "baseline", "candidate", "difference"]
    assert [line.split()[0] for line in several[5:8]] == ["0", "1", "2"]
    assert all(line.count("(mean of 2)") == 2 for line in several[5:8])
    rates = ("--baseline", "cnn-low-*", "--candidate", "mlp-low-*", "--metric", "train/loss", "--lower-is-better")
    single = wandb_plot("compare", study, *rates, "--pair-by", "config.seed").stdout
    assert re.search(r"takes about \d+ pairs to show \(power 0.8\), and here are 3: record more runs", single)
    assert "fewer than 5 pairs" in single
    assert "the candidate is higher in 1 of 3 pairs" in single.splitlines()


def test_it_is_said_whether_the_verdict_rests_on_unfinished_runs(wandb_plot: Command, study: Path) -> None:
    """The difference without them is that of --state finished, also in pairs; the verdict stays or does not."""
    words = ("--baseline", "config.arch=vit", "--baseline", "config.optim.lr=0.1", "--higher-is-better", "--json")
    for more in ((), ("--pair-by", "config.seed")):
        for candidate in ("cnn-high-*", "mlp-high-*"):
            asked = (*words, "--candidate", candidate, "--metric", "val/acc:max", *more)
            notes = compared(wandb_plot("compare", study, *asked))["notes"]
            finished = compared(wandb_plot("compare", study, *asked, "--state", "finished"))
            (note,) = [note for note in notes if note.startswith("Without ")]
            assert "s18 (failed at step 150)" in note
            assert f": difference {finished['difference']:.4g}, 95% interval [{finished['low']:.4g}, " in note
            n = "2 pairs" if more else "n = 2 and 3" if candidate == "cnn-high-*" else "n = 2 and 2"
            assert note.endswith(f", {n}, {finished['verdict']} too.")
            assert not any(note.startswith("Without ") for note in finished["notes"])
    asked = ("--baseline", "mlp-low-*", "--candidate", "mlp-high-*", "--metric", "train/loss:median", *words[4:])
    document = compared(wandb_plot("compare", study, *asked))
    assert document["verdict"] == "better"
    assert document["notes"][-1].endswith(", n = 3 and 2, unresolved (better with it).")
    alone = ("--baseline", "s12", "--candidate", "s16,s17", "--metric", "val/acc:max", "--higher-is-better", "--json")
    assert (
        "Without s12 (crashed at step 90) nothing is left to compare."
        in compared(wandb_plot("compare", study, *alone))["notes"]
    )


@pytest.mark.parametrize(
    ("paired", "said"), [(True, "All 3 differences are equal"), (False, "All numbers of each side are equal")]
)
def test_an_interval_of_no_width_says_nothing_about_noise(
    wandb_plot: Command, tmp_path: Path, paired: bool, said: str
) -> None:
    """Equal differences, but for the rounding of floats, are told as such."""
    for number, base in enumerate((0.68, 0.69, 0.7) if paired else (0.7, 0.7, 0.7)):
        for side, value in (("a", base), ("b", base + 0.2)):
            write_run(tmp_path, f"{side}{number}", number, value)
    asked = ("--baseline", "a*", "--candidate", "b*", "--metric", "acc", "--higher-is-better", "--json")
    pairs = ("--pair-by", "config.seed") if paired else ()
    document = compared(wandb_plot("compare", tmp_path, *asked, *pairs))
    assert document["low"] == pytest.approx(document["high"])
    assert any(note.startswith(f"{said}: the interval says nothing about noise") for note in document["notes"])
    spread = compared(wandb_plot("compare", tmp_path, *asked)) if paired else None
    assert spread is None or not any("are equal" in note for note in spread["notes"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (VIT, 2, "--lower-is-better"),
        ((*ACCURACY, "--lower-is-better"), 2, "which direction"),
        ((*ACCURACY, "--baseline", "name=nobody"), 3, "--baseline"),
        ((*ACCURACY[2:], "--baseline", "config.arch=vit"), 2, "both"),
        ((*ACCURACY[2:], "--baseline", "cnn-hihg-0"), 3, "cnn-high-0"),
        ((*ACCURACY[2:], "--baseline", "config.arch"), 2, "KEY=VALUE"),
        ((*ACCURACY[2:], "--baseline", "val/acc:max"), 3, "a condition is KEY=VALUE"),
        ((*ACCURACY, "--pair-by", "config.sed"), 3, "config.seed"),
        ((*ACCURACY, "--pair-by", "id"), 2, "--pair-by"),
        ((*ACCURACY[:-3], "--metric", "val/ac", "--higher-is-better"), 3, "val/acc"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    wandb_plot: Command, study: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """A clear error that says what to do, and nothing on stdout."""
    done = wandb_plot("compare", study, *words)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr
