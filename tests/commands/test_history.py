"""`wandb-plot history`: the logged values themselves."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.server import TestServer
from tests.study import study_contents, study_runs


@pytest.fixture(scope="module")
def logged() -> pd.DataFrame:
    """Every value of the study, from what its logs were written of."""
    rows = [
        (run.id, run.display_name, metric, row["_step"], row[metric])
        for run in study_runs()
        for metric in ("train/loss", "val/acc")
        for row in run.rows
        if metric in row
    ]
    return pd.DataFrame(rows, columns=["run_id", "run_name", "metric", "step", "value"])


def table_of(done: Any, separator: str = ",") -> pd.DataFrame:
    """The CSV on stdout."""
    assert done.code == 0, done.stderr
    return pd.read_csv(io.StringIO(done.stdout), sep=separator, engine="pyarrow")


def test_a_row_is_a_value(wandb_plot: Command, study: Path, logged: pd.DataFrame) -> None:
    """Long CSV holds every logged point of every numeric metric, NaN included, exactly."""
    found = table_of(wandb_plot("history", study, "s05,s01", "--format", "csv"))
    expected = pd.concat([logged[logged.run_id == run] for run in ("s05", "s01")], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_wide_is_a_column_a_metric(wandb_plot: Command, study: Path, logged: pd.DataFrame) -> None:
    """On the union of steps; empty where a metric was not logged, nan where it was NaN."""
    done = wandb_plot("history", study, "s05", "--wide", "--format", "tsv")
    found = table_of(done, "\t")
    assert list(found.columns) == ["run_id", "run_name", "step", "train/loss", "val/acc"]
    expected = logged[logged.run_id == "s05"].pivot_table("value", "step", "metric", dropna=False)
    np.testing.assert_array_equal(found[["train/loss", "val/acc"]].to_numpy(), expected.to_numpy())
    assert done.stdout.splitlines()[121].endswith("120\tnan\t")


def test_points_are_chosen(wandb_plot: Command, study: Path) -> None:
    """--xlim keeps what is within, --every the first point of each stretch, --at the last point at or before."""

    def steps(*words: object) -> list[int]:
        rows = wandb_plot("history", study, "s12", "--json", *words).json()
        assert isinstance(rows, list)
        return [row["step"] for row in rows]

    assert steps("--metrics", "train/loss", "--xlim", "87:") == [87, 88, 89, 90]
    assert steps("--metrics", "val/acc", "--every", 25) == [9, 29, 59, 79]
    assert steps("--metrics", "val/acc", "--at", "5,50,10,1000") == [9, 49, 89]
    assert steps("--metrics", "val/acc", "--xlim", ":49", "--every", 25, "--at", 30) == [29]


def test_a_metric_without_such_points_is_named(wandb_plot: Command, study: Path) -> None:
    """What is asked for and nowhere is not left out in silence."""
    done = wandb_plot("history", study, "s12,s01", "--xlim", "95:100", "--every", 10, "--format", "csv")
    assert [line.split(",")[0:4:3] for line in done.stdout.splitlines()[1:]] == [
        ["s01", "95"],
        ["s01", "100"],
        ["s01", "99"],
    ]
    assert "train/loss has no point there in s12" in done.stderr
    assert "val/acc has no point there in s12" in done.stderr


def test_objects_have_words_for_what_json_lacks(wandb_plot: Command, study: Path) -> None:
    """--json is a list, jsonl an object a line; NaN is a word in both."""
    words = ("history", study, "s05", "--metrics", "train/loss", "--xlim", "119:120")
    rows = wandb_plot(*words, "--json").json()
    assert rows[1] == {  # type: ignore[index]
        "run_id": "s05",
        "run_name": "cnn-high-1",
        "metric": "train/loss",
        "step": 120,
        "value": "NaN",
    }
    assert '"step": 120, "value": "NaN"}' in wandb_plot(*words, "--format", "jsonl").stdout


def test_so_many_rows_are_shown_and_all_are_written(
    wandb_plot: Command, study: Path, here: Path, logged: pd.DataFrame
) -> None:
    """1,000, or 4 kB of a table, and how to get all is said; a file holds them exactly, whatever its format."""
    shown = wandb_plot("history", study, "all", "--format", "csv", "-q")
    assert len(shown.stdout.splitlines()) == 1001
    assert f"1,000 of {len(logged):,} rows are shown: --output FILE.csv writes all" in shown.stderr
    table = wandb_plot("history", study, "all")
    assert len(table.stdout.encode()) <= 4000
    assert f"{len(table.stdout.splitlines()) - 1:,} of {len(logged):,} rows are shown" in table.stderr
    for name in ("all.parquet", "new/all.csv", "all.jsonl"):
        done = wandb_plot("history", study, "all", "--output", name)
        assert (done.code, done.stdout) == (0, f"{name}\n")
    read = {
        "all.parquet": pd.read_parquet(here / "all.parquet"),
        "new/all.csv": pd.read_csv(here / "new" / "all.csv", engine="pyarrow"),
        "all.jsonl": pd.read_json(here / "all.jsonl", lines=True, precise_float=True),
    }
    read["all.jsonl"]["value"] = read["all.jsonl"]["value"].astype(float)
    for found in read.values():
        pd.testing.assert_frame_equal(found, logged, check_exact=True, check_dtype=False)
    assert sorted(path.name for path in here.iterdir()) == ["all.jsonl", "all.parquet", "new"]


def test_the_axis_is_named_and_may_be_another(wandb_plot: Command, study: Path, recorded: Path) -> None:
    """Runtime, wall time or a metric in place of step; the system stream has runtime only."""
    runtime = table_of(
        wandb_plot("history", study, "s01", "--metrics", "val/acc", "--x-axis", "runtime", "--format", "csv")
    )
    assert list(runtime.columns)[3:] == ["runtime", "value"]
    over = table_of(
        wandb_plot("history", study, "s01", "--metrics", "val/acc", "--x-axis", "train/loss", "--format", "csv")
    )
    assert list(over.columns)[3:] == ["train/loss", "value"]
    system = wandb_plot("history", recorded, "baseline", "--metrics", "system.cpu", "--format", "csv")
    assert "runtime" in system.stdout.splitlines()[0]
    mixed = wandb_plot("history", recorded, "baseline", "--include-system", "--json")
    assert (mixed.code, mixed.stdout) == (2, "")
    assert "--x-axis runtime" in str(mixed.error()["hint"])
    assert wandb_plot("history", recorded, "baseline", "--include-system", "--x-axis", "runtime").code == 0


def test_as_drawn_gives_what_a_figure_shows(wandb_plot: Command, study: Path, logged: pd.DataFrame) -> None:
    """Mean, band, n and smoothed line of each group, within the limits, as pandas works them out."""
    done = wandb_plot(
        "history", study, "vit-low-*", "--metrics", "train/loss", "--as-drawn", "--group-by", "config.arch", "--band",
        "std", "--smooth", 5, "--xlim", "60:90", "--format", "csv",
    )  # fmt: skip
    found = table_of(done)
    assert list(found.columns) == ["label", "run_ids", "metric", "step", "value", "smooth", "low", "high", "n"]
    chosen = logged[logged.run_id.isin(["s13", "s14", "s15"]) & (logged.metric == "train/loss")]
    values = chosen.pivot_table("value", "step", "run_id")
    mean, std = values.mean(axis=1), values.std(axis=1)

    def smooth(line: pd.Series) -> np.ndarray[Any, Any]:
        return line.rolling(5, min_periods=1, center=True).mean().loc[60:90].to_numpy()

    np.testing.assert_allclose(found["value"], mean.loc[60:90], rtol=1e-12)
    np.testing.assert_allclose(found["smooth"], smooth(mean), rtol=1e-9)
    np.testing.assert_allclose(found["low"], smooth(mean - std), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["high"], smooth(mean + std), rtol=1e-9)
    assert set(found["n"]) == {3}
    assert set(found["run_ids"]) == {"s13 s14 s15"}


def test_as_drawn_tells_where_runs_are_lost(wandb_plot: Command, study: Path) -> None:
    """Each point of a group says how many runs are behind it; a run's own line has no n."""
    words = ("history", study, "mlp-high-*", "--metrics", "val/acc", "--as-drawn", "--format", "csv")
    done = wandb_plot(*words, "--group-by", "config.arch", "--at", "89,99")
    assert table_of(done)["n"].tolist() == [3, 2]
    assert "goes on without runs that end: mlp-high-2 (s12)" in done.stderr
    assert list(table_of(wandb_plot(*words)).columns) == ["label", "run_ids", "metric", "step", "value"]


