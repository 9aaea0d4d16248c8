"""Amounts per person: the plain rate, and the rates that small neighbourhoods can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity import checks
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.rates._counts import like, name, paired

if TYPE_CHECKING:
    from libpysal.graph import Graph

FloatArray = npt.NDArray[np.float64]


def per_1000(amount: pd.Series, population: pd.Series) -> pd.Series:
    """Amount per 1,000 residents.

    Parameters
    ----------
    amount : amount by neighbourhood id, ≥ 0 (officers, hours a week, …).
    population : people by neighbourhood id, ≥ 0; in any order.

    Returns
    -------
    Series in the order of `amount`, with its name and attrs, in its unit per 1,000 residents; missing where the amount
    is missing, or the population is missing or zero: nobody lives there, so there is no rate.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number.

    >>> import pandas as pd
    >>> per_1000(pd.Series({"a": 6.0, "b": 2.0}), pd.Series({"b": 0, "a": 35_000})).round(4).to_dict()
    {'a': 0.1714, 'b': nan}
    """
    require_arguments(amount=("series", amount), population=("series", population))
    counted, people = paired(amount, population)
    return like(amount, 1000.0 * counted / people)


def empirical_bayes(events: pd.Series, population: pd.Series) -> pd.Series:
    """Rates drawn towards the city's rate, the more so the fewer people a neighbourhood has.

    r_EB = b + a(r − b)/(a + b/n) with r = e/n, b = Σe/Σn, s² = Σn(r − b)²/Σn and a = max(0, s² − b/n̄). It shrinks
    small peripheral places to the city's mean, so it is read beside the raw rate, never alone.

    Parameters
    ----------
    events : counts by neighbourhood id, ≥ 0.
    population : people by neighbourhood id, ≥ 0; in any order.

    Returns
    -------
    Series in the order of `events`, with its name and attrs, in events a person; missing where the events are
    missing, or the population is missing or zero. The others are computed without those.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number, or no neighbourhood has both events and people.

    Source: Marshall (1991), Applied Statistics 40(2), 283–294, the global estimator.

    >>> import pandas as pd
    >>> empirical_bayes(pd.Series({"a": 0, "b": 30}), pd.Series({"a": 100, "b": 300})).round(4).to_dict()
    {'a': 0.025, 'b': 0.0964}
    """
    require_arguments(events=("series", events), population=("series", population))
    counted, people = paired(events, population)
    city, between = moments(counted, people)
    rate, noise = counted / people, city / people
    spread = between + noise
    share = (between / spread.where(spread > 0)).fillna(0.0)
    return like(events, city + share * (rate - city))


def spatial_empirical_bayes(events: pd.Series, population: pd.Series, graph: Graph) -> pd.Series:
    """Rates drawn towards the rate of the places around, the more so the fewer people a neighbourhood has.

    As `empirical_bayes`, with the neighbourhood and its neighbours in the place of the city:
    r̂_i = m_i + a_i(r_i − m_i)/(a_i + m_i/n_i), m_i the rate of i and its neighbours together,
    a_i = max(0, s_i² − m_i/n̄_i), s_i² = Σn_j(r_j − m_i)²/Σn_j over them. It smooths within the centre and within the
    periphery, so that it hides less of the gap than a rate drawn to the city's mean.

    Parameters
    ----------
    events : counts by neighbourhood id, ≥ 0.
    population : people by neighbourhood id, ≥ 0; in any order.
    graph : who is a neighbour of whom; the sizes of the weights do not matter.

    Returns
    -------
    Series in the order of `events`, with its name and attrs, in events a person; missing where the events are
    missing, or the population is missing or zero, and for an isolate: it has no neighbour with a rate to draw it to.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number.

    Source: Marshall (1991), Applied Statistics 40(2), 283–294, the local estimator.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> from secequity import weights
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> events, people = pd.Series({"a": 0, "b": 30, "c": 30}), pd.Series({"a": 100, "b": 300, "c": 300})
    >>> spatial_empirical_bayes(events, people, weights.contiguity(row)).round(4).to_dict()   # c: b and c are alike
    {'a': 0.025, 'b': 0.0964, 'c': 0.1}
    """
    require_arguments(events=("series", events), population=("series", population), graph=("graph", graph))
    counted, people = paired(events, population)
    links = checks.align(pd.Series(range(graph.n), index=graph.unique_ids), events.index, name="graph")
    known = np.flatnonzero((counted.notna() & people.notna()).to_numpy())
    ids = events.index[known]
    known = known[np.argsort(ids.astype(str), kind="stable")]
    count, people_there = counted.to_numpy()[known], people.to_numpy()[known]
    place = links.to_numpy()[known]
    around = graph.sparse.tocsr()[place][:, place].tocoo()
    apart = (around.row != around.col) & (around.data != 0)
    itself = np.arange(len(known))
    focal = np.concatenate([itself, around.row[apart]])
    other = np.concatenate([itself, around.col[apart]])
    smoothed = np.full(len(events), np.nan)
    smoothed[known] = _drawn_to_neighbours(count, people_there, focal, other)
    return like(events, pd.Series(smoothed, index=events.index))


def standardised(events: pd.Series, population: pd.Series) -> pd.Series:
    """Deviation of each rate from the city's rate in standard deviations that allow for the number of residents.

    z = (r − b)/√(a + b/n); r, b and a as in `empirical_bayes`, so that the variance never falls below b/n. (Where
    s² − b/n̄ is negative, Assunção and Reis keep it while a + b/n stays positive, which may come arbitrarily near 0.)

    Returns
    -------
    Series in the order of `events`, without unit; missing where the events are missing, or the population is missing
    or zero.

    Raises
    ------
    As `empirical_bayes`, and LayerError when there is no event at all.

    Source: Assunção and Reis (1999), Statistics in Medicine 18, 2147–2162.

    >>> import pandas as pd
    >>> standardised(pd.Series({"a": 0, "b": 30}), pd.Series({"a": 100, "b": 300})).round(3).to_dict()
    {'a': -1.581, 'b': 0.598}
    """
    require_arguments(events=("series", events), population=("series", population))
    counted, people = paired(events, population)
    city, between = moments(counted, people)
    if city == 0:
        raise LayerError(problem("rates_no_events", name=name(events)))
    return like(events, (counted / people - city) / np.sqrt(between + city / people))


def moments(counted: pd.Series, people: pd.Series) -> tuple[float, float]:
    """The city's rate b and the variance a between neighbourhoods."""
    known = counted.notna() & people.notna()
    if not known.any():
        raise LayerError(problem("rates_nothing_known", name=name(counted)))
    # Summed in the order of the ids, so that the order of rows never changes a digit.
    counted, people = counted[known].sort_index(), people[known].sort_index()
    city = float(counted.sum() / people.sum())
    within = float((people * (counted / people - city) ** 2).sum() / people.sum())
    return city, max(0.0, within - city / float(people.mean()))


def _drawn_to_neighbours(
    count: FloatArray, people: FloatArray, focal: npt.NDArray[np.intp], other: npt.NDArray[np.intp]
) -> FloatArray:
    """Marshall's local estimate over pairs of a place and one around it (itself among them); nan where it is alone."""
    size = len(count)

    def around(values: FloatArray) -> FloatArray:
        return np.bincount(focal, weights=values, minlength=size).astype(np.float64)

    people_around, places = around(people[other]), np.bincount(focal, minlength=size)
    mean, rate = around(count[other]) / people_around, count / people
    within = around(people[other] * (rate[other] - mean[focal]) ** 2) / people_around
    between = np.maximum(0.0, within - mean * places / people_around)
    spread = between + mean / people
    share = np.divide(between, spread, out=np.zeros(size), where=spread > 0)
    return np.where(places > 1, mean + share * (rate - mean), np.nan)
