"""Where the people of a neighbourhood stand, and how far a facility is from them in a straight line."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from secequity.checks import Findings, require_arguments, require_neighbourhoods, require_same_crs
from secequity.costs.pairs import table_of
from secequity.errors import LayerError, problem
from secequity.garbage import unsearched
from secequity.parallel import on_cores, side_by_side

FloatArray = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

AT_ONCE = 128
"""Facilities whose places are found together: few enough that their pairs stay in memory at hand."""


def demand_points(neighbourhoods: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Where the people of each neighbourhood are taken to be: its centroid, or a point inside it.

    The centroid of a crescent can lie outside of it; then a point of its surface stands in.

    Returns
    -------
    GeoSeries of points by neighbourhood id, in the CRS of `neighbourhoods`.

    Raises
    ------
    LayerError : the neighbourhoods break their contract, or there are none.

    >>> from shapely import box
    >>> one = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 100)], index=["a"], crs="EPSG:32718")
    >>> print(demand_points(one)["a"])
    POINT (100 50)
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods))
    require_neighbourhoods(neighbourhoods)
    if neighbourhoods.empty:
        raise LayerError(problem("weights_no_rows"))
    shapes = neighbourhoods.geometry.to_numpy()
    centroids = on_cores(shapely.centroid, shapes)
    outside = ~on_cores(shapely.intersects_xy, shapes, *shapely.get_coordinates(centroids).T)
    centroids[outside] = shapely.point_on_surface(shapes[outside])
    return gpd.GeoSeries(centroids, index=neighbourhoods.index, crs=neighbourhoods.crs)


@unsearched()
def straight_line(neighbourhoods: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, cutoff_m: float) -> pd.DataFrame:
    """Metres in a straight line from each facility to each neighbourhood within `cutoff_m`, the cutoff included.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres; each stands at its point of `demand_points`.
    facilities : points in the same CRS, by unique index, inside or outside the neighbourhoods; an absent point reaches
        nobody.
    cutoff_m : metres, > 0.

    Returns
    -------
    DataFrame `from_id` (facility), `to_id` (neighbourhood), `cost` (metres), one row a pair, ordered as the inputs.

    Raises
    ------
    LayerError : a contract is broken, the CRS differ, a facility is not a point or stands twice in the index, or the
        cutoff is not a finite number above zero.

    >>> from shapely import Point, box
    >>> two = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2), box(9, 0, 11, 2)], index=["a", "b"], crs="EPSG:32718")
    >>> posts = gpd.GeoDataFrame(geometry=[Point(4, 5)], index=["p"], crs="EPSG:32718")
    >>> straight_line(two, posts, cutoff_m=6).to_dict("records")        # 3-4-5; b lies 7.2 m away
    [{'from_id': 'p', 'to_id': 'a', 'cost': 5.0}]
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), facilities=("layer", facilities), cutoff_m=("number", cutoff_m)
    )
    at, posts, placed = places(neighbourhoods, facilities, cutoff=cutoff_m, option="cutoff_m")
    tree = cKDTree(at)

    def near(first: int) -> tuple[Positions, Positions, FloatArray]:
        """How many places each of some facilities has within reach, which, and how far away."""
        some = posts[first : first + AT_ONCE]
        found = cKDTree(some).sparse_distance_matrix(tree, cutoff_m, output_type="ndarray")
        table = coo_array((found["v"], (found["i"], found["j"])), shape=(len(some), len(at))).tocsr()
        return np.diff(table.indptr), table.indices, table.data

    with side_by_side() as each:
        told = list(each(near, range(0, max(len(posts), 1), AT_ONCE)))
    many, target, cost = (np.concatenate(one) for one in zip(*told, strict=True))
    return table_of(facilities.index, neighbourhoods.index, np.repeat(placed, many), target, cost, unit="m")


def places(
    neighbourhoods: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, cutoff: float, option: str
) -> tuple[FloatArray, FloatArray, Positions]:
    """Coordinates of the demand points and of the facilities that have a place, and the positions of these; checked."""
    points = demand_points(neighbourhoods)
    require_same_crs(facilities, neighbourhoods, name="facilities", other_name="neighbourhoods")
    found = Findings()
    if facilities.index.has_duplicates:
        repeated = facilities.index[facilities.index.duplicated()]
        found.error("ids_repeated", dict.fromkeys(repeated), name="facilities")
    placed = ~(facilities.geometry.isna() | facilities.geometry.is_empty).to_numpy()
    other = placed & (facilities.geom_type != "Point").to_numpy()
    if other.any():
        kinds = ", ".join(sorted(set(facilities.geom_type[other])))
        found.error("facilities_not_points", facilities.index[other], kinds=kinds)
    if not (cutoff > 0 and np.isfinite(cutoff)):
        found.error("catchment_option", option=option, value=str(cutoff))
    found.raise_if_any(LayerError)
    posts = shapely.get_coordinates(facilities.geometry.to_numpy()[placed]).reshape(-1, 2)
    return shapely.get_coordinates(points.to_numpy()), posts, np.flatnonzero(placed)
