"""Minutes on foot over the ground: Tobler's hiking function on an elevation raster. The door to rasterio."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from secequity.checks import Findings, require_arguments
from secequity.costs.pairs import table_of
from secequity.costs.straight import places
from secequity.errors import LayerError, problem

if TYPE_CHECKING:
    from affine import Affine
    from rasterio.crs import CRS

FloatArray = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Cells = tuple[Positions, Positions]

FASTEST_M_PER_MIN = 100.0
"""Tobler's function at its best, 6 km/h on a gentle descent: nobody walks farther in a minute."""

ROUNDING_MIN = 1e-9
"""Minutes by which a sum of steps may pass the cutoff through rounding alone."""

STEPS = tuple(
    (down, right)
    for down in range(-2, 3)
    for right in range(-2, 3)
    if sorted((abs(down), abs(right))) in ([0, 1], [1, 1], [1, 2])
)
"""The sixteen moves from a cell: the king's and the knight's."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Elevation around the study area.

    metres : by row and column, nan where the ground is unknown or impassable.
    left, top : coordinates of the first corner; `step_x`, `step_y` : signed sides of a cell in metres.
    """

    metres: FloatArray
    left: float
    top: float
    step_x: float
    step_y: float

    def cells(self, at: FloatArray) -> Cells:
        """Row and column of the cell under each point; -1 where the ground is unknown."""
        column = np.floor((at[:, 0] - self.left) / self.step_x).astype(np.intp)
        row = np.floor((at[:, 1] - self.top) / self.step_y).astype(np.intp)
        height, width = self.metres.shape
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        inside[inside] = np.isfinite(self.metres[row[inside], column[inside]])
        return np.where(inside, row, -1), np.where(inside, column, -1)


def walking_minutes(climb_m: npt.ArrayLike, distance_m: npt.ArrayLike) -> FloatArray:
    """Minutes to walk `distance_m` on the map while climbing `climb_m` (negative: going down).

    speed = 6·exp(−3.5·|climb/distance + 0.05|) km/h: 5.04 on the flat, 6 going down one in twenty.

    Parameters
    ----------
    climb_m, distance_m : metres; the distance, > 0, is the one on the map.

    Returns
    -------
    Minutes, > 0, infinite on a cliff.

    Source: Tobler (1993), NCGIA technical report 93-1.

    >>> walking_minutes([0, -50, 50], 1000).round(2).tolist()       # 10·e^0.175, 10, 10·e^0.35
    [11.91, 10.0, 14.19]
    """
    distance = np.asarray(distance_m, dtype=np.float64)
    with np.errstate(over="ignore"):
        slow = np.exp(3.5 * np.abs(np.asarray(climb_m, dtype=np.float64) / distance + 0.05))
        minutes: FloatArray = distance / FASTEST_M_PER_MIN * slow
    return minutes


