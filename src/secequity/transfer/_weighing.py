"""By what a source is shared out among its pieces: people, built-up ground, or area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from secequity.errors import LayerError, problem
from secequity.sources import raster as rasters
from secequity.sources.raster import Raster, Shapes
from secequity.transfer._pieces import Flags, Floats, Pieces

Outside = Literal["inhabited", "empty"]

BEYOND = 1e-6
"""A raster is too short for a polygon if more than this share of it lies beyond the raster's edge."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Weights:
    """One way to share out every source.

    share : by piece, the part of its source that it gets.
    inside : by source, the part that its pieces get together; the rest weighs outside every neighbourhood.
    covered : by neighbourhood, the share of its weight that lies in sources; nan where nothing weighs there.
    usable : by source, whether it can be shared out this way.
    beyond : by source, whether it cannot because the raster ends too soon.
    """

    share: Floats
    inside: Floats
    covered: Floats
    usable: Flags
    beyond: Flags


def by_area(pieces: Pieces, *, outside: Outside) -> Weights:
    """Square metres."""
    return _by_density(pieces, np.ones(len(pieces.ids)), outside)


def by_people(pieces: Pieces, people: pd.Series, *, outside: Outside) -> Weights:
    """The people of the neighbourhoods, in their order, spread evenly within each."""
    return _by_density(pieces, people.to_numpy(dtype=float) / pieces.neighbourhood_area, outside)


def _by_density(pieces: Pieces, per_m2: Floats, outside: Outside) -> Weights:
    """What lies evenly in each neighbourhood: one that nests in a source is its whole, the rest of a source is area."""
    area = np.where(pieces.whole, pieces.neighbourhood_area[pieces.neighbourhood], pieces.area)
    weight = np.where(pieces.kept, area * per_m2[pieces.neighbourhood], 0.0)
    weighs = pieces.by_source(weight) > 0
    inside = np.where(weighs, 1.0 if outside == "empty" else pieces.inside, 0.0)
    none = np.zeros(len(pieces.source_ids), dtype=bool)
    return Weights(
        share=_shared(pieces, weight, inside), inside=inside, covered=pieces.covered, usable=weighs, beyond=none
    )


def by_raster(pieces: Pieces, raster: Raster, *, crs: object, reproject: bool) -> Weights:
    """What the cells of a raster hold; cells without data hold nothing.

    Raises
    ------
    LayerError : the raster is unusable, in another CRS, or holds negative or infinite cells.
    """
    met = np.unique(pieces.neighbourhood)
    cut = np.flatnonzero(~pieces.whole)
    in_source, in_neighbourhood = pieces.in_source, pieces.in_neighbourhood
    with rasters.opened(raster) as band:

        def laid(shapes: Shapes) -> Shapes:
            return rasters.laid_over(band, shapes, crs, name="neighbourhoods", reproject=reproject)

        sources, neighbourhoods = laid(pieces.sources), laid(pieces.neighbourhoods[met])
        of_source = _sums(band, sources, pieces.source_ids)
        of_neighbourhood = np.zeros(len(pieces.ids))
        of_neighbourhood[met] = _sums(band, neighbourhoods, pieces.ids[met])
        held = of_neighbourhood[pieces.neighbourhood]
        held[cut] = _sums(band, laid(pieces.shape[cut]), pieces.ids[pieces.neighbourhood[cut]])
        weight = np.where(pieces.kept, held, 0.0)
        inside, covered = pieces.by_source(held), pieces.by_neighbourhood(weight)
        inside[in_source.at] = _sums(band, laid(in_source.shapes), pieces.source_ids[in_source.at])
        covered[in_neighbourhood.at] = _sums(band, laid(in_neighbourhood.shapes), pieces.ids[in_neighbourhood.at])
        beyond = rasters.share_within(band, sources) < 1 - BEYOND
        seen = np.zeros(len(pieces.ids), dtype=bool)
        seen[met] = rasters.share_within(band, neighbourhoods) >= 1 - BEYOND
    weighs = pieces.by_source(weight) > 0
    part = np.where(pieces.inside == 1, 1.0, _ratio(inside, of_source))
    part = np.where(weighs, part, 0.0)
    known = np.where(pieces.covered == 1, 1.0, _ratio(covered, of_neighbourhood))
    return Weights(
        share=_shared(pieces, weight, part),
        inside=part,
        covered=np.where(seen & (of_neighbourhood > 0), known, np.nan),
        usable=~beyond & (of_source > 0) & (weighs | (pieces.inside < 1)),
        beyond=beyond,
    )


def _shared(pieces: Pieces, weight: Floats, inside: Floats) -> Floats:
    total = pieces.by_source(weight)[pieces.source]
    share: Floats = inside[pieces.source] * _ratio(weight, total)
    return share


def _ratio(part: Floats, whole: Floats) -> Floats:
    """At most 1, and 0 where there is nothing to divide by."""
    ratio: Floats = np.minimum(np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0), 1.0)
    return ratio


def _sums(band: rasters.RasterBand, shapes: Shapes, ids: pd.Index) -> Floats:
    """What the cells in each polygon hold, refusing cells that cannot be an amount of people or ground."""
    table = rasters.extract(band, shapes, ["sum", "min"])
    total: Floats = table["sum"].to_numpy()
    for code, wrong in (
        ("raster_negative", table["min"].to_numpy() < 0),
        ("raster_not_finite", ~np.isfinite(total)),
    ):
        if wrong.any():
            raise LayerError(problem(code, dict.fromkeys(ids[wrong]), file=rasters.file_of(band)))
    return total
