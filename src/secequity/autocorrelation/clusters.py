"""What a statistic of each neighbourhood says: its test, the false-discovery rate, the kind of cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from secequity.autocorrelation.alignment import Aligned
from secequity.autocorrelation.links import Flags, Numbers, Positions
from secequity.results import Shown
from secequity.texts import text

WORDS = pd.Index(["LL", "LH", "HL", "HH", "ns", "isolate", "missing"])
"""First the kinds of cluster: the neighbourhood low or high, then its surroundings."""

NS, ISOLATE, MISSING = 4, 5, 6


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


def kinds(high: Flags, around: Flags) -> Positions:
    """Positions in `WORDS`: whether each neighbourhood is `high`, and what is `around` it."""
    return 2 * high.astype(np.intp) + around


def local_result(
    statistic: str,
    found: Aligned,
    value: Numbers,
    p_value: Numbers,
    kind: Positions,
    *,
    permutations: int,
    fdr: float,
) -> LocalAutocorrelation:
    """The finished table, in the order of the values."""
    linked, places = found.linked, found.places
    p_fdr = np.full(found.n, np.nan)
    p_fdr[linked] = false_discovery_control(p_value[linked])
    quadrant = np.where(linked, kind, ISOLATE)
    cluster = np.where(linked & ~(p_fdr <= fdr), NS, quadrant)
    numbers, words = np.full((3, len(found.index)), np.nan), np.full((2, len(found.index)), MISSING)
    for row, column in zip(numbers, (np.where(linked, value, np.nan), p_value, p_fdr), strict=True):
        row[places] = column
    for row, column in zip(words, (quadrant, cluster), strict=True):
        row[places] = column
    columns = {
        "value": numbers[0],
        "quadrant": WORDS[words[0]],
        "p_value": numbers[1],
        "p_fdr": numbers[2],
        "cluster": WORDS[words[1]],
    }
    return LocalAutocorrelation(
        statistic=statistic,
        table=pd.DataFrame(columns, index=found.index),
        permutations=permutations,
        fdr=fdr,
        n=found.n,
        isolates=found.isolates,
        missing=found.missing,
    )
