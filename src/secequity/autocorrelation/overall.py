"""One number for the whole city: Moran's I, its kin, and their permutation tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity import rates
from secequity.autocorrelation import moments
from secequity.autocorrelation.alignment import Aligned, align, name, require
from secequity.autocorrelation.links import Numbers
from secequity.autocorrelation.result import Autocorrelation, result
from secequity.autocorrelation.shuffles import Seed, shuffled_p
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.words import Alternative


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

    Source: Moran (1950); Cliff and Ord (1981), Spatial Processes, ch. 2.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 4/6 · 2.5/5
    0.3333
    """
    require_arguments(
        values=("series", values), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
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
    require_arguments(
        events=("series", events),
        population=("series", population),
        graph=("graph", graph),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
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
    require_arguments(
        x=("series", x), y=("series", y), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
    require(permutations=permutations)
    found = align(graph, x, y)
    fixed, moved = (column - column.mean() for column in found.columns)
    scale = found.n / found.weights.sum() / np.sqrt((fixed @ fixed) * (moved @ moved))
    pull = scale * (found.weights.T @ fixed)
    value = float(pull @ moved)
    variance = float(((pull - pull.mean()) ** 2).sum() * (moved @ moved) / (found.n - 1))
    p_value = shuffled_p(
        moved[None],
        lambda drawn: pull @ drawn[0],
        value,
        permutations=permutations,
        alternative=alternative,
        rng=rng,
    )
    return result(found, "bivariate_moran", (value, 0.0, variance), float(p_value), permutations, alternative)


def lee_l(
    x: pd.Series,
    y: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    rng: Seed = None,
) -> Autocorrelation:
    """Lee's L: do `x` and `y` rise and fall over the same parts of the city?

    L = n/Σᵢ Wᵢ² · Σᵢ (Σⱼ wᵢⱼ xⱼ)(Σⱼ wᵢⱼ yⱼ) / √(Σxᵢ² Σyᵢ²), both as deviations from their means: the correlation of
    what surrounds each neighbourhood, less where there is little pattern to share. The test moves each neighbourhood's
    pair (x, y) as one: it takes the plain correlation as given and asks for what the pattern in space adds.

    Parameters
    ----------
    x, y : quantities by neighbourhood id, in any order; where one is missing the neighbourhood is left out.
    graph : row-standardised for the usual form (then Σ Wᵢ² = n); used as given, without the neighbourhood itself.
    permutations, alternative, rng : as `moran`.

    Returns
    -------
    Autocorrelation; L of `x` and `y` is L of `y` and `x`. `expected` = r (n Σⱼᵢ wⱼᵢ²/Σᵢ Wᵢ² − 1)/(n − 1) for the plain
    correlation r.

    Raises
    ------
    As `moran`.

    Source: Lee (2001), Journal of Geographical Systems 3, 369–385, eq. 18; moments Lee (2004).

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6).transform("R")
    >>> x = pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd"))
    >>> lee_l(x, x, row, rng=1).value                           # lags −0.5, −0.5, 0.5, 0.5: 1/5
    0.2
    """
    require_arguments(
        x=("series", x), y=("series", y), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
    require(permutations=permutations)
    found = align(graph, x, y)
    columns = found.columns - found.columns.mean(axis=1, keepdims=True)
    weights = found.weights
    scale = found.n / float((np.asarray(weights.sum(axis=1)) ** 2).sum())
    scale /= float(np.sqrt((columns[0] @ columns[0]) * (columns[1] @ columns[1])))

    def statistic(weights: sparse.csr_array) -> Callable[[Numbers], Numbers]:
        return lambda drawn: scale * np.einsum("ij,ij->j", weights @ drawn[0], weights @ drawn[1])

    value = float(statistic(weights)(columns[:, :, None])[0])
    mean, variance = moments.of_pairs(columns[0], columns[1], (weights.T @ weights).tocsr())
    p_value = shuffled_p(
        columns,
        statistic(found.links.near),
        value,
        permutations=permutations,
        alternative=alternative,
        rng=rng,
    )
    return result(found, "lee_l", (value, scale * mean, scale**2 * variance), float(p_value), permutations, alternative)


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

    Source: Geary (1954), The Incorporated Statistician 5(3), 115–146.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(geary(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 3/12 · 6/5
    0.3
    """
    require_arguments(
        values=("series", values), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
    require(permutations=permutations)
    found = align(graph, values)
    z = found.columns[0] - found.columns[0].mean()
    scale = (found.n - 1) / (2 * found.weights.sum() * (z @ z))

    def statistic(half: sparse.csr_array) -> Callable[[Numbers], Numbers]:
        ends = np.asarray(half.sum(axis=0)).ravel() + np.asarray(half.sum(axis=1)).ravel()
        return lambda drawn: scale * (ends @ drawn[0] ** 2 - 2 * products(half, drawn[0]))

    value = float(statistic(found.links.half)(z[None, :, None])[0])
    expected, variance = moments.of_geary(z, found.weights)
    p_value = shuffled_p(
        z[None],
        statistic(found.links.near_half),
        value,
        permutations=permutations,
        alternative=alternative,
        rng=rng,
    )
    return result(found, "geary", (value, expected, variance), float(p_value), permutations, alternative)


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

    Source: Getis and Ord (1992), Geographical Analysis 24(3), 189–206.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> round(getis_ord_g(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row, rng=1).value, 4)   # 40/70
    0.5714
    """
    require_arguments(
        values=("series", values), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
    require(permutations=permutations)
    found = align(graph, values)
    column = found.columns[0]
    if (column < 0).any():
        raise LayerError(problem("autocorrelation_negative", found.ids[column < 0], name=name(values)))
    if np.count_nonzero(column) < 2:
        raise LayerError(problem("autocorrelation_one_positive", found.ids[column > 0], name=name(values)))
    pairs = column.sum() ** 2 - column @ column
    told, p_value = _of_products(found, column, 1 / pairs, permutations, alternative, rng)
    return result(found, "getis_ord_g", told, p_value, permutations, alternative)


def products(half: sparse.csr_array, drawn: Numbers) -> Numbers:
    """Σᵢⱼ wᵢⱼ xᵢ xⱼ for every column x of `drawn`, from the `half` of the weights."""
    sums: Numbers = np.einsum("ij,ij->j", half @ drawn, drawn)
    return sums


def _moran(found: Aligned, statistic: str, permutations: int, alternative: Alternative, rng: Seed) -> Autocorrelation:
    z = found.columns[0] - found.columns[0].mean()
    scale = float(found.n / found.weights.sum() / (z @ z))
    (value, _, variance), p_value = _of_products(found, z, scale, permutations, alternative, rng)
    return result(found, statistic, (value, -1 / (found.n - 1), variance), p_value, permutations, alternative)


def _of_products(
    found: Aligned, x: Numbers, scale: float, permutations: int, alternative: Alternative, rng: Seed
) -> tuple[tuple[float, float, float], float]:
    """`scale` · Σᵢⱼ wᵢⱼ xᵢ xⱼ with its expectation and variance, and its permutation test."""
    half = found.links.near_half

    def statistic(drawn: Numbers) -> Numbers:
        return scale * products(half, drawn[0])

    value = scale * float(products(found.links.half, x[:, None])[0])
    expected, variance = moments.of_products(x, found.weights)
    p_value = shuffled_p(x[None], statistic, value, permutations=permutations, alternative=alternative, rng=rng)
    return (value, scale * expected, scale**2 * variance), float(p_value)
