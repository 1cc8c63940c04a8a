"""The client process as this one sees it: started, asked, waited for within the time limit, and ended."""

import logging
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, cast

from wandb_plot.errors import MachineError, ServerError, WandbPlotError
from wandb_plot.sources.server.messages import Message, error_from, read, write
from wandb_plot.sources.source_protocol import Warn

# Importing the client takes a second, from a cold network disk many more. It is not the server that is slow then.
_STARTS_WITHIN = 120
_ENDS_WITHIN = 2
_PASS_WARNINGS_ON_EVERY = 0.5
_LAST_LINES = 20
_LONGEST_LINE = 2_000

# What Go and Python print last when memory runs out.
_OUT_OF_MEMORY = re.compile(r"out of memory|cannot allocate memory|^MemoryError")

_logger = logging.getLogger(__name__)


class ClientProcess:
    """A process in which the W&B client runs, apart from this one; safe to ask from several threads.

    Args:
        opening: the first message that it gets: what is to be read there.
        environment: all of its environment.
        folder: its current folder, empty.
        timeout: seconds of silence after which it is given up, and killed.
        warn: told what the user should know, in a thread that asks.
    """

    def __init__(
        self, opening: Mapping[str, Any], *, environment: Mapping[str, str], folder: Path, timeout: float, warn: Warn
    ) -> None:
        self._server: str = opening["server"]
        self._timeout = timeout
        self._warn = warn
        self._numbers = count()
        self._sending = threading.Lock()
        self._waiting: dict[int, Future[Message]] = {}
        self._warnings: SimpleQueue[str] = SimpleQueue()
        self._trouble: WandbPlotError | None = None
        self._end: WandbPlotError | None = None
        self._is_ready = False
        self._heard_at = time.monotonic()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = start_client(environment, folder)
        self._draining = threading.Thread(target=self._drain, daemon=True)
        self._draining.start()
        threading.Thread(target=self._listen, daemon=True).start()
        self._send(opening)

    def ask(self, method: str, **arguments: Any) -> Message:
        """The answer to one question.

        Raises:
            WandbPlotError: the client process raised it, was silent for too long, or ended.
        """
        _logger.debug("asking for %s: %s", method, arguments)
        number = next(self._numbers)
        answer = self._waiting[number] = Future()
        try:
            self._send({"number": number, "method": method, "arguments": arguments})
            return self._wait_for(answer)
        finally:
            del self._waiting[number]

    def close(self) -> None:
        """End the process, and soon wandb-core with it; what is under way fails."""
        is_idle = self._is_ready and not self._waiting
        self._fail_all(MachineError("the source is closed", hint="open it again", code="environment"))
        with suppress(OSError):
            cast("BinaryIO", self._process.stdin).close()
        if is_idle:
            # It ends by itself where no question can come any more.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDS_WITHIN)
        self._process.kill()
        self._process.wait()
        if not is_idle:
            # It may be about to write a file, and makes the folder for it.
            self.wait_for_core()

    def wait_for_core(self) -> None:
        """Wait until wandb-core has ended too, which it does when it sees that the process has, in a tenth of a second.

        It has the other end of stderr open until then.
        """
        self._draining.join(_ENDS_WITHIN)

    def _send(self, message: Mapping[str, Any]) -> None:
        # Where the process has ended, the listener says so.
        with suppress(OSError, ValueError), self._sending:
            write(cast("BinaryIO", self._process.stdin), message)

    def _wait_for(self, answer: "Future[Message]") -> Message:
        asked_at = time.monotonic()
        while True:
            if self._end and not answer.done():
                raise self._end
            limit = self._timeout if self._is_ready else max(self._timeout, _STARTS_WITHIN)
            remaining = max(asked_at, self._heard_at) + limit - time.monotonic()
            wait([answer], timeout=min(max(0, remaining), _PASS_WARNINGS_ON_EVERY))
            self._pass_warnings_on()
            if answer.done():
                return answer.result()
            if remaining <= 0:
                self._fail_all(self._timeout_error(limit))
                self._process.kill()

    def _timeout_error(self, limit: float) -> WandbPlotError:
        if not self._is_ready:
            return MachineError(f"the W&B client did not start within {limit:g} seconds", code="environment")
        return self._trouble or ServerError(
            f"{self._server} gave nothing for {limit:g} seconds",
            hint="wait longer with --timeout SECONDS",
            code="timeout",
        )

    def _fail_all(self, error: WandbPlotError) -> None:
        """Have what is asked, and what will be, fail with `error`; only the first counts."""
        self._end = self._end or error
        for answer in list(self._waiting.values()):
            with suppress(InvalidStateError):
                answer.set_exception(self._end)

    def _pass_warnings_on(self) -> None:
        with suppress(Empty):
            while True:
                self._warn(self._warnings.get_nowait())

    def _listen(self) -> None:
        with cast("BinaryIO", self._process.stdout) as stream:
            while message := read(stream):
                self._hear(message)
        self._fail_all(self._ended_error())

    def _hear(self, message: Message) -> None:
        fields = message.fields
        if "warning" in fields:
            self._warnings.put(fields["warning"])
            return
        if "trouble" in fields:
            # No answer came, but this tells why it takes so long.
            self._trouble = error_from(fields["trouble"])
            _logger.debug("asked again: %s", self._trouble.message)
            return
        self._heard_at = time.monotonic()
        self._trouble = None
        self._is_ready = True
        if "fatal" in fields:
            self._fail_all(error_from(fields["fatal"]))
        elif answer := self._waiting.get(fields.get("number", -1)):
            with suppress(InvalidStateError):  # given up a moment ago
                if "error" in fields:
                    answer.set_exception(error_from(fields["error"]))
                else:
                    answer.set_result(message)

    def _drain(self) -> None:
        """Read what the client and wandb-core write to stderr, so that neither is held up, and keep the end of it."""
        with cast("BinaryIO", self._process.stderr) as stream:
            while line := stream.readline(_LONGEST_LINE):
                text = line.decode(errors="replace").rstrip()
                _logger.debug("client: %s", text)
                self._last_lines.append(text)
                if _OUT_OF_MEMORY.search(text):
                    self._fail_all(_too_large(self._server))

    def _ended_error(self) -> MachineError:
        code = self._process.wait()
        self._draining.join(_ENDS_WITHIN)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        last = next((line for line in reversed(self._last_lines) if line.strip()), "")
        return MachineError(
            f"the process of the W&B client {how}" + (f": {last}" if last else ""),
            hint="ask for less at once, or look closer with -v",
            code="environment",
        )


def start_client(environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a client process with just this environment, in `folder`."""
    # A session of its own has no terminal: nobody is prompted, and Ctrl-C is for this process alone to handle.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "wandb_plot.sources.server.client"],
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _too_large(server: str) -> MachineError:
    return MachineError(
        f"an answer of {server} takes more memory than one process may have here",
        hint="ask for less at once, such as fewer runs (--limit)",
        code="environment",
    )
