"""What in a table leads to a person: names, telephones, identity numbers, e-mail, birth dates, accounts and homes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from functools import cache
from importlib.resources import files
from unicodedata import combining, normalize

import numpy as np
import pandas as pd

from secequity.privacy.places import is_address, is_point
from secequity.words import Personal

SHARE = 0.3
"""From this share of its cells on a column holds names of people: a single such cell may be a hero's street."""
NAMED_SHARE = 0.1
"""The same for a column that is called after people."""

PART_SHARE = 0.6
"""The same for cells that are a given name or a surname alone, which places also are."""

CODED = 0.8
"""A column with fewer different cells than this share of its rows holds codes and no numbers of persons."""

_WORDS = re.compile(r"[^a-z0-9]+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
_PHONE = re.compile(
    r"(?<![\d.-])(?:\+\d{1,3}[ -]?(?:\(?\d{1,4}\)?[ -]?)?\d{3,5}[ -]?\d{3,5}|9\d{2}[ -]\d{3}[ -]\d{3}"
    r"|\(\d{2,3}\) ?\d{3,5}[ -]?\d{4}|3\d{2}[ -]\d{3}[ -]?\d{4}"
    r"|(?:tel|cel|fono|celular|tel[eé]fono)\.?:? ?\d[\d -]{5,})(?![\d.])",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"9\d{8}|09\d{8}|3[0-5]\d{8}|(?:51|56)9\d{8}|55\d{10,11}|52\d{10}")
_IDENTITY = re.compile(
    r"\b(?:dni|d\.n\.i\.?|c[eé]dula|c\.?c\.?|c\.?i\.?)[ :n°º.#]*\d[\d.]{5,11}\b|\b\d{3}\.\d{3}\.\d{3}-\d{2}\b"
    r"|\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b",
    re.IGNORECASE,
)
_RUT = re.compile(r"\b(\d{1,2}\.?\d{3}\.?\d{3})-([\dkK])\b")
_TITLE = re.compile(r"\b(?:[Ss]ra?|[Ss]rta|[Dd]on|[Dd]oña|[Ss]eñor(?:a|ita)?)\b\.? +[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+")
_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_GROUPED = re.compile(r"\d{2}\.\d{3}\.\d{3}")
_HOUSE = re.compile(r"[^\W\d]{2,}.*\d")
_IN_TEXT = re.compile(
    r"(?<![\d.])(?:9\d{8}|09\d{8}|3[0-5]\d{8}|\+?(?:51|56)9\d{8}|\+?55\d{10,11}|\+?52\d{10})(?![\d.])"
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"[-+]?[\d ]*[.,]?\d+")
_FAR = 180
"""Beyond this a column of numbers called x or y is no longer of degrees, and beyond 1,000 no mark either."""


@cache
def _words(kind: str) -> frozenset[str]:
    """Words of one kind: given names, surnames, and what columns about people are called."""
    told = json.loads(files(__package__).joinpath("names.json").read_text(encoding="utf-8"))
    return frozenset(told[kind])


@cache
def _names() -> frozenset[str]:
    return _words("given") | _words("surnames")


def personal_columns(
    table: pd.DataFrame, *, known: Collection[str] = (), points: bool = False, places: Collection[str] = ()
) -> dict[str, Personal]:
    """The columns of a table that lead to a person, and what each holds.

    Parameters
    ----------
    table : any table about what people do; a column without any value says nothing.
    known : words that are nobody: ids and names of neighbourhoods.
    points : whether coordinates are what the table is for (posts, the places of a walk).
    places : columns of neighbourhoods and of words of a vocabulary, which hold no names of people.

    Returns
    -------
    By column `name`, `phone`, `email`, `identity` (a national number), `birth` (its date, or an exact age), `account`
    (of a network), `plate` (of a vehicle), `home` (an address), `point` (coordinates, a shape, a link to a map) or
    `nested` (values inside of values, in which nobody can look). A column that is called after one of them counts as
    such whatever its cells say, unless they are numbers of people, yes and no, places or organisations.

    >>> log = pd.DataFrame({"barrio": ["Belén"], "vecino": ["Rosa Quispe"], "fono": ["966123456"]})
    >>> personal_columns(log, known=["Belén"])
    {'vecino': 'name', 'fono': 'phone'}
    """
    nobody = {_folded(str(one)) for one in known}
    found: dict[str, Personal] = {}
    for column in table.columns:
        if str(table[column].dtype) == "geometry":
            continue
        if _is_nested(table[column]):
            found[str(column)] = "nested"
            continue
        text = _text_of(table[column])
        told = text[~text.map(_folded).isin(nobody)]
        repeated = len(text) <= CODED * table[column].notna().sum()
        options = {"is_place": str(column) in places, "repeated": repeated}
        kind = _of_column(str(column), told, **options) if len(told) else None
        if kind is not None:
            found[str(column)] = kind
    return found if points else {**_coordinates(table, nobody), **found}


def _is_nested(cells: pd.Series) -> bool:
    """Whether some cell holds values inside of a value, or bytes."""
    if cells.dtype != object and not pd.api.types.is_extension_array_dtype(cells.dtype):
        return False
    told = cells.dropna().drop_duplicates() if cells.map(lambda one: isinstance(one, str)).all() else cells.dropna()
    return any(_opens(one) if isinstance(one, str) else isinstance(one, _NESTED) for one in told)


_NESTED = (dict, list, tuple, set, bytes, bytearray, np.ndarray)


def _opens(cell: str) -> bool:
    """Whether a text is an object or a list that some program wrote out."""
    if not cell.lstrip().startswith(("{", "[")):
        return False
    try:
        return isinstance(json.loads(cell), dict | list)
    except ValueError:
        return cell.lstrip().startswith("{")


def _text_of(cells: pd.Series) -> pd.Series:
    """The different cells of a column as text."""
    told = cells.dropna().drop_duplicates()
    text = told.map(lambda one: str(int(one)) if isinstance(one, float) and one.is_integer() else str(one).strip())
    text = text.astype(object)
    return text[text != ""]


def _folded(text: str) -> str:
    plain = "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))
    return " ".join(one for one in _WORDS.split(plain) if one)


def _share(text: pd.Series, holds: Callable[[str], object]) -> float:
    return sum(bool(holds(one)) for one in text) / len(text) if len(text) else np.nan


def _of_column(column: str, distinct: pd.Series, *, is_place: bool, repeated: bool) -> Personal | None:
    """What a column holds of people, told by its name and by its different cells."""
    called = set(_folded(column).split())
    digits = distinct.str.replace(r"\D", "", regex=True).str.len()
    in_any: tuple[tuple[Personal, Callable[[str], object]], ...] = (
        ("email", _EMAIL.search),
        ("identity", _has_identity),
        ("phone", _PHONE.search),
        ("phone", lambda text: _LETTERS.search(text) and _IN_TEXT.search(text)),
        ("name", _TITLE.search),
        ("home", is_address),
    )
    numbered: tuple[Personal, ...] = ("identity", "phone")
    for kind in numbered:
        if called & _words(kind) and (digits >= 6).mean() > 0.5:
            return kind
    for kind, holds in in_any:
        if any(map(holds, distinct)):
            return kind
    if is_place:
        return None
    headed = _by_header(called, distinct)
    if headed is not None:
        return headed
    if _share(distinct, _is_name) >= (NAMED_SHARE if called & _words("people_columns") else SHARE):
        return "name"
    if len(distinct) >= 3 and _share(distinct, _is_part_of_name) >= PART_SHARE:
        return "name"
    if (
        not (called & _words("code_columns") or repeated)
        and len(distinct) >= 3
        and _share(distinct, _is_number_of_person) > 0.5
    ):
        return "identity"
    if _share(distinct.str.replace(r"[ .-]", "", regex=True), _MOBILE.fullmatch) > 0.5:
        return "phone"
    return "home" if called & _words("home_columns") and _share(distinct, _HOUSE.search) >= SHARE else None


def _by_header(called: set[str], distinct: pd.Series) -> Personal | None:
    """What a column holds that is called after people, whatever its cells say, unless they are plainly of nobody."""
    if called & _words("birth_columns") or (called & _words("age_columns") and distinct.map(_is_age).any()):
        return "birth"
    if called & _words("about_columns") or distinct.map(_is_of_nobody).all():
        return None
    if called & _words("people_columns"):
        return "name"
    kinds: tuple[Personal, ...] = ("account", "plate", "home")
    return next((kind for kind in kinds if called & _words(f"{kind}_columns")), None)


def _is_age(text: str) -> bool:
    return text.isdigit() and len(text) <= 3


def _is_of_nobody(text: str) -> bool:
    """Whether a cell is a number of few digits, a yes or no, a side of the city, or an organisation or a place."""
    words = _folded(text).split()
    if not words or all(one in _words("answers") for one in words):
        return True
    if _NUMBER.fullmatch(text.strip()):
        return sum(sign.isdigit() for sign in text) <= 5
    return words[0] in _words("organisations")


def _is_part_of_name(text: str) -> bool:
    """One to four given names, surnames and initials, and nothing else."""
    words, known = _folded(text).split(), _names()
    return (
        len(words) <= 4 and any(one in known for one in words) and all(one in known or len(one) == 1 for one in words)
    )


def _has_identity(text: str) -> bool:
    if _IDENTITY.search(text):
        return True
    return any(_closes(one[1].replace(".", ""), one[2]) for one in _RUT.finditer(text))


def _closes(digits: str, given: str) -> bool:
    """Whether a number closes with the check digit of a Chilean RUT."""
    total = sum(int(digit) * (2 + at % 6) for at, digit in enumerate(reversed(digits)))
    return "0123456789K"[(11 - total % 11) % 11] == given.upper()


def _is_number_of_person(text: str) -> bool:
    """Whether it is a number of eight digits that is no date (a DNI), or of eleven that close as a CPF."""
    plain = text.replace(".", "") if _GROUPED.fullmatch(text) else text
    if not plain.isdigit():
        return False
    return not _DATE.fullmatch(plain) if len(plain) == 8 else len(plain) == 11 and _is_cpf(plain)


def _is_cpf(digits: str) -> bool:
    """Whether eleven digits close with the two check digits of a Brazilian CPF."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - at) for at, digit in enumerate(digits[:length]))
        if (10 * total) % 11 % 10 != int(digits[length]):
            return False
    return True


def _is_name(text: str) -> bool:
    """A given name and a surname beside each other, in either order, and little else."""
    words = _folded(text).split()
    if not 2 <= len(words) <= 6 or any(one.isdigit() for one in words):
        return False
    if words[0] not in _names():
        return False
    given, surnames = _words("given"), _words("surnames")
    pairs = ((one, other) for at, one in enumerate(words) for other in words[:at] + words[at + 1 :])
    return any(one in given and other in surnames for one, other in pairs)


def _coordinates(table: pd.DataFrame, nobody: Collection[str]) -> dict[str, Personal]:
    """Columns that place a row on the ground: by what they are called, by what they hold, and shapes of points."""
    found: dict[str, Personal] = {}
    axes = [[one for one in table.columns if set(_folded(str(one)).split()) & _words(side)] for side in ("lon", "lat")]
    for one in table.columns:
        if str(table[one].dtype) == "geometry":
            pointed = bool(table[one].dropna().map(lambda shape: shape.geom_type == "Point").any())
        else:
            text = _text_of(table[one])
            text = text[~text.map(_folded).isin(nobody)]
            called = set(_folded(str(one)).split()) | {_folded(str(one)).replace(" ", "")}
            paired = all(axes) and any(one in side for side in axes)
            pointed = bool(len(text)) and (_places_by_name(called, text, paired=paired) or any(map(is_point, text)))
        if pointed:
            found[str(one)] = "point"
    return found


def _places_by_name(called: set[str], text: pd.Series, *, paired: bool) -> bool:
    """Whether a column that is called after coordinates holds them; `paired`: the other axis is there as well."""
    if called & _words("point_columns"):
        return not text.map(_is_word_of_nobody).all()
    if not called & (_words("lon") | _words("lat")):
        return False
    values = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce").dropna()
    if len(values) <= len(text) / 2:
        return False
    exact = (values.abs() > 1000).any() or ((values.abs() <= _FAR) & (values % 1 != 0)).any()
    return paired or bool(exact) or bool(called & _words("axis_columns"))


def _is_word_of_nobody(text: str) -> bool:
    return _is_of_nobody(text) and not any(sign.isdigit() for sign in text)
