"""GPS positions (fixes) from CSV, Parquet, GeoParquet and GPX files of any length, read part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element, ParseError, iterparse

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from secequity.checks import Findings
from secequity.errors import ConfigError, LayerError, problem
from secequity.sources import files
from secequity.sources.table import SEPARATORS

CSV, PARQUET, GPX = (".csv", ".tsv", ".txt"), (".parquet", ".pq", ".geoparquet"), (".gpx",)
WGS84 = "EPSG:4326"
_BYTES_A_ROW = 64
_SNIFFED_BYTES = 1 << 20
_WITH_ZONE = r"(?:[Zz]|[+-]\d{2}:?\d{2})\s*$"
_UNIX = {"unix_s": "s", "unix_ms": "ms"}


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How the files are written."""

    unit: str | None
    time: str
    x: str | None
    y: str | None
    crs: str | None
    target: CRS
    tz: str | None
    time_format: str | None
    separator: str | None
    decimal: str
    encoding: str | None
    chunk_rows: int


def read_fixes(
    paths: str | Path | Sequence[str | Path],
    *,
    to: Any,
    unit: str | None = None,
    time: str = "time",
    x: str | None = None,
    y: str | None = None,
    crs: str | None = None,
    tz: str | None = None,
    time_format: str | None = None,
    separator: str | None = None,
    decimal: Literal[".", ","] = ".",
    encoding: str | None = None,
    chunk_rows: int = 250_000,
) -> Iterator[gpd.GeoDataFrame]:
    """The fixes of one file or of several, one after the other, in parts that fit in memory.

    Parameters
    ----------
    paths : .csv, .tsv, .txt (also .gz), .parquet, .geoparquet, .gpx.
    to : the CRS of the neighbourhoods, to which positions are brought.
    unit : the column that names the unit; left out, every file is one unit, named after the file (a GPX file: every
        track, by its name).
    time : the column of times (a GPX file has its own).
    x, y : columns of longitude and latitude, or of metres with `crs`. GeoParquet and GPX hold their own positions.
    crs : of `x` and `y`; degrees are taken as WGS 84.
    tz : time zone of times that do not state theirs; times that do are turned to it.
    time_format : how times are written if not as 2023-05-08T14:00:00: a strptime pattern, `unix_s` or `unix_ms`.
    separator, decimal, encoding : of a CSV; the separator and UTF-8 or Windows-1252 are recognised.
    chunk_rows : about how many rows a part has.

    Returns
    -------
    Iterator of GeoDataFrames with `unit`, `time` (with its zone) and points in `to`. A cell that cannot be read is
    missing: NaT, or a point of nan; (0, 0) and degrees out of range are no position.

    Raises
    ------
    ConfigError : an unknown CRS.
    LayerError : a file is absent or not of its format, a column is absent, the CRS or the time zone is not known, no
        time can be read, longitude and latitude are swapped. The first part is read at once, so that most of this is
        said before the work begins.
    """
    reading = _Reading(
        unit=unit,
        time=time,
        x=x,
        y=y,
        crs=crs,
        target=_crs(to, key="to"),
        tz=tz,
        time_format=time_format,
        separator=separator,
        decimal=decimal,
        encoding=encoding,
        chunk_rows=chunk_rows,
    )
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    found = Findings()
    located = [files.locate(Path(), str(one), use="tracks", found=found) for one in several]
    found.raise_if_any(LayerError)
    parts = chain.from_iterable(_of_file(path, reading) for path in located if path is not None)
    first = next(parts, None)
    if first is None:
        raise LayerError(problem("table_empty", file=", ".join(str(one) for one in several)))
    return chain([first], parts)


def _of_file(path: Path, reading: _Reading) -> Iterator[gpd.GeoDataFrame]:
    """The parts of one file: raw `unit`, `time`, `x`, `y`, then times with a zone and points in the CRS asked for."""
    ending = path.suffixes[-2].lower() if path.suffix.lower() == ".gz" and path.suffixes[1:] else path.suffix.lower()
    crs = reading.crs
    if ending in CSV:
        raw = _csv(path, reading)
    elif ending in PARQUET:
        raw, crs = _parquet(path, reading)
    elif ending in GPX:
        raw, crs = _gpx(path, reading), WGS84
    else:
        raise LayerError(problem("fixes_format", file=path.name, ending=path.suffix or "–"))
    transformer: Transformer | None = None
    try:
        for part in raw:
            x, y = (_numbers(part[name], reading.decimal) for name in ("x", "y"))
            if transformer is None:
                transformer = _transformer(x, y, crs, reading.target, path)
            points = shapely.points(*_metres(x, y, transformer))
            times = _times(part["time"], reading, path)
            columns = {"unit": part["unit"].to_numpy(), "time": times}
            yield gpd.GeoDataFrame(columns, geometry=points, crs=reading.target)
    except (pa.ArrowException, ParseError, UnicodeError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LayerError(problem("file_format", file=path.name, format=ending[1:], reason=reason)) from error


def _csv(path: Path, reading: _Reading) -> Iterator[pd.DataFrame]:
    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(_SNIFFED_BYTES)
    encoding = reading.encoding or _encoding(head)
    header = head.decode(encoding, errors="replace").removeprefix("\ufeff").splitlines()[0]
    separator = reading.separator or max(SEPARATORS, key=header.count)
    columns = [name.strip('"') for name in header.split(separator)]
    wanted = _wanted(columns, reading, path, needs_place=True)
    with pa.input_stream(str(path), compression="detect") as stream:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(
                encoding=encoding, block_size=max(reading.chunk_rows * _BYTES_A_ROW, 1 << 12)
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(dict.fromkeys(wanted.values())),
                column_types=dict.fromkeys(wanted.values(), pa.string()),
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            if batch.num_rows:
                yield _named(batch.to_pandas(), wanted, path)


def _encoding(head: bytes) -> str:
    """UTF-8 if the head of the file can be read so (its last letter may be cut), else Windows-1252."""
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _parquet(path: Path, reading: _Reading) -> tuple[Iterator[pd.DataFrame], str | None]:
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise LayerError(problem("file_format", file=path.name, format="Parquet", reason=reason)) from error
    columns = list(file.schema_arrow.names)
    geometry = None
    crs = reading.crs
    if reading.x is None and b"geo" in (file.schema_arrow.metadata or {}):
        empty = gpd.GeoDataFrame.from_arrow(file.schema_arrow.empty_table()) if False else None
        geometry = empty
    wanted = _wanted(columns, reading, path, needs_place=geometry is None)
    return _row_groups(file, wanted, geometry, reading, path), crs


def _row_groups(
    file: pyarrow.parquet.ParquetFile, wanted: dict[str, str], geometry: str | None, reading: _Reading, path: Path
) -> Iterator[pd.DataFrame]:
    columns = [*wanted.values(), *([geometry] if geometry else [])]
    for batch in file.iter_batches(batch_size=reading.chunk_rows, columns=list(dict.fromkeys(columns))):
        yield _named(batch.to_pandas(), wanted, path)
