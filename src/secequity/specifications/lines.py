"""Other lines between centre and periphery: around the plaza, and by density."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.checks import align, require_arguments, require_metres
from secequity.errors import LayerError, problem

SHARES = (0.5, 0.75, 1.25, 1.5, 2.0)
"""How many people the casco has in the alternative lines, as shares of those in the study's own."""


def radii(
    neighbourhoods: gpd.GeoDataFrame,
    population: pd.Series,
    zones: pd.Series,
    *,
    plaza: shapely.Point | None = None,
    shares: Sequence[float] = SHARES,
) -> dict[str, pd.Series]:
    """Lines around the plaza whose casco has given shares of the people of the casco as it is.

    Neighbourhoods join from the nearest to the farthest (their centroid), until the people are as near as can be to the
    share; at least one joins, and not all. Who is in neither zone stays so.

    Parameters
    ----------
    neighbourhoods : polygons by id, projected in metres.
    population : people by neighbourhood id.
    zones : the study's own line.
    plaza : in the same CRS; the middle of the casco's people (mean of its centroids) when left out.
    shares : of the casco's people, above 0.

    Returns
    -------
    Zones by neighbourhood id, by the name `radius:<metres>`; two shares that end at the same place are one line.

    Raises
    ------
    LayerError : not in metres, or a share that is not above 0. AlignmentError : the ids differ.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(4)], index=list("abcd"), crs="EPSG:32718")
    >>> own = pd.Series(["centre", "periphery", "periphery", "periphery"], index=list("abcd"))
    >>> {name: list(one) for name, one in radii(row, pd.Series(10, index=list("abcd")), own, shares=[2]).items()}
    {'radius:1': ['centre', 'centre', 'periphery', 'periphery']}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods),
        population=("numbers", population),
        zones=("by id", zones),
        plaza=("point or none", plaza),
        shares=("collection", shares),
    )
    require_metres(neighbourhoods, name="neighbourhoods")
    if not all(share > 0 for share in shares):
        raise LayerError(problem("shares_word", value=min(shares)))
    table = _by_id(neighbourhoods, population, zones)
    table = table[table["zone"].notna()]
    middle = plaza or plaza_of(neighbourhoods, population, zones)
    distance = shapely.distance(table["centroid"].to_numpy(), middle)
    table = table.assign(distance=distance).sort_values("distance", kind="stable")
    inside = table["people"].fillna(0.0).cumsum().to_numpy()
    casco = float(table.loc[table["zone"] == "centre", "people"].sum())
    lines: dict[str, pd.Series] = {}
    for share in sorted(shares):
        last = int(np.argmin(np.abs(inside[:-1] - share * casco)))
        reach = float(table["distance"].iloc[last])
        lines[f"radius:{reach:.0f}"] = _line(zones, neighbourhoods.index, table["at"].iloc[: last + 1])
    return lines


def densest(neighbourhoods: gpd.GeoDataFrame, population: pd.Series, zones: pd.Series) -> dict[str, pd.Series]:
    """The line that takes the densest neighbourhoods, until they have as many people as the casco as it is.

    Returns
    -------
    Zones by neighbourhood id, by the name `density:<people on a square kilometre>`.

    Raises
    ------
    As `radii`.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(
    ...     geometry=[box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(3)], index=list("abc"), crs="EPSG:32718"
    ... )
    >>> own = pd.Series(["centre", "periphery", "periphery"], index=list("abc"))
    >>> {name: list(one) for name, one in densest(row, pd.Series([10, 30, 12], index=list("abc")), own).items()}
    {'density:30': ['periphery', 'centre', 'periphery']}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), population=("numbers", population), zones=("by id", zones)
    )
    require_metres(neighbourhoods, name="neighbourhoods")
    table = _by_id(neighbourhoods, population, zones)
    table = table[table["zone"].notna()]
    density = table["people"].fillna(0.0) / (neighbourhoods.geometry.area.reindex(table.index) / 1e6)
    table = table.assign(density=density).sort_values("density", ascending=False, kind="stable")
    casco = float(table.loc[table["zone"] == "centre", "people"].sum())
    last = int(np.argmin(np.abs(table["people"].fillna(0.0).cumsum().to_numpy()[:-1] - casco)))
    name = f"density:{table['density'].iloc[last]:.0f}"
    return {name: _line(zones, neighbourhoods.index, table["at"].iloc[: last + 1])}


def plaza_of(neighbourhoods: gpd.GeoDataFrame, population: pd.Series, zones: pd.Series) -> shapely.Point:
    """The middle of the casco: the mean of its neighbourhoods' centroids, weighted by their people.

    Raises
    ------
    AlignmentError : the ids differ.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> own = pd.Series(["centre", "centre", "periphery"], index=list("abc"))
    >>> plaza_of(row, pd.Series([30, 10, 5], index=list("abc")), own)       # (30·0.5 + 10·1.5) / 40
    <POINT (0.75 0.5)>
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), population=("numbers", population), zones=("by id", zones)
    )
    table = _by_id(neighbourhoods, population, zones)
    centre = table[(table["zone"] == "centre") & (table["people"] > 0)]
    share = centre["people"].to_numpy() / centre["people"].sum()
    x, y = (share @ one(centre["centroid"].to_numpy()) for one in (shapely.get_x, shapely.get_y))
    return shapely.Point(float(x), float(y))


def _by_id(neighbourhoods: gpd.GeoDataFrame, population: pd.Series, zones: pd.Series) -> pd.DataFrame:
    ids = neighbourhoods.index
    columns = {
        "people": align(population, ids, name="population").astype(float),
        "zone": align(zones, ids, name="zones"),
        "at": pd.Series(np.arange(len(ids)), index=ids),
        "centroid": pd.Series(shapely.centroid(neighbourhoods.geometry.to_numpy()), index=ids, dtype=object),
    }
    return pd.DataFrame(columns).sort_index(key=lambda order: order.astype(str))


def _line(zones: pd.Series, ids: pd.Index, centre: pd.Series) -> pd.Series:
    """The zones with the places `centre` as casco; who was in neither zone stays so."""
    inside = np.zeros(len(ids), dtype=bool)
    inside[centre] = True
    drawn = pd.Series(np.where(inside, "centre", "periphery"), index=ids, name="zone", dtype=object)
    return drawn.where(align(zones, ids, name="zones").notna(), None)
