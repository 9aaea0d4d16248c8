"""Laws that sharing out obeys, whatever the city and whatever the areas of service."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from secequity.transfer import apportion, zonal, zonal_table

UTM = "EPSG:32718"
ORIGIN = (580_000, 8_540_000)
"""Metres are large numbers, as in a real city."""

CELL = 50


def law(**anything: st.SearchStrategy):
    """A test that must hold for anything drawn, however slow the machine."""
    return lambda test: settings(deadline=None, max_examples=40)(given(**anything)(test))


def square(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    left, low = ORIGIN[0] + 100 * x, ORIGIN[1] + 100 * y
    return box(left, low, left + 100 * width, low + 100 * height)


corner, length, staff = st.integers(-1, 5), st.integers(1, 4), st.integers(0, 40)


@st.composite
def services(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Up to six rectangles and wedges that may overlap each other, leave gaps and stick out of the city."""
    size = draw(st.integers(1, 6))
    shapes = []
    for _ in range(size):
        shape = square(draw(corner), draw(corner), draw(length) - draw(st.sampled_from([0, 0.5])), draw(length))
        if draw(st.booleans()):
            shape = shapely.Polygon(list(shape.exterior.coords)[:3])
        shapes.append(shape)
    columns = {"police": [draw(staff) for _ in range(size)], "cars": [draw(staff) for _ in range(size)]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM)


