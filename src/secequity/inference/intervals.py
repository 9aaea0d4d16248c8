"""Intervals for any function: the bootstrap, and the jackknife where there are too few rows to draw anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from secequity.checks import require_arguments
from secequity.inference.drawing import (
    ROUNDING,
    FloatArray,
    Rng,
    Rows,
    at_least_one,
    between_0_and_1,
    blocks,
    by_id,
    labels_of,
    one_of,
)
from secequity.inference.results import Interval
from secequity.parallel import CORES

Method = Literal["BCa", "percentile", "basic"]
Scale = Literal["plain", "log"]

ACCELERATED = 20_000
"""Above so many rows the acceleration is taken as 0 unless `left_out` gives it: it falls as they grow in number."""

MANY, FILLED = 20_000, 400
"""Above so many rows, where a formula gives the figures without each of them and so many are not zero, the jackknife
says what the bootstrap would, and needs no draws. Where a few posts are all there is, it does not."""


def bootstrap(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    groups: pd.Series | None = None,
    replicates: int = 9999,
    level: float = 0.95,
    method: Method = "BCa",
    vectorised: bool = False,
    tolerance: float = 0.0,
    rng: Rng = None,
) -> Interval:
    """Bootstrap interval of `function` over neighbourhoods drawn anew, within `groups`.

    Parameters
    ----------
    function : of a frame of drawn neighbourhoods (numbered afresh) to one number. With `vectorised`: of an integer
        array (…, n) of row positions of `data` to an array (…), which is much faster.
    data : one row a neighbourhood, index its id.
    groups : group by neighbourhood id; each keeps its number of neighbourhoods. One group when left out.
    replicates : resamples drawn, ≥ 1.
    level : confidence level, between 0 and 1.
    method : `BCa` (bias-corrected and accelerated), `percentile` or `basic`.
    tolerance : differences of the figure that are mere rounding, in its unit.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    Interval, in the unit of the function; too narrow where a group has fewer than about ten neighbourhoods: see
    `jackknife`. Above 20,000 rows BCa corrects the bias alone.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : no rows, or a group is missing.
    AlignmentError : an id is repeated, or `groups` speaks of other neighbourhoods.

    Source: Efron (1987), JASA 82, 171–185; Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 14 (BCa);
    Davison & Hinkley (1997), Bootstrap Methods, ch. 5.3 (groups).

    >>> import numpy as np, pandas as pd
    >>> staff = pd.DataFrame({"police": np.arange(20.0)}, index=[f"n{i:02}" for i in range(20)])
    >>> found = bootstrap(lambda drawn: drawn["police"].mean(), staff, replicates=999, rng=1)
    >>> found.low < found.estimate < found.high
    True
    """
    require_arguments(
        function=("function", function),
        data=("frame", data),
        groups=("series or none", groups),
        replicates=("whole", replicates),
        level=("number", level),
        vectorised=("flag", vectorised),
        tolerance=("number", tolerance),
        rng=("rng", rng),
    )
    found = bootstrap_each(
        _one(function, vectorised=vectorised),
        data,
        names=("value",),
        groups=groups,
        replicates=replicates,
        level=level,
        method=method,
        vectorised=vectorised,
        tolerance=tolerance,
        rng=rng,
    )
    return found["value"]


def bootstrap_each(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    names: Sequence[str],
    groups: pd.Series | None = None,
    replicates: int = 9999,
    level: float = 0.95,
    method: Method = "BCa",
    vectorised: bool = False,
    left_out: FloatArray | None = None,
    tolerance: float | Sequence[float] = 0.0,
    rng: Rng = None,
) -> Mapping[str, Interval]:
    """Bootstrap intervals of several figures from the same resamples, one for each of `names`.

    As `bootstrap`, but `function` returns one number for each name (with `vectorised`: an array (names, …) of rows that
    come group by group, in the order of the groups' names). `left_out` are the figures without each row of `data`,
    (names, n), where a formula gives them faster than one by one; `tolerance` may be one for each name.

    >>> import numpy as np, pandas as pd
    >>> staff = pd.DataFrame({"police": np.arange(20.0)}, index=[f"n{i:02}" for i in range(20)])
    >>> figures = lambda drawn: (drawn["police"].mean(), drawn["police"].median())
    >>> list(bootstrap_each(figures, staff, names=("mean", "median"), replicates=99, rng=1))
    ['mean', 'median']
    """
    require_arguments(
        function=("function", function),
        data=("frame", data),
        names=("collection", names),
        groups=("series or none", groups),
        replicates=("whole", replicates),
        level=("number", level),
        vectorised=("flag", vectorised),
        rng=("rng", rng),
    )
    at_least_one(replicates, option="replicates")
    between_0_and_1(level, option="level")
    one_of(method, get_args(Method), option="method")
    samples = _samples(data, groups)
    over_rows = function if vectorised else _over_frames(function, data)
    estimates = np.asarray(over_rows(np.concatenate(samples)), dtype=np.float64)
    about: dict[str, Any] = {"level": level, "method": method, "replicates": replicates}
    alone = min(map(len, samples)) < 2
    workers = CORES if vectorised else 1
    spread = estimates[:, np.newaxis]
    if not alone:
        spread = _resampled(over_rows, samples, replicates=replicates, rng=rng, workers=workers)
    if method == "BCa" and left_out is None and not alone:
        left_out = _left_out(over_rows, samples, figures=len(names))
    return each_interval(names, spread, estimates, samples, left_out=left_out, tolerance=tolerance, **about)


def each_interval(
    names: Sequence[str],
    spread: FloatArray,
    estimates: FloatArray,
    samples: list[Rows],
    *,
    left_out: FloatArray | None,
    tolerance: float | Sequence[float],
    **about: Any,
) -> dict[str, Interval]:
    """The interval of each figure from its resamples, (figures, replicates)."""
    if min(map(len, samples)) < 2:
        return {
            name: _interval(one, np.nan, np.nan, "one_row", **about) for name, one in zip(names, estimates, strict=True)
        }
    found = {}
    level, method = about["level"], about["method"]
    for at, name in enumerate(names):
        acceleration = _acceleration(left_out[at], samples) if left_out is not None and method == "BCa" else 0.0
        low, high = _bounds(spread[at], float(estimates[at]), level=level, method=method, acceleration=acceleration)
        slack = float(np.broadcast_to(tolerance, len(names))[at])
        found[name] = _interval(estimates[at], low, high, _reason(spread[at], low + high, slack), **about)
    return found


def jackknife(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    groups: pd.Series | None = None,
    level: float = 0.95,
    scale: Scale = "plain",
    vectorised: bool = False,
    tolerance: float = 0.0,
) -> Interval:
    """Jackknife-t interval of `function`: each neighbourhood is left out once, within `groups`.

    variance v = Σ_g v_g, v_g = (n_g − 1)/n_g · Σ (θ₍ᵢ₎ − mean)², bounds θ ± t·√v, with t of
    (Σ v_g)² / Σ (v_g² / (n_g − 1)) degrees of freedom (Satterthwaite). For groups of fewer than about twenty
    neighbourhoods, where the bootstrap is too narrow.

    Parameters
    ----------
    function, data, groups, level, vectorised, tolerance : as `bootstrap`.
    scale : `plain`, or `log` for a figure that is a ratio: the bounds are of its logarithm, and never below 0.

    Returns
    -------
    Interval, in the unit of the function, symmetric about it (on its scale); `replicates` are the rows left out.

    Raises
    ------
    ConfigError, LayerError, AlignmentError : as `bootstrap`.

    Source: Efron & Tibshirani (1993), ch. 11; degrees of freedom Satterthwaite (1946), Biometrics Bulletin 2, 110–114.

    >>> import pandas as pd
    >>> staff = pd.DataFrame({"police": [1.0, 2.0, 6.0]}, index=list("abc"))
    >>> found = jackknife(lambda drawn: drawn["police"].mean(), staff)      # 3 ± 4.303·√(7/3), as Student's t
    >>> round(found.low, 3), round(found.high, 3)
    (-3.572, 9.572)
    """
    require_arguments(
        function=("function", function),
        data=("frame", data),
        groups=("series or none", groups),
        level=("number", level),
        vectorised=("flag", vectorised),
        tolerance=("number", tolerance),
    )
    between_0_and_1(level, option="level")
    one_of(scale, get_args(Scale), option="scale")
    samples = _samples(data, groups)
    over_rows = _one(function, vectorised=True) if vectorised else _over_frames(_one(function, vectorised=False), data)
    estimate = np.asarray(over_rows(np.concatenate(samples)), dtype=np.float64)
    left_out = np.full((1, len(data)), np.nan)
    if min(map(len, samples)) > 1:
        left_out = _every_row_left_out(over_rows, samples, figures=1)
    return jackknife_t(
        float(estimate[0]),
        [left_out[0, sample] for sample in samples],
        level=level,
        scale=scale,
        tolerance=tolerance,
    )


def settled_by_jackknife(*groups: FloatArray) -> bool:
    """Whether rows are so many, and so many of each group not zero, that the jackknife will do (`MANY`, `FILLED`).

    >>> settled_by_jackknife(np.ones(30_000), np.ones(500)), settled_by_jackknife(np.ones(30_000), np.ones(30))
    (True, False)
    """
    filled = min(int(np.count_nonzero(one)) for one in groups)
    return sum(map(len, groups)) > MANY and filled >= FILLED


def jackknife_t(
    estimate: float, left_out: Sequence[FloatArray], *, level: float, scale: Scale = "plain", tolerance: float = 0.0
) -> Interval:
    """The interval of `jackknife` from the figures without each row, one array a group.

    >>> import numpy as np
    >>> round(jackknife_t(3.0, [np.array([4.0, 3.5, 1.5])], level=0.95).low, 3)
    -3.572
    """
    rows = sum(map(len, left_out))
    about: dict[str, Any] = {"level": level, "method": "jackknife-t", "replicates": rows}
    if min(map(len, left_out)) < 2:
        return _interval(estimate, np.nan, np.nan, "one_row", **about)
    every = np.concatenate([*left_out, [estimate]])
    if not np.isfinite(every).all() or (scale == "log" and every.min() <= 0):
        return _interval(estimate, np.nan, np.nan, "undefined", **about)
    if np.ptp(every) <= max(tolerance, ROUNDING * np.abs(every).max()):
        return _interval(estimate, np.nan, np.nan, "no_spread", **about)
    figures = [np.log(one) for one in left_out] if scale == "log" else left_out
    variance = np.array([(len(one) - 1) * one.var() for one in figures])
    freedom = variance.sum() ** 2 / np.sum([v**2 / (len(one) - 1) for v, one in zip(variance, figures, strict=True)])
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance.sum()))
    if scale == "log":
        return _interval(estimate, estimate * np.exp(-reach), estimate * np.exp(reach), "", **about)
    return _interval(estimate, estimate - reach, estimate + reach, "", **about)


def _interval(estimate: float, low: float, high: float, reason: str, **about: Any) -> Interval:
    low, high = (np.nan, np.nan) if reason else (float(low), float(high))
    return Interval(estimate=float(estimate), low=low, high=high, reason=reason or None, **about)


def _samples(data: pd.DataFrame, groups: pd.Series | None) -> list[Rows]:
    """The rows of each group, in the order of their ids."""
    order = by_id(data)
    label = labels_of(groups, data.index, "groups") if groups is not None else np.zeros(len(data), dtype=np.intp)
    return [order[label[order] == one] for one in np.unique(label)]


def _resampled(
    over_rows: Callable[[Rows], Any], samples: list[Rows], *, replicates: int, rng: Rng, workers: int
) -> FloatArray:
    """Figures of rows drawn anew within each sample, (figures, replicates)."""

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        rows = [sample[generator.integers(len(sample), size=(count, len(sample)))] for sample in samples]
        with np.errstate(all="ignore"):
            return np.asarray(over_rows(np.concatenate(rows, axis=-1)), dtype=np.float64)

    width = sum(map(len, samples))
    drawn = blocks(draw, replicates=replicates, width=width, rng=rng, workers=workers)
    return np.concatenate(list(drawn), axis=-1)


def _left_out(over_rows: Callable[[Rows], Any], samples: list[Rows], *, figures: int) -> FloatArray | None:
    """The figures without each row, or nothing where there are too many rows for one by one."""
    many = sum(map(len, samples)) > ACCELERATED
    return None if many else _every_row_left_out(over_rows, samples, figures=figures)


def _every_row_left_out(over_rows: Callable[[Rows], Any], samples: list[Rows], *, figures: int) -> FloatArray:
    rows = np.concatenate(samples)
    found = np.empty((figures, len(rows)))
    step = max(1, 1_000_000 // len(rows))
    kept = np.arange(len(rows) - 1)
    for first in range(0, len(rows), step):
        out = np.arange(first, min(first + step, len(rows)))
        with np.errstate(all="ignore"):
            found[:, rows[out]] = over_rows(rows[kept + (kept >= out[:, np.newaxis])])
    return found


def _acceleration(left_out: FloatArray, samples: list[Rows]) -> float:
    """Skewness of the influence of the rows, over six: each group's influences weigh by its number of rows."""
    second = third = 0.0
    for sample in samples:
        influence = (len(sample) - 1) * (left_out[sample].mean() - left_out[sample])
        second += float(np.sum(influence**2)) / len(sample) ** 2
        third += float(np.sum(influence**3)) / len(sample) ** 3
    return third / (6 * second**1.5) if second > 0 and np.isfinite(third) else 0.0


def _bounds(
    spread: FloatArray, estimate: float, *, level: float, method: Method, acceleration: float
) -> tuple[float, float]:
    """Low and high bounds of one figure; nan where the resamples lie wholly on one side of it."""
    if not np.isfinite(spread).all() or not np.isfinite(estimate):
        return np.nan, np.nan
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "BCa":
        slack = ROUNDING * np.abs(spread).max()
        below = (np.sum(spread < estimate - slack) + np.sum(spread <= estimate + slack)) / (2 * len(spread))
        if not 0 < below < 1:
            return np.nan, np.nan
        bias = stats.norm.ppf(below)
        shifted = bias + stats.norm.ppf(tails)
        tails = stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(spread, tails)
    return (2 * estimate - high, 2 * estimate - low) if method == "basic" else (float(low), float(high))


def _reason(spread: FloatArray, bound: float, tolerance: float) -> str:
    """Why a bootstrap distribution gives no interval, or an empty word."""
    if not np.isfinite(spread).all():
        return "undefined"
    if np.ptp(spread) <= max(tolerance, ROUNDING * np.abs(spread).max()):
        return "no_spread"
    return "" if np.isfinite(bound) else "one_sided"


def _one(function: Callable[..., Any], *, vectorised: bool) -> Callable[..., Any]:
    """A function of one figure as a function of several."""
    if vectorised:
        return lambda rows: np.asarray(function(rows))[np.newaxis]
    return lambda drawn: (function(drawn),)


def _over_frames(function: Callable[..., Any], data: pd.DataFrame) -> Callable[[Rows], FloatArray]:
    """A function of frames as a function of arrays of row positions; its figures come first."""

    def over_rows(rows: Rows) -> FloatArray:
        drawn = rows.reshape(-1, rows.shape[-1])
        figures = np.array([function(data.take(one).reset_index(drop=True)) for one in drawn], dtype=np.float64)
        return np.moveaxis(figures, 0, -1).reshape(figures.shape[1:] + rows.shape[:-1])

    return over_rows
