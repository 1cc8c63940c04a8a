"""What a log says of its run's environment: machine, program and commit, under the names of `wandb-metadata.json`.

Field numbers are those of `wandb_internal.proto`, https://github.com/wandb/wandb/tree/main/wandb/proto.
"""

from typing import Any

from wandb_plot.sources.log.format.protobuf import decode_message
from wandb_plot.sources.log.format.transaction_log import LogEnds, RecordKind

# Of the record: text, numbers, and messages with the texts and numbers in them.
_ARGS = 5
_NAMES = {
    1: "os", 2: "python", 4: "docker", 6: "program", 7: "codePath", 11: "root", 12: "host", 14: "executable",
    15: "colab", 16: "cpu_count", 17: "cpu_count_logical", 18: "gpu", 19: "gpu_count", 25: "cudaVersion",
}  # fmt: skip
_MESSAGES = {
    9: ("git", {1: "remote", 2: "commit"}),
    21: ("memory", {1: "total"}),
    22: ("cpu", {1: "count", 2: "countLogical", 3: "model"}),
}
# Of the record of the run, where older SDKs note the commit.
_GIT_OF_RUN = 21


def read_environment(log: LogEnds) -> dict[str, Any]:
    """What the SDK noted, later records over earlier ones; empty where it noted nothing."""
    environment: dict[str, Any] = {}
    for run in log.messages(RecordKind.RUN):
        for git in decode_message(run).get(_GIT_OF_RUN, []):
            if isinstance(git, bytes) and (noted := _values(git, _MESSAGES[9][1])):
                environment["git"] = noted
    for record in log.messages(RecordKind.ENVIRONMENT):
        environment |= _values(record, _NAMES)
        fields = decode_message(record)
        if args := [value.decode("utf-8", "replace") for value in fields.get(_ARGS, []) if isinstance(value, bytes)]:
            environment["args"] = args
        for number, (name, names) in _MESSAGES.items():
            for message in fields.get(number, []):
                if isinstance(message, bytes):
                    environment[name] = environment.get(name, {}) | _values(message, names)
    return environment


def _values(message: bytes, names: dict[int, str]) -> dict[str, Any]:
    """The last text or number of each named field."""
    last = {number: values[-1] for number, values in decode_message(message).items() if number in names}
    return {
        names[number]: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for number, value in last.items()
    }
