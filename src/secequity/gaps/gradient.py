"""How coverage falls, or rises, with the distance to the plaza: the gap without any line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.checks import Findings, align, require_arguments, require_metres
from secequity.equity._people import check, label, midranks, numbers
from secequity.errors import LayerError
from secequity.gaps.places import spectral_test
from secequity.inference import FloatArray, Interval, PermutationTest, Rng, Rows, SpatialTest
from secequity.inference.drawing import WORKERS, at_least_one, between_0_and_1, blocks, p_value
from secequity.inference.intervals import jackknife_t
from secequity.inference.space import LARGEST, links_of, untold
from secequity.inference.spectral import spectrum
from secequity.inference.totals import bootstrap_of_totals
from secequity.results import GRADIENT, GRADIENT_CURVE, Shown
from secequity.texts import text

if TYPE_CHECKING:
    from libpysal.graph import Graph

FEW = 60
"""Neighbourhoods below which the intervals are the jackknife's."""

LEAST = 4
_STEPS = 30
_ROUNDING = 1e-12


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
    (the ratio by one step of Newton from the fit), or the jackknife-t with fewer than 60. Tests are of the slope.

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
    for option, value in (("replicates", replicates), ("permutations", permutations), ("bins", bins)):
        at_least_one(value, option=option)
    between_0_and_1(level, option="level")
    table = _table(values, distance_m, weights)
    line = _Line(table)
    curve = _curve(table, label(values, "values"), bins)
    about: dict[str, Any] = {"measure": label(values, "values"), "curve": curve, "n": len(table)}
    reason = "few" if len(table) < LEAST else "no_distance" if line.flat else None
    if reason:
        nothing = Interval(
            estimate=np.nan, low=np.nan, high=np.nan, level=level, method="BCa", replicates=0, reason="undefined"
        )
        test = PermutationTest(value=np.nan, p_value=np.nan, permutations=0, exact=False, alternative="two-sided")
        return Gradient(
            slope=nothing,
            ratio=nothing,
            rank_correlation=np.nan,
            test=test,
            spectral=None if graph is None else untold("spectral"),
            reason=reason,
            **about,
        )
    seeds = np.random.default_rng(rng).integers(2**63, size=3)
    slope, ratio = line.intervals(level, replicates, np.random.default_rng(seeds[0]))
    return Gradient(
        slope=slope,
        ratio=ratio,
        rank_correlation=_rank_correlation(table),
        test=line.test(permutations, np.random.default_rng(seeds[1])),
        spectral=None if graph is None else line.spectral(graph, permutations, np.random.default_rng(seeds[2])),
        **about,
    )


