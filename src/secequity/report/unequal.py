"""Inequality with its intervals, and how groups of people live apart and what coverage they have."""

from __future__ import annotations

from collections.abc import Iterator

from secequity.findings import leading_measure
from secequity.report.lines import Head, Line, Part, chance, interval, of_measure, sheet, value, word
from secequity.report.measured import shown_measures
from secequity.report.sheet import Cell, Sheet
from secequity.results import StudyTables
from secequity.texts import text
from secequity.wording import measure_label


def part(tables: StudyTables, language: str) -> Part | None:
    """Segregation of the groups the study names, and the coverage of each."""
    sheets = tuple(_sheets(tables, language))
    return (
        Part(name="segregation", said=(text("report.segregation.said", language),), sheets=sheets) if sheets else None
    )


def intervals(tables: StudyTables, language: str) -> Sheet | None:
    """The indices of inequality of the leading measure, with their intervals."""
    table = tables.table("inequality_intervals")
    table = table[(table["measure"] == leading_measure(tables)) & table["estimate"].notna()]
    if table.empty:
        return None
    heads = [of_measure(), word("index", "inequality"), value("estimate", decimals=3), interval()]
    note = text("report.inequality_intervals.note", language)
    return sheet("inequality_intervals", table, heads, tables, language, notes=[note])


def _sheets(tables: StudyTables, language: str) -> Iterator[Sheet]:
    apart = tables.table("segregation")
    if len(apart):
        heads = [word("index", "segregation"), value("value", decimals=3), interval()]
        heads += [value("expected", decimals=3), chance(), chance("p_within_zones", "p_within")]
        note = text("report.segregation.note", language)
        yield sheet("segregation", apart, heads, tables, language, notes=[note], by=_group())
    covered = tables.table("group_coverage")
    if len(covered):
        covered = covered[covered["measure"].isin(shown_measures(tables))]
        heads = [of_measure(), value("of_group"), value("of_others"), value("ratio", decimals=2)]
        heads += [interval("ratio_low", "ratio_high", "ratio_interval")]
        yield sheet("group_coverage", covered, heads, tables, language, by=_group())


def _group() -> Head:
    def write(line: Line, tables: StudyTables, language: str) -> Cell:
        return Cell(measure_label(tables, str(line["group"]), language))

    return Head("group", write, False)
