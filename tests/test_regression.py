"""Equations of coverage on need and zone: laws, what is missing or refused, and the words."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from equations import coefficients, columbus, fitted, lattice, published, refused, told
from secequity.errors import AlignmentError
from secequity.regression import Regression, engines, fit
from secequity.regression.result import favoured as favoured_model
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


def test_a_known_equation_is_found_again() -> None:
    """The lattice was made with a pull of 0.4: the lag model finds it, and plain least squares is told so."""
    _, graph, y, x = lattice(20, rng=5)
    found = fit(y, x, graph=graph, model="lag")
    table = found.table.set_index("term")
    for term, true in {"poverty": -0.2, "slope": 1.0, "rho": 0.4}.items():
        assert abs(table.loc[term, "estimate"] - true) < 3 * table.loc[term, "std_error"]
    assert fit(y, x, graph=graph).favours == "lag"


# Laws


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.floats(-50, 50))
def test_a_change_of_unit_changes_the_coefficient_and_nothing_else(seed: int, times: float, shift: float) -> None:
    _, graph, y, x = lattice(6, rng=seed)
    plain = fit(y, x, graph=graph)
    other = fit(y, x.assign(poverty=times * x["poverty"] + shift), graph=graph)
    assert coefficients(other)["poverty"] * times == pytest.approx(coefficients(plain)["poverty"], rel=1e-6)
    assert coefficients(other, "p_value")["poverty"] == pytest.approx(
        coefficients(plain, "p_value")["poverty"], rel=1e-5, abs=1e-12
    )
    assert told(other, "lm_lag")[0] == pytest.approx(told(plain, "lm_lag")[0], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("model", ["ols", "lag", "error", "regimes"])
def test_the_order_of_rows_changes_no_digit(model: RegressionModel) -> None:
    _, graph, y, x = lattice(8, rng=1)
    zones = pd.Series(np.where(x["slope"] > 0, "centre", "periphery"), index=y.index)
    order = np.random.default_rng(2).permutation(len(y))
    first = fit(y, x, graph=graph, model=model, zones=zones)
    second = fit(y.iloc[order], x.iloc[order[::-1]], graph=graph, model=model, zones=zones.iloc[order])
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    pd.testing.assert_frame_equal(first.diagnostics, second.diagnostics, check_exact=True)


def test_a_graph_of_ones_and_a_row_standardised_one_give_the_same(published: Graph, columbus: gpd.GeoDataFrame) -> None:
    plain = fit(columbus["CRIME"], columbus[["INC"]], graph=published, model="lag")
    other = fit(columbus["CRIME"], columbus[["INC"]], graph=published.transform("R"), model="lag")
    pd.testing.assert_frame_equal(plain.table, other.table)


def test_no_input_is_changed(columbus: gpd.GeoDataFrame, published: Graph) -> None:
    y, x = columbus["CRIME"].copy(), columbus[["INC", "HOVAL"]].copy()
    fit(y, x, graph=published, model="lag")
    pd.testing.assert_series_equal(y, columbus["CRIME"])
    pd.testing.assert_frame_equal(x, columbus[["INC", "HOVAL"]])


# Missing, isolated, refused


def test_a_missing_row_is_left_out_and_named() -> None:
    _, graph, y, x = lattice(7, rng=3)
    y, x = y.copy(), x.copy()
    y["n00"], x.loc["n10", "poverty"] = np.nan, np.nan
    found = fit(y, x, graph=graph)
    assert found.missing == ("n00", "n10")
    assert found.n == 47
    assert "Left out because a value is missing: 2" in found.summary()
    kept = y.index.difference(["n00", "n10"])
    alone = fit(y[kept], x.loc[kept])
    assert coefficients(found) == pytest.approx(coefficients(alone))


def test_an_isolate_stays_where_neighbours_do_not_matter_and_leaves_the_lag() -> None:
    _, graph, y, x = lattice(7, rng=3)
    island = pd.concat([y, pd.Series({"zz": 1000.0})]).rename("y")
    more = pd.concat([x, pd.DataFrame({"poverty": [3.0], "slope": [0.1]}, index=["zz"])])
    links = graph.adjacency.reset_index()
    links = pd.concat([links, pd.DataFrame({"focal": ["zz"], "neighbor": ["zz"], "weight": [0.0]})])
    wider = Graph.from_arrays(links["focal"].to_numpy(), links["neighbor"].to_numpy(), links["weight"].to_numpy())
    lag = fit(island, more, graph=wider, model="lag")
    assert lag.isolates == ("zz",) and lag.n == 49
    pd.testing.assert_frame_equal(lag.table, fit(y, x, graph=graph, model="lag").table)
    plain = fit(island, more, graph=wider)
    assert plain.isolates == ("zz",) and plain.n == 50
    assert "without a neighbour, kept: 1" in plain.summary()
    assert "no tienen vecinos: 1" in lag.summary("es")


def test_what_cannot_be_fitted_is_refused_by_name() -> None:
    _, _, y, x = lattice(6, rng=1)
    other: Any = "probit"
    with refused("regression_collinear", "poverty", "double"):
        fit(y, x.assign(double=2 * x["poverty"] + 1))
    with refused("regression_collinear", "poverty", "slope", "sum"):
        fit(y, x.assign(sum=x["poverty"] + x["slope"]))
    with refused("regression_still", "even"):
        fit(y, x.assign(even=3.0))
    with refused("regression_even"):
        fit(y * 0 + 1, x)
    with refused("regression_too_few"):
        fit(y.iloc[:14], x.iloc[:14])
    with refused("regression_no_terms"):
        fit(y, x[[]])
    with refused("regression_names", "constant"):
        fit(y, x.rename(columns={"slope": "constant"}))
    with refused("measure_not_numbers"):
        fit(y, x.assign(word="a"))
    with refused("measure_not_finite", "n00"):
        fit(y.where(y.index != "n00", np.inf), x)
    with refused("regression_needs_graph"):
        fit(y, x, model="lag")
    with refused("regression_needs_zones"):
        fit(y, x, model="regimes")
    with refused("option_word"):
        fit(y, x, model=other)
    with refused("option_between"):
        fit(y, x, level=1.0)


def test_two_zones_need_enough_neighbourhoods_and_variation_each() -> None:
    _, _, y, x = lattice(6, rng=1)
    few = pd.Series(["centre"] * 5 + ["periphery"] * 31, index=y.index)
    with refused("regression_zone_small"):
        fit(y, x, model="regimes", zones=few)
    _, _, y, x = lattice(7, rng=1)
    half = pd.Series(["centre"] * 24 + ["periphery"] * 25, index=y.index)
    with refused("regression_zone_terms", "lit"):
        fit(y, x.assign(lit=(half == "centre") * x["slope"]), model="regimes", zones=half)
    with refused("zone_unknown"):
        fit(y, x, model="regimes", zones=half.replace("centre", "casco"))


def test_ids_must_be_the_same() -> None:
    _, graph, y, x = lattice(6, rng=1)
    with pytest.raises(AlignmentError):
        fit(y, x.iloc[1:])
    with pytest.raises(AlignmentError):
        fit(y.iloc[1:], x.iloc[1:], graph=graph)


# Words


def test_the_reading_says_how_much_for_a_round_step_and_how_sure(fitted: dict[RegressionModel, Regression]) -> None:
    """By hand: INC has a standard deviation of 5.7, so 5 more; 5 × −1.597 = −7.99."""
    english, spanish = fitted["ols"].summary(), fitted["ols"].summary("es")
    assert "5 more of INC go with 7.99 less of CRIME" in english
    assert "favour the spatial lag model" in english
    assert "5 más de INC van con 7.99 menos de CRIME" in spanish
    assert "not why" in english
    assert not re.search(r"\{|\}|nan", english + spanish)
    assert "rho 0.42" in fitted["lag"].summary()
    assert "lambda 0.55" in fitted["error"].summary("es")


def test_a_zone_is_told_as_a_difference_and_each_zone_apart() -> None:
    """A term of zeros and ones, and terms with colons in their names, in both languages."""
    _, graph, y, x = lattice(7, rng=3)
    more = x.rename(columns={"poverty": "poverty: 2017"}).assign(centre=(x["slope"] > 0).astype(float))
    found = fit(y, more, graph=graph)
    size = f"{abs(coefficients(found)['centre']):.2f}"
    assert found.flags == ("centre",)
    assert re.search(rf"{size} (more|less) of y where centre is 1 than where it is 0", found.summary())
    assert re.search(rf"{size} (más|menos) de y donde centre vale 1 que donde vale 0", found.summary("es"))
    zones = pd.Series(["centre"] * 24 + ["periphery"] * 25, index=y.index)
    said = fit(y, more[["poverty: 2017", "slope"]], model="regimes", zones=zones).summary()
    assert "In the historic centre: 10 more of poverty: 2017 go with" in said
    assert "In the periphery: 1 more of slope go with" in said
    assert "Chow test" in said


def test_which_model_the_multipliers_favour() -> None:
    """Anselin's decision rule, case by case."""

    def favoured(lag: float, error: float, robust_lag: float = 0.5, robust_error: float = 0.5) -> str | None:
        names = ("lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error")
        table = pd.DataFrame({"test": names, "p_value": (lag, error, robust_lag, robust_error)})
        found: str | None = favoured_model(table)
        return found

    assert favoured(0.3, 0.2) == "ols"
    assert favoured(0.01, 0.2) == "lag"
    assert favoured(0.2, 0.01) == "error"
    assert favoured(0.01, 0.001, 0.02, 0.3) == "lag"
    assert favoured(0.01, 0.02, 0.3, 0.04) == "error"
    assert favoured(float("nan"), 0.02) is None


def test_a_notebook_shows_the_table_and_the_reading(fitted: dict[RegressionModel, Regression]) -> None:
    html = fitted["ols"]._repr_html_()
    assert "<table" in html and "ordinary least squares" in html


def test_a_pull_of_one_or_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure that grows along a street, and terms that say nothing of it: two-stage least squares goes past 1."""
    _, graph, _, x = lattice(12, rng=3)
    grown = pd.Series(np.exp(np.arange(144) / 12), index=x.index, name="y")
    monkeypatch.setattr(engines, "MOST_DENSE", 0)
    with refused("regression_rho"):
        fit(grown, x, graph=graph, model="lag")
