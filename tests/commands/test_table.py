"""`wandb-plot table`: one number a run or group and metric, against pandas."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import Command
from tests.server import TestServer
from tests.study import study_contents, study_runs


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    """A row a run: its config, its best accuracy and its last finite loss."""
    rows = []
    for run in study_runs():
        loss = pd.Series([row["train/loss"] for row in run.rows])
        accuracy = max(row["val/acc"] for row in run.rows if "val/acc" in row)
        config = {"arch": run.config["arch"], "lr": run.config["optim"]["lr"], "state": run.state}
        rows.append({"id": run.id, **config, "acc": accuracy, "loss": loss.dropna().iloc[-1]})
    return pd.DataFrame(rows)


def rows_of(done: Any) -> list[dict[str, Any]]:
    """The rows of --json."""
    assert done.code == 0, done.stderr
    rows: list[dict[str, Any]] = done.json()
    return rows


def test_a_group_has_mean_deviation_and_n(wandb_plot: Command, study: Path, runs: pd.DataFrame) -> None:
    """By several keys, in natural order, each with the ids of its runs; the best of each column is marked."""
    rows = rows_of(
        wandb_plot(
            "table", study, "all", "--metrics", "val/acc:max,train/loss", "--group-by", "config.arch,config.optim.lr",
            "--best", "max,min", "--json",
        )
    )  # fmt: skip
    expected = runs.groupby(["arch", "lr"]).agg({"acc": ["mean", "std", "count"], "loss": ["mean", "std"]})
    assert [(row["config.arch"], row["config.optim.lr"]) for row in rows] == list(expected.index)
    for row, (_, wanted) in zip(rows, expected.iterrows(), strict=True):
        acc, loss = row["val/acc:max"], row["train/loss"]
        assert acc["value"] == pytest.approx(wanted["acc", "mean"], rel=1e-12)
        assert acc["std"] == pytest.approx(wanted["acc", "std"], rel=1e-9)
        assert (acc["n"], len(acc["run_ids"]), acc["missing"]) == (wanted["acc", "count"], 3, {})
        assert loss["value"] == pytest.approx(wanted["loss", "mean"], rel=1e-12)
    assert [row["config.arch"] for row in rows if row["val/acc:max"]["best"]] == ["vit"]
    lowest = expected["loss", "mean"].idxmin()
    assert [(row["config.arch"], row["config.optim.lr"]) for row in rows if row["train/loss"]["best"]] == [lowest]


def test_runs_that_count_for_less_are_named(wandb_plot: Command, study: Path) -> None:
    """Crashed, failed and diverged runs are counted and named, and the order of the reductions is said."""
    done = wandb_plot("table", study, "all", "--metrics", "train/loss", "--group-by", "config.arch")
    assert done.stdout.splitlines()[-4:] == [
        (
            "train/loss is the last finite value of each run; then the mean ± standard deviation (n - 1) over the runs "
            "of each group, n of them."
        ),
        "n=6 in each cell.",
        "1 of 18 runs ends in NaN or infinity in train/loss (s05): only finite values count there.",
        (
            "2 of 18 runs did not finish (s12 crashed, s18 failed), and count all the same; "
            "--state finished leaves them out."
        ),
    ]
    finished = wandb_plot("table", study, "--state", "finished", "--metrics", "val/acc", "--group-by", "group")
    assert [line.rpartition("(")[2] for line in finished.stdout.splitlines()[1:4]] == ["n=6)", "n=5)", "n=5)"]
    assert "did not finish" not in finished.stdout


def test_a_run_without_the_number_is_missing_with_its_reason(wandb_plot: Command, study: Path) -> None:
    """It takes no part, and n says so."""
    words = ("table", study, "all", "--metrics", "train/loss:first-above:50", "--group-by", "config.arch")
    cnn, _, vit = rows_of(wandb_plot(*words, "--json"))
    assert cnn["train/loss:first-above:50"]["value"] is None
    assert cnn["train/loss:first-above:50"]["missing"] == {"threshold not reached": [f"s0{n}" for n in range(1, 7)]}
    assert (vit["train/loss:first-above:50"]["value"], vit["train/loss:first-above:50"]["n"]) == (77, 1)
    text = wandb_plot(*words).stdout
    assert "- (n=0 of 6)" in text
    assert "77 (n=1 of 6)" in text
    assert "17 of 18 runs have no train/loss:first-above:50 (threshold not reached: s01, s02" in text


def test_without_groups_a_row_is_a_run(wandb_plot: Command, study: Path, runs: pd.DataFrame) -> None:
    """In the order of --sort, which --limit may cut; of all runs where none is named."""
    assert "vit-low-2" in wandb_plot("table", study, "--metrics", "val/acc:max", "--sort", "-val/acc:max").stdout
    words = ("table", study, "--metrics", "val/acc:max", "--sort", "-val/acc:max", "--limit", 3)
    rows = rows_of(wandb_plot(*words, "--json"))
    assert [row["run_id"] for row in rows] == runs.nlargest(3, "acc")["id"].tolist()
    assert wandb_plot(*words).stdout.splitlines()[1].split() == ["s15", "vit-low-2", "0.9121"]


def test_groups_are_sorted_by_their_cells(wandb_plot: Command, study: Path, runs: pd.DataFrame) -> None:
    """Not by the run that happens to be first."""
    rows = rows_of(
        wandb_plot(
            "table", study, "all", "--metrics", "train/loss:mean,val/acc:max", "--group-by", "config.arch", "--sort",
            "-val/acc:max", "--json",
        )
    )  # fmt: skip
    expected = runs.groupby("arch")["acc"].mean().sort_values(ascending=False)
    assert [row["config.arch"] for row in rows] == expected.index.tolist()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-config.arch", [("vit", 0.01), ("vit", 0.1), ("mlp", 0.01), ("mlp", 0.1), ("cnn", 0.01), ("cnn", 0.1)]),
        ("config.optim.lr", [("cnn", 0.01), ("mlp", 0.01), ("vit", 0.01), ("cnn", 0.1), ("mlp", 0.1), ("vit", 0.1)]),
    ],
)
@pytest.mark.parametrize(
    "grouping",
    [("--group-by", "config.arch,config.optim.lr"), ("--group-by", "config.arch", "--columns", "config.optim.lr")],
)
def test_groups_are_sorted_by_one_of_their_keys(
    wandb_plot: Command, study: Path, sort: str, expected: list[tuple[str, float]], grouping: tuple[str, ...]
) -> None:
    """Whether it makes rows or columns; the other keys keep their order. All runs are taken where none is named."""
    rows = rows_of(wandb_plot("table", study, "--metrics", "val/acc:max", *grouping, "--sort", sort, "--json"))
    assert [(row["config.arch"], row["config.optim.lr"]) for row in rows] == expected


def test_an_order_that_groups_do_not_have_is_refused(wandb_plot: Command, study: Path) -> None:
    """A key of runs that makes no groups sorts none; with --limit it chooses the runs, and stderr says so."""
    words = ("table", study, "all", "--metrics", "val/acc:max", "--group-by", "config.arch", "--sort")
    done = wandb_plot(*words, "-created_at")
    assert (done.code, "--sort val/acc:max, --sort config.arch" in done.stderr) == (2, True)
    done = wandb_plot(*words, "-created_at", "--limit", 3, "--json")
    assert [(row["config.arch"], row["val/acc:max"]["n"]) for row in rows_of(done)] == [("vit", 3)]
    assert "--sort -created_at chose the runs" in done.stderr


def test_an_interval_of_few_runs_is_called_too_narrow(wandb_plot: Command, study: Path) -> None:
    """Of fewer than 5, in any cell."""
    words = ("table", study, "all", "--metrics", "val/acc:max", "--cell", "mean+-ci", "--group-by")
    few = "With fewer than 5 runs a bootstrap interval is too narrow"
    assert few in wandb_plot(*words, "config.arch,config.optim.lr").stdout
    assert few not in wandb_plot(*words, "config.arch").stdout


def test_a_key_makes_columns(wandb_plot: Command, study: Path) -> None:
    """One for each of its values, under what tells them apart; LaTeX has booktabs, and the best of a column in bold."""
    done = wandb_plot(
        "table", study, "all", "--metrics", "val/acc:max", "--group-by", "config.arch", "--columns", "config.optim.lr",
        "--best", "max", "--format", "latex",
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("%")] == [
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r" & \multicolumn{2}{c}{val/acc:max} \\",
        r"\cmidrule(lr){2-3}",
        r"config.arch & lr=0.01 & lr=0.1 \\",
        r"\midrule",
        r"cnn & 0.803 $\pm$ 0.012 & 0.752 $\pm$ 0.009 \\",
        r"mlp & 0.704 $\pm$ 0.001 & 0.636 $\pm$ 0.035 \\",
        r"vit & \textbf{0.902 $\pm$ 0.013} & \textbf{0.843 $\pm$ 0.005} \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_headings_of_columns_name_metrics_where_there_are_several(wandb_plot: Command, study: Path) -> None:
    """And as much of the key as no key of rows ends in."""
    words = ("table", study, "all", "--columns", "config.optim.lr", "--metrics")
    head = wandb_plot(*words, "val/acc:max,train/loss", "--group-by", "config.arch").stdout.splitlines()[0]
    assert re.split(r"  +", head) == [
        "config.arch", "val/acc:max lr=0.01", "train/loss lr=0.01", "val/acc:max lr=0.1", "train/loss lr=0.1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "heading"),
    [
        ("text", "Architecture Accuracy rate=0.01 train/loss rate=0.01 Accuracy rate=0.1 train/loss rate=0.1"),
        (
            "latex",
            r"Architecture & Accuracy rate=0.01 & train/loss rate=0.01 & Accuracy rate=0.1 & train/loss rate=0.1 \\",
        ),
        ("csv", "Architecture,rate,Accuracy,Accuracy n,train/loss,train/loss n"),
    ],
)
def test_headings_are_called_as_a_paper_has_them(wandb_plot: Command, study: Path, form: str, heading: str) -> None:
    """Metrics and keys, in each format for people; the note says which metric it is, and JSON keeps the names."""
    renamed = ("config.arch=Architecture", "val/acc:max=Accuracy", "config.optim.lr=rate")
    words = [word for one in renamed for word in ("--rename", one)]
    words += ["--metrics", "val/acc:max,train/loss", "--group-by", "config.arch", "--columns", "config.optim.lr"]
    done = wandb_plot("table", study, "all", "--cell", "mean", *words, "--format", form)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert heading in lines
    assert "Accuracy (val/acc:max) is the maximum of each run" in done.stdout + done.stderr
    (row,) = rows_of(wandb_plot("table", study, "s01", *words, "--json"))
    assert row.keys() == {"config.arch", "config.optim.lr", "val/acc:max", "train/loss"}


def test_a_cell_says_what_its_kind_asks_for(wandb_plot: Command, study: Path) -> None:
    """A run has its value alone; a group n, spread and runs; what makes columns keeps its type."""
    words = ("table", study, "all", "--metrics", "val/acc:max", "--json")
    run, grouped = rows_of(wandb_plot(*words))[0], (*words, "--columns", "config.optim.lr", "--cell")
    assert set(run["val/acc:max"]) == {"value", "missing"}
    for kind, parts in {"mean±std": {"std"}, "median": set(), "iqm±ci": {"low", "high"}}.items():
        row = rows_of(wandb_plot(*grouped, kind))[0]
        assert row["config.optim.lr"] == 0.01
        assert set(row["val/acc:max"]) == {"value", "n", "run_ids", "missing", *parts}
    assert "best" in rows_of(wandb_plot(*words, "--best", "max"))[0]["val/acc:max"]


def test_a_run_that_diverged_in_another_metric_is_named(wandb_plot: Command, study: Path) -> None:
    """Its summary says so; where that metric is asked for, its history does."""
    words = ("--metrics", "val/acc:max", "--group-by", "config.arch")
    said = "1 of 18 runs ends in NaN or infinity in another metric, by its summary (s05 train/loss), and counts all"
    with TestServer(study_contents()) as server:
        assert said in wandb_plot("table", "acme/vision", "all", *words, env=server.env).stdout
    assert said in wandb_plot("table", study, "all", *words).stdout
    assert "another metric" not in wandb_plot("table", study, "all", *words, "--metrics", "train/loss").stdout


def test_csv_has_the_parts_of_a_cell_in_columns(wandb_plot: Command, study: Path, runs: pd.DataFrame) -> None:
    """Flat, whatever makes columns elsewhere; the notes are on stderr."""
    done = wandb_plot(
        "table", study, "all", "--metrics", "val/acc:max", "--columns", "config.arch", "--cell", "mean+-ci", "--format",
        "csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["config.arch", "val/acc:max", "val/acc:max n", "val/acc:max low", "val/acc:max high"]
    assert [float(row["val/acc:max"]) for row in rows] == pytest.approx(runs.groupby("arch")["acc"].mean().tolist())
    assert all(
        float(row["val/acc:max low"]) < float(row["val/acc:max"]) < float(row["val/acc:max high"]) for row in rows
    )
    assert "95 % bootstrap interval" in done.stderr


def test_all_that_varies_but_the_seed_makes_groups(wandb_plot: Command, study: Path) -> None:
    """And globs name metrics, with their reduction."""
    done = wandb_plot("table", study, "all", "--metrics", "*/acc:max", "--group-by", "!config.seed", "--format", "md")
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "| config.arch | config.optim.lr | val/acc:max |",
        "| --- | --- | --- |",
        "| cnn | 0.01 | 0.803 ± 0.012 |",
    ]
    assert len([line for line in lines if line.startswith("|")]) == 8


def test_a_reduction_of_a_formula_is_set_apart(wandb_plot: Command, study: Path, runs: pd.DataFrame) -> None:
    """Behind parentheses it is of the whole; the extreme so far is a function, so its last value is the run's."""
    formulas = ("below = (1 - val/acc):min", "last = 1 - cummax(val/acc)")
    metrics = [word for formula in formulas for word in ("--metrics", formula)]
    for row in rows_of(wandb_plot("table", study, "s01,s13", *metrics, "--json")):
        best = 1 - runs.set_index("id")["acc"][row["run_id"]]
        assert (row["below:min"]["value"], row["last"]["value"]) == (pytest.approx(best), pytest.approx(best))


