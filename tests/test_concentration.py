"""The concentration index against hand calculations and published values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from secequity.equity import concentration_index, concentration_reading
from secequity.errors import AlignmentError, ConfigError, LayerError

UNITS = ["a", "b", "c", "d"]
ACCESS = pd.Series([22239.0, 36567.0, 42372.0, 55571.0], index=UNITS, name="access")
POPULATION = pd.Series([852, 394, 1969, 2189], index=UNITS, name="population")
INCOME = pd.Series([4757.8, 1627.8, 543.1, 3822.0], index=UNITS, name="income")


def test_the_value_of_the_accessibility_package() -> None:
    assert concentration_index(ACCESS, INCOME, weights=POPULATION) == pytest.approx(-0.0248147925, abs=5e-11)


def test_the_corrected_value_of_the_accessibility_package_with_its_bounds() -> None:
    found = concentration_index(ACCESS, INCOME, weights=POPULATION, bounds=(22239, 55571))
    assert round(found, 4) == -0.1314


def test_by_hand_everything_with_the_richest() -> None:
    rank = pd.Series([1, 2, 3])
    assert concentration_index(pd.Series([0.0, 0.0, 1.0]), rank) == pytest.approx(2 * (5 / 6 - 1 / 2))
    assert concentration_index(pd.Series([1.0, 0.0, 0.0]), rank) == pytest.approx(2 * (1 / 6 - 1 / 2))


def test_neighbourhoods_that_tie_share_the_average_rank() -> None:
    rank = pd.Series([1, 1, 2, 2])
    values = pd.Series([0.0, 0.0, 0.0, 4.0])
    assert concentration_index(values, rank) == pytest.approx(2 * (0.75 - 0.5))
    assert concentration_index(values, rank * 0) == pytest.approx(0, abs=1e-15)


def test_bounded_shares_by_hand() -> None:
    rank = pd.Series([1, 2])
    share = pd.Series([0.0, 1.0])
    assert concentration_index(share, rank) == pytest.approx(0.5)
    assert concentration_index(share, rank, bounds=(0, 1)) == pytest.approx(4 * 0.5 * 0.5)
    assert concentration_index(share, rank, bounds=(0, 1), correction="wagstaff") == pytest.approx(0.5 / (1 - 0.5))


def test_erreygers_mirrors_where_the_plain_index_does_not() -> None:
    rank = pd.Series([1, 2, 3])
    lit = pd.Series([20.0, 60.0, 90.0])
    for correction in ("erreygers", "wagstaff"):
        found = concentration_index(lit, rank, bounds=(0, 100), correction=correction)
        dark = concentration_index(100 - lit, rank, bounds=(0, 100), correction=correction)
        assert found == pytest.approx(-dark)
    assert concentration_index(lit, rank) != pytest.approx(-concentration_index(100 - lit, rank))


def test_bounds_allow_zero_everywhere_but_no_value_outside() -> None:
    rank = pd.Series([1, 2, 3])
    nothing = pd.Series([0.0, 0.0, 0.0])
    assert concentration_index(nothing, rank, bounds=(0, 1)) == 0
    with pytest.raises(LayerError, match="every value is 0"):
        concentration_index(nothing, rank, bounds=(0, 1), correction="wagstaff")
    with pytest.raises(LayerError, match="zero in every neighbourhood"):
        concentration_index(nothing, rank)
    with pytest.raises(LayerError, match=r"outside the bounds from 0 to 1 · 2 "):
        concentration_index(pd.Series([0.0, 1.0, 1.5]), rank, bounds=(0, 1))


def test_wrong_options_are_refused() -> None:
    for wrong in ({"bounds": (1, 0)}, {"bounds": (0, 1), "correction": "gini"}):
        with pytest.raises(ConfigError, match="erreygers, wagstaff"):
            concentration_index(ACCESS, INCOME, **wrong)


def test_the_rank_is_numbers_complete_and_of_the_same_neighbourhoods() -> None:
    with pytest.raises(LayerError, match=r"income is missing .* c "):
        concentration_index(ACCESS, INCOME.where(INCOME.index != "c"))
    with pytest.raises(LayerError, match="income holds something other than numbers"):
        concentration_index(ACCESS, INCOME.astype(str))
    with pytest.raises(AlignmentError, match="c"):
        concentration_index(ACCESS, INCOME.drop("c"))


@pytest.mark.parametrize(
    ("index", "english", "spanish"),
    [
        (-0.25, "Concentrated among the poorer", "Se concentra en los más pobres"),
        (0.25, "Concentrated among the richer", "Se concentra en los más ricos"),
        (0.004, "neither among the poorer nor among the richer", "ni en los más pobres ni en los más ricos"),
        (np.nan, "cannot be told", "No se puede saber"),
    ],
)
def test_the_sign_is_never_left_alone(index: float, english: str, spanish: str) -> None:
    assert english in concentration_reading(index)
    assert spanish in concentration_reading(index, language="es")
