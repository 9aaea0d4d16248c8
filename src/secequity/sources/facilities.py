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
from secequity.sources import cells, files, letters, people, table, vector
from secequity.sources.joined import doubtful

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
    written = str(section.path)
    path = files.locate(folder, written, use=section.name, found=found)
    raw = _read(path, section, found=found) if path is not None else None
    if path is None or raw is None:
        return None
    sources.extend(files.identify(path, written, use=section.name, rows=len(raw)))
    if section.body in privacy.PARTICIPANTS:
        known = () if target is None else (*target.index, *target.get("name", ()))
        if not people.refuse_people(raw, file=section.file, found=found, known=known, points=True, places=[section.id]):
            return None
    wanted = {"x": section.x, "y": section.y, "id": section.id, "post_name": section.post_name}
    wanted |= {f"staff {at}".removesuffix(" 1"): one for at, one in enumerate(section.counted, start=1)}
    named = {f"[[layers]] {section.name}: {key}": column for key, column in wanted.items()}
    if not files.require_columns([str(one) for one in raw.columns], named, file=section.file, found=found):
        return None
    mended = letters.mended(raw, [one for one in (section.id, section.post_name) if one], section, found=found)
    raw = raw if mended is None else mended
    amount = _amount(raw, section, section.file, found=found)
    points = _points(raw, section, section.file, target=target, found=found)
    declared = _declared(raw, section, located=points is not None and points.notna().any(), found=found)
    if amount is None or points is None or mended is None or declared is None:
        return None
    names = cells.as_text(raw[section.post_name]) if section.post_name else None
    columns = {"name": names, "amount": amount, "declared": declared}
    return gpd.GeoDataFrame(columns, index=raw.index, geometry=points, crs=points.crs)


def _read(path: Path, section: LayerSection, *, found: Findings) -> pd.DataFrame | None:
    """The rows of the file, index = row as its program numbers it (text)."""
    file = section.file
    raw: pd.DataFrame | None
    if vector.is_vector(path):
        if section.x is not None:
            found.error("posts_columns_unneeded", file=file, layer=section.name)
            return None
        frame = vector.read_vector(path, file=file, found=found, layer=section.layer, encoding=section.encoding)
        if frame is None:
            return None
        raw = vector.with_crs(frame, section.crs, file=file, key=f"[[layers]] {section.name}: crs", found=found)
        first = 1
    elif section.x is None and section.id is None:
        found.error("posts_no_place", file=file, layer=section.name)
        return None
    else:
        options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
        raw = table.read_table(path, file=file, use=section.name, found=found, **options)
        first = 0
    return None if raw is None else raw.set_axis(pd.Index([str(at + first) for at in raw.index], name="row"))


def _declared(raw: pd.DataFrame, section: LayerSection, *, located: bool, found: Findings) -> pd.Series | None:
    """The neighbourhood each post says it is in; without coordinates a post has to say one."""
    if section.id is None:
        return pd.Series(None, index=raw.index, dtype=object)
    declared = cells.as_ids(raw[section.id], zero_pad=section.zero_pad, aliases=section.aliases)
    absent = declared.isna()
    if absent.any() and not located and section.x is None:
        about = {"file": section.file, "layer": section.name, "column": section.id}
        if section.missing == "error":
            found.error("posts_undeclared", which=_labels(raw, section)[absent], **about)
            return None
        found.notice("posts_undeclared_kept", which=_labels(raw, section)[absent], **about)
    return declared


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
        found.error("numbers_ambiguous", doubtful(raw[column]), file=file, column=column)
        return None
    labels = _labels(raw, section)
    if bad.any():
        said = [_said(labels[at], raw[column][at], section) for at in raw.index[bad]]
        found.error("numbers_bad", said, file=file, column=column)
    if (values < 0).any():
        found.error("counts_negative", labels[values < 0], file=file, column=column)
    absent = values.isna() & ~bad
    if absent.any() and section.missing == "error":
        found.error("counts_missing", labels[absent], file=file, column=column, layer=section.name)
    elif absent.any():
        found.notice("counts_missing_kept", labels[absent], file=file, column=column, layer=section.name)
    return values


