"""The participation file of a study, of any of its three forms, read and checked: each mistake once, with its rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import Findings, nearest
from secequity.config import ParticipationSection
from secequity.participation import columns
from secequity.participation.given import NAME, RECORDS, Participation, certain_people, hours_per_week
from secequity.participation.groups import money_per_week
from secequity.participation.plausible import check_rows, check_whole
from secequity.sources import cells, files, letters, people, table
from secequity.sources.neighbourhoods import Neighbourhoods

KEYS = (
    *("id", "activity", "people", "times", "hours", "amount"),
    *("members", "date", "support", "officials"),
)


def read_participation(
    section: ParticipationSection,
    city: Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
    zones: pd.Series | None = None,
) -> Participation | None:
    """What residents give, as a study's file tells it, or nothing and every reason on `found`.

    With the `zones` of the study, what its quotas buy is withheld so that no figure of a zone gives it back.
    """
    path = files.locate(folder, section.path, use=NAME, found=found)
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    raw = table.read_table(path, file=section.file, use=NAME, found=found, **options) if path is not None else None
    if path is None or raw is None:
        return None
    sources.extend(files.identify(path, section.path, use=NAME, rows=len(raw)))
    before = len(found.errors)
    places = (section.id, section.activity, section.support, section.officials)
    known = () if city is None else (*city.every_id, *city.frame["name"], *(section.aliases or ()))
    points = section.form == "stations"
    if not people.refuse_people(raw, file=section.file, found=found, known=known, points=points, places=places):
        return None
    wanted = {f"{NAME}.{key}": getattr(section, key) for key in KEYS}
    if not files.require_columns(list(raw.columns), wanted, file=section.file, found=found):
        return None
    raw = _mended(raw, section, found=found)
    ids = _ids(raw, section, city, found=found)
    if section.form == "stations":
        members = columns.amounts(raw, section.members, section, found=found)
        if members is not None:
            check_whole(members, section.members, section, found=found)
        if members is None or city is None or len(found.errors) > before:
            return None
        return _of_stations(ids, members, city.frame.index, k=k, section=section, found=found)
    log = _log(raw, ids, section, found=found)
    if len(found.errors) > before or city is None:
        return None
    guessed = columns.guessed(raw[str(section.activity)], section)
    return _published(log, city.frame.index, section, guessed=guessed, k=k, zones=zones, found=found)


def _mended(raw: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> pd.DataFrame:
    """The file with its broken letters repaired, or as it is, with problems about them."""
    text = [one for one in (section.id, section.activity, section.support, section.officials) if one]
    mended = letters.mended(raw, text, section, found=found)
    return raw if mended is None else mended


def _ids(
    raw: pd.DataFrame, section: ParticipationSection, city: Neighbourhoods | None, *, found: Findings
) -> pd.Series:
    """The neighbourhood of each row; one that the city does not have is a problem, with its nearest name and rows."""
    ids = cells.as_ids(raw[section.id], zero_pad=section.zero_pad, aliases=section.aliases)
    if ids.isna().any():
        found.error("ids_missing", [f"#{row}" for row in ids.index[ids.isna()]], file=section.file, column=section.id)
    if city is None:
        return ids
    strange = ids[~ids.isin(city.every_id) & ids.notna()]
    if len(strange):
        said = []
        for one, rows in strange.groupby(strange).groups.items():
            close = nearest(str(one), city.frame.index, cutoff=0.8)
            said.append(f"{columns.rows_of(rows)}{f' → {close}?' if close else ''}")
        found.error("participation_ids", said, file=section.file, column=section.id, polygons=city.section.file)
    return ids


def _log(raw: pd.DataFrame, ids: pd.Series, section: ParticipationSection, *, found: Findings) -> pd.DataFrame:
    """The rows in the vocabulary of the program, with problems about what it does not understand."""
    log = pd.DataFrame({"id": ids, "activity": columns.activities(raw[str(section.activity)], section, found=found)})
    for name in ("people", "hours", "amount", "times"):
        values = columns.amounts(raw, getattr(section, name), section, found=found)
        log[name] = values if values is not None else np.nan
    if section.times is None:
        log["times"] = 1.0
    elif (log["times"] <= 0).any():
        found.error("times_none", columns.labels(log.index[log["times"] <= 0]), file=section.file, column=section.times)
    log["date"] = columns.dates(raw, section, found=found)
    log["period"] = columns.periods(log["date"], days_a_period=section.period_days)
    log["support"], log["support_kind"] = columns.support(raw, section, found=found)
    log["officials"] = columns.answers(raw, section.officials, section, found=found)
    if section.people is None or (section.hours is None and not section.impute_hours):
        found.error("participation_no_hours", file=section.file)
    check_rows(log, raw, section, found=found)
    return columns.imputed(log, section)[list(RECORDS)]


def _published(
    log: pd.DataFrame,
    ids: pd.Index,
    section: ParticipationSection,
    *,
    guessed: pd.Series,
    k: int,
    zones: pd.Series | None,
    found: Findings,
) -> Participation:
    """Hours by neighbourhood, without those that may be the work of fewer than `k` people.

    A log counts attendances, not persons: the only sure number of participants is the largest attendance of a row.
    guessed : by row, whether the vocabulary and not the study explains its activity.
    """
    log = log[log["id"].isin(ids)]
    hours = hours_per_week(log, ids, weeks=section.weeks)
    silent = ids.difference(pd.Index(log["id"]))
    if len(silent):
        code = "participation_silent" if section.silent == "zero" else "participation_unknown"
        found.notice(code, silent, file=section.file)
    status = pd.Series("ok", index=ids, dtype=object)
    if section.silent == "missing":
        status[silent] = "missing"
    few = _of_few(log, ids, k=k) | _of_few(log[log["people"] * log["hours"] > 0], ids, k=k)
    if few.any():
        found.notice("suppressed", ids[few], layer=NAME, k=k)
    status = status.mask(few, "suppressed")
    shown = log[~log["id"].isin(ids[few])]
    columns.report_guesses(shown, guessed, section, k=k, found=found)
    columns.report_gaps(shown, section, found=found)
    records = shown.sort_values(
        ["id", "date", *(one for one in RECORDS if one not in ("id", "date"))], kind="stable", ignore_index=True
    )
    told = Participation(
        hours_per_week=hours.where(status == "ok"),
        status=status,
        records=records.astype(RECORDS),
        form=section.form,
        weeks=section.weeks,
    )
    if not section.quota_in_ledger or section.wage_per_hour is None:
        return told
    return replace(told, quota_hours=money_per_week(told, k=k, zones=zones) / section.wage_per_hour)


def _of_few(log: pd.DataFrame, ids: pd.Index, *, k: int) -> pd.Series:
    """Neighbourhoods whose rows may be of 1 to k − 1 people: whoever gave the hours may be fewer than whoever came."""
    people = certain_people(log).groupby(log["id"]).max().reindex(ids).fillna(0.0)
    return privacy.too_few(people, k=k)


def _of_stations(
    raw_ids: pd.Series,
    members: pd.Series,
    ids: pd.Index,
    *,
    section: ParticipationSection,
    k: int,
    found: Findings,
) -> Participation:
    """Members by neighbourhood: missing where a station of it gave none, or where it has no station."""
    total = members.groupby(raw_ids).agg(lambda one: one.sum(skipna=False)).reindex(ids).rename("members")
    absent = ids[total.isna()]
    if len(absent):
        found.notice("members_missing", absent, file=section.file, column=section.members)
    few = privacy.too_few(total, k=k)
    if few.any():
        found.notice("suppressed", ids[few], layer=NAME, k=k)
    status = pd.Series(np.where(total.isna(), "missing", "ok"), index=ids, dtype=object).mask(few, "suppressed")
    unknown = pd.Series(np.nan, index=ids, name="hours_per_week")
    return Participation(
        hours_per_week=unknown, status=status, form="stations", weeks=section.weeks, members=total.mask(few)
    )
