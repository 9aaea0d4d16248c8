"""What an equation says: its tables, and a reading in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from secequity.regression.design import Numbers
from secequity.results import Shown
from secequity.texts import number, text
from secequity.words import RegressionModel

TABLE = ("term", "estimate", "std_error", "statistic", "p_value", "low", "high")
EFFECTS = ("term", "effect", "estimate", "std_error", "p_value", "low", "high")
DIAGNOSTICS = ("test", "statistic", "df", "p_value")

SHORT = 0.05
"""The level at which the tests of space choose between models."""

_NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Regression(Shown):
    """An equation of a measure by neighbourhood.

    table : a row a term (`constant`, the terms, `rho` or `lambda`; in regimes `centre: term`): estimate in the unit of
        the measure for one more of the term, standard error, t or z, two-sided p, and the interval at `level`.
    effects : lag model: what one more of a term in a place goes with there (direct), elsewhere (indirect) and
        in all (total).
    diagnostics : a row a test: statistic, degrees of freedom and p, missing where it has none.
    estimator : OLS, ML, 2SLS or GMM. errors : `classical`, `white` or `robust`.
    n : neighbourhoods in it. missing, isolates : ids without a value, and without a neighbour.
    steps : the change of each term that `summary` speaks of: 1, 2 or 5 with zeros, near its standard deviation.
    flags : the terms that are only ever 0 or 1.
    """

    measure: str
    model: RegressionModel
    estimator: str
    errors: str
    level: float
    n: int
    missing: tuple[str, ...]
    isolates: tuple[str, ...]
    table: pd.DataFrame
    effects: pd.DataFrame
    diagnostics: pd.DataFrame
    steps: Mapping[str, float]
    flags: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """The table of coefficients."""
        return self.table

    @property
    def favours(self) -> RegressionModel | None:
        """The model that the Lagrange multipliers of an ols equation favour; None where they were not made."""
        return favoured(self.diagnostics)

    def summary(self, language: str = "en") -> str:
        """A reading in words: what each term goes with, how sure that is, and what the tests say of the model."""
        return " ".join(self._sentences(language))

    def _sentences(self, language: str) -> Iterator[str]:
        model = text(f"regression.model.{self.model}", language)
        yield text("regression.head", language, measure=self.measure, model=model, n=self.n)
        for row in self._spoken().to_dict("index").values():
            yield self._term(row, language)
        yield from self._space(language)
        chow = p_of(self.diagnostics, "chow")
        if chow == chow:
            yield text(f"regression.chow.{'differ' if chow <= SHORT else 'alike'}", language, p=_p(chow))
        if self.missing:
            yield text("regression.missing", language, n=len(self.missing))
        if self.isolates:
            left = "left" if self.model == "lag" else "kept"
            yield text(f"regression.isolates.{left}", language, n=len(self.isolates))
        yield text("regression.caution", language)

    def _spoken(self) -> pd.DataFrame:
        """The rows a reader is told of: in a lag model, the total effects."""
        if self.model == "lag":
            return self.effects[self.effects["effect"] == "total"]
        silent = self.table["term"].isin(["lambda"]) | self.table["term"].str.fullmatch(
            "((centre|periphery): )?constant"
        )
        return self.table[~silent]

    def _term(self, row: Mapping[Any, Any], language: str) -> str:
        """What more of one term goes with, its interval, and whether chance can be ruled out."""
        term = str(row["term"])
        zone, _, name = term.partition(": ") if self.model == "regimes" else ("", "", term)
        step = self.steps[name]
        kind = "flag" if name in self.flags else "term"
        estimate, low, high, p = (float(row[one]) for one in ("estimate", "low", "high", "p_value"))
        return text(
            f"regression.{kind}.{'more' if estimate >= 0 else 'less'}",
            language,
            where=text(f"regression.where.{zone}", language) if zone else "",
            step=step,
            term=name,
            change=abs(estimate) * step,
            measure=self.measure,
            level=number(100 * self.level, 0),
            low=low * step,
            high=high * step,
            sure=text(f"regression.{'sure' if p <= 1 - self.level else 'unsure'}", language, p=_p(p)),
        )

    def _space(self, language: str) -> Iterator[str]:
        """What the equation says of neighbours."""
        favoured = self.favours
        if favoured is not None:
            yield text(f"regression.favours.{favoured}", language)
        own = {"lag": "rho", "error": "lambda"}.get(self.model)
        if own is not None:
            row = self.table[self.table["term"] == own].iloc[0]
            yield text(f"regression.{own}", language, value=float(row["estimate"]), p=_p(float(row["p_value"])))


def favoured(diagnostics: pd.DataFrame) -> RegressionModel | None:
    """The model that the Lagrange multipliers favour (Anselin 2005); None where they were not made.

    Neither simple test rejects: ols. One: its model. Both: the one whose robust test rejects the more clearly.
    """
    lag, error = p_of(diagnostics, "lm_lag"), p_of(diagnostics, "lm_error")
    if lag != lag or error != error:
        return None
    if min(lag, error) > SHORT:
        return "ols"
    if max(lag, error) > SHORT:
        return "lag" if lag < error else "error"
    return "lag" if p_of(diagnostics, "robust_lm_lag") <= p_of(diagnostics, "robust_lm_error") else "error"


def p_of(diagnostics: pd.DataFrame, test: str) -> float:
    """The p value of a test among the diagnostics; nan where it was not made."""
    found = diagnostics.loc[diagnostics["test"] == test, "p_value"]
    return float(found.iloc[0]) if len(found) else np.nan


def step_of(column: Numbers) -> float:
    """A round change of a term near its standard deviation: 1, 2 or 5 with zeros; 1 for a column of zeros and ones.

    >>> import numpy as np
    >>> step_of(np.array([20.0, 30.0, 45.0])), step_of(np.array([0.0, 1.0]))
    (10.0, 1.0)
    """
    if np.isin(column, (0.0, 1.0)).all():
        return 1.0
    spread = float(column.std())
    size = 10.0 ** np.floor(np.log10(spread))
    return float(size * min(_NICE, key=lambda one: abs(np.log(spread / (size * one)))))


def _p(value: float) -> str:
    return f"p = {number(value, 3)}" if value >= 0.001 else f"p < {number(0.001, 3)}"
