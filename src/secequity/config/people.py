"""The sections of a study file about rates and about groups of people, as frozen models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from secequity.config.sections import Name, Strict


class RatesSection(Strict):
    """What amounts are set against besides residents, which of them are events, and when a rate is not relied on."""

    denominators: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    least_people: float = Field(1000, ge=0)


class SegregationSection(Strict):
    """Groups of people by name, and the column of each."""

    groups: dict[Name, str] = Field(default_factory=dict)
    unit: Literal["percent", "people"] = "percent"
