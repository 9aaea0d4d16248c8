"""Laws that every sharing out of supply obeys, whatever the city, and a dense reckoning of the same formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secequity import decay
from secequity.coverage.catchment import catchments, cumulative, spatial_availability, two_step

CLOSE = {"rel": 1e-9, "abs": 1e-12}
DECAYS = (decay.binary(30), decay.gaussian(sigma=15), decay.exponential(beta=0.1), decay.linear(40))


@dataclass(frozen=True)
class City:
    """Costs from posts to places, supply, people and a decay."""

    costs: pd.DataFrame
    supply: pd.Series
    people: pd.Series
    weigh: decay.Decay

    def ask(self, measure, **options):
        return measure(self.costs, supply=self.supply, demand=self.people, decay=self.weigh, **options)

    def weights(self) -> np.ndarray:
        """Dense, places × posts, 0 where a pair is absent."""
        wide = self.costs.pivot(index="to_id", columns="from_id", values="cost")
        cost = wide.reindex(index=self.people.index, columns=self.supply.index).to_numpy()
        return np.nan_to_num(self.weigh(cost))


@st.composite
def cities(draw: st.DrawFn) -> City:
    places = [f"n{i:02}" for i in range(draw(st.integers(1, 7)))]
    posts = [f"p{i:02}" for i in range(draw(st.integers(1, 5)))]
    pairs = draw(st.lists(st.tuples(st.sampled_from(posts), st.sampled_from(places)), unique=True, max_size=20))
    rows = [(post, place, draw(st.floats(0, 60))) for post, place in pairs]
    return City(
        costs=pd.DataFrame(rows, columns=["from_id", "to_id", "cost"]).astype({"cost": float}),
        supply=pd.Series([draw(st.integers(0, 40)) for _ in posts], index=posts),
        people=pd.Series([draw(st.sampled_from([0, 1, 37, 800, 12_000])) for _ in places], index=places),
        weigh=draw(st.sampled_from(DECAYS)),
    )


def law(**anything: st.SearchStrategy):
    """A test that must hold for anything drawn, however slow the machine."""
    return lambda test: settings(deadline=None, max_examples=60)(given(**anything)(test))


@law(city=cities())
def test_two_step_is_its_formula(city: City) -> None:
    weights, people = city.weights(), city.people.to_numpy(float)
    crowd = people @ weights
    ratio = np.divide(city.supply.to_numpy(float), crowd, out=np.zeros(len(crowd)), where=crowd > 0)
    expected = np.where(people > 0, weights @ ratio, np.nan)
    assert city.ask(two_step).to_numpy() == pytest.approx(expected, nan_ok=True, **CLOSE)
    assert city.ask(catchments).facilities["weighted_people"].to_numpy() == pytest.approx(crowd, **CLOSE)


@law(city=cities())
def test_cumulative_reach_is_its_formula(city: City) -> None:
    expected = np.where(city.people > 0, city.weights() @ city.supply.to_numpy(float), np.nan)
    assert city.ask(cumulative).to_numpy() == pytest.approx(expected, nan_ok=True, **CLOSE)


@law(city=cities(), alpha=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_spatial_availability_is_its_balancing_factors(city: City, alpha: float) -> None:
    """The two factors apart, as in Soukhov et al. (2023), then joined."""
    weights, people = city.weights(), city.people.to_numpy(float)
    size = np.where(people > 0, people**alpha, 0.0)
    expected = np.zeros(len(people))
    for post, supply in enumerate(city.supply):
        if (size * weights[:, post]).any():
            by_people, by_cost = size / size.sum(), weights[:, post] / weights[:, post].sum()
            expected += supply * by_people * by_cost / (by_people @ by_cost)
    assert city.ask(spatial_availability, alpha=alpha).total.to_numpy() == pytest.approx(expected, **CLOSE)


@law(city=cities(), alpha=st.sampled_from([0.0, 0.5, 1.0, 3.0]))
def test_what_reaches_anyone_is_handed_out_once(city: City, alpha: float) -> None:
    around = city.ask(catchments)
    assert (city.ask(two_step) * city.people).sum() == pytest.approx(around.used)
    assert city.ask(spatial_availability, alpha=alpha).total.sum() == pytest.approx(around.used)
    assert around.used + around.unused == pytest.approx(city.supply.sum())


@law(city=cities())
def test_with_alpha_one_spatial_availability_a_person_is_the_two_step_measure(city: City) -> None:
    per_person = city.ask(spatial_availability).per_person
    assert per_person.to_numpy() == pytest.approx(city.ask(two_step).to_numpy(), nan_ok=True, **CLOSE)


@law(city=cities())
def test_people_have_something_or_zero_and_never_nothing_known(city: City) -> None:
    found, around = city.ask(two_step), city.ask(catchments)
    assert (found.isna() == (city.people == 0)).all()
    assert (found[list(around.unreached)] == 0).all()
    assert set(around.unreached) == set(
        city.people.index[(city.people > 0) & (around.neighbourhoods["facilities"] == 0)]
    )


@law(city=cities(), factor=st.floats(0.001, 1000))
def test_twice_the_supply_is_twice_the_coverage(city: City, factor: float) -> None:
    more = replace(city, supply=city.supply * factor)
    for measure in (two_step, cumulative):
        assert more.ask(measure).to_numpy() == pytest.approx(
            city.ask(measure).to_numpy() * factor, nan_ok=True, **CLOSE
        )


@law(city=cities(), factor=st.sampled_from([2, 10, 1000]))
def test_twice_the_people_is_half_the_coverage(city: City, factor: int) -> None:
    more = replace(city, people=city.people * factor)
    assert more.ask(two_step).to_numpy() == pytest.approx(city.ask(two_step).to_numpy() / factor, nan_ok=True, **CLOSE)


@law(city=cities(), data=st.data())
def test_one_more_post_lowers_nobody(city: City, data: st.DataObject) -> None:
    """True of all three: they share a post's supply among people, and more posts do not make more people."""
    reached = data.draw(st.lists(st.sampled_from(list(city.people.index)), unique=True))
    rows = pd.DataFrame({"from_id": "new", "to_id": reached, "cost": [data.draw(st.floats(0, 60)) for _ in reached]})
    more = replace(
        city,
        costs=pd.concat([city.costs, rows.astype({"from_id": object, "to_id": object, "cost": float})]),
        supply=pd.concat([city.supply, pd.Series({"new": data.draw(st.integers(0, 40))})]),
    )
    for measure in (two_step, cumulative, lambda costs, **rest: spatial_availability(costs, **rest).total):
        before, after = city.ask(measure), more.ask(measure)
        assert (after.dropna() >= before.dropna() * (1 - 1e-12)).all()


