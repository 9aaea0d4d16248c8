"""Tables joined to the neighbourhoods by id, and what their ids have in common with those of the polygons."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from secequity.checks import Findings, nearest
from secequity.config import FileKeys, NeighbourhoodsSection, TableSection
from secequity.errors import Problem, problem
from secequity.sources import cells, files, letters, table
from secequity.sources import people as people_room
from secequity.sources.files import Source

TABLES = "neighbourhoods.tables"
NUMERIC_SHARE = 0.5
NEAR = 0.7


def read_joined(
    section: TableSection,
    *,
    folder: Path,
    found: Findings,
    sources: list[Source],
    use: str = TABLES,
    of_people: bool = False,
) -> pd.DataFrame | None:
    """A joined table by id, its columns under the names the study gives them.

    `of_people` says that it counts participants: none of its columns may lead to one.
    """
    path = files.locate(folder, section.path, use=use, found=found)
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    frame = table.read_table(path, file=section.file, use=use, found=found, **options) if path is not None else None
    if path is None or frame is None:
        return None
    sources.extend(files.identify(path, section.path, use=use, rows=len(frame)))
    if of_people and not people_room.refuse_people(frame, file=section.file, found=found, places=[section.id]):
        return None
    chosen = renamed(section.columns, [one for one in frame.columns if one != section.id])
    place = f"[[{use}]]" if use == TABLES else f"[[layers]] {use}:"
    wanted = {f"{place} id": section.id} | {f"{place} columns: {new}": old for new, old in chosen.items()}
    if not files.require_columns(list(frame.columns), wanted, file=section.file, found=found):
        return None
    text = [old for old in chosen.values() if not numeric(frame[old])]
    ids = read_ids(frame[section.id], section, found=found)
    mended = letters.mended(frame, [section.id, *text], section, found=found)
    if ids is None or mended is None:
        return None
    return pd.DataFrame({new: mended[old].to_numpy() for new, old in chosen.items()}, index=pd.Index(ids, name="id"))


def read_ids(column: pd.Series, section: NeighbourhoodsSection | TableSection, *, found: Findings) -> list[str] | None:
    """The ids of a column (index = row), or problems about rows without one and ids that stand twice."""
    raw = cells.as_text(column)
    ids = cells.as_ids(cells.repaired(raw) if section.mojibake == "repair" else column,
                       zero_pad=section.zero_pad, aliases=section.aliases)  # fmt: skip
    absent = ids.isna()
    if absent.any():
        found.error("ids_missing", [f"#{row}" for row in ids.index[absent]], file=section.file, column=section.id)
    twice = ids[ids.duplicated(keep=False) & ~absent]
    if len(twice):
        said = [f"{cells.shown(one)} ({', '.join(f'#{row}' for row in rows)})"
                for one, rows in twice.groupby(twice, sort=False).groups.items()]  # fmt: skip
        found.error("ids_repeated", said, name=section.file)
    return None if absent.any() or len(twice) else ids.tolist()


def renamed(columns: dict[str, str] | list[str] | None, default: list[str]) -> dict[str, str]:
    """The columns a section asks for: the column of the file by the name the study gives it."""
    if isinstance(columns, dict):
        return dict(columns)
    return {one: one for one in (columns if columns is not None else default)}


def numeric(column: pd.Series) -> bool:
    """Whether most of a column's cells are numbers."""
    try:
        numbers, _ = cells.as_numbers(column)
    except cells.AmbiguousNumbers:
        return True
    given = cells.as_text(column).notna()
    return bool(given.any() and numbers.notna().sum() > NUMERIC_SHARE * given.sum())


def numbers(column: pd.Series, section: FileKeys, *, found: Findings, of_people: bool = False) -> pd.Series | None:
    """A column (index = id) as floats, or a problem that lists the cells that are no numbers; only where they stand in
    a file `of_people`, whose cells are never shown."""
    about = {"file": section.file, "column": str(column.name)}
    try:
        values, bad = cells.as_numbers(column, decimal=section.decimal)
    except cells.AmbiguousNumbers:
        found.error("numbers_ambiguous", which=doubtful(column), **about)
        return None
    if bad.any():
        said = [str(one) if of_people else f"{one}: “{cells.shown(cell)}”" for one, cell in column[bad].items()]
        found.error("numbers_bad", which=said, **about)
        return None
    return values.rename(str(column.name))


def readable(column: pd.Series, section: FileKeys) -> pd.Series:
    """The cells of a column that are numbers for certain, the others missing: more may be wrong with them."""
    try:
        return cells.as_numbers(column, decimal=section.decimal)[0]
    except cells.AmbiguousNumbers:
        return pd.Series(float("nan"), index=column.index)


def doubtful(column: pd.Series) -> list[str]:
    """The cells of a column that can be read in two ways."""
    return [cells.shown(one) for one in cells.as_text(column).dropna() if "," in one or "." in one]


