"""Patrol routes: lines with a frequency and a crew become person-hours a week of every neighbourhood they pass."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from secequity.checks import (
    Findings,
    align,
    nearest,
    require_arguments,
    require_metres,
    require_neighbourhoods,
    require_same_crs,
)
from secequity.errors import ConfigError, LayerError, problem
from secequity.results import Shown
from secequity.texts import text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Given = str | float | pd.Series

LEAST_REACH_M = 0.01
"""A line drawn on a border is within a centimetre of it, whatever the last digit of its coordinates."""
_ARC_SEGMENTS = 32
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class RouteHours(Shown):
    """Where the hours of patrol routes are spent.

    hours : person-hours a week by neighbourhood id; 0 where no route passes, missing where one of unknown hours does.
    km : kilometres travelled a week by neighbourhood id, whatever the crew.
    by_route : one row a route: `hours_per_week`, `km_per_week`, and of these `unallocated_hours`, `unallocated_km`,
        spent farther than `visibility_m` from every neighbourhood.
    stretches : one row a route and neighbourhood: `route`, `id`, `length_m`, `hours_per_week`, `km_per_week`.
    visibility_m : how far from a route a patrol is taken to serve.
    """

    hours: pd.Series
    km: pd.Series
    by_route: pd.DataFrame
    stretches: pd.DataFrame
    visibility_m: float

    @property
    def unallocated_hours(self) -> float:
        """Person-hours a week spent outside every neighbourhood."""
        return float(self.by_route["unallocated_hours"].sum())

    def to_frame(self) -> pd.DataFrame:
        """`hours_per_week` and `km_per_week` by neighbourhood id."""
        return pd.concat([self.hours, self.km], axis=1)

    def summary(self, language: str = "en") -> str:
        """The result in one sentence."""
        total = float(self.by_route["hours_per_week"].sum())
        reached = int((self.hours.fillna(1.0) > 0).sum())
        about = {"routes": len(self.by_route), "hours": total, "reached": reached, "n": len(self.hours)}
        return text("routes.summary", language, **about, outside=self.unallocated_hours)


def routes(
    neighbourhoods: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
    *,
    times_per_week: Given,
    crew: Given,
    minutes: Given | None = None,
    speed_kmh: Given | None = None,
    visibility_m: float = 25.0,
) -> RouteHours:
    """Person-hours a week that patrol routes spend in each neighbourhood.

    hours of a route = times_per_week × crew × minutes / 60 (or its length / speed), spread evenly along its length. A
    stretch serves the neighbourhoods within `visibility_m` of it. The crew spends its hour once, so the hour is shared
    equally among them: along a street between two neighbourhoods each has half, and hours are conserved. A street
    driven twice counts twice.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    routes : lines in the same CRS, by unique index; a route of several parts is one line with gaps.
    times_per_week, crew, minutes, speed_kmh : the name of a column of `routes`, one number for all, or a Series by
        route; ≥ 0 (`speed_kmh` > 0). `minutes` is the time of one run; give it or `speed_kmh`, not both. A route whose
        figure is missing makes the hours of the neighbourhoods it passes unknown: missing is not zero.
    visibility_m : metres; 0 is read as one centimetre, so that a route on a border serves both sides.

    Returns
    -------
    RouteHours with `hours`, `km`, `by_route` (hours outside every neighbourhood included) and `stretches`.

    Raises
    ------
    ConfigError : both or neither of `minutes` and `speed_kmh`; a negative `visibility_m`.
    LayerError : a contract is broken; routes are no lines, are empty or without length; a column is absent, not a
        number or negative.
    AlignmentError : a Series speaks of other routes.

    Source: person-hours as the measure of patrol dosage, Sherman & Weisburd (1995), Justice Quarterly 12(4).

    >>> import geopandas as gpd, shapely
    >>> halves = [shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)]
    >>> two = gpd.GeoDataFrame(index=["a", "b"], geometry=halves, crs=32718)
    >>> ronda = gpd.GeoDataFrame(index=["R1"], geometry=[shapely.LineString([(0, 5), (12, 5)])], crs=32718)
    >>> routes(two, ronda, times_per_week=7, crew=2, minutes=60, visibility_m=0).hours.round(2).to_dict()  # 14 h: 9, 3
    {'a': 10.5, 'b': 3.5}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), routes=("layer", routes), visibility_m=("number", visibility_m)
    )
    if (minutes is None) == (speed_kmh is None):
        raise ConfigError(problem("routes_duration"))
    share = _shared_length(neighbourhoods, routes, reach_m=visibility_m, name="routes")
    found = Findings()
    times = _figure(routes, times_per_week, "times_per_week", found=found)
    people = _figure(routes, crew, "crew", found=found)
    length_km = pd.Series(shapely.length(routes.geometry.to_numpy()) / 1000, index=routes.index)
    if minutes is not None:
        run_h = _figure(routes, minutes, "minutes", found=found) / 60
    else:
        speed = _figure(routes, speed_kmh, "speed_kmh", found=found)
        if (speed == 0).any():
            found.error("routes_speed_zero", speed.index[speed == 0])
        run_h = length_km / speed.where(speed > 0)
    found.raise_if_any(LayerError)
    km, hours = times * length_km, times * people * run_h
    return _spread(share, hours=hours, km=km, length_km=length_km, ids=neighbourhoods.index, visibility_m=visibility_m)


