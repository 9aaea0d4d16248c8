"""Where likeness sits: local Moran and local G, neighbourhood by neighbourhood, after the false-discovery rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse
from scipy.stats import false_discovery_control

from secequity.autocorrelation.alignment import Aligned, Numbers, align, require
from secequity.autocorrelation.references import TOLERANCE, conditional_p, enough
from secequity.results import Shown
from secequity.texts import text

Words = npt.NDArray[np.object_]
Seed = int | np.random.Generator | None


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalAutocorrelation(Shown):
    """One statistic a neighbourhood, its test, and the kind of cluster it belongs to.

    table : by neighbourhood id, in the order of the values: `value` the statistic; `quadrant` HH, LL, HL or LH before
        any test (the neighbourhood high or low, then its surroundings); `p_value` two-sided, missing where there is no
        test; `p_fdr` after Benjamini and Hochberg; `cluster` the quadrant where `p_fdr` ≤ `fdr`, else `ns`. A
        neighbourhood without neighbours is `isolate`, one without a value `missing`, in both columns of words.
    permutations : how many the drawn reference distributions have. fdr : the level. n : neighbourhoods with a value.
    """

    statistic: str
    table: pd.DataFrame
    permutations: int
    fdr: float
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
        """A copy of the table."""
        return self.table.copy()

    def summary(self, language: str = "en") -> str:
        """How many neighbourhoods belong to each kind of cluster."""
        counts = self.table["cluster"].value_counts()
        words = ("HH", "LL", "HL", "LH", "ns", "isolate", "missing")
        return text(
            "autocorrelation.local",
            language,
            statistic=text(f"autocorrelation.{self.statistic}", language),
            fdr=f"{100 * self.fdr:g}",
            **{word: int(counts.get(word, 0)) for word in words},
        )


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
    permutations : at least; more are drawn where the smallest p could not pass the false-discovery rate otherwise.
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
    require(permutations=permutations, fdr=fdr)
    found = align(graph, values)
    z = _standard(found.columns[0])
    lag = found.weights @ z
    used = enough(permutations, tests=int(found.linked.sum()), fdr=fdr)
    p = conditional_p(z, found.weights, permutations=used, rng=np.random.default_rng(rng))
    p[found.linked & (np.abs(z) <= TOLERANCE)] = 1.0
    quadrant = np.where(z > 0, "H", "L").astype(object) + np.where(lag > 0, "H", "L").astype(object)
    value = (found.n - 1) * z * lag / (z @ z)
    return _result("local_moran", values, found, (value, p, quadrant), used, fdr)


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
    require(permutations=permutations, fdr=fdr)
    found = align(graph, values)
    z = _standard(found.columns[0])
    used = enough(permutations, tests=int(found.linked.sum()), fdr=fdr)
    p = conditional_p(z, found.weights, permutations=used, rng=np.random.default_rng(rng))
    value = _score(z, found.weights, star)
    quadrant = np.where(value > 0, "HH", "LL").astype(object)
    return _result("local_g", values, found, (value, p, quadrant), used, fdr)


def _standard(column: Numbers) -> Numbers:
    result: Numbers = (column - column.mean()) / column.std()
    return result


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


def _result(
    statistic: str,
    values: pd.Series,
    found: Aligned,
    columns: tuple[Numbers, Numbers, Words],
    permutations: int,
    fdr: float,
) -> LocalAutocorrelation:
    value, p_value, quadrant = columns
    linked = found.linked
    p_fdr = np.full(found.n, np.nan)
    p_fdr[linked] = false_discovery_control(p_value[linked])
    table = pd.DataFrame(
        {
            "value": np.where(linked, value, np.nan),
            "quadrant": np.where(linked, quadrant, "isolate"),
            "p_value": p_value,
            "p_fdr": p_fdr,
            "cluster": np.where(linked, np.where(p_fdr <= fdr, quadrant, "ns"), "isolate"),
        },
        index=found.ids,
    ).reindex(values.index)
    words = ["quadrant", "cluster"]
    table[words] = table[words].fillna("missing")
    return LocalAutocorrelation(
        statistic=statistic,
        table=table,
        permutations=permutations,
        fdr=fdr,
        n=found.n,
        isolates=found.isolates,
        missing=found.missing,
    )
