"""What `runs` lists: whole runs, some fields of each, or the keys that runs have."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.basics.formatting import value_text
from wandb_plot.basics.natural_order import natural_key
from wandb_plot.errors import NotFoundError
from wandb_plot.model.queries.keys import ATTRIBUTES, absent_keys, split_key, value_of
from wandb_plot.model.run import Run
from wandb_plot.sources.selection.select_runs import absent_key_words
from wandb_plot.sources.source_protocol import Source, Warn

_SHOWN_VALUES = 5
# Other names that users may write for a field.
_ALIASES = {"summary_metrics": "summary", "tag": "tags", "display_name": "name"}


class RunDocument(TypedDict):
    """What `runs --json` says of one run."""

    id: str
    name: str
    state: str
    created_at: datetime | None
    summary_metrics: Mapping[str, Any]
    tags: Sequence[str]
    config: Mapping[str, Any]
    group: str | None
    url: str | None
    entity: str | None
    project: str | None
    job_type: str | None
    sweep: str | None
    notes: str | None
    last_step: int | None
    segments: Sequence[str]
    truncated: bool


class KeyDocument(TypedDict):
    """One key in `runs --keys --json`: how many runs have it, whether they differ in it, and its values.

    Attributes:
        distinct: how many different values there are.
        values: in natural order; of more than five, the first four and the last.
    """

    key: str
    runs: int
    varies: bool
    distinct: int
    values: list[Any]


def run_document(run: Run) -> RunDocument:
    """The run as `runs --json` has it."""
    return RunDocument(
        id=run.id,
        name=run.name,
        state=run.state,
        created_at=run.created_at,
        summary_metrics=run.summary,
        tags=run.tags,
        config=run.config,
        group=run.group,
        url=run.url,
        entity=run.entity or None,
        project=run.project or None,
        job_type=run.job_type,
        sweep=run.sweep,
        notes=run.notes,
        last_step=run.last_step,
        segments=run.segments,
        truncated=run.truncated,
    )


def list_fields(source: Source, runs: Sequence[Run], fields: Sequence[str], *, warn: Warn) -> list[dict[str, Any]]:
    """The values of `fields` for each run, by the name they were asked for.

    Args:
        source: that the runs are from.
        runs: any number.
        fields: keys of runs, whole sections (`config`, `summary`), or `METRIC:REDUCTION`, which takes histories.
        warn: told of keys that no run has, and of runs that lack a number.

    Raises:
        NotFoundError: no run has any of the fields.
    """
    if not runs:
        return []
    _tell_absent(fields, runs, warn)
    rows = [{field: _field(run, field) for field in fields} for run in runs]
    by_metric = [field for field in fields if not _is_run_field(field)]
    if by_metric:
        from wandb_plot.sources.reduced_runs import reduce_runs
        from wandb_plot.sources.run_cautions import absence_words

        numbers = reduce_runs(source, runs, by_metric, warn=warn)
        for index, (field, metric) in enumerate(zip(by_metric, numbers.metrics, strict=True)):
            if words := absence_words(metric, numbers.column(index)):
                warn(words)
            for run, row in zip(runs, rows, strict=True):
                row[field] = numbers.by_run[run.id][index].value
    return rows


def list_keys(runs: Sequence[Run]) -> list[KeyDocument]:
    """The config keys of the runs, then their summary keys; keys that more runs have come first.

    Keys of the summary that the SDK itself writes, such as `_step`, are left out: they vary with every run.
    """
    values: dict[str, list[Any]] = {}
    for run in runs:
        for section, mapping in (("config", run.config), ("summary", run.summary)):
            for name, value in flatten(mapping, lambda inner: not inner or "_type" in inner):
                if section == "summary" and name.startswith("_"):
                    continue
                # For an image or a table its type says more than its path.
                told = value.get("_type", value) if isinstance(value, Mapping) else value
                values.setdefault(f"{section}.{name}", []).append(told)
    documents = [_key_document(key, found, len(runs)) for key, found in values.items()]
    return sorted(documents, key=lambda document: (document["key"].partition(".")[0], -document["runs"]))


def _key_document(key: str, values: Sequence[Any], runs: int) -> KeyDocument:
    # Values that read alike, such as 1 and 1.0, are one. Those that are no number or text may not be hashable.
    distinct = list({value_text(value): value for value in values}.values())
    distinct.sort(key=lambda value: natural_key(value_text(value)))
    return KeyDocument(
        key=key,
        runs=len(values),
        varies=len(distinct) > 1 or len(values) < runs,
        distinct=len(distinct),
        values=distinct if len(distinct) <= _SHOWN_VALUES else [*distinct[: _SHOWN_VALUES - 1], distinct[-1]],
    )


def _is_run_field(field: str) -> bool:
    return field in (*ATTRIBUTES, *_ALIASES, "config", "summary") or bool(split_key(field)[0])


def _field(run: Run, field: str) -> Any:
    name = _ALIASES.get(field, field)
    if name in ("config", "summary"):
        return getattr(run, name)
    value = value_of(run, name)
    return None if value == "" else value


def _tell_absent(fields: Sequence[str], runs: Sequence[Run], warn: Warn) -> None:
    absent = absent_keys(fields, runs)
    for key, nearest in absent.items():
        words = absent_key_words(key, nearest)
        if len(absent) == len(fields):
            raise NotFoundError(words, hint="list the keys with: wandb-plot runs PROJECT --keys", candidates=nearest)
        warn(words)
