"""Coverage against the distance to the plaza: fits against other implementations, tests, intervals, the curve."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import optimize, stats
from shapely import Point, box

from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.gaps import distance_to, gradient, gradient_each
from secequity.inference import bootstrap
from secequity.results import GRADIENT, GRADIENT_CURVE

IDS = [f"n{at:03}" for at in range(100)]


@pytest.fixture
def city() -> tuple[pd.Series, pd.Series, pd.Series]:
    rng = np.random.default_rng(6)
    metres = pd.Series(rng.uniform(0, 6000, 100), index=IDS, name="distance_m")
    rate = pd.Series(rng.gamma(1.0, 4.0, 100) * np.exp(-0.3 * metres.to_numpy() / 1000), index=IDS, name="x")
    rate.iloc[::7] = 0.0
    return rate, metres, pd.Series(rng.integers(200, 3000, 100), index=IDS, name="population")


def poisson(rate: pd.Series, metres: pd.Series, people: pd.Series) -> float:
    """The maximum of the Poisson likelihood by a general optimiser."""
    km = metres / 1000

    def against(beta: np.ndarray) -> float:
        line = beta[0] + beta[1] * km
        return float((people * (np.exp(line) - rate * line)).sum() / people.sum())

    return float(optimize.minimize(against, [0.0, 0.0], method="BFGS", options={"gtol": 1e-9}).x[1])


def test_the_slope_and_the_ratio_agree_with_other_implementations(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    found = gradient(rate, metres, weights=people, replicates=99, permutations=99, rng=1)
    line = np.polyfit(metres / 1000, rate, 1, w=np.sqrt(people))
    assert found.slope.estimate == pytest.approx(line[0])
    assert found.ratio.estimate == pytest.approx(np.exp(poisson(rate, metres, people)), rel=1e-5)


def test_the_rank_correlation_is_spearmans_among_equal_people(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    found = gradient(rate, metres, weights=people * 0 + 1, replicates=99, permutations=99, rng=1)
    assert found.rank_correlation == pytest.approx(stats.spearmanr(rate, metres).statistic)


def test_the_exact_decay_has_its_ratio_and_no_spread() -> None:
    km = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=list("abcde"))
    found = gradient(pd.Series(16 * 0.5**km, name="x"), 1000 * km, weights=pd.Series(7, index=km.index), rng=1)
    assert found.ratio.estimate == pytest.approx(0.5)
    assert found.ratio.reason == "no_spread"
    assert found.slope.estimate == pytest.approx(-3.6)
    assert found.test.p_value == pytest.approx(2 / 120, abs=0.006)


@pytest.mark.parametrize("count", [40, 100])
def test_intervals_hold_the_figure_and_speak(city: tuple[pd.Series, ...], count: int) -> None:
    rate, metres, people = (one.iloc[:count] for one in city)
    found = gradient(rate, metres, weights=people, replicates=499, permutations=199, rng=2)
    assert found.slope.low < found.slope.estimate < found.slope.high
    assert 0 < found.ratio.low < found.ratio.estimate < found.ratio.high
    assert found.slope.method == ("jackknife-t" if count < 60 else "BCa")
    assert found.summary().startswith("x: with each kilometre from the centre it falls by")
    assert "por cada kilómetro que se aleja del centro, baja" in found.summary("es")


def test_intervals_cover_the_true_decay_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    km = pd.Series(rng.uniform(0, 5, 80), index=IDS[:80])
    people = pd.Series(rng.integers(500, 1500, 80), index=km.index)
    runs, covered = 200, 0
    for _ in range(runs):
        rate = pd.Series(rng.gamma(2.0, 0.5, 80), index=km.index) * 5 * 0.8**km
        found = gradient(rate, 1000 * km, weights=people, replicates=399, permutations=1, rng=rng)
        covered += found.ratio.low <= 0.8 <= found.ratio.high
    assert covered / runs > 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs) - 0.02


def test_the_plain_test_is_fooled_by_likeness_and_the_spectral_one_is_not() -> None:
    side, runs = 9, 200
    row, column = np.divmod(np.arange(side**2), side)
    near = np.maximum(np.abs(row[:, None] - row), np.abs(column[:, None] - column)) == 1
    one, other = np.nonzero(near)
    ids = np.array([f"n{at:02}" for at in range(side**2)])
    graph = Graph.from_arrays(ids[one], ids[other], np.ones(len(one))).transform("r")
    rng = np.random.default_rng(5)
    field = np.linalg.solve(np.eye(side**2) - 0.9 * near / near.sum(axis=1)[:, None], rng.normal(size=(side**2, runs)))
    metres = pd.Series(1000 * np.hypot(row - 4, column - 4), index=ids)
    people = pd.Series(1000, index=ids)
    p = np.empty((runs, 2))
    for run in range(runs):
        values = pd.Series(field[:, run], index=ids)
        found = gradient(values, metres, weights=people, graph=graph, replicates=1, permutations=199, rng=rng)
        p[run] = found.test.p_value, found.spectral.p_value
    assert (p[:, 0] <= 0.05).mean() > 0.15
    assert (p[:, 1] <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_the_curve_has_rings_of_about_as_many_people(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    curve = gradient(rate, metres, weights=people, bins=5, replicates=99, permutations=99, rng=1).curve
    assert tuple(curve.columns) == GRADIENT_CURVE
    assert curve["people"].sum() == people.sum()
    assert curve["n"].sum() == 100
    assert curve["people"].to_numpy() == pytest.approx(np.full(5, people.sum() / 5), abs=3000)
    assert curve["distance_m"].is_monotonic_increasing
    assert (curve["value"] * curve["people"]).sum() == pytest.approx((rate * people).sum())


def test_missing_values_and_empty_places_leave(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = (one.copy() for one in city)
    rate["n005"], people["n006"] = np.nan, 0
    found = gradient(rate, metres, weights=people, replicates=99, permutations=99, rng=1)
    kept = rate.index.drop(["n005", "n006"])
    again = gradient(rate[kept], metres[kept], weights=people[kept], replicates=99, permutations=99, rng=1)
    assert found.n == 98
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame())


def test_the_order_of_rows_changes_no_digit_and_inputs_stay(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    before = rate.copy()
    first = gradient(rate, metres, weights=people, replicates=99, permutations=99, rng=1)
    again = gradient(
        rate.iloc[::-1], metres.sample(frac=1, random_state=2), weights=people, replicates=99, permutations=99, rng=1
    )
    pd.testing.assert_frame_equal(first.to_frame(), again.to_frame(), check_exact=True)
    pd.testing.assert_series_equal(rate, before)
    assert tuple(first.to_frame().columns) == GRADIENT


def test_what_cannot_be_told_says_why(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    few = gradient(rate.iloc[:3], metres.iloc[:3], weights=people.iloc[:3])
    assert few.reason == "few"
    assert "fewer than four" in few.summary()
    flat = gradient(rate, metres * 0 + 5, weights=people)
    assert flat.reason == "no_distance"
    assert "misma distancia" in flat.summary("es")
    negative = gradient(rate - 1, metres, weights=people, replicates=99, permutations=99, rng=1)
    assert np.isnan(negative.ratio.estimate)
    assert negative.ratio.reason == "undefined"
    assert negative.slope.reason is None


def test_mistakes_are_told(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    with pytest.raises(LayerError, match=r"distance_m.*negative|negative.*distance_m"):
        gradient(rate, -metres, weights=people)
    with pytest.raises(AlignmentError, match="n000"):
        gradient(rate, metres.drop("n000"), weights=people)
    for option in ("bins", "replicates", "permutations"):
        with pytest.raises(ConfigError, match=option):
            gradient(rate, metres, weights=people, **{option: 0})


def test_distances_are_metres_from_the_centroid() -> None:
    frame = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2), box(30, 40, 32, 42)], index=["a", "b"], crs="EPSG:32718")
    assert distance_to(frame, Point(1, 1)).tolist() == [0.0, 50.0]
    with pytest.raises(LayerError, match="degrees"):
        distance_to(frame.to_crs("EPSG:4326"), Point(1, 1))


def test_the_fast_bootstrap_is_the_slow_one(city: tuple[pd.Series, ...]) -> None:
    """The slope of every resample by polyfit, from the same rows."""
    rate, metres, people = city
    found = gradient(rate, metres, weights=people, replicates=299, permutations=1, rng=9).slope
    table = pd.DataFrame({"x": rate, "km": metres / 1000, "people": people})
    slow = bootstrap(
        lambda drawn: np.polyfit(drawn["km"], drawn["x"], 1, w=np.sqrt(drawn["people"]))[0],
        table,
        replicates=299,
        rng=np.random.default_rng(np.random.default_rng(9).integers(2**63, size=3)[0]),
    )
    assert (found.low, found.high) == pytest.approx((slow.low, slow.high))


def test_many_measures_have_the_digits_of_each_alone(city: tuple[pd.Series, ...]) -> None:
    rate, metres, people = city
    every = [rate, rate.where(rate.index != "n007").rename("holed"), (rate**2).rename("square"), 0 * rate - 1]
    options = {"weights": people, "replicates": 99, "permutations": 199, "rng": 3}
    for one, together in zip(every, gradient_each(every, metres, **options), strict=True):
        alone = gradient(one, metres, **options)
        pd.testing.assert_frame_equal(together.to_frame(), alone.to_frame(), check_exact=True)
        pd.testing.assert_frame_equal(together.curve, alone.curve)
