"""What counts as presence: the options of `tracks`, checked, in whole microseconds and metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from secequity.checks import Findings, require_same_crs
from secequity.errors import ConfigError, LayerError, problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHIFTS: Mapping[str, tuple[float, float]] = {"day": (6, 14), "evening": (14, 22), "night": (22, 6)}
OTHER = "other"
SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
_DAY_MINUTES = 1440


@dataclass(frozen=True, kw_only=True, eq=False)
class Shifts:
    """The shift of every minute of the day, and whether that shift began the day before."""

    names: tuple[str, ...]
    of_minute: Ints
    began_before: Ints

    def of(self, local_us: Ints) -> tuple[Ints, Ints]:
        """Shift and weekday (0 = Monday) on which that shift began, of local times in microseconds since 1970."""
        day, within = np.divmod(local_us, DAY)
        minute = within // MINUTE
        return self.of_minute[minute], (day - self.began_before[minute] + 3) % 7


def read_shifts(shifts: Mapping[str, tuple[float, float]], *, found: Findings) -> Shifts:
    """The shifts as a table of minutes; hours that no shift covers are a shift called `other`."""
    of_minute, before = np.full(_DAY_MINUTES, -1), np.zeros(_DAY_MINUTES, dtype=np.int64)
    if not shifts:
        found.error("shifts_empty")
    wrong = [f"{name}: {hours}" for name, hours in shifts.items() if not _two_hours(hours)]
    if wrong:
        found.error("shift_hours", wrong)
    if OTHER in shifts:
        found.error("shift_reserved", name=OTHER)
    if found.errors:
        return Shifts(names=(), of_minute=of_minute, began_before=before)
    for code, (start, stop) in enumerate(shifts.values()):
        first, last = round(60 * start), round(60 * stop)
        length = (last - first) % _DAY_MINUTES or _DAY_MINUTES
        minutes = (first + np.arange(length)) % _DAY_MINUTES
        taken = minutes[of_minute[minutes] >= 0]
        if len(taken):
            pair = [list(shifts)[of_minute[taken[0]]], list(shifts)[code]]
            found.error("shifts_overlap", pair, hour=f"{taken[0] // 60:02}:{taken[0] % 60:02}")
        of_minute[minutes] = code
        before[minutes] = minutes < first
    names = tuple(shifts) + ((OTHER,) if (of_minute < 0).any() else ())
    of_minute[of_minute < 0] = len(shifts)
    return Shifts(names=names, of_minute=of_minute, began_before=before)


def _two_hours(hours: object) -> bool:
    if not isinstance(hours, tuple | list) or len(hours) != 2:
        return False
    if not all(isinstance(one, int | float) and 0 <= one <= 24 for one in hours):
        return False
    return bool(hours[0] < 24 and hours[0] != hours[1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """Checked options. Times in microseconds, `bases` as coordinates, `still_us` and `window_us` None for no limit."""

    unit: str
    time: str
    crew: float | pd.Series
    max_gap_us: int
    metres_per_us: float
    bases: Floats
    park_radius_m: float
    park_us: int
    still_us: int | None
    shifts: Shifts
    tz: str | None
    period: tuple[pd.Timestamp, pd.Timestamp] | None
    weeks: float | None
    window_us: int | None

    def zone_of(self, times: pd.Series) -> tzinfo:
        """The zone in which shifts are read: the one stated, or else the one of the times themselves.

        Raises
        ------
        LayerError : `times` are no times; no zone is known; they are in UTC and the local zone is not stated.
        """
        if not isinstance(times.dtype, pd.DatetimeTZDtype) and not pd.api.types.is_datetime64_dtype(times.dtype):
            raise LayerError(problem("tracks_not_times", column=self.time))
        own = times.dtype.tz if isinstance(times.dtype, pd.DatetimeTZDtype) else None
        if self.tz is not None:
            return zone_named(self.tz)
        if own is None:
            raise LayerError(problem("tracks_naive", column=self.time))
        if not any(pd.Timestamp(f"2020-{month}-01", tz=own).utcoffset() for month in ("01", "07")):
            raise LayerError(problem("tracks_utc", column=self.time))
        zone: tzinfo = own
        return zone

    def crew_of(self, units: list[object]) -> Floats:
        """People aboard each unit.

        Raises
        ------
        LayerError : a unit has none given.
        """
        if not isinstance(self.crew, pd.Series):
            return np.full(len(units), float(self.crew))
        unknown = [one for one in units if one not in self.crew.index]
        if unknown:
            raise LayerError(problem("tracks_crew_unknown", unknown))
        return self.crew.reindex(units).to_numpy(dtype=float)


def zone_named(tz: str) -> tzinfo:
    """The time zone of that name.

    Raises
    ------
    ConfigError : there is none.
    """
    try:
        zone = pd.Timestamp(0, tz=tz).tzinfo
    except (KeyError, ValueError, TypeError, OSError):
        zone = None
    if zone is None:
        raise ConfigError(problem("tracks_zone_unknown", tz=tz))
    return zone


def read_rules(
    neighbourhoods: gpd.GeoDataFrame,
    *,
    unit: str,
    time: str,
    crew: float | pd.Series,
    max_gap_s: float,
    max_speed_kmh: float,
    bases: gpd.GeoDataFrame | None,
    park_radius_m: float,
    park_minutes: float,
    still_minutes: float | None,
    shifts: Mapping[str, tuple[float, float]],
    tz: str | None,
    period: tuple[str, str] | None,
    weeks: float | None,
    disorder_s: float | None,
) -> Rules:
    """The options of `tracks`, all that is wrong with them in one error."""
    found = Findings()
    positive = {"max_gap_s": max_gap_s, "max_speed_kmh": max_speed_kmh, "weeks": weeks, "still_minutes": still_minutes}
    not_negative = {"park_radius_m": park_radius_m, "park_minutes": park_minutes, "disorder_s": disorder_s}
    for name, value in positive.items():
        if value is not None and not (np.isfinite(value) and value > 0):
            found.error("tracks_option", key=name, value=str(value), expected="@tracks.expected.positive")
    for name, value in not_negative.items():
        if value is not None and not (np.isfinite(value) and value >= 0):
            found.error("tracks_option", key=name, value=str(value), expected="@tracks.expected.not_negative")
    people = crew if isinstance(crew, pd.Series) else pd.Series([crew], index=["crew"])
    bad = ~(pd.to_numeric(people, errors="coerce") >= 0)
    if bad.any():
        found.error("tracks_crew_bad", people.index[bad])
    if people.index.has_duplicates:
        found.error("ids_repeated", dict.fromkeys(people.index[people.index.duplicated()]), name="crew")
    table = read_shifts(shifts, found=found)
    days = _read_period(period, found=found)
    found.raise_if_any(ConfigError)
    return Rules(
        unit=unit,
        time=time,
        crew=crew,
        max_gap_us=round(max_gap_s * SECOND),
        metres_per_us=max_speed_kmh / 3.6 / SECOND,
        bases=_places(neighbourhoods, bases),
        park_radius_m=park_radius_m,
        park_us=round(park_minutes * MINUTE),
        still_us=None if still_minutes is None else round(still_minutes * MINUTE),
        shifts=table,
        tz=tz,
        period=days,
        weeks=weeks,
        window_us=None if disorder_s is None else round(disorder_s * SECOND),
    )


def _read_period(period: tuple[str, str] | None, *, found: Findings) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    if period is None:
        return None
    try:
        first, last = (pd.Timestamp(day).normalize() for day in period)
        if first.tzinfo is None and last.tzinfo is None and first <= last:
            return first, last
    except (ValueError, TypeError):
        pass
    found.error("tracks_period", period=str(period))
    return None


def _places(neighbourhoods: gpd.GeoDataFrame, bases: gpd.GeoDataFrame | None) -> Floats:
    if bases is None:
        return np.empty((0, 2))
    require_same_crs(bases, neighbourhoods, name="bases", other_name="neighbourhoods")
    placed = bases.geometry[bases.geometry.notna() & ~bases.geometry.is_empty]
    if (placed.geom_type != "Point").any():
        raise LayerError(problem("not_points", name="bases", kinds=", ".join(sorted(set(placed.geom_type)))))
    return np.unique(np.column_stack([placed.x, placed.y]), axis=0)
