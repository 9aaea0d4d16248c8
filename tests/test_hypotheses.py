"""The four claims on small cities: the rule of the verdict, numbers by hand, and what cannot be told."""

from __future__ import annotations

from itertools import combinations
from math import exp, log
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import box

import secequity as se
from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.hypotheses import logit
from secequity.hypotheses.claim import cannot_tell
from secequity.hypotheses.coverage import coverage_claim
from secequity.hypotheses.panel import Panel, panel_of
from secequity.hypotheses.verdict import combine, judge
from secequity.results import CLAIMS, HYPOTHESES
from secequity.texts import catalogue

NAN = float("nan")
SIXTEEN = [f"n{at:02}" for at in range(16)]
HALVES = pd.Series(["centre"] * 8 + ["periphery"] * 8, index=SIXTEEN)
EVEN = pd.Series(1000.0, index=SIXTEEN)
VERDICTS = ("supported", "not supported", "opposite", "cannot tell")


def told(**changes: Any) -> str:
    known = {"side": 0.3, "p_value": 0.01, "value": 0.3, "high": 0.6, "smallest": 0.1, "power": NAN, "alpha": 0.05}
    return judge(**{**known, **changes})


def street(ids: list[str]) -> Graph:
    links = np.ones(2 * len(ids) - 2)
    return Graph.from_arrays(ids[:-1] + ids[1:], ids[1:] + ids[:-1], links).transform("r")


# The rule


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "supported"),
        ({"side": -0.3}, "opposite"),
        ({"across": True}, "cannot tell"),
        ({"across": True, "side": -0.3}, "cannot tell"),
        ({"p_value": 0.05}, "cannot tell"),
        ({"p_value": 0.5, "high": 0.09}, "not supported"),
        ({"p_value": 0.5, "value": 0.09, "power": 0.8}, "not supported"),
        ({"p_value": 0.5, "value": 0.09, "power": 0.79}, "cannot tell"),
        ({"p_value": 0.5, "power": 1.0}, "cannot tell"),
        ({"p_value": 0.5, "value": NAN, "high": NAN, "power": 1.0}, "cannot tell"),
        ({"p_value": 0.5, "high": NAN, "power": NAN}, "cannot tell"),
        ({"p_value": NAN, "high": 0.0, "power": 1.0}, "cannot tell"),
        ({"side": 0.0}, "cannot tell"),
    ],
)
def test_a_part_is_judged_by_the_rule(changes: dict[str, float], verdict: str) -> None:
    assert told(**changes) == verdict


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=4))
def test_a_claim_holds_only_if_every_part_does(parts: list[Any]) -> None:
    whole = combine(parts)
    assert (whole == "supported") == (set(parts) == {"supported"})
    assert (whole == "opposite") == (set(parts) == {"opposite"})
    assert combine(parts[::-1]) == whole
    if whole == "cannot tell":
        assert "cannot tell" in parts


def test_one_part_that_fails_is_enough() -> None:
    assert combine(["supported", "cannot tell", "not supported"]) == "not supported"
    assert combine(["supported", "opposite"]) == "not supported"
    assert combine(["supported", "cannot tell"]) == "cannot tell"


# Coverage


def hours_of(centre: list[float], periphery: list[float]) -> pd.Series:
    return pd.Series([*centre, *periphery], index=SIXTEEN)


PATTERN = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]


def test_a_clear_gap_is_supported_and_its_mirror_is_the_opposite() -> None:
    high, low = [x + 100 for x in PATTERN], PATTERN
    found = se.hypotheses.coverage_gap(hours_of(high, low), HALVES, people=EVEN, rng=1)
    assert found.verdict == "supported"
    assert found.estimate == pytest.approx(1160 / 360)  # sums of hours; people are equal
    assert found.low < found.estimate < found.high
    mirror = se.hypotheses.coverage_gap(hours_of(low, high), HALVES, people=EVEN, rng=1)
    assert mirror.verdict == "opposite"
    assert mirror.estimate == pytest.approx(360 / 1160)
    assert mirror.p_value == pytest.approx(found.p_value)


