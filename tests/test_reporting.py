"""Crime nobody reports: the same comparison under a range of reporting rates, and where it turns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

import secequity as se
from city import City, census
from secequity.errors import AlignmentError, LayerError

IDS = list("abcd")
CRIMES = pd.Series([60.0, 30.0, 20.0, 10.0], IDS)
PEOPLE = pd.Series([1000.0, 500.0, 1000.0, 1000.0], IDS)
ZONES = pd.Series(["centre", "centre", "periphery", "periphery"], IDS)
RATES = (0.1, 0.155, 0.3)


def test_by_hand() -> None:
    """Reported: 60 per 1,000 in the centre, 15 in the periphery, four times. If the periphery reports a tenth and the
    centre three tenths, it is 200 against 150; the comparison turns at a ratio of rates of four."""
    found = se.reporting.sensitivity(CRIMES, PEOPLE, ZONES, rates=RATES)
    table = found.table.set_index(["rate_centre", "rate_periphery"])
    assert table.loc[(0.3, 0.1), ["centre", "periphery", "ratio"]].tolist() == approx([200, 150, 4 / 3])
    assert table.loc[(0.155, 0.155), "ratio"] == approx(4)
    assert not table["turns"].any()
    assert found.tipping == {"crime_per_1000": approx(4)}
    assert (table["tipping_ratio"] == 4).all()


def test_a_comparison_that_turns() -> None:
    """Reported 60 against 30: if the centre reports three times as much, 200 against 300. Ranks: b above a above d…"""
    crimes = pd.Series([60.0, 30.0, 40.0, 20.0], IDS)
    found = se.reporting.sensitivity(crimes, PEOPLE, ZONES, rates=(0.1, 0.3))
    table = found.table.set_index(["rate_centre", "rate_periphery"])
    assert table["turns"].tolist() == [False, False, True, False]
    assert table.loc[(0.3, 0.1), "ratio"] == approx(2 / 3)
    assert table.loc[(0.1, 0.3), "rank_correlation"] == approx(1)
    assert table.loc[(0.3, 0.1), "leave_worst_fifth"] == "a"
    assert "2 times" in found.summary("en") and "2 veces" in found.summary("es")


def test_service_for_each_crime_by_hand() -> None:
    """90 hours for 90 crimes against 60 for 30: half as many. It turns where the centre reports twice as much."""
    supply = pd.Series([60.0, 30.0, 60.0, 0.0], IDS)
    found = se.reporting.sensitivity(CRIMES, PEOPLE, ZONES, rates=(0.1, 0.3), supply=supply)
    rows = found.table[found.table["measure"] == "official_hours_per_crime"]
    rows = rows.set_index(["rate_centre", "rate_periphery"])
    assert rows.loc[(0.1, 0.1), ["centre", "periphery", "ratio"]].tolist() == approx([0.1, 0.2, 0.5])
    assert rows.loc[(0.3, 0.1), "ratio"] == approx(1.5)
    assert rows["turns"].tolist() == [False, False, True, False]
    assert found.tipping["official_hours_per_crime"] == approx(2)


@given(st.floats(0.01, 1), st.lists(st.floats(1, 500), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_same_rate_everywhere_changes_no_comparison(rate: float, counts: list[float]) -> None:
    table = se.reporting.sensitivity(pd.Series(counts, IDS), PEOPLE, ZONES, rates=[rate, 1.0]).table
    same = table[table["rate_centre"] == table["rate_periphery"]]
    assert not same["turns"].any()
    assert same["ratio"].nunique() == 1 or same["ratio"].max() == approx(same["ratio"].min())
    turned = table["rate_centre"] / table["rate_periphery"] - table["tipping_ratio"]
    told = (table["ratio"] - 1).abs() > 1e-9
    higher = table["ratio"][told] > 1
    assert (higher == (turned[told] < 0)).all()


def test_missing_counts_are_left_out_and_a_zero_stays() -> None:
    table = se.reporting.sensitivity(CRIMES.where(CRIMES != 20), PEOPLE, ZONES, rates=[0.1]).table
    assert table["periphery"].tolist() == [100]
    none = se.reporting.sensitivity(CRIMES * [1, 1, 0, 0], PEOPLE, ZONES, rates=[0.1])
    assert pd.isna(none.tipping["crime_per_1000"])
    assert not none.table["turns"].any()


def test_bad_input_is_refused() -> None:
    for rates in ([], [0.0], [1.2]):
        with pytest.raises(LayerError, match="rates"):
            se.reporting.sensitivity(CRIMES, PEOPLE, ZONES, rates=rates)
    with pytest.raises(LayerError, match="negative"):
        se.reporting.sensitivity(-CRIMES, PEOPLE, ZONES, rates=RATES)
    with pytest.raises(LayerError, match="one zone"):
        se.reporting.sensitivity(CRIMES, PEOPLE, ZONES.where(ZONES == "centre"), rates=RATES)
    with pytest.raises(AlignmentError):
        se.reporting.sensitivity(CRIMES.iloc[1:], PEOPLE, ZONES, rates=RATES)


def test_in_a_study(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().assign(delitos=[40, 10, 20, 30, 200, 5, 60, 10, 15]))
    city.study["reporting"] = {"crime": "delitos", "rates": [0.1, 0.155]}
    city.layer["hours_per_week"] = 48
    results = city.read().run()
    table = results.table("reporting")
    assert len(table) == 8
    assert "delitos" not in set(results.measures["measure"])
    reported = 200 / 9000 / (190 / 37600)
    assert table["tipping_ratio"].iloc[0] == approx(reported)
    city.study["reporting"]["rates"] = [15.5]
    assert "reporting.rates" in city.errors()["key_value"].say()
    city.study["reporting"]["rates"] = [0.155]
    city.study["reporting"]["crime"] = "delito"
    assert "delitos" in city.errors()["population_column_unknown"].say()
