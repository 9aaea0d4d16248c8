"""The main results again in larger units, where the study says what the neighbourhoods belong to."""

from __future__ import annotations

import pandas as pd
from libpysal.graph import Graph

from secequity import aggregation, weights
from secequity.analysis.attempts import rng_of, untold
from secequity.analysis.draws import few_draws_of
from secequity.analysis.given import Given
from secequity.analysis.headline import headline
from secequity.errors import SecEquityError
from secequity.sources import cells


def levels_of(given: Given) -> pd.DataFrame | None:
    """The headline measures at each level of `[[levels]]`, the neighbourhoods first."""
    if not given.config.levels:
        return None
    groups = {one.name: cells.as_text(given.city.attributes[one.column]) for one in given.config.levels}
    graphs = {aggregation.BASE: given.graph} | _graphs(given, groups)
    draws = few_draws_of(given.config.specifications.draws, len(given.people))
    tables = []
    for one in headline(given):
        with untold(given.found, one.name, "levels"):
            found = aggregation.levels(
                one.values,
                given.zones,
                weights=given.people,
                groups=groups,
                graphs=graphs,
                level=given.config.equity.level,
                replicates=draws,
                permutations=draws,
                rng=rng_of(given.config, one.drawn_as, "levels"),
            )
            tables.append(found.table)
    return pd.concat(tables, ignore_index=True) if tables else None


def _graphs(given: Given, groups: dict[str, pd.Series]) -> dict[str, Graph]:
    """Who is a neighbour of whom at each larger level, by the study's weights; none where they cannot be had."""
    options = given.config.autocorrelation
    found: dict[str, Graph] = {}
    for name, group in groups.items():
        merged = aggregation.merge(given.city.frame, group)
        try:
            found[name] = weights.from_spec(options.weights, merged.frame, snap_m=options.snap_m)
        except SecEquityError:
            continue
    return found
