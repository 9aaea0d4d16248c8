"""The tables a study has beyond the ones of every study: each room says what it adds."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from secequity.analysis.given import Given

Table = Callable[[Given], pd.DataFrame | None]

BUILDERS: dict[str, Table] = {}
"""The table's name in `results.MORE`, and what makes it; None where the study lacks what it needs."""


def more_of(given: Given) -> dict[str, pd.DataFrame]:
    """Every further table the study can have, by name."""
    found: dict[str, pd.DataFrame] = {}
    for name, build in BUILDERS.items():
        given.step(f"table:{name}")
        table = build(given)
        if table is not None:
            found[name] = table
    return found
