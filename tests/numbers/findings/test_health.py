"""What is odd about a run's numbers: each kind of finding where it was planted, and none where nothing is."""

import numpy as np
import pytest

from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.model.metrics import NUMERIC
from wandb_plot.numbers.findings.health import Finding, find_odd

N = 1000
X = np.arange(N, dtype=float)
LOSS = 2 * np.exp(-X / 100) + 0.3 + 0.02 * np.random.default_rng(0).standard_normal(N)


def found(name: str, y: FloatArray, *others: Column, is_system: bool = False) -> list[Finding]:
    """The findings in a history of one metric, and perhaps axes."""
    columns = [Column(name, NUMERIC, X[: len(y)], y, len(y), is_system), *others]
    return find_odd(History({column.name: column for column in columns}, len(y)))


def axis(name: str, values: FloatArray) -> Column:
    """An axis with a value at every step."""
    return Column(name, NUMERIC, X, values, N)


def changed(at: int, *values: float) -> FloatArray:
    """The loss with other values from `at` on."""
    y = LOSS.copy()
    y[at : at + len(values)] = values
    return y


@pytest.mark.parametrize(
    ("y", "kind", "start", "text"),
    [
        (changed(401, *[np.nan] * 599), "nan", 401, "diverged: NaN from step 401 to the end (599 points)"),
        (np.full(N, np.nan), "nan", 0, "never finite: NaN at all 1,000 points"),
        (np.array([np.inf]), "infinite", 0, "never finite: infinite at its only point, step 0"),
        (changed(999, np.nan), "nan", 999, "NaN at its last point, step 999"),
        (changed(5, np.inf), "infinite", 5, "infinite at step 5"),
        (
            changed(5, np.inf, np.nan, 2.2, np.nan),
            "nan",
            5,
            "NaN or infinite at 3 points between steps 5 and 8",
        ),
        (
            changed(600, 6.5),
            "spike",
            600,
            "spike at step 600: 6.5, 21 times the median around it (0.3025), 1 point long",
        ),
        (changed(900, *[0.25] * 100), "flat", 900, "stays at 0.25 from step 900 (100 points)"),
    ],
)
def test_a_planted_event_is_the_only_finding(y: FloatArray, kind: str, start: float, text: str) -> None:
    """Kind, place and words of what was planted in an ordinary loss."""
    (finding,) = found("loss", y)
    assert (finding.kind, finding.metric, finding.start, finding.text) == (kind, "loss", start, text)


def test_an_ordinary_run_has_none() -> None:
    """A loss, a steady clock, a busy GPU."""
    clock = [axis("_runtime", X * 0.5), axis("_timestamp", 1.7e9 + X * 0.5), axis("_step", X)]
    assert found("loss", LOSS, *clock) == []
    assert found("system.gpu.0.gpu", np.full(N, 90.0), is_system=True) == []


def test_an_explosion_says_from_where_to_where() -> None:
    """From its place on, all is far above what came before."""
    (finding,) = found("loss", LOSS * np.exp(np.maximum(X - 800, 0) / 10))
    assert finding.kind == "explosion"
    assert 820 <= (finding.start or 0) <= 835
    assert finding.text.endswith("at the end 1.297e+08")


@pytest.mark.parametrize("name", ["lr", "train/lr", "optim.learning_rate", "lr-AdamW"])
def test_a_learning_rate_that_reached_zero_is_told(name: str) -> None:
    """Under its usual names; another metric that ends at zero stands still."""
    schedule = np.maximum(1 - X / 800, 0)
    assert [finding.kind for finding in found(name, schedule)] == ["zero"]
    assert [finding.kind for finding in found("color", schedule)] == ["flat"]


def test_a_pause_is_a_minute_at_least_and_ten_times_the_usual() -> None:
    """The longest is told with the steps on both sides."""
    clock = 1.7e9 + X + np.where(X > 500, 3600.0, 0)
    (finding,) = found("loss", LOSS, axis("_timestamp", clock))
    assert (finding.kind, finding.start, finding.stop) == ("pause", 500, 501)
    assert finding.text == "no row for 3601 s between steps 500 and 501 (usual: 1 s)"
    assert found("loss", LOSS, axis("_timestamp", 1.7e9 + X + np.where(X > 500, 30.0, 0))) == []


def test_a_pause_before_the_clock_was_set_back_keeps_its_place() -> None:
    """The clock shows the time of the pause again later on; the steps told are those around the pause."""
    clock = 1.7e9 + X + np.where(X > 30, 300.0, 0) - np.where(X >= 60, 1000.0, 0)
    (finding,) = found("loss", LOSS, axis("_timestamp", clock))
    assert (finding.start, finding.stop) == (30, 31)
    assert finding.text == "no row for 301 s between steps 30 and 31 (usual: 1 s)"


def test_a_slow_end_is_told() -> None:
    """The last tenth of the rows takes five times as long a step."""
    seconds = np.cumsum(np.where(X < 900, 0.5, 2.5))
    (finding,) = found("loss", LOSS, axis("_runtime", seconds), axis("_step", X))
    assert (finding.kind, finding.start) == ("pace", 900)
    assert finding.text == "0.4 steps a second from step 900 on, 2 before"


@pytest.mark.parametrize(
    ("name", "level", "kind", "text"),
    [
        ("system.gpu.0.gpu", 3.0, "idle", "GPU 0 is busy 3 % of the time on average"),
        ("system.gpu.1.memoryAllocated", 97.5, "full", "reaches 97.5 % at 0 s"),
        ("system.memory_percent", 99.0, "full", "reaches 99 % at 0 s"),
        ("system.disk./.usagePercent", 96.0, "full", "reaches 96 % at 0 s"),
    ],
)
def test_the_machine_is_looked_at(name: str, level: float, kind: str, text: str) -> None:
    """An idle GPU, and memory or disk that is nearly full."""
    (finding,) = found(name, np.full(N, level), is_system=True)
    assert (finding.kind, finding.text) == (kind, text)
