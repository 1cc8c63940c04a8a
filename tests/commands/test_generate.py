"""`wandb-plot generate` on runs that the real SDK recorded."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command, Finished
from tests.sources.log.log_writer import row, write_log
from wandb_plot.output.png_text import read_text

BASELINE = Path("wandb_plots/acme_vision/baseline_base0001")
COMPARED = Path("wandb_plots/acme_vision/compare_base0001_other002")


def drawn(done: Finished) -> list[str]:
    """The paths that a command wrote, one a line."""
    assert done.code == 0, done.stderr
    return done.stdout.splitlines()


def metadata(here: Path, folder: Path) -> dict[str, Any]:
    """metadata.json of an output folder."""
    document: dict[str, Any] = json.loads((here / folder / "metadata.json").read_text())
    return document


def test_every_numeric_metric_becomes_a_figure(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """One PNG a metric, nothing else on stdout, and words for each in metadata.json."""
    names = ["epoch", "nested.a", "nested.b.c", "only", "train_loss", "unstable", "val_loss"]
    assert drawn(wandb_plot("generate", recorded, "baseline", "--all-metrics")) == [
        str(BASELINE / f"{name}.png") for name in names
    ]
    document = metadata(here, BASELINE)
    assert document["run_id"] == "base0001"
    loss = document["files"]["train_loss.png"]
    assert loss["alt"] == (
        "Line chart of train/loss over _step for baseline (base0001): 3 -> 0.01, minimum 0.01 at 299, "
        "maximum 50 at 123, level at the end, spike to 50 at 123, 2,067 times the median 0.0242."
    )
    assert loss["resolution"] == {"kind": "full", "points": 300}
    assert loss["series"][0]["max_step"] == 123
    assert (
        "NaN at its last point, 295 (before that constant at 1, 7 NaN and 14 infinite values"
        in document["files"]["unstable.png"]["alt"]
    )
    assert "a single point" in document["files"]["only.png"]["alt"]


def test_a_second_time_nothing_is_written(wandb_plot: Command, recorded: Path) -> None:
    """The same input gives the same bytes, so nothing changes."""
    words = ("generate", recorded, "base0001", "--metrics", "train/loss,val/loss", "--json")
    actions = [[file["action"] for file in wandb_plot(*words).json()["files"]] for _ in range(2)]  # type: ignore[index]
    assert actions == [["written", "written"], ["unchanged", "unchanged"]]


def test_metrics_of_different_cadence_lose_no_point(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Each is drawn on its own steps, also in one figure."""
    drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss,val/loss", "--combine"))
    (entry,) = metadata(here, BASELINE)["files"].values()
    assert [series["points"] for series in entry["series"]] == [300, len(range(3, 300, 7))]


