"""Cells read block by block and polygons handed over as bytes: the figures of exactextract's own way, to the digit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource

from secequity import parallel
from secequity.sources import cell_processes, cell_sums
from secequity.sources.cell_processes import cell_statistics
from secequity.sources.raster import opened

CRS = "EPSG:32718"
WIDTH, HEIGHT = 90, 70


@pytest.fixture(params=["told by a value", "told by a value but for rounding", "told by a mask"])
def band(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[rasterio.Band]:
    """Cells of 10 m, one in fifty without data."""
    rng = np.random.default_rng(4)
    cells = rng.gamma(1, 20, (HEIGHT, WIDTH)).astype("float32")
    absent = rng.random(cells.shape) < 0.02
    by_value, rounded = request.param != "told by a mask", "rounding" in request.param
    cells[absent] = np.float32(-9999.9) if rounded else -9999 if by_value else 70
    cells = cells.astype("float64") if rounded else cells
    about = {"width": WIDTH, "height": HEIGHT, "count": 1, "dtype": cells.dtype, "crs": CRS}
    about |= {"nodata": -9999.9 if rounded else -9999} if by_value else {}
    with rasterio.open(
        tmp_path / "people.tif", "w+", driver="GTiff", transform=rasterio.Affine(10, 0, 500, 0, -10, 8_000_700), **about
    ) as file:
        file.write(cells, 1)
        if not by_value:
            file.write_mask(~absent)
        yield rasterio.band(file, 1)


def polygons(number: int = 120) -> np.ndarray:
    """Lozenges of all sizes: in a block, over its edges, larger than its margin, partly and wholly off the raster."""
    rng = np.random.default_rng(8)
    middle = rng.uniform([450, 7_999_950], [1450, 8_000_750], (number, 2))
    reach = rng.choice([3, 17, 60, 250], (number, 1, 1))
    corners = np.array([[-1, 0], [0, 1.3], [1.1, 0], [0, -0.9]])
    far = shapely.box(9000, 9000, 9010, 9010)
    return np.append(shapely.polygons(middle[:, None] + reach * corners), far)


@pytest.mark.parametrize(("block", "margin"), [(1024, 256), (16, 8), (7, 3), (1, 1)])
def test_blocks_change_no_digit(band: rasterio.Band, monkeypatch: pytest.MonkeyPatch, block: int, margin: int) -> None:
    monkeypatch.setattr(cell_sums, "BLOCK", block)
    monkeypatch.setattr(cell_sums, "MARGIN", margin)
    shapes, words = polygons(), ["count", "sum", "mean", "min"]
    names, figures = cell_statistics(band, shapes, words)
    plain = exact_extract(
        RasterioRasterSource(band.ds), gpd.GeoDataFrame(geometry=shapes, crs=CRS), words, output="pandas"
    )
    assert names == list(plain.columns)
    np.testing.assert_array_equal(figures, plain.astype(float).to_numpy())


def test_weights_are_laid_over_cell_by_cell(band: rasterio.Band) -> None:
    names, figures = cell_statistics(band, polygons(), ["weighted_mean"], weights=band)
    plain = exact_extract(
        RasterioRasterSource(band.ds),
        gpd.GeoDataFrame(geometry=polygons(), crs=CRS),
        ["weighted_mean"],
        weights=RasterioRasterSource(band.ds),
        output="pandas",
    )
    assert names == list(plain.columns)
    np.testing.assert_array_equal(figures, plain.astype(float).to_numpy())


def test_a_block_is_read_once_for_all_polygons_in_it(band: rasterio.Band, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = []
    keep = cell_sums._Blocks._keep

    def counted(source: cell_sums._Blocks, *block: int) -> tuple[int, int]:
        blocks.append(block)
        return keep(source, *block)

    monkeypatch.setattr(cell_sums._Blocks, "_keep", counted)
    small = shapely.point_on_surface(polygons()[:-1])
    small = shapely.buffer(small[shapely.within(small, shapely.box(550, 8_000_050, 1350, 8_000_650))], 12)
    cell_statistics(band, small, ["sum"])
    assert len(small) > 20 and blocks == [(0, 0)]


@pytest.fixture
def shared_out(band: rasterio.Band, monkeypatch: pytest.MonkeyPatch) -> Iterator[rasterio.Band]:
    """The same cells in a file that is only read, and three cores for forty polygons each."""
    band.ds.close()
    monkeypatch.setattr(parallel, "CORES", 3)
    monkeypatch.setattr(cell_processes, "WORTH_A_PROCESS", 40)
    with opened(band.ds.name) as again:
        yield again


def answers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each process that was asked has told its figures."""
    told: list[bool] = []
    answer = cell_processes._Elsewhere.answer

    def noted(process: cell_processes._Elsewhere, rows: int, columns: int) -> np.ndarray | None:
        found = answer(process, rows, columns)
        told.append(found is not None)
        return found

    monkeypatch.setattr(cell_processes._Elsewhere, "answer", noted)
    return told


