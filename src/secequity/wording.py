"""How readers are told a measure, a unit, a number of people, a share, a p value: the words every room shares."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from secequity.results import StudyTables, once_a_study
from secequity.texts import catalogue, number, text

NAMED = 3
LONG_NAME = 60
LONG_LABEL = 120
LANDMARKS = ((1.5, "one_half"), (2.0, "two"), (3.0, "three"))

_BREAKING = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_REORDERING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSEEN: dict[int, str | None] = {**dict.fromkeys(_BREAKING, " "), **dict.fromkeys(_REORDERING)}
_BEFORE_I = re.compile(r"h?[ií](?!e)", re.IGNORECASE)


@once_a_study
def measure_label(tables: StudyTables, measure: str, language: str) -> str:
    """The name of a measure for readers; the measure's own name where the study gives none."""
    row = row_of(tables.measures, measure)
    label = None if row is None else row.get(f"label_{language}")
    return visible(label, most=LONG_LABEL) if isinstance(label, str) and label.strip() else measure


@once_a_study
def layer_label(tables: StudyTables, layer: str, language: str) -> str:
    """The name of a layer for readers, in its plain spelling where the study does not tell its measures."""
    of_layer = tables.measures[tables.measures["layer"] == layer]
    if not of_layer.empty:
        named = of_layer.iloc[0].get(f"layer_{language}")
        if isinstance(named, str) and named.strip():
            return visible(named, most=LONG_LABEL)
        own = measure_label(tables, str(of_layer["measure"].iloc[0]), language)
        return own.removesuffix(text("measure.coverage", language, layer=""))
    spoken = catalogue(language).get(f"layer.{layer}")
    return spoken or visible(layer.replace("_", " "), most=LONG_LABEL)


def shift_label(shift: str, language: str) -> str:
    """The name of a shift; one the catalogue does not know stays as the study wrote it.

    >>> shift_label("night", "es"), shift_label("madrugada", "es")
    ('noche', 'madrugada')
    """
    return catalogue(language).get(f"shift.{shift}") or visible(shift.replace("_", " "), most=LONG_NAME)


def numbers(values: Iterable[float]) -> list[str]:
    """Numbers to be compared with each other, with as many decimals as the largest has; small ones keep their own.

    >>> numbers([236.84, 67.04]), numbers([1503.2, 0.31])
    (['236.8', '67.0'], ['1\\u202f503', '0.31'])
    """
    known = list(values)
    largest = max((abs(value) for value in known), default=0.0)
    decimals = 2 if largest < 100 else 1 if largest < 1000 else 0
    whole = all(float(value).is_integer() for value in known)
    return [number(value, None if whole or 0 < abs(value) < 10 or value == 0 else decimals) for value in known]


def unit_label(unit: str, language: str, count: float = 2) -> str:
    """The word for what is counted, in the number of `count`; a word the catalogue does not know stays as it is.

    >>> unit_label("police", "es", 1), unit_label("police", "es", 0.92), unit_label("sacos", "es", 3)
    ('policía', 'policías', 'sacos')
    """
    sentences = catalogue(language)
    key = f"unit.{unit}.one" if count == 1 else f"unit.{unit}"
    return sentences.get(key, sentences.get(f"unit.{unit}", unit))


def thing_label(tables: StudyTables, measure: str, language: str, count: float = 2) -> str:
    """What a measure counts, as a sentence says it: "policías", "hours of residents' patrols a week"."""
    sentences = catalogue(language)
    row = row_of(tables.measures, measure)
    body = body_of(tables, measure)
    unit = "" if row is None else str(row["unit"])
    kind = "hour" if row is not None and row["kind"] == "hours" else unit
    for key in (f"thing.{measure}", f"thing.{kind}.{body}"):
        if key in sentences:
            return sentences[key]
    return unit_label(kind, language, count) if kind else measure_label(tables, measure, language)


def areas_label(count: int, language: str) -> str:
    """So many areas, in words: "1 área", "50 áreas"."""
    return f"{number(count)} {text('area.one' if count == 1 else 'area', language)}"


