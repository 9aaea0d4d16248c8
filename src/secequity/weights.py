"""Who is a neighbour of whom: contiguity, nearest, within a distance. The door to libpysal's `Graph`.

Every graph comes with the neighbourhoods' own ids, in their order, row-standardised unless asked otherwise.
"""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from libpysal.graph import Graph
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from secequity import checks
from secequity.errors import ConfigError, LayerError, problem
from secequity.words import Contiguity

Transform = Literal["r", "b", "d", "v", "o"]
Positions = npt.NDArray[np.intp]

STRETCH = 10.0
"""A rook neighbour across a gap shares more than this many times the gap: two corners that almost meet do not."""

SAME_M = 1e-6
"""Distances that differ by less than a thousandth of a millimetre are equal: that is rounding."""


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
    _check(neighbourhoods, boundaries=True)
    _check_metres("snap_m", snap_m, least=0.0)
    geometry = neighbourhoods.geometry.to_numpy()
    focal, neighbour = _touching(geometry, kind)
    if snap_m > 0:
        one, other, _ = _apart(geometry, kind, focal, neighbour, snap_m)
        focal, neighbour = np.concatenate([focal, one, other]), np.concatenate([neighbour, other, one])
    return _graph(neighbourhoods.index, focal, neighbour, transform)


def knn(neighbourhoods: gpd.GeoDataFrame, *, k: int = 4, transform: Transform = "r") -> Graph:
    """The `k` nearest neighbourhoods by centroid; among equally near ones the first by id.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, projected in metres; centroids may coincide.
    k : neighbours each, at least 1 and fewer than there are neighbourhoods.
    transform : as in `contiguity`.

    Returns
    -------
    libpysal Graph; not symmetric: the nearest of a remote place has nearer ones itself.

    Raises
    ------
    LayerError : as `contiguity`, and when `k` neighbours do not exist.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(4)], index=list("abcd"), crs="EPSG:32718")
    >>> knn(row, k=2)["a"].to_dict()
    {'b': 0.5, 'c': 0.5}
    """
    _check(neighbourhoods)
    count = len(neighbourhoods)
    if not 1 <= k < count:
        raise LayerError(problem("weights_k", k=k, count=count, most=count - 1))
    by_id = np.argsort(neighbourhoods.index.to_numpy(dtype=str), kind="stable")
    neighbour = by_id[_nearest(_centroids(neighbourhoods)[by_id], k)].ravel()
    return _graph(neighbourhoods.index, np.repeat(by_id, k), neighbour, transform)


def distance_band(neighbourhoods: gpd.GeoDataFrame, *, radius_m: float, transform: Transform = "r") -> Graph:
    """Neighbours whose centroids lie within `radius_m` metres, the limit included.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, projected in metres.
    radius_m : metres between centroids, > 0.
    transform : as in `contiguity`.

    Returns
    -------
    libpysal Graph; who has no other centroid within the radius is an isolate in it.

    Raises
    ------
    LayerError : as `contiguity`, and when `radius_m` is not a positive number.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in (0, 1, 9)], index=list("abc"), crs="EPSG:32718")
    >>> isolates(distance_band(row, radius_m=2))
    ('c',)
    """
    _check(neighbourhoods)
    _check_metres("radius_m", radius_m)
    tree = cKDTree(_centroids(neighbourhoods))
    pairs = tree.query_pairs(radius_m + SAME_M, output_type="ndarray")
    return _graph(neighbourhoods.index, pairs.ravel("F"), pairs[:, ::-1].ravel("F"), transform)


def from_spec(spec: str, neighbourhoods: gpd.GeoDataFrame, *, snap_m: float = 0.0, transform: Transform = "r") -> Graph:
    """The graph a study file asks for: `queen`, `rook`, `knn:4` or `distance:1500` (metres).

    `snap_m` concerns `queen` and `rook` alone.

    Raises
    ------
    ConfigError : the words are none of these.
    LayerError : as the function that is called.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> from_spec("distance:1", row)["a"].to_dict()
    {'b': 1.0}
    """
    word, _, amount = spec.strip().partition(":")
    try:
        if word == "knn":
            return knn(neighbourhoods, k=int(amount), transform=transform)
        if word == "distance":
            return distance_band(neighbourhoods, radius_m=float(amount), transform=transform)
    except LayerError:
        raise
    except ValueError:
        raise ConfigError(problem("weights_spec", spec=spec)) from None
    if amount or word not in ("queen", "rook"):
        raise ConfigError(problem("weights_spec", spec=spec))
    kind: Contiguity = "queen" if word == "queen" else "rook"
    return contiguity(neighbourhoods, kind=kind, snap_m=snap_m, transform=transform)


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
    _check(neighbourhoods, boundaries=True)
    _check_metres("within_m", within_m, least=0.0)
    _check_metres("snap_m", snap_m, least=0.0)
    geometry = neighbourhoods.geometry.to_numpy()
    focal, neighbour = _touching(geometry, kind)
    if snap_m > 0:
        one, other, _ = _apart(geometry, kind, focal, neighbour, snap_m)
        focal, neighbour = np.concatenate([focal, one, other]), np.concatenate([neighbour, other, one])
    one, other, distance = _apart(geometry, kind, focal, neighbour, within_m)
    ids = neighbourhoods.index.to_numpy(dtype=object)
    names = np.sort(np.column_stack([ids[one], ids[other]]).astype(object), axis=1)
    pairs = pd.DataFrame({"from_id": names[:, 0], "to_id": names[:, 1], "distance_m": distance})
    return pairs.sort_values(["from_id", "to_id"], ignore_index=True)


