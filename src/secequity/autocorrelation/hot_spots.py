"""Around which neighbourhoods high or low values gather (local G); which resemble their neighbours (local Geary)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity.autocorrelation.alignment import align, require, standard
from secequity.autocorrelation.clusters import LocalAutocorrelation, kinds, local_result
from secequity.autocorrelation.draws import TOLERANCE
from secequity.autocorrelation.links import Numbers
from secequity.autocorrelation.references import affordable, conditional_p_of_differences, local_p
from secequity.autocorrelation.shuffles import Seed
from secequity.checks import require_arguments


def local_g(
    values: pd.Series,
    graph: Graph,
    *,
    star: bool = True,
    permutations: int = 9999,
    fdr: float = 0.05,
    rng: Seed = None,
) -> LocalAutocorrelation:
    """Local G: around which neighbourhoods do high values gather, and around which low ones?

    Gᵢ = (Σⱼ wᵢⱼ xⱼ − Wᵢ x̄)/(s √((n Σⱼ wᵢⱼ² − Wᵢ²)/(n − 1))), a standard score. With `star` the neighbourhood counts
    among its own neighbours, with the largest weight of its row; without it x̄ and s are those of the n − 1 others.
    Tests as in `local_moran`; the neighbourhood's own value stays.

    Parameters
    ----------
    values, graph, permutations, fdr, rng : as `local_moran`.
    star : the neighbourhood itself counts (Gᵢ*).

    Returns
    -------
    LocalAutocorrelation whose words are HH (high values gather here) and LL (low ones).

    Raises
    ------
    As `moran`.

    Source: Ord and Getis (1995), Geographical Analysis 27(4), 286–306.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6).transform("R")
    >>> local_g(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row).table["value"].round(3).to_dict()
    {'a': -1.549, 'b': -1.342, 'c': 1.342, 'd': 1.549}
    """
    require_arguments(
        values=("series", values),
        graph=("graph", graph),
        star=("flag", star),
        permutations=("whole", permutations),
        fdr=("number", fdr),
        rng=("rng", rng),
    )
    require(permutations=permutations, fdr=fdr)
    found = align(graph, values)
    z = standard(found.columns[0])
    p, used = local_p(z, found.links, permutations=permutations, fdr=fdr, rng=np.random.default_rng(rng))
    value = _score(z, found.weights, star)
    return local_result("local_g", found, value, p, kinds(value > 0, value > 0), permutations=used, fdr=fdr)


def local_geary(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    fdr: float = 0.05,
    rng: Seed = None,
) -> LocalAutocorrelation:
    """Local Geary: which neighbourhoods resemble each of their neighbours, or differ from them, more than by chance?

    cᵢ = Σⱼ wᵢⱼ (zᵢ − zⱼ)², z in standard deviations from the mean. Each neighbourhood keeps its value while those of
    all others are shuffled; then cᵢ has the mean Wᵢ · n (zᵢ² + 1)/(n − 1). Tests as in `local_moran`.

    Parameters
    ----------
    values, graph, fdr, rng : as `local_moran`.
    permutations : as `local_moran` where the weights of a row differ.

    Returns
    -------
    LocalAutocorrelation. Below its mean the neighbourhood is like its surroundings: HH where both together lie above
    the mean of the city, LL where below. Above it differs from them: HL where it is the higher one, else LH.

    Raises
    ------
    As `moran`.

    Source: Anselin (1995), Geographical Analysis 27(2), 93–115; Anselin (2019), Geographical Analysis 51(2), 133–150.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6).transform("R")
    >>> found = local_geary(pd.Series([1.0, 2.0, 3.0, 9.0], index=list("abcd")), row).table
    >>> found["value"].round(3).to_dict(), found.loc["a", "quadrant"]                       # (1 − 2)²/9.6875
    ({'a': 0.103, 'b': 0.103, 'c': 1.91, 'd': 3.716}, 'LL')
    """
    require_arguments(
        values=("series", values),
        graph=("graph", graph),
        permutations=("whole", permutations),
        fdr=("number", fdr),
        rng=("rng", rng),
    )
    require(permutations=permutations, fdr=fdr)
    found = align(graph, values)
    z = standard(found.columns[0])
    total, lag = np.asarray(found.weights.sum(axis=1)).ravel(), found.weights @ z
    value = total * z**2 - 2 * z * lag + found.weights @ z**2
    used = affordable(permutations, found.links, fdr=fdr, differences=True)
    p = conditional_p_of_differences(z, found.links, permutations=used, rng=np.random.default_rng(rng))
    alike = value <= total * found.n * (z**2 + 1) / (found.n - 1)
    kind = np.where(alike, kinds(total * z + lag > 0, total * z + lag > 0), kinds(total * z > lag, total * z <= lag))
    return local_result("local_geary", found, value, p, kind, permutations=used, fdr=fdr)


def _score(z: Numbers, weights: sparse.csr_array, star: bool) -> Numbers:
    n, linked = len(z), np.diff(weights.indptr) > 0
    own = np.zeros(n)
    if star:
        own[linked] = np.maximum.reduceat(weights.data, weights.indptr[:-1][linked])
    total = np.asarray(weights.sum(axis=1)).ravel() + own
    squares = np.asarray(weights.power(2).sum(axis=1)).ravel() + own**2
    mean, variance, others = np.zeros(n), np.ones(n), n
    if not star:
        others = n - 1
        mean = -z / others
        variance = np.maximum((n - z**2) / others - mean**2, 0.0)
    spread = np.sqrt(variance * np.maximum(others * squares - total**2, 0.0) / (others - 1))
    possible = spread > TOLERANCE * total
    score = np.zeros(n)
    np.divide(weights @ z + own * z - total * mean, spread, out=score, where=possible)
    return score