def people_label(people: float, language: str) -> str:
    """So many residents, in words: "1 habitante", "35 000 habitantes"."""
    return f"{number(round(people))} {unit_label('resident', language, round(people))}"


def percent(share: float, language: str) -> str:
    """A share of one as a percentage of at most three figures.

    >>> percent(0.2134, "es"), percent(0.004, "es")
    ('21\u202f%', '0.4\u202f%')
    """
    value = 100 * share
    decimals = 0 if abs(value) >= 9.95 or float(value).is_integer() else 1
    return text("percent", language, value=number(value, decimals))


def p_label(p_value: float, language: str) -> str:
    """A p value as a reader meets it; three decimals only where two would hide the side of a usual threshold.

    >>> [p_label(p, "es") for p in (0.4, 0.049, 0.0321, 0.0004)]
    ['p\xa0=\xa00.40', 'p\xa0=\xa00.049', 'p\xa0=\xa00.03', 'p\xa0<\xa00.001']
    """
    if p_value < 0.001:
        return text("p.below", language)
    decimals = 3 if p_value < 0.01 or 0.045 <= p_value < 0.055 else 2
    return text("p.equal", language, p=number(p_value, decimals))


def times_label(ratio: float, language: str) -> str:
    """How many times as much, as people say it.

    >>> [times_label(ratio, "es") for ratio in (1.25, 1.48, 2.0, 3.1, 4.62)]
    ['un 25\u202f% más', 'casi una vez y media esa cifra', 'el doble', 'algo más del triple', '4.6 veces esa cifra']
    """
    for landmark, name in LANDMARKS:
        nearness = ratio / landmark
        if 0.95 <= nearness <= 1.05:
            close = "" if abs(nearness - 1) < 0.005 else ".almost" if nearness < 1 else ".over"
            return text(f"times.{name}{close}", language)
    if ratio < LANDMARKS[1][0]:
        return text("times.percent", language, percent=percent(ratio - 1, language))
    near = round(ratio, 1 if ratio < 10 else 0)
    return text("times.many", language, ratio=number(near, 0 if near.is_integer() else 1))


def visible(words: str, *, most: int | None = None) -> str:
    """A text of the data without the marks that would reorder or break the line around it, cut after `most` signs.

    >>> visible("Los \u202eOlivos\u2069")
    'Los Olivos'
    """
    plain = words.translate(_UNSEEN).strip()
    return plain if most is None or len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def names_label(names: list[str], language: str) -> str:
    """Up to three names and whether there are others.

    >>> names_label(["Belén", "Santa Ana", "Independencia"], "es")
    'Belén, Santa Ana e Independencia'
    """
    if len(names) > NAMED:
        return text("list.others", language, names=names_label(names[:NAMED], language))
    names = [visible(name, most=LONG_NAME) for name in names]
    if len(names) == 1:
        return names[0]
    joined = "list.and.before_i" if _BEFORE_I.match(names[-1]) else "list.and"
    return text(joined, language, head=", ".join(names[:-1]), last=names[-1])


def row_of(table: pd.DataFrame, measure: str) -> pd.Series | None:
    """The first row of a measure in a table of the study; None where it has none."""
    if table.empty:
        return None
    rows = table[table["measure"] == measure]
    return None if rows.empty else rows.iloc[0]


def body_of(tables: StudyTables, measure: str) -> str:
    """The body whose presence a measure tells; empty for a covariate."""
    row = row_of(tables.measures, measure)
    return "" if row is None else str(row["body"])


def weights_label(weights: str, language: str) -> str:
    """Which areas count as neighbours, in words; a rule the catalogue does not know stays as it is.

    >>> weights_label("queen", "es"), weights_label("knn:4", "en")
    ('se tocan en un lado o una esquina', 'the 4 nearest')
    """
    kind, _, amount = weights.partition(":")
    known = f"weights.{kind}" in catalogue(language)
    return text(f"weights.{kind}", language, amount=amount) if known else visible(weights)
