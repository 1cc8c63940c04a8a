"""The boundary: runs the command group, maps every way out to a message and an exit code, and ends the process."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click

from wandb_plot.cli import cli
from wandb_plot.console import Console
from wandb_plot.errors import FULL_DISK, MachineError, UsageError, WandbPlotError

_INTERRUPTED = 130
_TERMINATED = 143


class _Terminated(BaseException):
    """SIGTERM arrived; unwinding removes what is half done."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; what it failed of was said on stderr."""
    words = list(arguments)
    options = words[: words.index("--")] if "--" in words else words
    # Click reads the options too, but a usage error may come before it got that far.
    console = Console(json="--json" in options, debug="--debug" in options)
    try:
        cli.main(words, prog_name="wandb-plot", standalone_mode=False, obj=console)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return UsageError.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.warn("interrupted; what was done stays valid")
        return _INTERRUPTED
    except _Terminated:
        console.warn("terminated; what was done stays valid")
        return _TERMINATED
    except (BrokenPipeError, SystemExit):
        # Whoever read stdout has had enough, as `head` does. Nothing failed; but click makes it a SystemExit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 -- the boundary: everything becomes a message and a code
        if console.debug:
            traceback.print_exc()
        known = _explain(error)
        console.error(known)
        return known.exit_code
    return 0


def main() -> NoReturn:
    """Run the command line and end the process."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or MachineError.exit_code
    # The teardown of the wandb client waits for its service process without limit, and hangs now and then.
    # Everything is closed and flushed here, so nothing is lost by not waiting for it.
    os._exit(code)


def _explain(error: Exception) -> WandbPlotError:
    if isinstance(error, WandbPlotError):
        return error
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "wandb-plot"
        return UsageError(error.format_message(), hint=f"see {command} --help")
    if isinstance(error, click.ClickException):
        return UsageError(error.format_message())
    if isinstance(error, OSError) and error.errno is not None:
        name = f"{error.filename}: " if error.filename else ""
        full = error.errno in FULL_DISK
        hint = "free some space" if full else "check the path and its permissions"
        return MachineError(f"{name}{os.strerror(error.errno)}", hint=hint)
    if isinstance(error, MemoryError):
        return MachineError("out of memory", hint="ask for fewer metrics, or a smaller --size", code="environment")
    return WandbPlotError(
        f"this is a defect of wandb-plot: {type(error).__name__}: {error}",
        hint="please report it, with the traceback that --debug shows",
    )


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


if __name__ == "__main__":
    main()
