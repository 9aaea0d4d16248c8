"""Where sources and neighbourhoods meet: the pieces, their areas, and what nests in what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from secequity.boundaries import overlap
from secequity.parallel import meeting_pairs, on_cores
from secequity.sources.raster import Shapes

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

ROUNDING = 1e-9
"""Shares of area below this are rounding, whatever the tolerance."""

EXACT = 1e-6
"""Pieces that add up to the whole within this share of it neither overlap nor leave a part out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Joined:
    """What the pieces of a shape cover together, where their areas cannot simply be added up: they may overlap."""

    at: Positions
    shapes: Shapes


@dataclass(frozen=True, kw_only=True, eq=False)
class Pieces:
    """Every place where a source and a neighbourhood overlap.

    source_ids, ids : of the sources and of the neighbourhoods; positions below count in their order.
    source, neighbourhood : positions of the two, by piece; ordered by ids, so that no sum depends on the order of rows.
    area : m², by piece. shape : its polygon.
    kept : not a mere sliver of both. whole : the neighbourhood lies whole in the source.
    sources, neighbourhoods : the polygons. source_area, neighbourhood_area : their m².
    in_source, in_neighbourhood : what the pieces of each cover together, where they may overlap.
    inside : by source, the share of its area that lies in neighbourhoods; 1 within the tolerance for slivers.
    covered : by neighbourhood, the share of its area that lies in sources; 1 within the tolerance for slivers.
    """

    source_ids: pd.Index
    ids: pd.Index
    source: Positions
    neighbourhood: Positions
    area: Floats
    shape: Shapes
    kept: Flags
    whole: Flags
    sources: Shapes
    neighbourhoods: Shapes
    source_area: Floats
    neighbourhood_area: Floats
    in_source: Joined
    in_neighbourhood: Joined
    inside: Floats
    covered: Floats

    @property
    def met(self) -> Flags:
        """By source: it meets a neighbourhood in more than a sliver."""
        return self.by_source(self.kept.astype(float)) > 0

    @property
    def nested(self) -> Flags:
        """By source: it cuts no neighbourhood in two, being whole ones together or lying in a single one."""
        kept = np.bincount(self.source[self.kept], minlength=len(self.sources))
        cut = np.bincount(self.source[self.kept & ~self.whole], minlength=len(self.sources))
        nested: Flags = (self.inside == 1) & (kept > 0) & ((cut == 0) | (kept == 1))
        return nested

    def by_source(self, weight: Floats) -> Floats:
        """A number a piece, added up by source."""
        return _total(self.source, weight, len(self.sources))

    def by_neighbourhood(self, weight: Floats) -> Floats:
        """A number a piece, added up by neighbourhood."""
        return _total(self.neighbourhood, weight, len(self.neighbourhoods))


def _total(at: Positions, amount: Floats, size: int) -> Floats:
    total: Floats = np.bincount(at, weights=amount, minlength=size).astype(float)
    return total


def cut(sources: Shapes, neighbourhoods: Shapes, *, source_ids: pd.Index, ids: pd.Index, sliver_share: float) -> Pieces:
    """The pieces of valid polygons; those below `sliver_share` of the smaller of the two are slivers."""
    source, neighbourhood = _meeting(sources, neighbourhoods, source_ids, ids)
    shape = _overlaps(sources, neighbourhoods, source, neighbourhood)
    area = shapely.area(shape)
    source_area, neighbourhood_area = shapely.area(sources), shapely.area(neighbourhoods)
    tolerance = max(sliver_share, ROUNDING)
    smaller = np.minimum(source_area[source], neighbourhood_area[neighbourhood])
    real = area > ROUNDING * smaller
    source, neighbourhood, shape, area, smaller = (one[real] for one in (source, neighbourhood, shape, area, smaller))
    kept = area > tolerance * smaller
    whole = area >= (1 - tolerance) * neighbourhood_area[neighbourhood]
    unsure = _unsure(source, shape, area, sources, source_area)
    in_source = _joined(source, shape, _overlapping(unsure, source, neighbourhood, neighbourhoods))
    inside = _share(source, area, source_area, in_source, tolerance)
    in_full = np.zeros(len(neighbourhoods), dtype=bool)
    in_full[neighbourhood[whole & kept]] = True
    unsure = _unsure(neighbourhood[kept], shape[kept], area[kept], neighbourhoods, neighbourhood_area)
    unsure = _overlapping(unsure[~in_full[unsure]], neighbourhood[kept], source[kept], sources)
    in_neighbourhood = _joined(neighbourhood[kept], shape[kept], unsure)
    covered = _share(neighbourhood[kept], area[kept], neighbourhood_area, in_neighbourhood, tolerance)
    return Pieces(
        source_ids=source_ids,
        ids=ids,
        source=source,
        neighbourhood=neighbourhood,
        area=area,
        shape=shape,
        kept=kept,
        whole=whole,
        sources=sources,
        neighbourhoods=neighbourhoods,
        source_area=source_area,
        neighbourhood_area=neighbourhood_area,
        in_source=in_source,
        in_neighbourhood=in_neighbourhood,
        inside=inside,
        covered=np.where(in_full, 1.0, covered),
    )


