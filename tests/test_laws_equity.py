"""Laws that every measure of inequality obeys, whatever the city."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secequity.equity import (
    atkinson,
    concentration_curve,
    concentration_index,
    fgt,
    gap,
    gini,
    hoover,
    kakwani,
    lorenz,
    palma,
    suits,
    theil,
    theil_l,
)

CLOSE = {"rel": 1e-7, "abs": 1e-9}
amounts = st.one_of(st.just(0.0), st.floats(0.01, 1000))
MEASURES = {
    "gini": gini,
    "theil": lambda values, **options: theil(values, **options).total,
    "hoover": hoover,
    "atkinson": atkinson,
    "palma": palma,
}
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
transfer_sensitive = pytest.mark.parametrize("measure", [MEASURES[one] for one in ("gini", "theil", "atkinson")])


def law(**anything: st.SearchStrategy):
    """A test that must hold for anything drawn, however slow the machine."""
    return lambda test: settings(deadline=None, max_examples=60)(given(**anything)(test))


@st.composite
def cities(draw: st.DrawFn) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Amounts per person, people and a socio-economic level by neighbourhood id."""
    size = draw(st.integers(2, 12))
    ids = [f"n{i:02}" for i in range(size)]
    values = draw(st.lists(amounts, min_size=size, max_size=size).filter(any))
    people = draw(st.lists(st.integers(1, 5000), min_size=size, max_size=size))
    level = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))
    return pd.Series(values, index=ids), pd.Series(people, index=ids), pd.Series(level, index=ids)


@every_measure
@law(city=cities(), factor=st.floats(0.001, 1000))
def test_the_unit_does_not_matter(measure, city, factor: float) -> None:
    values, people, _ = city
    assert measure(values * factor, weights=people) == pytest.approx(
        measure(values, weights=people), nan_ok=True, **CLOSE
    )


@every_measure
@law(city=cities())
def test_a_neighbourhood_cut_in_two_changes_nothing(measure, city) -> None:
    values, people, _ = city
    halves = [values.set_axis(values.index + suffix) for suffix in ("/1", "/2")]
    parts = [(people * share).set_axis(people.index + suffix) for suffix, share in (("/1", 0.25), ("/2", 0.75))]
    whole = measure(values, weights=people)
    assert measure(pd.concat(halves), weights=pd.concat(parts)) == pytest.approx(whole, nan_ok=True, **CLOSE)


