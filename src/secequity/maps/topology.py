"""Polygons that meet become arcs that are shared: every border is kept, simplified and drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from secequity.parallel import on_cores

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

ROUNDS = 4
LEAST_POINTS = 3
ROOM = 32
"""Bits of a place that tell its y, which is never below 0; x stands above them."""

AT_ONCE = 1000
"""Polygons that are laid on the grid together, so that what is at hand stays in the processor's cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Topology:
    """Borders as arcs between places where more than two things meet, and rings as chains of arcs.

    points : x and y of every arc's points, in steps of a grid; an arc holds both of its ends.
    arcs : where each arc begins in `points`, and the end of the last.
    refs : the arcs of every ring in order; an arc walked against its direction as ~arc.
    rings : where each ring begins in `refs`, and the end of the last; outer rings run one way, holes the other.
    units : where each polygon's rings begin in `rings`, and the end of the last.
    """

    points: Integers
    arcs: Integers
    refs: Integers
    rings: Integers
    units: Integers

    @cached_property
    def walked(self) -> Integers:
        """The arcs of every ring in order, whichever way they are walked."""
        return arcs_of(self.refs)

    def uses(self, units: Flags | None = None) -> Integers:
        """How many rings each arc belongs to, of all polygons or of some."""
        arcs = self.walked if units is None else self.walked[np.repeat(self._of_units(units), np.diff(self.rings))]
        return np.bincount(arcs, minlength=self.arcs.size - 1)

    def heads(self) -> Integers:
        """The point at which every polygon's first ring begins; 0, 0 where it has none."""
        drawn = np.diff(self.units) > 0
        first = self.refs[self.rings[self.units[:-1][drawn]]]
        arc = arcs_of(first)
        found = np.zeros((drawn.size, 2), dtype=np.int64)
        found[drawn] = self.points[np.where(first < 0, self.arcs[arc + 1] - 1, self.arcs[arc])]
        return found

    def lines(self, chosen: Flags) -> Geometries:
        """The chosen arcs as lines."""
        counts = np.where(chosen, np.diff(self.arcs), 0)
        kept = np.repeat(chosen, np.diff(self.arcs))
        of = np.repeat(np.cumsum(chosen) - 1, counts)
        return np.asarray(shapely.linestrings(self.points[kept], indices=of), dtype=object)

    @cached_property
    def ring_points(self) -> tuple[Integers, Integers]:
        """The points of every ring, closed, and where each ring begins among them (and the end of the last)."""
        sizes = np.diff(self.arcs) - 1
        arcs, backwards = self.walked, self.refs < 0
        many = sizes[arcs]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        first = self.arcs[arcs] + np.where(backwards, many, 0)
        taken = np.repeat(first, many) + np.repeat(np.where(backwards, -1, 1), many) * within
        open_starts = np.concatenate([[0], np.cumsum(many)])[self.rings]
        closing = taken[np.minimum(open_starts[:-1], max(taken.size - 1, 0))]
        points = self.points[np.insert(taken, open_starts[1:], closing)]
        return points, open_starts + np.arange(open_starts.size)

    @cached_property
    def polygons(self) -> Geometries:
        """Every ring as a polygon of its own."""
        points, starts = self.ring_points
        if starts.size < 2:
            return np.array([], dtype=object)
        rings = shapely.linearrings(points, indices=np.repeat(np.arange(starts.size - 1), np.diff(starts)))
        return np.asarray(shapely.polygons(rings), dtype=object)

    def _of_units(self, units: Flags) -> Flags:
        return np.repeat(units, np.diff(self.units))


def arcs_of(refs: Integers) -> Integers:
    """The arc that each reference means, whichever way it is walked."""
    return np.where(refs < 0, ~refs, refs)


def topology(polygons: Geometries, *, step: float, origin: tuple[float, float]) -> Topology:
    """The arcs of `polygons` on a grid of `step` metres whose zero is at `origin`, not yet simplified.

    Two polygons share an arc where they have the same vertices on the grid; so vertices that differ by less than
    half a step meet.
    """
    place, starts, unit_of = _rings(polygons, step=step, origin=origin)
    units = np.searchsorted(unit_of, np.arange(polygons.size + 1))
    if not starts.size:
        nothing = np.array([0], dtype=np.int64)
        return Topology(points=_points(place), arcs=nothing, refs=place, rings=nothing, units=units)
    ends = np.r_[starts[1:], place.size]
    vertex = pd.factorize(place)[0].astype(np.int64, copy=False)
    junction = _junctions(vertex, starts, ends)
    turned = _turned(vertex, junction, starts, ends)
    place, vertex, junction = place[turned], vertex[turned], junction[turned]
    junction[starts] = True
    return _arcs(place, vertex, junction, starts, ends, units)


