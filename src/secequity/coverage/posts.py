"""Posts within neighbourhoods: a facility covers the neighbourhood it stands in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.checks import align, require_arguments, require_neighbourhoods, require_same_crs
from secequity.errors import LayerError, problem


def locate(neighbourhoods: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.Series:
    """The neighbourhood each facility stands in.

    A facility on a shared boundary or corner belongs to the neighbourhood whose id comes first, so that it is counted
    once whatever the order of the rows; one outside every neighbourhood has none (missing).

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    facilities : points in the same CRS, by unique index; an absent point is outside.

    Returns
    -------
    Series of neighbourhood ids by facility, named `neighbourhood`.

    Raises
    ------
    LayerError : neighbourhoods break their contract, the CRS differ, or a facility stands twice in the index.
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), facilities=("layer", facilities))
    require_neighbourhoods(neighbourhoods)
    require_same_crs(facilities, neighbourhoods, name="facilities", other_name="neighbourhoods")
    if facilities.index.has_duplicates:
        raise LayerError(problem("ids_repeated", facilities.index[facilities.index.duplicated()], name="facilities"))
    point, polygon = neighbourhoods.sindex.query(facilities.geometry, predicate="intersects")
    pairs = pd.DataFrame(
        {"facility": facilities.index.to_numpy()[point], "id": neighbourhoods.index.to_numpy()[polygon]}
    )
    first = pairs.groupby("facility", sort=False)["id"].min()
    return first.reindex(facilities.index).astype(object).rename("neighbourhood")


def within(
    neighbourhoods: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, supply: pd.Series | None = None
) -> pd.Series:
    """The supply standing in each neighbourhood.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    facilities : points in the same CRS, by unique index.
    supply : staff (or any amount ≥ 0) by facility; one each when left out. A facility of unknown supply makes the
        amount of its neighbourhood unknown: missing is not zero.

    Returns
    -------
    Series of amounts by neighbourhood id, named after `supply` (or `posts`); 0 where nothing stands.

    Raises
    ------
    LayerError : a contract is broken, or a supply is negative.
    AlignmentError : `supply` speaks of other facilities.

    >>> import geopandas as gpd, shapely
    >>> two = gpd.GeoDataFrame(index=["a", "b"], geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=32718)
    >>> posts = gpd.GeoDataFrame(geometry=[shapely.Point(1, 0.5), shapely.Point(9, 9)], crs=32718)
    >>> within(two, posts).to_dict()
    {'a': 1.0, 'b': 0.0}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), facilities=("layer", facilities), supply=("numbers or none", supply)
    )
    located = locate(neighbourhoods, facilities)
    if supply is None:
        supply = pd.Series(1.0, index=facilities.index, name="posts")
    supply = align(supply, facilities.index, name="supply").astype(float)
    if (supply < 0).any():
        raise LayerError(problem("supply_negative", supply.index[supply < 0]))
    return total(located, supply, neighbourhoods.index)


def total(located: pd.Series, supply: pd.Series, ids: pd.Index) -> pd.Series:
    """Supply added up by the neighbourhood each facility was located in; unknown supply makes the sum unknown."""
    inside = located.notna()
    summed = supply[inside].groupby(located[inside]).agg(lambda amounts: amounts.sum(skipna=False))
    amounts: pd.Series = summed.reindex(ids, fill_value=0.0).astype(float)
    amounts.name, amounts.index.name = supply.name, ids.name
    return amounts


def distance_outside(neighbourhoods: gpd.GeoDataFrame, points: gpd.GeoSeries) -> pd.Series:
    """Metres from each point to the nearest neighbourhood."""
    shapes = neighbourhoods.geometry.to_numpy()
    at, nearest = neighbourhoods.sindex.nearest(points, return_all=False)
    metres = np.full(len(points), np.nan)
    metres[at] = shapely.distance(points.to_numpy()[at], shapes[nearest])
    return pd.Series(metres, index=points.index, name="distance_m")