def alone(band: rasterio.Band, shapes: np.ndarray, words: list[str], weights: rasterio.Band | None) -> np.ndarray:
    return cell_sums.summed(band, shapely.to_wkb(shapes).tolist(), words, weights=weights)[1]


@pytest.mark.parametrize("weighted", [False, True])
def test_processes_change_no_digit(shared_out: rasterio.Band, weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told, weights = answers(monkeypatch), shared_out if weighted else None
    words = ["weighted_mean"] if weighted else ["count", "sum", "mean", "min"]
    with shared_out.ds:
        names, figures = cell_statistics(shared_out, polygons(), words, weights=weights)
        np.testing.assert_array_equal(figures, alone(shared_out, polygons(), words, weights))
    assert (names, told) == (words, [True, True])


TROUBLE = {
    "no Python": [],
    "another Python": [],
    "Python fails": [False, False],
    "Python talks": [False, False],
    "the file was replaced": [False, False],
    "opened by others": [],
    "GDAL is told otherwise": [],
}
"""What each process that was asked has told: nothing where none was."""


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_no_other_process_can_do_is_done_here(
    shared_out: rasterio.Band, trouble: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told, band, shapes = answers(monkeypatch), shared_out, polygons()
    expected, inside = alone(band, shapes, ["sum"], None), nullcontext()
    if "Python" in trouble:
        program = tmp_path / ("qgis" if trouble == "another Python" else "python")
        program.write_text("#!/bin/sh\n" + ("echo 1234" if "talks" in trouble else "exit 1"), encoding="utf-8")
        program.chmod(0o644 if trouble == "no Python" else 0o755)
        monkeypatch.setattr("sys.executable", str(program))
    elif "replaced" in trouble:
        shutil.copy(band.ds.name, tmp_path / "new.tif")
        with rasterio.open(tmp_path / "new.tif", "r+") as file:
            file.write(np.zeros((HEIGHT, WIDTH), file.dtypes[0]), 1)
        (tmp_path / "new.tif").replace(band.ds.name)
    elif "others" in trouble:
        with rasterio.open(band.ds.name, "r+") as file:
            file.build_overviews([2])
        band = rasterio.band(rasterio.open(band.ds.name, overview_level=0), 1)
        expected = alone(band, shapes, ["sum"], None)
    else:
        inside = rasterio.Env(GTIFF_IGNORE_READ_ERRORS=True)
    with inside:
        _, figures = cell_statistics(band, shapes, ["sum"])
    np.testing.assert_array_equal(figures, expected)
    assert told == TROUBLE[trouble]
    band.ds.close()


def test_a_file_that_is_being_written_is_read_here(band: rasterio.Band, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others would see what was on the disk before."""
    monkeypatch.setattr(parallel, "CORES", 3)
    monkeypatch.setattr(cell_processes, "WORTH_A_PROCESS", 1)
    told = answers(monkeypatch)
    _, figures = cell_statistics(band, polygons(), ["sum"])
    np.testing.assert_array_equal(figures, alone(band, polygons(), ["sum"], None))
    assert told == []
