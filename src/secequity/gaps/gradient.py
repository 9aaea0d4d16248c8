"""How coverage falls, or rises, with the distance to the plaza: the gap without any line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.checks import Findings, align, require_arguments, require_metres
from secequity.equity._people import check, label, midranks, numbers
from secequity.errors import LayerError
from secequity.gaps.line import FEW, ROUNDING, Line
from secequity.gaps.together import alike
from secequity.inference import FloatArray, Interval, PermutationTest, Rng, SpatialTest
from secequity.inference.drawing import at_least_one, between_0_and_1, blocks, p_value
from secequity.inference.intervals import settled_by_jackknife
from secequity.inference.space import untold
from secequity.inference.totals import bootstrap_of_totals
from secequity.parallel import CORES
from secequity.results import GRADIENT, GRADIENT_CURVE, Shown
from secequity.texts import text

if TYPE_CHECKING:
    from libpysal.graph import Graph


@dataclass(frozen=True, kw_only=True, eq=False)
class Gradient(Shown):
    """How a measure changes with distance, its intervals and its tests.

    slope : of the weighted straight line, in the unit of the measure a kilometre.
    ratio : by how much the measure is multiplied with each kilometre (1: not at all), where it has no negative values.
    rank_correlation : between distance and measure, among people, from −1 to 1.
    test : the distances dealt out at random, as if neighbours did not resemble each other.
    spectral : the test that knows they do; None without a graph.
    curve : columns `GRADIENT_CURVE`, rings of about as many people each, from the nearest to the farthest.
    reason : `few` (fewer than four neighbourhoods), `no_distance` (all equally far), or None.
    """

    measure: str
    slope: Interval
    ratio: Interval
    rank_correlation: float
    test: PermutationTest
    spectral: SpatialTest | None
    curve: pd.DataFrame
    n: int
    reason: str | None = None

    def to_frame(self) -> pd.DataFrame:
        """One row of the table of gradients; `low` and `high` bound the ratio."""
        row = {
            "measure": self.measure,
            "slope_per_km": self.slope.estimate,
            "slope_low": self.slope.low,
            "slope_high": self.slope.high,
            "ratio_per_km": self.ratio.estimate,
            "low": self.ratio.low,
            "high": self.ratio.high,
            "level": self.slope.level,
            "method": self.slope.method,
            "rank_correlation": self.rank_correlation,
            "p_value": self.test.p_value,
            "permutations": self.test.permutations,
            "p_spectral": np.nan if self.spectral is None else self.spectral.p_value,
            "n": self.n,
            "reason": self.reason or self.slope.reason,
        }
        return pd.DataFrame([row], columns=list(GRADIENT))

    def summary(self, language: str = "en") -> str:
        """What each kilometre changes, its interval and its tests."""
        if self.reason:
            return text(f"gaps.gradient.{self.reason}", language)
        slope, ratio = self.slope.estimate, self.ratio.estimate
        word = "falls" if slope < 0 else "rises" if slope > 0 else "level"
        told = text(f"gaps.gradient.{word}", language, measure=self.measure, slope=abs(slope))
        if ratio == ratio:
            told += " " + text("gaps.gradient.ratio", language, ratio=ratio)
        sentences = [told, self.slope.summary(language), self.test.summary(language)]
        return " ".join([*sentences, *([self.spectral.summary(language)] if self.spectral is not None else [])])


def distance_to(neighbourhoods: gpd.GeoDataFrame, point: shapely.Point) -> pd.Series:
    """Metres from the centroid of each neighbourhood to a point in the same CRS, such as the plaza.

    Raises
    ------
    LayerError : the neighbourhoods are not in metres.

    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> row = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2), box(4, 0, 6, 2)], index=["a", "b"], crs="EPSG:32718")
    >>> distance_to(row, Point(1, 1)).tolist()
    [0.0, 4.0]
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), point=("point", point))
    require_metres(neighbourhoods, name="neighbourhoods")
    metres = shapely.distance(shapely.centroid(neighbourhoods.geometry.to_numpy()), point)
    return pd.Series(metres, index=neighbourhoods.index, name="distance_m")


