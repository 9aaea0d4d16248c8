"""Tables from CSV (any common encoding and separator), Excel and Parquet, as the cells stand in the file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa

from secequity.checks import Findings, nearest

SEPARATORS = (",", ";", "\t", "|")


def read_table(
    path: Path,
    *,
    file: str,
    found: Findings,
    sheet: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> pd.DataFrame | None:
    """The table in `path`, its cells untouched (text in a CSV), or nothing and the reason on `found`."""
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        table = _read_excel(path, file=file, found=found, sheet=sheet)
    elif ending in (".parquet", ".pq"):
        table = _read_parquet(path, file=file, found=found)
    elif ending in (".csv", ".txt", ".tsv"):
        table = _read_csv(path, file=file, found=found, encoding=encoding, separator=separator)
    else:
        found.error("table_format", file=file, ending=ending or "–")
        return None
    if table is None:
        return None
    table.columns = [str(column).strip().removeprefix("\ufeff") for column in table.columns]
    repeated = sorted({column for column in table.columns if list(table.columns).count(column) > 1})
    if repeated:
        found.error("columns_repeated", repeated, file=file)
        return None
    if table.empty:
        found.error("table_empty", file=file)
        return None
    return table


def _read_csv(
    path: Path, *, file: str, found: Findings, encoding: str | None, separator: str | None
) -> pd.DataFrame | None:
    raw = path.read_bytes()
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\x00" in raw and not utf16:
        lines = [str(at + 1) for at, line in enumerate(raw.split(b"\n")) if b"\x00" in line]
        found.error("table_nul", lines, file=file)
        return None
    try:
        text = raw.decode(encoding) if encoding else _decode(raw, utf16=utf16)
    except (UnicodeError, LookupError):
        found.error("table_encoding", file=file, encoding=encoding or "utf-16")
        return None
    if not text.strip():
        found.error("file_empty", file=file, use="")
        return None
    header = next(line for line in text.splitlines() if line.strip())
    separator = separator or max(SEPARATORS, key=lambda sign: _outside_quotes(header, sign))
    try:
        return pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, index_col=False, on_bad_lines="error"
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        found.error(
            "table_ragged", file=file, reason=str(error).removeprefix("Error tokenizing data. C error: ").strip()
        )
        return None


def _decode(raw: bytes, *, utf16: bool) -> str:
    if utf16:
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace") if b"\x81" not in raw else raw.decode("latin-1")


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _read_excel(path: Path, *, file: str, found: Findings, sheet: str | None) -> pd.DataFrame | None:
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            if sheet is not None and sheet not in book.sheet_names:
                close = nearest(sheet, book.sheet_names)
                found.error("sheet_unknown", book.sheet_names, file=file, sheet=sheet, near=close and f" → {close}?")
                return None
            return book.parse(sheet if sheet is not None else 0, dtype=object)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        found.error("file_format", file=file, format="Excel (.xlsx)", reason=str(error))
        return None


def _read_parquet(path: Path, *, file: str, found: Findings) -> pd.DataFrame | None:
    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        found.error("file_format", file=file, format="Parquet", reason=str(error).splitlines()[0])
        return None
