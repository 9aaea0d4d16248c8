"""Who is linked with whom, by position, and what all statistics need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

_EQUAL_WEIGHTS = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Links:
    """Weights without self-weights and stored zeros, their columns sorted in every row; never changed."""

    weights: sparse.csr_array

    @cached_property
    def count(self) -> Positions:
        """How many neighbours each has."""
        count: Positions = np.diff(self.weights.indptr).astype(np.intp)
        return count

    @cached_property
    def linked(self) -> Flags:
        """Who has one."""
        return self.count > 0

    @cached_property
    def equal(self) -> Flags:
        """Whose neighbours all weigh the same."""
        result = np.zeros(len(self.count), dtype=bool)
        starts = self.weights.indptr[:-1][self.linked]
        low, high = np.minimum.reduceat(self.weights.data, starts), np.maximum.reduceat(self.weights.data, starts)
        result[self.linked] = high - low <= _EQUAL_WEIGHTS * np.maximum(np.abs(high), np.abs(low))
        return result

    @cached_property
    def groups(self) -> tuple[tuple[int, Positions], ...]:
        """Those whose neighbours all weigh the same, by how many they have."""
        rows = np.flatnonzero(self.equal)
        count = self.count[rows]
        return tuple((one, rows[count == one]) for one in np.unique(count).tolist())

    @cached_property
    def plain(self) -> sparse.csr_array:
        """Every link with a weight of 1."""
        ones = np.ones(self.weights.nnz)
        return sparse.csr_array((ones, self.weights.indices, self.weights.indptr), shape=self.weights.shape)

    @cached_property
    def half(self) -> sparse.csr_array:
        """The links of each pair once, with the weights of both directions together: half the work of a double sum."""
        return _half(self.weights)

    @cached_property
    def near(self) -> sparse.csr_array:
        """`weights` renumbered so that neighbours have near numbers: quicker, and the same for shuffled values."""
        order = reverse_cuthill_mckee((self.weights + self.weights.T).tocsr(), symmetric_mode=True)
        return self.weights[order][:, order].tocsr()

    @cached_property
    def near_half(self) -> sparse.csr_array:
        """`half` of what is `near`."""
        return _half(self.near)


def _half(weights: sparse.csr_array) -> sparse.csr_array:
    return sparse.triu(weights + weights.T, format="csr")
