"""`wandb-plot runs` on runs that the real SDK recorded."""

from pathlib import Path
from typing import Any

from tests.conftest import Command


def listed(runs: Command, *words: object) -> list[dict[str, Any]]:
    """The runs that a command lists."""
    done = runs("runs", *words, "--json")
    assert done.code == 0, done.stderr
    document: list[dict[str, Any]] = done.json()  # type: ignore[assignment]
    return document


def test_every_run_of_a_folder_is_listed_newest_first(wandb_plot: Command, recorded: Path) -> None:
    """Identity, state, config and summary come from the logs, and latest-run is not a run of its own."""
    newest, wider, baseline = listed(wandb_plot, recorded)
    assert [newest["id"], wider["id"], baseline["id"]] == ["empty003", "other002", "base0001"]
    assert baseline["name"] == "baseline"
    assert [run["state"] for run in (newest, wider, baseline)] == ["finished", "failed", "finished"]
    assert baseline["config"] == {"lr": 0.1, "opt": {"name": "adam"}}
    assert baseline["tags"] == ["a", "b"]
    assert baseline["group"] == "first"
    assert baseline["entity"] == "acme"
    assert baseline["last_step"] == 300
    assert baseline["summary_metrics"]["best"] == 0.01
    assert baseline["summary_metrics"]["nested"] == {"a": 299, "b": {"c": 598}}
    assert baseline["created_at"].endswith("Z")
    assert newest["entity"] is None


def test_non_finite_numbers_are_words_in_json(wandb_plot: Command, recorded: Path) -> None:
    """A summary that ends in minus infinity is still strict JSON."""
    (baseline,) = listed(wandb_plot, recorded, "--filter", "id=base0001")
    assert baseline["summary_metrics"]["unstable"] in ("NaN", "Infinity", "-Infinity", 1.0)


def test_runs_are_chosen_by_what_they_say(wandb_plot: Command, recorded: Path) -> None:
    """State, tags, group and filters choose; sort and limit order and cut."""

    def ids(*words: object) -> list[str]:
        return [run["id"] for run in listed(wandb_plot, recorded, *words)]

    assert ids("--state", "failed") == ["other002"]
    assert ids("--tag", "b", "--sort", "name") == ["base0001", "other002"]
    assert ids("--tag", "a", "--tag", "b") == ["base0001"]
    assert ids("--group", "second") == ["other002"]
    assert ids("--filter", "config.lr>=0.1", "--filter", "name~^w") == ["other002"]
    assert ids("--filter", '{"config.opt.name": "adam"}', "--sort", "-config.lr") == ["other002", "base0001"]
    assert ids("--sort", "summary.train/loss") == ["other002", "base0001", "empty003"]
    assert ids("--limit", "1") == ["empty003"]
    assert ids("--state", "running") == []


def test_fields_keep_the_output_small(wandb_plot: Command, recorded: Path) -> None:
    """Only what was asked for is written, in that order."""
    runs = listed(wandb_plot, recorded, "--fields", "id,name,config.opt.name,summary.best", "--sort", "name")
    assert runs[0] == {"id": "base0001", "name": "baseline", "config.opt.name": "adam", "summary.best": 0.01}
    refused = wandb_plot("runs", recorded, "--fields", "id,loss")
    assert (refused.code, refused.stdout) == (3, "")
    assert "summary.KEY" in refused.stderr


def test_the_table_is_plain_text_in_a_pipe(wandb_plot: Command, recorded: Path) -> None:
    """One heading, one line a run, no escapes; stderr counts the states, with --quiet too."""
    done = wandb_plot("runs", recorded, "--fields", "id,name,state", "-q")
    assert done.stdout.splitlines() == [
        "id        name      state",
        "empty003  empty     finished",
        "other002  wider     failed",
        "base0001  baseline  finished",
    ]
    assert done.stderr == "3 runs: 2 finished, 1 failed\n"


def test_runs_are_named_as_in_every_command(wandb_plot: Command, study: Path) -> None:
    """In the order named, unless another is asked for; `all` is what naming none is."""

    def ids(*words: object) -> list[str]:
        return [run["id"] for run in listed(wandb_plot, study, *words)]

    assert ids("s02,vit-low-*,s01") == ["s02", "s13", "s14", "s15", "s01"]
    assert ids("s02,vit-low-*", "--sort", "-val/acc:max", "--limit", "2") == ["s15", "s14"]
    assert ids("latest") == ["s18"]
    assert ids("all") == ids()
    assert wandb_plot("runs", study, "vit-lwo-0").code == 3


def test_only_a_limit_of_ours_is_told(wandb_plot: Command, study: Path) -> None:
    """Who set one knows it."""
    assert "Stopped" not in wandb_plot("runs", study, "--limit", "2").stderr


def test_a_missing_path_is_named_with_the_nearest(wandb_plot: Command, recorded: Path) -> None:
    """Exit 3, the hint, the candidates, and nothing on stdout."""
    done = wandb_plot("runs", recorded.with_name("wandbb"), "--json")
    assert (done.code, done.stdout) == (3, "")
    error = done.error()
    assert error["code"] == "path_not_found"
    assert error["candidates"] == [str(recorded)]


