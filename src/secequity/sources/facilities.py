"""Facilities (stations, booths, bases) as points: from coordinate columns of a table or from a vector file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection
from secequity.sources import cells, files, table, vector

DEGREES = "EPSG:4326"


def read_facilities(
    section: LayerSection,
    *,
    folder: Path,
    target: gpd.GeoDataFrame | None,
    found: Findings,
    sources: list[files.Source],
) -> gpd.GeoDataFrame | None:
    """The posts of a layer, or nothing and every reason on `found`.

    Index = row of the file (as text); columns `name`, `amount`, `declared`; geometry in the CRS of `target`, None where
    a row has no place.
    """
    errors_before = len(found.errors)
    written = str(section.path)
    path = files.locate(folder, written, use=section.name, found=found)
    if path is None:
        return None
    file = section.file
    raw = _read(path, section, file, found=found)
    if raw is None:
        return None
    sources.extend(files.identify(path, written, use=section.name, rows=len(raw)))
    wanted = {"x": section.x, "y": section.y, "id": section.id, "post_name": section.post_name}
    wanted |= {f"staff {one}".strip(): one for one in section.counted}
    if not files.require_columns([str(one) for one in raw.columns], wanted, file=file, found=found):
        return None
    rows = pd.Index([str(at + 2) for at in range(len(raw))], name="row")
    raw = raw.set_axis(rows)
    amount = _amount(raw, section, file, found=found)
    points = _points(raw, section, file, target=target, found=found)
    if amount is None or points is None or len(found.errors) > errors_before:
        return None
    names = cells.as_text(raw[section.post_name]) if section.post_name else pd.Series(None, index=rows, dtype=object)
    declared = pd.Series(None, index=rows, dtype=object)
    if section.id:
        declared = cells.as_ids(raw[section.id], zero_pad=section.zero_pad, aliases=section.aliases)
    return gpd.GeoDataFrame({"name": names, "amount": amount, "declared": declared}, geometry=points, crs=points.crs)


def _read(path: Path, section: LayerSection, file: str, *, found: Findings) -> pd.DataFrame | None:
    if section.x is None and path.suffix.lower() not in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm"):
        frame = vector.read_vector(path, file=file, found=found, layer=section.layer, encoding=section.encoding)
        return (
            None
            if frame is None
            else vector.with_crs(frame, section.crs, file=file, key=f"{section.name}.crs", found=found)
        )
    if section.x is None and section.id is None:
        found.error("posts_no_place", file=file, layer=section.name)
        return None
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    return table.read_table(path, file=file, found=found, **options)


def _amount(raw: pd.DataFrame, section: LayerSection, file: str, *, found: Findings) -> pd.Series | None:
    """What each post counts: its staff, added up over the columns, or one. A missing part makes the sum missing."""
    if not section.counted:
        return pd.Series(1.0, index=raw.index)
    parts = [_one_amount(raw, column, section, file, found=found) for column in section.counted]
    known = [one for one in parts if one is not None]
    return pd.concat(known, axis=1).sum(axis=1, skipna=False) if len(known) == len(parts) else None


def _one_amount(
    raw: pd.DataFrame, column: str, section: LayerSection, file: str, *, found: Findings
) -> pd.Series | None:
    """One counted column. Missing is not zero and negative is nonsense."""
    try:
        values, bad = cells.as_numbers(raw[column], decimal=section.decimal)
    except cells.AmbiguousNumbers:
        found.error("numbers_ambiguous", raw[column].head(3), file=file, column=column)
        return None
    labels = _labels(raw, section)
    if bad.any():
        said = [f"{labels[at]} “{raw[column][at]}”" for at in raw.index[bad]]
        found.error("numbers_bad", said, file=file, column=column)
    if (values < 0).any():
        found.error("counts_negative", labels[values < 0], file=file, column=column)
    absent = values.isna() & ~bad
    if absent.any() and section.missing == "error":
        found.error("counts_missing", labels[absent], file=file, column=column, layer=section.name)
    elif absent.any():
        found.notice("counts_missing_kept", labels[absent], file=file, column=column, layer=section.name)
    return values


def _labels(raw: pd.DataFrame, section: LayerSection) -> pd.Series:
    """How messages name the rows of a file: by row, and by the post's name where the study tells its column and the
    body's posts may be shown at all."""
    rows = pd.Series([f"#{row}" for row in raw.index], index=raw.index)
    if section.post_name is None or section.body not in privacy.MAPPED:
        return rows
    return rows + " " + cells.as_text(raw[section.post_name]).fillna("")


