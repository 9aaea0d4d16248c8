"""GPS tracks: the positions of patrol units become hours of presence of every neighbourhood, by shift and weekday."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd
import pandas as pd

from secequity.checks import require_arguments, require_neighbourhoods
from secequity.coverage.tracks._counts import FixCounts, count_fixes
from secequity.coverage.tracks._result import TrackHours, result_of
from secequity.coverage.tracks._rules import SHIFTS, read_rules
from secequity.coverage.tracks._work import reckoned
from secequity.engines import Told, choose, silent
from secequity.words import EngineName

__all__ = ["SHIFTS", "FixCounts", "TrackHours", "count_fixes", "tracks"]


def tracks(
    neighbourhoods: gpd.GeoDataFrame,
    fixes: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame],
    *,
    unit: str = "unit",
    time: str = "time",
    crew: float | pd.Series = 1.0,
    max_gap_s: float = 300.0,
    max_speed_kmh: float = 160.0,
    bases: gpd.GeoDataFrame | None = None,
    park_radius_m: float = 60.0,
    park_minutes: float = 10.0,
    still_minutes: float | None = 240.0,
    shifts: Mapping[str, tuple[float, float]] = SHIFTS,
    tz: str | None = None,
    period: tuple[str, str] | None = None,
    weeks: float | None = None,
    disorder_s: float | None = 3600.0,
    engine: EngineName = "auto",
    told: Told | None = None,
) -> TrackHours:
    """Hours that patrol units were present in each neighbourhood, from their GPS positions (fixes).

    Each fix is worth the time to the next fix of its unit, at most `max_gap_s`, and gives it to the neighbourhood, the
    shift and the weekday in which it lies itself: what a unit brings in late on entering a neighbourhood it takes out
    late on leaving it. Left out and counted, in this order: rows without unit, time or position; times before the
    `period` or after it (or after now); fixes sent twice; fixes that no unit could have driven to (three in a row that
    agree with each other are believed). Parking is not presence: a stay at a base longer than `park_minutes`, or
    anywhere longer than `still_minutes`.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    fixes : points in the same CRS, one row a position, in any order; or parts of a long file one after the other (see
        `read_fixes`), cut anywhere: the result is the same to the digit.
    unit, time : columns of `fixes`: the unit's name, and a time with its zone.
    crew : people in a unit, one number for all or a Series by unit; left out, the result is in unit-hours.
    max_gap_s : seconds; what is longer without a fix is no presence beyond that.
    max_speed_kmh : faster than any unit drives.
    bases : points where units park, in the same CRS.
    park_radius_m : within so many metres a unit is at the base, or has not moved.
    park_minutes : a stay at a base, from first to last fix, that lasts longer is parking, all of it.
    still_minutes : the same for a stay away from the bases, which catches the bases nobody listed; None where guarding
        one spot for hours is the work.
    shifts : name → (first, last) hour, local; one may pass midnight. Hours of no shift are the shift `other`.
    tz : local time zone; needed where times have none, or are in UTC.
    period : first and last local day, both included; without it, all fixes up to now.
    weeks : weeks covered; left out, those of `period`, or else whole days from first to last fix.
    disorder_s : only for a file in parts: a fix that comes more than so many seconds after a later one of its unit is
        too late and left out; None holds everything in memory instead.
    engine : who does the work, with the same result to the digit: `local`, part by part in this process; `sedonadb`,
        the same with places looked up in spatial SQL; `dask`, the workers of a cluster, unit by unit; `auto`, Dask
        where DASK_SCHEDULER_ADDRESS names a scheduler, else local.
    told : is told how many of how many pieces of the work are done.

    Returns
    -------
    TrackHours: `hours` by neighbourhood, shift and weekday, `total`, `hours_per_week`, `by_shift`, `km`, `report`,
    `units`, `outside_hours`, `weeks`. A fix on a border counts for the neighbourhood whose id comes first.

    Raises
    ------
    ConfigError : an option is out of range, shifts overlap, a time zone is unknown.
    MissingDependency : what the engine needs is not installed.
    LayerError : a contract is broken; the time zone is not known; no fix can be used; fixes lie on less than half of
        the days between the first and the last (a clock is wrong); more than 1 % of a file in parts came too late.

    Source: patrol time measured from vehicle positions, Weisburd et al. (2015), J. of Experimental Criminology 11(3).

    >>> import geopandas as gpd, pandas as pd, shapely
    >>> halves = [shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)]
    >>> two = gpd.GeoDataFrame(index=["a", "b"], geometry=halves, crs=32718)
    >>> times = pd.to_datetime(["2023-05-08 13:58", "2023-05-08 14:00", "2023-05-08 14:04", "2023-05-08 20:00"])
    >>> places = gpd.points_from_xy([1, 2, 10, 11], [5, 5, 5, 5], crs=32718)
    >>> fixes = gpd.GeoDataFrame({"unit": "S1", "time": times}, geometry=places)
    >>> found = tracks(two, fixes, tz="America/Lima")
    >>> (60 * found.by_shift / 7).round(1).to_dict("index")     # one day: minutes; the last fix but one counts five
    {'a': {'day': 2.0, 'evening': 4.0, 'night': 0.0}, 'b': {'day': 0.0, 'evening': 5.0, 'night': 0.0}}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods),
        unit=("text", unit),
        time=("text", time),
        max_gap_s=("number", max_gap_s),
        max_speed_kmh=("number", max_speed_kmh),
        bases=("layer or none", bases),
        park_radius_m=("number", park_radius_m),
        park_minutes=("number", park_minutes),
        still_minutes=("number or none", still_minutes),
        shifts=("mapping", shifts),
        tz=("text or none", tz),
        period=("collection or none", period),
        weeks=("number or none", weeks),
        disorder_s=("number or none", disorder_s),
    )
    require_neighbourhoods(neighbourhoods)
    whole = isinstance(fixes, gpd.GeoDataFrame)
    rules = read_rules(
        neighbourhoods,
        unit=unit,
        time=time,
        crew=crew,
        max_gap_s=max_gap_s,
        max_speed_kmh=max_speed_kmh,
        bases=bases,
        park_radius_m=park_radius_m,
        park_minutes=park_minutes,
        still_minutes=still_minutes,
        shifts=shifts,
        tz=tz,
        period=period,
        weeks=weeks,
        disorder_s=None if whole else disorder_s,
    )
    found = reckoned(fixes, neighbourhoods, rules, engine=choose(engine), told=told or silent)
    return result_of(
        found.tally,
        ids=neighbourhoods.index.sort_values(),
        order=neighbourhoods.index,
        units=found.units,
        rules=rules,
        zone=found.zone,
    )
