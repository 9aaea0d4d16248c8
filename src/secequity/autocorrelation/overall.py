"""One number for the whole city: Moran's I, its kin, and their permutation tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from esda.geary import Geary
from esda.getisord import G
from esda.moran import Moran
from libpysal.graph import Graph

from secequity import rates
from secequity.autocorrelation.alignment import Aligned, Numbers, align, name, require
from secequity.errors import LayerError, problem
from secequity.results import Shown
from secequity.texts import number, text
from secequity.words import Alternative

Seed = int | np.random.Generator | None

_TOLERANCE = 1e-10
_ROUNDING = 1e-12
_AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Autocorrelation(Shown):
    """One statistic of likeness between neighbours and its permutation test.

    statistic : `moran`, `moran_rate`, `bivariate_moran`, `geary` or `getis_ord_g`. value : the statistic.
    expected, variance, z : under randomisation of the values over the neighbourhoods. p_value : from `permutations`
    random permutations, for `alternative`. n : neighbourhoods with a value, isolates among them.
    isolates, missing : ids without a neighbour, and without a value.
    """

    statistic: str
    value: float
    expected: float
    variance: float
    z: float
    p_value: float
    permutations: int
    alternative: Alternative
    n: int
    isolates: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def n_isolates(self) -> int:
        """How many neighbourhoods with a value have no neighbour with one."""
        return len(self.isolates)

    @property
    def n_missing(self) -> int:
        """How many neighbourhoods have no value."""
        return len(self.missing)

    def to_frame(self) -> pd.DataFrame:
        """One row: the columns of the study's table of autocorrelation, then the moments."""
        columns = ("statistic", "value", "expected", "p_value", "permutations", "n", "n_isolates")
        more = ("n_missing", "variance", "z", "alternative")
        return pd.DataFrame([{column: getattr(self, column) for column in columns + more}])

    def summary(self, language: str = "en") -> str:
        """The value beside what chance gives, and the probability of the difference."""
        return text(
            "autocorrelation.overall",
            language,
            statistic=text(f"autocorrelation.{self.statistic}", language),
            value=_short(self.value),
            expected=_short(self.expected),
            p=_short(self.p_value),
            permutations=self.permutations,
            n=self.n,
            isolates=self.n_isolates,
            missing=self.n_missing,
        )


