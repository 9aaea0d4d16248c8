"""What crimes that nobody reports could change: the same figures under a range of reporting rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from secequity.checks import align, require_arguments
from secequity.errors import LayerError, problem
from secequity.results import REPORTING, Shown
from secequity.texts import Language, text

WORST = 0.2
"""The share of neighbourhoods with most crime that a reader looks at first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reporting(Shown):
    """The comparison of the zones under pairs of reporting rates.

    table : a row a measure and pair of rates, columns `secequity.results.REPORTING`.
    tipping : by measure, the centre's reporting rate over the periphery's at which neither zone has more; missing where
        a zone has none.
    """

    table: pd.DataFrame
    tipping: dict[str, float]

    def to_frame(self) -> pd.DataFrame:
        """The table."""
        return self.table

    def summary(self, language: Language = "en") -> str:
        """In how many of the pairs the comparison of crime comes out the other way, and where it turns."""
        crime = self.table[self.table["measure"] == "crime_per_1000"]
        values = {"turns": int(crime["turns"].sum()), "pairs": len(crime), "tipping": self.tipping["crime_per_1000"]}
        return text("reporting.summary", language, **values)


def sensitivity(
    crimes: pd.Series,
    people: pd.Series,
    zones: pd.Series,
    *,
    rates: Iterable[float],
    supply: pd.Series | None = None,
) -> Reporting:
    """Crime per 1,000 people, and service per crime, in centre and periphery if only a share of crimes is reported.

    Crimes that happened = crimes reported / reporting rate, for every pair of rates of centre and periphery. Where both
    report alike the level changes and no comparison does; where they differ, a comparison turns at the tipping ratio.

    Parameters
    ----------
    crimes : crimes reported in a period by neighbourhood id, 0 or more; missing ones are left out.
    people : residents by neighbourhood id.
    zones : `centre` or `periphery` by neighbourhood id; those in neither are left out.
    rates : shares of crimes that are reported, above 0 and at most 1, as a victimisation survey tells them.
    supply : official hours a week by neighbourhood id, to set against crimes.

    Returns
    -------
    Reporting: `measure` is `crime_per_1000`, and with `supply` `official_hours_per_crime`; `ratio` centre over
    periphery; `rank_correlation` (Spearman) of the neighbourhoods' figures with those as reported; `turns`, whether the
    zone with more is another one than as reported; `leave_worst_fifth`, neighbourhoods no longer among the worst.

    Raises
    ------
    LayerError : a rate is not above 0 and at most 1, a count is negative, or a zone is empty.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: in Peru 15.5 % of victims reported (INEI, 2018); bounds instead of one guess, Manski (2003), Partial
    Identification of Probability Distributions.

    >>> crimes, people = pd.Series({"a": 30.0, "b": 20.0}), pd.Series({"a": 1000.0, "b": 1000.0})
    >>> found = sensitivity(crimes, people, pd.Series({"a": "centre", "b": "periphery"}), rates=[0.1, 0.2])
    >>> found.tipping["crime_per_1000"], found.table["turns"].tolist()
    (1.5, [False, False, True, False])
    """
    require_arguments(
        crimes=("numbers", crimes),
        people=("numbers", people),
        zones=("by id", zones),
        rates=("collection", rates),
        supply=("numbers or none", supply),
    )
    shares = _checked(rates)
    ids = people.index
    given = pd.DataFrame(
        {"crimes": align(crimes, ids, name="crimes"), "people": people, "zone": align(zones, ids, name="zones")}
    )
    given["supply"] = np.nan if supply is None else align(supply, ids, name="supply")
    if (given[["crimes", "people", "supply"]] < 0).any(axis=None):
        raise LayerError(problem("reporting_negative"))
    given = given[given["crimes"].notna() & (given["people"] > 0) & given["zone"].isin(["centre", "periphery"])]
    if given["zone"].nunique() < 2:
        raise LayerError(problem("reporting_one_zone"))
    measures = ["crime_per_1000"] if supply is None else ["crime_per_1000", "official_hours_per_crime"]
    rows = [_row(given, measure, *pair) for measure in measures for pair in product(shares, shares)]
    table = pd.DataFrame(rows, columns=list(REPORTING))
    tipping = table.drop_duplicates("measure").set_index("measure")["tipping_ratio"]
    return Reporting(table=table, tipping={one: float(tipping[one]) for one in measures})


def _checked(rates: Iterable[float]) -> list[float]:
    shares = sorted(dict.fromkeys(float(one) for one in rates))
    bad = [one for one in shares if not 0 < one <= 1]
    if bad or not shares:
        raise LayerError(problem("reporting_rates", bad))
    return shares


def _row(given: pd.DataFrame, measure: str, centre: float, periphery: float) -> dict[str, object]:
    """One measure under one pair of reporting rates."""
    rate = given["zone"].map({"centre": centre, "periphery": periphery}).astype(float)
    reported, happened = _figures(given, measure, given["crimes"]), _figures(given, measure, given["crimes"] / rate)
    before, after = _ratio(given, measure, given["crimes"]), _ratio(given, measure, given["crimes"] / rate)
    zones = _zones(given, measure, given["crimes"] / rate)
    worst = _worst(reported, measure).difference(_worst(happened, measure))
    known = np.isfinite(before) and before > 0
    return {
        "measure": measure,
        "rate_centre": centre,
        "rate_periphery": periphery,
        "centre": zones["centre"],
        "periphery": zones["periphery"],
        "ratio": after,
        "rank_correlation": _spearman(reported, happened),
        "turns": bool(known and (before - 1) * (after - 1) < 0),
        "tipping_ratio": (before if measure == "crime_per_1000" else 1 / before) if known else np.nan,
        "leave_worst_fifth": ", ".join(worst),
    }


def _figures(given: pd.DataFrame, measure: str, crimes: pd.Series) -> pd.Series:
    """By neighbourhood: crimes per 1,000 people, or hours of service for each crime."""
    if measure == "crime_per_1000":
        return 1000 * crimes / given["people"]
    return (given["supply"] / crimes.where(crimes > 0)).dropna()


def _zones(given: pd.DataFrame, measure: str, crimes: pd.Series) -> pd.Series:
    """The same by zone: its total over its total, of the neighbourhoods where both are known."""
    table = given.assign(crimes=crimes)
    if measure != "crime_per_1000":
        table = table[table["supply"].notna()]
    sums = table.groupby("zone")[["crimes", "people", "supply"]].sum().reindex(["centre", "periphery"])
    if measure == "crime_per_1000":
        return 1000 * sums["crimes"] / sums["people"]
    return sums["supply"] / sums["crimes"].where(sums["crimes"] > 0)


def _ratio(given: pd.DataFrame, measure: str, crimes: pd.Series) -> float:
    zones = _zones(given, measure, crimes)
    return float(zones["centre"] / zones["periphery"]) if zones["periphery"] > 0 else np.nan


def _worst(figures: pd.Series, measure: str) -> pd.Index:
    """The fifth of the neighbourhoods with most crime, or with least service for each crime."""
    count = max(1, round(WORST * len(figures)))
    ordered = figures.sort_index().sort_values(ascending=measure != "crime_per_1000", kind="stable")
    return ordered.index[:count]


def _spearman(one: pd.Series, other: pd.Series) -> float:
    ranks = pd.concat([one.rank(), other.rank()], axis=1).dropna().to_numpy()
    if len(ranks) < 2 or (ranks.std(axis=0) == 0).any():
        return np.nan
    return float(np.corrcoef(ranks.T)[0, 1])
