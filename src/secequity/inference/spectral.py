"""Moran spectral randomisation: variables with the mean, the variance and the spatial pattern of the one observed.

The eigenvectors of the doubly centred links are patterns from the smoothest to the roughest, each with its Moran's I.
A variable is a sum of them; another with the same pattern is made by drawing other coefficients.

*Singleton*: each coefficient keeps its size and gets a random sign, which keeps Moran's I exactly. *Pair*: two
coefficients turn together by a random angle; Moran's I is kept on the average only. *Triplet*: three coefficients move
along the curve on which variance and Moran's I stay as they are. Patterns with the same Moran's I have no directions of
their own: together they turn at random, which keeps it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from secequity.inference.drawing import FloatArray

Procedure = Literal["singleton", "pair", "triplet"]

SAME = 1e-9
_FIXED = 20150716


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum:
    """The patterns of a graph: orthonormal columns of `vectors` with sum 0, and the Moran's I of each, up to a factor.

    values : ascending. alike : the number of the group of equal values that each belongs to.
    """

    vectors: FloatArray
    values: FloatArray
    alike: npt.NDArray[np.intp]

    def coefficients(self, column: FloatArray) -> FloatArray:
        """How much of each pattern is in a column."""
        found: FloatArray = self.vectors.T @ (column - column.mean())
        return found

    def drawn(
        self, coefficients: FloatArray, *, procedure: Procedure, count: int, generator: np.random.Generator
    ) -> FloatArray:
        """Coefficients of random variables with the same variance and Moran's I, (count, patterns)."""
        if procedure == "singleton":
            return self._singleton(coefficients, count, generator)
        found: FloatArray = coefficients * generator.choice([-1.0, 1.0], (count, len(coefficients)))
        size = 2 if procedure == "pair" else 3
        order = generator.permuted(np.tile(np.arange(len(coefficients)), (count, 1)), axis=1)
        together = order[:, : len(coefficients) // size * size].reshape(count, -1, size)
        row = np.arange(count)[:, np.newaxis, np.newaxis]
        if procedure == "pair":
            found[row, together] = _turned(coefficients[together], generator)
        else:
            found[row, together] = _moved(coefficients[together], self.values[together], generator)
        return found

    def sums(
        self, coefficients: FloatArray, contrast: FloatArray, *, count: int, generator: np.random.Generator
    ) -> FloatArray:
        """`drawn(…, procedure="singleton") @ contrast`, without the coefficients in between."""
        signs, turned = self._parts(coefficients, count, generator)
        product = (coefficients * contrast)[self._alone]
        found: FloatArray = 2 * (signs @ product) - product.sum() + turned @ contrast[~self._alone]
        return found

    def _singleton(self, coefficients: FloatArray, count: int, generator: np.random.Generator) -> FloatArray:
        """Random signs; patterns with the same value turn together."""
        found = np.empty((count, len(coefficients)))
        signs, found[:, ~self._alone] = self._parts(coefficients, count, generator)
        found[:, self._alone] = (2 * signs - 1) * coefficients[self._alone]
        return found

    def _parts(
        self, coefficients: FloatArray, count: int, generator: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """0 or 1 for each pattern with a value of its own, and the coefficients of the others."""
        many = int(self._alone.sum())
        bits = np.frombuffer(generator.bytes((count * many + 7) // 8), dtype=np.uint8)
        signs = np.unpackbits(bits)[: count * many].reshape(count, many).astype(np.float64)
        rest = coefficients[~self._alone]
        drawn: FloatArray = generator.standard_normal((count, len(rest)))
        if len(rest):
            first = np.flatnonzero(np.diff(self.alike[~self._alone], prepend=-1))
            sizes = np.diff(np.append(first, len(rest)))
            length = np.sqrt(np.add.reduceat(rest**2, first))
            reach = np.sqrt(np.add.reduceat(drawn**2, first, axis=1))
            drawn *= np.repeat(length / reach, sizes, axis=1)
        return signs, drawn

    @property
    def _alone(self) -> npt.NDArray[np.bool_]:
        """Which patterns share their value with no other."""
        alone: npt.NDArray[np.bool_] = (np.bincount(self.alike) == 1)[self.alike]
        return alone


_FOUND: dict[bytes, Spectrum] = {}
_KEPT = 2


def spectrum(links: sparse.csr_array) -> Spectrum:
    """The patterns of the links, the constant one left out; the same on every machine, up to rounding.

    The last two are kept: the measures of a study ask for the same ones again and again.
    """
    key = blake2b(b"".join(part.tobytes() for part in (links.indptr, links.indices, links.data))).digest()
    if key not in _FOUND:
        found = _patterns(links)
        while len(_FOUND) >= _KEPT:
            _FOUND.pop(next(iter(_FOUND)))
        _FOUND[key] = found
    return _FOUND[key]


def _patterns(links: sparse.csr_array) -> Spectrum:
    count = links.shape[0]
    both = (links + links.T).toarray() / 2
    both -= both.mean(axis=0)
    both -= both.mean(axis=1)[:, np.newaxis]
    shift = 2 * np.abs(both).sum(axis=1).max() + 1
    values, vectors = linalg.eigh(both + shift / count, driver="evd", overwrite_a=True, check_finite=False)
    values, vectors = values[:-1], vectors[:, :-1]
    alike = np.cumsum(np.diff(values, prepend=values[0]) > SAME * max(1.0, float(np.abs(values).max())))
    vectors[:, :] = _settled(vectors, alike)
    return Spectrum(vectors=vectors, values=values, alike=alike.astype(np.intp))


def _settled(vectors: FloatArray, alike: npt.NDArray[np.intp]) -> FloatArray:
    """Directions that do not depend on the library: within equal values, those of a fixed draw projected on them."""
    sizes = np.bincount(alike)
    fixed = np.random.default_rng(_FIXED).standard_normal((len(vectors), int(sizes.max())))
    settled = vectors.copy()
    for group in np.flatnonzero(sizes > 1):
        own = np.flatnonzero(alike == group)
        turn, triangle = linalg.qr(vectors[:, own].T @ fixed[:, : len(own)])
        settled[:, own] = vectors[:, own] @ (turn * np.sign(np.diag(triangle)))
    return settled


def _turned(pairs: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Pairs of coefficients on the circle of their common length."""
    angle = generator.uniform(0, 2 * np.pi, pairs.shape[:-1])
    length = np.sqrt((pairs**2).sum(axis=-1))
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)


def _moved(triplets: FloatArray, values: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Triplets of coefficients whose squares move along the line that keeps their sum and their sum of values."""
    squares = triplets**2
    way = np.stack([values[..., (k + 1) % 3] - values[..., (k + 2) % 3] for k in range(3)], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = -squares / way
    low = np.where(way > 0, limit, -np.inf).max(axis=-1)
    high = np.where(way < 0, limit, np.inf).min(axis=-1)
    fixed = ~(np.isfinite(low) & np.isfinite(high))
    low, high = np.where(fixed, 0.0, low), np.where(fixed, 0.0, high)
    step = low + generator.random(low.shape) * (high - low)
    sign = generator.choice([-1.0, 1.0], triplets.shape)
    moved: FloatArray = sign * np.sqrt(np.maximum(squares + step[..., np.newaxis] * way, 0.0))
    return moved
