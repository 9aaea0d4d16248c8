"""What participation consists of, by zone: its composition, whether it differs, and how much of it is embodied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.stats import t

from secequity import privacy
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.participation import ACTIVITIES, EMBODIED, people_behind
from secequity.results import PROFILE_TESTS, PROFILES, Shown
from secequity.shares import wilson
from secequity.texts import Language, text

Distance = Literal["total_variation", "aitchison"]
DISTANCES: tuple[Distance, ...] = get_args(Distance)
KINDS = ("embodied", "documentary")
HALF = 0.5
"""What an activity nobody recorded counts for Aitchison's distance, which knows no zeros (Jeffreys' prior)."""
BLOCK = 4_000_000


def kind_of(activities: pd.Series) -> pd.Series:
    """Whether each activity is embodied or documentary.

    >>> kind_of(pd.Series(["faena", "petition"])).tolist()
    ['embodied', 'documentary']
    """
    require_arguments(activities=("series", activities))
    return activities.isin(EMBODIED).map({True: KINDS[0], False: KINDS[1]}).astype(object)


def composition(records: pd.DataFrame, zones: pd.Series, *, k: int) -> pd.DataFrame:
    """What participation consists of in each zone, without cells that lead to fewer than `k` people.

    Parameters
    ----------
    records : as in `Participation.records`: `id`, `activity`, `people`, `hours`, `times`, `imputed`.
    zones : zone by neighbourhood id; records of a neighbourhood in none are left out.
    k : the smallest number of people a cell may be about.

    Returns
    -------
    Frame, a row a zone and activity: `zone`, `activity`, `kind`, `activities` (how many were recorded), `people`
    (attendances), `hours` (people times hours each; missing where none were recorded), `share` of the zone's
    activities, `imputed` (whether some of the hours are supposed) and `suppressed`: 1 to k − 1 people stand behind the
    cell, or it would give such a cell back by subtraction from what else is published.

    >>> log = pd.DataFrame({"id": ["a", "a", "b"], "activity": ["walk", "faena", "faena"], "people": [8, 9, 7],
    ...                     "hours": 2.0, "times": 1.0, "imputed": False})
    >>> table = composition(log, pd.Series({"a": "centre", "b": "periphery"}), k=5)
    >>> table[table["activity"] == "faena"]["share"].tolist()
    [0.5, 1.0]
    """
    require_arguments(records=("frame", records), zones=("by id", zones), k=("whole", k))
    inside = records.assign(zone=records["id"].map(zones), work=records["people"] * records["hours"])
    inside = inside[inside["zone"].notna()]
    grouped = inside.groupby(["zone", "activity"])
    table = pd.DataFrame(
        {
            "activities": grouped["times"].sum(),
            "people": grouped["people"].sum(),
            "hours": grouped["work"].sum(min_count=1),
            "imputed": grouped["imputed"].any(),
        }
    )
    every = pd.MultiIndex.from_product([sorted(inside["zone"].unique()), ACTIVITIES], names=["zone", "activity"])
    table = table.reindex(every)
    table["imputed"] = table["imputed"].eq(True)
    table[["activities", "people"]] = table[["activities", "people"]].fillna(0.0)
    table["hours"] = table["hours"].mask(table["activities"] == 0, 0.0)
    totals = table.groupby("zone")["activities"].transform("sum")
    table["share"] = table["activities"] / totals
    hidden = _hidden(inside, every, k=k)
    figures = ["activities", "people", "hours", "share"]
    table[figures] = table[figures].mask(hidden)
    table["imputed"] &= ~hidden
    table["suppressed"] = hidden
    table = table.reset_index()
    return table.assign(kind=kind_of(table["activity"]))[list(PROFILES)]


def _hidden(inside: pd.DataFrame, cells: pd.MultiIndex, *, k: int) -> pd.Series:
    """Cells of zone and activity that may not be shown, nor follow from what else is published of the zone: its
    activities by kind and over all (the embodied shares and their intervals), and its hours (the ledger)."""
    if inside.empty:
        return pd.Series(False, index=cells)
    behind = people_behind(inside, inside["activity"])
    zone_of = inside.drop_duplicates("id").set_index("id")["zone"]
    summed = behind.groupby(zone_of.reindex(behind.index)).sum()
    summed = summed.reindex(index=cells.levels[0], columns=cells.levels[1]).fillna(0.0)
    people = pd.Series({cell: summed.at[cell] for cell in cells}, index=cells, dtype=float)
    zones = pd.Series(cells.get_level_values("zone"), index=cells)
    kinds = kind_of(pd.Series(cells.get_level_values("activity"), index=cells))
    within = privacy.complement(people, zones + " " + kinds, k=k)
    across = privacy.complement(people, zones, k=k, few=within.cells & (zones + " " + kinds).map(within.totals))
    alone = zones.map(across.totals)
    hidden = within.cells | across.cells | (alone & (people > 0))
    return hidden | _hidden_hours(inside, hidden, zones, k=k)


def _hidden_hours(inside: pd.DataFrame, hidden: pd.Series, zones: pd.Series, *, k: int) -> pd.Series:
    """Further cells to withhold so that no hours of few people follow from the zone's, which the ledger adds up to.

    An activity without hours covers no hours, and hours may be of fewer people than the activity.
    """
    working = inside[inside["work"] > 0]
    if working.empty:
        return pd.Series(False, index=hidden.index)
    behind = people_behind(working, working["activity"])
    zone_of = working.drop_duplicates("id").set_index("id")["zone"]
    summed = behind.groupby(zone_of.reindex(behind.index)).sum()
    told = {cell: summed.at[cell] for cell in hidden.index if cell[0] in summed.index and cell[1] in summed}
    people = pd.Series(told, dtype=float).reindex(hidden.index).fillna(0.0)
    few = privacy.too_few(people, k=k)
    asked = zones.isin(zones[few])
    found = privacy.complement(people, zones, k=k, few=asked & (few | hidden) & (people > 0))
    return found.cells | (zones.map(found.totals) & (people > 0))


def embodied_share(
    records: pd.DataFrame, zones: pd.Series, *, k: int, level: float = 0.95
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How much of participation is embodied rather than documentary, by neighbourhood and by zone.

    The share of recorded activities that are patrols, faenas and quotas, from 0 (all of it leaves a paper) to 1 (all of
    it takes somebody's body or pays for one). Interval of a neighbourhood: Wilson's, its activities as draws. Of a
    zone: of the ratio, its neighbourhoods as draws, Student's t on the log-odds.

    Parameters
    ----------
    records : as in `Participation.records`.
    zones : zone by neighbourhood id.
    k : the smallest number of people a figure may be about.
    level : of the intervals.

    Returns
    -------
    Two frames with `embodied_share`, `low`, `high` and `status`: by neighbourhood id (of those with records; `ok` or
    `suppressed`: a kind has 1 to k − 1 people behind it, or the zone's total would give one back), and by zone (`ok`,
    `suppressed`, or `cannot tell` an interval of fewer than two neighbourhoods).

    >>> kinds = ["walk", "faena", "faena", "dues"]
    >>> log = pd.DataFrame({"id": ["a"] * 4, "activity": kinds, "people": 9, "times": 1.0})
    >>> areas, _ = embodied_share(log, pd.Series({"a": "centre"}), k=5)
    >>> areas.loc["a", ["embodied_share", "low", "high"]].round(3).tolist()      # 3 of 4; Wilson
    [0.75, 0.301, 0.954]
    """
    require_arguments(records=("frame", records), zones=("by id", zones), k=("whole", k), level=("number", level))
    kinds = kind_of(records["activity"])
    counts = records.groupby([records["id"], kinds.rename("kind")])["times"].sum().unstack().fillna(0.0)
    counts = counts.reindex(columns=list(KINDS), fill_value=0.0)
    people = people_behind(records, kinds).reindex(index=counts.index, columns=list(KINDS), fill_value=0.0)
    zone = zones.reindex(counts.index)
    hidden = _hidden_kinds(people, zone, k=k)
    total = counts.sum(axis=1)
    share = counts[KINDS[0]] / total
    low, high = wilson(share, total, level=level)
    areas = pd.DataFrame({"zone": zone, "embodied_share": share, "low": low, "high": high}, index=counts.index)
    areas[["embodied_share", "low", "high"]] = areas[["embodied_share", "low", "high"]].mask(hidden)
    areas["status"] = hidden.map({True: "suppressed", False: "ok"})
    rows = {name: _of_zone(counts[zone == name], people[zone == name], k=k, level=level) for name in _names(zone)}
    columns = ["embodied_share", "low", "high", "status"]
    return areas, pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("zone")


