"""Posts that serve who they can reach: floating catchments, shared out among the people within reach.

Costs run from the facility (`from_id`) to the neighbourhood (`to_id`), for the service travels to the resident; a
facility may stand outside every neighbourhood. All functions take the same head: costs, `supply` by facility, `demand`
(people) by neighbourhood, and a decay of `secequity.decay`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from secequity.checks import Findings, is_numeric, require_arguments
from secequity.costs.pairs import matched
from secequity.decay import DecayFunction
from secequity.errors import SHOWN, LayerError, problem
from secequity.results import Shown
from secequity.texts import text

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Catchments(Shown):
    """Whom each facility reaches, and whom none does.

    facilities : by facility id, `supply`, `neighbourhoods` and `people` within reach (weight above 0 and somebody
        living there), `weighted_people` (people times weight) and `reaches_anyone`.
    neighbourhoods : by neighbourhood id, `people` and the number of `facilities` that reach it.
    """

    facilities: pd.DataFrame
    neighbourhoods: pd.DataFrame

    @property
    def used(self) -> float:
        """Supply that reaches anyone, all of it handed out; unknown supply is not in it."""
        return float(self.facilities["supply"][self.facilities["reaches_anyone"]].sum())

    @property
    def unused(self) -> float:
        """Supply of the facilities that reach nobody."""
        return float(self.facilities["supply"][~self.facilities["reaches_anyone"]].sum())

    @property
    def unreached(self) -> tuple[str, ...]:
        """Neighbourhoods where people live whom nothing reaches, in order of ids."""
        alone = (self.neighbourhoods["people"] > 0) & (self.neighbourhoods["facilities"] == 0)
        return tuple(sorted(str(one) for one in self.neighbourhoods.index[alone]))

    def to_frame(self) -> pd.DataFrame:
        """One row a facility."""
        return self.facilities.copy()

    def summary(self, language: str = "en") -> str:
        """How many people are within reach, and how much supply reaches nobody."""
        people = self.neighbourhoods["people"]
        reached = float(people[self.neighbourhoods["facilities"] > 0].sum())
        figures = {"reached": reached, "people": float(people.sum()), "unused": self.unused}
        sentence = text("catchment.reach", language, supply=self.used + self.unused, **figures)
        unknown = int(self.facilities["supply"].isna().sum())
        return f"{sentence} {text('catchment.unknown', language, n=unknown)}" if unknown else sentence


@dataclass(frozen=True, kw_only=True, eq=False)
class SpatialAvailability(Shown):
    """What is available to each neighbourhood when each facility's supply is handed out once.

    total : by neighbourhood id, in the unit of the supply; adds up to the supply that reaches anyone.
    per_person : `total` over its people; missing where nobody lives.
    catchments : whom each facility reaches, and the supply that reaches nobody.
    """

    total: pd.Series
    per_person: pd.Series
    catchments: Catchments

    def to_frame(self) -> pd.DataFrame:
        """One row a neighbourhood: `total`, `per_person`."""
        return pd.DataFrame({"total": self.total, "per_person": self.per_person})

    def summary(self, language: str = "en") -> str:
        """What was handed out, and what reaches nobody."""
        return self.catchments.summary(language)


def two_step(costs: pd.DataFrame, *, supply: pd.Series, demand: pd.Series, decay: DecayFunction) -> pd.Series:
    """Two-step floating catchment: what each resident has of the facilities within reach, crowding included.

    First R_j = S_j / Σ_k P_k·f(c_jk), the supply of facility j per person it could serve; then A_i = Σ_j R_j·f(c_ji),
    what reaches a person of neighbourhood i. Σ_i P_i·A_i is the supply that reaches anyone. With a binary decay it is
    the measure of Luo & Wang (2003).

    Parameters
    ----------
    costs : `from_id` (facility), `to_id` (neighbourhood), `cost`; a pair left out is out of reach.
    supply : staff or any amount ≥ 0 by facility id. Unknown (missing) supply makes unknown what it reaches.
    demand : people ≥ 0 by neighbourhood id; every neighbourhood of the study, reached or not.
    decay : from costs to weights ≥ 0, such as `secequity.decay.gaussian(sigma=1000)`.

    Returns
    -------
    Series of supply per person by neighbourhood id, ≥ 0: 0 for people whom nothing reaches, missing where nobody
    lives. A facility that reaches nobody keeps its supply unused: see `catchments`.

    Raises
    ------
    LayerError : the costs are not usable (as `secequity.costs.from_table`), an id of theirs is unknown, supply or
        demand is negative or not a finite number, people are missing, an id is repeated, or the decay gives no weights.

    Source: Luo & Qi (2009), Health & Place 15, eq. 3-4.

    >>> costs = pd.DataFrame({"from_id": ["p", "p"], "to_id": ["a", "b"], "cost": [0.0, 10.0]})
    >>> people = pd.Series({"a": 100, "b": 200, "c": 50})
    >>> half_at_10 = lambda cost: 1 - cost / 20
    >>> two_step(costs, supply=pd.Series({"p": 4}), demand=people, decay=half_at_10).to_dict()  # R = 4/(100 + 200/2)
    {'a': 0.02, 'b': 0.01, 'c': 0.0}
    """
    require_arguments(costs=("frame", costs), supply=("series", supply), demand=("series", demand))
    city = _city(costs, supply=supply, demand=demand, decay=decay)
    per_person = city.weights.T @ city.shared(city.weights @ city.people)
    return city.by_neighbourhood(np.where(city.people > 0, per_person, np.nan))


def spatial_availability(
    costs: pd.DataFrame, *, supply: pd.Series, demand: pd.Series, decay: DecayFunction, alpha: float = 1.0
) -> SpatialAvailability:
    """Spatial availability: each facility's supply handed out once, by people and by how near they are.

    V_i = Σ_j S_j · F_ij, where F_ij = P_i^α·f(c_ji) / Σ_k P_k^α·f(c_jk) joins the balancing factors of population and
    of impedance. Σ_i V_i is the supply that reaches anyone. With α = 1, V_i / P_i is `two_step`, to rounding.

    Parameters
    ----------
    costs, supply, demand, decay : as `two_step`.
    alpha : how much numbers count in the competition, ≥ 0: 1 every resident alike, less favours small places, 0 every
        inhabited neighbourhood alike whatever its size.

    Returns
    -------
    SpatialAvailability with `total` and `per_person` by neighbourhood id, and `catchments`.

    Raises
    ------
    LayerError : as `two_step`, or `alpha` is not a finite number of zero or more.

    Source: Soukhov, Páez, Higgins & Mohamed (2023), PLOS ONE 18(1): e0278468, eq. 9-13.

    >>> costs = pd.DataFrame({"from_id": ["p", "p"], "to_id": ["a", "b"], "cost": [0.0, 0.0]})
    >>> found = spatial_availability(
    ...     costs, supply=pd.Series({"p": 6}), demand=pd.Series({"a": 100, "b": 200}), decay=lambda cost: cost + 1
    ... )
    >>> found.total.to_dict(), found.per_person.to_dict()
    ({'a': 2.0, 'b': 4.0}, {'a': 0.02, 'b': 0.02})
    """
    require_arguments(
        costs=("frame", costs), supply=("series", supply), demand=("series", demand), alpha=("number", alpha)
    )
    if not (alpha >= 0 and np.isfinite(alpha)):
        raise LayerError(problem("catchment_alpha", value=str(alpha)))
    city = _city(costs, supply=supply, demand=demand, decay=decay)
    competing = city.competing(alpha)
    total = competing.T @ city.shared(competing.sum(axis=1))
    inhabited = city.people > 0
    per_person = np.divide(total, city.people, out=np.full(len(total), np.nan), where=inhabited)
    return SpatialAvailability(
        total=city.by_neighbourhood(total), per_person=city.by_neighbourhood(per_person), catchments=city.catchments()
    )


def cumulative(costs: pd.DataFrame, *, supply: pd.Series, demand: pd.Series, decay: DecayFunction) -> pd.Series:
    """Cumulative reach: the supply within reach of each neighbourhood, shared with nobody.

    H_i = Σ_j S_j·f(c_ji). It counts a post once for every neighbourhood it reaches, so it does not add up to the
    supply: a picture of what is near, to be read beside `two_step`, which says what is left after sharing.

    Parameters
    ----------
    costs, supply, demand, decay : as `two_step`; of `demand` only where people live matters.

    Returns
    -------
    Series in the unit of the supply by neighbourhood id, ≥ 0: 0 where nothing reaches, missing where nobody lives.

    Raises
    ------
    LayerError : as `two_step`.

    Source: Hansen (1959), Journal of the American Institute of Planners 25.

    >>> costs = pd.DataFrame({"from_id": ["p", "q"], "to_id": ["a", "a"], "cost": [10.0, 15.0]})
    >>> supply, people = pd.Series({"p": 4, "q": 5}), pd.Series({"a": 100, "b": 50})
    >>> cumulative(costs, supply=supply, demand=people, decay=lambda cost: cost <= 12).to_dict()
    {'a': 4.0, 'b': 0.0}
    """
    require_arguments(costs=("frame", costs), supply=("series", supply), demand=("series", demand))
    city = _city(costs, supply=supply, demand=demand, decay=decay)
    amount = city.weights.T @ (city.supply * city.strongest)
    return city.by_neighbourhood(np.where(city.people > 0, amount, np.nan))


def catchments(costs: pd.DataFrame, *, supply: pd.Series, demand: pd.Series, decay: DecayFunction) -> Catchments:
    """Whom each facility reaches: what stands behind `two_step` and `spatial_availability`.

    Parameters
    ----------
    costs, supply, demand, decay : as `two_step`.

    Returns
    -------
    Catchments with `facilities`, `neighbourhoods`, `used`, `unused` and `unreached`.

    Raises
    ------
    LayerError : as `two_step`.

    >>> costs = pd.DataFrame({"from_id": ["p"], "to_id": ["a"], "cost": [5.0]})
    >>> supply, people = pd.Series({"p": 4, "far": 3}), pd.Series({"a": 100, "b": 50})
    >>> found = catchments(costs, supply=supply, demand=people, decay=lambda cost: cost <= 10)
    >>> found.used, found.unused, found.unreached
    (4.0, 3.0, ('b',))
    """
    require_arguments(costs=("frame", costs), supply=("series", supply), demand=("series", demand))
    return _city(costs, supply=supply, demand=demand, decay=decay).catchments()


@dataclass(frozen=True, kw_only=True)
class _City:
    """Inputs met by id, in the order of ids, so that the order of rows cannot change a sum.

    weights : facility × neighbourhood, pairs with a weight above 0 and people only, each row over its `strongest`, so
        that the tail of a decay neither vanishes nor overflows; `strongest` is 1 where a facility reaches nobody.
    """

    weights: csr_array
    strongest: FloatArray
    supply: FloatArray
    people: FloatArray
    facility_order: npt.NDArray[np.intp]
    neighbourhood_order: npt.NDArray[np.intp]
    given_supply: pd.Series
    given_demand: pd.Series

    def shared(self, competition: FloatArray) -> FloatArray:
        """Supply per unit of competition for each facility; 0 where nobody competes."""
        return np.divide(self.supply, competition, out=np.zeros(len(competition)), where=competition > 0)

    def competing(self, alpha: float) -> csr_array:
        """Weights times people^alpha, people being those of the largest neighbourhood in reach at most 1."""
        competing = self.weights.copy()
        residents = self.people[competing.indices]
        largest = _row_maxima(residents, competing.indptr)
        competing.data = competing.data * (residents / np.repeat(largest, np.diff(competing.indptr))) ** alpha
        return competing

    def by_neighbourhood(self, values: FloatArray) -> pd.Series:
        """Values in the order and under the ids the demand was given in."""
        given = np.empty(len(values))
        given[self.neighbourhood_order] = values
        return pd.Series(given, index=self.given_demand.index, name=self.given_supply.name)

    def catchments(self) -> Catchments:
        reached = self.weights.copy()
        reached.data = np.ones(len(reached.data))
        table = np.empty((len(self.supply), 3))
        table[self.facility_order, 0] = np.diff(reached.indptr)
        table[self.facility_order, 1] = reached @ self.people
        table[self.facility_order, 2] = (self.weights @ self.people) * self.strongest
        facilities = pd.DataFrame(
            {
                "supply": self.given_supply.astype(float),
                "neighbourhoods": table[:, 0].astype(int),
                "people": table[:, 1],
                "weighted_people": table[:, 2],
                "reaches_anyone": table[:, 0] > 0,
            }
        )
        around = self.by_neighbourhood(reached.sum(axis=0)).astype(int)
        places = pd.DataFrame({"people": self.given_demand.astype(float), "facilities": around})
        return Catchments(facilities=facilities, neighbourhoods=places)


def _city(costs: pd.DataFrame, *, supply: pd.Series, demand: pd.Series, decay: DecayFunction) -> _City:
    staff, people = _amounts(supply, demand)
    pairs = matched(costs, facilities=supply.index, neighbourhoods=demand.index)
    weight = _weights(decay, pairs.cost)
    weight = np.where((people > 0)[pairs.target], weight, 0.0)
    facility_order, facility_rank = _order(supply.index)
    neighbourhood_order, neighbourhood_rank = _order(demand.index)
    ends = facility_rank[pairs.origin], neighbourhood_rank[pairs.target]
    weights = csr_array((weight, ends), shape=(len(staff), len(people)))
    weights.eliminate_zeros()
    strongest = _row_maxima(weights.data, weights.indptr)
    weights.data = weights.data / np.repeat(strongest, np.diff(weights.indptr))
    return _City(
        weights=weights,
        strongest=strongest,
        supply=staff[facility_order],
        people=people[neighbourhood_order],
        facility_order=facility_order,
        neighbourhood_order=neighbourhood_order,
        given_supply=supply,
        given_demand=demand,
    )


def _row_maxima(data: FloatArray, starts: npt.NDArray[np.integer]) -> FloatArray:
    """Largest entry of each row of a sparse matrix; 1 for a row without any."""
    largest = np.ones(len(starts) - 1)
    rows = np.flatnonzero(np.diff(starts))
    if len(rows):
        largest[rows] = np.maximum.reduceat(data, starts[rows])
    return largest


def _order(ids: pd.Index) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Positions in the order of ids, and the rank of each position."""
    order = np.argsort(ids.to_numpy(dtype=str), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return order, rank


def _weights(decay: DecayFunction, cost: FloatArray) -> FloatArray:
    weight = np.asarray(decay(cost), dtype=np.float64)
    if weight.shape != cost.shape:
        raise LayerError(problem("decay_shape", decay=repr(decay), given=len(cost), got=weight.size))
    strange = ~(np.isfinite(weight) & (weight >= 0))
    if strange.any():
        costs = [f"{one:g}" for one in np.unique(cost[strange])[:SHOWN]]
        raise LayerError(problem("decay_values", costs, decay=repr(decay)))
    return weight


def _amounts(supply: pd.Series, demand: pd.Series) -> tuple[FloatArray, FloatArray]:
    """Supply and people as numbers, or all that is wrong with either; only supply may be missing."""
    found = Findings()
    read = {}
    for name, given in (("supply", supply), ("demand", demand)):
        if given.index.has_duplicates:
            found.error("ids_repeated", dict.fromkeys(given.index[given.index.duplicated()]), name=name)
        if not is_numeric(given):
            found.error("catchment_not_numbers", name=name, kind=str(given.dtype))
            continue
        read[name] = given.to_numpy(dtype=np.float64, na_value=np.nan)
        for code, wrong in (
            ("catchment_negative", read[name] < 0),
            ("catchment_infinite", np.isinf(read[name])),
            ("catchment_missing", np.isnan(read[name]) & (name == "demand")),
        ):
            if wrong.any():
                found.error(code, given.index[wrong], name=name)
    found.raise_if_any(LayerError)
    return read["supply"], read["demand"]