def isolates(graph: Graph) -> tuple[str, ...]:
    """The ids without any neighbour, in order.

    >>> from libpysal.graph import Graph
    >>> isolates(Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0]))
    ('c',)
    """
    return tuple(sorted(graph.isolates))


def components(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """The sub-graphs that no link joins, the largest first, each as its ids; an isolate is a sub-graph of one.

    >>> from libpysal.graph import Graph
    >>> components(Graph.from_arrays(["c", "a", "b"], ["c", "b", "a"], [0, 1, 1]))
    (('a', 'b'), ('c',))
    """
    _, labels = connected_components(graph.sparse, directed=False)
    members = pd.Series(graph.unique_ids.to_numpy()).groupby(labels)
    return tuple(sorted((tuple(sorted(ids)) for _, ids in members), key=lambda ids: (-len(ids), ids)))


def _check(neighbourhoods: gpd.GeoDataFrame, *, boundaries: bool = False) -> None:
    checks.require_neighbourhoods(neighbourhoods)
    if neighbourhoods.empty:
        raise LayerError(problem("weights_no_rows"))
    invalid = ~neighbourhoods.is_valid.to_numpy()
    if boundaries and invalid.any():
        raise LayerError(problem("weights_invalid", neighbourhoods.index[invalid]))


def _check_metres(option: str, metres: float, *, least: float | None = None) -> None:
    too_small = not metres > 0 if least is None else metres < least
    if not np.isfinite(metres) or too_small:
        raise LayerError(problem("weights_metres", option=option, metres=str(metres)))


def _touching(geometry: npt.NDArray[Any], kind: Contiguity) -> tuple[Positions, Positions]:
    if kind not in ("queen", "rook"):
        raise LayerError(problem("weights_kind", kind=kind))
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    apart = one < other if kind == "rook" else one != other
    one, other = one[apart], other[apart]
    if kind == "queen":
        return one, other
    shared = shapely.relate_pattern(geometry[one], geometry[other], "****1****")
    one, other = one[shared], other[shared]
    return np.concatenate([one, other]), np.concatenate([other, one])


def _apart(
    geometry: npt.NDArray[Any], kind: Contiguity, focal: Positions, neighbour: Positions, within_m: float
) -> tuple[Positions, Positions, npt.NDArray[np.float64]]:
    """Pairs within `within_m` that are not linked yet, each once, with their distance in metres."""
    one, other = shapely.STRtree(geometry).query(geometry, predicate="dwithin", distance=within_m)
    one, other = one[one < other], other[one < other]
    linked = np.isin(one * len(geometry) + other, focal * len(geometry) + neighbour)
    one, other = one[~linked], other[~linked]
    if kind == "rook":
        nearby = shapely.buffer(geometry[other], within_m)
        stretch = shapely.length(shapely.intersection(shapely.boundary(geometry[one]), nearby))
        long = stretch > STRETCH * within_m
        one, other = one[long], other[long]
    return one, other, shapely.distance(geometry[one], geometry[other])


def _centroids(neighbourhoods: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    points: npt.NDArray[np.float64] = shapely.get_coordinates(shapely.centroid(neighbourhoods.geometry.to_numpy()))
    return points


def _nearest(points: npt.NDArray[np.float64], k: int) -> Positions:
    """Positions of the `k` nearest others, n × k; ties at the k-th distance go to the lowest position."""
    count, tree = len(points), cKDTree(points)
    distance, near = tree.query(points, k=min(k + 2, count))
    others = near != np.arange(count)[:, None]
    limit = distance[:, k] + SAME_M
    tied = distance[:, k + 1] <= limit if near.shape[1] > k + 1 else np.zeros(count, dtype=bool)
    chosen = np.empty((count, k), dtype=np.intp)
    if not tied.all():
        plain = others[~tied] & (np.cumsum(others[~tied], axis=1) <= k)
        chosen[~tied] = near[~tied][plain].reshape(-1, k)
    for position in np.flatnonzero(tied):
        around = np.sort(np.asarray(tree.query_ball_point(points[position], limit[position]), dtype=np.intp))
        around = around[around != position]
        away = np.linalg.norm(points[around] - points[position], axis=1)
        farther = away >= distance[position, k] - SAME_M
        chosen[position] = around[np.argsort(farther, kind="stable")][:k]
    return chosen


def _graph(index: pd.Index, focal: Positions, neighbour: Positions, transform: Transform) -> Graph:
    if transform.lower() not in ("r", "b", "d", "v", "o"):
        raise LayerError(problem("weights_transform", transform=transform))
    alone = np.setdiff1d(np.arange(len(index)), focal)
    weight = np.concatenate([np.ones(len(focal)), np.zeros(len(alone))])
    focal, neighbour = np.concatenate([focal, alone]), np.concatenate([neighbour, alone])
    order = np.lexsort((neighbour, focal))
    levels: Any = [index, index]
    codes: Any = [focal[order], neighbour[order]]
    links = pd.MultiIndex(levels=levels, codes=codes, names=["focal", "neighbor"], verify_integrity=False)
    graph = Graph(pd.Series(weight[order], index=links, name="weight"), is_sorted=True)
    return graph if transform.lower() == "o" else graph.transform(transform.upper())
