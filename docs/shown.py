"""Command lines with what they print, for the pages that cog writes: on the study of 18 runs that the tests read.

It is there as `./wandb`, with an image of one run, and on a test server as acme/vision.
"""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import cog

from tests.running import private_environment, run_here
from tests.server import TestServer
from tests.study import study_contents, write_study

# One pixel.
_IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff56c72f0d0000000049454e44ae426082"
)
_kept = TemporaryDirectory()
FOLDER = Path(_kept.name)


def _write_runs() -> None:
    files = next(write_study(FOLDER).glob("*-s01")) / "files" / "media" / "images"
    files.mkdir(parents=True)
    (files / "confusion_199.png").write_bytes(_IMAGE)


def show(line: str) -> None:
    """Write a command line and what it prints, first on stdout, then on stderr."""
    _show(line, {}, "")


def show_served(line: str) -> None:
    """Likewise of a command that asks a server, whose address has another port every time."""
    with TestServer(study_contents()) as server:
        _show(line, server.env, server.url)


def _show(line: str, env: dict[str, str], address: str) -> None:
    done = run_here(*shlex.split(line)[1:], env=private_environment(FOLDER / "home") | env, cwd=FOLDER)
    text = (done.stdout + done.stderr).rstrip()
    cog.outl(f"\n```console\n$ {line}\n{text.replace(address, 'https://wandb.example') if address else text}\n```\n")


_write_runs()
