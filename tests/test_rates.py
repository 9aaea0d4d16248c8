"""Rates per person, against hand calculations and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secequity import rates
from secequity.errors import AlignmentError, LayerError
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
