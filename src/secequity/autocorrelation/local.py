"""Where likeness sits: local Moran of one variable or two, neighbourhood by neighbourhood."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity.autocorrelation.alignment import Aligned, align, require, standard
from secequity.autocorrelation.clusters import LocalAutocorrelation, kinds, local_result
from secequity.autocorrelation.draws import TOLERANCE
from secequity.autocorrelation.links import Numbers
from secequity.autocorrelation.references import local_p
from secequity.autocorrelation.shuffles import Seed
from secequity.checks import require_arguments


def local_moran(
    values: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    fdr: float = 0.05,
    rng: Seed = None,
) -> LocalAutocorrelation:
    """Local Moran: which neighbourhoods sit among their like, or stand out, more than chance would have it?

    Iᵢ = (n − 1) zᵢ Σⱼ wᵢⱼ zⱼ / Σⱼ zⱼ², z = x − x̄. Each neighbourhood keeps its value while those of all others are
    shuffled; p is two-sided. Where there are no more ways to draw the neighbours than `permutations`, all are counted
    and p is exact; otherwise they are drawn. A neighbourhood at the mean has Iᵢ = 0 whatever surrounds it: p = 1.

    Parameters
    ----------
    values : any quantity by neighbourhood id, in any order; missing values are left out of everything, and the weights
        of the others are row-standardised again where the graph was.
    graph : links between the same ids, from `secequity.weights`; used as given.
    permutations : fewer than 9,999 are a quick look, taken as asked. Otherwise more are drawn where the smallest p
        could not pass the false-discovery rate; where the weights of a row differ only in cities of up to some 3,500.
    fdr : expected share of false ones among the clusters, between 0 and 1.
    rng : seed or numpy Generator. The same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    LocalAutocorrelation; isolates and missing have no p and do not count in the false-discovery rate.

    Raises
    ------
    As `moran`.

    Source: Anselin (1995), Geographical Analysis 27(2), 93–115; Benjamini and Hochberg (1995).

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6).transform("R")
    >>> local_moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=list("abcd")), row).table["quadrant"].to_dict()
    {'a': 'LL', 'b': 'LL', 'c': 'HH', 'd': 'HH'}
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
    return _moran("local_moran", found, z, z, permutations=permutations, fdr=fdr, rng=rng)


def local_bivariate_moran(
    x: pd.Series,
    y: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    fdr: float = 0.05,
    rng: Seed = None,
) -> LocalAutocorrelation:
    """Local bivariate Moran: which neighbourhoods with much (or little) of `x` lie among much (or little) of `y`?

    Iᵢ = (n − 1) xᵢ Σⱼ wᵢⱼ yⱼ / √(Σⱼ xⱼ² Σⱼ yⱼ²), both as deviations from their means. Each neighbourhood keeps its
    own `x` and `y` while the `y` of all others are shuffled; tests as in `local_moran`.

    Parameters
    ----------
    x, y : quantities by neighbourhood id, in any order; where one is missing the neighbourhood is left out.
    graph, permutations, fdr, rng : as `local_moran`.

    Returns
    -------
    LocalAutocorrelation whose words say `x` of the neighbourhood, then `y` of its surroundings: `HL` is much of `x`
    beside little of `y`. The table has the order of `x`.

    Raises
    ------
    As `moran`.

    Source: Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation; test of local Moran.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6).transform("R")
    >>> poverty = pd.Series([9.0, 7.0, 2.0, 2.0], index=list("abcd"))
    >>> police = pd.Series([1.0, 1.0, 3.0, 3.0], index=list("abcd"))
    >>> local_bivariate_moran(poverty, police, row).table["quadrant"].to_dict()
    {'a': 'HL', 'b': 'HL', 'c': 'LL', 'd': 'LH'}
    """
    require_arguments(
        x=("series", x),
        y=("series", y),
        graph=("graph", graph),
        permutations=("whole", permutations),
        fdr=("number", fdr),
        rng=("rng", rng),
    )
    require(permutations=permutations, fdr=fdr)
    found = align(graph, x, y)
    own, other = (standard(column) for column in found.columns)
    return _moran("local_bivariate_moran", found, own, other, permutations=permutations, fdr=fdr, rng=rng)


def _moran(
    statistic: str, found: Aligned, own: Numbers, other: Numbers, *, permutations: int, fdr: float, rng: Seed
) -> LocalAutocorrelation:
    lag = found.weights @ other
    p, used = local_p(other, found.links, permutations=permutations, fdr=fdr, rng=np.random.default_rng(rng))
    p[found.linked & (np.abs(own) <= TOLERANCE)] = 1.0
    value = (found.n - 1) / found.n * own * lag
    return local_result(statistic, found, value, p, kinds(own > 0, lag > 0), permutations=used, fdr=fdr)
