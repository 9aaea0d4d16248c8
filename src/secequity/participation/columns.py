"""The columns of a participation file in the program's words, and problems with the rows that are in none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import pandas as pd

from secequity.checks import Findings
from secequity.config import ParticipationSection
from secequity.participation.given import ACTIVITIES, MONEY
from secequity.participation.vocabulary import folded, recognise, suggestion, supports_of, yes_or_no
from secequity.sources import cells, joined
from secequity.words import Support

SUPPORTS: tuple[Support, ...] = get_args(Support)
DAY_FIRST = "%d/%m/%Y"
SHOWN_ROWS = 3


def labels(rows: Iterable[object]) -> list[str]:
    """Rows as messages name them."""
    return [f"#{row}" for row in rows]


def rows_of(rows: Iterable[object]) -> str:
    """The first rows in which something stands, and of how many: #3, #8, #9 … 12. What stands there is not said: it
    may be of a person."""
    every = list(rows)
    return ", ".join(labels(every[:SHOWN_ROWS])) + (f" … {len(every)}" if len(every) > SHOWN_ROWS else "")


def activities(column: pd.Series, section: ParticipationSection, *, found: Findings) -> pd.Series:
    """The controlled word of each row; one that neither the study nor the vocabulary knows is a problem."""
    wrong = {old: new for old, new in section.activities.items() if new not in ACTIVITIES}
    words = ", ".join(ACTIVITIES)
    if wrong:
        said = [f"{old} → {new}" for old, new in wrong.items()]
        found.error("activities_words", said, file=section.file, words=words)
    text = cells.as_text(column)
    known = recognise(text, activities=section.activities)
    strange = text[known.isna()].fillna("–")
    if len(strange):
        said = []
        for one, rows in strange.groupby(strange).groups.items():
            close = suggestion(str(one), section.activities)
            said.append(f"{rows_of(rows)}{f' → {close}?' if close else ''}")
        found.error("activities_unknown", said, file=section.file, column=str(section.activity), words=words)
    return known


def guessed(column: pd.Series, section: ParticipationSection) -> pd.Series:
    """Which rows write their activity in words that the study does not explain."""
    own = {folded(one) for one in (*section.activities, *ACTIVITIES)}
    return ~cells.as_text(column).map(lambda one: isinstance(one, str) and folded(one) in own).astype(bool)


def report_guesses(
    shown: pd.DataFrame, guessed: pd.Series, section: ParticipationSection, *, k: int, found: Findings
) -> None:
    """The activities that were recognised in words of the register's own, and in how many neighbourhoods where these
    are `k` or more. The words themselves are not said: whoever keeps a register writes names into them."""
    read = shown[guessed.reindex(shown.index)]
    if len(read):
        places = read.groupby("activity")["id"].nunique()
        said = [f"{word} ({count})" if count >= k else str(word) for word, count in places.items()]
        found.notice("activities_recognised", said, file=section.file)


def amounts(
    raw: pd.DataFrame, column: str | None, section: ParticipationSection, *, found: Findings
) -> pd.Series | None:
    """A column of numbers, none negative; nothing, and a problem, where some are not."""
    if column is None:
        return None
    given = raw[column].set_axis(labels(raw.index))
    values = joined.numbers(given, section, found=found, of_people=True)
    sure = joined.readable(given, section)
    if (sure < 0).any():
        found.error("counts_negative", sure.index[sure < 0], file=section.file, column=column)
    return None if values is None else values.set_axis(raw.index)


def dates(raw: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> pd.Series:
    """The day of each row; as 2023-05-08, or day first as 08/05/2023, unless the study says another way."""
    nothing = pd.Series(pd.NaT, index=raw.index, dtype="datetime64[ns]")
    if section.date is None:
        return nothing
    column = raw[section.date]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.Series(column.dt.tz_localize(None).dt.normalize(), dtype="datetime64[ns]")
    text = cells.as_text(column)
    if section.date_format is not None:
        read = pd.to_datetime(text, format=section.date_format, errors="coerce")
    else:
        read = pd.to_datetime(text.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
        read = read.fillna(
            pd.to_datetime(text.str.replace(r"[-.]", "/", regex=True), format=DAY_FIRST, errors="coerce")
        )
    bad = text.notna() & read.isna()
    if bad.any():
        found.error("dates_bad", labels(text.index[bad]), file=section.file, column=section.date)
    return pd.Series(read.dt.normalize(), dtype="datetime64[ns]")


def periods(days: pd.Series, *, days_a_period: int | None) -> pd.Series:
    """The period of each day, counted from 0: calendar months, or blocks of days from the first day on record."""
    first = days.min()
    if first is pd.NaT:
        return pd.Series(pd.NA, index=days.index, dtype="Int64")
    months = 12 * (days.dt.year - first.year) + days.dt.month - first.month
    number: pd.Series = months if days_a_period is None else (days - first).dt.days // days_a_period
    return number.astype("Int64")


def support(raw: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> tuple[pd.Series, pd.Series]:
    """Whether each row tells of support received, and of which kinds (`radios+whistles`)."""
    told = pd.Series(pd.NA, index=raw.index, dtype="boolean")
    kinds = pd.Series(None, index=raw.index, dtype=object)
    if section.support is None:
        return told, kinds
    wrong = {old: new for old, new in section.supports.items() if new not in (*SUPPORTS, "none")}
    if wrong:
        said = [f"{old} → {new}" for old, new in wrong.items()]
        found.error("supports_words", said, file=section.file, words=", ".join((*SUPPORTS, "none")))
    own: dict[str, Support | None] = {
        old: word for old, new in section.supports.items() for word in SUPPORTS if word == new
    }
    own |= {old: None for old, new in section.supports.items() if new == "none"}
    text = cells.as_text(raw[section.support])
    read = {one: supports_of(one, own) for one in text.dropna().unique()}
    strange = text[text.map(lambda one: isinstance(one, str) and read[one] is None).astype(bool)]
    if len(strange):
        said = [rows_of(rows) for rows in strange.groupby(strange).groups.values()]
        words = ", ".join((*SUPPORTS, "none"))
        found.error("supports_unknown", said, file=section.file, column=section.support, words=words)
    for one, named in read.items():
        if named is not None:
            told[text == one] = named != (None,)
            kinds[text == one] = "+".join(kind for kind in named if kind) or None
    if section.support_empty == "none":
        told[text.isna()] = False
    return told, kinds


def answers(raw: pd.DataFrame, column: str | None, section: ParticipationSection, *, found: Findings) -> pd.Series:
    """A column of yes and no; empty is not known."""
    told = pd.Series(pd.NA, index=raw.index, dtype="boolean")
    if column is None:
        return told
    text = cells.as_text(raw[column])
    read = {one: yes_or_no(one) for one in text.dropna().unique()}
    strange = labels(row for row, one in text.dropna().items() if read[one] is None)
    if strange:
        found.error("answers_bad", strange, file=section.file, column=column)
    return text.map(read, na_action="ignore").astype("boolean")


def imputed(log: pd.DataFrame, section: ParticipationSection) -> pd.DataFrame:
    """The log with hours nobody recorded as the study supposes them, marked; none where it supposes none."""
    supposed = log["activity"].map(section.impute_hours).astype(float)
    filled = log["hours"].isna() & supposed.notna()
    return log.assign(hours=log["hours"].where(~filled, supposed), imputed=filled.astype(bool))


def report_gaps(log: pd.DataFrame, section: ParticipationSection, *, found: Findings) -> None:
    """What the rows that may be told of leave out, and what was supposed instead; never how many they are, nor which:
    with the tables that are published a number of rows would give back a cell that is withheld."""
    file = section.file
    unsaid = log[["people", "hours"]][~log["activity"].isin(MONEY)].isna().any()
    if unsaid.any():
        columns = [getattr(section, name) or name for name in unsaid.index[unsaid]]
        found.notice("participation_unrecorded", columns, file=file)
    if (log["activity"].isin(MONEY) & log["hours"].isna()).any():
        found.notice("participation_money", file=file)
    if log["imputed"].any():
        each = ", ".join(f"{activity} = {hours:g}" for activity, hours in section.impute_hours.items())
        found.notice("participation_imputed", file=file, hours=each)
    if section.date is not None and log["date"].isna().any():
        found.notice("dates_missing", file=file, column=section.date)
    if section.support is not None and log["support"].isna().any():
        found.notice("support_unknown", file=file, column=section.support)
