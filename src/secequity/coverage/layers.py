"""A layer of the study file becomes the amount of one body's presence by neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection, NeighbourhoodsSection, TableSection
from secequity.coverage import posts
from secequity.sources import facilities, files, joined, neighbourhoods
from secequity.texts import number
from secequity.words import Body

SHARED = (
    *("path", "layer", "sheet", "encoding", "separator", "decimal"),
    *("mojibake", "zero_pad", "aliases", "missing", "extra"),
)
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
        if city is None or (not city.complete and not set(columns) <= set(city.attributes)):
            return None
        known = [str(one) for one in city.attributes]
        wanted = {f"[[layers]] {section.name}: staff": one for one in columns}
        if not files.require_columns(known, wanted, file=city.file_of(columns[0]), found=found):
            return None
        parts = [_one_count(city.attributes[one], section, city.section_of(one), found=found) for one in columns]
    else:
        own = TableSection(**{key: getattr(section, key) for key in SHARED}, id=str(section.id), columns=columns)
        table = joined.read_joined(own, folder=folder, found=found, sources=sources, use=section.name)
        if table is None or city is None:
            return None
        cells = joined.match(table, own, city.attributes, city.every_id, section=city.section, found=found)
        if cells is None:
            return None
        told = cells.index.difference(table.index) if section.missing == "error" else cells.index[:0]
        parts = [_one_count(cells[one], section, own, told=told, found=found) for one in columns]
    known_parts = [one for one in parts if one is not None]
    if len(known_parts) < len(parts):
        return None
    total: pd.Series = pd.concat(known_parts, axis=1).sum(axis=1, skipna=False)
    return total


def _one_count(
    column: pd.Series,
    section: LayerSection,
    source: NeighbourhoodsSection | TableSection,
    *,
    told: pd.Index | None = None,
    found: Findings,
) -> pd.Series | None:
    """One counted column by neighbourhood: numbers, none negative, none missing unless the study accepts it.

    Of the neighbourhoods `told` a problem is known already: their table has no row for them.
    """
    counted = joined.numbers(column, source, found=found)
    if counted is None:
        return None
    about = {"file": source.file, "column": str(column.name)}
    if (counted < 0).any():
        found.error("counts_negative", which=counted.index[counted < 0], **about)
    absent = counted.index[counted.isna()]
    absent = absent if told is None else absent.difference(told)
    if counted.isna().all():
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
    if read.geometry.isna().all():
        located = _by_declaration(read, section, city, found=found)
    else:
        located = posts.locate(city.frame, read)
        _report_outside(read, located, section, city.frame, found=found)
        _report_declared(read, located, section, city, found=found)
        if located.isna().all():
            found.error("posts_all_outside", file=section.file, layer=section.name, total=len(read))
    if located is None or located.isna().all():
        return None, None
    amounts = posts.total(located, read["amount"], city.frame.index)
    shown = read[read.geometry.notna()].assign(neighbourhood=located)[["name", "amount", "neighbourhood", "geometry"]]
    return amounts, shown


def _by_declaration(
    read: gpd.GeoDataFrame, section: LayerSection, city: neighbourhoods.Neighbourhoods, *, found: Findings
) -> pd.Series | None:
    """The neighbourhood each post says it is in; ids that are none of the city's are named, misspelt ones refused."""
    declared = read["declared"]
    said = pd.Index(declared.dropna().unique())
    about = {"file": section.file, "layer": section.name, "column": section.id, "polygons": city.section.file}
    hint = joined.padding(said, city.every_id)
    if hint:
        width, side = hint
        place = f"[[layers]] {section.name}" if side == "table" else "[neighbourhoods]"
        found.error("posts_lost_zeros", which=said, width=str(width), section=place, **about)
        return None
    pairs = joined.respelled(city.every_id.difference(said), said.difference(city.every_id))
    if pairs:
        shown = [f"{wrong} → {right}?" for right, wrong in pairs.items()]
        found.error("posts_spelling", which=shown, aliases=joined.aliases_of(pairs), **about)
        return None
    located: pd.Series = declared.where(declared.isin(city.frame.index), None)
    if located.isna().all():
        found.error("posts_none_declared", which=said, **about)
        return None
    elsewhere = read.index[located.isna() & declared.notna()]
    if len(elsewhere):
        labels = _label(read, elsewhere, section)
        which = [f"{label}: {declared[row]}" for label, row in zip(labels, elsewhere, strict=True)]
        found.notice("posts_elsewhere", which if section.body in privacy.MAPPED else labels, **about)
    return located


def _label(read: gpd.GeoDataFrame, rows: pd.Index, section: LayerSection) -> list[str]:
    """How notices name posts: by row, and by name where the body's posts may be shown at all."""
    named = section.body in privacy.MAPPED
    return [f"#{row} {(read['name'][row] or '') if named else ''}".strip() for row in rows]


def _report_outside(
    read: gpd.GeoDataFrame, located: pd.Series, section: LayerSection, frame: gpd.GeoDataFrame, *, found: Findings
) -> None:
    """Posts outside every neighbourhood, how far and with how much supply: never dropped silently.

    Of posts that may be homes only the rows are told.
    """
    outside = read.index[located.isna() & read.geometry.notna()]
    if not len(outside) or len(outside) == read.geometry.notna().sum():
        return
    labels = _label(read, outside, section)
    about = {"file": section.file, "layer": section.name}
    if section.body not in privacy.MAPPED:
        found.notice("posts_outside_private", labels, **about)
        return
    metres = posts.distance_outside(frame, read.geometry[outside])
    said = [f"{label} ({number(metres[row], 0)} m)" for label, row in zip(labels, outside, strict=True)]
    amount, total = float(read["amount"][outside].sum()), float(read["amount"].sum())
    found.notice("posts_outside", which=said, amount=amount, total=total, **about)


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
    hint = joined.padding(pd.Index(declared.dropna().unique()), city.every_id)
    if hint and hint[1] == "table":
        declared = declared.map(lambda one: one.zfill(hint[0]), na_action="ignore")
    differ = read.index[declared.notna() & located.notna() & (declared != located)]
    if not len(differ):
        return
    labels = _label(read, differ, section)
    said = [f"{label}: {declared[row]} → {located[row]}" for label, row in zip(labels, differ, strict=True)]
    which = said if section.body in privacy.MAPPED else labels
    found.notice("posts_declared_elsewhere", which, file=section.file, layer=section.name, column=section.id)