def _points(
    raw: pd.DataFrame, section: LayerSection, file: str, *, target: gpd.GeoDataFrame | None, found: Findings
) -> gpd.GeoSeries | None:
    if isinstance(raw, gpd.GeoDataFrame):
        return _vector_points(raw, section, file, target=target, found=found)
    if section.x is None or section.y is None:
        return gpd.GeoSeries([None] * len(raw), index=raw.index, crs=target.crs if target is not None else DEGREES)
    x, y = (_coordinate(raw, column, section, file, found=found) for column in (section.x, section.y))
    if x is None or y is None:
        return None
    absent = x.isna() | y.isna()
    zero = (x.abs() < 1e-6) & (y.abs() < 1e-6)
    labels = _labels(raw, section)
    for code, bad in (("posts_without_coordinates", absent), ("posts_at_zero", zero)):
        if bad.any() and section.missing == "error":
            found.error(code, labels[bad], file=file, layer=section.name)
        elif bad.any():
            found.notice(f"{code}_kept", labels[bad], file=file, layer=section.name)
    placed = ~absent & ~zero
    if not placed.any():
        found.error("posts_nowhere", file=file, layer=section.name)
        return None
    crs = _crs_of_columns(x[placed], y[placed], section, file, found=found)
    if crs is None:
        return None
    if target is not None and _swapped(x[placed], y[placed], crs, target):
        found.error("posts_swapped", file=file, layer=section.name, x=section.x, y=section.y)
        return None
    geometry = gpd.GeoSeries(gpd.points_from_xy(x, y), index=raw.index, crs=crs).where(placed, None)
    return geometry.to_crs(target.crs) if target is not None else geometry


def _vector_points(
    raw: gpd.GeoDataFrame, section: LayerSection, file: str, *, target: gpd.GeoDataFrame | None, found: Findings
) -> gpd.GeoSeries | None:
    geometry = raw.geometry
    empty = geometry.isna() | geometry.is_empty
    if empty.any():
        found.error("geometry_empty", _labels(raw, section)[empty], name=file)
        return None
    kinds = sorted(set(geometry.geom_type) - {"Point", "MultiPoint"})
    if kinds:
        found.error("geometry_not_points", file=file, layer=section.name, kinds=", ".join(kinds))
        return None
    single = (
        geometry.where(geometry.geom_type == "Point", geometry.centroid)
        if (geometry.geom_type != "Point").any()
        else geometry
    )
    if target is None:
        return single
    if single.crs != target.crs:
        found.notice("reprojected", file=file, crs=CRS(single.crs).to_string(), target=CRS(target.crs).to_string())
    return single.to_crs(target.crs)


def _coordinate(
    raw: pd.DataFrame, column: str, section: LayerSection, file: str, *, found: Findings
) -> pd.Series | None:
    try:
        values, bad = cells.as_numbers(raw[column], decimal=section.decimal)
    except cells.AmbiguousNumbers:
        found.error("numbers_ambiguous", raw[column].head(3), file=file, column=column)
        return None
    if bad.any():
        labels = _labels(raw, section)
        found.error(
            "numbers_bad", [f"{labels[at]} “{raw[column][at]}”" for at in raw.index[bad]], file=file, column=column
        )
        return None
    return values


def _crs_of_columns(x: pd.Series, y: pd.Series, section: LayerSection, file: str, *, found: Findings) -> CRS | None:
    """The CRS the study gives for coordinate columns; degrees are taken for WGS 84 and said, metres need a word."""
    degrees = bool((x.abs() <= 180).all() and (y.abs() <= 90).all())
    exchanged = bool((y.abs() <= 180).all() and (x.abs() <= 90).all())
    if section.crs is None:
        if not degrees and not exchanged:
            found.error("crs_absent", file=file, key=f"{section.name}.crs")
            return None
        found.notice("crs_assumed", file=file, crs=DEGREES)
        return CRS(DEGREES)
    crs = vector.known_crs(section.crs, key=f"{section.name}.crs", found=found)
    if crs is None:
        return None
    if crs.is_geographic and not degrees and not exchanged:
        shown = f"{x.min():.0f}, {y.min():.0f}, {x.max():.0f}, {y.max():.0f}"
        found.error("degrees_too_large", file=file, crs=section.crs, bounds=shown)
        return None
    return crs


def _swapped(x: pd.Series, y: pd.Series, crs: CRS, target: gpd.GeoDataFrame) -> bool:
    """Whether most points miss the city as given and meet it with the two coordinates exchanged."""
    city = shapely.box(*target.total_bounds).buffer(np.ptp(target.total_bounds[[0, 2]]))
    given = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=crs).to_crs(target.crs)
    turned = gpd.GeoSeries(gpd.points_from_xy(y, x), crs=crs).to_crs(target.crs)
    return bool(_share(given, city) < 0.5 < _share(turned, city))


def _share(points: gpd.GeoSeries, city: shapely.Geometry) -> float:
    finite = np.isfinite(points.x) & np.isfinite(points.y)
    return float((finite & points.within(city)).mean())
