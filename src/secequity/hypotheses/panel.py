"""The record of participation as a panel: a row a neighbourhood, a column a period."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
FEWEST_ROWS = 2
"""A period's only row may have been written because support came; of two, one at least was not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """Support in each period against participation in the `lag` periods before it.

    ids : the neighbourhoods, in order. before : activities in the periods before, (neighbourhoods, periods).
    supported : 1, 0, or nan where the record does not say. rows : those of the period that say whether there was
    support. undated : rows left out because they have no period.
    """

    ids: pd.Index
    before: FloatArray
    supported: FloatArray
    rows: FloatArray
    undated: int

    def of(self, chosen: npt.NDArray[np.bool_]) -> Panel:
        """The panel of some of its neighbourhoods."""
        return Panel(
            ids=self.ids[chosen],
            before=self.before[chosen],
            supported=self.supported[chosen],
            rows=self.rows[chosen],
            undated=self.undated,
        )

    def comparable(self, *, by_row: bool) -> Panel:
        """The panel of the neighbourhoods with a period to compare."""
        return self.of(np.asarray(self.chosen(by_row=by_row).any(axis=1)))

    def chosen(self, *, by_row: bool) -> npt.NDArray[np.bool_]:
        """Periods to compare: where it is known whether support came; by row, those with `FEWEST_ROWS` that say it."""
        chosen: npt.NDArray[np.bool_] = self.rows >= FEWEST_ROWS if by_row else np.isfinite(self.supported)
        return chosen


def panel_of(records: pd.DataFrame, ids: pd.Index, *, lag: int, activities: Collection[str]) -> Panel | str:
    """The panel of a record, or a word for what it lacks: `no_activities`, `undated`, `no_support`, `short`.

    The first `lag` periods are history only. A neighbourhood without a row in a period did nothing and received
    nothing that was recorded. Where one row of a period tells of support there was some; where none does and one does
    not say, it is not known.

    Parameters
    ----------
    records : one row an activity, columns `id`, `activity`, `period` (whole numbers), `support`, and perhaps `times`.
    ids : the neighbourhoods of the panel, with or without rows.
    lag : periods of history before each period.
    activities : which of them count as participation.
    """
    rows = records[records["id"].isin(ids)]
    if rows.empty:
        return "no_activities"
    dated = rows[rows["period"].notna()]
    if dated.empty:
        return "undated"
    if dated["support"].isna().all():
        return "no_support"
    place = pd.Index(ids.sort_values()).get_indexer(pd.Index(dated["id"]))
    when = dated["period"].to_numpy(dtype=np.intp)
    when = when - when.min()
    periods = int(when.max()) + 1
    if periods < lag + 2:
        return "short"
    shape = (len(ids), periods)
    times = dated["times"].fillna(1.0).to_numpy(dtype=np.float64) if "times" in dated else np.ones(len(dated))
    counted = dated["activity"].isin(activities).to_numpy()
    done, given, silent, said = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(done, (place, when), times * counted)
    np.add.at(given, (place, when), dated["support"].fillna(False).to_numpy(dtype=np.float64))
    np.add.at(silent, (place, when), dated["support"].isna().to_numpy(dtype=np.float64))
    np.add.at(said, (place, when), dated["support"].notna().to_numpy(dtype=np.float64))
    supported = np.where(given > 0, 1.0, np.where(silent > 0, np.nan, 0.0))
    total = np.concatenate([np.zeros((len(ids), 1)), np.cumsum(done, axis=1)], axis=1)
    before = total[:, lag:periods] - total[:, : periods - lag]
    return Panel(
        ids=pd.Index(ids.sort_values()),
        before=before,
        supported=supported[:, lag:],
        rows=said[:, lag:],
        undated=len(rows) - len(dated),
    )
