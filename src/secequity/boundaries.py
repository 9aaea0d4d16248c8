"""Boundaries that polygons have in common, found by their vertices, and the polygons for which vertices do not tell.

Where every stretch of a polygon's boundary is also the boundary of exactly one other polygon on its other side, nothing
can touch it but at a common vertex, unless polygons overlap. And where two lie on each other, the border of one of them
runs unshared inside the other. So only *loose* polygons, those with an unshared stretch, have to be compared by their
shapes, and all of them where a loose one overlaps another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import shapely

Positions = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

KEPT = 2
"""Answers that are remembered: a study asks about its neighbourhoods and about one other layer at a time."""

_POLYGON = 3
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93], dtype=np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """What vertices tell: `one` and `other` are the pairs that share one (or, `along`, an edge), each pair once.

    loose : polygons with an edge that no other polygon, or more than one, or one on the same side, has too.
    """

    one: Positions
    other: Positions
    loose: Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class _Corners:
    """The vertices of all rings: whose they are, and a number for each place and for the places before and after it."""

    owner: npt.NDArray[np.int32]
    place: npt.NDArray[np.complex128]
    key: Keys
    before: Keys
    after: Keys


def remembered(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The same function that does not ask twice about the same geometries, which cannot change; for positional arrays.

    An array is known by the geometries (or numbers) in it, which are held as long as the answer is.
    """
    last: list[tuple[Any, Any, Answer]] = []

    @wraps(ask)
    def answer(*arrays: Asked.args, **options: Asked.kwargs) -> Answer:
        key = [one.tobytes() if isinstance(one, np.ndarray) else one for one in (*arrays, *options.values())]
        for known, _, told in last:
            if known == key:
                return told
        found = ask(*arrays, **options)
        _close(found)
        last.insert(0, (key, [np.copy(one) for one in arrays if isinstance(one, np.ndarray)], found))
        del last[KEPT:]
        return found

    return answer


def _close(answer: object) -> None:
    """Make the arrays of an answer unchangeable: others will be told the same."""
    if isinstance(answer, np.ndarray):
        answer.setflags(write=False)
    elif isinstance(answer, tuple | Shared):
        for one in answer if isinstance(answer, tuple) else vars(answer).values():
            _close(one)


@remembered
def valid(geometry: npt.NDArray[Any]) -> Flags:
    """Which geometries are valid."""
    flags: Flags = shapely.is_valid(geometry)
    return flags


