"""What the poorest share of people holds: the Lorenz and concentration curves, and the Palma ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.equity._people import FloatArray, People, people
from secequity.errors import ConfigError, problem

POOREST, RICHEST = 0.4, 0.1


def lorenz(values: pd.Series, *, weights: pd.Series | None = None) -> pd.DataFrame:
    """Lorenz curve: the share of the amount held by each share of people, from those with least to those with most.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; equal when left out.

    Returns
    -------
    A frame with `id` (missing in the first row), `people` and `amount`, both cumulative, from (0, 0) to (1, 1); one row
    a neighbourhood after the first. Neighbourhoods with the same value stand in the order of their ids.

    Raises
    ------
    LayerError : a value is negative, missing or not finite, or all are zero.
    AlignmentError : `values` and `weights` speak of different neighbourhoods.

    Source: Lorenz (1905), Publications of the American Statistical Association 9, p. 217.

    >>> import pandas as pd
    >>> lorenz(pd.Series([3.0, 1.0], index=["plaza", "loma"]))[["people", "amount"]].to_numpy().tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]
    """
    require_arguments(values=("series", values), weights=("series or none", weights))
    city = people(values, weights=weights)
    order = np.lexsort((city.ids.astype(str), city.values))
    amount = city.share * city.relative
    return pd.DataFrame(
        {
            "id": pd.Series([None, *city.ids[order]], dtype=object),
            "people": _cumulative(city.share[order]),
            "amount": _cumulative(amount[order]),
        }
    )


def concentration_curve(values: pd.Series, rank: pd.Series, *, weights: pd.Series | None = None) -> pd.DataFrame:
    """Concentration curve: the share of the amount held by each share of people, from the poorest to the richest.

    Above the diagonal the poorer have more than their share. Neighbourhoods of one rank share what they hold together
    in proportion to their people, so that the curve is straight between ranks, and twice the area between diagonal and
    curve is the concentration index.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    rank : socio-economic level by neighbourhood id, low = poor.
    weights : people by neighbourhood id; equal when left out.

    Returns
    -------
    A frame with `id` (missing in the first row), `people` and `amount`, both cumulative, from (0, 0) to (1, 1); one row
    a neighbourhood after the first. Neighbourhoods of the same rank stand in the order of their ids.

    Raises
    ------
    LayerError : a value is negative, missing or not finite, a rank is missing, or all values are zero.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Kakwani (1977), Econometrica 45(3), 719–727; O'Donnell et al. (2008), Analyzing Health Equity Using
    Household Survey Data, World Bank, ch. 7.

    >>> import pandas as pd
    >>> ids = ["loma", "quebrada", "plaza"]
    >>> staff, income = pd.Series([0.0, 1.0, 3.0], index=ids), pd.Series([1, 2, 3], index=ids)
    >>> concentration_curve(staff, income)["amount"].tolist()
    [0.0, 0.0, 0.25, 1.0]
    """
    require_arguments(values=("series", values), rank=("series", rank), weights=("series or none", weights))
    city = people(values, weights=weights, rank=rank)
    _, group = np.unique(city.rank, return_inverse=True)
    mean = np.bincount(group, weights=city.share * city.relative) / np.bincount(group, weights=city.share)
    order = np.lexsort((city.ids.astype(str), city.rank))
    return pd.DataFrame(
        {
            "id": pd.Series([None, *city.ids[order]], dtype=object),
            "people": _cumulative(city.share[order]),
            "amount": _cumulative((city.share * mean[group])[order]),
        }
    )


def palma(
    values: pd.Series,
    *,
    weights: pd.Series | None = None,
    rank: pd.Series | None = None,
    cuts: tuple[float, float] | None = None,
) -> float:
    """Palma ratio: what a person of the richest tenth has, over what a person of the poorest two fifths has.

    People are ordered by `rank`, or by the amount itself when it is left out. The tenth and the two fifths are cut
    within a neighbourhood, which then counts in part; neighbourhoods that tie in rank are cut in the same proportion,
    so the order of rows does not matter. It is the ratio of means per person (1 where all have the same), as in
    accessibility studies: four times the ratio of shares of Cobham & Sumner.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; equal when left out.
    rank : socio-economic level by neighbourhood id, low = poor.
    cuts : the two levels of `rank` that bound poor and rich, when they come from a wider population than the one at
        hand (a whole city while one district is studied): poor at or below the first, rich above the second.

    Returns
    -------
    From 0 up; 1 where both have the same; nan where the poorest have none, or nobody is beyond one of the `cuts`.

    Raises
    ------
    ConfigError : `cuts` without `rank`, or in the wrong order.
    LayerError : a value is negative, missing or not finite, a rank is missing, or all values are zero.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Cobham & Sumner (2013), Is It All About the Tails?, CGD Working Paper 343; ratio of means by income cuts
    as in Pereira & Herszenhut, accessibility (R package), `palma_ratio`.

    >>> import pandas as pd
    >>> ids = ["loma", "quebrada", "plaza"]
    >>> staff, people = pd.Series([1.0, 2.0, 6.0], index=ids), pd.Series([40, 50, 10], index=ids)
    >>> palma(staff, weights=people)
    6.0
    """
    require_arguments(
        values=("series", values),
        weights=("series or none", weights),
        rank=("series or none", rank),
        cuts=("collection or none", cuts),
    )
    if cuts is not None and (rank is None or not cuts[0] <= cuts[1]):
        raise ConfigError(problem("palma_cuts"))
    city = people(values, weights=weights, rank=rank)
    level = city.values if rank is None else city.rank
    if cuts is None:
        poor, rich = _tails(city, level)
    else:
        poor, rich = city.share * (level <= cuts[0]), city.share * (level > cuts[1])
    held_by_poor = poor @ city.relative
    if not held_by_poor > 0 or not rich.any():
        return np.nan
    return float((rich @ city.relative) / rich.sum() / (held_by_poor / poor.sum()))


def _tails(city: People, level: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """Share of all people that each neighbourhood has among the poorest two fifths and among the richest tenth."""
    _, group = np.unique(level, return_inverse=True)
    size = np.bincount(group, weights=city.share)
    above = np.cumsum(size[::-1])[::-1]
    poor = _whole(np.clip(POOREST - (np.cumsum(size) - size), 0, size))
    rich = _whole(np.clip(RICHEST - (above - size), 0, size))
    return city.share * (poor / size)[group], city.share * (rich / size)[group]


def _whole(part: FloatArray) -> FloatArray:
    """Slivers that only rounding leaves beyond a cut are nobody."""
    return np.where(part < 1e-12, 0.0, part)


def _cumulative(shares: FloatArray) -> FloatArray:
    """From 0 to exactly 1."""
    running = np.concatenate([[0.0], np.cumsum(shares)])
    curve: FloatArray = running / running[-1]
    return curve