def _said(label: str, cell: object, section: LayerSection) -> str:
    """A cell that is no number, by its row; of a file of participants the row alone."""
    return label if section.body in privacy.PARTICIPANTS else f"{label} “{cells.shown(cell)}”"


def _labels(raw: pd.DataFrame, section: LayerSection) -> pd.Series:
    """How messages name the rows of a file: by row, and by the post's name where the study tells its column and the
    body's posts may be shown at all."""
    rows = pd.Series([f"#{row}" for row in raw.index], index=raw.index)
    if section.post_name is None or section.body not in privacy.MAPPED:
        return rows
    names = cells.as_text(raw[section.post_name]).map(cells.shown, na_action="ignore").fillna("")
    return (rows + " " + names).str.strip()


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
    _report_unplaced({"posts_without_coordinates": absent, "posts_at_zero": zero}, labels, section, file, found=found)
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
    placed_in = geometry.to_crs(target.crs) if target is not None else geometry
    impossible = placed & ~(np.isfinite(placed_in.x) & np.isfinite(placed_in.y))
    if crs.is_geographic:
        impossible |= placed & ((x.abs() > 180) | (y.abs() > 90))
    if impossible.any():
        said = [f"{labels[at]} ({x[at]:g}, {y[at]:g})" for at in raw.index[impossible]]
        found.error("posts_impossible", said, file=file, layer=section.name, crs=crs.to_string())
        return None
    return placed_in


def _report_unplaced(
    reasons: dict[str, pd.Series], labels: pd.Series, section: LayerSection, file: str, *, found: Findings
) -> None:
    """Posts that have no place: a problem, or a notice where the study leaves them out of the count."""
    for code, bad in reasons.items():
        if bad.any() and section.missing == "error":
            found.error(code, labels[bad], file=file, layer=section.name)
        elif bad.any():
            found.notice(f"{code}_kept", labels[bad], file=file, layer=section.name)


def _vector_points(
    raw: gpd.GeoDataFrame, section: LayerSection, file: str, *, target: gpd.GeoDataFrame | None, found: Findings
) -> gpd.GeoSeries | None:
    geometry = raw.geometry
    empty = geometry.isna() | geometry.is_empty
    kinds = sorted(set(geometry[~empty].geom_type) - {"Point", "MultiPoint"})
    if kinds:
        found.error("geometry_not_points", file=file, layer=section.name, kinds=", ".join(kinds))
        return None
    labels = _labels(raw, section)
    zero = ~empty & vector.at_zero(raw)
    _report_unplaced({"posts_without_coordinates": empty, "posts_at_zero": zero}, labels, section, file, found=found)
    if (empty | zero).all():
        found.error("posts_nowhere", file=file, layer=section.name)
        return None
    middles = shapely.centroid(geometry.to_numpy())
    single = gpd.GeoSeries(middles, index=raw.index, crs=raw.crs).where(~empty & ~zero, None)
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
        found.error("numbers_ambiguous", doubtful(raw[column]), file=file, column=column)
        return None
    if bad.any():
        labels = _labels(raw, section)
        said = [_said(labels[at], raw[column][at], section) for at in raw.index[bad]]
        found.error("numbers_bad", said, file=file, column=column)
        return None
    return values


def _crs_of_columns(x: pd.Series, y: pd.Series, section: LayerSection, file: str, *, found: Findings) -> CRS | None:
    """The CRS the study gives for coordinate columns; degrees are taken for WGS 84 and said, metres need a word."""
    given = ((x.abs() <= 180) & (y.abs() <= 90)).mean()
    exchanged = ((y.abs() <= 180) & (x.abs() <= 90)).mean()
    degrees = bool(max(given, exchanged) > 0.5)
    if section.crs is None:
        if not degrees:
            found.error("crs_absent", file=file, key=f"[[layers]] {section.name}: crs")
            return None
        found.notice("crs_assumed", file=file, crs=DEGREES)
        return CRS(DEGREES)
    crs = vector.known_crs(section.crs, key=f"[[layers]] {section.name}: crs", found=found)
    if crs is None:
        return None
    if crs.is_geographic and not degrees:
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
