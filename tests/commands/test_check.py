"""`check`: what is odd about runs, in a table, as JSON, and as an exit code."""

import math
from pathlib import Path
from typing import Any

from tests.conftest import Command
from tests.sources.log.log_writer import field, row, write_log


def test_findings_have_run_metric_kind_and_words(wandb_plot: Command, recorded: Path) -> None:
    """The recorded run has a spike and values that aren't finite."""
    done = wandb_plot("check", recorded, "baseline")
    assert done.code == 0
    rows = [line.split("  ") for line in done.stdout.splitlines()]
    assert rows[0][0] == "run"
    assert "spike at step 123: 50, 2,067 times the median around it" in done.stdout
    assert "NaN or infinite at its last point, step 295" in done.stdout


def test_the_document_holds_every_run(wandb_plot: Command, recorded: Path) -> None:
    """State, rows and findings of each; places are plain numbers."""
    document = wandb_plot("check", recorded, "base0001,other002,empty003", "--json").json()
    assert isinstance(document, list)
    assert [(one["run_id"], one["state"], one["rows"]) for one in document] == [
        ("base0001", "finished", 301),
        ("other002", "failed", 200),
        ("empty003", "finished", 0),
    ]
    spike = document[0]["findings"][0]
    assert (spike["kind"], spike["metric"], spike["start"], spike["value"]) == ("spike", "train/loss", 123, 50)
    assert [finding["text"] for one in document[1:] for finding in one["findings"]] == [
        "failed after step 398",
        "finished, and logged no row",
    ]


def test_what_is_left_out_is_told(wandb_plot: Command, tmp_path: Path) -> None:
    """The runs without a finding are none of the findings, and --quiet keeps what is said of the answer."""
    odd = {f"m{number:02d}": math.nan for number in range(31)}
    for run_id, values in {"odd": odd, "ok": {"m00": 1.0}}.items():
        folder = tmp_path / "wandb" / f"offline-run-20260101_000000-{run_id}"
        folder.mkdir(parents=True)
        write_log(folder / f"run-{run_id}.wandb", [field(17, field(1, run_id)), row(0, **values), field(18, b"")])
    done = wandb_plot("check", tmp_path / "wandb", "all", "-q")
    assert done.stdout.count("never finite") == 30
    assert "nothing odd in 1 metric" in done.stdout.splitlines()[-1]
    assert done.stderr == "30 of 31 findings are shown: --json has all\n"


def test_only_metrics_with_numbers_count_as_checked(wandb_plot: Command, tmp_path: Path) -> None:
    """Strings and images are not checked, and "nothing odd in N metrics" doesn't say so."""
    image = {"_type": "image-file", "path": "media/a.png", "sha256": "0", "size": 1}
    rows = [row(step, loss=1 / (step + 1), phase="warm", sample=image) for step in range(30)]
    log = tmp_path / "run-mixed01.wandb"
    write_log(log, rows)
    (document,) = wandb_plot("check", log, "--json").json()
    assert document["metrics"] == 1
    assert "nothing odd in 1 metric, 30 rows" in wandb_plot("check", log).stdout


def test_the_gate_has_an_exit_code_of_its_own(wandb_plot: Command, recorded: Path) -> None:
    """8 where anything was found, with the result on stdout all the same."""
    done = wandb_plot("check", recorded, "other002", "--gate", "--json")
    assert (done.code, done.error()["code"]) == (8, "gate")
    assert done.json()


def test_a_rule_is_a_finding_where_it_does_not_hold(wandb_plot: Command, recorded: Path) -> None:
    """Of runs that break it, and of those of which it can't be told; a rule without a number is refused."""
    rules = ("--rule", "extra:min>-100", "--rule", "train/loss:last<1")
    document = wandb_plot("check", recorded, "base0001,other002", *rules, "--json").json()
    assert isinstance(document, list)
    told = [[one["text"] for one in run["findings"] if one["kind"] == "rule"] for run in document]
    assert told == [
        ["extra:min>-100 can't be told: not logged"],
        ["extra:min>-100 doesn't hold: extra:min is -398"],
    ]
    assert wandb_plot("check", recorded, "base0001", "--rule", "train/loss=low").code == 2


def test_a_best_that_is_long_ago_is_a_stall(wandb_plot: Command, tmp_path: Path) -> None:
    """With its step and value; a metric whose best is recent has none, and one that was not logged is told."""
    losses = [5, 4, 3, math.nan, 3.5, 3, 3.25, 3.1]
    write_log(tmp_path / "run-a.wandb", [row(10 * step, loss=loss, acc=step) for step, loss in enumerate(losses)])

    def stalls(*rules: str) -> list[dict[str, Any]]:
        words = [word for rule in rules for word in ("--stall", rule)]
        (run,) = wandb_plot("check", tmp_path / "run-a.wandb", *words, "--json").json()
        return [finding for finding in run["findings"] if finding["kind"] == "stall"]

    assert stalls("loss:min=51", "acc:max=10") == []
    (stall,) = stalls("loss:min=50", "acc:max=10")
    assert (stall["metric"], stall["start"], stall["stop"], stall["value"], stall["points"]) == ("loss", 20, 70, 3, 5)
    assert stall["text"] == "no new min for 50 steps: 3 at step 20, the last step is 70"
    assert [one["text"] for one in stalls("gone:min=10")] == ["no gone:min: not logged"]
    for refused in ("loss=10", "loss:mean=10", "loss:min>10", "loss:min=0", "loss:min=soon"):
        done = wandb_plot("check", tmp_path / "run-a.wandb", "--stall", refused)
        assert (done.code, "METRIC:min=STEPS" in done.stderr) == (2, True)


def test_a_study_is_summed_up(wandb_plot: Command, study: Path) -> None:
    """What is odd is told run by run; all other runs share one line, so that the whole fits on a page."""
    done = wandb_plot("check", study, "all")
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[1:]] == [
        "cnn-high-1 (s05)",
        "mlp-high-2 (s12)",
        "vit-low-2 (s15)",
        "vit-high-2 (s18)",
        "14 of 18 runs",
    ]
    assert done.stdout.splitlines()[-1].endswith("nothing odd in 2 metrics each, 2,800 rows in all")
    for words in (
        "diverged: NaN from step 120 to the end (80 points)",
        "crashed after step 90",
        "spike at step 77: 60, ",
    ):
        assert words in done.stdout
    assert len(done.stdout) < 1000
