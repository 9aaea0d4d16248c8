"""Random contiguous cores: places where the casco urbano might have been, of about the same population.

A core is grown from a neighbourhood drawn at random: its neighbours join, then theirs, those equally far in a random
order, until the population is as near as it can be to that of the real core. A random share of the links, between none
and half, is closed while a core grows, so that some are round and some ragged. Kept are those with about as many links
to the outside as the real core, and each counts once.

That makes the comparison fair. Where neighbours are alike, a core with few links to the outside, such as one against
the edge of the city, strays further from the rest than a ragged one in the middle: cores more ragged than the real one
would make it look more unusual than it is. Where hardly any is as ragged as the real one, rounder ones are kept too:
the test is then on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

from secequity.inference.drawing import CELLS, FloatArray, Rng, Rows, blocks

Flags = npt.NDArray[np.bool_]

MOST = 999
"""Different cores compared at most: they overlap, and more of them tell little more."""

VISITS = 10_000_000
"""Neighbourhoods visited while growing: 10,000 trials in a city of 1,000, fewer in a larger one."""

FEWEST = 399
TRIALS = 4
"""Trials for each core asked for, at most; and at least so many in a city of any size."""

CLOSED = 0.5
"""The largest share of links closed."""

FEWER_LINKS, MORE_LINKS = 0.8, 1.25
"""Between which multiples of the real core's links to the outside those of a core lie."""

HARDLY_ANY = 39
"""With fewer cores no two-sided p below 0.05 can be reached: rounder ones are kept too."""

TOGETHER = 16
"""Cores that grow on the same open links."""