def test_runs_are_compared_in_one_figure(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """The folder is the same for the same runs in any order, and a run without the metric is a warning."""
    both = wandb_plot("generate", recorded, "wider,baseline", "--metrics", "train/loss,extra")
    assert drawn(both) == [str(COMPARED / "train_loss.png"), str(COMPARED / "extra.png")]
    assert "baseline (base0001) has no numbers of extra" in both.stderr
    document = metadata(here, COMPARED)
    assert document["run_id"] is None
    assert [run["id"] for run in document["runs"]] == ["base0001", "other002"]
    again = wandb_plot("generate", recorded, "baseline,wider", "--metrics", "extra")
    assert drawn(again) == [str(COMPARED / "extra.png")]


def test_groups_say_how_many_runs_stand_behind_them(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """How many runs there are at each end, and where fewer, is in metadata.json, with the way runs were aligned."""
    words = ("--metrics", "train/loss", "--group-by", "config.opt.name", "--band", "minmax")
    drawn(wandb_plot("generate", recorded, "base0001,other002", *words))
    (group,) = metadata(here, COMPARED)["files"]["train_loss.png"]["groups"]
    assert group["run_ids"] == ["base0001", "other002"]
    assert group["alignment"] == "interpolated"
    assert group["n"] == {"first": 2, "last": 1, "drops": [{"x": 300, "n": 1}]}


def test_the_system_stream_is_drawn_over_runtime(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """A glob that begins with system. finds it, and its x is runtime."""
    paths = drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "system.memory*"))
    assert paths
    assert {entry["x_axis"] for entry in metadata(here, BASELINE)["files"].values()} == {"_runtime"}


@pytest.mark.parametrize(
    ("axis", "said"), [("runtime", "_runtime"), ("wall", "_timestamp"), ("nested.a", "nested.a"), ("step", "_step")]
)
def test_the_x_axis_is_chosen(wandb_plot: Command, recorded: Path, here: Path, axis: str, said: str) -> None:
    """Steps, runtime, wall time, or any metric of the same rows."""
    drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss", "--x-axis", axis))
    entry = metadata(here, BASELINE)["files"]["train_loss.png"]
    assert entry["x_axis"] == said
    assert entry["series"][0]["points"] == 300


def test_smoothing_is_drawn_by_seaborn(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """--smooth N is --smoothing average:N, and a renderer that can't smooth is refused."""
    drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss", "--smooth", 9))
    entry = metadata(here, BASELINE)["files"]["train_loss.png"]
    assert (entry["renderer"], entry["smoothing"]) == ("seaborn", "average:9")
    refused = wandb_plot(
        "generate", recorded, "base0001", "--metrics", "train/loss", "--smooth", 9, "--renderer", "matplotlib"
    )
    assert (refused.code, refused.stdout) == (2, "")


def test_a_png_carries_its_words_and_its_command(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Title, alt text and the command with the run's id are in it; the path on this machine isn't."""
    (path,) = drawn(wandb_plot("generate", recorded, "baseline", "--metrics", "train/loss", "--yscale", "log"))
    text = read_text(here / path)
    assert text["Title"] == "train/loss of baseline (base0001)"
    assert text["Description"].startswith("Line chart of train/loss over _step")
    assert text["Source"] == "wandb-plot generate PATH base0001 --metrics train/loss --yscale log"


def test_a_refusal_names_renderers_that_could(wandb_plot: Command, recorded: Path) -> None:
    """Only those; where no renderer writes the format, none."""
    words = ("generate", recorded, "baseline", "--metrics", "train/loss", "--json")
    assert wandb_plot(*words, "--format", "html").error()["candidates"] == ["plotly"]
    assert wandb_plot(*words, "--format", "gif").error()["candidates"] == []


def test_metadata_says_which_folders_a_run_was_read_from(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """All that were joined, or the one whose steps count."""
    folders = recorded.parent / "segments" / "wandb"
    wandb_plot("generate", folders, "goeson,restarts", "--metrics", "loss", "--output", "both")
    joined, newest = metadata(here, Path("both"))["runs"]
    assert joined["segments"] == sorted(path.name for path in folders.glob("*-goeson"))
    assert newest["segments"] == [max(path.name for path in folders.glob("*-restarts"))]


def test_metadata_of_many_series_is_small(wandb_plot: Command, study: Path, here: Path) -> None:
    """Under 400 bytes a series in 4 figures of 18, all else that it says included; a run of one folder names none."""
    metrics = (
        "--metrics",
        "train/loss,val/acc",
        "--metrics",
        "error = 1 - val/acc",
        "--metrics",
        "x = log(train/loss)",
    )
    done = wandb_plot("generate", study, "all", *metrics, "--output", "small", "--dpi", "50")
    assert done.code == 0, done.stderr
    assert (here / "small" / "metadata.json").stat().st_size < 400 * 4 * 18
    assert not any("segments" in run for run in metadata(here, Path("small"))["runs"])


def test_a_log_scale_has_no_limit_at_zero(wandb_plot: Command, recorded: Path) -> None:
    """A limit that the scale can't have is refused, not left out of the picture."""
    words = ("generate", recorded, "baseline", "--metrics", "train/loss")
    assert wandb_plot(*words, "--yscale", "log", "--ylim", "0:1", "--dry-run").code == 2
    assert wandb_plot(*words, "--ylim", "0:1", "--dry-run").code == 0


@pytest.mark.parametrize("text", ["", ",", " "])
def test_no_name_at_all_is_wrong_usage(wandb_plot: Command, recorded: Path, text: str) -> None:
    """As from an empty shell variable."""
    done = wandb_plot("generate", recorded, "baseline", "--metrics", text, "--json")
    assert (done.code, done.stdout, done.error()["code"]) == (2, "", "usage")


def test_values_that_a_log_scale_lacks_are_counted(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """They leave gaps, a warning, and words."""
    done = wandb_plot("generate", recorded, "other002", "--metrics", "extra,train/loss", "--yscale", "log")
    assert done.code == 0
    assert "200 of 200 points of extra are not above zero" in done.stderr
    files = metadata(here, Path("wandb_plots/acme_vision/wider_other002"))["files"]
    assert "200 points not above zero left out" in files["extra.png"]["alt"]


def test_one_missing_metric_among_others_is_partial(wandb_plot: Command, recorded: Path) -> None:
    """What is there is drawn and listed; what is missing is named, with exit 7."""
    done = wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss,train/los", "--json")
    assert done.code == 7
    assert [file["action"] for file in done.json()["files"]] == ["written"]  # type: ignore[index]
    assert done.error()["code"] == "partial"
    assert done.error()["candidates"][0] == "train/loss"  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--all-metrics"),
        (("--metrics", "lss"), 3, "wandb-plot metrics"),
        (("--metrics", "roc"), 3, "logged as image"),
        (("--metrics", "train/loss", "--x-axis", "gone"), 3, "gone"),
        (("--metrics", "train/loss", "--full-res", "--samples", "10"), 2, "contradict"),
        (("--metrics", "train/loss", "--band", "std"), 2, "--group-by"),
        (("--metrics", "train/loss", "--renderer", "matplotlb"), 2, "matplotlib"),
        (("--metrics", "train/loss", "--format", "bmp"), 2, "bmp"),
        (("--metrics", "train/loss", "--smoothing", "ema:2"), 2, "ema"),
        (("--metrics", "train/loss", "--xlim", "3:1"), 2, "lower limit"),
        (("--metrics", "train/loss", "--size", "huge"), 2, "8x4.5"),
        (("--metrics", "train/loss,system.memory_percent", "--combine"), 2, "--x-axis runtime"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    wandb_plot: Command, recorded: Path, here: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """A clear error of at most three lines that says what to do next, and not a byte written."""
    done = wandb_plot("generate", recorded, "base0001", *words)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 3
    assert not list(here.rglob("*.png"))


def test_what_is_unsafe_in_a_name_becomes_one_underscore(wandb_plot: Command, here: Path) -> None:
    """Slashes among spaces too; a prefix is a folder where that is asked for, also of a figure that lay flat before."""
    log = write_log(here / "run-odd.wandb", [row(step, **{"train / x//y": step}) for step in range(3)])
    words = ("generate", log, "--all-metrics", "--output", "out")
    assert drawn(wandb_plot(*words)) == ["out/train_x_y.png"]
    assert drawn(wandb_plot(*words, "--group-by-prefix")) == ["out/train_/_x_y.png"]


def test_a_report_that_cannot_be_written_costs_no_figure(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Figures are listed and described, and what failed is said."""
    (here / BASELINE / "index.html").mkdir(parents=True)
    done = wandb_plot("generate", recorded, "baseline", "--metrics", "train/loss", "--report", "--json")
    assert done.code == 7
    assert [file["action"] for file in json.loads(done.stdout)["files"]] == ["written", "failed"]
    assert list(metadata(here, BASELINE)["files"]) == ["train_loss.png"]


def test_a_dry_run_writes_nothing(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """It lists the paths that would be written."""
    paths = drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "*loss", "--group-by-prefix", "--dry-run"))
    assert paths == [str(BASELINE / "train/loss.png"), str(BASELINE / "val/loss.png")]
    assert not list(here.iterdir())


def test_a_report_lies_beside_the_figures(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """index.html comes last, and shows what the folder holds: figures, with their words, and downloaded images."""
    wandb_plot("download", recorded, "base0001")
    paths = drawn(wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss", "--report"))
    assert paths == [str(BASELINE / "train_loss.png"), str(BASELINE / "index.html")]
    page = (here / BASELINE / "index.html").read_text()
    assert "./train_loss.png" in page
    assert "./roc_" in page
    assert "maximum 50 at 123" in page


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--group-by", "arch"), 2, "can't be grouped by 'arch'"),
        (("--group-by", "config.optim"), 2, "no run has config.optim"),
        (("--panels", "config.nothing"), 2, "no run has config.nothing"),
        (("--label", "{config.nothing}"), 2, "no run has 'config.nothing'"),
        (("--label", "{"), 2, "--label"),
        (("--across", 2), 2, "--panels"),
        (("--metrics", "system.memory*", "--combine"), 2, "--x-axis runtime"),
        (("--incomplete", "drop"), 2, "--group-by"),
        (("--combine", "--panels", "metric"), 2, "contradict"),
        (("--style", "missing.mplstyle"), 2, "no such file"),
        (("--style", "baroque"), 2, "no style is called 'baroque'"),
        (("--style", "icml2024", "--renderer", "seaborn"), 2, "Did you mean: icml2024:half, icml2024:full"),
        (("--style", "paper", "--renderer", "plotly"), 2, "has no style 'paper', only screen"),
        (("--ylim", "p1:p101"), 2, "p1:p99"),
        (("--color", "vit=reddish"), 2, "#d62728"),
        (("--rename", "loss"), 2, "NAME=TEXT"),
    ],
)
def test_a_dry_run_refuses_what_the_run_would_refuse(
    wandb_plot: Command, recorded: Path, here: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """Whatever can be known before histories are read."""
    for more in ((), ("--dry-run",)):
        done = wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss", *words, *more)
        assert (done.code, done.stdout) == (code, "")
        assert said in done.stderr
    assert not list(here.iterdir())


def test_names_and_limits_are_as_given(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """They are in the command that the figure carries, and draw it again."""
    words = (
        "--metrics", "train/loss", "--ylim", "p1:p99", "--rename", "train/loss=Training loss", "--title", "A title",
        "--order", "wider,base0001", "--color", "wider=#d62728", "--xlim", ":1234567.125",
    )  # fmt: skip
    (path,) = drawn(wandb_plot("generate", recorded, "base0001,other002", *words))
    command = read_text(here / path)["Source"]
    before = (here / path).read_bytes()
    assert command.endswith(
        "--metrics train/loss --xlim :1234567.125 --ylim p1:p99 --title 'A title' "
        "--rename 'train/loss=Training loss' --order wider,base0001 --color 'wider=#d62728'"
    )
    again = [str(recorded) if word == "PATH" else word for word in shlex.split(command)[1:]]
    drawn(wandb_plot(*again))
    assert (here / path).read_bytes() == before
    alt = metadata(here, COMPARED)["files"]["train_loss.png"]["alt"]
    assert "points lie outside" in alt


def test_another_name_for_a_metric_that_is_not_drawn_is_told(wandb_plot: Command, recorded: Path) -> None:
    """With the metrics that are: the figure would keep the old name without a word."""
    words = ("generate", recorded, "base0001", "--metrics", "train/loss", "--dry-run", "--rename")
    assert "no metric of these figures is loss; they are train/loss" in wandb_plot(*words, "loss=Loss").stderr
    assert "--rename" not in wandb_plot(*words, "train/loss=Loss").stderr


def test_metrics_of_the_oddest_names_are_drawn(wandb_plot: Command, here: Path) -> None:
    """Called nothing, a dot, two dots, a comma or a star: each has a figure of its own that keeps its suffix."""
    names = ["", ".", "..", ",", "*", "a=b", " "]
    log = write_log(here / "run-odd.wandb", [row(step, **dict.fromkeys(names, step)) for step in range(3)])
    paths = drawn(wandb_plot("generate", log, "--all-metrics", "--output", "out"))
    assert len({path.casefold() for path in paths}) == len(names)
    assert all(path.endswith(".png") and (here / path).is_file() for path in paths)
    for name in names:
        (path,) = drawn(wandb_plot("generate", log, "--metrics", name, "--output", "one"))
        entry = metadata(here, Path("one"))["files"][Path(path).name]
        assert entry["metrics"] == [name]


def test_two_figures_of_one_metric(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Linear, then logarithmic: both are kept, under names that tell them apart, and the report shows both.

    The same options again, however they are spelled, draw the same file; the default is no option.
    """

    def draw(*options: str) -> tuple[str, str]:
        words = ("generate", recorded, "base0001", "--metrics", "train/loss", "--output", "out", "--json", *options)
        made = wandb_plot(*words).json()["files"][0]
        return made["path"], made["action"]

    assert draw() == ("out/train_loss.png", "written")
    assert draw("--yscale", "log", "--size=6x4") == ("out/train_loss--yscale=log--size=6x4.png", "written")
    assert draw("--yscale", "linear", "--renderer", "matplotlib", "--full-res")[0] == "out/train_loss.png"
    assert draw("--size", "6x4", "--yscale=log", "--dpi=100", "--report")[1] == "unchanged"
    page = (here / "out" / "index.html").read_text()
    assert 'src="./train_loss.png"' in page
    assert 'src="./train_loss--yscale%3Dlog--size%3D6x4.png"' in page
    files = json.loads((here / "out" / "metadata.json").read_bytes())["files"]
    assert [entry.get("options") for entry in files.values()] == [["yscale=log", "size=6x4"], None]


def test_options_are_recorded_in_one_spelling(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """However they were given: what older versions recorded is recognised, and the picture keeps its file."""
    words = ("generate", recorded, "base0001", "--metrics", "train/loss", "--json")
    given = ("--color", "baseline=RED", "--rename", "train/loss=a=b", "--color=loss=#0f0", "--xlim", ":5e1")
    others = ("--panels", "metric", "--share-y", "--smooth", 3, "--renderer=seaborn", "--samples=10", "--dpi", 50)
    (made,) = wandb_plot(*words, *given, *others).json()["files"]  # type: ignore[index]
    assert metadata(here, BASELINE)["files"][Path(made["path"]).name]["options"] == [
        "smooth=3", "xlim=:50", "panels=metric", "share-y", "rename=train/loss=a=b", "color=baseline=#ff0000",
        "color=loss=#00ff00", "renderer=seaborn",
    ]  # fmt: skip
    (again,) = wandb_plot(*words, *others, *given).json()["files"]  # type: ignore[index]
    assert (again["path"], again["action"]) == (made["path"], "unchanged")


def test_panels_are_one_figure(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """A file of all metrics, whose entry says what each panel shows."""
    words = ("--metrics", "train/loss,val/loss", "--panels", "metric", "--title", "Losses")
    (path,) = drawn(wandb_plot("generate", recorded, "base0001,other002", *words))
    entry = metadata(here, COMPARED)["files"][Path(path).name]
    assert (entry["metrics"], entry["panels"]) == (["train/loss", "val/loss"], ["train/loss", "val/loss"])
    assert "There are 2 panels, one for each metric." in entry["alt"]


@pytest.mark.parametrize(
    "words",
    [
        ("--metrics", "nothing-of-the-kind"),
        ("--metrics", "train/loss", "--group-by", "arch"),
        ("--metrics", "train/loss", "--renderer", "seaborn", "--format", "html"),
        ("--metrics", "only", "--x-axis", "val/loss"),
    ],
)
def test_a_refused_command_leaves_no_folder(
    wandb_plot: Command, recorded: Path, here: Path, words: tuple[str, ...]
) -> None:
    """Nothing is made before there is something to write, be it refused at once or when it is drawn."""
    assert wandb_plot("generate", recorded, "base0001", *words).code in (2, 3)
    assert list(here.iterdir()) == []


def test_a_hint_is_given_once(wandb_plot: Command, recorded: Path) -> None:
    """Not for each of the figures that it holds of."""
    words = ("--metrics", "train/loss,epoch", "--group-by", "config.opt.name", "--band", "std")
    done = wandb_plot("generate", recorded, "base0001,other002", *words)
    drawn(done)
    assert done.stderr.count("a band of 2 runs says little") == 1


@pytest.mark.usefixtures("here")
def test_an_interval_of_few_runs_is_called_too_narrow(wandb_plot: Command, study: Path) -> None:
    """As in tables and comparisons: fewer than 5 are too few for a bootstrap."""
    words = ("generate", study, "all", "--metrics", "train/loss", "--band", "ci", "--group-by")
    few = "With fewer than 5 runs a bootstrap interval is too narrow: --band minmax shows where the runs are"
    assert few in wandb_plot(*words, "!config.seed").stderr
    assert few not in wandb_plot(*words, "config.arch").stderr
