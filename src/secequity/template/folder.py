"""The files of a folder as parts: what each layer, sheet or table holds, whatever the file turns out to be."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from secequity.checks import Findings
from secequity.sources import cells, table, vector
from secequity.sources.neighbourhoods import TECHNICAL as TECHNICAL_COVARIATES

VECTOR = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".fgb", ".gdb", ".kml")
PARQUET = (".parquet", ".geoparquet", ".pq")
TEXT = (".csv", ".tsv", ".txt")
EXCEL = (".xlsx", ".xlsm")
MANY_ROWS = 200_000
TECHNICAL = TECHNICAL_COVARIATES - {"id"} | {"ogc_fid"}
TIMES = frozenset({"hora", "time", "timestamp", "datetime", "fecha", "fecha_hora", "date"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """A whole file, or one layer or sheet of it.

    inside : the layer or sheet, where the file has several.
    shapes : the geometry, or None for a table.
    text : every column as text · numbers : the columns that are numbers throughout, as floats.
    vague : numeric columns that can be read as thousands or as decimals.
    keys : the columns that tell the rows apart, as ids · timed : rows are events in time.
    """

    file: str
    inside: str | None
    rows: int
    shapes: gpd.GeoSeries | None
    text: pd.DataFrame
    numbers: pd.DataFrame
    vague: frozenset[str]
    keys: dict[str, pd.Index]
    timed: bool

    @property
    def columns(self) -> list[str]:
        return [str(one) for one in self.text.columns]

    @property
    def numeric(self) -> list[str]:
        return [str(one) for one in self.numbers.columns]

    @property
    def title(self) -> str:
        """What the file and its part are called, for guessing by words."""
        return folded(f"{Path(self.file).stem} {self.inside or ''}")

    def has_only(self, *kinds: str) -> bool:
        """Whether the geometry is of these kinds and no other."""
        if self.shapes is None:
            return False
        present = set(self.shapes[self.shapes.notna()].geom_type)
        return bool(present) and present <= set(kinds)


def read_folder(folder: Path) -> tuple[list[Part], list[str]]:
    """The parts of the files in `folder` (not in its subfolders), and the files of a known ending, by name."""
    if not folder.is_dir():
        return [], []
    files = [one for one in sorted(folder.iterdir(), key=lambda one: one.name) if _may_be_named(one)]
    return [part for file in files for part in _parts(file)], [one.name for one in files]


def folded(name: str) -> str:
    """A name without accents, in lower case, its words joined by `_`.

    >>> folded("Población (Año 2017)")
    'poblacion_ano_2017'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def first(patterns: Iterable[str], names: Iterable[str]) -> str | None:
    """The first name that fits the earliest pattern that any name fits."""
    known = list(names)
    return next((one for pattern in patterns for one in known if re.search(pattern, folded(one))), None)


def _may_be_named(path: Path) -> bool:
    """Whether a study file can name this file at all, and secequity reads its ending."""
    name = path.name
    known = path.suffix.lower() in (*VECTOR, *PARQUET, *TEXT, *EXCEL)
    nameable = not name.startswith((".", "~")) and "$" not in name and name.isprintable()
    return known and nameable and (path.is_file() or path.suffix.lower() == ".gdb")


def _parts(path: Path) -> list[Part]:
    """The parts of a file; none when it cannot be read, for whatever reason: a look at a folder never fails."""
    ending = path.suffix.lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frames = _vector_frames(path) if ending in (*VECTOR, *PARQUET) else {}
            if not frames and ending not in VECTOR:
                frames = _table_frames(path)
            return [_part(frame, file=path.name, inside=inside) for inside, frame in frames.items()]
    except Exception:
        return []


def _vector_frames(path: Path) -> dict[str | None, pd.DataFrame]:
    found = Findings()
    frame = vector.read_vector(path, file=path.name, found=found)
    if frame is not None:
        return {None: frame}
    layers = [one for problem in found.errors if problem.code == "layer_choice" for one in problem.which]
    read = {one: vector.read_vector(path, file=path.name, found=found, layer=one) for one in layers}
    return {one: frame for one, frame in read.items() if frame is not None}


def _table_frames(path: Path) -> dict[str | None, pd.DataFrame]:
    found = Findings()
    sheets: list[str] = []
    if path.suffix.lower() in EXCEL:
        table.read_table(path, file=path.name, found=found, sheet="")
        sheets = [one for problem in found.errors if problem.code == "sheet_unknown" for one in problem.which]
    wanted: list[str | None] = [*sheets] if len(sheets) > 1 else [None]
    read = {one: table.read_table(path, file=path.name, found=found, sheet=one) for one in wanted}
    return {one: frame for one, frame in read.items() if frame is not None}


def _part(frame: pd.DataFrame, *, file: str, inside: str | None) -> Part:
    shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame)
    plain = plain.set_axis([str(one) for one in plain.columns], axis=1)
    plain = plain.reset_index(drop=True).head(0 if len(frame) > MANY_ROWS else len(frame))
    dates = any(pd.api.types.is_datetime64_any_dtype(kind) for kind in plain.dtypes)
    text = pd.DataFrame({name: cells.as_text(column) for name, column in plain.items()}, index=plain.index)
    numbers, vague = _numbers(plain)
    return Part(
        file=file,
        inside=inside,
        rows=len(frame),
        shapes=shapes.reset_index(drop=True) if shapes is not None else None,
        text=text,
        numbers=numbers,
        vague=vague,
        keys=_keys(text, numbers),
        timed=dates or bool(TIMES & {folded(str(one)) for one in plain.columns}),
    )


def _numbers(plain: pd.DataFrame) -> tuple[pd.DataFrame, frozenset[str]]:
    numbers: dict[str, pd.Series] = {}
    vague: set[str] = set()
    for name, column in plain.items():
        try:
            values, bad = cells.as_numbers(column)
        except cells.AmbiguousNumbers:
            values, bad = cells.as_numbers(column, decimal=".")
            vague.add(str(name))
        if values.notna().any() and not bad.any():
            numbers[str(name)] = values
    return pd.DataFrame(numbers, index=plain.index), frozenset(vague & numbers.keys())


def _keys(text: pd.DataFrame, numbers: pd.DataFrame) -> dict[str, pd.Index]:
    keys: dict[str, pd.Index] = {}
    for name, column in text.items():
        fraction = name in numbers and bool((numbers[name] % 1 != 0).any())
        if len(column) and column.notna().all() and column.is_unique and not fraction:
            keys[str(name)] = pd.Index(column)
    return keys
