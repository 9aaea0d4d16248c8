"""The neighbourhoods of a study: polygons, the tables joined to them by id, and their people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity.checks import Findings, nearest
from secequity.config import NeighbourhoodsSection, TableSection
from secequity.sources import cells, files, table, vector
from secequity.texts import number

NUMERIC_SHARE = 0.5
TECHNICAL = frozenset(
    {"objectid", "fid", "gid", "id", "shape_area", "shape_leng", "shape_length", "area", "perimeter", "index"}
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhoods:
    """`frame`: index `id`, columns `name`, `population`, geometry in metres · `attributes`: every raw cell of the file
    and its joined tables by id · `covariates`: the joined numeric columns, as floats · `every_id`: the ids of the file,
    those that the study leaves out included."""

    frame: gpd.GeoDataFrame
    attributes: pd.DataFrame
    covariates: pd.DataFrame
    every_id: pd.Index
    section: NeighbourhoodsSection


def read_neighbourhoods(
    section: NeighbourhoodsSection,
    *,
    folder: Path,
    crs: str | None,
    rank_by: str | None,
    found: Findings,
    sources: list[files.Source],
) -> Neighbourhoods | None:
    """The neighbourhoods a study file describes, or nothing and every reason on `found`."""
    errors_before = len(found.errors)
    raw = _polygons(section, folder=folder, found=found, sources=sources)
    joined = [read_joined(one, folder=folder, found=found, sources=sources) for one in section.tables]
    if raw is None or any(one is None for one in joined):
        return None
    every_id = raw.index
    selected = _selected(raw, section, found=found)
    if selected is None:
        return None
    if len(selected) < 2:
        found.error("neighbourhoods_one", selected.index, file=section.file)
        return None
    attributes = pd.DataFrame(selected.drop(columns=selected.geometry.name))
    used: dict[str, TableSection] = {}
    for one, cells_of in zip(section.tables, joined, strict=True):
        assert cells_of is not None
        matched = match(cells_of, one, attributes, every_id, section=section, found=found)
        attributes = attributes.drop(columns=[c for c in matched.columns if c in attributes]).join(matched)
        used.update(dict.fromkeys(matched.columns, one))
    population = _population(attributes, section, used, found=found)
    metric = vector.in_metres(selected, crs, file=section.file, found=found)
    mended = vector.mended_polygons(metric, file=section.file, found=found) if metric is not None else None
    if mended is None or population is None:
        return None
    _report_overlaps(mended, section, found=found)
    covariates = _covariates(attributes, section, used, rank_by=rank_by, found=found)
    names = cells.as_text(attributes[section.name]) if section.name else pd.Series(selected.index, index=selected.index)
    names = names.where(names.notna(), pd.Series(selected.index, index=selected.index))
    frame = gpd.GeoDataFrame(
        {"name": names.astype(str), "population": population}, geometry=mended.geometry, crs=mended.crs
    )
    if len(found.errors) > errors_before:
        return None
    return Neighbourhoods(frame=frame, attributes=attributes, covariates=covariates, every_id=every_id, section=section)


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
    wanted = {"neighbourhoods.id": section.id, "neighbourhoods.name": section.name}
    if not files.require_columns(columns, wanted, file=section.file, found=found):
        return None
    known = vector.with_crs(frame, section.crs, file=section.file, key="neighbourhoods.crs", found=found)
    ids = _ids(frame[section.id], section, found=found)
    text = {section.id, section.name} - {None}
    frame = _mended_text(frame, [str(one) for one in text], section, found=found)
    if known is None or ids is None or frame is None:
        return None
    known = known.assign(**{str(one): frame[str(one)] for one in text})
    return known.set_index(pd.Index(ids, name="id"))


def _ids(column: pd.Series, section: NeighbourhoodsSection | TableSection, *, found: Findings) -> list[str] | None:
    """The ids of a column, or problems about rows without one and ids that stand twice."""
    ids = cells.as_ids(column, zero_pad=section.zero_pad, aliases=section.aliases)
    if section.mojibake == "repair":
        ids = cells.repaired(ids)
    absent = ids.isna()
    if absent.any():
        found.error("ids_missing", [f"{at + 2}" for at in np.flatnonzero(absent)], file=section.file, column=section.id)
    twice = ids[ids.duplicated() & ~absent]
    if len(twice):
        found.error("ids_repeated", dict.fromkeys(twice), name=section.file)
    return None if absent.any() or len(twice) else ids.tolist()


def _mended_text(
    frame: pd.DataFrame, columns: list[str], section: NeighbourhoodsSection | TableSection, *, found: Findings
) -> pd.DataFrame | None:
    """The frame with broken UTF-8 repaired where the study asks for it, or a problem that lists the cells."""
    for column in columns:
        text = cells.as_text(frame[column])
        bad = cells.broken(text)
        if bad.any() and section.mojibake == "error":
            said = [f"{cell} → {cells.repaired(pd.Series([cell])).iloc[0]}" for cell in text[bad]]
            found.error("mojibake", said, file=section.file, column=column)
            return None
        if bad.any():
            found.notice("mojibake_repaired", text[bad], file=section.file, column=column)
            frame = frame.assign(**{column: cells.repaired(text)})
    return frame


def _selected(raw: gpd.GeoDataFrame, section: NeighbourhoodsSection, *, found: Findings) -> gpd.GeoDataFrame | None:
    if section.ids is None:
        return raw
    unknown = [one for one in section.ids if one not in raw.index]
    if unknown:
        near = [f"{one} → {close}?" if (close := nearest(one, raw.index)) else one for one in unknown]
        found.error("ids_selected_unknown", near, file=section.file)
        return None
    return raw.loc[raw.index.isin(section.ids)]


def read_joined(
    section: TableSection,
    *,
    folder: Path,
    found: Findings,
    sources: list[files.Source],
    use: str = "neighbourhoods.tables",
) -> pd.DataFrame | None:
    """A joined table by id, its columns under the names the study gives them."""
    path = files.locate(folder, section.path, use=use, found=found)
    if path is None:
        return None
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    frame = table.read_table(path, file=section.file, found=found, **options)
    if frame is None:
        return None
    sources.extend(files.identify(path, section.path, use=use, rows=len(frame)))
    renamed = _renamed(section.columns, [one for one in frame.columns if one != section.id])
    wanted = {"tables.id": section.id} | {f"tables.columns.{new}": old for new, old in renamed.items()}
    if not files.require_columns(list(frame.columns), wanted, file=section.file, found=found):
        return None
    ids = _ids(frame[section.id], section, found=found)
    mended = _mended_text(
        frame, [section.id, *(old for old in renamed.values() if not _numeric(frame[old]))], section, found=found
    )
    if ids is None or mended is None:
        return None
    return pd.DataFrame({new: mended[old].to_numpy() for new, old in renamed.items()}, index=pd.Index(ids, name="id"))


def _renamed(columns: dict[str, str] | list[str] | None, default: list[str]) -> dict[str, str]:
    if isinstance(columns, dict):
        return dict(columns)
    return {one: one for one in (columns if columns is not None else default)}


def _numeric(column: pd.Series) -> bool:
    """Whether most of a column's cells are numbers."""
    try:
        numbers, _ = cells.as_numbers(column)
    except cells.AmbiguousNumbers:
        return True
    given = cells.as_text(column).notna()
    return bool(given.any() and numbers.notna().sum() > NUMERIC_SHARE * given.sum())


