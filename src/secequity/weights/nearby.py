"""Neighbours by distance between centroids: the nearest, or all within a radius."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from libpysal.graph import Graph
from scipy.spatial import cKDTree

from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.weights.graphs import Positions, Transform, check, check_metres, graph_of

SAME_M = 1e-6
"""Distances that differ by less than a thousandth of a millimetre are equal: that is rounding."""


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
    require_arguments(neighbourhoods=("layer", neighbourhoods), k=("whole", k))
    check(neighbourhoods)
    count = len(neighbourhoods)
    if not 1 <= k < count:
        raise LayerError(problem("weights_k", k=k, count=count, most=count - 1))
    by_id = np.argsort(neighbourhoods.index.to_numpy(dtype=str), kind="stable")
    neighbour = by_id[_nearest(_centroids(neighbourhoods)[by_id], k)].ravel()
    return graph_of(neighbourhoods.index, np.repeat(by_id, k), neighbour, transform)


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
    >>> distance_band(row, radius_m=2).isolates.tolist()
    ['c']
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), radius_m=("number", radius_m))
    check(neighbourhoods)
    check_metres("radius_m", radius_m)
    tree = cKDTree(_centroids(neighbourhoods))
    pairs = tree.query_pairs(radius_m + SAME_M, output_type="ndarray")
    return graph_of(neighbourhoods.index, pairs.ravel("F"), pairs[:, ::-1].ravel("F"), transform)


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