@every_measure
@law(city=cities(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(measure, city, shuffle) -> None:
    values, people, _ = city
    order = list(values.index)
    shuffle.shuffle(order)
    assert measure(values[order], weights=people) == pytest.approx(
        measure(values, weights=people), nan_ok=True, **CLOSE
    )


@every_measure
@law(city=cities(), amount=amounts)
def test_a_place_where_nobody_lives_does_not_matter(measure, city, amount: float) -> None:
    values, people, _ = city
    more_values, more_people = (
        pd.concat([values, pd.Series({"park": amount})]),
        pd.concat([people, pd.Series({"park": 0})]),
    )
    assert measure(more_values, weights=more_people) == pytest.approx(
        measure(values, weights=people), nan_ok=True, **CLOSE
    )


@every_measure
@law(people=st.lists(st.integers(1, 5000), min_size=1, max_size=12), amount=st.floats(0.01, 1000))
def test_where_all_have_the_same_there_is_no_inequality(measure, people: list[int], amount: float) -> None:
    ids = [f"n{i}" for i in range(len(people))]
    found = measure(pd.Series(amount, index=ids), weights=pd.Series(people, index=ids))
    assert found == pytest.approx(1 if measure is palma else 0, abs=1e-9)


@transfer_sensitive
@law(city=cities(), share=st.floats(0.05, 0.5))
def test_a_transfer_from_the_richer_to_the_poorer_lowers_inequality(measure, city, share: float) -> None:
    values, people, _ = city
    rich, poor = values.idxmax(), values.idxmin()
    assume(values[rich] > values[poor] + 0.01)
    moved = share * (values[rich] - values[poor]) * people[rich] * people[poor] / (people[rich] + people[poor])
    after = values.copy()
    after[rich] -= moved / people[rich]
    after[poor] += moved / people[poor]
    assert measure(after, weights=people) < measure(values, weights=people) + 1e-12
    assert hoover(after, weights=people) <= hoover(values, weights=people) + 1e-9


@law(city=cities())
def test_every_index_stays_within_its_range(city) -> None:
    values, people, level = city
    least = (people / people.sum()).min()
    assert 0 <= gini(values, weights=people) <= 1 - least + 1e-9
    assert 0 <= theil(values, weights=people).total <= np.log(1 / least) + 1e-9
    assert 0 <= hoover(values, weights=people) <= gini(values, weights=people) + 1e-9 < 1 + 1e-9
    assert 0 <= atkinson(values, weights=people, epsilon=2) <= 1
    assert abs(concentration_index(values, level, weights=people)) <= gini(values, weights=people) + 1e-9


@law(city=cities())
def test_theil_is_the_sum_of_its_parts(city) -> None:
    values, people, groups = city
    found = theil(values, weights=people, groups=groups)
    assert found.total == pytest.approx(found.between + found.within, **CLOSE)
    assert found.between >= 0
    assert found.within >= 0
    alone = theil(values, weights=people, groups=pd.Series(values.index, index=values.index))
    assert alone.between == pytest.approx(alone.total, **CLOSE)


@law(city=cities())
def test_ranked_by_itself_concentration_is_gini(city) -> None:
    values, people, _ = city
    assert concentration_index(values, values, weights=people) == pytest.approx(gini(values, weights=people), **CLOSE)


@law(city=cities())
def test_a_reversed_rank_reverses_the_sign(city) -> None:
    values, people, level = city
    found = concentration_index(values, level, weights=people)
    assert concentration_index(values, -level, weights=people) == pytest.approx(-found, **CLOSE)
    assert concentration_index(values, 3 * level + 1, weights=people) == pytest.approx(found, **CLOSE)


@law(city=cities())
def test_palma_by_rank_does_not_depend_on_the_order_of_the_tied(city) -> None:
    values, people, level = city
    found = palma(values, weights=people, rank=level)
    assert palma(values[::-1], weights=people, rank=level) == pytest.approx(found, nan_ok=True, **CLOSE)


@law(city=cities())
def test_gini_is_twice_the_area_above_the_lorenz_curve(city) -> None:
    values, people, _ = city
    curve = lorenz(values, weights=people)
    area = np.trapezoid(curve["amount"], curve["people"])
    assert gini(values, weights=people) == pytest.approx(1 - 2 * area, **CLOSE)
    assert (curve["amount"] <= curve["people"] + 1e-9).all()
    assert curve[["people", "amount"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]


@law(city=cities(), line=st.floats(0.01, 1000))
def test_shortfalls_shrink_as_alpha_grows(city, line: float) -> None:
    values, people, _ = city
    found = [fgt(values, line, weights=people, alpha=alpha) for alpha in (0, 1, 2)]
    assert 1 + 1e-9 >= found[0] >= found[1] >= found[2] >= 0
    assert found[0] == pytest.approx(people[values < line].sum() / people.sum())


@law(city=cities())
def test_the_two_zones_make_the_city(city) -> None:
    values, people, level = city
    zones = pd.Series(np.where(level > level.min(), "periphery", "centre"), index=values.index)
    assume((zones == "periphery").any())
    found = gap(values, zones, weights=people)
    total = found.centre * found.people_centre + found.periphery * found.people_periphery
    assert total == pytest.approx((values * people).sum())
    assert found.difference == pytest.approx(found.centre - found.periphery)


@law(
    city=cities(), factor=st.floats(0.001, 1000), share=st.floats(0.05, 0.5), shuffle=st.randoms(use_true_random=False)
)
def test_theil_l_obeys_the_same_laws(city, factor: float, share: float, shuffle) -> None:
    values, people, groups = city
    values = values + 0.5
    found = theil_l(values, weights=people, groups=groups)
    assert found.total == pytest.approx(found.between + found.within, **CLOSE)
    assert found.total >= 0 <= found.between
    assert found.within >= 0
    order = list(values.index)
    shuffle.shuffle(order)
    assert theil_l(factor * values[order], weights=people).total == pytest.approx(found.total, **CLOSE)
    halves = [values.set_axis(values.index + suffix) for suffix in ("/1", "/2")]
    parts = [(people / 2).set_axis(people.index + suffix) for suffix in ("/1", "/2")]
    assert theil_l(pd.concat(halves), weights=pd.concat(parts)).total == pytest.approx(found.total, **CLOSE)
    rich, poor = values.idxmax(), values.idxmin()
    assume(values[rich] > values[poor] + 0.01)
    moved = share * (values[rich] - values[poor]) * people[rich] * people[poor] / (people[rich] + people[poor])
    after = values.copy()
    after[rich] -= moved / people[rich]
    after[poor] += moved / people[poor]
    assert theil_l(after, weights=people).total < found.total + 1e-12


@law(city=cities())
def test_twice_the_area_above_the_concentration_curve_is_the_index(city) -> None:
    values, people, level = city
    curve = concentration_curve(values, level, weights=people)
    area = np.trapezoid(curve["amount"], curve["people"])
    assert concentration_index(values, level, weights=people) == pytest.approx(1 - 2 * area, **CLOSE)
    assert curve["amount"].is_monotonic_increasing
    mirror = concentration_curve(values[::-1], level, weights=people)
    assert mirror["amount"].tolist() == pytest.approx(curve["amount"].tolist(), **CLOSE)


@pytest.mark.parametrize("index", [kakwani, suits])
@law(city=cities(), factor=st.floats(0.001, 1000), other=st.floats(0.001, 1000))
def test_a_burden_has_no_unit_and_in_proportion_weighs_nothing(index, city, factor: float, other: float) -> None:
    values, people, level = city
    income = level + 1.0
    found = index(values, income, weights=people)
    assert index(factor * values, other * income, weights=people) == pytest.approx(found, **CLOSE)
    assert index(factor * income, income, weights=people) == pytest.approx(0, abs=1e-9)
    flat = index(income * 0 + 1, income, weights=people)
    assert flat == pytest.approx(-gini(income, weights=people), **CLOSE)
    assert index(
        pd.concat([values, pd.Series({"park": 9.0})]),
        pd.concat([income, pd.Series({"park": 99.0})]),
        weights=pd.concat([people, pd.Series({"park": 0})]),
    ) == pytest.approx(found, **CLOSE)
    assert (-2 if index is kakwani else -1) - 1e-9 <= found <= 1 + 1e-9
