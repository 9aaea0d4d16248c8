"""What a printed table is made of, and how its numbers are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd

from secequity.texts import number

ABSENT = "–"
WIDE = 12


class Column(NamedTuple):
    """A heading; `numeric` columns stand to the right; neighbours of one `group` share a heading above theirs."""

    heading: str
    numeric: bool = True
    group: str = ""


class Cell(NamedTuple):
    """What a cell says; `aside` is a smaller remark beside it, `word` tells that it speaks where a number would."""

    text: str
    aside: str = ""
    word: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row; the first cell is its heading. A `section` row has only that cell, over the rows that follow."""

    cells: tuple[Cell, ...]
    anchor: str = ""
    section: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table: what it is called, its columns, its rows, and the remarks under it."""

    anchor: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def is_wide(self) -> bool:
        """Whether it needs the long side of the sheet."""
        return len(self.columns) > WIDE

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The headings above the headings, each with how many columns it spans; none where no column has a group."""
        runs = [(name, len(list(run))) for name, run in groupby(column.group for column in self.columns)]
        return tuple(runs) if any(name for name, _ in runs) else ()


def section(words: str) -> Row:
    """A row that names the group of rows after it."""
    return Row(cells=(Cell(words),), section=True)


def figure(value: Any, decimals: int | None = None) -> Cell:
    """A number as a cell; a dash where there is none.

    >>> figure(1.358), figure(float("nan"))
    (Cell(text='1.36', aside='', word=False), Cell(text='–', aside='', word=True))
    """
    if pd.isna(value):
        return Cell(ABSENT, word=True)
    return Cell(number(float(value), decimals))


def count(value: Any) -> Cell:
    """A whole number of people, areas or rows."""
    return Cell(ABSENT, word=True) if pd.isna(value) else Cell(number(round(float(value))))


def between(low: Any, high: Any) -> Cell:
    """The two ends of an interval, or a dash.

    >>> between(-0.1, 0.98).text
    '−0.10 … 0.98'
    """
    if pd.isna(low) or pd.isna(high):
        return Cell(ABSENT, word=True)
    return Cell(f"{number(float(low))} … {number(float(high))}")
