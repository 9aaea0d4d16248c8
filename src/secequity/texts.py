"""The words people read, in Spanish and English: one catalogue, `text(key, language, **values)` to speak from it.

The sentences live in `catalogue/<language>/*.json`, so that a reviewer can mend the Spanish without touching code.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from math import floor, log10
from typing import Any, Literal, get_args

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

PAGE = ("map.", "cluster.", "status.", "zone.", "body.", "duty.", "supplier.", "reliability.", "norm.")
"""How the keys of the map's page begin."""

_NARROW_SPACE = "\u202f"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every sentence of one language by its key; several files of a language make one catalogue."""
    sentences: dict[str, str] = {}
    for file in sorted(files(__package__).joinpath("catalogue", language).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            sentences.update(json.loads(file.read_text(encoding="utf-8")))
    return sentences


def untranslated(language: str) -> dict[str, str]:
    """The sentences of the map's page that a catalogue lacks, with the Spanish ones that are shown instead."""
    known = catalogue(language)
    return {key: one for key, one in catalogue("es").items() if key.startswith(PAGE) and key not in known}


def text(key: str, language: str, /, **values: Any) -> str:
    """The sentence `key` in `language` with its blanks filled; a number is written as `number` writes it."""
    filled = {name: number(value) if isinstance(value, int | float) else value for name, value in values.items()}
    return catalogue(language)[key].format(**filled)


def number(value: float, decimals: int | None = None) -> str:
    """A number that Lima and Buenos Aires read alike: decimal point, narrow space between thousands.

    Two decimals below 100, one below 1,000, none above, two figures below 0.1, unless `decimals` says otherwise. Three
    decimals never follow a one: 1.358 is read as a thousand in half of the region.

    >>> number(1.358), number(0.0291), number(35307)
    ('1.36', '0.029', '35\u202f307')
    """
    if value != value:
        return "–"
    if decimals is None:
        size = abs(value)
        decimals = _decimals(size)
    return f"{value:,.{decimals}f}".replace(",", _NARROW_SPACE).replace("-", "\u2212")


def _decimals(size: float) -> int:
    if 0 < size < 0.1:
        return min(1 - floor(log10(size)), 6)
    if size >= 1000 or float(size).is_integer():
        return 0
    return 1 if size >= 100 else 2
