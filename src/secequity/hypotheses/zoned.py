"""One comparison of the zones: a total over a base (people, need, activities, hours), with interval, test and power."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph

from secequity import autocorrelation, gaps
from secequity.errors import LayerError
from secequity.hypotheses.claim import NAN, Part, settled
from secequity.hypotheses.power import MULTIPLES, FloatArray, Power, power_of
from secequity.words import Zone

MOST_ALIKE = 0.9
"""Neighbours are taken to resemble each other at most so much when power is simulated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """What is compared and how.

    blank : the part to fill in, with its name, quantity (`ratio` or `difference`), level and what it is about.
    per : so many units of the base a rate is told for. more : the zone that the claim says has more.
    smallest : the least ratio or difference that matters. graph : for the test that respects space.
    """

    blank: Part
    zones: pd.Series
    more: Zone
    smallest: float
    replicates: int
    permutations: int
    graph: Graph | None = None
    per: float = 1.0

    def part(
        self,
        amount: pd.Series,
        base: pd.Series,
        *,
        rng: np.random.Generator,
        compared: gaps.GapWithUncertainty | None = None,
    ) -> Part:
        """The zones' rates, how far they are apart, and the verdict; amount and base by neighbourhood id.

        compared : the comparison of the rates, where it has been made already.
        """
        amount, base = amount.sort_index(), base.sort_index()
        values = (self.per * amount / base.where(base > 0)).rename(self.blank.part)
        known = values.notna() & self.zones.reindex(values.index).notna()
        sizes = {zone: int((known & (self.zones == zone)).sum()) for zone in ("centre", "periphery")}
        told = replace(self.blank, n=sum(sizes.values()), n_centre=sizes["centre"], n_periphery=sizes["periphery"])
        if not min(sizes.values()):
            return replace(told, reason="zone_empty")
        found = (
            compared
            if compared is not None
            else gaps.compare_zones(
                values,
                self.zones,
                weights=base,
                graph=self.graph,
                level=told.level,
                replicates=self.replicates,
                permutations=self.permutations,
                rng=rng,
            )
        )
        told = replace(told, centre=found.gap.centre, periphery=found.gap.periphery)
        if self.blank.quantity == "ratio":
            bounds = (found.ratio_interval.low, found.ratio_interval.high)
            told = replace(told, value=found.gap.ratio, low=bounds[0], high=bounds[1])
        else:
            sign = 1 if self.more == "centre" else -1
            bounds = (found.interval.low, found.interval.high)
            low, high = bounds if sign > 0 else (-bounds[1], -bounds[0])
            told = replace(told, value=sign * found.gap.difference, low=low, high=high)
        p_value, test = self._test(found)
        told = replace(told, p_value=p_value, test=test)
        return settled(told, smallest=self.smallest, power=lambda: self._power(values[known], base[known], rng))

    def _test(self, found: gaps.GapWithUncertainty) -> tuple[float, str]:
        """The p value that the claim rests on, and its test: of a gap, what `gaps.deciding_p` makes of its tests."""
        p_value = gaps.deciding_p(found.tests, alpha=1 - self.blank.level)
        if p_value == p_value:
            return p_value, "spatial"
        p_value = found.test.p_value
        return (p_value, "label") if p_value == p_value else (NAN, "")

    def _power(self, values: pd.Series, base: pd.Series, rng: np.random.Generator) -> Power:
        """Cities drawn from all the neighbourhoods alike, the effect put on those drawn for the zone with more."""
        order = values.index.sort_values()
        values, base = values[order], base[order]
        amounts, bases = (values * base).to_numpy(dtype=np.float64), base.to_numpy(dtype=np.float64)
        favoured = (self.zones.reindex(order) == self.more).to_numpy()
        kept = self._independent(values, favoured)
        counts = (favoured.sum() * kept, (~favoured).sum() * kept)
        ratio = self.blank.quantity == "ratio"

        def draw(effect: float, size: float, many: int, rng: np.random.Generator) -> FloatArray:
            rates: list[FloatArray] = []
            for count in counts:
                rows = rng.integers(len(order), size=(many, max(1, round(count * size))))
                rates.append(amounts[rows].sum(axis=1) / bases[rows].sum(axis=1))
            apart: FloatArray = (rates[0] * effect if ratio else rates[0] + effect) - rates[1]
            return apart

        null = 1.0 if ratio else 0.0
        effects = [self.smallest**one if ratio else self.smallest * one for one in MULTIPLES]
        n = len(order)
        return power_of(draw, n=n, null=null, effects=effects, alpha=1 - self.blank.level, rng=rng)

    def _independent(self, values: pd.Series, favoured: npt.NDArray[np.bool_]) -> float:
        """The share of neighbourhoods that count as independent: (1 − I)/(1 + I), I the zones' inner Moran.

        Source: Cressie (1993), Statistics for Spatial Data, sect. 1.3, for a series; here as a rule of thumb.
        """
        if self.graph is None:
            return 1.0
        inner = values - values.groupby(favoured).transform("mean")
        everywhere = inner.reindex(self.graph.unique_ids)
        try:
            alike = autocorrelation.moran(everywhere, self.graph, permutations=1, rng=0).value
        except LayerError:
            return 1.0
        alike = float(np.clip(alike, 0.0, MOST_ALIKE))
        return (1 - alike) / (1 + alike)
