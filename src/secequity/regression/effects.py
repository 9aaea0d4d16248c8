"""What a change in one place does in a spatial lag model: there, at the neighbours, and everywhere together."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import sparse

from secequity.parallel import side_by_side
from secequity.regression.engines import MOST_DENSE, Fitted

Numbers = npt.NDArray[np.float64]

PROBES = 32
"""Random vectors that estimate the traces of the powers of large weights (Hutchinson), to a few thousandths."""

PARTS = 2
"""They are worked on in so many parts on every machine, so that no digit depends on its cores."""

_SMALL = 1e-6
_NEAR_ONE = 0.99

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
    """Mean of the diagonal of (I − ρW)⁻¹ = Σ ρᵏWᵏ, and how fast it changes with ρ."""
    if weights.shape[0] <= MOST_DENSE:
        inverse = np.linalg.inv(np.eye(weights.shape[0]) - rho * weights.toarray())
        return float(np.diag(inverse).mean()), float(np.diag(inverse @ (weights @ inverse)).mean())
    powers = max(2, int(np.ceil(np.log(_SMALL) / np.log(min(abs(rho) + 1e-9, _NEAR_ONE)))))
    probes = np.random.default_rng(0).choice([-1.0, 1.0], (weights.shape[0], PROBES))
    with side_by_side() as each:
        parts = each(partial(_traces, weights, powers), np.array_split(probes, PARTS, axis=1))
        means: Numbers = np.sum(list(parts), axis=0) / probes.size
    power = np.arange(powers + 1)
    means[:3] = 1.0, 0.0, weights.multiply(weights.T).sum() / weights.shape[0]
    return float(rho**power @ means), float((power * rho ** np.maximum(power - 1, 0)) @ means)


def _traces(weights: sparse.csr_array, powers: int, probes: Numbers) -> Numbers:
    """Σ pᵀWᵏp over the probes p for every power k from 0."""
    moved, traces = probes, [float(probes.size)]
    for _ in range(powers):
        moved = weights @ moved
        traces.append(float((probes * moved).sum()))
    return np.array(traces)
