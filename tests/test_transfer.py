"""Staff of areas of service shared out among neighbourhoods, by hand and against tobler and the real city."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from secequity.errors import AlignmentError, LayerError
from secequity.texts import LANGUAGES
from secequity.transfer import apportion

UTM = "EPSG:32718"


def layer(
    index: list[object] | None = None, crs: object = UTM, staff: list[float] | None = None, *, shapes: list[object]
):
    columns = {} if staff is None else {"police": staff}
    return gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=crs)


def row(*ids: str, size: float = 100.0) -> gpd.GeoDataFrame:
    """Square neighbourhoods side by side, the first at the origin."""
    return layer(list(ids), shapes=[box(i * size, 0, (i + 1) * size, size) for i in range(len(ids))])


def raster(
    cells: list[list[float]], *, left: float = 0, top: float = 100, size: float = 50, crs: object = UTM, nodata=None
):
    """An open raster in memory, its first row at the top."""
    values = np.array(cells, dtype="float32")
    dataset = rasterio.MemoryFile().open(
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype="float32",
        crs=crs,
        nodata=nodata,
        transform=rasterio.Affine(size, 0, left, 0, -size, top),
    )
    dataset.write(values, 1)
    return dataset


def codes(error: LayerError | AlignmentError) -> list[str]:
    for one in error.problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return [one.code for one in error.problems]


def refused(*arguments, error=LayerError, **options) -> list[str]:
    with pytest.raises(error) as caught:
        apportion(*arguments, **options)
    return codes(caught.value)


def test_whole_neighbourhoods_get_their_share_of_the_people() -> None:
    sources = layer(["J1"], staff=[12], shapes=[box(0, 0, 300, 100)])
    people = pd.Series({"c": 100, "a": 300, "b": 200})
    found = apportion(
        sources, row("a", "b", "c", "d"), ["police"], population=people.reindex(list("abcd"), fill_value=0)
    )
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 6, "b": 4, "c": 2, "d": np.nan}, nan_ok=True)
    assert found.status["police"].to_dict() == {"a": "ok", "b": "ok", "c": "ok", "d": "uncovered"}
    assert found.covered_share.to_dict() == {"a": 1, "b": 1, "c": 1, "d": 0}
    assert found.method.to_dict() == {"J1": "nested"} and found.nested["J1"]
    assert found.unallocated.loc["J1", "police"] == 0


def test_people_live_evenly_in_a_neighbourhood_that_is_cut() -> None:
    """J1 is a and a quarter of b: 100 people and 25 of 100, so a gets 4/5 and b 1/5 of 10."""
    sources = layer(["J1"], staff=[10], shapes=[box(0, 0, 125, 100)])
    found = apportion(sources, row("a", "b"), "police", population=pd.Series({"a": 100, "b": 100}))
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 8, "b": 2})
    assert found.covered_share.to_dict() == pytest.approx({"a": 1, "b": 0.25})
    assert found.method["J1"] == "population" and not found.nested["J1"]


def test_half_a_source_does_not_carry_the_whole_staff() -> None:
    """30 % of the area lies outside: 3 of 10 stay unallocated, whatever the people inside."""
    sources = layer(["J1"], staff=[10], shapes=[box(0, 0, 100, 100).union(box(-42.857142857142854, 0, 0, 100))])
    for population in (None, pd.Series({"a": 5})):
        found = apportion(sources, row("a"), "police", population=population)
        assert found.amounts.loc["a", "police"] == pytest.approx(7)
        assert found.unallocated.loc["J1", "police"] == pytest.approx(3)
        assert found.unallocated_share["J1"] == pytest.approx(0.3)
        assert not found.nested["J1"]


def test_what_lies_outside_may_be_declared_empty() -> None:
    """Two blocks with a street between them."""
    blocks = layer(["a", "b"], shapes=[box(0, 0, 40, 100), box(60, 0, 100, 100)])
    sources = layer(["J1", "far"], staff=[10, 4], shapes=[box(0, 0, 100, 100), box(500, 0, 600, 100)])
    people = pd.Series({"a": 30, "b": 70})
    open_street = apportion(sources, blocks, "police", population=people)
    assert open_street.unallocated["police"].to_dict() == pytest.approx({"J1": 2, "far": 4})
    empty_street = apportion(sources, blocks, "police", population=people, outside="empty")
    assert empty_street.amounts["police"].to_dict() == pytest.approx({"a": 3, "b": 7})
    assert empty_street.unallocated["police"].to_dict() == {"J1": 0, "far": 4}


def test_a_source_inside_one_neighbourhood_belongs_to_it_whatever_is_counted_there() -> None:
    sources = layer([7, 8], staff=[3, 5], shapes=[box(10, 10, 20, 20), box(50, 50, 60, 60)])
    for options in ({}, {"population": pd.Series({"a": 0})}, {"population": raster([[0, 0], [0, 0]])}):
        found = apportion(sources, row("a"), "police", **options)
        assert found.amounts.loc["a", "police"] == 8
        assert found.method.to_list() == ["nested", "nested"] and found.reason.isna().all()


def test_overlapping_sources_add_up_and_cover_once() -> None:
    """Both cover the same half: 4 + 6 staff, half of the neighbourhood; the third quarter twice more."""
    half = box(0, 0, 50, 100)
    found = apportion(layer(["x", "y"], staff=[4, 6], shapes=[half, half]), row("a"), "police")
    assert found.amounts.loc["a", "police"] == 10 and found.covered_share["a"] == pytest.approx(0.5)
    staggered = [box(0, 0, 60, 100), box(40, 0, 80, 100)]
    found = apportion(layer(["x", "y"], staff=[4, 6], shapes=staggered), row("a"), "police")
    assert found.covered_share["a"] == pytest.approx(0.8)


def test_overlapping_neighbourhoods_share_and_the_outside_is_not_understated() -> None:
    places = layer(["a", "b"], shapes=[box(0, 0, 60, 100), box(40, 0, 80, 100)])
    found = apportion(layer(["x"], staff=[10], shapes=[box(0, 0, 100, 100)]), places, "police")
    assert found.unallocated.loc["x", "police"] == pytest.approx(2)
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 8 * 60 / 100, "b": 8 * 40 / 100})


def test_slivers_are_drawing_errors() -> None:
    """The border is drawn half a metre off: the source is a alone, b is not covered."""
    sources = layer(["J1"], staff=[10], shapes=[box(0.5, 0, 100.5, 100)])
    found = apportion(sources, row("a", "b"), "police", population=pd.Series({"a": 1, "b": 1000}))
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 10, "b": np.nan}, nan_ok=True)
    assert found.method["J1"] == "nested" and found.covered_share.to_dict() == {"a": 1, "b": 0}
    literal = apportion(sources, row("a", "b"), "police", sliver_share=0)
    assert literal.amounts["police"].to_dict() == pytest.approx({"a": 9.95, "b": 0.05})


def test_a_source_that_only_touches_is_outside() -> None:
    sources = layer(["J1"], staff=[10], shapes=[box(-100, 0, 0, 100)])
    found = apportion(sources, row("a"), "police")
    assert found.method["J1"] == "outside" and found.unallocated.loc["J1", "police"] == 10
    assert np.isnan(found.amounts.loc["a", "police"]) and found.covered_share["a"] == 0


def test_people_by_raster_are_counted_inside_and_outside() -> None:
    """Cells of 50 m: 10 people a cell in a, 30 in b's west half, 60 beyond. The source is a, half of b and beyond b."""
    grid = raster([[10, 10, 30, 0, 30], [10, 10, 30, 0, 30]])
    sources = layer(["J1", "J2"], staff=[16, 4], shapes=[box(0, 0, 250, 100), box(100, 0, 200, 50)])
    found = apportion(sources, row("a", "b"), "police", population=grid)
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 16 * 40 / 160, "b": 16 * 60 / 160 + 4})
    assert found.unallocated["police"].to_dict() == pytest.approx({"J1": 6, "J2": 0})
    assert found.method.to_dict() == {"J1": "population", "J2": "nested"}


