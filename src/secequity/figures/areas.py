"""A measure by neighbourhood: classes of the map, hatches for what is not known, the outline of the casco urbano."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from textwrap import fill
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from secequity import palette
from secequity.figures import outlines
from secequity.figures.style import is_narrow
from secequity.maps.classes import classify
from secequity.results import StudyTables
from secequity.texts import Language, number, text
from secequity.wording import measure_label
from secequity.words import MeasureKind

BESIDE = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "handlelength": 1.6}
BELOW = {
    "loc": "upper center",
    "bbox_to_anchor": (0.5, 0.0),
    "ncols": 2,
    "handlelength": 1.2,
    "fontsize": 7,
    "columnspacing": 1.0,
    "labelspacing": 0.3,
}
HATCHES = {"missing": "////", "suppressed": "....", "uncovered": "++++"}
STROKE_AT_MOST = 2000
TITLE_WIDTH = 48
KILOMETRE = 1000.0
SCALES_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


class Drawn(NamedTuple):
    """Neighbourhoods drawn alike: which, in what colour, with what hatch, and what the legend says."""

    rows: np.ndarray
    colour: str
    label: str
    hatch: str = ""
    ink: str = palette.FAINT


def choropleth(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """The measure by neighbourhood, at most five classes; what is missing, withheld or uncovered is hatched."""
    city = outlines.of(tables)
    tables = replace(tables, neighbourhoods=tables.neighbourhoods.sort_index())
    stroke = 0.4 if len(tables.neighbourhoods) <= STROKE_AT_MOST else 0.0
    dots = len(tables.neighbourhoods) > outlines.VECTOR_AT_MOST
    keys: list[Patch | Line2D] = []
    for drawn in _drawn(tables, measure, language):
        edge = drawn.ink if drawn.hatch else "#ffffff"
        look: dict[str, Any] = {"edgecolor": edge, "linewidth": stroke, "hatch": drawn.hatch, "rasterized": dots}
        axes.add_collection(PathCollection([city.path(drawn.rows)], facecolor=drawn.colour, **look))
        keys.append(
            Patch(facecolor=drawn.colour, edgecolor=drawn.ink, linewidth=0.5, hatch=drawn.hatch, label=drawn.label)
        )
    if len(city.centre):
        for colour, width in (("#ffffff", 3.0), (palette.INK, 1.4)):
            axes.add_collection(PathCollection([city.centre], facecolor="none", edgecolor=colour, linewidth=width))
        if not is_narrow(axes):
            keys.append(Line2D([], [], color=palette.INK, linewidth=1.4, label=text("zone.centre", language)))
    _frame(axes, city.bounds)
    narrow = is_narrow(axes)
    if not narrow:
        axes.set_title(fill(measure_label(tables, measure, language), TITLE_WIDTH))
    options: dict[str, Any] = BELOW if narrow else BESIDE
    axes.legend(handles=keys, handleheight=1.2, **options)


def _drawn(tables: StudyTables, measure: str, language: Language) -> Iterator[Drawn]:
    row = tables.measures.set_index("measure").loc[measure]
    values = tables.neighbourhoods[measure].to_numpy(dtype=float)
    classes = classify(pd.Series(values))
    if classes.zero:
        yield Drawn(values == 0, palette.ZERO, number(0))
    bounds, low = np.array(classes.bounds), classes.low
    place = np.searchsorted(bounds, values, side="left")
    known = ~np.isnan(values) & ~(classes.zero & (values == 0))
    shades = palette.ramp(cast(MeasureKind, row["kind"]), len(bounds), zero=classes.zero)
    for at, (bound, colour) in enumerate(zip(classes.bounds, shades, strict=True)):
        ends = [number(one, classes.decimals) for one in (low, bound)]
        yield Drawn(known & (place == at), colour, ends[0] if low == bound else " – ".join(ends))
        low = bound
    status = tables.neighbourhoods.get(f"{row['layer']}_status")
    words = np.where(np.isnan(values), "missing" if status is None else status.replace("ok", "missing"), "")
    for word, colour in palette.ABSENT.items():
        if (words == word).any():
            label = text(f"status.{word}", language)
            yield Drawn(words == word, colour, label, HATCHES[word], palette.ABSENT_INK[word])


def _frame(axes: Axes, bounds: tuple[float, float, float, float]) -> None:
    """The city with a little air, in its own proportions, and a scale bar instead of coordinates."""
    west, south, east, north = bounds
    air = 0.03 * max(east - west, north - south)
    axes.set(xlim=(west - air, east + air), ylim=(south - 3 * air, north + air), aspect="equal")
    axes.xaxis.set_major_locator(NullLocator())
    axes.yaxis.set_major_locator(NullLocator())
    for spine in axes.spines.values():
        spine.set_visible(False)
    length = max((one for one in SCALES_KM if one * KILOMETRE <= (east - west) / 3), default=SCALES_KM[0])
    axes.plot([west, west + length * KILOMETRE], [south - 2 * air] * 2, color=palette.INK, linewidth=1.6)
    axes.annotate(
        f"{length:g} km", (west + length * KILOMETRE, south - 2 * air), (4, 0), textcoords="offset points", va="center"
    )
