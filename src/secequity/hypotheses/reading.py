"""The sentences of a claim, made from its table alone, so that finished results can be read in another language."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from secequity.hypotheses.verdict import ADEQUATE
from secequity.texts import catalogue, number, text

Row = Mapping[str, Any]
ACTIVE = 6
"""A neighbourhood told of as active did so many activities in the periods before."""

STRENGTHS = ((0.1, "none"), (0.3, "weak"), (0.5, "middling"), (math.inf, "strong"))


def sentence(
    hypothesis: str, verdict: str, reason: str, details: pd.DataFrame, language: str, *, labels: Mapping[str, str]
) -> str:
    """The verdict, the numbers of each part and how sure they are, and what was lacking."""
    rows: dict[str, Row] = {str(row["part"]): _named_row(row) for row in details.to_dict("records")}
    told = [text(f"claim.{hypothesis}.{verdict.replace(' ', '_')}", language)]
    told += [_part(hypothesis, row, rows, language, labels) for row in rows.values()]
    counted = [row for row in rows.values() if row["counts"]]
    if verdict == "not supported" and any(row["verdict"] == "supported" for row in counted):
        told.append(text("claim.in_part", language))
    if verdict == "not supported" and any(row["verdict"] == "opposite" for row in counted):
        told.append(text("claim.turned", language))
    if verdict == "cannot tell":
        if any(row["verdict"] == "supported" for row in counted):
            told.append(text("claim.so_far", language))
        told += _lacking(_of_a_part(reason, counted), counted, language)
    elif any(row["verdict"] == "not supported" for row in counted):
        told.append(_enough(counted, language))
    levels = {float(row["level"]) for row in rows.values() if not _absent(row["low"])}
    if levels:
        told.append(text("claim.level", language, level=number(100 * max(levels))))
    return " ".join(one for one in told if one)


def _named_row(row: Mapping[Hashable, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


def _part(hypothesis: str, row: Row, rows: Mapping[str, Row], language: str, labels: Mapping[str, str]) -> str:
    """One comparison with its numbers; nothing where it has none."""
    if _absent(row["value"]) and (_absent(row["centre"]) or _absent(row["periphery"])):
        return ""
    about = str(row["about"] or "")
    values: dict[str, Any] = {
        "about": labels.get(about) or about.replace("_", " "),
        "thing": labels.get("thing") or text("claim.thing", language),
        "sure": _sure(row, language),
    }
    key = f"claim.{hypothesis}.{row['part']}"
    if row["quantity"] == "ratio":
        values |= {name: number(float(row[name])) for name in ("centre", "periphery", "value")}
        key = f"{key}.no_ratio" if _absent(row["value"]) else key
    elif row["quantity"] == "difference":
        values |= {name: number(100 * float(row[name]), 0) for name in ("centre", "periphery")}
    elif hypothesis == "earned_right":
        return _earned(key, row, rows, language, values)
    else:
        value = float(row["value"])
        shown = text("claim.nearly_zero", language) if _is_nothing(value, str(row["quantity"])) else number(value, 2)
        values |= {"value": shown, "strength": _strength(value, language)}
    return text(key, language, **values)


def _earned(key: str, row: Row, rows: Mapping[str, Row], language: str, values: Mapping[str, Any]) -> str:
    """Slopes and levels as chances in a hundred periods."""
    level = rows.get("level")
    slope = rows["slope"]
    if row["part"] == "within":
        return _within(key, str(slope["verdict"]), str(row["verdict"]), language)
    if level is None or _absent(level["centre"]) or _absent(level["periphery"]):
        return ""
    if row["part"] == "level":
        both = {zone: _in_100(float(row[zone])) for zone in ("centre", "periphery")}
        return text(key, language, **{**values, **both})
    zone = "periphery" if row["part"] == "slope" else "centre"
    if _absent(row[zone]):
        return ""
    nothing = float(level[zone])
    more = math.log(nothing / (1 - nothing)) + float(row[zone]) * math.log1p(ACTIVE)
    active = 1 / (1 + math.exp(-more))
    told = {"nothing": _in_100(nothing), "active": _in_100(active), "activities": ACTIVE}
    equal = row["part"] == "slope" and str(row["test"]).endswith("equal_rows")
    before = f"{text('claim.earned_right.equal_rows', language)} " if equal else ""
    return before + text(key, language, **{**values, **told})


def _within(key: str, slope: str, own: str, language: str) -> str:
    """Whether what was found between neighbourhoods holds within them; nothing where nothing was found."""
    decided = ("supported", "opposite")
    if slope not in decided:
        return ""
    way = "unclear" if own not in decided else "same" if own == slope else "reverse"
    return text(f"{key}.{way}", language)


def _sure(row: Row, language: str) -> str:
    """The interval and the chance, as a reader who is no statistician is told them."""
    told = []
    if not _absent(row["low"]) and not _absent(row["high"]):
        low, high = (_effect(float(row[end]), str(row["quantity"])) for end in ("low", "high"))
        told.append(text(f"claim.sure.{row['quantity']}", language, low=low, high=high))
    if _absent(row["p_value"]):
        told.append(text("claim.sure.untested", language))
    elif float(row["p_value"]) < 0.01:
        told.append(text("claim.sure.rare", language))
    else:
        told.append(text("claim.sure.chance", language, cases=number(round(100 * float(row["p_value"])))))
    return "; ".join(told)


def _of_a_part(reason: str, counted: list[Row]) -> str:
    """The reason, and where another comparison was told of both zones, that it is of one comparison alone."""
    told = any(not _absent(row["centre"]) and not _absent(row["periphery"]) for row in counted)
    return "zone_empty.part" if reason == "zone_empty" and told else reason


def _lacking(reason: str, counted: list[Row], language: str) -> list[str]:
    """Why it cannot be told, and what would be needed."""
    known = catalogue(language)
    told = [known[f"claim.reason.{reason}"]] if f"claim.reason.{reason}" in known else []
    unsure = [row for row in counted if row["verdict"] == "cannot tell" and not _absent(row["power"])]
    if reason not in ("uncertain", "few") or not unsure:
        return told
    row = min(unsure, key=lambda one: float(one["power"]))
    told += _could(row, language)
    if not _absent(row["needed"]) and float(row["needed"]) > row["n_centre"] + row["n_periphery"]:
        told.append(text("claim.power.needed", language, needed=_about(float(row["needed"]))))
    elif not _absent(row["detectable"]) and not _is_nothing(float(row["detectable"]), str(row["quantity"])):
        effect = _named(float(row["detectable"]), str(row["quantity"]), language)
        told.append(text("claim.power.detectable", language, effect=effect))
    else:
        told.append(text("claim.power.far", language))
    return told


def _enough(counted: list[Row], language: str) -> str:
    """That the data could have shown an effect which matters: by their interval, or by their power."""
    row = next(row for row in counted if row["verdict"] == "not supported")
    if not _absent(row["power"]) and float(row["power"]) >= ADEQUATE:
        return " ".join(_could(row, language))
    if _absent(row["smallest"]) or _is_nothing(float(row["smallest"]), str(row["quantity"])):
        return ""
    effect = _named(float(row["smallest"]), str(row["quantity"]), language)
    return text("claim.excluded", language, effect=effect)


def _could(row: Row, language: str) -> list[str]:
    """How often an effect would have been noticed; nothing where the effect would be read as none."""
    if _is_nothing(float(row["smallest"]), str(row["quantity"])):
        return []
    effect = _named(float(row["smallest"]), str(row["quantity"]), language)
    cases = round(10 * float(row["power"]))
    key = {0: "claim.power.could.hardly", 10: "claim.power.could.always"}.get(cases, "claim.power.could")
    return [text(key, language, effect=effect, cases=cases)]


def _is_nothing(effect: float, quantity: str) -> bool:
    """Whether an effect, as it is written, would be read as no effect at all."""
    nothing = 1.0 if quantity == "ratio" else 0.0
    return _effect(effect, quantity).lstrip("\u2212") == _effect(nothing, quantity)


def _named(effect: float, quantity: str, language: str) -> str:
    return text(f"claim.effect.{quantity}", language, effect=_effect(effect, quantity))


def _effect(effect: float, quantity: str) -> str:
    if quantity == "difference":
        return number(100 * effect, 0)
    if quantity == "slope":
        return _odds(effect)
    if quantity == "log_odds":
        return number(math.exp(effect), 1)
    return number(effect, 2)


def _odds(slope: float) -> str:
    """How many times the odds grow between no activity and `ACTIVE`."""
    return number(math.exp(slope * math.log1p(ACTIVE)), 1)


def _in_100(chance: float) -> str:
    share = round(100 * chance, 1)
    return number(share, 0 if share >= 9.5 or share.is_integer() else 1)


def _strength(value: float, language: str) -> str:
    word = next(word for most, word in STRENGTHS if abs(value) < most)
    return text(f"claim.strength.{word}", language)


def _about(count: float) -> int:
    """A simulated number of neighbourhoods, to two figures."""
    return int(round(count, 1 - math.floor(math.log10(count))))


def _absent(value: Any) -> bool:
    return bool(pd.isna(value))
