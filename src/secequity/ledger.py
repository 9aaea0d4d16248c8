"""The ledger: everything that protects a place as hours of security work a week, by who supplies them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from secequity.coverage.layers import Layer
from secequity.participation import NAME, Participation
from secequity.results import LEDGER
from secequity.words import OFFICIAL, SUPPLIER_OF


def from_layers(layers: Iterable[Layer], *, participation: Participation | None = None) -> pd.DataFrame:
    """Hours of security work a week, one row a neighbourhood and layer, for the layers that can honestly become hours.

    Hours are the amount times the layer's hours a week; residents' recorded work is the layer `participation`. A
    neighbourhood whose amount is missing or suppressed has a row with missing hours; a layer without hours a week has
    no rows and stays in its own unit.

    Returns
    -------
    Frame with columns `id`, `supplier` (state, municipality, market, residents), `layer`, `hours_per_week`.
    """
    parts = [
        pd.DataFrame(
            {
                "id": layer.amount.index,
                "supplier": SUPPLIER_OF[layer.body],
                "layer": layer.name,
                "hours_per_week": (layer.amount * layer.hours_per_week).to_numpy(),
            }
        )
        for layer in layers
        if layer.hours_per_week is not None
    ]
    if participation is not None:
        hours = participation.hours_per_week
        given = {
            "id": hours.index,
            "supplier": SUPPLIER_OF["community"],
            "layer": NAME,
            "hours_per_week": hours.to_numpy(),
        }
        parts.append(pd.DataFrame(given))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(LEDGER))


def hours_of(ledger: pd.DataFrame, suppliers: Iterable[str], ids: pd.Index) -> pd.Series:
    """Hours a week that `suppliers` give each neighbourhood; missing where a layer of theirs is, or none exists."""
    rows = ledger[ledger["supplier"].isin(list(suppliers))]
    if rows.empty:
        return pd.Series(float("nan"), index=ids, name="hours_per_week")
    hours = rows.groupby("id")["hours_per_week"].agg(lambda one: one.sum(skipna=False))
    return hours.reindex(ids).astype(float)


OFFICIAL_SUPPLIERS = tuple(SUPPLIER_OF[body] for body in OFFICIAL)
OWN_SUPPLIERS = (SUPPLIER_OF["community"],)
