"""A project with a run of each kind that a client has to cope with."""

import math
import random
import struct
import zlib
from datetime import timedelta
from typing import Any

from tests.server.contents import BEGINNING, Contents, Row, RunContents


def png(width: int, height: int, shade: int) -> bytes:
    """A grey picture of one `shade`, 0 to 255."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = (b"\0" + bytes([shade]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def image(key: str, step: int, content: bytes) -> tuple[str, Row]:
    """The name under which a run keeps an image, and what its history says of it."""
    name = f"media/images/{key}_{step}_{zlib.crc32(content):08x}.png"
    said = {"_type": "image-file", "path": name, "size": len(content), "format": "png", "width": 8, "height": 8}
    return name, said | {"caption": f"{key} at {step}"}


def axes(step: int, seconds: float = 0.5) -> Row:
    """What every row of a history holds."""
    runtime = step * seconds
    return {"_step": step, "_runtime": runtime, "_timestamp": BEGINNING.timestamp() + runtime}


def training(steps: int, seed: int, stride: int = 1) -> list[Row]:
    """A loss at every row with one spike, an accuracy at every tenth, and a nested learning rate."""
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    rows = []
    for index in range(steps):
        loss = 2.5 * math.exp(-3 * index / steps) + 0.05 * chance.random() + (50.0 if index == steps // 3 else 0.0)
        row: Row = axes(index * stride) | {"train": {"loss": loss, "lr": 0.1 * (1 - index / steps)}}
        if index % 10 == 9:
            row["val/accuracy"] = 1 - 1 / (1 + index / 50)
        rows.append(row)
    return rows


def system_stream(count: int) -> list[Row]:
    """Processor and memory every 15 seconds."""
    return [
        {
            "_wandb": True,
            "_runtime": 15.0 * index,
            "_timestamp": BEGINNING.timestamp() + 15.0 * index,
            "system.cpu": 50 + 30 * math.sin(index / 5),
            "system.memory": 40 + index / 10,
        }
        for index in range(count)
    ]


def _hours(count: int) -> Any:
    return BEGINNING + timedelta(hours=count)


def exported() -> RunContents:
    """Finished, its history in two exports."""
    rows, pictures = training(4_000, 1), [image("roc", step, png(8, 8, step % 256)) for step in range(0, 4_000, 500)]
    files = {}
    for index, (name, said) in enumerate(pictures):
        rows[index * 500]["roc"] = said
        files[name] = png(8, 8, index * 500 % 256)
    return RunContents(
        "exported",
        "baseline",
        created_at=_hours(1),
        config={"lr": 0.1, "batch_size": 32, "optimizer": {"name": "sgd", "momentum": 0.9}},
        tags=["baseline"],
        group="first",
        rows=rows,
        events=system_stream(130),
        files=files | {"output.log": b"done\n", "config.yaml": b"lr: 0.1\n"},
        exports=[(0, 2_500), (2_500, 4_000)],
    )


def growing() -> RunContents:
    """Running, three quarters exported, the rest live."""
    rows = training(2_000, 2)
    config = {"lr": 0.01, "batch_size": 32}
    return RunContents(
        "growing", "longer", "running", _hours(2), config, rows=rows, events=system_stream(66), exports=[(0, 1_500)]
    )


def sparse() -> RunContents:
    """Crashed, nothing exported, steps that jump by ten."""
    return RunContents(
        "sparse", "every tenth", "crashed", _hours(3), {"lr": 1.0}, tags=["baseline"], rows=training(300, 3, stride=10)
    )


def diverged() -> RunContents:
    """Failed, with NaN and infinities, a picture, and a metric that was words at first."""
    content = png(8, 8, 200)
    name, said = image("weights", 40, content)
    rows = [
        axes(step) | {"loss": 1.0 + step / 10, "phase": "warm-up" if step < 20 else step / 100} for step in range(60)
    ]
    for step in range(40, 60):
        rows[step]["loss"] = math.nan
    rows[39]["loss"], rows[38]["loss"] = math.inf, -math.inf
    rows[40]["weights"] = said
    return RunContents(
        "diverged", "baseline", "failed", _hours(4), {"lr": 10.0}, rows=rows, files={name: content}, exports=[(0, 50)]
    )


def empty() -> RunContents:
    """Crashed before it logged anything."""
    return RunContents("empty", "stillborn", "crashed", _hours(5), {"lr": 0.1})


def wide() -> RunContents:
    """150 metrics, exported."""
    rows = [
        axes(step) | {f"layer{layer:03}/norm": math.sin(step / 20 + layer) for layer in range(150)}
        for step in range(200)
    ]
    return RunContents("wide", "every layer", created_at=_hours(6), config={"lr": 0.1}, rows=rows, exports=[(0, 200)])


def sample_contents() -> Contents:
    """The entity `acme` with the project `vision`: one run of each kind."""
    return Contents.of(exported(), growing(), sparse(), diverged(), empty(), wide())
