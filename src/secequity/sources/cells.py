"""Cells of a table as ids, numbers and text: what leading zeros, decimal commas and broken encodings make of them."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pandas as pd

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none", "s/d", "sin dato", "-", "–", "..", "…", "<na>"})
MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â€|\ufffd")
SHOWN = 40
_GROUPED = {sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{sign}\d{{3}})+") for sign in ",."}
_SPACES = re.compile(r"[\s\u00a0\u202f%]")
_WHOLE = re.compile(r"\d+\.0")


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as trimmed text; a whole number read as 50101.0 is `50101`; what says "no value" is missing.

    >>> as_text(pd.Series([50101.0, None])).tolist(), as_text(pd.Series([" Belén ", "s/d"])).tolist()
    (['50101', None], ['Belén', None])
    """
    text = cells.map(_one_text, na_action="ignore").astype(object)
    return text.where(text.map(lambda cell: isinstance(cell, str) and cell.casefold() not in ABSENT), None)


def _one_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def as_ids(cells: pd.Series, *, zero_pad: int | None = None, aliases: dict[str, str] | None = None) -> pd.Series:
    """Cells as ids: text, padded with zeros to `zero_pad` characters where asked, known misspellings replaced.

    A column of whole numbers that some program wrote as 50101.0 loses the point and the zero.
    """
    ids = as_text(cells)
    given = ids.dropna()
    if len(given) and given.map(lambda one: bool(_WHOLE.fullmatch(one))).all():
        given = given.map(lambda one: one.removesuffix(".0"))
    if zero_pad:
        given = given.map(lambda one: one.zfill(zero_pad))
    if aliases:
        given = given.map(lambda one: aliases.get(one, one))
    ids.update(given)
    return ids


def shown(cell: object) -> str:
    """A cell as a message may show it: short, without what a terminal would obey."""
    text = "".join(sign if sign.isprintable() else "·" for sign in str(cell))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def broken(text: pd.Series) -> pd.Series:
    """Which cells hold UTF-8 that was once read as Latin-1 (`Ã±` for `ñ`) or a replacement character."""
    return text.map(lambda cell: isinstance(cell, str) and bool(MOJIBAKE.search(cell))).astype(bool)


def repaired(text: pd.Series) -> pd.Series:
    """Broken cells read again as UTF-8; a cell that cannot be is left as it is.

    >>> repaired(pd.Series(["NARIÃ‘O", "Ãlvarez", "Breña"])).tolist()
    ['NARIÑO', 'Ãlvarez', 'Breña']
    """
    return text.map(_read_again, na_action="ignore")


def _read_again(cell: str) -> str:
    try:
        return b"".join(_byte(sign) for sign in cell).decode("utf-8")
    except UnicodeError:
        return cell


def _byte(sign: str) -> bytes:
    """The byte that was read as `sign`; five bytes have no letter in Windows-1252 and were read as Latin-1."""
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


class AmbiguousNumbers(Exception):
    """`1,234` or `1.234` throughout: a thousand or one and a bit; only the user knows."""


def as_numbers(cells: pd.Series, *, decimal: Literal[".", ","] | None = None) -> tuple[pd.Series, pd.Series]:
    """Cells as floats, and which of them are neither a finite number nor empty.

    Raises
    ------
    AmbiguousNumbers : every comma (or point) stands before three digits and `decimal` was not said.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = cells.astype(float)
        return numbers, numbers.abs() == float("inf")
    text = as_text(cells)
    given = text.notna()
    plain = text[given].map(lambda cell: _SPACES.sub("", cell).replace("\u2212", "-")).astype(object)
    decimal = decimal or _decimal_of(plain)
    if decimal == ",":
        plain = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    else:
        plain = plain.str.replace(",", "", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce").reindex(cells.index).astype(float)
    bad = given & ~np.isfinite(numbers)
    return numbers.where(~bad), bad


def _decimal_of(plain: pd.Series) -> Literal[".", ","]:
    """The decimal sign of a column, as far as its cells tell it."""
    commas, dots = (plain[plain.str.contains(sign, regex=False).astype(bool)] for sign in ",.")
    both = commas[commas.str.contains(".", regex=False).astype(bool)]
    if len(both):
        return "," if both.str.rfind(",").gt(both.str.rfind(".")).all() else "."
    if len(commas) and len(dots):
        return "," if dots.map(lambda cell: bool(_GROUPED["."].fullmatch(cell))).all() else "."
    if len(commas):
        return "." if _groups_thousands(plain, commas, ",") else ","
    return "," if len(dots) and _groups_thousands(plain, dots, ".") else "."


def _groups_thousands(plain: pd.Series, signed: pd.Series, sign: str) -> bool:
    """Whether a sign that is the only one of its column groups thousands."""
    if signed.str.count(re.escape(sign)).gt(1).any():
        return True
    if not signed.map(lambda cell: bool(_GROUPED[sign].fullmatch(cell))).all():
        return False
    if plain[~plain.index.isin(signed.index)].str.len().ge(4).any():
        return False
    raise AmbiguousNumbers
