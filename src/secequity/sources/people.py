"""Data about persons are refused at the door: the column and what it holds are named, its cells are not."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.sources import cells


def refuse_people(
    table: pd.DataFrame,
    *,
    file: str,
    found: Findings,
    known: Collection[str] = (),
    points: bool = False,
    places: Collection[str | None] = (),
) -> bool:
    """Whether a table of participants leads to no person; every column that does is a problem.

    known : ids and names of neighbourhoods. points : whether coordinates are what the table is for. places : columns of
    neighbourhoods and of words, which hold no names.
    """
    personal = privacy.personal_columns(table, known=known, points=points, places=[one for one in places if one])
    for kind in dict.fromkeys(personal.values()):
        columns = [cells.shown(one) for one in personal if personal[one] == kind]
        found.error("people_refused", columns, file=file, what=f"@personal.{kind}")
    return not personal
