"""Every index of inequality for many versions of one city at once: the same neighbourhoods, each counted otherwise.

What resampling asks for. Values are sorted once; each version is a row of shares of people, and each index a handful of
sums along the rows, equal to what the plain functions of this package give for that version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import align
from secequity.equity._people import FloatArray, people
from secequity.equity.lorenz import POOREST, RICHEST
from secequity.errors import LayerError, problem

T = TypeVar("T")


class Order:
    """Neighbourhoods sorted by a level, those that tie taken together."""

    def __init__(self, level: npt.NDArray[np.generic]) -> None:
        self.rows = np.argsort(level, kind="stable")
        ordered = level[self.rows]
        self.starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))

    def sums(self, amounts: FloatArray) -> FloatArray:
        """Sums over those that tie: (versions, neighbourhoods) become (versions, levels)."""
        totals: FloatArray = np.add.reduceat(amounts[:, self.rows], self.starts, axis=1)
        return totals

    def twice_covariance(self, share: FloatArray, amount: FloatArray) -> FloatArray:
        """2·cov_p(x, R) of each version, `amount` being p·x."""
        return _twice_covariance(self.sums(share), self.sums(amount))


@dataclass(frozen=True, kw_only=True, eq=False)
class Reweighted:
    """One city, ready to be counted otherwise.

    ids : neighbourhoods where somebody lives, in the order of their text. x : amount per person over the city's mean.
    share : share of all people. by_value, by_group, by_rank, by_income : orders, where they were given.
    scale : the mean that `x` is relative to. income : over its mean.
    """

    ids: pd.Index
    x: FloatArray
    share: FloatArray
    scale: float
    by_value: Order
    by_group: Order | None = None
    by_rank: Order | None = None
    by_income: Order | None = None
    income: FloatArray | None = None
    line: float | None = None
    bounds: tuple[float, float] | None = None
    epsilon: float = 0.5

    def figures(self, counted: FloatArray, names: tuple[str, ...]) -> FloatArray:
        """The indices `names` (names, versions) where each neighbourhood counts `counted` (versions, ids) times."""
        with np.errstate(all="ignore"):
            weight = counted * self.share
            share = weight / weight.sum(axis=1, keepdims=True)
            version = _Version(self, share)
            return np.stack([FIGURES[name](version) for name in names])


class _Version:
    """Shares, amounts and mean of each version, made once for all indices."""

    def __init__(self, city: Reweighted, share: FloatArray) -> None:
        self.city, self.share = city, share
        self.amount = share * city.x
        total = self.amount.sum(axis=1)
        self.mean: FloatArray = np.where(total > 0, total, np.nan)

    @cached_property
    def by_value(self) -> tuple[FloatArray, FloatArray]:
        """People and amount of each level of the values, from least to most."""
        return self.city.by_value.sums(self.share), self.city.by_value.sums(self.amount)

    @cached_property
    def entropy(self) -> FloatArray:
        """Theil's T."""
        logs = _log(self.city.x)
        return _dot(self.amount, logs) / self.mean - np.log(self.mean)

    @cached_property
    def entropy_between(self) -> FloatArray:
        """Theil's T of the groups' means."""
        groups = _given(self.city.by_group)
        size, amount = groups.sums(self.share), groups.sums(self.amount)
        relative = np.divide(amount, size, out=np.zeros_like(size), where=size > 0) / self.mean[:, np.newaxis]
        return _along(size * relative, _log(relative))

    def deviation(self) -> FloatArray:
        """Theil's L, the mean logarithmic deviation; nan where somebody has nothing."""
        return np.log(self.mean) - _dot(self.share, np.log(np.where(self.city.x > 0, self.city.x, np.nan)))

    def equally_distributed(self) -> FloatArray:
        """Atkinson's index."""
        power, x = 1 - self.city.epsilon, self.city.x
        if power <= 0 and not x.all():
            return np.ones(len(self.share)) + 0 * self.mean
        if power == 0:
            return 1 - np.exp(_dot(self.share, np.log(x))) / self.mean
        return 1 - _dot(self.share, x**power) ** (1 / power) / self.mean

    def tails(self) -> FloatArray:
        """The Palma ratio."""
        size, amount = self.by_value
        below = np.cumsum(size, axis=1) - size
        above = 1 - below - size
        poor, rich = (
            np.where(part < 1e-12, 0.0, part)
            for part in (np.clip(POOREST - below, 0, size), np.clip(RICHEST - above, 0, size))
        )
        mean = np.divide(amount, size, out=np.zeros_like(size), where=size > 0)
        held = _along(poor, mean) / poor.sum(axis=1)
        ratio: FloatArray = _along(rich, mean) / rich.sum(axis=1) / np.where(held > 0, held, np.nan)
        return ratio

    def along_rank(self) -> FloatArray:
        """2·cov_p(x, R) along the socio-economic rank."""
        return _given(self.city.by_rank).twice_covariance(self.share, self.amount)

    def bounded(self, correction: str) -> FloatArray:
        """Erreygers' or Wagstaff's corrected concentration index."""
        low, high = (bound / self.city.scale for bound in _given(self.city.bounds))
        if correction == "erreygers":
            return 4 * self.along_rank() / (high - low)
        mean: FloatArray = self.amount.sum(axis=1)
        return self.along_rank() * (high - low) / ((high - mean) * (mean - low))

    def below(self, alpha: float) -> FloatArray:
        """The index of Foster, Greer and Thorbecke below the norm."""
        line = _given(self.city.line) / self.city.scale
        under = self.city.x < line
        shortfall = np.where(under, (line - self.city.x) / line, 0.0)
        return _dot(self.share, under.astype(np.float64) if alpha == 0 else shortfall**alpha)

    def progressivity(self) -> FloatArray:
        """The Kakwani index of `x` as a burden."""
        order, earned = _given(self.city.by_income), self.share * _given(self.city.income)
        total = earned.sum(axis=1)
        gini = order.twice_covariance(self.share, earned) / np.where(total > 0, total, np.nan)
        return order.twice_covariance(self.share, self.amount) / self.mean - gini

    def suits(self) -> FloatArray:
        """The Suits index of `x` as a burden."""
        order = _given(self.city.by_income)
        given, earned = order.sums(self.amount), order.sums(self.share * _given(self.city.income))
        below = np.cumsum(given, axis=1) - given / 2
        total = earned.sum(axis=1)
        return 1 - 2 * _along(below, earned) / (self.mean * np.where(total > 0, total, np.nan))


