"""The ledger: everything that protects a place as hours of security work a week, by who supplies them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from secequity.checks import align, require_arguments
from secequity.coverage import ranking
from secequity.coverage.layers import Layer
from secequity.participation import NAME, QUOTA, Participation
from secequity.results import LEDGER, RANKING, REGISTER, SHIFTS
from secequity.words import OFFICIAL, SUPPLIER_OF, Body

OFFICIAL_SUPPLIERS = tuple(SUPPLIER_OF[body] for body in OFFICIAL)
OWN_SUPPLIERS = (SUPPLIER_OF["community"],)
OVERLAP = 3
"""So many suppliers at the same time and place are an overlap."""


def from_layers(layers: Iterable[Layer], *, participation: Participation | None = None) -> pd.DataFrame:
    """Hours of security work a week, a row a neighbourhood, layer and shift, for what can honestly become hours.

    Hours are the amount times the layer's hours a week, or what its patrols spent; residents' recorded work is the
    layer `participation`, and what their quotas buy the layer `quota` where the study counts it. A neighbourhood whose
    amount is missing or suppressed has a row with missing hours; a layer without hours a week stays in its own unit,
    and one whose hours another layer counts has no rows. `shift` is missing where the layer does not tell its shifts.

    Returns
    -------
    Frame with columns `id`, `supplier` (state, municipality, market, residents), `layer`, `hours_per_week`, `shift`.
    """
    require_arguments(layers=("collection", layers))
    parts = [
        _rows(hours, layer.body, layer.name, layer.by_shift)
        for layer in layers
        if layer.in_ledger and (hours := layer.hours) is not None
    ]
    for layer, hours in _given(participation).items():
        parts.append(_rows(hours, "community", layer, None))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(LEDGER))


def _given(participation: Participation | None) -> dict[str, pd.Series]:
    """The hours residents give and, where the study counts them, those their quotas buy; stations tell none."""
    if participation is None or participation.form == "stations":
        return {}
    quota = participation.quota_hours
    return {NAME: participation.hours_per_week} | ({} if quota is None else {QUOTA: quota})


def _rows(hours: pd.Series, body: Body, layer: str, by_shift: pd.DataFrame | None) -> pd.DataFrame:
    shifts = {None: hours} if by_shift is None else {str(shift): by_shift[shift] for shift in by_shift}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "id": one.index,
                    "supplier": SUPPLIER_OF[body],
                    "layer": layer,
                    "hours_per_week": one.to_numpy(),
                    "shift": pd.Series(shift, index=range(len(one)), dtype=object),
                }
            )
            for shift, one in shifts.items()
        ],
        ignore_index=True,
    )


def shifts_of(ledger: pd.DataFrame, shifts: Iterable[str], population: pd.Series) -> pd.DataFrame:
    """Who is on duty in each neighbourhood and shift.

    Parameters
    ----------
    ledger : as `from_layers` makes it.
    shifts : the shifts of the study.
    population : people by neighbourhood id, every neighbourhood of the study.

    Hours are missing where an official layer does not tell its shifts or its amount, or where there is none: what is
    known is not all.

    Returns
    -------
    A row a neighbourhood and shift: `id`, `shift`, `official_hours_per_week`, `official_hours_per_1000`, `suppliers`
    (how many of them are on duty) and `status`: `blind` no official hour; `overlap` three suppliers or more at the same
    time; `served`; `cannot tell` no official hour is known in the shift, but some layer there does not tell its shifts
    or its amount. Empty where no layer tells its shifts.

    >>> table = pd.DataFrame({"id": ["a", "b"], "supplier": "state", "layer": "cars", "hours_per_week": [7.0, 0.0],
    ...                       "shift": "night"})
    >>> shifts_of(table, ["night"], pd.Series({"a": 500, "b": 700}))["status"].tolist()
    ['served', 'blind']
    """
    require_arguments(ledger=("frame", ledger), shifts=("collection", shifts), population=("numbers", population))
    told = ledger[ledger["shift"].notna()]
    if told.empty:
        return pd.DataFrame(columns=list(SHIFTS))
    official = ledger["supplier"].isin(OFFICIAL_SUPPLIERS)
    unsure = ledger[
        official & (ledger["hours_per_week"].isna() | (ledger["shift"].isna() & (ledger["hours_per_week"] > 0)))
    ]
    doubtful = population.index.isin(unsure["id"]) | (not official.any())
    parts = []
    for shift in shifts:
        on_duty = told[(told["shift"] == shift) & (told["hours_per_week"] > 0)]
        hours = on_duty[on_duty["supplier"].isin(OFFICIAL_SUPPLIERS)].groupby("id")["hours_per_week"].sum()
        hours = hours.reindex(population.index, fill_value=0.0)
        suppliers = on_duty.groupby("id")["supplier"].nunique().reindex(population.index, fill_value=0)
        status = np.select(
            [suppliers >= OVERLAP, hours > 0, doubtful], ["overlap", "served", "cannot tell"], default="blind"
        )
        hours = hours.mask(doubtful)
        rates = 1000 * hours / population.where(population > 0)
        values = (population.index, shift, hours.to_numpy(), rates.to_numpy(), suppliers.to_numpy(), status)
        parts.append(pd.DataFrame(dict(zip(SHIFTS, values, strict=True))))
    return pd.concat(parts, ignore_index=True)


def register_of(
    layers: Iterable[Layer],
    *,
    area_km2: pd.Series,
    population: pd.Series,
    participation: Participation | None = None,
) -> pd.DataFrame:
    """Every body in action, a row a layer: what it has, where it is, and where it doubles another or stands alone.

    Residents' recorded work is the layer `participation`, in hours a week. Surfaces (people, slope, light) are no body.

    Returns
    -------
    Frame with columns `layer`, `body`, `kind`, `unit`, `amount` (of the neighbourhoods), `hours_per_week`,
    `neighbourhoods`, `area_km2` and `people` where it is present, `alone` and `doubled`: neighbourhoods where it is the
    only body or one of several, `missing`: neighbourhoods of which it says nothing.

    Source: a register of all bodies in action, because they overlap and leave blanks, Dammert (2012), URB-AL III.
    """
    require_arguments(layers=("collection", layers), area_km2=("numbers", area_km2), population=("numbers", population))
    area_km2 = align(area_km2, population.index, name="area_km2")
    entries: list[tuple[str, Body, str, str, pd.Series, pd.Series | None]] = [
        (one.name, one.body, one.kind, one.unit, one.amount, one.hours) for one in layers if one.kind != "surface"
    ]
    entries += [(name, "community", NAME, "hour", hours, hours) for name, hours in _given(participation).items()]
    if not entries:
        return pd.DataFrame(columns=list(REGISTER))
    present = pd.DataFrame({name: amount > 0 for name, _, _, _, amount, _ in entries}, index=population.index)
    bodies = present.T.groupby({name: body for name, body, *_ in entries}).any().T.sum(axis=1)
    rows = []
    for name, body, kind, unit, amount, hours_per_week in entries:
        here = present[name]
        worked = np.nan if hours_per_week is None else hours_per_week.sum()
        where = (int(here.sum()), float(area_km2[here].sum()), float(population[here].sum()))
        shared = (int((here & (bodies == 1)).sum()), int((here & (bodies > 1)).sum()), int(amount.isna().sum()))
        rows.append([name, body, kind, unit, amount.sum(), worked, *where, *shared])
    return pd.DataFrame(rows, columns=list(REGISTER))


def ranking_of(layers: Iterable[Layer], population: pd.Series) -> pd.DataFrame:
    """Neighbourhoods by patrol hours per 1,000 people beside the official ranking by kilometres driven.

    Of each body the tracks, which were measured; the routes, which were planned, only where it has none: both may be
    the same patrols.

    Returns
    -------
    Frame `id` and the columns of `secequity.coverage.ranking`. Empty where no layer drives.
    """
    require_arguments(layers=("collection", layers), population=("numbers", population))
    moving = [one for one in layers if "km_per_week" in one.more]
    tracked = {one.body for one in moving if one.kind == "tracks"}
    driven = [one for one in moving if one.kind == "tracks" or one.body not in tracked]
    if not driven:
        return pd.DataFrame(columns=list(RANKING))
    hours = pd.concat([one.amount for one in driven], axis=1).sum(axis=1, skipna=False)
    km = pd.concat([one.more["km_per_week"] for one in driven], axis=1).sum(axis=1, skipna=False)
    return ranking(hours, km, population=population).rename_axis("id").reset_index()[list(RANKING)]


def hours_of(ledger: pd.DataFrame, suppliers: Iterable[str], ids: pd.Index) -> pd.Series:
    """Hours a week that `suppliers` give each neighbourhood; missing where a layer of theirs is, or none exists."""
    require_arguments(ledger=("frame", ledger), suppliers=("collection", suppliers), ids=("index", ids))
    rows = ledger[ledger["supplier"].isin(list(suppliers))]
    if rows.empty:
        return pd.Series(float("nan"), index=ids, name="hours_per_week")
    hours = rows.groupby("id")["hours_per_week"].sum()
    unknown = rows.loc[rows["hours_per_week"].isna(), "id"]
    return hours.mask(hours.index.isin(unknown)).reindex(ids).astype(float)
