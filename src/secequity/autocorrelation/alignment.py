"""Values and graph brought together by id, in one order that does not depend on the order of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity import checks
from secequity.errors import LayerError, Problem, problem

Numbers = npt.NDArray[np.float64]

LEAST = 4
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Aligned:
    """The neighbourhoods that have a value, ordered by id.

    ids : their ids. columns : one row a variable, in the order of `ids`. weights : in the same order, without the
    missing ones, row-standardised again where the graph was. isolates : ids with a value and no neighbour with one.
    missing : ids without a value.
    """

    ids: pd.Index
    columns: Numbers
    weights: sparse.csr_array
    isolates: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many neighbourhoods have a value."""
        return len(self.ids)

    @property
    def linked(self) -> npt.NDArray[np.bool_]:
        """Which of them have a neighbour."""
        result: npt.NDArray[np.bool_] = np.diff(self.weights.indptr) > 0
        return result


def align(graph: Graph, *variables: pd.Series) -> Aligned:
    """`variables` on the ids of `graph`; a neighbourhood that lacks one of them is left out and named.

    Raises
    ------
    LayerError : not a Graph, not numbers, infinite, no variation, a neighbourhood that is its own neighbour, fewer
        than four values, or no links among them.
    AlignmentError : the ids of a variable and of the graph differ, or an id appears twice.
    """
    if not isinstance(graph, Graph):
        raise LayerError(problem("autocorrelation_not_a_graph", kind=type(graph).__name__))
    problems = [one for values in variables for one in _problems(values)]
    if problems:
        raise LayerError(*problems)
    ids = graph.unique_ids
    order = np.argsort(ids.to_numpy(dtype=str), kind="stable")
    ids = ids[order]
    aligned = [checks.align(values, ids, name=name(values)) for values in variables]
    columns = np.vstack([values.to_numpy(dtype=float, na_value=np.nan) for values in aligned])
    known = ~np.isnan(columns).any(axis=0)
    weights = _between(graph, order[known])
    result = Aligned(
        ids=ids[known],
        columns=columns[:, known],
        weights=weights,
        isolates=tuple(ids[known][np.diff(weights.indptr) == 0]),
        missing=tuple(ids[~known]),
    )
    _usable(result, variables)
    return result


def require(*, permutations: int, fdr: float = 0.05) -> None:
    """Refuse options that no test can be made with."""
    if permutations < 1:
        raise LayerError(problem("autocorrelation_permutations", permutations=permutations))
    if not 0 < fdr < 1:
        raise LayerError(problem("autocorrelation_fdr", fdr=str(fdr)))


def name(values: pd.Series) -> str:
    """What a message calls these values."""
    return "?" if values.name is None else str(values.name)


def _between(graph: Graph, positions: npt.NDArray[np.intp]) -> sparse.csr_array:
    links = sparse.csr_array(graph.sparse)[positions][:, positions].tocsr().astype(float)
    itself = links.diagonal() != 0
    if itself.any():
        raise LayerError(problem("autocorrelation_own_neighbour", graph.unique_ids[positions[itself]]))
    links.eliminate_zeros()
    links.sort_indices()
    if graph.transformation == "R":
        total = np.asarray(links.sum(axis=1)).ravel()
        links.data /= np.repeat(total, np.diff(links.indptr))
    return links


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
