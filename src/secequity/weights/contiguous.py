"""Neighbours that share a boundary, also where it was drawn twice and the two lines miss each other."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from libpysal.graph import Graph

from secequity.boundaries import meeting, on_each_other, shared
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.garbage import unsearched
from secequity.weights.graphs import Positions, Transform, check, check_metres, graph_of
from secequity.words import Contiguity

Geometry = npt.NDArray[Any]

MOST_LOOSE = 0.5
"""Where a larger share of the polygons has a border of its own, all are compared by shape."""

STRETCH = 10.0
"""A rook neighbour across a gap shares more than this many times the gap: two corners that almost meet do not."""


@unsearched()
def contiguity(
    neighbourhoods: gpd.GeoDataFrame,
    *,
    kind: Contiguity = "queen",
    snap_m: float = 0.0,
    transform: Transform = "r",
) -> Graph:
    """Neighbours that share a boundary.

    Polygons that share at least a point (queen) or a stretch of boundary (rook), whether or not they have vertices in
    common there. Digitised boundaries often miss each other by millimetres; `snap_m` joins those too.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, projected in metres.
    kind : `queen` (a shared point is enough) or `rook` (a shared stretch of boundary).
    snap_m : neighbours may lie this many metres apart, ≥ 0; `snapped_pairs` lists those that are joined by it. Between
        rook neighbours the two boundaries must run that close for more than `STRETCH` times `snap_m`.
    transform : `r` each row sums to 1 · `b` or `o` each neighbour weighs 1 · `d` all weights sum to 1 · `v` variance
        stabilising.

    Returns
    -------
    libpysal Graph with the ids and the order of `neighbourhoods`; who has no neighbour is an isolate in it.

    Raises
    ------
    LayerError : no CRS, degrees, another unit than metres, duplicate or non-text ids, empty or invalid polygons.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> contiguity(row)["b"].to_dict()
    {'a': 0.5, 'c': 0.5}
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), snap_m=("number", snap_m))
    check(neighbourhoods, boundaries=True)
    check_metres("snap_m", snap_m, least=0.0)
    one, other = _joined(neighbourhoods.geometry.to_numpy(), kind, snap_m)
    return _both_ways(neighbourhoods.index, one, other, transform)


def snapped_contiguity(
    neighbourhoods: gpd.GeoDataFrame, *, snap_m: float, kind: Contiguity = "queen", transform: Transform = "r"
) -> tuple[Graph, pd.DataFrame]:
    """`contiguity` together with its `snapped_pairs`, both found in one go.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> gap = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1.001, 0, 2, 1)], index=["a", "b"], crs="EPSG:32718")
    >>> graph, pairs = snapped_contiguity(gap, snap_m=0.01)
    >>> graph["a"].to_dict(), len(pairs)
    ({'b': 1.0}, 1)
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), snap_m=("number", snap_m))
    check(neighbourhoods, boundaries=True)
    check_metres("snap_m", snap_m, least=0.0)
    geometry = neighbourhoods.geometry.to_numpy()
    one, other = touching(geometry, kind)
    if snap_m == 0:
        nothing = np.empty(0, dtype=np.intp)
        return _both_ways(neighbourhoods.index, one, other, transform), _told(
            neighbourhoods.index, nothing, nothing, np.empty(0)
        )
    near, far, distance = _apart(geometry, kind, one, other, snap_m)
    graph = _both_ways(neighbourhoods.index, np.concatenate([one, near]), np.concatenate([other, far]), transform)
    return graph, _told(neighbourhoods.index, near, far, distance)


def snapped_pairs(neighbourhoods: gpd.GeoDataFrame, *, snap_m: float, kind: Contiguity = "queen") -> pd.DataFrame:
    """The pairs that `contiguity` joins only because of `snap_m`, so that a study can say so.

    Returns
    -------
    DataFrame `from_id, to_id, distance_m`, each pair once, ordered by id.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> gap = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1.001, 0, 2, 1)], index=["a", "b"], crs="EPSG:32718")
    >>> snapped_pairs(gap, snap_m=0.01).round(4).to_dict("records")
    [{'from_id': 'a', 'to_id': 'b', 'distance_m': 0.001}]
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), snap_m=("number", snap_m))
    return near_misses(neighbourhoods, within_m=snap_m, kind=kind)