def simplified(whole: Topology, *, tolerance: npt.NDArray[np.float64]) -> Topology:
    """The same rings with fewer points: an arc keeps its ends and stays within its `tolerance`, in grid steps.

    A ring that would collapse or cross itself keeps all the points of its arcs, so neighbours never part or overlap.
    """
    if whole.arcs.size < 2:
        return whole
    lines = whole.lines(np.ones(whole.arcs.size - 1, dtype=bool))
    fewer = np.asarray(shapely.simplify(lines, tolerance, preserve_topology=False), dtype=object)
    made = _with_arcs(whole, fewer)
    arc, many = whole.walked, np.diff(whole.rings)
    suspect = np.ones(many.size, dtype=bool)
    for _ in range(ROUNDS):
        spoilt = _spoilt(made, suspect)
        arcs = np.unique(arc[np.repeat(spoilt, many)])
        arcs = arcs[shapely.get_num_coordinates(fewer[arcs]) != shapely.get_num_coordinates(lines[arcs])]
        if not arcs.size:
            return made
        fewer[arcs] = lines[arcs]
        made = _with_arcs(whole, fewer)
        suspect = np.add.reduceat(np.isin(arc, arcs), whole.rings[:-1], dtype=np.int64) > 0
    return made


def _rings(polygons: Geometries, *, step: float, origin: tuple[float, float]) -> tuple[Integers, Integers, Integers]:
    """Places on the grid along every ring without the closing one, where each ring begins, and the polygon of each."""
    place = np.empty(int(shapely.get_num_coordinates(polygons).sum()), dtype=np.int64)
    nothing = np.empty(0, dtype=np.int64)
    sizes, units, laid = [nothing], [nothing], 0
    for first in range(0, polygons.size, AT_ONCE):
        rings, of = _outlines(shapely.orient_polygons(polygons[first : first + AT_ONCE]))
        xy = np.rint((shapely.get_coordinates(rings) - origin) / step).astype(np.int64)
        place[laid : laid + len(xy)] = (xy[:, 0] << ROOM) + xy[:, 1]
        laid += len(xy)
        sizes.append(shapely.get_num_coordinates(rings))
        units.append(first + of)
    if not laid:
        return nothing, nothing, nothing
    size, unit_of, place = np.concatenate(sizes), np.concatenate(units), place[:laid]
    begins, unit_of = np.append(0, np.cumsum(size[size > 0])), unit_of[size > 0]
    kept = np.append(place[1:] != place[:-1], False)
    kept[begins[1:] - 1] = False
    many = np.diff(np.append(0, np.cumsum(kept)[begins[1:] - 1]))
    enough = many >= LEAST_POINTS
    kept &= np.repeat(enough, np.diff(begins))
    many = many[enough]
    return place[kept], np.cumsum(many) - many, unit_of[enough]


def _points(place: Integers) -> Integers:
    """The x and y of places."""
    return np.column_stack([place >> ROOM, place & ((1 << ROOM) - 1)])


