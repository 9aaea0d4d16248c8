"""What chance would put around one neighbourhood: its own value stays, those of all the others are shuffled.

Where the weights of a row are equal, the statistic depends on nothing but the sum of k values drawn from the others.
One set of random orders of the neighbourhoods then serves every neighbourhood and every k: the first k of an order are
a random draw of k, and where the neighbourhood itself is among them the next one in the order takes its place, which
leaves a random draw of k from the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from math import comb

import numpy as np
import numpy.typing as npt
from scipy import sparse

from secequity.autocorrelation.alignment import Numbers

Positions = npt.NDArray[np.intp]

TOLERANCE = 1e-9
_EQUAL_WEIGHTS = 1e-12
_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Neighbourhoods with the same number of neighbours and one way to count.

    members : their positions. size : values a draw. observed : one statistic each. slack : differences that are
    rounding. weights : members × size, or nothing where the statistic is the plain sum.
    """

    members: Positions
    size: int
    observed: Numbers
    slack: Numbers
    weights: Numbers = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def plain(self) -> bool:
        """Whether the statistic is the sum of the values drawn."""
        return not self.weights.size


def enough(permutations: int, *, tests: int, fdr: float) -> int:
    """Permutations with which the smallest p can pass the false-discovery rate: 2/(R + 1) < fdr/tests.

    >>> enough(9999, tests=100, fdr=0.05), enough(9999, tests=3500, fdr=0.05)
    (9999, 140000)
    """
    return max(permutations, int(np.ceil(2 * tests / fdr)))


def conditional_p(z: Numbers, weights: sparse.csr_array, *, permutations: int, rng: np.random.Generator) -> Numbers:
    """Two-sided p of each neighbourhood's weighted sum of its neighbours' values, all other values shuffled.

    Exact by enumeration where the weights of a row are equal and there are no more ways to draw the neighbours than
    `permutations`; otherwise 2·(min(ge, le) + 1)/(permutations + 1). At most 1; NaN without neighbours. Sums that
    differ by rounding only are equal.

    Parameters
    ----------
    z : values in units of their standard deviation, in the order of `weights`.
    weights : rows without a self-weight and without stored zeros.
    """
    p = np.full(len(z), np.nan)
    groups = [*_equal_rows(z, weights), *_unequal_rows(z, weights)]
    drawn = []
    for rows in groups:
        if rows.plain and comb(len(z) - 1, rows.size) <= permutations:
            p[rows.members] = _enumerated(z, rows)
        else:
            drawn.append(rows)
    if drawn:
        at_least, at_most = _drawn(z, drawn, permutations, rng)
        for rows in drawn:
            rarer = np.minimum(at_least[rows.members], at_most[rows.members])
            p[rows.members] = np.minimum(1.0, 2 * (rarer + 1) / (permutations + 1))
    return p


def orders(rng: np.random.Generator, *, count: int, length: int, rows: int) -> Positions:
    """`rows` random orders of `length` different positions out of `count`, each equally likely.

    >>> orders(np.random.default_rng(1), count=4, length=4, rows=3).sum(axis=1)
    array([6, 6, 6])
    """
    if 4 * length >= count:
        return rng.permuted(np.tile(np.arange(count), (rows, 1)), axis=1)[:, :length]
    repeats = -count * np.log1p(-length / count) - length
    width = length + int(np.ceil(repeats + 3 * np.sqrt(repeats)))
    found: list[Positions] = []
    while (short := rows - sum(map(len, found))) > 0:
        found.append(_first_different(rng.integers(count, size=(short, width), dtype=np.intp), length))
    return np.concatenate(found)


