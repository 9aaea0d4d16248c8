"""The gap between the zones, alone (`equity.gap`) and with its uncertainty (`gaps.compare_zones`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from secequity.equity import gap
from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.gaps import compare_zones
from secequity.results import GAPS

METROPOLITAN = ["050101", "050104", "050110", "050115", "050116"]
IDS = ["plaza", "mercado", "loma", "quebrada", "pampa"]


@pytest.fixture
def city() -> tuple[pd.Series, pd.Series, pd.Series]:
    rate = pd.Series([4.0, 2.0, 1.0, 2.0, 0.5], index=IDS, name="police_per_1000")
    zones = pd.Series(["centre", "centre", "periphery", "periphery", "periphery"], index=IDS, name="zone")
    people = pd.Series([1000, 3000, 3000, 1000, 4000], index=IDS, name="population")
    return rate, zones, people


def test_a_zone_has_its_total_over_its_people(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = gap(rate, zones, weights=people)
    assert found.centre == pytest.approx((4 + 6) / 4)
    assert found.periphery == pytest.approx((3 + 2 + 2) / 8)
    assert found.difference == pytest.approx(2.5 - 0.875)
    assert found.ratio == pytest.approx(2.5 / 0.875)
    assert (found.n_centre, found.n_periphery, found.n_missing, found.n_without_zone) == (2, 3, 0, 0)
    assert (found.people_centre, found.people_periphery) == (4000, 8000)


def test_missing_values_leave_with_their_people_and_are_counted(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = gap(rate.where(rate.index != "pampa"), zones, weights=people)
    assert found.periphery == pytest.approx((3 + 2) / 4)
    assert (found.n_periphery, found.n_missing, found.people_missing) == (2, 1, 4000)
    assert "without a value, left out with their people: 1" in found.summary()


def test_missing_is_not_zero(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    missing, zero = rate.copy(), rate.copy()
    missing["pampa"], zero["pampa"] = np.nan, 0.0
    assert gap(zero, zones, weights=people).periphery == pytest.approx(5 / 8)
    assert gap(zero, zones, weights=people).n_missing == 0
    assert gap(missing, zones, weights=people).periphery > gap(zero, zones, weights=people).periphery


def test_people_may_be_missing_only_where_the_value_is(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    people = people.astype(float)
    people["pampa"] = np.nan
    with pytest.raises(LayerError, match=r"population is missing.*pampa"):
        gap(rate, zones, weights=people)
    found = gap(rate.where(rate.index != "pampa"), zones, weights=people)
    assert (found.n_missing, found.people_missing) == (1, 0)


def test_a_neighbourhood_of_neither_zone_is_counted_and_left_out(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = gap(rate, zones.where(zones.index != "loma"), weights=people)
    assert found.periphery == pytest.approx((2 + 2) / 5)
    assert found.n_without_zone == 1


def test_a_neighbourhood_without_people_weighs_nothing(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    rate["park"], zones["park"], people["park"] = 99.0, "centre", 0
    found = gap(rate, zones, weights=people)
    assert found.centre == pytest.approx(2.5)
    assert found.n_centre == 2


def test_nothing_in_the_periphery_gives_no_ratio_and_says_so(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = compare_zones(rate.where(zones == "centre", 0.0), zones, weights=people, rng=1)
    assert np.isnan(found.gap.ratio)
    assert "no ratio" in found.gap.summary()
    assert "no hay razón" in found.gap.summary("es")
    assert found.ratio_interval.reason == "undefined"


def test_ids_meet_by_label_and_inputs_stay_as_they_were(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    before = [one.copy() for one in city]
    rate, zones, people = city
    found = compare_zones(rate, zones.iloc[::-1], weights=people.sample(frac=1, random_state=3), rng=1)
    again = compare_zones(rate.iloc[::-1], zones, weights=people, rng=1)
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame(), check_exact=True)
    for one, other in zip(city, before, strict=True):
        pd.testing.assert_series_equal(one, other)


def test_ids_that_differ_are_named(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    with pytest.raises(AlignmentError, match="loma"):
        gap(rate, zones.drop("loma"), weights=people)
    with pytest.raises(AlignmentError, match="plaza"):
        gap(pd.concat([rate, rate.iloc[:1]]), zones, weights=people)


def test_zones_are_centre_and_periphery_and_both_are_needed(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    with pytest.raises(LayerError, match=r"centro.*plaza, mercado"):
        gap(rate, zones.replace("centre", "centro"), weights=people)
    with pytest.raises(LayerError, match="no neighbourhood is in the periphery"):
        gap(rate, zones.where(zones == "centre"), weights=people)
    with pytest.raises(LayerError, match="no neighbourhood is in the centre"):
        gap(rate, zones.where(zones == "periphery"), weights=people)


def test_every_problem_is_named_at_once(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    rate["loma"], people["pampa"] = np.inf, -1
    with pytest.raises(LayerError) as caught:
        gap(rate, zones.replace("centre", "centro"), weights=people)
    assert [one.code for one in caught.value.problems] == ["measure_not_finite", "measure_negative", "zone_unknown"]


def test_a_zone_without_any_value_gives_no_gap(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    found = compare_zones(rate.where(zones == "centre"), zones, weights=people, rng=1)
    assert np.isnan(found.gap.periphery)
    assert np.isnan(found.gap.difference)
    assert np.isnan(found.test.p_value)
    assert found.interval.reason == "undefined"
    assert "cannot be told" in found.summary()


def test_the_row_is_the_contract_s(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    row = compare_zones(rate, zones, weights=people, level=0.9, rng=7).to_frame()
    assert tuple(row.columns) == GAPS
    assert row.loc[0, "measure"] == "police_per_1000"
    assert row.loc[0, "low"] <= row.loc[0, "difference"] <= row.loc[0, "high"]
    assert row.loc[0, "level"] == 0.9


def test_the_exact_test_of_a_small_city(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    amount = rate * people
    differences = []
    for first in range(5):
        for second in range(first + 1, 5):
            centre = [IDS[first], IDS[second]]
            others = [one for one in IDS if one not in centre]
            differences.append(
                amount[centre].sum() / people[centre].sum() - amount[others].sum() / people[others].sum()
            )
    larger = sum(one >= 1.625 - 1e-9 for one in differences)
    found = compare_zones(rate, zones, weights=people).test
    assert found.exact
    assert found.permutations == 10
    assert found.p_value == pytest.approx(2 * larger / 10)


def test_equal_neighbourhoods_show_neither_spread_nor_significance() -> None:
    ids = [f"n{i}" for i in range(30)]
    people = pd.Series(np.arange(1.0, 31.0), index=ids)
    zones = pd.Series(["centre"] * 10 + ["periphery"] * 20, index=ids)
    found = compare_zones(pd.Series(0.1, index=ids), zones, weights=people, replicates=499, permutations=499, rng=1)
    assert found.test.p_value == 1
    assert found.interval.reason == "no_spread"
    assert found.ratio_interval.reason == "no_spread"


def test_options_out_of_range_are_refused(city: tuple[pd.Series, pd.Series, pd.Series]) -> None:
    rate, zones, people = city
    for wrong in ({"level": 1.0}, {"replicates": 0}, {"permutations": 0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            compare_zones(rate, zones, weights=people, **wrong)


@pytest.mark.real
def test_police_of_metropolitan_ayacucho(data_folder: Path) -> None:
    folder = data_folder / "peru_ayacucho"
    census = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    stations = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo": str})
    people = census.loc[METROPOLITAN, "poblacion_2017"]
    police = stations.groupby("ubigeo")["policias_total"].sum().reindex(METROPOLITAN, fill_value=0.0)
    zones = pd.Series(["centre"] + ["periphery"] * 4, index=METROPOLITAN)
    found = compare_zones((1000 * police / people).rename("police_per_1000"), zones, weights=people)
    assert found.gap.centre == pytest.approx(1.358, abs=5e-4)
    assert found.gap.periphery == pytest.approx(0.918, abs=5e-4)
    assert found.gap.ratio == pytest.approx(1.48, abs=5e-3)
    assert found.interval.reason == "one_row"
    assert found.test.exact
    assert found.test.permutations == 5


@pytest.mark.parametrize("kind", ["string", object])
def test_a_zone_that_pandas_calls_unknown_is_no_zone(kind: object) -> None:
    ids = list("abcde")
    zones = pd.Series(["centre", "centre", "periphery", "periphery", pd.NA], index=ids, dtype=kind)
    found = gap(pd.Series([1.0, 3.0, 4.0, 4.0, 9.0], index=ids), zones, weights=pd.Series(100, index=ids))
    assert (found.difference, found.n_without_zone) == (-2.0, 1)
