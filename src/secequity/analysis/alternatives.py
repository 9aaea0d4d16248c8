"""The gap of the headline measures over other lines, denominators and smoothings."""

from __future__ import annotations

import pandas as pd

from secequity import specifications, weights
from secequity.analysis.asked import POPULATION
from secequity.analysis.attempts import rng_of, untold
from secequity.analysis.draws import few_draws_of
from secequity.analysis.given import Given
from secequity.analysis.headline import amount_of, headline
from secequity.analysis.measures import Measure
from secequity.words import Smoothing

OWN = "study"
"""The name of the study's own line."""


def specifications_of(given: Given) -> pd.DataFrame | None:
    """A specification curve a headline measure: the study's own line and others, by each denominator and smoothing."""
    asked = given.config.specifications
    lines = {OWN: given.zones, **(given.cascos or _around(given))}
    denominators = {POPULATION: given.people}
    for name in asked.denominators or given.config.rates.denominators:
        column = _column(given, name)
        if column is not None:
            denominators[name] = column
    names = asked.weights or (given.config.autocorrelation.weights,)
    graphs = None
    if "spatial_empirical_bayes" in asked.smoothing:
        snap = given.config.autocorrelation.snap_m
        graphs = {one: weights.from_spec(one, given.city.frame, snap_m=snap) for one in names}
    draws = few_draws_of(asked.draws, len(given.people))
    tables = []
    for one in headline(given):
        with untold(given.found, one.name, "specifications"):
            curve = specifications.curve(
                amount_of(one, given.people),
                cascos=lines,
                denominators=denominators,
                smoothing=_smoothing(one, asked.smoothing),
                graphs=graphs,
                own=(OWN, POPULATION, _smoothing(one, asked.smoothing)[0]),
                alpha=asked.alpha,
                level=given.config.equity.level,
                replicates=draws,
                permutations=draws,
                rng=rng_of(given.config, one.drawn_as, "specifications"),
            )
            tables.append(curve.table)
    return pd.concat(tables, ignore_index=True) if tables else None


def _smoothing(measure: Measure, asked: tuple[Smoothing, ...]) -> tuple[Smoothing, ...]:
    """The study's own run is the raw rate; hours are no count of events, and are not smoothed."""
    return ("raw",) if measure.unit == "hour" else tuple(dict.fromkeys(("raw", *asked)))


def _around(given: Given) -> dict[str, pd.Series]:
    """The lines of a study that names none: around the plaza with half to twice the people, and the densest."""
    frame = given.city.frame
    lines = specifications.radii(frame, given.people, given.zones, plaza=given.plaza)
    return {**lines, **specifications.densest(frame, given.people, given.zones)}


def _column(given: Given, name: str) -> pd.Series | None:
    """A covariate by name, a layer that is a level, or what a layer tells besides its amount (street-km)."""
    known = {str(one): given.city.covariates[one] for one in given.city.covariates}
    known |= {one.name: one.values for one in given.measures if one.kind == "covariate"}
    known |= {f"{one.name}_{end}": values for one in given.layers for end, values in one.more.items()}
    return known.get(name)
