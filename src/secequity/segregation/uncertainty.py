"""Whether chance alone would part people so, and how far an index may be relied on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import align, require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.inference import Interval, Rng
from secequity.results import Shown
from secequity.reweighting import intervals as reweighted_intervals
from secequity.segregation._groups import FloatArray, Groups, figure, one_group, require_index
from secequity.texts import number, text
from secequity.words import Alternative

if TYPE_CHECKING:
    from libpysal.graph import Graph

Null = Literal["reallocation", "evenness"]
CELLS = 1_000_000
ROUNDING = 1e-10
ASPATIAL = ("dissimilarity", "isolation", "exposure", "information_theory")


@dataclass(frozen=True, kw_only=True, eq=False)
class ReallocationTest(Shown):
    """An index of segregation beside what chance gives when people are dealt out to neighbourhoods at random.

    value : as observed. expected : mean over the random cities. excess : (value − expected)/(1 − expected), the
        segregation beyond chance; nan for exposure, which falls with segregation. p_value : never 0.
    within_zones : whether people stayed in their zone.
    """

    group: str
    index: str
    value: float
    expected: float
    excess: float
    p_value: float
    permutations: int
    null: str
    within_zones: bool
    alternative: str
    n: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The index, what chance gives, and the p value."""
        shown = f"p = {number(self.p_value, 3)}" if self.p_value >= 0.001 else f"p < {number(0.001, 3)}"
        return text(
            f"segregation.test.{'zones' if self.within_zones else 'city'}",
            language,
            group=self.group,
            index=text(f"segregation.{self.index}", language),
            value=number(self.value, 2),
            expected=number(self.expected, 2),
            p=shown,
            permutations=self.permutations,
        )


