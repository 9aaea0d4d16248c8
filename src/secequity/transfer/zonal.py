"""Rasters summed up or averaged in neighbourhoods, and what the raster does not say about them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from secequity.checks import Findings, require_arguments
from secequity.errors import LayerError, problem
from secequity.garbage import unsearched
from secequity.sources import raster as rasters
from secequity.sources.raster import Raster, Shapes
from secequity.transfer import _inputs

Statistic = Literal["sum", "mean", "weighted_mean"]
Status = Literal["ok", "partial", "nodata", "outside", "no_weight"]

ROUNDING = 1e-6
"""A neighbourhood is covered whole if less than this share of its area is not: cell fractions are single precision."""


def zonal(
    raster: Raster,
    neighbourhoods: gpd.GeoDataFrame,
    *,
    statistic: Statistic = "sum",
    weights: Raster | None = None,
    reproject: bool = False,
    name: str | None = None,
    unit: str | None = None,
) -> pd.Series:
    """Sum or mean of a raster's cells in each neighbourhood, each cell counted by the share of it that lies inside.

    sum: Σ f_c·v_c; mean: Σ f_c·v_c / Σ f_c; weighted_mean: Σ f_c·w_c·v_c / Σ f_c·w_c, over the cells c with data,
    f_c the share of the cell inside the neighbourhood and w_c its weight (people, for a mean over residents).

    Parameters
    ----------
    raster : a file of one band, an open rasterio dataset of one band, or `rasterio.band(dataset, number)`.
    neighbourhoods : polygons by unique text id, in the raster's CRS.
    statistic : `sum` for amounts a cell (people), `mean` for levels (slope, night lights), `weighted_mean` for the
        level where people live.
    weights : the raster of weights ≥ 0 of `weighted_mean`, whose cells fit the first raster's (a multiple in size,
        the same corners); a cell without data weighs nothing.
    reproject : let the neighbourhoods follow the raster into its CRS; otherwise another CRS is refused.
    name, unit : of the Series; `statistic` and none when left out.

    Returns
    -------
    Series by neighbourhood id, in the order of `neighbourhoods`, in the unit of the cells; missing where the raster
    says nothing, never 0. `zonal_table` tells why, and how much of each neighbourhood is covered.

    Raises
    ------
    LayerError : the raster is absent, unreadable, without CRS, turned, in another CRS, or of several bands; the grids
        of values and weights do not fit; the polygons break their contract.

    Source: exact cell fractions, Baston, exactextract.

    >>> import geopandas as gpd, numpy as np, rasterio
    >>> from shapely import box
    >>> cells = dict(width=2, height=1, count=1, dtype="float32", transform=rasterio.Affine(100, 0, 0, 0, -100, 100))
    >>> people = rasterio.MemoryFile().open(driver="GTiff", crs="EPSG:32718", **cells)
    >>> people.write(np.array([[[40, 60]]], dtype="float32"))
    >>> blocks = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 150, 100)], crs="EPSG:32718")
    >>> zonal(people, blocks).to_dict()     # 40 + 60/2
    {'a': 70.0}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods),
        reproject=("flag", reproject),
        name=("text or none", name),
        unit=("text or none", unit),
    )
    table = zonal_table(raster, neighbourhoods, statistic=statistic, weights=weights, reproject=reproject)
    values = table["value"].rename(name or statistic)
    values.attrs = {} if unit is None else {"unit": unit}
    return values


@unsearched()
def zonal_table(
    raster: Raster,
    neighbourhoods: gpd.GeoDataFrame,
    *,
    statistic: Statistic = "sum",
    weights: Raster | None = None,
    reproject: bool = False,
) -> pd.DataFrame:
    """`zonal` with what the raster does not say; parameters and errors as there.

    Returns
    -------
    DataFrame by neighbourhood id:
    value : as `zonal`.
    covered_share : share of the neighbourhood's area on cells with data, 0..1; for a weighted mean the smaller of the
        two rasters' shares.
    status : `ok` the whole neighbourhood has data; `partial` some of it, and the value speaks of that part;
        `nodata` the raster reaches it, but has no data in it; `outside` the raster does not reach it; `no_weight` it
        has data, but nobody (no weight) on them. The value is missing in the last three.
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods), reproject=("flag", reproject))
    _check_options(statistic, weights)
    _inputs.text_ids(neighbourhoods)
    shapes = _inputs.polygons(neighbourhoods, name="neighbourhoods")
    with ExitStack() as open_files:
        band = open_files.enter_context(rasters.opened(raster))
        laid = rasters.laid_over(band, shapes, neighbourhoods.crs, name="neighbourhoods", reproject=reproject)
        heavy = None
        if weights is not None:
            heavy = open_files.enter_context(rasters.opened(weights))
            _check_weights(band, heavy, laid, neighbourhoods.index)
        reached = rasters.share_within(band, laid) > 0
        word = "weighted_mean(default_weight=0)" if heavy is not None else statistic
        found = rasters.extract(band, laid, ["count", word], weights=heavy)
        covered = _covered(found["count"].to_numpy(), band, laid)
        if heavy is not None:
            weighed = rasters.extract(heavy, laid, ["count"])["count"].to_numpy()
            covered = np.minimum(covered, _covered(weighed, heavy, laid))
    held = found["count"].to_numpy() > 0
    value = np.where(held, found[statistic].to_numpy(), np.nan)
    status = np.select(
        [~reached, ~held, np.isnan(value), covered < 1], ["outside", "nodata", "no_weight", "partial"], "ok"
    )
    return pd.DataFrame(
        {"value": value, "covered_share": covered, "status": status.astype(object)}, index=neighbourhoods.index
    )


def _check_options(statistic: str, weights: Raster | None) -> None:
    found = Findings()
    words = get_args(Statistic)
    if statistic not in words:
        found.error("option_word", option="statistic", value=str(statistic), words=", ".join(words))
    elif statistic == "weighted_mean" and weights is None:
        found.error("zonal_weights_absent")
    elif statistic != "weighted_mean" and weights is not None:
        found.error("zonal_weights_unused", statistic=statistic)
    found.raise_if_any(LayerError)


def _check_weights(band: rasters.RasterBand, heavy: rasters.RasterBand, shapes: Shapes, ids: pd.Index) -> None:
    """The weights can be laid over the values, and none is negative."""
    rasters.laid_over(heavy, shapes[:1], rasters.crs_of(band), name=rasters.file_of(band), reproject=False)
    negative = rasters.extract(heavy, shapes, ["min"])["min"].to_numpy() < 0
    if negative.any():
        raise LayerError(problem("raster_negative", ids[negative], file=rasters.file_of(heavy)))


def _covered(count: npt.NDArray[np.float64], band: rasters.RasterBand, shapes: Shapes) -> npt.NDArray[np.float64]:
    """Share of each polygon's area on the cells counted."""
    width, height = band.ds.res
    share = np.minimum(count * width * height / shapely.area(shapes), 1.0)
    return np.where(share >= 1 - ROUNDING, 1.0, share)
