"""Equations against published values and other implementations."""

from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import spreg
from libpysal.graph import Graph

from equations import EXAMPLES, coefficients, columbus, fitted, gal, lattice, published, quiet, told
from secequity import weights
from secequity.regression import Regression, engines, fit
from secequity.regression.design import design_of
from secequity.regression.effects import effects_of
from secequity.words import RegressionModel


@pytest.fixture(name="columbus")
def _columbus() -> gpd.GeoDataFrame:
    return columbus()


@pytest.fixture(name="published")
def _published() -> Graph:
    return published()


@pytest.fixture(name="fitted")
def _fitted() -> dict[RegressionModel, Regression]:
    return fitted()


# Published values


def test_columbus_by_least_squares_as_geoda_and_spdep_publish_it(fitted: dict[RegressionModel, Regression]) -> None:
    """Anselin's GeoDa workbook and Bivand's spdep give these for CRIME on INC and HOVAL."""
    found = fitted["ols"]
    assert coefficients(found) == pytest.approx({"constant": 68.6189611, "INC": -1.5973108, "HOVAL": -0.2739315})
    assert coefficients(found, "std_error") == pytest.approx(
        {"constant": 4.735486, "INC": 0.3341308, "HOVAL": 0.1031987}, rel=1e-6
    )
    assert coefficients(found, "p_value")["HOVAL"] == pytest.approx(0.0108745, abs=1e-6)
    assert told(found, "r2")[0] == pytest.approx(0.552404, abs=1e-6)
    assert told(found, "log_likelihood")[0] == pytest.approx(-187.377, abs=1e-3)
    assert told(found, "condition_number")[0] == pytest.approx(6.541828, abs=1e-6)
    assert told(found, "jarque_bera") == pytest.approx((1.835753, 0.3993663), rel=1e-6)
    assert told(found, "breusch_pagan") == pytest.approx((7.900442, 0.0192505), rel=1e-5)
    assert told(found, "koenker_bassett") == pytest.approx((5.694088, 0.0580156), rel=1e-5)


def test_columbus_tests_of_space_as_spdep_publishes_them(fitted: dict[RegressionModel, Regression]) -> None:
    found = fitted["ols"]
    assert told(found, "lm_error") == pytest.approx((5.2062, 0.02251), abs=5e-5)
    assert told(found, "lm_lag") == pytest.approx((8.898, 0.002855), abs=5e-4)
    assert told(found, "robust_lm_error") == pytest.approx((0.043906, 0.834), abs=5e-5)
    assert told(found, "robust_lm_lag") == pytest.approx((3.7357, 0.05326), abs=5e-5)
    assert told(found, "moran_residuals") == pytest.approx((0.222, 0.005), abs=5e-4)
    assert found.favours == "lag"


def test_columbus_lag_as_spatialreg_publishes_it(fitted: dict[RegressionModel, Regression]) -> None:
    found = fitted["lag"]
    assert coefficients(found) == pytest.approx(
        {"constant": 45.603250, "INC": -1.048728, "HOVAL": -0.266335, "rho": 0.42333}, abs=6e-6
    )
    assert coefficients(found, "std_error") == pytest.approx(
        {"constant": 7.257404, "INC": 0.307406, "HOVAL": 0.089096, "rho": 0.11951}, abs=6e-6
    )
    assert told(found, "log_likelihood")[0] == pytest.approx(-182.674, abs=5e-4)
    assert told(found, "likelihood_ratio") == pytest.approx((9.4065, 0.0021621), abs=1e-4)
    assert found.estimator == "ML"


def test_columbus_error_as_spatialreg_publishes_it(fitted: dict[RegressionModel, Regression]) -> None:
    found = fitted["error"]
    assert coefficients(found) == pytest.approx(
        {"constant": 60.279469, "INC": -0.957305, "HOVAL": -0.304559, "lambda": 0.54675}, abs=6e-6
    )
    assert coefficients(found, "std_error") == pytest.approx(
        {"constant": 5.365594, "INC": 0.334231, "HOVAL": 0.092047, "lambda": 0.13805}, abs=6e-6
    )
    assert told(found, "log_likelihood")[0] == pytest.approx(-183.7494, abs=1e-4)
    assert told(found, "likelihood_ratio") == pytest.approx((7.2556, 0.0070679), abs=1e-4)


