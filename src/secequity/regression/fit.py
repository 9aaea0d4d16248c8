"""Fit one equation: check the inputs, ask the engine, tell coefficients, effects and diagnostics in plain tables."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import stats

from secequity.checks import require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.regression import engines
from secequity.regression.design import CONSTANT, Design, design_of
from secequity.regression.effects import effects_of
from secequity.regression.result import DIAGNOSTICS, EFFECTS, TABLE, Regression, step_of
from secequity.words import RegressionErrors, RegressionModel


def fit(
    y: pd.Series,
    x: pd.DataFrame,
    *,
    graph: Graph | None = None,
    model: RegressionModel = "ols",
    zones: pd.Series | None = None,
    errors: RegressionErrors = "classical",
    level: float = 0.95,
) -> Regression:
    """An equation of `y` on the columns of `x`, neighbourhood by neighbourhood, with its diagnostics.

    ols: y = Xβ + ε · lag: y = ρWy + Xβ + ε · error: y = Xβ + u, u = λWu + ε · regimes: an ols equation a zone.
    W is the graph with each row summing to 1, whatever its transform. Up to 500 neighbourhoods the spatial models are
    fitted by maximum likelihood, above by instruments (lag: two-stage least squares with WX and W²X) and by generalised
    moments that allow for uneven errors (error).

    Parameters
    ----------
    y : the measure by neighbourhood id, any unit; missing allowed.
    x : one column a term, by neighbourhood id; missing allowed. A zone enters as a column of 1 and 0. The constant is
        added.
    graph : links between the same ids, from `secequity.weights`; needed by lag and error, and for the tests of space.
    model : `ols`, `lag`, `error` or `regimes`.
    zones : `centre`, `periphery` or missing by neighbourhood id, for `regimes`.
    errors : of `ols` and `regimes`: `classical`, or `white`, which stay right where the errors are uneven.
    level : confidence level of the intervals, between 0 and 1.

    Returns
    -------
    Regression. A neighbourhood that lacks a value is left out and named in `missing`; one without a neighbour is named
    in `isolates`: it stays in ols and error, and leaves lag, where it would count as surrounded by zeros.

    Raises
    ------
    LayerError : a column does not vary, repeats others or is no number; fewer than five neighbourhoods a term; a
        spatial model without links; regimes without zones.
    AlignmentError : the inputs speak of different neighbourhoods.
    ConfigError : an option is none of its words.

    Source: Anselin (1988), Spatial Econometrics; Anselin and Rey (2014), Modern Spatial Econometrics in Practice;
    effects of the lag model LeSage and Pace (2009), ch. 2. Estimators and tests by spreg.

    >>> import numpy as np, pandas as pd
    >>> ids = [f"n{at:02}" for at in range(12)]
    >>> poverty = pd.Series(np.arange(12.0), index=ids, name="poverty")
    >>> bump = pd.Series([1, -1, -1, 1] * 3, index=ids) / 10
    >>> police = (5 - 0.25 * poverty + bump).rename("police_per_1000")
    >>> found = fit(police, poverty.to_frame())
    >>> found.table.set_index("term")["estimate"].round(3).to_dict()
    {'constant': 5.0, 'poverty': -0.25}
    """
    require_arguments(
        y=("series", y),
        x=("frame", x),
        graph=("graph or none", graph),
        zones=("series or none", zones),
        level=("number", level),
    )
    for option, value, words in (("model", model, RegressionModel), ("errors", errors, RegressionErrors)):
        if value not in get_args(words):
            raise ConfigError(problem("option_word", option=option, value=value, words=", ".join(get_args(words))))
    if not 0 < level < 1:
        raise ConfigError(problem("option_between", option="level", value=level, least=0, most=1))
    needed = zones if model == "regimes" else None
    found = design_of(y, x, graph=graph, zones=needed, linked=model == "lag")
    if model == "ols":
        fitted = engines.least_squares(found, errors=errors)
    elif model == "lag":
        fitted = engines.lag(found)
    elif model == "error":
        fitted = engines.error(found)
    else:
        fitted = engines.regimes(found, errors=errors)
    told = model in ("ols", "regimes")
    return Regression(
        measure=found.measure,
        model=model,
        estimator=fitted.estimator,
        errors=errors if told else "robust" if fitted.estimator == "GMM" else "classical",
        level=level,
        n=found.n,
        missing=found.missing,
        isolates=found.isolates,
        table=_table(fitted, level),
        effects=_effects(found, fitted, level) if model == "lag" else pd.DataFrame(columns=list(EFFECTS)),
        diagnostics=pd.DataFrame(fitted.diagnostics, columns=list(DIAGNOSTICS)),
        steps=_steps(found),
        flags=tuple(term for at, term in enumerate(found.terms) if at and np.isin(found.x[:, at], (0.0, 1.0)).all()),
    )


def _table(fitted: engines.Fitted, level: float) -> pd.DataFrame:
    """Coefficients with their standard errors, tests and intervals."""
    spread = np.sqrt(np.diag(fitted.covariance))
    if not np.isfinite(spread).all():
        raise LayerError(problem("regression_unstable", [CONSTANT, *fitted.terms[1:]]))
    statistic = fitted.estimates / spread
    law = stats.norm if fitted.freedom is None else stats.t(fitted.freedom)
    wide = law.ppf((1 + level) / 2) * spread
    columns = (
        fitted.terms, fitted.estimates, spread, statistic, 2 * law.sf(np.abs(statistic)),
        fitted.estimates - wide, fitted.estimates + wide,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(TABLE, columns, strict=True)))


def _effects(found: Design, fitted: engines.Fitted, level: float) -> pd.DataFrame:
    """Direct, indirect and total effects of a lag model, with normal intervals."""
    if found.weights is None:
        raise LayerError(problem("regression_needs_graph"))
    rho = float(fitted.estimates[-1])
    if not abs(rho) < 1:
        raise LayerError(problem("regression_rho", rho=rho))
    rows = effects_of(fitted, found.weights)
    wide = stats.norm.ppf((1 + level) / 2)
    told = [
        (
            term,
            effect,
            value,
            spread,
            2 * stats.norm.sf(abs(value) / spread),
            value - wide * spread,
            value + wide * spread,
        )
        for term, effect, value, spread in rows
    ]
    return pd.DataFrame(told, columns=list(EFFECTS))


def _steps(found: Design) -> dict[str, float]:
    """The change of each term that the reading speaks of."""
    return {term: step_of(found.x[:, at]) for at, term in enumerate(found.terms) if at}
