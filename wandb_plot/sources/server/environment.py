"""The environment that the W&B client finds: folders of our own, a bound on its patience, and no telemetry."""

import configparser
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from wandb_plot.errors import UsageError
from wandb_plot.sources.server.calls import retry_settings

DEFAULT_SERVER = "https://api.forge.coreweave.com"

_SETTINGS = "settings"


def server_address(environ: Mapping[str, str] = os.environ) -> str:
    """The API address of the configured server: `WANDB_BASE_URL`, else the one `wandb login` noted, else W&B's own.

    Raises:
        UsageError: it is no http or https address.
    """
    address = (environ.get("WANDB_BASE_URL") or _noted_address(environ) or DEFAULT_SERVER).rstrip("/")
    with suppress(ValueError):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname:
            return address
    raise UsageError(
        f"WANDB_BASE_URL is no http or https address: {address!r}", hint="it is such as https://wandb.example.com"
    )


@cache
def private_folder() -> Path:
    """A folder of this process alone, for what the client writes."""
    return Path(tempfile.mkdtemp(prefix="wandb-plot-"))


def prepare(server: str, timeout: float) -> None:
    """Set the environment of this process up for the client, which reads it when it is imported.

    The client's own folders may be read-only, hold histories that have gone stale, or belong to a run that is being
    recorded right now.

    Args:
        server: API address of the server that gets the key.
        timeout: seconds after which a command gives up; the client retries within them.
    """
    own_settings = _config_folder(os.environ) / _SETTINGS
    for variable in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        folder = private_folder() / variable.lower()
        folder.mkdir(parents=True, exist_ok=True)
        if variable == "WANDB_CONFIG_DIR" and own_settings.parent != folder:
            with suppress(OSError):
                shutil.copyfile(own_settings, folder / _SETTINGS)
        os.environ[variable] = str(folder)
    if os.path.expanduser("~") == "~":  # noqa: PTH111 -- as below
        # Users of containers may have no home at all, but the client looks for credentials in one.
        os.environ["HOME"] = str(private_folder())
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    os.environ["WANDB_BASE_URL"] = server
    os.environ["WANDB_SILENT"] = "true"
    # The service process of a run that this command was started from has other folders, and may end at any time.
    os.environ.pop("WANDB_SERVICE", None)
    os.environ.update(retry_settings(timeout))


def remove_private_folder() -> None:
    """Remove what the client wrote; its service process may be writing still."""
    shutil.rmtree(private_folder(), ignore_errors=True)


def _config_folder(environ: Mapping[str, str]) -> Path:
    folder = environ.get("WANDB_CONFIG_DIR") or "~/.config/wandb"
    return Path(os.path.expanduser(folder))  # noqa: PTH111 -- it never raises, also where there is no home at all


def _noted_address(environ: Mapping[str, str]) -> str | None:
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(_config_folder(environ) / _SETTINGS, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return None
    return settings.get("default", "base_url", fallback=None)