def test_need_may_take_the_privilege_away() -> None:
    high, low = [x + 100 for x in PATTERN], PATTERN
    need = pd.Series([*[10 * x for x in high], *[10 * x for x in low]], index=SIXTEEN, name="crimes")
    found = se.hypotheses.coverage_gap(hours_of(high, low), HALVES, people=EVEN, need=need, rng=1)
    parts = found.details.set_index("part")
    assert parts.loc["need", "value"] == pytest.approx(1.0)
    assert parts.loc["people", "verdict"] == "supported"
    assert found.verdict != "supported"
    assert "crimes" in found.reading("es")


def test_an_even_city_is_not_supported_and_a_lumpy_one_cannot_tell() -> None:
    even = [x / 10 + 100 for x in PATTERN]
    found = se.hypotheses.coverage_gap(hours_of(even, even[::-1]), HALVES, people=EVEN, rng=1)
    assert found.verdict == "not supported"
    lumpy = se.hypotheses.coverage_gap(hours_of([0.0] * 7 + [400.0], [0.0] * 7 + [300.0]), HALVES, people=EVEN, rng=1)
    assert lumpy.verdict == "cannot tell"
    assert lumpy.reason == "uncertain"
    assert lumpy.power is not None
    assert lumpy.power.power < 0.8
    assert "16 barrios" in lumpy.power.summary("es")
    assert lumpy.power.to_frame().loc[0, "n"] == 16
    assert catalogue("es")["claim.reason.uncertain"] in lumpy.reading("es")
    assert lumpy.power.needed > 16 or np.isnan(lumpy.power.needed)


def test_the_order_of_neighbourhoods_changes_no_digit() -> None:
    hours = hours_of([x + 60 for x in PATTERN], PATTERN)
    mixed = [SIXTEEN[at] for at in np.random.default_rng(1).permutation(16)]
    options: dict[str, Any] = {"graph": street(SIXTEEN), "permutations": 199, "replicates": 99, "rng": 3}
    found = se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, **options)
    again = se.hypotheses.coverage_gap(hours[mixed], HALVES[mixed[::-1]], people=EVEN[mixed], **options)
    pd.testing.assert_frame_equal(found.details, again.details, check_exact=True)


def test_a_periphery_with_nothing_has_no_ratio_and_a_verdict_all_the_same() -> None:
    found = se.hypotheses.coverage_gap(hours_of(PATTERN, [0.0] * 8), HALVES, people=EVEN, rng=1)
    assert np.isnan(found.estimate)
    assert found.verdict == "supported"
    for language in ("es", "en"):
        assert "nan" not in found.reading(language).casefold()


def test_a_graph_brings_the_test_that_respects_space() -> None:
    hours = hours_of([x + 100 for x in PATTERN], PATTERN)
    found = se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, graph=street(SIXTEEN), permutations=999, rng=1)
    plain = se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, permutations=999, rng=1)
    assert found.parts[0].test == "spatial"
    assert plain.parts[0].test == "label"
    assert found.p_value > plain.p_value  # a city in two smooth halves is less surprising


def test_a_comparison_that_was_made_already_stands_in_the_claim() -> None:
    hours = pd.Series([9.0, 8, 7, 9, 8, 9, 7, 8, 3, 2, 4, 3, 2, 3, 4, 2], index=SIXTEEN)
    options: dict[str, Any] = {"graph": street(SIXTEEN), "permutations": 199, "replicates": 199}
    made = se.gaps.compare_zones(hours.rename("people"), HALVES, weights=EVEN, rng=5, **options)
    how: dict[str, Any] = {"people": EVEN, "need": None, "level": 0.95, "smallest_ratio": 1.25, **options}
    (part,) = coverage_claim(hours, HALVES, compared=made, rng=1, **how).parts
    assert part.p_value == se.gaps.deciding_p(made.tests, alpha=0.05)
    assert (part.low, part.high) == (made.ratio_interval.low, made.ratio_interval.high)
    anew = se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, rng=1, **options)
    assert part.value == pytest.approx(anew.estimate)


