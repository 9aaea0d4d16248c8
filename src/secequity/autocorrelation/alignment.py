"""Values and graph brought together by id, in one order that does not depend on the order of rows."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity import checks
from secequity.errors import LayerError, Problem, problem

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

LEAST = 4
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Aligned:
    """The neighbourhoods that have a value, ordered by id.

    ids : their ids. columns : one row a variable, in the order of `ids`. weights : in the same order, without the
    missing ones, row-standardised again where the graph was. index : the ids of the first variable, as given.
    places : where in `index` each of `ids` stands.
    """

    ids: pd.Index
    columns: Numbers
    weights: sparse.csr_array
    index: pd.Index
    places: Positions

    @property
    def n(self) -> int:
        """How many neighbourhoods have a value."""
        return len(self.ids)

    @cached_property
    def linked(self) -> npt.NDArray[np.bool_]:
        """Which of them have a neighbour."""
        result: npt.NDArray[np.bool_] = np.diff(self.weights.indptr) > 0
        return result

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
class _Links:
    """A graph's links in the order of its ids as text: `order` puts its own ids into that order."""

    given: pd.Index
    order: Positions
    ids: pd.Index
    weights: sparse.csr_array


_KNOWN: dict[int, _Links] = {}
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
    links = _links(require_graph(graph))
    columns = np.vstack([_ordered(values, links) for values in variables])
    known: npt.NDArray[np.bool_] = np.asarray(~np.isnan(columns).any(axis=0))
    index = variables[0].index
    places = links.order if index is links.given or index.equals(links.given) else index.get_indexer(links.ids)
    if known.all():
        result = Aligned(ids=links.ids, columns=columns, weights=links.weights, index=index, places=places)
    else:
        result = Aligned(
            ids=links.ids[known],
            columns=columns[:, known],
            weights=_among(links.weights, known, standardised=graph.transformation == "R"),
            index=index,
            places=places[known],
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


def _links(graph: Graph) -> _Links:
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
        _KNOWN[key] = _Links(given=ids, order=order, ids=ids[order], weights=weights)
        weakref.finalize(graph, _KNOWN.pop, key, None)
    return _KNOWN[key]


def _ordered(values: pd.Series, links: _Links) -> Numbers:
    if not values.index.equals(links.given):
        values = checks.align(values, links.given, name=name(values))
    column: Numbers = values.to_numpy(dtype=float, na_value=np.nan)[links.order]
    return column


def _among(weights: sparse.csr_array, known: npt.NDArray[np.bool_], *, standardised: bool) -> sparse.csr_array:
    """The links among those that have a value."""
    rest = weights[known][:, known].tocsr()
    rest.sort_indices()
    if standardised:
        _standardise(rest)
    return rest


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
