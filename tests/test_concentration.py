"""The concentration index and curve, Kakwani and Suits, against hand calculations and published values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from secequity.equity import (
    burden_reading,
    concentration_curve,
    concentration_index,
    concentration_reading,
    gini,
    kakwani,
    suits,
)
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


BIRTHS = pd.Series([29939, 28776, 26528, 24689, 19739], index=list("12345"))
DEATHS_PER_1000 = pd.Series([154.7, 152.9, 119.5, 86.9, 54.3], index=list("12345"))


def test_the_worked_example_of_the_world_bank_handbook() -> None:
    """Deaths of children under five by wealth, India 1982–92: O'Donnell et al. (2008), ch. 8."""
    wealth = pd.Series(range(5), index=BIRTHS.index)
    assert round(concentration_index(DEATHS_PER_1000, wealth, weights=BIRTHS), 4) == -0.1694
    curve = concentration_curve(DEATHS_PER_1000, wealth, weights=BIRTHS)
    assert curve["people"].round(2).tolist() == [0, 0.23, 0.45, 0.66, 0.85, 1]
    assert curve["amount"].round(2).tolist() == [0, 0.30, 0.59, 0.79, 0.93, 1]
    assert curve["id"].tolist()[1:] == list("12345")


def test_erreygers_and_wagstaff_are_their_published_multiples_of_the_plain_index() -> None:
    """Of a share: 4μC (Erreygers 2009, eq. 20 with bounds 0 and 1) and C/(1 − μ) (Wagstaff 2005, eq. 3)."""
    wealth = pd.Series(range(5), index=BIRTHS.index)
    dead = DEATHS_PER_1000 / 1000
    plain, mean = concentration_index(dead, wealth, weights=BIRTHS), np.average(dead, weights=BIRTHS)
    options = {"weights": BIRTHS, "bounds": (0, 1)}
    assert concentration_index(dead, wealth, **options) == pytest.approx(4 * mean * plain)
    wagstaff = concentration_index(dead, wealth, correction="wagstaff", **options)
    assert wagstaff == pytest.approx(plain / (1 - mean))


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


PRE_TAX = pd.Series([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261.0])
POST_TAX = pd.Series([487, 1284, 2092, 2865, 3599, 4261, 4901, 6182, 8597, 15583.0])


def test_a_tax_without_reranking_redistributes_what_kakwani_says() -> None:
    """Kakwani (1977): the fall of the Gini is K·t/(1 − t), t the average rate; incomes and taxes as published for R."""
    tax = PRE_TAX - POST_TAX
    rate = tax.sum() / PRE_TAX.sum()
    fall = gini(PRE_TAX) - gini(POST_TAX)
    assert kakwani(tax, PRE_TAX) == pytest.approx(fall * (1 - rate) / rate)
    assert kakwani(tax, PRE_TAX) > 0 < suits(tax, PRE_TAX)


def test_suits_by_hand() -> None:
    # Incomes 1, 2, 5 of 8; burdens 2, 1, 1 of 4. Areas: ½·½·⅛ + ½(½ + ¾)·¼ + ½(¾ + 1)·⅝ = 47/64; S = 1 − 2·47/64.
    income, burden = pd.Series([1.0, 2.0, 5.0]), pd.Series([2.0, 1.0, 1.0])
    area = 0.5 * 0.5 / 8 + (0.5 + 0.75) / 2 / 4 + (0.75 + 1) / 2 * 5 / 8
    assert suits(burden, income) == pytest.approx(1 - 2 * area)


def test_kakwani_by_hand() -> None:
    # C of (2, 1, 1): 2/(4/3)·⅓·(2·(−⅓) + 1·⅓) = −⅙; G of (1, 2, 5): 2/(8/3)·⅓·(5 − 1)·⅓ = ⅓.
    income, burden = pd.Series([1.0, 2.0, 5.0]), pd.Series([2.0, 1.0, 1.0])
    assert kakwani(burden, income) == pytest.approx(-1 / 6 - 1 / 3)


def test_the_richest_who_give_all_and_the_poorest_who_give_all() -> None:
    """Suits (1977): the index runs from +1 to −1; with the richest holding nine tenths of income it is 1 − 0.9."""
    income = pd.Series([1.0, 9.0])
    assert suits(pd.Series([0.0, 4.0]), income) == pytest.approx(1 - 0.9)
    many = pd.Series([1.0] * 999 + [1001.0])
    assert suits(pd.Series([1.0] + [0.0] * 999), pd.Series(range(1, 1001))) == pytest.approx(-1, abs=1e-5)
    assert suits(pd.Series([0.0] * 999 + [1.0]), many.where(many == 1, 1.001)) == pytest.approx(1, abs=2e-3)


def test_neighbourhoods_of_the_same_income_are_taken_together() -> None:
    income, people = pd.Series([1.0, 1.0, 2.0]), pd.Series([10, 30, 20])
    burden = pd.Series([4.0, 0.0, 1.0])
    shared = pd.Series([1.0, 1.0, 1.0])
    for index in (kakwani, suits):
        assert index(burden, income, weights=people) == pytest.approx(index(shared, income, weights=people))


def test_a_burden_of_nobody_and_income_of_nobody_are_refused() -> None:
    for index in (kakwani, suits):
        with pytest.raises(LayerError, match="quota is zero in every"):
            index(pd.Series([0.0, 0.0], name="quota"), pd.Series([1.0, 2.0]))
        with pytest.raises(LayerError, match="income is zero in every"):
            index(pd.Series([1.0, 0.0]), pd.Series([0.0, 0.0], name="income"))
        with pytest.raises(LayerError, match="income is negative"):
            index(pd.Series([1.0, 0.0]), pd.Series([-1.0, 2.0], name="income"))
        with pytest.raises(AlignmentError, match="income"):
            index(pd.Series([1.0, 0.0]), pd.Series([1.0], name="income"))


@pytest.mark.parametrize(
    ("index", "english", "spanish"),
    [
        (-0.2, "Regressive: the poorer give a larger share", "Regresivo: los más pobres dan una parte mayor"),
        (0.2, "Progressive: the richer give a larger share", "Progresivo: los más ricos dan una parte mayor"),
        (0.0, "In proportion to income", "En proporción al ingreso"),
        (np.nan, "cannot be told", "No se puede saber"),
    ],
)
def test_a_burden_is_told_in_words(index: float, english: str, spanish: str) -> None:
    assert english in burden_reading(index)
    assert spanish in burden_reading(index, language="es")
