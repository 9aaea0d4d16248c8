"""The gap over every line, denominator and smoothing: counted by hand, and told in words."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from secequity import equity, rates, weights
from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.results import SPECIFICATIONS
from secequity.specifications import curve, densest, plaza_of, radii

IDS = ["plaza", "mercado", "loma", "quebrada", "pampa", "cumbre"]
POLICE = pd.Series([8.0, 4.0, 3.0, 2.0, 1.0, 0.0], index=IDS, name="police")
PEOPLE = pd.Series([1000.0, 1000.0, 2000.0, 2000.0, 1000.0, 1000.0], index=IDS)
ADULTS = pd.Series([900.0, 500.0, 1000.0, 1000.0, 500.0, 500.0], index=IDS)


def line(*centre: str) -> pd.Series:
    return pd.Series(["centre" if one in centre else "periphery" for one in IDS], index=IDS)


LINES = {"official": line("plaza", "mercado"), "narrow": line("plaza"), "turned": line("cumbre", "pampa")}


def options(**changes: Any) -> dict[str, Any]:
    return {
        "cascos": LINES, "denominators": {"population": PEOPLE, "adults": ADULTS}, "replicates": 99,
        "permutations": 99, "rng": 1,
    } | changes  # fmt: skip


def test_every_run_is_the_gap_computed_alone() -> None:
    found = curve(POLICE, **options())
    assert len(found.table) == 3 * 2 * 2
    assert list(found.table.columns) == list(SPECIFICATIONS)
    people = {"population": PEOPLE, "adults": ADULTS}
    for row in found.table.to_dict("records"):
        divisor = people[row["denominator"]]
        rate = rates.per_1000(POLICE, divisor)
        if row["smoothing"] == "empirical_bayes":
            rate = 1000 * rates.empirical_bayes(POLICE, divisor)
        alone = equity.gap(rate, LINES[row["casco"]], weights=divisor)
        assert row["difference"] == pytest.approx(alone.difference)
        assert row["ratio"] == pytest.approx(alone.ratio)


def test_runs_that_hold_are_counted_by_hand() -> None:
    """Raw: official 6 against 1 and narrow 8 against 10/7 hold; turned (0.5 against 17/6) does not."""
    found = curve(POLICE, **options(denominators={"population": PEOPLE}, smoothing=["raw"]))
    table = found.table.set_index("casco")
    assert table["ratio"].to_dict() == pytest.approx(
        {"turned": 0.5 / (17 / 6), "narrow": 8 / (10 / 7), "official": 6.0}
    )
    assert table["holds"].to_dict() == {"turned": False, "narrow": True, "official": True}
    assert list(found.table["casco"]) == ["turned", "narrow", "official"]  # from the lowest ratio to the highest
    assert (found.runs, found.same) == (3, 2)
    assert found.table.loc[found.table["own"], "casco"].tolist() == ["official"]
    said = found.summary()
    assert "the same way in 2 of 3 runs" in said
    assert "A run holds when" in said
    assert "between 0.18 and 6" in said
    assert "en 2 de 3 variantes" in found.summary("es")


def test_sure_counts_the_runs_that_hold_and_rule_chance_out() -> None:
    """By hand: with one centre of six places, the smallest two-sided p is 2/6; none is below 0.05, all below 0.9."""
    narrow = {"cascos": {"narrow": LINES["narrow"]}, "denominators": {"population": PEOPLE}, "smoothing": ["raw"]}
    found = curve(POLICE, **options(**narrow))
    assert found.table["p_value"].tolist() == pytest.approx([1 / 3])
    assert found.sure == 0
    assert curve(POLICE, **options(**narrow, alpha=0.9)).sure == 1


def test_the_own_run_may_be_any() -> None:
    found = curve(POLICE, **options(own=("turned", "adults", "empirical_bayes")))
    assert found.table.loc[found.table["own"], ["casco", "denominator", "smoothing"]].values.tolist() == [
        ["turned", "adults", "empirical_bayes"]
    ]
    assert found.same == 4


def test_a_line_that_repeats_another_counts_once() -> None:
    found = curve(POLICE, **options(cascos={**LINES, "radius:900": line("mercado", "plaza")}))
    assert found.repeated == ("radius:900",)
    assert len(found.table) == 12


def test_another_run_changes_no_digit_of_the_others() -> None:
    few = curve(POLICE, **options(cascos={"official": LINES["official"]})).table
    many = curve(POLICE, **options()).table
    same = many[many["casco"] == "official"].reset_index(drop=True)
    pd.testing.assert_frame_equal(few, same)


def test_the_order_of_rows_changes_no_digit() -> None:
    order = [3, 1, 5, 0, 4, 2]
    other = options(denominators={"population": PEOPLE.iloc[order], "adults": ADULTS})
    pd.testing.assert_frame_equal(curve(POLICE, **options()).table, curve(POLICE.iloc[order], **other).table)


def test_a_run_without_a_gap_stays_with_its_reason() -> None:
    everything = line(*IDS)
    found = curve(POLICE, **options(cascos={**LINES, "all": everything}, smoothing=["raw"]))
    told = found.table[found.table["casco"] == "all"]
    assert set(told["reason"]) == {"zone_empty_periphery"}
    assert told["holds"].isna().all() and told["difference"].isna().all()
    assert found.runs == 6
    assert "Runs that give no gap: 2" in found.summary()


def test_a_study_without_a_gap_has_no_direction_to_hold() -> None:
    """The same rate everywhere: differences are rounding, and no run holds or fails."""
    even = (PEOPLE / 3000 * 7).rename("police")
    found = curve(even, **options(denominators={"population": PEOPLE}, smoothing=["raw"]))
    assert found.table["holds"].isna().all() and found.runs == 0
    assert "no run gives a gap" in found.summary()


def test_smoothing_that_leaves_no_difference_can_show_no_gap() -> None:
    """One post a place of a thousand people: a between-place variance of zero, every smoothed rate is the city's."""
    posts = pd.Series([1.0, 1, 1, 2, 1, 0], index=IDS, name="posts")
    found = curve(posts, **options(denominators={"population": PEOPLE}))
    even = found.table[found.table["smoothing"] == "empirical_bayes"]
    assert set(even["reason"]) == {"smoothed_even"} and even["holds"].isna().all()
    assert found.runs == 3
    assert "smoothing leaves all neighbourhoods alike: 3" in found.summary()
    assert "el suavizado deja iguales a todos los barrios: 3" in found.summary("es")


