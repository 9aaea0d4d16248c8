"""The four models, each fitted by spreg, in one form. Nothing of spreg is imported before it is needed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import numpy as np
from libpysal.weights import WSP, W
from scipy import sparse, stats

from secequity.errors import LayerError, problem
from secequity.regression.design import LEAST_PER_TERM, Design, Numbers, dependent
from secequity.words import RegressionErrors, Zone

MOST_DENSE = 500
"""Up to so many neighbourhoods the spatial models are fitted by maximum likelihood, which needs dense matrices."""

ZONES: tuple[Zone, ...] = get_args(Zone)

Rows = list[tuple[str, float, float, float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """Coefficients of `terms` with their covariance; `freedom` is the degrees of freedom of t, None for the normal.

    diagnostics : rows of test, statistic, degrees of freedom and p value; nan where there is none.
    """

    terms: tuple[str, ...]
    estimates: Numbers
    covariance: Numbers
    freedom: float | None
    estimator: str
    diagnostics: Rows = field(default_factory=list)


def least_squares(found: Design, *, errors: RegressionErrors) -> Fitted:
    """Ordinary least squares with its diagnostics, and those of space where there are weights."""
    with _quiet():
        import spreg

        ols = spreg.ols.BaseOLS(_column(found.y), found.x)
        covariance = spreg.robust.robust_vm(ols, sig2n_k=True) if errors == "white" else ols.vm
        ols.name_x = list(found.terms)
        rows: Rows = [
            ("r2", float(spreg.r2(ols)), np.nan, np.nan),
            ("r2_adjusted", float(spreg.ar2(ols)), np.nan, np.nan),
            ("log_likelihood", float(spreg.log_likelihood(ols)), np.nan, np.nan),
            ("aic", float(spreg.akaike(ols)), np.nan, np.nan),
            ("condition_number", float(spreg.condition_index(ols)), np.nan, np.nan),
            _told("jarque_bera", spreg.jarque_bera(ols), "jb"),
            _told("breusch_pagan", spreg.breusch_pagan(ols), "bp"),
            _told("koenker_bassett", spreg.koenker_bassett(ols), "kb"),
        ]
        if found.weights is not None and found.weights.nnz:
            rows += _spatial_tests(spreg, ols, _weights(found.weights))
    return Fitted(
        terms=found.terms,
        estimates=_flat(ols.betas),
        covariance=np.asarray(covariance),
        freedom=float(found.n - len(found.terms)),
        estimator="OLS",
        diagnostics=rows,
    )


def _spatial_tests(spreg: Any, ols: Any, w: W) -> Rows:
    """Moran of the residuals (variance of residuals, not of values), and the Lagrange multipliers."""
    moran = spreg.MoranRes(ols, w, z=True)
    tests = spreg.LMtests(ols, w, tests=["lme", "lml", "rlme", "rlml"])
    named = {"lm_lag": tests.lml, "lm_error": tests.lme, "robust_lm_lag": tests.rlml, "robust_lm_error": tests.rlme}
    rows: Rows = [("moran_residuals", float(moran.I), np.nan, float(moran.p_norm))]
    return rows + [(name, float(value), 1.0, float(p)) for name, (value, p) in named.items()]


def lag(found: Design) -> Fitted:
    """Spatial lag: the measure of the neighbours among the terms, as `rho`."""
    weights = _required(found)
    with _quiet():
        import spreg

        w, y = _weights(weights), _column(found.y)
        if found.n <= MOST_DENSE:
            fitted: Any = spreg.ml_lag.BaseML_Lag(y, found.x, w)
            rows = _likelihood(found, float(fitted.logll))
            estimator = "ML"
        else:
            fitted = spreg.twosls_sp.BaseGM_Lag(y, found.x, w=w, w_lags=2, sig2n_k=True)
            _, value, p = spreg.diagnostics_sp.akTest(fitted, w, spreg.diagnostics_sp.spDcache(fitted, w))
            rows, estimator = [("anselin_kelejian", float(value), 1.0, float(p))], "2SLS"
    return _spatial(found, fitted, "rho", estimator, rows)


def error(found: Design) -> Fitted:
    """Spatial error: what the terms do not explain resembles that of the neighbours, by `lambda`."""
    weights = _required(found)
    with _quiet():
        import spreg

        y = _column(found.y)
        if found.n <= MOST_DENSE:
            fitted: Any = spreg.ml_error.BaseML_Error(y, found.x, _weights(weights))
            rows = _likelihood(found, float(np.squeeze(fitted.logll)))
            estimator = "ML"
        else:
            fitted = spreg.error_sp_het.BaseGM_Error_Het(y, found.x, sparse.csr_matrix(weights), step1c=True)
            rows, estimator = [], "GMM"
    return _spatial(found, fitted, "lambda", estimator, rows)


def _spatial(found: Design, fitted: Any, name: str, estimator: str, rows: Rows) -> Fitted:
    likeness = float(np.corrcoef(found.y, _flat(fitted.predy))[0, 1] ** 2)
    return Fitted(
        terms=(*found.terms, name),
        estimates=_flat(fitted.betas),
        covariance=np.asarray(fitted.vm),
        freedom=None,
        estimator=estimator,
        diagnostics=[("pseudo_r2", likeness, np.nan, np.nan), *rows],
    )


def _likelihood(found: Design, value: float) -> Rows:
    """Log-likelihood, Akaike's criterion (rho or lambda counts), and the ratio to the equation without neighbours."""
    residuals = found.y - found.x @ np.linalg.lstsq(found.x, found.y, rcond=None)[0]
    plain = -found.n / 2 * (np.log(2 * np.pi) + 1 + np.log(residuals @ residuals / found.n))
    ratio = max(0.0, 2 * (value - plain))
    return [
        ("log_likelihood", value, np.nan, np.nan),
        ("aic", 2 * (len(found.terms) + 1) - 2 * value, np.nan, np.nan),
        ("likelihood_ratio", ratio, 1.0, float(stats.chi2.sf(ratio, 1))),
    ]


