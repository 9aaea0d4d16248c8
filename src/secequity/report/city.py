"""The tables about places: one row a neighbourhood, and the ledger of hours by supplier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from secequity.findings import leading_measure
from secequity.report.measured import ZONES, shown_measures
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, count, figure, section
from secequity.results import StudyTables
from secequity.texts import catalogue, number, text
from secequity.wording import LONG_NAME, layer_label, measure_label, percent, visible

FEW_PEOPLE = 1000
AREAS_AT_MOST = 400
PRINTED_AT_MOST = 70
WIDEST = 14
PLACE = ("name", "zone", "population")
RESIDENTS = "residents"


def neighbourhoods(tables: StudyTables, language: str) -> Sheet:
    """Every neighbourhood, the least covered first: zone, people, each layer's total and rates, the cluster."""
    areas, leading = tables.neighbourhoods, leading_measure(tables)
    ranked = _least(areas, leading, AREAS_AT_MOST) if leading and leading in areas else areas.head(AREAS_AT_MOST)
    shown = [measure for measure in shown_measures(tables) if measure in areas]
    blocks = [(measure, _columns_of(measure, tables)) for measure in shown]
    short = sum(len(columns) for _, columns in blocks) > WIDEST
    if short:
        hours = set(tables.measures.loc[tables.measures["kind"] == "hours", "measure"])
        blocks = [(measure, [measure]) for measure in sorted(shown, key=lambda one: one in hours)]
    clustered = f"{leading}_cluster" in areas
    rows = []
    for place, (identity, line) in enumerate(ranked.iterrows(), start=1):
        name = visible(str(line["name"]), most=LONG_NAME)
        cells = [Cell(name, aside=str(identity)), _zone(line["zone"], language), _people(line["population"])]
        for measure, columns_shown in blocks:
            cells += _block(line, measure, columns_shown, tables, language)
        if clustered:
            cells.append(_cluster(line[f"{leading}_cluster"], language))
        rows.append(Row(cells=tuple(cells), anchor=f"area-{place}"))
    label = measure_label(tables, leading, language) if leading else ""
    caption = text("report.areas.caption" if leading in areas else "report.areas.caption.plain", language, label=label)
    headings = _short_headings if short else _headings
    columns = [Column(text(f"report.areas.{head}", language), head == "population") for head in PLACE]
    columns += headings(tables, blocks, language)
    columns += [Column(text("report.areas.cluster", language), numeric=False)] if clustered else []
    return Sheet(
        anchor="areas",
        caption=caption,
        columns=tuple(columns),
        rows=tuple(rows),
        notes=_area_notes(areas, clustered, short, language),
    )


def _columns_of(measure: str, tables: StudyTables) -> list[str]:
    """What is known of a measure by neighbourhood: the total of its layer, the rate, the smoothed rate beside it."""
    measures = tables.measures.set_index("measure")
    layer = str(measures.loc[measure, "layer"])
    if measures.loc[measure, "kind"] != "coverage":
        return [measure]
    smoothed = measures.index[(measures["kind"] == "smoothed") & (measures["layer"] == layer)]
    return [column for column in (f"{layer}_amount", measure, *smoothed) if column in tables.neighbourhoods]


def _headings(tables: StudyTables, blocks: list[tuple[str, list[str]]], language: str) -> Iterator[Column]:
    kinds = tables.measures.set_index("measure")["kind"]
    layers = tables.measures.set_index("measure")["layer"]
    for measure, columns in blocks:
        if kinds[measure] != "coverage":
            short = catalogue(language).get(f"report.areas.{measure}")
            yield Column(short or measure_label(tables, measure, language))
            continue
        for column in columns:
            told = {"coverage": "rate", "smoothed": "smoothed"}.get(kinds.get(column, ""), "amount")
            yield Column(
                text(f"report.areas.{told}", language), group=layer_label(tables, str(layers[measure]), language)
            )


def _short_headings(tables: StudyTables, blocks: list[tuple[str, list[str]]], language: str) -> Iterator[Column]:
    """One column a measure, under what all of them have in common: a rate, or hours."""
    told = tables.measures.set_index("measure")
    for measure, _ in blocks:
        kind, layer = str(told.loc[measure, "kind"]), str(told.loc[measure, "layer"])
        joined = catalogue(language).get(f"report.areas.short.{measure}") or measure_label(tables, measure, language)
        heading = layer_label(tables, layer, language) if layer else joined
        yield Column(heading, group=text(f"report.areas.group.{kind}", language))


