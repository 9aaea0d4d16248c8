"""The tables about places: one row a neighbourhood, and the ledger of hours by supplier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from secequity.findings import leading_measure
from secequity.report.measured import ZONES, shown_measures
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, count, figure, section
from secequity.results import StudyTables
from secequity.texts import catalogue, number, text
from secequity.wording import measure_label, percent, visible

FEW_PEOPLE = 1000
RESIDENTS = "residents"


def neighbourhoods(tables: StudyTables, language: str) -> Sheet:
    """Every neighbourhood, the least covered first: zone, people, each rate with its amount, the cluster."""
    areas, leading = tables.neighbourhoods, leading_measure(tables)
    ranked = areas.sort_values(leading, kind="stable") if leading in areas else areas
    measures = [name for name in shown_measures(tables) if name in areas]
    measures += [
        name for name in tables.measures.loc[tables.measures["kind"] == "smoothed", "measure"] if name in areas
    ]
    clustered = f"{leading}_cluster" in areas
    rows = []
    for place, (identity, line) in enumerate(ranked.iterrows(), start=1):
        cells = [
            Cell(visible(str(line["name"])), aside=str(identity)),
            _zone(line["zone"], language),
            _people(line["population"]),
        ]
        cells += [_rate(line, name, tables, language) for name in measures]
        if clustered:
            cells.append(_cluster(line[f"{leading}_cluster"], language))
        rows.append(Row(cells=tuple(cells), anchor=f"area-{place}"))
    columns = [
        Column(text("report.areas.name", language), numeric=False),
        Column(text("report.areas.zone", language), numeric=False),
    ]
    columns.append(Column(text("report.areas.population", language)))
    columns += [Column(measure_label(tables, name, language)) for name in measures]
    if clustered:
        columns.append(Column(text("report.areas.cluster", language), numeric=False))
    label = measure_label(tables, leading, language) if leading else ""
    caption = text("report.areas.caption" if leading in areas else "report.areas.caption.plain", language, label=label)
    notes = [text("report.areas.note", language)]
    if clustered:
        notes.append(text("report.areas.clusters", language))
    if (areas["population"] < FEW_PEOPLE).any():
        notes.append(text("report.areas.few", language, people=FEW_PEOPLE))
    return Sheet(anchor="areas", caption=caption, columns=tuple(columns), rows=tuple(rows), notes=tuple(notes))


def lowest(tables: StudyTables, measure: str, language: str, *, first: int) -> Sheet:
    """The neighbourhoods with the least of a measure, for the one-page brief."""
    areas = tables.neighbourhoods
    ranked = areas[areas[measure].notna()].sort_values([measure, "population"], ascending=[True, False], kind="stable")
    rows = tuple(
        Row(
            cells=(
                Cell(visible(str(line["name"]))),
                _zone(line["zone"], language),
                _people(line["population"]),
                figure(line[measure]),
            )
        )
        for _, line in ranked.head(first).iterrows()
    )
    columns = (
        Column(text("report.areas.name", language), numeric=False),
        Column(text("report.areas.zone", language), numeric=False),
        Column(text("report.areas.population", language)),
        Column(measure_label(tables, measure, language)),
    )
    caption = text("report.lowest.caption", language, count=len(rows))
    return Sheet(anchor="lowest", caption=caption, columns=columns, rows=rows)


def _zone(zone: Any, language: str) -> Cell:
    return Cell(text(f"zone.short.{zone}" if zone in ZONES else "zone.missing", language), word=zone not in ZONES)


def _people(population: Any) -> Cell:
    few = pd.notna(population) and population < FEW_PEOPLE
    cell = count(population)
    return cell._replace(text=f"{cell.text}\u202f†") if few else cell


def _rate(line: pd.Series, name: str, tables: StudyTables, language: str) -> Cell:
    measure = tables.measures.set_index("measure").loc[name]
    layer = str(measure["layer"])
    if pd.isna(line[name]):
        status = str(line.get(f"{layer}_status", "missing"))
        word = catalogue(language).get(f"status.{status if status != 'ok' else 'missing'}", status)
        return Cell(word, word=True)
    amount = line.get(f"{layer}_amount") if measure["kind"] == "coverage" else None
    aside = "" if amount is None or pd.isna(amount) else f"({number(float(amount))})"
    return figure(line[name])._replace(aside=aside)


def _cluster(cluster: str | float, language: str) -> Cell:
    told = cluster if isinstance(cluster, str) else "missing"
    return Cell(text(f"report.cluster.{told}", language), word=not told.isupper())


def ledger(tables: StudyTables, language: str) -> Sheet:
    """Hours of security work a week by who supplies them and by zone, in all and per 1,000 residents."""
    areas = tables.neighbourhoods
    entries = tables.ledger.assign(zone=tables.ledger["id"].map(areas["zone"]))
    people = areas.groupby("zone")["population"].sum()
    total = {zone: float(entries.loc[entries["zone"] == zone, "hours_per_week"].sum()) for zone in ZONES}
    rows: list[Row] = []
    for supplier, part in entries.groupby("supplier", sort=False):
        rows.append(section(catalogue(language).get(f"supplier.{supplier}", str(supplier))))
        for layer, hours in part.groupby("layer", sort=False):
            cells = [Cell(_layer(str(layer), tables, language))]
            for zone in ZONES:
                amount = float(hours.loc[hours["zone"] == zone, "hours_per_week"].sum())
                cells += [Cell(number(round(amount))), _per_1000(amount, people.get(zone, 0.0))]
            rows.append(Row(cells=tuple(cells)))
    rows.append(section(text("report.ledger.all", language)))
    totals = [Cell(text("report.ledger.total", language))]
    own = [Cell(text("report.ledger.own", language))]
    for zone in ZONES:
        residents = entries.loc[(entries["zone"] == zone) & (entries["supplier"] == RESIDENTS), "hours_per_week"].sum()
        totals += [Cell(number(round(total[zone]))), _per_1000(total[zone], people.get(zone, 0.0))]
        share = Cell(percent(float(residents) / total[zone], language)) if total[zone] else Cell(ABSENT, word=True)
        own += [share, Cell("")]
    rows += [Row(cells=tuple(totals)), Row(cells=tuple(own))]
    heads = (text(f"report.ledger.{head}.{zone}", language) for zone in ZONES for head in ("hours", "rate"))
    columns = (Column(text("report.ledger.supplier", language), numeric=False), *(Column(head) for head in heads))
    notes = (text("report.ledger.note", language),)
    return Sheet(
        anchor="ledger", caption=text("report.ledger.caption", language), columns=columns, rows=tuple(rows), notes=notes
    )


def _layer(layer: str, tables: StudyTables, language: str) -> str:
    labels = tables.options.get("labels")
    label = labels.get(layer) if isinstance(labels, Mapping) else None
    told = label.get(language) if isinstance(label, Mapping) else label
    return visible(str(told)) if told else catalogue(language).get(f"body.{layer}", visible(layer))


def _per_1000(amount: float, people: float) -> Cell:
    return figure(1000 * amount / people) if people else Cell(ABSENT, word=True)
