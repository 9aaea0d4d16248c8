"""Rows as they come become positions that can be used, and counts of those that cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from zlib import crc32

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from secequity.checks import Findings, nearest, require_same_crs
from secequity.coverage.tracks._cleaning import FIX, Fixes
from secequity.coverage.tracks._rules import Ints, Rules
from secequity.errors import LayerError

Names = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrived:
    """The usable fixes of a part, in order of arrival; their `unit` is a position in `units`.

    counts : rows, and those left out by reason. zone : in which shifts are read.
    """

    units: Names
    fixes: Fixes
    counts: Counter[str]
    zone: tzinfo

    def bags(self, number: int) -> Iterator[Arrived]:
        """The fixes of each unit in one of so many bags, by the unit's name; the counts are in the first bag."""
        bag = np.array([crc32(str(one).encode()) % number for one in self.units], dtype=np.int64)
        for at in range(number):
            chosen = bag == at
            place = np.cumsum(chosen) - 1
            fixes = self.fixes[chosen[self.fixes["unit"]]]
            fixes["unit"] = place[fixes["unit"]]
            counts = self.counts if at == 0 else Counter[str]()
            yield Arrived(units=self.units[chosen], fixes=fixes, counts=counts, zone=self.zone)


def table_of(fixes: gpd.GeoDataFrame, rules: Rules, *, city: gpd.GeoDataFrame) -> pd.DataFrame:
    """The columns of a frame that count: `unit`, `time`, `x`, `y`.

    Raises
    ------
    LayerError : a column is absent, a geometry is no point, the CRS is not that of the city.
    """
    _require_fixes(fixes, rules)
    require_same_crs(fixes, city, name="fixes", other_name="neighbourhoods")
    shapes = fixes.geometry.to_numpy()
    columns = {"unit": fixes[rules.unit], "time": fixes[rules.time]}
    return pd.DataFrame(columns).assign(x=shapely.get_x(shapes), y=shapely.get_y(shapes))


def usable(table: pd.DataFrame, rules: Rules, *, now: pd.Timestamp) -> Arrived:
    """Rows with a unit, a time within the period and not to come, and a place; the others are counted.

    Raises
    ------
    LayerError : times that are no times, or whose zone is not known.
    """
    zone = rules.zone_of(table["time"])
    codes, names = pd.factorize(table["unit"])
    times, known = _microseconds(table["time"], zone)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    begin, end = _bounds(rules, zone)
    reasons = {
        "no_unit": codes < 0,
        "no_time": ~known,
        "no_position": ~(np.isfinite(x) & np.isfinite(y)),
        "future": times > _since_1970(now),
        "before_period": times < begin,
        "after_period": times >= end,
    }
    counts = Counter({"fixes": len(table)})
    good = np.ones(len(table), dtype=bool)
    for reason, bad in reasons.items():
        counts[reason] = int((good & bad).sum())
        good &= ~bad
    rows = np.zeros(int(good.sum()), dtype=FIX)
    for name, column in (("unit", codes), ("t", times), ("x", x), ("y", y)):
        rows[name] = column[good]
    return Arrived(units=np.asarray(names, dtype=object), fixes=rows, counts=counts, zone=zone)


def _require_fixes(fixes: gpd.GeoDataFrame, rules: Rules) -> None:
    found = Findings()
    columns = [str(one) for one in fixes.columns]
    for key, column in (("unit", rules.unit), ("time", rules.time)):
        if column not in columns:
            close = nearest(column, columns)
            near = close and f" → {close}?"
            found.error("column_unknown", file="fixes", key=key, column=column, near=near, columns=", ".join(columns))
    shapes = fixes.geometry.to_numpy()
    other = ~np.isin(shapely.get_type_id(shapes), (-1, shapely.GeometryType.POINT))
    if other.any():
        found.error("not_points", name="fixes", kinds=", ".join(sorted({one.geom_type for one in shapes[other]})))
    found.raise_if_any(LayerError)


def _bounds(rules: Rules, zone: tzinfo) -> tuple[int, int]:
    """The period in microseconds since 1970, its end excluded."""
    if rules.period is None:
        return np.iinfo(np.int64).min, np.iinfo(np.int64).max
    first, last = rules.period
    return _since_1970(first.tz_localize(zone)), _since_1970((last + pd.Timedelta(days=1)).tz_localize(zone))


def _since_1970(moment: pd.Timestamp) -> int:
    return int(moment.as_unit("us").asm8.astype(np.int64))


def _microseconds(times: pd.Series, zone: tzinfo) -> tuple[Ints, NDArray[np.bool_]]:
    """Times in microseconds since 1970 (UTC), and which of them are known.

    An hour that the clock shows twice, or skips, when summer time ends or begins is not known.
    """
    index = pd.DatetimeIndex(times)
    if index.tz is None:
        index = index.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    known = np.asarray(index.notna())
    return index.tz_convert("UTC").as_unit("us").asi8, known
