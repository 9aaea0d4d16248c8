"""Measures become the tables of gaps and of inequality."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from secequity import equity, gaps
from secequity.analysis.attempts import report_untold, rng_of, untold
from secequity.analysis.measures import Measure
from secequity.checks import Findings
from secequity.config import Config
from secequity.results import GAPS, INEQUALITY

NO_ZONE = "none"


def gaps_of(
    measures: Iterable[Measure], zones: pd.Series, people: pd.Series, config: Config, *, found: Findings
) -> pd.DataFrame:
    """Centre against periphery, one row a measure; what cannot be told is missing and said."""
    rows = []
    for one in measures:
        if one.kind == "smoothed":
            continue
        options = config.equity
        with untold(found, one.name, "gap") as attempt:
            compared = gaps.compare_zones(
                one.values,
                zones,
                weights=people,
                level=options.level,
                replicates=options.replicates,
                permutations=config.autocorrelation.permutations,
                rng=rng_of(config, one.drawn_as, "gap"),
            )
            rows.append(compared.to_frame())
            reason = compared.interval.reason
            if reason:
                report_untold(found, one.name, "interval", f"@reason.{reason}")
        if attempt.failed:
            rows.append(pd.DataFrame([{"measure": one.name}], columns=list(GAPS)))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(GAPS))


def inequality_of(
    measures: Iterable[Measure], zones: pd.Series, people: pd.Series, rank: pd.Series | None, *, found: Findings
) -> pd.DataFrame:
    """Inequality among people of each coverage and hours measure, where there are people and a value."""
    rows = []
    for one in measures:
        if one.kind not in ("coverage", "hours"):
            continue
        row: dict[str, object] = dict.fromkeys(INEQUALITY, np.nan) | {"measure": one.name}
        known = one.values.notna() & (people > 0)
        values, weights = one.values[known], people[known]
        with untold(found, one.name, "inequality"):
            row |= {
                "gini": equity.gini(values, weights=weights),
                "hoover": equity.hoover(values, weights=weights),
                "theil": equity.theil(values, weights=weights).total,
                "palma": equity.palma(values, weights=weights),
            }
        with untold(found, one.name, "theil_between"):
            split = equity.theil(values, weights=weights, groups=zones[known].fillna(NO_ZONE))
            row |= {"theil_between": split.between, "theil_within": split.within}
        if rank is not None:
            ranked = known & rank.notna()
            with untold(found, one.name, "concentration_index"):
                row["concentration_index"] = equity.concentration_index(
                    one.values[ranked], rank[ranked], weights=people[ranked]
                )
        rows.append(row)
    return pd.DataFrame(rows, columns=list(INEQUALITY))
