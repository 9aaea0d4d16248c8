"""The tables about who is where and when: the shifts, the register of bodies, the two rankings of the patrols."""

from __future__ import annotations

from typing import Any

import pandas as pd

from secequity.report.measured import ZONES
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, count, figure
from secequity.results import StudyTables
from secequity.texts import catalogue, number, text
from secequity.wording import (
    LONG_NAME,
    areas_label,
    layer_label,
    people_label,
    percent,
    shift_label,
    unit_label,
    visible,
)

MOVERS = 10
FEWEST = 3
HOUR = "hour"
RHO = ((0.9, "same"), (0.6, "alike"), (0.3, "loose"))
STATUSES = ("blind", "overlap", "cannot tell")
WHOLE = 1e-6


def shifts(tables: StudyTables, language: str) -> Sheet:
    """Blind spots and overlaps, one row a shift."""
    areas = tables.neighbourhoods
    people = areas.groupby("zone")["population"].sum()
    rows = []
    for shift, part in tables.shifts.groupby("shift", sort=False):
        status = part.set_index("id")["status"].reindex(areas.index)
        cells = [Cell(_capital(shift_label(str(shift), language)))]
        for one in STATUSES:
            here = areas[status == one]
            cells += [count(len(here)), count(here["population"].sum())]
            if one == "blind":
                blind = here.groupby("zone")["population"].sum()
                cells += [_share(blind.get(zone, 0.0), people.get(zone, 0.0), language) for zone in ZONES]
        rows.append(Row(cells=tuple(cells)))
    columns = [Column(text("report.shifts.shift", language), numeric=False)]
    for one in STATUSES:
        group = text(f"report.shifts.{one.replace(' ', '_')}", language)
        columns += [Column(text(f"report.shifts.{head}", language), group=group) for head in ("areas", "people")]
        if one == "blind":
            columns += [Column(text(f"report.shifts.{zone}", language), group=group) for zone in ZONES]
    told = tables.ledger.loc[tables.ledger["shift"].notna(), "layer"].unique()
    layers = ", ".join(layer_label(tables, str(layer), language) for layer in told)
    notes = (text("report.shifts.note", language), text("report.shifts.layers", language, layers=layers))
    caption = text("report.shifts.caption", language)
    return Sheet(anchor="shifts", caption=caption, columns=tuple(columns), rows=tuple(rows), notes=notes)


def shifts_sentences(tables: StudyTables, language: str) -> tuple[str, ...]:
    """How many people no official body guards in each shift, and where three suppliers or more coincide."""
    areas = tables.neighbourhoods
    everyone = float(areas["population"].sum())
    blind: dict[str, tuple[int, float]] = {}
    shared: dict[str, tuple[int, float]] = {}
    for shift, part in tables.shifts.groupby("shift", sort=False):
        status = part.set_index("id")["status"].reindex(areas.index)
        for found, one in ((blind, "blind"), (shared, "overlap")):
            here = areas[status == one]
            found[shift_label(str(shift), language)] = (len(here), float(here["population"].sum()))
    told = []
    alike = len(set(blind.values())) == 1 and len(blind) > 1
    for shift, (many, people) in list(blind.items())[: 1 if alike else None]:
        when = text("report.shifts.always" if alike else "report.shifts.in", language, shift=shift)
        key = "report.shifts.blind.sentence" if many else "report.shifts.blind.none"
        share = percent(people / everyone, language) if everyone else ABSENT
        about = {"areas": areas_label(many, language), "people": people_label(people, language), "share": share}
        told.append(_capital(text(key + (".one" if many == 1 else ""), language, when=when, **about)))
    shift, (many, people) = max(shared.items(), key=lambda one: one[1][1])
    if many == 0:
        told.append(text("report.shifts.overlap.none", language))
    else:
        about = {"areas": areas_label(many, language), "people": people_label(people, language)}
        told.append(text("report.shifts.overlap.sentence", language, shift=shift, **about))
    return tuple(told)


def register(tables: StudyTables, language: str) -> Sheet:
    """Every body in action, a row a layer: what it has, where it is, where it is alone, what is not known of it."""
    spoken = catalogue(language)
    rows = []
    for line in tables.register.to_dict("records"):
        body, kind = str(line["body"]), str(line["kind"])
        about = f"{spoken.get(f'body.{body}', body)} · {spoken.get(f'kind.{kind}', kind)}"
        cells = (
            Cell(layer_label(tables, str(line["layer"]), language), aside=about),
            _amount(line["amount"], str(line["unit"]), language),
            _rounded(line["hours_per_week"]),
            count(line["neighbourhoods"]),
            count(line["people"]),
            figure(line["area_km2"], 1),
            *(count(line[column]) for column in ("alone", "doubled", "missing")),
        )
        rows.append(Row(cells=cells))
    heads = ("layer", "amount", "hours", "areas", "people", "km2", "alone", "doubled", "missing")
    columns = tuple(Column(text(f"report.register.{head}", language), head != "layer") for head in heads)
    notes = (text("report.register.note", language),)
    caption = text("report.register.caption", language)
    return Sheet(anchor="register", caption=caption, columns=columns, rows=tuple(rows), notes=notes)


