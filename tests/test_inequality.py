"""Gini, Theil, Atkinson, Hoover, FGT, Lorenz and Palma against hand calculations and other software."""

from __future__ import annotations

import json
import re
from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pyogrio
import pytest
from inequality import atkinson as pysal_atkinson
from inequality.gini import Gini
from inequality.theil import TheilD

from secequity.equity import atkinson, fgt, gini, hoover, lorenz, palma, theil, theil_l
from secequity.errors import AlignmentError, ConfigError, LayerError

UNITS = ["a", "b", "c", "d"]
ACCESS = pd.Series([22239.0, 36567.0, 42372.0, 55571.0], index=UNITS, name="access")
POPULATION = pd.Series([852, 394, 1969, 2189], index=UNITS, name="population")
INCOME = pd.Series([4757.8, 1627.8, 543.1, 3822.0], index=UNITS, name="income")
ALONE = [gini, lambda x, **w: theil(x, **w).total, atkinson, hoover, palma, lorenz]


@pytest.fixture(scope="module")
def mexico() -> pd.Series:
    frame = pd.read_csv(libpysal.examples.get_path("mexico.csv"))
    return frame["pcgdp1940"].astype(float).set_axis(frame["State"].str.strip())


@pytest.fixture(scope="module")
def columbus() -> pd.DataFrame:
    frame = pyogrio.read_dataframe(libpysal.examples.get_path("columbus.shp"), read_geometry=False)
    return frame.set_axis([f"c{i:02}" for i in range(len(frame))])


def test_gini_of_mexico_1940(mexico: pd.Series) -> None:
    assert gini(mexico) == pytest.approx(0.353723711734528, abs=1e-14)
    assert gini(mexico) == pytest.approx(Gini(mexico.to_numpy()).g, abs=1e-14)


def test_gini_of_the_accessibility_package() -> None:
    assert gini(ACCESS, weights=POPULATION) == pytest.approx(0.138561178, abs=5e-10)


def test_gini_and_atkinson_of_the_r_package_ineq() -> None:
    """Its example: mean incomes of ten groups; the values are those that `ineq::Gini` and `ineq::Atkinson` print."""
    incomes = pd.Series([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261.0])
    assert gini(incomes) == pytest.approx(0.4620911, abs=5e-8)
    assert atkinson(incomes) == pytest.approx(0.1796591, abs=5e-8)
    assert atkinson(incomes, epsilon=1) == pytest.approx(0.3518251, abs=5e-8)


def test_theil_l_by_hand_and_its_parts() -> None:
    found = theil_l(pd.Series([1.0, 4.0, 1.0, 4.0]), groups=pd.Series(["a", "a", "b", "b"]))
    assert (found.total, found.between) == (pytest.approx(np.log(5 / 4)), pytest.approx(0, abs=1e-15))
    assert found.within == pytest.approx(np.log(5 / 4))
    # Means 1 and 4 with shares of people 3/4 and 1/4: ln 1.75 − ¼·ln 4.
    people = pd.Series([3, 1], index=["loma", "plaza"])
    split = theil_l(
        pd.Series([1.0, 4.0], index=people.index), weights=people, groups=pd.Series(people.index, people.index)
    )
    assert split.total == pytest.approx(np.log(1.75) - np.log(4) / 4)
    assert split.between == pytest.approx(split.total)
    assert np.isnan(theil_l(pd.Series([1.0, 4.0])).within)


def test_theil_l_is_atkinson_with_one() -> None:
    """A(1) = 1 − exp(−L)."""
    assert atkinson(ACCESS, weights=POPULATION, epsilon=1) == pytest.approx(
        1 - np.exp(-theil_l(ACCESS, weights=POPULATION).total)
    )


def test_theil_l_does_not_exist_where_people_have_nothing() -> None:
    with pytest.raises(LayerError, match=r"access is zero .* b .* Theil's T"):
        theil_l(ACCESS.where(ACCESS.index != "b", 0.0))
    assert (
        theil_l(ACCESS.where(ACCESS.index != "b", 0.0), weights=POPULATION.where(POPULATION.index != "b", 0)).total > 0
    )


def test_theil_of_columbus_splits_between_core_and_rest(columbus: pd.DataFrame) -> None:
    found = theil(columbus["CRIME"], groups=columbus["CP"])
    assert found.total == pytest.approx(0.1281374926, abs=5e-11)
    assert found.between == pytest.approx(0.0638453978, abs=5e-11)
    assert found.within == pytest.approx(0.0642920948, abs=5e-11)
    peer = TheilD(columbus["CRIME"].to_numpy(), columbus["CP"].to_numpy())
    assert found.between == pytest.approx(peer.bg, abs=1e-12)
    assert "50 % of the inequality lies between" in found.summary()


