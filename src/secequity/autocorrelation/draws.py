"""Draws of neighbours: every set there is, or random orders; and the tally of what they give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from math import comb

import numpy as np

from secequity.autocorrelation.links import Flags, Numbers, Positions

TOLERANCE = 1e-9
"""Sums of values in units of their standard deviation that differ by less are equal: that is rounding."""

_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """How many draws are at least, and at most, what is observed, by position."""

    at_least: Numbers
    at_most: Numbers

    @classmethod
    def empty(cls, count: int) -> Tally:
        """Nothing counted yet."""
        return cls(at_least=np.zeros(count), at_most=np.zeros(count))

    def p_value(self, members: Positions, *, draws: int, exact: bool) -> Numbers:
        """Two-sided p of `members`: of all the draws there are when `exact`, else of random ones."""
        itself = 0 if exact else 1
        rarer = np.minimum(self.at_least[members], self.at_most[members])
        p: Numbers = np.minimum(1.0, 2 * (rarer + itself) / (draws + itself))
        return p


def every_set(count: int, size: int) -> Positions:
    """All sets of `size` out of `count` positions, one a column.

    >>> every_set(3, 2)
    array([[0, 0, 1],
           [1, 2, 2]])
    """
    ways = comb(count, size)
    flat = np.fromiter(chain.from_iterable(combinations(range(count), size)), np.intp, ways * size)
    return flat.reshape(ways, size).T


def orders(rng: np.random.Generator, *, count: int, length: int, draws: int) -> Iterator[Positions]:
    """Random orders of `length` different positions out of `count`, one a column, in blocks; `draws` in all.

    Each order is equally likely: those in which a position comes twice are drawn again, or, where that would be most of
    them, read on to the first `length` different positions. The size of the blocks changes no order.

    >>> [one.shape for one in orders(np.random.default_rng(1), count=4, length=3, draws=5)]
    [(3, 5)]
    """
    block = max(1, _AT_ONCE // length)
    while draws > 0:
        if 4 * length >= count:
            rows = min(draws, max(1, _AT_ONCE // count))
            found = rng.permuted(np.tile(np.arange(count), (rows, 1)), axis=1)[:, :length].T
        elif length**2 >= count:
            repeats = -count * np.log1p(-length / count) - length
            width = length + int(np.ceil(repeats + 3 * np.sqrt(repeats)))
            found = _first_different(rng.integers(count, size=(min(draws, block), width), dtype=np.intp), length).T
        else:
            found = np.ascontiguousarray(rng.integers(count, size=(min(draws, block), length), dtype=np.intp).T)
            found = found[:, ~_repeated(found)]
        draws -= found.shape[1]
        if found.size:
            yield found


def _repeated(drawn: Positions) -> Flags:
    """Columns in which a position comes twice."""
    found = np.zeros(drawn.shape[1], dtype=bool)
    for place in range(1, len(drawn)):
        for before in drawn[:place]:
            found |= before == drawn[place]
    return found


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
