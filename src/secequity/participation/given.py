"""What residents give, as a study holds it: hours a week by neighbourhood, and the record of activities behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.words import Activity, ParticipationForm

ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
EMBODIED: tuple[Activity, ...] = ("night_patrol", "faena", "dues")
MONEY: tuple[Activity, ...] = ("dues",)
NAME = "participation"
QUOTA = "quota"
RECORDS = {
    "id": "object",
    "activity": "object",
    "people": "float64",
    "hours": "float64",
    "amount": "float64",
    "times": "float64",
    "period": "Int64",
    "date": "datetime64[ns]",
    "support": "boolean",
    "support_kind": "object",
    "officials": "boolean",
    "imputed": "bool",
}
"""The columns of `Participation.records` and how they are kept."""


def empty_records() -> pd.DataFrame:
    """The record of no activity."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in RECORDS.items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class Participation:
    """Residents' recorded work.

    hours_per_week : people times hours a person, over the weeks of the log, by neighbourhood id; 0 where nothing was
        recorded, missing where it may not be said or is not known.
    status : by neighbourhood id, `ok`, `suppressed` or `missing`.
    records : one row an activity (of a summary, a kind of activity in a neighbourhood), in the order of `id` and
        `date`, without the neighbourhoods that are suppressed: `id`; `activity`, a word of `vocabulary()`; `people`;
        `hours` a person; `amount` of money; `times` the activity took place (1 in a log); `period`, a whole number
        from 0, missing where undated; `date`; `support` received, true, false or missing where the register does not
        say; `support_kind`; `officials` were there, true, false or missing; `imputed`, whether `hours` is the study's
        supposition. Rows are for computing: what is shown of them has to be about `k` people or more.
    form : `log`, `summary`, or `stations`, which have members and no hours.
    weeks : the period of the file.
    members : people enrolled by neighbourhood id, where stations count them; missing is not zero.
    quota_hours : hours of a guard that the quotas buy a week by neighbourhood id, where the study counts them in the
        ledger.
    """

    hours_per_week: pd.Series
    status: pd.Series
    records: pd.DataFrame = field(default_factory=empty_records)
    form: ParticipationForm = "log"
    weeks: float = 52
    members: pd.Series | None = None
    quota_hours: pd.Series | None = None

    def __repr__(self) -> str:
        told, hidden = len(self.status), int((self.status == "suppressed").sum())
        return f"<Participation ({self.form}): {told} neighbourhoods, {hidden} suppressed>"


def hours_per_week(log: pd.DataFrame, ids: pd.Index, *, weeks: float) -> pd.Series:
    """Hours residents gave a week, by neighbourhood.

    Parameters
    ----------
    log : one row an activity, columns `id`, `people`, `hours` (hours a person); a row without either gives none.
    ids : the neighbourhoods; those without a row get 0 recorded hours.
    weeks : the period the log covers.

    >>> log = pd.DataFrame({"id": ["a", "a"], "people": [6, 4], "hours": [5.0, 2.5]})
    >>> hours_per_week(log, pd.Index(["a", "b"]), weeks=4).to_dict()    # (6·5 + 4·2.5) / 4
    {'a': 10.0, 'b': 0.0}
    """
    require_arguments(log=("frame", log), ids=("index", ids), weeks=("number", weeks))
    given = (log["people"] * log["hours"]).groupby(log["id"]).sum() / weeks
    return given.reindex(ids, fill_value=0.0).astype(float).rename("hours_per_week")


def certain_people(records: pd.DataFrame) -> pd.Series:
    """How many different people surely stand behind each row: its people, over the times they may have come again."""
    require_arguments(records=("frame", records))
    a_time: pd.Series = records["people"] / records["times"].where(records["times"] > 0, 1.0)
    return a_time.map(np.ceil)
