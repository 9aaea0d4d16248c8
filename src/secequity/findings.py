"""The findings of a finished study in words: the sentence at the head of the map, and the three that matter.

Every sentence is about one row of one table and says which, so that a challenged number can be followed back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from secequity.gaps import deciding_p
from secequity.results import StudyTables, once_a_study
from secequity.texts import number, text
from secequity.wording import (
    areas_label,
    body_of,
    measure_label,
    names_label,
    numbers,
    p_label,
    people_label,
    percent,
    row_of,
    thing_label,
    times_label,
    unit_label,
)
from secequity.words import OFFICIAL, SUPPLIER_OF, Body

__all__ = [
    "Finding",
    "cautions",
    "concentration",
    "headline",
    "leading_measure",
    "measure_label",
    "moran_row",
    "three",
    "unit_label",
]

LEVEL_RATIO = 1.02
EVEN_CONCENTRATION = 0.05
RARE_PER_1000 = 0.1

_ZONES = ("centre", "periphery")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding in words, with the table and the row it was read from.

    key : gap, inequality or space.
    text : one to four sentences in the reader's language, plain text (never markup).
    table : gaps, inequality or autocorrelation: the table of `StudyTables` that holds the numbers.
    row : the measure whose row it is; empty where the study has no measure to speak of.
    """

    key: Literal["gap", "inequality", "space"]
    text: str
    table: Literal["gaps", "inequality", "autocorrelation"]
    row: str


def headline(tables: StudyTables, language: str) -> str:
    """The main finding and its uncertainty, for the head of the map and of the report.

    Parameters
    ----------
    tables : a finished study.
    language : es or en.

    Returns
    -------
    Plain text: the leading measure in both zones, the higher first, how many times as much, and whether
    chance can be ruled out at 1 − `options["level"]` (0.05 when absent).
    """
    measure = leading_measure(tables)
    if measure is None:
        return text("headline.no_layer", language)
    return _sentences(_gap_sentence(tables, measure, language), _chance_sentence(tables, measure, language))


@once_a_study
def three(tables: StudyTables, language: str) -> tuple[Finding, Finding, Finding]:
    """The three findings that matter: the gap between the zones, the inequality among people, the pattern in space.

    Parameters
    ----------
    tables : a finished study.
    language : es or en.

    Returns
    -------
    Three findings about the leading measure, in that order. "It cannot be told" is a finding: a missing interval,
    p value or index is said in words. The first one also tells what the numbers leave out (`cautions`).
    """
    measure = leading_measure(tables)
    if measure is None:
        nothing = text("headline.no_layer", language)
        return (
            Finding(key="gap", text=nothing, table="gaps", row=""),
            Finding(key="inequality", text=nothing, table="inequality", row=""),
            Finding(key="space", text=nothing, table="autocorrelation", row=""),
        )
    gap = _sentences(
        _gap_sentence(tables, measure, language),
        _interval_sentence(tables, measure, language),
        _chance_sentence(tables, measure, language),
        *cautions(tables, measure, language),
    )
    inequality = _sentences(_inequality_sentence(tables, measure, language), concentration(tables, measure, language))
    space = _sentences(_moran_sentence(tables, measure, language), _cluster_sentence(tables, measure, language))
    return (
        Finding(key="gap", text=gap, table="gaps", row=measure),
        Finding(key="inequality", text=inequality, table="inequality", row=measure),
        Finding(key="space", text=space, table="autocorrelation", row=measure),
    )


@once_a_study
def leading_measure(tables: StudyTables) -> str | None:
    """The measure that the headline speaks of; None where no layer covers anybody.

    The official hours per 1,000 where two or more official layers make them, else the first police layer, else the
    first official one, else the first of any body. One with figures in both zones goes before one without, and one
    that counts anything before one that is zero everywhere.
    """
    measures = tables.measures
    coverage = measures[measures["kind"] == "coverage"]
    official = measures["body"].isin(OFFICIAL)
    joined = "official_hours_per_1000"
    candidates = [joined] if _is_own_sum(tables, joined) else []
    candidates += list(coverage.loc[coverage["body"] == "police", "measure"])
    candidates += list(coverage.loc[official, "measure"]) + list(coverage["measure"])
    candidates += [name for name in measures.loc[measures["kind"] == "hours", "measure"] if name != joined]
    compared = [name for name in candidates if _both_zones(row_of(tables.gaps, name))]
    counted = [
        name for name in compared if tables.gaps.loc[tables.gaps["measure"] == name, list(_ZONES)].max(axis=None)
    ]
    return next(iter(counted or compared or candidates), None)


