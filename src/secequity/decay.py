"""How much less a service counts the farther it has to come: four families, each a factory of a small callable.

A decay takes costs (metres or minutes, ≥ 0) and gives weights from 1 (at no cost) down to 0. Its option is in the unit
of the costs it is used on. Any function that does the same to a numpy array may be used in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secequity.checks import require_arguments
from secequity.errors import LayerError, problem

FloatArray = npt.NDArray[np.float64]
DecayFunction = Callable[[FloatArray], npt.ArrayLike]


def _binary(costs: FloatArray, cutoff: float) -> FloatArray:
    return (costs <= cutoff).astype(np.float64)


def _gaussian(costs: FloatArray, sigma: float) -> FloatArray:
    weights: FloatArray = np.exp(-0.5 * (costs / sigma) ** 2)
    return weights


def _exponential(costs: FloatArray, beta: float) -> FloatArray:
    weights: FloatArray = np.exp(-beta * costs)
    return weights


def _linear(costs: FloatArray, cutoff: float) -> FloatArray:
    return np.maximum(0.0, 1.0 - costs / cutoff)


_FAMILIES = {"binary": _binary, "gaussian": _gaussian, "exponential": _exponential, "linear": _linear}


@dataclass(frozen=True)
class Decay:
    """One member of a family; equal to any other of the same family and option.

    family : `binary`, `gaussian`, `exponential` or `linear`.
    option, value : the name of its one option, and the number given.
    """

    family: str
    option: str
    value: float

    def __post_init__(self) -> None:
        if not (self.value > 0 and np.isfinite(self.value)):
            raise LayerError(problem("catchment_option", option=self.option, value=str(self.value)))

    def __call__(self, costs: npt.ArrayLike) -> FloatArray:
        """Weights in the shape of `costs`; a missing cost has a missing weight."""
        given = np.asarray(costs, dtype=np.float64)
        return np.where(np.isnan(given), np.nan, _FAMILIES[self.family](given, self.value))

    def __repr__(self) -> str:
        return f"{self.family}({self.option}={self.value:g})"


def binary(cutoff: float) -> Decay:
    """All alike up to `cutoff`, the cutoff included, and nothing beyond: f(c) = 1 if c ≤ cutoff, else 0.

    Parameters
    ----------
    cutoff : in the unit of the costs, > 0.

    Returns
    -------
    Decay, a callable from costs to weights 0 or 1.

    Raises
    ------
    LayerError : the option is not a finite number above zero.

    Source: Luo & Wang (2003), Environment and Planning B 30; ipeaGIT/accessibility `decay_binary`.

    >>> binary(30)([20, 30, 35]).tolist()
    [1.0, 1.0, 0.0]
    """
    require_arguments(cutoff=("number", cutoff))
    return Decay("binary", "cutoff", float(cutoff))


def gaussian(*, sigma: float) -> Decay:
    """A bell: f(c) = exp(−c² / 2σ²), 0.61 at σ, 0.14 at 2σ, 0.01 at 3σ. It never reaches zero: cut the costs.

    Parameters
    ----------
    sigma : in the unit of the costs, > 0.

    Returns
    -------
    Decay, a callable from costs to weights in (0, 1].

    Raises
    ------
    LayerError : the option is not a finite number above zero.

    Source: Dai (2010), Health & Place 16 (a Gaussian in the floating catchment).

    >>> gaussian(sigma=1000)([0, 1000]).round(4).tolist()         # 1 and e^(−1/2)
    [1.0, 0.6065]
    """
    require_arguments(sigma=("number", sigma))
    return Decay("gaussian", "sigma", float(sigma))


def exponential(*, beta: float) -> Decay:
    """Every unit of cost takes the same share away: f(c) = exp(−β·c), halved every 0.693/β. It never reaches zero.

    Parameters
    ----------
    beta : share per unit of cost, > 0 (for minutes 0.1 is usual, for metres a thousandth of that).

    Returns
    -------
    Decay, a callable from costs to weights in (0, 1].

    Raises
    ------
    LayerError : the option is not a finite number above zero.

    Source: Wilson (1971), Environment and Planning 3; ipeaGIT/accessibility `decay_exponential`.

    >>> exponential(beta=0.1)([0, 10]).round(4).tolist()          # 1 and e^(−1)
    [1.0, 0.3679]
    """
    require_arguments(beta=("number", beta))
    return Decay("exponential", "beta", float(beta))


def linear(cutoff: float) -> Decay:
    """A straight line down to nothing at `cutoff`: f(c) = max(0, 1 − c / cutoff).

    Parameters
    ----------
    cutoff : in the unit of the costs, > 0.

    Returns
    -------
    Decay, a callable from costs to weights in [0, 1].

    Raises
    ------
    LayerError : the option is not a finite number above zero.

    Source: ipeaGIT/accessibility `decay_linear`.

    >>> linear(30)([0, 15, 60]).tolist()
    [1.0, 0.5, 0.0]
    """
    require_arguments(cutoff=("number", cutoff))
    return Decay("linear", "cutoff", float(cutoff))
