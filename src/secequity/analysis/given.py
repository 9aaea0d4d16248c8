"""What the tables of a study are computed from, held together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from libpysal.graph import Graph

from secequity.analysis.measures import Measure
from secequity.checks import Findings
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.participation import Participation
from secequity.sources.neighbourhoods import Neighbourhoods


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A study's data and its measures; `found` takes what a reader must know, `step` is told of long work."""

    config: Config
    city: Neighbourhoods
    zones: pd.Series
    layers: tuple[Layer, ...]
    participation: Participation | None
    ledger: pd.DataFrame
    measures: tuple[Measure, ...]
    graph: Graph
    rank: pd.Series | None
    found: Findings
    step: Callable[[str], None]

    @property
    def people(self) -> pd.Series:
        """Residents by neighbourhood id."""
        people: pd.Series = self.city.frame["population"]
        return people