def match(
    joined: pd.DataFrame,
    one: TableSection,
    attributes: pd.DataFrame,
    every_id: pd.Index,
    *,
    section: NeighbourhoodsSection,
    found: Findings,
) -> pd.DataFrame:
    """A table in the order of the neighbourhoods; what does not match is an error unless the study knows it."""
    ids = attributes.index
    absent = ids.difference(joined.index)
    unknown = joined.index.difference(every_id)
    hint = _padding_hint(joined.index, every_id)
    if len(absent) == len(ids) or (hint and len(absent)):
        code = "table_lost_zeros" if hint else "table_no_match"
        found.error(code, [f"{a} ≠ {b}" for a, b in zip(sorted(joined.index)[:3], sorted(ids)[:3], strict=False)],
                    file=one.file, column=one.id, hint=hint, polygons=section.file)  # fmt: skip
        return joined.reindex(ids)
    if len(absent):
        said = [_with_near(missing, attributes, section, unknown) for missing in absent]
        people = _people_text(attributes, section, absent)
        report = found.notice if one.missing == "keep" else found.error
        report(
            "table_partial_kept" if one.missing == "keep" else "table_partial",
            said,
            file=one.file,
            total=len(ids),
            people=people,
        )
    elsewhere = len(unknown) > len(every_id) and not _same_family(unknown, every_id)
    if len(unknown) and one.extra == "error" and not elsewhere:
        found.error(
            "table_stale", unknown, file=one.file, polygons=section.file, people=_people_text(joined, section, unknown)
        )
    elif len(unknown):
        found.notice("table_extra", unknown, file=one.file, polygons=section.file)
    return joined.reindex(ids)


def _same_family(unknown: pd.Index, every_id: pd.Index) -> bool:
    """Whether unmatched ids begin as all the matched ones do: probably newer neighbours of the same city."""
    common = 0
    first, last = min(every_id), max(every_id)
    while common < min(len(first), len(last)) and first[common] == last[common]:
        common += 1
    return common >= 2 and any(one.startswith(first[:common]) and len(one) == len(first) for one in unknown)