def walking(
    neighbourhoods: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, elevation: str | Path, cutoff_min: float
) -> pd.DataFrame:
    """Minutes on foot over sloping ground from each facility to each neighbourhood within `cutoff_min`, included.

    The quickest way over the cells of the raster, each step at the speed of Tobler's hiking function for its slope in
    the direction of walking: up and down differ. Steps go to the eight cells around and the eight a knight's move
    away; no step crosses unknown ground. Places are those of the centres of their cells, so a time is right to about
    the time it takes to cross one cell, and ways are at most 2.8 % too long on even ground. Streets are not known here.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres; each stands at its point of `demand_points`.
    facilities : points in the same CRS, by unique index; an absent point reaches nobody.
    elevation : raster file, its first band in metres above the sea, in the CRS of the neighbourhoods, north-up. Cells
        without data are impassable. It should reach well past the outermost facilities: nobody walks around its edge.
    cutoff_min : minutes, > 0.

    Returns
    -------
    DataFrame `from_id` (facility), `to_id` (neighbourhood), `cost` (minutes), one row a pair, ordered as the inputs.

    Raises
    ------
    LayerError : as `straight_line`; the raster cannot be read, is rotated, or its CRS is missing or another one; a
        neighbourhood, or a facility that could reach one, stands where the raster has no elevation.

    Source: Tobler (1993), NCGIA technical report 93-1; least-cost paths on a 16-neighbour grid, van Etten (2017),
    Journal of Statistical Software 76(13).

    >>> import rasterio
    >>> from shapely import Point, box
    >>> hill = np.array([[20, 15, 10, 5]], dtype="int16")               # 5 m down every 100 m to the east
    >>> profile = {"driver": "GTiff", "height": 1, "width": 4, "count": 1, "dtype": "int16", "crs": "EPSG:32718"}
    >>> profile |= {"transform": rasterio.Affine(100, 0, 0, 0, -100, 100)}
    >>> with rasterio.open("/vsimem/hill.tif", "w", **profile) as file:
    ...     file.write(hill, 1)
    >>> foot = gpd.GeoDataFrame(geometry=[box(300, 0, 400, 100)], index=["foot"], crs="EPSG:32718")
    >>> post = gpd.GeoDataFrame(geometry=[Point(50, 50)], index=["top"], crs="EPSG:32718")
    >>> walking(foot, post, elevation="/vsimem/hill.tif", cutoff_min=5).round(6).to_dict("records")
    [{'from_id': 'top', 'to_id': 'foot', 'cost': 3.0}]
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), facilities=("layer", facilities), cutoff_min=("number", cutoff_min)
    )
    at, posts, placed = places(neighbourhoods, facilities, cutoff=cutoff_min, option="cutoff_min")
    file, reach_m = Path(elevation), cutoff_min * FASTEST_M_PER_MIN
    ground = _ground(file, neighbourhoods, around=np.vstack([at, posts]), reach_m=reach_m)
    to_cell, from_cell = ground.cells(at), ground.cells(posts)
    ids = neighbourhoods.index, facilities.index[placed]
    _require_known(to_cell, from_cell, ids, _nearest_m(posts, at), reach_m=reach_m, file=file.name)
    origins, targets, minutes = [], [], []
    for cell, here in _by_cell(from_cell):
        reached, took = _walk(ground, cell, to_cell, cutoff_min=cutoff_min)
        origins.append(np.repeat(placed[here], len(reached)))
        targets.append(np.tile(reached, len(here)))
        minutes.append(np.tile(took, len(here)))
    origin = np.concatenate([*origins, np.empty(0, dtype=np.intp)])
    target = np.concatenate([*targets, np.empty(0, dtype=np.intp)])
    cost = np.concatenate([*minutes, np.empty(0)])
    order = np.lexsort((target, origin))
    return table_of(facilities.index, neighbourhoods.index, origin[order], target[order], cost[order], unit="min")


def _nearest_m(posts: FloatArray, at: FloatArray) -> FloatArray:
    distance: FloatArray = cKDTree(at).query(posts)[0]
    return distance


def _by_cell(cells: Cells) -> Iterator[tuple[tuple[int, int], Positions]]:
    """Each cell where facilities stand, with their positions."""
    rows, columns = cells
    known = np.flatnonzero(rows >= 0)
    cell, number = np.unique(np.column_stack([rows[known], columns[known]]), axis=0, return_inverse=True)
    for at, (row, column) in enumerate(cell.tolist()):
        yield (row, column), known[number.ravel() == at]


def _walk(ground: Ground, start: tuple[int, int], to_cell: Cells, *, cutoff_min: float) -> tuple[Positions, FloatArray]:
    """The neighbourhoods reached from one cell and the minutes to each; no way within the cutoff leaves the window."""
    reach_m = cutoff_min * FASTEST_M_PER_MIN
    high, wide = (int(np.ceil(reach_m / abs(side))) + 2 for side in (ground.step_y, ground.step_x))
    top, left = max(0, start[0] - high), max(0, start[1] - wide)
    window = ground.metres[top : start[0] + high + 1, left : start[1] + wide + 1]
    height, width = window.shape
    row, column = to_cell[0] - top, to_cell[1] - left
    near = np.flatnonzero((row >= 0) & (row < height) & (column >= 0) & (column < width))
    if not len(near):
        return near, np.empty(0)
    limit = cutoff_min + ROUNDING_MIN
    graph = _steps(window, abs(ground.step_x), abs(ground.step_y), limit=limit)
    minutes = dijkstra(graph, indices=(start[0] - top) * width + start[1] - left, limit=limit)
    took = minutes[row[near] * width + column[near]]
    reached = np.isfinite(took)
    return near[reached], took[reached]


def _steps(metres: FloatArray, wide_m: float, high_m: float, *, limit: float) -> csr_array:
    """Every step between cells of known ground as a graph of minutes."""
    height, width = metres.shape
    number = np.arange(metres.size).reshape(metres.shape)
    starts, ends, times = [], [], []
    for down, right in STEPS:
        start = _shifted(height, width, (0, 0), (down, right))
        end = _shifted(height, width, (down, right), (down, right))
        distance = float(np.hypot(down * high_m, right * wide_m))
        took = _step_minutes(metres, (down, right), start, end, distance)
        kept = took <= limit
        starts.append(number[start][kept])
        ends.append(number[end][kept])
        times.append(took[kept])
    ways = (np.concatenate(starts), np.concatenate(ends))
    return csr_array((np.concatenate(times), ways), shape=(metres.size, metres.size))


def _step_minutes(
    metres: FloatArray, move: tuple[int, int], start: tuple[slice, slice], end: tuple[slice, slice], distance: float
) -> FloatArray:
    """Minutes of one move from every cell that has it; nan where it would cross unknown ground.

    A diagonal passes between two cells, one of which must be known; a knight's move passes over two, and both must be:
    it climbs to their mean height and on from there, so that no ravine is jumped.
    """
    height, width = metres.shape
    down, right = move
    if 0 in move:
        return walking_minutes(metres[end] - metres[start], distance)
    if abs(down) == abs(right):
        sides = [metres[_shifted(height, width, side, move)] for side in ((down, 0), (0, right))]
        took = walking_minutes(metres[end] - metres[start], distance)
        return np.where(np.isnan(sides[0]) & np.isnan(sides[1]), np.nan, took)
    straight = (int(np.sign(down)), 0) if abs(down) == 2 else (0, int(np.sign(right)))
    slanted = (int(np.sign(down)), int(np.sign(right)))
    middle = sum(metres[_shifted(height, width, side, move)] for side in (straight, slanted)) / 2
    half = distance / 2
    return walking_minutes(middle - metres[start], half) + walking_minutes(metres[end] - middle, half)


def _shifted(height: int, width: int, by: tuple[int, int], move: tuple[int, int]) -> tuple[slice, slice]:
    """The cells `by` away from those whose `move` stays in a grid of this size."""
    spans = []
    for size, offset, whole in ((height, by[0], move[0]), (width, by[1], move[1])):
        first, last = max(0, -whole), size - max(0, whole)
        spans.append(slice(first + offset, max(last, first) + offset))
    return spans[0], spans[1]


def _ground(path: Path, neighbourhoods: gpd.GeoDataFrame, *, around: FloatArray, reach_m: float) -> Ground:
    """The part of the raster that a walk could use, checked."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.windows import Window

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            raster = rasterio.open(path)
        with raster:
            _require_usable(raster.crs, raster.transform, neighbourhoods, file=path.name)
            side_x, side_y = raster.transform.a, raster.transform.e
            west, north = raster.transform.c, raster.transform.f
            columns = np.floor((around[:, 0] - west) / side_x)
            rows = np.floor((around[:, 1] - north) / side_y)
            first_column, end_column = _span(columns, reach_m / abs(side_x), raster.width)
            first_row, end_row = _span(rows, reach_m / abs(side_y), raster.height)
            metres = np.full((max(0, end_row - first_row), max(0, end_column - first_column)), np.nan)
            if metres.size:
                window = Window(first_column, first_row, metres.shape[1], metres.shape[0])
                known = raster.read_masks(1, window=window) > 0
                metres = raster.read(1, window=window).astype(np.float64) * raster.scales[0] + raster.offsets[0]
                metres[~known] = np.nan
    except RasterioError as error:
        raise LayerError(problem("elevation_unreadable", file=path.name, reason=str(error))) from None
    return Ground(
        metres=np.where(np.isfinite(metres), metres, np.nan),
        left=west + first_column * side_x,
        top=north + first_row * side_y,
        step_x=side_x,
        step_y=side_y,
    )


