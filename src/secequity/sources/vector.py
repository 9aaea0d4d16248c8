"""Vector files (GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet) in metres, mended where they can be."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from secequity.boundaries import overlap, valid
from secequity.checks import Findings, nearest

VECTOR_ENDINGS = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".fgb", ".kml", ".gml", ".gdb", ".geoparquet")
GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
)
LATIN_AMERICA = (-120.0, -57.0, -28.0, 34.0)
OVERLAP_SHARE = 0.01
NULL_DEGREES = 1e-6
NEAR_DEGREES = 10.0


def is_vector(path: Path) -> bool:
    """Whether a file can hold points or polygons; a Parquet file does when it says so."""
    ending = path.suffix.lower()
    if ending not in (".parquet", ".pq"):
        return ending in VECTOR_ENDINGS
    try:
        return b"geo" in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError):
        return False


def read_vector(
    path: Path, *, file: str, found: Findings, layer: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame | None:
    """The features of a file with their CRS, geometry as it stands, or nothing and the reason on `found`."""
    if path.suffix.lower() in (".parquet", ".geoparquet", ".pq"):
        return _read_geoparquet(path, file=file, found=found)
    source = _inside(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
            if layer is None and len(layers) > 1:
                found.error("layer_choice", layers, file=file)
                return None
            if layer is not None and layer not in layers:
                close = nearest(layer, layers)
                found.error("layer_unknown", layers, file=file, layer=layer, near=close and f" → {close}?")
                return None
            chosen = layer or (layers[0] if layers else None)
            told = int(pyogrio.read_info(source, layer=chosen, encoding=encoding)["features"])
            frame = pyogrio.read_dataframe(source, layer=chosen, encoding=encoding, on_invalid="ignore")
    except (*GDAL_ERRORS, UnicodeError, ValueError):
        found.error("file_format", file=file, format="GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet")
        return None
    if len(frame) < told:
        found.error("vector_cut", file=file, told=told, count=len(frame))
        return None
    if not isinstance(frame, gpd.GeoDataFrame):
        found.error("vector_no_geometry", file=file)
        return None
    return _with_features(frame, file=file, found=found)


def _inside(path: Path) -> str:
    """Where GDAL finds the file; a zip whose shapefile lies in a folder needs that folder's name."""
    if path.suffix.lower() != ".zip":
        return str(path)
    try:
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if "__MACOSX" not in name]
    except (zipfile.BadZipFile, OSError):
        return str(path)
    inside = [PurePosixPath(name) for name in names]
    folders = {str(one.parent) for one in inside if one.suffix.lower() in VECTOR_ENDINGS}
    return f"/vsizip/{path}/{folders.pop()}" if len(folders) == 1 and "." not in folders else str(path)


def _read_geoparquet(path: Path, *, file: str, found: Findings) -> gpd.GeoDataFrame | None:
    try:
        return _with_features(gpd.read_parquet(path), file=file, found=found)
    except (pa.ArrowException, ValueError, OSError):
        found.error("file_format", file=file, format="GeoParquet")
        return None


def _with_features(frame: gpd.GeoDataFrame, *, file: str, found: Findings) -> gpd.GeoDataFrame | None:
    if frame.empty:
        found.error("vector_empty", file=file)
        return None
    return frame.reset_index(drop=not any(frame.index.names))


def known_crs(written: str, *, key: str, found: Findings) -> CRS | None:
    """The CRS that a study names, or a problem."""
    try:
        return CRS.from_user_input(written)
    except CRSError:
        found.error("crs_unknown", key=key, crs=written)
        return None