def _padding_hint(table_ids: pd.Index, every_id: pd.Index) -> str:
    """Which side lost its leading zeros, if filling them up makes more ids meet: the key to write, or nothing."""
    meet = len(every_id.intersection(table_ids))
    for side, lost, whole in (("table", table_ids, every_id), ("neighbourhoods", every_id, table_ids)):
        width = max((len(one) for one in whole), default=0)
        padded = pd.Index([one.zfill(width) for one in lost])
        if len(padded.intersection(whole)) > meet:
            where = "[[neighbourhoods.tables]]" if side == "table" else "[neighbourhoods]"
            return f"zero_pad = {width} → {where}"
    return ""


def _with_near(missing: str, attributes: pd.DataFrame, section: NeighbourhoodsSection, unknown: pd.Index) -> str:
    close = nearest(missing, unknown, cutoff=0.75)
    if close and not (missing.isdigit() and close.isdigit()):
        return f"{missing} ({close}?)"
    name = attributes[section.name].get(missing) if section.name else None
    return f"{missing} {name}" if name and name != missing else missing


def _people_text(frame: pd.DataFrame, section: NeighbourhoodsSection, ids: pd.Index) -> str:
    """How many people the ids hold according to `frame`, or a dash when it does not know."""
    if section.population not in frame.columns:
        return "–"
    try:
        numbers, _ = cells.as_numbers(frame[section.population])
    except cells.AmbiguousNumbers:
        return "–"
    return number(float(numbers.reindex(ids).sum()) * (section.population_scale or 1), 0)


def _population(
    attributes: pd.DataFrame, section: NeighbourhoodsSection, used: dict[str, TableSection], *, found: Findings
) -> pd.Series | None:
    """People by neighbourhood: present, a number, not negative, not zero unless the study says so, not in thousands."""
    known = list(attributes.columns)
    file = used[section.population].file if section.population in used else section.file
    if not files.require_columns(known, {"neighbourhoods.population": section.population}, file=file, found=found):
        return None
    decimal = used[section.population].decimal if section.population in used else section.decimal
    people = numbers(attributes[section.population], file=file, decimal=decimal, found=found)
    if people is None:
        return None
    absent, zero = people.isna(), people == 0
    if absent.any():
        found.error("population_missing", people.index[absent], file=file, column=section.population)
    if (people < 0).any():
        found.error("population_negative", people.index[people < 0], file=file, column=section.population)
    if zero.any() and section.uninhabited == "error":
        found.error("population_zero", people.index[zero], file=file, column=section.population)
    elif zero.any():
        found.notice("population_zero_kept", people.index[zero])
    if section.population_scale is None and _in_thousands(people):
        shown = [f"{one}: {value:g}" for one, value in people.head(3).items()]
        found.error("population_thousands", shown, file=file, column=section.population)
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


def numbers(column: pd.Series, *, file: str, decimal: str | None, found: Findings) -> pd.Series | None:
    """A column (index = id) as floats, or a problem that lists the cells that are no numbers."""
    try:
        values, bad = cells.as_numbers(column, decimal=decimal)  # type: ignore[arg-type]
    except cells.AmbiguousNumbers:
        found.error("numbers_ambiguous", column.dropna().astype(str).head(3), file=file, column=column.name)
        return None
    if bad.any():
        said = [f"{one}: “{column[one]}”" for one in column.index[bad]]
        found.error("numbers_bad", said, file=file, column=column.name)
        return None
    return values.rename(str(column.name))


def _covariates(
    attributes: pd.DataFrame,
    section: NeighbourhoodsSection,
    used: dict[str, TableSection],
    *,
    rank_by: str | None,
    found: Findings,
) -> pd.DataFrame:
    """The numeric columns the study joined (or named in `[neighbourhoods] columns`, or ranks by), as floats."""
    own = _renamed(section.columns, []) if section.columns is not None else {}
    files.require_columns(list(attributes.columns), {f"neighbourhoods.columns.{new}": old for new, old in own.items()},
                          file=section.file, found=found)  # fmt: skip
    wanted = dict.fromkeys(used) | dict.fromkeys(own)
    if rank_by is not None and rank_by not in wanted and rank_by in attributes:
        wanted[rank_by] = None
    columns: dict[str, pd.Series] = {}
    for name in wanted:
        column = attributes.get(own.get(name, name))
        technical = name.casefold() in TECHNICAL and name != rank_by
        if column is None or name in (section.population, section.name) or technical or not _numeric(column):
            continue
        file, decimal = (used[name].file, used[name].decimal) if name in used else (section.file, section.decimal)
        values = numbers(column.rename(name), file=file, decimal=decimal, found=found)
        if values is None:
            continue
        if values.isna().any():
            found.notice("covariate_missing", values.index[values.isna()], file=file, column=name)
        columns[name] = values
    return pd.DataFrame(columns, index=attributes.index)


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
