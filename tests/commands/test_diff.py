"""`wandb-plot diff`: the keys in which runs differ."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.conftest import Command
from tests.server import RunContents, TestServer
from tests.server.contents import Contents
from tests.sources.log.log_writer import field, row, write_log


def test_differing_keys_come_with_their_ratio(wandb_plot: Command, study: Path) -> None:
    """Config first, then the runs themselves and their summaries; what is the same is counted, and noise left out."""
    done = wandb_plot("diff", study, "s04,s13", "--json")
    document: dict[str, Any] = done.json()  # type: ignore[assignment]
    assert [run["id"] for run in document["runs"]] == ["s04", "s13"]
    assert [(one["section"], one["key"]) for one in document["differ"]] == [
        ("config", "arch"),
        ("config", "optim.lr"),
        ("run", "group"),
        ("run", "tags"),
        ("summary", "train/loss"),
        ("summary", "val/acc"),
    ]
    arch, rate, *_, accuracy = document["differ"]
    assert (arch["values"], arch["ratio"]) == (["cnn", "vit"], None)
    assert (rate["values"], rate["ratio"]) == ([0.1, 0.01], 0.01 / 0.1)
    assert accuracy["ratio"] == accuracy["values"][1] / accuracy["values"][0]
    assert (document["same"]["config.seed"], document["same"]["run.state"]) == (0, "finished")
    assert not [key for key in document["same"] if key.startswith("summary._")]
    text = wandb_plot("diff", study, "s04,s13")
    assert text.stdout.splitlines()[2].split() == ["config.optim.lr", "0.1", "0.01", "0.1"]
    assert "more keys are the same in all" in text.stderr


def test_several_runs_have_a_column_each(wandb_plot: Command, recorded: Path, study: Path) -> None:
    """Without a ratio; a key that a run lacks is null."""
    head = wandb_plot("diff", study, "vit-low-*").stdout.splitlines()[0]
    assert head.split("  ")[-1] == "vit-low-2 (s15)"
    document: dict[str, Any] = wandb_plot("diff", recorded, "base0001,other002", "--json").json()  # type: ignore[assignment]
    by_key = {one["key"]: one["values"] for one in document["differ"]}
    assert by_key["extra"] == [None, -398]
    assert "opt.name" not in by_key
    assert "roc" not in by_key


def test_one_run_differs_from_nothing(wandb_plot: Command, study: Path) -> None:
    """It is refused with what to name."""
    refused = wandb_plot("diff", study, "s01")
    assert (refused.code, refused.stdout) == (2, "")
    assert "two runs or more" in refused.stderr


def noted(commit: str) -> bytes:
    """What the SDK notes of an environment."""
    environment = {"git": {"commit": commit}, "python": "3.11", "startedAt": commit, "email": "somebody"}
    return json.dumps(environment).encode()


def test_the_environment_is_compared_where_it_was_noted(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """From the file that the SDK wrote, of a folder or a server; private parts are hidden, damage is told."""
    for number, commit in enumerate(("aaa", "bbb", "")):
        folder = tmp_path / "wandb" / f"offline-run-20260101_00000{number}-run{number}"
        shutil.copytree(next(recorded.glob("*-base0001")), folder)
        next(folder.glob("*.wandb")).rename(folder / f"run-run{number}.wandb")
        (folder / "files" / "wandb-metadata.json").write_bytes(noted(commit) if commit else b"{")
    done = wandb_plot("diff", tmp_path / "wandb", "run0,run1", "--json")
    assert [(one["key"], one["values"]) for one in done.json()["differ"]] == [("git.commit", ["aaa", "bbb"])]  # type: ignore[index]
    assert "somebody" not in done.stdout
    damaged = wandb_plot("diff", tmp_path / "wandb", "run0,run2")
    assert damaged.code == 0
    assert "wandb-metadata.json can't be read" in damaged.stderr
    runs = [RunContents(name, files={"wandb-metadata.json": noted(name)}) for name in ("one", "two")]
    with TestServer(Contents.of(*runs)) as server:
        remote = wandb_plot("diff", "acme/vision", "one,two", "--json", env=server.env)
    assert remote.code == 0, remote.stderr
    assert [one["key"] for one in remote.json()["differ"]] == ["git.commit"]  # type: ignore[index]


def test_a_server_is_asked_for_several_environments_at_once(wandb_plot: Command) -> None:
    """Each in the column of its run, whichever answer comes first."""
    names = [f"run{number}" for number in range(6)]
    runs = [RunContents(name, files={"wandb-metadata.json": noted(name)}) for name in names]
    with TestServer(Contents.of(*runs)) as server:
        server.latency = 0.1
        done = wandb_plot("diff", "acme/vision", ",".join(names), "--only", "environment", "--json", env=server.env)
        assert server.most_at_once > 1
    assert [(one["key"], one["values"]) for one in done.json()["differ"]] == [("git.commit", names)]  # type: ignore[index]


def test_a_section_can_be_asked_for_alone(wandb_plot: Command, study: Path) -> None:
    """Or several; nothing else is read or told, and that nothing differs is said in words."""

    def sections(*words: str) -> list[str]:
        document: dict[str, Any] = wandb_plot("diff", study, "s04,s13", "--json", *words).json()  # type: ignore[assignment]
        told = [one["section"] for one in document["differ"]] + [key.partition(".")[0] for key in document["same"]]
        return list(dict.fromkeys(told))

    assert sections("--only", "config") == ["config"]
    assert sections("--only", "summary", "--only", "run") == ["run", "summary"]
    same = wandb_plot("diff", study, "s01,s02", "--only", "run", "-q")
    assert (same.stdout, same.stderr) == ("", "Nothing differs in run: 6 keys the same in all\n")


def test_the_environment_is_read_from_the_log_where_there_is_no_file(wandb_plot: Command, tmp_path: Path) -> None:
    """As the SDK writes it offline: in several records, the later ones adding to the earlier."""
    for number, commit in enumerate(("aaa", "bbb")):
        run = field(17, field(1, f"run{number}") + field(21, field(2, "of the run")))
        noted = field(2, "CPython 3.11.7") + field(5, "--lr") + field(5, "0.1") + field(9, field(2, commit))
        machine = field(9, field(1, "a/b.git")) + field(16, 8) + field(21, field(1, 2**34)) + field(199, "writer")
        folder = tmp_path / f"offline-run-20260101_00000{number}-run{number}"
        folder.mkdir()
        write_log(
            folder / f"run-run{number}.wandb",
            [run, field(26, noted), field(26, machine), row(0, loss=1)],
        )
    document: dict[str, Any] = wandb_plot("diff", tmp_path, "all", "--only", "environment", "--json").json()  # type: ignore[assignment]
    assert [(one["key"], one["values"]) for one in document["differ"]] == [("git.commit", ["aaa", "bbb"])]
    assert document["same"] == {
        "environment.git.remote": "a/b.git",
        "environment.python": "CPython 3.11.7",
        "environment.args": ["--lr", "0.1"],
        "environment.cpu_count": 8,
        "environment.memory.total": 2**34,
    }