FIGURES: dict[str, Callable[[_Version], FloatArray]] = {
    "gini": lambda one: _twice_covariance(*one.by_value) / one.mean,
    "hoover": lambda one: _along(one.share, np.abs(one.city.x / one.mean[:, np.newaxis] - 1)) / 2,
    "theil": lambda one: one.entropy,
    "theil_between": lambda one: one.entropy_between,
    "theil_within": lambda one: one.entropy - one.entropy_between,
    "theil_l": _Version.deviation,
    "atkinson": _Version.equally_distributed,
    "palma": _Version.tails,
    "concentration_index": lambda one: one.along_rank() / one.mean,
    "erreygers": lambda one: one.bounded("erreygers"),
    "wagstaff": lambda one: one.bounded("wagstaff"),
    "fgt_0": lambda one: one.below(0),
    "fgt_1": lambda one: one.below(1),
    "fgt_2": lambda one: one.below(2),
    "kakwani": _Version.progressivity,
    "suits": _Version.suits,
}
"""Each index of a version, by name."""

RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("gini", "hoover", "atkinson", "fgt_0", "fgt_1", "fgt_2"), (0.0, 1.0)),
    **dict.fromkeys(("theil", "theil_between", "theil_within", "theil_l", "palma"), (0.0, np.inf)),
    **dict.fromkeys(("concentration_index", "erreygers", "wagstaff", "suits"), (-1.0, 1.0)),
    "kakwani": (-2.0, 1.0),
}
"""What each index can be at least and at most."""

RATIOS = frozenset(("gini", "hoover", "theil", "theil_l", "atkinson", "palma"))
"""Indices that are above zero and vary in proportion to their size: their intervals are those of their logarithms."""


def reweighted(
    values: pd.Series,
    *,
    weights: pd.Series | None = None,
    groups: pd.Series | None = None,
    rank: pd.Series | None = None,
    income: pd.Series | None = None,
    line: float | None = None,
    bounds: tuple[float, float] | None = None,
    epsilon: float = 0.5,
) -> Reweighted:
    """The inputs of the indices, checked as they check them, sorted by id and ready to be counted otherwise.

    Raises
    ------
    LayerError, AlignmentError : as the indices themselves.
    """
    values = values.sort_index(key=lambda ids: ids.astype(str))
    city = people(values, weights=weights, rank=rank, groups=groups, empty_handed=line is not None)
    if bounds is not None:
        outside = (city.values < bounds[0]) | (city.values > bounds[1])
        if outside.any():
            raise LayerError(problem("measure_outside", city.ids[outside], low=bounds[0], high=bounds[1]))
    earned = None if income is None else people(align(income, values.index, name="income"), weights=weights).relative
    scale = city.mean or 1.0
    return Reweighted(
        ids=city.ids,
        x=city.values / scale,
        share=city.share,
        scale=scale,
        by_value=Order(city.values),
        by_group=None if groups is None else Order(city.group),
        by_rank=None if rank is None else Order(city.rank),
        by_income=None if earned is None else Order(earned),
        income=earned,
        line=line,
        bounds=bounds,
        epsilon=epsilon,
    )


def _given(option: T | None) -> T:
    """An input that an index needs."""
    if option is None:
        raise TypeError("this index needs an input that was not given")
    return option


def _twice_covariance(size: FloatArray, amount: FloatArray) -> FloatArray:
    """2·cov(x, R) of levels in their order, with the people and the amount of each."""
    ranks = np.cumsum(size, axis=1) - size / 2
    return 2 * _along(amount, ranks - 0.5)


def _along(one: FloatArray, other: FloatArray) -> FloatArray:
    """Sums of products along the rows."""
    sums: FloatArray = np.einsum("ij,ij->i", one, other)
    return sums


def _dot(versions: FloatArray, values: FloatArray) -> FloatArray:
    """The sum of products of each version with the same values."""
    sums: FloatArray = versions @ values
    return sums


def _log(values: FloatArray) -> FloatArray:
    """Natural logarithm, with 0 at 0: there it is always multiplied by zero."""
    return np.log(values, out=np.zeros_like(values), where=values > 0)
