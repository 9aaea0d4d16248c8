"""Cells of a table as ids, numbers and text: what leading zeros, decimal commas and broken encodings make of them."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pandas as pd

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none", "s/d", "sin dato", "-", "–", "..", "…"})
MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â€|\ufffd")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
_SPACES = re.compile(r"[\s\u00a0\u202f%]")


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as trimmed text; a whole number read as 50101.0 is `50101`; what says "no value" is missing."""
    if pd.api.types.is_float_dtype(cells.dtype):
        whole = cells.dropna() % 1 == 0
        if whole.all():
            cells = cells.astype("Int64")
    text = cells.map(_one_text, na_action="ignore").astype(object)
    return text.where(
        ~text.map(lambda cell: cell is None or cell is pd.NA or str(cell).casefold() in ABSENT | {"<na>"}), None
    )


def _one_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def as_ids(cells: pd.Series, *, zero_pad: int | None = None, aliases: dict[str, str] | None = None) -> pd.Series:
    """Cells as ids: text, padded with zeros to `zero_pad` characters where asked, known misspellings replaced."""
    ids = as_text(cells)
    if zero_pad:
        ids = ids.map(lambda one: one.zfill(zero_pad), na_action="ignore")
    return ids.replace(aliases) if aliases else ids


def broken(text: pd.Series) -> pd.Series:
    """Which cells hold UTF-8 that was once read as Latin-1 (`Ã±` for `ñ`) or a replacement character."""
    return text.map(lambda cell: isinstance(cell, str) and bool(MOJIBAKE.search(cell))).astype(bool)


def repaired(text: pd.Series) -> pd.Series:
    """Broken cells read again as UTF-8; a cell that cannot be is left as it is."""
    return text.map(_read_again, na_action="ignore")


def _read_again(cell: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return cell.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return cell


class AmbiguousNumbers(Exception):
    """`1,234` throughout: a thousand or one and a bit; only the user knows."""


def as_numbers(cells: pd.Series, *, decimal: Literal[".", ","] | None = None) -> tuple[pd.Series, pd.Series]:
    """Cells as floats, and which of them are neither a finite number nor empty.

    Raises
    ------
    AmbiguousNumbers : every comma stands before three digits and `decimal` was not said.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = cells.astype(float)
        return numbers, numbers.abs() == float("inf")
    text = as_text(cells)
    given = text.notna()
    plain = text[given].map(lambda cell: _SPACES.sub("", cell).replace("\u2212", "-"))
    decimal = decimal or _decimal_of(plain)
    if decimal == ",":
        plain = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    else:
        plain = plain.str.replace(",", "", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce").reindex(cells.index).astype(float)
    bad = given & ~np.isfinite(numbers)
    return numbers.where(~bad), bad


def _decimal_of(plain: pd.Series) -> Literal[".", ","]:
    commas = plain[plain.str.contains(",", regex=False)]
    dots = plain[plain.str.contains(".", regex=False)]
    both = commas[commas.str.contains(".", regex=False)]
    if len(both):
        return "," if both.str.rfind(",").gt(both.str.rfind(".")).all() else "."
    if len(dots) and dots.str.count(r"\.").gt(1).any():
        return ","
    if len(commas) == 0 or len(dots):
        return "."
    if commas.str.count(",").gt(1).any():
        return "."
    if not commas.map(lambda cell: bool(_GROUPED.fullmatch(cell))).all():
        return ","
    ungrouped = plain[~plain.index.isin(commas.index)]
    if ungrouped.str.len().ge(4).any():
        return ","
    raise AmbiguousNumbers
