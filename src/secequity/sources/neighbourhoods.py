"""The neighbourhoods of a study: polygons, the tables joined to them by id, and their people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity.checks import Findings, nearest
from secequity.config import NeighbourhoodsSection, TableSection
from secequity.sources import cells, files, letters, vector
from secequity.sources.joined import match, numbers, numeric, read_ids, read_joined, renamed
from secequity.texts import number

TECHNICAL = frozenset(
    {"objectid", "fid", "gid", "id", "shape_area", "shape_leng", "shape_length", "area", "perimeter", "index"}
)
Origin = Mapping[str, TableSection]


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhoods:
    """The places of a study.

    frame : index `id`, columns `name`, `population`, geometry in metres.
    attributes : every raw cell of the file and its joined tables by id.
    covariates : the joined numeric columns, as floats.
    every_id : the ids of the file, those that the study leaves out included.
    origin : the table each joined column came from.
    complete : whether all of it could be read; when not, the rest serves to find the other problems of the study.
    """

    frame: gpd.GeoDataFrame
    attributes: pd.DataFrame
    covariates: pd.DataFrame
    every_id: pd.Index
    section: NeighbourhoodsSection
    origin: Origin
    complete: bool

    def file_of(self, column: str) -> str:
        """The name of the file that holds a column."""
        return self.section_of(column).file

    def section_of(self, column: str) -> NeighbourhoodsSection | TableSection:
        """The section of the study whose file holds a column."""
        return self.origin.get(column, self.section)


def read_neighbourhoods(
    section: NeighbourhoodsSection,
    *,
    folder: Path,
    crs: str | None,
    rank_by: str | None,
    counted: Collection[tuple[str | None, str]] = (),
    found: Findings,
    sources: list[files.Source],
) -> Neighbourhoods | None:
    """The neighbourhoods a study file describes, or nothing and every reason on `found`.

    `counted` are the columns that layers count, with the file of each (None: one of the joined tables), and those that
    name larger units: they are no covariates, and a count of few participants must not leave the program by that door.
    """
    errors_before = len(found.errors)
    raw = _polygons(section, folder=folder, found=found, sources=sources)
    tables = [(one, read_joined(one, folder=folder, found=found, sources=sources)) for one in section.tables]
    selected = _selected(raw, section, found=found) if raw is not None else None
    if raw is None or selected is None:
        return None
    attributes, origin, lacking = _joined(selected, raw.index, tables, section, found=found)
    population = _population(attributes, section, origin, lacking, found=found)
    metric = vector.in_metres(selected, crs, file=section.file, found=found)
    mended = vector.mended_polygons(metric, file=section.file, found=found) if metric is not None else None
    if mended is None:
        return None
    _report_overlaps(mended, section, found=found)
    covariates = _covariates(attributes, section, origin, rank_by=rank_by, counted=counted, found=found)
    ids = pd.Series(selected.index, index=selected.index, dtype=object)
    names = cells.as_text(selected[section.name]).fillna(ids) if section.name in selected else ids
    columns = {"name": names.astype(str), "population": np.nan if population is None else population}
    return Neighbourhoods(
        frame=gpd.GeoDataFrame(columns, geometry=mended.geometry, crs=mended.crs),
        attributes=attributes,
        covariates=covariates,
        every_id=raw.index,
        section=section,
        origin=origin,
        complete=len(found.errors) == errors_before,
    )


def _joined(
    selected: gpd.GeoDataFrame,
    every_id: pd.Index,
    tables: list[tuple[TableSection, pd.DataFrame | None]],
    section: NeighbourhoodsSection,
    *,
    found: Findings,
) -> tuple[pd.DataFrame, dict[str, TableSection], dict[str | None, pd.Index]]:
    """Every cell by id, the table of each joined column, and by column the ids of which a problem was already told.

    The key None of the last one stands for the columns of tables that could not be read or matched.
    """
    attributes = pd.DataFrame(selected.drop(columns=selected.geometry.name))
    origin: dict[str, TableSection] = {}
    lacking: dict[str | None, pd.Index] = {}
    for one, cells_of in tables:
        matched = None
        if cells_of is not None:
            matched = match(cells_of, one, attributes, every_id, section=section, found=found)
        if cells_of is None or matched is None:
            unread: list[str | None] = [None] if one.columns is None else list(one.columns)
            lacking |= dict.fromkeys(unread, selected.index)
            continue
        replaced = [str(name) for name in matched if name in attributes and name not in (section.id, section.name)]
        differ = [name for name in replaced if not cells.as_text(matched[name]).equals(cells.as_text(attributes[name]))]
        if differ:
            found.notice("columns_replaced", differ, file=one.file)
        attributes = attributes.drop(columns=[name for name in matched if name in attributes]).join(matched)
        origin |= dict.fromkeys(map(str, matched), one)
        if one.missing == "error":
            lacking |= dict.fromkeys(map(str, matched), selected.index.difference(cells_of.index))
    return attributes, origin, lacking


def _polygons(
    section: NeighbourhoodsSection, *, folder: Path, found: Findings, sources: list[files.Source]
) -> gpd.GeoDataFrame | None:
    """The features by id, with the CRS known and every id present and unique."""
    path = files.locate(folder, section.path, use="neighbourhoods", found=found)
    if path is None:
        return None
    frame = vector.read_vector(path, file=section.file, found=found, layer=section.layer, encoding=section.encoding)
    if frame is None:
        return None
    sources.extend(files.identify(path, section.path, use="neighbourhoods", rows=len(frame)))
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    known = vector.with_crs(frame, section.crs, file=section.file, key="[neighbourhoods] crs", found=found)
    wanted = {"[neighbourhoods] id": section.id, "[neighbourhoods] name": section.name}
    files.require_columns(columns, wanted, file=section.file, found=found)
    if section.id not in columns:
        return None
    ids = read_ids(frame[section.id].set_axis(frame.index + 1), section, found=found)
    text = [one for one in (section.id, section.name) if one in columns]
    mended = letters.mended(frame, text, section, found=found)
    if known is None or ids is None or mended is None:
        return None
    zero = vector.at_zero(known)
    if zero.any():
        found.error("polygons_at_zero", [one for one, bad in zip(ids, zero, strict=True) if bad], file=section.file)
        return None
    return known.assign(**{one: mended[one] for one in text}).set_index(pd.Index(ids, name="id"))


def _selected(raw: gpd.GeoDataFrame, section: NeighbourhoodsSection, *, found: Findings) -> gpd.GeoDataFrame | None:
    """The features the study is about; fewer than two have nothing to compare."""
    wanted = raw.index if section.ids is None else pd.Index(section.ids)
    unknown = [one for one in wanted if one not in raw.index]
    if unknown:
        near = [f"{one} ({close}?)" if (close := nearest(one, raw.index)) else one for one in unknown]
        found.error("ids_selected_unknown", near, file=section.file)
        return None
    selected = raw.loc[raw.index.isin(wanted)].sort_index()
    if len(selected) < 2:
        found.error("neighbourhoods_one", selected.index, file=section.file)
        return None
    return selected


def _population(
    attributes: pd.DataFrame,
    section: NeighbourhoodsSection,
    origin: Origin,
    lacking: Mapping[str | None, pd.Index],
    *,
    found: Findings,
) -> pd.Series | None:
    """People by neighbourhood: present, a number, not negative, not zero unless the study says so, not in thousands."""
    column = section.population
    if column not in attributes and (column in lacking or None in lacking):
        return None
    source = origin.get(column, section)
    wanted = {"[neighbourhoods] population": column}
    if not files.require_columns(list(map(str, attributes)), wanted, file=source.file, found=found):
        return None
    people = numbers(attributes[column], source, found=found)
    if people is None:
        return None
    about = {"file": source.file, "column": column}
    told = people.index.isin(lacking.get(column, []))
    absent, zero = people.isna() & ~told, people == 0
    if absent.any():
        found.error("population_missing", which=people.index[absent], **about)
    if (people < 0).any():
        found.error("population_negative", which=people.index[people < 0], **about)
    if zero.any() and section.uninhabited == "error":
        found.error("population_zero", which=people.index[zero], **about)
    elif zero.any():
        found.notice("population_zero_kept", people.index[zero])
    if section.population_scale is None and _in_thousands(people):
        shown = [f"{one}: {value:g}" for one, value in people.head(3).items()]
        found.error("population_thousands", which=shown, **about)
        return None
    return people * (section.population_scale or 1.0)


def _in_thousands(people: pd.Series) -> bool:
    """Whether populations look like thousands: fractions of at most three digits, none of a town's size."""
    given = people.dropna()
    thousandths = given * 1000
    return bool(
        len(given)
        and given.max() < 10_000
        and (given % 1 != 0).mean() > 0.5
        and np.allclose(thousandths, thousandths.round(), atol=1e-6)
        and given.median() < 1000
    )