def test_a_tiny_place_with_a_wild_rate_does_not_hide_the_gap() -> None:
    """Ten people and an officer all week in the periphery: the highest rate of all, and hardly any of the hours."""
    squares = gpd.GeoDataFrame(
        geometry=[box(x, y, x + 1, y + 1) for x in range(8) for y in range(8)],
        index=[f"n{at:02}" for at in range(64)],
        crs="EPSG:32718",
    )
    inside = [2 <= at // 8 <= 5 and 2 <= at % 8 <= 5 for at in range(64)]
    zones = pd.Series(np.where(inside, "centre", "periphery"), index=squares.index)
    people = pd.Series(2000.0, index=squares.index)
    hours = pd.Series(np.random.default_rng(1).gamma(4, 25, 64), index=squares.index) * np.where(inside, 2.5, 1.0)
    people["n63"], hours["n63"] = 10.0, 168.0
    graph = se.weights.contiguity(squares)
    found = se.hypotheses.coverage_gap(hours, zones, people=people, graph=graph, permutations=999, rng=1)
    assert found.verdict == "supported"


def test_a_city_too_large_for_its_patterns_is_held_against_other_cores() -> None:
    rng = np.random.default_rng(1)
    squares = gpd.GeoDataFrame(
        geometry=[box(x, y, x + 1, y + 1) for x in range(34) for y in range(34)],
        index=[f"n{at:04}" for at in range(34 * 34)],
        crs="EPSG:32718",
    )
    inside = np.array([12 <= at // 34 <= 19 and 12 <= at % 34 <= 19 for at in range(34 * 34)])
    zones = pd.Series(np.where(inside, "centre", "periphery"), index=squares.index)
    hours = pd.Series(rng.gamma(4, 25, len(squares)), index=squares.index)
    people = pd.Series(1000.0, index=squares.index)
    options: dict[str, Any] = {"people": people, "replicates": 99, "permutations": 199, "rng": 1}
    graph = se.weights.contiguity(squares)
    even = se.hypotheses.coverage_gap(hours, zones, graph=graph, **options)
    more = se.hypotheses.coverage_gap(hours * np.where(inside, 3.0, 1.0), zones, graph=graph, **options)
    assert (even.parts[0].test, more.parts[0].test) == ("spatial", "spatial")
    assert even.verdict == "not supported"
    assert more.verdict == "supported"


# Labour


def test_shares_are_of_a_zones_total() -> None:
    rows = [("n00", "petition", 6.0)] * 3 + [("n01", "faena", 9.0)] + [("n08", "night_patrol", 8.0)] * 3
    log = pd.DataFrame([*rows, ("n09", "meeting", 20.0)], columns=["id", "activity", "people"])
    own, everything = pd.Series(0.0, index=SIXTEEN), pd.Series(10.0, index=SIXTEEN)
    own["n00"], own["n08"], own["n09"], everything["n15"] = 8.0, 10.0, 6.0, NAN
    found = se.hypotheses.labour_transfer(log, HALVES, own_hours=own, all_hours=everything, rng=1)
    parts = found.details.set_index("part")
    assert parts.loc["composition", ["centre", "periphery", "value"]].tolist() == [0.25, 0.75, 0.5]
    assert parts.loc["own_share", ["centre", "periphery"]].tolist() == pytest.approx([8 / 80, 16 / 70])
    assert parts.loc["composition", ["n_centre", "n_periphery"]].tolist() == [2, 2]  # the others recorded nothing
    assert parts.loc["own_share", "n_periphery"] == 7
    assert found.verdict == "cannot tell"


def test_the_times_of_a_summary_weigh() -> None:
    log = pd.DataFrame(
        {"id": ["n00", "n08"], "activity": ["petition", "faena"], "people": [90.0, 90.0], "times": [9.0, 9.0]}
    )
    long = log.loc[log.index.repeat(9)].assign(times=1.0, people=10.0)
    hours = pd.Series(10.0, index=SIXTEEN)
    short, whole = (
        se.hypotheses.labour_transfer(one, HALVES, own_hours=hours / 2, all_hours=hours, rng=1) for one in (log, long)
    )
    pd.testing.assert_frame_equal(short.details, whole.details)


def test_shares_that_would_tell_of_few_people_are_withheld() -> None:
    log = pd.DataFrame(
        {"id": ["n00", "n00", "n08"], "activity": ["petition", "faena", "faena"], "people": [9.0, 4.0, 9.0]}
    )
    hours = pd.Series(10.0, index=SIXTEEN)
    found = se.hypotheses.labour_transfer(log, HALVES, own_hours=hours / 2, all_hours=hours, k=5, rng=1)
    composition = found.details.set_index("part").loc["composition"]
    assert composition["reason"] == "withheld"
    assert composition[["centre", "periphery", "value"]].isna().all()
    open_ = se.hypotheses.labour_transfer(log, HALVES, own_hours=hours / 2, all_hours=hours, k=3, rng=1)
    assert open_.details.set_index("part").loc["composition", "centre"] == 0.5


# Earned right


def test_a_panel_counts_before_and_never_now() -> None:
    rows = [("a", "faena", 0, False), ("a", "faena", 1, True), ("a", "petition", 1, False), ("a", "dues", 3, False)]
    log = pd.DataFrame(rows, columns=["id", "activity", "period", "support"]).astype({"support": "boolean"})
    panel = panel_of(log, pd.Index(["b", "a"]), lag=1, activities=("faena", "dues"))
    assert isinstance(panel, Panel)
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.before.tolist() == [[1, 1, 0], [0, 0, 0]]  # periods 1 to 3 look at 0 to 2
    assert panel.supported.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert panel.rows.tolist() == [[2, 0, 1], [0, 0, 0]]
    assert panel.chosen(by_row=True).tolist() == [[True, False, False], [False, False, False]]
    assert panel.chosen(by_row=False).all()
    assert panel.comparable(by_row=True).ids.tolist() == ["a"]


def test_silence_about_support_is_not_no_support() -> None:
    rows = [("a", 0, False), ("a", 1, None), ("a", 2, None), ("a", 2, True), ("a", 3, False)]
    log = (
        pd.DataFrame(rows, columns=["id", "period", "support"]).astype({"support": "boolean"}).assign(activity="faena")
    )
    panel = panel_of(log, pd.Index(["a"]), lag=1, activities=("faena",))
    assert isinstance(panel, Panel)
    assert np.isnan(panel.supported[0, 0])
    assert panel.supported[0, 1:].tolist() == [1, 0]
    assert panel.rows.tolist() == [[0, 1, 1]]  # rows that say nothing are no occasion to be supported
    assert panel.chosen(by_row=False).tolist() == [[False, True, True]]


def test_the_pooled_logit_of_two_groups_is_the_odds_ratio() -> None:
    """With x of 0 and 1 the slope is ln(ad/bc), and its variance 1/a + 1/b + 1/c + 1/d (Woolf 1955)."""
    a, b, c, d = 12, 8, 5, 25
    x, s = np.repeat([1.0, 0.0], [a + b, c + d]), np.repeat([1.0, 0.0, 1.0, 0.0], [a, b, c, d])
    line = logit.pooled(x, s, np.arange(50))
    assert line is not None
    assert line.slope == pytest.approx(log(a * d / (b * c)))
    assert line.intercept == pytest.approx(log(c / d))
    assert line.plain == pytest.approx(1 / a + 1 / b + 1 / c + 1 / d)
    assert line.covariance[1, 1] == pytest.approx(line.plain * 50 / 49)


def test_what_is_held_equal_is_taken_out() -> None:
    """Two strata, by hand: within each the odds are 3 times as high with x; in both together 6.25 times."""
    cells = [(0, 0, 3, 27), (1, 0, 3, 9), (0, 1, 9, 3), (1, 1, 27, 3)]  # x, stratum, supported, not
    rows_ = [(x, z, s) for x, z, yes, no in cells for s in [1] * yes + [0] * no]
    x, stratum, s = np.array(rows_, dtype=float).T
    line = logit.pooled(x, s, np.arange(len(x)), beside=stratum[:, None])
    crude = logit.pooled(x, s, np.arange(len(x)))
    assert line is not None
    assert crude is not None
    assert line.slope == pytest.approx(log(3))
    assert line.intercept == pytest.approx(log(3 / 27))  # of the stratum where it is 0
    assert crude.slope == pytest.approx(log(6.25))
    said = logit.score(x, s, stratum[:, None])
    assert said is not None
    assert said(x).sum() == pytest.approx(30 - 12 * 6 / 42 - 30 * 36 / 42)  # with x, less what its stratum expects


def test_rows_said_twice_by_one_cluster_say_nothing_more() -> None:
    rng = np.random.default_rng(3)
    x, s = rng.normal(size=60), (rng.random(60) < 0.4).astype(float)
    once = logit.pooled(x, s, np.arange(60))
    twice = logit.pooled(np.repeat(x, 2), np.repeat(s, 2), np.repeat(np.arange(60), 2))
    assert once is not None
    assert twice is not None
    np.testing.assert_allclose(twice.covariance, once.covariance, rtol=1e-6)
    assert twice.plain == pytest.approx(once.plain / 2)


@pytest.mark.parametrize("s", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
def test_a_model_without_an_answer_gives_none(s: list[float]) -> None:
    assert logit.pooled(np.arange(4.0), np.array(s, dtype=float), np.arange(4)) is None


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_conditional_logit_is_the_one_of_all_subsets(seed: int) -> None:
    """Its score is zero: what was supported is what is expected over every way to choose as many periods."""
    rng = np.random.default_rng(seed)
    x, s = rng.normal(size=(6, 5)), (rng.random((6, 5)) < 0.5).astype(float)
    s[0, 2] = np.nan
    line = logit.within(x, s, beside=np.empty((6, 5, 0)))
    if line is None:
        return
    assert line == logit.within(x, s)
    score, spread = 0.0, 0.0
    for row, given_ in zip(x, s, strict=True):
        known = np.isfinite(given_)
        count = int(given_[known].sum())
        sums = np.array([row[known][list(one)].sum() for one in combinations(range(known.sum()), count)])
        share = np.exp(line.slope * sums) / np.exp(line.slope * sums).sum()
        score += row[known] @ given_[known] - share @ sums
        spread += share @ sums**2 - (share @ sums) ** 2
    assert score == pytest.approx(0.0, abs=1e-6 * max(1.0, spread))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_what_is_held_equal_within_may_be_added_to_participation(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, 40, 8))
    s = (rng.random((40, 8)) < 1 / (1 + np.exp(-0.5 * x - z))).astype(float)
    lasting = np.repeat(rng.normal(size=(40, 1)), 8, axis=1)
    line = logit.within(x, s, beside=z[:, :, None])
    mixed = logit.within(x + share * z, s, beside=np.stack([z, lasting], axis=2))
    assert line is not None
    assert mixed is not None
    assert (mixed.slope, mixed.variance) == pytest.approx((line.slope, line.variance), rel=1e-6)
    assert abs(line.slope - 0.5) < 5 * line.variance**0.5


def supported(chance: Any, *, seed: int, count: int = 40, periods: int = 20) -> tuple[pd.DataFrame, pd.Series]:
    """A record in which support falls with `chance(zone, activities in the two periods before)`."""
    rng = np.random.default_rng(seed)
    zones = pd.Series({f"{zone[0]}{at:02}": zone for zone in ("centre", "periphery") for at in range(count)})
    rows = []
    for one, zone in zones.items():
        done = rng.poisson(rng.gamma(2.0, 0.5), periods)
        for t in range(periods):
            helped = rng.random() < chance(zone, done[max(0, t - 2) : t].sum())
            rows += [(one, "faena", t, False)] * int(done[t]) + [(one, "meeting", t, bool(helped))]
    return pd.DataFrame(rows, columns=["id", "activity", "period", "support"]).astype({"support": "boolean"}), zones


def earned(zone: str, before: float) -> float:
    logit_ = -1.0 if zone == "centre" else -3.5 + 1.2 * np.log1p(before)
    return float(1 / (1 + exp(-logit_)))


def test_support_that_is_earned_is_found() -> None:
    log, zones = supported(earned, seed=5)
    found = se.hypotheses.earned_right(log, zones, lag=2, permutations=999, rng=1)
    parts = found.details.set_index("part")
    assert found.verdict == "supported"
    assert found.low < 1.2 < found.high
    assert parts.loc["within", "low"] < 1.2 < parts.loc["within", "high"]
    assert parts.loc["level", "low"] < 2.5 < parts.loc["level", "high"]
    assert abs(parts.loc["slope", "centre"]) < 0.5
    turned = zones.map({"centre": "periphery", "periphery": "centre"})
    assert se.hypotheses.earned_right(log, turned, lag=2, permutations=999, rng=1).verdict == "not supported"


def test_the_order_of_rows_changes_no_digit_and_the_seed_is_kept() -> None:
    log, zones = supported(earned, seed=6, count=15)
    options: dict[str, Any] = {"lag": 2, "permutations": 199, "rng": 7}
    found = se.hypotheses.earned_right(log, zones, **options)
    again = se.hypotheses.earned_right(
        log.sample(frac=1, random_state=1), zones.sample(frac=1, random_state=2), **options
    )
    pd.testing.assert_frame_equal(found.details, again.details, check_exact=True)
    assert found.seed == 7
    before = (log.copy(), zones.copy())
    se.hypotheses.earned_right(log, zones, **options)
    pd.testing.assert_frame_equal(log, before[0])
    pd.testing.assert_series_equal(zones, before[1])


# Exclusion


def test_a_map_that_is_the_other_turned_round_coincides() -> None:
    rng = np.random.default_rng(2)
    ids = [f"n{at:03}" for at in range(60)]
    poverty = pd.Series(np.cumsum(rng.normal(size=60)) % 7 + rng.normal(size=60), index=ids, name="poverty")
    found = se.hypotheses.exclusion_map(20 - 2 * poverty, poverty, street(ids), permutations=499, rng=1)
    parts = found.details.set_index("part")
    assert parts.loc["regression", "value"] == pytest.approx(1.0)
    own = se.autocorrelation.moran(poverty.rank(), street(ids), permutations=9, rng=1).value
    assert parts.loc["bivariate_moran", "value"] == pytest.approx(own)
    assert (parts["test"].iloc[1:] == "spectral").all()
    reverse = se.hypotheses.exclusion_map(2 * poverty, poverty, street(ids), permutations=499, rng=1)
    assert reverse.details.set_index("part").loc["regression", "value"] == pytest.approx(-1.0)
    assert reverse.verdict in ("opposite", "not supported")


def test_density_is_controlled_for() -> None:
    """Coverage follows density alone; poverty follows it too, and loses its slope when density is held."""
    rng = np.random.default_rng(4)
    ids = [f"n{at:03}" for at in range(200)]
    density = pd.Series(np.exp(rng.normal(8, 1, 200)), index=ids)
    poverty = pd.Series(-np.log(density) + rng.normal(0, 1, 200), index=ids, name="poverty")
    coverage = pd.Series(np.log(density) + rng.normal(0, 0.5, 200), index=ids)
    crude = se.hypotheses.exclusion_map(coverage, poverty, street(ids), permutations=199, rng=1)
    held = se.hypotheses.exclusion_map(coverage, poverty, street(ids), density=density, permutations=199, rng=1)
    assert crude.low > 0.2
    assert held.low < 0 < held.high


# What cannot be told


@pytest.mark.parametrize("reason", sorted(key[13:] for key in catalogue("es") if key.startswith("claim.reason.")))
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_reason_is_said(reason: str, language: str) -> None:
    said = cannot_tell("earned_right", reason).reading(language)
    assert catalogue(language)[f"claim.reason.{reason}"] in said
    assert said.startswith(catalogue(language)["claim.earned_right.cannot_tell"])


def rows(**columns: Any) -> pd.DataFrame:
    told_ = {"id": "n00", "activity": "faena", "period": [0, 1, 2, 3], "support": [True, False, True, False]}
    return pd.DataFrame({**told_, **columns}).astype({"period": "Int64", "support": "boolean"})


@pytest.mark.parametrize(
    ("record", "lag", "reason"),
    [
        (rows(period=None), 1, "undated"),
        (rows(support=None), 1, "no_support"),
        (rows().iloc[:0], 1, "no_activities"),
        (rows(), 3, "short"),
        (rows(), 1, "few_rows"),
        (pd.concat([rows(), rows()]), 1, "few_rows"),
    ],
)
def test_what_the_record_lacks_is_named(record: pd.DataFrame, lag: int, reason: str) -> None:
    found = se.hypotheses.earned_right(record, HALVES, lag=lag, permutations=99, rng=1)
    assert (found.verdict, found.reason) == ("cannot tell", reason)
    assert found.to_frame().columns.tolist() == list(HYPOTHESES)
    assert found.details.columns.tolist() == list(CLAIMS)


def test_a_record_by_period_knows_of_the_periods_without_rows() -> None:
    found = se.hypotheses.earned_right(rows(), HALVES, lag=1, support_on="period", permutations=99, rng=1)
    assert (found.verdict, found.reason) == ("cannot tell", "one_sided_support")
    record = pd.concat([rows(id=one, support=[True, None, None, None]) for one in SIXTEEN])
    unknown = se.hypotheses.earned_right(record, HALVES, lag=1, support_on="period", permutations=99, rng=1)
    assert (unknown.verdict, unknown.reason) == ("cannot tell", "no_support")


def test_a_city_without_one_of_the_zones_cannot_tell() -> None:
    whole = pd.Series("periphery", index=SIXTEEN)
    hours = pd.Series(5.0, index=SIXTEEN)
    found = [
        se.hypotheses.coverage_gap(hours, whole, people=EVEN, rng=1),
        se.hypotheses.labour_transfer(rows(people=9.0), whole, own_hours=hours, all_hours=hours, rng=1),
        se.hypotheses.earned_right(rows(), whole, rng=1),
    ]
    assert {(one.verdict, one.reason) for one in found} == {("cannot tell", "zone_empty")}


def test_few_neighbourhoods_never_prove_absence() -> None:
    ids = ["a", "b", "c", "d"]
    zones = pd.Series(["centre", "periphery", "periphery", "periphery"], index=ids)
    hours = pd.Series([10.0, 10.1, 9.9, 10.0], index=ids)
    found = se.hypotheses.coverage_gap(hours, zones, people=pd.Series(10.0, index=ids), rng=1)
    assert (found.verdict, found.reason) == ("cannot tell", "few")


def test_a_constant_map_cannot_tell() -> None:
    same = pd.Series(1.0, index=SIXTEEN)
    found = se.hypotheses.exclusion_map(same, pd.Series(range(16), index=SIXTEEN), street(SIXTEEN), rng=1)
    assert (found.verdict, found.reason) == ("cannot tell", "constant")


# Mistakes


def test_mistakes_are_refused_with_their_sentence() -> None:
    hours, word = pd.Series(5.0, index=SIXTEEN), cast(Any, "some")
    with pytest.raises(ConfigError, match="smallest_ratio"):
        se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, smallest_ratio=1.0)
    with pytest.raises(AlignmentError, match="n15"):
        se.hypotheses.coverage_gap(hours.iloc[:-1], HALVES, people=EVEN)
    with pytest.raises(LayerError, match="support"):
        se.hypotheses.earned_right(rows().drop(columns="support"), HALVES)
    with pytest.raises(AlignmentError, match="stranger"):
        se.hypotheses.earned_right(rows(id="stranger"), HALVES)
    with pytest.raises(ConfigError, match="lag"):
        se.hypotheses.earned_right(rows(), HALVES, lag=0)
    with pytest.raises(ConfigError, match="counted"):
        se.hypotheses.earned_right(rows(), HALVES, counted=word)
    with pytest.raises(ConfigError, match="support_on"):
        se.hypotheses.earned_right(rows(), HALVES, support_on=word)
    with pytest.raises(LayerError, match="people"):
        se.hypotheses.labour_transfer(rows(), HALVES, own_hours=hours, all_hours=hours)
    with pytest.raises(ConfigError, match="smallest"):
        se.hypotheses.exclusion_map(hours, hours, street(SIXTEEN), smallest=1.5)


# Words


def test_readings_speak_both_languages_of_the_same_numbers() -> None:
    hours = hours_of([x + 100 for x in PATTERN], PATTERN)
    found = se.hypotheses.coverage_gap(hours, HALVES, people=EVEN, rng=1)
    spanish, english = found.reading("es"), found.reading("en")
    assert "145" in spanish
    assert "145" in english  # 1160 hours for 8,000 people
    assert "45" in spanish
    assert "3.22" in spanish
    assert found.summary("es") == spanish
    assert spanish in found.row("es")["reading"]
    assert "<table" in found._repr_html_()
    named = found.reading("es", labels={"thing": "policías"})
    assert "policías" in named
