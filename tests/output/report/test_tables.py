"""The numbers of the report: of runs, of figures, and of what tells runs apart."""

from pathlib import Path
from typing import Any

import pytest

from tests.output.report.reading import EVEN, SAMPLED, STATISTICS, Page, figure, page, rows
from tests.output.report.samples import a_run, make_folder, two_runs
from wandb_plot.figures.assembly import FigureOptions
from wandb_plot.output.report.page import render_report


def test_every_number_of_a_series() -> None:
    """For a single series each statistic has a row, extremes with their steps; counts are whole numbers."""
    assert rows(page({"loss.png": figure("loss")}), "Statistics") == [
        "Of|baseline", "Points|20000", "First|2.31", "Last|0.41", "Mean|0.9", "Std|0.123457", "NaN|3", "Inf|0",
        "Min @ step|0.39 @ 9200", "Max @ step|2.31 @ 0",
    ]  # fmt: skip


def test_a_series_without_finite_values() -> None:
    """What has no value is a dash."""
    nothing = dict.fromkeys(STATISTICS) | {"points": 2, "nan_count": 2, "inf_count": 0}
    entry = figure("loss", series=[{"run_id": "abc", "metric": "loss", **nothing}])
    told = dict(row.split("|") for row in rows(page({"loss.png": entry}), "Statistics"))
    assert (told["First"], told["Std"], told["Min @ step"], told["NaN"]) == ("–", "–", "–", "2")  # noqa: RUF001


@pytest.mark.parametrize(
    ("series", "headers"),
    [
        ([("abc", "loss"), ("abc", "acc")], ["loss", "acc"]),
        ([("abc", "loss"), ("def", "loss")], ["baseline (abc)", "baseline (def)"]),
        ([("abc", "loss"), ("def", "acc")], ["loss · baseline (abc)", "acc · baseline (def)"]),
    ],
)
def test_a_row_for_each_of_several_series(series: list[tuple[str, str]], headers: list[str]) -> None:
    """It is called by its metric, its run, or both: what tells it from the others. Namesakes show their ids."""
    entry = figure("loss", series=[{"run_id": run, "metric": metric, **STATISTICS} for run, metric in series])
    found = page({"loss.png": entry}, described=[{"id": id_, "name": "baseline"} for id_ in ("abc", "def")])
    table = rows(found, "Statistics")
    assert table[0] == "Series|Points|First|Last|Mean|Std|NaN|Inf|Min @ step|Max @ step"
    assert [row.split("|")[0] for row in table[1:]] == headers


def test_an_id_of_several_jobs(tmp_path: Path) -> None:
    """It has a slash, which doesn't part the run from its numbers and its name."""
    runs = [a_run(f"{job}/ab12cd34", last_step=199) for job in ("first", "second")]
    metadata = make_folder(tmp_path, runs, metrics=["val/loss"])
    found = Page(render_report(metadata, runs))
    assert [row.split("|")[0] for row in rows(found, "Statistics")[1:]] == [
        f"baseline ({job}/ab12cd34)" for job in ("first", "second")
    ]
    assert all("–" not in row.split("|")[-1] for row in rows(found, "Runs")[1:])  # noqa: RUF001


def test_figures_of_groups(tmp_path: Path) -> None:
    """The runs behind each line are listed, how many they are from end to end, and how they were aligned."""
    runs = two_runs()
    metadata = make_folder(tmp_path, runs, metrics=["val/loss"], options=FigureOptions(group_by="state"))
    described = rows(Page(render_report(metadata, runs)), "Groups")
    assert described[1:] == [
        "state=finished|val/loss|baseline|1|exact",
        "state=running|val/loss|warmup-cosine-decay-large-batch|1|exact",
    ]


