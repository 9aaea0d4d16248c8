"""What the page knows: one geometry, one column a measure, and every sentence in both languages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from secequity import findings, wording
from secequity.maps.classes import Classes, classify
from secequity.maps.shapes import places
from secequity.results import GAPS, StudyTables
from secequity.texts import LANGUAGES, catalogue, text
from secequity.wording import visible
from secequity.words import OFFICIAL

SPOKEN = ("map.", "cluster.", "status.", "zone.", "body.")
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
    `zones`, `population`, `values`, `amounts`, `status`, `clusters`, `p_fdr`, the lists `measures`, `gaps`, `posts`,
    `sources`, `notices`, and `options`.
    """
    areas = tables.neighbourhoods
    measures = [row for row in tables.measures.to_dict("records") if row["measure"] in areas]
    names = [str(row["measure"]) for row in measures]
    people = {str(row["measure"]): _people(tables, row) for row in measures}
    columns = {name: _column(areas, row, people[name]) for name, row in zip(names, measures, strict=True)}
    gaps = tables.gaps.reindex(columns=list(GAPS)).to_dict("records")
    layers = [str(row["layer"]) for row in measures if _given(row["layer"]) and f"{row['layer']}_amount" in areas]
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
        "measures": _measures(tables, measures, columns, people),
        "values": {name: _numbers(column) for name, column in columns.items()},
        "amounts": {layer: _numbers(_open(areas, f"{layer}_amount", layer)) for layer in layers},
        "status": {layer: _words(areas, f"{layer}_status") for layer in layers if f"{layer}_status" in areas},
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
    shared = _classes(measures, columns)
    told = []
    for row in measures:
        name = str(row["measure"])
        group = _group(row)
        told.append(
            {
                "id": name,
                "kind": str(row["kind"]),
                "layer": str(row["layer"]) if _given(row["layer"]) else None,
                "body": str(row["body"]) if _given(row["body"]) else None,
                "label": {one: _label(tables, row, one) for one in LANGUAGES},
                "unit": {one: visible(_unit(row, one, people[name])) for one in LANGUAGES},
                "counted": {one: visible(wording.unit_label(str(row["unit"]), one)) for one in LANGUAGES},
                "palette": PALETTE_OF[str(row["kind"])],
                "classes": _classes_data(shared[group]),
                "sharing": [str(other["measure"]) for other in measures if other is not row and _group(other) == group],
            }
        )
    return told


def _group(row: Mapping[Any, Any]) -> tuple[str, str]:
    kind = str(row["kind"])
    if kind == "hours" and (row["body"] in OFFICIAL or row["measure"] == "official_hours_per_1000"):
        return ("hours", "official")
    if kind == "hours" and (row["body"] == "community" or row["measure"] == "own_hours_per_1000"):
        return ("hours", "residents")
    if kind in ("coverage", "smoothed") and _given(row["layer"]):
        return ("rate", str(row["layer"]))
    return ("alone", str(row["measure"]))


def _classes(measures: list[dict[Any, Any]], columns: Mapping[str, pd.Series]) -> dict[tuple[str, str], Classes]:
    """Measures that are compared share their breaks: the raw and the smoothed rate of a layer, the hours of a supplier.

    The hours of official bodies and those of residents do not: they differ so much that one of them would be one class.
    """
    decided: dict[tuple[str, str], Classes] = {}
    for group in dict.fromkeys(_group(row) for row in measures):
        members = [row for row in measures if _group(row) == group]
        deciding = [row for row in members if row["kind"] != "smoothed"] or members
        values = pd.concat([columns[row["measure"]] for row in deciding])
        reach = pd.concat([columns[row["measure"]] for row in members])
        decided[group] = classify(values, reach=reach)
    return decided


def _classes_data(classes: Classes) -> dict[str, Any]:
    low = None if math.isnan(classes.low) else classes.low
    told = {"scheme": classes.scheme, "zero": classes.zero, "low": low}
    return {**told, "bounds": list(classes.bounds), "decimals": classes.decimals}


def _label(tables: StudyTables, row: Mapping[Any, Any], language: str) -> str:
    """The name of a measure where its unit stands beside it: the layer's, unless the study named the measure."""
    whole = wording.measure_label(tables, str(row["measure"]), language)
    joined = catalogue(language).get(f"map.short.{row['measure']}")
    if joined is not None and whole == catalogue(language).get(f"measure.{row['measure']}"):
        return joined
    if row["kind"] == "covariate" or not _given(row["layer"]):
        return whole
    layer = wording.layer_label(tables, str(row["layer"]), language)
    return layer if whole == text(f"measure.{row['kind']}", language, layer=layer) else whole


def _unit(row: Mapping[Any, Any], language: str, people: int) -> str:
    kind = str(row["kind"])
    if kind == "hours":
        own = f"map.unit.{row['measure']}"
        return text(own if own in catalogue(language) else "map.unit.hours", language)
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
