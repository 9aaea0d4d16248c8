"""Whether an amount is concentrated among the poorer or among the richer."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.equity._people import People, midranks, people
from secequity.errors import ConfigError, LayerError, problem
from secequity.texts import number, text

Correction = Literal["erreygers", "wagstaff"]


def concentration_index(
    values: pd.Series,
    rank: pd.Series,
    *,
    weights: pd.Series | None = None,
    bounds: tuple[float, float] | None = None,
    correction: Correction = "erreygers",
) -> float:
    """Concentration index of `values` along the line from poor to rich.

    CI = 2/μ·cov_p(x, R), where R is the share of poorer people plus half of those of the same rank.
    With `bounds` (a, b) of a bounded variable: Erreygers 4·μ·CI/(b − a), or Wagstaff μ·CI·(b − a)/((b − μ)(μ − a)).

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0 (with `bounds`: within them).
    rank : socio-economic level by neighbourhood id, low = poor. Poverty rises the other way: give its negative.
    weights : people by neighbourhood id; equal when left out.
    bounds : the least and the most the variable can take in theory (0 and 100 of a percentage), not those observed.
    correction : which corrected index to return when `bounds` are given.

    Returns
    -------
    From −1 to 1. Negative: concentrated among the poorer, which is good for a service and bad for a burden; positive:
    among the richer. `concentration_reading` says it in words.

    Raises
    ------
    ConfigError : `bounds` in the wrong order, or an unknown correction.
    LayerError : a value is negative (without bounds), out of bounds, missing or not finite; a rank is missing; all
        values are zero (without bounds); all lie on one bound (Wagstaff).
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Kakwani, Wagstaff & van Doorslaer (1997), Journal of Econometrics 77, eq. 4; Erreygers (2009), Journal of
    Health Economics 28, eq. 20; Wagstaff (2005), Health Economics 14.

    >>> import pandas as pd
    >>> ids = ["loma", "quebrada", "plaza"]
    >>> income, staff = pd.Series([1, 2, 3], index=ids), pd.Series([0.0, 0.0, 3.0], index=ids)
    >>> round(concentration_index(staff, income), 12)       # all with the richest third: 2·(5/6 − 1/2)
    0.666666666667
    """
    require_arguments(
        values=("series", values),
        rank=("series", rank),
        weights=("series or none", weights),
        bounds=("collection or none", bounds),
    )
    if correction not in get_args(Correction):
        raise ConfigError(
            problem("option_word", option="correction", value=correction, words=", ".join(get_args(Correction)))
        )
    if bounds is None:
        city = people(values, weights=weights, rank=rank)
        return _twice_covariance(city) / city.mean
    low, high = bounds
    if not low < high or correction not in get_args(Correction):
        words = ", ".join(get_args(Correction))
        raise ConfigError(problem("concentration_bounds", low=low, high=high, corrections=words))
    city = people(values, weights=weights, rank=rank, signed=True, empty_handed=True)
    outside = (city.values < low) | (city.values > high)
    if outside.any():
        raise LayerError(problem("measure_outside", city.ids[outside], low=low, high=high))
    if correction == "erreygers":
        return 4 * _twice_covariance(city) / (high - low)
    if (city.values == city.values[0]).all() and city.values[0] in bounds:
        raise LayerError(problem("measure_on_bound", bound=float(city.values[0])))
    return _twice_covariance(city) * (high - low) / ((high - city.mean) * (city.mean - low))


def concentration_reading(index: float, *, language: str = "en") -> str:
    """A concentration index in words: with whom the thing is concentrated, never the sign alone.

    Parameters
    ----------
    index : a concentration index, from −1 to 1, or nan.
    language : `en` or `es`.

    Returns
    -------
    A sentence; an index that rounds to 0.00 is said to be shared out without regard to wealth.

    >>> concentration_reading(-0.25)
    'Concentrated among the poorer (index −0.25).'
    """
    require_arguments(index=("number", index), language=("text", language))
    if index != index:
        return text("equity.concentration.unknown", language)
    side = "even" if abs(index) < 0.005 else "poor" if index < 0 else "rich"
    return text(f"equity.concentration.{side}", language, index=number(index, 2))


def _twice_covariance(city: People) -> float:
    """2·cov_p(x, R): the concentration index in the unit of the values."""
    ranks = midranks(city.rank, city.share)
    top = np.abs(city.values).max() or 1.0
    return float(2 * top * ((city.share * (city.values / top)) @ (ranks - 0.5)))
