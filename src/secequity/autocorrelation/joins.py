"""Words on a map: do equal ones lie side by side?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity.autocorrelation.alignment import align, name, require
from secequity.autocorrelation.links import Links, Numbers
from secequity.autocorrelation.shuffles import Seed, shuffled_p
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.results import Shown
from secequity.texts import number, text

MOST_LABELS = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class JoinCounts(Shown):
    """How many neighbouring pairs have which words, and the permutation test of each kind of pair.

    table : `first`, `second` the two words of a pair; `joins` how many such pairs there are; `expected` how many chance
        gives on average; `p_value` two-sided. joins : pairs in all. n : neighbourhoods with a word, isolates included.
    """

    table: pd.DataFrame
    joins: float
    permutations: int
    n: int
    isolates: tuple[str, ...]
    missing: tuple[str, ...]

    def of(self, first: str, second: str) -> float:
        """How many pairs have these two words, in either order."""
        either = self.table["first"].isin([first, second]) & self.table["second"].isin([first, second])
        alike = self.table["first"] == self.table["second"]
        return float(self.table.loc[either & (alike == (first == second)), "joins"].sum())

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def summary(self, language: str = "en") -> str:
        """How many of the pairs are alike, against what chance gives."""
        alike = self.table["first"] == self.table["second"]
        return text(
            "autocorrelation.joins",
            language,
            alike=number(float(self.table.loc[alike, "joins"].sum()), 0),
            joins=number(self.joins, 0),
            expected=number(float(self.table.loc[alike, "expected"].sum()), 1),
            n=self.n,
            isolates=len(self.isolates),
            missing=len(self.missing),
        )


def join_counts(
    labels: pd.Series,
    graph: Graph,
    *,
    permutations: int = 9999,
    rng: Seed = None,
) -> JoinCounts:
    """Join counts: of the neighbouring pairs, how many have the same word, and how many two different ones?

    Joins of r with s = ½ Σᵢⱼ wᵢⱼ [i has r, j has s, or the other way round]. Every link counts 1 whatever its weight;
    a link in one direction only is half a join. Chance gives, with nᵣ of n neighbourhoods and J joins in all,
    J nᵣ(nᵣ − 1)/(n(n − 1)) between equal words and 2 J nᵣ nₛ/(n(n − 1)) between different ones. The test permutes the
    words over the neighbourhoods, two-sided as in `moran`.

    Parameters
    ----------
    labels : a word by neighbourhood id, in any order; true and false, or 1 and 0, become B (black) and W (white).
        Neighbourhoods without one are left out and named. At most 12 different words.
    graph, permutations, rng : as `moran`.

    Returns
    -------
    JoinCounts, one row a pair of words: for two of them BB, WW and BW.

    Raises
    ------
    LayerError : one word only, or more than 12; otherwise as `moran`.

    Source: Moran (1948), Journal of the Royal Statistical Society B 10, 243–251; Cliff and Ord (1981), ch. 1.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> found = join_counts(pd.Series([True, True, False, False], index=list("abcd")), row, rng=1)
    >>> found.table[["first", "second", "joins", "expected"]].values.tolist()
    [['B', 'B', 1.0, 0.5], ['W', 'W', 1.0, 0.5], ['B', 'W', 1.0, 2.0]]
    """
    require_arguments(
        labels=("series", labels), graph=("graph", graph), permutations=("whole", permutations), rng=("rng", rng)
    )
    require(permutations=permutations)
    codes, words = _coded(labels)
    found = align(graph, codes)
    count = len(words)
    half = Links(weights=found.links.plain).half / 2
    kinds = [(one, one) for one in range(count)] + [(one, two) for one in range(count) for two in range(one + 1, count)]

    def statistic(drawn: Numbers) -> Numbers:
        has = [(drawn[0] == one).astype(float) for one in range(count)]
        around = [half @ one for one in has]
        return np.stack(
            [
                np.einsum("ij,ij->j", has[one], around[two])
                + (np.einsum("ij,ij->j", has[two], around[one]) if one != two else 0.0)
                for one, two in kinds
            ]
        )

    column = found.columns[0]
    seen, total = statistic(column[None, :, None])[:, 0], float(half.sum())
    size = np.array([(column == one).sum() for one in range(count)], dtype=float)
    pairs = [size[one] * (size[one] - 1) if one == two else 2 * size[one] * size[two] for one, two in kinds]
    p_value = shuffled_p(column[None], statistic, seen, permutations=permutations, alternative="two-sided", rng=rng)
    table = pd.DataFrame(
        {
            "first": [words[one] for one, _ in kinds],
            "second": [words[two] for _, two in kinds],
            "joins": seen,
            "expected": total * np.array(pairs) / (found.n * (found.n - 1)),
            "p_value": p_value,
        }
    )
    return JoinCounts(
        table=table,
        joins=total,
        permutations=permutations,
        n=found.n,
        isolates=found.isolates,
        missing=found.missing,
    )


def _coded(labels: pd.Series) -> tuple[pd.Series, list[str]]:
    """Numbers for the words, missing where there is none, and the words."""
    known = labels.dropna()
    plain = pd.api.types.is_bool_dtype(known.infer_objects()) or pd.api.types.is_numeric_dtype(known)
    if plain and known.isin([0, 1]).all():
        codes = 1.0 - labels.astype("Float64")
        return codes.astype(float), ["B", "W"]
    words = sorted({str(one) for one in known})
    if len(words) > MOST_LABELS:
        raise LayerError(problem("autocorrelation_labels", words, name=name(labels), most=MOST_LABELS))
    place = {one: float(at) for at, one in enumerate(words)}
    return labels.map(lambda one: place[str(one)], na_action="ignore").astype(float), words
