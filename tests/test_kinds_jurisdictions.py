"""Areas of service with staff, and posts that answer for one, through the study file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from city import IDS, PEOPLE, City, amounts, block, cells, drawn, only, squares, stations
from spoiling import people

SOUTH_ROW, NORTH_ROWS = block(0, 0, 3, 1), block(0, 1, 3, 2)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def areas(city: City, shapes: list[Any], staff: list[Any], **keys: Any) -> None:
    """A layer of areas A, B, C …"""
    drawn(city, "sectores.gpkg", shapes, codigo=list("ABCDEF"[: len(shapes)]), serenos=staff)
    only(city, "jurisdictions", "sectores.gpkg", id="codigo", staff="serenos", **keys)


def test_areas_of_whole_neighbourhoods_need_no_assumption(city: City) -> None:
    """127 for 4000 + 3500 + 5200 people and 339 for the 33,900 others: one for every hundred."""
    areas(city, [SOUTH_ROW, NORTH_ROWS], [127, 339])
    assert amounts(city) == approx({one: count / 100 for one, count in zip(IDS, PEOPLE, strict=True)})
    said = city.notices()["areas_shared"]
    assert "without cutting any neighbourhood in two" in said.say()
    assert said.which == ("A", "B")


def test_a_cut_neighbourhood_gives_its_people_by_area(city: City) -> None:
    """The whole of 01 (4000) and half of 02 (1750): 23 as 16 and 7."""
    areas(city, [block(0, 0, 1.5, 1)], [23])
    layer = city.read().layers[0]
    assert layer.amount[IDS[:2]].tolist() == approx([16, 7])
    assert layer.more["covered_share"][IDS[:3]].tolist() == approx([1, 0.5, 0])
    assert "by population" in city.notices()["areas_shared"].say()


def test_people_where_the_raster_counts_them(city: City) -> None:
    """Nobody in the west half of 02: all 23 are for the four cells of 01."""
    grid = np.full((6, 6), 100)
    grid[:, 2] = 0
    cells(city, "gente.tif", grid, side_m=500)
    areas(city, [block(0, 0, 1.5, 1)], [23], share={"population": "gente.tif"})
    layer = city.read().layers[0]
    assert layer.amount[IDS[:2]].tolist() == approx([23, 0])
    assert layer.more["covered_share"][IDS[1]] == approx(0)


@pytest.mark.parametrize(("built_up", "shares"), [(False, [2 / 3, 1 / 3]), (True, [0.8, 0.2])])
def test_where_nobody_lives_built_up_ground_or_area(built_up: bool, shares: list[float], city: City) -> None:
    """01 and half of 02 by area 2 to 1; by built-up cells 4 to 1."""
    people(p1=0, p2=0)(city)
    city.neighbourhoods["uninhabited"] = "keep"
    grid = np.ones((6, 6))
    grid[5, 2] = 0
    cells(city, "construido.tif", grid, side_m=500)
    areas(city, [block(0, 0, 1.5, 1)], [30], share={"built_up": "construido.tif"} if built_up else {})
    assert city.read().layers[0].amount[IDS[:2]].tolist() == approx([30 * one for one in shares])
    assert ("by built-up ground" if built_up else "by area") in city.notices()["areas_shared"].say()


def test_half_outside_stays_unallocated_and_the_uncovered_are_missing(city: City) -> None:
    areas(city, [block(-1, 0, 2, 1)], [10])
    layer = city.read().layers[0]
    assert layer.amount["050101"] == approx(5)
    assert layer.amount[IDS[1:]].isna().all()
    assert layer.status.tolist() == ["ok"] + ["uncovered"] * 8
    notices = city.notices()
    assert notices["areas_unallocated"].which == ("A: 5",)
    assert "(5 in all)" in notices["areas_unallocated"].say()
    assert notices["areas_uncovered"].which == tuple(IDS[1:])
    assert "42\u202f600 people" in notices["areas_uncovered"].say()


def test_nobody_outside_when_the_study_says_so(city: City) -> None:
    areas(city, [block(-1, 0, 2, 1)], [10], share={"outside": "empty"})
    assert city.read().layers[0].amount["050101"] == approx(10)
    assert "areas_unallocated" not in city.notices()


def test_overlapping_areas_add_up(city: City) -> None:
    areas(city, [block(0, 0), block(0, 0)], [3, 4])
    assert city.read().layers[0].amount["050101"] == approx(7)


def test_columns_of_staff_add_up_and_rows_do_without_ids(city: City) -> None:
    drawn(city, "sectores.geojson", [block(0, 0)], pie=[3], moto=[4])
    only(city, "jurisdictions", "sectores.geojson", staff=["pie", "moto"])
    assert city.read().layers[0].amount["050101"] == approx(7)


def test_missing_staff_is_not_zero(city: City) -> None:
    areas(city, [block(0, 0), block(1, 0)], [3, None])
    assert city.errors()["counts_missing"].which == ("B",)
    city.layer["missing"] = "keep"
    layer = city.read().layers[0]
    assert layer.amount["050101"] == approx(3)
    assert layer.status[IDS[:3]].tolist() == ["ok", "missing", "uncovered"]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32719", "EPSG:5389"])
def test_other_crs_are_reprojected_and_said(crs: str, city: City) -> None:
    areas(city, [SOUTH_ROW], [127])
    drawn(city, "sectores.gpkg", [SOUTH_ROW], crs=crs, codigo=["A"], serenos=[127])
    assert city.read().layers[0].amount[IDS[:3]].tolist() == approx([40, 35, 52], rel=1e-3)
    assert crs in city.notices()["reprojected"].say()


def served(city: City, frame: pd.DataFrame, **keys: Any) -> None:
    """Police stations that answer for the south row (12,700 people) or the two rows north of it (33,900)."""
    city.posts(frame)
    drawn(city, "jurisdicciones.gpkg", [SOUTH_ROW, NORTH_ROWS], codigo=["S", "N"])
    city.layer["reach"] = {"method": "jurisdiction", "path": "jurisdicciones.gpkg", "id": "codigo"}
    city.layer.update(keys)


def of_rows(south: float, north: float) -> list[float]:
    return [count * (south / 12_700 if at < 3 else north / 33_900) for at, count in enumerate(PEOPLE)]


def test_posts_answer_for_the_area_they_stand_in(city: City) -> None:
    """4 + 2 in the south, 30 + 6 in the north; the areas are in metres, the posts in degrees."""
    served(city, stations())
    layer = city.read().layers[0]
    assert layer.amount.tolist() == approx(of_rows(6, 36))
    assert layer.points["amount"].tolist() == [30, 4, 6, 2]
    assert not {"posts_without_jurisdiction", "crs_overridden"} & set(city.notices())


def test_posts_answer_for_the_area_they_name(city: City) -> None:
    """The station that names none answers for the area it stands in; one that names no area is not counted."""
    served(city, stations().assign(area=["S", "N", None, "X"]), id="area")
    assert city.read().layers[0].amount.tolist() == approx(of_rows(30, 4 + 6))
    said = city.notices()["posts_without_jurisdiction"]
    assert said.which == ("#5: X",)
    assert "(2 of 42)" in said.say()


def test_an_area_without_a_post_has_none(city: City) -> None:
    """No post of the layer answers for the north: 0, which is not missing."""
    served(city, stations().assign(area="S"), id="area")
    layer = city.read().layers[0]
    assert layer.amount.tolist() == approx(of_rows(42, 0))
    assert set(layer.status) == {"ok"}
    assert city.notices()["areas_without_post"].which == ("N",)


def test_posts_outside_every_area_are_said(city: City) -> None:
    served(city, stations())
    drawn(city, "jurisdicciones.gpkg", [SOUTH_ROW], codigo=["S"])
    layer = city.read().layers[0]
    assert layer.amount[IDS[:3]].tolist() == approx(of_rows(6, 0)[:3])
    assert set(layer.status[IDS[3:]]) == {"uncovered"}
    assert city.notices()["posts_without_jurisdiction"].which == ("#2", "#4")


def test_posts_that_answer_for_no_area_at_all(city: City) -> None:
    served(city, stations().assign(area=["1", "2", "3", "4"]), id="area")
    said = city.errors()
    assert set(said) == {"posts_no_jurisdiction"}
    assert "jurisdicciones.gpkg" in said["posts_no_jurisdiction"].say()


def test_amounts_and_the_unallocated_are_the_staff(city: City) -> None:
    areas(city, [block(-0.5, 0.3, 2.2, 1.1), block(1.2, 0.5, 3, 2), block(0.1, 0.1, 0.3, 2.9)], [11, 23, 5])
    study = city.read()
    left = next(one for one in study.notices if one.code == "areas_unallocated").values["amount"]
    assert study.layers[0].amount.sum() + left == approx(39)


def test_the_areas_are_not_those_of_the_neighbourhoods_by_row(city: City) -> None:
    """The same areas in another order, the neighbourhoods too."""
    areas(city, [SOUTH_ROW, NORTH_ROWS], [127, 339])
    before = city.read().layers[0].amount
    drawn(city, "sectores.gpkg", [NORTH_ROWS, SOUTH_ROW], codigo=["B", "A"], serenos=[339, 127])
    city.polygons(squares().sample(frac=1, random_state=3))
    after = city.read().layers[0].amount
    assert after[before.index].tolist() == approx(before.tolist())
