"""Floating catchments and spatial availability, against published examples and hand calculations."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from secequity import decay
from secequity.costs import straight_line, walking
from secequity.coverage.catchment import catchments, cumulative, spatial_availability, two_step
from secequity.errors import LayerError
from secequity.texts import LANGUAGES


def table(**facilities: dict[str, float]) -> pd.DataFrame:
    """Costs from each facility to the neighbourhoods it reaches."""
    rows = [(post, place, cost) for post, reached in facilities.items() for place, cost in reached.items()]
    return pd.DataFrame(rows, columns=["from_id", "to_id", "cost"]).astype({"cost": float})


HALVES = table(p={"a": 0, "b": 10}, q={"b": 0})
STAFF = pd.Series({"p": 4, "q": 5, "far": 3}, name="police")
PEOPLE = pd.Series({"a": 100, "b": 200, "c": 50})
HALF_AT_10 = decay.linear(20)
"""p: 4 for 100 + 200/2 people, 0.02 each; q: 5 for 200 people, 0.025 each; `far` reaches nobody, nobody reaches c."""

MEASURES = {
    "two_step": two_step,
    "spatial_availability": lambda costs, **rest: spatial_availability(costs, **rest).per_person,
    "cumulative": cumulative,
    "catchments": lambda costs, **rest: catchments(costs, **rest).to_frame(),
}
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)


def codes(error: LayerError) -> list[str]:
    for one in error.problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return [one.code for one in error.problems]


def test_two_facilities_by_hand() -> None:
    found = two_step(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10)
    assert found.to_dict() == pytest.approx({"a": 0.02, "b": 0.01 + 0.025, "c": 0.0})
    assert found.name == "police"
    assert (found * PEOPLE).sum() == pytest.approx(9)


def test_the_published_example_of_the_two_step_method() -> None:
    """Luo & Wang (2003), figure 3: eleven tracts of one person, a and b with one physician each, cutoff 30 minutes."""
    minutes = {
        "a": [20, 20, 20, 20, 40, 20, 20, 40, 20, 20, 40],
        "b": [40, 40, 40, 20, 20, 40, 40, 20, 40, 40, 20],
    }
    costs = table(**{post: {str(n + 1): one for n, one in enumerate(reached)} for post, reached in minutes.items()})
    people = pd.Series(1, index=[str(n + 1) for n in range(11)])
    found = two_step(costs, supply=pd.Series({"a": 1, "b": 1}), demand=people, decay=decay.binary(30))
    assert found.to_list() == [0.125, 0.125, 0.125, 0.375, 0.25, 0.125, 0.125, 0.25, 0.125, 0.125, 0.25]


@pytest.mark.parametrize(
    ("weigh", "theirs"),
    [
        (decay.binary(10), [0.026445182724252492, 0.026445182724252492, 0.028052325581395348, 0.01875]),
        (
            decay.gaussian(sigma=5),
            [0.025410970580456806, 0.02883635048487337, 0.03376994307899803, 0.01637054968604034],
        ),
        (
            lambda cost: np.select([cost <= 5, cost <= 10, cost <= 15], [1, 0.68, 0.22]),
            [0.021002604358253754, 0.0293046335625386, 0.02941699633428957, 0.018050553666992025],
        ),
    ],
    ids=["binary", "gaussian", "steps"],
)
def test_same_as_pysal_access_but_for_the_unreached(weigh, theirs: list[float]) -> None:
    """access 1.1.10, two_stage_fca and enhanced_two_stage_fca; e, whom nothing reaches, is NaN there and 0 here."""
    costs = table(x={"a": 2, "b": 5, "d": 14}, y={"a": 9, "b": 4, "c": 7}, z={"b": 12, "c": 3, "d": 6})
    people = pd.Series({"a": 100, "b": 250, "c": 80, "d": 400, "e": 60})
    found = two_step(costs, supply=pd.Series({"x": 6, "y": 4, "z": 9}), demand=people, decay=weigh)
    assert found.to_list() == pytest.approx([*theirs, 0.0])


def test_the_published_example_of_spatial_availability() -> None:
    """Soukhov et al. (2023), the three-zone example, as ipeaGIT/accessibility tests it: 66,833, 133,203 and 9,963."""
    costs = table(
        **{
            "1": {"A": 15, "B": 30, "C": 100},
            "2": {"A": 30, "B": 15, "C": 100},
            "3": {"A": 100, "B": 100, "C": 15},
        }
    )
    jobs = pd.Series({"1": 100_000, "2": 100_000, "3": 10_000})
    people = pd.Series({"A": 50_000, "B": 150_000, "C": 10_000})
    found = spatial_availability(costs, supply=jobs, demand=people, decay=decay.exponential(beta=0.1))
    assert found.total.round().to_dict() == {"A": 66833, "B": 133203, "C": 9963}
    assert found.total.sum() == pytest.approx(210_000)
    assert (found.per_person * people).to_list() == pytest.approx(found.total.to_list())


@pytest.mark.parametrize(
    ("alpha", "shares"), [(1, [6, 24]), (0.5, [10, 20]), (0, [15, 15]), (2, [30 / 17, 480 / 17]), (2000, [0, 30])]
)
def test_alpha_says_how_much_numbers_count(alpha: float, shares: list[float]) -> None:
    costs, people = table(p={"a": 1, "b": 1}), pd.Series({"a": 100, "b": 400})
    given = {"supply": pd.Series({"p": 30}), "demand": people, "decay": decay.binary(1)}
    assert spatial_availability(costs, alpha=alpha, **given).total.to_list() == pytest.approx(shares)


def test_where_nobody_lives_nothing_is_per_person_and_nothing_is_used() -> None:
    empty = PEOPLE.mask(PEOPLE.index == "a", 0)
    assert two_step(HALVES, supply=STAFF, demand=empty, decay=HALF_AT_10).to_dict() == pytest.approx(
        {"a": np.nan, "b": 9 / 200, "c": 0.0}, nan_ok=True
    )
    found = spatial_availability(HALVES, supply=STAFF, demand=empty, decay=HALF_AT_10, alpha=0)
    assert found.total.to_dict() == pytest.approx({"a": 0.0, "b": 9.0, "c": 0.0})
    alone = catchments(table(p={"a": 0}), supply=pd.Series({"p": 4}), demand=empty, decay=HALF_AT_10)
    assert (alone.used, alone.unused) == (0, 4)
    desert = two_step(HALVES, supply=STAFF, demand=PEOPLE * 0, decay=HALF_AT_10)
    assert desert.isna().all()


def test_who_is_reached_and_what_is_left() -> None:
    found = catchments(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10)
    assert found.to_frame().to_dict("index") == {
        "p": {"supply": 4, "neighbourhoods": 2, "people": 300, "weighted_people": 200, "reaches_anyone": True},
        "q": {"supply": 5, "neighbourhoods": 1, "people": 200, "weighted_people": 200, "reaches_anyone": True},
        "far": {"supply": 3, "neighbourhoods": 0, "people": 0, "weighted_people": 0, "reaches_anyone": False},
    }
    assert found.neighbourhoods["facilities"].to_dict() == {"a": 1, "b": 2, "c": 0}
    assert (found.used, found.unused, found.unreached) == (9, 3, ("c",))
    assert found.summary() == "300 of 350 people are within reach; of a supply of 12, 3 reaches nobody."
    assert "300 de 350 habitantes" in found.summary("es")
    shared = spatial_availability(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10)
    assert shared.catchments.unused == 3
    assert shared.summary("es") == found.summary("es")
    assert list(shared.to_frame().columns) == ["total", "per_person"]
    assert "<table" in shared._repr_html_()


def test_unknown_supply_makes_unknown_what_it_reaches_and_nothing_else() -> None:
    unknown = STAFF.mask(STAFF.index == "q").astype(float)
    found = two_step(HALVES, supply=unknown, demand=PEOPLE, decay=HALF_AT_10)
    assert found.to_dict() == pytest.approx({"a": 0.02, "b": np.nan, "c": 0.0}, nan_ok=True)
    around = catchments(HALVES, supply=unknown, demand=PEOPLE, decay=HALF_AT_10)
    assert around.used == 4
    assert around.summary().endswith("Facilities whose supply is not known: 1.")
    beyond = two_step(HALVES, supply=unknown, demand=PEOPLE, decay=lambda cost: (cost > 5) * 1.0)
    assert beyond.to_dict() == pytest.approx({"a": 0, "b": 0.02, "c": 0})


def test_cumulative_reach_by_hand() -> None:
    found = cumulative(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10)
    assert found.to_dict() == pytest.approx({"a": 4, "b": 4 / 2 + 5, "c": 0})


def test_the_direction_is_from_the_facility_to_the_resident() -> None:
    """Downhill from the post on the ridge it takes 5 minutes, back up it would take 15: only the first counts."""
    there = table(ridge={"valley": 5})
    given = {"supply": pd.Series({"ridge": 2}), "demand": pd.Series({"valley": 100}), "decay": decay.binary(10)}
    assert two_step(there, **given)["valley"] == 0.02
    assert two_step(there.assign(cost=15.0), **given)["valley"] == 0
    back = there.rename(columns={"from_id": "to_id", "to_id": "from_id"})
    with pytest.raises(LayerError) as caught:
        two_step(back, **given)
    assert codes(caught.value) == ["costs_unknown_facilities", "costs_unknown_neighbourhoods"]


def test_the_far_tail_of_a_decay_neither_vanishes_nor_overflows() -> None:
    costs, people = table(p={"a": 370, "b": 372}), pd.Series({"a": 100, "b": 100})
    given = {"supply": pd.Series({"p": 2}), "demand": people, "decay": decay.gaussian(sigma=10)}
    near, far = two_step(costs, **given)
    assert (near + far) * 100 == pytest.approx(2)
    assert near / far == pytest.approx(np.exp((372**2 - 370**2) / 200), rel=1e-3)
    assert (two_step(costs.assign(cost=[385.0, 385.5]), **given) * 100).sum() == pytest.approx(2)
    assert two_step(costs.assign(cost=1370.0), **given).to_list() == [0, 0]


def test_nothing_is_in_reach() -> None:
    none = HALVES.iloc[:0]
    assert two_step(none, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10).to_list() == [0, 0, 0]
    assert spatial_availability(none, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10).total.to_list() == [0, 0, 0]
    assert catchments(none, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10).unused == 12


@every_measure
def test_rows_meet_by_id_and_their_order_changes_nothing(measure) -> None:
    found = measure(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10)
    again = measure(HALVES[::-1], supply=STAFF[::-1], demand=PEOPLE[::-1], decay=HALF_AT_10)
    assert again.reindex(found.index).equals(found)


@every_measure
def test_ids_may_be_categories_of_which_some_stand_for_nothing(measure) -> None:
    given = {"supply": STAFF, "demand": PEOPLE, "decay": HALF_AT_10}
    named = HALVES.assign(
        from_id=pd.Categorical(HALVES["from_id"], categories=["closed", "q", "p"]),
        to_id=pd.Categorical(HALVES["to_id"], categories=["b", "nowhere", "a"]),
    )
    assert measure(named, **given).equals(measure(HALVES, **given))


@every_measure
def test_inputs_are_left_as_they_were(measure) -> None:
    given = HALVES.copy(), STAFF.copy(), PEOPLE.copy()
    measure(given[0], supply=given[1], demand=given[2], decay=HALF_AT_10)
    for one, before in zip(given, (HALVES, STAFF, PEOPLE), strict=True):
        assert one.equals(before)


@every_measure
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"costs": HALVES.assign(cost=[0, np.nan, 0])}, ["costs_missing"]),
        ({"costs": HALVES.assign(cost=[0, -1, np.inf])}, ["costs_negative", "costs_infinite"]),
        ({"costs": HALVES.assign(cost=["0", "x", "2"])}, ["costs_not_numbers"]),
        ({"costs": pd.concat([HALVES, HALVES[:1]])}, ["costs_repeated"]),
        ({"costs": HALVES.drop(columns="cost")}, ["costs_columns"]),
        ({"supply": STAFF * -1}, ["catchment_negative"]),
        ({"supply": STAFF * np.inf}, ["catchment_infinite"]),
        ({"supply": STAFF.astype(str)}, ["catchment_not_numbers"]),
        ({"supply": pd.concat([STAFF, STAFF[:1]])}, ["ids_repeated"]),
        ({"supply": STAFF[1:]}, ["costs_unknown_facilities"]),
        ({"demand": PEOPLE[1:]}, ["costs_unknown_neighbourhoods"]),
        ({"demand": PEOPLE * -1}, ["catchment_negative"]),
        ({"demand": PEOPLE.mask(PEOPLE.index == "b")}, ["catchment_missing"]),
        ({"decay": lambda cost: -cost}, ["decay_values"]),
        ({"decay": lambda cost: cost * np.nan}, ["decay_values"]),
        ({"decay": lambda cost: 1.0}, ["decay_shape"]),
    ],
)
def test_what_cannot_be_used_is_refused(measure, change: dict, expected: list[str]) -> None:
    given = {"costs": HALVES, "supply": STAFF, "demand": PEOPLE, "decay": HALF_AT_10} | change
    with pytest.raises(LayerError) as caught:
        measure(given.pop("costs"), **given)
    assert codes(caught.value) == expected


def test_both_sides_are_refused_in_one_go_with_their_ids() -> None:
    with pytest.raises(LayerError) as caught:
        two_step(HALVES, supply=STAFF * -1, demand=PEOPLE.astype(float).replace(50, np.nan), decay=HALF_AT_10)
    assert codes(caught.value) == ["catchment_negative", "catchment_missing"]
    assert caught.value.problems[0].which == ("p", "q", "far")
    assert caught.value.problems[1].which == ("c",)


@pytest.mark.parametrize("alpha", [-1, np.nan, np.inf])
def test_an_alpha_that_cannot_be_used(alpha: float) -> None:
    with pytest.raises(LayerError) as caught:
        spatial_availability(HALVES, supply=STAFF, demand=PEOPLE, decay=HALF_AT_10, alpha=alpha)
    assert codes(caught.value) == ["catchment_alpha"]


def test_a_misspelt_id_gets_the_nearest_one() -> None:
    costs = table(comisaria={"050101": 3})
    with pytest.raises(LayerError) as caught:
        two_step(
            costs.replace("050101", "50101"),
            supply=pd.Series({"comisaria": 1}),
            demand=pd.Series({"050101": 9, "050102": 9}),
            decay=HALF_AT_10,
        )
    assert caught.value.problems[0].which == ("50101 (050101?)",)


def test_supply_just_outside_the_neighbourhoods_counts() -> None:
    city = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["a", "b"], crs="EPSG:32718")
    beyond = gpd.GeoDataFrame(geometry=[Point(250, 50), Point(5000, 50)], index=["near", "far"], crs="EPSG:32718")
    table = straight_line(city, beyond, cutoff_m=150)
    supply, people = pd.Series({"near": 3, "far": 8}), pd.Series({"a": 10, "b": 20})
    found = catchments(table, supply=supply, demand=people, decay=decay.binary(150))
    assert (found.used, found.unused, found.unreached) == (3, 8, ("a",))
    assert two_step(table, supply=supply, demand=people, decay=decay.binary(150)).to_dict() == {"a": 0, "b": 0.15}


def test_in_the_embedded_city_every_officer_within_a_walk_is_handed_out_once() -> None:
    folder = Path(__file__).parents[1] / "data" / "huamanga"
    city = gpd.read_file(folder / "barrios.gpkg").set_index("codigo")
    people = pd.read_csv(folder / "censo.csv", dtype={"codigo": str}).set_index("codigo")["poblacion"]
    rows = pd.read_csv(folder / "comisarias.csv", dtype={"codigo": str}).set_index("codigo")
    stations = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(city.crs)
    table = walking(city, stations, elevation=folder / "elevacion_50m.tif", cutoff_min=30)
    given = {"supply": rows["policias"], "demand": people, "decay": decay.gaussian(sigma=10)}
    around = catchments(table, **given)
    assert around.used + around.unused == 300
    assert (two_step(table, **given) * people).sum() == pytest.approx(around.used)
