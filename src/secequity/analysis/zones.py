"""Measures become the tables of gaps and of inequality."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import equity, gaps
from secequity.analysis.attempts import report_untold, rng_of, untold
from secequity.analysis.draws import permutations_of, replicates_of
from secequity.analysis.measures import Measure
from secequity.checks import Findings
from secequity.config import Config
from secequity.gaps import GapWithUncertainty
from secequity.results import GAPS, INEQUALITY

NO_ZONE = "none"


def gaps_of(
    measures: Iterable[Measure],
    zones: pd.Series,
    people: pd.Series,
    config: Config,
    *,
    graph: Graph,
    found: Findings,
) -> tuple[pd.DataFrame, dict[str, GapWithUncertainty]]:
    """Centre against periphery, one row a measure, and behind it each gap that can be told; what cannot is said.

    Coverage and hours are also held against cities in which neighbours are alike.
    """
    names, told = [], []
    for one in measures:
        if one.kind == "smoothed":
            continue
        names.append(one.name)
        with untold(found, one.name, "gap") as attempt:
            equity.gap(one.values, zones, weights=people)
        if not attempt.failed:
            told.append(one)
    options: dict[str, Any] = {
        "weights": people,
        "level": config.equity.level,
        "replicates": replicates_of(config, len(people)),
        "permutations": permutations_of(config, len(people)),
    }
    compared: dict[str, GapWithUncertainty] = {}
    for spatial in (True, False):
        part = [one for one in told if (one.kind in ("coverage", "hours")) == spatial]
        values = [one.values.rename(one.name) for one in part]
        rng = rng_of(config, "gap")
        gapped = gaps.compare_each(values, zones, graph=graph if spatial else None, rng=rng, **options)
        compared |= {one.name: gap for one, gap in zip(part, gapped, strict=True)}
    for name in names:
        if name in compared and compared[name].interval.reason:
            report_untold(found, name, "interval", f"@reason.{compared[name].interval.reason}")
    rows = [compared[one].to_frame() if one in compared else _nothing(one) for one in names]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(GAPS))
    return table, {one: compared[one] for one in names if one in compared}


def _nothing(measure: str) -> pd.DataFrame:
    return pd.DataFrame([{"measure": measure}], columns=list(GAPS))


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
