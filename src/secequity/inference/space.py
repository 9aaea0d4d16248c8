"""Tests against chance that know that neighbours resemble each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from secequity.checks import align, require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.inference.cores import Cores, Flags, contiguous_cores
from secequity.inference.drawing import (
    ROUNDING,
    FloatArray,
    Rng,
    Rows,
    at_least_one,
    blocks,
    by_id,
    labels_of,
    one_of,
    p_value,
)
from secequity.inference.results import SpatialTest
from secequity.inference.spectral import Procedure, Spectrum, spectrum
from secequity.words import Alternative

if TYPE_CHECKING:
    from libpysal.graph import Graph

SpatialMethod = Literal["cores", "spectral"]
Given = TypeVar("Given")

LARGEST = 2500
"""Neighbourhoods up to which the patterns of a graph are found in a few seconds: their cost grows with the cube."""


def spatial_randomization(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    graph: Graph,
    method: SpatialMethod = "cores",
    labels: pd.Series | None = None,
    core: str = "centre",
    people: pd.Series | None = None,
    column: str | None = None,
    procedure: Procedure = "singleton",
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    largest: int = LARGEST,
    vectorised: bool = False,
    tolerance: float = 0.0,
    rng: Rng = None,
) -> SpatialTest:
    """Test of `function` against cities in which neighbours resemble each other as they do in this one.

    `cores`: the values stay, and the core moves: contiguous cores of about the same population and raggedness grow
    elsewhere on the graph; in a city of up to 13 neighbourhoods every contiguous core within a quarter of the
    population is compared. `spectral`: the labels stay, and the values of `column` are replaced by others with the
    same mean, variance and Moran's I.

    Parameters
    ----------
    function : `cores`: of `data` and the moved labels to one number; with `vectorised`, of a boolean array (…, n),
        which rows are in the core, to an array (…). `spectral`: of `data` with other values in `column` to one number;
        with `vectorised`, of an array (…, n) of those values to an array (…).
    data : one row a neighbourhood, index its id.
    graph : who is a neighbour of whom, with the ids of `data` and possibly more, whose links are left out.
    labels, core : label by neighbourhood id, two different ones, and the one that is the core (`cores`).
    people : residents by neighbourhood id (`cores`); each neighbourhood counts as 1 when left out.
    column : the column of `data` that is randomised (`spectral`).
    procedure : `singleton`, `pair` or `triplet` (`spectral`); the pair keeps Moran's I on the average only.
    permutations : cores or variables compared, ≥ 1; cores are 999 at most.
    largest : neighbourhoods above which `spectral` is not tried: time grows with their cube, memory with their square.
    alternative, tolerance, rng : as `permutation_test`.

    Returns
    -------
    SpatialTest: `p_value` in (0, 1], or nan with a `reason`.

    Raises
    ------
    ConfigError : an option out of its range, or one that the method needs is left out.
    LayerError : no rows, a label is missing, not two labels or none the core, or `column` has missing values.
    AlignmentError : an id is repeated, is not in `graph`, or the inputs speak of different neighbourhoods.

    Source: Wagner & Dray (2015), Methods in Ecology and Evolution 6, 1169–1178 (spectral); random contiguous regions
    as in Besag & Diggle's (1977) Monte Carlo tests; p: Phipson & Smyth (2010).

    >>> import numpy as np, pandas as pd
    >>> from libpysal.graph import Graph
    >>> ids = [f"n{i:02}" for i in range(40)]
    >>> beside = {one: ids[max(i - 1, 0) : i] + ids[i + 1 : i + 2] for i, one in enumerate(ids)}
    >>> street = Graph.from_dicts({one: dict.fromkeys(others, 1.0) for one, others in beside.items()})
    >>> inside = (np.arange(40) >= 16) & (np.arange(40) < 24)
    >>> data = pd.DataFrame({"police": np.where(inside, 9.0, 1.0)}, index=ids)
    >>> zones = pd.Series(np.where(inside, "centre", "periphery"), index=ids)
    >>> mean = lambda data, labels: data.loc[labels == "centre", "police"].mean()
    >>> found = spatial_randomization(mean, data, graph=street, labels=zones, permutations=99, rng=1)
    >>> found.permutations, round(found.p_value, 4)     # the highest of 33 stretches of eight: 2 / 33
    (32, 0.0606)
    """
    require_arguments(
        function=("function", function),
        data=("frame", data),
        graph=("graph", graph),
        labels=("series or none", labels),
        core=("text", core),
        people=("series or none", people),
        column=("text or none", column),
        permutations=("whole", permutations),
        largest=("whole", largest),
        vectorised=("flag", vectorised),
        tolerance=("number", tolerance),
        rng=("rng", rng),
    )
    at_least_one(permutations, option="permutations")
    one_of(method, get_args(SpatialMethod), option="method")
    one_of(alternative, get_args(Alternative), option="alternative")
    one_of(procedure, get_args(Procedure), option="procedure")
    order = by_id(data)
    links = links_of(graph, data.index[order])
    nothing = untold(method, alternative=alternative)
    if not links.nnz:
        return replace(nothing, reason="no_links")
    options: dict[str, Any] = {"alternative": alternative, "tolerance": tolerance}
    if method == "cores":
        labels = _given(labels, option="labels", method=method)
        inside, residents = _core(data, labels, core), _people(data, people)
        cores = contiguous_cores(links, residents[order], inside[order], permutations=permutations, rng=rng)
        return _cores_test(function, data, cores, inside, order, labels=labels, vectorised=vectorised, **options)
    column = _given(column, option="column", method=method)
    if column not in data:
        raise LayerError(problem("option_column", column=column, known=", ".join(map(str, data.columns))))
    values = data[column].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(values).any():
        raise LayerError(problem("measure_missing", data.index[np.isnan(values)], name=column))
    if len(data) > largest:
        return replace(nothing, reason="too_many")
    if np.ptp(values) <= max(tolerance, ROUNDING * np.abs(values).max()):
        return replace(nothing, reason="no_spread")
    over_values = function if vectorised else _over_values(function, data, column)
    return _spectral_test(
        over_values, values, spectrum(links), order, procedure=procedure, permutations=permutations, rng=rng, **options
    )


def links_of(graph: Graph, ids: pd.Index) -> sparse.csr_array:
    """The links among `ids`, in their order; rows sum to 1 again where those of the graph do.

    Raises
    ------
    AlignmentError : an id is not in the graph.
    """
    known = pd.Series(np.arange(len(graph.unique_ids)), index=graph.unique_ids)
    place = align(known.reindex(known.index.intersection(ids)), ids, name="graph").to_numpy(dtype=np.intp)
    links: sparse.csr_array = sparse.csr_array(graph.sparse)[place][:, place].tocsr().astype(np.float64)
    links.setdiag(0)
    links.eliminate_zeros()
    links.sort_indices()
    if graph.transformation == "R":
        total = np.asarray(links.sum(axis=1)).ravel()
        links.data /= np.repeat(total, np.diff(links.indptr))
    return links


def untold(method: str, *, alternative: Alternative = "two-sided", reason: str = "undefined") -> SpatialTest:
    """The test that could not be made."""
    return SpatialTest(
        value=np.nan,
        p_value=np.nan,
        permutations=0,
        exact=False,
        alternative=alternative,
        method=method,
        reason=reason,
    )


def outcome(
    reference: FloatArray,
    observed: float,
    *,
    method: str,
    exact: bool = False,
    alternative: Alternative = "two-sided",
    tolerance: float = 0.0,
) -> SpatialTest:
    """The test of one figure against those of other cores or other variables."""
    nothing = untold(method, alternative=alternative)
    if len(reference) < (2 if exact else 1):
        return replace(nothing, value=observed, reason="one_core")
    p = p_value(reference, observed, exact=exact, alternative=alternative, tolerance=tolerance)
    reason = None if p == p else "undefined"
    return replace(nothing, value=observed, p_value=p, permutations=len(reference), exact=exact, reason=reason)


def _cores_test(
    function: Callable[..., Any],
    data: pd.DataFrame,
    cores: Cores,
    inside: Flags,
    order: Rows,
    *,
    labels: pd.Series,
    vectorised: bool,
    **options: Any,
) -> SpatialTest:
    if vectorised:
        over_cores = function
    else:
        names = align(labels, data.index, name="labels").astype(str)
        yes, no = names[inside].iloc[0], names[~inside].iloc[0]

        def over_cores(flags: Flags) -> FloatArray:
            rows = flags.reshape(-1, flags.shape[-1])
            figures = [function(data, pd.Series(np.where(row, yes, no), index=data.index)) for row in rows]
            return np.array(figures, dtype=np.float64).reshape(flags.shape[:-1])

    back = np.argsort(order)
    found = [np.asarray(over_cores(flags[:, back]), dtype=np.float64) for flags in cores.inside()]
    reference = np.concatenate(found) if found else np.empty(0)
    return outcome(reference, float(over_cores(inside)), method="cores", exact=cores.exact, **options)


def _spectral_test(
    over_values: Callable[[FloatArray], Any],
    values: FloatArray,
    patterns: Spectrum,
    order: Rows,
    *,
    procedure: Procedure,
    permutations: int,
    rng: Rng,
    **options: Any,
) -> SpatialTest:
    own = patterns.coefficients(values[order])
    back = np.argsort(order)

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        drawn = patterns.drawn(own, procedure=procedure, count=count, generator=generator)
        return np.asarray(over_values((values.mean() + drawn @ patterns.vectors.T)[:, back]), dtype=np.float64)

    found = np.concatenate(list(blocks(draw, replicates=permutations, width=len(values), rng=rng)))
    return outcome(found, float(over_values(values)), method="spectral", **options)


def _over_values(function: Callable[..., Any], data: pd.DataFrame, column: str) -> Callable[[FloatArray], FloatArray]:
    """A function of a frame as a function of arrays of the values of one column."""

    def over_values(values: FloatArray) -> FloatArray:
        rows = values.reshape(-1, values.shape[-1])
        figures = [function(data.assign(**{column: row})) for row in rows]
        return np.array(figures, dtype=np.float64).reshape(values.shape[:-1])

    return over_values


def _given(option_value: Given | None, *, option: str, method: str) -> Given:
    """An option that the method cannot do without."""
    if option_value is None:
        raise ConfigError(problem("option_needed", option=option, method=method))
    return option_value


def _core(data: pd.DataFrame, labels: pd.Series, core: str) -> Flags:
    """Which rows are in the core."""
    if labels_of(labels, data.index, "labels").max() != 1:
        raise LayerError(problem("labels_two"))
    inside: Flags = (align(labels, data.index, name="labels").astype(str) == core).to_numpy()
    if not inside.any():
        raise LayerError(problem("labels_no_core", core=core, words=", ".join(sorted(set(labels.astype(str))))))
    return inside


def _people(data: pd.DataFrame, people: pd.Series | None) -> FloatArray:
    if people is None:
        return np.ones(len(data))
    residents = align(people, data.index, name="people").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(residents >= 0)
    if wrong.any():
        code = "measure_missing" if np.isnan(residents).any() else "measure_negative"
        raise LayerError(problem(code, data.index[wrong], name="people"))
    return residents
