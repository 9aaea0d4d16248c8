"""Which measures can share their draws: those known in the same neighbourhoods, with the same people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd


def alike(tables: Sequence[pd.DataFrame], places: Iterable[int]) -> list[list[int]]:
    """The `places` of tables that have the same index and the same `people`, group by group, in the order given.

    >>> one, other = pd.DataFrame({"people": [5, 7]}, index=["a", "b"]), pd.DataFrame({"people": [5]}, index=["a"])
    >>> alike([one, other, one], range(3))
    [[0, 2], [1]]
    """
    groups: list[list[int]] = []
    for at in places:
        for group in groups:
            first = tables[group[0]]
            if first.index.equals(tables[at].index) and first["people"].equals(tables[at]["people"]):
                group.append(at)
                break
        else:
            groups.append([at])
    return groups
