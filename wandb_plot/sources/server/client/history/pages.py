"""The rows of a history, page by page: each the rows between two steps, the last those from a step on."""

import math
from functools import partial

from wandb_plot.sources.server.client.answer_checks import Row, odd_answer
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun

# A page of a wide history has fewer rows, so that none takes much longer than another.
_PAGE_VALUES = 200_000
_SMALLEST_PAGE = 500
_LARGEST_PAGE = 10_000

_PAGES_AT_ONCE = 8

# A run that is being recorded has more rows than it had when it was looked up, but not without end.
_GROWTH = 2
_FEW = 100_000


def most_rows(row_count: int) -> int:
    """No run that had `row_count` rows a moment ago has more than this many by now."""
    return _GROWTH * row_count + _FEW


def read_rows(run: ServerRun, calls: ServerCalls, start: int, stop: int | None = None, *, before: int = 0) -> list[Row]:
    """Whole rows from the step `start` up to, not including, `stop`.

    The client's own scan would fetch every export again, so each page is asked for as it asks for it.

    Args:
        run: whose rows they are.
        calls: asks the server, several pages at once.
        start: a step.
        stop: a step; None for the end, wherever that is by now.
        before: how many rows are known to come earlier.
    """
    end = max(run.version.last_step + 1 if stop is None else stop, start + 1)
    size = _steps_a_page(run, end - start, before)
    lows = range(start, end, size)
    rows: list[Row] = []
    for at in range(0, len(lows), _PAGES_AT_ONCE):
        batch = lows[at : at + _PAGES_AT_ONCE]
        is_last = batch[-1] == lows[-1]
        pages = [partial(run.history_page, low, min(low + size, end), size) for low in batch]
        if is_last and stop is None:
            pages[-1] = partial(_read_open_page, run, batch[-1], size)
        found = [row for page in calls.each(pages) for row in page]
        rows += found
        # Steps that a server announces and nobody logged would take as many pages.
        if not found and not is_last and not calls(partial(run.history_page, batch[-1] + size, None, 1)):
            break
    return rows


def _steps_a_page(run: ServerRun, steps: int, before: int) -> int:
    """How many steps make a page of about as many rows as it should have; it never has more rows than steps."""
    rows = max(1, run.version.row_count - before)
    wide = max(1, len(run.value_counts))
    page_rows = min(max(_PAGE_VALUES // wide, _SMALLEST_PAGE), _LARGEST_PAGE)
    return max(page_rows, math.ceil(steps / math.ceil(rows / page_rows)))


def _read_open_page(run: ServerRun, low: int, size: int) -> list[Row]:
    """Every row from the step `low` on: the run may have gone on since the server named its last step."""
    rows: list[Row] = []
    while True:
        rest = run.history_page(low, None, size + 1)
        if len(rest) <= size:
            return rows + rest
        # So many rows may be but a sample.
        rows += run.history_page(low, low + size, size)
        low += size
        if len(rows) > most_rows(run.version.row_count):
            raise odd_answer(f"a history of {run.version.row_count} rows", f"one that goes on after {len(rows)}")
