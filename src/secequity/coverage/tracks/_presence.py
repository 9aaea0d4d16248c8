"""Fixes in, hours out: what is kept between one part of a file and the next is a few fixes of every unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from secequity.coverage.tracks._cleaning import (
    DROPPED,
    FIX,
    KEPT,
    UNDECIDED,
    Fixes,
    by_time,
    in_order,
    judged,
    repeated,
    stays,
)
from secequity.coverage.tracks._reading import Arrived, Names
from secequity.coverage.tracks._rules import DAY, Ints, Rules
from secequity.engines import Locator
from secequity.errors import LayerError, problem

WEEK_DAYS = 7
_NEVER = np.iinfo(np.int64).min // 2


@dataclass(kw_only=True, eq=False)
class Tally:
    """What has been counted: microseconds (and millimetres) in whole numbers, so that no order of adding matters."""

    presence_us: dict[float, Ints] = field(default_factory=dict)
    travelled_mm: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    by_unit: dict[str, Ints] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None

    def add(self, other: Tally) -> None:
        """What was counted of other units, elsewhere."""
        for people, sums in other.presence_us.items():
            known = self.presence_us.get(people)
            self.presence_us[people] = sums if known is None else known + sums
        self.travelled_mm = self.travelled_mm + other.travelled_mm
        self.by_unit = {name: np.append(self.by_unit[name], other.by_unit[name]) for name in BY_UNIT}
        self.counts.update(other.counts)
        self.days.update(other.days)
        self.first = min((one for one in (self.first, other.first) if one is not None), default=None)
        self.last = max((one for one in (self.last, other.last) if one is not None), default=None)


BY_UNIT = ("fixes", "presence", "outside", "parked", "gap")


class Presence:
    """The state of a reading: feed it parts of a file in any cut, then `finish`."""

    def __init__(self, places: Locator, *, size: int, rules: Rules) -> None:
        self.rules = rules
        self.zone: tzinfo | None = None
        self.units: dict[object, int] = {}
        self.tally = Tally()
        self.tally.by_unit = {name: np.zeros(0, dtype=np.int64) for name in BY_UNIT}
        self.tally.travelled_mm = np.zeros(size + 1, dtype=np.int64)
        self._places, self._size = places, size
        self._crew = np.zeros(0)
        self._newest = np.zeros(0, dtype=np.int64)
        self._waiting, self._suspects, self._open = (np.empty(0, dtype=FIX) for _ in range(3))

    def feed(self, arrived: Arrived) -> None:
        """Take in a part of the file and count what can no longer change."""
        if self.zone is not None and str(arrived.zone) != str(self.zone):
            raise LayerError(problem("tracks_zones_differ", first=str(self.zone), other=str(arrived.zone)))
        self.zone = arrived.zone
        self.tally.counts.update(arrived.counts)
        fixes = arrived.fixes.copy()
        fixes["unit"] = self._codes(arrived.units)[fixes["unit"]]
        waiting = np.concatenate([self._waiting, self._on_time(fixes)])
        if self.rules.window_us is None:
            self._waiting = waiting
            return
        ready = waiting["t"] < self._newest[waiting["unit"]] - self.rules.window_us
        self._waiting = waiting[~ready]
        self._advance(waiting[ready], last=False)

    def finish(self) -> Tally:
        """Count what was still waiting for more."""
        waiting, self._waiting = self._waiting, np.empty(0, dtype=FIX)
        self._advance(waiting, last=True)
        return self.tally

    def _codes(self, names: Names) -> Ints:
        """A number for every unit, the same in every part of the file."""
        new = [one for one in names if one not in self.units]
        if new:
            self._crew = np.append(self._crew, self.rules.crew_of(new))
            self.units |= {one: len(self.units) + at for at, one in enumerate(new)}
            more = np.zeros(len(new), dtype=np.int64)
            self._newest = np.append(self._newest, more + _NEVER)
            self.tally.by_unit = {name: np.append(sums, more) for name, sums in self.tally.by_unit.items()}
        return np.array([self.units[one] for one in names], dtype=np.int64)

    def _on_time(self, fixes: Fixes) -> Fixes:
        """Fixes that come no more than the window after a later one of their unit; those out of order are counted."""
        if not len(fixes):
            return fixes
        order = np.argsort(fixes["unit"], kind="stable")
        unit, t = fixes["unit"][order], fixes["t"][order]
        newest = pd.Series(t).groupby(unit).cummax().to_numpy()
        before = self._newest[unit]
        follows = np.append(False, unit[1:] == unit[:-1])
        before[follows] = np.maximum(before[follows], newest[:-1][follows[1:]])
        np.maximum.at(self._newest, unit, t)
        late = np.zeros(len(fixes), dtype=bool)
        if self.rules.window_us is not None:
            late[order] = t < before - self.rules.window_us
        self.tally.counts["too_late"] += int(late.sum())
        self.tally.counts["out_of_order"] += int((t < before).sum() - late.sum())
        return fixes[~late]

    def _advance(self, ready: Fixes, *, last: bool) -> None:
        """Clean the fixes that are now complete, count the time up to the last stay of each unit, keep that stay."""
        track = np.concatenate([self._open, self._cleaned(ready, last=last)])
        self._count(track[by_time(track)], last=last)

    def _cleaned(self, ready: Fixes, *, last: bool) -> Fixes:
        """The complete fixes without repeated and impossible ones, by unit; suspects wait for more."""
        counts = self.tally.counts
        ready = in_order(ready)
        again = repeated(ready)
        counts["duplicate"] += int(again.sum())
        anchors = self._open[_last_of_unit(self._open)]
        chain = np.concatenate([anchors, self._suspects, ready[~again]])
        known = np.arange(len(chain)) < len(anchors)
        order = by_time(chain)
        chain, known = chain[order], known[order]
        fate = judged(chain, metres_per_us=self.rules.metres_per_us)
        if last:
            fate[fate == UNDECIDED] = DROPPED
        counts["impossible_speed"] += int((fate == DROPPED).sum())
        self._suspects = chain[fate == UNDECIDED]
        kept: Fixes = chain[(fate == KEPT) & ~known]
        self._note(kept)
        return kept

    def _note(self, kept: Fixes) -> None:
        if not len(kept):
            return
        tally = self.tally
        tally.counts["used"] += len(kept)
        tally.by_unit["fixes"] += np.bincount(kept["unit"], minlength=len(self.units))
        ends = [int(kept["t"].min()), int(kept["t"].max())]
        tally.first = min(ends[0], ends[0] if tally.first is None else tally.first)
        tally.last = max(ends[1], ends[1] if tally.last is None else tally.last)
        days, number = np.unique(self._local(kept["t"]) // DAY, return_counts=True)
        tally.days.update(dict(zip(days.tolist(), number.tolist(), strict=True)))

    def _local(self, t: Ints) -> Ints:
        """Local wall time in microseconds since 1970."""
        utc = pd.DatetimeIndex(t.astype("datetime64[us]")).tz_localize("UTC")
        local: Ints = utc.tz_convert(self.zone).tz_localize(None).as_unit("us").asi8
        return local

    def _count(self, track: Fixes, *, last: bool) -> None:
        """Count each interval between two fixes of a unit once its stay is known to be parking or not."""
        rules = self.rules
        if not len(track):
            return
        stay, at_base = stays(
            track,
            bases=rules.bases,
            radius_m=rules.park_radius_m,
            anywhere=rules.still_us is not None,
            max_gap_us=rules.max_gap_us,
        )
        ends = _last_of_unit(track)
        first, final = np.unique(stay, return_index=True)[1], np.append(np.flatnonzero(np.diff(stay)), len(track) - 1)
        limit = np.where(at_base[first], rules.park_us, -1 if rules.still_us is None else rules.still_us)
        lasted = track["t"][final] - track["t"][first]
        parked = (lasted > limit) & (limit >= 0) & (final > first)
        is_open = np.isin(final, np.flatnonzero(ends)) & (not last)
        due = ~ends & ~track["settled"] & ~(is_open & ~parked)[stay]
        self._add(track, np.flatnonzero(due), parked[stay])
        keep = is_open[stay] & ~parked[stay]
        carried_first = first[is_open & parked]
        keep[carried_first] = keep[final[is_open & parked]] = True
        track["settled"][carried_first] = True
        self._open = track[keep]

    def _add(self, track: Fixes, rows: Ints, parked: NDArray[np.bool_]) -> None:
        """Add the intervals that start at `rows` to the neighbourhood, shift and weekday of the fix they start at."""
        rules, tally = self.rules, self.tally
        start, lasting = track[rows], track["t"][rows + 1] - track["t"][rows]
        seen = np.minimum(lasting, rules.max_gap_us)
        present = ~parked[rows]
        unit = start["unit"]

        def add(name: str, us: Ints) -> None:
            tally.by_unit[name] += _sums(unit, us, len(self.units))

        add("gap", lasting - seen)
        add("parked", np.where(present, 0, seen))
        start, seen, unit, rows = start[present], seen[present], unit[present], rows[present]
        place = self._places.of(start["x"], start["y"])
        outside = place == self._size
        add("presence", np.where(outside, 0, seen))
        add("outside", np.where(outside, seen, 0))
        shift, weekday = rules.shifts.of(self._local(start["t"]))
        shape = (self._size + 1, len(rules.shifts.names), WEEK_DAYS)
        cell = np.ravel_multi_index((place, shift, weekday), shape)
        crew = self._crew[unit]
        for people in np.unique(crew):
            aboard = crew == people
            sums = _sums(cell[aboard], seen[aboard], int(np.prod(shape))).reshape(shape)
            tally.presence_us[float(people)] = tally.presence_us.get(float(people), np.zeros(shape, np.int64)) + sums
        driven = lasting[present] <= rules.max_gap_us
        metres = np.hypot(track["x"][rows + 1] - start["x"], track["y"][rows + 1] - start["y"])
        millimetres = np.where(driven, np.rint(1000 * metres), 0).astype(np.int64)
        tally.travelled_mm += _sums(place, millimetres, self._size + 1)


def _sums(at: Ints, amounts: Ints, size: int) -> Ints:
    """Whole amounts added up by position."""
    summed = np.zeros(size, dtype=np.int64)
    np.add.at(summed, at, amounts)
    return summed


def _last_of_unit(fixes: Fixes) -> NDArray[np.bool_]:
    ends = np.ones(len(fixes), dtype=bool)
    ends[:-1] = np.diff(fixes["unit"]) != 0
    return ends
