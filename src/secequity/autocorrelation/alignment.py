"""Values and graph brought together by id, in one order that does not depend on the order of rows."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity import checks
from secequity.autocorrelation.links import Flags, Links, Numbers, Positions
from secequity.errors import LayerError, Problem, problem

LEAST = 4
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Aligned:
    """The neighbourhoods that have a value, ordered by id.

    ids : their ids. columns : one row a variable, in the order of `ids`. links : in the same order, without the missing
    ones, row-standardised again where the graph was. index : the ids of the first variable, as given. places : where in
    `index` each of `ids` stands.
    """

    ids: pd.Index
    columns: Numbers
    links: Links
    index: pd.Index
    places: Positions

    @property
    def n(self) -> int:
        """How many neighbourhoods have a value."""
        return len(self.ids)

    @property
    def weights(self) -> sparse.csr_array:
        """The weights of the links."""
        return self.links.weights

    @property
    def linked(self) -> Flags:
        """Which of them have a neighbour."""
        return self.links.linked

    @cached_property
    def isolates(self) -> tuple[str, ...]:
        """Ids with a value and no neighbour with one."""
        return tuple(self.ids[~self.linked])

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Ids without a value."""
        if self.n == len(self.index):
            return ()
        absent = np.ones(len(self.index), dtype=bool)
        absent[self.places] = False
        return tuple(sorted(self.index[absent]))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Known:
    """A graph's links in the order of its ids as text: `order` puts its own ids into that order."""

    given: pd.Index
    order: Positions
    ids: pd.Index
    links: Links


_KNOWN: dict[int, _Known] = {}
"""The links of graphs in use, by identity: many measures are asked of one graph, which is never changed."""


def align(graph: Graph, *variables: pd.Series) -> Aligned:
    """`variables` on the ids of `graph`; a neighbourhood that lacks one of them is left out and named.

    Raises
    ------
    LayerError : not a Graph, not numbers, infinite, no variation, a neighbourhood that is its own neighbour, fewer
        than four values, or no links among them.
    AlignmentError : the ids of a variable and of the graph differ, or an id appears twice.
    """
    problems = [one for values in variables for one in _problems(values)]
    if problems:
        raise LayerError(*problems)
    whole = _known(require_graph(graph))
    columns = np.vstack([_ordered(values, whole) for values in variables])
    known: Flags = np.asarray(~np.isnan(columns).any(axis=0))
    index = variables[0].index
    places = whole.order if index.equals(whole.given) else index.get_indexer(whole.ids)
    if known.all():
        result = Aligned(ids=whole.ids, columns=columns, links=whole.links, index=index, places=places)
    else:
        links = _among(whole.links.weights, known, standardised=graph.transformation == "R")
        result = Aligned(
            ids=whole.ids[known], columns=columns[:, known], links=links, index=index, places=places[known]
        )
    _usable(result, variables)
    return result


def require(*, permutations: int, fdr: float = 0.05) -> None:
    """Refuse options that no test can be made with."""
    if permutations < 1:
        raise LayerError(problem("autocorrelation_permutations", permutations=permutations))
    if not 0 < fdr < 1:
        raise LayerError(problem("autocorrelation_fdr", fdr=str(fdr)))


def require_graph(graph: Graph) -> Graph:
    """Refuse anything but a libpysal Graph."""
    if not isinstance(graph, Graph):
        raise LayerError(problem("autocorrelation_not_a_graph", kind=type(graph).__name__))
    return graph


def name(values: pd.Series) -> str:
    """What a message calls these values."""
    return "?" if values.name is None else str(values.name)


def standard(column: Numbers) -> Numbers:
    """Deviations from the mean in standard deviations."""
    result: Numbers = (column - column.mean()) / column.std()
    return result


def _known(graph: Graph) -> _Known:
    key = id(graph)
    if key not in _KNOWN:
        ids = graph.unique_ids
        order = np.argsort(ids.to_numpy(dtype=str), kind="stable")
        weights = sparse.csr_array(graph.sparse)[order][:, order].tocsr().astype(float)
        itself = weights.diagonal() != 0
        if itself.any():
            raise LayerError(problem("autocorrelation_own_neighbour", ids[order][itself]))
        weights.eliminate_zeros()
        weights.sort_indices()
        if graph.transformation == "R":
            _standardise(weights)
        _KNOWN[key] = _Known(given=ids, order=order, ids=ids[order], links=Links(weights=weights))
        weakref.finalize(graph, _KNOWN.pop, key, None)
    return _KNOWN[key]


def _ordered(values: pd.Series, whole: _Known) -> Numbers:
    if not values.index.equals(whole.given):
        values = checks.align(values, whole.given, name=name(values))
    column: Numbers = values.to_numpy(dtype=float, na_value=np.nan)[whole.order]
    return column


def _among(weights: sparse.csr_array, known: Flags, *, standardised: bool) -> Links:
    """The links among those that have a value."""
    rest = weights[known][:, known].tocsr()
    rest.sort_indices()
    if standardised:
        _standardise(rest)
    return Links(weights=rest)


def _standardise(weights: sparse.csr_array) -> None:
    total = np.asarray(weights.sum(axis=1)).ravel()
    weights.data /= np.repeat(total, np.diff(weights.indptr))


def _problems(values: pd.Series) -> list[Problem]:
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        return [problem("autocorrelation_not_numbers", name=name(values))]
    infinite = np.isinf(values.to_numpy(dtype=float, na_value=np.nan))
    return [problem("autocorrelation_infinite", values.index[infinite], name=name(values))] if infinite.any() else []


def _usable(found: Aligned, variables: tuple[pd.Series, ...]) -> None:
    names = ", ".join(name(values) for values in variables)
    if found.n < LEAST:
        raise LayerError(problem("autocorrelation_too_few", found.ids, name=names, n=found.n, least=LEAST))
    if not found.linked.any():
        raise LayerError(problem("autocorrelation_no_links", name=names))
    for values, column in zip(variables, found.columns, strict=True):
        if np.ptp(column) <= _ROUNDING * np.abs(column).max():
            raise LayerError(problem("autocorrelation_constant", name=name(values), n=found.n))
