"""The one geometry of a map: borders that neighbours share, simplified once, in whole numbers small enough to mail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from secequity.maps.packing import Numbers, Steps
from secequity.maps.topology import Flags, Geometries, Integers, Topology, arcs_of, simplified, topology

SCREEN_STEPS = 6000
STEPS_PER_TOLERANCE = 6
SMALL_SHARE = 0.1
SIDES_PER_SMALL = 25
LEAST_TOLERANCE_M = 0.25
INSCRIBED_AT_MOST = 1500
UNION_AT_MOST = 5000
LINES_ACROSS = 250
"""Lines as thick as the casco's that lie side by side across the whole city: a hole no larger is a blot."""

GEOGRAPHIC = "EPSG:4326"
MERCATOR = "EPSG:3857"


@dataclass(frozen=True, kw_only=True, eq=False)
class Shapes:
    """Shared borders in whole steps of Web Mercator metres, eastwards and southwards from a corner.

    origin : the corner's x and y; step : the side of the grid.
    rows : the row of each neighbourhood, in the order of `borders` and `anchors`: along a curve that fills the city, so
        that what lies together is told together, in small numbers.
    borders : the arcs and the rings made of them, one unit a neighbourhood.
    anchors : per neighbourhood x and y on the grid and the radius in metres of the room around it, for its label.
    city, centre : lines around everything, and around the casco urbano (none where no zone is known).
    coverage : whether neighbours meet without gaps or overlaps.
    """

    origin: tuple[float, float]
    step: float
    rows: Integers
    borders: Topology
    anchors: Integers
    city: tuple[Integers, ...]
    centre: tuple[Integers, ...]
    coverage: bool

    def to_data(self) -> dict[str, Any]:
        """The shapes as a tree that `packing.pack` can hold."""
        borders = self.borders
        return {
            "origin": list(self.origin),
            "step": self.step,
            "rows": Steps(np.diff(self.rows, prepend=0)),
            "points": Steps(_moves(borders.points)),
            "arcs": Numbers(np.diff(borders.arcs)),
            "refs": Numbers(_references(borders.refs)),
            "rings": Numbers(np.diff(borders.rings)),
            "units": Numbers(np.diff(borders.units)),
            "anchors": Steps((self.anchors[:, :2] - borders.heads()).ravel()),
            "rooms": Numbers(self.anchors[:, 2]),
            "city": _lines_data(self.city),
            "centre": _lines_data(self.centre),
        }


def shapes(neighbourhoods: gpd.GeoDataFrame) -> Shapes:
    """The shapes of `neighbourhoods` at the resolution of a screen.

    The tolerance is 1/6,000 of the city's width, below a pixel until the map is enlarged several times, and no more
    than 1/25 of the side of a small neighbourhood. Borders that two neighbours share are simplified once, so
    neighbours never part; where the polygons leave gaps or overlap, what is not shared moves by a quarter as much.

    Parameters
    ----------
    neighbourhoods : polygons, projected in metres, with a column `zone`.

    Returns
    -------
    Shapes; which row each of them draws, they tell themselves.
    """
    rows = _along_a_curve(neighbourhoods.geometry)
    polygons = np.asarray(neighbourhoods.geometry.array, dtype=object)[rows]
    west, south, east, north = shapely.total_bounds(polygons)
    small = math.sqrt(float(np.quantile(shapely.area(polygons), SMALL_SHARE)))
    extent = max(east - west, north - south, 1.0)
    tolerance = min(extent / SCREEN_STEPS, small / SIDES_PER_SMALL)
    tolerance = max(tolerance, LEAST_TOLERANCE_M)
    step = tolerance / STEPS_PER_TOLERANCE
    whole = topology(polygons, step=step, origin=(west, south))
    alone = whole.uses() == 1
    coverage = _meet(polygons, whole, alone)
    factor = np.where(alone & (not coverage), STEPS_PER_TOLERANCE / 4, float(STEPS_PER_TOLERANCE))
    drawn = simplified(whole, tolerance=factor)
    inside = (neighbourhoods["zone"] == "centre").to_numpy(dtype=bool, na_value=False)[rows]
    least_hole = max(10.0 * STEPS_PER_TOLERANCE, extent / step / LINES_ACROSS) ** 2
    every = np.ones(polygons.size, dtype=bool)
    outlines = [_outline(drawn, units, coverage, least_hole) for units in (every, inside)]
    grid = _Grid.over(neighbourhoods.crs, step, (west, south), (east, north))
    lowered = Topology(
        points=grid.place(drawn.points), arcs=drawn.arcs, refs=drawn.refs, rings=drawn.rings, units=drawn.units
    )
    places, rooms = _anchors(polygons, drawn)
    return Shapes(
        origin=grid.corner,
        step=grid.step,
        rows=rows,
        borders=lowered,
        anchors=np.column_stack([grid.place(places), np.rint(rooms * step).astype(np.int64)]),
        city=grid.place_each(outlines[0]),
        centre=grid.place_each(outlines[1]),
        coverage=coverage,
    )


def _along_a_curve(geometry: gpd.GeoSeries) -> Integers:
    """The rows in the order in which a curve that fills the city comes by; those without a place come last."""
    nowhere = (geometry.isna() | geometry.is_empty).to_numpy()
    placed = np.flatnonzero(~nowhere)
    if not placed.size:
        return np.flatnonzero(nowhere)
    order = np.argsort(geometry.iloc[placed].hilbert_distance().to_numpy(), kind="stable")
    return np.concatenate([placed[order], np.flatnonzero(nowhere)])


