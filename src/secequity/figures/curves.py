"""How unequally people share a measure, as a curve."""

from __future__ import annotations

from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from secequity import equity, palette
from secequity.results import StudyTables
from secequity.texts import Language, text
from secequity.wording import measure_label

TITLE_WIDTH = 48


def lorenz(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """The share of the measure held by each share of people, from those with least to those with most."""
    frame = tables.neighbourhoods
    known = frame[measure].notna() & (frame["population"] > 0)
    curve = equity.lorenz(frame.loc[known, measure], weights=frame.loc[known, "population"])
    axes.plot([0, 1], [0, 1], color=palette.FAINT, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(text("figure.lorenz.even", language), (0.5, 0.5), (-6, 6), textcoords="offset points", ha="right")
    axes.fill_between(curve["people"], curve["amount"], curve["people"], color=palette.ZONE["centre"], alpha=0.12)
    axes.plot(curve["people"], curve["amount"], color=palette.ZONE["centre"], linewidth=2)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel(text("figure.lorenz.people", language))
    axes.set_ylabel(text("figure.lorenz.amount", language))
    axes.set_title(fill(measure_label(tables, measure, language), TITLE_WIDTH))
