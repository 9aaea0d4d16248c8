"""The tables with one row a measure: the gap between the zones, the inequality, the pattern in space."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from secequity.findings import concentration, leading_measure
from secequity.report.names import bare, by_kind
from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, between, count, figure, section
from secequity.results import StudyTables
from secequity.texts import catalogue, text
from secequity.wording import layer_label, measure_label, p_label, percent, weights_label
from secequity.words import Cluster

ZONES = ("centre", "periphery")
WORDS = ("statistic", "weights")
COMMON = ("statistic", "expected", "permutations", "weights", "isolates")
JOINED = ("official_hours_per_1000", "own_hours_per_1000")


def shown_measures(tables: StudyTables) -> list[str]:
    """The measures a reader compares: every layer once, in its own unit or in hours, and the hours of all together."""
    measures = tables.measures
    coverage = measures[measures["kind"] == "coverage"]
    hours = measures[measures["kind"] == "hours"]
    alone = hours[~hours["layer"].isin([*coverage["layer"], ""])]
    joined = [name for name in JOINED if (hours["measure"] == name).any()]
    names = [*coverage["measure"], *alone["measure"], *joined]
    leading = leading_measure(tables)
    return sorted(names, key=lambda name: name != leading)


def anchor(table: str, measure: str, tables: StudyTables) -> str:
    """The place in the page of a measure's row, safe whatever the measure is called."""
    names = list(tables.measures["measure"])
    return f"{table}-{names.index(measure) + 1}" if measure in names else table


def gaps(tables: StudyTables, language: str, *, measures: list[str] | None = None) -> Sheet:
    """The table of the gap between the zones, one row a measure under its kind.

    Given `measures`, only theirs, with their whole names and without headings.
    """

    def t(key: str) -> str:
        return text(f"report.gaps.{key}", language)

    table = _proportional_left_out(tables, tables.gaps)
    table = table if measures is None else table[table["measure"].isin(measures)]
    levels = table["level"].dropna().unique()
    level = percent(float(levels[0]), language) if len(levels) == 1 else ""
    rows: list[Row] = []
    name = bare if measures is None else measure_label
    for kind, part in by_kind(tables, table, language):
        rows += [section(kind)] if measures is None else []
        for _, line in part.iterrows():
            cells = (
                Cell(name(tables, line["measure"], language)),
                figure(line["centre"]),
                figure(line["periphery"]),
                figure(line["difference"]),
                between(line["low"], line["high"]),
                figure(line["ratio"], 2),
                _p(line["p_value"], language),
            )
            rows.append(Row(cells=cells, anchor=anchor("gaps", line["measure"], tables)))
    heads = [text("report.measure", language), *(text(f"zone.short.{zone}", language) for zone in ZONES)]
    heads += [t("difference"), text("report.gaps.interval", language, level=level), t("ratio"), "p"]
    columns = tuple(Column(head, numeric=place > 0) for place, head in enumerate(heads))
    return Sheet(
        anchor="gaps",
        caption=t("caption"),
        columns=columns,
        rows=tuple(rows),
        notes=_gap_notes(tables, table, language),
    )


def _gap_notes(tables: StudyTables, table: pd.DataFrame, language: str) -> tuple[str, ...]:
    notes = [text("report.gaps.note", language)]
    notes += [text(f"report.gaps.single.{zone}", language) for zone in ZONES if (table[f"n_{zone}"] == 1).any()]
    if ((table["periphery"] == 0) & table["ratio"].isna()).any():
        notes.append(text("report.gaps.no_ratio", language))
    if len(_proportional_left_out(tables, tables.gaps)) < len(tables.gaps):
        notes.append(text("report.gaps.proportional", language))
    return tuple(notes)


def zones(tables: StudyTables, language: str) -> Sheet:
    """What each zone holds: areas, people, and the total of each layer."""
    frame = tables.zones
    present = [zone for zone in ZONES if zone in frame.index]
    rows = [
        Row(
            cells=(
                Cell(text(f"report.zones.{column}", language)),
                *(count(frame.loc[zone, column]) for zone in present),
            )
        )
        for column in ("neighbourhoods", "population")
    ]
    for layer in tables.measures.loc[tables.measures["kind"] == "coverage", "layer"].unique():
        column = f"{layer}_amount"
        if column in frame:
            label = layer_label(tables, str(layer), language)
            amounts = (figure(frame.loc[zone, column]) for zone in present)
            rows.append(Row(cells=(Cell(text("report.zones.amount", language, label=label)), *amounts)))
    columns = (Column("", numeric=False), *(Column(text(f"zone.short.{zone}", language)) for zone in present))
    return Sheet(anchor="zones", caption=text("report.zones.caption", language), columns=columns, rows=tuple(rows))