def test_theil_by_hand_where_one_of_three_has_nothing() -> None:
    found = theil(pd.Series([0.0, 1.0, 1.0]), groups=pd.Series(["poor", "rich", "rich"]))
    assert found.total == pytest.approx(np.log(3 / 2))
    assert found.between == pytest.approx(np.log(3 / 2))
    assert found.within == 0


def test_theil_without_groups_is_not_split() -> None:
    found = theil(pd.Series([1.0, 3.0]))
    assert np.isnan(found.between)
    assert np.isnan(found.within)
    assert found.total == pytest.approx((0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2)
    assert list(found.to_frame().columns) == ["total", "between", "within"]


@pytest.mark.parametrize("epsilon", [0, 0.25, 0.5, 1, 2, 3.5])
def test_atkinson_as_pysal(mexico: pd.Series, epsilon: float) -> None:
    assert atkinson(mexico, epsilon=epsilon) == pytest.approx(pysal_atkinson.atkinson(mexico.to_numpy(), epsilon))


def test_atkinson_by_hand() -> None:
    assert atkinson(pd.Series([1.0, 4.0]), epsilon=1) == pytest.approx(1 - 2 / 2.5)
    assert atkinson(pd.Series([1.0, 4.0]), epsilon=2) == pytest.approx(1 - 1.6 / 2.5)
    assert atkinson(pd.Series([0.0, 4.0]), epsilon=1) == 1
    assert atkinson(pd.Series([0.0, 4.0]), epsilon=0.5) == pytest.approx(0.5)
    with pytest.raises(ConfigError, match="epsilon"):
        atkinson(pd.Series([1.0]), epsilon=-1)


def test_hoover_is_the_share_that_would_move() -> None:
    people = pd.Series([100, 300], index=["plaza", "loma"])
    staff = pd.Series([6, 2], index=["plaza", "loma"])
    assert hoover(staff / people, weights=people) == pytest.approx(4 / 8)


def test_fgt_by_hand_and_the_norm_itself_meets_the_norm() -> None:
    rate = pd.Series([0.0, 1.0, 2.0, 3.0])
    people = pd.Series([1, 1, 1, 7])
    assert fgt(rate, 2) == pytest.approx(0.5)
    assert fgt(rate, 2, weights=people) == pytest.approx(0.2)
    assert fgt(rate, 2, alpha=1) == pytest.approx((1 + 0.5) / 4)
    assert fgt(rate, 2, alpha=2) == pytest.approx((1 + 0.25) / 4)
    assert fgt(rate * 0, 2, alpha=2) == 1
    with pytest.raises(ConfigError, match="line"):
        fgt(rate, 0)
    with pytest.raises(ConfigError, match="alpha"):
        fgt(rate, 1, alpha=-1)


def test_lorenz_curve_by_hand() -> None:
    people = pd.Series([10, 30, 60], index=["plaza", "loma", "quebrada"])
    rate = pd.Series([8.0, 2.0, 1.0], index=["plaza", "loma", "quebrada"])
    curve = lorenz(rate, weights=people)
    assert curve["id"].tolist()[1:] == ["quebrada", "loma", "plaza"]
    assert curve["id"].isna().tolist() == [True, False, False, False]
    assert curve["people"].tolist() == pytest.approx([0, 0.6, 0.9, 1])
    assert curve["amount"].tolist() == pytest.approx([0, 0.3, 0.6, 1])


def test_palma_cuts_within_a_neighbourhood() -> None:
    people = pd.Series([50, 30, 20], index=["loma", "pampa", "plaza"])
    rate = pd.Series([1.0, 2.0, 5.0], index=["loma", "pampa", "plaza"])
    income = pd.Series([1, 3, 2], index=["loma", "pampa", "plaza"])
    assert palma(rate, weights=people) == pytest.approx(5 / 1)
    assert palma(rate, weights=people, rank=income) == pytest.approx(2 / 1)
    assert palma(rate, weights=people, rank=-income) == pytest.approx(1 / ((30 * 2 + 10 * 5) / 40))


def test_palma_is_four_times_the_ratio_of_shares() -> None:
    rate = pd.Series(np.arange(1.0, 11.0))
    top, bottom = 10 / 55, (1 + 2 + 3 + 4) / 55
    assert palma(rate) == pytest.approx(4 * top / bottom)


def test_palma_of_the_accessibility_package_with_the_income_cuts_of_the_whole_city() -> None:
    found = palma(ACCESS, weights=POPULATION, rank=INCOME, cuts=(1000, 3000))
    assert found == pytest.approx(1.0911059, abs=5e-8)


def test_palma_does_not_depend_on_which_of_the_tied_comes_first() -> None:
    rate = pd.Series([1.0, 3.0, 5.0, 7.0], index=UNITS)
    tied = pd.Series([1, 1, 1, 1], index=UNITS)
    assert palma(rate, rank=tied) == pytest.approx(1)


def test_palma_is_missing_where_the_poorest_have_nothing() -> None:
    assert np.isnan(palma(pd.Series([0.0, 0.0, 1.0, 1.0, 1.0])))
    assert np.isnan(palma(ACCESS, rank=INCOME, cuts=(100, 3000)))
    assert np.isnan(palma(ACCESS, rank=INCOME, cuts=(1000, 9000)))


def test_palma_cuts_need_a_rank_and_an_order() -> None:
    with pytest.raises(ConfigError, match="cuts need a rank"):
        palma(ACCESS, cuts=(1, 2))
    with pytest.raises(ConfigError, match="cuts need a rank"):
        palma(ACCESS, rank=INCOME, cuts=(2, 1))


@pytest.mark.parametrize("measure", ALONE)
def test_bad_values_are_refused_with_their_ids(measure) -> None:
    with pytest.raises(LayerError, match=r"access is missing .* b "):
        measure(ACCESS.where(ACCESS.index != "b"))
    with pytest.raises(LayerError, match=r"access is negative .* a, c "):
        measure(ACCESS.where(~ACCESS.index.isin(["a", "c"]), -1.0))
    with pytest.raises(LayerError, match=r"access is infinite .* d "):
        measure(ACCESS.where(ACCESS.index != "d", np.inf))
    with pytest.raises(LayerError, match="zero in every neighbourhood"):
        measure(ACCESS * 0)
    with pytest.raises(LayerError, match="no neighbourhoods"):
        measure(ACCESS.iloc[:0])
    with pytest.raises(LayerError, match="other than numbers"):
        measure(ACCESS.astype(str))


@pytest.mark.parametrize("measure", ALONE)
def test_bad_weights_are_refused_with_their_ids(measure) -> None:
    with pytest.raises(LayerError, match=r"population is negative .* c "):
        measure(ACCESS, weights=POPULATION.where(POPULATION.index != "c", -5))
    with pytest.raises(LayerError, match=r"population is missing .* c "):
        measure(ACCESS, weights=POPULATION.where(POPULATION.index != "c"))
    with pytest.raises(LayerError, match="nobody lives"):
        measure(ACCESS, weights=POPULATION * 0)
    with pytest.raises(AlignmentError, match="d"):
        measure(ACCESS, weights=POPULATION.drop("d"))


@pytest.mark.parametrize("measure", ALONE)
def test_inputs_stay_as_they_were_and_any_name_will_do(measure) -> None:
    values, people = ACCESS.rename("{weights}"), POPULATION.rename("values")
    before = values.copy(), people.copy()
    measure(values, weights=people)
    pd.testing.assert_series_equal(values, before[0])
    pd.testing.assert_series_equal(people, before[1])
    with pytest.raises(LayerError, match=r"\{weights\} is negative"):
        measure(-values, weights=people)


def test_a_missing_group_is_refused() -> None:
    with pytest.raises(LayerError, match=r"zone is missing .* b "):
        theil(ACCESS, groups=pd.Series(["x", None, "x", "y"], index=UNITS, name="zone"))


def test_sentences_exist_in_both_languages_with_the_same_blanks() -> None:
    package = Path(__file__).parents[1] / "src" / "secequity"
    english, spanish = (
        json.loads((package / "catalogue" / language / "equity.json").read_text(encoding="utf-8"))
        for language in ("en", "es")
    )
    assert list(english) == list(spanish)
    for key, sentence in english.items():
        if key.startswith("problem."):
            assert key.replace("problem.", "remedy.") in english
        assert set(re.findall(r"\{(\w+)\}", sentence)) == set(re.findall(r"\{(\w+)\}", spanish[key])), key


@pytest.mark.real
def test_gini_of_the_police_of_lima_and_callao(data_folder: Path) -> None:
    folder = data_folder / "peru_lima"
    census = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    stations = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo_poligono": str})
    people = census["poblacion_2017"]
    rate = stations.groupby("ubigeo_poligono")["policias_total"].sum().reindex(people.index, fill_value=0.0) / people
    assert gini(rate, weights=people) == pytest.approx(0.282, abs=5e-4)
