"""What residents give and who pays; what they fear; what goes unreported."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from secequity.report.lines import (
    Head,
    Line,
    Part,
    chance,
    share,
    sheet,
    spoken,
    value,
    whole,
    word,
)
from secequity.report.sheet import ABSENT, Cell, Sheet, count
from secequity.results import StudyTables
from secequity.texts import number, text
from secequity.wording import p_label, percent

_PLACE = {"feared_unserved": 1, "feared_served": 2, "calm_unserved": 3, "calm_served": 4, "cannot tell": 5}


def participation(tables: StudyTables, language: str) -> Part | None:
    """The burden by zone, who pays it, and what participation consists of."""
    sheets = tuple(_burden(tables, language))
    if not sheets:
        return None
    return Part(name="participation", said=tuple(_said(tables, language)), sheets=sheets)


def fear(tables: StudyTables, language: str) -> Part | None:
    """Fear beside service: how many areas and people in each of the four words."""
    table = tables.table("fear")
    places = table[table["level"] == "neighbourhood"]
    if places.empty:
        return None
    people = places["id"].map(tables.neighbourhoods["population"])
    tally = places.assign(people=people).groupby(["survey", "word"]).agg(areas=("id", "size"), people=("people", "sum"))
    rows = tally.reset_index()
    rows = rows.sort_values(["survey", "word"], key=lambda column: column.map(_PLACE).fillna(0))
    heads = [word("survey", "survey"), word("word", "fear"), whole("areas"), whole("people")]
    sheets = [sheet("fear", rows, heads, tables, language, notes=[text("report.fear.note", language)])]
    zones = table[table["level"] == "zone"]
    if len(zones):
        heads = [
            word("survey", "survey"),
            word("zone", "zone"),
            share("share", "share_afraid"),
            _shares(),
            whole("n", "asked"),
        ]
        sheets.append(sheet("fear_zones", zones, heads, tables, language))
    worst = rows[rows["word"] == "feared_unserved"]
    said = tuple(
        text("report.fear.said", language, areas=int(row["areas"]), people=number(round(row["people"])))
        for row in worst.to_dict("records")
    )
    return Part(name="fear", said=said, sheets=tuple(sheets))


def reporting(tables: StudyTables, language: str) -> Part | None:
    """The same comparison under a range of reporting rates, and where the conclusion turns."""
    table = tables.table("reporting")
    if table.empty:
        return None
    heads = [
        word("measure", "reporting.measure"),
        share("rate_centre"),
        share("rate_periphery"),
        value("centre"),
        value("periphery"),
    ]
    heads += [value("ratio", decimals=2), value("rank_correlation", decimals=2), word("turns", "turns")]
    note = text("report.reporting.note", language)
    said = tuple(turning(tables, language))
    sheets = (sheet("reporting", table, heads, tables, language, notes=[note]),)
    return Part(name="reporting", said=said, sheets=sheets)


def _rate(column: str) -> Head:
    """A reporting rate as the study gives it: 15.5 % is not 16 %."""
    return Head(column, lambda line, _, language: Cell(text("percent", language, value=f"{100 * line[column]:g}")))


def turning(tables: StudyTables, language: str) -> Iterator[str]:
    """For each measure that hangs on reporting, how differently the zones would have to report for it to turn."""
    table = tables.table("reporting").dropna(subset=["tipping_ratio"]).drop_duplicates("measure")
    for line in table.to_dict("records"):
        ratio = float(line["tipping_ratio"])
        more, less = ("centre", "periphery") if ratio >= 1 else ("periphery", "centre")
        places = {"more": spoken(more, "zone.the", language), "less": spoken(less, "zone.the", language)}
        measure = spoken(line["measure"], "reporting.measure", language)
        yield text("report.reporting.tips", language, measure=measure, ratio=number(max(ratio, 1 / ratio), 2), **places)


def _said(tables: StudyTables, language: str) -> Iterator[str]:
    own = tables.table("burden_zones").set_index("zone")["own_share"].dropna().astype(float)
    if {"centre", "periphery"} <= set(own.index):
        told = {zone: percent(float(own[zone]), language) for zone in ("centre", "periphery")}
        yield text("report.burden.own_share", language, **told)
    payers = tables.table("burden_payers").dropna(subset=["value"])
    for row in payers[payers["index"] == "kakwani"].to_dict("records"):
        way = "even" if abs(row["value"]) < 0.01 else "regressive" if row["value"] < 0 else "progressive"
        said = text(f"equity.burden.{way}", language, index=number(float(row["value"]), 2))
        burden = spoken(row["burden"], "burden", language)
        yield text("report.inequality.reading", language, label=burden[:1].upper() + burden[1:], reading=said)
    tests = tables.table("profile_tests").dropna(subset=["p_value"])
    if len(tests):
        first = tests.iloc[0]
        told = {"share": percent(float(first["value"]), language), "p": p_label(float(first["p_value"]), language)}
        yield text("report.profiles.test", language, **told)


def _burden(tables: StudyTables, language: str) -> Iterator[Sheet]:
    zones = tables.table("burden_zones")
    if len(zones):
        heads = [word("zone", "zone"), value("hours_per_1000_adults"), value("money_per_1000_adults")]
        heads += [share("own_share"), share("market_share"), share("income_share"), value("balance", decimals=2)]
        notes = [text("report.burden_zones.note", language)]
        yield sheet("burden_zones", zones, heads, tables, language, notes=notes)
    payers = tables.table("burden_payers")
    if len(payers):
        heads = [word("burden", "burden"), word("index", "inequality"), value("value", decimals=3), whole("n", "areas")]
        yield sheet("burden_payers", payers, heads, tables, language)
    profiles = tables.table("profiles")
    if len(profiles):
        heads = [word("activity", "activity"), word("kind", "activity_kind")]
        heads += [_withheld("activities"), _withheld("people"), share("share", "share_activities")]
        notes = [text("report.profiles.note", language)]
        yield sheet("profiles", profiles, heads, tables, language, notes=notes, by=word("zone", "zone"))
    embodied = tables.table("embodied")
    embodied = embodied[embodied["level"] == "zone"]
    if len(embodied):
        heads = [word("zone", "zone"), share("embodied_share"), _shares()]
        yield sheet("embodied", embodied, heads, tables, language)
    tests = tables.table("profile_tests")
    if len(tests):
        heads = [word("distance", "distance"), value("value", decimals=3), value("expected", decimals=3), chance()]
        yield sheet("profile_tests", tests, heads, tables, language)


def _withheld(column: str) -> Head:
    """A count; the word for withheld where it may not be said."""

    def write(line: Line, _: StudyTables, language: str) -> Cell:
        if pd.isna(line[column]):
            hidden = bool(line["suppressed"])
            return Cell(spoken("suppressed", "status", language) if hidden else ABSENT, word=True)
        return count(line[column])

    return Head(column, write)


def _shares() -> Head:
    def write(line: Line, _: StudyTables, language: str) -> Cell:
        if pd.isna(line["low"]) or pd.isna(line["high"]):
            return Cell(ABSENT, word=True)
        return Cell(" … ".join(percent(float(line[end]), language) for end in ("low", "high")))

    return Head("interval", write)
