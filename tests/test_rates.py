"""Rates per person, against hand calculations and laws."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Spatial_Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import stats

from secequity import rates, weights
from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.texts import LANGUAGES

IDS = list("abcdef")


def series(*values: float | None, name: str = "events") -> pd.Series:
    return pd.Series(values, index=IDS[: len(values)], name=name, dtype=float)


def test_per_1000_meets_people_by_id() -> None:
    staff = pd.Series({"b": 6, "a": 300}, name="police")
    staff.attrs["unit"] = "officers"
    found = rates.per_1000(staff, pd.Series({"a": 150_000, "b": 35_000}))
    assert found.to_dict() == pytest.approx({"b": 6 / 35, "a": 2.0})
    assert list(found.index) == ["b", "a"]
    assert (found.name, found.attrs) == ("police", {"unit": "officers"})


def test_nobody_or_unknown_is_missing_and_nothing_is_zero() -> None:
    found = rates.per_1000(series(0, 5, 5, None), series(100, 0, None, 100))
    assert found["a"] == 0
    assert found[["b", "c", "d"]].isna().all()


def test_empirical_bayes_by_hand() -> None:
    # b = 30/400 = .075; s² = (100·.075² + 300·.025²)/400 = .001875; a = .001875 − .075/200 = .0015
    # a's share: .0015/(.0015 + .00075) = 2/3 of −.075; b's share: .0015/(.0015 + .00025) = 6/7 of .025
    found = rates.empirical_bayes(series(0, 30), series(100, 300))
    assert found.to_dict() == pytest.approx({"a": 0.025, "b": 0.075 + 6 / 7 * 0.025})


def test_one_neighbourhood_without_people_costs_no_other_its_rate() -> None:
    alone = rates.empirical_bayes(series(0, 30), series(100, 300))
    found = rates.empirical_bayes(series(0, 30, 4, 4, None), series(100, 300, 0, None, 50))
    assert found[["c", "d", "e"]].isna().all()
    pd.testing.assert_series_equal(found[["a", "b"]], alone)


def test_no_more_spread_than_chance_gives_the_city_rate() -> None:
    found = rates.empirical_bayes(series(10, 11, 9), series(1000, 1000, 1000))
    assert found.tolist() == pytest.approx([0.01] * 3)
    assert rates.empirical_bayes(series(0, 0), series(10, 20)).tolist() == [0, 0]


def test_standardised_by_hand() -> None:
    found = rates.standardised(series(0, 30), series(100, 300))
    assert found.to_dict() == pytest.approx({"a": -0.075 / np.sqrt(0.00225), "b": 0.025 / np.sqrt(0.00175)})


def test_standardised_never_uses_less_variance_than_counting_has() -> None:
    # Equal rates but one: s² − b/n̄ < 0, so the variance is b/n.
    found = rates.standardised(series(10, 11, 9), series(1000, 1000, 1000))
    assert found.to_dict() == pytest.approx({"a": 0, "b": 0.001 / np.sqrt(1e-5), "c": -0.001 / np.sqrt(1e-5)})


counts = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100_000)), min_size=2, max_size=6)


@given(counts)
def test_smoothed_lies_between_raw_and_city(pairs: list[tuple[int, int]]) -> None:
    events, people = series(*(one for one, _ in pairs)), series(*(two for _, two in pairs))
    smooth, raw, city = rates.empirical_bayes(events, people), events / people, events.sum() / people.sum()
    low, high = np.minimum(raw, city), np.maximum(raw, city)
    assert ((smooth >= low - 1e-12) & (smooth <= high + 1e-12)).all()


@given(counts, st.randoms())
def test_order_of_rows_changes_no_digit(pairs: list[tuple[int, int]], random: object) -> None:
    events, people = series(*(one for one, _ in pairs)), series(*(two for _, two in pairs))
    order = list(events.index)
    random.shuffle(order)
    pd.testing.assert_series_equal(
        rates.empirical_bayes(events[order], people).sort_index(),
        rates.empirical_bayes(events, people),
        check_exact=True,
    )


@pytest.mark.parametrize("function", [rates.per_1000, rates.empirical_bayes, rates.standardised])
@pytest.mark.parametrize(
    ("events", "people", "error", "code"),
    [
        (series(1, -1), series(1, 1), LayerError, "rates_negative"),
        (series(1, 1), series(1, -1), LayerError, "rates_negative"),
        (series(1, np.inf), series(1, 1), LayerError, "rates_infinite"),
        (pd.Series(["1", "2"], index=["a", "b"]), series(1, 1), LayerError, "rates_not_numbers"),
        (series(1, 1), series(1, 1, 1), AlignmentError, "ids_unknown"),
        (series(1, 1, 1), series(1, 1), AlignmentError, "ids_absent"),
        (pd.Series([1, 2], index=["a", "a"]), series(1), AlignmentError, "ids_repeated"),
    ],
)
def test_unusable_counts_are_refused(
    function: object, events: pd.Series, people: pd.Series, error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as caught:
        function(events, people)
    assert code in [one.code for one in caught.value.problems]
    for one in caught.value.problems:
        assert all(one.say(language) for language in LANGUAGES)


def test_nothing_to_compute_is_said() -> None:
    with pytest.raises(LayerError, match="residents"):
        rates.empirical_bayes(series(None, 1), series(10, 0))
    with pytest.raises(LayerError, match="zero everywhere"):
        rates.standardised(series(0, 0), series(10, 10))


def test_nullable_numbers_and_inputs_unchanged() -> None:
    events = pd.Series([1, pd.NA, 3], index=list("abc"), dtype="Int64")
    before = events.copy()
    assert rates.per_1000(events, pd.Series([10, 10, 10], index=list("cba"))).isna().tolist() == [False, True, False]
    pd.testing.assert_series_equal(events, before)


# Drawn to the neighbours


def links(**neighbours: str) -> Graph:
    """A graph from the neighbours of each place, written as letters."""
    return Graph.from_dicts({one: dict.fromkeys(others, 1.0) for one, others in neighbours.items()})


@pytest.fixture(scope="module")
def sids() -> tuple[gpd.GeoDataFrame, Graph]:
    """Sudden infant deaths in the counties of North Carolina, with the neighbours published with them."""
    folder = Path(libpysal.__path__[0]) / "examples" / "sids2"
    frame = gpd.read_file(folder / "sids2.shp", ignore_geometry=True).set_index("FIPSNO")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        neighbours = libpysal.io.open(str(folder / "sids2.gal")).read()
    order = list(neighbours.id_order)
    ids = dict(zip(order, frame.index.astype(str), strict=True))
    graph = Graph.from_dicts({ids[one]: {ids[two]: 1.0 for two in neighbours.neighbors[one]} for one in order})
    return frame.set_index(frame.index.astype(str)), graph


def test_spatial_empirical_bayes_as_pysal_on_the_sids_data(sids: tuple[gpd.GeoDataFrame, Graph]) -> None:
    frame, graph = sids
    theirs = Spatial_Empirical_Bayes(frame["SID74"], frame["BIR74"], graph.to_W()).r.ravel()
    ours = rates.spatial_empirical_bayes(frame["SID74"], frame["BIR74"], graph)
    assert graph.to_W().id_order == list(frame.index)
    assert ours.to_numpy() == pytest.approx(theirs, rel=1e-12)
    assert ours.nunique() > 50


def test_spatial_empirical_bayes_of_saint_louis_as_pysal_publishes_it() -> None:
    folder = Path(libpysal.__path__[0]) / "examples" / "stl"
    table = pd.read_csv(folder / "stl_hom.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        neighbours = libpysal.io.open(str(folder / "stl.gal")).read()
    graph = Graph.from_dicts(
        {str(one): {str(two): 1.0 for two in others} for one, others in neighbours.neighbors.items()}
    )
    table = table.set_axis([str(i + 1) for i in range(len(table))])
    found = rates.spatial_empirical_bayes(table.iloc[:, 10], table.iloc[:, 13], graph)
    published = [4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05, 3.72735210e-05]
    assert found.iloc[:5].tolist() == pytest.approx(published, rel=1e-7)


def test_spatial_empirical_bayes_by_hand() -> None:
    # All three are neighbours of b alone; with everybody around, b's rate is the city's estimate of it.
    events, people = series(0, 30, 4), series(100, 300, 100)
    found = rates.spatial_empirical_bayes(events, people, links(a="b", b="ac", c="b"))
    assert found["b"] == pytest.approx(rates.empirical_bayes(events, people)["b"])
    assert found["a"] == pytest.approx(rates.empirical_bayes(series(0, 30), series(100, 300))["a"])


def test_an_isolate_and_one_whose_neighbours_lack_data_have_no_such_rate() -> None:
    graph = links(a="b", b="a", c="d", d="c", e="")
    found = rates.spatial_empirical_bayes(series(1, 2, 3, None, 5), series(10, 20, 30, 40, 50), graph)
    assert found.isna().tolist() == [False, False, True, True, True]


def test_the_sizes_of_the_weights_do_not_matter(sids: tuple[gpd.GeoDataFrame, Graph]) -> None:
    frame, graph = sids
    plain = rates.spatial_empirical_bayes(frame["SID74"], frame["BIR74"], graph)
    shuffled = frame.sample(frac=1, random_state=3)
    again = rates.spatial_empirical_bayes(shuffled["SID74"], frame["BIR74"], graph.transform("r"))
    pd.testing.assert_series_equal(again.reindex(plain.index), plain, check_exact=True)


def test_a_graph_of_other_neighbourhoods_is_refused() -> None:
    with pytest.raises(AlignmentError, match="graph"):
        rates.spatial_empirical_bayes(series(1, 2), series(10, 20), links(a="x", x="a"))


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100_000)), min_size=3, max_size=6))
def test_a_rate_drawn_to_its_neighbours_lies_between_theirs_and_its_own(pairs: list[tuple[int, int]]) -> None:
    events, people = series(*(one for one, _ in pairs)), series(*(two for _, two in pairs))
    ids = list(events.index)
    ring = Graph.from_dicts({one: {ids[i - 1]: 1.0, ids[(i + 1) % len(ids)]: 1.0} for i, one in enumerate(ids)})
    smooth, raw = rates.spatial_empirical_bayes(events, people, ring), events / people
    for i, one in enumerate(ids):
        around = [ids[i - 1], one, ids[(i + 1) % len(ids)]]
        mean = events[around].sum() / people[around].sum()
        assert min(raw[one], mean) - 1e-12 <= smooth[one] <= max(raw[one], mean) + 1e-12


# Exact intervals


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        (0, 0.0, 3.689),
        (1, 0.025, 5.572),
        (2, 0.242, 7.225),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (50, 37.11, 65.92),
    ],
)
def test_poisson_intervals_as_in_the_printed_tables(events: int, low: float, high: float) -> None:
    """The 95 % limits of a Poisson count, as in the appendices of epidemiology's textbooks (Garwood 1936)."""
    found = rates.poisson_interval(series(events), series(1)).loc["a"]
    assert found["low"] == pytest.approx(low, abs=6e-3 if events == 50 else 6e-4)
    assert found["high"] == pytest.approx(high, abs=6e-3 if events == 50 else 6e-4)


