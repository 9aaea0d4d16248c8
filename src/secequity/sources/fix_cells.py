"""The cells of a GPS export: how they are written, and what they say as times with a zone and as metres."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from secequity.errors import ConfigError, LayerError, problem

WGS84 = "EPSG:4326"
Floats = NDArray[np.float64]
_ZONE = r"([Zz]|[+-]\d{2}:?\d{2})$"
_UNIX = {"unix_s": 1_000_000, "unix_ms": 1000}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the files are written."""

    unit: str | None
    time: str | None
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


def numbers_of(cells: pd.Series, decimal: str) -> Floats:
    if decimal == "," and not pd.api.types.is_numeric_dtype(cells.dtype):
        cells = cells.str.replace(",", ".", regex=False)
    numbers: Floats = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers


def crs_named(written: object, *, key: str) -> CRS:
    try:
        return CRS.from_user_input(written)
    except CRSError as error:
        raise ConfigError(problem("crs_unknown", key=key, crs=str(written))) from error


def transformer_of(x: Floats, y: Floats, crs: CRS | str | None, target: CRS, path: Path) -> Transformer:
    """From the CRS of the file to the one asked for; the first part shows whether that can be."""
    placed = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    x, y = x[placed], y[placed]
    if crs is None:
        degrees = (np.maximum(np.abs(x), np.abs(y)) <= 180).mean() > 0.5 if len(x) else True
        if not degrees:
            raise LayerError(problem("crs_absent", file=path.name, key="crs"))
        crs = WGS84
    source = crs_named(crs, key="crs")
    if source.is_geographic and _swapped(x, y, target):
        raise LayerError(problem("fixes_swapped", file=path.name))
    return Transformer.from_crs(source, target, always_xy=True)


def _swapped(x: Floats, y: Floats, target: CRS) -> bool:
    """Whether most positions miss the area of the CRS asked for, and would lie in it with x and y exchanged."""
    area = target.area_of_use
    if area is None or not len(x):
        return False

    def share(lon: Floats, lat: Floats) -> float:
        return float(((area.west <= lon) & (lon <= area.east) & (area.south <= lat) & (lat <= area.north)).mean())

    return share(x, y) < 0.5 < share(y, x)


def metres_of(x: Floats, y: Floats, transformer: Transformer) -> tuple[Floats, Floats]:
    """Positions in the CRS asked for; (0, 0) and degrees out of range are nowhere."""
    nowhere = (x == 0) & (y == 0)
    if transformer.source_crs is not None and transformer.source_crs.is_geographic:
        nowhere |= (np.abs(x) > 180) | (np.abs(y) > 90)
    east, north = transformer.transform(np.where(nowhere, np.nan, x), np.where(nowhere, np.nan, y))
    lost = ~(np.isfinite(east) & np.isfinite(north))
    return np.where(lost, np.nan, east), np.where(lost, np.nan, north)


def times_of(cells: pd.Series, reading: Reading, path: Path) -> pd.Series:
    """Times with their zone; a cell that is no time is missing.

    Raises
    ------
    LayerError : no time at all can be read; one does not say its zone, or they say different ones, and `tz` is not
        given.
    """
    stated, bare = _moments(cells, reading)
    if stated.isna().all() and bare.isna().all() and cells.notna().any():
        raise LayerError(problem("fixes_times", cells.dropna().unique()[:3], file=path.name, column=reading.time))
    if reading.tz is None:
        if bare.notna().any():
            raise LayerError(problem("tracks_naive", column=reading.time))
        return stated
    local = bare.dt.tz_localize(reading.tz, ambiguous="NaT", nonexistent="NaT")
    times: pd.Series = stated.dt.tz_convert(reading.tz).fillna(local)
    return times


def _moments(cells: pd.Series, reading: Reading) -> tuple[pd.Series, pd.Series]:
    """Times that state their zone, and times that do not: each missing where the other holds."""
    none = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        cells = cells.dt.as_unit("us")
        return (none.dt.tz_localize("UTC"), cells) if cells.dt.tz is None else (cells, none)
    if reading.time_format in _UNIX:
        since = pd.to_numeric(cells, errors="coerce") * _UNIX[reading.time_format]
        return pd.to_datetime(since, unit="us", utc=True, errors="coerce").dt.as_unit("us"), none
    written = pc.utf8_trim_whitespace(pa.array(cells.astype("string"), type=pa.string(), from_pandas=True))
    pattern = reading.time_format or "ISO8601"
    says_zone = pc.fill_null(pc.match_substring_regex(written, _ZONE), False).to_numpy(zero_copy_only=False)
    zoned = says_zone & (reading.time_format is None or "%z" in pattern)
    text = pd.Series(written.to_pandas(), index=cells.index)
    stated = pd.to_datetime(text.where(zoned), format=pattern, errors="coerce", utc=True).dt.as_unit("us")
    bare = pd.to_datetime(text.mask(zoned), format=pattern, errors="coerce", utc=False).dt.as_unit("us")
    tails = pc.unique(pc.utf8_slice_codeunits(written.filter(pa.array(zoned)), start=-6)).to_pylist()
    zones = sorted({found[1] for tail in tails if (found := re.search(_ZONE, tail))})
    if len(zones) > 1 and reading.tz is None:
        raise LayerError(problem("tracks_zones_differ", first=zones[0], other=zones[1]))
    return (stated.dt.tz_convert(pd.Timestamp(f"2000-01-01T00:00{zones[0]}").tz) if len(zones) else stated), bare
