"""The environment of the client process: the user's own configuration, folders of ours, and limits to retries."""

import configparser
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from wandb_plot.errors import UsageError
from wandb_plot.sources.server.retry_limits import retry_settings

DEFAULT_SERVER = "https://api.forge.coreweave.com"

_SETTINGS = "settings"

# Variables that configure server and account. All others of WANDB_* are of a run that is being recorded.
_KEPT = {
    "WANDB_API_KEY",
    "WANDB_IDENTITY_TOKEN_FILE",
    "WANDB_CREDENTIALS_FILE",
    "WANDB_ENTITY",
    "WANDB_APP_URL",
    "WANDB_HTTP_PROXY",
    "WANDB_HTTPS_PROXY",
    "WANDB__PROXIES",
    "WANDB_X_PROXIES",
    "WANDB_INSECURE_DISABLE_SSL",
    "WANDB_X_EXTRA_HTTP_HEADERS",
}
_FILES = ("WANDB_IDENTITY_TOKEN_FILE", "WANDB_CREDENTIALS_FILE", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR")
_FOLDERS = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "WANDB_ARTIFACT_DIR", "TMPDIR")


def server_address(environ: Mapping[str, str] = os.environ) -> str:
    """The API address of the configured server: `WANDB_BASE_URL`, else the one `wandb login` noted, else W&B's own.

    Raises:
        UsageError: it is no http or https address.
    """
    address = (environ.get("WANDB_BASE_URL") or _noted_address(environ) or DEFAULT_SERVER).rstrip("/")
    with suppress(ValueError):
        url = urlsplit(address)
        if url.scheme in ("http", "https") and url.hostname:
            return address
    raise UsageError(
        f"WANDB_BASE_URL is no http or https address: {address!r}", hint="it is such as https://wandb.example.com"
    )


def client_environment(environ: Mapping[str, str], folder: Path, server: str, timeout: float) -> dict[str, str]:
    """The environment for a client process.

    Only the user's own configuration counts: their variables, and the settings file in their home. Whatever the client
    would find in the current folder may have been downloaded, and could name a proxy that gets the key.

    Args:
        environ: that of this process; it is left as it is.
        folder: where everything goes that the client writes; its folders are made.
        server: API address of the server that gets the key.
        timeout: seconds after which a command gives up; the client retries within them.
    """
    made = {name: value for name, value in environ.items() if name in _KEPT or not name.startswith("WANDB_")}
    # The client process has another current folder.
    made |= {name: os.path.abspath(made[name]) for name in _FILES if made.get(name) and made[name][0] != "~"}  # noqa: PTH100 -- it keeps `..` after links as it is
    if made.get("PYTHONPATH"):
        made["PYTHONPATH"] = os.pathsep.join(
            os.path.abspath(entry)  # noqa: PTH100 -- as above
            for entry in made["PYTHONPATH"].split(os.pathsep)
            if entry
        )
    for variable in _FOLDERS:
        private = folder / variable.lower()
        private.mkdir()
        made[variable] = str(private)
    with suppress(OSError):
        shutil.copyfile(_settings_file(environ), Path(made["WANDB_CONFIG_DIR"]) / _SETTINGS)
    if os.path.expanduser("~") == "~":  # noqa: PTH111 -- it never raises, also where there is no home at all
        # Users of containers may have none, but the client looks for credentials in one.
        made["HOME"] = str(folder)
    ours = {"WANDB_BASE_URL": server, "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
    return made | ours | retry_settings(timeout)


def _settings_file(environ: Mapping[str, str]) -> Path:
    """The user's own settings file; without a home, a path that doesn't exist."""
    folder = environ.get("WANDB_CONFIG_DIR") or "~/.config/wandb"
    path = os.path.expanduser(folder)  # noqa: PTH111 -- as above
    return Path(os.devnull if path.startswith("~") else path) / _SETTINGS


def _noted_address(environ: Mapping[str, str]) -> str | None:
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(_settings_file(environ), encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return None
    return settings.get("default", "base_url", fallback=None)
