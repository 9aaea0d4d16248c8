"""The burden of residents: by hand, in proportion to income, and never where it may not be told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

import secequity as se
from secequity.errors import AlignmentError, LayerError

IDS = ["a", "b", "c", "d"]
NAN = float("nan")
HOURS = pd.DataFrame(
    {"residents": [10.0, 20.0, 90.0, 60.0], "official": [60.0, 80.0, 30.0, 0.0], "market": [30.0, 0.0, 0.0, NAN]}, IDS
)
ADULTS = pd.Series([500.0, 1000.0, 900.0, 600.0], IDS)
ZONES = pd.Series(["centre", "centre", "periphery", "periphery"], IDS)
MONEY = pd.Series([0.0, 0.0, 45.0, NAN], IDS)


def burden(**options: Any) -> se.burden.Burden:
    given: dict[str, Any] = {"adults": ADULTS, "zones": ZONES} | options
    return se.burden.burden(HOURS, **given)


def test_neighbourhoods_by_hand() -> None:
    table = burden(money=MONEY, wage_per_hour=5.0).table
    assert table["hours_per_1000_adults"].tolist() == [20, 20, 100, 100]
    assert table["money_per_1000_adults"].tolist() == approx([0, 0, 50, NAN], nan_ok=True)
    assert table["quota_hours_per_week"].tolist() == approx([0, 0, 9, NAN], nan_ok=True)
    assert table["own_share"].tolist() == approx([0.1, 0.2, 0.75, NAN], nan_ok=True)
    assert table["market_share"].tolist() == approx([0.3, 0, 0, NAN], nan_ok=True)
    assert table["balance"].tolist() == approx([1 / 6, 0.25, 3, NAN], nan_ok=True)
    assert table["balance_word"].tolist() == ["receives more", "receives more", "gives more", "gives all"]


def test_zones_are_totals_over_totals_of_what_is_known() -> None:
    """Periphery: 150 hours of 1,500 adults; own share only of c, whose guards are counted; money only of c's adults."""
    zones = burden(money=MONEY).zones
    assert zones["hours_per_1000_adults"].tolist() == [20, 100]
    assert zones["own_share"].tolist() == approx([30 / 200, 90 / 120])
    assert zones["n_shares"].tolist() == [2, 1]
    assert zones["money_per_1000_adults"].tolist() == approx([0, 50])
    assert zones["balance"].tolist() == approx([30 / 140, 3])


def test_share_of_income_by_hand() -> None:
    """90 hours at 5 and a quota of 45 are 495 of 9,900 a week."""
    income = pd.Series([1000.0, 2000.0, 9900.0, NAN], IDS)
    table = burden(money=MONEY, wage_per_hour=5.0, income=income).table
    assert table["income_share"].tolist() == approx([0.05, 0.05, 0.05, NAN], nan_ok=True)


def test_a_share_of_income_without_its_money_is_missing() -> None:
    """d's 60 hours at 5 of 3,000 would be 0.1, but what it pays is not known. The periphery's is c's: 495 of 9,900."""
    income = pd.Series([1000.0, 2000.0, 9900.0, 3000.0], IDS)
    found = burden(money=MONEY, wage_per_hour=5.0, income=income)
    assert pd.isna(found.table["income_share"]["d"])
    assert found.zones["income_share"].tolist() == approx([150 / 3000, 495 / 9900])
    payers = found.payers.set_index(["burden", "index"])["n"]
    assert (payers["hours", "kakwani"], payers["total", "kakwani"]) == (4, 3)


def test_a_register_without_money_has_shares_of_hours_alone() -> None:
    """Nobody records quotas: 10 hours at 5 of 1,000 is a twentieth, in the neighbourhood and in its zone."""
    income = pd.Series([1000.0, 2000.0, 9000.0, 6000.0], IDS)
    found = burden(wage_per_hour=5.0, income=income)
    assert found.table["income_share"].tolist() == approx([0.05] * 4)
    assert found.zones["income_share"].tolist() == approx([0.05, 0.05])
    assert found.zones["money_per_week"].isna().all()


def test_a_zone_whose_only_quota_is_withheld_has_no_money_of_zero() -> None:
    income = pd.Series([1000.0, 2000.0, 9900.0, 3000.0], IDS)
    zones = burden(money=pd.Series([0.0, NAN, 45.0, NAN], IDS), wage_per_hour=5.0, income=income).zones
    columns = ["money_per_week", "money_per_1000_adults", "quota_hours_per_week", "income_share"]
    assert zones.loc["centre", columns].isna().all()
    assert zones.loc["periphery", columns].astype(float).tolist() == approx([45, 50, 9, 495 / 9900])