def match(
    joined: pd.DataFrame,
    one: TableSection,
    attributes: pd.DataFrame,
    every_id: pd.Index,
    *,
    section: NeighbourhoodsSection,
    found: Findings,
) -> pd.DataFrame | None:
    """A table in the order of the neighbourhoods; what does not match is an error unless the study knows it.

    Nothing when the two have no code in common, or the table's lost their leading zeros.
    """
    ids = attributes.index
    absent, unknown = ids.difference(joined.index), joined.index.difference(every_id)
    about = {"file": one.file, "polygons": section.file}
    hint = padding(joined.index, every_id)
    if hint and len(absent):
        width, side = hint
        about |= {"column": one.id, "width": str(width), "place": one.file if side == "table" else section.file}
        found.error("table_lost_zeros", which=_facing(joined.index, ids), **about)
        return None
    pairs = respelled(absent, unknown) if one.missing == "error" else {}
    if len(absent) == len(ids) and not pairs:
        found.error("table_no_match", which=_facing(joined.index, ids), column=one.id, **about)
        return None
    if pairs:
        said = [f"{cells.shown(wrong)} → {cells.shown(right)}?" for right, wrong in pairs.items()]
        found.error("table_spelling", which=said, aliases=aliases_of(pairs), **about)
    absent, unknown = absent.difference(list(pairs)), unknown.difference(list(pairs.values()))
    if len(absent):
        said = [_named(missing, attributes, section, unknown) for missing in absent]
        code, report = ("table_partial_kept", found.notice) if one.missing == "keep" else ("table_partial", found.error)
        report(code, said, file=one.file, total=len(ids), count=len(absent), people=people(attributes, section, absent))
    stale = unknown if len(unknown) <= len(every_id) else _family(unknown, every_id)
    if len(stale) and one.extra == "error":
        found.error("table_stale", which=stale, people=people(joined, section, stale), **about)
        unknown = unknown.difference(stale)
    if len(unknown):
        found.notice("table_extra", which=unknown, **about)
    return joined.reindex(ids)


def padding(others: pd.Index, every_id: pd.Index) -> tuple[int, str] | None:
    """To how many characters leading zeros were lost and by which of the two, if filling them up makes more ids meet.

    >>> padding(pd.Index(["50101"]), pd.Index(["050101", "050102"]))
    (6, 'table')
    """
    meet = len(every_id.intersection(others))
    for side, lost, whole in (("table", others, every_id), ("neighbourhoods", every_id, others)):
        width = max((len(one) for one in whole), default=0)
        if len(pd.Index([one.zfill(width) for one in lost]).intersection(whole)) > meet:
            return width, side
    return None


def respelled(absent: pd.Index, unknown: pd.Index) -> dict[str, str]:
    """Ids that are wanted and the ones that probably mean them, each used once; codes of digits never resemble."""
    pairs: dict[str, str] = {}
    left = [one for one in unknown if not one.isdigit()]
    for wanted in absent:
        close = "" if wanted.isdigit() else nearest(wanted, left, cutoff=NEAR)
        if close:
            pairs[wanted] = close
            left.remove(close)
    return pairs


def aliases_of(pairs: dict[str, str]) -> str:
    """The first of the aliases that would mend misspelt ids, as a study file writes them."""
    shown = [f'"{cells.shown(wrong)}" = "{cells.shown(right)}"' for right, wrong in list(pairs.items())[:3]]
    return ", ".join(shown + (["…"] if len(pairs) > len(shown) else []))


def _facing(others: pd.Index, ids: pd.Index) -> list[str]:
    width = max(len(one) for one in (*others, *ids))
    by_padded = {one.zfill(width): one for one in ids}
    same = [(one, by_padded[one.zfill(width)]) for one in sorted(others) if one.zfill(width) in by_padded]
    pairs = [pair for pair in same if pair[0] != pair[1]] or list(zip(sorted(others), sorted(ids), strict=False))
    return [f"{cells.shown(one)} ≠ {cells.shown(other)}" for one, other in pairs[:3]]


def _family(unknown: pd.Index, every_id: pd.Index) -> pd.Index:
    """Ids of a large table that are not in the polygons but look like their siblings: as long, all but two the same.

    A table of the whole country has many rows that are of elsewhere; a new district of the same province is not.
    """
    stems = {one[:-2] for one in every_id if len(one) > 3}
    return unknown[[len(one) == len(every_id[0]) and one[:-2] in stems for one in unknown]]


def _named(missing: str, attributes: pd.DataFrame, section: NeighbourhoodsSection, unknown: pd.Index) -> str:
    close = "" if missing.isdigit() else nearest(missing, unknown, cutoff=NEAR)
    if close:
        return f"{cells.shown(missing)} ({cells.shown(close)}?)"
    name = attributes[section.name].get(missing) if section.name in attributes else None
    return f"{missing} {cells.shown(name)}" if isinstance(name, str) and name != missing else missing


def people(frame: pd.DataFrame, section: NeighbourhoodsSection, ids: pd.Index) -> Problem | str:
    """How many people the ids hold according to `frame`, or nothing when it does not know."""
    if section.population not in frame.columns:
        return ""
    try:
        counted, _ = cells.as_numbers(frame[section.population], decimal=section.decimal)
    except cells.AmbiguousNumbers:
        return ""
    total = counted.reindex(ids).sum(min_count=1)
    return problem("people", people=float(total) * (section.population_scale or 1)) if total == total else ""