def test_a_missing_amount_leaves_its_people_out_of_every_run() -> None:
    missing = POLICE.where(POLICE.index != "loma")
    found = curve(missing, **options(denominators={"population": PEOPLE}, smoothing=["raw"])).table.set_index("casco")
    assert found.loc["official", "periphery"] == pytest.approx(3 / 4)


def test_spatial_smoothing_runs_once_for_each_kind_of_neighbours() -> None:
    places = row_of_squares()
    graphs = {"queen": weights.contiguity(places), "knn:2": weights.knn(places, k=2)}
    spatial = options(denominators={"population": PEOPLE}, smoothing=["raw", "spatial_empirical_bayes"], graphs=graphs)
    found = curve(POLICE, **spatial)
    assert found.table["weights"].fillna("none").value_counts().to_dict() == {"queen": 3, "knn:2": 3, "none": 3}
    row = found.table[(found.table["casco"] == "official") & (found.table["weights"] == "queen")].iloc[0]
    rate = 1000 * rates.spatial_empirical_bayes(POLICE, PEOPLE, graphs["queen"])
    assert row["ratio"] == pytest.approx(equity.gap(rate, LINES["official"], weights=PEOPLE).ratio)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cascos": {}}, "specifications_empty"),
        ({"denominators": {}}, "specifications_empty"),
        ({"smoothing": []}, "specifications_empty"),
        ({"smoothing": ["kernel"]}, "option_word"),
        ({"smoothing": ["spatial_empirical_bayes"]}, "specifications_graphs"),
        ({"own": ("elsewhere", "population", "raw")}, "specifications_headline"),
        ({"alpha": 1.5}, "option_between"),
        ({"denominators": {"none": PEOPLE * 0}}, "specifications_denominator"),
    ],
)
def test_what_cannot_be_run_over_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises((ConfigError, LayerError)) as caught:
        curve(POLICE, **options(**changes))
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].say("es") != caught.value.problems[0].say("en")