@given(st.integers(0, 3000), st.sampled_from([0.8, 0.95, 0.99]))
def test_at_its_limits_the_count_is_just_as_extreme_as_allowed(events: int, level: float) -> None:
    found = rates.poisson_interval(series(events), series(1), level=level).loc["a"]
    assert stats.poisson.cdf(events, found["high"]) == pytest.approx((1 - level) / 2, rel=1e-8)
    if events:
        assert stats.poisson.sf(events - 1, found["low"]) == pytest.approx((1 - level) / 2, rel=1e-8)
    else:
        assert found["low"] == 0


def test_intervals_are_rates_and_missing_stays_missing() -> None:
    found = rates.poisson_interval(series(10, None, 3, 3), series(2000, 10, 0, None))
    assert found.loc["a"].tolist() == pytest.approx([0.005, 4.795389 / 2000, 18.390356 / 2000], rel=1e-6)
    assert found.loc[["b", "c", "d"]].isna().all(axis=None)


def test_an_interval_belongs_to_whole_counts() -> None:
    with pytest.raises(LayerError, match=r"not whole numbers · b "):
        rates.poisson_interval(series(1, 2.5), series(10, 10))
    with pytest.raises(ConfigError, match="level is 1"):
        rates.poisson_interval(series(1), series(10), level=1)


