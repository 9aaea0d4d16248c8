"""GPS positions (fixes) from CSV, Parquet, GeoParquet and GPX files of any length, read part by part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from pyproj import CRS, Transformer

from secequity.checks import Findings
from secequity.errors import LayerError, problem
from secequity.sources import files
from secequity.sources.fix_cells import (
    WGS84,
    Floats,
    Reading,
    crs_named,
    metres_of,
    numbers_of,
    times_of,
    transformer_of,
)
from secequity.sources.table import SEPARATORS

CSV, PARQUET, GPX = (".csv", ".tsv", ".txt"), (".parquet", ".pq", ".geoparquet"), (".gpx",)
RAW = ("unit", "time", "x", "y")
PIECE_ROWS = 1_000_000
"""Row groups of a Parquet file are taken together up to about so many rows."""

_BYTES_A_ROW = 64
_SNIFFED_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A file, or some row groups of a Parquet file, and how it is written: all that is needed to read it anywhere."""

    path: Path
    reading: Reading
    row_groups: tuple[int, ...] | None = None

    def tables(self) -> Iterator[pd.DataFrame]:
        """The fixes in parts: `unit`, `time`, and `x`, `y` in the CRS asked for, nan where there is no position."""
        with _spoken(self.path):
            for part, transformer in self._raw(self.reading):
                x, y = metres_of(*_coordinates(part, self.reading), transformer)
                times = times_of(part["time"], self.reading, self.path)
                yield pd.DataFrame({"unit": part["unit"].to_numpy(), "time": times, "x": x, "y": y})

    def positions(self) -> Iterator[tuple[Floats, Floats]]:
        """The positions alone, as coordinates in the CRS asked for; nan where there is none."""
        reading = replace(self.reading, unit=None, time=None)
        with _spoken(self.path):
            for part, transformer in self._raw(reading):
                yield metres_of(*_coordinates(part, reading), transformer)

    def _raw(self, reading: Reading) -> Iterator[tuple[pd.DataFrame, Transformer]]:
        """Raw `unit`, `time`, `x`, `y` by part, and the way into the CRS asked for."""
        raw, crs = _of_file(self.path, reading, self.row_groups)
        transformer: Transformer | None = None
        for part in raw:
            if transformer is None:
                transformer = transformer_of(*_coordinates(part, reading), crs, reading.target, self.path)
            yield part, transformer