def test_a_derived_metric_has_values_too(wandb_plot: Command, study: Path) -> None:
    """At the steps where its parts have one."""
    gap = table_of(
        wandb_plot("history", study, "s01", "--metrics", "sum = train/loss + val/acc", "--format", "csv", "-q")
    )
    assert gap["step"].tolist() == list(range(9, 200, 10))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--format", "parquet"), 2, "--output FILE.parquet"),
        (("--output", "x.xlsx"), 2, ".csv, .tsv, .jsonl, .parquet"),
        (("--output", "x.csv", "--format", "table"), 2, "csv, tsv"),
        (("--metrics", "val/los"), 3, "val/loss"),
        (("--metrics", ""), 2, "no metric is named"),
        (("--x-axis", "epohc"), 3, "epoch"),
        (("--smooth", "5"), 2, "--as-drawn"),
        (("--xlim", "p1:p99"), 2, "--as-drawn"),
        (("--as-drawn", "--wide"), 2, "contradict"),
        (("--as-drawn", "--band", "std"), 2, "--group-by"),
        (("--at", "1,x"), 2, "100,200"),
        (("--at", "nan"), 2, "finite"),
    ],
)
def test_what_can_not_be_is_refused(
    wandb_plot: Command, recorded: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """With what to do next, and nothing on stdout."""
    refused = wandb_plot("history", recorded, "baseline", *words)
    assert (refused.code, refused.stdout) == (code, "")
    assert said in refused.stderr


def test_a_server_gives_every_point_unless_a_sample_is_asked_for(wandb_plot: Command) -> None:
    """What was sampled is said."""
    with TestServer(study_contents()) as server:
        words = ("history", "acme/vision", "s15", "--metrics", "train/loss", "--format", "csv", "--no-cache")
        whole = table_of(wandb_plot(*words, env=server.env))
        sampled = wandb_plot(*words, "--samples", 50, env=server.env)
    assert (len(whole), whole["value"].max()) == (200, 60.0)
    assert len(sampled.stdout.splitlines()) < 120
    assert "only a sample was read of train/loss" in sampled.stderr
    assert math.isclose(whole["value"].iloc[0], 2.1 + math.sin(11 * 15) / 100)


def test_steps_without_a_row_of_their_own_are_told(wandb_plot: Command, study: Path) -> None:
    """Beyond a run's last point the row before stands for them, and a row has the step of its point."""
    done = wandb_plot("history", study, "s12,s01", "--metrics", "train/loss", "--at", "50,90,95,150", "--json")
    assert [(row["run_id"], row["step"]) for row in done.json()] == [
        *(("s12", step) for step in (50, 90)),
        *(("s01", step) for step in (50, 90, 95, 150)),
    ]
    assert "--at 95, 150 gives no row for train/loss in s12: no point since the step before it" in done.stderr
    assert "gives no row" not in wandb_plot("history", study, "s01", "--metrics", "train/loss", "--at", "50,90").stderr
    early = wandb_plot("history", study, "s01", "--metrics", "val/acc", "--at", "3,9", "--json")
    assert ([row["step"] for row in early.json()], "--at 3 gives no row" in early.stderr) == ([9], True)
