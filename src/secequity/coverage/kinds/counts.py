"""Counts by neighbourhood: a column of the joined tables, or of a table of the layer's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection, NeighbourhoodsSection, TableSection
from secequity.coverage.kinds.task import Counted
from secequity.sources import files, joined, neighbourhoods

SHARED = (
    *("path", "layer", "sheet", "encoding", "separator", "decimal"),
    *("mojibake", "zero_pad", "aliases", "missing", "extra"),
)


def read_counts(
    section: LayerSection,
    city: neighbourhoods.Neighbourhoods | None,
    *,
    folder: Path,
    found: Findings,
    sources: list[files.Source],
) -> Counted | None:
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
        of_people = section.body in privacy.PARTICIPANTS
        table = joined.read_joined(
            own, folder=folder, found=found, sources=sources, use=section.name, of_people=of_people
        )
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
    total = pd.concat(known_parts, axis=1).sum(axis=1, skipna=False)
    if section.weeks is None:
        return Counted(amount=total)
    found.notice("counts_period", layer=section.name, weeks=section.weeks)
    return Counted(amount=total / section.weeks, participants=total)


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
    counted = joined.numbers(column, source, found=found, of_people=section.body in privacy.PARTICIPANTS)
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
