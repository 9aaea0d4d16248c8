"""How far rates and indices may be relied on: words and intervals by neighbourhood, denominators, indices."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from secequity import equity, inequality, rates
from secequity.analysis.attempts import rng_of
from secequity.analysis.given import Given
from secequity.analysis.headline import amount_of, headline
from secequity.analysis.measures import Measure
from secequity.analysis.zones import NO_ZONE
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.errors import SecEquityError
from secequity.participation import Participation
from secequity.results import DENOMINATORS, INEQUALITY_INTERVALS
from secequity.sources.neighbourhoods import Neighbourhoods

INDICES = ("gini", "hoover", "theil", "theil_between", "theil_within", "theil_l", "atkinson", "palma")
OWN = "own_hours_per_1000"
EVENTS_ERROR = 0.3
"""Relative standard error above which a count of events is too small to be relied on."""


def check_rates(config: Config, city: Neighbourhoods, layers: Iterable[Layer], *, found: Findings) -> None:
    """Names in `[rates]` that the study does not know, and layers named as events that do not count any."""
    known = [str(one) for one in city.covariates.columns]
    known += [f"{one.name}_street_km" for one in config.layers if one.kind == "routes"]
    for column in config.rates.denominators:
        if column not in known:
            close = nearest(column, known)
            found.error("rates_denominator_unknown", column=column, near=close and f" → {close}?")
        elif column in city.covariates and (city.covariates[column] < 0).any():
            below = city.covariates.index[city.covariates[column] < 0]
            found.error("rates_denominator_negative", below, column=column)
    named = [one.name for one in config.layers]
    counting = {one.name: one.amount.dropna() for one in layers if not one.is_level}
    for layer in config.rates.events:
        if layer not in named:
            close = nearest(layer, named)
            found.error("rates_events_unknown", layer=layer, near=close and f" → {close}?")
        elif layer in counting and (counting[layer] != counting[layer].round()).any():
            broken = counting[layer].index[counting[layer] != counting[layer].round()]
            found.error("rates_events_not_whole", broken, layer=layer)


def reliability_of(given: Given) -> pd.DataFrame:
    """`<measure>_reliability` of every rate, with `_low` and `_high` where a layer's amounts are counts of events."""
    by_name, asked = {one.name: one for one in given.layers}, given.config.rates
    columns: dict[str, pd.Series] = {}
    for one in given.measures:
        if one.kind not in ("coverage", "hours"):
            continue
        layer = by_name.get(one.layer)
        events = layer is not None and one.layer in asked.events
        columns[f"{one.name}_reliability"] = rates.reliability(
            one.values if layer is None else layer.amount,
            given.people,
            status=_status(one, given.participation) if layer is None else layer.status,
            least_people=asked.least_people,
            largest_error=EVENTS_ERROR if events else None,
        )
        if layer is not None and events and one.kind == "coverage":
            exact = 1000 * rates.poisson_interval(layer.amount, given.people, level=given.config.equity.level)
            columns |= {f"{one.name}_{end}": exact[end] for end in ("low", "high")}
    return pd.DataFrame(columns, index=given.people.index)


def _status(measure: Measure, participation: Participation | None) -> pd.Series | None:
    """Why residents' own hours are absent where they are."""
    if participation is None or measure.name != OWN:
        return None
    status: pd.Series = participation.status.reindex(measure.values.index).where(measure.values.isna(), "ok")
    return status


def denominators_of(given: Given) -> pd.DataFrame | None:
    """Each headline measure by residents and by every denominator of the study: zones, ranking, who has least."""
    asked = _denominators(given)
    if len(asked.columns) < 2:
        return None
    rows = []
    for one in headline(given):
        amount = amount_of(one, given.people)
        if not (amount.notna() & asked.gt(0).all(axis=1)).any():
            continue
        compared = rates.compare_denominators(amount, asked)
        counts = {"always_least": len(compared.always_least), "ever_least": len(compared.ever_least)}
        zones = [_of_zones(given, compared.rates[str(name)], asked[name]) for name in asked]
        told = pd.concat([compared.table, pd.DataFrame(zones)], axis=1)
        rows.append(told.assign(measure=one.name, **counts)[list(DENOMINATORS)])
    return pd.concat(rows, ignore_index=True) if rows else None


def _denominators(given: Given) -> pd.DataFrame:
    """Residents, and what the study names besides; a column that no layer or table holds is left out."""
    columns = {"population": given.people}
    more = {f"{one.name}_{end}": values for one in given.layers for end, values in one.more.items()}
    for name in given.config.rates.denominators:
        if name in given.city.covariates:
            columns[name] = given.city.covariates[name]
        elif name in more:
            columns[name] = more[name]
    return pd.DataFrame(columns, index=given.people.index)


def _of_zones(given: Given, rate: pd.Series, denominator: pd.Series) -> dict[str, float]:
    """The zones' totals over their totals, per 1,000 where the denominator is people."""
    per = 1000.0 if denominator.name == "population" else 1.0
    try:
        gap = equity.gap(per * rate, given.zones, weights=denominator.fillna(0.0))
    except SecEquityError:
        return {"centre": np.nan, "periphery": np.nan, "ratio": np.nan}
    return {"centre": gap.centre, "periphery": gap.periphery, "ratio": gap.ratio}


def inequality_intervals_of(given: Given) -> pd.DataFrame | None:
    """Every index of inequality of the headline measures with its interval, or the reason why there is none."""
    rows: list[pd.DataFrame] = []
    for one in headline(given):
        known = one.values.notna() & (given.people > 0)
        rows.append(_intervals(given, one, known, INDICES))
        if given.rank is not None:
            rows.append(_intervals(given, one, known & given.rank.notna(), ("concentration_index",)))
    return pd.concat(rows, ignore_index=True) if rows else None


def _intervals(given: Given, one: Measure, known: pd.Series, indices: tuple[str, ...]) -> pd.DataFrame:
    """The rows of one measure; its own refusal is the reason where it has no index."""
    try:
        told = inequality.intervals(
            one.values[known],
            weights=given.people[known],
            groups=given.zones[known].fillna(NO_ZONE),
            rank=None if given.rank is None or indices == INDICES else given.rank[known],
            indices=indices,
            level=given.config.equity.level,
            rng=rng_of(given.config, one.drawn_as, "inequality"),
        )
    except SecEquityError as refusal:
        reason = refusal.problems[0].code
        rows = [{"measure": one.name, "index": index, "reason": reason} for index in indices]
        return pd.DataFrame(rows, columns=list(INEQUALITY_INTERVALS))
    return told.to_frame().assign(measure=one.name)[list(INEQUALITY_INTERVALS)]
