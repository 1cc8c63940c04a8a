"""Find renderers by their entry points, and load the one that is wanted.

Listing reads metadata of installed distributions and imports nothing. Each renderer gets a plugin manager of its own,
so that a broken one breaks only itself.
"""

import logging
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

from wandb_plot.basics import png_signature
from wandb_plot.errors import FULL_DISK, RendererError, SubstituteFont, UsageError
from wandb_plot.model.figure_choices import DEFAULT_STYLE
from wandb_plot.renderers import hookspecs

if TYPE_CHECKING:
    from wandb_plot.model.figure import Figure, RendererTraits

_logger = logging.getLogger(__name__)

ENTRY_POINTS = "wandb_plot.renderers"

# Tried in this order when nobody names a renderer.
PREFERRED = ("matplotlib", "seaborn")


@dataclass(frozen=True)
class InstalledRenderer:
    """A renderer that a distribution offers; nothing of it has been imported."""

    name: str
    distribution: str
    version: str

    @property
    def default(self) -> bool:
        """Whether this one draws when nobody names a renderer."""
        return self.name == PREFERRED[0]


@dataclass(frozen=True)
class Renderer:
    """A loaded renderer."""

    installed: InstalledRenderer
    traits: "RendererTraits"
    _hook: pluggy.HookRelay

    @property
    def name(self) -> str:
        """The name of its entry point."""
        return self.installed.name

    def has_style(self, style: str) -> bool:
        """Whether it can draw in the style of that name."""
        return any(fnmatchcase(style, known) for known in self.traits.styles)

    def refusal(
        self,
        *,
        format: str | None,  # noqa: A002 -- the option's name
        draws: Sequence[str],
        style: str = DEFAULT_STYLE,
    ) -> str | None:
        """Why it can't draw what is asked, or None where it can."""
        if not self.has_style(style):
            return f"renderer {self.name!r} has no style {style!r}, only {', '.join(self.traits.styles)}"
        missing = [part for part in draws if part not in self.traits.draws]
        if missing:
            return f"renderer {self.name!r} does not draw: {', '.join(missing)}"
        if format is not None and format not in self.traits.formats:
            return f"renderer {self.name!r} does not write {format!r}, only {', '.join(self.traits.formats)}"
        return None

    def prepare(self) -> None:
        """Import what drawing needs, if the renderer offers that. If this fails, `render` will say why."""
        if self.traits.prepare:
            with suppress(Exception):
                self.traits.prepare()

    def render(self, figure: "Figure", path: Path, warn: Callable[[str], object] | None = None) -> list[str]:
        """Draw `figure` into the file `path`.

        Args:
            figure: to be drawn.
            path: of a file that isn't there yet; its suffix says the format.
            warn: told once of each thing that the renderer warns of; without it they are Python's warnings.

        Returns:
            The families of the fonts that it took for what its own has no glyphs for.

        Raises:
            RendererError: it failed, or wrote nothing, or no PNG under the name of one.
        """
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", UserWarning)
            self._render(figure, path)
        fonts = [str(one.message) for one in told if issubclass(one.category, SubstituteFont)]
        others = [one for one in told if not issubclass(one.category, SubstituteFont)]
        if warn is None:
            for one in others:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        else:
            for text in dict.fromkeys(str(one.message) for one in others if issubclass(one.category, UserWarning)):
                warn(text)
        return list(dict.fromkeys(fonts))

    def _render(self, figure: "Figure", path: Path) -> None:
        try:
            self._hook.render_figure(figure=figure, path=path)
        except (RendererError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            # What a full disk says is no fault of a renderer.
            if isinstance(error, OSError) and error.errno in FULL_DISK:
                raise
            raise _failed(self.installed, "failed to draw", error) from error
        fault = _fault_of_file(path)
        if fault:
            raise RendererError(
                f"renderer {self.name!r} (from {self.installed.distribution}) {fault}",
                hint="try another renderer: wandb-plot renderers",
            )


def installed_renderers() -> list[InstalledRenderer]:
    """Every renderer on offer, sorted by name and then distribution. Imports none of them."""
    return sorted(map(_describe, entry_points(group=ENTRY_POINTS)), key=lambda found: (found.name, found.distribution))


def load_renderer(name: str) -> Renderer:
    """Load the renderer called `name`.

    Raises:
        UsageError: no distribution offers it.
        RendererError: two do, or its module fails to import, or it implements no `render_figure`.
    """
    offers = [found for found in installed_renderers() if found.name == name]
    if not offers:
        names = sorted({found.name for found in installed_renderers()})
        raise UsageError(
            f"no renderer is called {name!r}; installed are: {', '.join(names) or 'none'}",
            hint="list them with: wandb-plot renderers",
            candidates=get_close_matches(name, names) or names,
        )
    if len(offers) > 1:
        raise RendererError(
            f"renderer {name!r} is offered by two distributions: {', '.join(o.distribution for o in offers)}",
            hint=f"uninstall one of them: pip uninstall {offers[-1].distribution}",
            candidates=[offer.distribution for offer in offers],
        )
    return _load(offers[0])


def _load(installed: InstalledRenderer) -> Renderer:
    from wandb_plot.model.figure import RendererTraits

    _logger.info("loading renderer %s from %s %s", installed.name, installed.distribution, installed.version)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.load_setuptools_entrypoints(ENTRY_POINTS, installed.name)
        manager.check_pending()
        traits = manager.hook.renderer_traits() or RendererTraits()
    except RendererError:
        raise
    except (Exception, SystemExit) as error:
        raise _failed(installed, "failed to load", error) from error
    # A module without the hook passes check_pending: pluggy only looks at hooks that are there.
    if not manager.hook.render_figure.get_hookimpls():
        raise RendererError(
            f"renderer {installed.name!r} (from {installed.distribution}) implements no render_figure",
            hint="decorate it with wandb_plot.hookimpl; docs/renderers.md has ten lines that work",
        )
    if not isinstance(traits, RendererTraits):
        raise RendererError(
            f"renderer {installed.name!r} (from {installed.distribution}): renderer_traits gave a "
            f"{type(traits).__name__}, not RendererTraits"
        )
    return Renderer(installed, traits, manager.hook)


def _describe(entry: EntryPoint) -> InstalledRenderer:
    distribution = entry.dist
    if distribution is None:
        return InstalledRenderer(entry.name, entry.module, "")
    return InstalledRenderer(entry.name, distribution.name, distribution.version)


def _fault_of_file(path: Path) -> str:
    """What is wrong with the file that a renderer left; empty where nothing is."""
    if not path.is_file() or not path.stat().st_size:
        return f"wrote no file {path.name!r}"
    if path.suffix.lower() != ".png":
        return ""
    with path.open("rb") as file:
        start = file.read(len(png_signature.SIGNATURE))
        file.seek(max(0, path.stat().st_size - len(png_signature.END)))
        whole = start == png_signature.SIGNATURE and file.read() == png_signature.END
    return "" if whole else f"wrote a file {path.name!r} that is no whole PNG image"


def _failed(installed: InstalledRenderer, what: str, error: BaseException) -> RendererError:
    return RendererError(
        f"renderer {installed.name!r} (from {installed.distribution}) {what}: {type(error).__name__}: {error}",
        hint="see the traceback with --debug, or choose another with --renderer",
    )
