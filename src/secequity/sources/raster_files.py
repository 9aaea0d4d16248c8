"""Raster files that this package opened: of what others opened nobody knows with which options."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import rasterio
from rasterio.env import getenv, hasenv

OF_RASTERIO = {"GDAL_DATA", "GTIFF_IMPLICIT_JPEG_OVR", "PROJ_DATA", "PROJ_LIB", "RASTERIO_ENV"}
"""Options that rasterio sets by itself, in every process."""

_OPENED: WeakKeyDictionary[rasterio.DatasetReader, tuple[Any, ...]] = WeakKeyDictionary()


def remember(dataset: rasterio.DatasetReader) -> None:
    """Note where the file lies that a dataset has just been opened from, if it is one, and which it is."""
    file = Path(dataset.name)
    if file.is_file() and not _told_otherwise():
        known = file.stat()
        _OPENED[dataset] = str(file.resolve()), known.st_ino, known.st_size, known.st_mtime_ns


def can_be_opened_again(dataset: rasterio.DatasetReader) -> bool:
    """Whether another process would read the same: the file is known, and GDAL is not told otherwise here."""
    return dataset in _OPENED and not _told_otherwise()


def _told_otherwise() -> bool:
    """Whether options of GDAL have been set here, which no other process knows of."""
    return hasenv() and not getenv().keys() <= OF_RASTERIO


def described(band: rasterio.Band) -> list[Any]:
    """Which file and band it is, and how its cells are read: path, number, all else."""
    file = band.ds
    path, *known = _OPENED[file]
    cells = (file.shape, file.dtypes, file.nodatavals, file.scales, file.offsets, file.mask_flag_enums)
    return [path, band.bidx, repr((known, cells, tuple(file.transform), file.crs.to_wkt()))]


def opened_as(told: list[Any]) -> rasterio.Band:
    """The band that was described.

    Raises
    ------
    ValueError : it is another by now, or is read in another way.
    """
    band = rasterio.band(rasterio.open(told[0]), told[1])
    remember(band.ds)
    if not can_be_opened_again(band.ds) or described(band) != told:
        raise ValueError(f"{told[0]} is not what it was")
    return band
