"""The gap's tests and intervals: by hand, against the slow way, by simulation, and in the words of the findings."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

from secequity.findings import headline
from secequity.gaps import compare_each, compare_zones, gradient
from secequity.gaps.compare import FEW
from secequity.inference import bootstrap_each, jackknife, permutation_test
from secequity.results import GAP_INTERVALS, GAP_TESTS
from small_study import LEAD, study

IDS = [f"n{at:02}" for at in range(60)]


@pytest.fixture
def city() -> tuple[pd.Series, pd.Series, pd.Series]:
    rng = np.random.default_rng(4)
    zones = pd.Series(["centre"] * 30 + ["periphery"] * 30, index=IDS)
    return pd.Series(rng.gamma(2.0, 1.0, 60), index=IDS, name="x"), zones, pd.Series(rng.integers(500, 1500, 60), IDS)


def row_graph(ids: list[str]) -> Graph:
    return Graph.from_arrays([*ids[:-1], *ids[1:]], [*ids[1:], *ids[:-1]], np.ones(2 * len(ids) - 2)).transform("r")


def figures(table: pd.DataFrame) -> tuple[float, float]:
    total = table.groupby("zone")[["amount", "people"]].sum()
    mean = total["amount"] / total["people"]
    return mean["centre"] - mean["periphery"], mean["centre"] / mean["periphery"]


def test_the_fast_bootstrap_is_the_slow_one(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    table = pd.DataFrame({"zone": zones, "amount": rate * people, "people": people})
    found = compare_zones(rate, zones, weights=people, replicates=499, permutations=1, rng=9)
    slow = bootstrap_each(
        figures,
        table,
        names=("difference", "ratio"),
        groups=zones,
        replicates=499,
        rng=np.random.default_rng(np.random.default_rng(9).integers(2**63, size=4)[0]),
    )
    for one, other in zip((found.interval, found.ratio_interval), slow.values(), strict=True):
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_the_fast_test_is_the_slow_one(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    table = pd.DataFrame({"amount": rate * people, "people": people})
    found = compare_zones(rate + 1.0 * (zones == "centre"), zones, weights=people, replicates=99, rng=1).test
    table["amount"] += 1.0 * people.where(zones == "centre", 0)
    slow = permutation_test(
        lambda moved, labels: figures(moved.assign(zone=labels))[0], table, labels=zones, permutations=999, rng=1
    )
    assert slow.p_value < 0.3
    assert found.p_value == pytest.approx(slow.p_value, abs=4 * np.sqrt(2 * slow.p_value / 999))
    assert found.value == pytest.approx(slow.value)


def test_many_measures_have_the_digits_of_each_alone(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    holed = rate.where(rate.index != "n07").rename("holed")
    options = {"weights": people, "graph": row_graph(IDS), "replicates": 99, "permutations": 199, "rng": 3}
    together = compare_each([rate, holed, (rate**2).rename("square")], zones, **options)
    alone = [compare_zones(one, zones, **options) for one in (rate, holed, (rate**2).rename("square"))]
    for one, other in zip(together, alone, strict=True):
        pd.testing.assert_frame_equal(one.to_frame(), other.to_frame(), check_exact=True)
        pd.testing.assert_frame_equal(one.tests, other.tests, check_exact=True)
        pd.testing.assert_frame_equal(one.intervals, other.intervals, check_exact=True)


def test_the_tables_are_the_contract_s(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = compare_zones(rate, zones, weights=people, graph=row_graph(IDS), permutations=199, replicates=99, rng=1)
    assert tuple(found.tests.columns) == GAP_TESTS
    assert found.tests["method"].tolist() == ["label", "cores", "spectral"]
    assert found.tests["p_value"].between(0, 1, inclusive="right").all()
    assert found.to_frame().loc[0, "p_value"] == found.tests.loc[0, "p_value"]
    assert tuple(found.intervals.columns) == GAP_INTERVALS
    assert found.intervals["figure"].tolist() == ["difference", "ratio"]
    plain = compare_zones(rate, zones, weights=people, permutations=199, replicates=99, rng=1)
    assert plain.tests["method"].tolist() == ["label"]
    pd.testing.assert_frame_equal(plain.to_frame(), found.to_frame(), check_exact=True)


def test_a_zone_without_value_has_no_test() -> None:
    rate = pd.Series([1.0, 2.0, np.nan, np.nan], index=list("abcd"), name="x")
    zones = pd.Series(["centre", "centre", "periphery", "periphery"], index=list("abcd"))
    found = compare_zones(rate, zones, weights=pd.Series(10, index=list("abcd")), graph=row_graph(list("abcd")))
    assert found.tests["reason"].tolist() == ["undefined"] * 3
    assert found.tests["p_value"].isna().all()


def test_the_cores_of_a_street_by_hand() -> None:
    """Six houses in a row, the casco the second and third: there are four other pairs of neighbours."""
    ids = list("abcdef")
    rate = pd.Series([1.0, 9.0, 5.0, 2.0, 0.0, 7.0], index=ids, name="x")
    zones = pd.Series(["periphery", "centre", "centre", "periphery", "periphery", "periphery"], index=ids)
    people = pd.Series(1000, index=ids)
    found = compare_zones(rate, zones, weights=people, graph=row_graph(ids)).tests.set_index("method")
    gaps = [(rate.iloc[at : at + 2].mean() - rate.drop(rate.index[at : at + 2]).mean()) for at in range(5)]
    assert found.loc["cores", "exact"]
    assert found.loc["cores", "permutations"] == 5
    assert found.loc["cores", "p_value"] == pytest.approx(min(1, 2 * np.mean(np.array(gaps) >= gaps[1])))


# Intervals


def test_the_jackknife_is_students_t_for_a_mean() -> None:
    data = pd.DataFrame({"x": [1.0, 4.0, 2.0, 8.0, 5.0]}, index=list("abcde"))
    found = jackknife(lambda drawn: drawn["x"].mean(), data, level=0.9)
    low, high = stats.t.interval(0.9, 4, loc=4, scale=stats.sem(data["x"]))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.method == "jackknife-t"


def test_the_jackknife_is_welchs_t_for_a_difference() -> None:
    one, other = np.array([1.0, 4.0, 2.0]), np.array([8.0, 5.0, 9.0, 6.0, 6.5])
    data = pd.DataFrame({"x": np.append(one, other)}, index=list("abcdefgh"))
    groups = pd.Series(["a"] * 3 + ["b"] * 5, index=data.index)
    figure = jackknife(
        lambda drawn: drawn.loc[drawn["g"] == "a", "x"].mean() - drawn.loc[drawn["g"] == "b", "x"].mean(),
        data.assign(g=groups),
        groups=groups,
    )
    peer = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert (figure.low, figure.high) == pytest.approx((peer.low, peer.high))


def test_a_jackknifed_ratio_never_reaches_zero(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = (one.iloc[25:35] for one in city)
    found = compare_zones(rate, zones, weights=people, permutations=1, rng=1)
    assert found.ratio_interval.method == "jackknife-t"
    assert 0 < found.ratio_interval.low < found.gap.ratio < found.ratio_interval.high
    product = found.ratio_interval.low * found.ratio_interval.high
    assert product == pytest.approx(found.gap.ratio**2)


@pytest.mark.parametrize("n", [3, 8, 20])
def test_intervals_of_few_neighbourhoods_cover_the_truth_as_often_as_they_say(n: int) -> None:
    rng = np.random.default_rng(21)
    ids = [f"n{at:02}" for at in range(2 * n)]
    zones = pd.Series(["centre"] * n + ["periphery"] * n, index=ids)
    assert n < FEW
    runs, covered = 250, {"difference": 0, "ratio": 0}
    for _ in range(runs):
        rate = pd.Series(rng.gamma(2.0, 0.5, 2 * n), index=ids) * np.where(zones == "centre", 1.5, 1.0)
        people = pd.Series(rng.integers(500, 1500, 2 * n), index=ids)
        found = compare_zones(rate, zones, weights=people, permutations=1, rng=rng)
        covered["difference"] += found.interval.low <= 0.5 <= found.interval.high
        covered["ratio"] += found.ratio_interval.low <= 1.5 <= found.ratio_interval.high
    for share in covered.values():
        assert share / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_exact_arrangements_of_the_smaller_zone() -> None:
    ids = list("abcdefg")
    rate = pd.Series([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0], index=ids, name="x")
    zones = pd.Series(["centre"] * 5 + ["periphery"] * 2, index=ids)
    people = pd.Series([1, 2, 3, 4, 5, 6, 7], index=ids)
    differences = []
    for rows in combinations(ids, 2):
        rest = [one for one in ids if one not in rows]
        part = list(rows)
        differences.append(
            (rate * people)[rest].sum() / people[rest].sum() - (rate * people)[part].sum() / people[part].sum()
        )
    found = compare_zones(rate, zones, weights=people, permutations=21)
    reference = np.array(differences)
    at_least = (reference >= found.gap.difference - 1e-9).mean()
    at_most = (reference <= found.gap.difference + 1e-9).mean()
    assert found.test.p_value == pytest.approx(min(1, 2 * min(at_least, at_most)))
    assert found.test.value == pytest.approx(found.gap.difference)


# Words


@pytest.mark.parametrize(
    ("spectral", "cores", "said"),
    [
        (0.01, 0.2, "aun teniendo en cuenta que las áreas vecinas se parecen"),
        (0.2, 0.01, "aun teniendo en cuenta que las áreas vecinas se parecen"),
        (0.04, 0.04, "al tenerlo en cuenta, no se puede descartar el azar"),
        (0.2, 0.03, "al tenerlo en cuenta, no se puede descartar el azar"),
        (np.nan, 0.2, "no se puede descartar el azar"),
        (np.nan, 0.01, "aun teniendo en cuenta"),
        (np.nan, np.nan, "eso hace la prueba menos segura"),
    ],
)
def test_the_headline_goes_by_the_test_that_allows_for_neighbours(spectral: float, cores: float, said: str) -> None:
    rows = [(LEAD, "label", 0.03, 999, False, None), (LEAD, "cores", cores, 999, False, None)]
    tests = pd.DataFrame([*rows, (LEAD, "spectral", spectral, 999, False, None)], columns=list(GAP_TESTS))
    tables = replace(study(), more={"gap_tests": tests})
    assert said in headline(tables, "es")
    assert "{" not in headline(tables, "en")


def test_too_few_cores_decide_nothing() -> None:
    rows = [(LEAD, "label", 0.03, 999, False, None), (LEAD, "cores", 0.4, 4, False, None)]
    tables = replace(study(), more={"gap_tests": pd.DataFrame(rows, columns=list(GAP_TESTS))})
    assert "less sure" in headline(tables, "en")


def test_in_a_large_city_the_jackknife_says_what_the_bootstrap_says(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    ids = [f"n{at:04}" for at in range(4000)]
    zones = pd.Series(np.where(rng.random(4000) < 0.3, "centre", "periphery"), index=ids)
    people = pd.Series(rng.integers(100, 3000, 4000), index=ids)
    rate = pd.Series(rng.gamma(0.7, 3.0, 4000), index=ids, name="x")
    metres = pd.Series(rng.uniform(0, 9000, 4000), index=ids)
    options = {"weights": people, "replicates": 4999, "permutations": 1, "rng": 1}
    drawn, slope = compare_zones(rate, zones, **options), gradient(rate, metres, **options)
    monkeypatch.setattr("secequity.inference.intervals.MANY", 3999)
    told, line = compare_zones(rate, zones, **options), gradient(rate, metres, **options)
    pairs = [(drawn.interval, told.interval), (drawn.ratio_interval, told.ratio_interval)]
    for one, other in [*pairs, (slope.slope, line.slope), (slope.ratio, line.ratio)]:
        assert (one.method, other.method) == ("BCa", "jackknife-t")
        assert other.estimate == pytest.approx(one.estimate)
        assert [other.low, other.high] == pytest.approx([one.low, one.high], abs=0.06 * (one.high - one.low))


def test_where_a_few_posts_are_all_there_is_a_large_city_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine posts in 4,000 places: the jackknife would go below zero where no resample does."""
    monkeypatch.setattr("secequity.inference.intervals.MANY", 3999)
    ids = [f"n{at:04}" for at in range(4000)]
    zones = pd.Series(np.where(np.arange(4000) % 4 == 0, "centre", "periphery"), index=ids)
    posts = pd.Series(0.0, index=ids, name="x")
    posts.iloc[:24:4], posts.iloc[1:13:4] = 30.0, 5.0
    everywhere = pd.Series(np.arange(4000.0) + 1, index=ids, name="everywhere")
    options = {"weights": pd.Series(1000, index=ids), "replicates": 999, "permutations": 1, "rng": 1}
    found = compare_each([posts, everywhere], zones, **options)
    assert [one.interval.method for one in found] == ["BCa", "jackknife-t"]
    pd.testing.assert_frame_equal(found[0].intervals, compare_zones(posts, zones, **options).intervals)
    metres = pd.Series(np.arange(4000.0), index=ids)
    assert gradient(posts, metres, **options).slope.method == "BCa"
