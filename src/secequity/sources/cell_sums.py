"""exactextract fed as it likes to be fed: polygons as bytes, cells from blocks that are read once, figures as rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from exactextract import exact_extract
from exactextract._exactextract import Feature, Operation
from exactextract.feature import FeatureSource
from exactextract.raster import RasterioRasterSource
from exactextract.writer import Writer
from rasterio.enums import MaskFlags
from rasterio.windows import Window

Shapes = npt.NDArray[np.object_]
Figures = npt.NDArray[np.float64]
BLOCK, MARGIN, EDGE = 1024, 256, 4
"""Cells along a block, and those read beyond it: what begins in the block and is no larger than the margin needs no
other block, also where a polygon on the block's edge has its first cells just before it."""

CACHE_BYTES = 16 << 20
"""Memory in which GDAL keeps blocks of a file; left alone it takes a twentieth of the machine's."""

TOLD_BY_VALUE = {MaskFlags.all_valid, MaskFlags.nodata}
NEARLY = 1e-5
"""GDAL takes a cell for missing where it is the value that says so but for rounding, which is well below this share."""


def in_blocks(band: rasterio.Band, shapes: Shapes) -> npt.NDArray[np.intp]:
    """The polygons in the order of the blocks in which their upper left corners lie, row by row."""
    bounds, (width, height) = shapely.bounds(shapes), band.ds.res
    column = np.clip((bounds[:, 0] - band.ds.bounds.left) / width, 0, band.ds.width - 1).astype(np.int64) // BLOCK
    row = np.clip((band.ds.bounds.top - bounds[:, 3]) / height, 0, band.ds.height - 1).astype(np.int64) // BLOCK
    return np.argsort(row * (band.ds.width // BLOCK + 1) + column, kind="stable")


def summed(
    band: rasterio.Band, polygons: Sequence[bytes], statistics: Sequence[str], *, weights: rasterio.Band | None = None
) -> tuple[list[str], Figures]:
    """The names of the statistics and their figures, one row a polygon; the raster is read block by block."""
    rows = _Rows()
    heavy = None if weights is None else _Blocks(weights.ds, weights.bidx)
    source = _Polygons(polygons, band.ds.crs.to_wkt())
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        found = exact_extract(_Blocks(band.ds, band.bidx), source, list(statistics), weights=heavy, output=rows)
    return rows.names, found


class _Blocks(RasterioRasterSource):
    """A band of which one block is kept, so that neighbours in it are not read one by one."""

    def __init__(self, dataset: rasterio.DatasetReader, number: int) -> None:
        super().__init__(dataset, number)
        self._corner = -1, -1
        self._cells: npt.NDArray[np.generic] = np.empty((0, 0))
        self._absent: npt.NDArray[np.bool_] | None = None
        self._told_by_value = not self.scaled and set(dataset.mask_flag_enums[number - 1]) <= TOLD_BY_VALUE

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> npt.NDArray[np.generic]:
        """The cells of a window, masked where it has cells without data."""
        if max(nx, ny) > MARGIN:
            exact: npt.NDArray[np.generic] = super().read_window(x0, y0, nx, ny)
            return exact
        west, north = self._corner
        height, width = self._cells.shape
        if not (west <= x0 and north <= y0 and x0 + nx <= west + width and y0 + ny <= north + height):
            self._corner = west, north = self._keep(x0 // BLOCK, y0 // BLOCK)
        window = np.s_[y0 - north : y0 - north + ny, x0 - west : x0 - west + nx]
        cells = self._cells[window]
        if self._absent is None or not self._absent[window].any():
            return cells
        return np.ma.MaskedArray(cells, self._absent[window])

    def _keep(self, column: int, row: int) -> tuple[int, int]:
        """Read a block and what lies around it, and say in which cell that begins."""
        west, north = max(column * BLOCK - EDGE, 0), max(row * BLOCK - EDGE, 0)
        east = min((column + 1) * BLOCK + MARGIN, self.ds.width)
        south = min((row + 1) * BLOCK + MARGIN, self.ds.height)
        height, width = south - north, east - west
        if self._told_by_value:
            window = Window(west, north, width, height)
            self._cells = self.ds.read(self.band_idx, window=window)
            self._absent = None if self._all_held() else self.ds.read_masks(self.band_idx, window=window) == 0
            return west, north
        read = super().read_window(west, north, width, height)
        self._cells = np.ma.getdata(read)
        self._absent = np.ma.getmaskarray(read) if np.ma.is_masked(read) else None
        return west, north

    def _all_held(self) -> bool:
        """Whether surely no cell of the block is missing: all lie above or below the value that would say so."""
        absent = self.ds.nodatavals[self.band_idx - 1]
        if absent is None:
            return True
        least, most = float(self._cells.min()), float(self._cells.max())
        slack = NEARLY * abs(absent)
        return bool(least > absent + slack or most < absent - slack)


class _Polygon(Feature):
    """One polygon as bytes."""

    def __init__(self, wkb: bytes) -> None:
        super().__init__()
        self._wkb = wkb

    def geometry(self) -> bytes:
        return self._wkb

    def fields(self) -> list[str]:
        return []


class _Figures(Feature):
    """What was found for one polygon, without the polygon."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, float] = {}

    def set_geometry(self, wkb: bytes) -> None:
        """Not wanted."""

    def set_geometry_format(self) -> str:
        return "wkb"

    def set(self, name: str, value: float) -> None:
        self.found[name] = value


class _Polygons(FeatureSource):
    """Polygons as bytes, in order."""

    def __init__(self, wkb: Sequence[bytes], crs_wkt: str) -> None:
        super().__init__()
        self._wkb, self._crs_wkt = wkb, crs_wkt

    def count(self) -> int:
        return len(self._wkb)

    def __iter__(self) -> Iterator[_Polygon]:
        return (_Polygon(one) for one in self._wkb)

    def srs_wkt(self) -> str:
        return self._crs_wkt


class _Rows(Writer):
    """The figures of one polygon after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._figures = array("d")
        self._one = _Figures()

    def add_operation(self, operation: Operation) -> None:
        self.names.append(operation.name)

    def write(self, feature: Feature) -> None:
        self._one.found = {}
        feature.copy_to(self._one)
        self._figures.extend([self._one.found.get(name, np.nan) for name in self.names])

    def features(self) -> Figures:
        return np.frombuffer(self._figures, dtype=np.float64).reshape(-1, len(self.names))
