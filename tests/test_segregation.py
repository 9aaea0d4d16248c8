"""Segregation against hand calculations, PySAL's `segregation`, and laws; tests that never give p = 0."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from shapely import box

from secequity import segregation as sg
from secequity import weights
from secequity.errors import AlignmentError, ConfigError, LayerError

IDS = ["loma", "plaza", "quebrada", "pampa"]
GROUP = pd.Series([30, 10, 60, 0], index=IDS, name="quechua")
PEOPLE = pd.Series([40, 40, 80, 40], index=IDS, name="population")
ALONE = (sg.dissimilarity, sg.isolation, sg.exposure, sg.information_theory)


@pytest.fixture(scope="module")
def pysal() -> Any:
    """PySAL's package, which warns and is slow to come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from segregation import inference, local, multigroup, singlegroup
    return SimpleNamespace(inference=inference, local=local, multi=multigroup, single=singlegroup)


def grid(side: int = 6) -> gpd.GeoDataFrame:
    cells = {f"c{i}{j}": box(i, j, i + 1, j + 1) for i in range(side) for j in range(side)}
    return gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")


def town(side: int = 6, seed: int = 1) -> tuple[pd.Series, pd.Series, gpd.GeoDataFrame]:
    """People and those of one group on a grid, more of them to the east."""
    frame, rng = grid(side), np.random.default_rng(seed)
    people = pd.Series(rng.integers(50, 200, len(frame)), index=frame.index, name="people")
    share = np.clip(frame.centroid.x / side + rng.normal(0, 0.2, len(frame)), 0.02, 0.98)
    return pd.Series(rng.binomial(people, share), index=frame.index, name="group"), people, frame


# By hand


def test_dissimilarity_by_hand() -> None:
    # Group shares .3 .1 .6 0; others 10, 30, 20, 40 of 100: differences .2 .2 .4 .4.
    assert sg.dissimilarity(GROUP, PEOPLE) == pytest.approx(0.6)


def test_isolation_and_exposure_by_hand() -> None:
    assert sg.isolation(GROUP, PEOPLE) == pytest.approx(0.3 * 0.75 + 0.1 * 0.25 + 0.6 * 0.75)
    assert sg.exposure(GROUP, PEOPLE) == pytest.approx(1 - 0.7)
    migrants = pd.Series([0, 20, 20, 0], index=IDS)
    assert sg.exposure(GROUP, PEOPLE, other=migrants) == pytest.approx(0.1 * 0.5 + 0.6 * 0.25)


def test_information_theory_by_hand() -> None:
    quarter = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert sg.information_theory(GROUP, PEOPLE) == pytest.approx(1 - 160 * quarter / (200 * np.log(2)))


def test_location_quotients_by_hand_and_where_nobody_lives() -> None:
    found = sg.location_quotient(
        pd.concat([GROUP, pd.Series({"park": 0})]), pd.concat([pd.Series({"park": 0}), PEOPLE])
    )
    assert found.to_dict() == pytest.approx(
        {"loma": 1.5, "plaza": 0.5, "quebrada": 1.5, "pampa": 0, "park": np.nan}, nan_ok=True
    )


def test_what_a_group_receives_by_hand() -> None:
    staff = pd.Series([1.0, 3.0, 0.0, None], index=IDS, name="police_per_1000")
    found = sg.received(staff, GROUP, PEOPLE)
    assert found.of_group == pytest.approx((30 * 1 + 10 * 3) / 100)
    assert found.of_others == pytest.approx((10 * 1 + 30 * 3) / 60)
    assert (found.n, found.n_missing) == (3, 1)
    assert found.difference.estimate == pytest.approx(found.of_group - found.of_others)
    assert found.ratio.estimate == pytest.approx(found.of_group / found.of_others)
    assert found.difference.reason == "too_few"
    assert "police_per_1000" in found.summary()
    assert "quechua" in found.summary("es")
    assert list(found.to_frame()["group"]) == ["quechua"]


