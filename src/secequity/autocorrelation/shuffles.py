"""What chance would give for the whole city: all values shuffled over the neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from secequity.autocorrelation.links import Numbers
from secequity.errors import LayerError, problem
from secequity.parallel import Each, side_by_side
from secequity.words import Alternative

Seed = int | np.random.Generator | None

TOLERANCE = 1e-10
_CELLS = 1_000_000
_LEAST_WIDE = 16
_PARTS = 2
"""Shuffles are worked on in so many parts on every machine, so that no digit depends on its cores."""


def shuffles(columns: Numbers, *, permutations: int, rng: Seed, each: Each = map) -> Iterator[list[Numbers]]:
    """`columns` (variables × neighbourhoods) in random orders, a few of the `permutations` at a time: a third axis.

    One array of fully random orders is shuffled anew, all its rows together, for each array after the first. Every
    order is then equally likely, and any two are independent, so that a share of them has the mean and the variance it
    would have with as many independent orders; at a fraction of the work in a large city. In a small one (up to a
    hundred neighbourhoods with 9,999 permutations) one array holds all. Each array comes in parts, made by `each` at
    the same time; after the first, the next is written over it.

    >>> [[one.shape for one in parts] for parts in shuffles(np.arange(500_000.0)[None], permutations=22, rng=1)]
    [[(1, 500000, 8), (1, 500000, 8)], [(1, 500000, 6)]]
    """
    generator = np.random.default_rng(rng)
    count = columns.shape[1]
    width = min(permutations, max(_LEAST_WIDE, _CELLS // count))
    orders = np.tile(np.arange(count)[:, None], (1, width))
    generator.permuted(orders, axis=0, out=orders)
    decks = [columns[:, part] for part in np.array_split(orders, min(_PARTS, width), axis=1)]
    del orders
    yield decks
    drawn = [np.empty_like(deck) for deck in decks]
    begins = np.cumsum([0, *(deck.shape[2] for deck in decks[:-1])])
    for start in range(width, permutations, width):
        order = generator.permutation(count)
        list(each(partial(_dealt, order), decks, drawn))
        left = permutations - start
        yield [part[:, :, : left - begin] for part, begin in zip(drawn, begins, strict=True) if begin < left]


def _dealt(order: npt.NDArray[np.intp], deck: Numbers, out: Numbers) -> None:
    for column, shuffled in zip(deck, out, strict=True):
        np.take(column, order, axis=0, out=shuffled, mode="clip")


def shuffled_p(
    columns: Numbers,
    statistic: Callable[[Numbers], Numbers],
    observed: npt.ArrayLike,
    *,
    permutations: int,
    alternative: Alternative,
    rng: Seed,
) -> Numbers:
    """Share of permutations at least as extreme as `observed`; equal up to rounding is as extreme.

    Parameters
    ----------
    columns : variables × neighbourhoods; all variables move together.
    statistic : of `columns` with a third axis, one entry a permutation, to values with that axis last, in a unit in
        which `TOLERANCE` is rounding.
    observed : the value as it is; several figures at once make an array.
    """
    if alternative not in ("two-sided", "greater", "less"):
        raise LayerError(problem("autocorrelation_alternative", alternative=alternative))
    seen = np.asarray(observed, dtype=float)
    at_least, at_most = np.zeros(seen.shape), np.zeros(seen.shape)
    with side_by_side() as each:
        for parts in shuffles(columns, permutations=permutations, rng=rng, each=each):
            for drawn in each(statistic, parts):
                at_least += (drawn >= seen[..., None] - TOLERANCE).sum(axis=-1)
                at_most += (drawn <= seen[..., None] + TOLERANCE).sum(axis=-1)
    rarer = {"greater": at_least, "less": at_most, "two-sided": np.minimum(at_least, at_most)}[alternative]
    sides = 2 if alternative == "two-sided" else 1
    p_value: Numbers = np.minimum(1.0, sides * (rarer + 1) / (permutations + 1))
    return p_value