def test_covered_share_counts_people_where_a_raster_does() -> None:
    """The west half of a holds 30 of its 40 people."""
    grid = raster([[15, 5], [15, 5]])
    west = layer(["J1"], staff=[1], shapes=[box(-0.0, 0, 50, 100)])
    assert apportion(west, row("a"), "police", population=grid).covered_share["a"] == pytest.approx(0.75)
    twice = layer(["J1", "J2"], staff=[1, 1], shapes=[box(0, 0, 50, 100), box(0, 0, 50, 100)])
    assert apportion(twice, row("a"), "police", population=grid).covered_share["a"] == pytest.approx(0.75)
    empty = raster([[0, 0], [0, 0]])
    assert apportion(west, row("a"), "police", population=empty).covered_share["a"] == pytest.approx(0.5)


def test_a_source_without_people_falls_back_and_says_so() -> None:
    """Nobody lives in J2: the built-up mask decides; nothing is built in J3: its area does."""
    places = row("a", "b", "c", "d", "e", "f")
    sources = layer(["J1", "J2", "J3"], staff=[10, 10, 10], shapes=[box(x, 0, x + 200, 100) for x in (0, 200, 400)])
    people = pd.Series({"a": 1, "b": 3, "c": 0, "d": 0, "e": 0, "f": 0})
    built = raster([[1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]])
    found = apportion(sources, places, "police", population=people, built_up=built)
    assert found.amounts["police"].to_list() == pytest.approx([2.5, 7.5, 2, 8, 5, 5])
    assert found.method.to_dict() == {"J1": "nested", "J2": "built_up", "J3": "area"}
    assert found.reason.isna()["J1"] and found.reason[["J2", "J3"]].to_list() == ["no_weight", "no_weight"]
    assert found.nested.all()