def with_crs(
    frame: gpd.GeoDataFrame, crs: str | None, *, file: str, key: str, found: Findings
) -> gpd.GeoDataFrame | None:
    """The frame with the CRS of its file, or else the one the study gives it; degrees must be plausible."""
    if frame.crs is None or _says_nothing(CRS(frame.crs)):
        if crs is None:
            found.error("crs_absent", file=file, key=key)
            return None
        given = known_crs(crs, key=key, found=found)
        if given is None:
            return None
        frame = frame.set_crs(given, allow_override=True)
    elif crs is not None:
        given = known_crs(crs, key=key, found=found)
        if given is None:
            return None
        if given != frame.crs:
            found.notice("crs_overridden", file=file, file_crs=_short(frame.crs), crs=crs)
    return frame if _plausible(frame, file=file, found=found) else None


def _says_nothing(crs: CRS) -> bool:
    """Whether a CRS is what a GeoPackage writes when nobody told it one."""
    return crs.name.casefold().startswith("undefined")


def _plausible(frame: gpd.GeoDataFrame, *, file: str, found: Findings) -> bool:
    """Whether coordinates said to be degrees can be: not latitude before longitude, not (0, 0), not metres."""
    if not CRS(frame.crs).is_geographic or frame.geometry.isna().all():
        return True
    west, south, east, north = np.asarray(frame.total_bounds, dtype=float)
    x, y = (west + east) / 2, (south + north) / 2
    if _in_box(y, x) and not _in_box(x, y):
        found.error("coordinates_swapped", file=file, x=f"{x:.3f}", y=f"{y:.3f}")
        return False
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        shown = f"{west:.0f}, {south:.0f}, {east:.0f}, {north:.0f}"
        found.error("degrees_too_large", file=file, crs=_short(frame.crs), bounds=shown)
        return False
    return True


def at_zero(frame: gpd.GeoDataFrame) -> pd.Series:
    """Which features have a vertex at longitude 0, latitude 0."""
    if not CRS(frame.crs).is_geographic:
        return pd.Series(False, index=frame.index)
    vertices, of = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    zero = np.unique(of[(np.abs(vertices) < NULL_DEGREES).all(axis=1)])
    return pd.Series(np.isin(np.arange(len(frame)), zero), index=frame.index)


def _in_box(x: float, y: float) -> bool:
    west, south, east, north = LATIN_AMERICA
    return west <= x <= east and south <= y <= north


def _short(crs: object) -> str:
    known = CRS(crs)
    return known.to_string() if known.to_epsg() else known.name


def in_metres(frame: gpd.GeoDataFrame, crs: str | None, *, file: str, found: Findings) -> gpd.GeoDataFrame | None:
    """The frame in the study's CRS, or in the local UTM zone when the study names none."""
    if crs is None:
        target = CRS(frame.crs) if _in_projected_metres(CRS(frame.crs)) else _local_utm(frame)
    else:
        known = known_crs(crs, key="[study] crs", found=found)
        if known is None:
            return None
        if not _in_projected_metres(known):
            found.error("crs_study_not_metres", crs=crs)
            return None
        target = known
    if CRS(frame.crs) != target:
        found.notice("reprojected", file=file, crs=_short(frame.crs), target=_short(target))
    metric = frame.to_crs(target)
    if not _fits(metric, target):
        found.error("crs_elsewhere", file=file, crs=_short(target))
        return None
    return metric


def _local_utm(frame: gpd.GeoDataFrame) -> CRS:
    """The UTM zone of a layer; any one when the layer has no geometry, which is another problem."""
    return CRS("EPSG:32718") if frame.geometry.isna().all() else frame.estimate_utm_crs()


def _in_projected_metres(crs: CRS) -> bool:
    """Whether distances in a CRS are metres on the ground; those of a web map (Mercator) are not."""
    method = crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""
    unit = crs.axis_info[0].unit_name if crs.axis_info else ""
    mercator = method.startswith("Mercator") or "Pseudo Mercator" in method
    return crs.is_projected and unit in ("metre", "meter") and not mercator


