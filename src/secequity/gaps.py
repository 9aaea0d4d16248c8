"""The gap between the zones with its uncertainty: the measure of `equity` met with the engines of `inference`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.equity.gap import Gap, gap, zone_table
from secequity.inference import Interval, PermutationTest, Rng, bootstrap_each, permutation_test
from secequity.results import GAPS, Shown

FloatArray = npt.NDArray[np.float64]
ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class GapWithUncertainty(Shown):
    """A gap, the intervals of its difference and of its ratio, and the test of the difference.

    gap : the gap as counted.
    interval, ratio_interval : bootstrap over neighbourhoods within zones; missing, with a reason, where unknown.
    test : permutation of the zones over the neighbourhoods.
    """

    gap: Gap
    interval: Interval
    ratio_interval: Interval
    test: PermutationTest

    def to_frame(self) -> pd.DataFrame:
        """One row of the table of gaps; `low` and `high` bound the difference."""
        row = {
            "measure": self.gap.measure,
            "centre": self.gap.centre,
            "periphery": self.gap.periphery,
            "difference": self.gap.difference,
            "ratio": self.gap.ratio,
            "low": self.interval.low,
            "high": self.interval.high,
            "level": self.interval.level,
            "p_value": self.test.p_value,
            "n_centre": self.gap.n_centre,
            "n_periphery": self.gap.n_periphery,
        }
        return pd.DataFrame([row], columns=list(GAPS))

    def summary(self, language: str = "en") -> str:
        """The gap, its interval and its test, a sentence each."""
        return " ".join(one.summary(language) for one in (self.gap, self.interval, self.test))


def compare_zones(
    values: pd.Series,
    zones: pd.Series,
    *,
    weights: pd.Series,
    level: float = 0.95,
    replicates: int = 9999,
    permutations: int = 9999,
    rng: Rng = None,
) -> GapWithUncertainty:
    """The gap between centre and periphery, with a BCa bootstrap interval and a permutation test.

    The bootstrap draws neighbourhoods, value and people together, anew within each zone; the test deals the zones out
    to the neighbourhoods at random. Both take the neighbourhoods as one draw of a process; the staff is counted, not
    sampled. Where neighbours resemble each other the test overstates: read it beside the spatial statistics.

    Parameters
    ----------
    values : amount per person (or per 1,000, or a share) by neighbourhood id; missing allowed.
    zones : `centre`, `periphery` or missing, by neighbourhood id.
    weights : people by neighbourhood id; may be missing only where the value is.
    level : confidence level, between 0 and 1.
    replicates : bootstrap resamples, ≥ 1.
    permutations : arrangements of the test, ≥ 1; all there are where there are no more.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    GapWithUncertainty. No interval where a zone has a single neighbourhood; no test where a zone has none with a value.
    With few neighbourhoods the interval is too narrow: in simulated cities with skewed rates, 95 % intervals held the
    true difference in 82 % of runs with 3 neighbourhoods a zone, 84 % with 5, 92 % with 10 and 93 % with 20.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError, AlignmentError : as `secequity.equity.gap`.

    Source: Efron & Tibshirani (1993), ch. 8 and 14; Phipson & Smyth (2010).

    >>> import pandas as pd
    >>> ids = ["plaza", "loma", "quebrada"]
    >>> rate = pd.Series([4.0, 1.0, 2.0], index=ids, name="police_per_1000")
    >>> zones = pd.Series(["centre", "periphery", "periphery"], index=ids)
    >>> found = compare_zones(rate, zones, weights=pd.Series([1000, 3000, 1000], index=ids))
    >>> found.gap.difference, found.interval.reason, round(found.test.p_value, 3)     # the most extreme of three
    (2.75, 'one_row', 0.667)
    """
    found = gap(values, zones, weights=weights)
    table = zone_table(values, zones, weights=weights)
    table = table[table["zone"].notna() & table["amount"].notna() & (table["people"] > 0)]
    if found.difference != found.difference:
        nothing = Interval(
            estimate=np.nan, low=np.nan, high=np.nan, level=level, method="BCa", replicates=0, reason="undefined"
        )
        untold = PermutationTest(value=np.nan, p_value=np.nan, permutations=0, exact=False, alternative="two-sided")
        return GapWithUncertainty(gap=found, interval=nothing, ratio_interval=nothing, test=untold)
    generator = np.random.default_rng(rng)
    tolerance = ROUNDING * float((table["amount"] / table["people"]).abs().max())
    figures = bootstrap_each(
        _Zones(table).drawn,
        table,
        names=("difference", "ratio"),
        groups=table["zone"],
        replicates=replicates,
        level=level,
        vectorised=True,
        tolerance=tolerance,
        rng=generator,
    )
    test = permutation_test(
        _Zones(table).moved,
        table,
        labels=table["zone"],
        permutations=permutations,
        vectorised=True,
        tolerance=tolerance,
        rng=generator,
    )
    return GapWithUncertainty(gap=found, interval=figures["difference"], ratio_interval=figures["ratio"], test=test)


class _Zones:
    """Amounts and people by row, ready for the many tables a bootstrap or a permutation makes of them."""

    def __init__(self, table: pd.DataFrame) -> None:
        centre = (table["zone"] == "centre").to_numpy()
        self.centre = np.flatnonzero(centre)
        self.amount = table["amount"].to_numpy(dtype=np.float64)
        self.people = table["people"].to_numpy(dtype=np.float64)
        self.by_zone = [column * side for side in (centre, ~centre) for column in (self.amount, self.people)]

    def drawn(self, rows: npt.NDArray[np.intp]) -> FloatArray:
        """Difference and ratio where neighbourhoods keep their zones."""
        amount, people, other_amount, other_people = (np.take(column, rows).sum(axis=-1) for column in self.by_zone)
        centre, periphery = amount / people, other_amount / other_people
        return np.stack([centre - periphery, centre / np.where(periphery == 0, np.nan, periphery)])

    def moved(self, rows: npt.NDArray[np.intp]) -> FloatArray:
        """Difference where neighbourhoods stand in each other's places, and the places keep their zones."""
        inside = rows[..., self.centre]
        amount, people = np.take(self.amount, inside).sum(axis=-1), np.take(self.people, inside).sum(axis=-1)
        difference: FloatArray = amount / people - (self.amount.sum() - amount) / (self.people.sum() - people)
        return difference
