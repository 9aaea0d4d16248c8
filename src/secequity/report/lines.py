"""How a table of results becomes a printed one: a heading and a way to write a cell for each column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, between, count, figure
from secequity.results import StudyTables
from secequity.texts import catalogue, text
from secequity.wording import LONG_NAME, measure_label, p_label, percent, visible

Line = Mapping[Any, Any]
Write = Callable[[Line, StudyTables, str], Cell]


class Head(NamedTuple):
    """A column: the key of its heading under `report.head.`, how a cell of it is written, whether it is a number."""

    heading: str
    write: Write
    numeric: bool = True


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section of the report: the sentences that open it, then its tables."""

    name: str
    said: tuple[str, ...]
    sheets: tuple[Sheet, ...]


def sheet(
    name: str,
    table: pd.DataFrame,
    heads: Iterable[Head],
    tables: StudyTables,
    language: str,
    *,
    notes: Iterable[str] = (),
) -> Sheet:
    """The rows of `table` in these columns; caption and anchor follow from its name.

    A measure that all rows share is told in the caption instead of in every row.
    """
    heads, caption = tuple(heads), text(f"report.{name}.caption", language)
    if "measure" in table and table["measure"].nunique() == 1 and len(table) > 1:
        label = measure_label(tables, str(table["measure"].iloc[0]), language)
        heads, caption = tuple(head for head in heads if head.heading != "measure"), f"{caption}. {label}"
    rows = tuple(
        Row(cells=tuple(head.write(line, tables, language) for head in heads), anchor=f"{name}-{place}")
        for place, line in enumerate(table.to_dict("records"), start=1)
    )
    columns = tuple(Column(text(f"report.head.{head.heading}", language), head.numeric) for head in heads)
    return Sheet(anchor=name, caption=caption, columns=columns, rows=rows, notes=tuple(one for one in notes if one))


def of_measure(column: str = "measure") -> Head:
    """The name of a measure for readers."""
    return Head(
        "measure", lambda line, tables, language: Cell(measure_label(tables, str(line[column]), language)), False
    )


def word(column: str, prefix: str, heading: str | None = None) -> Head:
    """A word of the program in the reader's language; one the catalogue does not know stays as it was written."""

    def write(line: Line, _: StudyTables, language: str) -> Cell:
        return Cell(spoken(line[column], prefix, language))

    return Head(heading or column, write, False)


def value(column: str, heading: str | None = None, decimals: int | None = None) -> Head:
    """A number."""
    return Head(heading or column, lambda line, *_: figure(line[column], decimals))


def whole(column: str, heading: str | None = None) -> Head:
    """A number of people, areas or rows."""
    return Head(heading or column, lambda line, *_: count(line[column]))


def share(column: str, heading: str | None = None) -> Head:
    """A share of one, as a percentage."""

    def write(line: Line, _: StudyTables, language: str) -> Cell:
        known = not pd.isna(line[column])
        return Cell(percent(float(line[column]), language)) if known else Cell(ABSENT, word=True)

    return Head(heading or column, write)


def interval(low: str = "low", high: str = "high", heading: str = "interval") -> Head:
    """The two ends of an interval."""
    return Head(heading, lambda line, *_: between(line[low], line[high]))


def chance(column: str = "p_value", heading: str = "p") -> Head:
    """A p value."""

    def write(line: Line, _: StudyTables, language: str) -> Cell:
        if pd.isna(line[column]):
            return Cell(ABSENT, word=True)
        return Cell(p_label(float(line[column]), language).removeprefix("p").strip().removeprefix("=").strip())

    return Head(heading, write)


def spoken(written: Any, prefix: str, language: str) -> str:
    """A word in the reader's language, or the word itself, made harmless; a dash where there is none."""
    if written is None or written != written or written == "":
        return ABSENT
    return catalogue(language).get(f"{prefix}.{written}") or visible(str(written).replace("_", " "), most=LONG_NAME)