def moran(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Moran's I: do neighbouring neighbourhoods resemble each other more than chance would have it?

    I = n/S₀ · Σᵢⱼ wᵢⱼ zᵢ zⱼ / Σᵢ zᵢ², z = x − x̄. Moments under randomisation as Cliff and Ord. The test permutes the
    values over the neighbourhoods: one-sided p = (number at least as extreme + 1)/(permutations + 1), two-sided twice
    the smaller, at most 1.

    Parameters
    ----------
    values : any quantity by neighbourhood id, in any order; missing values are left out and named, and the weights of
        the others are row-standardised again where the graph was.
    graph : links between the same ids, from `secequity.weights`; used as given.
    permutations : random permutations, ≥ 1.
    alternative : `two-sided`, `greater` (neighbours alike) or `less` (neighbours unlike).
    rng : seed or numpy Generator. The same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    Autocorrelation; `value` near `expected` = −1/(n − 1) without pattern, towards 1 where like sits with like.

    Raises
    ------
    LayerError : no variation, fewer than four values, no links, infinite values.
    AlignmentError : values and graph have different ids, or an id appears twice.

    Source: Moran (1950); Cliff and Ord (1981), Spatial Processes, ch. 2. Statistic and moments by esda.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 4/6 · 2.5/5
    0.3333
    """
    require(permutations=permutations)
    return _moran(align(graph, values), "moran", permutations, alternative, rng)


def moran_rate(
    events: pd.Series,
    population: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Moran's I of rates that allows for the number of people: few residents make wild rates.

    I of the rates standardised as `secequity.rates.standardised`.

    Parameters
    ----------
    events : counts by neighbourhood id, ≥ 0.
    population : people by neighbourhood id; where zero or missing there is no rate and the neighbourhood is missing.
    graph, permutations, alternative, rng : as `moran`.

    Raises
    ------
    As `moran`; LayerError also for negative counts.

    Source: Assunção and Reis (1999), Statistics in Medicine 18, 2147–2162.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> events = pd.Series([0, 1, 9, 8], index=list("abcd"))
    >>> moran_rate(events, pd.Series(100, index=list("abcd")), row, rng=1).n
    4
    """
    require(permutations=permutations)
    found = align(graph, rates.standardised(events, population))
    return _moran(found, "moran_rate", permutations, alternative, rng)


def bivariate_moran(
    x: pd.Series,
    y: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Bivariate Moran's I: do places with much of `x` lie beside places with much of `y`?

    I = n/S₀ · Σᵢⱼ wᵢⱼ xᵢ yⱼ / √(Σxᵢ² Σyᵢ²), both as deviations from their means. `y` is permuted and `x` stays, so
    the test does not separate likeness beside from likeness in the same place; expectation 0 and variance are those of
    a sum under random permutation.

    Parameters
    ----------
    x, y : quantities by neighbourhood id, in any order; where one is missing the neighbourhood is left out.
    graph, permutations, alternative, rng : as `moran`.

    Raises
    ------
    As `moran`.

    Source: Wartenberg (1985), Geographical Analysis 17(4), 263–283; Anselin, Syabri and Smirnov (2002).

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> x = pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd"))
    >>> round(bivariate_moran(x, -x, row, rng=1).value, 4)
    -0.3333
    """
    require(permutations=permutations)
    found = align(graph, x, y)
    fixed, moved = (column - column.mean() for column in found.columns)
    scale = found.n / found.weights.sum() / np.sqrt((fixed @ fixed) * (moved @ moved))
    pull = scale * (found.weights.T @ fixed)
    value = float(pull @ moved)
    variance = float(((pull - pull.mean()) ** 2).sum() * (moved @ moved) / (found.n - 1))
    p_value = _p_value(moved, lambda draws: draws @ pull, value, 1.0, permutations, alternative, rng)
    return _result(found, "bivariate_moran", (value, 0.0, variance), p_value, permutations, alternative)


def geary(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Geary's C: how much neighbours differ, against how much any two places differ.

    C = (n − 1)/(2 S₀) · Σᵢⱼ wᵢⱼ (xᵢ − xⱼ)² / Σᵢ (xᵢ − x̄)²; 1 without pattern, below 1 where neighbours are alike.

    Parameters
    ----------
    values, graph, permutations, rng : as `moran`.
    alternative : `two-sided`, `greater` (C above 1: neighbours unlike) or `less`.

    Raises
    ------
    As `moran`.

    Source: Geary (1954), The Incorporated Statistician 5(3), 115–146. Statistic and moments by esda.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(geary(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 3/12 · 6/5
    0.3
    """
    require(permutations=permutations)
    found = align(graph, values)
    column, weights = found.columns[0], found.weights
    with np.errstate(all="ignore"):
        exact = Geary(column, _as_given(found, "R"), permutations=0)
    z = column - column.mean()
    both = np.asarray(weights.sum(axis=0)).ravel() + np.asarray(weights.sum(axis=1)).ravel()
    scale = (found.n - 1) / (2 * weights.sum() * (z @ z))

    def statistic(draws: Numbers) -> Numbers:
        result: Numbers = scale * (draws**2 @ both - 2 * _products(draws, weights @ draws.T))
        return result

    p_value = _p_value(z, statistic, exact.C, 1.0, permutations, alternative, rng)
    return _result(found, "geary", (exact.C, exact.EC, exact.VC_rand), p_value, permutations, alternative)


def getis_ord_g(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Getis and Ord's general G: do the high values sit together (above expected) or the low ones (below)?

    G = Σᵢⱼ wᵢⱼ xᵢ xⱼ / Σᵢ≠ⱼ xᵢ xⱼ. The classical form has weights of 1 (`transform="b"`); the graph is used as given.

    Parameters
    ----------
    values : quantity ≥ 0 by neighbourhood id, in any order, with a true zero.
    graph, permutations, rng : as `moran`.
    alternative : `two-sided`, `greater` (high values together) or `less`.

    Raises
    ------
    As `moran`; LayerError also when a value is negative or only one is above zero.

    Source: Getis and Ord (1992), Geographical Analysis 24(3), 189–206. Statistic and moments by esda.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(getis_ord_g(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 40/70
    0.5714
    """
    require(permutations=permutations)
    found = align(graph, values)
    column = found.columns[0]
    if (column < 0).any():
        raise LayerError(problem("autocorrelation_negative", found.ids[column < 0], name=name(values)))
    if np.count_nonzero(column) < 2:
        raise LayerError(problem("autocorrelation_one_positive", found.ids[column > 0], name=name(values)))
    with np.errstate(all="ignore"):
        exact = G(column, _as_given(found, "B"), permutations=0)
    pairs = column.sum() ** 2 - column @ column

    def statistic(draws: Numbers) -> Numbers:
        result: Numbers = _products(draws, found.weights @ draws.T) / pairs
        return result

    p_value = _p_value(column, statistic, exact.G, exact.EG, permutations, alternative, rng)
    return _result(found, "getis_ord_g", (exact.G, exact.EG, exact.VG), p_value, permutations, alternative)


def _moran(found: Aligned, statistic: str, permutations: int, alternative: Alternative, rng: Seed) -> Autocorrelation:
    column = found.columns[0]
    with np.errstate(all="ignore"):
        exact = Moran(column, _as_given(found, "R"), permutations=0)
    z = column - column.mean()
    scale = found.n / found.weights.sum() / (z @ z)

    def value(draws: Numbers) -> Numbers:
        result: Numbers = scale * _products(draws, found.weights @ draws.T)
        return result

    p_value = _p_value(z, value, exact.I, 1.0, permutations, alternative, rng)
    return _result(found, statistic, (exact.I, exact.EI, exact.VI_rand), p_value, permutations, alternative)


def _as_given(found: Aligned, transformation: str) -> Graph:
    """The weights as a Graph that esda, which transforms to `transformation`, leaves as they are."""
    links = found.weights.tocoo()
    alone = np.flatnonzero(~found.linked)
    focal, neighbour = np.concatenate([links.row, alone]), np.concatenate([links.col, alone])
    weight = np.concatenate([links.data, np.zeros(len(alone))])
    order = np.lexsort((neighbour, focal))
    graph = Graph.from_arrays(focal[order], neighbour[order], weight[order])
    return Graph(graph.adjacency, transformation=transformation, is_sorted=True)


def _products(draws: Numbers, lags: Numbers) -> Numbers:
    result: Numbers = np.einsum("ij,ji->i", draws, lags)
    return result


def _p_value(
    values: Numbers,
    statistic: Callable[[Numbers], Numbers],
    observed: float,
    scale: float,
    permutations: int,
    alternative: Alternative,
    rng: Seed,
) -> float:
    """Share of permutations at least as extreme as `observed`; equal up to rounding of `scale` is as extreme."""
    if alternative not in ("two-sided", "greater", "less"):
        raise LayerError(problem("autocorrelation_alternative", alternative=alternative))
    generator = np.random.default_rng(rng)
    tolerance = _TOLERANCE * scale
    at_least = at_most = 0
    batch = max(1, _AT_ONCE // len(values))
    for start in range(0, permutations, batch):
        rows = min(batch, permutations - start)
        drawn = statistic(generator.permuted(np.tile(values, (rows, 1)), axis=1))
        at_least += int((drawn >= observed - tolerance).sum())
        at_most += int((drawn <= observed + tolerance).sum())
    counts = {"greater": at_least, "less": at_most, "two-sided": min(at_least, at_most)}
    sides = 2 if alternative == "two-sided" else 1
    return min(1.0, sides * (counts[alternative] + 1) / (permutations + 1))


def _result(
    found: Aligned,
    statistic: str,
    moments: tuple[float, float, float],
    p_value: float,
    permutations: int,
    alternative: Alternative,
) -> Autocorrelation:
    value, expected, variance = (float(one) for one in moments)
    return Autocorrelation(
        statistic=statistic,
        value=value,
        expected=expected,
        variance=variance,
        z=(value - expected) / float(np.sqrt(variance)) if variance > _ROUNDING * expected**2 else float("nan"),
        p_value=p_value,
        permutations=permutations,
        alternative=alternative,
        n=found.n,
        isolates=found.isolates,
        missing=found.missing,
    )


def _short(value: float) -> str:
    """Two decimals, or as many as it takes to show two digits that are not zero."""
    decimals = 2 if value == 0 else max(2, 1 - int(np.floor(np.log10(abs(value)))))
    return number(value, decimals)