def gradient(
    values: pd.Series,
    distance_m: pd.Series,
    *,
    weights: pd.Series,
    graph: Graph | None = None,
    bins: int = 8,
    level: float = 0.95,
    replicates: int = 9999,
    permutations: int = 9999,
    rng: Rng = None,
) -> Gradient:
    """`values` against the distance to a point, without any line between centre and periphery.

    slope b = Σ w(d − d̄)(x − x̄) / Σ w(d − d̄)²; ratio = exp(β) of the rate x ≈ exp(α + β·d), fitted as a Poisson rate
    among the people w (zeros stay in); rank correlation of x and d among people. Intervals: BCa over neighbourhoods
    (the ratio by one step of Newton from the fit), or the jackknife-t with fewer than 60, or with more
    than 20,000 of which 400 have some. Tests are of the slope.

    Parameters
    ----------
    values : amount per person (or per 1,000, or a share) by neighbourhood id; missing allowed.
    distance_m : metres by neighbourhood id, ≥ 0.
    weights : people by neighbourhood id; may be missing only where the value is.
    graph : who is a neighbour of whom, for the spectral test (up to 2,500 neighbourhoods).
    bins : rings of the curve, ≥ 1.
    level, replicates, permutations, rng : as `compare_zones`.

    Returns
    -------
    Gradient: slope in the unit of the values a kilometre, ratio > 0. The ratio is nan where a value is negative.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : not numbers, not finite, people or distances missing or negative.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: density gradients, Clark (1951), J. R. Stat. Soc. A 114, 490–496; rates as Poisson with a log link,
    McCullagh & Nelder (1989), ch. 6; one step, Davison & Hinkley (1997), ch. 7.

    >>> import pandas as pd
    >>> ids = list("abcde")
    >>> rate = pd.Series([16.0, 8.0, 4.0, 2.0, 1.0], index=ids, name="police_per_1000")
    >>> km = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=ids)
    >>> found = gradient(rate, 1000 * km, weights=pd.Series(1000, index=ids), rng=1)
    >>> round(found.slope.estimate, 3), round(found.ratio.estimate, 3), round(found.test.p_value, 3)
    (-3.6, 0.5, 0.017)
    """
    require_arguments(
        values=("series", values),
        distance_m=("series", distance_m),
        weights=("series", weights),
        graph=("graph or none", graph),
        bins=("whole", bins),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    (found,) = gradient_each(
        [values],
        distance_m,
        weights=weights,
        graph=graph,
        bins=bins,
        level=level,
        replicates=replicates,
        permutations=permutations,
        rng=rng,
    )
    return found


def gradient_each(
    values: list[pd.Series],
    distance_m: pd.Series,
    *,
    weights: pd.Series,
    graph: Graph | None = None,
    bins: int = 8,
    level: float = 0.95,
    replicates: int = 9999,
    permutations: int = 9999,
    rng: Rng = None,
) -> list[Gradient]:
    """`gradient` of many measures, which share their draws where they are known in the same neighbourhoods.

    Each has the digits that `gradient` gives it with the same seed.

    >>> import pandas as pd
    >>> ids = list("abcde")
    >>> km, people = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=ids), pd.Series(1000, index=ids)
    >>> [round(one.slope.estimate, 3) for one in gradient_each([8 - km, 2 * km], 1000 * km, weights=people, rng=1)]
    [-1.0, 2.0]
    """
    require_arguments(
        values=("collection", values),
        distance_m=("series", distance_m),
        weights=("series", weights),
        graph=("graph or none", graph),
        bins=("whole", bins),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    for option, value in (("replicates", replicates), ("permutations", permutations), ("bins", bins)):
        at_least_one(value, option=option)
    between_0_and_1(level, option="level")
    lines = [Line(_table(one, distance_m, weights)) for one in values]
    seeds = np.random.default_rng(rng).integers(2**63, size=3)
    drawn: dict[int, tuple[tuple[Interval, Interval], PermutationTest]] = {}
    for together in alike([one.table for one in lines], [at for at, one in enumerate(lines) if one.reason is None]):
        group = [lines[at] for at in together]
        intervals = _intervals(group, level, replicates, np.random.default_rng(seeds[0]))
        tests = _tests(group, permutations, np.random.default_rng(seeds[1]))
        drawn |= dict(zip(together, zip(intervals, tests, strict=True), strict=True))
    nothing = Interval(
        estimate=np.nan, low=np.nan, high=np.nan, level=level, method="BCa", replicates=0, reason="undefined"
    )
    no_test = PermutationTest(value=np.nan, p_value=np.nan, permutations=0, exact=False, alternative="two-sided")
    found = []
    for at, (one, line) in enumerate(zip(values, lines, strict=True)):
        (slope, ratio), test = drawn.get(at, ((nothing, nothing), no_test))
        spectral = None if graph is None else untold("spectral")
        if graph is not None and line.reason is None:
            spectral = line.spectral(graph, permutations, np.random.default_rng(seeds[2]))
        found.append(
            Gradient(
                measure=label(one, "values"),
                slope=slope,
                ratio=ratio,
                rank_correlation=_rank_correlation(line.table) if line.reason is None else np.nan,
                test=test,
                spectral=spectral,
                curve=_curve(line.table, label(one, "values"), bins),
                n=len(line.table),
                reason=line.reason,
            )
        )
    return found


def _intervals(
    lines: list[Line], level: float, replicates: int, rng: np.random.Generator
) -> list[tuple[Interval, Interval]]:
    """Intervals of the slope and of the ratio a kilometre of each line; all are known in the same neighbourhoods."""
    count = len(lines[0].table)
    plain = [count < FEW or settled_by_jackknife(one.value) for one in lines]
    chosen = [one for one, jackknifed in zip(lines, plain, strict=True) if not jackknifed]
    drawn = iter(_resampled(chosen, level, replicates, rng) if chosen else ())
    return [one.jackknife(level) if jackknifed else next(drawn) for one, jackknifed in zip(lines, plain, strict=True)]


def _resampled(
    lines: list[Line], level: float, replicates: int, rng: np.random.Generator
) -> list[tuple[Interval, Interval]]:
    """The intervals by bootstrap, from the same resamples."""
    width = len(lines[0].columns)
    names = [f"{at}" for at in range(2 * len(lines))]
    found = bootstrap_of_totals(
        lambda totals: np.concatenate(
            [one.figures(totals[0, width * at : width * (at + 1)]) for at, one in enumerate(lines)]
        ),
        [column for one in lines for column in one.columns],
        [np.arange(len(lines[0].table))],
        names=names,
        replicates=replicates,
        level=level,
        left_out=np.concatenate([one.left_out for one in lines]),
        tolerance=[slack for one in lines for slack in (one.slack, 0.0)],
        rng=rng,
    )
    return [(found[names[2 * at]], found[names[2 * at + 1]]) for at in range(len(lines))]


def _tests(lines: list[Line], permutations: int, rng: np.random.Generator) -> list[PermutationTest]:
    """The distances dealt out at random over the neighbourhoods, value and people moving together."""
    km = lines[0].km

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        dealt = generator.permuted(np.tile(km, (count, 1)), axis=1)
        return np.stack([one.slope(dealt) for one in lines])

    found = blocks(draw, replicates=permutations, width=len(km), rng=rng, workers=CORES)
    reference = np.concatenate(list(found), axis=-1)
    tests = []
    for one, drawn in zip(lines, reference, strict=True):
        observed = float(one.slope(km))
        p = p_value(drawn, observed, exact=False, alternative="two-sided", tolerance=one.slack)
        tests.append(
            PermutationTest(value=observed, p_value=p, permutations=permutations, exact=False, alternative="two-sided")
        )
    return tests


def _table(values: pd.Series, distance_m: pd.Series, weights: pd.Series) -> pd.DataFrame:
    """`value`, `people` and `km` of the neighbourhoods with people and a value, in the order of their ids."""
    name = label(values, "values")
    aligned = align(values, values.index, name=name)
    ids = aligned.index
    people = numbers(align(weights, ids, name=label(weights, "weights")))
    metres = numbers(align(distance_m, ids, name=label(distance_m, "distance_m")))
    value = numbers(aligned)
    known = ~np.isnan(value)
    found = Findings()
    check(found, value[known], ids[known], name=name, signed=True)
    check(found, people[known], ids[known], name=label(weights, "weights"))
    check(found, metres[known], ids[known], name=label(distance_m, "distance_m"))
    found.raise_if_any(LayerError)
    table = pd.DataFrame({"value": value, "people": people, "km": metres / 1000}, index=ids)
    return table[known & (people > 0)].sort_index(key=lambda order: order.astype(str))


def _rank_correlation(table: pd.DataFrame) -> float:
    """Spearman's correlation of distance and value, each neighbourhood weighing by its people."""
    share = (table["people"] / table["people"].sum()).to_numpy()
    ranks = [midranks(table[column].to_numpy(), share) - 0.5 for column in ("km", "value")]
    spread = [share @ one**2 for one in ranks]
    return float(share @ (ranks[0] * ranks[1]) / np.sqrt(spread[0] * spread[1])) if min(spread) > ROUNDING else np.nan


def _curve(table: pd.DataFrame, measure: str, bins: int) -> pd.DataFrame:
    """The mean among the people of rings of about as many people each."""
    ordered = table.sort_values("km", kind="stable")
    people = ordered["people"]
    ring = np.minimum((bins * (people.cumsum() - people / 2) / people.sum()).astype(int), bins - 1)
    rows: list[tuple[object, ...]] = []
    for _, part in ordered.groupby(ring):
        held = float(part["people"].sum())
        means = [float((part[column] * part["people"]).sum() / held) for column in ("km", "value")]
        edges = (1000 * part["km"].min(), 1000 * part["km"].max())
        rows.append((measure, len(rows) + 1, *edges, 1000 * means[0], len(part), held, means[1]))
    return pd.DataFrame(rows, columns=list(GRADIENT_CURVE))
