"""A layer of the study file becomes the amount of one body's presence by neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection, TableSection
from secequity.coverage import posts
from secequity.sources import facilities, files, neighbourhoods
from secequity.texts import number
from secequity.words import Body

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


def read_layer(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
) -> Layer | None:
    """A layer of the study file, or nothing and every reason on `found`; without a `city` the file alone is checked."""
    if section.kind not in ("posts", "counts"):
        found.error("kind_later", layer=section.name, kind=section.kind)
        return None
    if section.reach.method != "within":
        found.error("reach_later", layer=section.name, method=section.reach.method)
        return None
    if section.kind == "counts":
        counted = _counts(section, city, folder=folder, found=found, sources=sources)
        points = None
    else:
        counted, points = _posts(section, city, folder=folder, found=found, sources=sources)
    if counted is None or city is None:
        return None
    amount, status = _published(counted.rename(f"{section.name}_amount"), section, k=k, found=found)
    if points is None or section.body not in privacy.MAPPED:
        points = gpd.GeoDataFrame({"name": [], "amount": [], "neighbourhood": []}, geometry=[], crs=city.frame.crs)
    unit = section.unit or (UNIT[section.body] if section.counted else "post")
    amount.attrs["unit"] = unit
    return Layer(
        name=section.name,
        body=section.body,
        unit=unit,
        amount=amount,
        status=status,
        points=points,
        hours_per_week=section.hours_per_week,
    )


def _published(amount: pd.Series, section: LayerSection, *, k: int, found: Findings) -> tuple[pd.Series, pd.Series]:
    """The amounts that may leave the program, and why each of the others may not."""
    status = pd.Series(np.where(amount.isna(), "missing", "ok"), index=amount.index, dtype=object)
    if section.body in privacy.PARTICIPANTS:
        few = privacy.too_few(amount, k=k)
        if few.any():
            found.notice("suppressed", amount.index[few], layer=section.name, k=k)
        status = status.mask(few, "suppressed")
        amount = amount.mask(few)
    return amount, status


def _counts(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    found: Findings,
    sources: list[files.Source],
) -> pd.Series | None:
    """A count a neighbourhood: a column of the joined tables, or of a table of the layer's own."""
    columns = list(section.counted)
    if section.path is None:
        if city is None:
            return None
        file, cells = city.section.file, city.attributes
        if not files.require_columns(
            [str(one) for one in cells.columns], dict(zip(columns, columns, strict=True)), file=file, found=found
        ):
            return None
    else:
        file = section.file
        shared = {key: getattr(section, key) for key in ("path", "layer", "sheet", "encoding", "separator", "decimal")}
        decisions = {key: getattr(section, key) for key in ("mojibake", "zero_pad", "aliases", "missing", "extra")}
        own = TableSection(**shared, **decisions, id=str(section.id), columns=columns)
        joined = neighbourhoods.read_joined(own, folder=folder, found=found, sources=sources, use=section.name)
        if joined is None or city is None:
            return None
        cells = neighbourhoods.match(joined, own, city.attributes, city.every_id, section=city.section, found=found)
    parts = [_one_count(cells[column], section, file, found=found) for column in columns]
    known = [one for one in parts if one is not None]
    return pd.concat(known, axis=1).sum(axis=1, skipna=False) if len(known) == len(parts) else None


def _one_count(column: pd.Series, section: LayerSection, file: str, *, found: Findings) -> pd.Series | None:
    """One counted column by neighbourhood: numbers, none negative, none missing unless the study accepts it."""
    counted = neighbourhoods.numbers(column, file=file, decimal=section.decimal, found=found)
    if counted is None:
        return None
    about = {"file": file, "column": str(column.name)}
    if (counted < 0).any():
        found.error("counts_negative", which=counted.index[counted < 0], **about)
    absent = counted.index[counted.isna()]
    if len(absent) == len(counted):
        found.error("counts_none", **about, layer=section.name)
    elif len(absent) and section.missing == "keep":
        found.notice("counts_missing_kept", absent, **about, layer=section.name)
    elif len(absent):
        found.error("counts_missing", absent, **about, layer=section.name)
    return counted


