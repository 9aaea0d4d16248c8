"""The same city in larger units: what is merged adds up, and what is measured is measured anew (the MAUP)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import autocorrelation, equity, gaps
from secequity.checks import align, require_arguments, require_metres
from secequity.errors import LayerError, SecEquityError, problem
from secequity.inference import Rng
from secequity.results import LEVELS, Shown
from secequity.texts import number, text
from secequity.words import Zone

BASE = "neighbourhood"
"""The name of the level of the neighbourhoods themselves."""

_MOVED = 0.01
"""So large a share of people in a unit of another zone is told."""

_COUNTS = ("n", "n_centre", "n_periphery")

_GAP = ("centre", "periphery", "difference", "ratio", "low", "high", "p_value", "n_centre", "n_periphery")


@dataclass(frozen=True, kw_only=True, eq=False)
class Merged(Shown):
    """Neighbourhoods merged into larger units.

    frame : a row a unit, index its id: `units` (neighbourhoods in it), people, the amounts and averages asked for,
        `zone` and `zone_share` where zones were given, and the shape, joined.
    zone_share : share of the people, among those of a zone, who live in a unit of their own zone; nan without zones.
    left_out : neighbourhoods that belong to no unit.
    """

    frame: gpd.GeoDataFrame
    zone_share: float
    left_out: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """The units, without their shapes."""
        return pd.DataFrame(self.frame.drop(columns=self.frame.geometry.name))

    def summary(self, language: str = "en") -> str:
        """How many neighbourhoods became how many units, and what was left out."""
        counts = {"before": int(self.frame["units"].sum()), "after": len(self.frame), "left": len(self.left_out)}
        said = text("levels.merged", language, **counts)
        if self.zone_share == self.zone_share:
            said += " " + text("levels.zone_share", language, share=number(100 * self.zone_share, 1))
        return said


def merge(
    neighbourhoods: gpd.GeoDataFrame,
    groups: pd.Series,
    *,
    people: str = "population",
    amounts: Sequence[str] = (),
    averages: Sequence[str] = (),
    zone: str | None = None,
) -> Merged:
    """Neighbourhoods merged into larger units: people and amounts add up, averages weigh by people, shapes are joined.

    The zone of a unit is the one of more than half of its people; a unit without such a majority is in neither zone.

    Parameters
    ----------
    neighbourhoods : polygons by id, projected in metres, with the columns named below.
    groups : the larger unit by neighbourhood id; missing for what belongs to none.
    people : column of residents.
    amounts : columns that add up (officers, hours). Missing in one inhabited neighbourhood, missing in its unit: what
        is known of a part is not the whole.
    averages : columns that are averaged by people (poverty, per cents), over the neighbourhoods where they are known.
    zone : column of the zones.

    Returns
    -------
    Merged, with units ordered by id.

    Raises
    ------
    LayerError : not in metres, a column that is not there, no neighbourhood belongs to a unit.
    AlignmentError : the ids differ.

    Source: Openshaw (1984), The Modifiable Areal Unit Problem, CATMOG 38.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(
    ...     {"population": [100, 300, 50], "police": [1.0, 2.0, 3.0], "poverty": [10.0, 30.0, 50.0]},
    ...     geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718",
    ... )
    >>> units = pd.Series(["north", "north", "south"], index=list("abc"))
    >>> merge(row, units, amounts=["police"], averages=["poverty"]).to_frame().loc["north"].to_dict()
    {'units': 2.0, 'population': 400.0, 'police': 3.0, 'poverty': 25.0}
    """
    require_arguments(
        neighbourhoods=("layer", neighbourhoods),
        groups=("by id", groups),
        people=("text", people),
        amounts=("collection", amounts),
        averages=("collection", averages),
        zone=("text or none", zone),
    )
    require_metres(neighbourhoods, name="neighbourhoods")
    wanted = [people, *amounts, *averages, *([zone] if zone else [])]
    absent = [one for one in wanted if one not in neighbourhoods.columns]
    if absent:
        raise LayerError(problem("merge_columns", absent))
    unit, left_out = _units(groups, neighbourhoods.index)
    table = neighbourhoods.loc[unit.index]
    residents = table[people].astype(float)
    by_unit = unit.groupby(unit)
    columns: dict[str, pd.Series] = {"units": by_unit.size(), people: residents.groupby(unit).sum(min_count=1)}
    for name in amounts:
        whole = (table[name].notna() | (residents == 0)).groupby(unit).all()
        columns[name] = table[name].astype(float).groupby(unit).sum(min_count=1).where(whole)
    for name in averages:
        columns[name] = _average(table[name].astype(float), residents, unit)[0]
    share = np.nan
    if zone is not None:
        zones, share = majority(table[zone], unit, weights=residents)
        columns["zone"] = zones
    shapes = gpd.GeoSeries(table.geometry.groupby(unit).apply(lambda part: part.union_all()), crs=neighbourhoods.crs)
    frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=neighbourhoods.crs)
    return Merged(frame=frame.rename_axis("id"), zone_share=share, left_out=left_out)


def majority(zones: pd.Series, groups: pd.Series, *, weights: pd.Series) -> tuple[pd.Series, float]:
    """The zone of each unit, and the share of the people of a zone who live in a unit of their own zone.

    A unit has the zone of more than half of its people, and none where there is no such zone (people without a zone
    count).

    Parameters
    ----------
    zones : `centre`, `periphery` or missing by neighbourhood id.
    groups : the larger unit by neighbourhood id; missing for what belongs to none.
    weights : people by neighbourhood id.

    Raises
    ------
    LayerError : no neighbourhood belongs to a unit. AlignmentError : the ids differ.

    >>> import pandas as pd
    >>> ids = list("abc")
    >>> zones = pd.Series(["centre", "periphery", "periphery"], index=ids)
    >>> units = pd.Series(["north", "north", "south"], index=ids)
    >>> found, share = majority(zones, units, weights=pd.Series([10, 30, 60], index=ids))
    >>> found.to_dict(), share
    ({'north': 'periphery', 'south': 'periphery'}, 0.9)
    """
    require_arguments(zones=("by id", zones), groups=("by id", groups), weights=("numbers", weights))
    unit, _ = _units(groups, zones.index)
    side = zones.loc[unit.index]
    people = align(weights, zones.index, name="weights").loc[unit.index].astype(float).fillna(0.0)
    total = people.groupby(unit).sum()
    found = pd.Series(None, index=total.index, dtype=object, name="zone")
    for one in get_args(Zone):
        found[people.where(side == one, 0.0).groupby(unit).sum() > total / 2] = one
    zoned = people[side.notna()]
    stayed = zoned[found.reindex(unit[side.notna()]).to_numpy() == side.dropna().to_numpy()]
    return found, float(stayed.sum() / zoned.sum()) if zoned.sum() else np.nan


def _units(groups: pd.Series, ids: pd.Index) -> tuple[pd.Series, tuple[str, ...]]:
    """The unit of each neighbourhood that has one, ordered by id, and the others."""
    aligned = align(groups, ids, name="groups").sort_index(key=lambda order: order.astype(str))
    unit = aligned.dropna().astype(str)
    if unit.empty:
        raise LayerError(problem("merge_without", ids))
    return unit, tuple(map(str, aligned.index[aligned.isna()]))


def _average(values: pd.Series, people: pd.Series, unit: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The mean of each unit among the people of whom the value is known, and how many they are."""
    known = values.notna() & (people > 0)
    residents = people.where(known, 0.0).groupby(unit).sum()
    total = (values.where(known, 0.0) * people.where(known, 0.0)).groupby(unit).sum()
    return total / residents.where(residents > 0), residents


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels(Shown):
    """The main results of one measure at each level of aggregation.

    table : a row a level, the neighbourhoods first: `n` units with a value; the gap with its interval and test; Gini
        and Hoover among people; Moran's I and its p; `zone_share`, the people who live in a unit of their own zone;
        `reason`, why there is no gap.
    """

    measure: str
    table: pd.DataFrame

    @property
    def told(self) -> int:
        """How many levels give a gap."""
        return int(self.table["difference"].notna().sum())

    @property
    def same(self) -> int:
        """At how many of them the gap points the same way as among the neighbourhoods themselves."""
        sign = np.sign(self.table["difference"])
        return int((sign == sign.iloc[0]).sum())

    def to_frame(self) -> pd.DataFrame:
        """The table of levels."""
        return self.table

    def summary(self, language: str = "en") -> str:
        """At how many levels the gap points the same way, and where people change zone by merging."""
        return " ".join(self._sentences(language))

    def _sentences(self, language: str) -> Iterator[str]:
        if not self.told or np.isnan(self.table["difference"].iloc[0]):
            yield text("levels.none", language, measure=self.measure)
            return
        names = [text("levels.base", language) if one == BASE else one for one in self.table["level"]]
        said = ", ".join(f"{name} {number(ratio)}" for name, ratio in zip(names, self.table["ratio"], strict=True))
        yield text("levels.summary", language, measure=self.measure, same=self.same, told=self.told, levels=said)
        for level, share in zip(self.table["level"], self.table["zone_share"], strict=True):
            if 1 - share > _MOVED:
                yield text("levels.moved", language, level=level, share=number(100 * (1 - share), 1))


