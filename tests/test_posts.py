"""Posts within neighbourhoods: each counted once, wherever it stands; missing is not zero."""

from __future__ import annotations

from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from secequity.coverage import posts
from secequity.errors import AlignmentError, LayerError

CRS = "EPSG:32718"
SIDE = 4


def grid(order: list[int] | None = None) -> gpd.GeoDataFrame:
    """Four by four unit squares."""
    squares = {f"{x}{y}": box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)}
    frame = gpd.GeoDataFrame(index=list(squares), geometry=list(squares.values()), crs=CRS)
    return frame if order is None else frame.iloc[order]


def facilities(places: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    names = [f"p{at}" for at in range(len(places))]
    return gpd.GeoDataFrame(index=names, geometry=[Point(*place) for place in places], crs=CRS)


Places = list[tuple[float, float]]
AXIS = st.one_of(st.integers(-1, SIDE + 1).map(float), st.floats(-1, SIDE + 1, allow_nan=False, width=32))
PLACES = st.lists(st.tuples(AXIS, AXIS), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(PLACES, st.permutations(range(SIDE * SIDE)), st.randoms(use_true_random=False))
def test_each_post_counts_once_whatever_the_order(places: Places, order: list[int], rng: Random) -> None:
    """Vertices, edges and inner points: what is inside and what is outside add up to all there is."""
    stations = facilities(places)
    located = posts.locate(grid(), stations)
    inside = [0 <= x <= SIDE and 0 <= y <= SIDE for x, y in places]
    assert located.notna().tolist() == inside
    amounts = posts.within(grid(), stations)
    assert amounts.sum() == sum(inside)
    for (x, y), where in zip(places, located, strict=True):
        if isinstance(where, str):
            touching = [one for one, square in grid().geometry.items() if square.intersects(Point(x, y))]
            assert where == min(touching)
    shuffled = stations.sample(frac=1, random_state=rng.randrange(2**31))
    again = posts.locate(grid(list(order)), shuffled)
    pd.testing.assert_series_equal(again.reindex(located.index), located)


def test_corners_and_edges_by_hand() -> None:
    """A corner of four squares belongs to the first id, an edge to the first of two."""
    located = posts.locate(grid(), facilities([(1, 1), (1, 0.5), (2.5, 3), (0, 0), (4, 4), (4.1, 2)]))
    assert located.tolist()[:5] == ["00", "00", "22", "00", "33"]
    assert pd.isna(located.iloc[5])


@settings(deadline=None, max_examples=30)
@given(PLACES, st.data())
def test_supply_adds_up(places: Places, data: st.DataObject) -> None:
    stations = facilities(places)
    staff = data.draw(st.lists(st.integers(0, 500), min_size=len(places), max_size=len(places)))
    supply = pd.Series(staff, index=stations.index, dtype=float, name="policías")
    located = posts.locate(grid(), stations)
    amounts = posts.within(grid(), stations, supply=supply.sample(frac=1, random_state=1))
    assert amounts.sum() + supply[located.isna()].sum() == supply.sum()
    assert amounts.name == "policías"
    assert amounts.index.equals(grid().index)


def test_overlapping_neighbourhoods_share_no_post() -> None:
    two = gpd.GeoDataFrame(index=["b", "a"], geometry=[box(0, 0, 2, 2), box(1, 1, 3, 3)], crs=CRS)
    amounts = posts.within(two, facilities([(1.5, 1.5), (0.5, 0.5), (2.5, 2.5)]))
    assert amounts.to_dict() == {"b": 1.0, "a": 2.0}


def test_unknown_staff_makes_an_unknown_amount() -> None:
    """A station of unknown staff in 00 beside a known one; 10 has none and so zero; the one outside harms nobody."""
    stations = facilities([(0.5, 0.5), (0.6, 0.6), (2.5, 2.5), (9, 9)])
    supply = pd.Series([7, np.nan, 4, np.nan], index=stations.index)
    amounts = posts.within(grid(), stations, supply=supply)
    assert np.isnan(amounts["00"])
    assert amounts["22"] == 4
    assert amounts["10"] == 0
    assert amounts.isna().sum() == 1


def test_no_place_is_outside() -> None:
    stations = facilities([(0.5, 0.5), (1.5, 1.5)])
    stations.loc["p0", "geometry"] = None
    assert posts.locate(grid(), stations).notna().tolist() == [False, True]


def test_nobody_inside_is_zero_everywhere() -> None:
    assert posts.within(grid(), facilities([(9, 9)])).eq(0).all()
    assert posts.within(grid(), facilities([])).eq(0).all()


def test_distance_outside() -> None:
    points = facilities([(-3, -4), (5, 2), (4, 2)]).geometry
    assert posts.distance_outside(grid(), points).tolist() == [5.0, 1.0, 0.0]


def test_what_is_refused() -> None:
    stations = facilities([(0.5, 0.5)])
    with pytest.raises(LayerError, match="supply is negative"):
        posts.within(grid(), stations, supply=pd.Series([-1.0], index=["p0"]))
    with pytest.raises(AlignmentError, match="p1"):
        posts.within(grid(), stations, supply=pd.Series([1.0], index=["p1"]))
    with pytest.raises(LayerError, match="EPSG:32719"):
        posts.within(grid(), stations.set_crs("EPSG:32719", allow_override=True))
    with pytest.raises(LayerError, match="degrees"):
        posts.within(grid().set_crs("EPSG:4326", allow_override=True), stations)
    with pytest.raises(LayerError, match="more than once"):
        posts.within(grid(), facilities([(0, 0), (1, 1)]).set_axis(["a", "a"]))
    with pytest.raises(LayerError, match="more than once"):
        posts.within(pd.concat([grid(), grid()]), stations)
    with pytest.raises(LayerError, match="must be text"):
        posts.within(grid().set_axis(range(16)), stations)


def test_nothing_is_changed() -> None:
    areas, stations, supply = grid(), facilities([(0.5, 0.5)]), pd.Series([3.0], index=["p0"])
    posts.within(areas, stations, supply=supply)
    assert shapely.equals(areas.geometry.to_numpy(), grid().geometry.to_numpy()).all()
    assert supply.to_dict() == {"p0": 3.0}
    assert list(stations) == ["geometry"]
