"""What each group of people receives where it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from secequity.checks import Findings, align, require_arguments
from secequity.equity._people import check, label, numbers
from secequity.errors import LayerError
from secequity.inference import Interval, Rng
from secequity.results import Shown
from secequity.reweighting import intervals
from secequity.segregation._groups import FloatArray, one_group
from secequity.texts import number, text


@dataclass(frozen=True, kw_only=True, eq=False)
class Received(Shown):
    """What an average member of a group has around, and what an average other resident has.

    group, measure : of whom, and of what. of_group, of_others : means in the unit of the values.
    difference, ratio : group less others, group over others, each an Interval; the ratio is nan where others have none.
    n, n_missing : neighbourhoods with people and a value, and those without a value, left out with their people.
    """

    group: str
    measure: str
    of_group: float
    of_others: float
    difference: Interval
    ratio: Interval
    n: int
    n_missing: int

    def to_frame(self) -> pd.DataFrame:
        """One row; `low` and `high` bound the difference."""
        row: dict[str, Any] = {
            "group": self.group,
            "measure": self.measure,
            "of_group": self.of_group,
            "of_others": self.of_others,
            "difference": self.difference.estimate,
            "low": self.difference.low,
            "high": self.difference.high,
            "level": self.difference.level,
            "ratio": self.ratio.estimate,
            "ratio_low": self.ratio.low,
            "ratio_high": self.ratio.high,
            "n": self.n,
        }
        return pd.DataFrame([row])

    def summary(self, language: str = "en") -> str:
        """Both means in a sentence, and the interval of their difference."""
        said = text(
            "segregation.received",
            language,
            group=self.group,
            measure=self.measure,
            of_group=number(self.of_group),
            of_others=number(self.of_others),
        )
        return f"{said} {self.difference.summary(language)}"


def received(
    values: pd.Series,
    group: pd.Series,
    population: pd.Series,
    *,
    level: float = 0.95,
    rng: Rng = None,
) -> Received:
    """Mean of `values` around the members of a group against everybody else: does coverage reach them alike?

    Σ g·x/Σ g against Σ o·x/Σ o, g people of the group and o everybody else. A neighbourhood whose value is missing is
    left out with its people, and counted.

    Parameters
    ----------
    values : amount per person (or per 1,000) by neighbourhood id; missing allowed.
    group : people of the group by neighbourhood id, ≥ 0: those who speak Quechua, who are poor, who came recently.
    population : all people by neighbourhood id; not fewer than the group's.
    level : confidence level of the intervals, over neighbourhoods by jackknife.
    rng : seed or generator; only asked for where a city has more than 1,000 neighbourhoods.

    Returns
    -------
    Received. It says what there is where people live, not what each of them is given.

    Raises
    ------
    LayerError : counts missing, infinite or negative; more of the group than people; nobody, or everybody, is of it.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: exposure as in Lieberson (1981), with coverage in the place of the other group; intervals Efron & Tibshirani
    (1993), ch. 11.

    >>> import pandas as pd
    >>> ids = ["loma", "plaza"]
    >>> staff, poor = pd.Series([1.0, 3.0], index=ids), pd.Series([30, 10], index=ids)
    >>> found = received(staff, poor, pd.Series([40, 40], index=ids))
    >>> found.of_group, found.of_others       # ¾·1 + ¼·3 and ¼·1 + ¾·3
    (1.5, 2.5)
    """
    require_arguments(
        values=("series", values),
        group=("series", group),
        population=("series", population),
        level=("number", level),
        rng=("rng", rng),
    )
    aligned = align(values, values.index, name=label(values, "values"))
    missing = aligned.isna()
    found = Findings()
    check(found, numbers(aligned[~missing]), aligned.index[~missing], name=label(values, "values"), signed=True)
    found.raise_if_any(LayerError)
    known = values.index[~missing]
    of_whom, people = (align(one, values.index, name=label(one, "group"))[known] for one in (group, population))
    city = one_group(of_whom, people)
    amount = numbers(aligned[city.ids])

    def figures(counted: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            mine, others = (
                (counted * part * amount).sum(axis=1) / (counted * part).sum(axis=1) for part in city.counts
            )
            return np.stack([mine - others, mine / np.where(others == 0, np.nan, others)])

    told = intervals(
        figures,
        city.ids,
        ranges={"difference": (-np.inf, np.inf), "ratio": (-np.inf, np.inf)},
        ratios=("ratio",),
        level=level,
        rng=rng,
    )
    of_group, of_others = (float(part @ amount / part.sum()) for part in city.counts)
    return Received(
        group=city.name,
        measure=label(values, "?"),
        of_group=of_group,
        of_others=of_others,
        difference=told["difference"],
        ratio=told["ratio"],
        n=len(city.ids),
        n_missing=int(missing.sum()),
    )
