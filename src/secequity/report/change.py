"""What would change the conclusion: the choices, the tests and the missing data on which it hangs."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from secequity.findings import leading_measure
from secequity.report import residents, robust
from secequity.results import StudyTables
from secequity.texts import text
from secequity.wording import areas_label, p_label, people_label


def sentences(tables: StudyTables, language: str) -> tuple[str, ...]:
    """Each thing that would, in a sentence; nothing is listed that the study did not try or count."""
    return tuple(_sentences(tables, language))


def _sentences(tables: StudyTables, language: str) -> Iterator[str]:
    leading = leading_measure(tables)
    rows = tables.table("robustness")
    rows = rows[rows["measure"] == leading]
    alpha = 1 - float(tables.options.get("level", 0.95))
    if len(rows):
        row = rows.iloc[0]
        runs, same, levels, alike = (
            0 if pd.isna(row[name]) else int(row[name]) for name in ("runs", "same", "levels", "levels_same")
        )
        if runs > 1:
            yield text("change.runs" if runs > same else "change.runs.none", language, gone=runs - same, runs=runs)
        if levels > alike:
            yield text("change.levels", language, gone=levels - alike, levels=levels)
    chances = robust.tests_of(tables, leading) if leading else {}
    for method in ("spectral", "cores"):
        if chances.get(method, 0.0) >= alpha > chances.get("label", 1.0):
            yield text(f"change.{method}", language, p=p_label(chances[method], language))
    areas = tables.neighbourhoods
    if leading in areas:
        absent = areas[areas[leading].isna() & (areas["population"] > 0)]
        if len(absent):
            people = people_label(float(absent["population"].sum()), language)
            yield text("change.absent", language, areas=areas_label(len(absent), language), people=people)
    unsure = int((tables.hypotheses["verdict"] == "cannot tell").sum())
    if unsure:
        key = "change.unsure.one" if unsure == 1 else "change.unsure"
        yield text(key, language, count=unsure, all=len(tables.hypotheses))
    yield from residents.turning(tables, language)
