"""How far a headline number can be trusted: other tests, other lines, other levels."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from secequity.findings import leading_measure
from secequity.report.lines import (
    Head,
    Line,
    Part,
    bare_measure,
    chance,
    denominator,
    interval,
    of_kind,
    of_measure,
    share,
    sheet,
    spoken,
    value,
    whole,
    word,
)
from secequity.report.measured import shown_measures
from secequity.report.sheet import Cell, Sheet
from secequity.results import StudyTables
from secequity.texts import number, text
from secequity.wording import measure_label, p_label

COUNTS = ("runs", "same", "sure", "levels", "levels_same")
OWN = "own_hours_per_1000"
METHODS = ("label", "cores", "spectral")


def part(tables: StudyTables, language: str) -> Part | None:
    """Intervals of the ratio, the three tests of chance, the specification curve and the levels of aggregation."""
    sheets = tuple(_sheets(tables, language))
    if not sheets:
        return None
    return Part(name="robustness", said=tuple(sentences(tables, language)), sheets=sheets)


def sentences(tables: StudyTables, language: str) -> Iterator[str]:
    """One line of robustness for the leading measure: in how many runs and levels it holds, and what the tests say."""
    leading = leading_measure(tables)
    table = tables.table("robustness")
    rows = table[table["measure"] == leading]
    if rows.empty or leading is None:
        return
    row = rows.iloc[0]
    counts = {name: 0 if pd.isna(row[name]) else int(row[name]) for name in COUNTS}
    if counts["runs"]:
        label = measure_label(tables, leading, language)
        alpha = number(float(row["alpha"]), 2)
        yield text("specifications.summary", language, measure=label, alpha=alpha, **counts)
    if pd.notna(row["ratio_low"]) and counts["runs"] > 1:
        limits = {"low": float(row["ratio_low"]), "high": float(row["ratio_high"])}
        yield text("report.robustness.range", language, **limits)
    chances = tests_of(tables, leading)
    if set(METHODS) <= chances.keys():
        told = {method: p_label(p_value, language) for method, p_value in chances.items()}
        yield text("report.robustness.tests", language, **told)
    if counts["levels"] > 1:
        yield text("report.robustness.levels", language, same=counts["levels_same"], levels=counts["levels"])


def tests_of(tables: StudyTables, measure: str) -> dict[str, float]:
    """The p value of each test of a measure's gap that gave one."""
    table = tables.table("gap_tests")
    known = table[(table["measure"] == measure) & table["p_value"].notna()]
    return {str(method): float(p_value) for method, p_value in zip(known["method"], known["p_value"], strict=True)}


def _sheets(tables: StudyTables, language: str) -> Iterator[Sheet]:
    shown = shown_measures(tables)
    intervals = tables.table("gap_intervals")
    ratios = intervals[(intervals["figure"] == "ratio") & intervals["measure"].isin(shown)]
    tests = tables.table("gap_tests")
    tests = tests[tests["measure"].isin(shown)]
    if len(tests):
        p_values = tests.pivot(index="measure", columns="method", values="p_value").reindex(columns=list(METHODS))
        joined = p_values.reset_index().merge(ratios, on="measure", how="left").set_index("measure")
        ordered = joined.reindex([one for one in shown if one in joined.index]).reset_index()
        heads = [bare_measure(), value("estimate", "ratio", 2), interval(heading="ratio_interval")]
        heads += [chance(method, f"p_{method}") for method in METHODS]
        notes = [text("report.gap_tests.note", language)]
        yield sheet("gap_tests", ordered, heads, tables, language, notes=notes, by=of_kind())
    runs = tables.table("specifications")
    leading = runs[runs["measure"] == leading_measure(tables)]
    if len(leading):
        heads = [
            Head("casco", _casco, False),
            denominator(),
            word("smoothing", "smoothing"),
            value("centre"),
            value("periphery"),
            interval(heading="difference_interval"),
            value("ratio", decimals=2),
            chance(),
        ]
        notes = [text("specifications.definition", language)]
        yield sheet("specifications", leading, heads, tables, language, notes=notes)
    levels = tables.table("levels")
    levels = levels[levels["measure"].isin((leading_measure(tables), OWN))]
    if levels["level"].nunique() > 1:
        heads = [word("level", "level"), whole("n", "areas"), value("centre"), value("periphery")]
        heads += [interval(heading="difference_interval"), value("ratio", decimals=2), chance()]
        heads += [value("gini", decimals=3), value("moran", decimals=3), share("zone_share")]
        notes = [text("report.levels.note", language)]
        by = of_measure() if levels["measure"].nunique() > 1 else None
        yield sheet("levels", levels, heads, tables, language, notes=notes, by=by)


def _casco(line: Line, _: StudyTables, language: str) -> Cell:
    """A line by its name: the study's own, a radius, a density, or the name the study gives it."""
    kind, _colon, size = str(line["casco"]).partition(":")
    if kind in ("radius", "density") and size:
        return Cell(text(f"casco.{kind}", language, value=float(size)))
    return Cell(spoken(line["casco"], "casco", language))