def places(points: gpd.GeoSeries) -> Integers:
    """Longitude and latitude of points in millionths of a degree, the decimetre or so that a symbol needs."""
    geographic = points.to_crs(GEOGRAPHIC)
    return np.rint(1e6 * np.column_stack([geographic.x, geographic.y])).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """From steps on the projected plane to steps of the screen's projection, southwards from its north-west corner."""

    crs: Any
    metres: float
    origin: tuple[float, float]
    corner: tuple[float, float]
    step: float

    @classmethod
    def over(cls, crs: Any, step: float, low: tuple[float, float], high: tuple[float, float]) -> _Grid:
        corners = shapely.box(*low, *high).segmentize(max(high[0] - low[0], high[1] - low[1], 1.0) / 4)
        west, south, east, north = gpd.GeoSeries([corners], crs=crs).to_crs(MERCATOR).total_bounds
        stretch = max(east - west, north - south) / max(high[0] - low[0], high[1] - low[1], 1.0)
        corner = (math.floor(west) - 1000.0, math.ceil(north) + 1000.0)
        return cls(crs=crs, metres=step, origin=low, corner=corner, step=round(step * max(stretch, 0.1), 4))

    def place(self, steps: npt.NDArray[Any]) -> Integers:
        if not len(steps):
            return np.zeros((0, 2), dtype=np.int64)
        plane = np.asarray(steps) * self.metres + np.asarray(self.origin)
        line = shapely.linestrings(np.vstack([plane, plane[-1:]]))
        screen = gpd.GeoSeries([line], crs=self.crs).to_crs(MERCATOR).array
        moved = (shapely.get_coordinates(np.asarray(screen, dtype=object))[:-1] - np.asarray(self.corner)) * (1, -1)
        return np.asarray(np.rint(moved / self.step), dtype=np.int64)

    def place_each(self, lines: list[Integers]) -> tuple[Integers, ...]:
        """`place` of several lines in one go."""
        if not lines:
            return ()
        ends = np.cumsum([len(line) for line in lines])
        return tuple(np.split(self.place(np.concatenate(lines)), ends[:-1]))


def _meet(polygons: Geometries, whole: Topology, alone: Flags) -> bool:
    """Whether the polygons are a coverage; only those with a border of their own can part or overlap."""
    lone = np.bincount(_ring_units(whole), weights=_ring_any(whole, alone), minlength=polygons.size) > 0
    return bool(shapely.coverage_is_valid(polygons[lone]))


def _ring_units(whole: Topology) -> Integers:
    return np.repeat(np.arange(whole.units.size - 1), np.diff(whole.units))


def _ring_any(whole: Topology, arcs: Flags) -> Flags:
    flagged = arcs[whole.walked]
    of = np.repeat(np.arange(whole.rings.size - 1), np.diff(whole.rings))
    return np.bincount(of, weights=flagged, minlength=whole.rings.size - 1) > 0


def _outline(drawn: Topology, units: Flags, coverage: bool, least_hole: float) -> list[Integers]:
    """The lines around some neighbourhoods, without the specks between borders that do not quite meet."""
    if not units.any() or drawn.arcs.size < 2:
        return []
    if coverage or units.sum() > UNION_AT_MOST:
        edges = shapely.multilinestrings([drawn.lines(drawn.uses(units) == 1)])
        lines = shapely.get_parts(shapely.line_merge(edges))
    else:
        rings = drawn.polygons[np.repeat(units, np.diff(drawn.units))]
        lines = shapely.get_rings(shapely.get_parts(shapely.union_all(shapely.make_valid(rings), grid_size=1)))
    closed = shapely.is_closed(lines) & (shapely.get_num_coordinates(lines) > 3)
    specks = closed.copy()
    points, of = shapely.get_coordinates(lines[closed], return_index=True)
    specks[closed] = shapely.area(shapely.polygons(shapely.linearrings(points, indices=of))) <= least_hole
    kept = lines if specks.all() else lines[~specks]
    return [shapely.get_coordinates(line).astype(np.int64) for line in kept]


def _anchors(polygons: Geometries, drawn: Topology) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    """A place inside every neighbourhood and the room around it, in grid steps."""
    rings, of = drawn.polygons, _ring_units(drawn)
    areas = shapely.area(rings)
    order = np.lexsort((-areas, of))
    largest = order[np.r_[True, np.diff(of[order]) != 0]] if of.size else order
    at, room = np.zeros((polygons.size, 2)), np.zeros(polygons.size)
    if polygons.size <= INSCRIBED_AT_MOST:
        lines = np.array([shapely.maximum_inscribed_circle(one) for one in rings[largest]], dtype=object)
        at[of[largest]] = shapely.get_coordinates(shapely.get_point(lines, 0))
        room[of[largest]] = shapely.length(lines)
    elif largest.size:
        at[of[largest]] = shapely.get_coordinates(shapely.point_on_surface(rings[largest]))
        room[of[largest]] = 0.7 * np.sqrt(areas[largest] / math.pi)
    return at, room


def _moves(points: Integers) -> Integers:
    """Every point as a step from the one before it; most arcs begin where the last one ended."""
    return np.diff(points, axis=0, prepend=0).ravel()


def _references(refs: Integers) -> Integers:
    """0 for the next arc not yet used; else how far back it lies, doubled, and one more where it runs forwards."""
    arc = arcs_of(refs)
    latest = np.maximum.accumulate(arc) if arc.size else arc
    new = np.r_[True, arc[1:] > latest[:-1]] if arc.size else arc.astype(bool)
    return np.asarray(np.where(new, 0, ((latest - arc + 1) << 1) | (refs >= 0)))


def _lines_data(lines: tuple[Integers, ...]) -> dict[str, Any]:
    sizes = np.array([len(line) for line in lines], dtype=np.int64)
    points = np.concatenate(lines) if lines else np.zeros((0, 2), dtype=np.int64)
    return {"points": Steps(_moves(points)), "sizes": Numbers(sizes)}
