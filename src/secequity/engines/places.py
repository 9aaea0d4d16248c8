"""Which polygon points lie in: a grid answers for most of them at once, and GEOS for those near a border."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from secequity.garbage import unsearched
from secequity.parallel import on_cores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Exact = Callable[[Floats, Floats], Ints]

WORTH_A_GRID, MORE_A_SHAPE = 100_000, 12
"""Points asked for before the grid is drawn, and as many more for each shape: it saves less than it costs for fewer."""

CELLS_A_SHAPE, FEWEST_CELLS, MOST_CELLS = 1600, 1 << 16, 1 << 23
AT_ONCE = 512
"""Shapes whose borders are drawn together, which bounds the memory that drawing takes."""

WORTH_PREPARING = 250
"""Vertices from which on an index of a shape's edges, which GEOS keeps as long as the shape, is quicker than a walk."""

BORDER = -1


class Locator(Protocol):
    """Tells where points lie."""

    def of(self, x: Floats, y: Floats) -> Ints:
        """The first of the shapes that each point lies in or on; their number where there is none."""


class Places:
    """Polygons in order; a point on a shared border belongs to the one that comes first.

    The grid is exact: a cell that no border touches lies in the same polygons as all cells it can be reached from
    without crossing a border, so one point tells for the lot; points of the other cells are looked at one by one.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes.copy()
        large = shapely.get_num_coordinates(shapes) >= WORTH_PREPARING
        self._shapes[large] = shapely.force_2d(shapes[large])
        shapely.prepare(self._shapes[large])
        self._tree = shapely.STRtree(self._shapes)
        self._asked = 0
        self._grid: _Grid | None = None

    @unsearched()
    def of(self, x: Floats, y: Floats) -> Ints:
        """The first of the shapes that each point lies in or on; their number where there is none."""
        self._asked += len(x)
        worth = WORTH_A_GRID + MORE_A_SHAPE * len(self._shapes)
        if self._grid is None and self._asked > worth and len(self._shapes):
            self._grid = _Grid(self._shapes, self.exact)
        if self._grid is None:
            return self.exact(x, y)
        found = self._grid.of(x, y)
        near = np.flatnonzero(found == BORDER)
        found[near] = self.exact(x[near], y[near])
        return found

    def exact(self, x: Floats, y: Floats) -> Ints:
        """As `of`, each point looked at by itself; on one core where GEOS completes its indices while it is asked."""
        prepared = shapely.is_prepared(self._shapes).any()
        return self._one_by_one(x, y) if prepared else on_cores(self._one_by_one, x, y)

    def _one_by_one(self, x: Floats, y: Floats) -> Ints:
        """Shape by shape: one that was just read is near at hand."""
        point, place = self._tree.query(shapely.points(x, y))
        order = np.argsort(place, kind="stable")
        point, place = point[order], place[order]
        inside = shapely.intersects_xy(self._shapes[place], x[point], y[point])
        found = np.full(len(x), len(self._shapes), dtype=np.int64)
        np.minimum.at(found, point[inside], place[inside])
        return found


class _Grid:
    """Square cells over the extent of the shapes: the shape of each, or `BORDER`."""

    def __init__(self, shapes: Shapes, exact: Exact) -> None:
        self._none = len(shapes)
        west, south, east, north = shapely.total_bounds(shapes)
        cells = min(max(CELLS_A_SHAPE * len(shapes), FEWEST_CELLS), MOST_CELLS)
        self._corner = np.array([west, south])
        self._side = max(
            float(np.sqrt((east - west) * (north - south) / cells)), np.spacing(max(abs(east), abs(north)))
        )
        self._size = tuple((np.array([east - west, north - south]) / self._side).astype(np.int64) + 1)
        free = np.ones(self._size[::-1], dtype=bool)
        for first in range(0, len(shapes), AT_ONCE):
            self._draw(shapes[first : first + AT_ONCE], free)
        self._cells, _ = ndimage.label(free)
        rows = self._cells.ravel()
        begins = np.append(0, np.flatnonzero(rows[1:] != rows[:-1]) + 1)
        patches, first_of = np.unique(rows[begins], return_index=True)
        row, column = np.divmod(begins[first_of], self._size[0])
        answer = np.full(int(patches[-1]) + 1 if len(patches) else 1, BORDER, dtype=self._cells.dtype)
        middle = (one * self._side + low + self._side / 2 for one, low in zip((column, row), self._corner, strict=True))
        answer[patches] = exact(*middle)
        answer[0] = BORDER
        for row in self._cells:
            row[:] = answer[row]

    def _draw(self, shapes: Shapes, free: NDArray[np.bool_]) -> None:
        """Take the cells that a border touches out of the free ones, a hair's breadth around it included."""
        lines = shapely.segmentize(shapely.boundary(shapes), self._side)
        xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
        steps = (xy - self._corner) / self._side
        joined = np.diff(line) == 0
        one, other = steps[:-1][joined], steps[1:][joined]
        hair = 1e-6
        low = np.clip((np.minimum(one, other) - hair).astype(np.int64), 0, np.array(self._size) - 1)
        high = np.clip((np.maximum(one, other) + hair).astype(np.int64), 0, np.array(self._size) - 1)
        for along in range(int((high - low)[:, 0].max(initial=0)) + 1):
            for up in range(int((high - low)[:, 1].max(initial=0)) + 1):
                free[np.minimum(low[:, 1] + up, high[:, 1]), np.minimum(low[:, 0] + along, high[:, 0])] = False

    def of(self, x: Floats, y: Floats) -> Ints:
        column, row = (x - self._corner[0]) / self._side, (y - self._corner[1]) / self._side
        out = ~((column >= 0) & (row >= 0) & (column < self._size[0]) & (row < self._size[1]))
        column[out] = row[out] = 0
        found: Ints = self._cells[row.astype(np.int64), column.astype(np.int64)].astype(np.int64)
        found[out] = self._none
        return found
