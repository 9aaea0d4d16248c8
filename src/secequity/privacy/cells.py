"""Which cells of a table may not be shown, so that none about fewer than k people is given back by its totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secequity.words import Body

PARTICIPANTS: tuple[Body, ...] = ("community",)
MAPPED: tuple[Body, ...] = ("police", "serenazgo")
ZERO = 1e-9


def too_few(people: pd.Series, *, k: int) -> pd.Series:
    """Which counts of participants are above zero and below `k`.

    >>> too_few(pd.Series({"a": 0.0, "b": 4.0, "c": 5.0}), k=5).tolist()
    [False, True, False]
    """
    return (people > 0) & (people < k)


@dataclass(frozen=True, kw_only=True, eq=False)
class Withheld:
    """What may not be shown: `cells` by cell, and `totals` by group, true where the group's total may not be either."""

    cells: pd.Series
    totals: pd.Series


def complement(
    people: pd.Series, groups: pd.Series, *, k: int, few: pd.Series | None = None, order: pd.Series | None = None
) -> Withheld:
    """Cells to withhold so that the shown cells of a group and its total do not give a small one back.

    In every group the withheld cells must be none, or two or more that are about `k` people or more together; further
    cells join until they are. Where even all of them are not enough, the total is withheld too.

    Parameters
    ----------
    people : how many different people surely stand behind each cell, 0 or more.
    groups : the group of each cell, whose total is published.
    few : cells that may not be shown in any case; those of 1 to k − 1 people when left out.
    order : which further cells join first, the lowest; those of the fewest people when left out.

    >>> people = pd.Series({"patrols": 30, "faenas": 7, "walks": 3, "dues": 0})
    >>> complement(people, pd.Series("centre", index=people.index), k=5).cells.tolist()
    [False, True, True, False]
    """
    hidden = (too_few(people, k=k) if few is None else few).astype(bool)
    rank = pd.DataFrame({"order": people if order is None else order, "people": people, "cell": people.index.map(str)})
    table = rank.assign(group=groups, hidden=hidden).sort_values(["order", "people", "cell"])
    totals: dict[object, bool] = {}
    withheld = []
    for name, members in table.groupby("group"):
        held = members[members["hidden"]]
        spare = members[~members["hidden"] & (members["people"] > 0)]
        joined = 0
        while len(held) and joined < len(spare) and not _enough(pd.concat([held, spare[:joined]])["people"], k):
            joined += 1
        every = pd.concat([held, spare[:joined]])
        withheld += list(every.index)
        totals[name] = bool(len(held)) and not _enough(every["people"], k)
    cells = pd.Series(people.index.isin(withheld), index=people.index)
    return Withheld(cells=cells | hidden, totals=pd.Series(totals, dtype=bool))


def _enough(people: pd.Series, k: int) -> bool:
    """Whether a sum of withheld cells says nothing about fewer than `k` people."""
    return len(people) > 1 and float(people.sum()) >= k


def protect(people: pd.DataFrame, *, k: int) -> pd.DataFrame:
    """Cells of a two-way table to withhold where the totals of its rows and of its columns are published.

    Small cells first, then the smallest others until no withheld cell follows from the totals and the shown cells, and
    what is withheld in a row or a column is about `k` people or more. Totals of 1 to k − 1 people are not for showing.

    Parameters
    ----------
    people : how many different people surely stand behind each cell, 0 or more.

    >>> table = pd.DataFrame({"patrol": [3, 20, 40], "walk": [9, 30, 8]}, index=["a", "b", "c"])
    >>> protect(table, k=5).to_numpy().tolist()
    [[True, True], [False, False], [True, True]]
    """
    index = pd.MultiIndex.from_product([people.index, people.columns])
    cells = pd.Series(people.to_numpy(dtype=float).ravel(), index=index)
    hidden = too_few(cells, k=k)
    sides = [pd.Series(index.get_level_values(at), index=index) for at in (0, 1)]
    while True:
        before = hidden.sum()
        for side, other in (sides, sides[::-1]):
            touched = side.isin(side[hidden])
            order = cells.where(touched, 0.0).groupby(other).transform("sum")
            hidden = complement(cells, side, k=k, few=hidden, order=order).cells
        table = pd.DataFrame(hidden.to_numpy().reshape(people.shape), index=people.index, columns=people.columns)
        if hidden.sum() > before:
            continue
        spare = np.flatnonzero((~hidden & (cells > 0)).to_numpy())
        if not recoverable(table).to_numpy().any() or not len(spare):
            return table
        hidden.iloc[spare[np.argmin(cells.to_numpy()[spare])]] = True


def recoverable(hidden: pd.DataFrame) -> pd.DataFrame:
    """Which withheld cells of a two-way table follow exactly from the shown ones and the totals of rows and columns.

    A cell follows when no way of moving amounts among the withheld cells leaves every total as it is and changes it.

    >>> recoverable(pd.DataFrame([[True, True], [True, False]])).to_numpy().tolist()
    [[True, True], [True, False]]
    >>> bool(recoverable(pd.DataFrame([[True, True], [True, True]])).to_numpy().any())
    False
    """
    rows, columns = np.nonzero(hidden.to_numpy())
    equations = np.zeros((sum(hidden.shape), len(rows)))
    equations[rows, np.arange(len(rows))] = 1
    equations[hidden.shape[0] + columns, np.arange(len(rows))] = 1
    result = np.zeros(hidden.shape, dtype=bool)
    if len(rows):
        _, sizes, turned = np.linalg.svd(equations)
        free = turned[(sizes > ZERO).sum() :]
        result[rows, columns] = (np.abs(free) < ZERO).all(axis=0)
    return pd.DataFrame(result, index=hidden.index, columns=hidden.columns)