def test_ids_must_be_the_same() -> None:
    with pytest.raises(AlignmentError):
        curve(POLICE, **options(cascos={"short": LINES["official"].iloc[1:]}))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=6, max_size=6), st.floats(0.1, 1000))
def test_counting_in_other_units_changes_no_ratio_and_no_verdict(counts: list[int], times: float) -> None:
    amount = pd.Series(counts, index=IDS, dtype=float, name="police")
    given_options = options(smoothing=["raw"], replicates=9, permutations=9)
    first, second = curve(amount, **given_options).table, curve(amount * times, **given_options).table
    keys = ["casco", "denominator"]
    first, second = first.sort_values(keys), second.sort_values(keys)
    np.testing.assert_allclose(first["ratio"].to_numpy(), second["ratio"].to_numpy(), rtol=1e-9)
    assert first["holds"].tolist() == second["holds"].tolist()


# Lines


def row_of_squares() -> gpd.GeoDataFrame:
    """Six square kilometres in a row, the plaza first."""
    shapes = [box(1000 * at, 0, 1000 * (at + 1), 1000) for at in range(6)]
    return gpd.GeoDataFrame(geometry=shapes, index=IDS, crs="EPSG:32718")


def test_radii_take_the_nearest_until_the_people_are_there() -> None:
    """The casco (plaza) has 1,000; twice that is plaza and mercado, 3 or 4 times also loma (4,000); by hand."""
    lines = radii(row_of_squares(), PEOPLE, line("plaza"), shares=[0.5, 2, 3, 4])
    assert set(lines) == {"radius:0", "radius:1000", "radius:2000"}
    assert lines["radius:1000"].to_dict() == line("plaza", "mercado").to_dict()
    assert lines["radius:2000"].to_dict() == line("plaza", "mercado", "loma").to_dict()


def test_a_radius_never_takes_the_whole_city() -> None:
    lines = radii(row_of_squares(), PEOPLE, line("plaza"), shares=[100])
    assert list(next(iter(lines.values()))).count("periphery") == 1


def test_the_plaza_may_be_told() -> None:
    lines = radii(row_of_squares(), PEOPLE, line("plaza"), plaza=Point(5500, 500), shares=[1])
    assert lines["radius:0"].to_dict() == line("cumbre").to_dict()


def test_the_plaza_is_the_middle_of_the_people_of_the_casco() -> None:
    middle = plaza_of(row_of_squares(), PEOPLE * [1, 3, 1, 1, 1, 1], line("plaza", "mercado"))
    assert (middle.x, middle.y) == (500 * 0.25 + 1500 * 0.75, 500)


def test_the_densest_have_as_many_people_as_the_casco() -> None:
    """loma and quebrada have 2,000 on a square kilometre; a casco of 2,000 people takes the first of them by id."""
    lines = densest(row_of_squares(), PEOPLE, line("plaza", "mercado"))
    assert {name: list(zones[zones == "centre"].index) for name, zones in lines.items()} == {"density:2000": ["loma"]}


def test_who_is_in_neither_zone_stays_so() -> None:
    own = line("plaza").where(PEOPLE.index != "mercado", None)
    around = radii(row_of_squares(), PEOPLE, own, shares=[3])["radius:2000"]
    assert pd.isna(around["mercado"]) and list(around[around == "centre"].index) == ["plaza", "loma"]
    dense = next(iter(densest(row_of_squares(), PEOPLE, own).values()))
    assert pd.isna(dense["mercado"])


def test_lines_need_metres_and_shares_above_zero() -> None:
    with pytest.raises(LayerError, match="EPSG:4326"):
        radii(row_of_squares().to_crs("EPSG:4326"), PEOPLE, line("plaza"))
    with pytest.raises(LayerError) as caught:
        radii(row_of_squares(), PEOPLE, line("plaza"), shares=[0, 1])
    assert caught.value.problems[0].code == "shares_word"
