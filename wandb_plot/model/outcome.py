"""What `download`, `generate` and `history` have done: the files that were written, and those that failed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NotRequired, Self, TypedDict, cast

from wandb_plot.errors import MachineError, NotFoundError, PartialError, WandbPlotError

Action = Literal["written", "unchanged", "failed", "planned"]


class FileFacts(TypedDict, total=False):
    """What `--json` says of a file beside where it is.

    `metrics` and `alt` of a figure, `kind` of the report, `run_id` and `run_name` of a run's history, `source`, `step`
    and `caption` of a download.
    """

    run_id: str
    run_name: str
    kind: str
    metrics: list[str]
    alt: str
    source: str
    step: int
    caption: str


class ErrorDocument(TypedDict):
    """Why a file failed."""

    code: str
    message: str


class FileDocument(FileFacts):
    """One of the `files` of an outcome."""

    path: str
    action: Action
    error: NotRequired[ErrorDocument]


class OutcomeDocument(TypedDict):
    """The `--json` output of `download` and `generate`, and of `history` into a folder."""

    output: str
    files: list[FileDocument]
    metadata: str | None


@dataclass(frozen=True)
class OutputFile:
    """One file of a command's output.

    Attributes:
        path: where it is, or would have been.
        action: what happened to it; `planned` in a dry run.
        facts: what else `--json` says of it.
        error: why it failed.
    """

    path: Path
    action: Action
    facts: FileFacts = field(default_factory=FileFacts)
    error: WandbPlotError | None = None

    @classmethod
    def failed(cls, path: Path, facts: FileFacts, error: WandbPlotError | OSError, *, name: str = "") -> Self:
        """A file that could not be made.

        Args:
            path: where it would have been.
            facts: as above.
            error: why. What the system says becomes a `MachineError`.
            name: what that speaks of; the path where it is empty.
        """
        if isinstance(error, OSError):
            error = MachineError(f"{name or path}: {error.strerror or error}")
        return cls(path, "failed", facts, error)

    def document(self) -> FileDocument:
        """Its entry in the `--json` output."""
        document = cast("FileDocument", {"path": str(self.path), "action": self.action, **self.facts})
        if self.error:
            document["error"] = {"code": self.error.code, "message": self.error.message}
        return document


@dataclass(frozen=True)
class Outcome:
    """All files of one command.

    Attributes:
        folder: the output folder.
        files: in the order of their names.
        metadata: the path of metadata.json; None where nothing was written.
        missing: what was asked for and is nowhere.
    """

    folder: Path
    files: Sequence[OutputFile]
    metadata: Path | None = None
    missing: Sequence[NotFoundError] = ()

    def document(self) -> OutcomeDocument:
        """The `--json` output."""
        return {
            "output": str(self.folder),
            "files": [file.document() for file in self.files],
            "metadata": str(self.metadata) if self.metadata else None,
        }

    def errors(self) -> list[WandbPlotError]:
        """Everything that failed or is missing."""
        return [*(file.error for file in self.files if file.error), *self.missing]

    def failure(self) -> WandbPlotError | None:
        """The error to end the command with: partial where some files were made, else the first; None without any."""
        errors = self.errors()
        made = sum(file.action != "failed" for file in self.files)
        if not errors:
            return None
        if not made:
            return errors[0]
        return PartialError(
            f"{len(errors)} of {len(errors) + made} failed: {'; '.join(error.message for error in errors[:3])}",
            hint=errors[0].hint,
            candidates=errors[0].candidates,
        )

    def raise_for_failures(self) -> None:
        """Raise the error to end with, if anything failed."""
        failure = self.failure()
        if failure is not None:
            raise failure