def test_the_interval_of_what_a_group_receives_is_the_ordinary_one_for_a_mean() -> None:
    """Where each place holds one person of one group only, it is the difference of two means: by jackknife, by hand."""
    ids = [f"n{i:02}" for i in range(20)]
    values = pd.Series(np.arange(20.0) ** 1.5, index=ids)
    group = pd.Series([1, 0] * 10, index=ids)
    found = sg.received(values, group, pd.Series(1, index=ids))
    without = [
        values.drop(one)[group.drop(one) == 1].mean() - values.drop(one)[group.drop(one) == 0].mean() for one in ids
    ]
    centre = 20 * found.difference.estimate - 19 * np.mean(without)
    error = stats.t.ppf(0.975, 19) * np.sqrt(19 / 20 * np.sum((without - np.mean(without)) ** 2))
    assert (found.difference.low, found.difference.high) == pytest.approx((centre - error, centre + error))


def test_nobody_elsewhere_receives_anything_so_there_is_no_ratio() -> None:
    found = sg.received(pd.Series([1.0, 0.0], index=IDS[:2]), GROUP[:2] - [0, 10], GROUP[:2])
    assert found.of_others == 0
    assert np.isnan(found.ratio.estimate)


# PySAL


def test_indices_as_pysal(pysal: Any) -> None:
    group, people, frame = town()
    table = frame.assign(group=group, people=people, rest=people - group)
    for ours, theirs in (
        (sg.dissimilarity, pysal.single.Dissim),
        (sg.isolation, pysal.single.Isolation),
        (sg.exposure, pysal.single.Interaction),
        (sg.information_theory, pysal.single.Entropy),
    ):
        assert ours(group, people) == pytest.approx(theirs(table, "group", "people").statistic, abs=1e-12)
    multi = pysal.multi.MultiInfoTheory(table, ["group", "rest"]).statistic
    assert sg.information_theory(table[["group", "rest"]]) == pytest.approx(multi, abs=1e-12)
    quotients = pysal.local.MultiLocationQuotient(table, ["group", "rest"]).statistics[:, 0]
    assert sg.location_quotient(group, people).to_numpy() == pytest.approx(quotients)


def test_three_groups_as_pysal(pysal: Any) -> None:
    _, _, frame = town()
    counts = pd.DataFrame(np.random.default_rng(3).integers(0, 90, (36, 3)), columns=list("abc"), index=frame.index)
    theirs = pysal.multi.MultiInfoTheory(counts, list("abc")).statistic
    assert sg.information_theory(counts) == pytest.approx(theirs, abs=1e-12)


def test_pysal_weighs_surroundings_by_the_people_around_instead_of_those_who_live_there(pysal: Any) -> None:
    """Reardon & O'Sullivan weigh by residents. Where all surroundings hold as many people, the two agree."""
    group, people, frame = town()
    graph = weights.contiguity(frame, transform="b")
    around = pd.DataFrame(graph.sparse.toarray() + np.eye(36), index=graph.unique_ids, columns=graph.unique_ids)
    around = around.loc[frame.index, frame.index]
    table = frame.assign(group=around @ group, rest=around @ (people - group))
    theirs = pysal.multi.MultiInfoTheory(table, ["group", "rest"]).statistic
    ours = sg.spatial_information_theory(group, people, graph=graph)
    assert abs(ours - theirs) > 0.001

    share = table["group"] / table[["group", "rest"]].sum(axis=1)
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    whole = group.sum() / people.sum()
    city = -(whole * np.log(whole) + (1 - whole) * np.log(1 - whole))
    assert ours == pytest.approx(1 - (people * entropy).sum() / (people.sum() * city))


def test_pysal_gives_a_p_of_zero(pysal: Any) -> None:
    group, people, frame = town()
    table = frame.assign(group=group, people=people)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = pysal.single.Dissim(table, "group", "people")
        theirs = pysal.inference.SingleValueTest(
            fitted, iterations_under_null=20, null_approach="evenness", n_jobs=1, backend="threading"
        )
    assert theirs.p_value == 0
    ours = sg.reallocation_test(group, people, null="evenness", permutations=20, rng=1)
    assert ours.p_value == pytest.approx(2 / 21)
    assert ours.expected == pytest.approx(np.mean(theirs.est_sim), abs=0.02)


