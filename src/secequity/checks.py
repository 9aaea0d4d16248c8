"""The contracts of the five nouns, and the list on which every problem of a study is gathered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, Literal, get_args
from unicodedata import combining, normalize

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import Point

from secequity.errors import AlignmentError, LayerError, Problem, SecEquityError, problem
from secequity.words import Zone

Argument = Literal[
    "series",
    "series or none",
    "by id",
    "by id or none",
    "numbers",
    "numbers or none",
    "frame",
    "frame or none",
    "series or frame",
    "layer",
    "layer or none",
    "graph",
    "graph or none",
    "index",
    "point",
    "point or none",
    "number",
    "number or none",
    "whole",
    "flag",
    "text",
    "text or none",
    "collection",
    "collection or none",
    "mapping",
    "mapping or none",
    "function",
    "rng",
]
"""What an argument of a public function may be: `by id` is a Series whose ids differ, `numbers` one of numbers."""


class Findings:
    """Problems found while reading: `errors` stop the study, `notices` travel with its results."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.notices: list[Problem] = []

    def error(self, code: str, which: Iterable[object] = (), **values: Any) -> None:
        """Something that makes the study unusable."""
        self.errors.append(problem(code, which, **values))

    def notice(self, code: str, which: Iterable[object] = (), **values: Any) -> None:
        """Something repaired, left out or assumed, which every reader of the results must know."""
        self.notices.append(problem(code, which, **values))

    def raise_if_any(self, kind: type[SecEquityError]) -> None:
        """All errors in one exception."""
        if self.errors:
            raise kind(*self.errors)


def nearest(word: str, known: Iterable[object], *, cutoff: float = 0.6) -> str:
    """The known word nearest to a misspelt one, or an empty string; accents and capitals make no distance.

    >>> nearest("BRENA", ["Breña", "Barranco"]), nearest("Cercado", ["Breña"])
    ('Breña', '')
    """
    by_folded = {_folded(str(one)): str(one) for one in known}
    found = get_close_matches(_folded(word), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def _folded(word: str) -> str:
    return "".join(sign for sign in normalize("NFKD", word.casefold()) if not combining(sign))


def require_arguments(**given: tuple[Argument, object]) -> None:
    """Refuse arguments of a public function that are of another kind than it takes; all of them in one message.

    Parameters
    ----------
    given : by the name of the argument, what it must be and what was given.

    Raises
    ------
    LayerError : an argument is something else, or a Series of numbers holds text (the ids are told).
    AlignmentError : ids are repeated, and nothing else is wrong.

    >>> import pandas as pd
    >>> require_arguments(values=("series", pd.Series([1.0])), level=("number", 0.95), rng=("rng", None))
    >>> require_arguments(permutations=("whole", 1.5))
    Traceback (most recent call last):
    ...
    secequity.errors.LayerError: the argument “permutations” must be a whole number; given: 1.5 · give a number ...
    """
    problems = [one for name, (kind, value) in given.items() for one in _misfit(name, kind, value)]
    if problems:
        raise (AlignmentError if all(one.code == "ids_repeated" for one in problems) else LayerError)(*problems)


def require_zones(**given: pd.Series) -> None:
    """Refuse zones told in other words than `centre` and `periphery`; missing is no word.

    Raises
    ------
    LayerError : other words, with the ids and the name of the argument.
    """
    found = Findings()
    for name, zones in given.items():
        strange = zones.notna() & ~zones.isin(get_args(Zone))
        if strange.any():
            words = ", ".join(sorted({str(one) for one in zones[strange]}))
            found.error("argument_zones", zones.index[strange], name=name, words=words)
    found.raise_if_any(LayerError)


def require_amounts(**given: pd.Series | None) -> None:
    """Refuse amounts and people that are below zero.

    Raises
    ------
    LayerError : some are, with the ids and the name of the argument.
    """
    found = Findings()
    for name, values in given.items():
        below = values.index[(values < 0).fillna(False).astype(bool)] if values is not None else ()
        if len(below):
            found.error("argument_negative", below, name=name)
    found.raise_if_any(LayerError)


def _misfit(name: str, kind: Argument, value: object) -> list[Problem]:
    """What is wrong with one argument: nothing, or one problem."""
    if value is None and (kind.endswith(" or none") or kind == "rng"):
        return []
    plain = kind.removesuffix(" or none")
    if not _KINDS[plain](value):
        return [
            problem(f"argument_{plain.replace(' ', '_').replace('by_id', 'series')}", name=name, given=_told(value))
        ]
    if plain not in ("by id", "numbers") or not isinstance(value, pd.Series):
        return []
    if plain == "numbers" and not is_numeric(value):
        text = [not isinstance(one, Real) and not pd.isna(one) for one in value]
        return [problem("argument_not_numbers", value.index[text], name=name, given=str(value.dtype))]
    if value.index.has_duplicates:
        return [problem("ids_repeated", dict.fromkeys(value.index[value.index.duplicated()]), name=name)]
    return []


def _told(value: object) -> str:
    """A wrong argument as a message tells it: a short value itself, anything else by its kind."""
    short = value is None or isinstance(value, str | Real)
    return repr(value) if short and len(repr(value)) <= SHOWN else type(value).__name__


def is_numeric(values: pd.Series) -> bool:
    """Whether a Series holds real numbers, or nothing at all."""
    if values.dtype == object:
        return all(isinstance(one, Real) or pd.isna(one) for one in values)
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype)