@remembered
def shared(geometry: npt.NDArray[Any], *, along: bool) -> Shared:
    """The pairs of polygons with a vertex in common, or with `along` an edge, and the loose ones."""
    corners = _corners(geometry)
    bits = np.uint64((1 << len(corners.key).bit_length()) - 1)
    packed = (corners.key & ~bits) | np.arange(len(corners.key), dtype=np.uint64)
    packed.sort()
    order = (packed & bits).astype(np.intp)
    packed |= bits
    uses = np.zeros(len(order), dtype=np.int8)
    pairs: list[Positions] = []
    first, step = np.flatnonzero(packed[1:] == packed[:-1]), 1
    while len(first):
        one, two = _met(order[first], order[first + step], corners)
        after, before = corners.after[one], corners.before[one]
        after_two, before_two = corners.after[two], corners.before[two]
        ahead, back, same = after == before_two, before == after_two, after == after_two
        uses[one[ahead]] += 1
        uses[two[back]] += 1
        uses[one[same]] += 2
        uses[two[same]] += 2
        whose, others = corners.owner[one], corners.owner[two]
        if along:
            edge = ahead | back | same | (before == before_two)
            whose, others = whose[edge], others[edge]
        pairs.append(np.minimum(whose, others).astype(np.intp) * len(geometry) + np.maximum(whose, others))
        step += 1
        first = first[first + step < len(order)]
        first = first[packed[first] == packed[first + step]]
    code = np.sort(np.concatenate(pairs)) if pairs else np.empty(0, dtype=np.intp)
    code = code[np.diff(code, prepend=-1) > 0]
    loose = np.flatnonzero(np.bincount(corners.owner[uses != 1], minlength=len(geometry)))
    return Shared(one=code // len(geometry), other=code % len(geometry), loose=loose)


@remembered
def meeting(geometry: npt.NDArray[Any], positions: Positions) -> tuple[Positions, Positions]:
    """The polygons at `positions` and all others that have a point in common with them."""
    one, other = shapely.STRtree(geometry).query(geometry[positions], predicate="intersects")
    one = positions[one]
    return one[one != other], other[one != other]


def overlap(geometry: npt.NDArray[Any]) -> bool:
    """Whether any two valid polygons lie on each other, if only by a sliver.

    >>> overlap(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    False
    """
    return on_each_other(geometry, *meeting(geometry, shared(geometry, along=False).loose))


@remembered
def on_each_other(geometry: npt.NDArray[Any], one: Positions, other: Positions) -> bool:
    """Whether the two polygons of any pair lie on each other; a pair that stands both ways is looked at once."""
    both = np.zeros(len(geometry), dtype=bool)
    both[one] = True
    once = (one < other) | ~both[other]
    return bool(shapely.relate_pattern(geometry[one[once]], geometry[other[once]], "T********").any())


def _met(one: Positions, two: Positions, corners: _Corners) -> tuple[Positions, Positions]:
    """Those of two lists of vertices that lie in the same place and belong to different polygons."""
    met = (corners.owner[one] != corners.owner[two]) & (corners.place[one] == corners.place[two])
    return (one, two) if met.all() else (one[met], two[met])


def _corners(geometry: npt.NDArray[Any]) -> _Corners:
    rings, owner, hole = _rings(geometry)
    size = shapely.get_num_coordinates(rings)
    points = shapely.get_coordinates(rings)
    last = np.cumsum(size) - 1
    within = np.ones(len(points), dtype=bool)
    within[last] = False
    place = points.view(np.complex128).ravel()[within]
    place += 0.0
    size = size - 1
    start = np.cumsum(size) - size
    key = _hash(place)
    after, before = np.roll(key, -1), np.roll(key, 1)
    after[start + size - 1], before[start] = key[start], key[start + size - 1]
    turned = np.repeat(_clockwise(place, start) != hole, size)
    if turned.any():
        after, before = np.where(turned, before, after), np.where(turned, after, before)
    return _Corners(owner=np.repeat(owner.astype(np.int32), size), place=place, key=key, before=before, after=after)


def _rings(geometry: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Positions, Flags]:
    """The rings of all polygons (a polygon without holes stands for its own), whose they are, and which are holes."""
    owner = np.flatnonzero(~shapely.is_empty(geometry))
    parts = geometry[owner]
    if (shapely.get_num_geometries(parts) > 1).any() or (shapely.get_type_id(parts) != _POLYGON).any():
        parts, part = shapely.get_parts(parts, return_index=True)
        owner = owner[part]
    pierced = shapely.get_num_interior_rings(parts) > 0
    if not pierced.any():
        return parts, owner, np.zeros(len(parts), dtype=bool)
    rings, part = shapely.get_rings(parts[pierced], return_index=True)
    hole = np.diff(part, prepend=-1) == 0
    plain = np.zeros(np.count_nonzero(~pierced), dtype=bool)
    return (
        np.concatenate([parts[~pierced], rings]),
        np.concatenate([owner[~pierced], owner[pierced][part]]),
        np.concatenate([plain, hole]),
    )


def _clockwise(place: npt.NDArray[np.complex128], start: Positions) -> Flags:
    """Whether each ring runs clockwise, from twice its signed area."""
    size = np.diff(start, append=len(place))
    off = place - np.repeat(place[start], size)
    turn = off[:-1].real * off[1:].imag - off[1:].real * off[:-1].imag
    turn = np.append(turn, 0.0)
    turn[start + size - 1] = 0.0
    clockwise: Flags = np.add.reduceat(turn, start) < 0
    return clockwise


def _hash(place: npt.NDArray[np.complex128]) -> Keys:
    x, y = place.view(np.uint64).reshape(-1, 2).T
    key: Keys = x * _MIX[0]
    key ^= key >> np.uint64(29)
    key += y * _MIX[1]
    key ^= key >> np.uint64(32)
    key *= _MIX[2]
    return key
