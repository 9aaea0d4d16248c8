"""How the page groups what it offers: a line a layer, the official hours by shift, who is on duty, the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from secequity import wording
from secequity.maps.columns import coded
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, catalogue, text
from secequity.words import OFFICIAL, SUPPLIER_OF

OFFICIAL_SUPPLIERS = tuple(SUPPLIER_OF[body] for body in OFFICIAL)
SUPPLIERS = {"own_hours_per_1000": (SUPPLIER_OF["community"],)}
MORE = ("km_per_week", "street_km", "hours_per_street_km", "covered_share")


def group_of(row: Mapping[Any, Any], shifts: Mapping[str, str]) -> str:
    """Where a measure is offered: layer, shifts, joined or covariate; `shifts` as `shift_measures` gives them."""
    if row["kind"] == "covariate":
        return "covariate"
    if row["kind"] == "share":
        return "joined"
    if row["measure"] in shifts:
        return "shifts"
    return "layer" if _given(row["layer"]) else "joined"


def breaks_of(row: Mapping[Any, Any], shifts: Mapping[str, str]) -> tuple[str, str]:
    """Measures with the same answer share their breaks: a layer's rate and its smoothed rate, and the official hours.

    Patrols, posts and guards differ so much in their hours that one of them would be one class of another's.
    """
    if row["kind"] in ("coverage", "smoothed") and _given(row["layer"]):
        return ("rate", str(row["layer"]))
    if row["measure"] == "official_hours_per_1000" or row["measure"] in shifts:
        return ("hours", "official")
    return ("alone", str(row["measure"]))


def shift_measures(tables: StudyTables) -> dict[str, str]:
    """The measure of official hours of each shift, and its shift."""
    known = set(tables.measures["measure"])
    names = {f"official_{shift}_hours_per_1000": str(shift) for shift in tables.shifts["shift"].unique()}
    return {name: shift for name, shift in names.items() if name in known}


def layers_behind(row: Mapping[Any, Any], tables: StudyTables) -> list[str]:
    """The layers whose gaps are the gaps of a measure: they say why a figure is absent."""
    name = str(row["measure"])
    if _given(row["layer"]):
        return [str(row["layer"])]
    if row["kind"] == "covariate":
        return [name]
    if row["kind"] == "share":
        return [str(layer) for layer in tables.ledger["layer"].unique()]
    suppliers = SUPPLIERS.get(name, OFFICIAL_SUPPLIERS)
    return [str(layer) for layer in tables.ledger.loc[tables.ledger["supplier"].isin(suppliers), "layer"].unique()]


def duty(tables: StudyTables) -> list[dict[str, Any]]:
    """Who is on duty, a layer a shift: by neighbourhood blind, served, overlap or cannot_tell."""
    told = []
    for shift, rows in tables.shifts.groupby("shift", sort=False):
        status = rows.set_index("id")["status"].reindex(tables.neighbourhoods.index)
        words = {one: wording.shift_label(str(shift), one) for one in LANGUAGES}
        told.append(
            {
                "id": f"duty_{shift}",
                "option": {one: capital(word) for one, word in words.items()},
                "label": {one: text("map.duty.label", one, shift=word) for one, word in words.items()},
                "shift": str(shift),
                "values": coded(status.astype(object).str.replace(" ", "_")),
            }
        )
    return told


def label_of(tables: StudyTables, row: Mapping[Any, Any], shifts: Mapping[str, str], language: str) -> str:
    """The name of a measure where its unit stands beside it: the layer's, unless the study named the measure."""
    name = str(row["measure"])
    if row["kind"] == "share":
        return text("map.short.own_share", language)
    whole = wording.measure_label(tables, name, language)
    if name in shifts:
        shift = wording.shift_label(shifts[name], language)
        plain = whole == text("measure.official_shift", language, shift=shift)
        return text("map.short.official_shift", language, shift=shift) if plain else whole
    joined = catalogue(language).get(f"map.short.{name}")
    if joined is not None and whole == catalogue(language).get(f"measure.{name}"):
        return joined
    if row["kind"] == "covariate" or not _given(row["layer"]):
        return whole
    layer = wording.layer_label(tables, str(row["layer"]), language)
    return layer if whole == text(f"measure.{row['kind']}", language, layer=layer) else whole


def capital(words: str) -> str:
    """The words with a capital at their head."""
    return words[:1].upper() + words[1:]


def _given(value: Any) -> bool:
    return bool(value is not None and value != "" and not pd.isna(value))