def _is_own_sum(tables: StudyTables, name: str) -> bool:
    return bool((tables.measures["measure"] == name).any()) and len(_summed(tables, name)) > 1


def _summed(tables: StudyTables, measure: str) -> list[str]:
    """The layers whose hours a joint measure adds up."""
    bodies: tuple[Body, ...] = OFFICIAL if measure.startswith("official_") else ("community",)
    suppliers = [SUPPLIER_OF[body] for body in bodies]
    return [str(layer) for layer in tables.ledger.loc[tables.ledger["supplier"].isin(suppliers), "layer"].unique()]


def concentration(tables: StudyTables, measure: str, language: str) -> str:
    """The sentence of the concentration index, never its sign alone; empty where the study ranks nobody."""
    row = row_of(tables.inequality, measure)
    if row is None or pd.isna(row["concentration_index"]):
        return ""
    index = float(row["concentration_index"])
    low, high = _limits(tables, measure)
    side = "even" if abs(index) < EVEN_CONCENTRATION else "rich" if index > 0 else "poor"
    side = "unsure" if side != "even" and low <= 0 <= high else side
    rank_by = tables.options.get("study", {}).get("equity", {}).get("rank_by")
    rank = measure_label(tables, rank_by, language) if rank_by else text("concentration.rank", language)
    burden = measure == "own_hours_per_1000" or body_of(tables, measure) == "community"
    subject = text("concentration.burden" if burden else "concentration.service", language)
    told = {"subject": subject, "rank": rank, "index": number(index, 2)}
    if side == "unsure":
        told |= {"low": number(low, 2), "high": number(high, 2)}
    return text(f"concentration.{side}", language, **told)


def _limits(tables: StudyTables, measure: str) -> tuple[float, float]:
    """The ends of the interval of a concentration index; nan where none was computed."""
    table = tables.table("inequality_intervals")
    row = row_of(table[table["index"] == "concentration_index"], measure)
    return (math.nan, math.nan) if row is None else (float(row["low"]), float(row["high"]))


def cautions(tables: StudyTables, measure: str, language: str) -> tuple[str, ...]:
    """What the numbers of a measure leave out: areas in no zone, without data, withheld, uncovered; posts outside."""
    return tuple(_absences(tables, measure, language)) + tuple(_posts_outside(tables, measure, language))


def _absences(tables: StudyTables, measure: str, language: str) -> list[str]:
    areas = tables.neighbourhoods
    columns = [f"{layer}_status" for layer in _layers(tables, measure)]
    statuses = areas[[column for column in columns if column in areas]]
    told = []
    zoneless = areas["zone"].isna()
    if zoneless.any():
        people = people_label(float(areas.loc[zoneless, "population"].sum()), language)
        told.append(text("caution.zone", language, areas=areas_label(int(zoneless.sum()), language), people=people))
    for status in ("missing", "suppressed", "uncovered"):
        absent = (statuses == status).any(axis="columns")
        if absent.any():
            people = people_label(float(areas.loc[absent, "population"].sum()), language)
            many = areas_label(int(absent.sum()), language)
            told.append(text(f"caution.{status}", language, areas=many, people=people))
    return told


def _posts_outside(tables: StudyTables, measure: str, language: str) -> list[str]:
    posts = tables.posts
    if posts.empty:
        return []
    outside = int((posts["neighbourhood"].isna() & posts["layer"].isin(_layers(tables, measure))).sum())
    if outside == 0:
        return []
    return [text("caution.posts.one" if outside == 1 else "caution.posts", language, count=outside)]


