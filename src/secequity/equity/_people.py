"""What every measure asks of its inputs, and a city seen as people who each hold an amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import Findings, align
from secequity.errors import LayerError, problem

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class People:
    """Neighbourhoods where somebody lives, in the order of `ids`.

    values, share : amount per person, and share of all people (adds up to 1).
    rank, group : socio-economic level, and the number of the group; one for all where none was given.
    """

    ids: pd.Index
    values: FloatArray
    share: FloatArray
    rank: FloatArray
    group: npt.NDArray[np.intp]

    @property
    def mean(self) -> float:
        """Amount per person in the whole city."""
        top = np.abs(self.values).max()
        return float(top * (self.share @ (self.values / top))) if top > 0 else 0.0

    @property
    def relative(self) -> FloatArray:
        """Amount per person over the city's mean: 1 for everybody where all have the same."""
        scaled = self.values / self.values.max()
        relative: FloatArray = scaled / (self.share @ scaled)
        return relative


def people(
    values: pd.Series,
    *,
    weights: pd.Series | None = None,
    rank: pd.Series | None = None,
    groups: pd.Series | None = None,
    signed: bool = False,
    empty_handed: bool = False,
) -> People:
    """The inputs of a measure, checked and met by id; neighbourhoods with a weight of zero have nobody to speak of.

    signed : negative values are allowed.
    empty_handed : a city in which everybody has zero is allowed.

    Raises
    ------
    AlignmentError : an id is repeated, or two inputs speak of different neighbourhoods.
    LayerError : not numbers, missing, not finite, negative, nobody lives anywhere, or all are zero.
    """
    name = label(values, "values")
    aligned = align(values, values.index, name=name)
    if not len(aligned):
        raise LayerError(problem("measure_empty", name=name))
    ids = aligned.index
    found = Findings()
    weight = numbers(_beside(weights, ids, "weights"))
    check(found, weight, ids, name=label(weights, "weights"))
    lived_in = weight != 0
    if not lived_in.any():
        found.error("measure_no_people", name=label(weights, "weights"))
    ids, weight, amount = ids[lived_in], weight[lived_in], numbers(aligned)[lived_in]
    check(found, amount, ids, name=name, signed=signed)
    level = numbers(_beside(rank, aligned.index, "rank"))[lived_in]
    group = _beside(groups, aligned.index, "groups")[lived_in]
    for absent, one, default in ((np.isnan(level), rank, "rank"), (group.isna().to_numpy(), groups, "groups")):
        if absent.any():
            found.error("measure_missing", ids[absent], name=label(one, default))
    if not empty_handed and not found.errors and not amount.any():
        found.error("measure_all_zero", name=name)
    found.raise_if_any(LayerError)
    share = weight / weight.max()
    return People(ids=ids, values=amount, share=share / share.sum(), rank=level, group=pd.factorize(group)[0])


def _beside(values: pd.Series | None, ids: pd.Index, default: str) -> pd.Series:
    """An input in the order of the ids, or ones where it was left out."""
    return pd.Series(1.0, index=ids) if values is None else align(values, ids, name=label(values, default))


def label(values: pd.Series | None, default: str) -> str:
    """The name by which a message speaks of an input."""
    return default if values is None or values.name is None else str(values.name)


def numbers(values: pd.Series) -> FloatArray:
    """A Series as floats, missing as nan.

    Raises
    ------
    LayerError : the Series holds something else than numbers.
    """
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        raise LayerError(problem("measure_not_numbers", name=label(values, "values"), kind=str(values.dtype)))
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def check(found: Findings, amount: FloatArray, ids: pd.Index, *, name: str, signed: bool = False) -> None:
    """Gather what is wrong with a column of numbers: missing, not finite, negative."""
    for code, wrong in (
        ("measure_missing", np.isnan(amount)),
        ("measure_not_finite", np.isinf(amount)),
        ("measure_negative", (amount < 0) & np.isfinite(amount) & (not signed)),
    ):
        if wrong.any():
            found.error(code, ids[wrong], name=name)


def midranks(order: npt.NDArray[np.generic], share: FloatArray) -> FloatArray:
    """Share of people below each neighbourhood plus half of its own; neighbourhoods that tie share one rank."""
    _, group = np.unique(order, return_inverse=True)
    in_group = np.bincount(group, weights=share)
    ranks: FloatArray = (np.cumsum(in_group) - in_group / 2)[group]
    return ranks
