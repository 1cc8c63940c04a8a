"""Headless Chromium, driven by the DevTools protocol over a pair of pipes: no driver, and no port to listen on."""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")

_SECONDS = 30
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # containers have none; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # A page that wants the network fails at once, here and where there is one.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Chromium:
    """A running browser with at most one open tab; a context manager.

    Attributes:
        events: what the tab has reported so far, in order: `{"method": ..., "params": ...}`.

    Args:
        profile: an empty folder, for everything that it writes.
    """

    def __init__(self, profile: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self._calls = 0
        self._tab = self._session = ""
        self._received = bytearray()
        # Chromium reads from descriptor 3 and writes to 4; both ends of ours are moved out of their way.
        theirs_in, ours_out = map(_moved_up, os.pipe())
        ours_in, theirs_out = map(_moved_up, os.pipe())
        self._in, self._out = ours_in, ours_out
        log = os.open(profile / "stderr", os.O_CREAT | os.O_WRONLY, 0o600)
        self._process = os.posix_spawn(
            str(PROGRAM),
            [str(PROGRAM), *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ | {"HOME": str(profile)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ],
        )
        for descriptor in (theirs_in, theirs_out, log):
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._in)
        os.close(self._out)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and return what it answers.

        Raises:
            RuntimeError: the browser refuses.
            TimeoutError: it says nothing for half a minute.
        """
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") != self._calls:
                self._note(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return dict(answer["result"])

    def open(
        self, address: str, size: tuple[int, int], *, scheme: str = "light", medium: str = "", scripts: bool = True
    ) -> None:
        """Load a page in a tab of its own, and close the one of before.

        Args:
            address: of the page.
            size: width and height of the window, in CSS pixels.
            scheme: the colours that the user prefers, `light` or `dark`.
            medium: `print` for a page as it is printed.
            scripts: whether the page may run any.
        """
        width, height = size
        self._session, former = "", self._tab
        self._tab = self.call("Target.createTarget", url="about:blank")["targetId"]
        if former:
            self.call("Target.closeTarget", targetId=former)
        self._session = self.call("Target.attachToTarget", targetId=self._tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < height
        )
        colors = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[colors])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.call("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._note(self._receive())

    def evaluate(self, expression: str, *, frame: int | None = None) -> Any:
        """The value of a JavaScript expression; of a promise, what it is fulfilled with.

        Args:
            expression: the JavaScript.
            frame: number of the frame of the page in which to evaluate it; None for the page itself.

        Raises:
            RuntimeError: it throws.
        """
        where = {} if frame is None else {"contextId": self._world_within(frame)}
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, **where)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def type(self, text: str) -> None:
        """Put text into the focused field, as a keyboard does."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key that has a name, such as `Tab`, 9."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self) -> bytes:
        """The whole page as a PNG."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def requested(self) -> list[str]:
        """The addresses that the page has asked for so far."""
        return [
            event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the console shows: errors, warnings, exceptions, and refusals by the page's own policy."""
        methods = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in methods]

    def _world_within(self, frame: int) -> int:
        """A world of scripts within a frame, whatever the frame's origin."""
        tree = self.call("Page.getFrameTree")["frameTree"]["childFrames"]
        world = self.call("Page.createIsolatedWorld", frameId=tree[frame]["frame"]["id"])
        return int(world["executionContextId"])

    def _note(self, event: dict[str, Any]) -> None:
        # Tabs that were closed have their last words late.
        if event.get("sessionId") == self._session:
            self.events.append(event)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._in], [], [], _SECONDS)
            part = os.read(self._in, 1 << 16) if ready else b""
            if not part:
                raise TimeoutError("chromium " + ("has ended" if ready else f"said nothing for {_SECONDS} s"))
            self._received += part
        message, _, rest = bytes(self._received).partition(b"\0")
        self._received = bytearray(rest)
        return dict(json.loads(message))


def _moved_up(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
