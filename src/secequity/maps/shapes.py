"""The one geometry of a map: neighbourhoods simplified together, in whole numbers small enough to mail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

SCREEN_STEPS = 6000
FINE_METRES = 4.0
INSCRIBED_AT_MOST = 1500
GEOGRAPHIC = "EPSG:4326"

METRES_PER_DEGREE = 111_320
LEAST_RING = 6

Geometries = npt.NDArray[np.object_]
Rings = list[list[int]]
Polygons = list[Rings]


@dataclass(frozen=True, kw_only=True, eq=False)
class Shapes:
    """Polygons as whole numbers: degrees × `scale`; in each ring the first pair is a place, the others are steps.

    units : per neighbourhood its polygons, each a list of rings (x, y, dx, dy, …), in the order of the rows.
    anchors : per neighbourhood x, y and the radius in metres of the room around it, for its label.
    city, centre : the outline of everything, and of the casco urbano (empty where no zone is known).
    coverage : whether neighbours share their borders exactly, so that they could be simplified together.
    """

    scale: int
    units: list[Polygons]
    anchors: list[tuple[int, int, int]]
    city: Polygons
    centre: Polygons
    coverage: bool

    def to_data(self) -> dict[str, Any]:
        """The shapes as plain data."""
        return {
            "scale": self.scale,
            "units": self.units,
            "anchors": [list(anchor) for anchor in self.anchors],
            "city": self.city,
            "centre": self.centre,
        }


def shapes(neighbourhoods: gpd.GeoDataFrame) -> Shapes:
    """The shapes of `neighbourhoods` at the resolution of a screen.

    The tolerance is 1/6,000 of the city's width, below a pixel until the map is enlarged several times. Where the
    polygons are a coverage (they meet without gaps or overlaps) shared borders are simplified once, so neighbours
    never part; where they are not, each is simplified alone by a quarter as much.

    Parameters
    ----------
    neighbourhoods : polygons, projected in metres, with a column `zone`.

    Returns
    -------
    Shapes in the order of the rows.
    """
    polygons = np.asarray(neighbourhoods.geometry.array, dtype=object)
    west, south, east, north = shapely.total_bounds(polygons)
    tolerance = max(east - west, north - south, 1.0) / SCREEN_STEPS
    coverage = bool(shapely.coverage_is_valid(polygons))
    if coverage:
        drawn = shapely.coverage_simplify(polygons, tolerance)
    else:
        drawn = shapely.simplify(polygons, tolerance / 4, preserve_topology=True)
    decimals = 6 if tolerance < FINE_METRES else 5
    inside = (neighbourhoods["zone"] == "centre").to_numpy(dtype=bool, na_value=False)
    grid = _Grid(crs=neighbourhoods.crs, scale=10**decimals)
    whole = grid.whole(drawn)
    least_hole = (10 * tolerance * grid.scale / METRES_PER_DEGREE) ** 2
    return Shapes(
        scale=grid.scale,
        units=[_polygons(one) for one in whole],
        anchors=_anchors(drawn, grid),
        city=_outline(whole, least_hole),
        centre=_outline(whole[inside], least_hole),
        coverage=coverage,
    )


def places(points: gpd.GeoSeries) -> list[tuple[float, float]]:
    """Longitude and latitude of points, to the decimetre or so that a symbol needs."""
    geographic = points.to_crs(GEOGRAPHIC)
    return [(round(float(x), 6), round(float(y), 6)) for x, y in zip(geographic.x, geographic.y, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """From projected metres to whole steps of longitude and latitude."""

    crs: Any
    scale: int

    def whole(self, geometries: Geometries) -> Geometries:
        geographic = np.asarray(gpd.GeoSeries(geometries, crs=self.crs).to_crs(GEOGRAPHIC).array, dtype=object)
        return np.asarray(shapely.transform(geographic, lambda place: np.round(place * self.scale)), dtype=object)


def _outline(whole: Geometries, least_hole: float) -> Polygons:
    if whole.size == 0:
        return []
    if shapely.coverage_is_valid(whole):
        joined = shapely.coverage_union_all(whole)
    else:
        joined = shapely.union_all(shapely.make_valid(whole), grid_size=1)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    kept = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > least_hole])
        for part in parts
    ]
    return [one for part in kept for one in _polygons(part)]


def _polygons(geometry: Any) -> Polygons:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty]
    return [_rings(part) for part in parts]


def _rings(polygon: Any) -> Rings:
    rings = [_steps(polygon.exterior)] + [_steps(ring) for ring in polygon.interiors]
    return [ring for position, ring in enumerate(rings) if position == 0 or len(ring) >= LEAST_RING]


def _steps(ring: Any) -> list[int]:
    whole = shapely.get_coordinates(ring)[:-1].astype(np.int64)
    moved = np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(axis=1)])
    kept = whole[moved]
    steps: list[int] = np.vstack([kept[:1], np.diff(kept, axis=0)]).ravel().tolist()
    return steps


def _anchors(drawn: Geometries, grid: _Grid) -> list[tuple[int, int, int]]:
    if len(drawn) <= INSCRIBED_AT_MOST:
        lines = np.array([shapely.maximum_inscribed_circle(one) for one in drawn], dtype=object)
        points = shapely.get_point(lines, 0)
        radii = shapely.length(lines)
    else:
        points = shapely.point_on_surface(drawn)
        radii = np.sqrt(shapely.area(drawn) / math.pi) * 0.7
    placed = shapely.get_coordinates(grid.whole(points)).astype(np.int64)
    return [(int(x), int(y), round(radius)) for (x, y), radius in zip(placed, radii, strict=True)]
