"""Names of folders and files: safe on every system, and never the same for two things.

A run, a metric or a logged file may bear any name. Its file gets a name that every file system takes; where two things
want one, the second is told apart by a digest of its full name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from wandb_plot.model.run import Run

ROOT = "wandb_plots"
METADATA = "metadata.json"
REPORT = "index.html"
UNNAMED = "local"

# In bytes: encrypted home folders take no more than 143, and tools append their own endings.
MAX_BYTES = 120
# A longer ending isn't meant as one: the name is cut as a whole.
MAX_SUFFIX_BYTES = 60
# Options that take more are told apart by a digest; metadata.json has them in full.
MAX_OPTIONS_BYTES = 48
# The names that Windows reserves, with whatever suffix. Digits in superscript count too.
_DEVICES = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"))
)

_LOADED_BY_PAGES = (".js", ".mjs", ".css", ".wasm")

_UNSAFE = re.compile(r"[^\w.=+-]+")
# A leading dot would hide the file, or climb; Windows drops trailing ones.
_OUTER_DOTS = re.compile(r"^\.+|\.+$")


@dataclass(frozen=True, order=True)
class FileIdentity:
    """What a file in an output folder shows, whatever its name.

    Attributes:
        kind: `plot`, `download`, or `companion`: what a renderer leaves beside a figure for it.
        full_name: the metric (see `full_name`), the file's path within its run, or the companion's name.
        runs: paths of the runs behind it, sorted (see `run_path`).
        options: what was chosen of the picture, such as `yscale=log`.
    """

    kind: str
    full_name: str
    runs: tuple[str, ...]
    options: tuple[str, ...] = ()

    def is_variant_of(self, other: "FileIdentity | None") -> bool:
        """Whether both show the same with other options."""
        return other is not None and self != other and replace(self, options=other.options) == other


def safe_name(text: str, suffix: str = "") -> str:
    """Make one part of a path out of any text.

    Every run of characters other than letters, digits (of any script) and `._-=+` becomes one `_`.

    Args:
        text: anything.
        suffix: the end of the name, such as `.png`; kept whole where the name has to be cut.

    Returns:
        A name in NFC, of 1 to 120 bytes in UTF-8, that begins and ends with no dot and that neither Windows nor this
        program reserves. A name that is already safe comes back as it is.
    """
    name = _clean(text + suffix)
    if len(name.encode()) <= MAX_BYTES:
        return name
    ending = _UNSAFE.sub("_", suffix)
    if not name.endswith(ending) or len(ending.encode()) > MAX_SUFFIX_BYTES:
        ending = ""
    room = MAX_BYTES - len(ending.encode())
    stem = name.removesuffix(ending).encode()[:room].decode(errors="ignore")
    return _OUTER_DOTS.sub("_", stem + ending)


def name_by_id(run_id: str, suffix: str) -> str:
    """A file name that no other run id of a project gives, on any file system, whichever process asks."""
    plain = safe_name(run_id, suffix)
    is_plain = plain == run_id + suffix == collision_key(plain)
    return plain if is_plain else safe_name(run_id, f"-{_digest(run_id)[:8]}{suffix}")


def output_folder(entity: str | None, project: str | None, runs: Sequence[Run]) -> Path:
    """The folder, below the current one, for the files of `runs`.

    It is the same for the same runs in any order. Ids that don't show the set of runs plainly, because they were cut
    or changed or could be joined in two ways, are followed by a digest of them.
    """
    base = Path(ROOT) / safe_name(entity or UNNAMED, f"_{project or UNNAMED}")
    names = {run.id: run.name for run in runs}
    ids = sorted(names)
    if len(ids) == 1:
        return base / safe_name(names[ids[0]], f"_{ids[0]}")
    plain = f"compare_{'_'.join(ids)}"
    if safe_name(plain) == plain and not any("_" in id_ for id_ in ids):
        return base / plain
    return base / safe_name(plain, f"-{_digest(*ids)[:8]}")


def full_name(metrics: Sequence[str]) -> str:
    """The full name of a figure: its metric, or all of them, for a figure of several."""
    return "\n".join(metrics)


def companion_identity(name: str) -> FileIdentity:
    """The identity of a file that figures need beside them: the same whatever runs they show."""
    return FileIdentity("companion", name, ())


def run_path(run: Run) -> str:
    """The path of a run as W&B writes it, `entity/project/id`: no other run of any project has the same."""
    return path_of(run.entity, run.project, run.id)


def path_of(entity: str | None, project: str | None, run_id: str) -> str:
    """The path of the run `run_id`, with `local` for an entity or project that isn't known."""
    return "/".join((entity or UNNAMED, project or UNNAMED, run_id))


