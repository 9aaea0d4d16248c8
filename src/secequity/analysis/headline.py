"""The measures of which a study says more than a gap: each layer once, and the hours of all."""

from __future__ import annotations

import pandas as pd

from secequity.analysis.given import Given
from secequity.analysis.measures import Measure

TOTALS = ("official_hours_per_1000", "own_hours_per_1000")


def headline(given: Given) -> list[Measure]:
    """Coverage of each layer in its own unit, or in hours where it has no other, and the hours of all bodies."""
    told = {one.layer for one in given.measures if one.kind == "coverage"}
    return [
        one
        for one in given.measures
        if one.kind == "coverage"
        or (one.kind == "hours" and (one.name in TOTALS if not one.layer else one.layer not in told))
    ]


def amount_of(measure: Measure, people: pd.Series) -> pd.Series:
    """What a measure per 1,000 residents adds up to in each neighbourhood."""
    amount: pd.Series = (measure.values * people / 1000).rename(measure.name)
    return amount