def _covariates(
    attributes: pd.DataFrame,
    section: NeighbourhoodsSection,
    origin: Origin,
    *,
    rank_by: str | None,
    counted: Collection[tuple[str | None, str]],
    found: Findings,
) -> pd.DataFrame:
    """The numeric columns the study joined (or named in `[neighbourhoods] columns`, or ranks by), as floats."""
    own = renamed(section.columns, []) if section.columns is not None else {}
    wanted = {f"[neighbourhoods] columns: {new}": old for new, old in own.items()}
    files.require_columns(list(map(str, attributes)), wanted, file=section.file, found=found)
    chosen = dict.fromkeys(origin) | dict.fromkeys(own)
    if rank_by is not None and rank_by in attributes:
        chosen[rank_by] = None
    columns: dict[str, pd.Series] = {}
    for name in chosen:
        column = attributes.get(own.get(name, name))
        source = origin.get(name, section)
        skipped = name in (section.population, section.name) or _is_counted(name, own.get(name, name), source, counted)
        technical = name.casefold() in TECHNICAL and name != rank_by
        if column is None or skipped or technical or not numeric(column):
            continue
        values = numbers(column.rename(name), source, found=found)
        if values is None:
            continue
        if values.isna().any():
            found.notice("covariate_missing", values.index[values.isna()], file=source.file, column=name)
        columns[name] = values
    return pd.DataFrame(columns, index=attributes.index)


