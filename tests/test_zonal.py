"""Rasters in neighbourhoods: by hand, cell by cell, and against the real population raster."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import MultiPolygon, Point, Polygon, box

from secequity.checks import Findings
from secequity.errors import LayerError
from secequity.sources.raster import open_raster
from secequity.texts import LANGUAGES
from secequity.transfer import zonal, zonal_table

UTM = "EPSG:32718"


def places(crs: object = UTM, **shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=crs)


def raster(
    cells,
    *,
    left: float = 0,
    top: float | None = None,
    size: float = 10,
    crs: object = UTM,
    nodata=None,
    kind="float32",
):
    """An open raster in memory, its first row at the top, its lower edge at 0 unless `top` says otherwise."""
    values = np.array(cells, dtype=kind)
    dataset = rasterio.MemoryFile().open(
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype=kind,
        crs=crs,
        nodata=nodata,
        transform=rasterio.Affine(size, 0, left, 0, -size, len(values) * size if top is None else top),
    )
    dataset.write(values, 1)
    return dataset


def refused(*arguments, **options) -> list[str]:
    with pytest.raises(LayerError) as caught:
        zonal_table(*arguments, **options)
    return spoken(caught.value.problems)


def spoken(problems) -> list[str]:
    for one in problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return [one.code for one in problems]


def test_cells_count_by_the_share_of_them_inside() -> None:
    grid = raster([[1, 2], [3, 4]])
    found = zonal(grid, places(b=box(5, 0, 20, 10), a=box(0, 0, 20, 20)))
    assert found.to_dict() == {"b": 3 / 2 + 4, "a": 10}
    assert found.index.to_list() == ["b", "a"] and found.name == "sum" and found.dtype == float
    mean = zonal(grid, places(b=box(5, 0, 20, 10)), statistic="mean", name="slope", unit="degree")
    assert mean["b"] == pytest.approx((3 * 0.5 + 4) / 1.5)
    assert mean.name == "slope" and mean.attrs == {"unit": "degree"}


def test_a_triangle_takes_half_of_the_cells_it_halves() -> None:
    triangle = Polygon([(0, 0), (20, 0), (0, 20)])
    found = zonal(raster([[8, 2], [4, 6]]), places(t=triangle))
    assert found["t"] == pytest.approx(8 / 2 + 4 + 6 / 2)


def test_a_mean_where_people_live() -> None:
    """Nobody lives on the steep cell; half of the cell of 6 people is inside."""
    slope, people = raster([[10, 40], [20, 30]]), raster([[5, 0], [9, 6]])
    shape = places(a=box(0, 0, 15, 20))
    found = zonal_table(slope, shape, statistic="weighted_mean", weights=people)
    assert found.loc["a", "value"] == pytest.approx((10 * 5 + 20 * 9 + 30 * 3) / (5 + 9 + 3))
    assert found.loc["a", "status"] == "ok"


def test_weights_may_be_on_coarser_cells() -> None:
    slope, people = raster([[1, 2, 3, 4], [1, 2, 3, 4]], size=5), raster([[10, 30]], size=10)
    found = zonal(slope, places(a=box(0, 0, 20, 10)), statistic="weighted_mean", weights=people)
    assert found["a"] == pytest.approx((1.5 * 10 + 3.5 * 30) / 40)


def test_missing_has_five_names() -> None:
    grid = raster([[1, -1, 0], [1, -1, 0]], nodata=-1)
    people = raster([[1, 1, 0], [1, 1, 0]])
    shapes = places(
        whole=box(0, 0, 10, 20),
        half=box(5, 0, 15, 20),
        hole=box(11, 1, 19, 19),
        zero=box(20, 0, 30, 20),
        edge=box(25, 0, 35, 20),
        far=box(50, 0, 60, 20),
        beside=box(30, 0, 40, 20),
    )
    found = zonal_table(grid, shapes)
    assert found["status"].to_dict() == {
        "whole": "ok",
        "half": "partial",
        "hole": "nodata",
        "zero": "ok",
        "edge": "partial",
        "far": "outside",
        "beside": "outside",
    }
    assert found["covered_share"].to_list() == pytest.approx([1, 0.5, 0, 1, 0.5, 0, 0])
    assert found["value"].to_list() == pytest.approx([2, 1, np.nan, 0, 0, np.nan, np.nan], nan_ok=True)
    weighted = zonal_table(grid, shapes, statistic="weighted_mean", weights=people)
    assert weighted["status"].to_list() == ["ok", "partial", "nodata", "no_weight", "no_weight", "outside", "outside"]
    assert weighted["value"].isna().to_list() == [False, False, True, True, True, True, True]


def test_weights_without_data_weigh_nothing_and_show_in_the_share() -> None:
    slope, people = raster([[10, 20]]), raster([[4, -1]], nodata=-1)
    found = zonal_table(slope, places(a=box(0, 0, 20, 10)), statistic="weighted_mean", weights=people)
    assert found.loc["a"].to_dict() == {"value": 10, "covered_share": 0.5, "status": "partial"}


@pytest.mark.parametrize(("kind", "nodata"), [("uint8", 255), ("int16", -9999), ("int32", None), ("float64", np.nan)])
def test_every_kind_of_number(kind: str, nodata: float | None) -> None:
    hole = 7 if nodata is None else nodata
    found = zonal(raster([[1, hole], [3, 4]], nodata=nodata, kind=kind), places(a=box(0, 0, 20, 20)))
    assert found["a"] == 8 + (7 if nodata is None else 0)


def test_scaled_cells_and_masked_cells(tmp_path: Path) -> None:
    path = tmp_path / "scaled.tif"
    with rasterio.open(path, "w", **raster([[0, 0], [0, 0]], kind="int16").profile) as file:
        file.write(np.array([[[10, 20], [30, 40]]], dtype="int16"))
        file.scales, file.offsets = (0.1,), (1,)
    assert zonal(path, places(a=box(0, 0, 20, 20)), statistic="mean")["a"] == pytest.approx(3.5)
    masked = tmp_path / "masked.tif"
    with rasterio.open(masked, "w", **raster([[0, 0], [0, 0]]).profile) as file:
        file.write(np.array([[[1, 2], [3, 4]]], dtype="float32"))
        file.write_mask(np.array([[0, 255], [255, 255]], dtype="uint8"))
    assert zonal_table(masked, places(a=box(0, 0, 20, 20))).loc["a"].to_list() == [9, 0.75, "partial"]


def test_holes_islands_and_polygons_smaller_than_a_cell() -> None:
    ring = box(0, 0, 20, 20).difference(box(0, 0, 10, 10))
    islands = MultiPolygon([box(0, 0, 10, 10), box(10, 10, 20, 20)])
    found = zonal(raster([[1, 2], [3, 4]]), places(ring=ring, islands=islands, dot=box(12, 2, 13, 3)))
    assert found.to_list() == pytest.approx([7, 5, 0.04])


def test_order_and_inputs_are_kept() -> None:
    grid, shapes = (
        raster(np.arange(100).reshape(10, 10)),
        places(**{f"n{i}": box(i, i, i + 30, i + 20) for i in range(9)}),
    )
    before = shapes.copy()
    found = zonal_table(grid, shapes)
    pd.testing.assert_frame_equal(zonal_table(grid, shapes.iloc[::-1]).iloc[::-1], found)
    assert shapes.equals(before) and not grid.closed


def test_the_sum_of_cell_centres_agrees_on_whole_cells() -> None:
    values = np.random.default_rng(5).uniform(0, 9, (30, 30)).astype("float32")
    shapes = places(
        **{f"n{i}{j}": box(i * 100, j * 100, i * 100 + 100, j * 100 + 100) for i in range(3) for j in range(3)}
    )
    found = zonal(raster(values), shapes)
    by_hand = {
        f"n{i}{j}": values[::-1][j * 10 : j * 10 + 10, i * 10 : i * 10 + 10].astype(float).sum()
        for i in range(3)
        for j in range(3)
    }
    assert found.to_dict() == pytest.approx(by_hand)


def test_crs_must_be_said_and_the_same(tmp_path: Path) -> None:
    shapes = places(a=box(500_000, 8_500_000, 500_100, 8_500_100))
    degrees = shapes.to_crs(4326).total_bounds
    grid = raster([[5]], left=degrees[0] - 0.01, top=degrees[3] + 0.01, size=0.03, crs="EPSG:4326")
    assert refused(raster([[1]], crs=None), shapes) == ["raster_no_crs"]
    assert refused(grid, shapes) == ["raster_crs_differs"]
    assert refused(grid, shapes.set_crs(None, allow_override=True)) == ["crs_missing"]
    followed = zonal(grid, shapes, statistic="mean", reproject=True)
    assert followed["a"] == 5 == zonal(grid, shapes.to_crs(4326), statistic="mean")["a"]
    same = raster(
        [[5]], left=500_000, top=8_500_100, size=100, crs=rasterio.CRS.from_wkt(shapes.crs.to_wkt("WKT1_GDAL"))
    )
    assert zonal(same, shapes)["a"] == 5


def test_unusable_rasters_are_named(tmp_path: Path) -> None:
    shapes = places(a=box(0, 0, 20, 20))
    grid = raster([[1, 2], [3, 4]])
    assert refused(tmp_path / "none.tif", shapes) == ["raster_absent"]
    text = tmp_path / "text.tif"
    text.write_text("not a raster")
    assert refused(str(text), shapes) == ["raster_unreadable"]
    turned = tmp_path / "turned.tif"
    with rasterio.open(turned, "w", **(grid.profile | {"transform": rasterio.Affine(10, 1, 0, 1, -10, 20)})) as file:
        file.write(grid.read())
    assert refused(turned, shapes) == ["raster_not_north_up"]
    two = tmp_path / "two.tif"
    with rasterio.open(two, "w", **(grid.profile | {"count": 2})) as file:
        file.write(np.stack([grid.read(1), grid.read(1)]))
    assert refused(two, shapes) == ["raster_band_choice"]


def test_a_file_that_breaks_off_is_named(tmp_path: Path) -> None:
    profile = raster(np.zeros((200, 200))).profile
    path = tmp_path / "cut.tif"
    with rasterio.open(path, "w", **(profile | {"compress": "deflate"})) as file:
        file.write(np.random.default_rng(1).uniform(size=(1, 200, 200)).astype("float32"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refused(path, places(a=box(0, 0, 2000, 2000))) == ["raster_unreadable"]


def test_options_that_do_not_fit_are_named() -> None:
    grid, shapes = raster([[1, 2], [3, 4]]), places(a=box(0, 0, 20, 20))
    assert refused(grid, shapes, statistic="median") == ["option_word"]
    assert refused(grid, shapes, statistic="weighted_mean") == ["zonal_weights_absent"]
    assert refused(grid, shapes, statistic="mean", weights=grid) == ["zonal_weights_unused"]
    askew = raster([[1, 2], [3, 4]], left=3)
    assert refused(grid, shapes, statistic="weighted_mean", weights=askew) == ["raster_grids_differ"]
    other = raster([[1, 2], [3, 4]], crs="EPSG:32717")
    assert refused(grid, shapes, statistic="weighted_mean", weights=other) == ["raster_crs_differs"]
    negative = raster([[1, 2], [3, -4]])
    assert refused(grid, shapes, statistic="weighted_mean", weights=negative) == ["raster_negative"]


def test_neighbourhoods_break_their_contract() -> None:
    grid = raster([[1, 2], [3, 4]])
    assert refused(grid, gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs=UTM)) == ["ids_not_text"]
    assert refused(grid, places(a=Point(0, 0))) == ["polygons_other"]
    assert refused(grid, pd.concat([places(a=box(0, 0, 1, 1))] * 2)) == ["ids_repeated"]


def test_reading_for_a_study_gathers_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    with rasterio.open(path, "w", **(raster([[1]], crs=None).profile | {"count": 2})) as file:
        file.write(np.ones((2, 1, 1), dtype="float32"))
        file.set_band_description(2, "night")
    found = Findings()
    assert open_raster(path, file="two.tif", found=found) is None
    assert spoken(found.errors) == ["raster_band_choice", "raster_no_crs"]
    assert found.errors[0].which == ("1", "2 (night)")
    found = Findings()
    assert open_raster(path, file="two.tif", found=found, band=3) is None
    assert spoken(found.errors) == ["raster_band_unknown", "raster_no_crs"]
    assert open_raster(tmp_path / "none.tif", file="none.tif", found=found) is None
    assert spoken(found.errors)[-1] == "raster_absent"


def test_reading_for_a_study_gives_the_band(tmp_path: Path) -> None:
    path = tmp_path / "one.tif"
    with rasterio.open(path, "w", **raster([[1]]).profile) as file:
        file.write(np.full((1, 1, 1), 6, dtype="float32"))
    found = Findings()
    band = open_raster(path, file="one.tif", found=found)
    assert band is not None and not found.errors
    with band.ds:
        assert zonal(band, places(a=box(0, 0, 10, 5)))["a"] == 3


@pytest.mark.real
def test_people_of_buenos_aires(data_folder: Path) -> None:
    """The raster was made from the radios: its cells add up to their people, and so do the barrios it covers."""
    folder = data_folder / "argentina_buenos_aires"
    radios = gpd.read_file(folder / "radios_censales_2010.geojson").to_crs(32721).set_index("RADIO_ID")
    radios.index = radios.index.astype(str)
    path = folder / "poblacion_100m_DERIVADO.tif"
    with rasterio.open(path) as file:
        cells = file.read(1, masked=True)
        frame = places(crs=32721, all=box(*file.bounds))
    assert cells.sum(dtype=float) == pytest.approx(2_890_151, abs=1)
    assert zonal(path, frame)["all"] == pytest.approx(2_890_151, abs=1)
    barrios = radios.dissolve("BARRIO", aggfunc={"POBLACION": "sum"})
    found = zonal_table(path, barrios)
    assert found["value"].sum() == pytest.approx(2_890_151, rel=0.005)
    off = (found["value"] / barrios["POBLACION"] - 1).abs()
    assert off.median() < 0.01
