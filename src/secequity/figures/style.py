"""The door to matplotlib: one look for every figure, whatever the reader has set for his own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from secequity import palette

MILLIMETRES = 25.4
WIDTH_MM = 160.0
PRINT_DPI = 300
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


@contextmanager
def look() -> Iterator[None]:
    """The look of our figures while drawing; the reader's own settings come back afterwards."""
    with mpl.rc_context(LOOK):
        yield


def canvas(height: float, *, shown: bool) -> Axes:
    """Empty axes of print width, `height` times as high as wide; `shown` ones appear in a notebook by themselves."""
    size = (WIDTH_MM / MILLIMETRES, WIDTH_MM / MILLIMETRES * height)
    if shown:
        from matplotlib import pyplot

        return pyplot.subplots(figsize=size, layout="constrained")[1]
    figure: Figure = Figure(figsize=size, layout="constrained")
    return figure.subplots()


def as_svg(axes: Axes) -> str:
    """The drawing as one `<svg>` element without prologue, the same bytes whenever it is drawn."""
    written = StringIO()
    figure = axes.get_figure(root=True)
    if figure is not None:
        with look():
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    return text[text.index("<svg") :]