def test_pysal_takes_a_missing_count_for_no_segregation(pysal: Any) -> None:
    """Isolation 0.0 with a missing count, where we refuse it by name; with an empty place all agree."""
    table = pd.DataFrame({"group": [30, 10, np.nan], "people": [40, 40, 50]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert pysal.single.Isolation(table, "group", "people").statistic == 0
        assert np.isnan(pysal.single.Dissim(table, "group", "people").statistic)
    with pytest.raises(LayerError, match="group is missing"):
        sg.isolation(table["group"], table["people"])
    empty = pd.DataFrame({"group": [30, 10, 0], "people": [40, 40, 0]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [one(empty, "group", "people").statistic for one in (pysal.single.Dissim, pysal.single.Isolation)]
        quotients = pysal.local.MultiLocationQuotient(empty.assign(rest=[10, 30, 0]), ["group", "rest"]).statistics
    assert [one(empty["group"], empty["people"]) for one in (sg.dissimilarity, sg.isolation)] == pytest.approx(theirs)
    assert np.isnan(quotients[2, 0])
    assert np.isnan(sg.location_quotient(empty["group"], empty["people"])[2])


# Laws


@st.composite
def cities(draw: st.DrawFn) -> tuple[pd.Series, pd.Series]:
    """People of a group and all people."""
    size = draw(st.integers(2, 10))
    ids = [f"n{i:02}" for i in range(size)]
    group = pd.Series(draw(st.lists(st.integers(0, 500), min_size=size, max_size=size)), index=ids)
    others = pd.Series(draw(st.lists(st.integers(0, 500), min_size=size, max_size=size)), index=ids)
    assume(group.sum() > 0 < others.sum())
    return group, group + others


@pytest.mark.parametrize("index", ALONE)
@settings(deadline=None, max_examples=60)
@given(city=cities(), factor=st.integers(2, 9), shuffle=st.randoms(use_true_random=False))
def test_size_order_and_empty_places_do_not_matter(index, city, factor: int, shuffle) -> None:
    group, people = city
    found = index(group, people)
    assert -1e-12 <= found <= 1 + 1e-12
    assert index(group * factor, people * factor) == pytest.approx(found, abs=1e-12)
    order = list(group.index)
    shuffle.shuffle(order)
    assert index(group[order], people) == found
    parts = [pd.concat([one.set_axis(one.index + end) for end in ("/1", "/2")]) for one in (group, people)]
    assert index(*parts) == pytest.approx(found, abs=1e-12)
    empty = pd.Series({"park": 0})
    assert index(pd.concat([group, empty]), pd.concat([people, empty])) == pytest.approx(found, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(city=cities())
def test_the_indices_hang_together(city) -> None:
    group, people = city
    others = people - group
    assert sg.dissimilarity(group, people) == pytest.approx(sg.dissimilarity(others, people), abs=1e-12)
    assert sg.information_theory(group, people) == pytest.approx(sg.information_theory(others, people), abs=1e-12)
    assert sg.isolation(group, people) + sg.exposure(group, people) == pytest.approx(1)
    assert sg.isolation(group, people) >= group.sum() / people.sum() - 1e-12
    quotient = sg.location_quotient(group, people)
    assert (quotient * people).sum() / people.sum() == pytest.approx(1)
    table = pd.DataFrame({"group": group, "others": others})
    assert sg.information_theory(table) == pytest.approx(sg.information_theory(group, people), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(people=st.lists(st.integers(1, 300), min_size=2, max_size=8), share=st.sampled_from([0.25, 0.5, 0.75]))
def test_living_alike_is_no_segregation_and_living_apart_is_all(people: list[int], share: float) -> None:
    size = pd.Series(people) * 4
    alike = share * size
    assert sg.dissimilarity(alike, size) == pytest.approx(0, abs=1e-12)
    assert sg.information_theory(alike, size) == pytest.approx(0, abs=1e-12)
    assert sg.isolation(alike, size) == pytest.approx(share)
    apart = size.where(size.index == 0, 0)
    assert sg.dissimilarity(apart, size) == pytest.approx(1)
    assert sg.information_theory(apart, size) == pytest.approx(1)
    assert sg.exposure(apart, size) == pytest.approx(0, abs=1e-12)


def test_without_links_the_spatial_index_is_the_plain_one_and_like_beside_like_keeps_it_up() -> None:
    group, people, frame = town()
    alone = weights.distance_band(frame, radius_m=0.1)
    plain = sg.information_theory(group, people)
    assert sg.spatial_information_theory(group, people, graph=alone) == pytest.approx(plain)
    queen = weights.contiguity(frame)
    spatial = sg.spatial_information_theory(group, people, graph=queen)
    mixed = pd.DataFrame({"group": group, "people": people}).sample(frac=1, random_state=1).set_axis(group.index)
    assert sg.information_theory(mixed["group"], mixed["people"]) == pytest.approx(plain)
    assert sg.spatial_information_theory(mixed["group"], mixed["people"], graph=queen) < spatial < plain


# Chance


def test_p_is_never_zero_and_the_same_seed_gives_the_same_digits() -> None:
    group, people, frame = town()
    graph = weights.contiguity(frame)
    for index in (*[one.__name__ for one in ALONE], "spatial_information_theory"):
        found = sg.reallocation_test(group, people, index=index, graph=graph, permutations=99, rng=4)
        again = sg.reallocation_test(
            group.sample(frac=1, random_state=1), people, index=index, graph=graph, permutations=99, rng=4
        )
        assert found.p_value == 2 / 100
        pd.testing.assert_frame_equal(found.to_frame(), again.to_frame(), check_exact=True)
    assert "random" in found.summary()
    assert "al azar" in found.summary("es")


def test_the_digits_do_not_depend_on_how_many_cities_are_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    group, people, frame = town()
    zones = pd.Series(np.where(frame.centroid.x < 2, "centre", "periphery"), index=frame.index)
    options = {"zones": zones, "permutations": 50, "rng": 2}
    whole = sg.reallocation_test(group, people, **options)
    monkeypatch.setattr("secequity.segregation.uncertainty.CELLS", 36 * 7)
    pd.testing.assert_frame_equal(sg.reallocation_test(group, people, **options).to_frame(), whole.to_frame())


def test_what_chance_gives_is_what_the_theory_says() -> None:
    """Isolation when G of N people are dealt out: E Σ g²/(G·n) with hypergeometric g, by the moments of that law."""
    group, people, _ = town()
    total, all_people = group.sum(), people.sum()
    law = stats.hypergeom(all_people, total, people)
    expected = ((law.var() + law.mean() ** 2) / people).sum() / total
    found = sg.reallocation_test(group, people, index="isolation", permutations=4000, rng=1)
    assert found.expected == pytest.approx(expected, abs=2e-4)
    even = sg.reallocation_test(group, people, index="exposure", null="evenness", permutations=4000, rng=1)
    assert even.expected == pytest.approx(1 - expected, abs=2e-3)
    assert found.excess == pytest.approx((found.value - found.expected) / (1 - found.expected))


def test_the_exact_p_of_a_city_small_enough_to_enumerate() -> None:
    """Two places of three people, three of the group: 0, 1, 2, 3 of them in the first in 1, 9, 9, 1 of 20 ways."""
    group, people = pd.Series([3, 0], index=list("ab")), pd.Series([3, 3], index=list("ab"))
    found = sg.reallocation_test(group, people, permutations=9999, alternative="greater", rng=1)
    assert found.value == 1
    assert found.p_value == pytest.approx(2 / 20, abs=0.01)


def test_segregation_that_the_zones_explain_is_not_found_within_them() -> None:
    frame = grid()
    zones = pd.Series(np.where(frame.centroid.x < 3, "centre", "periphery"), index=frame.index)
    people = pd.Series(100, index=frame.index)
    rng = np.random.default_rng(5)
    group = pd.Series(rng.binomial(people, np.where(zones == "centre", 0.2, 0.7)), index=frame.index)
    across = sg.reallocation_test(group, people, permutations=199, rng=1)
    within = sg.reallocation_test(group, people, zones=zones, permutations=199, rng=1)
    assert across.p_value == 2 / 200
    assert within.p_value > 0.05
    assert within.expected > 0.9 * within.value
    assert "their zone" in within.summary()


@pytest.mark.parametrize("null", ["reallocation", "evenness"])
def test_under_the_null_five_in_a_hundred_are_rejected(null: str) -> None:
    rng, people = np.random.default_rng(8), pd.Series(range(20, 60, 2), index=[f"n{i:02}" for i in range(20)])
    runs, rejected = 400, 0
    for _ in range(runs):
        group = pd.Series(rng.binomial(people, 0.4), index=people.index)
        rejected += sg.reallocation_test(group, people, null=null, permutations=99, rng=rng).p_value <= 0.05
    assert stats.binomtest(rejected, runs, 0.04).pvalue > 0.001


def test_intervals_of_every_index() -> None:
    group, people, frame = town()
    found = sg.intervals(group, people, graph=weights.contiguity(frame))
    assert list(found) == [*[one.__name__ for one in ALONE], "spatial_information_theory"]
    for one, index in zip(found.values(), (*ALONE, None), strict=True):
        assert one.low < one.estimate < one.high
        assert index is None or one.estimate == pytest.approx(index(group, people))
    spatial = sg.spatial_information_theory(group, people, graph=weights.contiguity(frame))
    assert found["spatial_information_theory"].estimate == pytest.approx(spatial)
    without = [sg.isolation(group.drop(one), people.drop(one)) for one in group.index]
    centre = 36 * found["isolation"].estimate - 35 * np.mean(without)
    error = stats.t.ppf(0.975, 35) * np.sqrt(35 / 36 * np.sum((without - np.mean(without)) ** 2))
    assert (found["isolation"].low, found["isolation"].high) == pytest.approx((centre - error, centre + error))


# What is refused


@pytest.mark.parametrize("index", [*ALONE, sg.location_quotient, sg.reallocation_test, sg.intervals])
def test_unusable_counts_are_refused_with_their_ids(index) -> None:
    with pytest.raises(LayerError, match=r"quechua is missing .* plaza "):
        index(GROUP.where(GROUP.index != "plaza"), PEOPLE)
    with pytest.raises(LayerError, match=r"quechua is negative .* plaza "):
        index(GROUP.where(GROUP.index != "plaza", -1), PEOPLE)
    with pytest.raises(LayerError, match=r"population is infinite .* plaza "):
        index(GROUP, PEOPLE.where(PEOPLE.index != "plaza", np.inf))
    with pytest.raises(LayerError, match=r"more people than live .* plaza "):
        index(GROUP.where(GROUP.index != "plaza", 41), PEOPLE)
    with pytest.raises(LayerError, match="nobody, or everybody"):
        index(GROUP * 0, PEOPLE)
    with pytest.raises(LayerError, match="nobody, or everybody"):
        index(PEOPLE, PEOPLE)
    with pytest.raises(LayerError, match="no neighbourhoods"):
        index(GROUP.iloc[:0], PEOPLE.iloc[:0])
    with pytest.raises(AlignmentError, match="pampa"):
        index(GROUP, PEOPLE.drop("pampa"))
    before = GROUP.copy(), PEOPLE.copy()
    index(GROUP, PEOPLE)
    pd.testing.assert_series_equal(GROUP, before[0])
    pd.testing.assert_series_equal(PEOPLE, before[1])


def test_wrong_options_are_refused() -> None:
    for wrong, said in (
        ({"index": "gini"}, "dissimilarity, isolation"),
        ({"index": "spatial_information_theory"}, "who is a neighbour"),
        ({"null": "systematic"}, "reallocation, evenness"),
        ({"alternative": "both"}, "two-sided"),
        ({"permutations": 0}, "permutations is 0"),
    ):
        with pytest.raises(ConfigError, match=said):
            sg.reallocation_test(GROUP, PEOPLE, **wrong)
    with pytest.raises(LayerError, match="zones is missing"):
        sg.reallocation_test(GROUP, PEOPLE, zones=pd.Series(["a", None, "a", "a"], index=IDS))
    with pytest.raises(LayerError, match="single group"):
        sg.information_theory(pd.DataFrame({"a": GROUP}))
    with pytest.raises(AlignmentError, match="graph"):
        sg.spatial_information_theory(GROUP, PEOPLE, graph=weights.contiguity(grid()))
    with pytest.raises(LayerError, match="infinite"):
        sg.received(pd.Series([np.inf, 1, 1, 1], index=IDS), GROUP, PEOPLE)


@pytest.mark.real
def test_recent_migrants_of_lima_as_pysal(pysal: Any, data_folder: Path) -> None:
    table = pd.read_csv(data_folder / "peru_lima" / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index(
        "ubigeo"
    )
    people = table["pob_5_mas"]
    group = (people * table["pct_migrante_reciente"] / 100).round()
    both = pd.DataFrame({"group": group, "people": people})
    assert sg.dissimilarity(group, people) == pytest.approx(pysal.single.Dissim(both, "group", "people").statistic)
    found = sg.reallocation_test(group, people, permutations=99, rng=1)
    assert 0.05 < found.value < 0.4
    assert found.expected < 0.02
    assert found.p_value == 0.02