def _is_counted(
    name: str, column: str, source: NeighbourhoodsSection | TableSection, counted: Collection[tuple[str | None, str]]
) -> bool:
    """Whether a layer counts this column, under the study's name for it or under the file's own."""
    written = renamed(source.columns, []).get(name, column)
    return (None, name) in counted or (None, column) in counted or (source.path, written) in counted


def _report_overlaps(frame: gpd.GeoDataFrame, section: NeighbourhoodsSection, *, found: Findings) -> None:
    pairs = vector.overlaps(frame)
    large = pairs[pairs["share"] > vector.OVERLAP_SHARE]
    said = [f"{one}–{other} ({share:.0%})" for one, other, share in zip(*_columns(large, "share"), strict=True)]
    if said and section.overlaps == "error":
        found.error("overlaps", said, file=section.file)
    elif said:
        found.notice("overlaps_kept", said, file=section.file)
    slivers = pairs[(pairs["share"] <= vector.OVERLAP_SHARE) & (pairs["area_m2"] > 1)]
    if len(slivers):
        areas = zip(*_columns(slivers, "area_m2"), strict=True)
        found.notice(
            "slivers", [f"{one}–{other} ({number(area, 0)} m²)" for one, other, area in areas], file=section.file
        )


def _columns(pairs: pd.DataFrame, amount: str) -> tuple[list[str], list[str], list[float]]:
    return pairs["first"].tolist(), pairs["second"].tolist(), pairs[amount].tolist()