def near_misses(
    neighbourhoods: gpd.GeoDataFrame, *, within_m: float = 1.0, snap_m: float = 0.0, kind: Contiguity = "queen"
) -> pd.DataFrame:
    """The pairs within `within_m` metres that `contiguity` with `snap_m` leaves apart: one boundary, drawn twice?

    Returns
    -------
    DataFrame `from_id, to_id, distance_m`, each pair once, ordered by id.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> gap = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1.001, 0, 2, 1)], index=["a", "b"], crs="EPSG:32718")
    >>> len(near_misses(gap)), len(near_misses(gap, snap_m=0.01))
    (1, 0)
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), within_m=("number", within_m), snap_m=("number", snap_m)
    )
    check(neighbourhoods, boundaries=True)
    check_metres("within_m", within_m, least=0.0)
    check_metres("snap_m", snap_m, least=0.0)
    geometry = neighbourhoods.geometry.to_numpy()
    one, other = _joined(geometry, kind, snap_m)
    return _told(neighbourhoods.index, *_apart(geometry, kind, one, other, within_m))


def touching(geometry: Geometry, kind: Contiguity) -> tuple[Positions, Positions]:
    """The pairs of polygons that share a point (queen) or a stretch of boundary (rook), each once, smaller first.

    By their edges, and where those do not tell by their shapes.
    """
    if kind not in ("queen", "rook"):
        raise LayerError(problem("weights_kind", kind=kind))
    found = shared(geometry, along=kind == "rook")
    if len(found.loose) > MOST_LOOSE * len(geometry):
        return touching_by_shape(geometry, kind)
    loose, other = meeting(geometry, found.loose)
    if on_each_other(geometry, found.reach, loose, other):
        return touching_by_shape(geometry, kind)
    one, other = _along(geometry, loose, other) if kind == "rook" else (loose, other)
    count = len(geometry)
    pairs = np.concatenate([found.one * count + found.other, np.minimum(one, other) * count + np.maximum(one, other)])
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs // count, pairs % count


def touching_by_shape(geometry: Geometry, kind: Contiguity) -> tuple[Positions, Positions]:
    """The same pairs, every one compared by shape."""
    one, other = meeting(geometry, np.arange(len(geometry)))
    one, other = one[one < other], other[one < other]
    return _along(geometry, one, other) if kind == "rook" else (one, other)


def _along(geometry: Geometry, one: Positions, other: Positions) -> tuple[Positions, Positions]:
    """Those pairs whose boundaries run along each other for a stretch."""
    stretch = shapely.relate_pattern(geometry[one], geometry[other], "****1****")
    return one[stretch], other[stretch]


def _joined(geometry: Geometry, kind: Contiguity, snap_m: float) -> tuple[Positions, Positions]:
    one, other = touching(geometry, kind)
    if snap_m == 0:
        return one, other
    near, far, _ = _apart(geometry, kind, one, other, snap_m)
    return np.concatenate([one, near]), np.concatenate([other, far])


def _apart(
    geometry: Geometry, kind: Contiguity, one: Positions, other: Positions, within_m: float
) -> tuple[Positions, Positions, npt.NDArray[np.float64]]:
    """Pairs within `within_m` besides those that are linked already, each once, with their distance in metres."""
    linked = one * len(geometry) + other
    around = shapely.box(*(shapely.bounds(geometry) + within_m * np.array([-1, -1, 1, 1])).T)
    one, other = shapely.STRtree(geometry).query(around)
    possible = (one < other) & ~np.isin(one * len(geometry) + other, linked)
    one, other = one[possible], other[possible]
    close = shapely.dwithin(geometry[one], geometry[other], within_m)
    one, other = one[close], other[close]
    if kind == "rook":
        nearby = shapely.buffer(geometry[other], within_m)
        stretch = shapely.length(shapely.intersection(shapely.boundary(geometry[one]), nearby))
        long = stretch > STRETCH * within_m
        one, other = one[long], other[long]
    return one, other, shapely.distance(geometry[one], geometry[other])


def _both_ways(index: pd.Index, one: Positions, other: Positions, transform: Transform) -> Graph:
    return graph_of(index, np.concatenate([one, other]), np.concatenate([other, one]), transform)


def _told(index: pd.Index, one: Positions, other: Positions, distance: npt.NDArray[np.float64]) -> pd.DataFrame:
    ids = index.to_numpy(dtype=object)
    names = np.sort(np.column_stack([ids[one], ids[other]]).astype(object), axis=1)
    pairs = pd.DataFrame({"from_id": names[:, 0], "to_id": names[:, 1], "distance_m": distance})
    return pairs.sort_values(["from_id", "to_id"], ignore_index=True)
