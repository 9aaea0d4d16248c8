"""Casco urbano and periphery: five ways to draw the line, each `centre` or `periphery` by neighbourhood id."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.checks import Findings, nearest, require_arguments, require_metres, require_same_crs
from secequity.config import ZonesSection
from secequity.errors import problem
from secequity.sources import cells, files, vector
from secequity.sources.neighbourhoods import Neighbourhoods

WORDS = 12


def by_ids(neighbourhoods: pd.DataFrame, centre_ids: Collection[str]) -> pd.Series:
    """The neighbourhoods named are the centre, all others the periphery."""
    require_arguments(neighbourhoods=("frame", neighbourhoods), centre_ids=("collection", centre_ids))
    return _zones(neighbourhoods.index, neighbourhoods.index.isin(list(centre_ids)))


def by_column(column: pd.Series, centre: Collection[str]) -> pd.Series:
    """Neighbourhoods whose cell is one of `centre` are the centre; an empty cell is no zone (missing)."""
    require_arguments(column=("series", column), centre=("collection", centre))
    text = cells.as_text(column)
    return _zones(column.index, text.isin(list(centre)).to_numpy()).where(text.notna(), None)


def by_polygon(neighbourhoods: gpd.GeoDataFrame, casco: gpd.GeoDataFrame) -> pd.Series:
    """Neighbourhoods with more than half of their area inside `casco` are the centre.

    Raises
    ------
    LayerError : a layer is not in metres, or the two CRS differ.
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), casco=("layer", casco))
    require_metres(neighbourhoods, name="neighbourhoods")
    require_same_crs(casco, neighbourhoods, name="casco", other_name="neighbourhoods")
    shape = shapely.make_valid(shapely.union_all(casco.geometry.to_numpy()))
    return _zones(neighbourhoods.index, _share_inside(neighbourhoods, shape) > 0.5)


def by_radius(neighbourhoods: gpd.GeoDataFrame, point: shapely.Point, *, radius_m: float) -> pd.Series:
    """Neighbourhoods whose centroid lies within `radius_m` metres of `point` (same CRS) are the centre.

    Raises
    ------
    LayerError : the neighbourhoods are not in metres.
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), point=("point", point), radius_m=("number", radius_m))
    require_metres(neighbourhoods, name="neighbourhoods")
    distance = shapely.distance(shapely.centroid(neighbourhoods.geometry.to_numpy()), point)
    return _zones(neighbourhoods.index, distance <= radius_m)


def by_density(neighbourhoods: gpd.GeoDataFrame, population: pd.Series, *, per_km2: float) -> pd.Series:
    """Neighbourhoods with at least `per_km2` people on a square kilometre are the centre.

    Raises
    ------
    LayerError : the neighbourhoods are not in metres.
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), population=("numbers", population), per_km2=("number", per_km2)
    )
    require_metres(neighbourhoods, name="neighbourhoods")
    density = population.reindex(neighbourhoods.index) / (neighbourhoods.geometry.area / 1e6)
    return _zones(neighbourhoods.index, (density >= per_km2).to_numpy())


def _share_inside(neighbourhoods: gpd.GeoDataFrame, shape: shapely.Geometry) -> np.ndarray:
    shapes = neighbourhoods.geometry.to_numpy()
    share: np.ndarray = shapely.area(shapely.intersection(shapes, shape)) / shapely.area(shapes)
    return share


def _zones(ids: pd.Index, is_centre: np.ndarray) -> pd.Series:
    return pd.Series(np.where(is_centre, "centre", "periphery"), index=ids, name="zone", dtype=object)


def read_zones(
    section: ZonesSection,
    neighbourhoods: Neighbourhoods | None,
    *,
    folder: Path,
    found: Findings,
    sources: list[files.Source],
) -> pd.Series | None:
    """The zones a study file describes; every neighbourhood in one zone, or none in the centre, is a problem.

    Without neighbourhoods the file of the casco alone is checked.
    """
    if neighbourhoods is None:
        if section.path is not None:
            _casco(section, None, folder=folder, found=found, sources=sources)
        return None
    frame = neighbourhoods.frame
    zones: pd.Series | None
    if section.centre_ids is not None:
        unknown = [one for one in section.centre_ids if one not in frame.index]
        if unknown:
            near = [f"{one} ({close}?)" if (close := nearest(one, frame.index)) else one for one in unknown]
            found.error("zones_ids_unknown", near, file=neighbourhoods.section.file)
            return None
        zones = by_ids(frame, section.centre_ids)
    elif section.column is not None:
        zones = _zones_of_column(section, neighbourhoods, found=found)
    elif section.path is not None:
        casco = _casco(section, frame, folder=folder, found=found, sources=sources)
        zones = by_polygon(frame, casco) if casco is not None else None
    elif section.point is not None:
        point = _point(section, frame, found=found)
        zones = by_radius(frame, point, radius_m=section.radius_m or 0.0) if point is not None else None
    elif not neighbourhoods.complete:
        return None
    else:
        zones = by_density(frame, frame["population"], per_km2=section.density_per_km2 or 0.0)
    if zones is None or (zones.isna().any() and not neighbourhoods.complete):
        return None
    return zones if _two_zones(zones, section, frame, found=found) else None


