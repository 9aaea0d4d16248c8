"""What goes with the gap: distance, need, other denominators, an equation. Never why."""

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
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, figure
from secequity.results import StudyTables
from secequity.texts import text
from secequity.wording import measure_label, p_label, percent

EFFECTS = ("coefficient", "total")


def part(tables: StudyTables, language: str) -> Part | None:
    """The gradient, the decomposition of the gap by need, the denominators and the regression."""
    sheets = tuple(_sheets(tables, language))
    return Part(name="explained", said=tuple(_sentences(tables, language)), sheets=sheets) if sheets else None


def _sentences(tables: StudyTables, language: str) -> Iterator[str]:
    leading = leading_measure(tables)
    gradient = tables.table("gradient")
    rows = gradient[(gradient["measure"] == leading) & gradient["ratio_per_km"].notna()]
    if leading is not None and len(rows):
        row = rows.iloc[0]
        change = float(row["ratio_per_km"]) - 1
        unsure = row["low"] <= 1 <= row["high"] or row["p_spectral"] >= 1 - float(row["level"])
        key = "unsure" if unsure else "falls" if change < 0 else "rises"
        told = {"measure": measure_label(tables, leading, language), "share": percent(abs(change), language)}
        yield text(f"report.gradient.{key}", language, **told)


def _sheets(tables: StudyTables, language: str) -> Iterator[Sheet]:
    gradient = tables.table("gradient")
    if len(gradient):
        heads = [bare_measure(), value("ratio_per_km", decimals=2), interval(), value("rank_correlation", decimals=2)]
        heads += [chance(), chance("p_spectral", "p_spectral"), whole("n", "areas")]
        notes = [text("report.gradient.note", language)]
        yield sheet("gradient", gradient, heads, tables, language, notes=notes, by=of_kind())
    parts = tables.table("decomposition")
    if len(parts):
        heads = [of_measure(), word("reference", "reference"), _term(tables), value("explained")]
        heads += [interval("low", "high"), value("unexplained"), share("share", "share_explained")]
        notes = [text("report.decomposition.note", language)]
        yield sheet("decomposition", parts, heads, tables, language, notes=notes)
    others = tables.table("denominators")
    others = others[others["measure"] == _first(tables, others)]
    if len(others):
        heads = [denominator(), value("centre"), value("periphery"), value("ratio", decimals=2)]
        heads += [value("rank_correlation", decimals=2), share("same_fifth_share"), whole("always_least")]
        notes = [text("report.denominators.note", language)]
        yield sheet("denominators", others, heads, tables, language, notes=notes)
    yield from _regression(tables, language)


def _regression(tables: StudyTables, language: str) -> Iterator[Sheet]:
    table = tables.table("regression")
    leading = leading_measure(tables)
    chosen = table["measure"] == (
        leading if (table["measure"] == leading).any() else next(iter(table["measure"]), None)
    )
    table = table[chosen & (table["term"] != "constant") & table["effect"].isin(EFFECTS)]
    if table.empty:
        return
    heads = [_term(tables), word("effect", "effect"), value("estimate"), interval(), chance(), whole("n", "areas")]
    notes = [text("report.regression.note", language), text("regression.caution", language)]
    yield sheet("regression", table, heads, tables, language, notes=notes, by=word("model", "regression.model"))
    checks = tables.table("regression_diagnostics")
    checks = checks[checks["measure"].isin(table["measure"])]
    if len(checks):
        yield _diagnostics(checks, tables, language)


def _diagnostics(checks: pd.DataFrame, tables: StudyTables, language: str) -> Sheet:
    """A row a test, a column an equation: the value, and beside it the chance where the test has one."""
    models = list(dict.fromkeys(checks["model"]))
    found = {(one["test"], one["model"]): one for one in checks.to_dict("records")}

    def cell(test: str, model: str) -> Cell:
        one = found.get((test, model))
        if one is None:
            return Cell(ABSENT, word=True)
        chance_of = "" if pd.isna(one["p_value"]) else p_label(float(one["p_value"]), language)
        return figure(one["statistic"])._replace(aside=chance_of)

    rows = tuple(
        Row(
            cells=(Cell(spoken(test, "diagnostic", language)), *(cell(test, model) for model in models)),
            anchor=f"regression_diagnostics-{place}",
        )
        for place, test in enumerate(dict.fromkeys(checks["test"]), start=1)
    )
    columns = (
        Column(text("report.regression_diagnostics.test", language), numeric=False),
        *(Column(spoken(model, "regression.model", language)) for model in models),
    )
    caption = text("report.regression_diagnostics.caption", language)
    return Sheet(anchor="regression_diagnostics", caption=caption, columns=columns, rows=rows)


def _first(tables: StudyTables, table: pd.DataFrame) -> str | None:
    """The leading measure where the table has it, else the table's first."""
    leading = leading_measure(tables)
    return leading if (table["measure"] == leading).any() else next(iter(table["measure"]), None)


def _term(tables: StudyTables) -> Head:
    known = set(tables.measures["measure"])

    def write(line: Line, study: StudyTables, language: str) -> Cell:
        term = str(line["term"])
        bare, _, zone = term.partition("@")
        told = measure_label(study, bare, language) if bare in known else spoken(bare, "term", language)
        return Cell(told, aside=spoken(zone, "zone", language) if zone else "")

    return Head("term", write, False)
