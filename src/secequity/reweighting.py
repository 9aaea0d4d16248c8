"""Intervals of figures that only ask how often each neighbourhood counts: by jackknife or by bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.errors import ConfigError, problem
from secequity.inference import Interval, Rng, bootstrap_each

FloatArray = npt.NDArray[np.float64]
Figures = Callable[[FloatArray], FloatArray]
Method = Literal["jackknife", "bootstrap"]

METHODS = ("jackknife", "bootstrap")
ONE_BY_ONE = 1000
PARTS = (30, 100)
CELLS, PARTS_CELLS = 2_000_000, 1_000_000
LEAST = 5
ROUNDING = 1e-10


def intervals(
    figures: Figures,
    ids: pd.Index,
    *,
    ranges: Mapping[str, tuple[float, float]],
    ratios: Collection[str] = (),
    method: Method = "jackknife",
    level: float = 0.95,
    replicates: int = 9999,
    rng: Rng = None,
) -> dict[str, Interval]:
    """An interval for each of several figures of a city whose neighbourhoods are one draw of a process.

    The jackknife leaves out each neighbourhood in turn, or each of 100 random parts of a city of more than 1,000 (fewer
    above 10,000, never below 30), and gives f* ± t·√((m − 1)/m·Σ(f − f̄)²) with m parts, f* = m·f − (m − 1)·f̄ free of
    the first-order bias; on the scale of logarithms for `ratios`, cut at what the figure can be, and wide enough to
    hold the estimate. The bootstrap draws neighbourhoods anew (BCa).

    Parameters
    ----------
    figures : of an array (versions, neighbourhoods), which says how often each neighbourhood counts, to an array
        (figures, versions).
    ids : the neighbourhoods, in the order of the array.
    ranges : the least and the most each figure can be, by its name, in the order of `figures`.
    ratios : names of figures that are above zero and vary in proportion to their size.
    method : `jackknife` or `bootstrap`.
    level : confidence level, between 0 and 1.
    replicates : resamples of the bootstrap.
    rng : seed or generator.

    Raises
    ------
    ConfigError : an option out of its range.

    Source: Efron & Tibshirani (1993), ch. 11 and 14; delete-a-group jackknife: Kott (2001), Journal of Official
    Statistics 17(4), 521–526.
    """
    if method not in METHODS:
        raise ConfigError(problem("option_word", option="method", value=method, words=", ".join(METHODS)))
    if not 0 < level < 1:
        raise ConfigError(problem("option_between", option="level", value=level, least=0, most=1))
    names, places = tuple(ranges), len(ids)
    if places < LEAST:
        estimates = figures(np.ones((1, places)))[:, 0]
        return {name: _untold(float(one), level, method, "too_few") for name, one in zip(names, estimates, strict=True)}
    if method == "jackknife":
        return _jackknife(figures, places, ranges=ranges, ratios=ratios, level=level, rng=np.random.default_rng(rng))

    def of_rows(rows: npt.NDArray[np.intp]) -> FloatArray:
        drawn = rows.reshape(-1, rows.shape[-1])
        return _in_batches(figures, drawn, places, len(names)).reshape(len(names), *rows.shape[:-1])

    data = pd.DataFrame(index=ids)
    return dict(
        bootstrap_each(of_rows, data, names=names, level=level, replicates=replicates, vectorised=True, rng=rng)
    )


def _in_batches(figures: Figures, drawn: npt.NDArray[np.intp], places: int, figures_count: int) -> FloatArray:
    """The figures of drawn rows, a bounded number of versions at a time."""
    found = np.empty((figures_count, len(drawn)))
    step = max(1, CELLS // places)
    for first in range(0, len(drawn), step):
        batch = drawn[first : first + step]
        cells = batch + places * np.arange(len(batch))[:, np.newaxis]
        counted = np.bincount(cells.ravel(), minlength=places * len(batch)).reshape(len(batch), places)
        found[:, first : first + step] = figures(counted.astype(np.float64))
    return found


def _jackknife(
    figures: Figures,
    places: int,
    *,
    ranges: Mapping[str, tuple[float, float]],
    ratios: Collection[str],
    level: float,
    rng: np.random.Generator,
) -> dict[str, Interval]:
    """Intervals from the figures of the city without each part of it."""
    from scipy import stats

    parts = places if places <= ONE_BY_ONE else max(PARTS[0], min(PARTS[1], PARTS_CELLS // places))
    part = rng.permutation(np.arange(places) % parts)
    step = max(1, CELLS // places)
    without = []
    for first in range(0, parts, step):
        left_out = np.arange(first, min(first + step, parts))
        without.append(figures((part != left_out[:, np.newaxis]).astype(np.float64)))
    estimates, spread = figures(np.ones((1, places)))[:, 0], np.concatenate(without, axis=1)
    quantile = float(stats.t.ppf((1 + level) / 2, parts - 1))
    found = {}
    for (name, (least, most)), estimate, row in zip(ranges.items(), map(float, estimates), spread, strict=True):
        if not (np.isfinite(estimate) and np.isfinite(row).all()):
            found[name] = _untold(estimate, level, "jackknife", "undefined")
        elif np.ptp(row) <= ROUNDING * np.abs(row).max():
            found[name] = _untold(estimate, level, "jackknife", "no_spread")
        else:
            in_logs = name in ratios and estimate > 0 and bool((row > 0).all())
            low, high = _bounds(estimate, row, quantile, in_logs=in_logs)
            found[name] = Interval(
                estimate=estimate,
                low=max(least, min(low, estimate)),
                high=min(most, max(high, estimate)),
                level=level,
                method="jackknife",
                replicates=parts,
            )
    return found


def _bounds(estimate: float, row: FloatArray, quantile: float, *, in_logs: bool) -> tuple[float, float]:
    """Low and high of one figure from its values without each part."""
    if in_logs:
        low, high = _bounds(float(np.log(estimate)), np.log(row), quantile, in_logs=False)
        return float(np.exp(low)), float(np.exp(high))
    parts, mean = len(row), float(row.mean())
    centre = parts * estimate - (parts - 1) * mean
    error = quantile * float(np.sqrt((parts - 1) / parts * np.sum((row - mean) ** 2)))
    return centre - error, centre + error


def _untold(estimate: float, level: float, method: str, reason: str) -> Interval:
    return Interval(estimate=estimate, low=np.nan, high=np.nan, level=level, method=method, replicates=0, reason=reason)
