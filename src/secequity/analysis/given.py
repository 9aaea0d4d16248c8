"""What the tables of a study are computed from, held together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
import shapely
from libpysal.graph import Graph

from secequity.analysis.measures import Measure
from secequity.checks import Findings
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.gaps import GapWithUncertainty
from secequity.participation import Participation
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.surveys import Survey


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A study's data and its measures; `found` takes what a reader must know, `step` is told of long work.

    cascos : the other lines of the study by name. done : the further tables made so far, by name. surveys : what
    residents fear.
    """

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
    cascos: Mapping[str, pd.Series] = field(default_factory=dict)
    done: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    compared: Mapping[str, GapWithUncertainty] = field(default_factory=dict)
    plaza: shapely.Point | None = None
    surveys: tuple[Survey, ...] = ()

    @property
    def people(self) -> pd.Series:
        """Residents by neighbourhood id."""
        people: pd.Series = self.city.frame["population"]
        return people