def _span(cells: FloatArray, margin: float, size: int) -> tuple[int, int]:
    first, end = np.clip([cells.min() - margin - 2, cells.max() + margin + 3], 0, size)
    return int(first), int(end)


def _require_usable(crs: CRS | None, transform: Affine, neighbourhoods: gpd.GeoDataFrame, *, file: str) -> None:
    if crs is None:
        raise LayerError(problem("elevation_crs_missing", file=file))
    if not neighbourhoods.crs.equals(crs.to_wkt(), ignore_axis_order=True):
        names = {"crs": crs.to_string(), "other_crs": neighbourhoods.crs.to_string()}
        raise LayerError(problem("elevation_crs_differs", file=file, **names))
    if transform.b or transform.d:
        raise LayerError(problem("elevation_rotated", file=file))


def _require_known(
    to_cell: Cells,
    from_cell: Cells,
    ids: tuple[pd.Index, pd.Index],
    distance_m: FloatArray,
    *,
    reach_m: float,
    file: str,
) -> None:
    """Refuse places on unknown ground; a facility there may only be one too far away to matter."""
    found = Findings()
    nowhere = to_cell[0] < 0
    if nowhere.any():
        found.error("elevation_neighbourhoods_off", ids[0][nowhere], file=file)
    stray = (from_cell[0] < 0) & (distance_m <= reach_m)
    if stray.any():
        found.error("elevation_facilities_off", ids[1][stray], file=file)
    found.raise_if_any(LayerError)