def _is_graph(value: object) -> bool:
    """A libpysal Graph, told by its name: that library has its own door."""
    return any(one.__name__ == "Graph" and one.__module__.startswith("libpysal.graph") for one in type(value).__mro__)


def _is_seed(value: object) -> bool:
    """What numpy makes a generator of: whole numbers from 0, and generators."""
    if isinstance(value, np.random.Generator | np.random.BitGenerator | np.random.SeedSequence):
        return True
    numbers = value if isinstance(value, list | tuple) else [value]
    return all(isinstance(one, Integral) and not isinstance(one, bool) and int(one) >= 0 for one in numbers)


SHOWN = 30
_KINDS: Mapping[str, Callable[[object], bool]] = {
    "series": lambda value: isinstance(value, pd.Series),
    "by id": lambda value: isinstance(value, pd.Series),
    "numbers": lambda value: isinstance(value, pd.Series),
    "frame": lambda value: isinstance(value, pd.DataFrame),
    "series or frame": lambda value: isinstance(value, pd.Series | pd.DataFrame),
    "layer": lambda value: isinstance(value, gpd.GeoDataFrame),
    "graph": _is_graph,
    "index": lambda value: isinstance(value, pd.Index),
    "point": lambda value: isinstance(value, Point) and not value.is_empty,
    "number": lambda value: isinstance(value, Real) and not isinstance(value, bool),
    "whole": lambda value: isinstance(value, Integral) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool | np.bool_),
    "text": lambda value: isinstance(value, str),
    "collection": lambda value: isinstance(value, Collection | Iterable) and not isinstance(value, str),
    "mapping": lambda value: isinstance(value, Mapping),
    "function": callable,
    "rng": _is_seed,
}
"""Whether a value is of each kind of argument."""


def require_metres(frame: gpd.GeoDataFrame, *, name: str) -> None:
    """Refuse a layer whose coordinates are not metres.

    Raises
    ------
    LayerError : the CRS is missing, geographic (degrees), or projected in another unit: three different sentences.
    """
    if frame.crs is None:
        raise LayerError(problem("crs_missing", name=name))
    crs = CRS(frame.crs)
    if crs.is_geographic:
        raise LayerError(problem("crs_geographic", name=name, crs=crs.to_string()))
    unit = crs.axis_info[0].unit_name
    if unit not in ("metre", "meter"):
        raise LayerError(problem("crs_not_metres", name=name, crs=crs.to_string(), unit=unit))


def require_same_crs(frame: gpd.GeoDataFrame, other: gpd.GeoDataFrame, *, name: str, other_name: str) -> None:
    """Refuse two layers in different CRS.

    Raises
    ------
    LayerError : the two differ; the message names both.
    """
    if frame.crs != other.crs:
        raise LayerError(
            problem("crs_differ", name=name, crs=str(frame.crs), other=other_name, other_crs=str(other.crs))
        )


def are_texts(ids: pd.Index) -> bool:
    """Whether every id is text, told without looking at one after the other in Python.

    >>> are_texts(pd.Index(["01", "02"])), are_texts(pd.Index(["01", 2], dtype=object))
    (True, False)
    """
    return ids.inferred_type == "string" and not ids.hasnans


def require_neighbourhoods(neighbourhoods: gpd.GeoDataFrame) -> None:
    """Refuse neighbourhoods that break their contract: polygons, unique text ids, projected in metres.

    Raises
    ------
    LayerError : ids repeated or not text, geometry empty, missing or not polygons, CRS missing or not in metres.
    """
    require_metres(neighbourhoods, name="neighbourhoods")
    found = Findings()
    ids = neighbourhoods.index
    if not are_texts(ids):
        strange = [one for one in ids if not isinstance(one, str)]
        if strange:
            found.error("ids_not_text", strange)
    if ids.has_duplicates:
        found.error("ids_repeated", dict.fromkeys(ids[ids.duplicated()]), name="neighbourhoods")
    geometry = neighbourhoods.geometry
    absent = geometry.isna() | geometry.is_empty
    if absent.any():
        found.error("geometry_empty", ids[absent], name="neighbourhoods")
    other = ~absent & ~geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    if other.any():
        found.error(
            "geometry_not_polygons",
            ids[other],
            name="neighbourhoods",
            kinds=", ".join(sorted(set(geometry[other].geom_type))),
        )
    found.raise_if_any(LayerError)


def align(values: pd.Series, ids: pd.Index, *, name: str) -> pd.Series:
    """`values` in the order of `ids`.

    Raises
    ------
    AlignmentError : the two speak of different neighbourhoods, or an id is repeated. LayerError : not a Series.
    """
    if not isinstance(values, pd.Series):
        raise LayerError(problem("argument_series", name=name, given=_told(values)))
    if values.index.has_duplicates:
        raise AlignmentError(problem("ids_repeated", dict.fromkeys(values.index[values.index.duplicated()]), name=name))
    if values.index.equals(ids):
        return values.set_axis(ids)
    absent, unknown = ids.difference(values.index), values.index.difference(ids)
    found = Findings()
    if len(absent):
        found.error("ids_absent", absent, name=name)
    if len(unknown):
        found.error("ids_unknown", unknown, name=name)
    found.raise_if_any(AlignmentError)
    return values.reindex(ids)
