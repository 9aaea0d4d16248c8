"""The participation log of the model city: two years of what neighbours did, and the support they were given."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.special import expit

from city_model.ground import Floats

FIRST_DAY = pd.Timestamp("2022-01-03")
MONTHS, DAYS_A_MONTH = 26, 28
EMBODIED = ("night_patrol", "faena", "dues")
GUARD_PAY = 1025
"""Monthly pay of the one night guard of Los Olivos, in soles: the minimum wage of Peru from May 2022."""

WORDS: dict[str, tuple[str, ...]] = {
    "night_patrol": ("Ronda nocturna", "Ronda urbana", "Patrullaje vecinal nocturno"),
    "faena": ("Faena comunal", "Faena de limpieza de maleza", "Faena de alumbrado"),
    "dues": ("Cuota para vigilancia", "Cuota mensual del vigilante"),
    "meeting": ("Reunión de junta vecinal", "Asamblea de vecinos"),
    "presence": ("Presencia en operativo",),
    "complaint": ("Denuncia", "Queja ante la municipalidad"),
    "petition": ("Memorial", "Solicitud de alumbrado", "Solicitud de patrullaje"),
    "walk": ("Caminata exploratoria",),
}
"""What the log calls each kind of activity, in the words of the councils."""

KINDS = tuple(WORDS)
SUPPORT = ("radios", "silbatos", "vehiculo", "visita")


@dataclass(frozen=True, kw_only=True)
class Truths:
    """What is true in the model, for a test to find again.

    mix : chance of each of `KINDS` in an activity, by zone.
    monthly : activities a neighbourhood records in four weeks, on average, by zone.
    support_level : logit of the chance of support in four weeks for a neighbourhood that took part in nothing, by zone.
    earned_right : what one unit of log(1 + embodied activities of the six months before) adds to that logit, by zone.
    staff_follows_people : whether posts and staff fall in proportion to residents.
    """

    mix: dict[str, tuple[float, ...]]
    monthly: dict[str, float]
    support_level: dict[str, float]
    earned_right: dict[str, float]
    staff_follows_people: bool


def keep_log(
    barrios: gpd.GeoDataFrame, census: pd.DataFrame, truths: Truths, *, truth: bool, rng: np.random.Generator
) -> pd.DataFrame:
    """One row a recorded activity, in order of date; people are counted, never named."""
    households = census["hogares"].to_numpy()
    rows: list[dict[str, object]] = []
    for number, (code, name, zone) in enumerate(
        zip(barrios["codigo"], barrios["barrio"], barrios["casco"], strict=True)
    ):
        energy = rng.gamma(2.2, 1 / 2.2)
        months = [_month(zone, energy, truths, rng) for _ in range(MONTHS)]
        if truth:
            months = [_as_told(name, kinds, rng) for kinds in months]
        embodied = np.array([sum(kind in EMBODIED for kind in kinds) for kinds in months])
        for month, kinds in enumerate(months):
            earlier = embodied[max(0, month - 6) : month].sum()
            chance = expit(truths.support_level[zone] + truths.earned_right[zone] * np.log1p(earlier))
            helped = rng.random() < chance and not (truth and name == "Jirón Asamblea")
            if helped and not kinds:
                kinds = ["meeting"]
            gift = int(rng.integers(len(kinds))) if helped else -1
            for at, kind in enumerate(kinds):
                rows.append(_row(code, name, kind, month, int(households[number]), at == gift, truth, rng))
    frame = pd.DataFrame(rows)
    return frame.sort_values(["fecha", "barrio", "tipo", "personas"], kind="stable", ignore_index=True)


def _month(zone: str, energy: float, truths: Truths, rng: np.random.Generator) -> list[str]:
    """What one neighbourhood does in four weeks."""
    number = rng.poisson(truths.monthly[zone] * energy)
    return [KINDS[one] for one in rng.choice(len(KINDS), number, p=np.array(truths.mix[zone]))]


def _as_told(name: str, kinds: list[str], rng: np.random.Generator) -> list[str]:
    """The three neighbourhoods the article describes, as it describes them."""
    if name == "Los Olivos":
        return ["dues"] if rng.random() < 0.65 else ["night_patrol"] * int(rng.integers(4, 8))
    if name == "Asociación Covadonga":
        return ["night_patrol"] * int(rng.integers(2, 5)) + ["meeting"] + ["faena"] * int(rng.random() < 0.4)
    if name == "Jirón Asamblea":
        return ["complaint"] * int(rng.integers(1, 4)) + ["presence"] * int(rng.integers(1, 3))
    return kinds


def _row(
    code: str, name: str, kind: str, month: int, households: int, helped: bool, truth: bool, rng: np.random.Generator
) -> dict[str, object]:
    day = FIRST_DAY + pd.Timedelta(days=DAYS_A_MONTH * month + int(rng.integers(DAYS_A_MONTH)))
    people, hours, quota = _effort(kind, households, rng)
    words = WORDS[kind]
    if truth and name == "Los Olivos" and kind == "dues":
        people = min(households, GUARD_PAY // 7)
        quota, words = float(GUARD_PAY), ("Cuota mensual del vigilante",)
    if truth and name == "Asociación Covadonga" and kind == "night_patrol":
        words = ("Ronda urbana",)
    gift = SUPPORT[int(rng.choice(4, p=np.array([0.2, 0.3, 0.1, 0.4])))] if helped else ""
    official = gift in ("vehiculo", "visita") or kind == "presence" or rng.random() < 0.08
    return {
        "barrio": code,
        "fecha": day.strftime("%Y-%m-%d"),
        "tipo": words[int(rng.integers(len(words)))],
        "personas": people,
        "horas": hours,
        "cuota": quota,
        "apoyo_recibido": gift,
        "autoridad_presente": "sí" if official else "no",
    }


def _effort(kind: str, households: int, rng: np.random.Generator) -> tuple[int, float, float | None]:
    """People, hours each, and money (only for dues)."""
    people, hours = {
        "night_patrol": (5 + rng.poisson(5), rng.choice([3, 4, 5, 6])),
        "faena": (12 + rng.poisson(18), rng.choice([3, 4, 5])),
        "dues": (5 + rng.binomial(households, 0.1), 0),
        "meeting": (10 + rng.poisson(15), rng.choice([1.5, 2, 2.5])),
        "presence": (5 + rng.poisson(2), rng.choice([1, 2, 3])),
        "complaint": (5 + rng.poisson(1), rng.choice([1, 2, 4])),
        "petition": (5 + rng.poisson(4), rng.choice([1, 2, 3])),
        "walk": (6 + rng.poisson(6), rng.choice([1.5, 2])),
    }[kind]
    quota = float(5 * people) if kind == "dues" else None
    return int(people), float(hours), quota


def wording() -> pd.DataFrame:
    """What the log's words mean: `tipo` as written, `actividad` as the study file calls it."""
    return pd.DataFrame(
        [(word, kind) for kind, words in WORDS.items() for word in words], columns=["tipo", "actividad"]
    )


def centre_mix(documentary: float) -> Floats:
    """The chance of each kind when `documentary` is the chance of one that leaves a paper and not a night's work."""
    embodied = np.array([0.55, 0.33, 0.12]) * (1 - documentary)
    papers = np.array([0.32, 0.12, 0.26, 0.24, 0.06]) * documentary
    return np.concatenate([embodied, papers])
