"""Jobs as an agent gets them: each answered by commands of SKILL.md, right, in few commands and few bytes.

Both kinds of source are asked: the study of 18 runs on disk, and the same on the test server. An answer is what the
commands print; the checks read no more than an agent would.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Command, Finished
from tests.docs.test_skill import SCRIPTS
from tests.server import TestServer
from tests.study import study_contents, study_runs

SKILL = (Path(__file__).parents[2] / "SKILL.md").read_text(encoding="utf-8")

# What an agent can take for a dozen questions.
_MOST_BYTES = 20_000
_MOST_COMMANDS_A_QUESTION = 1.5

ACCURACY = {run.id: max(row["val/acc"] for row in run.rows if "val/acc" in row) for run in study_runs()}
LOSS = {run.id: [row["train/loss"] for row in run.rows] for run in study_runs()}


@dataclass(frozen=True)
class Task:
    """One question.

    Attributes:
        question: as a user asks it.
        commands: scripts with their arguments; `P` stands for PROJECT.
        is_right: whether the outputs of the commands hold the answer.
    """

    question: str
    commands: tuple[str, ...]
    is_right: Callable[..., bool]


def mean(ids: str) -> float:
    """The mean of the best accuracies of some runs."""
    chosen = [ACCURACY[run] for run in ids.split()]
    return sum(chosen) / len(chosen)


def close(value: object, expected: float) -> bool:
    """Whether a number of JSON is the one expected."""
    return isinstance(value, float) and abs(value - expected) < 1e-9


TASKS = (
    Task(
        "Which config keys vary in this study?",
        ("list_runs.py P --keys --json",),
        lambda keys: {k["key"] for k in keys if k["varies"] and k["key"].startswith("config")}
        == {"config.arch", "config.optim.lr", "config.seed"},
    ),
    Task(
        "Which run has the best validation accuracy, and how good is it?",
        ("list_runs.py P --sort=-val/acc:max --limit 1 --json --fields id,name,val/acc:max",),
        lambda runs: runs[0]["id"] == "s15" and close(runs[0]["val/acc:max"], max(ACCURACY.values())),
    ),
    Task(
        "Which architecture and learning rate is best over the seeds, with which spread?",
        (
            ("make_table.py P all --metrics val/acc:max --group-by config.arch,config.optim.lr --sort=-val/acc:max "
            "--format csv"),
        ),
        lambda csv: csv.splitlines()[1].startswith(f"vit,0.01,{mean('s13 s14 s15')!r},3,"),
    ),
    Task(
        "Is vit better than cnn, or is it noise?",
        (
            ("compare_runs.py P --baseline config.arch=cnn --candidate config.arch=vit --metric val/acc:max "
            "--higher-is-better --json"),
        ),
        lambda found: found["verdict"] == "better",
    ),
    Task(
        "Is vit better than cnn at the low rate in every seed?",
        (
            ("compare_runs.py P --baseline cnn-low-* --candidate vit-low-* --metric val/acc:max --higher-is-better "
            "--pair-by config.seed --json"),
        ),
        lambda found: [pair["value"] for pair in found["pairs"]] == ["0", "1", "2"]
        and all(close(pair["difference"], ACCURACY[vit] - ACCURACY[cnn])
                for pair, cnn, vit in zip(found["pairs"], ("s01", "s02", "s03"), ("s13", "s14", "s15"), strict=True)),
    ),
    Task(
        "What differs in the config of the best run and the first?",
        ("diff_runs.py P s01,s15 --only config --json",),
        lambda found: [one["key"] for one in found["differ"]] == ["arch", "seed"],
    ),
    Task(
        "Did any run diverge, crash or spike, and at which step?",
        ("check_runs.py P all",),
        lambda text: (
            "NaN from step 120 to the end" in text
            and "crashed after step 90" in text
            and "spike at step 77: 60" in text
            and "failed after step 150" in text
        ),
    ),
    Task(
        "At which step did the first run's loss turn NaN?",
        ("list_metrics.py P cnn-high-1 --match train/loss --json",),
        lambda metrics: metrics["train/loss"]["first_nan_step"] == 120,
    ),
    Task(
        "What was the training loss of the vit runs with the low rate at step 100?",
        ("read_history.py P vit-low-* --metrics train/loss --at 100 --json",),
        lambda rows: [(row["run_id"], row["value"]) for row in rows]
        == [(run, LOSS[run][100]) for run in ("s13", "s14", "s15")],
    ),
    Task(
        "Which runs first fell below a loss of 0.5, and when did each?",
        ("make_table.py P all --metrics train/loss:first-below:0.5 --sort train/loss:first-below:0.5 --format csv",),
        lambda csv: {line.split(",")[0]: int(line.split(",")[2]) for line in csv.splitlines()[1:]}
        == {run: next(step for step, loss in enumerate(losses) if loss < 0.5) for run, losses in LOSS.items()},
    ),
    Task(
        "Make the LaTeX table for the paper, finished runs only, the best in bold.",
        (
            ("make_table.py P --state finished --metrics val/acc:max --group-by config.arch --columns config.optim.lr "
            "--best max --format latex"),
        ),
        lambda tex: r"\toprule" in tex and r"vit & \textbf{0.902 $\pm$ 0.013} (n=3)" in tex,
    ),
    Task(
        "Write all values of the crashed run to a file.",
        ("list_runs.py P --state crashed --json --fields id", "read_history.py P s12 --output values.csv"),
        lambda runs, path: runs == [{"id": "s12"}] and len(Path(path.strip()).read_text().splitlines()) == 101,
    ),
    Task(
        "Draw mean and standard deviation of the accuracy for each architecture; what does the figure show?",
        ("generate_plots.py P all --metrics val/acc --group-by config.arch --band std --json",),
        lambda made: "vit (6 runs)" in made["files"][0]["alt"] and Path(made["files"][0]["path"]).is_file(),
    ),
    Task(
        "Give me the mean accuracy curve of vit at every 50 steps, with n.",
        (
            "read_history.py P vit-* --metrics val/acc --as-drawn --group-by config.arch --band std --every 50 --json",
        ),
        lambda rows: [(row["step"], row["n"]) for row in rows] == [(9, 6), (59, 6), (109, 6), (159, 5)],
    ),
    Task(
        "How many runs have which learning rate above 0.05 and finished?",
        ("list_runs.py P --filter config.lr>0.05 --state finished --json --fields id,config.lr",
         "list_runs.py P --filter config.optim.lr>0.05 --state finished --json --fields id,config.optim.lr"),
        lambda missed, runs: missed["error"]["candidates"] == ["config.optim.lr"] and len(runs) == 7,
    ),
)  # fmt: skip


@dataclass
class Asked:
    """What the questions cost."""

    commands: int = 0
    bytes: int = 0


def answers(task: Task, run: Callable[[str], Finished], cost: Asked) -> Iterator[object]:
    """What each command of a task prints: JSON where it is JSON."""
    for line in task.commands:
        script, *words = line.split()
        done = run(" ".join([SCRIPTS[script], *words]))
        cost.commands += 1
        cost.bytes += len(done.stdout.encode()) + len(done.stderr.encode())
        if "--json" not in words:
            yield done.stdout
        else:
            yield json.loads(done.stdout if done.code == 0 else done.stderr.splitlines()[-1])


def ask_all(wandb_plot: Command, project: object, env: dict[str, str]) -> Asked:
    """Answer every question, and check each."""
    cost = Asked()

    def run(line: str) -> Finished:
        words = [str(project) if word == "P" else word for word in line.split()]
        return wandb_plot(*words, env=env)

    wrong = [task.question for task in TASKS if not task.is_right(*answers(task, run, cost))]
    assert wrong == []
    return cost


def test_a_dozen_questions_about_runs_on_disk(
    wandb_plot: Command, study: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All right, in at most 1.5 commands a question and 20 kB in all."""
    monkeypatch.chdir(here)
    cost = ask_all(wandb_plot, study, {})
    assert cost.commands <= _MOST_COMMANDS_A_QUESTION * len(TASKS)
    assert cost.bytes <= _MOST_BYTES


@pytest.mark.long
def test_the_same_questions_about_a_server(wandb_plot: Command, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answers, at the same cost to the agent."""
    monkeypatch.chdir(here)
    with TestServer(study_contents()) as server:
        cost = ask_all(wandb_plot, "acme/vision", server.env)
    assert cost.bytes <= _MOST_BYTES


def test_the_commands_are_those_of_the_skill() -> None:
    """No script or option is needed that SKILL.md doesn't show."""
    used = {word for task in TASKS for line in task.commands for word in re.findall(r"(?<!\S)--[a-z-]+|^\S+\.py", line)}
    shown = set(re.findall(r"--[a-z-]+|\w+\.py", SKILL))
    assert used - shown == set()