def test_columbus_lag_of_a_large_city_as_spatialreg_publishes_it(
    columbus: gpd.GeoDataFrame, published: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two-stage least squares, `stsls` of spatialreg; and generalised moments, the value of spreg's own tests."""
    monkeypatch.setattr(engines, "MOST_DENSE", 0)
    found = fit(columbus["CRIME"], columbus[["INC", "HOVAL"]], graph=published, model="lag")
    assert found.estimator == "2SLS"
    assert coefficients(found) == pytest.approx(
        {"rho": 0.461487, "constant": 43.528473, "INC": -0.999276, "HOVAL": -0.265650}, abs=6e-7
    )
    assert coefficients(found, "std_error") == pytest.approx(
        {"rho": 0.187939, "constant": 11.061569, "INC": 0.385591, "HOVAL": 0.092391}, abs=6e-7
    )
    rook = weights.contiguity(columbus, kind="rook")
    other = fit(columbus["HOVAL"], columbus[["INC", "CRIME"]], graph=rook, model="error")
    assert other.estimator == "GMM" and other.errors == "robust"
    assert coefficients(other) == pytest.approx(
        {"constant": 47.99626638, "INC": 0.71048989, "CRIME": -0.55876126, "lambda": 0.41178776}, rel=1e-5
    )
    spread = {"constant": 131.767529, "INC": 0.135513711, "CRIME": 0.0261042702, "lambda": 0.0282398517}
    assert coefficients(other, "std_error") == pytest.approx({k: v**0.5 for k, v in spread.items()}, rel=1e-5)


def test_columbus_home_values_as_pysal_publishes_them(columbus: gpd.GeoDataFrame, published: Graph) -> None:
    """HOVAL on INC and CRIME, from the documentation of PySAL."""
    found = fit(columbus["HOVAL"], columbus[["INC", "CRIME"]], graph=published)
    assert coefficients(found) == pytest.approx({"constant": 46.42818268, "INC": 0.62898397, "CRIME": -0.48488854})
    assert coefficients(found, "p_value")["CRIME"] == pytest.approx(0.0108745, abs=5e-8)
    assert told(found, "jarque_bera")[0] == pytest.approx(39.706, abs=5e-4)
    assert told(found, "lm_error") == pytest.approx((3.0971, 0.0784), abs=5e-5)
    assert told(found, "lm_lag") == pytest.approx((0.9816, 0.3218), abs=5e-5)
    assert told(found, "robust_lm_error") == pytest.approx((3.2092, 0.0732), abs=5e-5)
    assert told(found, "robust_lm_lag") == pytest.approx((1.0936, 0.2957), abs=5e-5)
    assert told(found, "moran_residuals") == pytest.approx((0.1713, 0.0224), abs=5e-5)
    assert found.favours == "ols"


def test_baltimore_as_pysal_publishes_it() -> None:
    frame = gpd.read_file(EXAMPLES / "baltim" / "baltim.dbf", ignore_geometry=True)
    frame = frame.set_index(frame["STATION"].astype(int).astype(str))
    graph = gal(EXAMPLES / "baltim" / "baltim_q.gal")
    lag = fit(frame["PRICE"], frame[["NROOM", "AGE", "SQFT"]], graph=graph, model="lag")
    assert list(lag.table["estimate"]) == pytest.approx(
        [-6.04040164, 3.48995114, -0.20103955, 0.65462382, 0.62351143], rel=1e-5
    )
    assert list(lag.table["std_error"]) == pytest.approx(
        [5.34536131, 1.19307022, 0.05367198, 0.17194162, 0.05763147], rel=1e-5
    )
    error = fit(frame["PRICE"], frame[["NROOM", "AGE", "SQFT"]], graph=graph, model="error")
    assert list(error.table["estimate"]) == pytest.approx(
        [19.45930348, 3.98928064, -0.16714232, 0.57336871, 0.71757002], rel=1e-4
    )


def test_one_equation_a_zone_as_pysal_publishes_it(columbus: gpd.GeoDataFrame) -> None:
    """CRIME on INC and HOVAL north and south of the tracks (NSA), each an equation of its own."""
    north = columbus["NSA"].map({0: "centre", 1: "periphery"})
    found = fit(columbus["CRIME"], columbus[["INC", "HOVAL"]], model="regimes", zones=north)
    expected = [68.78670869, -1.9864167, -0.10887962, 67.73579559, -1.36937552, -0.31792362]
    assert list(found.table["estimate"]) == pytest.approx(expected)
    assert list(found.table["term"])[:2] == ["centre: constant", "centre: INC"]


# Other implementations


def test_chow_is_the_distance_between_two_equations(columbus: gpd.GeoDataFrame) -> None:
    """spreg with separate variances, by its own route."""
    zones = columbus["CP"].map({1: "centre", 0: "periphery"})
    found = fit(columbus["CRIME"], columbus[["INC", "HOVAL"]], model="regimes", zones=zones)
    with quiet():
        other = spreg.OLS_Regimes(
            columbus[["CRIME"]].to_numpy(), columbus[["INC", "HOVAL"]].to_numpy(), list(zones), regime_err_sep=True
        )
    assert list(found.table["std_error"]) == pytest.approx(np.sqrt(np.diag(other.vm)))
    assert told(found, "chow") == pytest.approx(other.chow.joint)
    each = [told(found, f"chow: {term}") for term in ("constant", "INC", "HOVAL")]
    assert np.array(each) == pytest.approx(np.asarray(other.chow.regi))


def test_white_errors_are_the_sandwich(columbus: gpd.GeoDataFrame) -> None:
    found = fit(columbus["CRIME"], columbus[["INC", "HOVAL"]], errors="white")
    x = np.column_stack([np.ones(49), columbus[["INC", "HOVAL"]].to_numpy()])
    y = columbus["CRIME"].to_numpy()
    bread = np.linalg.inv(x.T @ x)
    residual = y - x @ bread @ x.T @ y
    sandwich = bread @ (x.T * residual**2) @ x @ bread * 49 / 46
    assert list(found.table["std_error"]) == pytest.approx(np.sqrt(np.diag(sandwich)))


def test_the_error_model_maximises_the_likelihood(
    columbus: gpd.GeoDataFrame, published: Graph, fitted: dict[RegressionModel, Regression]
) -> None:
    """The log-likelihood written out: none of its neighbours in lambda is higher."""
    ids = sorted(columbus.index)
    w = published.transform("R").sparse.toarray()
    at = published.unique_ids.get_indexer(ids)
    w = w[np.ix_(at, at)]
    x = np.column_stack([np.ones(49), columbus.loc[ids, ["INC", "HOVAL"]].to_numpy()])
    y = columbus.loc[ids, "CRIME"].to_numpy()

    def likelihood(value: float) -> float:
        a = np.eye(49) - value * w
        residual = a @ y - a @ x @ np.linalg.lstsq(a @ x, a @ y, rcond=None)[0]
        return float(-49 / 2 * (np.log(2 * np.pi) + 1 + np.log(residual @ residual / 49)) + np.linalg.slogdet(a)[1])

    best = coefficients(fitted["error"])["lambda"]
    assert likelihood(best) == pytest.approx(told(fitted["error"], "log_likelihood")[0])
    assert likelihood(best) > max(likelihood(best - 0.01), likelihood(best + 0.01))


def test_effects_of_a_lag_are_what_a_change_does(
    columbus: gpd.GeoDataFrame, published: Graph, fitted: dict[RegressionModel, Regression]
) -> None:
    """One more of INC in one place after another, through (I − ρW)⁻¹; spreg's multipliers are the same."""
    found = fitted["lag"]
    rho, beta = (coefficients(found)[one] for one in ("rho", "INC"))
    spread = np.linalg.inv(np.eye(49) - rho * published.transform("R").sparse.toarray()) * beta
    effects = found.effects[found.effects["term"] == "INC"].set_index("effect")["estimate"]
    assert effects["direct"] == pytest.approx(np.diag(spread).mean())
    assert effects["total"] == pytest.approx(spread.sum() / 49)
    assert effects["indirect"] == pytest.approx((spread.sum() - np.trace(spread)) / 49)


def test_errors_of_effects_agree_with_draws_of_the_coefficients(
    columbus: gpd.GeoDataFrame, published: Graph, fitted: dict[RegressionModel, Regression]
) -> None:
    """The delta method against the spread of effects over many draws of small errors."""
    data = design_of(columbus["CRIME"], columbus[["INC", "HOVAL"]], graph=published, zones=None, linked=True)
    lag = engines.lag(data)
    small = 1e-4
    rng = np.random.default_rng(4)
    drawn = rng.multivariate_normal(lag.estimates, small**2 * lag.covariance, size=4000)
    values = np.linalg.eigvals(published.transform("R").sparse.toarray()).real
    direct = drawn[:, 1] * (1 / (1 - drawn[:, [3]] * values)).mean(axis=1)
    expected = fitted["lag"].effects.set_index(["term", "effect"])["std_error"][("INC", "direct")]
    assert direct.std() / small == pytest.approx(expected, rel=0.04)


def test_effects_of_a_large_city_are_near_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    places, graph, y, x = lattice(20, rng=5)
    found = fit(y, x, graph=graph, model="lag")
    whole = graph.transform("R").sparse
    fitted = engines.Fitted(
        terms=("constant", "poverty", "slope", "rho"), estimates=found.table["estimate"].to_numpy(),
        covariance=np.diag(found.table["std_error"] ** 2), freedom=None, estimator="ML",
    )  # fmt: skip
    exact = effects_of(fitted, whole)
    monkeypatch.setattr("secequity.regression.effects.MOST_DENSE", 0)
    near = effects_of(fitted, whole)
    assert [one[2] for one in near] == pytest.approx([one[2] for one in exact], rel=0.02)
    assert [one[3] for one in near] == pytest.approx([one[3] for one in exact], rel=0.05)
    assert len(places) == 400


# Upstream


def test_pin_spreg_takes_the_symmetric_twin_of_the_weights_for_its_standard_errors(
    columbus: gpd.GeoDataFrame, published: Graph
) -> None:
    """With `method="ord"` spreg takes symmetrised weights for the errors: 0.1217 where R and its own "full" say 0.1195.

    Here the full matrix is used. When spreg mends this the test will say so.
    """
    y, x = columbus[["CRIME"]].to_numpy(), columbus[["INC", "HOVAL"]].to_numpy()
    with quiet():
        w = published.transform("R").to_W()
        order = [list(columbus.index).index(one) for one in w.id_order]
        spread = [
            np.sqrt(spreg.ML_Lag(y[order], x[order], w=w, method=method).vm[-1, -1]) for method in ("full", "ord")
        ]
    assert spread[0] == pytest.approx(0.11951, abs=5e-6)
    assert spread[1] == pytest.approx(0.12175, abs=5e-5)


def test_entering_the_room_does_not_load_spreg() -> None:
    code = "import sys, secequity.regression; print('spreg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
