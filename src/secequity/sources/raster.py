"""Rasters, opened by rasterio and summed in polygons by exactextract: the door to both."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from secequity.checks import Findings
from secequity.errors import LayerError, problem
from secequity.parallel import CORES

if TYPE_CHECKING:
    import rasterio

RasterBand: TypeAlias = "rasterio.Band"
Raster: TypeAlias = "str | os.PathLike[str] | rasterio.DatasetReader | rasterio.Band"
"""A file of one band, an open dataset of one band, or `rasterio.band(dataset, number)`."""

Shapes = npt.NDArray[np.object_]

STRAIGHT_M = 1000.0
"""Edges are cut to this length before they are reprojected, so that straight lines stay within millimetres."""


def open_raster(path: Path, *, file: str, found: Findings, band: int | None = None) -> RasterBand | None:
    """A band of a raster file, open (`.ds` is the dataset, to be closed), or nothing and the reasons on `found`.

    A file of several bands needs `band`, counted from 1.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    from secequity.sources.raster_files import remember

    try:
        threads = os.environ.get("GDAL_NUM_THREADS", str(CORES))
        with warnings.catch_warnings(), rasterio.Env(GDAL_NUM_THREADS=threads):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path)
    except RasterioError as error:
        if not Path(path).exists():
            found.error("raster_absent", file=file)
        else:
            found.error("raster_unreadable", file=file, reason=_first_line(error))
        return None
    remember(dataset)
    chosen = _checked(dataset, band, file=file, found=found)
    if chosen is None:
        dataset.close()
    return chosen


def _checked(dataset: rasterio.DatasetReader, number: int | None, *, file: str, found: Findings) -> RasterBand | None:
    """The band, if the dataset can be laid over polygons and says which band is meant."""
    import rasterio

    before = len(found.errors)
    if dataset.count == 0:
        found.error("raster_no_bands", dataset.subdatasets, file=file)
    elif number is None and dataset.count > 1:
        found.error("raster_band_choice", _described(dataset), file=file, count=dataset.count)
    elif number is not None and number not in dataset.indexes:
        found.error("raster_band_unknown", _described(dataset), file=file, band=str(number), count=dataset.count)
    if dataset.crs is None:
        found.error("raster_no_crs", file=file)
    grid = dataset.transform
    if grid.b != 0 or grid.d != 0 or grid.a <= 0 or grid.e >= 0:
        found.error("raster_not_north_up", file=file)
    return rasterio.band(dataset, number or 1) if len(found.errors) == before else None


def _described(dataset: rasterio.DatasetReader) -> list[str]:
    texts = zip(dataset.indexes, dataset.descriptions, strict=True)
    return [f"{number} ({text})" if text else str(number) for number, text in texts]


@contextmanager
def opened(raster: Raster) -> Iterator[RasterBand]:
    """The band that is meant; a file is closed afterwards, a dataset that was open stays open.

    Raises
    ------
    LayerError : the file is absent or no raster; it has no CRS, is turned, or does not say which band is meant.
    """
    import rasterio

    found = Findings()
    is_file = isinstance(raster, str | os.PathLike)
    if isinstance(raster, str | os.PathLike):
        band = open_raster(Path(raster), file=Path(raster).name, found=found)
    elif isinstance(raster, rasterio.Band):
        band = _checked(raster.ds, raster.bidx, file=_file(raster.ds), found=found)
    else:
        band = _checked(raster, None, file=_file(raster), found=found)
    found.raise_if_any(LayerError)
    try:
        yield band
    finally:
        if is_file and band is not None:
            band.ds.close()


def file_of(band: RasterBand) -> str:
    """The name by which messages speak of a raster."""
    return _file(band.ds)


def _file(dataset: rasterio.DatasetReader) -> str:
    return Path(dataset.name).name


def crs_of(band: RasterBand) -> CRS:
    """The horizontal CRS of a raster."""
    return _horizontal(CRS.from_wkt(band.ds.crs.to_wkt()))


def same_crs(band: RasterBand, crs: object) -> bool:
    """Whether coordinates in `crs` may be laid over the raster as they are."""
    return crs_of(band).equals(_horizontal(CRS.from_user_input(crs)), ignore_axis_order=True)


def _horizontal(crs: CRS) -> CRS:
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    code = flat.to_epsg()
    return CRS.from_epsg(code) if code else flat


def laid_over(band: RasterBand, shapes: Shapes, crs: object, *, name: str, reproject: bool) -> Shapes:
    """The polygons in the CRS of the raster: as they are, or reprojected where that is allowed.

    Raises
    ------
    LayerError : the CRS differ and `reproject` is not set.
    """
    if same_crs(band, crs):
        return shapes
    known = CRS.from_user_input(crs)
    if not reproject:
        ours, theirs = (_short(one) for one in (known, crs_of(band)))
        raise LayerError(problem("raster_crs_differs", file=file_of(band), crs=theirs, name=name, other_crs=ours))
    if known.is_projected:
        shapes = shapely.segmentize(shapes, STRAIGHT_M)
    moved: Shapes = gpd.GeoSeries(shapes, crs=known).to_crs(crs_of(band)).to_numpy()
    return moved


def _short(crs: CRS) -> str:
    return crs.to_string() if crs.to_epsg() else crs.name


def share_within(band: RasterBand, shapes: Shapes) -> npt.NDArray[np.float64]:
    """Share of each polygon's area inside the rectangle of the raster, 0..1."""
    west, south, east, north = band.ds.bounds
    bounds = shapely.bounds(shapes)
    inside = (bounds >= [west, south, -np.inf, -np.inf]) & (bounds <= [np.inf, np.inf, east, north])
    share = np.ones(len(shapes))
    beyond = ~inside.all(axis=1)
    frame = shapely.box(west, south, east, north)
    share[beyond] = shapely.area(shapely.intersection(shapes[beyond], frame)) / shapely.area(shapes[beyond])
    return share


def extract(
    band: RasterBand, shapes: Shapes, statistics: Sequence[str], *, weights: RasterBand | None = None
) -> pd.DataFrame:
    """Statistics of the cells in each polygon, each cell counted by the share of it that the polygon covers.

    Windows are read as they are needed, never the whole raster. Cells without data do not count.

    Parameters
    ----------
    band : values. weights : a second raster on a grid that fits the first (cells may be a multiple in size).
    shapes : polygons in the CRS of the raster.
    statistics : words of exactextract: `sum`, `mean`, `min`, `count`, `weighted_mean(default_weight=0)`, …

    Returns
    -------
    One row a polygon, in order; one column a statistic.

    Raises
    ------
    LayerError : the file breaks off, or the grids do not fit each other.

    Source: exactextract (Baston), coverage fractions computed exactly from the polygon's path through each cell.
    """
    from rasterio.errors import RasterioError

    from secequity.sources.cell_processes import cell_statistics

    if not len(shapes):
        return pd.DataFrame(columns=[one.partition("(")[0] for one in statistics], dtype=float)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Spatial reference system", RuntimeWarning)
            names, figures = cell_statistics(band, shapes, statistics, weights=weights)
    except RasterioError as error:
        raise LayerError(problem("raster_unreadable", file=file_of(band), reason=_first_line(error))) from error
    except RuntimeError as error:
        if weights is None or "extent" not in str(error):
            raise
        raise LayerError(problem("raster_grids_differ", file=file_of(band), other=file_of(weights))) from error
    return pd.DataFrame(figures, columns=names)


def _first_line(error: Exception) -> str:
    cause = error.__cause__ or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(error).__name__
