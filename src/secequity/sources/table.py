"""Tables from CSV (any common encoding and separator), Excel and Parquet, as the cells stand in the file."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd
import pyarrow as pa

from secequity.checks import Findings, nearest

SEPARATORS = (",", ";", "\t", "|")
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
_FIRST_ROW = 2
MANY_ROWS = 10_000_000
"""Whole numbers from here on number no rows, but perhaps persons."""
_TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_OPEN_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")
_DECLARED_SEPARATOR = re.compile(r'"?sep=(.)"?$', re.IGNORECASE)


def read_table(
    path: Path,
    *,
    file: str,
    found: Findings,
    use: str = "",
    sheet: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> pd.DataFrame | None:
    """The table in `path`, its cells untouched (text in a CSV), or nothing and the reason on `found`.

    The index is the row as a spreadsheet numbers it (the header is row 1); rows that are blank throughout are left out.
    """
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        table = _read_excel(path, file=file, found=found, sheet=sheet)
    elif ending in (".parquet", ".pq"):
        table = _read_parquet(path, file=file, found=found)
    elif ending in (".csv", ".txt", ".tsv"):
        table = _read_csv(path, file=file, use=use, found=found, encoding=encoding, separator=separator)
    else:
        found.error("table_format", file=file, ending=ending or "–")
        return None
    if table is None:
        return None
    table.columns = pd.Index([str(column).strip().removeprefix("\ufeff") for column in table.columns])
    repeated = sorted({column for column in table.columns if list(table.columns).count(column) > 1})
    if repeated:
        found.error("columns_repeated", repeated, file=file)
        return None
    table = table[~_blank(table)]
    if table.empty:
        found.error("table_empty", file=file)
        return None
    return table


def _blank(table: pd.DataFrame) -> pd.Series:
    """Which rows have nothing in any cell."""
    empty = table.index
    for at in range(table.shape[1]):
        cells = table.iloc[:, at].loc[empty]
        empty = empty[cells.isna() | cells.map(lambda cell: isinstance(cell, str) and not cell.strip()).astype(bool)]
    return pd.Series(table.index.isin(empty), index=table.index)


def _read_csv(
    path: Path, *, file: str, use: str, found: Findings, encoding: str | None, separator: str | None
) -> pd.DataFrame | None:
    text = _text_of(path.read_bytes(), encoding, file=file, found=found)
    if text is None:
        return None
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if line.strip()), None)
    if start is None:
        found.error("file_empty", file=file, use=use)
        return None
    declared = _DECLARED_SEPARATOR.match(lines[start].strip())
    start += declared is not None
    header = lines[start] if start < len(lines) else ""
    separator = separator or (declared and declared[1]) or _separator_of(header)
    options: dict[str, Any] = {"sep": separator, "dtype": str, "keep_default_na": False, "index_col": False}
    options |= {"skip_blank_lines": False, "skiprows": start, "on_bad_lines": "error", "engine": "c"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table: pd.DataFrame = pd.read_csv(io.StringIO(text, newline=""), **options)
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, ValueError) as error:
        _report_ragged(str(error), header, lines, separator, start, file=file, found=found)
        return None
    return table.set_axis(pd.RangeIndex(start + _FIRST_ROW, start + _FIRST_ROW + len(table)))


def _text_of(raw: bytes, encoding: str | None, *, file: str, found: Findings) -> str | None:
    """The text of a CSV in the encoding the study says, or else in the one its bytes show."""
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    wide = marked or (encoding or "").lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    if b"\x00" in raw and not wide:
        lines = [str(at + 1) for at, line in enumerate(raw.split(b"\n")) if b"\x00" in line]
        found.error("table_nul", lines, file=file)
        return None
    try:
        if encoding:
            return raw.decode(encoding).removeprefix("\ufeff")
        return raw.decode("utf-16") if marked else _decode(raw)
    except (UnicodeError, LookupError):
        found.error("table_encoding", file=file, encoding=encoding or "utf-16")
        return None


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _separator_of(header: str) -> str:
    return max(SEPARATORS, key=lambda sign: sum(part.count(sign) for part in header.split('"')[::2]))


def _report_ragged(
    reason: str, header: str, lines: list[str], separator: str, start: int, *, file: str, found: Findings
) -> None:
    """A row that does not fit its header: which row, and why."""
    wide, quote = _TOO_MANY.search(reason), _OPEN_QUOTE.search(reason)
    if quote:
        found.error("table_quote", [f"#{start + int(quote[1]) + 1}"], file=file)
        return
    if wide:
        rows, cells = [f"#{start + int(wide[2])}"], int(wide[3])
    else:
        width = header.count(separator)
        rows = [f"#{at + 1}" for at, line in enumerate(lines) if at > start and line.count(separator) > width]
        cells = max((line.count(separator) for line in lines[start:]), default=0) + 1
    found.error("table_ragged", rows, file=file, cells=cells, columns=header.count(separator) + 1, separator=separator)


def _read_excel(path: Path, *, file: str, found: Findings, sheet: str | None) -> pd.DataFrame | None:
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is not None and sheet not in names:
                close = nearest(sheet, names)
                found.error("sheet_unknown", names, file=file, sheet=sheet, near=close and f" → {close}?")
                return None
            table = pd.read_excel(book, sheet_name=sheet if sheet is not None else 0, dtype=object)
    except (zipfile.BadZipFile, ParseError, KeyError, TypeError, ValueError, OSError, EOFError):
        found.error("file_format", file=file, format="Excel (.xlsx)")
        return None
    return table.set_axis(pd.RangeIndex(_FIRST_ROW, _FIRST_ROW + len(table)))


def _read_parquet(path: Path, *, file: str, found: Findings) -> pd.DataFrame | None:
    try:
        table = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError):
        found.error("file_format", file=file, format="Parquet")
        return None
    if any(table.index.names) or not _numbers_rows(table.index):
        table = table.reset_index()
    return table.set_axis(pd.RangeIndex(_FIRST_ROW, _FIRST_ROW + len(table)))


def _numbers_rows(index: pd.Index) -> bool:
    """Whether an index without a name only numbers the rows, of this table or of a larger one it was taken from."""
    return bool(pd.api.types.is_integer_dtype(index.dtype)) and (index.empty or int(index.max()) < MANY_ROWS)