@law(city=cities(), seed=st.integers(0, 99))
def test_shuffled_rows_change_not_a_digit(city: City, seed: int) -> None:
    mixed = City(
        costs=city.costs.sample(frac=1, random_state=seed),
        supply=city.supply.sample(frac=1, random_state=seed),
        people=city.people.sample(frac=1, random_state=seed),
        weigh=city.weigh,
    )
    for measure in (two_step, cumulative, lambda costs, **rest: spatial_availability(costs, **rest).total):
        assert mixed.ask(measure).reindex(city.people.index).equals(city.ask(measure))


@law(city=cities(), share=st.floats(0.1, 0.9))
def test_a_place_cut_in_two_where_it_stands_keeps_its_coverage(city: City, share: float) -> None:
    parts = [("/1", share), ("/2", 1 - share)]
    cut = replace(
        city,
        costs=pd.concat([city.costs.assign(to_id=city.costs["to_id"] + suffix) for suffix, _ in parts]),
        people=pd.concat([(city.people * part).rename(lambda one, end=suffix: one + end) for suffix, part in parts]),
    )
    whole, halves = city.ask(two_step), cut.ask(two_step)
    for suffix, _ in parts:
        assert halves[whole.index + suffix].to_numpy() == pytest.approx(whole.to_numpy(), nan_ok=True, **CLOSE)


@law(city=cities())
def test_two_posts_at_one_door_are_one_post(city: City) -> None:
    twins = [("/1", 0.5), ("/2", 0.5)]
    split = replace(
        city,
        costs=pd.concat([city.costs.assign(from_id=city.costs["from_id"] + suffix) for suffix, _ in twins]),
        supply=pd.concat([(city.supply * part).rename(lambda one, end=suffix: one + end) for suffix, part in twins]),
    )
    assert split.ask(two_step).to_numpy() == pytest.approx(city.ask(two_step).to_numpy(), nan_ok=True, **CLOSE)


@law(city=cities(), factor=st.sampled_from([60.0, 1 / 60]))
def test_minutes_or_seconds_make_no_difference(city: City, factor: float) -> None:
    other = {
        "binary": lambda value: decay.binary(value * factor),
        "gaussian": lambda value: decay.gaussian(sigma=value * factor),
        "exponential": lambda value: decay.exponential(beta=value / factor),
        "linear": lambda value: decay.linear(value * factor),
    }[city.weigh.family](city.weigh.value)
    whole = city.costs.round().assign(cost=lambda table: table["cost"] + 0.5)
    plain, scaled = (
        replace(city, costs=whole),
        replace(city, costs=whole.assign(cost=whole["cost"] * factor), weigh=other),
    )
    assert scaled.ask(two_step).to_numpy() == pytest.approx(plain.ask(two_step).to_numpy(), nan_ok=True, rel=1e-6)