def _meeting(
    sources: Shapes, neighbourhoods: Shapes, source_ids: pd.Index, ids: pd.Index
) -> tuple[Positions, Positions]:
    source, neighbourhood = meeting_pairs(sources, neighbourhoods)
    order = np.lexsort((_rank(source_ids)[source], _rank(ids)[neighbourhood]))
    return source[order], neighbourhood[order]


def _rank(ids: pd.Index) -> Positions:
    rank = np.empty(len(ids), dtype=np.intp)
    rank[np.argsort(ids.astype(str).to_numpy(dtype=object), kind="stable")] = np.arange(len(ids))
    return rank


def _overlaps(sources: Shapes, neighbourhoods: Shapes, source: Positions, neighbourhood: Positions) -> Shapes:
    """The common part of each pair, or nothing, without computing it where one covers the other.

    Where a neighbourhood is covered by one source, others mostly touch it alone, which is told sooner. Only copies are
    prepared: prepared geometries cannot be shared among cores.
    """
    outlines = shapely.force_2d(sources)
    shapely.prepare(outlines)
    one, other, outline = sources[source], neighbourhoods[neighbourhood], outlines[source]
    covers_other = _covers(outline, other)
    covers_one = ~covers_other & _covers(other, outline)
    shape = np.where(covers_other, other, one)
    crossing = ~covers_other & ~covers_one
    beside = np.flatnonzero(crossing & np.isin(neighbourhood, neighbourhood[covers_other]))
    beside = beside[shapely.touches(outline[beside], other[beside])]
    crossing[beside], shape[beside] = False, None
    shape[crossing] = _surface(on_cores(shapely.intersection, one[crossing], other[crossing]))
    return shape


def _covers(one: Shapes, other: Shapes) -> Flags:
    outer, inner = shapely.bounds(one), shapely.bounds(other)
    possible = (outer[:, :2] <= inner[:, :2]).all(axis=1) & (outer[:, 2:] >= inner[:, 2:]).all(axis=1)
    covers = np.zeros(len(one), dtype=bool)
    covers[possible] = shapely.covers(one[possible], other[possible])
    return covers


def _surface(shapes: Shapes) -> Shapes:
    """The polygons of collections that also hold lines or points."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for at in mixed:
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    return shapes


def _unsure(target: Positions, pieces: Shapes, part: Floats, wholes: Shapes, area: Floats) -> Positions:
    """Shapes of several pieces that do not tile it: a rest is uncovered, or pieces overlap, or both.

    Pieces that tile a shape have together its area, its centre and its extent, which tells far sooner than looking for
    overlaps. `part` and `area` are the areas of the pieces and of the whole shapes.
    """
    size = len(wholes)
    several = np.bincount(target, minlength=size) > 1
    tiled = several & (np.abs(_total(target, part, size) - area) <= EXACT * area)
    chosen = tiled[target]
    target, pieces, part = target[chosen], pieces[chosen], part[chosen]
    lean = shapely.get_coordinates(on_cores(shapely.centroid, pieces))
    lean -= shapely.get_coordinates(shapely.centroid(wholes))[target]
    for axis in range(2):
        tiled &= np.abs(_total(target, part * lean[:, axis], size)) <= EXACT * area**1.5
    extent, edges = shapely.bounds(wholes), shapely.bounds(pieces)
    reach = np.tile([np.inf, np.inf, -np.inf, -np.inf], (size, 1))
    np.minimum.at(reach[:, :2], target, edges[:, :2])
    np.maximum.at(reach[:, 2:], target, edges[:, 2:])
    tiled &= (np.abs(reach - extent) <= np.sqrt(EXACT * area)[:, None]).all(axis=1)
    return np.flatnonzero(several & ~tiled)


def _overlapping(unsure: Positions, target: Positions, partner: Positions, partners: Shapes) -> Positions:
    """The unsure shapes, or none of them where no two of the polygons that cut them overlap: then no pieces do."""
    if not len(unsure) or not overlap(partners):
        return unsure[:0]
    cutting = np.unique(partner[np.isin(target, unsure)])
    return unsure if overlap(partners[cutting]) else unsure[:0]


def _joined(target: Positions, shape: Shapes, unsure: Positions) -> Joined:
    """The union of the pieces of each unsure shape that has several."""
    chosen = np.flatnonzero(np.isin(target, unsure))
    chosen = chosen[np.argsort(target[chosen], kind="stable")]
    at, first = np.unique(target[chosen], return_index=True)
    groups = np.split(shape[chosen], first[1:]) if len(at) else []
    unions = np.empty(len(at), dtype=object)
    for number, group in enumerate(groups):
        unions[number] = shapely.union_all(group)
    return Joined(at=at, shapes=unions)


def _share(target: Positions, area: Floats, whole: Floats, joined: Joined, tolerance: float) -> Floats:
    """Share of each shape that its pieces cover together, 1 within the tolerance."""
    total = _total(target, area, len(whole))
    total[joined.at] = shapely.area(joined.shapes)
    share = np.minimum(total / whole, 1.0)
    return np.where(share >= 1 - tolerance, 1.0, share)
