"""Groups of people that a study names: how far they live apart, where, and what is around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import segregation
from secequity.analysis.attempts import report_untold, rng_of, untold
from secequity.analysis.draws import few_draws_of
from secequity.analysis.given import Given
from secequity.analysis.headline import headline
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.results import GROUP_COVERAGE, SEGREGATION
from secequity.segregation import ReallocationTest
from secequity.sources.neighbourhoods import Neighbourhoods

CITIES = 999
INDICES = ("dissimilarity", "isolation", "exposure", "information_theory", "spatial_information_theory")


def check_groups(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    """Columns in `[segregation]` that the study does not have, or that cannot be what the section says."""
    known = [str(one) for one in city.covariates.columns]
    people = city.frame["population"]
    for group, column in config.segregation.groups.items():
        if column not in known:
            close = nearest(column, known)
            found.error("segregation_group_unknown", column=column, near=close and f" → {close}?")
            continue
        values = city.covariates[column]
        percent = config.segregation.unit == "percent"
        wrong = (values < 0) | (values > (100 if percent else people))
        if wrong.any():
            found.error("segregation_percent" if percent else "segregation_people", values.index[wrong], group=group)


def people_of(config: Config, city: Neighbourhoods, group: str) -> pd.Series:
    """The people of a group by neighbourhood id, missing where its column is."""
    values = city.covariates[config.segregation.groups[group]]
    counted = values * city.frame["population"] / 100 if config.segregation.unit == "percent" else values
    return counted.rename(group)


def quotients_of(config: Config, city: Neighbourhoods) -> pd.DataFrame:
    """`<group>_location_quotient` of each group: its share of a neighbourhood over its share of the city."""
    columns: dict[str, pd.Series] = {}
    for group in config.segregation.groups:
        counted, people = people_of(config, city, group), city.frame["population"]
        known = counted.notna() & (people > 0)
        with untold(Findings(), group, "segregation"):
            quotient = segregation.location_quotient(counted[known], people[known])
            columns[f"{group}_location_quotient"] = quotient.reindex(people.index)
    return pd.DataFrame(columns, index=city.frame.index)


def segregation_of(given: Given) -> pd.DataFrame | None:
    """Every index of each group, its interval, what chance gives over the city and within zones, and both p values."""
    if not given.config.segregation.groups:
        return None
    rows: list[dict[str, Any]] = []
    for group in given.config.segregation.groups:
        counted = people_of(given.config, given.city, group)
        known = counted.notna() & (given.people > 0)
        group_of, people = counted[known], given.people[known]
        with untold(given.found, group, "segregation") as attempt:
            if not known.all():
                given.found.notice("segregation_missing", counted.index[counted.isna()], group=group)
            graph = _among(given.graph, people.index)
            told = segregation.intervals(
                group_of, people, graph=graph, level=given.config.equity.level, rng=rng_of(given.config, group, "apart")
            )
            city, within = (_dealt_out(given, group_of, people, graph, zoned=zoned) for zoned in (False, True))
            for index in INDICES:
                one, test = told[index], city[index]
                rows.append(
                    {
                        "group": group,
                        "index": index,
                        "value": one.estimate,
                        "low": one.low,
                        "high": one.high,
                        "level": one.level,
                        "expected": test.expected,
                        "excess": test.excess,
                        "p_value": test.p_value,
                        "p_within_zones": within[index].p_value,
                        "permutations": test.permutations,
                        "n": test.n,
                        "reason": one.reason,
                    }
                )
        if attempt.failed:
            untold_row = dict.fromkeys(SEGREGATION, np.nan) | {"group": group, "reason": "untold"}
            rows += [untold_row | {"index": index} for index in INDICES]
    return pd.DataFrame(rows, columns=list(SEGREGATION))


def _dealt_out(
    given: Given, group: pd.Series, people: pd.Series, graph: Graph, *, zoned: bool
) -> dict[str, ReallocationTest]:
    """The random cities of one group: over the whole city, or with everybody kept in their zone."""
    asked = min(CITIES, given.config.autocorrelation.permutations)
    return segregation.reallocation_tests(
        group,
        people,
        indices=INDICES,
        graph=graph,
        zones=given.zones[people.index].fillna("none") if zoned else None,
        permutations=few_draws_of(asked, len(people)),
        rng=rng_of(given.config, str(group.name), "zones" if zoned else "city"),
    )


def _among(graph: Graph, ids: pd.Index) -> Graph:
    """The graph among some neighbourhoods, standardised again where it was."""
    if len(ids) == graph.n:
        return graph
    inner = graph.subgraph(ids)
    return inner.transform("r") if graph.transformation == "R" else inner


def group_coverage_of(given: Given) -> pd.DataFrame | None:
    """What is around an average member of each group, and around everybody else, of each headline measure."""
    rows = []
    for group in given.config.segregation.groups:
        counted = people_of(given.config, given.city, group)
        known = counted.notna() & (given.people > 0)
        for one in headline(given):
            if not one.values[known].notna().any():
                continue
            with untold(Findings(), one.name, "segregation") as attempt:
                found = segregation.received(
                    one.values[known],
                    counted[known],
                    given.people[known],
                    level=given.config.equity.level,
                    rng=rng_of(given.config, group, one.drawn_as, "received"),
                )
                rows.append(found.to_frame().assign(group=group, measure=one.name))
            if attempt.failed:
                report_untold(given.found, one.name, "segregation", "@reason.undefined")
    return pd.concat(rows, ignore_index=True)[list(GROUP_COVERAGE)] if rows else None
