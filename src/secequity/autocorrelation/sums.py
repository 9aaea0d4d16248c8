"""The reference of neighbourhoods whose neighbours all weigh the same: one set of draws for the whole city.

The statistic then depends on nothing but the sum of k values drawn from the others. The first k of a random order of
all neighbourhoods but one are a random draw of k from the others of that one; for any other neighbourhood they are
again, once the one left out takes its place wherever it was drawn. Sorted, the sums of k answer for each by search.

Many draws are needed for the smallest p of a large city, and for those alone: after each look, the tails that enough
draws have reached are known, and only the others are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from secequity.autocorrelation.draws import TOLERANCE, every_set, orders
from secequity.autocorrelation.links import Flags, Links, Numbers, Positions

KNOWN = 400
"""A tail that so many draws have reached is known to a twentieth of itself."""

SURE = 10
"""The looks end where the places that no draw has reached are so many times as many as the false-discovery rate needs
to tell them; what is near its threshold then hangs on chance as much as with the draws of a small city."""

_SIDES = (1.0, -1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Tail:
    """One side of the test of neighbourhoods with the same number of equal neighbours, in the order of their bounds.

    members : their positions. size : values a draw. side : 0 for sums at least as observed, 1 for sums at most.
    bound : what a sum, negated on side 1, must reach to be as observed; short of it by rounding.
    """

    members: Positions
    size: int
    side: int
    bound: Numbers

    def of(self, kept: Flags) -> Tail:
        """Of some of its members."""
        return Tail(members=self.members[kept], size=self.size, side=self.side, bound=self.bound[kept])


def equal_p(
    z: Numbers, links: Links, *, looks: Sequence[int], fdr: float, rng: np.random.Generator
) -> tuple[Numbers, int]:
    """Two-sided p of the sum of the neighbours' values where they all weigh the same, NaN for others; and its draws.

    looks : draws made, in all, when p is looked at: the last, unless an earlier look settles what passes `fdr`.
    """
    share = np.full((len(_SIDES), len(z)), np.nan)
    tails, draws = [], looks[0]
    for one in _tails(z, links):
        if comb(len(z) - 1, one.size) <= looks[0]:
            every, counts = every_set(len(z) - 1, one.size), np.zeros_like(share)
            _count(z, every, [one], counts)
            share[one.side, one.members] = counts[one.side, one.members] / every.shape[1]
        else:
            tails.append(one)
    counts, done = np.zeros_like(share), 0
    for draws in looks:
        length = max((one.size for one in tails), default=1)
        for order in orders(rng, count=len(z) - 1, length=length, draws=draws - done):
            _count(z, order, tails, counts)
        for one in tails:
            share[one.side, one.members] = (counts[one.side, one.members] + 1) / (draws + 1)
        done = draws
        tails = [one.of(counts[one.side, one.members] < KNOWN) for one in tails]
        tails = [one for one in tails if len(one.members)]
        unreached = np.count_nonzero(share.min(axis=0)[links.equal] * (draws + 1) <= 1)
        if not tails or unreached * fdr * (draws + 1) >= SURE * 2 * np.count_nonzero(links.linked):
            break
    p: Numbers = np.minimum(1.0, 2 * share.min(axis=0))
    return p, draws


def _tails(z: Numbers, links: Links) -> Iterator[Tail]:
    """Both tails by the number of neighbours; of more than half of the others, the sum of the rest is drawn instead."""
    others, sums = len(z) - 1, links.plain @ z
    slack = TOLERANCE * np.abs(z).max()
    for count, members in links.groups:
        observed, size = sums[members], count
        if 2 * count > others:
            observed, size = z.sum() - z[members] - observed, others - count
        for side, sign in enumerate(_SIDES):
            order = np.argsort(sign * observed)
            yield Tail(members=members[order], size=size, side=side, bound=sign * observed[order] - slack)


def _count(z: Numbers, drawn: Positions, tails: list[Tail], counts: Numbers) -> None:
    """Add to `counts` how often the sums of the first k of each column of `drawn` reach the bounds of the tails.

    drawn : positions among all but the last of `z`.
    """
    running = np.zeros((len(drawn) + 1, drawn.shape[1]))
    np.cumsum(z[drawn], axis=0, out=running[1:])
    size = np.zeros(len(z), dtype=np.int32)
    bound = np.full((len(_SIDES), len(z)), np.inf)
    for one in tails:
        sums = _SIDES[one.side] * running[one.size]
        reached = np.sort(sums[sums >= one.bound[0]])
        counts[one.side, one.members] += len(reached) - np.searchsorted(reached, one.bound, side="left")
        size[one.members], bound[one.side, one.members] = one.size, one.bound
    for place, positions in enumerate(drawn):
        inside = np.flatnonzero(size[positions] > place)
        own = positions[inside]
        before = running[size[own], inside]
        after = before + (z[-1] - z[own])
        for side, sign in enumerate(_SIDES):
            reaches = sign * np.stack([before, after]) >= bound[side, own]
            changed = reaches[0] != reaches[1]
            if changed.any():
                more = np.where(reaches[1, changed], 1.0, -1.0)
                counts[side] += np.bincount(own[changed], weights=more, minlength=len(z))
