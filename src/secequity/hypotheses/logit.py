"""Small logit models of support against earlier participation: pooled, its score, and within neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable
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


def pooled(
    x: FloatArray, s: FloatArray, clusters: npt.NDArray[np.intp], *, beside: FloatArray | None = None
) -> Line | None:
    """P(s) = 1/(1 + exp(−(a + b·x + c·z))) by maximum likelihood; nothing where it has no finite answer.

    beside : z, columns held equal: the intercept is where they are 0. Covariance by clusters
    with the factor G/(G − 1): Liang & Zeger (1986), Biometrika 73(1), 13–22.

    >>> x, s = np.array([0.0] * 4 + [1.0] * 4), np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
    >>> line = pooled(x, s, np.arange(8))
    >>> round(line.intercept, 4), round(line.slope, 4)          # ln(1/3), 2·ln 3
    (-1.0986, 2.1972)
    """
    if len(s) == 0 or s.min() == s.max() or x.min() == x.max():
        return None
    known = [np.ones_like(x), x] if beside is None else [np.ones_like(x), x, *beside.T]
    design = np.stack(known, axis=1)
    beta = _fitted(design, s)
    if beta is None:
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


def score(x: FloatArray, s: FloatArray, beside: FloatArray) -> Callable[[FloatArray], FloatArray] | None:
    """What each row says of a slope that is 0, for any x, the columns `beside` held equal.

    With P(s) = 1/(1 + exp(−(a + c·z))) fitted, a row says x̃·(s − P), x̃ what z leaves unexplained of x where rows weigh
    P(1 − P). Source: the score test of Rao (1948), Proc. Cambridge Phil. Soc. 44, 50–57.

    >>> x, s = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> score(x, s, np.empty((4, 0)))(x)
    array([ 0.25,  0.25, -0.25, -0.25])
    """
    design = np.concatenate([np.ones((len(x), 1)), beside], axis=1)
    beta = _fitted(design, s) if s.min() < s.max() else None
    if beta is None:
        return None
    chance = special.expit(design @ beta)
    weighted = design * (chance * (1 - chance))[:, None]
    explained = np.linalg.solve(weighted.T @ design, weighted.T)

    def said(x: FloatArray) -> FloatArray:
        told: FloatArray = (x - design @ (explained @ x)) * (s - chance)
        return told

    return said


def _fitted(design: FloatArray, s: FloatArray) -> FloatArray | None:
    """The coefficients of greatest likelihood; the first column is 1 everywhere."""
    beta: FloatArray = np.zeros(design.shape[1])
    beta[0] = special.logit(s.mean())
    for _ in range(STEPS):
        chance = special.expit(design @ beta)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(information) > 1 / CLOSE or np.abs(beta).max() > STEEPEST:
            return None
        step = np.linalg.solve(information, design.T @ (s - chance))
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            return beta
    return None


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


def within(x: FloatArray, s: FloatArray, *, beside: FloatArray | None = None) -> Within | None:
    """Each neighbourhood compared with itself: the conditional logit, whose effects drop out.

    Given how many of its periods brought support, which ones? Neighbourhoods where all or none did say nothing. `x` and
    `s` are (neighbourhoods, periods); periods where `s` is nan are left out. `beside`: columns held equal,
    (neighbourhoods, periods, columns). Nothing where there is no finite answer.

    Source: Chamberlain (1980), Review of Economic Studies 47, 225–238; variance by neighbourhoods.

    >>> within(np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]), np.array([[0, 1.0]] * 3 + [[0, 0.0]])).slope
    0.693...
    """
    known = np.isfinite(s)
    given = np.where(known, s, 0.0).sum(axis=1)
    telling = (given > 0) & (given < known.sum(axis=1))
    z = x[:, :, None] if beside is None else np.concatenate([x[:, :, None], beside], axis=2)
    z, s, known, given = z[telling], np.where(known, s, 0.0)[telling], known[telling], given[telling].astype(np.intp)
    seen = known[:, :, None]
    mean = np.where(seen, z, 0.0).sum(axis=1, keepdims=True) / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    z = np.where(seen, z - mean, 0.0)
    if len(z) < 2 or not np.abs(z[:, :, 0]).max() > CLOSE:
        return None
    z = z[:, :, np.abs(z).max(axis=(0, 1)) > CLOSE]
    observed, beta = (z * s[:, :, None]).sum(axis=1), np.zeros(z.shape[2])
    for _ in range(STEPS):
        expected, spread = _sums(z, known, given, beta)
        information = spread.sum(axis=0)
        if not np.trace(information) > CLOSE or np.linalg.cond(information) > 1 / CLOSE:
            return None
        if np.abs(beta).max() > STEEPEST:
            return None
        step = np.clip(np.linalg.solve(information, (observed - expected).sum(axis=0)), -1.0, 1.0)
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            break
    else:
        return None
    expected, spread = _sums(z, known, given, beta)
    bread, scores, groups = np.linalg.inv(spread.sum(axis=0)), observed - expected, len(z)
    variance = groups / (groups - 1) * (bread @ scores.T @ scores @ bread)[0, 0]
    return Within(slope=float(beta[0]), variance=float(variance), groups=groups, rows=int(known.sum()))


def _sums(
    z: FloatArray, known: npt.NDArray[np.bool_], given: npt.NDArray[np.intp], beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the sum of z over the supported periods, given how many they are.

    By the recursion f(t, k) = f(t − 1, k) + w_t f(t − 1, k − 1) over periods, with its first two derivatives.
    """
    most, columns = int(given.max()), z.shape[2]
    total = np.zeros((len(z), most + 1))
    total[:, 0] = 1.0
    first, second = np.zeros((*total.shape, columns)), np.zeros((*total.shape, columns, columns))
    for t in range(z.shape[1]):
        weight = np.where(known[:, t], np.exp(np.clip(z[:, t] @ beta, -500, 500)), 0.0)[:, None]
        value = z[:, t][:, None, :]
        across = first[:, :-1, :, None] * value[:, :, None, :]
        square = total[:, :-1, None, None] * (value[:, :, :, None] * value[:, :, None, :])
        second[:, 1:] += weight[:, :, None, None] * (second[:, :-1] + across + across.swapaxes(2, 3) + square)
        first[:, 1:] += weight[:, :, None] * (first[:, :-1] + value * total[:, :-1, None])
        total[:, 1:] += weight * total[:, :-1]
        largest = total.max(axis=1, keepdims=True)
        total, first = total / largest, first / largest[:, :, None]
        second = second / largest[:, :, None, None]
    rows = np.arange(len(z))
    chosen = total[rows, given]
    mean = first[rows, given] / chosen[:, None]
    return mean, second[rows, given] / chosen[:, None, None] - mean[:, :, None] * mean[:, None, :]


def _interval(slope: float, variance: float, *, level: float, freedom: int) -> tuple[float, float]:
    if freedom < 1 or not np.isfinite(variance):
        return float("nan"), float("nan")
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance))
    return slope - reach, slope + reach
