"""Which figures there are, and how one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from matplotlib.axes import Axes

from secequity.errors import ConfigError, problem
from secequity.figures import areas, bars, choices, curves, style
from secequity.findings import leading_measure
from secequity.results import StudyTables
from secequity.texts import Language, text
from secequity.wording import measure_label

Kind = Literal["map", "gaps", "ledger", "lorenz", "specifications", "gradient"]
FIGURES: tuple[Kind, ...] = get_args(Kind)
HEIGHTS: dict[Kind, float] = {
    "map": 0.85,
    "gaps": 0.16,
    "ledger": 0.4,
    "lorenz": 0.8,
    "specifications": 0.5,
    "gradient": 0.45,
}
LINE_HEIGHT = 0.075
NARROW_MAP = 1.2
DRAWN: dict[Kind, Callable[[StudyTables, str, Language, Axes], None]] = {
    "map": areas.choropleth,
    "gaps": bars.gaps,
    "ledger": bars.ledger,
    "lorenz": curves.lorenz,
    "specifications": choices.specifications,
    "gradient": choices.gradient,
}


def plot(
    tables: StudyTables,
    kind: Kind = "map",
    *,
    measure: str | None = None,
    language: Language | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A figure of a finished study.

    Parameters
    ----------
    tables : a finished study.
    kind : `map` (a measure by neighbourhood, with the casco's outline), `gaps` (every measure in both zones, with the
        interval of the difference), `ledger` (who supplies the hours, by zone), `lorenz` (how unequally people share
        a measure), `specifications` (its gap in every variant of line, denominator and smoothing), `gradient` (the
        measure by distance to the plaza).
    measure : a measure's name; the leading one when left out. `gaps` and `ledger` show all.
    language : es or en; the study's own when left out.
    ax : axes to draw on; new ones of print width (160 mm) when left out.

    Returns
    -------
    matplotlib Axes; `.figure.savefig("figure.svg")` or `"figure.png"` writes it at print size (300 dots an inch).

    Raises
    ------
    ConfigError : a figure or a measure that the study does not have.
    """
    if kind not in FIGURES:
        raise ConfigError(problem("figure_unknown", asked=kind, known=", ".join(FIGURES)))
    chosen = measure or leading_measure(tables)
    if chosen is None or chosen not in tables.neighbourhoods or chosen not in set(tables.measures["measure"]):
        known = ", ".join(str(one) for one in tables.measures["measure"])
        raise ConfigError(problem("figure_measure", asked=chosen or "–", known=known))
    if not choices.drawable(tables, kind, chosen):
        raise ConfigError(problem("figure_absent", asked=kind, measure=chosen))
    with style.look():
        axes = ax if ax is not None else style.canvas(_height(tables, kind, chosen), shown=True)
        DRAWN[kind](tables, chosen, language or tables.language, axes)
    return axes


def svg(tables: StudyTables, kind: Kind, *, measure: str, language: Language, width_mm: float = style.WIDTH_MM) -> str:
    """The same figure as text of one `<svg>` element, for a page."""
    with style.look():
        height = NARROW_MAP if kind == "map" and width_mm < style.NARROW_MM else _height(tables, kind, measure)
        axes = style.canvas(height, shown=False, width_mm=width_mm)
        DRAWN[kind](tables, measure, language, axes)
    label = f"{text(f'figure.kind.{kind}', language)}: {measure_label(tables, measure, language)}"
    place = [str(one) for one in tables.measures["measure"]].index(measure)
    return style.as_svg(axes, label=label, prefix=f"{kind}-{place}")


def _height(tables: StudyTables, kind: Kind, measure: str) -> float:
    """How high a figure is in widths: the gaps need room for each of their lines."""
    lines = len(bars.compared(tables, measure)) if kind == "gaps" else 0
    return HEIGHTS[kind] + LINE_HEIGHT * lines
