"""Indices of segregation: how unevenly groups live, and whom their members meet in their neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from secequity.checks import align, require_arguments
from secequity.errors import LayerError, problem
from secequity.segregation._groups import Groups, figure, one_group, several_groups

if TYPE_CHECKING:
    from libpysal.graph import Graph


def dissimilarity(group: pd.Series, population: pd.Series) -> float:
    """Index of dissimilarity: the share of the group who would have to move for all neighbourhoods to be alike.

    D = ½ Σ |g/G − o/O|, g people of the group and o everybody else, G and O their totals.

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0.
    population : all people by neighbourhood id, in any order; not fewer than the group's.

    Returns
    -------
    From 0 (the same share everywhere) to 1 (no neighbourhood has both). Small numbers of people push it up: compare it
    with what chance alone gives, by `reallocation_test`.

    Raises
    ------
    LayerError : counts missing, infinite or negative; more of the group than people; nobody, or everybody, is of it.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Duncan & Duncan (1955), American Sociological Review 20(2), 210–217.

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> dissimilarity(pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids))   # ½(|¾ − ¼| + |¼ − ¾|)
    0.5
    """
    require_arguments(group=("series", group), population=("series", population))
    return _one("dissimilarity", one_group(group, population))


def isolation(group: pd.Series, population: pd.Series) -> float:
    """Isolation: the share of their own group among the neighbours of an average member.

    xPx = Σ (g/G)·(g/n), g people of the group and n all people of a neighbourhood.

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0.
    population : all people by neighbourhood id, in any order; not fewer than the group's.

    Returns
    -------
    From the group's share of the city (no segregation) to 1. A larger group is more isolated without living apart.

    Raises
    ------
    As `dissimilarity`.

    Source: Bell (1954), Social Forces 32(4), 357–364; Lieberson (1981).

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> isolation(pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids))       # ¾·¾ + ¼·¼
    0.625
    """
    require_arguments(group=("series", group), population=("series", population))
    return _one("isolation", one_group(group, population))


def exposure(group: pd.Series, population: pd.Series, *, other: pd.Series | None = None) -> float:
    """Exposure (interaction): the share of the `other` group among the neighbours of an average member.

    xPy = Σ (g/G)·(o/n), o people of the other group: everybody else, unless given.

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0.
    population : all people by neighbourhood id, in any order; not fewer than the group's.
    other : people of another group by neighbourhood id, ≥ 0; everybody else when left out.

    Returns
    -------
    From 0 (they never meet) to the other group's share of the city where both live alike, and above it where the group
    lives among the other. With everybody else as the other, isolation and exposure add up to 1.

    Raises
    ------
    As `dissimilarity`.

    Source: Bell (1954), Social Forces 32(4), 357–364; Lieberson (1981).

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> exposure(pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids))        # ¾·¼ + ¼·¾
    0.375
    """
    require_arguments(group=("series", group), population=("series", population), other=("series or none", other))
    city = one_group(group, population)
    if other is None:
        return _one("exposure", city)
    met = one_group(other, population)
    shares = city.counts[0] / city.counts[0].sum()
    return float(shares @ (met.counts[0] / city.people))


def information_theory(group: pd.Series | pd.DataFrame, population: pd.Series | None = None) -> float:
    """Theil's information theory index H: how much less diverse neighbourhoods are than the city.

    H = 1 − Σ n·E_i/(N·E), E = −Σ p·ln p the diversity of groups with shares p, of a neighbourhood and of the city.

    Parameters
    ----------
    group : people of one group by neighbourhood id, with `population`; or a table with one column for each of several
        groups that together are everybody.
    population : all people by neighbourhood id, in any order; only with one group.

    Returns
    -------
    From 0 (every neighbourhood as diverse as the city) to 1 (no neighbourhood has more than one group).

    Raises
    ------
    As `dissimilarity`; LayerError also where a table has a single column.

    Source: Theil (1972), Statistical Decomposition Analysis; Reardon & Firebaugh (2002), Sociological Methodology 32.

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> information_theory(pd.Series([40, 0], index=ids), pd.Series([40, 40], index=ids))
    1.0
    """
    require_arguments(group=("series or frame", group), population=("series or none", population))
    return _one("information_theory", _any(group, population, None))


def spatial_information_theory(
    group: pd.Series | pd.DataFrame, population: pd.Series | None = None, *, graph: Graph
) -> float:
    """The information theory index of people's surroundings: their neighbourhood with those around it.

    H̃ = 1 − Σ n·Ẽ_i/(N·E), Ẽ_i the diversity of the people around i: its own, each counted once, and its neighbours'
    by the weight of the link. With a row-standardised graph the neighbours together count as one neighbourhood of
    their mean; with a binary one each counts in full.

    Parameters
    ----------
    group : as `information_theory`.
    population : as `information_theory`.
    graph : who is a neighbour of whom; its weights are used as given. An isolate's surroundings are its own people.

    Returns
    -------
    At most 1, and mostly from 0: near 0 where each place mirrors the city within a walk, near the aspatial index where
    like lies beside like. It can fall a little below 0, as surroundings overlap and may be more diverse than the city.

    Raises
    ------
    As `information_theory`; AlignmentError also where the graph speaks of other neighbourhoods.

    Source: Reardon & O'Sullivan (2004), Sociological Methodology 34(1), 121–162, eq. 5.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> from secequity import weights
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(4)], index=list("abcd"), crs="EPSG:32718")
    >>> people, graph = pd.Series(10, index=list("abcd")), weights.contiguity(row)
    >>> beside, between = (pd.Series(one, index=list("abcd")) for one in ([10, 10, 0, 0], [10, 0, 10, 0]))
    >>> [round(spatial_information_theory(one, people, graph=graph), 3) for one in (beside, between)]
    [0.594, 0.0]
    """
    require_arguments(
        group=("series or frame", group), population=("series or none", population), graph=("graph", graph)
    )
    return _one("spatial_information_theory", _any(group, population, graph))


def location_quotient(group: pd.Series, population: pd.Series) -> pd.Series:
    """Location quotient: the group's share of each neighbourhood over its share of the city.

    LQ_i = (g_i/n_i)/(G/N).

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0.
    population : all people by neighbourhood id, in any order; not fewer than the group's.

    Returns
    -------
    Series in the order of `group`: 1 where the group has the same share as in the city, 2 where twice as much, 0 where
    nobody is of it; missing where nobody lives.

    Raises
    ------
    As `dissimilarity`.

    Source: Isard (1960), Methods of Regional Analysis; Brown & Chung (2006), Population, Space and Place 12, 125–143.

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> location_quotient(pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids)).tolist()    # ¾ over ½
    [1.5, 0.5]
    """
    require_arguments(group=("series", group), population=("series", population))
    city = one_group(group, population)
    share = city.counts[0].sum() / city.people.sum()
    quotient = pd.Series(city.counts[0] / city.people / share, index=city.ids, name=group.name)
    return align(quotient.reindex(group.index), group.index, name=city.name)


def _one(index: str, city: Groups) -> float:
    """An index of the city as it is."""
    value = float(figure(index, city.counts[:, np.newaxis, :], city.around)[0])
    return value if abs(value) > 1e-15 else 0.0


def _any(group: pd.Series | pd.DataFrame, population: pd.Series | None, graph: Graph | None) -> Groups:
    if isinstance(group, pd.DataFrame):
        return several_groups(group, graph)
    if population is None:
        raise LayerError(problem("argument_series", name="population", given="None"))
    return one_group(group, population, graph)
