"""The sizes of journals and conferences, from the package tueplots."""

from importlib.util import find_spec
from typing import Any

from wandb_plot import RendererError

# Those of tueplots whose papers have two columns; a half of the others is half the width of their text.
_COLUMNS = ("aaai2024", "aistats2025", "cvpr2024", "icml2024", "uai2023")
_TEXT = ("colm2026", "eccv2024", "iclr2024", "jmlr2001", "neurips2024", "tmlr2023")
_PARTS = {"half": 0.5, "full": 1.0}


def venue_styles() -> tuple[str, ...]:
    """The styles that are venues, such as `neurips2024:half`; none where tueplots isn't installed."""
    if find_spec("tueplots") is None:
        return ()
    return tuple(f"{venue}:{part}" for venue in sorted(_COLUMNS + _TEXT) for part in _PARTS)


def venue_settings(style: str, fonts: tuple[str, ...]) -> tuple[dict[str, Any], tuple[float, float]]:
    """The sizes of text in a venue's papers as rcParams, and the size of a figure in inches.

    Args:
        style: the venue, a colon, and `half` or `full`.
        fonts: the families to set text in where none of the venue's is installed.

    Raises:
        RendererError: tueplots isn't installed, or doesn't know the venue.
    """
    if style not in venue_styles():
        raise RendererError(
            f"no style is called {style!r}",
            hint="the sizes of venues need the package tueplots: pip install 'wandb-plot[paper]'",
            code="environment",
        )
    from tueplots import bundles

    venue, _, part = style.partition(":")
    bundle = getattr(bundles, venue)
    found: dict[str, Any] = bundle(column=part) if venue in _COLUMNS else bundle(rel_width=_PARTS[part])
    width, height = found["figure.figsize"]
    sizes = {
        name: value
        for name, value in found.items()
        if name == "font.size" or name.endswith(("labelsize", "titlesize", "fontsize"))
    }
    return {**sizes, "font.family": _installed(found, fonts)}, (width, height)


def _installed(found: dict[str, Any], fonts: tuple[str, ...]) -> list[str]:
    from matplotlib import font_manager

    family = found.get("font.family", "serif")
    wanted = found.get(f"font.{family}", [])
    installed = set(font_manager.get_font_names())
    return [*(name for name in wanted if name in installed), *fonts]