def inequality(tables: StudyTables, language: str) -> Sheet:
    """The indices of inequality, one row a measure, and the sentence of each concentration index."""
    rows: list[Row] = []
    table = tables.inequality[tables.inequality["measure"].isin(shown_measures(tables))]
    for kind, part in by_kind(tables, table, language):
        rows.append(section(kind))
        for _, line in part.iterrows():
            name = line["measure"]
            indices = (figure(line[index], 3) for index in ("gini", "theil", "theil_between", "theil_within"))
            hoover = (
                Cell(ABSENT, word=True) if pd.isna(line["hoover"]) else Cell(percent(float(line["hoover"]), language))
            )
            cells = (
                Cell(bare(tables, name, language)),
                hoover,
                *indices,
                figure(line["palma"], 2),
                figure(line["concentration_index"], 3),
            )
            rows.append(Row(cells=cells, anchor=anchor("inequality", name, tables)))
    heads = ("measure", "hoover", "gini", "theil", "between", "within", "palma", "concentration")
    columns = tuple(
        Column(text(f"report.inequality.{head}" if place else "report.measure", language), numeric=place > 0)
        for place, head in enumerate(heads)
    )
    told = (
        (measure_label(tables, name, language), concentration(tables, name, language))
        for name in dict.fromkeys((leading_measure(tables), JOINED[1]))
        if name is not None
    )
    readings = (
        text("report.inequality.reading", language, label=label, reading=reading) for label, reading in told if reading
    )
    notes = (text("report.inequality.note", language), *readings)
    caption = text("report.inequality.caption", language)
    return Sheet(anchor="inequality", caption=caption, columns=columns, rows=tuple(rows), notes=notes)


def autocorrelation(tables: StudyTables, language: str) -> Sheet:
    """Moran's I and its kin, one row a measure and statistic; what is the same in every row is told under the table."""
    table = _distinct(tables, tables.autocorrelation)
    spoken = catalogue(language)
    told = {
        "statistic": [Cell(spoken.get(f"report.statistic.{name}", str(name))) for name in table["statistic"]],
        "value": [figure(value, 3) for value in table["value"]],
        "expected": [figure(value, 3) for value in table["expected"]],
        "p": [_p(value, language) for value in table["p_value"]],
        "n": [count(value) for value in table["n"]],
        "isolates": [count(value) for value in table["n_isolates"]],
        "permutations": [count(value) for value in table["permutations"]],
        "weights": [Cell(weights_label(str(value), language)) for value in table["weights"]],
    }
    common = {head: cells[0].text for head, cells in told.items() if head in COMMON and len(set(cells)) == 1}
    heads = [head for head in told if head not in common]
    lines = dict(zip(table.index, zip(*(told[head] for head in heads), strict=True), strict=True))
    rows: list[Row] = []
    for kind, part in by_kind(tables, table, language):
        rows.append(section(kind))
        for place, name in part["measure"].items():
            cells = (Cell(bare(tables, name, language)), *lines[place])
            rows.append(Row(cells=cells, anchor=anchor("autocorrelation", name, tables)))
    columns = (
        Column(text("report.measure", language), numeric=False),
        *(Column(text(f"report.autocorrelation.{head}", language), head not in WORDS) for head in heads),
    )
    note = " · ".join(f"{text(f'report.autocorrelation.{head}', language)}: {value}" for head, value in common.items())
    caption = text("report.autocorrelation.caption", language)
    notes = (note,) if note else ()
    return Sheet(anchor="autocorrelation", caption=caption, columns=columns, rows=tuple(rows), notes=notes)


def _proportional_left_out(tables: StudyTables, table: pd.DataFrame) -> pd.DataFrame:
    """Without the hours of a layer whose coverage is there: they are in proportion, and every index is the same."""
    measures = tables.measures
    covered = measures.loc[measures["kind"] == "coverage", "layer"]
    hours = (measures["kind"] == "hours") & measures["layer"].isin(covered) & ~measures["measure"].isin(JOINED)
    return table[~table["measure"].isin(measures.loc[hours, "measure"])]


def _distinct(tables: StudyTables, table: pd.DataFrame, *, smoothed: bool = True) -> pd.DataFrame:
    """The measures whose pattern on the map is worth a row of its own: those compared, smoothed, and the covariates."""
    kinds = ["covariate", "smoothed"] if smoothed else ["covariate"]
    further = tables.measures.loc[tables.measures["kind"].isin(kinds), "measure"]
    return table[table["measure"].isin([*shown_measures(tables), *further])]


def clusters(tables: StudyTables, language: str) -> Sheet:
    """How many areas fall in each kind of local cluster, one row a measure."""
    areas = tables.neighbourhoods
    kinds = get_args(Cluster)
    known = _distinct(tables, tables.measures, smoothed=False)
    known = known[known["measure"].map(lambda name: f"{name}_cluster" in areas).astype(bool)]
    rows: list[Row] = []
    for heading, part in by_kind(tables, known, language):
        rows.append(section(heading))
        for name in part["measure"]:
            tally = areas[f"{name}_cluster"].value_counts()
            cells = (Cell(bare(tables, name, language)), *(count(tally.get(kind, 0)) for kind in kinds))
            rows.append(Row(cells=cells, anchor=anchor("clusters", name, tables)))
    heads = (
        Column(f"{kind}: {text(f'cluster.{kind}', language)}" if kind.isupper() else text(f"cluster.{kind}", language))
        for kind in kinds
    )
    columns = (Column(text("report.measure", language), numeric=False), *heads)
    caption = text("report.clusters.caption", language)
    return Sheet(anchor="clusters", caption=caption, columns=columns, rows=tuple(rows))


def _p(value: float, language: str) -> Cell:
    if pd.isna(value):
        return Cell(ABSENT, word=True)
    return Cell(p_label(float(value), language).removeprefix("p").strip().removeprefix("=").strip())
