"""What a change in one place does in a spatial lag model: there, at the neighbours, and everywhere together."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from secequity.regression.engines import MOST_DENSE, Fitted

PROBES = 32
"""Random vectors that estimate the mean of the diagonal of a large inverse (Hutchinson), to a few thousandths."""

EFFECTS = ("direct", "indirect", "total")


def effects_of(fitted: Fitted, weights: sparse.csr_array) -> list[tuple[str, str, float, float]]:
    """Term, effect, estimate and standard error (delta method) of each term of a lag model, but its constant and rho.

    With S = (I − ρW)⁻¹: direct = β · tr(S)/n, total = β/(1 − ρ) since every row of W sums to 1, indirect the rest.
    """
    rho = float(fitted.estimates[-1])
    here, slope = _mean_diagonal(weights, rho)
    every, rise = 1 / (1 - rho), 1 / (1 - rho) ** 2
    multipliers = {"direct": (here, slope), "indirect": (every - here, rise - slope), "total": (every, rise)}
    rows = []
    for at, term in enumerate(fitted.terms[1:-1], start=1):
        beta = float(fitted.estimates[at])
        covariance = fitted.covariance[np.ix_([at, -1], [at, -1])]
        for effect in EFFECTS:
            times, change = multipliers[effect]
            gradient = np.array([times, beta * change])
            rows.append((term, effect, beta * times, float(np.sqrt(gradient @ covariance @ gradient))))
    return rows


def _mean_diagonal(weights: sparse.csr_array, rho: float) -> tuple[float, float]:
    """Mean of the diagonal of (I − ρW)⁻¹, and how fast it changes with ρ."""
    if weights.shape[0] <= MOST_DENSE:
        inverse = np.linalg.inv(np.eye(weights.shape[0]) - rho * weights.toarray())
        return float(np.diag(inverse).mean()), float(np.diag(inverse @ (weights @ inverse)).mean())
    probes = np.random.default_rng(0).choice([-1.0, 1.0], (weights.shape[0], PROBES))
    solve = splu(sparse.csc_matrix(sparse.eye_array(weights.shape[0]) - rho * weights)).solve
    spread = solve(probes)
    further = solve(weights @ spread)
    return float((probes * spread).sum() / probes.size), float((probes * further).sum() / probes.size)
