"""How often, and for how long, wandb-core tries again what failed; `client/retries.py` tries again what it gives up."""

import math

_LONGEST_WAIT = 4
_MOST_RETRIES = 4


def retry_settings(timeout: float) -> dict[str, str]:
    """Environment variables that limit the retries of wandb-core, which could go on for hours.

    It waits whole seconds, doubled each time, or what `Retry-After` says.
    """
    retries = max(0, min(_MOST_RETRIES, int(math.log2(1 + timeout / 2))))
    return {"WANDB_HTTP_TIMEOUT": str(math.ceil(timeout))} | {
        f"WANDB_X_{requests}_RETRY_{limit}": str(value)
        for requests in ("GRAPHQL", "FILE_TRANSFER")
        for limit, value in (("MAX", retries), ("WAIT_MIN_SECONDS", 1), ("WAIT_MAX_SECONDS", _LONGEST_WAIT))
    }
