"""The outlines of a city as a printed page can show them, prepared once for all figures of a study."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.path import Path

from secequity.results import StudyTables, once_a_study

VECTOR_AT_MOST = 4000
PRINT_STEPS = 2500
LINE_SHARE = 1 / 160
"""Width of the line around the casco, as a share of the city's: 1 mm of 16 cm."""
EXACT = 1e-9
POLYGON = 3

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlines:
    """Every ring of every neighbourhood, in the order of the ids.

    rings : all of them as one path; owner : the neighbourhood that each of its points belongs to.
    centre : the outline of the casco urbano, without points where no zone is known.
    bounds : west, south, east, north.
    """

    rings: Path
    owner: npt.NDArray[np.int32]
    centre: Path
    bounds: tuple[float, float, float, float]

    def path(self, rows: npt.NDArray[np.bool_]) -> Path:
        """The rings of these neighbourhoods as one path, which is painted without a seam between them."""
        chosen = rows[self.owner]
        return Path(np.asarray(self.rings.vertices)[chosen], np.asarray(self.rings.codes)[chosen])


@once_a_study
def of(tables: StudyTables) -> Outlines:
    """The outlines of a study's neighbourhoods, the same ones for each of its figures.

    Up to 4,000 areas are drawn as lines without what a printed page cannot show; more are painted as dots, from points
    on a grid as fine as those. Either way neighbours keep their common borders.
    """
    frame = tables.neighbourhoods.sort_index()
    shapes = np.asarray(frame.geometry.array, dtype=object)
    west, south, east, north = (float(one) for one in shapely.total_bounds(shapes))
    extent = max(east - west, north - south)
    step = extent / PRINT_STEPS
    dots = len(shapes) > VECTOR_AT_MOST
    shapes = shapes if dots else _at_print_size(shapes, step)
    casco = dissolved(shapes[(frame["zone"] == "centre").to_numpy(dtype=bool, na_value=False)])
    casco = without_specks(shapely.simplify(casco, step) if dots else casco, extent * LINE_SHARE)
    centre, _ = _path(np.array([casco]))
    rings, owner = _path(shapes)
    if dots:
        kept, at = _on_grid(rings, step)
        rings, owner = Path(at[kept], np.asarray(rings.codes)[kept]), owner[kept]
    return Outlines(rings=rings, owner=owner, centre=centre, bounds=(west, south, east, north))


def _on_grid(rings: Path, step: float) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """The points on a grid, and which of them are not the one before again; each ring keeps its ends."""
    at = np.round(np.asarray(rings.vertices) / step) * step
    kept = np.asarray(rings.codes) != Path.LINETO
    kept[1:] |= (at[1:] != at[:-1]).any(axis=1)
    return kept, at


def _at_print_size(shapes: Geometries, step: float) -> Geometries:
    if shapely.coverage_is_valid(shapes):
        return np.asarray(shapely.coverage_simplify(shapes, step), dtype=object)
    return np.asarray(shapely.simplify(shapes, step / 4), dtype=object)


def dissolved(shapes: Geometries) -> shapely.Geometry:
    """What the shapes cover together: by their common borders where they meet, else by a union, which takes longer."""
    try:
        joined = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        return shapely.union_all(shapely.make_valid(shapes))
    tiled = joined.is_valid and math.isclose(joined.area, shapely.area(shapes).sum(), rel_tol=EXACT)
    return joined if tiled else shapely.union_all(shapely.make_valid(shapes))


def without_specks(shape: shapely.Geometry, width: float) -> shapely.Geometry:
    """The polygons of a shape, without the holes that a line of this width around them would fill."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(
        [
            shapely.Polygon(one.exterior, [hole for hole in one.interiors if not _filled(hole, width)])
            for one in parts[shapely.get_type_id(parts) == POLYGON]
        ]
    )


def _filled(hole: shapely.LinearRing, width: float) -> bool:
    return bool(shapely.Polygon(hole).buffer(-width / 2).is_empty)


def _path(shapes: Geometries) -> tuple[Path, npt.NDArray[np.int32]]:
    """All rings as one path, and whose each point is; holes run the other way round, so that they stay empty."""
    parts, whole = shapely.get_parts(shapes, return_index=True)
    surface = shapely.get_type_id(parts) == POLYGON
    rings, part = shapely.get_rings(shapely.orient_polygons(parts[surface]), return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    codes = np.full(len(at), Path.LINETO, dtype=Path.code_type)
    codes[first] = Path.MOVETO
    codes[np.append(first[1:], len(at))[: len(first)] - 1] = Path.CLOSEPOLY
    return Path(at, codes), whole[surface][part][ring].astype(np.int32)