# What may be relied on


def test_each_word_of_reliability_by_the_stated_rule() -> None:
    events = series(12, 11, 50, 0, None, 50)
    people = series(1000, 1000, 999, 0, 5000, None)
    words = ["reliable", "few_events", "few_people", "nobody", "missing", "missing"]
    assert rates.reliability(events, people).tolist() == words
    staff = rates.reliability(events, people, largest_error=None)
    assert staff.tolist() == ["reliable", "reliable", *words[2:]]
    assert staff.name == "events_reliability"


def test_suppressed_and_missing_are_different_words() -> None:
    status = pd.Series(["ok", "suppressed", "uncovered", "missing"], index=list("abcd"))
    found = rates.reliability(series(None, None, None, None), series(10, 10, 10, 10), status=status)
    assert found.tolist() == ["missing", "suppressed", "uncovered", "missing"]


def test_reliability_refuses_options_out_of_range() -> None:
    with pytest.raises(ConfigError, match="least_people"):
        rates.reliability(series(1), series(1), least_people=-1)
    with pytest.raises(ConfigError, match="largest_error"):
        rates.reliability(series(1), series(1), largest_error=0)


# Several denominators


def test_denominators_by_hand() -> None:
    staff = series(8, 6, 4, 2, 1, name="police")
    by = pd.DataFrame({"people": [1.0] * 5, "km": [1.0, 1.0, 1.0, 1.0, 0.1]}, index=IDS[:5])
    found = rates.compare_denominators(staff, by)
    assert found.rates["km"].tolist() == pytest.approx([8, 6, 4, 2, 10])
    # Places by people: 5 4 3 2 1; by km: 4 3 2 1 5. Σd² = 4·1 + 16 = 20, ρ = 1 − 6·20/(5·24) = 0.
    assert found.table.loc[1, "rank_correlation"] == pytest.approx(0)
    assert found.table.loc[1, "kendall"] == pytest.approx((6 - 4) / 10)
    assert found.table.loc[1, "same_fifth_share"] == 0
    assert (found.table.loc[1, "largest_move"], found.table.loc[1, "moved_id"]) == (4, "e")
    assert (found.always_least, found.ever_least) == ((), ("d", "e"))
    itself = ["rank_correlation", "kendall", "same_fifth_share", "largest_move"]
    assert found.table.loc[0, itself].tolist() == pytest.approx([1, 1, 1, 0])
    assert "km" in found.summary()
    assert "km" in found.summary("es")


