"""What may be known about people: nothing about fewer than k participants leaves the program.

A count of 1 to k − 1 participants is taken out where it enters, before any total, rate or index is computed. No later
number contains it, so none gives it back by subtraction; totals are totals of what may be published, and say so.
"""

from __future__ import annotations

import pandas as pd

from secequity.words import Body

PARTICIPANTS: tuple[Body, ...] = ("community",)
MAPPED: tuple[Body, ...] = ("police", "serenazgo")


def too_few(people: pd.Series, *, k: int) -> pd.Series:
    """Which counts of participants are above zero and below `k`.

    >>> too_few(pd.Series({"a": 0.0, "b": 4.0, "c": 5.0}), k=5).tolist()
    [False, True, False]
    """
    return (people > 0) & (people < k)
