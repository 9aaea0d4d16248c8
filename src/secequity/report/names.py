"""How the rows of a table are named: the kinds of measures as headings, and under them a name without its unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pandas as pd

from secequity.results import StudyTables
from secequity.texts import catalogue, text
from secequity.wording import LONG_LABEL, layer_label, measure_label, row_of, shift_label, visible
from secequity.words import MeasureKind

BY_SHIFT = "official_hours_per_1000"


def by_kind(tables: StudyTables, table: pd.DataFrame, language: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of a table of measures under the heading of their kind, in the order of the words."""
    kinds = table["measure"].map(tables.measures.set_index("measure")["kind"]).fillna("covariate")
    for kind in get_args(MeasureKind):
        if (kinds == kind).any():
            yield kind_label(kind, language), table[kinds == kind]


def kind_label(kind: str, language: str) -> str:
    """The heading of a kind of measures, with their unit."""
    return text(f"report.kind.{kind}", language)


def kind_of(tables: StudyTables, measure: str) -> str:
    """The kind of a measure; one the study does not tell stands among the conditions of life."""
    row = row_of(tables.measures, measure)
    return "covariate" if row is None else str(row["kind"])


def bare(tables: StudyTables, measure: str, language: str) -> str:
    """The name of a measure under the heading of its kind, which already tells the unit."""
    row = row_of(tables.measures, measure)
    if row is None or row["kind"] == "covariate":
        return measure_label(tables, measure, language)
    if row["layer"]:
        return layer_label(tables, str(row["layer"]), language)
    head, _, tail = BY_SHIFT.partition("_")
    shift = measure.removeprefix(f"{head}_").removesuffix(f"_{tail}")
    if shift != measure and measure == f"{head}_{shift}_{tail}":
        return text("report.short.shift", language, shift=shift_label(shift, language))
    return catalogue(language).get(f"report.short.{measure}") or measure_label(tables, measure, language)


def denominator_label(tables: StudyTables, name: str, language: str) -> str:
    """What a rate is divided by: residents, the streets of a layer, or a column of the study."""
    known = catalogue(language).get(f"denominator.{name}")
    if known:
        return known
    layer = name.removesuffix("_street_km")
    if layer != name and layer in set(tables.measures["layer"]):
        return text("report.denominator.street_km", language, layer=layer_label(tables, layer, language))
    if name in set(tables.measures["measure"]):
        return measure_label(tables, name, language)
    return visible(name.replace("_", " "), most=LONG_LABEL)