def test_a_raster_that_ends_before_the_source_is_not_used_for_it() -> None:
    """The raster ends with a: that nobody is counted beyond does not make the source a's alone."""
    sources = layer(["J1"], staff=[10], shapes=[box(0, 0, 200, 100)])
    found = apportion(sources, row("a", "b"), "police", population=raster([[10, 10], [10, 10]]))
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 5, "b": 5})
    assert found.method["J1"] == "area" and found.reason["J1"] == "beyond_raster"


def test_cells_without_data_hold_nobody() -> None:
    grid = raster([[10, 10, -1, -1], [10, 10, 10, -1]], nodata=-1)
    sources = layer(["J1"], staff=[10], shapes=[box(0, 0, 200, 100)])
    found = apportion(sources, row("a", "b"), "police", population=grid)
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 8, "b": 2})


def test_a_raster_may_be_a_file_or_one_of_several_bands(tmp_path: Path) -> None:
    sources, places = layer(["J1"], staff=[8], shapes=[box(0, 0, 200, 100)]), row("a", "b")
    grid = raster([[10, 10, 30, 30], [10, 10, 30, 30]])
    path = tmp_path / "people.tif"
    with rasterio.open(path, "w", **(grid.profile | {"count": 2})) as file:
        file.write(np.stack([np.ones((2, 4)), grid.read(1)]).astype("float32"))
    assert refused(sources, places, "police", population=path) == ["raster_band_choice"]
    with rasterio.open(path) as file:
        found = apportion(sources, places, "police", population=rasterio.band(file, 2))
        assert not file.closed
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 2, "b": 6})


def test_another_crs_is_refused_or_followed() -> None:
    """A raster in degrees, of cells that hold 10 people in the west and 30 in the east of the common border."""
    middle = gpd.GeoSeries([Point(500_000, 8_500_000)], crs=UTM).to_crs(4326).iloc[0]
    grid = raster([[10, 30], [10, 30]], left=middle.x - 0.02, top=middle.y + 0.02, size=0.02, crs="EPSG:4326")
    places = layer(
        ["w", "e"], shapes=[box(499_000, 8_499_000, 500_000, 8_501_000), box(500_000, 8_499_000, 501_000, 8_501_000)]
    )
    sources = layer(["J1"], staff=[8], shapes=[box(499_000, 8_499_000, 501_000, 8_501_000)])
    assert refused(sources, places, "police", population=grid) == ["raster_crs_differs"]
    found = apportion(sources, places, "police", population=grid, reproject=True)
    assert found.amounts["police"].to_dict() == pytest.approx({"w": 2, "e": 6}, rel=1e-4)


