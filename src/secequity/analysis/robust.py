"""One line a headline measure: how much its gap hangs on choices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity.analysis.asked import CENTRE
from secequity.analysis.given import Given
from secequity.analysis.headline import headline
from secequity.gaps import deciding_p
from secequity.regression.result import favoured
from secequity.results import MORE, ROBUSTNESS

COUNTS = ("runs", "same", "sure", "levels", "levels_same")


def robustness_of(given: Given) -> pd.DataFrame | None:
    """The runs of the specification curve, the levels, the tests and the equation of each headline measure in a row."""
    rows = []
    for one in headline(given):
        row: dict[str, object] = dict.fromkeys(ROBUSTNESS, np.nan) | {"measure": one.name, "favours": None}
        rows.append(row | _runs(given, one.name) | _levels(given, one.name) | _tests(given, one.name))
        rows[-1] |= _equation(given, one.name)
    table = pd.DataFrame(rows, columns=list(ROBUSTNESS))
    return table.astype(dict.fromkeys(COUNTS, "Int64")) if rows else None


def _of(given: Given, table: str, measure: str) -> pd.DataFrame:
    """The rows of a measure in a further table; none where the study does not have it."""
    empty = pd.DataFrame(columns=list(MORE.get(table, ("measure",))))
    rows = given.done.get(table, empty)
    return rows[rows["measure"] == measure]


def _runs(given: Given, measure: str) -> dict[str, object]:
    table = _of(given, "specifications", measure)
    told = table[table["holds"].notna()]
    if told.empty:
        return {}
    alpha = given.config.specifications.alpha
    held = told[told["holds"].astype(bool)]
    return {
        "runs": len(told),
        "same": len(held),
        "sure": int((held["p_value"] < alpha).sum()),
        "alpha": alpha,
        "ratio_low": told["ratio"].min(),
        "ratio_high": told["ratio"].max(),
        "p_value": told.loc[told["own"].astype(bool), "p_value"].max(),
    }


def _levels(given: Given, measure: str) -> dict[str, object]:
    table = _of(given, "levels", measure)
    told = table[table["difference"].notna()]
    if told.empty or told["level"].iloc[0] != table["level"].iloc[0]:
        return {}
    sign = np.sign(told["difference"])
    return {"levels": len(told), "levels_same": int((sign == sign.iloc[0]).sum())}


def _tests(given: Given, measure: str) -> dict[str, object]:
    """The plain test of the study, and the one that decides among those that respect space."""
    table = _of(given, "gap_tests", measure)
    if table.empty:
        return {}
    found: dict[str, object] = {}
    plain = table.loc[table["method"] == "label", "p_value"]
    if plain.notna().any():
        found["p_value"] = plain.max()
    return found | {"p_spatial": deciding_p(table, alpha=given.config.specifications.alpha)}


def _equation(given: Given, measure: str) -> dict[str, object]:
    """Whether the zone still tells once need and density are in the equation, and the model the tests favour."""
    table = _of(given, "regression", measure)
    row = table[(table["model"] == "ols") & (table["term"] == CENTRE)]
    found: dict[str, object] = {"regression_p": row["p_value"].iloc[0]} if len(row) else {}
    tests = _of(given, "regression_diagnostics", measure)
    return found | {"favours": favoured(tests[tests["model"] == "ols"])}
