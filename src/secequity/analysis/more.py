"""The tables a study has beyond the ones of every study: each room says what it adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

import pandas as pd

from secequity.analysis import fear, participation
from secequity.analysis.alternatives import specifications_of
from secequity.analysis.claims import claims_tables
from secequity.analysis.equations import regressions_of
from secequity.analysis.gaps import decompositions_of, gap_tests_of, gradients_of
from secequity.analysis.given import Given
from secequity.analysis.groups import group_coverage_of, segregation_of
from secequity.analysis.larger import levels_of
from secequity.analysis.robust import robustness_of
from secequity.analysis.shares import denominators_of, inequality_intervals_of

Clock = Callable[[str], AbstractContextManager[None]]
Table = Callable[[Given], pd.DataFrame | Mapping[str, pd.DataFrame] | None]

BUILDERS: dict[str, Table] = {
    "gap_tests": gap_tests_of,
    "gradient": gradients_of,
    "decomposition": decompositions_of,
    "denominators": denominators_of,
    "inequality_intervals": inequality_intervals_of,
    "segregation": segregation_of,
    "group_coverage": group_coverage_of,
    "burden": participation.burden_tables,
    "profiles": participation.profiles_table,
    "profile_tests": participation.profile_tests,
    "embodied": participation.embodied_table,
    "fear": fear.fear_table,
    "reporting": fear.reporting_table,
    "regression": regressions_of,
    "specifications": specifications_of,
    "levels": levels_of,
    "robustness": robustness_of,
    "claims": claims_tables,
}
"""The table's name in `results.MORE`, and what makes it (or several, by name); None where the study lacks its needs.

A builder finds the tables of those before it in `Given.done`.
"""


def more_of(given: Given, *, clock: Clock) -> dict[str, pd.DataFrame]:
    """Every further table the study can have, by name; `clock` is told of each, and takes its time."""
    found: dict[str, pd.DataFrame] = {}
    for name, build in BUILDERS.items():
        with clock(f"table:{name}"):
            made = build(replace(given, done=found))
        if made is not None:
            found |= made if isinstance(made, Mapping) else {name: made}
    return found
