"""What a test could have found: its power, the smallest effect it would notice, the size it would need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.hypotheses.verdict import ADEQUATE
from secequity.results import Shown
from secequity.texts import text

FloatArray = npt.NDArray[np.float64]
Draw = Callable[[float, float, int, np.random.Generator], FloatArray]
"""Simulated figures: of an effect, a size as a multiple of what there is, a number of simulations, a generator."""

MULTIPLES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)
SIZES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)
SIMULATIONS = 400
CELLS = 4_000_000
"""So many drawn neighbourhoods a figure at most: larger cities are simulated fewer times."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Power(Shown):
    """A statement of power by simulation.

    smallest : the effect asked about, in the unit of the claim's figure.
    power : share of simulated cities, with the neighbourhoods there are, in which the test finds it.
    detectable : the smallest effect found in eight of ten; nan where even eight times `smallest` is not.
    needed : neighbourhoods of the same kind with which `smallest` is found in eight of ten; nan beyond 64 times `n`.
    n : neighbourhoods there are.
    simulations : cities simulated for each number.
    """

    smallest: float
    power: float
    detectable: float
    needed: float
    n: int
    simulations: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """What the data could have shown, in a sentence."""
        cases = 10 * self.power
        known = text("claim.power.share", language, cases=f"{cases:.0f}", smallest=self.smallest, n=self.n)
        if self.needed == self.needed and self.needed > self.n:
            return f"{known} {text('claim.power.needed', language, needed=round(self.needed))}"
        return known


def power_of(
    draw: Draw, *, n: int, null: float, effects: Sequence[float], alpha: float, rng: np.random.Generator
) -> Power:
    """The power of a test that compares a figure with its simulated null.

    Parameters
    ----------
    draw : see `Draw`; its figures grow with the effect.
    n : neighbourhoods there are.
    null : the effect of a city in which the claim is false.
    effects : the effect asked about, then larger ones, one for each of `MULTIPLES`.
    """
    simulations = int(np.clip(CELLS // max(n, 1), 100, SIMULATIONS))

    def found(effect: float, size: float) -> float:
        least = np.quantile(draw(null, size, simulations, rng), 1 - alpha / 2)
        return float(np.mean(draw(effect, size, simulations, rng) > least))

    base = found(effects[0], 1.0)
    if base >= ADEQUATE:
        nothing = float("nan")
        return Power(smallest=effects[0], power=base, detectable=nothing, needed=n, n=n, simulations=simulations)
    return Power(
        smallest=effects[0],
        power=base,
        detectable=_first(lambda effect: found(effect, 1.0), effects, base),
        needed=float(np.ceil(n * _first(lambda size: found(effects[0], size), SIZES, base))),
        n=n,
        simulations=simulations,
    )


def _first(found: Callable[[float], float], steps: Sequence[float], base: float) -> float:
    """Where the power first reaches `ADEQUATE`, between two steps by straight line; nan beyond the last."""
    before, power = steps[0], base
    for step in steps[1:]:
        reached = found(step)
        if reached >= ADEQUATE:
            return before + (step - before) * (ADEQUATE - power) / (reached - power)
        before, power = step, max(power, reached)
    return float("nan")
