"""The W&B client itself: imported, started, logged in. No other module of this package imports wandb."""

import sys
import threading
from contextlib import suppress
from typing import Any

from wandb_plot.errors import MachineError
from wandb_plot.sources.server.client.errors import not_logged_in
from wandb_plot.sources.server.client.retries import ServerCalls

_starts: list[threading.Thread] = []


def connect(calls: ServerCalls, server: str, timeout: float, entity: str | None) -> Any:
    """The client, logged in; without any credentials where there are none, as public projects can be read so.

    Raises:
        AccessError: the server refuses the credentials, or only they could say whose projects are meant.
        ServerError: it can't be reached.
        MachineError: the client is missing.
    """
    import_client()
    for start in _starts:
        # The client isn't made for two threads that start wandb-core: one of them may wait for it in vain.
        start.join()
    # What a run logged may be an integer of thousands of digits, and one such run must not hide the others.
    sys.set_int_max_str_digits(0)
    import wandb
    from wandb.errors import AuthenticationError
    from wandb.sdk.lib import wbauth

    try:
        credentials = wbauth.authenticate_session(
            host=server, source="wandb-plot", no_offline=True, prompt=False, update_session=False
        )
    except (AuthenticationError, ValueError) as error:
        raise not_logged_in(str(error)) from None
    overrides = {"base_url": server} | ({"entity": entity} if entity else {})
    # Our time limit ends before the client's own, and has a message of its own.
    client_timeout = int(timeout) + 5
    if credentials is None:
        calls.is_anonymous = True
        if entity is None:
            raise not_logged_in(f"there is no API key for {server}, and PROJECT names no entity")
        return _anonymous_api(overrides, client_timeout)
    return calls(lambda: wandb.Api(overrides=overrides, timeout=client_timeout))


def _anonymous_api(overrides: dict[str, str], client_timeout: int) -> Any:
    """The client without credentials, which it doesn't offer by itself: it would prompt for some."""
    import wandb
    from wandb.sdk.lib import wbauth

    class AnonymousApi(wandb.Api):
        def _load_auth(self, base_url: str) -> wbauth.Auth:
            # Credentials of this kind aren't verified at once, and their file is never read.
            return wbauth.AuthIdentityTokenFile(host=base_url, path="none", credentials_file="none")

    api = AnonymousApi(overrides=overrides, timeout=client_timeout)
    wbauth.set_auth_settings(api._service_api._settings, None)  # noqa: SLF001 -- it connects with these, later
    return api


def import_client() -> None:
    """Import wandb, which takes most of a second.

    Raises:
        MachineError: it can't be imported, or is incomplete.
    """
    try:
        import wandb  # noqa: F401 -- loaded here so that a failure gets our message
        from wandb.errors import WandbCoreNotAvailableError
        from wandb.util import get_core_path
    except ImportError as error:
        raise MachineError(
            f"the wandb package can't be imported: {error}", hint="pip install wandb", code="environment"
        ) from error
    try:
        get_core_path()
    except WandbCoreNotAvailableError as error:
        raise MachineError(f"the wandb package lacks its service process: {error}", code="environment") from error


def start_core() -> None:
    """Start wandb-core while the rest is imported, which saves half a second.

    Raises:
        MachineError: the client is missing.
    """
    import_client()
    from wandb.sdk import wandb_setup

    def start() -> None:
        with suppress(Exception):  # the first call tries again, and fails for its caller
            wandb_setup.singleton().ensure_service()

    _starts.append(threading.Thread(target=start, daemon=True))
    _starts[-1].start()
    import wandb.apis.public  # noqa: F401 -- so that it is there once it is wanted
