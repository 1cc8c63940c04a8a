"""What runs were given and what they came to: where they differ, and what they have in common."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from wandb_plot.basics.formatting import value_text
from wandb_plot.model.config_differences import differ, values_by_key
from wandb_plot.model.run import Run, user_summary
from wandb_plot.output.file_names import run_path
from wandb_plot.output.report.table import NOTHING, ReportRow, ReportTable, cell_text

RunField = Literal["config", "summary"]

# Beyond this a value is no longer read but scrolled by: metadata of the run, such as a prompt or a list of files.
_VALUE_LENGTH = 300


def difference_table(runs: Sequence[Run], field: RunField, names: Mapping[str, str]) -> ReportTable | None:
    """What differs between `runs`; None where nothing does.

    Keys or runs make the rows, whichever are more: a long table is easier to read than a wide one.

    Args:
        runs: any number.
        field: what is compared.
        names: what to call each run, by path (`file_names.run_path`).
    """
    differences = {
        key: [_text(value, field) for value in values]
        for key, values in values_by_key(_mappings(runs, field)).items()
        if differ(values)
    }
    if not differences:
        return None
    caption = f"{field.capitalize()}: what differs"
    labels = [names[run_path(run)] for run in runs]
    if len(runs) <= len(differences):
        return ReportTable(caption, ["Key", *labels], [ReportRow(key, values) for key, values in differences.items()])
    columns = list(differences.values())
    rows = [ReportRow(label, [values[at] for values in columns]) for at, label in enumerate(labels)]
    return ReportTable(caption, ["Run", *differences], rows)


def common_table(runs: Sequence[Run], field: RunField) -> ReportTable | None:
    """What `runs` have in common, which for a single run is everything; None where there is nothing."""
    common = {key: values[0] for key, values in values_by_key(_mappings(runs, field)).items() if not differ(values)}
    if not common:
        return None
    of = f"of {runs[0]}" if len(runs) == 1 else f"common to these {len(runs)} runs"
    rows = [ReportRow(key, [_text(value, field)]) for key, value in common.items()]
    return ReportTable(f"{field.capitalize()} {of}", ["Key", "Value"], rows)


def _mappings(runs: Sequence[Run], field: RunField) -> Sequence[Mapping[str, Any]]:
    return [run.config if field == "config" else user_summary(run.summary) for run in runs]


def _text(value: Any, field: RunField) -> str:
    if value is None:
        return NOTHING
    if field == "summary" and isinstance(value, float) and math.isfinite(value):
        return cell_text(value)
    text = value_text(value)
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"