def _layers(tables: StudyTables, measure: str) -> list[str]:
    measures = tables.measures
    row = row_of(measures, measure)
    if row is None:
        return []
    if measure in ("official_hours_per_1000", "own_hours_per_1000"):
        return _summed(tables, measure)
    layers = measures.loc[measures["measure"] == measure, "layer"]
    return [layer for layer in layers.dropna().unique() if layer]


def _gap_sentence(tables: StudyTables, measure: str, language: str) -> str:
    row = row_of(tables.gaps, measure)
    values = {zone: math.nan if row is None else float(row[zone]) for zone in _ZONES}
    known = [zone for zone in _ZONES if not math.isnan(values[zone])]
    if not known:
        return text("headline.no_zone", language, label=measure_label(tables, measure, language))
    if len(known) == 1:
        (unknown,) = set(_ZONES) - set(known)
        value, per = _readable(values[known[0]], values[known[0]])
        told = {"value": number(value), "per": per, "thing": thing_label(tables, measure, language, value)}
        places = {"known": _the(known[0], language), "unknown": _the(unknown, language)}
        return _capital(text("headline.one_zone", language, **told, **places))
    higher, lower = sorted(_ZONES, key=lambda zone: values[zone], reverse=True)
    top, per = _readable(values[higher], values[higher])
    bottom, _ = _readable(values[lower], values[higher])
    thing = thing_label(tables, measure, language, top)
    if top == 0:
        return text("headline.zero", language, thing=thing)
    places = {"higher": _the(higher, language), "lower": _the(lower, language), "thing": thing, "per": per}
    if bottom == 0:
        return _capital(text("headline.none_there", language, high=number(top), **places))
    high, low = numbers((top, bottom))
    ratio = values[higher] / values[lower]
    if ratio < LEVEL_RATIO:
        both = {higher: high, lower: low}
        return text("headline.equal", language, thing=thing_label(tables, measure, language), per=per, **both)
    return _capital(text("headline.gap", language, times=times_label(ratio, language), high=high, low=low, **places))


def _readable(rate: float, largest: float) -> tuple[float, str]:
    """A rate per 1,000 and its base, or per 100,000 where even the largest would be a few hundredths."""
    rare = 0 < largest < RARE_PER_1000
    return (100 * rate, number(100_000)) if rare else (rate, number(1000))


def _interval_sentence(tables: StudyTables, measure: str, language: str) -> str:
    row = row_of(tables.gaps, measure)
    if row is None or not _both_zones(row):
        return ""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        single = [zone for zone in _ZONES if row[f"n_{zone}"] == 1]
        if single:
            return text("interval.single", language, zone=_the(single[0], language))
        return text("interval.none", language)
    difference = float(row["difference"])
    higher, lower = _ZONES if difference >= 0 else _ZONES[::-1]
    low, high = sorted(float(row[end]) * (1 if difference >= 0 else -1) for end in ("low", "high"))
    rates = (abs(difference), abs(low), max(high, 0.0))
    largest = max(float(row[zone]) for zone in _ZONES)
    middle, start, end = numbers([_readable(rate, largest)[0] for rate in rates])
    told = {"difference": middle, "level": percent(float(row["level"]), language)}
    if low >= 0:
        return text("interval.apart", language, low=start, high=end, **told)
    places = {"higher": _the(higher, language), "lower": _the(lower, language)}
    return text("interval.across", language, against=start, favour=end, **told, **places)


def _chance_sentence(tables: StudyTables, measure: str, language: str) -> str:
    row = row_of(tables.gaps, measure)
    if row is None or not _both_zones(row) or row["centre"] == row["periphery"] == 0:
        return ""
    if pd.isna(row["p_value"]):
        return text("chance.untested", language)
    areas = areas_label(int(row["n_centre"] + row["n_periphery"]), language)
    told = {"p": p_label(float(row["p_value"]), language), "areas": areas}
    if row["p_value"] >= _alpha(tables):
        return text("chance.possible", language, **told)
    spatial = spatial_p(tables, measure)
    if spatial is None:
        agree = _neighbours_agree(tables, measure)
        return text("chance.unlikely.clustered" if agree else "chance.unlikely", language, **told)
    verdict = "unlikely" if spatial < _alpha(tables) else "possible"
    return text(f"chance.space.{verdict}", language, p_space=p_label(spatial, language), **told)


