"""What a statistic of the whole city says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secequity.autocorrelation.alignment import Aligned
from secequity.results import Shown
from secequity.texts import number, text
from secequity.words import Alternative

_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Autocorrelation(Shown):
    """One statistic of likeness between neighbours and its permutation test.

    statistic : `moran`, `moran_rate`, `bivariate_moran`, `lee_l`, `geary` or `getis_ord_g`. value : the statistic.
    expected, variance, z : under randomisation of the values over the neighbourhoods. p_value : from `permutations`
    random permutations, for `alternative`. n : neighbourhoods with a value, isolates among them.
    isolates, missing : ids without a neighbour, and without a value.
    """

    statistic: str
    value: float
    expected: float
    variance: float
    z: float
    p_value: float
    permutations: int
    alternative: Alternative
    n: int
    isolates: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def n_isolates(self) -> int:
        """How many neighbourhoods with a value have no neighbour with one."""
        return len(self.isolates)

    @property
    def n_missing(self) -> int:
        """How many neighbourhoods have no value."""
        return len(self.missing)

    def to_frame(self) -> pd.DataFrame:
        """One row: the columns of the study's table of autocorrelation, then the moments."""
        columns = ("statistic", "value", "expected", "p_value", "permutations", "n", "n_isolates")
        more = ("n_missing", "variance", "z", "alternative")
        return pd.DataFrame([{column: getattr(self, column) for column in columns + more}])

    def summary(self, language: str = "en") -> str:
        """The value beside what chance gives, and the probability of the difference."""
        return text(
            "autocorrelation.overall",
            language,
            statistic=text(f"autocorrelation.{self.statistic}", language),
            value=_short(self.value),
            expected=_short(self.expected),
            p=_short(self.p_value),
            permutations=self.permutations,
            n=self.n,
            isolates=self.n_isolates,
            missing=self.n_missing,
        )


def result(
    found: Aligned,
    statistic: str,
    moments: tuple[float, float, float],
    p_value: float,
    permutations: int,
    alternative: Alternative,
) -> Autocorrelation:
    """The finished statistic; `moments` are its value, expectation and variance."""
    value, expected, variance = (float(one) for one in moments)
    return Autocorrelation(
        statistic=statistic,
        value=value,
        expected=expected,
        variance=variance,
        z=(value - expected) / float(np.sqrt(variance)) if variance > _ROUNDING * expected**2 else float("nan"),
        p_value=p_value,
        permutations=permutations,
        alternative=alternative,
        n=found.n,
        isolates=found.isolates,
        missing=found.missing,
    )


def _short(value: float) -> str:
    """Two decimals, or as many as it takes to show two digits that are not zero."""
    decimals = 2 if value == 0 else max(2, 1 - int(np.floor(np.log10(abs(value)))))
    return number(value, decimals)
