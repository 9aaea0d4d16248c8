"""A city as groups of people by neighbourhood, checked, and the indices for many versions of it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from secequity.checks import Findings, align
from secequity.equity._people import check, label, numbers
from secequity.errors import ConfigError, LayerError, problem

if TYPE_CHECKING:
    from libpysal.graph import Graph

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-9
INDICES = ("dissimilarity", "isolation", "exposure", "information_theory", "spatial_information_theory")


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """Neighbourhoods where somebody lives, in the order of their ids as text.

    counts : people of each group (groups, ids), the last of them everybody else where one group was given.
    around : who counts as around a place, itself among them; only the places themselves where no graph was given.
    """

    name: str
    ids: pd.Index
    counts: FloatArray
    around: sparse.csr_array

    @property
    def people(self) -> FloatArray:
        """People of each neighbourhood."""
        total: FloatArray = self.counts.sum(axis=0)
        return total


def one_group(group: pd.Series, population: pd.Series, graph: Graph | None = None) -> Groups:
    """One group and everybody else.

    Raises
    ------
    LayerError : not numbers, missing, infinite or negative; more of the group than people; nobody, or everybody, is of
        the group.
    AlignmentError : the inputs speak of different neighbourhoods.
    """
    group = group.sort_index(key=lambda ids: ids.astype(str))
    name, ids = label(group, "group"), group.index
    counted, people = numbers(align(group, ids, name=name)), numbers(_people(population, ids))
    found = Findings()
    check(found, counted, ids, name=name)
    check(found, people, ids, name=label(population, "population"))
    found.raise_if_any(LayerError)
    over = counted > people * (1 + ROUNDING) + ROUNDING
    if over.any():
        raise LayerError(problem("segregation_more_than_all", ids[over], name=name))
    counts = np.stack([counted, np.maximum(people - counted, 0.0)])
    return _inhabited(name, ids, counts, graph)


def several_groups(groups: pd.DataFrame, graph: Graph | None = None) -> Groups:
    """Groups that together are everybody, one column a group.

    Raises
    ------
    LayerError : as `one_group`, or fewer than two columns.
    AlignmentError : an id is repeated.
    """
    name = ", ".join(map(str, groups.columns))
    if len(groups.columns) < 2:
        raise LayerError(problem("segregation_one_group", name=name))
    ids = groups.index[np.argsort(groups.index.astype(str), kind="stable")]
    found, counts = Findings(), []
    for column in groups:
        counted = numbers(align(groups[column], ids, name=str(column)))
        check(found, counted, ids, name=str(column))
        counts.append(counted)
    found.raise_if_any(LayerError)
    return _inhabited(name, ids, np.stack(counts), graph)


def _people(population: pd.Series, ids: pd.Index) -> pd.Series:
    return align(population, ids, name=label(population, "population"))


def _inhabited(name: str, ids: pd.Index, counts: FloatArray, graph: Graph | None) -> Groups:
    """Without the places where nobody lives, which no one can be apart in."""
    if not len(ids):
        raise LayerError(problem("measure_empty", name=name))
    lived_in = counts.sum(axis=0) > 0
    if (counts.sum(axis=1) > 0).sum() < 2:
        raise LayerError(problem("segregation_nobody_apart", name=name))
    around: sparse.csr_array = sparse.eye_array(int(lived_in.sum()), format="csr")
    if graph is not None:
        place = align(pd.Series(range(graph.n), index=graph.unique_ids), ids, name="graph").to_numpy()[lived_in]
        links = sparse.csr_array(graph.sparse)[place][:, place]
        around = sparse.csr_array(links - sparse.diags_array(links.diagonal()) + around)
    return Groups(name=name, ids=ids[lived_in], counts=counts[:, lived_in], around=around)


def figure(index: str, counts: FloatArray, around: sparse.csr_array) -> FloatArray:
    """An index of segregation for many versions: counts (groups, versions, ids) become (versions)."""
    with np.errstate(all="ignore"):
        return FIGURES[index](counts, around)


def require_index(index: str, *, graph: object) -> None:
    """Refuse an index that is unknown or lacks its graph."""
    if index not in INDICES:
        raise ConfigError(problem("option_word", option="index", value=index, words=", ".join(INDICES)))
    if index == "spatial_information_theory" and graph is None:
        raise ConfigError(problem("segregation_needs_graph", index=index))


def _dissimilarity(counts: FloatArray, _: sparse.csr_array) -> FloatArray:
    shares = counts / counts.sum(axis=-1, keepdims=True)
    apart: FloatArray = np.abs(shares[0] - shares[1]).sum(axis=-1) / 2
    return apart


def _meeting(counts: FloatArray, with_whom: int) -> FloatArray:
    """Share of the neighbours of an average member of the first group who are of group `with_whom`."""
    people = counts.sum(axis=0)
    share = np.divide(counts[with_whom], people, out=np.zeros_like(people), where=people > 0)
    met: FloatArray = (counts[0] * share).sum(axis=-1) / counts[0].sum(axis=-1)
    return met


def _information(counts: FloatArray, around: sparse.csr_array) -> FloatArray:
    """1 − Σ n·E(around)/(N·E): how much less diverse people's surroundings are than the city."""
    people, city = counts.sum(axis=0), _entropy(counts.sum(axis=-1, keepdims=True))[..., 0]
    surroundings = np.stack([_around(one, around) for one in counts])
    found: FloatArray = 1 - (people * _entropy(surroundings)).sum(axis=-1) / (people.sum(axis=-1) * city)
    return found


def _around(counted: FloatArray, around: sparse.csr_array) -> FloatArray:
    """Sums over the surroundings of each place; (versions, ids) as given."""
    summed: FloatArray = (around @ counted.T).T
    return summed


def _entropy(counts: FloatArray) -> FloatArray:
    """Diversity of each place, from 0 (one group) to the logarithm of the number of groups."""
    total = counts.sum(axis=0)
    share = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    entropy: FloatArray = -(share * np.log(share, out=np.zeros_like(share), where=share > 0)).sum(axis=0)
    return entropy


def _aspatial(counts: FloatArray, _: sparse.csr_array) -> FloatArray:
    people, city = counts.sum(axis=0), _entropy(counts.sum(axis=-1, keepdims=True))[..., 0]
    found: FloatArray = 1 - (people * _entropy(counts)).sum(axis=-1) / (people.sum(axis=-1) * city)
    return found


FIGURES: dict[str, Callable[[FloatArray, sparse.csr_array], FloatArray]] = {
    "dissimilarity": _dissimilarity,
    "isolation": lambda counts, _: _meeting(counts, 0),
    "exposure": lambda counts, _: _meeting(counts, 1),
    "information_theory": _aspatial,
    "spatial_information_theory": _information,
}
"""Each index of counts (groups, versions, ids), by name."""
