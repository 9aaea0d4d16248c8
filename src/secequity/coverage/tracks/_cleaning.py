"""Fixes in order of unit and time: which are repeated, which are impossible, and where a unit stayed in one place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from secequity.coverage.tracks._rules import Floats, Ints

Fixes = NDArray[np.void]
FIX = np.dtype([("unit", "i8"), ("t", "i8"), ("x", "f8"), ("y", "f8"), ("settled", "?")])
"""One position: number of the unit, microseconds since 1970 (UTC), metres, and whether its time was already counted."""

KEPT, DROPPED, UNDECIDED = 0, 1, 2
CONFIRMING = 3
AT_ONCE = 1 << 16
"""Fixes that are held as plain numbers at a time."""


def in_order(fixes: Fixes) -> Fixes:
    """By unit, time and place, so that the order of arrival leaves no trace."""
    fixes = fixes[by_time(fixes)]
    level = (np.diff(fixes["unit"]) == 0) & (np.diff(fixes["t"]) == 0)
    tied = np.zeros(len(fixes), dtype=bool)
    tied[:-1] |= level
    tied[1:] |= level
    some = fixes[tied]
    fixes[tied] = some[np.lexsort([some[name] for name in ("y", "x", "t", "unit")])]
    return fixes


def by_time(fixes: Fixes) -> Ints:
    """The order of fixes by unit and time; those that are level stay as they stand."""
    unit, t = fixes["unit"].copy(), fixes["t"].copy()
    rising = (unit[1:] > unit[:-1]) | ((unit[1:] == unit[:-1]) & (t[1:] >= t[:-1]))
    return np.arange(len(fixes)) if rising.all() else np.lexsort((t, unit))


def repeated(fixes: Fixes) -> NDArray[np.bool_]:
    """Which of the ordered fixes say the same as the one before."""
    same = np.zeros(len(fixes), dtype=bool)
    names = ("unit", "t", "x", "y")
    same[1:] = np.logical_and.reduce([fixes[name][1:] == fixes[name][:-1] for name in names])
    return same


def steps(fixes: Fixes) -> Floats:
    """Metres from each fix to the next row."""
    return np.hypot(np.diff(fixes["x"]), np.diff(fixes["y"]))


def judged(fixes: Fixes, *, metres_per_us: float) -> NDArray[np.int8]:
    """Which ordered fixes are kept: a fix too far from the last one kept to have been driven is a suspect.

    Suspects are dropped when the unit is again where it could be, and kept when three in a row agree with each other:
    then it was the unit that moved (its signal was lost) or the one kept that was wrong. Suspects at the end of a
    unit's fixes are undecided. The first fix of every unit is kept.
    """
    fate = np.full(len(fixes), KEPT, dtype=np.int8)
    same_unit = np.diff(fixes["unit"]) == 0
    leaps = np.flatnonzero(same_unit & (steps(fixes) > metres_per_us * np.diff(fixes["t"]))) + 1
    unit, t, x, y = (fixes[name] for name in ("unit", "t", "x", "y"))

    def possible(one: int, other: int) -> bool:
        metres = np.hypot(x[other] - x[one], y[other] - y[one])
        return bool(metres <= metres_per_us * (t[other] - t[one]))

    done = 0
    for leap in leaps:
        if leap <= done:
            continue
        last, suspects, at = int(leap) - 1, [int(leap)], int(leap)
        while suspects:
            at += 1
            if at == len(fixes) or unit[at] != unit[last]:
                fate[suspects] = UNDECIDED
                break
            if possible(last, at):
                fate[suspects] = DROPPED
                break
            if possible(suspects[-1], at):
                suspects.append(at)
            else:
                fate[suspects] = DROPPED
                suspects = [at]
            if len(suspects) == CONFIRMING:
                break
        done = at
    return fate


def stays(
    fixes: Fixes, *, bases: Floats, radius_m: float, anywhere: bool, max_gap_us: int
) -> tuple[Ints, NDArray[np.bool_]]:
    """The number of the stay each ordered fix is part of, and whether it is at a base.

    A stay at a base lasts while the unit is within `radius_m` of the same base (the nearest), also through a silence:
    receivers are switched off there. Elsewhere, where `anywhere` is asked for, it lasts while the unit is seen, without
    a gap longer than `max_gap_us`, within `radius_m` of the stay's first fix.
    """
    base = np.full(len(fixes), -1)
    if len(bases) and len(fixes):
        xy = np.column_stack([fixes["x"], fixes["y"]])
        metres, nearest = cKDTree(bases).query(xy, distance_upper_bound=np.nextafter(radius_m, np.inf))
        base = np.where(np.isfinite(metres), nearest, -1)
    begins = np.ones(len(fixes), dtype=bool)
    begins[1:] = (np.diff(fixes["unit"]) != 0) | (np.diff(base) != 0)
    if not anywhere:
        begins |= base < 0
        return np.cumsum(begins) - 1, base >= 0
    silence = (np.diff(fixes["t"]) > max_gap_us) & ~fixes["settled"][:-1] & (base[1:] < 0)
    begins[1:] |= silence
    return _stays_anywhere(fixes, begins, base < 0, radius_m), base >= 0


def _stays_anywhere(fixes: Fixes, begins: NDArray[np.bool_], away: NDArray[np.bool_], radius_m: float) -> Ints:
    """Where a stay `begins`, and besides wherever the unit is farther than the radius from where its stay began."""
    starts = np.empty(len(fixes), dtype=bool)
    at_x, at_y, squared = 0.0, 0.0, radius_m**2
    for first in range(0, len(fixes), AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        columns = (one[rows].tolist() for one in (begins, away, fixes["x"], fixes["y"]))
        found = []
        for new, free, x, y in zip(*columns, strict=True):
            start = new or (free and (x - at_x) ** 2 + (y - at_y) ** 2 > squared)
            if start:
                at_x, at_y = x, y
            found.append(start)
        starts[rows] = found
    return np.cumsum(starts) - 1
