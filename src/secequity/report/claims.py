"""The four claims in words a mayor understands, with the numbers behind each."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from secequity.report.lines import Head, Line, chance, interval, sheet, spoken, value, whole
from secequity.report.sheet import ABSENT, Cell, Sheet, figure
from secequity.results import StudyTables
from secequity.texts import text
from secequity.wording import measure_label, percent

SHARES = ("composition", "own_share", "level")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A claim, the verdict on it, what was compared and how sure one can be, and the numbers behind."""

    name: str
    claim: str
    verdict: str
    word: str
    reading: str
    numbers: Sheet | None


def answers(tables: StudyTables, language: str) -> tuple[Answer, ...]:
    """Every claim put to the test, in the reader's language."""
    readings = tables.table("claims_readings").set_index("hypothesis")
    details = tables.table("claims")
    told = []
    for line in tables.hypotheses.to_dict("records"):
        name, verdict = str(line["hypothesis"]), str(line["verdict"])
        known = name in readings.index
        reading = readings.loc[name, f"reading_{language}"] if known else line["reading"]
        rows = details[details["hypothesis"] == name]
        told.append(
            Answer(
                name=name,
                claim=spoken(name, "hypothesis", language),
                verdict=verdict.replace(" ", "-"),
                word=spoken(verdict, "verdict", language),
                reading=str(reading),
                numbers=_numbers(name, rows, tables, language) if len(rows) else None,
            )
        )
    return tuple(told)


def _numbers(name: str, rows: pd.DataFrame, tables: StudyTables, language: str) -> Sheet:
    def side(zone: str) -> Head:
        def write(line: Line, _: StudyTables, reader: str) -> Cell:
            if pd.isna(line[zone]):
                return Cell(ABSENT, word=True)
            shared = line["part"] in SHARES
            return Cell(percent(float(line[zone]), reader)) if shared else figure(line[zone])

        return Head(zone, write)

    def part(line: Line, _: StudyTables, reader: str) -> Cell:
        about: str = "" if pd.isna(line["about"]) else str(line["about"])
        return Cell(
            text(f"report.claims.part.{line['part']}", reader),
            aside=measure_label(tables, about, reader) if about else "",
        )

    heads = [
        Head("part", part, False),
        side("centre"),
        side("periphery"),
        value("value"),
        interval(),
        chance(),
        whole("n"),
        Head("verdict", lambda line, _, reader: Cell(spoken(line["verdict"], "verdict", reader)), False),
    ]
    made = sheet("claims", rows, heads, tables, language)
    moved = tuple(
        row.__class__(cells=row.cells, anchor=f"claims-{name}-{place}") for place, row in enumerate(made.rows, start=1)
    )
    return Sheet(
        anchor=f"claims-{name}",
        caption=f"{made.caption}: {spoken(name, 'hypothesis', language)}",
        columns=made.columns,
        rows=moved,
        notes=made.notes,
    )
