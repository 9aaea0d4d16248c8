"""The door to matplotlib: one look for every figure, whatever the reader has set for his own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from secequity import palette

MILLIMETRES = 25.4
WIDTH_MM = 160.0
NARROW_MM = 110.0
PRINT_DPI = 300
METADATA = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
PATH = re.compile(r'(?<=\sd=")[^"]*')
DECIMALS = re.compile(r"(\d+\.\d\d)\d+")
LOOK: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 9.0,
    "axes.edgecolor": palette.FAINT,
    "axes.labelcolor": palette.INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": palette.INK,
    "text.parse_math": False,
    "xtick.color": palette.FAINT,
    "ytick.color": palette.FAINT,
    "xtick.labelcolor": palette.INK,
    "ytick.labelcolor": palette.INK,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
    "figure.dpi": 110.0,
    "savefig.dpi": PRINT_DPI,
    "svg.hashsalt": "secequity",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


def is_narrow(axes: Axes) -> bool:
    """Whether a legend has no room beside the drawing."""
    figure = axes.get_figure(root=True)
    return figure is not None and bool(figure.get_figwidth() < NARROW_MM / MILLIMETRES)


@contextmanager
def look() -> Iterator[None]:
    """The look of our figures while drawing; the reader's own settings come back afterwards."""
    with mpl.rc_context(LOOK):
        yield


def canvas(height: float, *, shown: bool, width_mm: float = WIDTH_MM) -> Axes:
    """Empty axes, `height` times as high as wide; `shown` ones appear in a notebook by themselves."""
    size = (width_mm / MILLIMETRES, width_mm / MILLIMETRES * height)
    if shown:
        from matplotlib import pyplot

        return pyplot.subplots(figsize=size, layout="constrained")[1]
    figure: Figure = Figure(figsize=size, layout="constrained")
    return figure.subplots()


def as_svg(axes: Axes, *, label: str, prefix: str) -> str:
    """The drawing as one `<svg>` element for a page: named for a reader who does not see it, the same bytes every time.

    Its ids begin with `prefix`, so that several drawings can share a page; it takes the width it is given.
    """
    written = StringIO()
    figure = axes.get_figure(root=True)
    if figure is not None:
        with look():
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    drawn = written.getvalue()
    drawn = METADATA.sub("", drawn[drawn.index("<svg") :])
    drawn = PATH.sub(lambda found: DECIMALS.sub(r"\1", found[0]), drawn)
    for pattern in (r'(\sid=")', r'(href="#)', r"(url\(#)"):
        drawn = re.sub(pattern, rf"\g<1>{prefix}-", drawn)
    opening, rest = drawn.split(">", 1)
    opening = re.sub(r'\s(?:width|height|version|xmlns(?::xlink)?)="[^"]*"', "", opening)
    rest = rest.replace("xlink:href", "href")
    return f'{opening} role="img" aria-label="{escape(label, quote=True)}">{rest}'
