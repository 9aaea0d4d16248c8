"""How a table of results becomes a printed one: a heading and a way to write a cell for each column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from secequity.report.names import bare, denominator_label, kind_label, kind_of
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, between, count, figure, section
from secequity.results import StudyTables
from secequity.texts import catalogue, text
from secequity.wording import LONG_NAME, measure_label, p_label, percent, visible

SHARED = ("areas", "smoothing", "n", "zone_share")
SYMBOLS = ("p", "n")

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
    by: Head | None = None,
) -> Sheet:
    """The rows of `table` in these columns; caption and anchor follow from its name.

    A measure that all rows share is told in the caption instead of in every row; a word or a number of areas that all
    share, under the table. Rows alike in `by` stand together under it.
    """
    heads, caption = tuple(heads), text(f"report.{name}.caption", language)
    if "measure" in table and table["measure"].nunique() == 1 and len(table) > 1:
        label = measure_label(tables, str(table["measure"].iloc[0]), language)
        heads, caption = tuple(head for head in heads if head.heading != "measure"), f"{caption} · {label}"
        by = by if by is not None and by.heading != "kind_of_measure" else None
    lines = table.to_dict("records")
    written = [tuple(head.write(line, tables, language) for head in heads) for line in lines]
    shared = [at for at, head in enumerate(heads) if at and _is_shared(head, [cells[at].text for cells in written])]
    columns = tuple(Column(_heading(head, language), head.numeric) for head in heads)
    common = " · ".join(f"{columns[at].heading}: {written[0][at].text}" for at in shared)
    kept = [at for at in range(len(heads)) if at not in shared]
    groups = [by.write(line, tables, language).text if by else "" for line in lines]
    rows = _rows(name, [tuple(cells[at] for at in kept) for cells in written], groups)
    told = tuple(one for one in (common, *notes) if one)
    return Sheet(anchor=name, caption=caption, columns=tuple(columns[at] for at in kept), rows=tuple(rows), notes=told)


def _is_shared(head: Head, texts: list[str]) -> bool:
    return head.heading in SHARED and len(texts) > 2 and len(set(texts)) == 1 and texts[0] != ABSENT


def _heading(head: Head, language: str) -> str:
    words = text(f"report.head.{head.heading}", language)
    return words if words.partition(",")[0] in SYMBOLS else words[:1].upper() + words[1:]


def _rows(name: str, written: list[tuple[Cell, ...]], groups: list[str]) -> Iterator[Row]:
    for group in dict.fromkeys(groups):
        if group:
            yield section(group)
        for place, cells in enumerate(written, start=1):
            if groups[place - 1] == group:
                yield Row(cells=cells, anchor=f"{name}-{place}")


def of_measure(column: str = "measure") -> Head:
    """The name of a measure for readers."""
    return Head(
        "measure", lambda line, tables, language: Cell(measure_label(tables, str(line[column]), language)), False
    )


def bare_measure(column: str = "measure") -> Head:
    """The name of a measure without its unit, for rows that stand under `of_kind`."""
    return Head("measure", lambda line, tables, language: Cell(bare(tables, str(line[column]), language)), False)


def of_kind(column: str = "measure") -> Head:
    """The kind of a measure with its unit, as a heading over rows."""

    def write(line: Line, tables: StudyTables, language: str) -> Cell:
        return Cell(kind_label(kind_of(tables, str(line[column])), language))

    return Head("kind_of_measure", write, False)


def denominator() -> Head:
    """What a rate is divided by."""

    def write(line: Line, tables: StudyTables, language: str) -> Cell:
        return Cell(denominator_label(tables, str(line["denominator"]), language))

    return Head("denominator", write, False)


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
