"""Boundaries that polygons have in common, found by their edges, and the polygons for which edges do not tell.

Where every stretch of a polygon's boundary is also the boundary of exactly one other polygon on its other side, nothing
can touch it but at a common vertex, unless polygons overlap. And where any lie on each other, an unshared stretch of
one runs inside another, or along its border on the same side. So only *loose* polygons, those with an unshared stretch,
have to be compared by their shapes, and all of them where a loose one overlaps another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from secequity.boundaries.edges import (
    Bounds,
    Flags,
    Positions,
    edges_of,
    mates,
    paired,
    reach_of,
    same_place,
    turns_of,
)
from secequity.boundaries.memory import remembered
from secequity.parallel import meeting_pairs, on_cores

__all__ = ["Shared", "meeting", "on_each_other", "overlap", "remembered", "shared", "valid"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """What edges tell: `one` and `other` are the pairs that share a vertex (or, `along`, an edge), each pair once.

    loose : polygons with an edge that no other polygon, or more than one, or one on the same side, has too; of what
        they share only a part stands among the pairs.
    reach : by polygon, the bounds of all such edges; the lowest above the highest where there is none.
    """

    one: Positions
    other: Positions
    loose: Positions
    reach: Bounds


@remembered
def valid(geometry: npt.NDArray[Any]) -> Flags:
    """Which geometries are valid."""
    return on_cores(shapely.is_valid, geometry)


@remembered
def shared(geometry: npt.NDArray[Any], *, along: bool) -> Shared:
    """The pairs of polygons with a vertex in common, or with `along` an edge, and the loose ones.

    An edge that two polygons have makes them neighbours. Those with only a vertex in common have it where the neighbour
    across the boundary changes, so no other vertex is looked at.
    """
    edges = edges_of(geometry)
    mate = mates(edges)
    alone = mate < 0
    at = np.flatnonzero(turns_of(edges, mate) | alone)
    whose, across = edges.owner[at], np.where(alone[at], -1, edges.owner[mate[at]])
    once = whose < across
    pairs = paired(whose[once], across[once], len(geometry))
    if not along:
        pairs = np.concatenate([pairs, same_place(edges, at, len(geometry))])
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    reach = reach_of(edges, np.flatnonzero(alone), len(geometry))
    loose = np.flatnonzero(reach[:, 0] <= reach[:, 2])
    return Shared(one=pairs // len(geometry), other=pairs % len(geometry), loose=loose, reach=reach)


@remembered
def meeting(geometry: npt.NDArray[Any], positions: Positions) -> tuple[Positions, Positions]:
    """The polygons at `positions` and all others that have a point in common with them."""
    one, other = meeting_pairs(geometry[positions], geometry)
    one = positions[one]
    return one[one != other], other[one != other]


def overlap(geometry: npt.NDArray[Any]) -> bool:
    """Whether any two valid polygons lie on each other, if only by a sliver.

    >>> overlap(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    False
    """
    found = shared(geometry, along=False)
    return on_each_other(geometry, found.reach, *meeting(geometry, found.loose))


@remembered
def on_each_other(geometry: npt.NDArray[Any], reach: Bounds, one: Positions, other: Positions) -> bool:
    """Whether any two polygons lie on each other, told by those pairs of which unshared edges of one reach the other.

    reach : of `shared`. one, other : all pairs that meet, of which the first is loose; if both are, the pair stands
        both ways.
    """
    own, bounds = reach[one], shapely.bounds(geometry)[other]
    near = ((own[:, :2] <= bounds[:, 2:]) & (own[:, 2:] >= bounds[:, :2])).all(axis=1)
    share_a_part = partial(shapely.relate_pattern, pattern="T********")
    return bool(on_cores(share_a_part, geometry[one[near]], geometry[other[near]]).any())
