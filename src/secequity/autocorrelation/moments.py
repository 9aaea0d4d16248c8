"""What chance gives on average, and how far it strays: exact moments under random permutation of the values."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from secequity.autocorrelation.links import Numbers


def of_products(x: Numbers, weights: sparse.csr_array) -> tuple[float, float]:
    """Mean and variance of Σᵢ≠ⱼ wᵢⱼ xᵢ xⱼ when the values `x` are permuted; at least four of them.

    Source: Getis and Ord (1992), Geographical Analysis 24(3), eq. 9; with centred values the randomisation moments of
    Moran's I in Cliff and Ord (1981), p. 46.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> pair = csr_array(([1.0], ([0], [1])), shape=(4, 4))
    >>> of_products(np.array([0.0, 0.0, 1.0, 1.0]), pair)            # 1 with probability 1/6
    (0.16666666666666666, 0.1388888888888889)
    """
    n = float(len(x))
    s0, s1, s2 = sums_of(weights)
    x1, x2, x3, x4 = ((x**power).sum() for power in (1, 2, 3, 4))
    mean = s0 * (x1**2 - x2) / (n * (n - 1))
    square = (
        ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * x2**2
        - ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) * x4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * x1**2 * x2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * x1 * x3
        + (s1 - s2 + s0**2) * x1**4
    )
    return float(mean), float(square / (n * (n - 1) * (n - 2) * (n - 3)) - mean**2)


def of_geary(z: Numbers, weights: sparse.csr_array) -> tuple[float, float]:
    """Mean and variance of Geary's C when the values `z` are permuted.

    Source: Cliff and Ord (1981), p. 46.
    """
    n = float(len(z))
    s0, s1, s2 = sums_of(weights)
    kurtosis = n * (z**4).sum() / (z @ z) ** 2
    variance = (
        (n - 1) * s1 * (n**2 - 3 * n + 3 - (n - 1) * kurtosis)
        - (n - 1) * s2 * (n**2 + 3 * n - 6 - (n**2 - n + 2) * kurtosis) / 4
        + s0**2 * (n**2 - 3 - (n - 1) ** 2 * kurtosis)
    )
    return 1.0, float(variance / (n * (n - 2) * (n - 3) * s0**2))


def of_pairs(x: Numbers, y: Numbers, links: sparse.csr_array) -> tuple[float, float]:
    """Mean and variance of Σᵢⱼ cᵢⱼ xᵢ yⱼ when the pairs (xᵢ, yᵢ) are permuted together; at least four of them.

    x, y : deviations from their means. links : symmetric cᵢⱼ, the diagonal included.

    Source: the sum is Mantel's (1967) of cᵢⱼ and (xᵢ yⱼ + xⱼ yᵢ)/2, with a diagonal; Lee (2004), Environment and
    Planning A 36, 1687–1703.
    """
    n = float(len(x))
    two, three, four = n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)
    own, q = links.diagonal(), x * y
    ends = np.asarray(links.sum(axis=1)).ravel() - own
    total, squares = ends.sum(), (links.data**2).sum() - own @ own
    pairs = ((x @ x) * (y @ y) + q.sum() ** 2) / 2 - q @ q
    apart = (
        2 * squares * pairs / two
        + 4 * (ends @ ends - squares) * (q @ q - pairs) / three
        + (total**2 + 2 * squares - 4 * ends @ ends) * (q.sum() ** 2 + 2 * pairs - 4 * q @ q) / four
        - (total * q.sum() / two) ** 2
    )
    alone = ((own - own.mean()) ** 2).sum() * ((q - q.mean()) ** 2).sum() / (n - 1)
    both = (
        -2 * (own @ ends) * (q @ q) / two
        + (own.sum() * total - 2 * own @ ends) * (2 * q @ q - q.sum() ** 2) / three
        + own.sum() * q.sum() / n * total * q.sum() / two
    )
    mean = own.sum() * q.sum() / n - total * q.sum() / two
    return float(mean), float(apart + alone + 2 * both)


def sums_of(weights: sparse.csr_array) -> tuple[float, float, float]:
    """S₀ = Σ wᵢⱼ, S₁ = ½ Σ (wᵢⱼ + wⱼᵢ)², S₂ = Σᵢ (row sum + column sum)²."""
    both = weights + weights.T
    ends = np.asarray(both.sum(axis=0)).ravel()
    return float(weights.sum()), float((both.data**2).sum() / 2), float((ends**2).sum())
