"""Posts of a body: where they stand, whom they reach, or the jurisdiction they answer for."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection
from secequity.coverage import posts
from secequity.coverage.kinds import catchments, jurisdictions
from secequity.coverage.kinds.task import Counted, Task
from secequity.sources import facilities, files, joined, neighbourhoods
from secequity.texts import number


def read_posts(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
) -> Counted | None:
    """The staff of posts: where they stand, within their reach, or in their jurisdiction."""
    target = city.frame if city is not None else None
    read = facilities.read_facilities(section, folder=folder, target=target, found=found, sources=sources)
    if read is None or city is None:
        return None
    if section.reach.method == "within":
        return _within(read, section, city, found=found)
    task = Task(section=section, city=city, folder=folder, k=k, found=found, sources=sources)
    if section.reach.method == "jurisdiction":
        return jurisdictions.read_served(task, read)
    return catchments.read_catchment(task, read)


def _within(
    read: gpd.GeoDataFrame, section: LayerSection, city: neighbourhoods.Neighbourhoods, *, found: Findings
) -> Counted | None:
    """The staff standing in each neighbourhood, and the posts with the neighbourhood each was located in."""
    if read.geometry.isna().all():
        located = _by_declaration(read, section, city, found=found)
    else:
        located = posts.locate(city.frame, read)
        _report_outside(read, located, section, city.frame, found=found)
        _report_declared(read, located, section, city, found=found)
        if located.isna().all():
            found.error("posts_all_outside", file=section.file, layer=section.name, total=len(read))
    if located is None or located.isna().all():
        return None
    shown = read.assign(neighbourhood=located)[["name", "amount", "neighbourhood", "geometry"]]
    shown = shown[shown.geometry.notna()]
    return Counted(amount=posts.total(located, read["amount"], city.frame.index), points=shown)


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
