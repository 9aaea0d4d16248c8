"""Does the gap hang on where the line was drawn, on what was divided by, on smoothing? The same gap, over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph

from secequity import gaps, rates
from secequity.checks import align, require_metres
from secequity.errors import ConfigError, LayerError, SecEquityError, problem
from secequity.inference import Rng
from secequity.results import SPECIFICATIONS, Shown
from secequity.texts import number, text
from secequity.words import Smoothing

SHARES = (0.5, 0.75, 1.25, 1.5, 2.0)
"""How many people the casco has in the alternative lines, as shares of those in the study's own."""

_FIGURES = ("centre", "periphery", "difference", "ratio", "low", "high", "p_value", "n_centre", "n_periphery")


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecificationCurve(Shown):
    """The gap of one measure in every run.

    table : a row a run, from the lowest ratio to the highest: its casco, denominator, smoothing and weights; the gap as
        `secequity.gaps.compare_zones` tells it; `own`, whether it is the study's own run; `holds`, whether the centre
        has more in it, or less, as in the study's own (missing where a run gives no gap); `reason`, why it gives none.
    alpha : chance can be ruled out below this p.
    repeated : lines left out because they draw the same zones as an earlier one.
    """

    measure: str
    table: pd.DataFrame
    alpha: float
    repeated: tuple[str, ...]

    @property
    def runs(self) -> int:
        """How many runs give a gap that can be compared."""
        return int(self.table["holds"].notna().sum())

    @property
    def same(self) -> int:
        """In how many of them the gap points the same way as in the study's own run."""
        return int((self.table["holds"] == True).sum())  # noqa: E712

    @property
    def sure(self) -> int:
        """In how many of those chance can be ruled out."""
        return int(((self.table["holds"] == True) & (self.table["p_value"] < self.alpha)).sum())  # noqa: E712

    def to_frame(self) -> pd.DataFrame:
        """The table of runs."""
        return self.table

    def summary(self, language: str = "en") -> str:
        """In how many runs the gap holds, what holding means, and how far the ratio moves."""
        return " ".join(self._sentences(language))

    def _sentences(self, language: str) -> Iterator[str]:
        if not self.runs:
            yield text("specifications.none", language, measure=self.measure)
            return
        counts = {"same": self.same, "runs": self.runs, "sure": self.sure, "alpha": number(self.alpha)}
        yield text("specifications.summary", language, measure=self.measure, **counts)
        yield text("specifications.definition", language)
        ratio = self.table["ratio"].dropna()
        own = self.table.loc[self.table["own"], "ratio"]
        if len(ratio) and own.notna().all():
            limits = {"low": float(ratio.min()), "high": float(ratio.max())}
            yield text("specifications.range", language, **limits, own=float(own.iloc[0]))
        if len(self.table) > self.runs:
            yield text("specifications.untold", language, n=len(self.table) - self.runs)


def curve(
    amount: pd.Series,
    *,
    cascos: Mapping[str, pd.Series],
    denominators: Mapping[str, pd.Series],
    smoothing: Sequence[Smoothing] = ("raw", "empirical_bayes"),
    graphs: Mapping[str, Graph] | None = None,
    own: tuple[str, str, Smoothing] | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
    replicates: int = 1999,
    permutations: int = 1999,
    rng: Rng = None,
) -> SpecificationCurve:
    """The gap between the zones over every line × denominator × smoothing (× weights, where smoothing looks at neighbours).

    Each run is one `secequity.gaps.compare_zones` of the amount per 1,000 of the denominator, weighted by it. The run
    *holds* when its difference has the sign of the study's own run. Runs share amounts, so their number is no sample:
    the count says how much the finding hangs on choices, and is no p value.

    Parameters
    ----------
    amount : what is shared out (officers, hours a week), ≥ 0, by neighbourhood id; missing allowed.
    cascos : zones (`centre`, `periphery` or missing) by neighbourhood id, by the name of the line. A line that draws
        the same zones as an earlier one is left out and named in `repeated`.
    denominators : people, adults, street-km, reported crimes …, ≥ 0, by neighbourhood id, by name.
    smoothing : `raw`, `empirical_bayes`, `spatial_empirical_bayes`.
    graphs : for `spatial_empirical_bayes`: who is a neighbour of whom, by the name of the weights.
    own : the study's own casco, denominator and smoothing; the first of each when left out.
    alpha : level of `sure`. level, replicates, permutations : of each run, as in `compare_zones`.
    rng : seed or generator; every run draws anew from its own child, so that another run changes no digit.

    Returns
    -------
    SpecificationCurve. A run that gives no gap (all neighbourhoods in one zone, nobody with a value) stays in the table
    with its reason.

    Raises
    ------
    ConfigError : nothing to run over, an unknown word, no graphs for spatial smoothing, `own` is none of the runs.
    LayerError : a denominator is zero or missing everywhere.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208–1214.

    >>> import pandas as pd
    >>> ids = ["plaza", "mercado", "loma", "quebrada"]
    >>> police = pd.Series([8, 4, 3, 2], index=ids, name="police")
    >>> people = pd.Series([1000, 1000, 2000, 2000], index=ids)
    >>> line = lambda *centre: pd.Series(["centre" if one in centre else "periphery" for one in ids], index=ids)
    >>> found = curve(police, cascos={"official": line("plaza", "mercado"), "narrow": line("plaza")},
    ...               denominators={"population": people}, smoothing=["raw"], rng=1)
    >>> found.table[["casco", "ratio", "holds"]].round(2).values.tolist()       # 6 / 1.25 and 8 / 1.8
    [['narrow', 4.44, True], ['official', 4.8, True]]
    """
    _require(cascos, denominators, smoothing, graphs, alpha=alpha)
    lines, repeated = _distinct(cascos, amount.index)
    chosen = own or (next(iter(lines)), next(iter(denominators)), smoothing[0])
    if chosen[0] not in lines or chosen[1] not in denominators or chosen[2] not in smoothing:
        raise ConfigError(problem("specifications_headline", headline=" × ".join(chosen)))
    seeds = np.random.default_rng(rng).bit_generator.seed_seq
    rows = []
    for divisor, smooth in product(denominators, smoothing):
        for weights, rate in _rates(amount, denominators[divisor], smooth, graphs).items():
            for line, zones in lines.items():
                row: dict[str, object] = dict.fromkeys(SPECIFICATIONS, np.nan)
                row |= {"measure": _name(amount), "casco": line, "denominator": divisor, "smoothing": smooth}
                row |= {"weights": weights, "own": (line, divisor, smooth) == chosen, "reason": None}
                try:
                    found = gaps.compare_zones(
                        rate, zones, weights=denominators[divisor].where(rate.notna()), level=level,
                        replicates=replicates, permutations=permutations, rng=_child(seeds, line, divisor, smooth, weights),
                    ).to_frame()  # fmt: skip
                    row |= {name: found[name].iloc[0] for name in _FIGURES}
                except LayerError as refusal:
                    row["reason"] = refusal.problems[0].code
                rows.append(row)
    return SpecificationCurve(measure=_name(amount), table=_ordered(rows), alpha=alpha, repeated=repeated)
