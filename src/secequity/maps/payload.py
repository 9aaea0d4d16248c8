"""What the page knows: one geometry, one column a measure, and every sentence in both languages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from secequity import findings, wording
from secequity.maps import choices
from secequity.maps.classes import Classes, classify
from secequity.maps.shapes import places
from secequity.results import GAPS, StudyTables
from secequity.texts import LANGUAGES, catalogue, text
from secequity.wording import visible

SPOKEN = ("map.", "cluster.", "status.", "zone.", "body.", "duty.")
PALETTE_OF = {"coverage": "coverage", "smoothed": "coverage", "hours": "hours", "covariate": "context"}
SIGNIFICANT = 8
PER_MANY = 100_000
HASH_SHOWN = 12


def payload(tables: StudyTables, *, language: str) -> dict[str, Any]:
    """Everything but the geometry, as plain data that JSON can hold, in the order of the neighbourhoods' rows.

    Parameters
    ----------
    tables : a finished study.
    language : the one the page opens in.

    Returns
    -------
    Mapping with `language`, `title`, `note`, `headline`, `findings`, `texts` (by language), the columns `ids`, `names`,
    `zones`, `population`, `values`, `amounts`, `more`, `status`, `clusters`, `p_fdr`, the lists `measures`, `duty`,
    `gaps`, `posts`, `sources`, `notices`, and `options`.
    """
    areas = tables.neighbourhoods
    measures = [row for row in tables.measures.to_dict("records") if row["measure"] in areas]
    names = [str(row["measure"]) for row in measures]
    people = {str(row["measure"]): _people(tables, row) for row in measures}
    columns = {name: _column(areas, row, people[name]) for name, row in zip(names, measures, strict=True)}
    gaps = tables.gaps.reindex(columns=list(GAPS)).to_dict("records")
    layers = [str(row["layer"]) for row in measures if _given(row["layer"]) and f"{row['layer']}_amount" in areas]
    shown = _measures(tables, measures, columns, people)
    statuses = dict.fromkeys(layer for one in shown for layer in one["layers"])
    return {
        "language": language,
        "title": {one: _visible(tables.title, one) for one in LANGUAGES},
        "note": {one: _visible(tables.note, one) for one in LANGUAGES},
        "headline": {one: _headline(tables, one) for one in LANGUAGES},
        "findings": {one: [visible(found.text) for found in findings.three(tables, one)] for one in LANGUAGES},
        "texts": {one: _texts(one) for one in LANGUAGES},
        "leading": findings.leading_measure(tables),
        "ids": [visible(str(one)) for one in areas.index],
        "names": [visible(str(name)) for name in areas["name"]],
        "zones": [str(zone) if _given(zone) else None for zone in areas["zone"]],
        "population": _numbers(areas["population"]),
        "measures": shown,
        "duty": choices.duty(tables),
        "values": {name: _numbers(column) for name, column in columns.items()},
        "amounts": {layer: _numbers(_open(areas, f"{layer}_amount", layer)) for layer in layers},
        "more": {layer: _more(areas, layer) for layer in dict.fromkeys(layers)},
        "status": {layer: _words(areas, f"{layer}_status") for layer in statuses if f"{layer}_status" in areas},
        "clusters": {name: _words(areas, f"{name}_cluster") for name in names if f"{name}_cluster" in areas},
        "p_fdr": {name: _numbers(areas[f"{name}_p_fdr"]) for name in names if f"{name}_p_fdr" in areas},
        "gaps": {str(row["measure"]): _gap(row, people.get(str(row["measure"]), 1000)) for row in gaps},
        "posts": _posts(tables),
        "sources": _sources(tables.sources),
        "notices": {one: [visible(notice.say(one)) for notice in tables.notices] for one in LANGUAGES},
        "options": _options(tables.options),
    }


def _headline(tables: StudyTables, language: str) -> list[str]:
    """The finding, and the sentences that say how sure it is."""
    finding, _, doubt = visible(findings.headline(tables, language)).partition(". ")
    return [f"{finding}." if doubt else finding, doubt]


def _texts(language: str) -> dict[str, str]:
    return {key: sentence for key, sentence in catalogue(language).items() if key.startswith(SPOKEN)}


def _people(tables: StudyTables, row: Mapping[Any, Any]) -> int:
    """How many residents a rate is told for: 1,000, or 100,000 where there are so few that the headline does so."""
    if row["kind"] not in ("coverage", "smoothed") or not _given(row["layer"]):
        return 1000
    rates = tables.measures[(tables.measures["layer"] == row["layer"]) & (tables.measures["kind"] == "coverage")]
    zones = tables.gaps.loc[tables.gaps["measure"].isin(rates["measure"]), ["centre", "periphery"]]
    largest = zones.max().max()
    return PER_MANY if 0 < largest < findings.RARE_PER_1000 else 1000


def _column(areas: pd.DataFrame, row: Mapping[Any, Any], people: int) -> pd.Series:
    """The values of a measure as the page tells them: for so many people, short, nothing where they are withheld."""
    return _short(_open(areas, str(row["measure"]), row["layer"]) * (people / 1000))


def _open(areas: pd.DataFrame, column: str, layer: object) -> pd.Series:
    status = f"{layer}_status"
    return areas[column].mask(areas[status] == "suppressed") if status in areas else areas[column]


def _measures(
    tables: StudyTables, measures: list[dict[Any, Any]], columns: Mapping[str, pd.Series], people: Mapping[str, int]
) -> list[dict[str, Any]]:
    shifts = choices.shift_measures(tables)
    breaks = {str(row["measure"]): choices.breaks_of(row, shifts) for row in measures}
    shared = _classes(measures, columns, breaks)
    told = []
    for row in measures:
        name = str(row["measure"])
        told.append(
            {
                "id": name,
                "kind": str(row["kind"]),
                "group": choices.group_of(row, shifts),
                "layer": str(row["layer"]) if _given(row["layer"]) else None,
                "layers": choices.layers_behind(row, tables),
                "heading": _heading(tables, row),
                "shift": shifts.get(name),
                "people": people[name],
                "option": {one: _option(shifts.get(name), one) for one in LANGUAGES},
                "body": str(row["body"]) if _given(row["body"]) else None,
                "label": {one: choices.label_of(tables, row, shifts, one) for one in LANGUAGES},
                "unit": {one: visible(_unit(row, one, people[name])) for one in LANGUAGES},
                "counted": {one: visible(wording.unit_label(str(row["unit"]), one)) for one in LANGUAGES},
                "palette": PALETTE_OF[str(row["kind"])],
                "classes": _classes_data(shared[breaks[name]]),
                "sharing": [other for other, mark in breaks.items() if other != name and mark == breaks[name]],
            }
        )
    return told


def _heading(tables: StudyTables, row: Mapping[Any, Any]) -> dict[str, str] | None:
    if not _given(row["layer"]):
        return None
    return {one: wording.layer_label(tables, str(row["layer"]), one) for one in LANGUAGES}


def _option(shift: str | None, language: str) -> str | None:
    return None if shift is None else choices.capital(wording.shift_label(shift, language))


def _more(areas: pd.DataFrame, layer: str) -> dict[str, list[float | int | None]]:
    """What else a layer knows of its neighbourhoods: kilometres, hours per kilometre of street, the share covered."""
    columns = {key: f"{layer}_{key}" for key in choices.MORE if f"{layer}_{key}" in areas}
    return {key: _numbers(_open(areas, column, layer)) for key, column in columns.items()}


def _classes(
    measures: list[dict[Any, Any]], columns: Mapping[str, pd.Series], breaks: Mapping[str, tuple[str, str]]
) -> dict[tuple[str, str], Classes]:
    """The classes of each set of measures that share their breaks; a smoothed rate only has to fit in."""
    decided: dict[tuple[str, str], Classes] = {}
    for mark in dict.fromkeys(breaks.values()):
        members = [row for row in measures if breaks[str(row["measure"])] == mark]
        deciding = [row for row in members if row["kind"] != "smoothed"] or members
        values = pd.concat([columns[row["measure"]] for row in deciding])
        reach = pd.concat([columns[row["measure"]] for row in members])
        decided[mark] = classify(values, reach=reach)
    return decided


def _classes_data(classes: Classes) -> dict[str, Any]:
    low = None if math.isnan(classes.low) else classes.low
    told = {"scheme": classes.scheme, "zero": classes.zero, "low": low}
    return {**told, "bounds": list(classes.bounds), "decimals": classes.decimals}


def _unit(row: Mapping[Any, Any], language: str, people: int) -> str:
    kind = str(row["kind"])
    if kind == "hours":
        own = f"map.unit.{row['measure']}"
        official = not _given(row["layer"]) and str(row["measure"]).startswith("official_")
        plain = "map.unit.official_hours_per_1000" if official else "map.unit.hours"
        return text(own if own in catalogue(language) else plain, language)
    unit = wording.unit_label(str(row["unit"]), language) if _given(row["unit"]) else ""
    return unit if kind == "covariate" else text(f"map.unit.{kind}", language, unit=unit, people=people)


def _posts(tables: StudyTables) -> list[dict[str, Any]]:
    posts = tables.posts
    if posts.empty:
        return []
    located = posts[~(posts.geometry.is_empty | posts.geometry.isna())]
    rows = zip(located.to_dict("records"), places(located.geometry), strict=True)
    return [
        {
            "layer": visible(str(row["layer"])),
            "body": visible(str(row["body"])),
            "name": visible(str(row["name"])) if _given(row["name"]) else "",
            "amount": _number(row["amount"]),
            "area": visible(str(row["neighbourhood"])) if _given(row["neighbourhood"]) else None,
            "lon": lon,
            "lat": lat,
        }
        for row, (lon, lat) in rows
    ]


def _sources(sources: pd.DataFrame) -> list[dict[str, Any]]:
    kept = [column for column in ("file", "use", "rows", "modified", "sha256") if column in sources]
    told = [{column: _cell(row[column]) for column in kept} for row in sources.to_dict("records")]
    for row in told:
        if row.get("sha256"):
            row["sha256"] = str(row["sha256"])[:HASH_SHOWN]
    return told


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("weights", "permutations", "fdr", "level", "seed", "crs")
    return {key: _cell(options[key]) for key in kept if key in options and not isinstance(options[key], dict | list)}


def _visible(texts: Mapping[str, str], language: str) -> str:
    return visible(texts.get(language) or next((one for one in texts.values() if one), ""))


def _words(areas: pd.DataFrame, column: str) -> list[str | None]:
    return [visible(str(word)) if _given(word) else None for word in areas[column]]


def _gap(row: Mapping[Any, Any], people: int) -> dict[str, Any]:
    """The row of a gap in full, so that it is rounded once and reads as in the report."""
    rates = ("centre", "periphery", "difference", "low", "high")
    told = {key: float(row[key]) * (people / 1000 if key in rates else 1) for key in GAPS[1:] if _given(row[key])}
    return {key: told.get(key) for key in GAPS[1:]}


def _cell(value: Any) -> Any:
    if not _given(value):
        return None
    if isinstance(value, bool | int):
        return value
    return _number(value) if isinstance(value, float) else visible(str(value))


def _numbers(values: Iterable[Any]) -> list[float | int | None]:
    return [_number(value) for value in values]


def _number(value: Any) -> float | int | None:
    if not _given(value) or not math.isfinite(value):
        return None
    short = float(f"{float(value):.{SIGNIFICANT}g}")
    return int(short) if short.is_integer() else short


def _short(values: pd.Series) -> pd.Series:
    return pd.Series(_numbers(values), index=values.index, dtype=float)


def _given(value: Any) -> bool:
    return value is not None and value != "" and not (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