def test_a_damaged_run_costs_only_itself(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """A listing goes on past an empty log, and says so on stderr."""
    folder = tmp_path / "wandb"
    folder.mkdir()
    (folder / "run-20260101_000000-zero0000").mkdir()
    (folder / "run-20260101_000000-zero0000" / "run-zero0000.wandb").touch()
    source = next(recorded.glob("offline-run-*-base0001"))
    (folder / source.name).symlink_to(source)
    (folder / "offline-run-20260101_000001-copy0000").mkdir()
    log = next(source.glob("*.wandb")).read_bytes()
    (folder / "offline-run-20260101_000001-copy0000" / "run-copy0000.wandb").write_bytes(log)
    done = wandb_plot("runs", folder, "--fields", "id")
    assert done.code == 0
    assert done.stdout.splitlines() == ["id", "copy0000"]
    assert "zero0000" in done.stderr


def test_fields_are_numbers_of_metrics_too(wandb_plot: Command, study: Path) -> None:
    """METRIC:REDUCTION reads the history; runs without the number have null, and stderr says how many and why."""
    done = wandb_plot("runs", study, "--fields", "id,val/acc:max,train/loss:first-above:50", "--limit", 4, "--json")
    rows = done.json()
    assert isinstance(rows, list)
    assert [(row["id"], row["train/loss:first-above:50"]) for row in rows] == [
        ("s18", None),
        ("s17", None),
        ("s16", None),
        ("s15", 77),
    ]
    assert max(row["val/acc:max"] for row in rows) > 0.9
    assert done.stderr.splitlines()[0] == (
        "Warning: 3 of 4 runs have no train/loss:first-above:50 (threshold not reached: s18, s17, s16)"
    )


def test_a_field_that_no_run_has_is_named(wandb_plot: Command, study: Path) -> None:
    """It is null with a warning beside others, and exit 3 where there is nothing else."""
    done = wandb_plot("runs", study, "--fields", "id,config.lr", "--limit", 1, "--json", "-q")
    assert done.json() == [{"id": "s18", "config.lr": None}]
    assert done.stderr == "Warning: no run has config.lr; did you mean config.optim.lr?\n"
    alone = wandb_plot("runs", study, "--fields", "config.lr", "--json")
    assert (alone.code, alone.error()["candidates"]) == (3, ["config.optim.lr"])


def test_keys_are_listed_with_how_many_runs_have_each(wandb_plot: Command, study: Path, recorded: Path) -> None:
    """Config before summary; a key varies where values differ or some runs lack it."""
    keys = wandb_plot("runs", study, "--keys", "--json").json()
    assert isinstance(keys, list)
    assert [(one["key"], one["runs"], one["varies"]) for one in keys[:4]] == [
        ("config.arch", 18, True),
        ("config.optim.lr", 18, True),
        ("config.seed", 18, True),
        ("config.epochs", 18, False),
    ]
    assert sorted(keys[1]["values"]) == [0.01, 0.1]
    table = wandb_plot("runs", recorded, "--keys", "--filter", "id=base0001").stdout
    assert "summary.roc" in table
    assert "image-file" in table
    assert wandb_plot("runs", study, "--keys", "--fields", "id").code == 2


def test_a_long_listing_is_cut_in_a_pipe(wandb_plot: Command, study: Path) -> None:
    """4 kB at most, with the very command that gives all of it; --json is never cut."""
    cut = wandb_plot("metrics", study, "all")
    assert len(cut.stdout.encode()) <= 4000
    shown = len(cut.stdout.splitlines()) - 1
    assert cut.stderr == f"{shown} of 36 rows are shown; all: wandb-plot metrics {study} all --all-rows\n"
    assert len(wandb_plot("metrics", study, "all", "--all-rows").stdout.splitlines()) == 37
    assert len(wandb_plot("metrics", study, "all", "--json").json()) == 36  # type: ignore[arg-type]
    assert len(wandb_plot("runs", study).stdout.encode()) <= 4000


def test_json_in_a_pipe_is_small_and_has_a_line_for_each_run(wandb_plot: Command, study: Path) -> None:
    """Runs whole are large, and stderr says how to keep them small."""
    done = wandb_plot("runs", study, "--json")
    assert [line[:12] for line in done.stdout.splitlines()] == [
        "[",
        *(f'{{"id": "s{n:02d}"' for n in range(18, 0, -1)),
        "]",
    ]
    assert "--fields id,name,config.KEY" in done.stderr
    few = wandb_plot("runs", study, "--json", "--fields", "id,state", "--limit", 1, "-q")
    assert (few.stdout, few.stderr) == ('[\n{"id": "s18", "state": "failed"}\n]\n', "")
    assert wandb_plot("runs", study, "--json", "--state", "running", "-q").stdout == "[]\n"


def test_a_run_whose_log_was_cut_says_so(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """In the document, and as a field that can be asked for."""
    log = next(recorded.glob("*-base0001/*.wandb")).read_bytes()
    (tmp_path / "run-cut.wandb").write_bytes(log[:-9])
    assert [run["truncated"] for run in listed(wandb_plot, tmp_path / "run-cut.wandb")] == [True]
    assert not any(run["truncated"] for run in listed(wandb_plot, recorded))
    assert listed(wandb_plot, tmp_path / "run-cut.wandb", "--fields", "id,truncated") == [
        {"id": "cut", "truncated": True}
    ]


def test_keys_say_how_many_values_there_are(wandb_plot: Command, study: Path) -> None:
    """A cut list of values says so, and what the SDK itself keeps in the summary is left out."""
    lines = {line.split()[0]: line for line in wandb_plot("runs", study, "--keys").stdout.splitlines()}
    assert lines["summary.val/acc"].endswith("0.596599 ... 0.910641 (18 in all)")
    assert lines["config.arch"].endswith("cnn, mlp, vit")
    assert lines["config.optim.lr"].endswith("0.01, 0.1")
    assert "NaN" in wandb_plot("runs", study, "--keys", "--filter", "id=s05").stdout
    assert not any(key.startswith("summary._") for key in lines)
    documents = {one["key"]: one for one in wandb_plot("runs", study, "--keys", "--json").json()}
    assert (documents["summary.val/acc"]["distinct"], len(documents["summary.val/acc"]["values"])) == (18, 5)
