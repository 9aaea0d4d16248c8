"""A claim put to the test: its parts with their numbers, a verdict, and the sentence a reader is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from secequity.hypotheses import reading
from secequity.hypotheses.power import Power
from secequity.hypotheses.verdict import combine, judge
from secequity.results import CLAIMS, HYPOTHESES, Shown
from secequity.words import Hypothesis, Verdict

Rng = int | np.random.Generator | None
NAN = float("nan")
LARGEST = 1000
"""Neighbourhoods up to which the patterns of the map are found for every test of a claim."""

FEWEST = 5
"""With fewer neighbourhoods in a zone no test of ours can find nothing and mean it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One comparison behind a claim; the claim predicts `value` above its null (1 for a ratio, 0 else).

    part : the comparison's name. quantity : what `value` is: `ratio`, `difference`, `slope`, `log_odds`, `moran`,
    `lee` or `standardised_slope`. about : the column it is about, where there is one. counts : whether the verdict on
    the claim depends on it. centre, periphery : the two sides, in the unit of the comparison. test : how `p_value` was
    found. n : what was compared: neighbourhoods, or neighbourhoods times periods. reason : why it cannot be told.
    """

    part: str
    quantity: str
    about: str = ""
    counts: bool = True
    centre: float = NAN
    periphery: float = NAN
    value: float = NAN
    low: float = NAN
    high: float = NAN
    level: float = NAN
    p_value: float = NAN
    test: str = ""
    n: int = 0
    n_centre: int = 0
    n_periphery: int = 0
    verdict: Verdict = "cannot tell"
    reason: str = ""
    power: Power | None = None

    @property
    def side(self) -> float:
        """How far the figure lies on the predicted side of its null."""
        known = self.value - self.null
        return known if known == known else self.centre - self.periphery

    @property
    def null(self) -> float:
        """The figure where the claim is false."""
        return 1.0 if self.quantity == "ratio" else 0.0


def settled(part: Part, *, smallest: float, power: Callable[[], Power] | None = None) -> Part:
    """A part with its verdict; the power, where it is asked for, is simulated only if the test found nothing."""
    known: dict[str, float] = {"p_value": part.p_value, "value": part.value, "high": part.high, "smallest": smallest}
    alpha, across = 1 - part.level, part.low <= part.null <= part.high
    verdict = judge(side=part.side, power=NAN, alpha=alpha, across=across, **known)
    if part.p_value != part.p_value:
        return replace(part, reason=part.reason or "no_test")
    if verdict in ("supported", "opposite"):
        return replace(part, verdict=verdict)
    told = power() if power is not None else None
    few = 0 < part.n < 2 * FEWEST or 0 < min(part.n_centre, part.n_periphery) < FEWEST
    if few:
        return replace(part, power=told, reason="few")
    verdict = judge(side=part.side, power=NAN if told is None else told.power, alpha=alpha, across=across, **known)
    return replace(part, verdict=verdict, power=told, reason="uncertain" if verdict == "cannot tell" else "")


@dataclass(frozen=True, kw_only=True, eq=False)
class Claim(Shown):
    """A claim, what the data say of it, and how sure one can be.

    hypothesis : `coverage_gap`, `labour_transfer`, `earned_right` or `exclusion_map`.
    estimate, low, high : the figure of the leading part and its interval; p_value : the largest of the parts'.
    verdict : `supported`, `not supported`, `opposite` or `cannot tell`; reason : why it cannot be told, a word.
    parts : the comparisons behind it; `details` is their table.
    power : what the test could have found, by simulation, where it found nothing.
    method, options, seed : how it was done.
    """

    hypothesis: Hypothesis
    estimate: float
    low: float
    high: float
    p_value: float
    verdict: Verdict
    reason: str = ""
    parts: tuple[Part, ...] = ()
    power: Power | None = None
    method: str = ""
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    seed: int | None = None

    @property
    def details(self) -> pd.DataFrame:
        """The numbers behind the claim, a row a part."""
        return pd.DataFrame([_row(self.hypothesis, one) for one in self.parts], columns=list(CLAIMS))

    def reading(self, language: str = "en", *, labels: Mapping[str, str] | None = None) -> str:
        """What was compared, with which numbers, and how sure one can be, for a reader who is no statistician.

        language : es or en. labels : names for readers of the columns the claim is about; their own where left out.
        """
        return reading.sentence(self.hypothesis, self.verdict, self.reason, self.details, language, labels=labels or {})

    def to_frame(self) -> pd.DataFrame:
        """One row of the study's table of hypotheses, read in English."""
        return pd.DataFrame([self.row("en")], columns=list(HYPOTHESES))

    def row(self, language: str, *, labels: Mapping[str, str] | None = None) -> dict[str, object]:
        """One row of the study's table of hypotheses."""
        told = {name: getattr(self, name) for name in HYPOTHESES if name != "reading"}
        return told | {"reading": self.reading(language, labels=labels)}

    def summary(self, language: str = "en") -> str:
        """The reading."""
        return self.reading(language)


def claim_of(
    hypothesis: Hypothesis, parts: Iterable[Part], *, method: str, options: Mapping[str, Any], rng: Rng
) -> Claim:
    """A claim from its parts: the first is the leading one, and those that count must all hold."""
    told = tuple(parts)
    counted = [one for one in told if one.counts]
    verdict = combine(one.verdict for one in counted)
    unsure = [one for one in counted if one.verdict == "cannot tell"]
    tested = [one.p_value for one in counted]
    powers = [one.power for one in counted if one.power is not None]
    return Claim(
        hypothesis=hypothesis,
        estimate=told[0].value,
        low=told[0].low,
        high=told[0].high,
        p_value=max(tested) if all(p == p for p in tested) else NAN,
        verdict=verdict,
        reason=_weightiest(one.reason for one in unsure) if verdict == "cannot tell" else "",
        parts=told,
        power=min(powers, key=lambda one: one.power) if powers else None,
        method=method,
        options=MappingProxyType(dict(options)),
        seed=rng if isinstance(rng, int) else None,
    )


def cannot_tell(hypothesis: Hypothesis, reason: str) -> Claim:
    """A claim the data say nothing about, and why: a word whose sentence the catalogue has."""
    return Claim(
        hypothesis=hypothesis, estimate=NAN, low=NAN, high=NAN, p_value=NAN, verdict="cannot tell", reason=reason
    )


def _weightiest(reasons: Iterable[str]) -> str:
    """What is lacking goes before what is merely uncertain."""
    return min(reasons, key=lambda one: one in ("uncertain", "few"))


def _row(hypothesis: Hypothesis, part: Part) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(part, name, NAN) for name in CLAIMS}
    power = part.power
    names = ("smallest", "power", "detectable", "needed", "simulations")
    return told | {"hypothesis": hypothesis} | {name: NAN if power is None else getattr(power, name) for name in names}