def test_unknown_staff_is_not_zero() -> None:
    sources = layer(["J1", "J2"], staff=[np.nan, 5], shapes=[box(0, 0, 200, 100), box(200, 0, 300, 100)])
    sources["cars"] = [2, 1]
    found = apportion(sources, row("a", "b", "c"), ["police", "cars"])
    assert found.status["police"].to_list() == ["missing", "missing", "ok"]
    assert found.amounts["cars"].to_list() == [1, 1, 1] and (found.status["cars"] == "ok").all()
    assert found.unallocated["police"].to_list() == [0, 0]


def test_nothing_given_is_changed() -> None:
    sources, places = layer(["J1"], staff=[3], shapes=[box(0, 0, 150, 100)]), row("a", "b")
    people = pd.Series({"b": 2, "a": 1}, name="people")
    before = sources.copy(), places.copy(), people.copy()
    apportion(sources, places, "police", population=people)
    for one, other in zip((sources, places, people), before, strict=True):
        assert one.equals(other)


def test_a_result_tells_itself() -> None:
    sources = layer(["J1", "J2"], staff=[10, 4], shapes=[box(-100, 0, 150, 100), box(900, 0, 950, 50)])
    found = apportion(sources, row("a", "b", "c"), "police", population=pd.Series({"a": 0, "b": 0, "c": 9}))
    for language in LANGUAGES:
        assert "8" in found.summary(language)
    assert found.to_frame().columns.to_list() == ["police", "covered_share"]
    assert found.sources_frame()["method"].to_dict() == {"J1": "area", "J2": "outside"}
    assert "<table" in found._repr_html_()
    assert found.sources_frame()["reason"]["J1"] == "no_weight"


def test_more_neighbourhoods_than_one_polygon_and_islands() -> None:
    islands = MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)])
    places = layer(["a", "b"], shapes=[islands, box(100, 0, 300, 100)])
    found = apportion(layer(["J1"], staff=[8], shapes=[box(0, 0, 400, 100)]), places, "police")
    assert found.amounts["police"].to_dict() == pytest.approx({"a": 4, "b": 4})


def test_bad_input_is_named() -> None:
    sources, places = layer(["J1"], staff=[3], shapes=[box(0, 0, 100, 100)]), row("a", "b")
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    assert refused(sources.set_crs(None, allow_override=True), places, "police") == ["crs_missing"]
    assert refused(sources.to_crs(4326), places, "police") == ["crs_geographic"]
    assert refused(sources.to_crs(32717), places, "police") == ["crs_differ"]
    assert refused(sources, places, "polices") == ["apportion_column"]
    assert refused(sources, places, []) == ["apportion_no_columns"]
    assert refused(sources.assign(police="3"), places, "police") == ["rates_not_numbers"]
    assert refused(sources.assign(police=-3), places, "police") == ["rates_negative"]
    assert refused(sources.assign(police=np.inf), places, "police") == ["rates_infinite"]
    assert refused(sources.iloc[:0], places, "police") == ["polygons_none"]
    assert refused(pd.concat([sources, sources]), places, "police") == ["ids_repeated"]
    assert refused(sources.set_geometry([bow], crs=UTM), places, "police") == ["polygons_invalid"]
    assert refused(sources.set_geometry([Point(0, 0)], crs=UTM), places, "police") == ["polygons_other"]
    assert refused(sources.set_geometry([Polygon()], crs=UTM), places, "police") == ["geometry_empty"]
    assert refused(sources, places.set_geometry([bow, box(9, 9, 10, 10)], crs=UTM), "police") == ["polygons_invalid"]
    assert refused(sources, places, "police", sliver_share=0.5) == ["apportion_sliver_share"]
    assert refused(sources, places, "police", outside="nobody") == ["option_word"]
    assert refused(sources.assign(two=1)[["police", "police", "geometry"]], places, "police") == ["columns_repeated"]