def test_everybody_tied_at_nothing_is_among_those_with_least() -> None:
    staff = series(0, 0, 0, 0, 5)
    by = pd.DataFrame({"people": [3.0, 1, 4, 1, 5], "km": [2.0, 7, 1, 8, 2]}, index=IDS[:5])
    found = rates.compare_denominators(staff, by)
    assert found.always_least == ("a", "b", "c", "d")
    assert found.table.loc[1, "rank_correlation"] == pytest.approx(1)


def test_rounding_makes_no_ranking() -> None:
    people = pd.Series(np.arange(1.0, 12.0) * 0.3, index=[f"n{i:02}" for i in range(11)])
    found = rates.compare_denominators(people * 0.1, pd.DataFrame({"people": people, "same": people * 3}))
    assert np.isnan(found.table.loc[1, "rank_correlation"])
    assert found.table.loc[1, "same_fifth_share"] == 1
    assert "cannot be told" in found.summary()


def test_a_denominator_of_zero_leaves_the_neighbourhood_out_of_the_comparison() -> None:
    by = pd.DataFrame({"people": [1.0, 1, 1], "km": [0.0, 2, 1]}, index=IDS[:3])
    found = rates.compare_denominators(series(3, 2, 1), by)
    assert found.table["n"].tolist() == [2, 2]
    assert np.isnan(found.rates.loc["a", "km"])
    with pytest.raises(LayerError, match="no denominator"):
        rates.compare_denominators(series(3, 2, 1), by[[]])


@given(counts, st.floats(0.01, 100))
def test_a_denominator_in_another_unit_changes_no_place(pairs: list[tuple[int, int]], factor: float) -> None:
    events, people = series(*(one for one, _ in pairs)), series(*(two for _, two in pairs))
    found = rates.compare_denominators(events, pd.DataFrame({"people": people, "thousands": people * factor}))
    assert found.table["same_fifth_share"].tolist() == [1, 1]
    assert found.table["largest_move"].tolist() == [0, 0]
    assert found.always_least == found.ever_least


def test_the_comparison_of_denominators_shows_itself() -> None:
    found = rates.compare_denominators(series(1, 2), pd.DataFrame({"people": series(1, 1)}))
    assert "<table" in found._repr_html_()
    assert list(found.to_frame()["denominator"]) == ["people"]


@pytest.mark.real
def test_the_beach_district_of_lima_is_not_relied_on_and_leans_on_its_neighbours(data_folder: Path) -> None:
    """Santa María del Mar: 999 residents, 30 police; every other district of Lima and Callao has more than 1,000."""
    folder = data_folder / "peru_lima"
    census = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    staff = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo": str}).groupby("ubigeo")["policias_total"].sum()
    people = census["poblacion_2017"]
    police = staff.reindex(people.index)
    words = rates.reliability(police, people, largest_error=None)
    assert words[people == 999].tolist() == ["few_people"]
    assert (words[people != 999] == "reliable").all()
    limits = gpd.read_file(folder / "distritos_2017.geojson").set_index("ubigeo").to_crs("EPSG:32718")
    graph = weights.contiguity(limits, snap_m=0.5)
    beach = people.idxmin()
    smooth = rates.spatial_empirical_bayes(police, people, graph)
    around = [beach, *graph[beach].index]
    mean = police[around].sum() / people[around].sum()
    assert mean < smooth[beach] < police[beach] / people[beach]
    found = rates.compare_denominators(police.rename("police"), census[["poblacion_2017", "pob_5_mas"]])
    assert found.table.loc[1, "rank_correlation"] > 0.99
    assert found.table.loc[1, "same_fifth_share"] > 0.9