def _outlines(polygons: Geometries) -> tuple[Geometries, Integers]:
    """The rings in order, a polygon without holes standing for its own, and the polygon of each."""
    plain = (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(polygons) == 0
    )
    parts, whole_of_part = shapely.get_parts(polygons[~plain], return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, part_of_ring = shapely.get_rings(parts[flat], return_index=True)
    unit_of = np.r_[np.flatnonzero(plain), np.flatnonzero(~plain)[whole_of_part[flat][part_of_ring]]]
    order = np.argsort(unit_of, kind="stable")
    return np.concatenate([polygons[plain], rings])[order], unit_of[order]


def _around(values: Integers, starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """The value before and after each place of its ring."""
    before, after = np.roll(values, 1), np.roll(values, -1)
    before[starts] = values[ends - 1]
    after[ends - 1] = values[starts]
    return before, after


def _after(places: Integers, starts: Integers, ends: Integers) -> Integers:
    """The place that follows each in its ring."""
    ring = np.searchsorted(ends, places, side="right")
    return np.where(places + 1 == ends[ring], starts[ring], places + 1)


def _before(places: Integers, starts: Integers, ends: Integers) -> Integers:
    """The place that each follows in its ring."""
    ring = np.searchsorted(ends, places, side="right")
    return np.where(places == starts[ring], ends[ring] - 1, places - 1)


def _junctions(vertex: Integers, starts: Integers, ends: Integers) -> Flags:
    """Where a vertex, numbered as they come, has other neighbours in one ring than in another: there arcs end."""
    before, after = _around(vertex, starts, ends)
    low, high = np.minimum(before, after), np.maximum(before, after)
    latest = np.maximum.accumulate(vertex)
    first = np.flatnonzero(np.append(True, latest[1:] > latest[:-1]))
    seen = first[vertex]
    meets = np.zeros(first.size, dtype=bool)
    meets[vertex[(low != low[seen]) | (high != high[seen])]] = True
    return meets[vertex]


def _turned(vertex: Integers, junction: Flags, starts: Integers, ends: Integers) -> Integers:
    """Every ring turned to begin at a junction, or at the same vertex as its twin where it has none."""
    sizes = ends - starts
    first = _next_of(np.flatnonzero(junction), starts, beyond=vertex.size)
    alone = first >= ends
    if alone.any():
        taken, many = vertex[np.repeat(alone, sizes)], sizes[alone]
        begins = np.cumsum(many) - many
        lowest = np.flatnonzero(taken == np.repeat(np.minimum.reduceat(taken, begins), many))
        first[alone] = starts[alone] + _next_of(lowest, begins, beyond=taken.size) - begins
    turned = np.arange(vertex.size) + np.repeat(first - starts, sizes)
    return np.asarray(turned - np.where(turned >= np.repeat(ends, sizes), np.repeat(sizes, sizes), 0))


def _next_of(some: Integers, places: Integers, *, beyond: int) -> Integers:
    """The first of some rising places that is not before each of `places`, or what lies beyond them all."""
    return np.append(some, beyond)[np.searchsorted(some, places)]


def _arcs(
    place: Integers, vertex: Integers, junction: Flags, starts: Integers, ends: Integers, units: Integers
) -> Topology:
    """Rings cut at their junctions; an arc walked twice is kept in the direction of its first use."""
    begins = np.flatnonzero(junction)
    steps = np.diff(np.r_[begins, vertex.size])
    finishes = _after(begins + steps - 1, starts, ends)
    span = int(vertex.max()) + 1
    forth = vertex[begins] * span + vertex[_after(begins, starts, ends)]
    back = vertex[finishes] * span + vertex[_before(finishes, starts, ends)]
    back[steps == 1] = vertex[finishes[steps == 1]] * span + vertex[begins[steps == 1]]
    _, first, same = np.unique(np.minimum(forth, back), return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first))
    arc = number[same]
    kept = np.sort(first)
    refs = np.where((forth <= back) == (forth <= back)[kept][arc], arc, ~arc)
    lengths = steps[kept] + 1
    offsets = np.r_[0, np.cumsum(lengths)]
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    taken = np.repeat(begins[kept], lengths) + within
    taken[offsets[1:] - 1] = finishes[kept]
    rings = np.r_[np.searchsorted(begins, starts), begins.size]
    return Topology(points=_points(place[taken]), arcs=offsets, refs=refs, rings=rings, units=units)


def _with_arcs(whole: Topology, lines: Geometries) -> Topology:
    points, of = shapely.get_coordinates(lines, return_index=True)
    arcs = np.r_[0, np.cumsum(np.bincount(of, minlength=lines.size))]
    return Topology(points=points.astype(np.int64), arcs=arcs, refs=whole.refs, rings=whole.rings, units=whole.units)


def _spoilt(made: Topology, suspect: Flags) -> Flags:
    """Which of the suspect rings have collapsed or cross themselves."""
    _, starts = made.ring_points
    spoilt = suspect & (np.diff(starts) <= LEAST_POINTS)
    asked = suspect & ~spoilt
    spoilt[asked] = ~on_cores(shapely.is_valid, made.polygons if asked.all() else _some_of(made, asked))
    return spoilt


def _some_of(made: Topology, asked: Flags) -> Geometries:
    """Some rings as polygons."""
    points, starts = made.ring_points
    sizes = np.where(asked, np.diff(starts), 0)
    of = np.repeat(np.cumsum(asked) - 1, sizes)
    return np.asarray(shapely.polygons(shapely.linearrings(points[np.repeat(asked, np.diff(starts))], indices=of)))