def _first_different(drawn: Positions, length: int) -> Positions:
    """The first `length` different numbers of every row that has as many."""
    order = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, order, axis=1)
    new_when_ordered = np.ones(drawn.shape, dtype=bool)
    new_when_ordered[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    new = np.empty(drawn.shape, dtype=bool)
    np.put_along_axis(new, order, new_when_ordered, axis=1)
    rank = np.cumsum(new, axis=1)
    whole = rank[:, -1] >= length
    return drawn[whole][(new & (rank <= length))[whole]].reshape(-1, length)


def _equal_rows(z: Numbers, weights: sparse.csr_array) -> Iterator[_Rows]:
    """Rows whose statistic is a plain sum; of more than half of the others, the sum of the rest is drawn instead."""
    count, links = len(z), np.diff(weights.indptr)
    equal = _equal(weights)
    sums = sparse.csr_array((np.ones(weights.nnz), weights.indices, weights.indptr), shape=weights.shape) @ z
    most = 2 * links > count - 1
    size = np.where(most, count - 1 - links, links)
    observed = np.where(most, z.sum() - z - sums, sums)
    slack = TOLERANCE * np.abs(z).max()
    for one in np.unique(size[equal]):
        members = np.flatnonzero(equal & (size == one))
        yield _Rows(members=members, size=int(one), observed=observed[members], slack=np.full(len(members), slack))


def _unequal_rows(z: Numbers, weights: sparse.csr_array) -> Iterator[_Rows]:
    links = np.diff(weights.indptr)
    unequal = (links > 0) & ~_equal(weights)
    for size in np.unique(links[unequal]):
        members = np.flatnonzero(unequal & (links == size))
        places = weights.indptr[members][:, None] + np.arange(size)
        own = weights.data[places]
        yield _Rows(
            members=members,
            size=int(size),
            observed=(own * z[weights.indices[places]]).sum(axis=1),
            slack=TOLERANCE * np.abs(z).max() * np.abs(own).max(axis=1),
            weights=own,
        )


def _equal(weights: sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Rows with neighbours that all weigh the same."""
    links = np.diff(weights.indptr)
    result = np.zeros(len(links), dtype=bool)
    linked = np.flatnonzero(links)
    starts = weights.indptr[:-1][linked]
    low, high = np.minimum.reduceat(weights.data, starts), np.maximum.reduceat(weights.data, starts)
    result[linked] = high - low <= _EQUAL_WEIGHTS * np.maximum(np.abs(high), np.abs(low))
    return result


def _enumerated(z: Numbers, rows: _Rows) -> Numbers:
    """Exact p: every set of `size` others is counted once, the observed one included."""
    ways = comb(len(z), rows.size)
    sets = np.fromiter(chain.from_iterable(combinations(range(len(z)), rows.size)), np.intp, ways * rows.size)
    at_least, at_most = np.zeros(len(z)), np.zeros(len(z))
    sets = sets.reshape(ways, rows.size)
    sums = z[sets].sum(axis=1)
    _count_sums(np.sort(sums), rows, at_least, at_most)
    inside, own = sets.ravel(), np.repeat(sums, rows.size)
    observed, slack = np.full(len(z), np.nan), np.zeros(len(z))
    observed[rows.members], slack[rows.members] = rows.observed, rows.slack
    at_least -= np.bincount(inside[own >= (observed - slack)[inside]], minlength=len(z))
    at_most -= np.bincount(inside[own <= (observed + slack)[inside]], minlength=len(z))
    rarer = np.minimum(at_least[rows.members], at_most[rows.members])
    exact: Numbers = np.minimum(1.0, 2 * rarer / comb(len(z) - 1, rows.size))
    return exact


def _drawn(z: Numbers, groups: list[_Rows], permutations: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """How many of `permutations` draws are at least, and at most, what is observed."""
    at_least, at_most = np.zeros(len(z)), np.zeros(len(z))
    plain = [rows for rows in groups if rows.plain]
    weighted = [rows for rows in groups if not rows.plain]
    length = max(rows.size for rows in groups) + 1
    width = max([4 * length, len(z) if 4 * length >= len(z) else 0, *(len(rows.members) for rows in weighted)])
    batch = max(1, _AT_ONCE // width)
    for start in range(0, permutations, batch):
        order = orders(rng, count=len(z), length=length, rows=min(batch, permutations - start))
        values = z[order]
        if plain:
            running = np.cumsum(values, axis=1)
            for rows in plain:
                _count_sums(np.sort(running[:, rows.size - 1]), rows, at_least, at_most)
            _replace_own(z, order, values, running, plain, at_least, at_most)
        for rows in weighted:
            _count_weighted(z, order, values, rows, at_least, at_most)
    return at_least, at_most


def _count_sums(ordered: Numbers, rows: _Rows, at_least: Numbers, at_most: Numbers) -> None:
    at_least[rows.members] += len(ordered) - np.searchsorted(ordered, rows.observed - rows.slack, side="left")
    at_most[rows.members] += np.searchsorted(ordered, rows.observed + rows.slack, side="right")


def _replace_own(
    z: Numbers,
    order: Positions,
    values: Numbers,
    running: Numbers,
    groups: list[_Rows],
    at_least: Numbers,
    at_most: Numbers,
) -> None:
    """Count again the draws that held the neighbourhood itself, with the next of the order in its place."""
    count = len(z)
    size, observed, slack = np.zeros(count, dtype=np.intp), np.zeros(count), np.zeros(count)
    for rows in groups:
        size[rows.members], observed[rows.members], slack[rows.members] = rows.size, rows.observed, rows.slack
    draw, place = np.nonzero(np.arange(order.shape[1]) < size[order])
    own = order[draw, place]
    before = running[draw, size[own] - 1]
    after = before - z[own] + values[draw, size[own]]
    for sums, sign in ((before, -1.0), (after, 1.0)):
        at_least += sign * np.bincount(own[sums >= (observed - slack)[own]], minlength=count)
        at_most += sign * np.bincount(own[sums <= (observed + slack)[own]], minlength=count)


def _count_weighted(
    z: Numbers, order: Positions, values: Numbers, rows: _Rows, at_least: Numbers, at_most: Numbers
) -> None:
    sums = values[:, : rows.size] @ rows.weights.T
    column = np.full(len(z), -1, dtype=np.intp)
    column[rows.members] = np.arange(len(rows.members))
    draw, place = np.nonzero(column[order[:, : rows.size]] >= 0)
    own = column[order[draw, place]]
    sums[draw, own] += rows.weights[own, place] * (values[draw, rows.size] - z[rows.members[own]])
    at_least[rows.members] += (sums >= rows.observed - rows.slack).sum(axis=0)
    at_most[rows.members] += (sums <= rows.observed + rows.slack).sum(axis=0)