ENUMERATED = 13
ABOUT = 0.25
"""Up to so many neighbourhoods every contiguous core is compared whose population differs by at most that share."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cores:
    """Different sets of rows, one after the other: core k is `rows[starts[k] : starts[k + 1]]`.

    count : rows of the city. exact : these are all there are, the real one included; otherwise it is not among them.
    """

    rows: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    count: int
    exact: bool

    def __len__(self) -> int:
        return len(self.starts) - 1

    def totals(self, column: FloatArray) -> FloatArray:
        """The sum of a column over the rows of each core."""
        total: FloatArray = np.add.reduceat(column[self.rows], self.starts[:-1]) if len(self) else np.empty(0)
        return total

    def inside(self) -> Iterator[Flags]:
        """Which rows are in each core, (cores, rows), a block of cores at a time."""
        step = max(1, 1_000_000 // self.count)
        for first in range(0, len(self), step):
            last = min(first + step, len(self))
            flags = np.zeros((last - first, self.count), dtype=bool)
            core = np.repeat(np.arange(last - first), np.diff(self.starts[first : last + 1]))
            flags[core, self.rows[self.starts[first] : self.starts[last]]] = True
            yield flags


def contiguous_cores(links: sparse.csr_array, people: FloatArray, core: Flags, *, permutations: int, rng: Rng) -> Cores:
    """Contiguous cores with about the population of `core`: all of them in a small city, random ones in another.

    Parameters
    ----------
    links : who is a neighbour of whom, in the order of the rows; any weights.
    people : residents of each row, ≥ 0.
    core : the rows of the real core; neither none of them nor all.
    permutations : different cores wanted, of which `MOST` are looked for; there may be fewer in a large city
        (`VISITS`) or in one with little room.
    """
    either_way = (links + links.T).tocsr()
    near = sparse.csr_array((np.ones(either_way.nnz), either_way.indices, either_way.indptr), shape=links.shape)
    if len(people) <= ENUMERATED:
        return _listed(list(_every_core(near.toarray() > 0, people, core)), len(people), exact=True)
    growth = _Growth(near, people, core)
    permutations = min(permutations, MOST)
    trials = max(min(TRIALS * permutations, VISITS // len(people)), min(TRIALS * permutations, FEWEST))
    like: dict[int, Rows] = {}
    rounder: dict[int, Rows] = {}
    for grown, other in blocks(growth.draw, replicates=trials, width=CELLS // TOGETHER, rng=rng):
        like |= grown
        rounder |= other
        if len(like) > permutations:
            break
    kept = like if len(like) > HARDLY_ANY else like | rounder
    for itself in growth.named(core[np.newaxis]):
        kept.pop(itself, None)
    return _listed(list(kept.values())[:permutations], len(people), exact=False)


def _listed(cores: list[Rows], count: int, *, exact: bool) -> Cores:
    rows = np.concatenate(cores).astype(np.int32) if cores else np.empty(0, dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum([len(core) for core in cores], dtype=np.int64)]).astype(np.int64)
    return Cores(rows=rows, starts=starts, count=count, exact=exact)


def _every_core(near: Flags, people: FloatArray, core: Flags) -> Iterator[Rows]:
    """Every contiguous set with about the population of the core; the core is one of them whatever its shape."""
    count = len(people)
    every = (np.arange(1, 2**count - 1)[:, np.newaxis] >> np.arange(count)) & 1 == 1
    reached = np.zeros_like(every)
    reached[np.arange(len(every)), every.argmax(axis=1)] = True
    for _ in range(count):
        reached |= (reached @ near) & every
    held, target = every @ people, people[core].sum()
    like = (reached == every).all(axis=1) & (np.abs(held - target) <= ABOUT * target) & (held < people.sum())
    itself = (every == core).all(axis=1)
    for one in every[like | itself]:
        yield np.flatnonzero(one)


class _Growth:
    """What every core of a city grows on."""

    def __init__(self, near: sparse.csr_array, people: FloatArray, core: Flags) -> None:
        self.near, self.people = near, people
        self.pairs = sparse.triu(near, k=1).tocoo()
        self.degree = np.diff(near.indptr)
        self.target, self.everybody = float(people[core].sum()), float(people.sum())
        self.links_out = float(self._links_out(core[np.newaxis])[0])
        self.keys = np.random.default_rng(len(people)).integers(2**63, size=len(people), dtype=np.uint64)

    def draw(self, generator: np.random.Generator, count: int) -> tuple[dict[int, Rows], dict[int, Rows]]:
        """Up to `count` cores: those about as ragged as the real one, and rounder ones, by name."""
        order = generator.permutation(len(self.people))
        people = self.people[order]
        open_links, seeds = self._opened(order, generator)
        flags = np.zeros((count, len(order)), dtype=bool)
        for at, seed in enumerate(generator.choice(seeds, count)):
            flags[at][order[self._grown(open_links, seed, people, generator)]] = True
        ragged = self._links_out(flags) / self.links_out if self.links_out else np.ones(count)
        like, rounder = (ragged >= FEWER_LINKS) & (ragged <= MORE_LINKS), ragged < FEWER_LINKS
        return self.named(flags[like]), self.named(flags[rounder])

    def named(self, cores: Flags) -> dict[int, Rows]:
        """The rows of each core by a number that two different cores do not share."""
        names = cores.astype(np.uint64) @ self.keys
        return dict(zip(names.tolist(), (core.nonzero()[0] for core in cores), strict=True))

    def _opened(self, order: Rows, generator: np.random.Generator) -> tuple[sparse.csr_array, Rows]:
        """The links left open, in a random order of the rows, and the rows from which a whole core can grow.

        All links stay open where no part of what is left could hold a core.
        """
        place = np.argsort(order)
        shares = (generator.uniform(0, CLOSED), 0.0)
        for closed in shares:
            left = generator.random(self.pairs.nnz) >= closed
            one, other = place[self.pairs.row[left]], place[self.pairs.col[left]]
            ends = (np.concatenate([one, other]), np.concatenate([other, one]))
            links = sparse.csr_array((np.ones(2 * len(one)), ends), shape=self.near.shape)
            links.sort_indices()
            part = connected_components(links, connection="strong")[1]
            able = np.flatnonzero((np.bincount(part, weights=self.people[order]) >= self.target)[part])
            if len(able):
                return links, able
        return links, np.arange(len(order))

    def _grown(self, links: sparse.csr_array, seed: int, people: FloatArray, generator: np.random.Generator) -> Rows:
        """A core from its seed; one that no connected part of the city can hold goes on in another part."""
        reached = breadth_first_order(links, seed, directed=True, return_predecessors=False)
        held = people[reached].cumsum()
        while held[-1] < self.target * (1 - 1e-9):
            left = np.setdiff1d(np.arange(len(people)), reached)
            more = breadth_first_order(links, generator.choice(left), directed=True, return_predecessors=False)
            reached = np.concatenate([reached, more])
            held = people[reached].cumsum()
        found: Rows = reached[: self._enough(held)]
        return found

    def _enough(self, held: FloatArray) -> int:
        """How many rows hold the population nearest to the target and leave somebody outside; `held` by so many."""
        last = min(int(held.searchsorted(self.target)), len(held) - 1)
        if last > 0 and (self.target - held[last - 1] < held[last] - self.target or held[last] >= self.everybody):
            last -= 1
        return last + 1

    def _links_out(self, cores: Flags) -> FloatArray:
        """Links between each core and the rest of the city."""
        inside = cores.astype(np.float64)
        links: FloatArray = inside @ self.degree - ((self.near @ inside.T).T * inside).sum(axis=1)
        return links
