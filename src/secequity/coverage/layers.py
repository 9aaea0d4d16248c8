"""A layer of the study file becomes the amount of one body's presence by neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection
from secequity.config.layers import SurfaceSection
from secequity.coverage.kinds import counts, jurisdictions, patrols, stations, surfaces
from secequity.coverage.kinds.task import Counted, Task
from secequity.engines import Told, silent
from secequity.sources import files, neighbourhoods
from secequity.words import Body, EngineName, Kind

LEVEL = "level"
UNIT: dict[Body, str] = {"police": "police", "serenazgo": "serenazgo", "private": "guard", "community": "person"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One body's presence.

    amount : by neighbourhood id, in `unit`; missing where nothing may be said.
    status : by neighbourhood id, `ok`, `missing` or `suppressed`.
    points : posts that may be shown, columns `name`, `amount`, `neighbourhood`; empty for a body whose posts are homes.
    hours_per_week : hours of work a week of one unit, or None for a layer that stays in its own unit.
    """

    name: str
    body: Body
    unit: str
    amount: pd.Series
    status: pd.Series
    points: gpd.GeoDataFrame
    hours_per_week: float | None
    kind: Kind = "posts"
    in_ledger: bool = True
    by_shift: pd.DataFrame | None = None
    more: Mapping[str, pd.Series] = field(default_factory=dict)

    @property
    def is_level(self) -> bool:
        """Whether the amount is a level (slope, light) that makes no sense per resident."""
        return self.unit == LEVEL

    @property
    def hours(self) -> pd.Series | None:
        """Hours of work a week by neighbourhood id, or None for a layer that stays in its own unit."""
        return None if self.hours_per_week is None else self.amount * self.hours_per_week


def read_layer(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    shifts: Mapping[str, tuple[float, float]],
    found: Findings,
    sources: list[files.Source],
    engine: EngineName = "auto",
    told: Told = silent,
) -> Layer | None:
    """A layer of the study file, or nothing and every reason on `found`; without a `city` the file alone is checked."""
    if section.kind == "counts":
        counted = counts.read_counts(section, city, folder=folder, found=found, sources=sources)
    elif section.kind == "posts":
        counted = stations.read_posts(section, city, folder=folder, k=k, found=found, sources=sources)
    elif city is None:
        files.locate(folder, str(section.path), use=section.name, found=found)
        return None
    else:
        task = Task(
            section=section, city=city, folder=folder, k=k, found=found, sources=sources, engine=engine, told=told
        )
        counted = _of_kind(task, shifts)
    if counted is None or city is None:
        return None
    amount, status = _published(counted, section, k=k, found=found)
    points = counted.points
    if points is None or section.body not in privacy.MAPPED:
        points = gpd.GeoDataFrame({"name": [], "amount": [], "neighbourhood": []}, geometry=[], crs=city.frame.crs)
    amount.attrs["unit"] = unit = _unit(section)
    hours_per_week = 1.0 if section.kind in ("routes", "tracks") else section.hours_per_week
    return Layer(
        name=section.name,
        body=section.body,
        unit=unit,
        amount=amount,
        status=status,
        points=points,
        hours_per_week=hours_per_week,
        kind=section.kind,
        in_ledger=section.ledger,
        by_shift=_by_shift(section, counted, amount, shifts, found=found),
        more={ending: values.mask(status == "suppressed") for ending, values in counted.more.items()},
    )


def _of_kind(task: Task, shifts: Mapping[str, tuple[float, float]]) -> Counted | None:
    if task.section.kind == "jurisdictions":
        return jurisdictions.read_jurisdictions(task)
    if task.section.kind == "routes":
        return patrols.read_routes(task, shifts=shifts)
    if task.section.kind == "tracks":
        return patrols.read_tracks(task, shifts=shifts)
    return surfaces.read_surface(task)


def _unit(section: LayerSection) -> str:
    """The word for what is counted: the study's own, or what the kind and the body imply."""
    if section.kind in ("routes", "tracks"):
        return "hour"
    if section.kind == "surface" and (section.surface or SurfaceSection()).statistic != "sum":
        return LEVEL
    if section.kind == "surface":
        return section.unit or "value"
    return section.unit or (UNIT[section.body] if section.counted else "post")


def _by_shift(
    section: LayerSection,
    counted: Counted,
    amount: pd.Series,
    shifts: Mapping[str, tuple[float, float]],
    *,
    found: Findings,
) -> pd.DataFrame | None:
    """Hours a week by shift: as measured, or the layer's hours in the shares that the study gives."""
    if counted.by_shift is not None:
        return counted.by_shift.where(amount.notna(), np.nan)
    if not section.shifts or section.hours_per_week is None:
        return None
    strange = [one for one in section.shifts if one not in shifts]
    if strange:
        found.error("shifts_unknown", strange, file=section.name, column="shifts", words=", ".join(shifts))
        return None
    if abs(sum(section.shifts.values()) - 1) > 1e-6 or min(section.shifts.values()) < 0:
        found.error("shifts_shares", layer=section.name, total=sum(section.shifts.values()))
        return None
    hours = amount * section.hours_per_week
    return pd.DataFrame({shift: hours * share for shift, share in section.shifts.items()})


def _published(counted: Counted, section: LayerSection, *, k: int, found: Findings) -> tuple[pd.Series, pd.Series]:
    """The amounts that may leave the program, and why each of the others may not."""
    amount = counted.amount.rename(f"{section.name}_amount")
    status = pd.Series(np.where(amount.isna(), "missing", "ok"), index=amount.index, dtype=object)
    if counted.status is not None:
        status = counted.status.reindex(amount.index).astype(object)
    if section.body in privacy.PARTICIPANTS:
        few = privacy.too_few(amount if counted.participants is None else counted.participants, k=k)
        if few.any():
            found.notice("suppressed", amount.index[few], layer=section.name, k=k)
        status = status.mask(few, "suppressed")
        amount = amount.mask(few)
    return amount, status
