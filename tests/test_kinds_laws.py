"""Laws of the layers of a study file, whatever the figures: scaled, shuffled, added up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest import approx

from city import STAFF, City, block, cells, census, drawn, only, save, squares, stations, street
from secequity.coverage.layers import Layer
from test_kinds_patrols import FIXES, fixes

FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
PLACE = st.floats(-1, 4).map(lambda one: round(one, 2))
SIDE = st.floats(0.2, 3).map(lambda one: round(one, 2))
AREA = st.tuples(PLACE, PLACE, SIDE, SIDE)
COUNT = st.integers(0, 90)
TOUCHING = block(1.4, 1.4, 0.2, 0.2)
"""An area in the middle of the centre, so that some part of a layer always lies in the city."""


def areas(
    city: City, rectangles: list[tuple[float, ...]], staff: list[int], order: list[int] | None = None, scale: int = 1
) -> None:
    shapes = [TOUCHING, *(block(*one) for one in rectangles)]
    rows = order or range(len(shapes))
    codes = [f"J{at}" for at in range(len(shapes))]
    frame = {"codigo": [codes[at] for at in rows], "serenos": [scale * [9, *staff][at] for at in rows]}
    drawn(city, "sectores.gpkg", [shapes[at] for at in rows], **frame)
    only(city, "jurisdictions", "sectores.gpkg", id="codigo", staff="serenos")


def same(before: Layer, after: Layer) -> None:
    """The same figures and reasons, neighbourhood by neighbourhood."""
    assert after.amount[before.amount.index].to_numpy() == approx(before.amount.to_numpy(), nan_ok=True)
    assert after.status[before.status.index].tolist() == before.status.tolist()
    if before.by_shift is not None:
        assert after.by_shift is not None
        known = after.by_shift.loc[before.by_shift.index, before.by_shift.columns]
        assert known.to_numpy() == approx(before.by_shift.to_numpy(), nan_ok=True)


@FEW
@given(st.lists(st.tuples(AREA, COUNT), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_areas(tmp_path: Path, drawn_areas: list[tuple[Any, int]], random: Any) -> None:
    """Amounts and what is unallocated are the staff; ten times the staff is ten times the coverage; rows may move."""
    city = City(tmp_path)
    rectangles, staff = [one for one, _ in drawn_areas], [count for _, count in drawn_areas]
    areas(city, rectangles, staff)
    study = city.read()
    left = sum(one.values["amount"] for one in study.notices if one.code == "areas_unallocated")
    assert study.layers[0].amount.sum() + left == approx(9 + sum(staff))
    order = list(range(len(staff) + 1))
    random.shuffle(order)
    areas(city, rectangles, staff, order)
    same(study.layers[0], city.read().layers[0])
    areas(city, rectangles, staff, scale=10)
    assert city.read().layers[0].amount.to_numpy() == approx(10 * study.layers[0].amount.to_numpy(), nan_ok=True)


@FEW
@given(st.lists(COUNT, min_size=4, max_size=4).filter(any), st.sampled_from(["binary", "gaussian", "linear"]))
def test_catchments(tmp_path: Path, staff: list[int], decay: str) -> None:
    """The supply that reaches anyone is handed out; three times the staff is three times the coverage."""
    city = City(tmp_path)
    city.layer["reach"] = {"method": "catchment", "radius_m": 1600, "decay": decay}
    city.posts(stations().assign(policias=staff))
    once = city.read().layers[0]
    assert once.amount.sum() == approx(sum(staff))
    city.posts(stations().assign(policias=[3 * one for one in staff]).iloc[::-1])
    thrice = city.read().layers[0]
    assert thrice.amount.to_numpy() == approx(3 * once.amount.to_numpy())


LINE = st.tuples(st.tuples(PLACE, PLACE), st.tuples(PLACE, PLACE)).filter(lambda ends: ends[0] != ends[1])


@FEW
@given(st.lists(st.tuples(LINE, COUNT), min_size=1, max_size=4))
def test_routes(tmp_path: Path, given_lines: list[tuple[Any, int]]) -> None:
    """Hours inside and outside are all hours; two rounds at half the frequency are one; rows may move."""
    city = City(tmp_path)
    route = {"times_per_week": "veces", "crew": 2, "minutes": 30, "shift": "turno"}
    lines = [street((0.5, 0.5), (2.5, 2.5)), *(street(*ends) for ends, _ in given_lines)]
    times = [7.0, *(float(count) for _, count in given_lines)]
    words = [("day", "night")[at % 2] for at in range(len(lines))]
    drawn(city, "rondas.gpkg", lines, veces=times, turno=words)
    only(city, "routes", "rondas.gpkg", route=route)
    study = city.read()
    outside = sum(one.values["amount"] for one in study.notices if one.code == "routes_outside")
    assert study.layers[0].amount.sum() + outside == approx(sum(times))
    shifts = study.layers[0].by_shift
    assert shifts is not None
    assert shifts.sum(axis=1).to_numpy() == approx(study.layers[0].amount.to_numpy())
    halves = {"veces": [one / 2 for one in times[::-1]] * 2, "turno": words[::-1] * 2}
    drawn(city, "rondas.gpkg", lines[::-1] * 2, **halves)
    same(study.layers[0], city.read().layers[0])


def spelled(city: City, kind: str, *, shuffled: bool) -> None:
    """A layer of a kind, and the rows of every file of the study in order or not."""

    def order(frame: Any) -> Any:
        return frame.sample(frac=1, random_state=11) if shuffled else frame

    city.polygons(order(squares()))
    city.table(order(census().assign(serenos=range(3, 12))))
    if kind == "tracks":
        rows = pd.DataFrame(FIXES, dtype=object)
        fixes(city, [tuple(row) for row in order(rows).itertuples(index=False)], crew=2)
    elif kind == "surface":
        cells(city, "luz.tif", [[7, 8, 9], [4, 5, 6], [1, 2, 3]])
        only(city, "surface", "luz.tif", surface={"statistic": "mean"})
    elif kind == "counts":
        only(city, "counts", "propios.csv", id="ubigeo", staff="serenos")
        save(order(census().assign(serenos=range(3, 12))), city.folder / "propios.csv")
    else:
        city.posts(order(stations()))
        drawn(city, "areas.gpkg", [block(0, 0, 3, 1), block(0, 1, 3, 2)][:: -1 if shuffled else 1])
        city.layer["reach"] = {"method": "jurisdiction", "path": "areas.gpkg"}


@pytest.mark.parametrize("kind", ["tracks", "surface", "counts", "posts"])
def test_the_order_of_rows_says_nothing(kind: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    spelled(city, kind, shuffled=False)
    before = city.read().layers[0]
    spelled(city, kind, shuffled=True)
    same(before, city.read().layers[0])


def test_a_post_more_never_lowers_anyone(tmp_path: Path) -> None:
    """Within neighbourhoods: the more there stand, the more there are."""
    city = City(tmp_path)
    few = stations()[:-1]
    city.posts(few)
    before = city.read().layers[0].amount
    city.posts(stations())
    after = city.read().layers[0].amount
    assert (after >= before).all()
    assert after.sum() - before.sum() == STAFF["050103"]
