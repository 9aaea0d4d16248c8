"""The sections of a study file about equations, other lines and larger units, as frozen models."""

from __future__ import annotations

from pydantic import Field

from secequity.config.sections import Name, Strict, Weights, ZonesSection
from secequity.words import RegressionErrors, RegressionModel, Smoothing


class RegressionSection(Strict):
    """Which measures are explained by what, and by which models."""

    of: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    models: tuple[RegressionModel, ...] = Field(("ols", "lag", "error"), min_length=1)
    errors: RegressionErrors = "white"


class CascoSection(ZonesSection):
    """Another line between centre and periphery."""

    name: str = Field(min_length=1)


class SpecificationsSection(Strict):
    """What the gap is measured over again."""

    zones: tuple[CascoSection, ...] = ()
    denominators: tuple[str, ...] = ()
    smoothing: tuple[Smoothing, ...] = Field(("raw", "empirical_bayes"), min_length=1)
    weights: tuple[Weights, ...] = ()
    alpha: float = Field(0.05, gt=0, lt=1)
    draws: int = Field(999, ge=99)


class LevelSection(Strict):
    """A larger unit that the neighbourhoods belong to."""

    name: Name
    column: str
