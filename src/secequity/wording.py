"""How readers are told a measure, a unit, a number of people, a share, a p value: the words every room shares."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from secequity.results import StudyTables
from secequity.texts import catalogue, number, text

NAMED = 3
LANDMARKS = ((1.5, "one_half"), (2.0, "two"), (3.0, "three"))

_REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_BEFORE_I = re.compile(r"h?[ií](?!e)", re.IGNORECASE)


def measure_label(tables: StudyTables, measure: str, language: str) -> str:
    """The name of a measure for readers; the measure's own name where the study gives none."""
    row = row_of(tables.measures, measure)
    label = None if row is None else row.get(f"label_{language}")
    return visible(label) if isinstance(label, str) and label.strip() else measure


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
    return text("times.many", language, ratio=number(ratio, 1 if ratio < 10 else 0))


def visible(words: str) -> str:
    """A text of the data without the marks that would reorder or break the line around it.

    >>> visible("Los \u202eOlivos\u2069")
    'Los Olivos'
    """
    kept = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in words)
    return "".join(sign for sign in kept if unicodedata.bidirectional(sign) not in _REORDERING).strip()


def names_label(names: list[str], language: str) -> str:
    """Up to three names and whether there are others.

    >>> names_label(["Belén", "Santa Ana", "Independencia"], "es")
    'Belén, Santa Ana e Independencia'
    """
    if len(names) > NAMED:
        return text("list.others", language, names=names_label(names[:NAMED], language))
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
