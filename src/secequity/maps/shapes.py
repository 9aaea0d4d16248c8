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
    coverage = bool(shapely.coverage_is_valid(polygons)) if hasattr(shapely, "coverage_is_valid") else False
    if coverage:
        drawn = shapely.coverage_simplify(polygons, tolerance)
    else:
        drawn = shapely.simplify(polygons, tolerance / 4, preserve_topology=True)
    decimals = 6 if tolerance < FINE_METRES else 5
    inside = (neighbourhoods["zone"] == "centre").to_numpy(dtype=bool, na_value=False)
    encode = _Encoder(crs=neighbourhoods.crs, scale=10**decimals)
    return Shapes(
        scale=encode.scale,
        units=[encode.polygons(one) for one in encode.geographic(drawn)],
        anchors=_anchors(drawn, encode),
        city=encode.outline(drawn, tolerance),
        centre=encode.outline(drawn[inside], tolerance),
        coverage=coverage,
    )


def places(points: gpd.GeoSeries) -> list[tuple[float, float]]:
    """Longitude and latitude of points, to the decimetre or so that a symbol needs."""
    geographic = points.to_crs(GEOGRAPHIC)
    return [(round(float(x), 6), round(float(y), 6)) for x, y in zip(geographic.x, geographic.y, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Encoder:
    crs: Any
    scale: int

    def geographic(self, geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        return np.asarray(gpd.GeoSeries(geometries, crs=self.crs).to_crs(GEOGRAPHIC).array, dtype=object)

    def polygons(self, geometry: Any) -> Polygons:
        parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty]
        return [self._rings(part) for part in parts]

    def outline(self, geometries: npt.NDArray[np.object_], tolerance: float) -> Polygons:
        if geometries.size == 0:
            return []
        joined = shapely.union_all(geometries, grid_size=min(tolerance / 10, 0.1))
        filled = shapely.get_parts(joined)
        kept = [_without_slivers(part, tolerance) for part in filled if part.geom_type == "Polygon"]
        return [self._rings(part) for part in self.geographic(np.array(kept, dtype=object))]

    def _rings(self, polygon: Any) -> Rings:
        rings = [self._steps(polygon.exterior)] + [self._steps(ring) for ring in polygon.interiors]
        return [ring for position, ring in enumerate(rings) if position == 0 or len(ring) >= 8]

    def _steps(self, ring: Any) -> list[int]:
        whole = np.round(shapely.get_coordinates(ring)[:-1] * self.scale).astype(np.int64)
        moved = np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(axis=1)])
        kept = whole[moved]
        return [int(one) for one in np.vstack([kept[:1], np.diff(kept, axis=0)]).ravel()]


def _without_slivers(polygon: Any, tolerance: float) -> Any:
    least = (10 * tolerance) ** 2
    return shapely.Polygon(polygon.exterior, [ring for ring in polygon.interiors if shapely.Polygon(ring).area > least])


def _anchors(drawn: npt.NDArray[np.object_], encode: _Encoder) -> list[tuple[int, int, int]]:
    if len(drawn) <= INSCRIBED_AT_MOST:
        lines = [shapely.maximum_inscribed_circle(one) for one in drawn]
        points = shapely.get_point(np.array(lines, dtype=object), 0)
        radii = shapely.length(lines)
    else:
        points = shapely.point_on_surface(drawn)
        radii = np.sqrt(shapely.area(drawn) / math.pi) * 0.7
    placed = np.round(shapely.get_coordinates(encode.geographic(points)) * encode.scale).astype(np.int64)
    return [(int(x), int(y), round(radius)) for (x, y), radius in zip(placed, radii, strict=True)]
