"""Two small logit models of support against earlier participation: pooled, and within neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

FloatArray = npt.NDArray[np.float64]
STEPS = 50
CLOSE = 1e-9
STEEPEST = 30.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """The logit of a chance as a straight line; errors allow for rows of one cluster going together.

    covariance : of intercept and slope, by clusters; plain : the slope's variance if rows went each their way.
    """

    intercept: float
    slope: float
    covariance: FloatArray
    plain: float
    clusters: int
    rows: int

    def interval(self, *, level: float) -> tuple[float, float]:
        """Of the slope."""
        return _interval(self.slope, float(self.covariance[1, 1]), level=level, freedom=self.clusters - 1)


def pooled(x: FloatArray, s: FloatArray, clusters: npt.NDArray[np.intp]) -> Line | None:
    """P(s) = 1/(1 + exp(−(a + b·x))) by maximum likelihood; nothing where it has no finite answer.

    Covariance by clusters with the factor G/(G − 1): Liang & Zeger (1986), Biometrika 73(1), 13–22.

    >>> x, s = np.array([0.0] * 4 + [1.0] * 4), np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
    >>> line = pooled(x, s, np.arange(8))
    >>> round(line.intercept, 4), round(line.slope, 4)          # ln(1/3), 2·ln 3
    (-1.0986, 2.1972)
    """
    if len(s) == 0 or s.min() == s.max() or x.min() == x.max():
        return None
    design = np.stack([np.ones_like(x), x], axis=1)
    beta = np.array([special.logit(s.mean()), 0.0])
    for _ in range(STEPS):
        chance = special.expit(design @ beta)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(information) > 1 / CLOSE or np.abs(beta).max() > STEEPEST:
            return None
        step = np.linalg.solve(information, design.T @ (s - chance))
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            break
    else:
        return None
    chance = special.expit(design @ beta)
    bread = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design)
    scores = np.stack([np.bincount(clusters, column * (s - chance)) for column in design.T], axis=1)
    groups = len(np.unique(clusters))
    factor = groups / (groups - 1) if groups > 1 else np.nan
    return Line(
        intercept=float(beta[0]),
        slope=float(beta[1]),
        covariance=factor * bread @ scores.T @ scores @ bread,
        plain=float(bread[1, 1]),
        clusters=groups,
        rows=len(s),
    )


@dataclass(frozen=True, kw_only=True)
class Within:
    """The slope of a logit with an effect for each neighbourhood; `groups`: those whose support varies."""

    slope: float
    variance: float
    groups: int
    rows: int

    def interval(self, *, level: float) -> tuple[float, float]:
        """Of the slope."""
        return _interval(self.slope, self.variance, level=level, freedom=self.groups - 1)

    @property
    def p_value(self) -> float:
        """Two-sided, against a slope of 0."""
        return float(2 * stats.t.sf(abs(self.slope) / np.sqrt(self.variance), self.groups - 1))


def within(x: FloatArray, s: FloatArray) -> Within | None:
    """Each neighbourhood compared with itself: the conditional logit, whose effects drop out.

    Given how many of its periods brought support, which ones? Neighbourhoods where all or none did say nothing. `x` and
    `s` are (neighbourhoods, periods); periods where `s` is nan are left out. Nothing where there is no finite answer.

    Source: Chamberlain (1980), Review of Economic Studies 47, 225–238; variance by neighbourhoods.

    >>> within(np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]), np.array([[0, 1.0]] * 3 + [[0, 0.0]])).slope
    0.693...
    """
    known = np.isfinite(s)
    given = np.where(known, s, 0.0).sum(axis=1)
    telling = (given > 0) & (given < known.sum(axis=1))
    x, s, known, given = x[telling], np.where(known, s, 0.0)[telling], known[telling], given[telling].astype(np.intp)
    mean = (x * known).sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    x = np.where(known, x - mean, 0.0)
    if len(x) < 2 or not np.abs(x).max() > 0:
        return None
    slope = 0.0
    for _ in range(STEPS):
        expected, spread = _sums(x, known, given, slope)
        score, information = (x * s).sum(axis=1) - expected, spread.sum()
        if not information > CLOSE or abs(slope) > STEEPEST:
            return None
        step = float(np.clip(score.sum() / information, -1.0, 1.0))
        slope += step
        if abs(step) < CLOSE:
            break
    else:
        return None
    expected, spread = _sums(x, known, given, slope)
    score = (x * s).sum(axis=1) - expected
    groups = len(x)
    variance = groups / (groups - 1) * float((score**2).sum() / spread.sum() ** 2)
    return Within(slope=slope, variance=variance, groups=groups, rows=int(known.sum()))


def _sums(
    x: FloatArray, known: npt.NDArray[np.bool_], given: npt.NDArray[np.intp], slope: float
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of the sum of x over the supported periods, given how many they are.

    By the recursion f(t, k) = f(t − 1, k) + w_t f(t − 1, k − 1) over periods, with its first two derivatives.
    """
    most = int(given.max())
    total = np.zeros((len(x), most + 1))
    total[:, 0] = 1.0
    first, second = np.zeros_like(total), np.zeros_like(total)
    for t in range(x.shape[1]):
        weight = np.where(known[:, t], np.exp(np.clip(slope * x[:, t], -500, 500)), 0.0)[:, None]
        value = x[:, t][:, None]
        second[:, 1:] += weight * (second[:, :-1] + 2 * value * first[:, :-1] + value**2 * total[:, :-1])
        first[:, 1:] += weight * (first[:, :-1] + value * total[:, :-1])
        total[:, 1:] += weight * total[:, :-1]
        largest = total.max(axis=1, keepdims=True)
        total, first, second = total / largest, first / largest, second / largest
    rows = np.arange(len(x))
    mean = first[rows, given] / total[rows, given]
    return mean, second[rows, given] / total[rows, given] - mean**2


def _interval(slope: float, variance: float, *, level: float, freedom: int) -> tuple[float, float]:
    if freedom < 1 or not np.isfinite(variance):
        return float("nan"), float("nan")
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance))
    return slope - reach, slope + reach
