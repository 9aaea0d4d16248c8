"""Intervals and tests for any function of a table of neighbourhoods; nothing here knows what is measured.

An interval or a p value here speaks of *neighbourhoods as one draw of a process*: how much would the figure move if the
city's neighbourhoods were others of the same kind. The staff itself is counted, not sampled.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, islice
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from secequity.checks import align
from secequity.errors import AlignmentError, ConfigError, LayerError, problem
from secequity.results import Shown
from secequity.texts import number, text
from secequity.words import Alternative

Rows = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]
Method = Literal["BCa", "percentile", "basic"]
Rng = int | np.random.Generator | None

CELLS = 1_000_000
ROUNDING = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class Interval(Shown):
    """A confidence interval: `low` and `high` are nan where none can be told, and `reason` says why.

    reason : `one_row` (a group has a single neighbourhood), `no_spread` (every resample gives the same figure),
        `one_sided` (the resamples lie so far to one side of the figure that the method finds no bound),
        `undefined` (the figure does not exist, or not in every resample), or None.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: str
    replicates: int
    reason: str | None = None

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The interval in a sentence, or why there is none."""
        if self.reason:
            return text(f"equity.interval.{self.reason}", language)
        return text("equity.interval.summary", language, low=self.low, high=self.high, level=100 * self.level)


@dataclass(frozen=True, kw_only=True, eq=False)
class PermutationTest(Shown):
    """The result of a permutation test; `p_value` is nan where the figure does not exist for every arrangement.

    value : the figure as observed.
    permutations : arrangements compared; all there are when `exact`.
    """

    value: float
    p_value: float
    permutations: int
    exact: bool
    alternative: str

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The p value in a sentence."""
        if self.p_value != self.p_value:
            return text("equity.permutation.undefined", language)
        shown = f"p = {number(self.p_value, 3)}" if self.p_value >= 0.001 else f"p < {number(0.001, 3)}"
        kind = "exact" if self.exact else "random"
        return text(f"equity.permutation.{kind}", language, p=shown, permutations=self.permutations)


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
    Interval, in the unit of the function; too narrow where a group has fewer than about ten neighbourhoods.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : no rows, or a group is missing.
    AlignmentError : an id is repeated, or `groups` speaks of other neighbourhoods.

    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 14 (BCa), by `scipy.stats.bootstrap`.

    >>> import numpy as np, pandas as pd
    >>> staff = pd.DataFrame({"police": np.arange(20.0)}, index=[f"n{i:02}" for i in range(20)])
    >>> found = bootstrap(lambda drawn: drawn["police"].mean(), staff, replicates=999, rng=1)
    >>> found.low < found.estimate < found.high
    True
    """
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
    tolerance: float = 0.0,
    rng: Rng = None,
) -> Mapping[str, Interval]:
    """Bootstrap intervals of several figures from the same resamples, one for each of `names`.

    As `bootstrap`, but `function` returns one number for each name (with `vectorised`: an array (names, …)).

    >>> import numpy as np, pandas as pd
    >>> staff = pd.DataFrame({"police": np.arange(20.0)}, index=[f"n{i:02}" for i in range(20)])
    >>> figures = lambda drawn: (drawn["police"].mean(), drawn["police"].median())
    >>> list(bootstrap_each(figures, staff, names=("mean", "median"), replicates=99, rng=1))
    ['mean', 'median']
    """
    if replicates < 1:
        raise ConfigError(problem("option_below", option="replicates", value=replicates, least=1))
    if not 0 < level < 1:
        raise ConfigError(problem("option_between", option="level", value=level, least=0, most=1))
    _one_of(method, get_args(Method), option="method")
    order = _by_id(data)
    label = _labels(groups, data.index, "groups") if groups is not None else np.zeros(len(data), dtype=np.intp)
    samples = [order[label[order] == one] for one in np.unique(label)]
    over_rows = function if vectorised else _over_frames(function, data)
    estimates = np.asarray(over_rows(np.concatenate(samples)), dtype=np.float64)
    if min(len(sample) for sample in samples) < 2:
        bounds, reasons = np.full((2, len(names)), np.nan), ["one_row"] * len(names)
    else:
        bounds, spread = _bounds(over_rows, samples, replicates=replicates, level=level, method=method, rng=rng)
        reasons = [_reason(row, low, tolerance) for row, low in zip(spread, bounds.sum(axis=0), strict=True)]
    return {
        name: Interval(
            estimate=float(estimate),
            low=np.nan if reason else float(low),
            high=np.nan if reason else float(high),
            level=level,
            method=method,
            replicates=replicates,
            reason=reason or None,
        )
        for name, estimate, low, high, reason in zip(names, estimates, *bounds, reasons, strict=True)
    }


def permutation_test(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    labels: pd.Series,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    vectorised: bool = False,
    tolerance: float = 0.0,
    rng: Rng = None,
) -> PermutationTest:
    """Permutation test of `function`: how often does chance alone put the rows under the labels so unequally.

    Whole rows of `data` move; the labels stay. When there are no more than `permutations` different arrangements all of
    them are compared, and p = count/total; else random ones, and p = (count + 1)/(permutations + 1). The two-sided p is
    twice the smaller tail. Figures that differ by rounding only count as equal.

    Parameters
    ----------
    function : of a frame (the moved rows) and the labels to one number. With `vectorised`: of an integer array
        (…, n), whose entry i is the row that stands in the place of row i, to an array (…).
    data : one row a neighbourhood, index its id.
    labels : label by neighbourhood id, at least two different ones.
    permutations : arrangements drawn, ≥ 1.
    alternative : `two-sided`, `greater` (the figure is larger than chance gives) or `less`.
    tolerance : differences of the figure that are mere rounding, in its unit; a ten-thousand-millionth of its largest
        value is always taken so.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    PermutationTest.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : no rows, a label is missing, or all labels are the same.
    AlignmentError : an id is repeated, or `labels` speaks of other neighbourhoods.

    Source: Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.

    >>> import pandas as pd
    >>> data = pd.DataFrame({"police": [9.0, 1.0, 2.0, 3.0]}, index=list("abcd"))
    >>> zones = pd.Series(["centre", "periphery", "periphery", "periphery"], index=list("abcd"))
    >>> centre = lambda moved, labels: moved.loc[labels == "centre", "police"].mean()
    >>> permutation_test(centre, data, labels=zones, alternative="greater").p_value     # 1 of 4 arrangements
    0.25
    """
    if permutations < 1:
        raise ConfigError(problem("option_below", option="permutations", value=permutations, least=1))
    _one_of(alternative, get_args(Alternative), option="alternative")
    order = _by_id(data)
    place = _labels(labels, data.index, "labels")
    sizes = np.bincount(place)
    if len(sizes) < 2:
        raise LayerError(problem("labels_one"))
    over_rows = function if vectorised else _over_places(function, data, align(labels, data.index, name="labels"))
    observed = float(over_rows(np.arange(len(data))))
    exact = _arrangements(sizes) <= permutations
    batches = _every(order, place, sizes) if exact else _shuffled(order, permutations, np.random.default_rng(rng))
    reference = np.concatenate([np.asarray(over_rows(rows), dtype=np.float64) for rows in batches])
    return PermutationTest(
        value=observed,
        p_value=_p_value(reference, observed, exact=exact, alternative=alternative, tolerance=tolerance),
        permutations=len(reference),
        exact=exact,
        alternative=alternative,
    )


def _bounds(
    over_rows: Callable[[Rows], Any], samples: list[Rows], *, replicates: int, level: float, method: Method, rng: Rng
) -> tuple[FloatArray, FloatArray]:
    """Low and high bounds (2, figures), and the bootstrap distribution (figures, replicates)."""

    def statistic(*drawn: Rows, axis: int = -1) -> FloatArray:
        return np.asarray(over_rows(np.concatenate(drawn, axis=axis)), dtype=np.float64)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            samples,
            statistic,
            vectorized=True,
            n_resamples=replicates,
            batch=max(1, CELLS // sum(len(sample) for sample in samples)),
            confidence_level=level,
            method=method,
            rng=np.random.default_rng(rng),
        )
    return np.stack([found.confidence_interval.low, found.confidence_interval.high]), found.bootstrap_distribution


def _reason(spread: FloatArray, bound: float, tolerance: float) -> str:
    """Why a bootstrap distribution gives no interval, or an empty word."""
    if not np.isfinite(spread).all():
        return "undefined"
    if np.ptp(spread) <= max(tolerance, ROUNDING * np.abs(spread).max()):
        return "no_spread"
    return "" if np.isfinite(bound) else "one_sided"


def _p_value(
    reference: FloatArray, observed: float, *, exact: bool, alternative: Alternative, tolerance: float
) -> float:
    """Share of arrangements at least as extreme as the one observed, near-equal figures counting as equal."""
    if not np.isfinite(observed) or not np.isfinite(reference).all():
        return np.nan
    slack = max(tolerance, ROUNDING * max(abs(observed), float(np.abs(reference).max())))
    counts = {"greater": np.sum(reference >= observed - slack), "less": np.sum(reference <= observed + slack)}
    itself = 0 if exact else 1
    tails = {side: float((count + itself) / (len(reference) + itself)) for side, count in counts.items()}
    return min(1.0, 2 * min(tails.values())) if alternative == "two-sided" else tails[alternative]


def _arrangements(sizes: npt.NDArray[np.intp]) -> int:
    """In how many different ways labels of these sizes can be put on the rows."""
    placed = np.cumsum(sizes)
    return math.prod(math.comb(int(total), int(size)) for total, size in zip(placed, sizes, strict=True))


def _every(order: Rows, place: Rows, sizes: npt.NDArray[np.intp]) -> Iterator[Rows]:
    """Every different arrangement of the rows under the labels, in batches."""
    places = order[np.argsort(place[order], kind="stable")]
    every = _splits(order, [int(size) for size in sizes])
    while batch := list(islice(every, max(1, CELLS // len(order)))):
        rows = np.empty((len(batch), len(order)), dtype=np.intp)
        rows[:, places] = batch
        yield rows


def _splits(rows: Rows, sizes: list[int]) -> Iterator[Rows]:
    """The rows split into parts of the given sizes, one after the other, in every way."""
    if len(sizes) == 1:
        yield rows
        return
    for chosen in combinations(range(len(rows)), sizes[0]):
        picked = list(chosen)
        for rest in _splits(np.delete(rows, picked), sizes[1:]):
            yield np.concatenate([rows[picked], rest])


def _shuffled(order: Rows, permutations: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Random arrangements of the rows, in batches."""
    step = max(1, CELLS // len(order))
    for first in range(0, permutations, step):
        deck = np.tile(order, (min(step, permutations - first), 1))
        rows = np.empty_like(deck)
        rows[:, order] = rng.permuted(deck, axis=1)
        yield rows


def _by_id(data: pd.DataFrame) -> Rows:
    """Row positions in the order of their ids, so that the order of rows never changes a result."""
    if data.index.has_duplicates:
        raise AlignmentError(problem("ids_repeated", dict.fromkeys(data.index[data.index.duplicated()]), name="data"))
    if not len(data):
        raise LayerError(problem("measure_empty", name="data"))
    return np.argsort(data.index.astype(str).to_numpy(), kind="stable")


def _labels(labels: pd.Series, ids: pd.Index, name: str) -> Rows:
    """The number of each row's label, labels numbered in the order of their names."""
    aligned = align(labels, ids, name=name)
    if aligned.isna().any():
        raise LayerError(problem("measure_missing", ids[aligned.isna()], name=name))
    return np.unique(aligned.astype(str).to_numpy(), return_inverse=True)[1]


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


def _over_places(function: Callable[..., Any], data: pd.DataFrame, labels: pd.Series) -> Callable[[Rows], FloatArray]:
    """A function of moved rows under fixed labels as a function of arrays of row positions."""

    def over_rows(rows: Rows) -> FloatArray:
        moved = rows.reshape(-1, rows.shape[-1])
        figures = [function(data.take(one).set_axis(data.index), labels) for one in moved]
        return np.array(figures, dtype=np.float64).reshape(rows.shape[:-1])

    return over_rows


def _one_of(value: str, words: tuple[str, ...], *, option: str) -> None:
    if value not in words:
        raise ConfigError(problem("option_word", option=option, value=value, words=", ".join(words)))
