"""Random contiguous cores: places where the casco urbano might have been, of about the same population.

A core is grown from a neighbourhood drawn at random: all its neighbours join before any neighbour of theirs does, those
equally far in a random order, until the population is as near as it can be to that of the real core. Cores grown this
way are as compact as the graph allows. That is deliberate: where neighbours are alike a compact core strays further
from the rest of the city than a ragged one, so that ragged cores would make the real one look more unusual than it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

from secequity.inference.drawing import FloatArray, Rng, Rows, blocks

Flags = npt.NDArray[np.bool_]

STEPS = 40_000_000
"""Neighbourhoods visited while growing: 9,999 cores in a city of 4,000 and 400 in one of 100,000."""

FEWEST = 199
ABOUT = 0.25
"""In a small city every contiguous core is compared whose population differs by no more than this share."""

ENUMERATED = 13
"""Neighbourhoods up to which every contiguous core is found."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cores:
    """Sets of rows, one after the other: core k is `rows[starts[k] : starts[k + 1]]`.

    exact : these are all there are, the real one included.
    """

    rows: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    count: int
    exact: bool

    def __len__(self) -> int:
        return len(self.starts) - 1

    def totals(self, column: FloatArray) -> FloatArray:
        """The sum of a column over the rows of each core."""
        return np.add.reduceat(column[self.rows], self.starts[:-1])

    def inside(self) -> Iterator[Flags]:
        """Which rows are in each core, (cores, rows), a block of cores at a time."""
        step = max(1, 1_000_000 // self.count)
        for first in range(0, len(self), step):
            last = min(first + step, len(self))
            flags = np.zeros((last - first, self.count), dtype=bool)
            core = np.repeat(np.arange(last - first), np.diff(self.starts[first : last + 1]))
            flags[core, self.rows[self.starts[first] : self.starts[last]]] = True
            yield flags


def contiguous_cores(
    links: sparse.csr_array, people: FloatArray, core: Flags, *, permutations: int, rng: Rng
) -> Cores:
    """Contiguous cores with about the population of `core`: all of them in a small city, random ones in another.

    Parameters
    ----------
    links : who is a neighbour of whom, in the order of the rows.
    people : residents of each row, ≥ 0.
    core : the rows of the real core.
    permutations : cores drawn; fewer in a large city (`STEPS`).
    """
    either_way = links + links.T
    both: sparse.csr_array = sparse.csr_array((np.ones(either_way.nnz), either_way.indices, either_way.indptr))
    both.resize(links.shape)
    if len(people) <= ENUMERATED:
        return _every_core(both, people, core)
    wanted = max(min(permutations, STEPS // len(people)), min(permutations, FEWEST))
    return _grown_cores(both, people, float(people[core].sum()), cores=wanted, rng=rng)


def _every_core(links: sparse.csr_array, people: FloatArray, core: Flags) -> Cores:
    """Every contiguous set with about the population of the core; the core is one of them whatever its shape."""
    count = len(people)
    near = links.toarray() > 0
    every = (np.arange(1, 2**count - 1)[:, np.newaxis] >> np.arange(count)) & 1 == 1
    reached = np.zeros_like(every)
    reached[np.arange(len(every)), every.argmax(axis=1)] = True
    for _ in range(count):
        reached |= (reached @ near) & every
    whole = (reached == every).all(axis=1)
    target = people[core].sum()
    alike = np.abs(every @ people - target) <= ABOUT * target
    itself = (every == core).all(axis=1)
    rest = people.sum() - every @ people
    kept = every[itself | (whole & alike & (rest > 0))]
    place, rows = np.nonzero(kept)
    starts = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(kept)))])
    return Cores(rows=rows.astype(np.int32), starts=starts, count=count, exact=True)


def _grown_cores(links: sparse.csr_array, people: FloatArray, target: float, *, cores: int, rng: Rng) -> Cores:
    part = connected_components(links, directed=False)[1]
    able = np.flatnonzero((np.bincount(part, weights=people) >= target)[part])
    seeds = able if len(able) else np.arange(len(people))

    def draw(generator: np.random.Generator, count: int) -> list[Rows]:
        shuffled = generator.permutation(len(people))
        moved = links[shuffled][:, shuffled]
        moved.sort_indices()
        place = np.argsort(shuffled)
        found = []
        for seed in place[generator.choice(seeds, count)]:
            order = breadth_first_order(moved, seed, directed=True, return_predecessors=False)
            order = shuffled[order if len(able) else _onwards(moved, order, people[shuffled], target, generator)]
            found.append(np.sort(order[: _enough(people[order], target, people.sum())]))
        return found

    grown = [core for block in blocks(draw, replicates=cores, width=8000, rng=rng) for core in block]
    starts = np.concatenate([[0], np.cumsum([len(core) for core in grown])])
    return Cores(rows=np.concatenate(grown).astype(np.int32), starts=starts, count=len(people), exact=False)


def _onwards(
    links: sparse.csr_array, order: Rows, people: FloatArray, target: float, generator: np.random.Generator
) -> Rows:
    """A core that no connected part of the city can hold goes on in another part, as the real one must."""
    while people[order].sum() < target:
        left = np.setdiff1d(np.arange(len(people)), order)
        more = breadth_first_order(links, generator.choice(left), directed=True, return_predecessors=False)
        order = np.concatenate([order, more])
    return order


def _enough(people: FloatArray, target: float, everybody: float) -> int:
    """How many of the rows hold the population nearest to the target and leave somebody outside."""
    held = np.cumsum(people)
    last = int(np.searchsorted(held, target))
    if last >= len(held) or (last > 0 and (target - held[last - 1] < held[last] - target or held[last] >= everybody)):
        last -= 1
    return last + 1
