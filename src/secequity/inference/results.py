"""What an interval and a test say: frozen, with a table and a sentence."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pandas as pd

from secequity.results import Shown
from secequity.texts import number, text


@dataclass(frozen=True, kw_only=True, eq=False)
class Interval(Shown):
    """A confidence interval: `low` and `high` are nan where none can be told, and `reason` says why.

    reason : `one_row` (a group has a single neighbourhood), `no_spread` (every resample gives the same figure),
        `one_sided` (the resamples lie so far to one side of the figure that the method finds no bound),
        `undefined` (the figure does not exist, or not in every resample), or None.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: str
    replicates: int
    reason: str | None = None

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The interval in a sentence, or why there is none."""
        if self.reason:
            return text(f"equity.interval.{self.reason}", language)
        return text("equity.interval.summary", language, low=self.low, high=self.high, level=100 * self.level)


@dataclass(frozen=True, kw_only=True, eq=False)
class PermutationTest(Shown):
    """The result of a permutation test; `p_value` is nan where the figure does not exist for every arrangement.

    value : the figure as observed.
    permutations : arrangements compared; all there are when `exact`.
    """

    value: float
    p_value: float
    permutations: int
    exact: bool
    alternative: str

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The p value in a sentence."""
        if self.p_value != self.p_value:
            return text("equity.permutation.undefined", language)
        kind = "exact" if self.exact else "random"
        return text(f"equity.permutation.{kind}", language, p=self.p_label, permutations=self.permutations)

    @property
    def p_label(self) -> str:
        """The p value as it is written in a sentence."""
        return f"p = {number(self.p_value, 3)}" if self.p_value >= 0.001 else f"p < {number(0.001, 3)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class SpatialTest(PermutationTest):
    """The result of a test against cities in which neighbours resemble each other as they do here.

    method : `cores` or `spectral`.
    reason : why there is no p: `too_many` (the city is larger than the method was allowed to take), `no_links` (no
        neighbourhood has a neighbour), `no_spread` (all values are equal), `one_core` (no other contiguous core holds
        about as many people), `undefined` (the figure does not exist for every arrangement), or None.
    """

    method: str
    reason: str | None = None

    def summary(self, language: str = "en") -> str:
        """The p value in a sentence, or why there is none."""
        if self.reason:
            return text(f"inference.space.{self.reason}", language)
        kind = f"inference.{self.method}.{'exact' if self.exact else 'random'}"
        return text(kind, language, p=self.p_label, permutations=self.permutations)