def reallocation_test(
    group: pd.Series,
    population: pd.Series,
    *,
    index: str = "dissimilarity",
    graph: Graph | None = None,
    zones: pd.Series | None = None,
    null: Null = "reallocation",
    permutations: int = 999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
) -> ReallocationTest:
    """Would people dealt out to neighbourhoods at random live as far apart as they do?

    Each neighbourhood keeps its number of people. `reallocation`: as many people as the group has are drawn from the
    city without replacement, so that the group keeps its number too; `evenness`: each resident is of the group with
    the city's share for probability. With `zones` people stay in their zone: what is tested is the segregation within
    zones that the difference between them does not explain. p = min(1, 2·(min(≥, ≤) + 1)/(permutations + 1)).

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0; rounded to whole people where they are dealt out.
    population : all people by neighbourhood id; not fewer than the group's.
    index : `dissimilarity`, `isolation`, `exposure`, `information_theory`; with `graph` `spatial_information_theory`.
    graph : who is a neighbour of whom, for the spatial index.
    zones : zone by neighbourhood id; none may be missing.
    null : `reallocation` or `evenness`.
    permutations : random cities, ≥ 1.
    alternative : `two-sided`, `greater` (the index is larger than chance gives) or `less`.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    ReallocationTest. With thousands of people even slight segregation is beyond chance: read `value` and `excess`.

    Raises
    ------
    ConfigError : an option out of its range, or the spatial index without a graph.
    LayerError, AlignmentError : as `dissimilarity`; LayerError also where a zone is missing.

    Source: Boisso et al. (1994), Journal of Econometrics 61, 137–161; excess: Carrington & Troske (1997), Journal of
    Business & Economic Statistics 15(4), 402–409; p: Phipson & Smyth (2010).

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> found = reallocation_test(pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids), rng=1)
    >>> found.value, found.p_value            # 2/1,000 is the smallest p of 999 random cities
    (0.5, 0.002)
    """
    require_arguments(
        group=("series", group),
        population=("series", population),
        index=("text", index),
        graph=("graph or none", graph),
        zones=("series or none", zones),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    found = reallocation_tests(
        group,
        population,
        indices=(index,),
        graph=graph,
        zones=zones,
        null=null,
        permutations=permutations,
        alternative=alternative,
        rng=rng,
    )
    return found[index]


def reallocation_tests(
    group: pd.Series,
    population: pd.Series,
    *,
    indices: Sequence[str],
    graph: Graph | None = None,
    zones: pd.Series | None = None,
    null: Null = "reallocation",
    permutations: int = 999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
) -> dict[str, ReallocationTest]:
    """`reallocation_test` of several indices over the same random cities: a ReallocationTest by the name of each.

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> group, people = pd.Series([30, 10], index=ids), pd.Series([40, 40], index=ids)
    >>> list(reallocation_tests(group, people, indices=["dissimilarity", "isolation"], rng=1))
    ['dissimilarity', 'isolation']
    """
    require_arguments(
        group=("series", group),
        population=("series", population),
        indices=("collection", indices),
        graph=("graph or none", graph),
        zones=("series or none", zones),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    for index in indices:
        require_index(index, graph=graph)
    _require(null, get_args(Null), option="null")
    _require(alternative, get_args(Alternative), option="alternative")
    if permutations < 1:
        raise ConfigError(problem("option_below", option="permutations", value=permutations, least=1))
    city = one_group(group, population, graph)
    zone = _numbered(zones, group.index, city.ids)
    drawn = _dealt_out(city, zone, null, permutations, np.random.default_rng(rng))
    parts = [[figure(index, cities, city.around) for index in indices] for cities in drawn]
    found = {}
    for place, index in enumerate(indices):
        value = float(figure(index, city.counts[:, np.newaxis, :], city.around)[0])
        reference = np.concatenate([part[place] for part in parts])
        expected = float(reference.mean())
        found[index] = ReallocationTest(
            group=city.name,
            index=index,
            value=value,
            expected=expected,
            excess=(value - expected) / (1 - expected) if index != "exposure" and expected < 1 else np.nan,
            p_value=_p_value(reference, value, alternative),
            permutations=permutations,
            null=null,
            within_zones=zones is not None,
            alternative=alternative,
            n=len(city.ids),
        )
    return found


def _numbered(zones: pd.Series | None, every: pd.Index, ids: pd.Index) -> npt.NDArray[np.intp]:
    """The number of each neighbourhood's zone; one for all where none was given."""
    if zones is None:
        return np.zeros(len(ids), dtype=np.intp)
    aligned = align(zones, every, name="zones")[ids]
    if aligned.isna().any():
        raise LayerError(problem("measure_missing", ids[aligned.isna()], name="zones"))
    return np.unique(aligned.astype(str).to_numpy(), return_inverse=True)[1]


def intervals(
    group: pd.Series,
    population: pd.Series,
    *,
    indices: Sequence[str] | None = None,
    graph: Graph | None = None,
    level: float = 0.95,
    rng: Rng = None,
) -> dict[str, Interval]:
    """Indices of segregation, each with an interval over neighbourhoods by jackknife.

    The neighbourhoods are taken as one draw of a process. For the spatial index each keeps the surroundings it has.

    Parameters
    ----------
    group : people of the group by neighbourhood id, ≥ 0.
    population : all people by neighbourhood id; not fewer than the group's.
    indices : which; all when left out, the spatial one only with `graph`.
    graph : who is a neighbour of whom, for the spatial index.
    level : confidence level, between 0 and 1.
    rng : seed or generator; only asked for where a city has more than 1,000 neighbourhoods.

    Returns
    -------
    An Interval by the name of each index; none (`too_few`) below five neighbourhoods.

    Raises
    ------
    ConfigError : an index is unknown or lacks its graph, or `level` is out of its range.
    LayerError, AlignmentError : as `dissimilarity`.

    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 11.

    >>> import pandas as pd
    >>> ids = [f"n{i}" for i in range(8)]
    >>> people = pd.Series(100, index=ids)
    >>> found = intervals(pd.Series([10, 20, 30, 40, 50, 60, 70, 80], index=ids), people, indices=["dissimilarity"])
    >>> found["dissimilarity"].low < found["dissimilarity"].estimate < found["dissimilarity"].high
    True
    """
    require_arguments(
        group=("series", group),
        population=("series", population),
        indices=("collection or none", indices),
        graph=("graph or none", graph),
        level=("number", level),
        rng=("rng", rng),
    )
    names = tuple(indices or (*ASPATIAL, *(["spatial_information_theory"] if graph is not None else [])))
    for name in names:
        require_index(name, graph=graph)
    city = one_group(group, population, graph)
    surroundings = (city.around @ city.counts.T).T
    fixed = surroundings / surroundings.sum(axis=0)

    def figures(counted: FloatArray) -> FloatArray:
        drawn = counted * city.counts[:, np.newaxis, :]
        return np.stack([_with_surroundings(name, drawn, fixed, city) for name in names])

    ranges = {name: (-1.0 if name == "spatial_information_theory" else 0.0, 1.0) for name in names}
    return reweighted_intervals(figures, city.ids, ranges=ranges, level=level, rng=rng)


def _with_surroundings(index: str, drawn: FloatArray, fixed: FloatArray, city: Groups) -> FloatArray:
    """An index where places that count otherwise keep the surroundings they have."""
    if index != "spatial_information_theory":
        return figure(index, drawn, city.around)
    totals = drawn.sum(axis=-1)
    with np.errstate(all="ignore"):
        shares = totals / totals.sum(axis=0)
        around, whole = (-np.where(one > 0, one * np.log(one), 0.0).sum(axis=0) for one in (fixed, shares))
    people = drawn.sum(axis=0)
    found: FloatArray = 1 - people @ around / (people.sum(axis=-1) * whole)
    return found


def _dealt_out(
    city: Groups, zone: npt.NDArray[np.intp], null: Null, permutations: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Random cities as counts (groups, versions, ids), some at a time; each zone draws from a stream of its own."""
    people = np.rint(city.people).astype(np.int64)
    group = np.minimum(np.rint(city.counts[0]).astype(np.int64), people)
    places = [np.flatnonzero(zone == one) for one in np.unique(zone)]
    streams = rng.spawn(len(places))
    step = max(1, CELLS // len(people))
    for first in range(0, permutations, step):
        versions = min(step, permutations - first)
        drawn = np.zeros((versions, len(people)), dtype=np.int64)
        for inside, stream in zip(places, streams, strict=True):
            of_group, size = int(group[inside].sum()), people[inside]
            if null == "evenness":
                drawn[:, inside] = stream.binomial(size, of_group / max(1, size.sum()), (versions, len(inside)))
            else:
                drawn[:, inside] = stream.multivariate_hypergeometric(size, of_group, versions, method="marginals")
        yield np.stack([drawn, people - drawn]).astype(np.float64)


def _p_value(reference: FloatArray, value: float, alternative: Alternative) -> float:
    """Share of random cities at least as extreme, near-equal figures counting as equal; never 0."""
    if not (np.isfinite(value) and np.isfinite(reference).all()):
        return np.nan
    slack = ROUNDING * max(abs(value), float(np.abs(reference).max()))
    tails = {"greater": np.sum(reference >= value - slack), "less": np.sum(reference <= value + slack)}
    shares = {side: float((count + 1) / (len(reference) + 1)) for side, count in tails.items()}
    return min(1.0, 2 * min(shares.values())) if alternative == "two-sided" else shares[alternative]


def _require(value: str, words: tuple[str, ...], *, option: str) -> None:
    if value not in words:
        raise ConfigError(problem("option_word", option=option, value=value, words=", ".join(words)))
