"""Values to classes a reader can tell apart on a wall, the quantiles of mapclassify among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

AT_MOST = 5
LEAST_SHARE = 0.5
FINEST = 9
USUAL = 2

Values = npt.NDArray[np.float64]
Scheme = Literal["quantiles", "unique", "none"]


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The classes of one measure, or of several that are compared.

    scheme : quantiles, unique (as many classes as there are values) or none (nothing to class).
    zero : zero is the lowest class, on its own.
    low : the smallest value above the zero class.
    bounds : upper bounds of the other classes, ascending; a class holds its upper bound.
    decimals : how many a reader needs to tell the bounds apart; None where the usual ones do.
    """

    scheme: Scheme
    zero: bool
    low: float
    bounds: tuple[float, ...]
    decimals: int | None


def classify(values: pd.Series, *, reach: pd.Series | None = None, at_most: int = AT_MOST) -> Classes:
    """Classes for `values`, zero apart, with round bounds.

    Zero is a class of its own where all values are ≥ 0 and some are 0, because "nobody" and "few" are different
    findings. The others are shared out by quantiles: staff per person is so skewed (a district of 999 people has
    30 officers per 1,000) that natural breaks or equal steps would spend the classes on the exception. A bound is
    rounded as far as every class keeps at least half of its even share.

    Parameters
    ----------
    values : the values that decide the bounds (any unit); missing ones take no part.
    reach : further values that must fall inside the classes, for example the smoothed rate of the same layer.
    at_most : the most classes, the zero class included.

    Returns
    -------
    Classes; `scheme` is "none" where no value is present.

    Source: quantile classes, Slocum et al., Thematic Cartography (2009), ch. 4; `mapclassify.Quantiles`.

    >>> classify(pd.Series([0.0, 0.0, 1.0, 2.0, 3.0, 4.0])).bounds
    (1.0, 2.0, 3.0, 4.0)
    """
    known = values.dropna().to_numpy(dtype=float)
    everything = known if reach is None else np.concatenate([known, reach.dropna().to_numpy(dtype=float)])
    if everything.size == 0:
        return Classes(scheme="none", zero=False, low=math.nan, bounds=(), decimals=None)
    zero = bool((everything == 0).any() and everything.min() >= 0)
    rest = everything[everything > 0] if zero else everything
    if rest.size == 0:
        return Classes(scheme="unique", zero=True, low=0.0, bounds=(), decimals=None)
    basis = known[known > 0] if zero and (known > 0).any() else rest if zero or known.size == 0 else known
    low, high = float(rest.min()), float(rest.max())
    distinct = np.unique(basis)
    many = at_most - zero
    if distinct.size <= many:
        scheme: Scheme = "unique"
        bounds = (*(float(one) for one in distinct[:-1]), high)
    else:
        scheme = "quantiles"
        bounds = (*_rounded(basis, quantile_bounds(basis, many))[:-1], high)
    decimals = _places(bounds[:-1]) if scheme == "quantiles" else _telling_apart(bounds)
    return Classes(scheme=scheme, zero=zero, low=low, bounds=bounds, decimals=decimals)


def quantile_bounds(values: Values, many: int) -> Values:
    """Upper bounds of the classes that have members: mapclassify's, without the seconds its import compiles for."""
    bounds = np.unique(np.percentile(values, 100 / many * np.arange(1, many + 1)))
    return bounds[_counts(values, bounds) > 0]


def _rounded(values: Values, bounds: Values) -> tuple[float, ...]:
    least = math.ceil(min(LEAST_SHARE * values.size / bounds.size, _counts(values, bounds).min()))
    start = -max(0, math.floor(math.log10(np.abs(values).max() or 1)))
    for decimals in range(start, FINEST):
        inner = np.round(bounds[:-1], decimals)
        candidate = np.append(inner, bounds[-1])
        if (np.diff(candidate) > 0).all() and _counts(values, candidate).min() >= max(least, 1):
            return tuple(float(one) for one in candidate)
    return tuple(float(one) for one in bounds)


def _counts(values: Values, bounds: Values) -> npt.NDArray[np.int64]:
    return np.bincount(np.searchsorted(bounds, values, side="left"), minlength=bounds.size)[: bounds.size]


def _places(bounds: tuple[float, ...]) -> int | None:
    """The decimals that write every bound as it is."""
    return _fewest(lambda places: all(round(one, places) == one for one in bounds))


def _telling_apart(bounds: tuple[float, ...]) -> int | None:
    """The decimals that tell the values apart and show none of them as zero."""
    return _fewest(lambda places: len({round(one, places) for one in bounds} - {0.0}) == len(set(bounds) - {0.0}))


def _fewest(enough: Callable[[int], bool]) -> int | None:
    if enough(USUAL):
        return None
    return next((places for places in range(USUAL + 1, FINEST) if enough(places)), FINEST)
