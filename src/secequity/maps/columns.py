"""What the page knows of each neighbourhood, a column each, without the figures that are withheld."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.maps.packing import Codes, Floats, Multiple, Values, Words, as_multiple, as_told
from secequity.results import StudyTables
from secequity.wording import visible
from secequity.words import SUPPLIER_OF

SIGNIFICANT = 8
SAME = 2e-7
"""Two numbers of so many digits, and how many times one is the other, are apart by no more than this share."""

RESIDENTS = SUPPLIER_OF["community"]
SUPPLIERS = tuple(dict.fromkeys(SUPPLIER_OF.values()))
OWN_SHARE = "own_share"
UNRELIABLE = ("few_people", "few_events", "nobody")


def given(value: Any) -> bool:
    """Whether a cell holds anything."""
    return value is not None and value != "" and not (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def short(value: Any) -> float | int | None:
    """A number without the digits nobody can read; None where there is none."""
    if not given(value) or not math.isfinite(value):
        return None
    brief = float(f"{float(value):.{SIGNIFICANT}g}")
    return int(brief) if brief.is_integer() else brief


def shortened(values: pd.Series) -> pd.Series:
    """Every number as `short` gives it; what is missing or infinite is not a number."""
    full = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    size = np.abs(np.where(np.isfinite(full) & (full != 0), full, 1.0))
    places = SIGNIFICANT - 1 - np.floor(np.log10(size))
    scale = 10.0 ** np.clip(places, -300, 300)
    with np.errstate(invalid="ignore", over="ignore"):
        brief = np.where(np.isfinite(full), np.rint(full * scale) / scale, np.nan)
    return pd.Series(brief, index=values.index, dtype=float)


def numeric(values: Iterable[Any]) -> Values:
    """A column of measured numbers."""
    return Values(as_told(shortened(pd.Series(values))))


class Together:
    """Columns of measured numbers told together: one that is an earlier one so many times is told by it."""

    def __init__(self) -> None:
        self._earlier: list[tuple[pd.Series, Values]] = []

    def __call__(
        self, values: Iterable[Any], *, decimals: int | None = None, edges: tuple[Any, Any] | None = None
    ) -> Values | Multiple:
        """A column; `edges` are the bounds of its classes, and the same as the page tells them."""
        brief = shortened(pd.Series(values))
        for earlier, told in self._earlier:
            by = _times(brief.to_numpy(), earlier.to_numpy())
            found = None if by is None else as_multiple(brief, told, by, decimals=decimals, edges=edges)
            if found is not None:
                return found
        told = Values(as_told(brief, decimals=decimals))
        self._earlier.append((brief, told))
        return told


def _times(values: Floats, others: Floats) -> float | None:
    """How many times others they are, everywhere the same; None where they are not, or nothing is known of them."""
    known = np.isfinite(values)
    if len(values) != len(others) or (known != np.isfinite(others)).any() or not others[known].any():
        return None
    largest = np.abs(others[known]).argmax()
    by = float(values[known][largest] / others[known][largest])
    near = np.abs(values[known] - by * others[known]) <= SAME * np.abs(values[known])
    return by if by and near.all() else None


def plain(words: Iterable[Any]) -> Words:
    """A column of texts, each as it may stand in a line of the page."""
    texts = [str(one) for one in words]
    every = "".join(texts)
    return Words([one.strip() for one in texts] if every.isascii() and every.isprintable() else list(map(_line, texts)))


def coded(words: Iterable[Any]) -> Codes:
    """A column of a few words."""
    codes, found = pd.factorize(pd.Series(words, dtype=object).replace("", None))
    return Codes((codes + 1).astype(np.uint8), [None, *(visible(str(one)) for one in found)])


def chances(p_values: pd.Series) -> Codes:
    """P values as a reader meets them, in hundredths or thousandths: a few words; 0 below a thousandth.

    >>> told = chances(pd.Series([float("nan"), 0.0004, 0.0321, 0.049, 0.4]))
    >>> told.codes.tolist(), told.words
    ([0, 1, 2, 3, 4], [None, 0.0, 0.03, 0.049, 0.4])
    """
    p = p_values.to_numpy(dtype=float, na_value=np.nan)
    fine = (p < 0.01) | ((p >= 0.045) & (p < 0.055))
    told = np.where(p < 0.001, 0.0, np.where(fine, np.round(p, 3), np.round(p, 2)))
    words = np.unique(told[~np.isnan(told)])
    codes = np.where(np.isnan(told), 0, 1 + np.searchsorted(words, told))
    return Codes(codes.astype(np.uint8), [None, *words.tolist()])


def open_column(areas: pd.DataFrame, column: str, layer: object) -> pd.Series:
    """A column without the figures its layer withholds."""
    status = f"{layer}_status"
    return areas[column].mask(areas[status] == "suppressed") if status in areas else areas[column]


def mean_of(values: pd.Series, people: pd.Series) -> float | None:
    """The mean among people of those neighbourhoods that have a value."""
    known = values.notna() & (people > 0)
    total = float(people[known].sum())
    return short(float((values[known] * people[known]).sum()) / total) if total else None


def hours_by_supplier(tables: StudyTables) -> pd.DataFrame:
    """Hours a week by neighbourhood and supplier; missing where a layer of that supplier tells none.

    Columns are the suppliers of the ledger in their usual order; without rows where the study has no hours.
    """
    ids, ledger = tables.neighbourhoods.index, tables.ledger
    if ledger.empty:
        return pd.DataFrame(index=ids)
    hours = ledger.groupby(["id", "supplier"], sort=False)["hours_per_week"].sum().unstack().reindex(ids)
    for supplier in hours.columns:
        layers = ledger.loc[ledger["supplier"] == supplier, "layer"].unique()
        silent = pd.Series(False, index=ids)
        for layer in layers:
            status = f"{layer}_status"
            if status in tables.neighbourhoods:
                silent |= (tables.neighbourhoods[status] != "ok").to_numpy()
        hours[supplier] = hours[supplier].fillna(0.0).mask(silent)
    return hours[[one for one in SUPPLIERS if one in hours]]


def own_share(hours: pd.DataFrame) -> pd.Series | None:
    """The residents' part of all hours, in per cent; missing where any hour is missing or there are none."""
    if RESIDENTS not in hours or hours.shape[1] < 2:
        return None
    total = hours.sum(axis="columns", skipna=False)
    share = 100 * hours[RESIDENTS] / total.where(total > 0)
    return share.rename(OWN_SHARE) if share.notna().any() else None


def share_gap(hours: pd.DataFrame, zones: pd.Series) -> Mapping[str, float | None]:
    """The residents' part of a zone's hours, over the neighbourhoods where all hours are known."""
    known = hours.dropna()
    told: dict[str, float | None] = {}
    for zone in ("centre", "periphery"):
        inside = known[(zones.reindex(known.index) == zone).to_numpy(dtype=bool, na_value=False)]
        total = float(inside.to_numpy().sum())
        told[zone] = 100 * float(inside[RESIDENTS].sum()) / total if total else None
    return told


def codes_present(column: npt.ArrayLike) -> bool:
    """Whether a column of reliability words flags anything."""
    return bool(np.isin(np.asarray(column, dtype=object), UNRELIABLE).any())


def _line(words: str) -> str:
    return words.strip() if words.isascii() and words.isprintable() else visible(words)
