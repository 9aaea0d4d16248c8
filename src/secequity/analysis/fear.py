"""What a study says of fear beside service, and of crime that nobody reports."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity import ledger, reporting, surveys
from secequity.analysis.attempts import untold
from secequity.analysis.columns import column_of
from secequity.analysis.given import Given
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.coverage.layers import LEVEL, Layer
from secequity.participation import NAME
from secequity.results import FEAR, REPORTING
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.surveys import Survey

HOURS = ("official_hours_per_1000", "own_hours_per_1000")
TOLD = ("share", "low", "high", "marks", "n", "n_effective", "status")


def layers_of(read: Iterable[Survey], city: Neighbourhoods) -> tuple[Layer, ...]:
    """Surveys as layers that are no body: a level by neighbourhood, per cent who feel unsafe or marks of a walk."""
    nowhere = gpd.GeoDataFrame({"name": [], "amount": [], "neighbourhood": []}, geometry=[], crs=city.frame.crs)
    return tuple(
        Layer(
            name=one.name,
            body="community",
            kind="surface",
            unit=LEVEL,
            amount=one.value.rename(f"{one.name}_amount"),
            status=one.table["status"],
            points=nowhere,
            hours_per_week=None,
        )
        for one in read
    )


def check_surveys(config: Config, city: Neighbourhoods, layers: Iterable[Layer], *, found: Findings) -> None:
    """Surveys that would make a column which the study has already, and measures beside them that it has not."""
    covariates = [str(one) for one in city.covariates.columns]
    columns = ("amount", "status", "per_1000", "per_1000_eb", "hours_per_1000")
    made = {f"{one.name}_{end}" for one in layers for end in (*columns, *one.more)}
    taken = {one.casefold() for one in (*covariates, *made, *HOURS, "participation_status")}
    measures = [*covariates, *HOURS, *(one.name for one in config.surveys), *(one.name for one in config.layers)]
    measures += [f"official_{one}_hours_per_1000" for one in config.shifts]
    measures += [f"{one}_{end}" for one in (NAME, *(one.name for one in config.layers)) for end in columns[2:]]
    for one in config.surveys:
        own = {one.name, f"{one.name}_amount", f"{one.name}_status"}
        clash = sorted(name for name in own if name.casefold() in taken)
        if clash:
            found.error("survey_name", clash, survey=one.name)
        if one.coverage not in measures:
            close = nearest(one.coverage, measures)
            found.error("survey_coverage", survey=one.name, coverage=one.coverage, near=close and f" → {close}?")


def fear_table(given: Given) -> pd.DataFrame | None:
    """Table `fear`: a row a survey and neighbourhood, with its word beside the coverage; and a row a zone."""
    sections = {one.name: one for one in given.config.surveys}
    parts = []
    for one in given.surveys:
        section = sections[one.name]
        values = {measure.name: measure.values for measure in given.measures}
        if section.coverage not in values:
            given.found.notice("coverage_unknown", sorted(values)[:5], survey=one.name, coverage=section.coverage)
        service = values.get(section.coverage, pd.Series(np.nan, index=given.people.index))
        cut = _mean(service, given.people) if section.coverage_cut is None else section.coverage_cut
        fear_cut = _mean(one.value, given.people) if section.fear_cut is None else section.fear_cut
        table = one.table.assign(value=one.value, low=100 * one.table["low"], high=100 * one.table["high"])
        said = surveys.beside(table, service, fear_cut=fear_cut, coverage_cut=cut)
        rows = one.table[list(TOLD)].assign(
            level="neighbourhood", zone=given.zones, word=said["word"], sure=said["sure"]
        )
        rows = rows.assign(coverage=section.coverage, coverage_value=service, coverage_cut=cut, fear_cut=fear_cut)
        zones = one.zones.rename_axis("zone").reset_index().assign(level="zone")
        for part in (rows.rename_axis("id").reset_index(), zones):
            parts.append(part.assign(survey=one.name, kind=one.kind).reindex(columns=list(FEAR)).astype(object))
    return pd.concat(parts, ignore_index=True).infer_objects() if parts else None


def _mean(values: pd.Series, people: pd.Series) -> float:
    """The mean of the people of whom it is known."""
    known = values.notna() & (people > 0)
    return float(np.average(values[known], weights=people[known])) if known.any() else float("nan")


def reporting_table(given: Given) -> pd.DataFrame | None:
    """Table `reporting`: the zones compared under every pair of reporting rates."""
    section = given.config.reporting
    crimes = None if section is None else column_of(given, section.crime)
    if section is None or crimes is None:
        return None
    official = ledger.hours_of(given.ledger, ledger.OFFICIAL_SUPPLIERS, given.people.index)
    supply = official if official.notna().any() else None
    with untold(given.found, section.crime, "reporting"):
        found = reporting.sensitivity(crimes, given.people, given.zones, rates=section.rates, supply=supply)
        return found.table[list(REPORTING)]
    return None