def id_in_path(path: str) -> str:
    """The id at the end of such a path. It holds a slash where several jobs use an id, and the job stands before it."""
    return path.split("/", 2)[-1]


def collision_key(name: str) -> str:
    """What two names share if some file system takes them for one: they differ only in case or Unicode composition."""
    return unicodedata.normalize("NFC", name.casefold())


def assign_names(wanted: Mapping[FileIdentity, str], owners: Mapping[str, FileIdentity]) -> dict[FileIdentity, str]:
    """Give each identity a file name that no other has.

    An identity that already has a file keeps its name. A newcomer whose name is taken, or equals a taken one but for
    case, gets `-<8 hex digits of the sha256 of its full name>` before the suffix; where that is taken too, of a digest
    of all that makes its identity. If the same figure with other options has the name, the options of the newcomer
    go there instead, such as `--yscale=log`. Newcomers come in sorted order.

    Args:
        wanted: the name each would like, relative, with `/` between parts; made safe here.
        owners: who has which name already.

    Returns:
        Safe relative names, distinct after `collision_key`, none a folder of another.
    """
    taken = _Taken(owners)
    old = set(owners.values())
    assigned = {}
    for identity in sorted(wanted):
        name = _safe_path(wanted[identity])
        # A file may bear the name of one of its folders: then the name goes without folders.
        bases = dict.fromkeys((name, _safe_file_name(name.replace("/", "_"))))
        candidates = (one for base in bases for one in _candidates(base, identity, taken, owns=identity in old))
        # A digest of everything that makes an identity is always free.
        assigned[identity] = next(candidates)
        taken.add(assigned[identity], identity)
    return assigned


class _Taken:
    """The names in a folder that are taken, and the folders that they lie in."""

    def __init__(self, owners: Mapping[str, FileIdentity]) -> None:
        self._owners: dict[str, FileIdentity] = {}
        self._folders: set[str] = set()
        for name, owner in owners.items():
            self.add(name, owner)

    def add(self, name: str, owner: FileIdentity) -> None:
        self._owners[collision_key(name)] = owner
        self._folders.update(_parents(collision_key(name)))

    def owner(self, name: str) -> FileIdentity | None:
        return self._owners.get(collision_key(name))

    def is_free(self, name: str) -> bool:
        key = collision_key(name)
        return key not in self._folders and self._owners.keys().isdisjoint((key, *_parents(key)))


def _parents(name: str) -> list[str]:
    return [name[:at] for at, letter in enumerate(name) if letter == "/"]


def _candidates(wanted: str, identity: FileIdentity, taken: _Taken, *, owns: bool) -> Iterator[str]:
    """The names in the folder of `wanted` that `identity` has already or could have, best first."""
    digest, mixed = _digest(identity.full_name), _digest(identity.kind, identity.full_name, *identity.runs)
    if identity.options:
        mixed = _digest(mixed, *identity.options)
    marks = [f"-{mark}" for mark in (digest[:8], mixed[:8], mixed[:32])]
    if identity.is_variant_of(taken.owner(wanted)):
        marks.insert(0, _options_mark(identity.options))
    names = [_marked(wanted, mark) for mark in marks]
    # Pages load scripts and styles by name: a downloaded file never gets a name that a page could load.
    if identity.kind != "download" or not wanted.lower().endswith(_LOADED_BY_PAGES):
        names.insert(0, wanted)
    if owns:
        yield from (name for name in names if taken.owner(name) == identity)
    yield from (name for name in names if taken.is_free(name))


def _marked(name: str, mark: str) -> str:
    folder, slash, base = name.rpartition("/")
    stem, suffix = _split(base)
    return folder + slash + safe_name(stem, f"{mark}{suffix}")


def _options_mark(options: Sequence[str]) -> str:
    mark = "".join(f"--{option}" for option in options) or "--default"
    return mark if len(mark.encode()) <= MAX_OPTIONS_BYTES else f"--{_digest(*options)[:8]}"


def _safe_path(name: str) -> str:
    *folders, base = name.split("/")
    return "/".join([*map(safe_name, folders), _safe_file_name(base)])


def _safe_file_name(name: str) -> str:
    return safe_name(*_split(name))


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix) <= 12 else (name, "")  # noqa: PLR2004 -- `.ckpt-metadata`


def _clean(text: str) -> str:
    name = _OUTER_DOTS.sub("_", _UNSAFE.sub("_", unicodedata.normalize("NFC", text))) or "_"
    root, dot, rest = name.partition(".")
    if collision_key(name) in (METADATA, REPORT):
        return f"{root}_{dot}{rest}"
    return f"{root}_{dot}{rest}" if root.upper() in _DEVICES else name


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
