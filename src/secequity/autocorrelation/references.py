"""What chance would put around one neighbourhood: its own value stays, those of all the others are shuffled."""

from __future__ import annotations

import numpy as np

from secequity.autocorrelation.links import Links, Numbers
from secequity.autocorrelation.sums import equal_p
from secequity.autocorrelation.weighted import weighted_p

THOROUGH = 9999
"""Fewer permutations than this are a quick look, and taken as asked."""

STEP = 10
"""From one look at p to the next, so many times as many draws."""

MOST = 500_000_000
"""Draws times neighbourhoods that are thought worth waiting for, where each neighbourhood needs draws of its own."""


def enough(permutations: int, *, tests: int, fdr: float) -> int:
    """Permutations with which the smallest p can pass the false-discovery rate: 2/(R + 1) < fdr/tests.

    Fewer than `THOROUGH` are left as they are.

    >>> enough(9999, tests=100, fdr=0.05), enough(9999, tests=3500, fdr=0.05), enough(999, tests=3500, fdr=0.05)
    (9999, 140000, 999)
    """
    return permutations if permutations < THOROUGH else max(permutations, int(np.ceil(2 * tests / fdr)))


def affordable(permutations: int, links: Links, *, fdr: float, differences: bool = False) -> int:
    """`enough`, but no more than asked where each of many neighbourhoods needs draws of its own."""
    tests = int(links.linked.sum())
    used = enough(permutations, tests=tests, fdr=fdr)
    alone = differences or bool((links.linked & ~links.equal).any())
    return permutations if alone and used * tests > MOST else used


def conditional_p(z: Numbers, links: Links, *, permutations: int, rng: np.random.Generator) -> Numbers:
    """Two-sided p of each neighbourhood's weighted sum of its neighbours' values, all other values shuffled.

    Exact by enumeration where the weights of a row are equal and there are no more ways to draw the neighbours than
    `permutations`; otherwise 2·(min(ge, le) + 1)/(permutations + 1). At most 1; NaN without neighbours. Sums that
    differ by rounding only are equal. `z` : values in units of their standard deviation.
    """
    p, _ = equal_p(z, links, looks=[permutations], fdr=1.0, rng=rng)
    unequal = links.linked & ~links.equal
    if unequal.any():
        p[unequal] = weighted_p(z, links, unequal, differences=False, permutations=permutations, rng=rng)[unequal]
    return p


def looks(permutations: int, needed: int) -> tuple[int, ...]:
    """When p is looked at, in draws: as asked, ten times as many, and so on up to those needed.

    >>> looks(9999, 10_240), looks(9999, 140_000), looks(9999, 4_000_000)
    ((10240,), (9999, 140000), (9999, 99999, 4000000))
    """
    found = []
    while needed > STEP * (permutations + 1):
        found.append(permutations)
        permutations = STEP * (permutations + 1) - 1
    return (*found, needed)


def local_p(
    z: Numbers, links: Links, *, permutations: int, fdr: float, rng: np.random.Generator
) -> tuple[Numbers, int]:
    """`conditional_p` with as many permutations as asked, or as the false-discovery rate needs; and how many."""
    if (links.linked & ~links.equal).any():
        used = affordable(permutations, links, fdr=fdr)
        return conditional_p(z, links, permutations=used, rng=rng), used
    needed = enough(permutations, tests=int(links.linked.sum()), fdr=fdr)
    return equal_p(z, links, looks=looks(permutations, needed), fdr=fdr, rng=rng)


def conditional_p_of_differences(z: Numbers, links: Links, *, permutations: int, rng: np.random.Generator) -> Numbers:
    """The same for each neighbourhood's weighted sum of squared differences from its neighbours' values."""
    return weighted_p(z, links, links.linked, differences=True, permutations=permutations, rng=rng)