def levels(
    values: pd.Series,
    zones: pd.Series,
    *,
    weights: pd.Series,
    groups: Mapping[str, pd.Series],
    graphs: Mapping[str, Graph] | None = None,
    level: float = 0.95,
    replicates: int = 1999,
    permutations: int = 999,
    rng: Rng = None,
) -> Levels:
    """The gap, the inequality and the likeness of neighbours, measured anew at each level of aggregation.

    The value of a unit is the mean among its people: for a rate per 1,000, its total over its people. The zone of a
    unit is the one of more than half of its people (`majority`). Where the units lie within the zones, merging changes
    no digit of the gap; inequality falls, because what differs within a unit is no longer seen.

    Parameters
    ----------
    values : amount per person (or per 1,000, or a share) by neighbourhood id; missing allowed.
    zones : `centre`, `periphery` or missing by neighbourhood id.
    weights : people by neighbourhood id.
    groups : the larger unit by neighbourhood id, by the name of the level.
    graphs : who is a neighbour of whom, by the name of the level (`neighbourhood` for the neighbourhoods themselves);
        Moran's I is missing at a level without one.
    level, replicates, permutations : as in `secequity.gaps.compare_zones`; `permutations` also of Moran's I.
    rng : seed or generator.

    Returns
    -------
    Levels; a figure that does not exist at a level is missing there.

    Raises
    ------
    LayerError : two levels with the same name, or a level to which no neighbourhood belongs.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Openshaw (1984), The Modifiable Areal Unit Problem, CATMOG 38.

    >>> import pandas as pd
    >>> ids = list("abcd")
    >>> rate = pd.Series([4.0, 2.0, 1.0, 2.0], index=ids, name="police_per_1000")
    >>> zones = pd.Series(["centre", "centre", "periphery", "periphery"], index=ids)
    >>> people = pd.Series([100, 300, 100, 100], index=ids)
    >>> halves = pd.Series(["c", "c", "p", "p"], index=ids)
    >>> found = levels(rate, zones, weights=people, groups={"half": halves}, rng=1)
    >>> found.table[["level", "n", "centre", "periphery"]].values.tolist()
    [['neighbourhood', 4, 2.5, 1.5], ['half', 2, 2.5, 1.5]]
    """
    require_arguments(
        values=("numbers", values),
        zones=("by id", zones),
        weights=("numbers", weights),
        groups=("mapping", groups),
        graphs=("mapping or none", graphs),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    if BASE in groups:
        raise LayerError(problem("levels_name", [BASE]))
    people = align(weights, values.index, name="weights").astype(float)
    side = align(zones, values.index, name="zones")
    measure = "values" if values.name is None else str(values.name)
    whole = pd.Series(values.index.astype(str), index=values.index)
    seed = int(np.random.default_rng(rng).integers(2**63))
    rows = []
    for at, (name, group) in enumerate({BASE: whole, **groups}.items()):
        unit, _ = _units(group, values.index)
        mean, known = _average(values.astype(float).loc[unit.index], people.loc[unit.index], unit)
        zone, share = majority(side, group, weights=people)
        row: dict[str, object] = dict.fromkeys(LEVELS, np.nan)
        row |= {"measure": measure, "level": name, "n": int(mean.notna().sum()), "zone_share": share, "reason": None}
        mean = mean.rename(measure)
        options = {"level": level, "replicates": replicates, "permutations": permutations}
        row |= _gap(mean, zone, known, options, np.random.default_rng([seed, at]))
        row |= _spread(mean, known)
        row |= _space(mean, (graphs or {}).get(name), permutations, np.random.default_rng([seed, at, 1]))
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(LEVELS)).astype({**dict.fromkeys(_COUNTS, "Int64"), "reason": object})
    table["reason"] = table["reason"].where(table["reason"].notna(), None)
    return Levels(measure=measure, table=table)