class Fixes(Iterator[gpd.GeoDataFrame]):
    """The fixes of one file or of several: part by part, or in `pieces` that can be read anywhere.

    read : how many of the pieces have been read.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.read = 0
        self._parts = self._all()
        self._first = next(self._parts, None)
        if self._first is None:
            raise LayerError(problem("table_empty", file=", ".join(dict.fromkeys(one.path.name for one in pieces))))

    def _all(self) -> Iterator[pd.DataFrame]:
        for piece in self.pieces:
            yield from piece.tables()
            self.read += 1

    def tables(self) -> Iterator[pd.DataFrame]:
        """The parts that have not been read yet, as columns `unit`, `time`, `x`, `y`: no points are made."""
        while True:
            first, self._first = self._first, None
            part = next(self._parts, None) if first is None else first
            if part is None:
                return
            yield part

    def __next__(self) -> gpd.GeoDataFrame:
        part = next(self.tables())
        points = shapely.points(part["x"].to_numpy(), part["y"].to_numpy())
        return gpd.GeoDataFrame(part[["unit", "time"]], geometry=points, crs=self.pieces[0].reading.target)


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
) -> Fixes:
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
    Fixes, an iterator of GeoDataFrames with `unit`, `time` (with its zone) and points in `to`. A cell that cannot be
    read is missing: NaT, or a point of nan; (0, 0) and degrees out of range are no position.

    Raises
    ------
    ConfigError : an unknown CRS.
    LayerError : a file is absent or not of its format, a column is absent, the CRS or the time zone is not known, no
        time can be read, longitude and latitude are swapped. The first part is read at once, so that most of this is
        said before the work begins.
    """
    reading = Reading(
        unit=unit,
        time=time,
        x=x,
        y=y,
        crs=crs,
        target=crs_named(to, key="to"),
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
    return Fixes([piece for path in located if path is not None for piece in _pieces(path, reading)])


def _ending(path: Path) -> str:
    zipped = path.suffix.lower() == ".gz" and path.suffixes[1:]
    return path.suffixes[-2].lower() if zipped else path.suffix.lower()


def _pieces(path: Path, reading: Reading) -> Iterator[Piece]:
    """A file as it can be read by several: a long Parquet file by its row groups, others whole."""
    if _ending(path) not in PARQUET:
        yield Piece(path=path, reading=reading)
        return
    described = _parquet_file(path).metadata
    groups: list[int] = []
    rows = 0
    for group in range(described.num_row_groups):
        size = described.row_group(group).num_rows
        if groups and rows + size > PIECE_ROWS:
            yield Piece(path=path, reading=reading, row_groups=tuple(groups))
            groups, rows = [], 0
        groups.append(group)
        rows += size
    yield Piece(path=path, reading=reading, row_groups=tuple(groups))


@contextmanager
def _spoken(path: Path) -> Iterator[None]:
    """What a library says of a file that is not what its ending promises, in our words."""
    try:
        yield
    except (pa.ArrowException, ParseError, UnicodeError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LayerError(problem("file_format", file=path.name, format=_ending(path)[1:], reason=reason)) from error


def _of_file(
    path: Path, reading: Reading, row_groups: tuple[int, ...] | None
) -> tuple[Iterator[pd.DataFrame], CRS | str | None]:
    """The raw parts of a file, and the CRS it is in."""
    ending = _ending(path)
    if ending in CSV:
        return _csv(path, reading), reading.crs
    if ending in PARQUET:
        return _parquet(path, reading, row_groups)
    if ending in GPX:
        return _gpx(path, reading), WGS84
    raise LayerError(problem("fixes_format", file=path.name, ending=path.suffix or "–"))


def _coordinates(part: pd.DataFrame, reading: Reading) -> tuple[Floats, Floats]:
    x, y = (numbers_of(part[name], reading.decimal) for name in ("x", "y"))
    return x, y


def _csv(path: Path, reading: Reading) -> Iterator[pd.DataFrame]:
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


def _parquet_file(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise LayerError(problem("file_format", file=path.name, format="Parquet", reason=reason)) from error


def _parquet(
    path: Path, reading: Reading, row_groups: tuple[int, ...] | None
) -> tuple[Iterator[pd.DataFrame], CRS | str | None]:
    file = _parquet_file(path)
    described = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    geometry = described.get("primary_column") if reading.x is None else None
    wanted = _wanted(list(file.schema_arrow.names), reading, path, needs_place=geometry is None)
    crs: CRS | str | None = reading.crs
    if geometry is not None:
        own = described["columns"][geometry].get("crs", "OGC:CRS84")
        crs = CRS.from_user_input(own) if own is not None else crs
    return _row_groups(file, wanted, geometry, reading, path, row_groups), crs


def _row_groups(
    file: pyarrow.parquet.ParquetFile,
    wanted: dict[str, str],
    geometry: str | None,
    reading: Reading,
    path: Path,
    row_groups: tuple[int, ...] | None,
) -> Iterator[pd.DataFrame]:
    columns = list(dict.fromkeys([*wanted.values(), *([geometry] if geometry else [])]))
    for batch in file.iter_batches(batch_size=reading.chunk_rows, columns=columns, row_groups=row_groups):
        table = _named(batch.select(list(dict.fromkeys(wanted.values()))).to_pandas(), wanted, path)
        if geometry is not None:
            table["x"], table["y"] = _positions(batch.column(geometry), path)
        if len(table):
            yield table
    pa.default_memory_pool().release_unused()


def _positions(column: pa.Array, path: Path) -> tuple[Floats, Floats]:
    """Coordinates of a column of points, as the two encodings of GeoParquet write them."""
    if pa.types.is_struct(column.type):
        x, y = (pc.struct_field(column, name).to_numpy(zero_copy_only=False).astype(float) for name in ("x", "y"))
        return x, y
    points = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    kinds = shapely.get_type_id(points)
    other = ~np.isin(kinds, (-1, shapely.GeometryType.POINT))
    if other.any():
        raise LayerError(problem("not_points", name=path.name, kinds=points[other][0].geom_type))
    return shapely.get_x(points), shapely.get_y(points)


def _gpx(path: Path, reading: Reading) -> Iterator[pd.DataFrame]:
    """Track points as text; a track without a name is named after the file."""
    rows: list[tuple[str, str | None, str | None, str | None]] = []
    unit, open_tags = path.stem, list[Element]()
    with path.open("rb") as stream:
        for event, element in iterparse(stream, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                open_tags.append(element)
                unit = path.stem if tag == "trk" else unit
                continue
            open_tags.pop()
            above = open_tags[-1] if open_tags else None
            if tag == "name" and above is not None and above.tag.endswith("trk"):
                unit = (element.text or "").strip() or path.stem
            elif tag == "trkpt" and above is not None:
                moment = next((one.text for one in element if one.tag.endswith("time")), None)
                rows.append((unit, moment, element.get("lon"), element.get("lat")))
                above.remove(element)
            if len(rows) == reading.chunk_rows:
                yield pd.DataFrame(rows, columns=list(RAW))
                rows = []
    if rows:
        yield pd.DataFrame(rows, columns=list(RAW))


def _wanted(columns: list[str], reading: Reading, path: Path, *, needs_place: bool) -> dict[str, str]:
    """The column of each thing that is read, all of them there."""
    found = Findings()
    if needs_place and (reading.x is None or reading.y is None):
        found.error("fixes_place", file=path.name)
    named = {"unit": reading.unit, "time": reading.time}
    named |= {"x": reading.x, "y": reading.y} if needs_place else {}
    files.require_columns(columns, named, file=path.name, found=found)
    found.raise_if_any(LayerError)
    return {key: column for key, column in named.items() if column is not None}


def _named(table: pd.DataFrame, wanted: dict[str, str], path: Path) -> pd.DataFrame:
    named = pd.DataFrame({key: table[column] for key, column in wanted.items()})
    if "unit" in named:
        return named
    return named.assign(unit=pd.Categorical.from_codes(np.zeros(len(named), dtype=np.int8), pd.Index([path.stem])))
