"""What the page says besides its columns: how firm the finding is, the four claims, posts, sources, options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from secequity import findings
from secequity.maps.columns import coded, given, numeric, plain, short
from secequity.maps.packing import Millionths, Records, Steps
from secequity.maps.shapes import places
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, catalogue, text
from secequity.wording import visible

HASH_SHOWN = 12


def headline(tables: StudyTables, language: str) -> list[str]:
    """The finding, and the sentences that say how sure it is."""
    finding, _, doubt = visible(findings.headline(tables, language)).partition(". ")
    return [f"{finding}." if doubt else finding, doubt]


def firmness(tables: StudyTables, language: str) -> str:
    """One line: in how many ways of drawing the casco and of counting the gap holds; empty where only one was tried."""
    measure = findings.leading_measure(tables)
    table = tables.more.get("specifications")
    if measure is None or table is None:
        return ""
    runs = table[(table["measure"] == measure) & table["holds"].notna()]
    if len(runs) < 2:
        return ""
    return text("map.firm.holds", language, holds=int(runs["holds"].astype(bool).sum()), runs=len(runs))


def claims(tables: StudyTables) -> list[dict[str, Any]]:
    """The four claims: name, verdict and reading, by language."""
    told = []
    for row in tables.hypotheses.to_dict("records"):
        name, verdict = str(row["hypothesis"]), str(row["verdict"])
        told.append(
            {
                "id": name,
                "verdict": verdict.replace(" ", "_"),
                "name": {one: _named("hypothesis", name, one) for one in LANGUAGES},
                "word": {one: _named("verdict", verdict.replace(" ", "_"), one) for one in LANGUAGES},
                "reading": {one: _reading(tables, row, one) for one in LANGUAGES},
            }
        )
    return told


def posts(tables: StudyTables) -> Records:
    """The posts that may be shown, where they stand; their area is a row of the neighbourhoods, -1 outside all."""
    shown = tables.posts
    located = shown[~(shown.geometry.is_empty | shown.geometry.isna())]
    degrees = places(located.geometry)
    return Records(
        {
            "layer": coded(located["layer"]),
            "body": coded(located["body"]),
            "name": plain(str(one) if given(one) else "" for one in located["name"]),
            "amount": numeric(located["amount"]),
            "area": Steps(tables.neighbourhoods.index.get_indexer(located["neighbourhood"])),
            "lon": Millionths(degrees[:, 0]),
            "lat": Millionths(degrees[:, 1]),
        }
    )


def sources(files: pd.DataFrame) -> list[dict[str, Any]]:
    """The files used, each with the beginning of its fingerprint."""
    kept = [column for column in ("file", "use", "rows", "modified", "sha256") if column in files]
    told = [{column: _cell(row[column]) for column in kept} for row in files.to_dict("records")]
    for row in told:
        if row.get("sha256"):
            row["sha256"] = str(row["sha256"])[:HASH_SHOWN]
    return told


def options(told: Mapping[str, Any]) -> dict[str, Any]:
    """The options a reader asks for."""
    kept = ("weights", "permutations", "fdr", "level", "seed", "crs")
    return {key: _cell(told[key]) for key in kept if key in told and not isinstance(told[key], dict | list)}


def norm(tables: StudyTables) -> dict[str, Any] | None:
    """The benchmark of the study per 1,000 residents, with its kind and its source; None where it names none."""
    equity = tables.options.get("study", {}).get("equity", {})
    value = equity.get("norm_per_1000")
    if value is None:
        return None
    return {"value": short(value), "kind": str(equity["norm_kind"]), "source": visible(str(equity["norm_source"]))}


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, or in whichever it was written."""
    return visible(texts.get(language) or next((one for one in texts.values() if one), ""))


def _reading(tables: StudyTables, row: Mapping[Any, Any], language: str) -> str:
    spoken = tables.more.get("claims_readings")
    if spoken is not None and f"reading_{language}" in spoken:
        own = spoken[spoken["hypothesis"] == row["hypothesis"]]
        if not own.empty and given(own.iloc[0][f"reading_{language}"]):
            return visible(str(own.iloc[0][f"reading_{language}"]))
    return visible(str(row["reading"])) if given(row["reading"]) else ""


def _named(kind: str, word: str, language: str) -> str:
    return catalogue(language).get(f"map.{kind}.{word}") or visible(word.replace("_", " "))


def _cell(value: Any) -> Any:
    if not given(value):
        return None
    if isinstance(value, bool | int):
        return value
    return short(value) if isinstance(value, float) else visible(str(value))