@st.composite
def cities(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Some of the 25 squares of a grid, with people."""
    at = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12, unique=True))
    people = [draw(st.integers(0, 900)) for _ in at]
    return gpd.GeoDataFrame(
        {"people": people}, geometry=[square(x, y, 1, 1) for x, y in at], index=[f"n{x}{y}" for x, y in at], crs=UTM
    )


def raster(seed: int) -> rasterio.io.DatasetWriter:
    """Cells of 50 m over everything that can be drawn, a third of them empty."""
    side = 22 * 100 // CELL
    cells = np.random.default_rng(seed).integers(-10, 20, (side, side)).clip(0).astype("float32")
    dataset = rasterio.MemoryFile().open(
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="float32",
        crs=UTM,
        transform=rasterio.Affine(CELL, 0, ORIGIN[0] - 500, 0, -CELL, ORIGIN[1] - 500 + side * CELL),
    )
    dataset.write(cells, 1)
    return dataset


def ways(city: gpd.GeoDataFrame) -> list[dict[str, object]]:
    return [{}, {"population": city["people"]}, {"population": raster(1)}, {"built_up": raster(2), "outside": "empty"}]


COLUMNS = ["police", "cars"]


@law(sources=services(), city=cities(), sliver_share=st.sampled_from([0, 0.01, 0.3]))
def test_nothing_is_lost_and_nothing_invented(sources, city, sliver_share: float) -> None:
    for options in ways(city):
        found = apportion(sources, city, COLUMNS, sliver_share=sliver_share, **options)
        assert (found.amounts.sum() + found.unallocated.sum()).to_dict() == pytest.approx(
            sources[COLUMNS].sum().to_dict()
        )
        assert not (found.amounts < 0).any(axis=None) and (found.unallocated > -1e-9).all(axis=None)
        assert found.covered_share.between(0, 1).all() and found.unallocated_share.between(0, 1).all()
        assert (found.amounts.isna() == (found.status == "uncovered")).all(axis=None)


@law(sources=services(), city=cities())
def test_the_covered_share_is_that_of_the_union(sources, city) -> None:
    everything = sources.geometry.union_all()
    expected = city.geometry.intersection(everything).area / city.geometry.area
    found = apportion(sources, city, "police", sliver_share=0)
    assert found.covered_share.to_dict() == pytest.approx(expected.to_dict(), abs=1e-6)
    outside = 1 - sources.geometry.intersection(city.geometry.union_all()).area / sources.geometry.area
    assert found.unallocated_share.to_dict() == pytest.approx(outside.to_dict(), abs=1e-6)


@law(sources=services(), city=cities())
def test_by_area_each_source_gives_its_share_of_area(sources, city) -> None:
    found = apportion(sources, city, "police", sliver_share=0)
    for one, place in city.geometry.items():
        overlap = sources.geometry.intersection(place).area / sources.geometry.area
        expected = float((sources["police"] * overlap).sum())
        assert found.amounts["police"].fillna(0)[one] == pytest.approx(expected, abs=1e-6)


@law(sources=services(), city=cities())
def test_by_raster_each_source_gives_its_share_of_people(sources, city) -> None:
    """Against the sums of the same pieces taken one by one."""
    grid = raster(1)
    found = apportion(sources, city, "police", population=grid, sliver_share=0)
    sources = sources.set_index(sources.index.astype(str))
    total = zonal(grid, sources)
    for one, place in city.geometry.items():
        pieces = sources.set_geometry(sources.geometry.intersection(place))
        pieces = pieces[pieces.geometry.area > 0]
        if pieces.empty or (total[pieces.index] == 0).any() or (found.method == "area").any():
            continue
        expected = float((pieces["police"] * zonal(grid, pieces) / total[pieces.index]).sum())
        assert found.amounts["police"][one] == pytest.approx(expected, abs=1e-4)


@law(sources=services(), city=cities(), cut=st.floats(0.1, 0.9))
def test_a_neighbourhood_cut_in_two_gets_the_same_together(sources, city, cut: float) -> None:
    first = city.index[0]
    west, south, east, north = city.geometry[first].bounds
    middle = west + cut * (east - west)
    halves = gpd.GeoDataFrame(
        {"people": [city["people"][first] * cut, city["people"][first] * (1 - cut)]},
        geometry=[box(west, south, middle, north), box(middle, south, east, north)],
        index=["west", "east"],
        crs=UTM,
    )
    parts = pd.concat([city.drop(first), halves])
    for before, after in zip(ways(city), ways(parts), strict=True):
        whole = apportion(sources, city, COLUMNS, sliver_share=0, **before).amounts.fillna(0)
        split = apportion(sources, parts, COLUMNS, sliver_share=0, **after).amounts.fillna(0)
        assert split.loc[["west", "east"]].sum().to_dict() == pytest.approx(whole.loc[first].to_dict(), abs=1e-4)
        others = city.index[1:]
        assert split.loc[others].to_numpy() == pytest.approx(whole.loc[others].to_numpy(), abs=1e-4)


@law(sources=services(), city=cities(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_not_a_digit(sources, city, shuffle) -> None:
    rows, order = list(sources.index), list(city.index)
    shuffle.shuffle(rows)
    shuffle.shuffle(order)
    for options in ways(city):
        found = apportion(sources, city, COLUMNS, **options)
        again = apportion(sources.loc[rows], city.loc[order], COLUMNS, **options)
        pd.testing.assert_frame_equal(again.to_frame().loc[city.index], found.to_frame(), check_exact=True)
        pd.testing.assert_frame_equal(again.sources_frame().loc[sources.index], found.sources_frame(), check_exact=True)


@law(sources=services(), city=cities(), factor=st.sampled_from([0.25, 3, 1000]))
def test_more_staff_gives_more_and_more_people_the_same(sources, city, factor: float) -> None:
    found = apportion(sources, city, "police", population=city["people"])
    scaled = sources.assign(police=sources["police"] * factor)
    more = apportion(scaled, city, "police", population=city["people"] * 2)
    assert more.amounts["police"].to_numpy() == pytest.approx(found.amounts["police"].to_numpy() * factor, nan_ok=True)


@law(sources=services(), city=cities(), more=services())
def test_sources_add_up(sources, city, more) -> None:
    both = pd.concat([sources, more], ignore_index=True)
    for options in ways(city):
        one, other, together = (apportion(each, city, "police", **options) for each in (sources, more, both))
        added = one.amounts["police"].add(other.amounts["police"], fill_value=0)
        assert together.amounts["police"].to_numpy() == pytest.approx(added.to_numpy(), nan_ok=True)
        assert (together.covered_share >= np.maximum(one.covered_share, other.covered_share) - 1e-6).all()


@law(sources=services(), city=cities(), zone=st.sampled_from(["EPSG:32717", "EPSG:24878", "EPSG:5389"]))
def test_another_projection_moves_nothing_much(sources, city, zone: str) -> None:
    for options in ({}, {"population": city["people"]}):
        here = apportion(sources, city, "police", **options)
        there = apportion(sources.to_crs(zone), city.to_crs(zone), "police", **options)
        assert there.amounts["police"].to_numpy() == pytest.approx(
            here.amounts["police"].to_numpy(), abs=1e-2, nan_ok=True
        )
    grid = raster(1)
    here = apportion(sources, city, "police", population=grid)
    there = apportion(sources.to_crs(zone), city.to_crs(zone), "police", population=grid, reproject=True)
    assert there.amounts["police"].to_numpy() == pytest.approx(here.amounts["police"].to_numpy(), abs=1e-2, nan_ok=True)


@law(city=cities(), cut=st.floats(0.1, 0.9), statistic=st.sampled_from(["sum", "mean"]))
def test_sums_add_up_and_means_average(city, cut: float, statistic: str) -> None:
    grid = raster(3)
    west, south, east, north = city.geometry.iloc[0].bounds
    middle = west + cut * (east - west)
    halves = gpd.GeoDataFrame(
        geometry=[box(west, south, middle, north), box(middle, south, east, north)], index=["w", "e"], crs=UTM
    )
    found = zonal(grid, halves, statistic=statistic)
    weight = {"sum": (1, 1), "mean": (cut, 1 - cut)}[statistic]
    whole = zonal(grid, city.iloc[:1], statistic=statistic).iloc[0]
    assert found["w"] * weight[0] + found["e"] * weight[1] == pytest.approx(whole, rel=1e-5, abs=1e-5)


@law(city=cities())
def test_equal_weights_weigh_nothing(city) -> None:
    grid = raster(4)
    ones = rasterio.MemoryFile().open(**grid.profile)
    ones.write(np.full((1, grid.height, grid.width), 3, dtype="float32"))
    weighted = zonal_table(grid, city, statistic="weighted_mean", weights=ones)
    plain = zonal_table(grid, city, statistic="mean")
    assert weighted["value"].to_numpy() == pytest.approx(plain["value"].to_numpy(), rel=1e-6)
    assert (weighted["status"] == "ok").all()
