"""The other cities that a gap is held against: other cores on the same values, other values under the same core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.inference import FloatArray, Rng, SpatialTest
from secequity.inference.cores import contiguous_cores
from secequity.inference.drawing import blocks
from secequity.inference.space import LARGEST, links_of, outcome, untold
from secequity.inference.spectral import Spectrum, spectrum

if TYPE_CHECKING:
    from libpysal.graph import Graph


class Places:
    """The cores and the patterns of a city, found once for all its measures.

    ids : neighbourhoods in the order of their ids. people : their residents, > 0. core : which are in the centre.
    seeds : two, for the cores and for the patterns.
    """

    def __init__(
        self,
        graph: Graph,
        ids: pd.Index,
        people: FloatArray,
        core: npt.NDArray[np.bool_],
        *,
        permutations: int,
        seeds: npt.NDArray[np.int64],
    ) -> None:
        self.people, self.core, self.permutations = people, core, permutations
        self.links = links_of(graph, ids)
        self.seed = seeds[1]
        if self.links.nnz:
            rng = np.random.default_rng(seeds[0])
            self.cores = contiguous_cores(self.links, people, core, permutations=permutations, rng=rng)
            self.held = self.cores.totals(people)
            self.patterns = spectrum(self.links) if len(ids) <= LARGEST else None

    @staticmethod
    def untold(reason: str) -> tuple[SpatialTest, SpatialTest]:
        """Neither test could be made."""
        return untold("cores", reason=reason), untold("spectral", reason=reason)

    def tests(self, amount: FloatArray, *, tolerance: float) -> tuple[SpatialTest, SpatialTest]:
        """Both tests of the difference between the centre's total over its people and the periphery's."""
        if not self.links.nnz:
            return self.untold("no_links")
        observed = float(self._difference(amount[self.core].sum(), self.people[self.core].sum(), amount))
        others = self._difference(self.cores.totals(amount), self.held, amount)
        cores = outcome(others, observed, method="cores", exact=self.cores.exact, tolerance=tolerance)
        return cores, self._spectral(amount / self.people, tolerance)

    def _difference(self, inside: npt.ArrayLike, people: npt.ArrayLike, amount: FloatArray) -> FloatArray:
        inside, people = np.asarray(inside), np.asarray(people)
        difference: FloatArray = inside / people - (amount.sum() - inside) / (self.people.sum() - people)
        return difference

    def _spectral(self, values: FloatArray, tolerance: float) -> SpatialTest:
        if self.patterns is None:
            return untold("spectral", reason="too_many")
        inside = self.people[self.core].sum()
        contrast = np.where(self.core, self.people / inside, -self.people / (self.people.sum() - inside))
        rng = np.random.default_rng(self.seed)
        return spectral_test(
            self.patterns,
            values,
            contrast,
            self.people,
            permutations=self.permutations,
            tolerance=tolerance,
            rng=rng,
        )


def spectral_test(
    patterns: Spectrum,
    values: FloatArray,
    contrast: FloatArray,
    people: FloatArray,
    *,
    permutations: int,
    tolerance: float,
    rng: Rng,
) -> SpatialTest:
    """The test of Σ contrast·value against variables with the pattern of the values; the contrast adds up to 0.

    What is randomised are the values in units of the spread that places of so many people have: the extreme rate of a
    hamlet is not dealt to a large district.
    """
    if np.ptp(values) <= tolerance:
        return untold("spectral", reason="no_spread")
    away = values - people @ values / people.sum()
    spread = spread_by_people(away, people)
    weight = contrast * spread
    side, own = patterns.vectors.T @ weight, patterns.coefficients(away / spread)
    common = float((away / spread).mean() * weight.sum())

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        return common + patterns.sums(own, side, count=count, generator=generator)

    found = np.concatenate(list(blocks(draw, replicates=permutations, width=len(values), rng=rng)))
    return outcome(found, float(contrast @ values), method="spectral", tolerance=tolerance)


def spread_by_people(away: FloatArray, people: FloatArray) -> FloatArray:
    """Standard deviation by place, up to a factor: variance (1 − t) + t·mean people/people, the likeliest t in [0, 1].

    t = 0 where places large and small vary alike, 1 where they vary as the counts behind a rate do.

    >>> import numpy as np
    >>> spread_by_people(np.array([1.0, -1.0, 1.0, -1.0]), np.array([1.0, 1.0, 100.0, 100.0])).round(2)
    array([1., 1., 1., 1.])
    """
    shares = np.linspace(0, 1, 51)[:, np.newaxis]
    variance = (1 - shares) + shares * people.mean() / people
    with np.errstate(divide="ignore"):
        unlikely = np.log(variance).sum(axis=1) + len(away) * np.log((away**2 / variance).mean(axis=1))
    spread: FloatArray = np.sqrt(variance[int(np.argmin(unlikely))])
    return spread