def street_km(neighbourhoods: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, visibility_m: float = 25.0) -> pd.Series:
    """Kilometres of street of each neighbourhood; a street between two counts half to each.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    streets : lines in the same CRS, by unique index.
    visibility_m : a stretch of street is shared equally among the neighbourhoods within so many metres: the same rule,
        and by default the same distance, as `routes`.

    Returns
    -------
    Series of kilometres by neighbourhood id, named `street_km`; 0 where there is no street.

    Raises
    ------
    ConfigError : a negative `visibility_m`.
    LayerError : a contract is broken; streets are no lines, are empty or without length.

    >>> import geopandas as gpd, shapely
    >>> halves = [shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)]
    >>> two = gpd.GeoDataFrame(index=["a", "b"], geometry=halves, crs=32718)
    >>> border = gpd.GeoDataFrame(geometry=[shapely.LineString([(9, 0), (9, 8)])], crs=32718)
    >>> street_km(two, border).to_dict()
    {'a': 0.004, 'b': 0.004}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods), streets=("layer", streets), visibility_m=("number", visibility_m)
    )
    share = _shared_length(neighbourhoods, streets, reach_m=visibility_m, name="streets")
    summed = np.bincount(share.place, share.length_m, len(neighbourhoods)) / 1000
    series = pd.Series(summed, index=neighbourhoods.index, name="street_km")
    series.attrs["unit"] = "km"
    return series


def per_street_km(hours: pd.Series, street_km: pd.Series) -> pd.Series:
    """Hours a week for each kilometre of street.

    Parameters
    ----------
    hours : hours a week by neighbourhood id.
    street_km : kilometres of street by neighbourhood id.

    Returns
    -------
    Series named `<hours>_per_street_km`; missing where there is no street.

    Raises
    ------
    AlignmentError : the inputs speak of different neighbourhoods.

    >>> import pandas as pd
    >>> per_street_km(pd.Series({"a": 6.0, "b": 1.0}), pd.Series({"a": 4.0, "b": 0.0})).to_dict()
    {'a': 1.5, 'b': nan}
    """
    require_arguments(hours=("numbers", hours), street_km=("numbers", street_km))
    km = align(street_km, hours.index, name="street_km").astype(float)
    rate = hours / km.where(km > 0)
    return rate.rename(f"{hours.name or 'hours'}_per_street_km")


def ranking(hours: pd.Series, km: pd.Series, *, population: pd.Series | None = None) -> pd.DataFrame:
    """The official ranking, by kilometres travelled, beside the ranking by hours of presence.

    Parameters
    ----------
    hours : person-hours a week by neighbourhood id.
    km : kilometres travelled a week by neighbourhood id.
    population : people by neighbourhood id; with it, hours are ranked per 1,000 residents (nobody there: missing).

    Returns
    -------
    DataFrame by neighbourhood id: `km_per_week`, `hours_per_week` (and `hours_per_1000`), `rank_by_km`,
    `rank_by_hours` (1 = most; ties share the mean rank) and `places_lost`: how many places the neighbourhood falls when
    hours take the place of kilometres.

    Raises
    ------
    AlignmentError : the inputs speak of different neighbourhoods.

    >>> import pandas as pd
    >>> hours, km = pd.Series({"a": 9.0, "b": 2.0}), pd.Series({"a": 10.0, "b": 30.0})
    >>> ranking(hours, km)["places_lost"].to_dict()
    {'a': -1.0, 'b': 1.0}
    """
    require_arguments(hours=("numbers", hours), km=("numbers", km), population=("numbers or none", population))
    ids = hours.index
    table = pd.DataFrame(
        {"km_per_week": align(km, ids, name="km").astype(float), "hours_per_week": hours.astype(float)}
    )
    measure = table["hours_per_week"]
    if population is not None:
        people = align(population, ids, name="population").astype(float)
        measure = table["hours_per_1000"] = 1000 * measure / people.where(people > 0)
    table["rank_by_km"] = table["km_per_week"].rank(ascending=False)
    table["rank_by_hours"] = measure.rank(ascending=False)
    table["places_lost"] = table["rank_by_hours"] - table["rank_by_km"]
    return table


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shared:
    """Metres of each line that belong to each neighbourhood: parallel arrays of positions and lengths."""

    line: Ints
    place: Ints
    length_m: Floats


def _shared_length(neighbourhoods: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, reach_m: float, name: str) -> _Shared:
    """Cut every segment where it enters or leaves the reach of a neighbourhood, and share each piece out equally."""
    if not reach_m >= 0 or not np.isfinite(reach_m):
        raise ConfigError(problem("visibility_negative", value=reach_m))
    require_neighbourhoods(neighbourhoods)
    _require_lines(lines, name=name)
    require_same_crs(lines, neighbourhoods, name=name, other_name="neighbourhoods")
    reach = shapely.buffer(neighbourhoods.geometry.to_numpy(), max(reach_m, LEAST_REACH_M), quad_segs=_ARC_SEGMENTS)
    ends, owner = _segments(lines)
    segment, place, start, stop = _stretches(ends, reach)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    segment, place, share = _equal_shares(segment, place, start, stop)
    pairs = owner[segment] * len(reach) + place
    unique, at = np.unique(pairs, return_inverse=True)
    summed = np.bincount(at, share * length[segment], len(unique)).astype(float)
    return _Shared(line=unique // len(reach), place=unique % len(reach), length_m=summed)


def _require_lines(lines: gpd.GeoDataFrame, *, name: str) -> None:
    require_metres(lines, name=name)
    found = Findings()
    geometry, ids = lines.geometry, lines.index
    if ids.has_duplicates:
        found.error("ids_repeated", dict.fromkeys(ids[ids.duplicated()]), name=name)
    absent = geometry.isna() | geometry.is_empty
    if absent.any():
        found.error("geometry_empty", ids[absent], name=name)
    other = ~absent & ~geometry.geom_type.isin(["LineString", "MultiLineString", "LinearRing"])
    if other.any():
        found.error("not_lines", ids[other], name=name, kinds=", ".join(sorted(set(geometry[other].geom_type))))
    short = ~absent & ~other & ~(np.isfinite(geometry.length) & (geometry.length > 0))
    if short.any():
        found.error("lines_no_length", ids[short], name=name)
    found.raise_if_any(LayerError)


def _segments(lines: gpd.GeoDataFrame) -> tuple[Floats, Ints]:
    """Both ends of every straight segment, and the position of the line it is part of."""
    parts, line = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    follows = part[1:] == part[:-1]
    ends = np.stack([xy[:-1][follows], xy[1:][follows]], axis=1)
    owner = line[part[:-1][follows]]
    moves = (ends[:, 0] != ends[:, 1]).any(axis=1)
    return ends[moves], owner[moves].astype(np.int64)


def _stretches(ends: Floats, reach: NDArray[np.object_]) -> tuple[Ints, Ints, Floats, Floats]:
    """Where along each segment (0 to 1) each neighbourhood is within reach: segment, neighbourhood, start, stop."""
    shapes = shapely.linestrings(ends)
    shapely.prepare(reach)
    segment, place = shapely.STRtree(reach).query(shapes)
    near = shapely.intersects(reach[place], shapes[segment])
    segment, place = segment[near], place[near]
    whole = shapely.covers(reach[place], shapes[segment])
    cut_segment, cut_place = segment[~whole], place[~whole]
    pieces, at = shapely.get_parts(shapely.intersection(shapes[cut_segment], reach[cut_place]), return_index=True)
    lines = shapely.get_type_id(pieces) == shapely.GeometryType.LINESTRING
    pieces, at = pieces[lines], at[lines]
    first, last = (shapely.get_coordinates(shapely.get_point(pieces, one)) for one in (0, -1))
    origin = ends[cut_segment[at], 0]
    along = ends[cut_segment[at], 1] - origin
    squared = (along**2).sum(axis=1)
    ratios = [np.clip(((one - origin) * along).sum(axis=1) / squared, 0, 1) for one in (first, last)]
    return (
        np.concatenate([segment[whole], cut_segment[at]]),
        np.concatenate([place[whole], cut_place[at]]),
        np.concatenate([np.zeros(whole.sum()), np.minimum(*ratios)]),
        np.concatenate([np.ones(whole.sum()), np.maximum(*ratios)]),
    )


def _equal_shares(segment: Ints, place: Ints, start: Floats, stop: Floats) -> tuple[Ints, Ints, Floats]:
    """Each piece between two neighbouring cuts of a segment, divided among the neighbourhoods that reach it."""
    cuts = np.concatenate([np.column_stack([segment, start]), np.column_stack([segment, stop])])
    cuts, rank = np.unique(cuts, axis=0, return_inverse=True)
    rank = rank.reshape(2, -1)
    pieces = rank[1] - rank[0]
    stretch = np.repeat(np.arange(len(segment)), pieces)
    piece = np.arange(pieces.sum()) - np.repeat(pieces.cumsum() - pieces, pieces) + rank[0][stretch]
    width = np.append(np.diff(cuts[:, 1]), 0.0)
    sharers = np.bincount(piece, minlength=len(cuts))
    return segment[stretch], place[stretch], width[piece] / sharers[piece]


def _figure(routes: gpd.GeoDataFrame, given: Given | None, key: str, *, found: Findings) -> pd.Series:
    """A figure of every route, from a column, a number or a Series: missing or ≥ 0."""
    unknown = pd.Series(np.nan, index=routes.index, name=key)
    if isinstance(given, str):
        if given not in routes.columns:
            columns = [str(one) for one in routes.columns]
            close = nearest(given, columns)
            near = close and f" → {close}?"
            found.error("column_unknown", file="routes", key=key, column=given, near=near, columns=", ".join(columns))
            return unknown
        column, named = routes[given], given
    elif isinstance(given, pd.Series):
        column, named = align(given, routes.index, name=key), key
    else:
        column, named = pd.Series(given, index=routes.index), key
    figures = pd.to_numeric(column, errors="coerce").astype(float)
    bad = column.notna() & ~np.isfinite(figures)
    if bad.any():
        found.error("numbers_bad", [f"{at} “{column[at]}”" for at in column.index[bad]], file="routes", column=named)
    if (figures < 0).any():
        found.error("routes_negative", figures.index[figures < 0], column=named)
    known: pd.Series = figures.where(~bad)
    return known


def _spread(
    share: _Shared, *, hours: pd.Series, km: pd.Series, length_km: pd.Series, ids: pd.Index, visibility_m: float
) -> RouteHours:
    """Hours and kilometres of the routes by the share of their length in each neighbourhood."""
    part = np.minimum(share.length_m / (1000 * length_km.to_numpy()[share.line]), 1.0)
    spent, driven = hours.to_numpy()[share.line] * part, km.to_numpy()[share.line] * part
    outside = 1 - np.bincount(share.line, part, len(hours))
    outside = np.where(outside > _ROUNDING, outside, 0.0)
    by_route = pd.DataFrame({"hours_per_week": hours, "km_per_week": km})
    by_route["unallocated_hours"], by_route["unallocated_km"] = hours * outside, km * outside
    stretches = pd.DataFrame(
        {
            "route": hours.index.to_numpy()[share.line],
            "id": ids.to_numpy()[share.place],
            "length_m": share.length_m,
            "hours_per_week": spent,
            "km_per_week": driven,
        }
    )
    by_place = {}
    for name, amount, unit in (("hours_per_week", spent, "person-hours"), ("km_per_week", driven, "km")):
        series = pd.Series(np.bincount(share.place, amount, len(ids)), index=ids, name=name)
        series.attrs["unit"] = unit
        by_place[name] = series
    return RouteHours(
        hours=by_place["hours_per_week"],
        km=by_place["km_per_week"],
        by_route=by_route,
        stretches=stretches,
        visibility_m=visibility_m,
    )