class _Line:
    """A weighted straight line and a Poisson rate against distance, ready to be fitted to many cities.

    Sums by row are kept in columns: every figure is a function of their totals.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.people = table["people"].to_numpy(dtype=np.float64)
        self.value = table["value"].to_numpy(dtype=np.float64)
        self.km = table["km"].to_numpy(dtype=np.float64)
        self.share = self.people / self.people.sum()
        self.away = self.km - self.share @ self.km if len(table) else self.km
        self.flat = bool(len(table)) and np.ptp(self.km) <= _ROUNDING * np.abs(self.km).max()
        self.slack = _ROUNDING * float(np.abs(self.value).max(initial=0.0))

    def intervals(self, level: float, replicates: int, rng: np.random.Generator) -> tuple[Interval, Interval]:
        """Intervals of the slope and of the ratio a kilometre."""
        few = len(self.table) < FEW
        log_rate = self._log_rate()
        fitted = self.share * np.exp(np.clip(log_rate[0] + log_rate[1] * self.away, -500, 500))
        score = self.share * self.value - fitted
        self.columns = [self.share, self.share * self.away, self.share * self.away**2, self.share * self.value]
        self.columns += [self.share * self.away * self.value, score, score * self.away]
        self.columns += [fitted, fitted * self.away, fitted * self.away**2]
        self.beta = log_rate[1]
        totals = np.array([column.sum() for column in self.columns])[:, np.newaxis]
        without = self._figures(totals - np.stack(self.columns))
        if few:
            if np.isfinite(self.beta):
                every = np.arange(len(self.km))
                without[1] = [np.exp(self._log_rate(np.delete(every, at))[1]) for at in every]
            whole = self._figures(totals)[:, 0]
            slope = jackknife_t(float(whole[0]), [without[0]], level=level, tolerance=self.slack)
            return slope, jackknife_t(float(whole[1]), [without[1]], level=level, scale="log")
        found = bootstrap_of_totals(
            lambda totals: self._figures(totals[0]),
            pd.DataFrame(dict(enumerate(self.columns)), index=self.table.index),
            names=("slope", "ratio"),
            replicates=replicates,
            level=level,
            left_out=without,
            tolerance=(self.slack, 0.0),
            rng=rng,
        )
        return found["slope"], found["ratio"]

    def test(self, permutations: int, rng: np.random.Generator) -> PermutationTest:
        """The distances dealt out at random over the neighbourhoods, value and people moving together."""
        observed = float(self._slope(self.km))

        def draw(generator: np.random.Generator, count: int) -> FloatArray:
            return self._slope(generator.permuted(np.tile(self.km, (count, 1)), axis=1))

        found = blocks(draw, replicates=permutations, width=len(self.km), rng=rng, workers=WORKERS)
        reference = np.concatenate(list(found))
        p = p_value(reference, observed, exact=False, alternative="two-sided", tolerance=self.slack)
        return PermutationTest(
            value=observed, p_value=p, permutations=permutations, exact=False, alternative="two-sided"
        )

    def spectral(self, graph: Graph, permutations: int, rng: np.random.Generator) -> SpatialTest:
        """Values that resemble their neighbours as much as these, at the same distances."""
        links = links_of(graph, self.table.index)
        if not links.nnz or len(self.km) > LARGEST:
            return untold("spectral", reason="too_many" if links.nnz else "no_links")
        contrast = self.share * self.away / (self.share @ self.away**2)
        return spectral_test(
            spectrum(links), self.value, contrast, self.people, permutations=permutations, tolerance=self.slack, rng=rng
        )

    def _slope(self, km: FloatArray) -> FloatArray:
        """Slope of the values on distances in another order, (…, n) to (…)."""
        middle = km @ self.share
        spread = (km**2) @ self.share - middle**2
        slope: FloatArray = (km @ (self.share * self.value) - middle * (self.share @ self.value)) / spread
        return slope

    def _figures(self, totals: FloatArray) -> FloatArray:
        """Slope and ratio from the totals of the columns."""
        w, wd, wdd, wx, wdx, score, score_d, fit, fit_d, fit_dd = totals
        spread = w * wdd - wd**2
        slope = (w * wdx - wd * wx) / np.where(spread > 0, spread, np.nan)
        information = fit * fit_dd - fit_d**2
        step = (fit * score_d - fit_d * score) / np.where(information > 0, information, np.nan)
        return np.stack([slope, np.exp(self.beta + step)])

    def _log_rate(self, rows: Rows | None = None) -> FloatArray:
        """Intercept and slope of the log of the rate; nan where a value is negative or only zeros are left."""
        kept = slice(None) if rows is None else rows
        share, value, away = self.share[kept], self.value[kept], self.away[kept]
        total = float(share @ value)
        if (value < 0).any() or total <= 0 or np.ptp(away[value > 0]) == 0:
            return np.array([np.nan, np.nan])
        found = np.array([np.log(total / share.sum()), 0.0])
        for _ in range(_STEPS):
            fitted = share * np.exp(np.clip(found[0] + found[1] * away, -500, 500))
            score = share * value - fitted
            information = np.array([[fitted.sum(), fitted @ away], [fitted @ away, fitted @ away**2]])
            step = np.linalg.solve(information, [score.sum(), score @ away])
            found += np.clip(step, -5, 5)
            if np.abs(step).max() < 1e-12:
                break
        return found


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
    return float(share @ (ranks[0] * ranks[1]) / np.sqrt(spread[0] * spread[1])) if min(spread) > _ROUNDING else np.nan


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