def register_sentence(tables: StudyTables, language: str) -> str:
    """How many bodies are in action, which layer reaches most people and which the fewest."""
    table = tables.register
    spoken = catalogue(language)
    bodies = [spoken.get(f"body.{body}", str(body)) for body in table["body"].unique()]
    if len(bodies) == 1:
        return text("report.register.single", language, name=bodies[0])
    names = text("list.and", language, head=", ".join(bodies[:-1]), last=bodies[-1])
    values: dict[str, Any] = {"layers": len(table), "bodies": len(bodies), "names": names}
    ordered = table.sort_values("people", ascending=False, kind="stable")
    for key, line in (("most", ordered.iloc[0]), ("least", ordered.iloc[-1])):
        values[f"{key}_layer"] = layer_label(tables, str(line["layer"]), language)
        values[f"{key}_areas"] = areas_label(int(line["neighbourhoods"]), language)
        values[f"{key}_people"] = people_label(float(line["people"]), language)
    return text("report.register.sentence", language, **values)


def ranking(tables: StudyTables, language: str) -> Sheet:
    """The areas whose place changes most when patrols are ranked by hours per resident instead of kilometres."""
    table = _ranked(tables)
    moved = table.assign(moved=table["places_lost"].abs())
    moved = moved.sort_values(["moved", "rank_by_km"], ascending=[False, True], kind="stable").head(MOVERS)
    areas = tables.neighbourhoods
    rows = []
    for line in moved.to_dict("records"):
        place = areas.loc[line["id"]]
        cells = (
            Cell(visible(str(place["name"]), most=LONG_NAME)),
            Cell(_zone(place["zone"], language)),
            *(figure(line[column], 1) for column in ("km_per_week", "hours_per_week", "hours_per_1000")),
            _place(line["rank_by_km"]),
            _place(line["rank_by_hours"]),
            Cell(_move(float(line["places_lost"]), language)),
        )
        rows.append(Row(cells=cells))
    heads = ("area", "zone", "km", "hours", "rate", "by_km", "by_hours", "change")
    columns = tuple(Column(text(f"report.ranking.{head}", language), head not in ("area", "zone")) for head in heads)
    driven = [layer for layer in tables.register["layer"] if f"{layer}_km_per_week" in areas]
    names = ", ".join(layer_label(tables, str(layer), language) for layer in driven)
    key = "report.ranking.note" if len(driven) == 1 else "report.ranking.note.several"
    notes = (text("report.ranking.ties", language), text(key, language, layers=names)) if driven else ()
    caption = text("report.ranking.caption", language, count=len(rows))
    return Sheet(anchor="ranking", caption=caption, columns=columns, rows=tuple(rows), notes=notes)


def ranking_sentence(tables: StudyTables, language: str) -> str:
    """How alike the two rankings are, and how many of the first by kilometres are not among the first by hours."""
    table = _ranked(tables)
    by_km, by_hours = table["km_per_week"].rank(ascending=False), table["hours_per_1000"].rank(ascending=False)
    rho = by_km.corr(by_hours) if by_km.nunique() > 1 and by_hours.nunique() > 1 else float("nan")
    if pd.isna(rho):
        return text("report.ranking.untold", language)
    verdict = next((word for least, word in RHO if rho >= least), "unlike")
    opening = text(f"report.ranking.{verdict}", language, rho=number(float(rho), 2))
    first = int((by_km <= min(MOVERS, len(table) // 2)).sum())
    if first < FEWEST:
        return opening
    gone = int(((by_km <= first) & (by_hours > first)).sum())
    key = "one" if gone == 1 else "none" if gone == 0 else "many"
    return f"{opening} {text(f'report.ranking.gone.{key}', language, gone=gone, first=first)}"


def _ranked(tables: StudyTables) -> pd.DataFrame:
    return tables.ranking.dropna(subset=["km_per_week", "hours_per_1000"])


def _share(part: float, whole: float, language: str) -> Cell:
    return Cell(percent(float(part) / float(whole), language)) if whole else Cell(ABSENT, word=True)


def _amount(amount: float, unit: str, language: str) -> Cell:
    if pd.isna(amount):
        return Cell(ABSENT, word=True)
    if unit == HOUR:
        return Cell(text("report.register.in_hours", language), word=True)
    near = round(float(amount))
    whole = abs(amount - near) < WHOLE or abs(amount) >= 100
    told = float(near) if whole else float(amount)
    return Cell(number(told), aside=visible(unit_label(unit, language, told)))


def _rounded(hours: float) -> Cell:
    return Cell(ABSENT, word=True) if pd.isna(hours) else Cell(number(round(float(hours))))


def _place(rank: float) -> Cell:
    return Cell(number(rank, 0 if float(rank).is_integer() else 1))


def _move(lost: float, language: str) -> str:
    if lost == 0:
        return text("report.ranking.stays", language)
    places = number(abs(lost), 0 if lost.is_integer() else 1)
    return text("report.ranking.falls" if lost > 0 else "report.ranking.rises", language, places=places)


def _zone(zone: Any, language: str) -> str:
    return text(f"zone.short.{zone}" if zone in ZONES else "zone.missing", language)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
