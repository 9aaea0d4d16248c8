"""What a register says of groups of activities in each neighbourhood, and of how many people at least."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import align, require_arguments
from secequity.participation.given import Participation, certain_people


def people_behind(records: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """How many different people surely took part, a row a neighbourhood and a column a group of activities.

    A register counts attendances, not persons: of the same neighbourhood and group only the largest attendance is sure.
    Residents of two neighbourhoods are different people, so the numbers of neighbourhoods may be added up.

    Parameters
    ----------
    records : as in `Participation.records`.
    group : by row of `records`, the group it belongs to (its activity, its kind); rows without one are left out.

    >>> records = pd.DataFrame({"id": ["a", "a", "b"], "people": [6, 4, 3], "times": 1.0})
    >>> people_behind(records, pd.Series(["walk", "walk", "faena"])).loc["a"].to_dict()
    {'faena': 0.0, 'walk': 6.0}
    """
    require_arguments(records=("frame", records), group=("series", group))
    if not group.index.equals(records.index):
        group = align(group, records.index, name="group")
    sure = certain_people(records).groupby([records["id"], group.rename("group")]).max()
    return sure.unstack().fillna(0.0)


def money_per_week(participation: Participation, *, k: int, zones: pd.Series | None = None) -> pd.Series:
    """Money residents paid a week, by neighbourhood id; missing where nothing is known or nothing may be said.

    Parameters
    ----------
    participation : as a study reads it.
    k : the smallest number of people a figure may be about.
    zones : zone by neighbourhood id, where figures of the payers of a zone are published too: quotas are often the same
        for all, so that what is told of the others would give back what one neighbourhood paid.
    """
    require_arguments(k=("whole", k), zones=("series or none", zones))
    ids, records = participation.hours_per_week.index, participation.records
    paid = records[records["amount"] > 0]
    if records["amount"].isna().all():
        return pd.Series(np.nan, index=ids, name="money_per_week")
    money = paid.groupby("id")["amount"].sum().reindex(ids, fill_value=0.0) / participation.weeks
    people = certain_people(paid).groupby(paid["id"]).max().reindex(ids, fill_value=0.0).fillna(0.0)
    hidden = (money > 0) & (people < k)
    if zones is not None:
        hidden = privacy.complement(people, zones.reindex(ids).fillna("none"), k=k, few=hidden).cells
    return money.mask(hidden | (participation.status != "ok")).rename("money_per_week")


def imputed_in(participation: Participation) -> pd.Series:
    """Whether some hours of a neighbourhood are supposed rather than recorded, by id."""
    with_some = participation.records.loc[participation.records["imputed"], "id"]
    ids = participation.hours_per_week.index
    return pd.Series(ids.isin(with_some), index=ids, name="imputed")