def _posts(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    found: Findings,
    sources: list[files.Source],
) -> tuple[pd.Series | None, gpd.GeoDataFrame | None]:
    """The staff standing in each neighbourhood, and the posts with the neighbourhood each was located in."""
    target = city.frame if city is not None else None
    read = facilities.read_facilities(section, folder=folder, target=target, found=found, sources=sources)
    if read is None or city is None:
        return None, None
    by_declaration = bool(read.geometry.isna().all())
    if by_declaration:
        located = read["declared"].where(read["declared"].isin(city.frame.index), None)
        _report_undeclared(read, section, city, found=found)
    else:
        located = posts.locate(city.frame, read)
        _report_outside(read, located, section, city.frame, found=found)
        _report_declared(read, located, section, city, found=found)
    if located.isna().all():
        found.error("posts_all_outside", file=section.file, layer=section.name, total=len(read))
        return None, None
    amounts = posts.total(located, read["amount"], city.frame.index)
    shown = read[read.geometry.notna()].assign(neighbourhood=located)[["name", "amount", "neighbourhood", "geometry"]]
    return amounts, shown


def _label(read: gpd.GeoDataFrame, rows: pd.Index, section: LayerSection) -> list[str]:
    """How notices name posts: by row, and by name where the body's posts may be shown at all."""
    named = section.body in privacy.MAPPED
    return [f"#{row} {(read['name'][row] or '') if named else ''}".strip() for row in rows]


def _notice_outside(
    said: list[str], rows: pd.Index, read: gpd.GeoDataFrame, section: LayerSection, *, found: Findings
) -> None:
    if section.body in privacy.PARTICIPANTS:
        found.notice("posts_outside_private", said, file=section.file, layer=section.name)
        return
    amount, total = float(read["amount"][rows].sum()), float(read["amount"].sum())
    found.notice("posts_outside", said, file=section.file, layer=section.name, amount=amount, total=total)


def _report_outside(
    read: gpd.GeoDataFrame, located: pd.Series, section: LayerSection, frame: gpd.GeoDataFrame, *, found: Findings
) -> None:
    """Posts outside every neighbourhood, how far and with how much supply: never dropped silently."""
    outside = read.index[located.isna() & read.geometry.notna()]
    if not len(outside):
        return
    metres = posts.distance_outside(frame, read.geometry[outside])
    labels = _label(read, outside, section)
    said = [f"{label} ({number(metres[row], 0)} m)" for label, row in zip(labels, outside, strict=True)]
    _notice_outside(said, outside, read, section, found=found)


def _report_declared(
    read: gpd.GeoDataFrame,
    located: pd.Series,
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods,
    *,
    found: Findings,
) -> None:
    """Posts that stand in another neighbourhood than the one their own file declares."""
    declared = read["declared"]
    differ = read.index[declared.notna() & located.notna() & (declared != located)]
    if len(differ):
        said = [
            f"{label}: {declared[row]} → {located[row]}"
            for label, row in zip(_label(read, differ, section), differ, strict=True)
        ]
        found.notice("posts_declared_elsewhere", said, file=section.file, layer=section.name, column=section.id)


def _report_undeclared(
    read: gpd.GeoDataFrame, section: LayerSection, city: neighbourhoods.Neighbourhoods, *, found: Findings
) -> None:
    """Posts without coordinates whose declared neighbourhood is none of the city's."""
    unknown = read.index[~read["declared"].isin(city.frame.index)]
    if len(unknown):
        said = [
            f"{label}: {read['declared'][row]}"
            for label, row in zip(_label(read, unknown, section), unknown, strict=True)
        ]
        _notice_outside(said, unknown, read, section, found=found)
