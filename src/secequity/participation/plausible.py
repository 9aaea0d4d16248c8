"""What a register says that cannot be: dates beyond its weeks, days of more than 24 hours, parts of people."""

from __future__ import annotations

import pandas as pd

from secequity.checks import Findings
from secequity.config import ParticipationSection
from secequity.participation.columns import labels
from secequity.participation.given import MONEY

FIRST_DAY = pd.Timestamp("1990-01-01")
"""No register of these activities is older."""
DAY_HOURS = 24.0
BEYOND = 1.1
"""Dates may reach over so many times the weeks of the register, or a week more: months are not of whole weeks."""
FEW = 0.5
"""Dates that fill less than this share of the weeks are worth a word."""


def check_rows(log: pd.DataFrame, raw: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> None:
    """Rows of a register that nobody can have meant are problems; what may be meant, but rarely is, is a notice.

    log : columns `activity`, `people`, `hours`, `date`. raw : the file, by the same rows.
    """
    check_whole(log["people"], section.people, section, found=found)
    long = (log["hours"] > DAY_HOURS) & ~log["activity"].isin(MONEY)
    if long.any():
        found.error("hours_of_a_day", labels(log.index[long]), file=section.file, column=section.hours)
    if section.date is None:
        return
    today = pd.Timestamp.now().normalize()
    strange = (log["date"] < FIRST_DAY) | (log["date"] > today + pd.Timedelta(days=1))
    if strange.any():
        found.error("dates_implausible", labels(log.index[strange]), file=section.file, column=section.date)
    if section.form == "log":
        _check_span(log.loc[~strange, "date"].dropna(), section, found=found)
        if (raw.duplicated() & log["date"].notna()).any():
            found.notice("rows_alike", file=section.file)


def check_whole(people: pd.Series, column: str | None, section: ParticipationSection, *, found: Findings) -> None:
    """People are whole: a part of one is a problem with its rows."""
    parts = people.notna() & (people % 1 != 0)
    if parts.any():
        found.error("people_fractional", labels(people.index[parts]), file=section.file, column=column)


def _check_span(days: pd.Series, section: ParticipationSection, *, found: Findings) -> None:
    """The days from first to last beside the weeks that the study says the register covers."""
    if days.empty:
        return
    spanned, told = (days.max() - days.min()).days + 1, 7 * section.weeks
    about = {"file": section.file, "column": section.date, "weeks": section.weeks, "spanned": round(spanned / 7, 1)}
    if spanned > max(BEYOND * told, told + 7):
        found.error("dates_beyond_weeks", **about)
    elif spanned < FEW * told:
        found.notice("dates_short_of_weeks", **about)