def _gap(
    mean: pd.Series, zone: pd.Series, people: pd.Series, options: Mapping[str, float], rng: np.random.Generator
) -> dict[str, object]:
    """The gap at one level, or why there is none."""
    try:
        found = gaps.compare_zones(
            mean,
            zone,
            weights=people,
            level=options["level"],
            replicates=int(options["replicates"]),
            permutations=int(options["permutations"]),
            rng=rng,
        ).to_frame()
    except SecEquityError as refusal:
        return {"reason": refusal.problems[0].code}
    return {name: found[name].iloc[0] for name in _GAP}


def _spread(mean: pd.Series, people: pd.Series) -> dict[str, object]:
    """Inequality among people at one level."""
    known = mean.notna() & (people > 0)
    try:
        values, weights = mean[known], people[known]
        return {"gini": equity.gini(values, weights=weights), "hoover": equity.hoover(values, weights=weights)}
    except SecEquityError:
        return {}


def _space(mean: pd.Series, graph: Graph | None, permutations: int, rng: np.random.Generator) -> dict[str, object]:
    """Moran's I at one level."""
    if graph is None:
        return {}
    try:
        found = autocorrelation.moran(mean, graph, permutations=permutations, rng=rng)
    except SecEquityError:
        return {}
    return {"moran": found.value, "moran_p": found.p_value}