@pytest.mark.parametrize("formula", ["train/loss - train/loss:min", "-train/loss:tail:3", "(a) / (b):first-below:2"])
def test_a_reduction_that_could_be_of_the_last_metric_is_refused(
    wandb_plot: Command, study: Path, formula: str
) -> None:
    """Or the difference to a run's minimum would be 0 everywhere, without a word."""
    refused = wandb_plot("table", study, "all", "--metrics", f"gap = {formula}")
    inner, _, reduction = formula.partition(":")
    assert (refused.code, refused.stdout) == (2, "")
    assert f"'gap = ({inner}):{reduction}'" in refused.stderr
    assert "cummin(METRIC)" in refused.stderr
    drawn = wandb_plot("generate", study, "s01", "--metrics", f"gap = {formula}")
    assert (drawn.code, "cummin(METRIC)" in drawn.stderr) == (2, True)


def test_one_run_is_counted_in_the_singular(wandb_plot: Command, study: Path) -> None:
    """Where a single run is asked for, it isn't one of several."""
    done = wandb_plot("table", study, "s05", "--metrics", "train/loss:min")
    assert "1 of 1 run ends in NaN or infinity in train/loss (s05)" in done.stdout


def test_a_server_gives_the_same_table(wandb_plot: Command, study: Path) -> None:
    """From exact histories, never a sample."""
    words = ("--metrics", "val/acc:max,train/loss:mean", "--group-by", "config.arch", "--json")
    with TestServer(study_contents()) as server:
        remote = rows_of(wandb_plot("table", "acme/vision", "all", *words, env=server.env))
        assert not server.count("RunSampledHistory")
    assert remote == rows_of(wandb_plot("table", study, "all", *words))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--metrics", "val/acc:mox"), 2, "first-below:X"),
        (("--metrics", "val/accuracy"), 3, "val/acc"),
        (("--metrics", "val/acc", "--group-by", "config.lr"), 2, "config.optim.lr"),
        (("--metrics", "val/acc", "--cell", "mean"), 2, "--group-by"),
        (("--metrics", "val/acc", "--group-by", "group", "--cell", "best"), 2, "--best min"),
        (("--metrics", "val/acc", "--group-by", "group", "--cell", "sum"), 2, "mean±std"),
        (("--metrics", "val/acc", "--best", "top"), 2, "min or max"),
        (("--metrics", "val/acc,train/loss:min,train/loss", "--best", "min,max"), 2, "one for all, or one each"),
        (("--metrics", "val/acc", "--group-by", "group", "--columns", "group"), 2, "one key"),
        (("--metrics", "val/acc:max", "--rename", "val/acc=Accuracy"), 2, "headings are run_id, run_name, val/acc:max"),
        ((), 2, "--metrics"),
    ],
)
def test_what_can_not_be_is_refused(
    wandb_plot: Command, study: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """With what to do next, and nothing on stdout."""
    refused = wandb_plot("table", study, "all", *words)
    assert (refused.code, refused.stdout) == (code, "")
    assert said in refused.stderr
