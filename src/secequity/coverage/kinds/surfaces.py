"""Rasters as layers: sums and means of their cells in each neighbourhood."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from secequity.config.layers import SurfaceSection
from secequity.coverage.kinds.task import Counted, Task
from secequity.sources import raster
from secequity.transfer import zonal_table

TOLD = {"nodata": "missing", "no_weight": "missing", "outside": "uncovered", "partial": "ok", "ok": "ok"}


def read_surface(task: Task) -> Counted | None:
    """A raster's sum, mean or weighted mean in each neighbourhood; what it does not say is told apart."""
    section = task.section
    surface = section.surface or SurfaceSection()
    path, heavy = task.path(str(section.path)), task.path(surface.weights)
    if path is None or (surface.weights is not None and heavy is None):
        return None
    band = raster.open_raster(path, file=section.file, found=task.found, band=surface.band)
    if band is None:
        return None
    with ExitStack() as files, task.guarded():
        files.enter_context(band.ds)
        try:
            table = zonal_table(band, task.places, statistic=surface.statistic, weights=heavy, reproject=True)
        except RuntimeError as error:
            if surface.weights is None or "integer multiple" not in str(error):
                raise
            task.found.error("raster_grids_differ", file=section.file, other=Path(surface.weights).name)
            return None
        if (table["status"] == "outside").all():
            task.misses()
            return None
        for word in ("partial", "nodata", "outside", "no_weight"):
            ids = table.index[table["status"] == word]
            if len(ids):
                task.found.notice(f"surface_{word}", ids, file=section.file, layer=section.name)
        status = table["status"].map(TOLD)
        return Counted(
            amount=table["value"], status=status, more={"covered_share": table["covered_share"].astype(float)}
        )
    return None
