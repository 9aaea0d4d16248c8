"""Links between positions become a Graph; what a graph leaves alone, and what it leaves apart."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy.sparse.csgraph import connected_components

from secequity import checks
from secequity.boundaries import valid
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem

Transform = Literal["r", "b", "d", "v", "o"]
Positions = npt.NDArray[np.intp]


def isolates(graph: Graph) -> tuple[str, ...]:
    """The ids without any neighbour, in order.

    >>> from libpysal.graph import Graph
    >>> isolates(Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0]))
    ('c',)
    """
    require_arguments(graph=("graph", graph))
    return tuple(sorted(graph.isolates))


def components(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """The sub-graphs that no link joins, the largest first, each as its ids; an isolate is a sub-graph of one.

    >>> from libpysal.graph import Graph
    >>> components(Graph.from_arrays(["c", "a", "b"], ["c", "b", "a"], [0, 1, 1]))
    (('a', 'b'), ('c',))
    """
    require_arguments(graph=("graph", graph))
    _, labels = connected_components(graph.sparse, directed=False)
    members = pd.Series(graph.unique_ids.to_numpy()).groupby(labels)
    return tuple(sorted((tuple(sorted(ids)) for _, ids in members), key=lambda ids: (-len(ids), ids)))


def check(neighbourhoods: gpd.GeoDataFrame, *, boundaries: bool = False) -> None:
    """Refuse what is not neighbourhoods; with `boundaries` also polygons that are not valid."""
    checks.require_neighbourhoods(neighbourhoods)
    if neighbourhoods.empty:
        raise LayerError(problem("weights_no_rows"))
    if not boundaries:
        return
    invalid = ~valid(neighbourhoods.geometry.to_numpy())
    if invalid.any():
        raise LayerError(problem("weights_invalid", neighbourhoods.index[invalid]))


def check_metres(option: str, metres: float, *, least: float | None = None) -> None:
    """Refuse metres that are not above zero, or not at least `least`."""
    too_small = not metres > 0 if least is None else metres < least
    if not np.isfinite(metres) or too_small:
        raise LayerError(problem("weights_metres", option=option, metres=str(metres)))


def graph_of(index: pd.Index, focal: Positions, neighbour: Positions, transform: Transform) -> Graph:
    """The Graph of the links from `focal` to `neighbour`, positions in `index`, each link once and of weight 1."""
    kind = str(transform).upper()
    if kind not in ("R", "B", "D", "V", "O"):
        raise LayerError(problem("weights_transform", transform=transform))
    count = np.bincount(focal, minlength=len(index))
    alone = np.flatnonzero(count == 0)
    links = np.concatenate([focal * len(index) + neighbour, alone * (len(index) + 1)])
    links.sort()
    focal, neighbour = np.divmod(links, len(index))
    weight = (count[focal] > 0).astype(int if kind == "B" else float)
    if kind == "R":
        weight /= np.maximum(count[focal], 1)
    levels: Any = [index, index]
    codes: Any = [focal, neighbour]
    pairs = pd.MultiIndex(levels=levels, codes=codes, names=["focal", "neighbor"], verify_integrity=False)
    made = kind if kind in "RB" else "O"
    graph = Graph(pd.Series(weight, index=pairs, name="weight"), transformation=made, is_sorted=True)
    return graph if made == kind else graph.transform(kind)