def regimes(found: Design, *, errors: RegressionErrors) -> Fitted:
    """One least-squares equation a zone, each with its own variance, and Chow's test that they are the same."""
    if found.zones is None:
        raise LayerError(problem("regression_needs_zones"))
    parts: list[Fitted] = []
    for zone in ZONES:
        rows = found.zones == zone
        least = LEAST_PER_TERM * len(found.terms)
        if rows.sum() < least:
            count = int(rows.sum())
            raise LayerError(problem("regression_zone_small", zone=f"@zone.{zone}", n=count, least=least))
        still, together = dependent(found.x[rows], found.terms)
        if still or together:
            raise LayerError(problem("regression_zone_terms", [*still, *together], zone=f"@zone.{zone}"))
        part = replace(
            found, ids=found.ids[rows], y=found.y[rows], x=found.x[rows], zones=None, weights=None, isolates=()
        )
        parts.append(least_squares(part, errors=errors))
    size = len(found.terms)
    covariance = np.zeros((2 * size, 2 * size))
    covariance[:size, :size], covariance[size:, size:] = (part.covariance for part in parts)
    estimates = np.concatenate([part.estimates for part in parts])
    fitted = np.select([found.zones == zone for zone in ZONES], [found.x @ part.estimates for part in parts])
    residuals = float(((found.y - fitted) ** 2).sum())
    return Fitted(
        terms=tuple(f"{zone}: {term}" for zone in ZONES for term in found.terms),
        estimates=estimates,
        covariance=covariance,
        freedom=float(found.n - 2 * size),
        estimator="OLS",
        diagnostics=[
            ("r2", 1 - residuals / _spread(found.y), np.nan, np.nan),
            *_chow(estimates, covariance, found.terms),
        ],
    )


def _chow(estimates: Numbers, covariance: Numbers, terms: tuple[str, ...]) -> Rows:
    """Wald tests that the coefficients of both zones are the same: all together, and term by term."""
    size = len(terms)
    apart = estimates[:size] - estimates[size:]
    spread = covariance[:size, :size] + covariance[size:, size:]
    whole = float(apart @ np.linalg.solve(spread, apart))
    each = apart**2 / np.diag(spread)
    return [
        ("chow", whole, float(size), float(stats.chi2.sf(whole, size))),
        *(
            (f"chow: {term}", float(one), 1.0, float(stats.chi2.sf(one, 1)))
            for term, one in zip(terms, each, strict=True)
        ),
    ]


def _spread(values: Numbers) -> float:
    return float(((values - values.mean()) ** 2).sum())


def _required(found: Design) -> sparse.csr_array:
    """The links a spatial model needs.

    Raises
    ------
    LayerError : no graph was given, or nobody has a neighbour with a value.
    """
    if found.weights is None:
        raise LayerError(problem("regression_needs_graph"))
    if not found.weights.nnz:
        raise LayerError(problem("regression_no_links"))
    return found.weights


def _weights(links: sparse.csr_array) -> W:
    return WSP(sparse.csr_matrix(links)).to_W(silence_warnings=True)


def _column(values: Numbers) -> Numbers:
    return values.reshape(-1, 1)


def _flat(values: Any) -> Numbers:
    return np.asarray(values, dtype=float).ravel()


def _told(name: str, test: dict[str, Any], statistic: str) -> tuple[str, float, float, float]:
    return name, float(test[statistic]), float(test["df"]), float(test["pvalue"])


@contextmanager
def _quiet() -> Iterator[None]:
    """What spreg and scipy say to programmers about sparse formats and tolerances is nothing to a reader."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