def _zones_of_column(section: ZonesSection, neighbourhoods: Neighbourhoods, *, found: Findings) -> pd.Series | None:
    attributes = neighbourhoods.attributes
    column = str(section.column)
    known = [str(one) for one in attributes.columns]
    file = neighbourhoods.file_of(column)
    if column not in known and not neighbourhoods.complete:
        return None
    if not files.require_columns(known, {"[zones] column": column}, file=file, found=found):
        return None
    words = sorted(cells.as_text(attributes[column]).dropna().unique())
    unknown = [word for word in section.centre or () if word not in words]
    if unknown:
        near = [f"{word} ({close}?)" if (close := nearest(word, words)) else word for word in unknown]
        found.error("zones_words_unknown", near, file=file, column=column, words=_listed(words))
        return None
    return by_column(attributes[column], section.centre or ())


def _listed(words: list[str]) -> str:
    return ", ".join(map(cells.shown, words[:WORDS])) + (" …" if len(words) > WORDS else "")


def _casco(
    section: ZonesSection, frame: gpd.GeoDataFrame | None, *, folder: Path, found: Findings, sources: list[files.Source]
) -> gpd.GeoDataFrame | None:
    written = str(section.path)
    path = files.locate(folder, written, use="zones", found=found)
    file = Path(written).name
    casco = vector.read_vector(path, file=file, found=found, layer=section.layer) if path is not None else None
    if path is None or casco is None:
        return None
    sources.extend(files.identify(path, written, use="zones", rows=len(casco)))
    known = vector.with_crs(casco.set_axis(casco.index + 1), section.crs, file=file, key="[zones] crs", found=found)
    if known is None or frame is None:
        return None
    metric = vector.in_metres(known, frame.crs.to_string(), file=file, found=found)
    return vector.mended_polygons(metric, file=file, found=found) if metric is not None else None


def plaza_of(section: ZonesSection, neighbourhoods: Neighbourhoods | None, *, found: Findings) -> shapely.Point | None:
    """The plaza that a study file gives, in the CRS of the neighbourhoods; nothing where it gives none."""
    if section.plaza is None or neighbourhoods is None:
        return None
    return _placed(section.plaza, section.crs, neighbourhoods.frame, reach_m=0.0, found=found)


def _point(section: ZonesSection, frame: gpd.GeoDataFrame, *, found: Findings) -> shapely.Point | None:
    """The point of `[zones]` in the CRS of the neighbourhoods."""
    if section.point is None:
        return None
    return _placed(section.point, section.crs, frame, reach_m=section.radius_m or 0.0, found=found)


def _placed(
    point: tuple[float, float], crs: str | None, frame: gpd.GeoDataFrame, *, reach_m: float, found: Findings
) -> shapely.Point | None:
    """A point in the CRS of the neighbourhoods; longitude first, or a problem if it was latitude."""
    known = vector.known_crs(crs or "EPSG:4326", key="[zones] crs", found=found)
    if known is None:
        return None
    x, y = point
    given = gpd.GeoSeries([shapely.Point(x, y), shapely.Point(y, x)], crs=known).to_crs(frame.crs)
    hull = shapely.box(*frame.total_bounds).buffer(reach_m + 50_000)
    right, swapped = (bool(np.isfinite([p.x, p.y]).all() and hull.covers(p)) for p in given)
    if not right:
        found.error("zones_point_swapped" if swapped else "zones_point_far", point=f"[{x}, {y}]")
        return None
    placed: shapely.Point = given.iloc[0]
    return placed


def _two_zones(zones: pd.Series, section: ZonesSection, frame: gpd.GeoDataFrame, *, found: Findings) -> bool:
    absent = zones.index[zones.isna()]
    if len(absent):
        total = frame["population"].reindex(absent).sum(min_count=1)
        people = problem("people", people=float(total)) if total == total else ""
        report = found.notice if section.missing == "keep" else found.error
        report("zones_missing_kept" if section.missing == "keep" else "zones_missing", absent, people=people)
        if section.missing == "error":
            return False
    present = set(zones.dropna())
    if len(present) < 2:
        only = f"@zone.{present.pop()}" if present else "–"
        found.error("zones_one", way=section.ways[0], only=only, total=len(zones))
        return False
    return True
