"""The gap between the casco urbano and the periphery."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import get_args

import numpy as np
import pandas as pd

from secequity.checks import Findings, align, require_arguments
from secequity.equity._people import check, label, numbers
from secequity.errors import LayerError, problem
from secequity.results import Shown
from secequity.texts import text
from secequity.words import Zone


@dataclass(frozen=True, kw_only=True, eq=False)
class Gap(Shown):
    """Means of two zones among their people, and what was left out.

    centre, periphery : the zone's total over its people, in the unit of the values; nan where nothing is known.
    difference, ratio : centre less periphery, centre over periphery; the ratio is nan where the periphery has none.
    n_centre, n_periphery : neighbourhoods with people and a value.
    people_centre, people_periphery : their people.
    n_missing, people_missing : neighbourhoods of the two zones without a value, and their people where known.
    n_without_zone : neighbourhoods that belong to neither zone.
    """

    measure: str
    centre: float
    periphery: float
    difference: float
    ratio: float
    n_centre: int
    n_periphery: int
    people_centre: float
    people_periphery: float
    n_missing: int
    people_missing: float
    n_without_zone: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def summary(self, language: str = "en") -> str:
        """The gap in a sentence, with what was left out."""
        known = (
            "summary" if self.ratio == self.ratio else "no_ratio" if self.difference == self.difference else "unknown"
        )
        sentence = text(f"equity.gap.{known}", language, **asdict(self))
        left_out = {"equity.gap.missing": self.n_missing, "equity.gap.without_zone": self.n_without_zone}
        return " ".join([sentence, *(text(key, language, n=n) for key, n in left_out.items() if n)])


def gap(values: pd.Series, zones: pd.Series, *, weights: pd.Series) -> Gap:
    """Mean of `values` among the people of the centre against the people of the periphery.

    mean of a zone = Σ w·x / Σ w over its neighbourhoods: with x per 1,000 people and w people, the zone's total over
    its people. A neighbourhood whose value is missing leaves with its people, and is counted; one where nobody lives
    weighs nothing; one in neither zone is counted and left out.

    Parameters
    ----------
    values : amount per person (or per 1,000, or a share) by neighbourhood id; missing allowed.
    zones : `centre`, `periphery` or missing, by neighbourhood id.
    weights : people by neighbourhood id; may be missing only where the value is.

    Returns
    -------
    Gap with `centre`, `periphery`, `difference` and `ratio` in the unit of `values`. The ratio is nan, not infinite,
    where the periphery has none.

    Raises
    ------
    LayerError : a zone has another name, all neighbourhoods are in one zone, people are missing or negative.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: disparities as difference and ratio of population-weighted rates, Harper & Lynch (2005), NCI, ch. 3.

    >>> import pandas as pd
    >>> ids = ["plaza", "loma", "quebrada"]
    >>> rate = pd.Series([4.0, 1.0, 2.0], index=ids, name="police_per_1000")
    >>> zones = pd.Series(["centre", "periphery", "periphery"], index=ids)
    >>> people = pd.Series([1000, 3000, 1000], index=ids)
    >>> found = gap(rate, zones, weights=people)
    >>> found.periphery, found.ratio    # (3·1 + 1·2) / 4 = 1.25; 4 / 1.25
    (1.25, 3.2)
    """
    require_arguments(values=("series", values), zones=("series", zones), weights=("series", weights))
    return gap_of_table(zone_table(values, zones, weights=weights), measure=label(values, "values"))


def gap_of_table(table: pd.DataFrame, *, measure: str) -> Gap:
    """The gap of a `zone_table`."""
    zoned = table["zone"].notna().to_numpy()
    zone = table["zone"].where(zoned, None).to_numpy(dtype=object)
    people, amount = table["people"].to_numpy(), table["amount"].to_numpy()
    absent = np.isnan(amount)
    missing = absent & zoned
    means, counts, residents = {}, {}, {}
    for one in get_args(Zone):
        part = ~absent & (people > 0) & (zone == one)
        residents[one] = float(people[part].sum())
        counts[one] = int(part.sum())
        means[one] = float(amount[part].sum() / residents[one]) if counts[one] else np.nan
    centre, periphery = means["centre"], means["periphery"]
    return Gap(
        measure=measure,
        centre=centre,
        periphery=periphery,
        difference=centre - periphery,
        ratio=centre / periphery if periphery else np.nan,
        n_centre=counts["centre"],
        n_periphery=counts["periphery"],
        people_centre=residents["centre"],
        people_periphery=residents["periphery"],
        n_missing=int(missing.sum()),
        people_missing=float(np.nansum(people[missing])),
        n_without_zone=int((~zoned).sum()),
    )


def zone_table(values: pd.Series, zones: pd.Series, *, weights: pd.Series) -> pd.DataFrame:
    """`zone`, `people` and `amount` (value times people) by neighbourhood id, in the order of ids; checked.

    Raises
    ------
    LayerError, AlignmentError : as `gap`.
    """
    name = label(values, "values")
    aligned = align(values, values.index, name=name)
    ids = aligned.index
    zone = align(zones, ids, name=label(zones, "zones")).astype(object)
    rate, residents = numbers(aligned), numbers(align(weights, ids, name=label(weights, "weights")))
    found = Findings()
    known = ~np.isnan(rate)
    check(found, rate[known], ids[known], name=name, signed=True)
    needed = known | ~np.isnan(residents)
    check(found, residents[needed], ids[needed], name=label(weights, "weights"))
    strange = ~zone.isin(get_args(Zone)) & zone.notna()
    if strange.any():
        found.error("zone_unknown", ids[strange], words=", ".join(sorted({str(one) for one in zone[strange]})))
    else:
        for one in get_args(Zone):
            if not (zone == one).any():
                found.errors.append(problem(f"zone_empty_{one}"))
    found.raise_if_any(LayerError)
    table = pd.DataFrame({"zone": zone, "people": residents, "amount": rate * residents}, index=ids)
    return table.sort_index(key=lambda order: order.astype(str))
