"""What a study file asks of other lines, equations and larger units, held against its data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from secequity import zones
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.sources import cells
from secequity.sources.files import Source
from secequity.sources.neighbourhoods import Neighbourhoods

CENTRE, DENSITY, POPULATION = "centre", "density", "population"
"""Words for what every study has: being in the casco urbano, people on a square kilometre, residents."""


def cascos_of(
    config: Config, city: Neighbourhoods | None, *, folder: Path, found: Findings, sources: list[Source]
) -> dict[str, pd.Series]:
    """The other lines of a study by name; one that cannot be drawn is a problem that says so."""
    lines: dict[str, pd.Series] = {}
    for one in config.specifications.zones:
        own = Findings()
        line = zones.read_zones(one, city, folder=folder, found=own, sources=sources)
        for reason in own.errors:
            found.error("specifications_casco", reason.which, name=one.name, reason=reason)
        if line is not None:
            lines[one.name] = line
    return lines


def no_covariates(config: Config) -> set[tuple[str | None, str]]:
    """Columns that layers count, with the file of each, and those that name larger units: nothing to measure."""
    counted = {(one.path, column) for one in config.layers for column in one.counted}
    return counted | {(None, one.column) for one in config.levels}


def check_asked(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    """Names in `[regression]`, `[specifications]` and `[[levels]]` that the study does not know."""
    covariates = [str(one) for one in city.covariates.columns]
    covariates += [one.name for one in config.layers if one.kind == "surface"]
    measures = [f"{one.name}_{end}" for one in config.layers for end in ("per_1000", "hours_per_1000")]
    measures += ["official_hours_per_1000", "own_hours_per_1000"]
    for code, asked, known in (
        ("regression_column", config.regression.of, [*measures, *covariates]),
        ("regression_column", config.regression.on, [*covariates, *measures, CENTRE, DENSITY]),
        ("specifications_column", config.specifications.denominators, [*covariates, POPULATION]),
    ):
        for column in asked:
            if column not in known:
                close = nearest(column, known)
                found.error(code, column=column, near=close and f" → {close}?")
    _check_levels(config, city, found=found)


def _check_levels(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    names = [one.name for one in config.levels]
    twice = sorted({one for one in names if names.count(one) > 1 or one == "neighbourhood"})
    if twice:
        found.error("levels_name", twice)
    for one in config.levels:
        known = [str(column) for column in city.attributes.columns]
        if one.column not in known:
            close = nearest(one.column, known)
            found.error("levels_column", name=one.name, column=one.column, near=close and f" → {close}?")
            continue
        units = cells.as_text(city.attributes[one.column])
        if units.nunique() in (0, 1, len(units)):
            found.error("levels_one", name=one.name, column=one.column)
        elif units.isna().any():
            found.notice("levels_without", units.index[units.isna()], name=one.name, column=one.column)
