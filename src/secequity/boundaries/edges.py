"""The edges of polygons, and what each of them shares with another: all by numbers, in the order of the rings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Positions = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]
Bounds = npt.NDArray[np.float64]

BLOCK = 1 << 16
"""Vertices that are worked on at a time: few enough to stay at the processor's hand."""

_POLYGON = 3
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93], dtype=np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Edges:
    """The edges of all rings, one behind each vertex.

    owner : whose they are. key : a number for the place where each begins. after : the edge that follows in its ring.
    left : whether the polygon lies on the left of the way from the smaller of these numbers to the larger.
    points : the vertices, the closing one of each ring among them.
    start, size : where each ring begins among the edges, and how many it has.
    """

    owner: Numbers
    key: Keys
    after: Numbers
    left: Flags
    points: npt.NDArray[np.complex128]
    start: Positions
    size: Positions

    def vertices(self, at: Positions) -> Positions:
        """Where among the points these edges begin; the next point is their end."""
        closings: Positions = np.searchsorted(self.start, at, side="right") - 1
        return at + closings

    def before(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What the edge before each has, in its ring."""
        turned = np.roll(values, 1)
        turned[self.start] = values[self.start + self.size - 1]
        return turned


def edges_of(geometry: npt.NDArray[Any]) -> Edges:
    rings, owner, hole = _rings(geometry)
    drawn = ~shapely.is_empty(rings)
    if not drawn.all():
        rings, owner, hole = rings[drawn], owner[drawn], hole[drawn]
    points = shapely.get_coordinates(rings).view(np.complex128).ravel()
    points += 0.0
    begin = np.append(0, np.cumsum(shapely.get_num_coordinates(rings)))
    start, size = begin[:-1] - np.arange(len(rings)), np.diff(begin) - 1
    count = len(points) - len(rings)
    key, left = np.empty(count, np.uint64), np.empty(count, np.bool_)
    blocks = np.unique(np.searchsorted(begin, np.append(np.arange(0, len(points), BLOCK), len(points))))
    for first, last in pairwise(blocks.tolist()):
        place = points[begin[first] : begin[last]]
        number, edge = _hash(place), np.ones(len(place), dtype=bool)
        edge[begin[first + 1 : last + 1] - begin[first] - 1] = False
        at = slice(start[first], start[last - 1] + size[last - 1])
        key[at] = number[edge]
        wrong = _clockwise(place, edge, begin[first:last] - begin[first]) != hole[first:last]
        left[at] = (number[:-1] < number[1:])[edge[:-1]] ^ np.repeat(wrong, size[first:last])
    after = np.arange(1, count + 1, dtype=np.int32)
    after[start + size - 1] = start
    owners = np.repeat(owner.astype(np.int32), size)
    return Edges(owner=owners, key=key, after=after, left=left, points=points, start=start, size=size)


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


def _clockwise(place: npt.NDArray[np.complex128], edge: Flags, begin: Positions) -> Flags:
    """Whether each closed ring runs clockwise, from twice its signed area; `edge` : not the closing vertex."""
    off = place - np.repeat(place[begin], np.diff(np.append(begin, len(place))))
    turn = off[:-1].real * off[1:].imag - off[1:].real * off[:-1].imag
    clockwise: Flags = np.add.reduceat(np.where(edge[:-1], turn, 0.0), begin) < 0
    return clockwise


def _hash(place: npt.NDArray[np.complex128]) -> Keys:
    x, y = place.view(np.uint64).reshape(-1, 2).T
    key: Keys = x * _MIX[0]
    key ^= key >> np.uint64(29)
    key += y * _MIX[1]
    key ^= key >> np.uint64(32)
    key *= _MIX[2]
    return key


def mates(edges: Edges) -> Numbers:
    """For each edge the only other one between the same places, if it belongs to another polygon on the other side."""
    packed, low = _packed(edges.key + edges.key[edges.after])
    again = (packed[1:] ^ packed[:-1]) <= low
    twice = again.copy()
    twice[1:] &= ~again[:-1]
    twice[:-1] &= ~again[1:]
    first = np.flatnonzero(twice)
    mate = np.full(len(packed), -1, dtype=np.int32)
    for at in range(0, len(first), BLOCK):
        some = first[at : at + BLOCK]
        one, two = packed[some] & low, packed[some + 1] & low
        mate[one], mate[two] = two, one
    for at in range(0, len(mate), BLOCK):
        block = np.arange(at, min(at + BLOCK, len(mate)), dtype=np.int32)
        block = block[mate[block] > block]
        other = mate[block]
        wrong = ~_border(edges, block, other)
        mate[block[wrong]] = mate[other[wrong]] = -1
    return mate


def _border(edges: Edges, one: Numbers, two: Numbers) -> Flags:
    """Whether two edges are the same line with another polygon on its other side."""
    key, ahead, back, front = (edges.key[at] for at in (one, edges.after[one], two, edges.after[two]))
    same = ((key == front) & (ahead == back)) | ((key == back) & (ahead == front))
    across = (edges.left[one] != edges.left[two]) & (edges.owner[one] != edges.owner[two])
    border: Flags = same & across & (key != ahead)
    return border


def turns_of(edges: Edges, mate: Numbers) -> Flags:
    """Where another neighbour, or none, begins: the mates of an edge and of the one before do not follow each other.

    The first vertex of each ring is always among them.
    """
    before, after = edges.before(mate), edges.after
    turns = (mate < 0) | (before < 0)
    for at in range(0, len(mate), BLOCK):
        one, two = mate[at : at + BLOCK], before[at : at + BLOCK]
        turns[at : at + BLOCK] |= (after[one] != two) & (after[two] != one)
    turns[edges.start] = True
    return turns


def same_place(edges: Edges, at: Positions, count: int) -> Positions:
    """The pairs of polygons of which two of these vertices lie in the same place, by their numbers."""
    packed, low = _packed(edges.key[at])
    order, number = (packed & low).astype(np.intp), packed | low
    owner, place = edges.owner[at[order]], edges.points[edges.vertices(at[order])]
    pairs = [np.empty(0, dtype=np.intp)]
    first, step = np.flatnonzero(number[1:] == number[:-1]), 1
    while len(first):
        met = first[(owner[first] != owner[first + step]) & (place[first] == place[first + step])]
        pairs.append(paired(owner[met], owner[met + step], count))
        step += 1
        first = first[first + step < len(order)]
        first = first[number[first] == number[first + step]]
    return np.concatenate(pairs)


def paired(one: Numbers, other: Numbers, count: int) -> Positions:
    """A number for each pair, whichever stands first."""
    number: Positions = np.minimum(one, other).astype(np.intp) * count + np.maximum(one, other)
    return number


def _packed(keys: Keys) -> tuple[Keys, np.uint64]:
    """Keys in order, in their own memory, their lowest bits given up for the position of each; and those bits.

    Equal keys stay equal but for these bits; a few others become it, so what they stand for has to be compared.
    """
    low = np.uint64((1 << len(keys).bit_length()) - 1)
    keys &= ~low
    for at in range(0, len(keys), BLOCK):
        keys[at : at + BLOCK] |= np.arange(at, min(at + BLOCK, len(keys)), dtype=np.uint64)
    keys.sort()
    return keys, low


def reach_of(edges: Edges, at: Positions, count: int) -> Bounds:
    """The bounds of the edges of each polygon that are at these positions."""
    reach = np.tile([np.inf, np.inf, -np.inf, -np.inf], (count, 1))
    begin = edges.vertices(at)
    for place in (edges.points[begin], edges.points[begin + 1]):
        for axis, along in enumerate((place.real, place.imag)):
            np.minimum.at(reach[:, axis], edges.owner[at], along)
            np.maximum.at(reach[:, axis + 2], edges.owner[at], along)
    return reach
