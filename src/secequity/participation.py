"""What residents give: a log of recorded activities becomes hours of their work a week by neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import Findings, nearest
from secequity.config import ParticipationSection
from secequity.sources import cells, files, joined, letters, table
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.words import Activity

ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
MONEY: tuple[Activity, ...] = ("dues",)
NAME = "participation"


@dataclass(frozen=True, kw_only=True, eq=False)
class Participation:
    """Residents' recorded work.

    hours_per_week : people times hours a person, over the weeks of the log, by neighbourhood id; 0 where nothing was
        recorded, missing where it may not be said.
    status : by neighbourhood id, `ok` or `suppressed`.
    """

    hours_per_week: pd.Series
    status: pd.Series


def hours_per_week(log: pd.DataFrame, ids: pd.Index, *, weeks: float) -> pd.Series:
    """Hours residents gave a week, by neighbourhood.

    Parameters
    ----------
    log : one row an activity, columns `id`, `people`, `hours` (hours a person); a row without either gives none.
    ids : the neighbourhoods; those without a row get 0 recorded hours.
    weeks : the period the log covers.

    >>> log = pd.DataFrame({"id": ["a", "a"], "people": [6, 4], "hours": [5.0, 2.5]})
    >>> hours_per_week(log, pd.Index(["a", "b"]), weeks=4).to_dict()    # (6·5 + 4·2.5) / 4
    {'a': 10.0, 'b': 0.0}
    """
    given = (log["people"] * log["hours"]).groupby(log["id"]).sum() / weeks
    return given.reindex(ids, fill_value=0.0).astype(float).rename("hours_per_week")


def read_participation(
    section: ParticipationSection,
    city: Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
) -> Participation | None:
    """The participation log of a study, or nothing and every reason on `found`."""
    path = files.locate(folder, section.path, use=NAME, found=found)
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    raw = table.read_table(path, file=section.file, use=NAME, found=found, **options) if path is not None else None
    if path is None or raw is None:
        return None
    sources.extend(files.identify(path, section.path, use=NAME, rows=len(raw)))
    keys = ("id", "activity", "people", "hours", "amount")
    wanted = {f"{NAME}.{key}": getattr(section, key) for key in keys}
    if not files.require_columns(list(raw.columns), wanted, file=section.file, found=found):
        return None
    mended = letters.mended(raw, [section.id, section.activity], section, found=found)
    log = _log(mended, section, found=found) if mended is not None else None
    if log is None or city is None:
        return None
    strangers = sorted(set(log["id"].dropna()) - set(city.frame.index))
    outside = sorted(set(strangers) - set(city.every_id))
    if outside:
        near = [
            f"{one} ({close}?)" if (close := nearest(one, city.frame.index, cutoff=0.8)) else one for one in outside
        ]
        found.error("participation_ids", near, file=section.file, column=section.id, polygons=city.section.file)
        return None
    return _published(log, city.frame.index, section, k=k, found=found)


def _log(raw: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> pd.DataFrame | None:
    """The log in the vocabulary of the program, or problems with the rows concerned."""
    before = len(found.errors)
    ids = cells.as_ids(raw[section.id], zero_pad=section.zero_pad, aliases=section.aliases)
    if ids.isna().any():
        found.error("ids_missing", [f"#{row}" for row in ids.index[ids.isna()]], file=section.file, column=section.id)
    log = pd.DataFrame({"id": ids, "activity": _activities(raw[section.activity], section, found=found)})
    for name, column in (("people", section.people), ("hours", section.hours), ("amount", section.amount)):
        if column is None:
            log[name] = np.nan
            continue
        values = joined.numbers(raw[column], section, found=found)
        if values is not None:
            log[name] = values
            if (values < 0).any():
                rows = [f"#{row}" for row in values.index[values < 0]]
                found.error("counts_negative", rows, file=section.file, column=column)
    return log if len(found.errors) == before else None


def _activities(column: pd.Series, section: ParticipationSection, *, found: Findings) -> pd.Series:
    """The controlled word of each row; a word the study does not map is a problem with its nearest neighbour."""
    mapping = {word: word for word in ACTIVITIES} | section.activities
    wrong = {old: new for old, new in section.activities.items() if new not in ACTIVITIES}
    if wrong:
        said = [f"{old} → {new}" for old, new in wrong.items()]
        found.error("activities_words", said, file=section.file, words=", ".join(ACTIVITIES))
    folded = {word.casefold(): activity for word, activity in mapping.items()}
    text = cells.as_text(column)
    known = text.map(lambda word: folded.get(word.casefold()), na_action="ignore")
    strange = text[known.isna()].fillna("–")
    if len(strange):
        said = [f"{word} ({count})" for word, count in strange.value_counts().items()]
        found.error("activities_unknown", said, file=section.file, column=section.activity, words=", ".join(ACTIVITIES))
    return known


def _published(
    log: pd.DataFrame, ids: pd.Index, section: ParticipationSection, *, k: int, found: Findings
) -> Participation | None:
    """Hours by neighbourhood, without those that may be the work of fewer than `k` people.

    A log counts attendances, not persons: the only sure number of participants is the largest attendance of a row.
    """
    if section.people is None or section.hours is None:
        found.error("participation_no_hours", file=section.file)
        return None
    log = log[log["id"].isin(ids)]
    unsaid = log[(log["people"].isna() | log["hours"].isna()) & ~log["activity"].isin(MONEY)]
    if len(unsaid):
        found.notice("participation_unrecorded", [f"#{row}" for row in unsaid.index], file=section.file)
    money = log["activity"].isin(MONEY) & log["hours"].isna()
    if money.any():
        found.notice("participation_money", file=section.file, rows=int(money.sum()))
    hours = hours_per_week(log, ids, weeks=section.weeks)
    silent = ids.difference(pd.Index(log["id"]))
    if len(silent):
        found.notice("participation_silent", silent, file=section.file)
    few = privacy.too_few(log.groupby("id")["people"].max().reindex(ids).fillna(0.0), k=k)
    if few.any():
        found.notice("suppressed", ids[few], layer=NAME, k=k)
    status = pd.Series(np.where(few, "suppressed", "ok"), index=ids, dtype=object)
    return Participation(hours_per_week=hours.mask(few), status=status)
