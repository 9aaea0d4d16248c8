"""What an equation is fitted to: rows that have everything, in one order, and columns that say different things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse

from secequity.checks import Findings, align
from secequity.errors import LayerError, problem
from secequity.words import Zone

Numbers = npt.NDArray[np.float64]

CONSTANT = "constant"
OURS = (CONSTANT, "rho", "lambda")
"""Names of terms that a model adds."""

LEAST_PER_TERM = 5
"""An equation with fewer neighbourhoods a term describes them one by one instead of together."""

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """The neighbourhoods that have every value, ordered by id.

    y, x : the measure, and the terms with the constant first. terms : their names, `constant` first.
    zones : zone of each row, where the model needs it. weights : in the same order, each row summing to 1.
    missing : ids that lack a value. isolates : ids that have a value and no neighbour with one.
    """

    measure: str
    ids: pd.Index
    y: Numbers
    x: Numbers
    terms: tuple[str, ...]
    zones: npt.NDArray[np.object_] | None
    weights: sparse.csr_array | None
    missing: tuple[str, ...]
    isolates: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many neighbourhoods the equation is fitted to."""
        return len(self.ids)


def design_of(y: pd.Series, x: pd.DataFrame, *, graph: Graph | None, zones: pd.Series | None, linked: bool) -> Design:
    """The inputs of an equation, checked and met by id; with `linked`, neighbourhoods without neighbours leave it.

    Raises
    ------
    AlignmentError : the inputs speak of different neighbourhoods.
    LayerError : not numbers, infinite, no terms, a term that does not vary or repeats others, too few neighbourhoods.
    """
    measure = "y" if y.name is None else str(y.name)
    table = _table(y, x, measure=measure)
    side = None if zones is None else align(zones, y.index, name="zones").reindex(table.index)
    if side is not None and not side.dropna().isin(get_args(Zone)).all():
        strange = side.index[~side.isin(get_args(Zone)) & side.notna()]
        raise LayerError(problem("zone_unknown", strange, words=", ".join(sorted({str(side[one]) for one in strange}))))
    known = table.notna().all(axis=1) if side is None else table.notna().all(axis=1) & side.notna()
    missing = tuple(table.index[~known])
    kept = table.index[known]
    links, isolates = (None, ()) if graph is None else _links(graph, y.index, kept, linked=linked)
    if linked:
        kept = kept.difference(pd.Index(isolates, dtype=object), sort=False)
    table = table.loc[kept]
    found = Design(
        measure=measure,
        ids=kept,
        y=table.iloc[:, 0].to_numpy(),
        x=np.column_stack([np.ones(len(kept)), table.iloc[:, 1:].to_numpy()]),
        terms=(CONSTANT, *map(str, x.columns)),
        zones=None if side is None else side.loc[kept].to_numpy(dtype=object),
        weights=links,
        missing=missing,
        isolates=isolates,
    )
    _usable(found)
    return found


def _table(y: pd.Series, x: pd.DataFrame, *, measure: str) -> pd.DataFrame:
    """The measure and the terms side by side, as floats, ordered by id."""
    names = [str(one) for one in x.columns]
    found = Findings()
    if not names:
        found.error("regression_no_terms")
    twice = [one for one in dict.fromkeys(names) if names.count(one) > 1 or one in OURS]
    if twice:
        found.error("regression_names", twice)
    columns: dict[int, pd.Series] = {}
    for name, values in [(measure, y), *((name, x.iloc[:, at]) for at, name in enumerate(names))]:
        aligned = align(values, y.index, name=name)
        if not pd.api.types.is_numeric_dtype(aligned.dtype) or pd.api.types.is_complex_dtype(aligned.dtype):
            found.error("measure_not_numbers", name=name, kind=str(aligned.dtype))
            continue
        columns[len(columns)] = aligned.astype(float)
        infinite = np.isinf(columns[len(columns) - 1])
        if infinite.any():
            found.error("measure_not_finite", aligned.index[infinite], name=name)
    found.raise_if_any(LayerError)
    return pd.DataFrame(columns).sort_index(key=lambda order: order.astype(str))


def _links(graph: Graph, ids: pd.Index, kept: pd.Index, *, linked: bool) -> tuple[sparse.csr_array, tuple[str, ...]]:
    """Row-standardised links among the neighbourhoods kept, and who has none; with `linked` those leave too."""
    every = graph.unique_ids
    align(pd.Series(0.0, index=every), ids, name="graph")
    whole = sparse.csr_array(graph.sparse)
    position = every.get_indexer(kept)
    alone: list[str] = []
    while True:
        links = whole[position][:, position].tocsr().astype(float)
        links.setdiag(0.0)
        links.eliminate_zeros()
        total = np.asarray(links.sum(axis=1)).ravel()
        lonely = total == 0
        alone += list(every[position[lonely]])
        if not lonely.any() or not linked:
            break
        position = position[~lonely]
    links.data /= np.repeat(total, np.diff(links.indptr))
    links.sort_indices()
    return links, tuple(sorted(alone))


def _usable(found: Design) -> None:
    """Refuse what no equation can be fitted to."""
    least = LEAST_PER_TERM * len(found.terms)
    if found.n < least:
        raise LayerError(problem("regression_too_few", found.missing, n=found.n, terms=len(found.terms), least=least))
    if np.ptp(found.y) <= _ROUNDING * np.abs(found.y).max():
        raise LayerError(problem("regression_even", name=found.measure))
    still, together = dependent(found.x, found.terms)
    if still:
        raise LayerError(problem("regression_still", still))
    if together:
        raise LayerError(problem("regression_collinear", together))


def dependent(x: Numbers, terms: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The terms that do not vary, and those of which one can be computed from the others."""
    columns = x[:, 1:]
    spread = columns.std(axis=0)
    still = spread <= _ROUNDING * np.abs(columns).max(axis=0, initial=1.0)
    if still.any():
        return [term for term, bad in zip(terms[1:], still, strict=True) if bad], []
    scaled = (columns - columns.mean(axis=0)) / spread
    _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
    null = directions[sizes <= _ROUNDING * sizes[0]]
    part = (np.abs(null) > 1e-6).any(axis=0) if len(null) else np.zeros(len(terms) - 1, dtype=bool)
    return [], [term for term, bad in zip(terms[1:], part, strict=True) if bad]
