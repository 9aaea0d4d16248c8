"""What the page knows: one geometry, one column a measure, and every sentence in every language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from secequity import findings, palette, wording
from secequity.maps import choices, columns, context
from secequity.maps.classes import Classes, classify
from secequity.maps.columns import Together, given, numeric
from secequity.maps.packing import Codes, Floats, Values, as_told
from secequity.results import GAPS, StudyTables
from secequity.texts import LANGUAGES, PAGE, catalogue, text
from secequity.wording import visible
from secequity.words import OFFICIAL

HUMAN_ONLY = "qu"
PER_MANY = 100_000
SHARE_RAMP = ("#f6e2ea", "#e6b3c8", "#cd7ba0", "#a44677", "#6c1d4c")
APART_RAMP = ("#8a4a12", "#d69a5a", "#ece7dc", "#6f9fc4", "#1d4b77")
SHARE_ROW: dict[Any, Any] = {"measure": columns.OWN_SHARE, "kind": "share", "layer": "", "body": "", "unit": "percent"}


def payload(tables: StudyTables, *, language: str) -> dict[str, Any]:
    """Everything but the geometry, as a tree that `packing.pack` can hold, in the order of the neighbourhoods' rows.

    Parameters
    ----------
    tables : a finished study.
    language : the one the page opens in.

    Returns
    -------
    Mapping with `language`, `title`, `note`, `headline`, `firmness`, `claims`, `findings`, `texts` (by language), the
    columns `ids`, `names`, `zones`, `population`, `values`, `amounts`, `hours`, `more`, `status`, `clusters`, `p_fdr`,
    `low`, `high`, `reliability`, the lists `measures`, `duty`, `gaps`, `posts`, `sources`, `notices`, and `options`.
    """
    areas = tables.neighbourhoods
    hours = columns.hours_by_supplier(tables)
    share = columns.own_share(hours)
    measures = [row for row in tables.measures.to_dict("records") if row["measure"] in areas]
    names = [str(row["measure"]) for row in measures]
    people = {str(row["measure"]): _people(tables, row) for row in measures}
    values = {name: _column(areas, row, people[name]) for name, row in zip(names, measures, strict=True)}
    gaps: dict[str, Mapping[Any, Any]] = {
        str(row["measure"]): row for row in tables.gaps.reindex(columns=list(GAPS)).to_dict("records")
    }
    if share is not None:
        measures, people = [*measures, SHARE_ROW], {**people, columns.OWN_SHARE: 1000}
        values[columns.OWN_SHARE] = columns.shortened(share)
        gaps[columns.OWN_SHARE] = dict(columns.share_gap(hours, areas["zone"]))
    shown = _measures(tables, measures, values, people)
    layers = [str(row["layer"]) for row in measures if given(row["layer"]) and f"{row['layer']}_amount" in areas]
    statuses = dict.fromkeys(layer for one in shown for layer in one["layers"])
    classes = {one["id"]: one["classes"] for one in shown}
    told = Together()
    return {
        "language": language,
        "languages": [one for one in (*LANGUAGES, HUMAN_ONLY) if one in LANGUAGES or _texts(one)],
        "title": {one: context.in_language(tables.title, one) for one in LANGUAGES},
        "note": {one: context.in_language(tables.note, one) for one in LANGUAGES},
        "headline": {one: context.headline(tables, one) for one in LANGUAGES},
        "firmness": {one: context.firmness(tables, one) for one in LANGUAGES},
        "claims": context.claims(tables),
        "findings": {one: [visible(found.text) for found in findings.three(tables, one)] for one in LANGUAGES},
        "texts": {one: _texts(one) for one in (*LANGUAGES, HUMAN_ONLY)},
        "palette": _palette(),
        "leading": findings.leading_measure(tables),
        "ids": columns.plain(areas.index),
        "names": columns.plain(areas["name"]),
        "zones": columns.coded(areas["zone"]),
        "population": numeric(areas["population"]),
        "measures": shown,
        "duty": choices.duty(tables),
        "values": {
            name: told(column, decimals=classes[name]["decimals"], edges=_edges(classes[name]))
            for name, column in values.items()
        },
        "amounts": {one: told(columns.open_column(areas, f"{one}_amount", one)) for one in dict.fromkeys(layers)},
        "hours": {str(one): told(hours[one]) for one in hours.columns},
        "more": {layer: _more(areas, layer) for layer in dict.fromkeys(layers)},
        "status": {one: columns.coded(areas[f"{one}_status"]) for one in statuses if f"{one}_status" in areas},
        "clusters": {name: columns.coded(areas[f"{name}_cluster"]) for name in names if f"{name}_cluster" in areas},
        "p_fdr": {name: columns.chances(areas[f"{name}_p_fdr"]) for name in names if f"{name}_p_fdr" in areas},
        **{end: _ends(areas, measures, people, end) for end in ("low", "high")},
        "reliability": _reliability(areas, names),
        "gaps": {
            name: _gap(row, people.get(name, 1000)) | {"p_space": findings.spatial_p(tables, name)}
            for name, row in gaps.items()
        },
        "norm": context.norm(tables),
        "posts": context.posts(tables),
        "sources": context.sources(tables.sources),
        "notices": {one: [visible(notice.say(one)) for notice in tables.notices] for one in LANGUAGES},
        "options": context.options(tables.options),
    }


def _texts(language: str) -> dict[str, str]:
    return {key: sentence for key, sentence in catalogue(language).items() if key.startswith(PAGE)}


def _palette() -> dict[str, Any]:
    return {
        "ramps": {kind: list(colours) for kind, colours in palette.RAMPS.items()} | {"share": list(SHARE_RAMP)},
        "apart": list(APART_RAMP),
        "steps": {str(many): list(chosen) for many, chosen in palette.STEPS.items()},
        "zero": palette.ZERO,
        "zone": dict(palette.ZONE),
        "supplier": dict(palette.SUPPLIER),
        "absent": dict(palette.ABSENT),
        "ink": dict(palette.ABSENT_INK),
    }


def _people(tables: StudyTables, row: Mapping[Any, Any]) -> int:
    """How many residents a rate is told for: 1,000, or 100,000 where there are so few that the headline does so."""
    if row["kind"] not in ("coverage", "smoothed") or not given(row["layer"]):
        return 1000
    rates = tables.measures[(tables.measures["layer"] == row["layer"]) & (tables.measures["kind"] == "coverage")]
    zones = tables.gaps.loc[tables.gaps["measure"].isin(rates["measure"]), ["centre", "periphery"]]
    largest = zones.max().max()
    return PER_MANY if 0 < largest < findings.RARE_PER_1000 else 1000


def _column(areas: pd.DataFrame, row: Mapping[Any, Any], people: int) -> pd.Series:
    """The values of a measure as the page tells them: for so many people, short, nothing where they are withheld."""
    return columns.shortened(columns.open_column(areas, str(row["measure"]), row["layer"]) * (people / 1000))


def _ends(
    areas: pd.DataFrame, measures: list[dict[Any, Any]], people: Mapping[str, int], end: str
) -> dict[str, Values]:
    """The intervals of those measures that have them: events counted, not staff assigned."""
    found = {}
    for row in measures:
        name, column = str(row["measure"]), f"{row['measure']}_{end}"
        if column in areas and areas[column].notna().any():
            found[name] = numeric(columns.open_column(areas, column, row["layer"]) * (people[name] / 1000))
    return found


def _reliability(areas: pd.DataFrame, names: list[str]) -> dict[str, Codes]:
    told = {name: f"{name}_reliability" for name in names if f"{name}_reliability" in areas}
    return {name: columns.coded(areas[column]) for name, column in told.items() if columns.codes_present(areas[column])}


def _measures(
    tables: StudyTables, measures: list[dict[Any, Any]], values: Mapping[str, pd.Series], people: Mapping[str, int]
) -> list[dict[str, Any]]:
    shifts = choices.shift_measures(tables)
    breaks = {str(row["measure"]): choices.breaks_of(row, shifts) for row in measures}
    shared = _classes(measures, values, breaks)
    residents = tables.neighbourhoods["population"]
    told = []
    for row in measures:
        name = str(row["measure"])
        told.append(
            {
                "id": name,
                "kind": str(row["kind"]),
                "group": choices.group_of(row, shifts),
                "layer": str(row["layer"]) if given(row["layer"]) else None,
                "layers": choices.layers_behind(row, tables),
                "heading": _heading(tables, row),
                "shift": shifts.get(name),
                "people": people[name],
                "mean": columns.mean_of(values[name], residents) if (values[name].dropna() >= 0).all() else None,
                "official": str(row["body"]) in OFFICIAL and row["kind"] in ("coverage", "smoothed"),
                "option": {one: _option(shifts.get(name), one) for one in LANGUAGES},
                "body": str(row["body"]) if given(row["body"]) else None,
                "label": {one: choices.label_of(tables, row, shifts, one) for one in LANGUAGES},
                "unit": {one: visible(_unit(row, one, people[name])) for one in LANGUAGES},
                "counted": {one: visible(wording.unit_label(str(row["unit"]), one)) for one in LANGUAGES},
                "classes": _classes_data(shared[breaks[name]]),
                "sharing": [other for other, mark in breaks.items() if other != name and mark == breaks[name]],
            }
        )
    return told


def _heading(tables: StudyTables, row: Mapping[Any, Any]) -> dict[str, str] | None:
    if not given(row["layer"]):
        return None
    return {one: wording.layer_label(tables, str(row["layer"]), one) for one in LANGUAGES}


def _option(shift: str | None, language: str) -> str | None:
    return None if shift is None else choices.capital(wording.shift_label(shift, language))


def _more(areas: pd.DataFrame, layer: str) -> dict[str, Values]:
    """What else a layer knows of its neighbourhoods: kilometres, hours per kilometre of street, the share covered."""
    told = {key: f"{layer}_{key}" for key in choices.MORE if f"{layer}_{key}" in areas}
    return {key: numeric(columns.open_column(areas, column, layer)) for key, column in told.items()}


def _classes(
    measures: list[dict[Any, Any]], values: Mapping[str, pd.Series], breaks: Mapping[str, tuple[str, str]]
) -> dict[tuple[str, str], Classes]:
    """The classes of each set of measures that share their breaks; a smoothed rate only has to fit in."""
    decided: dict[tuple[str, str], Classes] = {}
    for mark in dict.fromkeys(breaks.values()):
        members = [row for row in measures if breaks[str(row["measure"])] == mark]
        deciding = [row for row in members if row["kind"] != "smoothed"] or members
        basis = pd.concat([values[row["measure"]] for row in deciding], ignore_index=True)
        reach = pd.concat([values[row["measure"]] for row in members], ignore_index=True)
        decided[mark] = classify(basis, reach=reach)
    return decided


def _classes_data(classes: Classes) -> dict[str, Any]:
    low = None if math.isnan(classes.low) else classes.low
    told = {"scheme": classes.scheme, "zero": classes.zero, "low": low}
    bounds = as_told(pd.Series(classes.bounds, dtype=float), decimals=classes.decimals)
    return {**told, "bounds": list(classes.bounds), "cuts": Values(bounds), "decimals": classes.decimals}


def _edges(classes: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The bounds between classes, and as the page compares values with them."""
    return np.array(classes["bounds"][:-1], dtype=np.float64), classes["cuts"].values[:-1].astype(np.float64)


def _unit(row: Mapping[Any, Any], language: str, people: int) -> str:
    kind = str(row["kind"])
    if kind == "hours":
        own = f"map.unit.{row['measure']}"
        official = not given(row["layer"]) and str(row["measure"]).startswith("official_")
        plain = "map.unit.official_hours_per_1000" if official else "map.unit.hours"
        return text(own if own in catalogue(language) else plain, language)
    if kind == "share":
        return text("map.unit.own_share", language)
    unit = wording.unit_label(str(row["unit"]), language) if given(row["unit"]) else ""
    return unit if kind == "covariate" else text(f"map.unit.{kind}", language, unit=unit, people=people)


def _gap(row: Mapping[Any, Any], people: int) -> dict[str, Any]:
    """The row of a gap in full, so that it is rounded once and reads as in the report."""
    rates = ("centre", "periphery", "difference", "low", "high")
    told = {key: float(row[key]) * (people / 1000 if key in rates else 1) for key in GAPS[1:] if given(row.get(key))}
    return {key: told.get(key) for key in GAPS[1:]}