def test_where_a_group_grows_smaller() -> None:
    """The first places where runs end are told, the rest counted."""
    counts = {"first": 9, "last": 2, "drops": [{"x": 10 * at, "n": 9 - at} for at in range(1, 8)]}
    group = {"label": "lr=1", "metric": "loss", "run_ids": ["abc"], "alignment": "interpolated", "n": counts}
    assert rows(page({"loss.png": figure("loss", groups=[group])}), "Groups")[1] == (
        "lr=1|loss|baseline|9 to 2 (8 from 10, 7 from 20, 6 from 30, 5 from 40, 4 from 50, 2 more drops)|interpolated"
    )


def test_runs_of_the_folder_and_what_is_known_of_them() -> None:
    """All runs are listed in natural order of their names, with group and tags of those that the command was about."""
    described = [
        {"id": "a", "name": "lr 10", "state": "crashed", "last_step": None},
        {"id": "b", "name": "lr 9", "state": "finished", "last_step": 0, "url": "https://wandb.ai/acme/vision/runs/b"},
        {"id": "a", "name": "other", "state": "finished", "last_step": 7, "path": "acme/speech/a"},
    ]
    known = [a_run("a", name="lr 10", tags=("x", "y"), group="sweep")]
    found = page({}, known, described)
    assert rows(found, "All runs") == [
        "Name|State|Group|Tags|Id", "lr 9|finished step 0|–|–|b", "lr 10|crashed|sweep|x, y|a",  # noqa: RUF001
        "other|finished step 7|–|–|a",  # noqa: RUF001
    ]  # fmt: skip
    assert {attributes.get("class") for tag, attributes, _ in found.elements if tag == "span"} >= {"good", "bad"}
    assert "https://wandb.ai/acme/vision/runs/b" in found.attributes("a", "href")
    assert "This folder holds no figures and no images yet." in found.texts("p")


def test_config_differences_come_first_and_the_rest_is_folded() -> None:
    """Keys that differ are in a table of their own, nested ones with dots; what all runs share can be unfolded."""
    configs = [{"lr": 0.1, "opt": {"name": "adam"}, "seed": 1}, {"lr": 0.2, "opt": {"name": "adam"}, "note": ""}]
    runs = [a_run(id_, name=id_, config=config) for id_, config in zip("ab", configs, strict=True)]
    found = page({}, runs)
    assert rows(found, "Config: what differs") == ["Key|a|b", "lr|0.1|0.2", "seed|1|–", "note|–"]  # noqa: RUF001
    assert rows(found, "Config common to these 2 runs") == ["Key|Value", "opt.name|adam"]
    assert found.texts("summary") == ["Config common to these 2 runs"]


def test_runs_stand_in_one_order_in_all_tables() -> None:
    """Whatever order they were asked for in, runs are sorted by name, as people sort."""
    runs = [a_run(id_, name=f"run {id_}", config={"lr": int(id_)}) for id_ in ("10", "9")]
    found = page({}, runs, [{"id": run.id, "name": run.name} for run in runs])
    assert [row.split("|")[0] for row in rows(found, "All runs")] == ["Name", "run 9", "run 10"]
    assert rows(found, "Config: what differs") == ["Run|lr", "run 9|9", "run 10|10"]


def test_a_run_has_one_name_on_the_whole_page() -> None:
    """That of the legends: what tells namesakes apart is the same in the tables of runs, of config and of a figure."""
    runs = [a_run(id_, name="base", config={"lr": lr, "seed": 1}) for id_, lr in (("a", 0.1), ("b", 0.2))]
    series = [{"run_id": run.id, "metric": "loss", **STATISTICS} for run in runs]
    files = {"f.png": figure("loss", series=series)}
    found = page(files, runs, [{"id": run.id, "name": run.name} for run in runs])
    names = ["base (lr=0.1)", "base (lr=0.2)"]
    assert [row.split("|")[0] for row in rows(found, "All runs")[1:]] == names
    assert [row.split("|")[0] for row in rows(found, "Config: what differs")[1:]] == names
    assert [row.split("|")[0] for row in rows(found, "Statistics")[1:]] == names


