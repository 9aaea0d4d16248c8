"""A line and a rate against distance, ready to be fitted to the many cities that a resampling makes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from secequity.gaps.places import spectral_test
from secequity.inference import FloatArray, Interval, Rows, SpatialTest
from secequity.inference.intervals import jackknife_t
from secequity.inference.space import LARGEST, links_of, untold
from secequity.inference.spectral import spectrum

if TYPE_CHECKING:
    from libpysal.graph import Graph

FEW = 60
"""Neighbourhoods below which the intervals are the jackknife's."""

LEAST = 4
ROUNDING = 1e-12
_STEPS = 30


class Line:
    """A weighted straight line and a Poisson rate against distance, ready to be fitted to many cities.

    Sums by row are kept in columns: every figure is a function of their totals.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.people = table["people"].to_numpy(dtype=np.float64)
        self.value = table["value"].to_numpy(dtype=np.float64)
        self.km = table["km"].to_numpy(dtype=np.float64)
        self.share = self.people / self.people.sum()
        self.away = self.km - self.share @ self.km if len(table) else self.km
        flat = bool(len(table)) and np.ptp(self.km) <= ROUNDING * np.abs(self.km).max()
        self.reason = "few" if len(table) < LEAST else "no_distance" if flat else None
        self.slack = ROUNDING * float(np.abs(self.value).max(initial=0.0))
        self.columns = [self.share]
        if self.reason is None:
            self._sum_up()

    def _sum_up(self) -> None:
        """What the figures of any city are made of, and the figures without each neighbourhood in turn."""
        log_rate = self._log_rate()
        fitted = self.share * np.exp(np.clip(log_rate[0] + log_rate[1] * self.away, -500, 500))
        score = self.share * self.value - fitted
        self.columns += [self.share * self.away, self.share * self.away**2, self.share * self.value]
        self.columns += [self.share * self.away * self.value, score, score * self.away]
        self.columns += [fitted, fitted * self.away, fitted * self.away**2]
        self.beta = log_rate[1]
        self.totals = np.array([column.sum() for column in self.columns])[:, np.newaxis]
        self.left_out = self.figures(self.totals - np.stack(self.columns))

    def jackknife(self, level: float) -> tuple[Interval, Interval]:
        """Jackknife-t intervals; of a city of few neighbourhoods with the log rate fitted anew without each of them."""
        without = self.left_out.copy()
        if np.isfinite(self.beta) and len(self.km) < FEW:
            every = np.arange(len(self.km))
            without[1] = [np.exp(self._log_rate(np.delete(every, at))[1]) for at in every]
        whole = self.figures(self.totals)[:, 0]
        slope = jackknife_t(float(whole[0]), [without[0]], level=level, tolerance=self.slack)
        return slope, jackknife_t(float(whole[1]), [without[1]], level=level, scale="log")

    def spectral(self, graph: Graph, permutations: int, rng: np.random.Generator) -> SpatialTest:
        """Values that resemble their neighbours as much as these, at the same distances."""
        links = links_of(graph, self.table.index)
        if not links.nnz or len(self.km) > LARGEST:
            return untold("spectral", reason="too_many" if links.nnz else "no_links")
        contrast = self.share * self.away / (self.share @ self.away**2)
        return spectral_test(
            spectrum(links), self.value, contrast, self.people, permutations=permutations, tolerance=self.slack, rng=rng
        )

    def slope(self, km: FloatArray) -> FloatArray:
        """Slope of the values on distances in another order, (…, n) to (…)."""
        middle = km @ self.share
        spread = (km**2) @ self.share - middle**2
        slope: FloatArray = (km @ (self.share * self.value) - middle * (self.share @ self.value)) / spread
        return slope

    def figures(self, totals: FloatArray) -> FloatArray:
        """Slope and ratio from the totals of the columns."""
        w, wd, wdd, wx, wdx, score, score_d, fit, fit_d, fit_dd = totals
        spread = w * wdd - wd**2
        slope = (w * wdx - wd * wx) / np.where(spread > 0, spread, np.nan)
        information = fit * fit_dd - fit_d**2
        step = (fit * score_d - fit_d * score) / np.where(information > 0, information, np.nan)
        return np.stack([slope, np.exp(self.beta + step)])

    def _log_rate(self, rows: Rows | None = None) -> FloatArray:
        """Intercept and slope of the log of the rate; nan where a value is negative or only zeros are left."""
        kept = slice(None) if rows is None else rows
        share, value, away = self.share[kept], self.value[kept], self.away[kept]
        total = float(share @ value)
        if (value < 0).any() or total <= 0 or np.ptp(away[value > 0]) == 0:
            return np.array([np.nan, np.nan])
        found = np.array([np.log(total / share.sum()), 0.0])
        for _ in range(_STEPS):
            fitted = share * np.exp(np.clip(found[0] + found[1] * away, -500, 500))
            score = share * value - fitted
            information = np.array([[fitted.sum(), fitted @ away], [fitted @ away, fitted @ away**2]])
            step = np.linalg.solve(information, [score.sum(), score @ away])
            found += np.clip(step, -5, 5)
            if np.abs(step).max() < 1e-12:
                break
        return found
