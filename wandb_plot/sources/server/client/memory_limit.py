"""How much memory the client may take: part of what the machine has, or the container where that has less."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# A client needs so much whatever the machine has.
_LEAST = 1 << 30
# Where Linux says the limit of a container: cgroups of version 2, and of version 1.
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def limit_memory() -> None:
    """Have this process, and wandb-core, fail before an answer takes all memory.

    What is limited is data, not addresses: wandb-core reserves many more of those than it uses.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    half = max(available_memory() // 2, _LEAST)
    wanted = [limit for limit in (half, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(wanted), hard))


def available_memory() -> int:
    """Bytes that the machine has, or the container that this process runs in."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_container_limits()])


def _container_limits() -> Iterator[int]:
    for path in _CGROUP_LIMITS:
        # Without a limit it says `max`, or there is no such file.
        with suppress(OSError, ValueError):
            yield int(path.read_text())
