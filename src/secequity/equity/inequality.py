"""How unequally an amount is shared out among people: one number, with zones (Theil) or without."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.equity._people import FloatArray, label, midranks, people
from secequity.errors import ConfigError, LayerError, problem
from secequity.results import Shown
from secequity.texts import text


@dataclass(frozen=True, kw_only=True, eq=False)
class Theil(Shown):
    """Theil's T or L and its parts, `total = between + within` groups; the parts are nan where no groups were given."""

    total: float
    between: float
    within: float

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The share of inequality that lies between the groups."""
        if self.between != self.between or self.total == 0:
            return text("equity.theil.total", language, total=self.total)
        share = round(100 * self.between / self.total)
        return text("equity.theil.summary", language, total=self.total, share=share)


def gini(values: pd.Series, *, weights: pd.Series | None = None) -> float:
    """Gini index of `values` among people.

    G = 2·cov_p(x/μ, R), where p is a neighbourhood's share of people and R the share of people with less, plus half of
    those with as much: twice the area between the Lorenz curve and equality.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; equal when left out.

    Returns
    -------
    From 0 (all have the same) to 1 less the smallest share of people (one neighbourhood has everything).

    Raises
    ------
    LayerError : a value is negative, missing or not finite, or all are zero.
    AlignmentError : `values` and `weights` speak of different neighbourhoods.

    Source: Lerman & Yitzhaki (1989), Journal of Econometrics 42, eq. 4 (weighted covariance form).

    >>> import pandas as pd
    >>> round(gini(pd.Series([0.0, 0.0, 0.0, 1.0])), 12)     # one of four has everything: 1 − 1/4
    0.75
    """
    require_arguments(values=("series", values), weights=("series or none", weights))
    city = people(values, weights=weights)
    return max(0.0, float(2 * (city.share * city.relative) @ (midranks(city.values, city.share) - 0.5)))


def theil(values: pd.Series, *, weights: pd.Series | None = None, groups: pd.Series | None = None) -> Theil:
    """Theil T index of `values` among people, split between and within `groups`.

    T = Σ p·(x/μ)·ln(x/μ), p the share of people. A neighbourhood with x = 0 contributes 0 and keeps its weight.
    Between: the same sum over groups, each with its own mean; within: each group's own T by its share of the amount.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0 (any unit; the index has none).
    weights : people by neighbourhood id; equal when left out.
    groups : zone by neighbourhood id, for the decomposition.

    Returns
    -------
    Theil with `total`, `between`, `within`: from 0 (equal) to ln(W / min w).

    Raises
    ------
    LayerError : a value is negative, missing or not finite, a group is missing, or all values are zero.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Theil (1967), Economics and Information Theory; decomposition Shorrocks (1980), Econometrica 48, eq. 12.

    >>> import pandas as pd
    >>> theil(pd.Series([0.0, 1.0, 1.0])).total   # ln(3/2)
    0.405...
    """
    require_arguments(values=("series", values), weights=("series or none", weights), groups=("series or none", groups))
    city = people(values, weights=weights, groups=groups)
    total = max(0.0, _theil(city.share, city.relative))
    if groups is None:
        return Theil(total=total, between=np.nan, within=np.nan)
    share: FloatArray = np.bincount(city.group, weights=city.share).astype(np.float64)
    mean = np.bincount(city.group, weights=city.share * city.relative) / share
    inside = np.where(mean > 0, mean, 1.0)[city.group]
    within = float(np.sum(city.share * city.relative * _log(city.relative / inside)))
    return Theil(total=total, between=max(0.0, _theil(share, mean)), within=max(0.0, within))


def theil_l(values: pd.Series, *, weights: pd.Series | None = None, groups: pd.Series | None = None) -> Theil:
    """Theil L index (mean logarithmic deviation) of `values` among people, split between and within `groups`.

    L = Σ p·ln(μ/x), p the share of people. Between: the same sum over groups, each with its own mean; within: each
    group's own L by its share of the *people*, so that, unlike with T, the parts do not depend on each other: within
    is what would be left if every group had the same mean. It asks most about those who have least, and does not exist
    where somebody has nothing.

    Parameters
    ----------
    values : amount per person by neighbourhood id, > 0 wherever somebody lives (any unit; the index has none).
    weights : people by neighbourhood id; equal when left out.
    groups : zone by neighbourhood id, for the decomposition.

    Returns
    -------
    Theil with `total`, `between`, `within`: from 0 (equal) up, without bound.

    Raises
    ------
    LayerError : a value is zero, negative, missing or not finite, or a group is missing.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Theil (1967), Economics and Information Theory; decomposition Shorrocks (1980), Econometrica 48, 613–625.

    >>> import pandas as pd
    >>> theil_l(pd.Series([1.0, 4.0])).total   # ½·ln 2.5 + ½·ln(2.5/4) = ln(5/4)
    0.223...
    """
    require_arguments(values=("series", values), weights=("series or none", weights), groups=("series or none", groups))
    city = people(values, weights=weights, groups=groups)
    nothing = city.values == 0
    if nothing.any():
        raise LayerError(problem("theil_l_zero", city.ids[nothing], name=label(values, "values")))
    total = max(0.0, float(-(city.share @ np.log(city.relative))))
    if groups is None:
        return Theil(total=total, between=np.nan, within=np.nan)
    share: FloatArray = np.bincount(city.group, weights=city.share).astype(np.float64)
    mean = np.bincount(city.group, weights=city.share * city.relative) / share
    within = float(-(city.share @ np.log(city.relative / mean[city.group])))
    return Theil(total=total, between=max(0.0, float(-(share @ np.log(mean)))), within=max(0.0, within))


def atkinson(values: pd.Series, *, weights: pd.Series | None = None, epsilon: float = 0.5) -> float:
    """Atkinson index of `values` among people: the share of the total that equality would save.

    A = 1 − (Σ p·(x/μ)^(1−ε))^(1/(1−ε)), and 1 − exp Σ p·ln(x/μ) for ε = 1. With ε ≥ 1 one neighbourhood with nothing
    makes the index 1.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; equal when left out.
    epsilon : aversion to inequality, ≥ 0; the larger, the more the worst-off count.

    Returns
    -------
    From 0 (all have the same) to 1.

    Raises
    ------
    ConfigError : `epsilon` is negative or not a number.
    LayerError : a value is negative, missing or not finite, or all are zero.
    AlignmentError : `values` and `weights` speak of different neighbourhoods.

    Source: Atkinson (1970), Journal of Economic Theory 2, p. 257.

    >>> import pandas as pd
    >>> atkinson(pd.Series([1.0, 4.0]), epsilon=1)   # geometric mean 2 over mean 2.5
    0.19999...
    """
    require_arguments(values=("series", values), weights=("series or none", weights), epsilon=("number", epsilon))
    if not 0 <= epsilon < np.inf:
        raise ConfigError(problem("option_below", option="epsilon", value=epsilon, least=0))
    city = people(values, weights=weights)
    if epsilon >= 1 and not city.relative.all():
        return 1.0
    if epsilon == 1:
        equivalent = np.exp(city.share @ np.log(city.relative))
    else:
        least = city.relative.min() if epsilon > 1 else 1.0
        power = 1 - epsilon
        equivalent = least * (city.share @ (city.relative / least) ** power) ** (1 / power)
    return min(1.0, max(0.0, float(1 - equivalent)))


def hoover(values: pd.Series, *, weights: pd.Series | None = None) -> float:
    """Hoover index: the share of the total that would have to move for everybody to have the same.

    H = ½ Σ p·|x/μ − 1|.

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; equal when left out.

    Returns
    -------
    From 0 (all have the same) to below 1. Times the staff of the city: the officers who would have to move.

    Raises
    ------
    LayerError : a value is negative, missing or not finite, or all are zero.
    AlignmentError : `values` and `weights` speak of different neighbourhoods.

    Source: Hoover (1936), Review of Economics and Statistics 18, p. 162.

    >>> import pandas as pd
    >>> hoover(pd.Series([1.0, 3.0]))   # a quarter of the four moves
    0.25
    """
    require_arguments(values=("series", values), weights=("series or none", weights))
    city = people(values, weights=weights)
    return float(city.share @ np.abs(city.relative - 1) / 2)


def fgt(values: pd.Series, line: float, *, weights: pd.Series | None = None, alpha: float = 0) -> float:
    """Foster–Greer–Thorbecke index below a norm: how many people live below it (α = 0), and how far (α = 1, 2).

    P = Σ p·((z − x)/z)^α over neighbourhoods with x < z. A neighbourhood exactly at the norm meets it (Foster, Greer
    and Thorbecke count it as below; only α = 0 tells the two apart).

    Parameters
    ----------
    values : amount per person by neighbourhood id, ≥ 0; all may be zero.
    line : the norm z, > 0, in the unit of `values`.
    weights : people by neighbourhood id; equal when left out.
    alpha : 0 share of people below, 1 mean shortfall as a share of the norm, 2 with more weight to the worst-off; ≥ 0.

    Returns
    -------
    From 0 (nobody below) to 1.

    Raises
    ------
    ConfigError : `line` is not positive, or `alpha` is negative.
    LayerError : a value is negative, missing or not finite.
    AlignmentError : `values` and `weights` speak of different neighbourhoods.

    Source: Foster, Greer & Thorbecke (1984), Econometrica 52, eq. 2.

    >>> import pandas as pd
    >>> fgt(pd.Series([0.0, 1.0, 2.0, 3.0]), 2.0, alpha=1)   # (1 + ½) / 4
    0.375
    """
    require_arguments(
        values=("series", values), line=("number", line), weights=("series or none", weights), alpha=("number", alpha)
    )
    if not 0 < line < np.inf:
        raise ConfigError(problem("option_not_above", option="line", value=line, least=0))
    if not 0 <= alpha < np.inf:
        raise ConfigError(problem("option_below", option="alpha", value=alpha, least=0))
    city = people(values, weights=weights, empty_handed=True)
    below = city.values < line
    shortfall = (line - city.values[below]) / line
    return float(city.share[below] @ shortfall**alpha)


def _theil(share: FloatArray, relative: FloatArray) -> float:
    return float(np.sum(share * relative * _log(relative)))


def _log(values: FloatArray) -> FloatArray:
    """Natural logarithm, with 0 at 0: there it is always multiplied by zero."""
    return np.log(values, out=np.zeros_like(values), where=values > 0)