def _fits(frame: gpd.GeoDataFrame, crs: CRS) -> bool:
    """Whether a place lies where a CRS is meant to be used, give or take some degrees."""
    bounds = np.asarray(frame.total_bounds, dtype=float)
    if not np.isfinite(bounds).all():
        return bool(frame.geometry.isna().all())
    area = crs.area_of_use
    if area is None or area.west > area.east:
        return True
    middle = gpd.GeoSeries([shapely.Point(bounds[[0, 2]].mean(), bounds[[1, 3]].mean())], crs=crs).to_crs("EPSG:4326")
    x, y = float(middle.x.iloc[0]), float(middle.y.iloc[0])
    around = shapely.box(*area.bounds).buffer(NEAR_DEGREES)
    return bool(np.isfinite([x, y]).all() and around.covers(shapely.Point(x, y)))


def mended_polygons(frame: gpd.GeoDataFrame, *, file: str, found: Findings) -> gpd.GeoDataFrame | None:
    """Polygons (index = id) made valid, the repaired ones listed; or problems about what is empty or no polygon."""
    geometry = frame.geometry
    absent = geometry.isna() | geometry.is_empty
    if absent.any():
        found.error("geometry_empty", frame.index[absent], name=file)
    wrong = ~absent & ~geometry.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"])
    if wrong.any():
        kinds = ", ".join(sorted(set(geometry[wrong].geom_type)))
        found.error("geometry_not_polygons", frame.index[wrong], name=file, kinds=kinds)
    if absent.any() or wrong.any():
        return None
    flat = geometry.to_numpy().copy()
    if shapely.has_z(flat).any():
        flat = shapely.force_2d(flat)
    multi = shapely.get_type_id(flat) == shapely.GeometryType.MULTIPOLYGON
    several = multi | (shapely.get_num_interior_rings(flat) > 0)
    flat[several] = _without_empty_rings(flat[several])
    invalid = ~valid(flat)
    if invalid.any():
        reason = shapely.is_valid_reason(flat[invalid])
        said = [f"{one} ({why.split('[')[0]})" for one, why in zip(frame.index[invalid], reason, strict=True)]
        found.notice("geometry_repaired", said, file=file)
        flat[invalid] = shapely.make_valid(flat[invalid])
    mixed = shapely.get_type_id(flat) == shapely.GeometryType.GEOMETRYCOLLECTION
    flat[mixed] = [_polygons_of(one) for one in flat[mixed]]
    lost = shapely.is_empty(flat) | (shapely.area(flat) == 0)
    if lost.any():
        found.error("geometry_empty", frame.index[lost], name=file)
        return None
    return frame.set_geometry(gpd.GeoSeries(flat, index=frame.index, crs=frame.crs))


def _without_empty_rings(polygons: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same without empty parts and holes: formats keep them, they count as valid, and GEOS breaks off on them."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    pierced = np.flatnonzero(shapely.get_num_interior_rings(parts) > 0)
    rings, of_ring = shapely.get_rings(parts[pierced], return_index=True)
    hollow = pierced[of_ring[shapely.is_empty(rings)]]
    for at in np.union1d(of_part[hollow], of_part[shapely.is_empty(parts)]):
        drawn = [one for one in shapely.get_parts(polygons[at]) if not one.is_empty]
        whole = [shapely.Polygon(one.exterior, [hole for hole in one.interiors if not hole.is_empty]) for one in drawn]
        polygons[at] = whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)
    return polygons


def _polygons_of(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def overlaps(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Pairs of polygons that overlap, slivers included: `first`, `second`, `area_m2`, `share` of the smaller one."""
    shapes = frame.geometry.to_numpy()
    if not overlap(shapes):
        return pd.DataFrame({"first": [], "second": [], "area_m2": [], "share": []}, dtype=float)
    one, other = frame.sindex.query(frame.geometry, predicate="intersects")
    keep = one < other
    one, other = one[keep], other[keep]
    interiors = shapely.relate_pattern(shapes[one], shapes[other], "T********")
    one, other = one[interiors], other[interiors]
    area = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    ids = frame.index.to_numpy()
    return pd.DataFrame({"first": ids[one], "second": ids[other], "area_m2": area, "share": area / smaller})
