"""The contracts of the five nouns, and the list on which every problem of a study is gathered."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from unicodedata import combining, normalize

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from secequity.errors import AlignmentError, LayerError, Problem, SecEquityError, problem


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


def require_neighbourhoods(neighbourhoods: gpd.GeoDataFrame) -> None:
    """Refuse neighbourhoods that break their contract: polygons, unique text ids, projected in metres.

    Raises
    ------
    LayerError : ids repeated or not text, geometry empty, missing or not polygons, CRS missing or not in metres.
    """
    require_metres(neighbourhoods, name="neighbourhoods")
    found = Findings()
    ids = neighbourhoods.index
    if not all(isinstance(one, str) for one in ids):
        found.error("ids_not_text", [one for one in ids if not isinstance(one, str)])
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
    AlignmentError : the two speak of different neighbourhoods, or an id is repeated.
    """
    if values.index.has_duplicates:
        raise AlignmentError(problem("ids_repeated", dict.fromkeys(values.index[values.index.duplicated()]), name=name))
    absent, unknown = ids.difference(values.index), values.index.difference(ids)
    found = Findings()
    if len(absent):
        found.error("ids_absent", absent, name=name)
    if len(unknown):
        found.error("ids_unknown", unknown, name=name)
    found.raise_if_any(AlignmentError)
    return values.reindex(ids)
