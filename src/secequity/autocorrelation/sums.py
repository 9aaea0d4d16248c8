"""The reference of neighbourhoods whose neighbours all weigh the same: one set of draws for the whole city.

The statistic then depends on nothing but the sum of k values drawn from the others. The first k of a random order of
all neighbourhoods but one are a random draw of k from the others of that one; for any other neighbourhood they are
again, once the one left out takes its place wherever it was drawn. Sorted, the sums of k answer for each by search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from secequity.autocorrelation.draws import TOLERANCE, Tally, every_set, orders
from secequity.autocorrelation.links import Flags, Links, Numbers, Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """Neighbourhoods with the same number of equal neighbours, in the order of what is observed.

    members : their positions. size : values a draw. low, high : what a sum must reach, and not pass, to be as observed;
    they differ by rounding.
    """

    members: Positions
    size: int
    low: Numbers
    high: Numbers


def equal_p(z: Numbers, links: Links, *, permutations: int, rng: np.random.Generator) -> Numbers:
    """Two-sided p of the sum of the neighbours' values where they all weigh the same; NaN for all others."""
    p = np.full(len(z), np.nan)
    drawn = []
    for one in _groups(z, links):
        if comb(len(z) - 1, one.size) <= permutations:
            tally, every = Tally.empty(len(z)), every_set(len(z) - 1, one.size)
            _count(z, every, [one], tally)
            p[one.members] = tally.p_value(one.members, draws=every.shape[1], exact=True)
        else:
            drawn.append(one)
    if drawn:
        tally = Tally.empty(len(z))
        length = max(one.size for one in drawn)
        for order in orders(rng, count=len(z) - 1, length=length, draws=permutations):
            _count(z, order, drawn, tally)
        for one in drawn:
            p[one.members] = tally.p_value(one.members, draws=permutations, exact=False)
    return p


def _groups(z: Numbers, links: Links) -> Iterator[Sums]:
    """Rows by their number of neighbours; of more than half of the others, the sum of the rest is drawn instead."""
    others, sums = len(z) - 1, links.plain @ z
    slack = TOLERANCE * np.abs(z).max()
    for count, members in links.groups:
        observed, size = sums[members], count
        if 2 * count > others:
            observed, size = z.sum() - z[members] - observed, others - count
        order = np.argsort(observed)
        observed = observed[order]
        yield Sums(members=members[order], size=size, low=observed - slack, high=observed + slack)


def _count(z: Numbers, drawn: Positions, groups: list[Sums], tally: Tally) -> None:
    """Compare the sums of the first k of each column of `drawn`, positions among all but the last of `z`."""
    running = np.zeros((len(drawn) + 1, drawn.shape[1]))
    np.cumsum(z[drawn], axis=0, out=running[1:])
    size = np.zeros(len(z), dtype=np.intp)
    low, high = np.zeros(len(z)), np.zeros(len(z))
    for one in groups:
        ordered = np.sort(running[one.size])
        tally.at_least[one.members] += len(ordered) - np.searchsorted(ordered, one.low, side="left")
        tally.at_most[one.members] += np.searchsorted(ordered, one.high, side="right")
        size[one.members], low[one.members], high[one.members] = one.size, one.low, one.high
    more, fewer = [], []
    for place, positions in enumerate(drawn):
        inside = np.flatnonzero(size[positions] > place)
        own = positions[inside]
        before = running[size[own], inside]
        after = before + (z[-1] - z[own])
        more.append(_changed(own, after >= low[own], before >= low[own]))
        fewer.append(_changed(own, after <= high[own], before <= high[own]))
    if not more:
        return
    for counts, changes in ((tally.at_least, more), (tally.at_most, fewer)):
        own, sign = (np.concatenate(part) for part in zip(*changes, strict=True))
        counts += np.bincount(own, weights=sign, minlength=len(counts))


def _changed(own: Positions, after: Flags, before: Flags) -> tuple[Positions, Numbers]:
    """Where `after` differs from `before`: whose, and whether it is one more or one fewer."""
    changed = after != before
    return own[changed], np.where(after[changed], 1.0, -1.0)
