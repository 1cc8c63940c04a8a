"""The report: all figures and images of a folder on one page, with their words and numbers.

The page is a single file of static HTML. It takes nothing from the network, and works without scripts.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from wandb_plot.basics.natural_order import natural_key
from wandb_plot.figures.run_labels import labels_for
from wandb_plot.model.metadata_types import FolderDocument, RunEntry
from wandb_plot.model.run import Run
from wandb_plot.output.file_names import id_in_path, run_path
from wandb_plot.output.metadata_merging import Metadata
from wandb_plot.output.report.config_tables import common_table, difference_table
from wandb_plot.output.report.exhibits import sections_of
from wandb_plot.output.report.run_tables import metrics_table, numbers_by_run, runs_table

if TYPE_CHECKING:
    from jinja2 import Environment

# What HTML has no place for: control characters, and halves of surrogate pairs, which UTF-8 lacks too.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def render_report(metadata: FolderDocument, runs: Sequence[Run]) -> str:
    """The page for `index.html` of an output folder; the same for the same arguments, byte by byte.

    Args:
        metadata: the document of the folder, with all its figures and downloads.
        runs: those of which config, summary and tags are to be shown; none need be in `metadata`.

    Returns:
        HTML that can be encoded in UTF-8. Addresses of files are relative to the folder.
    """
    from markupsafe import Markup

    environment = _environment()
    described = _runs_by_path(metadata)
    logged = numbers_by_run(metadata)
    runs = sorted(runs, key=lambda run: (natural_key(run.name), run_path(run)))
    names = _names(described, runs)
    overview = [
        runs_table(described, runs, logged, names),
        metrics_table(logged) if len(described) == 1 else None,
        difference_table(runs, "config", names),
    ]
    folded = [difference_table(runs, "summary", names), common_table(runs, "config"), common_table(runs, "summary")]
    script = environment.get_template("report.js").render()
    page = environment.get_template("report.html").render(
        heading=_heading(described),
        project="/".join(filter(None, (metadata.get("entity"), metadata.get("project")))),
        sections=sections_of(metadata, {path: names[path] for path in described}),
        overview=[table for table in overview if table],
        folded=[table for table in folded if table],
        script=Markup(script),  # noqa: S704 -- our own, without any value in it
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return _UNPRINTABLE.sub("\ufffd", page)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("wandb_plot.output.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _runs_by_path(metadata: FolderDocument) -> dict[str, RunEntry]:
    """The runs of metadata.json by path (`file_names.run_path`), in natural order of their names."""
    by_path = Metadata(metadata).runs()
    return dict(sorted(by_path.items(), key=lambda item: (natural_key(item[1].get("name", "")), item[0])))


def _heading(described: Mapping[str, RunEntry]) -> str:
    names = [run.get("name", run["id"]) for run in described.values()]
    return names[0] if len(names) == 1 else f"{len(names)} runs"


def _names(described: Mapping[str, RunEntry], runs: Sequence[Run]) -> dict[str, str]:
    """What the whole page calls each run, by path: as legends do, with the id where that is not enough."""
    names = {path: run.get("name", run["id"]) for path, run in described.items()}
    names |= dict(zip(map(run_path, runs), labels_for(runs), strict=True))
    bearers = Counter(names.values())
    return {path: name if bearers[name] == 1 else f"{name} ({id_in_path(path)})" for path, name in names.items()}