def test_an_income_that_is_missing_takes_its_work_out_of_the_zone() -> None:
    """c's 90 hours at 5 and its 45 of 9,900; d's 60 hours have no income to stand against."""
    income = pd.Series([1000.0, 2000.0, 9900.0, NAN], IDS)
    zones = burden(money=MONEY.fillna(0.0), wage_per_hour=5.0, income=income).zones
    assert zones["income_share"].tolist() == approx([0.05, 0.05])


def test_who_pays_by_hand() -> None:
    """Two people who earn 1 and 3 and give the same hours: Kakwani 0 − 1/4. In proportion: 0."""
    hours = pd.DataFrame({"residents": [8.0, 8.0], "official": 0.0, "market": 0.0}, ["x", "y"])
    people, zones = pd.Series([1.0, 1.0], ["x", "y"]), pd.Series(["centre", "periphery"], ["x", "y"])
    found = se.burden.burden(hours, adults=people, zones=zones, income=pd.Series([1.0, 3.0], ["x", "y"]))
    payers = found.payers.set_index(["burden", "index"])["value"]
    assert payers["hours", "kakwani"] == approx(-0.25)
    assert pd.isna(payers["money", "kakwani"])
    even = se.burden.burden(
        hours.assign(residents=[2.0, 6.0]), adults=people, zones=zones, income=pd.Series([1.0, 3.0], ["x", "y"])
    ).payers
    assert even["value"].head(2).tolist() == approx([0, 0])
    assert found.payers["n"].tolist() == [2, 2, 0, 0]


def test_without_incomes_nobody_knows_who_pays() -> None:
    assert burden().payers.empty


def test_a_side_nobody_registers_counts_nothing_and_a_missing_cell_is_missing() -> None:
    bare = se.burden.burden(HOURS.assign(market=NAN), adults=ADULTS, zones=ZONES).table
    assert bare["own_share"].tolist() == approx([1 / 7, 0.2, 0.75, 1])
    told = se.burden.burden(HOURS.assign(residents=[NAN, 20, 90, 60]), adults=ADULTS, zones=ZONES)
    assert told.table["status"].tolist() == ["missing", "ok", "ok", "ok"]
    assert told.table["balance_word"]["a"] == "cannot tell"
    assert told.zones["adults"].tolist() == [1000, 1500]


def test_sentences_in_both_languages() -> None:
    found = burden(income=pd.Series([9000.0, 20000.0, 4500.0, 3000.0], IDS))
    assert "los vecinos dan" in found.summary("es")
    assert "75 % of all security hours" in found.summary("en")
    assert "Regresivo" in found.summary("es")
    assert "<table" in found._repr_html_()


def test_bad_input_is_refused() -> None:
    with pytest.raises(LayerError, match="market"):
        se.burden.burden(HOURS.drop(columns="market"), adults=ADULTS, zones=ZONES)
    with pytest.raises(LayerError, match="money"):
        burden(money=-MONEY)
    with pytest.raises(AlignmentError):
        burden(money=MONEY.iloc[1:])


@given(st.permutations(IDS), st.floats(0.1, 10))
@settings(max_examples=20, deadline=None)
def test_order_and_currency_change_nothing(order: list[str], rate: float) -> None:
    income = pd.Series([1000.0, 2000.0, 9900.0, 500.0], IDS)
    money = MONEY.fillna(7.0)
    one = burden(money=money, income=income, wage_per_hour=5.0)
    other = se.burden.burden(
        HOURS.loc[order], adults=ADULTS, zones=ZONES, money=money * rate, income=income * rate, wage_per_hour=5.0 * rate
    )
    columns = ["hours_per_1000_adults", "own_share", "income_share", "balance"]
    pd.testing.assert_frame_equal(other.table.loc[IDS, columns], one.table[columns])
    assert other.payers["value"].tolist() == approx(one.payers["value"].tolist(), nan_ok=True)


def test_inputs_are_not_changed() -> None:
    before = HOURS.copy(), ADULTS.copy(), MONEY.copy()
    burden(money=MONEY)
    pd.testing.assert_frame_equal(before[0], HOURS)
    pd.testing.assert_series_equal(before[1], ADULTS)
    pd.testing.assert_series_equal(before[2], MONEY)
