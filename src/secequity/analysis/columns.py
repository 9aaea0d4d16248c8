"""Columns that a study names for one purpose: who counts people, and how any of them is read as numbers."""

from __future__ import annotations

import pandas as pd

from secequity.analysis.given import Given
from secequity.config import Config
from secequity.sources import joined


def counts_in(config: Config) -> tuple[str, ...]:
    """Columns of the neighbourhoods that count people or crimes: denominators, and no measures of their own."""
    section = config.participation
    named = [*config.rates.denominators, *config.specifications.denominators]
    if section is not None:
        named += [one for one in (section.adults, section.earners) if one is not None]
    if config.reporting is not None:
        named.append(config.reporting.crime)
    return tuple(dict.fromkeys(named))


def column_of(given: Given, name: str | None) -> pd.Series | None:
    """A column of the neighbourhoods or their tables as numbers, by the name the study gives it."""
    if name is None:
        return None
    city = given.city
    written = joined.renamed(city.section.columns, []).get(name, name)
    column = city.attributes.get(name, city.attributes.get(written))
    return None if column is None else joined.numbers(column.rename(name), city.section_of(name), found=given.found)