def test_many_runs_are_rows() -> None:
    """Where more runs differ than keys do, a run is a row, labelled as in the figures."""
    runs = [a_run(str(at), config={"lr": at / 10}) for at in range(3)]
    assert rows(page({}, runs), "Config: what differs") == [
        "Run|lr", "baseline (lr=0)|0", "baseline (lr=0.1)|0.1", "baseline (lr=0.2)|0.2",
    ]  # fmt: skip


def test_summaries_without_what_is_not_for_readers() -> None:
    """Numbers are rounded; W&B's own keys and what it says of media stay away; non-finite numbers are named."""
    media = {"_type": "image-file", "path": "media/images/x.png"}
    summary = {
        "val": {"loss": 0.123456789, "roc": media},
        "_step": 9,
        "_wandb": {"x": 1},
        "x": media,
        "g": float("nan"),
    }
    found = page({}, [a_run("abc", config={}, summary=summary)])
    assert rows(found, "Summary of baseline (abc)") == ["Key|Value", "val.loss|0.123457", "g|NaN"]


def test_a_long_value_is_cut() -> None:
    """A config that holds a whole prompt does not bury the rest of the table."""
    row = rows(page({}, [a_run("abc", config={"prompt": "x" * 5000})]), "Config of baseline (abc)")[1]
    assert len(row) < 400
    assert row.endswith("x…")


def test_how_each_run_went() -> None:
    """For several runs each metric has its last value, its best where its name says which that is, and what is odd.

    Held-out metrics come first; what only counts, and the system stream, have no column.
    """

    def numbers(run: str, metric: str, **changes: Any) -> dict[str, Any]:
        return {"run_id": run, "metric": metric, **STATISTICS, "nan_count": 0, **changes}

    files = {
        "a.png": figure("train/loss", series=[numbers("a", "train/loss"), numbers("b", "train/loss", nan_from=400)]),
        "b.png": figure("val/acc", series=[numbers("a", "val/acc", nan_count=2)]),
        "c.png": figure("lr", series=[numbers("a", "lr")]),
        "d.png": figure("system.cpu", series=[numbers("a", "system.cpu")]),
        "e.png": figure("epoch", series=[numbers("a", "epoch", **EVEN)]),
        # A sample of what is known exactly already, and one that is all there is.
        "f.png": figure("train/loss", series=[numbers("a", "train/loss", last=99)], resolution=SAMPLED),
        "g.png": figure("lr", series=[numbers("b", "lr")], resolution=SAMPLED),
    }
    found = page(files, described=[{"id": id_, "name": f"run {id_}", "state": "running"} for id_ in "ab"])
    assert rows(found, "All runs") == [
        "Name|State|val/acc|train/loss|lr|Id",
        "run a|running|0.41 max 2.31 at 0 2 NaN|0.41 min 0.39 at 9200|0.41 0.39 to 2.31|a",
        "run b|running|–|0.41 min 0.39 at 9200 not finite from 400|0.41 0.39 to 2.31 of the points read|b",  # noqa: RUF001
    ]
    alarms = ["".join(text) for _, attributes, text in found.elements if attributes.get("class") == "alarm"]
    assert {"2 NaN", "not finite from 400"} <= set(alarms)


def test_how_a_single_run_went() -> None:
    """It has a row for each metric, those that only count and the system's last."""
    even = {"run_id": "abc", "metric": "epoch", **STATISTICS, **EVEN}
    found = page(
        {"a.png": figure("epoch", series=[even]), "b.png": figure("zeta"), "c.png": figure("loss")}
        | {"d.png": figure("system.cpu")}
    )
    assert [row.split("|")[0] for row in rows(found, "Last values")] == [
        "Metric", "loss", "zeta", "epoch", "system.cpu",
    ]  # fmt: skip
    assert rows(found, "All runs")[0] == "Name|State|Id"
    beside = page({"c.png": figure("loss")}, described=[{"id": id_, "name": id_} for id_ in ("abc", "def")])
    assert "Last values" in found.texts("caption")
    assert "Last values" not in beside.texts("caption")
