"""The reference of neighbourhoods whose neighbours weigh differently, and of differences: draws compared one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from secequity.autocorrelation.draws import TOLERANCE, Tally, every_set, orders
from secequity.autocorrelation.links import Flags, Links, Numbers, Positions

_ROUNDING = 1e-13
_AT_ONCE = 1_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Neighbourhoods with the same number of neighbours.

    members : their positions, in order. weights : members × neighbours; one column where all weigh the same.
    about : the value each is compared with, or None where the values of the neighbours are summed. size : neighbours.
    low, high : what a draw must reach, and not pass, to be as observed; they differ by rounding.
    """

    members: Positions
    size: int
    weights: Numbers
    about: Numbers | None
    low: Numbers
    high: Numbers

    def features(self, values: Numbers) -> Numbers:
        """What the statistic needs of each column of drawn `values`."""
        values = values[: self.size]
        if self.about is None:
            return values
        parts = [values**2, values]
        if self.weights.shape[1] == 1:
            parts = [one.sum(axis=0, keepdims=True) for one in parts]
        return np.vstack([*parts, np.ones((1, values.shape[1]))])

    def coefficients(self) -> Numbers:
        """What each member makes of the features: Σ w x, or Σ w (a − x)² = Σ w x² − 2 a Σ w x + a² Σ w."""
        if self.about is None:
            return self.weights
        about = self.about[:, None]
        total = self.weights.sum(axis=1, keepdims=True) * (self.size if self.weights.shape[1] == 1 else 1)
        return np.hstack([self.weights, -2 * about * self.weights, about**2 * total])


def weighted_p(
    z: Numbers,
    links: Links,
    rows: Flags,
    *,
    differences: bool,
    permutations: int,
    rng: np.random.Generator,
) -> Numbers:
    """Two-sided p of Σⱼ wᵢⱼ zⱼ, or with `differences` of Σⱼ wᵢⱼ (zᵢ − zⱼ)², for `rows`; NaN for all others.

    Exact by enumeration where the weights of a row are equal and there are no more ways to draw the neighbours than
    `permutations`.
    """
    p = np.full(len(z), np.nan)
    drawn = []
    for one in _groups(z, links, rows, differences=differences):
        if one.weights.shape[1] == 1 and comb(len(z) - 1, one.size) <= permutations:
            tally, every = Tally.empty(len(z)), every_set(len(z) - 1, one.size)
            _count(z, every, one, tally)
            p[one.members] = tally.p_value(one.members, draws=every.shape[1], exact=True)
        else:
            drawn.append(one)
    if drawn:
        tally = Tally.empty(len(z))
        length = max(one.size for one in drawn)
        for order in orders(rng, count=len(z) - 1, length=length, draws=permutations):
            for one in drawn:
                _count(z, order, one, tally)
        for one in drawn:
            p[one.members] = tally.p_value(one.members, draws=permutations, exact=False)
    return p


def _groups(z: Numbers, links: Links, rows: Flags, *, differences: bool) -> Iterator[Rows]:
    """Rows by their number of neighbours, and those of equal weights apart where that saves work."""
    weights = links.weights
    equal = links.equal & differences
    for size in np.unique(links.count[rows]):
        for same in (True, False):
            members = np.flatnonzero(rows & (links.count == size) & (equal == same))
            if not len(members):
                continue
            places = weights.indptr[members][:, None] + np.arange(size)
            own, near = weights.data[places], z[weights.indices[places]]
            about = z[members] if differences else None
            observed = (own * (near if about is None else (about[:, None] - near) ** 2)).sum(axis=1)
            slack = _slack(own, observed, largest=np.abs(z).max(), differences=differences)
            yield Rows(
                members=members,
                size=int(size),
                weights=own[:, :1] if same else own,
                about=about,
                low=observed - slack,
                high=observed + slack,
            )


def _slack(own: Numbers, observed: Numbers, *, largest: float, differences: bool) -> Numbers:
    """Differences that are rounding, of the values (`TOLERANCE`) or of the arithmetic."""
    if not differences:
        slack: Numbers = TOLERANCE * largest * np.abs(own).max(axis=1)
        return slack
    total = np.abs(own).sum(axis=1)
    slack = 2 * TOLERANCE * np.sqrt(total * np.abs(observed))
    slack += 4 * _ROUNDING * largest**2 * total
    return slack


def _count(z: Numbers, drawn: Positions, rows: Rows, tally: Tally) -> None:
    """Compare what each column of `drawn`, positions among all but the last of `z`, gives each of the rows."""
    features, coefficients = rows.features(z[drawn]), rows.coefficients()
    own, column, change = _replaced(z, drawn, rows)
    step = max(1, _AT_ONCE // drawn.shape[1])
    for start in range(0, len(rows.members), step):
        part = slice(start, start + step)
        found = coefficients[part] @ features
        inside = slice(*np.searchsorted(own, [start, start + len(found)]))
        np.add.at(found, (own[inside] - start, column[inside]), change[inside])
        tally.at_least[rows.members[part]] += np.count_nonzero(found >= rows.low[part, None], axis=1)
        tally.at_most[rows.members[part]] += np.count_nonzero(found <= rows.high[part, None], axis=1)


def _replaced(z: Numbers, drawn: Positions, rows: Rows) -> tuple[Positions, Positions, Numbers]:
    """Draws that hold a row's own neighbourhood: which row, which draw, and what the last in its place changes."""
    at = np.full(len(z), -1, dtype=np.intp)
    at[rows.members] = np.arange(len(rows.members))
    place, column = np.nonzero(at[drawn[: rows.size]] >= 0)
    own = at[drawn[place, column]]
    weight = rows.weights[own, 0 if rows.weights.shape[1] == 1 else place]
    change = z[-1] - z[rows.members[own]] if rows.about is None else (rows.about[own] - z[-1]) ** 2
    order = np.argsort(own, kind="stable")
    return own[order], column[order], (weight * change)[order]
