"""The figure of the gap: both zones of each measure on a line of its own, with the interval of the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from secequity.report.measured import anchor
from secequity.results import StudyTables
from secequity.wording import measure_label, numbers, row_of

WIDTH = 480.0
HEIGHT = 34.0
MARGIN = 22.0
APART = 34.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A zone's value on the line: where its dot is, where its number stands, and the number."""

    x: float
    label_x: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measure: its two marks, the bar of the interval where there is one, the place of zero."""

    label: str
    anchor: str
    zero: float
    centre: Mark
    periphery: Mark
    bar: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Dots:
    """The whole figure: lines of one size, in units of their own view box."""

    lines: tuple[Line, ...]
    width: float = WIDTH
    height: float = HEIGHT
    margin: float = MARGIN

    @property
    def has_bars(self) -> bool:
        """Whether any measure has an interval to draw."""
        return any(line.bar for line in self.lines)


def dots(tables: StudyTables, measures: list[str], language: str) -> Dots:
    """The figure of these measures; those without a value in both zones are left to the table.

    Every line has its own scale from zero, because the units differ. The bar runs from the periphery's value plus the
    lower end of the difference to the periphery's value plus the upper one: where it touches the periphery's dot,
    there may be no difference.
    """
    lines: list[Line] = []
    for measure in measures:
        row = row_of(tables.gaps, measure)
        if row is not None and pd.notna(row["centre"]) and pd.notna(row["periphery"]):
            lines.append(_line(row, measure_label(tables, measure, language), anchor("gaps", measure, tables)))
    return Dots(lines=tuple(lines))


def _line(row: pd.Series, label: str, where: str) -> Line:
    centre, periphery = float(row["centre"]), float(row["periphery"])
    known = pd.notna(row["low"]) and pd.notna(row["high"])
    ends = (periphery + float(row["low"]), periphery + float(row["high"])) if known else ()
    lowest, highest = min(0.0, *ends, centre), max(centre, periphery, *ends)
    span = highest - lowest or 1.0

    def at(value: float) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (value - lowest) / span, 1)

    def mark(value: float, other: float) -> Mark:
        overlap = max(0.0, APART - abs(at(value) - at(other))) / 2
        return Mark(x=at(value), label_x=at(value) + math.copysign(overlap, value - other), label=told[value])

    told = dict(zip((centre, periphery), numbers((centre, periphery)), strict=True))
    return Line(
        label=label,
        anchor=where,
        zero=at(0.0),
        centre=mark(centre, periphery),
        periphery=mark(periphery, centre),
        bar=(at(ends[0]), at(ends[1])) if ends else None,
    )