def _names(zone: pd.Series) -> list[str]:
    return sorted(zone.dropna().unique())


def _hidden_kinds(people: pd.DataFrame, zone: pd.Series, *, k: int) -> pd.Series:
    """Neighbourhoods whose two kinds may not be told apart, nor follow from the zone's totals of each kind."""
    hidden = pd.Series(False, index=people.index)
    for kind in KINDS:
        hidden |= privacy.too_few(people[kind], k=k)
    groups = zone.fillna("none")
    while True:
        before = hidden.sum()
        for kind in KINDS:
            held = privacy.complement(people[kind], groups, k=k, few=hidden & (people[kind] > 0))
            hidden |= held.cells
        if hidden.sum() == before:
            return hidden


def _of_zone(counts: pd.DataFrame, people: pd.DataFrame, *, k: int, level: float) -> list[object]:
    """The share of a zone with its interval, neighbourhoods as draws."""
    if privacy.too_few(people.sum(), k=k).any():
        return [np.nan, np.nan, np.nan, "suppressed"]
    total, n = counts.sum(axis=1), len(counts)
    share = float(counts[KINDS[0]].sum() / total.sum())
    if n < 2 or share in (0.0, 1.0):
        return [share, np.nan, np.nan, "cannot tell"]
    residual = counts[KINDS[0]] - share * total
    error = np.sqrt(n / (n - 1) * float((residual**2).sum())) / float(total.sum())
    wide = float(t.ppf((1 + level) / 2, n - 1)) * error / (share * (1 - share))
    odds = np.log(share / (1 - share))
    return [share, *(float(1 / (1 + np.exp(-(odds + way * wide)))) for way in (-1, 1)), "ok"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CompositionTest(Shown):
    """Whether what participation consists of differs between the zones.

    value : the distance between the two compositions; total variation is the share of one zone's activities that would
        have to be others for both to be alike, and so the effect size in its own right.
    expected : the distance that zones drawn at random among the same neighbourhoods have on average.
    p_value : how often they are as far apart, at least 1 / (permutations + 1).
    effect : (value − expected) / (largest − expected) for total variation, in standard deviations of the random
        distances for Aitchison's: 0 where the zones differ no more than any two groups.
    """

    distance: Distance
    value: float
    expected: float
    p_value: float
    effect: float
    permutations: int
    n_centre: int
    n_periphery: int

    def to_frame(self) -> pd.DataFrame:
        """One row with the columns of `secequity.results.PROFILE_TESTS`."""
        return pd.DataFrame([[getattr(self, name) for name in PROFILE_TESTS]], columns=list(PROFILE_TESTS))

    def summary(self, language: Language = "en") -> str:
        """How far apart the zones are, and how often chance alone takes groups so far apart."""
        values = {"p": self.p_value, "n": self.permutations}
        if self.distance == "aitchison":
            return text("profiles.aitchison", language, value=self.value, expected=self.expected, **values)
        shares = {"value": round(100 * self.value), "expected": round(100 * self.expected)}
        return text("profiles.total_variation", language, **shares, **values)


def composition_test(
    records: pd.DataFrame,
    zones: pd.Series,
    *,
    distance: Distance = "total_variation",
    together: Collection[str] = (),
    permutations: int = 9999,
    rng: int | np.random.Generator | None = None,
) -> CompositionTest:
    """Test whether participation consists of other activities in the centre than in the periphery.

    The zones' labels are permuted among whole neighbourhoods, so that what one neighbourhood does over and over is not
    taken for many. Total variation: ½ Σ |p_a − q_a|, from 0 to 1. Aitchison: Euclidean between centred log-ratios,
    ½ added to every count because it knows no zeros; it weighs rare activities like frequent ones.

    Parameters
    ----------
    records : as in `Participation.records`: `id`, `activity`, `times`.
    zones : `centre` or `periphery` by neighbourhood id.
    distance : `total_variation` or `aitchison`.
    together : activities counted as one: a distance between all of them could give back those that may not be shown.
    permutations : of the labels.
    rng : seed or generator.

    Raises
    ------
    LayerError : a zone has no neighbourhood with records, or the distance is unknown.

    Source: Aitchison (1986), The Statistical Analysis of Compositional Data; permutation of whole units, Anderson
    (2001), Austral Ecology 26(1).

    >>> kinds = ["walk", "walk"] * 2 + ["faena", "walk"] * 2
    >>> log = pd.DataFrame({"id": list("aabbccdd"), "activity": kinds, "times": 1.0})
    >>> zones = pd.Series({"a": "centre", "b": "centre", "c": "periphery", "d": "periphery"})
    >>> composition_test(log, zones, permutations=99, rng=1).value     # half of the periphery's would have to be walks
    0.5
    """
    require_arguments(
        records=("frame", records),
        zones=("by id", zones),
        together=("collection", together),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    if distance not in DISTANCES:
        raise LayerError(problem("distance_unknown", [distance], words=", ".join(DISTANCES)))
    counts = records.groupby(["id", "activity"])["times"].sum().unstack().fillna(0.0).sort_index()
    counts = counts.reindex(columns=list(ACTIVITIES), fill_value=0.0)
    joined = [one for one in ACTIVITIES if one in together]
    counts = counts.drop(columns=joined).assign(**({"together": counts[joined].sum(axis=1)} if joined else {}))
    zone = zones.reindex(counts.index)
    counts, zone = counts[zone.notna()], zone[zone.notna()]
    centre = (zone == "centre").to_numpy()
    if centre.all() or not centre.any():
        raise LayerError(problem("profiles_one_zone"))
    table = counts.to_numpy(dtype=float)
    value = float(_distances(table, centre[None, :], distance)[0])
    drawn = _random_distances(table, centre, distance, permutations, np.random.default_rng(rng))
    expected, spread = float(drawn.mean()), float(drawn.std())
    room = 1 - expected if distance == "total_variation" else spread
    return CompositionTest(
        distance=distance,
        value=value,
        expected=expected,
        p_value=(int((drawn >= value - 1e-12).sum()) + 1) / (permutations + 1),
        effect=(value - expected) / room if room > 0 else 0.0,
        permutations=permutations,
        n_centre=int(centre.sum()),
        n_periphery=int((~centre).sum()),
    )


def _random_distances(
    table: np.ndarray, centre: np.ndarray, distance: Distance, permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """Distances between groups as large as the zones, drawn at random, in blocks that fit the memory."""
    block = max(1, BLOCK // len(centre))
    parts = [
        _distances(table, rng.permuted(np.tile(centre, (min(block, permutations - at), 1)), axis=1), distance)
        for at in range(0, permutations, block)
    ]
    return np.concatenate(parts)


def _distances(table: np.ndarray, centres: np.ndarray, distance: Distance) -> np.ndarray:
    """The distance between centre and the rest, a row of `centres` each."""
    inside = centres.astype(float) @ table
    outside = table.sum(axis=0) - inside
    if distance == "aitchison":
        logs = [np.log(side + HALF) for side in (inside, outside)]
        centred = [one - one.mean(axis=1, keepdims=True) for one in logs]
        return np.asarray(np.sqrt(((centred[0] - centred[1]) ** 2).sum(axis=1)))
    shares = [side / np.maximum(side.sum(axis=1, keepdims=True), 1e-300) for side in (inside, outside)]
    return np.asarray(np.abs(shares[0] - shares[1]).sum(axis=1) / 2)