def _area_notes(areas: pd.DataFrame, clustered: bool, short: bool, language: str) -> tuple[str, ...]:
    notes = [text("report.areas.note.short" if short else "report.areas.note", language)]
    if clustered:
        notes.append(text("report.areas.clusters", language))
    if len(areas) > AREAS_AT_MOST:
        notes.append(text("report.areas.first", language, shown=AREAS_AT_MOST, all=len(areas)))
    if len(areas) > PRINTED_AT_MOST:
        notes.append(text("report.areas.printed", language, printed=PRINTED_AT_MOST))
    if (areas["population"] < FEW_PEOPLE).any():
        notes.append(text("report.areas.few", language, people=FEW_PEOPLE))
    return tuple(notes)


def lowest(tables: StudyTables, measure: str, language: str, *, first: int) -> Sheet:
    """The neighbourhoods with the least of a measure, for the one-page brief; the most peopled where many have none."""
    areas = tables.neighbourhoods
    rows = tuple(
        Row(
            cells=(
                Cell(visible(str(line["name"]), most=LONG_NAME)),
                _zone(line["zone"], language),
                count(line["population"]),
                figure(line[measure]),
            )
        )
        for _, line in _least(areas, measure, min(first, int(areas[measure].notna().sum()))).iterrows()
    )
    columns = (
        Column(text("report.areas.name", language), numeric=False),
        Column(text("report.areas.zone", language), numeric=False),
        Column(text("report.areas.population", language)),
        Column(catalogue(language).get(f"report.areas.{measure}") or measure_label(tables, measure, language)),
    )
    empty = int((areas[measure] == 0).sum())
    told = "zero" if empty > first else "caption.one" if len(rows) == 1 else "caption"
    caption = text(f"report.lowest.{told}", language, count=len(rows), total=empty)
    return Sheet(anchor="lowest", caption=caption, columns=columns, rows=rows)


def _least(areas: pd.DataFrame, measure: str, first: int) -> pd.DataFrame:
    """The first so many neighbourhoods from the least of a measure on, the most peopled of equal ones before."""
    keys = areas[[measure, "population"]].reset_index(drop=True)
    order = keys.sort_values([measure, "population"], ascending=[True, False], kind="stable").index
    return areas.iloc[order[:first]]


def _zone(zone: Any, language: str) -> Cell:
    return Cell(text(f"zone.short.{zone}" if zone in ZONES else "zone.missing", language), word=zone not in ZONES)


def _people(population: Any) -> Cell:
    few = pd.notna(population) and population < FEW_PEOPLE
    cell = count(population)
    return cell._replace(text=f"{cell.text}\u202f†") if few else cell


def _block(line: pd.Series, measure: str, columns: list[str], tables: StudyTables, language: str) -> Iterator[Cell]:
    if pd.isna(line[measure]):
        layers = tables.measures.set_index("measure")["layer"].astype(str)
        status = line.get(f"{layers[measure]}_status", "missing")
        known = f"status.{status}" in catalogue(language) and status != "ok"
        yield Cell(text(f"status.{status}" if known else "status.missing", language), word=True)
        yield from (Cell(ABSENT, word=True) for _ in columns[1:])
    else:
        yield from (figure(line[column]) for column in columns)


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
        giver = catalogue(language).get(f"supplier.{supplier}", str(supplier))
        rows.append(section(giver[:1].upper() + giver[1:]))
        for layer, hours in part.groupby("layer", sort=False):
            cells = [Cell(layer_label(tables, str(layer), language))]
            for zone in ZONES:
                amount = float(hours.loc[hours["zone"] == zone, "hours_per_week"].sum())
                cells += [Cell(number(round(amount))), _per_1000(amount, people.get(zone, 0.0))]
            rows.append(Row(cells=tuple(cells)))
    rows.append(section(text("report.ledger.all", language)))
    totals = [Cell(text("report.ledger.total", language))]
    own = [Cell(text("report.ledger.own", language))]
    recorded = (entries["supplier"] == RESIDENTS).any()
    for zone in ZONES:
        residents = entries.loc[(entries["zone"] == zone) & (entries["supplier"] == RESIDENTS), "hours_per_week"].sum()
        totals += [Cell(number(round(total[zone]))), _per_1000(total[zone], people.get(zone, 0.0))]
        share = Cell(percent(float(residents) / total[zone], language)) if total[zone] else Cell(ABSENT, word=True)
        share = share if recorded else Cell(text("status.missing", language), word=True)
        own += [share, Cell("")]
    rows += [Row(cells=tuple(totals)), Row(cells=tuple(own))]
    heads = (text(f"report.ledger.{head}.{zone}", language) for zone in ZONES for head in ("hours", "rate"))
    columns = (Column(text("report.ledger.supplier", language), numeric=False), *(Column(head) for head in heads))
    notes = (text("report.ledger.note", language),)
    return Sheet(
        anchor="ledger", caption=text("report.ledger.caption", language), columns=columns, rows=tuple(rows), notes=notes
    )


def _per_1000(amount: float, people: float) -> Cell:
    return figure(1000 * amount / people) if people else Cell(ABSENT, word=True)
