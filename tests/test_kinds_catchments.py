"""Posts that serve whoever is within reach, through the study file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pytest import approx
from shapely import Point

from city import IDS, METRES, PEOPLE, STAFF, City, amounts, at, cells, save, stations

AROUND = [IDS[one] for one in (1, 3, 4, 5, 7)]
"""The centre and the four that share a side with it: within 1.1 km; those at its corners are 1.4 km away."""
RESIDENTS = dict(zip(IDS, PEOPLE, strict=True))


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def posts(city: City, *places: tuple[float, float, float], **reach: Any) -> None:
    """Posts by kilometres east and north, and their staff."""
    points = gpd.GeoSeries([Point(*at(east, north)) for east, north, _ in places], crs=METRES)
    city.posts(pd.DataFrame({"x": points.x, "y": points.y, "policias": [one[2] for one in places]}))
    city.layer.update({"x": "x", "y": "y", "crs": METRES, "reach": {"method": "catchment"} | reach})
    city.layer.pop("post_name", None)


def test_within_the_radius_everybody_shares_alike(city: City) -> None:
    """30 for the 3500 + 6100 + 9000 + 2800 + 3900 = 25,300 within reach."""
    posts(city, (1.5, 1.5, 30), radius_m=1100)
    layer = city.read().layers[0]
    assert amounts(city) == approx({one: 30 * RESIDENTS[one] / 25_300 for one in AROUND})
    assert set(layer.status) == {"ok"}


def test_nobody_reaches_them_is_zero_and_said(city: City) -> None:
    posts(city, (1.5, 1.5, 30), radius_m=600)
    assert city.read().layers[0].amount.to_dict() == approx(dict.fromkeys(IDS, 0.0) | {"050105": 30})
    said = city.notices()["catchment_unreached"]
    assert said.which == tuple(one for one in IDS if one != "050105")
    assert "37\u202f600 people" in said.say()


@pytest.mark.parametrize(
    ("decay", "weight"),
    [("gaussian", 100 ** -((1000 / 1100) ** 2)), ("exponential", 100 ** -(1000 / 1100)), ("linear", 1 - 1000 / 1100)],
)
@pytest.mark.parametrize("measure", ["two_step", "spatial_availability"])
def test_a_decay_fades_to_a_hundredth_at_the_limit(decay: str, weight: float, measure: str, city: City) -> None:
    posts(city, (1.5, 1.5, 30), radius_m=1100, decay=decay, measure=measure)
    weighed = {one: RESIDENTS[one] * (1 if one == "050105" else weight) for one in AROUND}
    total = sum(weighed.values())
    assert amounts(city) == approx({one: 30 * value / total for one, value in weighed.items()})


def test_the_scale_of_the_study(city: City) -> None:
    """exp(−½·(1000/500)²) at a kilometre."""
    posts(city, (1.5, 1.5, 30), radius_m=1100, decay="gaussian", scale=500)
    weighed = {one: RESIDENTS[one] * (1 if one == "050105" else np.exp(-2)) for one in AROUND}
    assert amounts(city) == approx({one: 30 * value / sum(weighed.values()) for one, value in weighed.items()})


def test_a_post_outside_serves_inside_and_a_far_one_nobody(city: City) -> None:
    posts(city, (1.5, -0.5, 7), (60, 1.5, 5), radius_m=1100)
    assert amounts(city) == approx({"050102": 7})
    said = city.notices()["catchment_unused"]
    assert said.values["amount"] == 5
    assert city.read().layers[0].points["neighbourhood"].isna().all()


def costs(city: City, rows: list[tuple[str, str, Any]], **keys: Any) -> None:
    """Stations P5, P1, P7, P3 and minutes from them."""
    city.posts(stations().assign(codigo=["P5", "P1", "P7", "P3"]))
    save(pd.DataFrame(rows, columns=["from_id", "to_id", "cost"]), city.folder / "tiempos.csv")
    city.layer.update(id="codigo", reach={"method": "catchment", "minutes": 15, "costs": "tiempos.csv"}, **keys)


def test_minutes_of_a_given_table(city: City) -> None:
    """P5 reaches the centre and 04; P1 takes twenty minutes to its own people; the others reach nobody."""
    costs(city, [("P5", "050105", 5), ("P5", "050104", 10), ("P1", "050101", 20)])
    assert amounts(city) == approx({"050105": 30 * 9000 / 15_100, "050104": 30 * 6100 / 15_100})
    assert city.notices()["catchment_unused"].values["amount"] == 4 + 6 + 2


@pytest.mark.parametrize(
    ("rows", "code", "which"),
    [
        ([("P5", "050105", 5), ("P9", "050105", 5)], "costs_unknown_facilities", "P9"),
        ([("P5", "050105", 5), ("P5", "50105", 5)], "costs_unknown_neighbourhoods", "50105"),
        ([("P5", "050105", 5), ("P5", "050105", 6)], "costs_repeated", "P5 → 050105"),
        ([("P5", "050105", "poco")], "numbers_bad", "#2: “poco”"),
        ([("P5", "050105", -1)], "counts_negative", "#2"),
        ([("P5", "050105", None), ("P5", "050104", 1)], "counts_missing", "#2"),
    ],
)
def test_a_table_of_costs_that_cannot_be_used(rows: list[Any], code: str, which: str, city: City) -> None:
    costs(city, rows)
    said = city.errors()
    assert list(said) == [code]
    assert which in said[code].say()
    if code in ("numbers_bad", "counts_negative", "counts_missing"):
        assert said[code].say().startswith("tiempos.csv")


def test_a_table_of_costs_with_other_columns(city: City) -> None:
    costs(city, [("P5", "050105", 5)])
    save(pd.DataFrame({"from": ["P5"], "to_id": ["050105"], "cost": [5]}), city.folder / "tiempos.csv")
    said = city.errors()
    assert list(said) == ["column_unknown"]
    assert "tiempos.csv" in said["column_unknown"].say()


def test_stations_that_share_a_code_have_no_place_in_a_table_of_costs(city: City) -> None:
    costs(city, [("P5", "050105", 5)])
    city.posts(stations().assign(codigo="P5"))
    said = city.errors()
    assert list(said) == ["ids_repeated"]
    assert said["ids_repeated"].say().startswith("comisarias.csv")


def test_a_declared_neighbourhood_is_no_code_of_a_station(city: City) -> None:
    """Two stations declare the centre: that is not a repeated id."""
    city.posts(stations().assign(ubigeo="050105"))
    city.layer.update(id="ubigeo", reach={"method": "catchment", "radius_m": 600})
    assert amounts(city) == approx(STAFF)


def test_posts_without_a_place_reach_nobody_knows_whom(city: City) -> None:
    for key in ("x", "y", "crs"):
        city.layer.pop(key)
    city.layer.update(id="ubigeo", reach={"method": "catchment", "radius_m": 600})
    assert set(city.errors()) == {"catchment_no_place"}


def test_minutes_on_foot_over_even_ground(city: City) -> None:
    """A kilometre is 11.9 minutes at 5.04 km/h, the corners 16.8: within 13 the same five as within 1.1 km."""
    cells(city, "suelo.tif", np.zeros((100, 100)), side_m=50, west_north=at(-1, 4))
    posts(city, (1.5, 1.5, 30), minutes=13, elevation="suelo.tif")
    assert amounts(city) == approx({one: 30 * RESIDENTS[one] / 25_300 for one in AROUND})


def test_minutes_on_foot_up_a_slope(city: City) -> None:
    """The ground climbs one in five northwards: a kilometre takes 10·e^(3.5·0.15) minutes down, 10·e^(3.5·0.25) up."""
    height = np.repeat(np.arange(100, 0, -1) * 10.0, 100).reshape(100, 100)
    cells(city, "suelo.tif", height, side_m=50, west_north=at(-1, 4))
    posts(city, (1.5, 1.5, 30), minutes=18, elevation="suelo.tif")
    reached = set(amounts(city))
    assert "050102" in reached, "10·e^0.525 = 16.9 minutes down"
    assert "050108" not in reached, "10·e^0.875 = 24.0 minutes up"
