"""What the tracks of a fleet say, and whether the period they cover can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from secequity.coverage.tracks._presence import Tally
from secequity.coverage.tracks._rules import DAY, MINUTE, Rules
from secequity.errors import LayerError, problem
from secequity.results import Shown
from secequity.texts import text

HOUR_US = 3_600_000_000
LATE_SHARE = 0.01
SPARSE_SHARE = 0.5
SPARSE_DAYS = 14
REPORT = (
    "fixes",
    "used",
    "no_unit",
    "no_time",
    "no_position",
    "future",
    "before_period",
    "after_period",
    "too_late",
    "duplicate",
    "impossible_speed",
    "out_of_order",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackHours(Shown):
    """Where the units of a GPS export were present.

    hours : hours of the whole period by neighbourhood id (rows), shift and weekday (columns; 1 = Monday, the day on
        which the shift began). Person-hours where `crew` was given, else unit-hours. 0 where no unit was seen.
    km : kilometres between fixes of the whole period by neighbourhood id, straight from fix to fix.
    outside_hours : hours outside every neighbourhood, in the unit of `hours`.
    report : how many fixes there were, and how many of them were used or left out for each reason; `out_of_order` is
        how many of those used came after a later one.
    units : one row a unit: `fixes` used, `presence_hours`, `outside_hours`, `parked_hours` and `gap_hours` (longer than
        `max_gap_s` without a fix), in unit-hours; the four add up to the time from its first to its last fix.
    first, last : the first and the last fix used.
    weeks : the period covered.
    options : how the hours were made.
    """

    hours: pd.DataFrame
    km: pd.Series
    outside_hours: float
    report: pd.Series
    units: pd.DataFrame
    first: pd.Timestamp
    last: pd.Timestamp
    weeks: float
    options: Mapping[str, Any]

    @property
    def total(self) -> pd.Series:
        """Hours of the whole period by neighbourhood id."""
        return self.hours.sum(axis=1).rename("hours")

    @property
    def hours_per_week(self) -> pd.Series:
        """Hours a week by neighbourhood id."""
        return (self.total / self.weeks).rename("hours_per_week")

    @property
    def by_shift(self) -> pd.DataFrame:
        """Hours a week by neighbourhood id (rows) and shift (columns)."""
        return self.hours.T.groupby(level="shift", sort=False).sum().T / self.weeks

    def to_frame(self) -> pd.DataFrame:
        """`hours_per_week`, `km_per_week`, and hours a week of each shift, by neighbourhood id."""
        km = (self.km / self.weeks).rename("km_per_week")
        return pd.concat([self.hours_per_week, km, self.by_shift], axis=1)

    def summary(self, language: str = "en") -> str:
        """The result in one sentence."""
        return text(
            "tracks.summary",
            language,
            units=len(self.units),
            hours=float(self.hours_per_week.sum()),
            weeks=self.weeks,
            outside=self.outside_hours / self.weeks,
            used=int(self.report["used"]),
            fixes=int(self.report["fixes"]),
        )


def result_of(
    tally: Tally, *, ids: pd.Index, order: pd.Index, units: list[object], rules: Rules, zone: tzinfo | None
) -> TrackHours:
    """The tally in hours, neighbourhoods in the `order` given.

    Raises
    ------
    LayerError : no fix could be used; too many came late; the period has more holes than days with fixes.
    """
    report = pd.Series({name: int(tally.counts[name]) for name in REPORT}, name="fixes")
    if tally.first is None or tally.last is None:
        reasons = ", ".join(f"{name} {report[name]}" for name in REPORT[2:] if report[name])
        raise LayerError(problem("tracks_none", fixes=report["fixes"], reasons=reasons or "–"))
    if rules.window_us is not None and report["too_late"] > LATE_SHARE * report["fixes"]:
        late, fixes = int(report["too_late"]), int(report["fixes"])
        raise LayerError(problem("tracks_disorder", late=late, fixes=fixes, minutes=rules.window_us / MINUTE))
    cells = sum((people * sums for people, sums in sorted(tally.presence_us.items())), start=np.zeros(()))
    if not cells.ndim:
        cells = np.zeros((len(ids) + 1, len(rules.shifts.names), 7))
    cells = cells / HOUR_US
    columns = pd.MultiIndex.from_product([rules.shifts.names, range(1, 8)], names=["shift", "weekday"])
    hours = pd.DataFrame(cells[:-1].reshape(len(ids), -1), index=ids, columns=columns).reindex(order)
    km = pd.Series(tally.travelled_mm[:-1] / 1e6, index=ids, name="km").reindex(order)
    hours.attrs["unit"] = "person-hours" if isinstance(rules.crew, pd.Series) or rules.crew != 1 else "unit-hours"
    km.attrs["unit"] = "km"
    first, last = (pd.Timestamp(one, unit="us", tz="UTC").tz_convert(zone) for one in (tally.first, tally.last))
    return TrackHours(
        hours=hours,
        km=km,
        outside_hours=float(cells[-1].sum()),
        report=report,
        units=_units(tally, units),
        first=first,
        last=last,
        weeks=_weeks(tally, rules),
        options=_options(rules, zone),
    )


def _units(tally: Tally, units: list[object]) -> pd.DataFrame:
    table = pd.DataFrame({"fixes": tally.by_unit["fixes"]}, index=pd.Index(units, name="unit"))
    for name in ("presence", "outside", "parked", "gap"):
        table[f"{name}_hours"] = tally.by_unit[name] / HOUR_US
    return table.sort_index(key=lambda index: index.astype(str))


def _weeks(tally: Tally, rules: Rules) -> float:
    """The weeks stated, or those of the period stated, or whole days from the first fix to the last."""
    if rules.weeks is not None:
        return float(rules.weeks)
    if rules.period is not None:
        first, last = rules.period
        return ((last - first).days + 1) / 7
    span = max(ceil(((tally.last or 0) - (tally.first or 0)) / DAY), 1)
    seen = pd.Series(tally.days).sort_index()
    if span > SPARSE_DAYS and len(seen) < SPARSE_SHARE * span:
        share = seen.cumsum() / seen.sum()
        dense = share.index[share > LATE_SHARE][0], share.index[share >= 1 - LATE_SHARE][0]
        names = ("first", "last", "start", "end")
        days = {
            name: str(np.datetime64(int(day), "D"))
            for name, day in zip(names, (seen.index[0], seen.index[-1], *dense), strict=True)
        }
        raise LayerError(problem("tracks_period_holes", days=len(seen), span=span, **days))
    return span / 7


def _options(rules: Rules, zone: tzinfo | None) -> dict[str, Any]:
    return {
        "max_gap_s": rules.max_gap_us / 1e6,
        "max_speed_kmh": rules.metres_per_us * 3.6e6,
        "bases": len(rules.bases),
        "park_radius_m": rules.park_radius_m,
        "park_minutes": rules.park_us / MINUTE,
        "still_minutes": None if rules.still_us is None else rules.still_us / MINUTE,
        "shifts": list(rules.shifts.names),
        "tz": str(zone),
        "period": None if rules.period is None else [str(day.date()) for day in rules.period],
        "disorder_s": None if rules.window_us is None else rules.window_us / 1e6,
    }
