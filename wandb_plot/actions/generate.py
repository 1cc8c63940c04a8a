"""Draws figures: finds the metrics, reads their histories, assembles each figure, draws it, describes it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wandb_plot.actions.figures.figure_file import figure_entry, file_name, producer_of
from wandb_plot.actions.figures.figure_request import FigureRequest
from wandb_plot.actions.read_runs import RunReader, Wanted
from wandb_plot.basics.formatting import count_text, names_text
from wandb_plot.errors import MachineError, NotFoundError, UsageError, WandbPlotError
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.axes import require_one
from wandb_plot.figures.lines.run_series import Histories
from wandb_plot.figures.run_groups import group_keys
from wandb_plot.figures.view.panels import panel_contents
from wandb_plot.figures.words.legend import check_template
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.metrics import RUNTIME, STEP, SYSTEM_PREFIX
from wandb_plot.model.outcome import Outcome, OutputFile
from wandb_plot.model.queries.metric_selection import MetricSelection
from wandb_plot.model.run import Run
from wandb_plot.output.file_names import REPORT, full_name, output_folder
from wandb_plot.output.folder import OutputFolder
from wandb_plot.output.metadata_file import read_metadata
from wandb_plot.output.report.page import render_report
from wandb_plot.renderers.loading import Renderer
from wandb_plot.sources.derived_metrics import add_derived
from wandb_plot.sources.source_protocol import Source

# More figures than this are more likely a mistake than intended.
_MANY = 200


def generate_figures(
    source: Source, runs: Sequence[Run], request: FigureRequest, renderer: Renderer, listener: Listener
) -> Outcome:
    """Draw what `request` asks of `runs`, and write the figures with their metadata.

    Raises:
        NotFoundError: none of the metrics is there.
        UsageError: there are too many, or they don't go together.
    """
    _check_runs(request, runs)
    listener.progress(f"reading {count_text(len(runs), 'run')}")
    reader = RunReader(source, runs, _wanted(request), warn=listener.warn, meanwhile=renderer.prepare)
    named = add_derived(source, request.metrics, reader.types, axis=request.options.x_axis, warn=listener.warn)
    source, types, request = named.source, named.types, replace(request, formulas=named.formulas)
    names, missing = _find(request, named.texts, MetricSelection(types))
    _check_axes(request, names)
    for renamed in request.options.presentation.rename:
        if renamed not in (*names, request.options.x_axis):
            listener.warn(f"--rename: no metric of these figures is {renamed}; they are {names_text(names)}")
    figures = [names] if request.is_one_figure else [[name] for name in names]
    entity, project = runs[0].entity or None, runs[0].project or None
    path = request.output or output_folder(entity=entity, project=project, runs=runs)
    with OutputFolder(path, entity=entity, project=project, runs=runs, warn=listener.warn) as folder:
        wanted = {full_name(metrics): file_name(metrics, request) for metrics in figures}
        if request.dry_run:
            files = folder.assign(wanted, "plot", options=request.picture_options, claim=False)
            planned = [OutputFile(path / files[full_name(m)], "planned", {"metrics": list(m)}) for m in figures]
            return Outcome(path, planned, missing=missing)
        # Read before anything is written: a run that can't be read leaves no files.
        histories = reader.histories(source, names, types)
        files = folder.assign(wanted, "plot", options=request.picture_options)
        made: list[OutputFile] = []
        hints: dict[str, None] = {}
        for number, metrics in enumerate(figures, 1):
            listener.progress(f"drawing {number} of {len(figures)}: {', '.join(metrics)}")
            file, told = _draw(folder, files[full_name(metrics)], metrics, histories, request, renderer, listener)
            made.append(file)
            hints |= dict.fromkeys(told)
        for hint in hints:
            listener.hint(hint)
        metadata = folder.commit()
        if request.report and metadata:
            made.append(_write_report(folder, runs))
        return Outcome(path, made, metadata, missing)


def _wanted(request: FigureRequest) -> Wanted:
    """What to read of each run at once; for a dry run only the names of its metrics."""
    return Wanted(
        texts=() if request.dry_run else request.metrics,
        all_metrics=request.all_metrics and not request.dry_run,
        axis=request.options.x_axis,
        samples=request.samples,
        findings=True,
        most=None if request.many or request.is_one_figure else _MANY,
    )


def _check_runs(request: FigureRequest, runs: Sequence[Run]) -> None:
    """Refuse what can't be drawn of these runs before anything is read, also in a dry run."""
    options = request.options
    if options.group_by is not None:
        group_keys(options.group_by, runs)
    panel_contents((), runs, options)
    if options.presentation.label:
        check_template(options.presentation.label, runs)


def _check_axes(request: FigureRequest, names: Sequence[str]) -> None:
    """Refuse metrics without a common axis in a dry run too."""
    if request.dry_run and request.is_one_figure and request.options.x_axis == STEP:
        # Nothing is read in a dry run: names tell the axis nearly always.
        require_one({RUNTIME if name.startswith(SYSTEM_PREFIX) else STEP for name in names})


def _find(
    request: FigureRequest, texts: Sequence[str], selection: MetricSelection
) -> tuple[list[str], list[NotFoundError]]:
    """The metrics to draw, in the order asked for, and an error for each that is missing."""
    axis = request.options.x_axis
    if not axis.startswith("_"):
        selection.require(axis)
    found: dict[str, None] = {}
    missing: list[NotFoundError] = []
    for text in texts:
        names, without = selection.find(text)
        found |= dict.fromkeys(names)
        missing += without
    if request.all_metrics:
        found |= dict.fromkeys(selection.all())
    if not found:
        raise missing[0] if missing else UsageError("--metrics names no metric", hint="give names, or --all-metrics")
    if len(found) > _MANY and not (request.many or request.is_one_figure or request.dry_run):
        raise UsageError(f"that would draw {len(found)} figures", hint="choose with --metrics, or confirm with --yes")
    return list(found), missing


def _draw(
    folder: OutputFolder,
    name: str,
    metrics: Sequence[str],
    histories: Histories,
    request: FigureRequest,
    renderer: Renderer,
    listener: Listener,
) -> tuple[OutputFile, Sequence[str]]:
    """The figure's file, and what could be done better about it."""
    path = folder.path / name
    try:
        assembled = assemble(metrics, histories, request.options)
        for warning in assembled.warnings:
            listener.warn(warning)
        entry = figure_entry(assembled, metrics, request, renderer)
        producer = producer_of(assembled, entry, renderer, [run for run, _ in histories], request, listener.warn)
        action = folder.store(name, producer, entry)
    except (WandbPlotError, OSError) as error:
        return OutputFile.failed(path, {"metrics": list(metrics)}, error), ()
    return OutputFile(path, action, {"metrics": list(metrics), "alt": assembled.document["alt"]}), assembled.hints


def _write_report(folder: OutputFolder, runs: Sequence[Run]) -> OutputFile:
    page = render_report(read_metadata(folder.path).document, runs)

    def produce(path: Path) -> None:
        path.write_text(page, encoding="utf-8", newline="\n")

    path = folder.path / REPORT
    try:
        return OutputFile(path, folder.store(REPORT, produce), {"kind": "report"})
    except MachineError as error:
        return OutputFile(path, "failed", {"kind": "report"}, error)