def spatial_p(tables: StudyTables, measure: str) -> float | None:
    """The p that allows for the likeness of neighbours; None where no such test was made."""
    tests = tables.table("gap_tests")
    found = deciding_p(tests[tests["measure"] == measure], alpha=_alpha(tables))
    return None if math.isnan(found) else found


def _neighbours_agree(tables: StudyTables, measure: str) -> bool:
    """Whether neighbours resemble each other: then dealing out the zones at random exaggerates what it finds."""
    row = moran_row(tables, measure)
    return row is not None and row["value"] > row["expected"] and row["p_value"] < _alpha(tables)


def _inequality_sentence(tables: StudyTables, measure: str, language: str) -> str:
    row = row_of(tables.inequality, measure)
    thing = thing_label(tables, measure, language)
    if row is None or pd.isna(row["hoover"]) or pd.isna(row["gini"]):
        return text("finding.none", language, thing=thing)
    told = {"hoover": number(float(row["hoover"]), 2), "gini": number(float(row["gini"]), 2)}
    if row["hoover"] < 0.005:
        return text("finding.equal", language, **told)
    return text("finding.hoover", language, share=percent(float(row["hoover"]), language), thing=thing, **told)


def _moran_sentence(tables: StudyTables, measure: str, language: str) -> str:
    row = moran_row(tables, measure)
    if row is None or pd.isna(row["value"]) or pd.isna(row["p_value"]):
        return text("space.none", language)
    above = row["value"] > row["expected"]
    told = row["p_value"] < _alpha(tables)
    verdict = ("together" if above else "apart") if told else "chance"
    return _sentences(_space(row, verdict, language), _smoothed_sentence(tables, measure, verdict, language))


def _space(row: pd.Series, verdict: str, language: str) -> str:
    value = number(float(row["value"]), 2)
    return text(f"space.{verdict}", language, value=value, p=p_label(float(row["p_value"]), language))


def _smoothed_sentence(tables: StudyTables, measure: str, verdict: str, language: str) -> str:
    """What the smoothed rate of the same layer says, where it says otherwise: few people make wild rates."""
    row = moran_row(tables, f"{measure}_eb")
    if row is None or pd.isna(row["p_value"]):
        return ""
    together = row["p_value"] < _alpha(tables) and row["value"] > row["expected"]
    if together == (verdict == "together"):
        return ""
    return _space(row, "smoothed.together" if together else "smoothed.chance", language)


def moran_row(tables: StudyTables, measure: str) -> pd.Series | None:
    """The row of Moran's I of a measure in the table of autocorrelation; None where it was not computed."""
    table = tables.autocorrelation
    return row_of(table[table["statistic"].astype(str).str.lower().str.startswith("moran")], measure)


def _cluster_sentence(tables: StudyTables, measure: str, language: str) -> str:
    areas = tables.neighbourhoods
    column = f"{measure}_cluster"
    if column not in areas or not areas[column].isin(("HH", "LL", "HL", "LH", "ns")).any():
        return ""
    if f"{measure}_p" in areas and areas[f"{measure}_p"].isna().all():
        return ""
    low = areas[areas[column] == "LL"].sort_values("population", ascending=False, kind="stable")
    if low.empty:
        return text("clusters.low.none", language)
    told = {
        "people": people_label(float(low["population"].sum()), language),
        "areas": areas_label(len(low), language),
        "names": names_label([str(name) for name in low["name"]], language),
    }
    return text("clusters.low.one" if len(low) == 1 else "clusters.low", language, **told)


def _alpha(tables: StudyTables) -> float:
    return 1 - float(tables.options.get("level", 0.95))


def _the(zone: str, language: str) -> str:
    return text(f"zone.the.{zone}", language)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _both_zones(row: pd.Series | None) -> bool:
    return row is not None and bool(pd.notna(row["centre"]) and pd.notna(row["periphery"]))