def test_bad_people_are_named(tmp_path: Path) -> None:
    sources, places = layer(["J1"], staff=[3], shapes=[box(0, 0, 150, 100)]), row("a", "b")

    def people(a: object, b: object = 1) -> list[str]:
        return refused(sources, places, "police", population=pd.Series({"a": a, "b": b}))

    assert people(np.nan) == ["measure_missing"]
    assert people(-1) == ["rates_negative"]
    assert people("many") == ["rates_not_numbers"]
    assert refused(sources, places, "police", population=pd.Series({"a": 1}), error=AlignmentError) == ["ids_absent"]
    undeclared = raster([[-9999, 10, 10, 10], [10, 10, 10, 10]])
    assert refused(sources, places, "police", population=undeclared) == ["raster_negative"]
    assert refused(sources, places, "police", population=raster([[np.inf] * 4] * 2)) == ["raster_not_finite"]
    assert refused(sources, places, "police", population=tmp_path / "none.tif") == ["raster_absent"]
    assert refused(sources, places, "police", population=raster([[1] * 4] * 2, crs=None)) == ["raster_no_crs"]


def voronoi(count: int, seed: int) -> list[object]:
    frame = box(0, 0, 5000, 5000)
    points = shapely.multipoints(np.random.default_rng(seed).uniform(0, 5000, (count, 2)))
    return [cell.intersection(frame) for cell in shapely.voronoi_polygons(points, extend_to=frame).geoms]


def test_by_area_agrees_with_tobler() -> None:
    from tobler.area_weighted import area_interpolate

    places = layer([f"n{i:03}" for i in range(150)], shapes=voronoi(150, 1))
    sources = layer(shapes=voronoi(40, 2), staff=list(np.random.default_rng(3).uniform(0, 50, 40)))
    moved = sources.translate(2500, 0)
    for shapes in (sources.geometry, moved):
        given = sources.set_geometry(shapes)
        found = apportion(given, places, "police", sliver_share=0)
        theirs = area_interpolate(given, places, extensive_variables=["police"], allocate_total=False)["police"]
        assert found.amounts["police"].fillna(0).to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-5, abs=1e-6)
        assert found.unallocated["police"].sum() == pytest.approx(sources["police"].sum() - theirs.sum(), abs=1e-4)


@pytest.mark.real
def test_barrios_of_buenos_aires_cut_into_radios(data_folder: Path) -> None:
    """The staff of a barrio is its people: shared out by the people of the radios, it comes back almost as they are."""
    folder = data_folder / "argentina_buenos_aires"
    radios = gpd.read_file(folder / "radios_censales_2010.geojson").to_crs(32721).set_index("RADIO_ID")
    radios.index = radios.index.astype(str)
    barrios = radios.dissolve("BARRIO", aggfunc={"POBLACION": "sum"})
    with rasterio.open(folder / "poblacion_100m_DERIVADO.tif") as people:
        by_raster = apportion(barrios, radios, "POBLACION", population=people)
    by_people = apportion(barrios, radios, "POBLACION", population=radios["POBLACION"])
    for found in (by_raster, by_people):
        total = found.amounts["POBLACION"].sum() + found.unallocated["POBLACION"].sum()
        assert total == pytest.approx(2_890_151)
        assert (found.covered_share == 1).all()
    assert (by_people.method == "nested").all() and (by_raster.method == "population").all()
    assert by_people.amounts["POBLACION"].to_numpy() == pytest.approx(radios["POBLACION"].to_numpy(), rel=1e-9)


def test_where_nothing_overlaps_areas_are_added_instead_of_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips laid across a grid, the last column of which they leave in part uncovered: both ways say the same."""
    cells = [box(x, y, x + 10, y + 10) for x in range(0, 50, 10) for y in range(0, 50, 10)]
    places = gpd.GeoDataFrame(index=[f"n{at:02}" for at in range(25)], geometry=cells, crs="EPSG:32718")
    strips = gpd.GeoDataFrame(
        {"staff": [7.0, 5.0, 3.0]}, geometry=[box(-4, y, 46, y + 14) for y in (1, 15, 29)], crs=places.crs
    )
    added = apportion(strips, places, "staff")
    monkeypatch.setattr(shapely, "coverage_is_valid", lambda shapes: False)
    joined = apportion(strips, places, "staff")
    pd.testing.assert_frame_equal(added.amounts, joined.amounts, rtol=1e-12)
    pd.testing.assert_series_equal(added.covered_share, joined.covered_share, rtol=1e-12)
    pd.testing.assert_series_equal(added.unallocated_share, joined.unallocated_share, rtol=1e-12)
    assert added.covered_share["n20"] == pytest.approx(0.6 * 0.9) and added.covered_share["n22"] == pytest.approx(0.6)
