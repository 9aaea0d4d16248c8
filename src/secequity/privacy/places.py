"""What places a person on the ground: street addresses, coordinates, links to maps, codes of places and shapes."""

from __future__ import annotations

import re

_STREET = re.compile(
    r"\b(?:jr|jir[oó]n|av|avda|avenida|calle|ca|clle|psje|pje|pasaje|prol|prolongaci[oó]n|malec[oó]n|alameda"
    r"|carrera|diagonal|transversal|rua)\b\.? *(?:\d{1,2} +de +)?(?:[^\W\d][\w'’]*[. ]+){1,5}"
    r"(?:n[°º.ro]*|#|num\.?|número)? *\d{1,5}\b(?! +de\b)",
    re.IGNORECASE,
)
_GRID = re.compile(
    r"\b(?:calle|carrera|cra|kra|cl|cll|diagonal|transversal|av|avenida)\b\.? *\d{1,3} *\w? *(?:#|n[°º]|no\.) *\d+",
    re.IGNORECASE,
)
_LOT = re.compile(
    r"\b(?:mz|mza|mzna|manzana|block|bloque)\b\.? *[\w-]{1,4}\W+(?:lt|lte|lote|dpto|departamento)\b\.? *\w?\d+",
    re.IGNORECASE,
)
_NO_DOOR = frozenset(
    (
        *("cuadra", "cuadras", "cdra", "cdras", "sector", "zona", "paradero", "etapa", "km", "barrio", "distrito"),
        *("comite", "sin", "desde", "hasta", "hace", "con", "por", "para"),
    )
)
"""Words before a number that make it a part of a street or of a city, and no door."""

_POINTS = (
    re.compile(r"-?\d{1,3}[.,]\d{3,}°? *(?:[NSWEO]\b)?[,;| ]+-?\d{1,3}[.,]\d{3,}"),
    re.compile(r"\d{1,3} ?° ?\d{1,2} ?['′’]"),
    re.compile(r"\b(?:MULTI)?(?:POINT|LINESTRING|POLYGON) *Z? *\(", re.IGNORECASE),
    re.compile(r"goo\.gl/maps|maps\.app|google\.[a-z.]+/maps|maps\.google|openstreetmap\.org|osm\.org|waze\.com"),
    re.compile(r"\bgeo: ?-?\d|what3words|///\w+\.\w+\.\w+", re.IGNORECASE),
    re.compile(r"\b[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b"),
    re.compile(r"\b\d{6}(?:[.,]\d+)?[,;/ ]+\d{7}(?:[.,]\d+)?\b"),
)


def is_address(text: str) -> bool:
    """Whether a text tells a door: a street and its number, or a block and its lot.

    >>> [is_address(one) for one in ("Jr. Asamblea 123", "Av. 28 de Julio", "Mz A Lt 3", "Jr. Lima cuadra 4")]
    [True, False, True, False]
    """
    if _GRID.search(text) or _LOT.search(text):
        return True
    return any(not _NO_DOOR & set(re.findall(r"[^\W\d]+", one[0].casefold())) for one in _STREET.finditer(text))


def is_point(text: str) -> bool:
    """Whether a text tells a point: two coordinates, a shape, a link to a map or a code of a place.

    >>> [is_point(one) for one in ("-13.1604, -74.2257", "POINT (-74 -13)", "1,025.00", "12 vecinos")]
    [True, True, False, False]
    """
    return any(one.search(text) for one in _POINTS)
