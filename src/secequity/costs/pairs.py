"""A table of costs as plain rows: given, checked, and matched with the ids it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import Findings, are_texts, nearest, require_arguments
from secequity.errors import SHOWN, LayerError, problem

CostUnit = Literal["m", "min"]
FloatArray = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

COLUMNS = ("from_id", "to_id", "cost")
UNKNOWN = {"facilities": "costs_unknown_facilities", "neighbourhoods": "costs_unknown_neighbourhoods"}


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """A checked cost table as positions: facility `origin[n]` reaches neighbourhood `target[n]` at `cost[n]`."""

    origin: Positions
    target: Positions
    cost: FloatArray


def from_table(
    table: pd.DataFrame,
    *,
    neighbourhoods: pd.DataFrame,
    facilities: pd.DataFrame,
    unit: CostUnit,
    from_id: str = "from_id",
    to_id: str = "to_id",
    cost: str = "cost",
) -> pd.DataFrame:
    """A given table of costs (from a routing engine, a survey), checked and brought to the columns of this house.

    Ids are compared as text, so that 7 of a spreadsheet meets "7". The cost from a facility to a neighbourhood may
    differ from the way back: give the way of the service. A pair left out cannot be reached.

    Parameters
    ----------
    table : one row a pair; further columns are not read.
    neighbourhoods, facilities : whose ids (index) the table speaks of.
    unit : `min` or `m`.
    from_id, to_id, cost : the columns with the facility, the neighbourhood and the cost (≥ 0).

    Returns
    -------
    DataFrame `from_id, to_id, cost`, ordered as `facilities` and `neighbourhoods`, with their own ids.

    Raises
    ------
    LayerError : a column or every row is absent; a cost is not a number, missing, negative or infinite; a pair stands
        twice; an id is missing or unknown (with the nearest one). All of them in one go.

    >>> places = pd.DataFrame(index=["a", "b"])
    >>> walks = pd.DataFrame({"from_id": [7, 7], "to_id": ["b", "a"], "travel_time": [12, 5]})
    >>> posts = pd.DataFrame(index=["7"])
    >>> from_table(walks, neighbourhoods=places, facilities=posts, unit="min", cost="travel_time").to_dict("records")
    [{'from_id': '7', 'to_id': 'a', 'cost': 5.0}, {'from_id': '7', 'to_id': 'b', 'cost': 12.0}]
    """
    require_arguments(
        table=("frame", table),
        neighbourhoods=("frame", neighbourhoods),
        facilities=("frame", facilities),
        from_id=("text", from_id),
        to_id=("text", to_id),
        cost=("text", cost),
    )
    if unit not in ("m", "min"):
        raise LayerError(problem("costs_unit", unit=unit))
    named = (from_id, to_id, cost)
    absent = [one for one in named if one not in table.columns]
    if absent:
        raise LayerError(problem("costs_columns", absent, columns=", ".join(str(one) for one in table.columns)))
    if table.empty:
        raise LayerError(problem("costs_empty"))
    plain = table[list(named)].set_axis(list(COLUMNS), axis=1)
    pairs = matched(plain, facilities=facilities.index, neighbourhoods=neighbourhoods.index)
    order = np.lexsort((pairs.target, pairs.origin))
    ends = pairs.origin[order], pairs.target[order]
    return table_of(facilities.index, neighbourhoods.index, *ends, pairs.cost[order], unit=unit)


def matched(costs: pd.DataFrame, *, facilities: pd.Index, neighbourhoods: pd.Index) -> Pairs:
    """The rows of a cost table as positions in `facilities` and `neighbourhoods`; rows meet by id, as text.

    Raises
    ------
    LayerError : as `from_table`, but a table without rows is allowed: nothing is reached.
    """
    absent = [one for one in COLUMNS if one not in costs.columns]
    if absent:
        raise LayerError(problem("costs_columns", absent, columns=", ".join(str(one) for one in costs.columns)))
    if not pd.api.types.is_numeric_dtype(costs["cost"].dtype) and len(costs):
        raise LayerError(problem("costs_not_numbers", kind=str(costs["cost"].dtype)))
    found = Findings()
    origin = _positions(costs["from_id"], facilities, name="facilities", found=found)
    target = _positions(costs["to_id"], neighbourhoods, name="neighbourhoods", found=found)
    cost = costs["cost"].to_numpy(dtype=np.float64, na_value=np.nan)
    for code, wrong in (
        ("costs_missing", np.isnan(cost)),
        ("costs_negative", np.isfinite(cost) & (cost < 0)),
        ("costs_infinite", np.isinf(cost)),
        ("costs_repeated", _repeated(origin, target, len(neighbourhoods))),
    ):
        if wrong.any():
            rows = costs.loc[wrong, ["from_id", "to_id"]].drop_duplicates()
            found.error(code, [f"{start} → {end}" for start, end in rows.itertuples(index=False)])
    found.raise_if_any(LayerError)
    return Pairs(origin=origin, target=target, cost=cost)


def _positions(column: pd.Series, ids: pd.Index, *, name: str, found: Findings) -> Positions:
    """Where each id of a column stands in `ids`, compared as text; -1 and a finding where it does not."""
    read = str.strip if are_texts(ids) else _as_text
    known = pd.Index(list(map(read, ids.to_numpy(dtype=object))), dtype=object)
    if known.has_duplicates:
        found.error("ids_repeated", dict.fromkeys(known[known.duplicated()]), name=name)
        return np.full(len(column), -1, dtype=np.intp)
    positions = _as_they_stand(column, ids)
    rest = np.flatnonzero(positions < 0)
    codes, different = pd.factorize(column.iloc[rest])
    words = [_as_text(one) for one in np.asarray(different, dtype=object)]
    at = np.append(known.get_indexer(pd.Index(words, dtype=object)), -1)
    positions[rest] = at[codes]
    missing = rest[codes < 0]
    if len(missing):
        found.error("costs_ids_missing", missing + 1, column=str(column.name))
    unknown = [word for word, place in zip(words, at, strict=False) if place < 0]
    if unknown:
        near = [f"{one} ({close}?)" if (close := nearest(one, known)) else one for one in unknown[:SHOWN]]
        found.error(UNKNOWN[name], near + unknown[SHOWN:])
    return positions


def _as_they_stand(column: pd.Series, ids: pd.Index) -> Positions:
    """Where the ids stand that are the same as those of `ids` without being read as text; -1 for all others."""
    sure = (ids.dtype == object and are_texts(ids)) or pd.api.types.is_integer_dtype(ids.dtype)
    if sure and column.dtype == ids.dtype:
        return ids.get_indexer(pd.Index(column))
    return np.full(len(column), -1, dtype=np.intp)


def _as_text(one: object) -> str:
    return str(int(one)) if isinstance(one, float) and one.is_integer() else str(one).strip()


def _repeated(origin: Positions, target: Positions, width: int) -> npt.NDArray[np.bool_]:
    """Which rows name a pair that another row names too; unknown ids are another finding's business."""
    key = origin * width
    key += target
    unknown = np.flatnonzero((origin < 0) | (target < 0))
    key[unknown] = -1 - unknown
    if (key[1:] > key[:-1]).all():
        return np.zeros(len(key), dtype=bool)
    return pd.Series(key).duplicated(keep=False).to_numpy()


def table_of(
    facilities: pd.Index,
    neighbourhoods: pd.Index,
    origin: Positions,
    target: Positions,
    cost: FloatArray,
    *,
    unit: CostUnit,
) -> pd.DataFrame:
    """Positions and costs as a cost table with the ids themselves."""
    values = (facilities.take(origin), neighbourhoods.take(target), cost)
    table = pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), copy=False)
    table.attrs["unit"] = unit
    return table
