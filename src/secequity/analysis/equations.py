"""Coverage explained by need, zone and density: the regressions of a study as plain tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from secequity import regression
from secequity.analysis.asked import CENTRE, DENSITY
from secequity.analysis.attempts import report_untold, untold
from secequity.analysis.given import Given
from secequity.analysis.headline import headline
from secequity.results import REGRESSION, REGRESSION_DIAGNOSTICS

LEAST = 30
"""A study that asks for no equation gets one where it has at least so many neighbourhoods."""

LARGEST = 20_000
"""The spatial models of a larger city would keep its study waiting."""


def regressions_of(given: Given) -> Mapping[str, pd.DataFrame] | None:
    """The tables `regression` and `regression_diagnostics`, or nothing where a small study asks for no equation."""
    asked = given.config.regression
    if not asked.of and not asked.on and len(given.people) < LEAST:
        return None
    by_name = {one.name: one for one in given.measures}
    names = asked.of or [one.name for one in headline(given)]
    rank = given.config.equity.rank_by
    on = asked.on or (*([rank] if rank is not None and rank in given.city.covariates else []), CENTRE, DENSITY)
    large = len(given.people) > LARGEST
    rows, tests = [], []
    for name in names:
        if name not in by_name:
            report_untold(given.found, name, "regression", "@reason.regression_absent")
            continue
        for model in asked.models:
            if large and model in ("lag", "error"):
                report_untold(given.found, name, "regression", "@reason.regression_large")
                continue
            terms = [one for one in on if one != name and not (model == "regimes" and one == CENTRE)]
            with untold(given.found, name, "regression"):
                fitted = regression.fit(
                    by_name[name].values,
                    _terms(given, terms),
                    graph=given.graph,
                    model=model,
                    zones=given.zones,
                    errors=asked.errors,
                    level=given.config.equity.level,
                )
                rows.append(_rows(fitted))
                tests.append(fitted.diagnostics.assign(measure=name, model=model)[list(REGRESSION_DIAGNOSTICS)])
    if not rows:
        return None
    return {
        "regression": pd.concat(rows, ignore_index=True),
        "regression_diagnostics": pd.concat(tests, ignore_index=True),
    }


def _terms(given: Given, names: list[str]) -> pd.DataFrame:
    """The columns of an equation by neighbourhood id."""
    made = {
        CENTRE: (given.zones == "centre").astype(float).where(given.zones.notna()),
        DENSITY: given.people / (given.city.frame.geometry.area / 1e6),
    }
    made |= {one.name: one.values for one in given.measures}
    made |= {str(name): given.city.covariates[name] for name in given.city.covariates}
    return pd.DataFrame({name: made[name] for name in names if name in made}, index=given.people.index)


def _rows(fitted: regression.Regression) -> pd.DataFrame:
    """Coefficients, and the effects of a lag model, as rows of the study's table."""
    parts = [fitted.table.assign(effect="coefficient"), *([fitted.effects] if len(fitted.effects) else [])]
    table = pd.concat(parts, ignore_index=True)
    bare = table["term"].str.replace(r"^(centre|periphery): ", "", regex=True)
    table["measure"], table["model"], table["estimator"] = fitted.measure, fitted.model, fitted.estimator
    table["n"], table["step"] = fitted.n, bare.map(dict(fitted.steps))
    return table[list(REGRESSION)]
