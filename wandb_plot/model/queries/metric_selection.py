"""Which metrics are meant: exact names before lists, lists before globs; and what to say where none is."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.metrics import MIXED, NUMERIC, SYSTEM_PREFIX, type_of

_SHOWN = 8

# W&B's pages write the system stream's metrics so.
_SYSTEM_ALIAS = "system/"


def merge_types(types: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The type of each metric over several runs: where they differ, that of a metric logged as all of them."""
    found: dict[str, set[str]] = {}
    for of_run in types:
        for name, logged_as in of_run.items():
            found.setdefault(name, set()).add(logged_as)
    return {name: type_of(logged_as) for name, logged_as in found.items()}


class MetricSelection:
    """The metrics of some runs, to be found by what a user writes.

    Args:
        types: the type of each metric, by name.

    Attributes:
        plain: every numeric metric but `_*` and `system.*`, sorted.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self._numeric = sorted(name for name, logged_as in types.items() if logged_as in (NUMERIC, MIXED))
        self._known = frozenset(self._numeric)
        self.plain = [name for name in self._numeric if is_plain(name)]

    def all(self) -> list[str]:
        """Every numeric metric but `_*` and `system.*`.

        Raises:
            NotFoundError: there is none.
        """
        if not self.plain:
            logged = ", ".join(sorted(filter(is_plain, self._types))[:_SHOWN])
            raise NotFoundError(
                "no numeric metrics were logged",
                hint=f"what was logged: {logged}" if logged else "the history is empty",
                code="metric_not_found",
            )
        return self.plain

    def find(self, text: str) -> tuple[list[str], list[NotFoundError]]:
        """The names that `text` means, and an error for each name or glob in it that means none."""
        found: list[str] = []
        missing = []
        for name in [text] if text in self._types else filter(None, map(str.strip, text.split(","))):
            matching = [name] if name in self._known else self._matching(name)
            found += matching
            if not matching:
                missing.append(self._missing(name))
        return found, missing

    def find_all(self, texts: Iterable[str]) -> list[str]:
        """The names that `texts` mean, in their order, none twice.

        Raises:
            NotFoundError: a name or glob in one means none.
            UsageError: nothing is named.
        """
        names: dict[str, None] = {}
        for text in texts:
            found, missing = self.find(text)
            if missing:
                raise missing[0]
            names |= dict.fromkeys(found)
        if not names:
            raise UsageError("no metric is named", hint="give names or globs, or leave them out for all")
        return list(names)

    def require(self, name: str) -> None:
        """Make sure that there is a numeric metric of exactly that name.

        Raises:
            NotFoundError: there is none.
        """
        if name not in self._known:
            raise self._missing(name)

    def _matching(self, glob: str) -> list[str]:
        among = self.plain if is_plain(glob) else self._numeric
        matching = [name for name in among if fnmatchcase(name, glob)]
        if not matching and glob.startswith(_SYSTEM_ALIAS):
            return self._matching(SYSTEM_PREFIX + glob.removeprefix(_SYSTEM_ALIAS))
        return matching

    def _missing(self, name: str) -> NotFoundError:
        logged_as = self._types.get(name)
        near = [text for text in self._numeric if name.casefold() in text.casefold()]
        return NotFoundError(
            f"{name!r} was logged as {logged_as}, not as numbers"
            if logged_as
            else f"no metric is called or matches {name!r}",
            hint="fetch images with: wandb-plot download PROJECT RUN"
            if logged_as in ("image", "images")
            else "list the metrics with: wandb-plot metrics PROJECT RUN",
            candidates=(near or get_close_matches(name, self._numeric, n=_SHOWN))[:_SHOWN],
            code="metric_not_found",
        )


def is_plain(name: str) -> bool:
    """Whether a metric is the user's own, not an axis or of the system stream."""
    return not name.startswith(("_", SYSTEM_PREFIX))
