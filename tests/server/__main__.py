"""`python -m tests.server`: serve the samples until Ctrl-C."""

import argparse
import shlex
import threading

from tests.server.samples import sample_contents
from tests.server.server import TestServer


def main() -> None:
    """Start, say what to export, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.server", description="Serve sample runs as W&B would.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any that is free")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="how much longer each answer takes"
    )
    options = parser.parse_args()
    with TestServer(sample_contents(), port=options.port) as server:
        server.latency = options.latency
        try:
            print(f"# {server.url} serves acme/vision until Ctrl-C; in another shell:")  # noqa: T201 - what it is for
            for name, value in server.env.items():
                print(f"export {name}={shlex.quote(value)}", flush=True)  # noqa: T201
            threading.Event().wait()
        except KeyboardInterrupt:
            print()  # noqa: T201


if __name__ == "__main__":
    main()
