"""Rasters as layers, through the study file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest import approx

from city import IDS, City, at, cells, only

BY_NORTH = [[7, 8, 9], [4, 5, 6], [1, 2, 3]]
"""One cell a neighbourhood, as the rows of a raster run from north to south."""


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def raster(city: City, values: Any = BY_NORTH, *, keys: dict[str, Any] | None = None, **options: Any) -> None:
    cells(city, "luz.tif", values, **options)
    only(city, "surface", "luz.tif", surface=keys or {})


@pytest.mark.parametrize("statistic", ["sum", "mean"])
def test_one_cell_a_neighbourhood(statistic: str, city: City) -> None:
    raster(city, keys={"statistic": statistic})
    layer = city.read().layers[0]
    assert layer.amount.tolist() == approx(range(1, 10))
    assert set(layer.status) == {"ok"}
    assert layer.is_level == (statistic == "mean")


@pytest.mark.parametrize(("statistic", "expected"), [("sum", 10.0), ("mean", 2.5)])
def test_four_cells_a_neighbourhood(statistic: str, expected: float, city: City) -> None:
    raster(city, np.tile([[1, 2], [3, 4]], (3, 3)), keys={"statistic": statistic}, side_m=500)
    assert city.read().layers[0].amount.tolist() == approx([expected] * 9)


def test_a_mean_where_people_live(city: City) -> None:
    """(1·10 + 2·0 + 3·0 + 4·30) / 40."""
    cells(city, "gente.tif", np.tile([[10, 0], [0, 30]], (3, 3)), side_m=500)
    keys = {"statistic": "weighted_mean", "weights": "gente.tif"}
    raster(city, np.tile([[1, 2], [3, 4]], (3, 3)), keys=keys, side_m=500)
    assert city.read().layers[0].amount.tolist() == approx([3.25] * 9)


def test_where_nobody_is_there_is_no_mean(city: City) -> None:
    cells(city, "gente.tif", [[1, 1, 1], [1, 1, 1], [0, 1, 1]])
    raster(city, keys={"statistic": "weighted_mean", "weights": "gente.tif"})
    layer = city.read().layers[0]
    assert layer.status.tolist() == ["missing"] + ["ok"] * 8
    assert city.notices()["surface_no_weight"].which == ("050101",)


def test_no_data_partial_and_outside_are_told_apart(city: City) -> None:
    """Two and a half kilometres wide: the east column is half covered. Without data in 01."""
    values = np.ones((6, 5))
    values[4:, :2] = -9
    raster(city, values, keys={"statistic": "mean"}, side_m=500, nodata=-9)
    layer, notices = city.read().layers[0], city.notices()
    assert layer.status.tolist() == ["missing"] + ["ok"] * 8
    assert notices["surface_nodata"].which == ("050101",)
    assert notices["surface_partial"].which == ("050103", "050106", "050109")
    assert layer.more["covered_share"][IDS[:3]].tolist() == approx([0, 1, 0.5])
    raster(city, np.ones((6, 4)), keys={"statistic": "mean"}, side_m=500)
    assert city.read().layers[0].status[IDS[:3]].tolist() == ["ok", "ok", "uncovered"]
    assert city.notices()["surface_outside"].which == ("050103", "050106", "050109")


def test_another_crs_is_followed(city: City) -> None:
    """The same number everywhere, in degrees."""
    raster(city, np.full((40, 40), 7), keys={"statistic": "mean"})
    cells(city, "luz.tif", np.full((40, 40), 7), side_m=0.01, crs="EPSG:4326", west_north=(-74.4, -13.0))
    layer = city.read().layers[0]
    assert layer.amount.tolist() == approx([7] * 9)
    assert layer.more["covered_share"].tolist() == approx([1] * 9)


def test_a_level_is_a_covariate_and_no_body(city: City) -> None:
    """Its mean is not divided by people, and it stands in no register of bodies."""
    raster(city, keys={"statistic": "mean"})
    results = city.read().run()
    assert "guard" in set(results.measures["measure"])
    assert "guard_per_1000" not in results.neighbourhoods
    assert results.register.empty
    assert results.ledger.empty


def test_a_raster_of_several_bands(city: City) -> None:
    import rasterio

    raster(city, keys={"statistic": "mean"})
    place = rasterio.Affine(1000, 0, at(0, 3)[0], 0, -1000, at(0, 3)[1])
    size = {"height": 3, "width": 3, "count": 2, "dtype": "float32", "crs": "EPSG:32718", "transform": place}
    with rasterio.open(city.folder / "luz.tif", "w", driver="GTiff", **size) as file:
        file.write(np.array([np.zeros((3, 3)), BY_NORTH], dtype="float32"))
    assert set(city.errors()) == {"raster_band_choice"}
    city.layer["surface"] = {"statistic": "mean", "band": 2}
    assert city.read().layers[0].amount.tolist() == approx(range(1, 10))
    city.layer["surface"]["band"] = 3
    assert set(city.errors()) == {"raster_band_unknown"}
