"""Choose the renderer that shall draw: the one that was named, or the first preferred one that can."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from wandb_plot.errors import RendererError, UsageError
from wandb_plot.model.figure_choices import DEFAULT_STYLE
from wandb_plot.renderers.loading import PREFERRED, Renderer, installed_renderers, load_renderer

_NEAREST = 4  # styles that could have been meant


def choose_renderer(
    name: str | None,
    *,
    format: str | None,  # noqa: A002 -- the option's name
    draws: Sequence[str],
    style: str = DEFAULT_STYLE,
) -> Renderer:
    """Load the renderer that shall draw: `name`, or else the first preferred one that can.

    Args:
        name: what the user asked for, if anything.
        format: the file suffix wanted; None for the renderer's own default.
        draws: optional parts that the figures will have: `smooth`, `band`, `panels`.
        style: what they shall look like, see `RendererTraits.styles`.

    Raises:
        UsageError: it can't draw that, or nobody can.
        RendererError: it can't be loaded.
    """
    offered = {found.name for found in installed_renderers()}
    names = [name] if name else _preferred(offered)
    refused: dict[str, Renderer] = {}
    for candidate in names:
        renderer = load_renderer(candidate)
        refusal = renderer.refusal(format=format, draws=draws, style=style)
        if refusal is None:
            return renderer
        refused[refusal] = renderer
    able = [other for other in sorted(offered - set(names)) if _can(other, format, draws, style)]
    if not able and not any(renderer.has_style(style) for renderer in refused.values()):
        raise _no_such_style(style, [known for renderer in refused.values() for known in renderer.traits.styles])
    raise UsageError(
        "; ".join(refused),
        hint="choose another with --renderer; wandb-plot renderers lists them",
        candidates=able,
    )


def _preferred(offered: Collection[str]) -> list[str]:
    """The renderers to try where the user names none, the best first."""
    names = [preferred for preferred in PREFERRED if preferred in offered]
    if not names:
        raise RendererError(
            "no renderer is installed: the wandb-plot distribution is missing or damaged",
            hint="install it again: pip install --force-reinstall wandb-plot",
            code="environment",
        )
    return names


def _no_such_style(style: str, styles: Sequence[str]) -> UsageError:
    known = list(dict.fromkeys(styles))
    begun = [one for one in known if style and one.startswith(style)]
    return UsageError(
        f"no style is called {style!r}",
        hint="give screen, paper, the path of a .mplstyle file, or the size of a venue such as icml2024:half, "
        "which needs pip install 'wandb-plot[paper]'; docs/figures.md lists them",
        candidates=list(dict.fromkeys([*begun, *get_close_matches(style, known, _NEAREST)]))[:_NEAREST],
    )


def _can(name: str, format: str | None, draws: Sequence[str], style: str) -> bool:  # noqa: A002 -- the option's name
    try:
        return load_renderer(name).refusal(format=format, draws=draws, style=style) is None
    except RendererError:
        return False
