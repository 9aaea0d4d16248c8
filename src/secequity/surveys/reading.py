"""The surveys and walks of a study, read and checked; respondents and points stay inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from secequity.checks import Findings
from secequity.config import LayerSection, SurveySection
from secequity.coverage import posts
from secequity.errors import SecEquityError
from secequity.sources import cells, facilities, files, joined, people, table
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.surveys.sample import COLUMNS, marks, told_shares, unsafe_shares
from secequity.words import SurveyKind

UNSAFE = (
    "inseguro",
    "insegura",
    "muy inseguro",
    "muy insegura",
    "si",
    "sí",
    "yes",
    "1",
    "unsafe",
    "very unsafe",
    "true",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """Fear by neighbourhood: `table` by id, columns `share`, `low`, `high`, `marks`, `n`, `n_effective`, `status`, and
    `zones`, the shares by zone of the respondents whose neighbourhoods may be shown (empty where there are none)."""

    name: str
    kind: SurveyKind
    table: pd.DataFrame
    zones: pd.DataFrame

    @property
    def value(self) -> pd.Series:
        """What the survey tells of each neighbourhood: per cent who feel unsafe, or marks of a walk."""
        told = self.table["marks"] if self.kind == "walk" else 100 * self.table["share"]
        return told.rename(self.name)


def read_survey(
    section: SurveySection,
    city: Neighbourhoods | None,
    *,
    zones: pd.Series | None,
    folder: Path,
    k: int,
    level: float,
    found: Findings,
    sources: list[files.Source],
) -> Survey | None:
    """A survey of the study, or nothing and every reason on `found`."""
    if section.kind == "walk":
        return _walk(section, city, folder=folder, k=k, found=found, sources=sources)
    raw = _rows(section, city, folder=folder, k=k, found=found, sources=sources)
    if raw is None or city is None:
        return None
    ids = raw["id"]
    by_zone = pd.DataFrame(columns=list(COLUMNS))
    try:
        if section.kind == "summary":
            told = raw.dropna(subset=["id"]).set_index("id")
            effective = told["n_effective"] if section.n_effective else None
            shares = told_shares(told["share"], told["n"], k=k, n_effective=effective, level=level)
        else:
            design = {"weights": raw["weight"] if section.weight else None}
            design["clusters"] = raw["cluster"] if section.cluster else None
            shares = unsafe_shares(raw["unsafe"], ids, k=k, level=level, **design)
            if zones is not None:
                shown = ids.where(ids.isin(shares.index[shares["status"] != "suppressed"]))
                by_zone = unsafe_shares(raw["unsafe"], shown.map(zones), k=k, level=level, **design)
    except SecEquityError as refusal:
        found.errors.extend(refusal.problems)
        return None
    frame = shares.reindex(city.frame.index)
    frame["status"] = frame["status"].where(frame["status"].notna(), "missing")
    _report(frame, section, k=k, found=found)
    return Survey(name=section.name, kind=section.kind, table=frame.assign(marks=np.nan), zones=by_zone)


def _rows(
    section: SurveySection,
    city: Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
) -> pd.DataFrame | None:
    """The columns of a table of respondents or of neighbourhoods, in the program's names."""
    path = files.locate(folder, section.path, use=section.name, found=found)
    options = {"sheet": section.sheet, "encoding": section.encoding, "separator": section.separator}
    raw = table.read_table(path, file=section.file, use=section.name, found=found, **options) if path else None
    if path is None or raw is None:
        return None
    sources.extend(files.identify(path, section.path, use=section.name, rows=len(raw)))
    known = () if city is None else (*city.every_id, *city.frame["name"])
    if not people.refuse_people(raw, file=section.file, found=found, known=known, places=[section.id, section.unsafe]):
        return None
    wanted = {f"[[surveys]] {section.name}: {key}": getattr(section, key) for key in KEYS}
    if not files.require_columns(list(raw.columns), wanted, file=section.file, found=found):
        return None
    before = len(found.errors)
    read = pd.DataFrame({"id": cells.as_ids(raw[section.id], zero_pad=section.zero_pad, aliases=section.aliases)})
    for name in NUMBERS:
        column = getattr(section, name)
        if column is not None:
            cells_of = raw[column].set_axis([f"#{row}" for row in raw.index])
            joined.numbers(cells_of, section, found=found, of_people=True)
            read[name] = joined.readable(cells_of, section).to_numpy()
    if section.share is not None and section.unit == "percent":
        read["share"] /= 100
    if section.unsafe is not None:
        read["unsafe"] = _unsafe(raw[section.unsafe], section, k=k, found=found)
    _report_figures(read, section, found=found)
    if section.cluster is not None:
        read["cluster"] = cells.as_text(raw[section.cluster])
    if city is not None:
        _report_strangers(read["id"], section, city, found=found)
    if section.kind == "summary" and read["id"].dropna().duplicated().any():
        found.error("ids_repeated", read["id"][read["id"].duplicated()].dropna(), name=section.file)
    return read if len(found.errors) == before else None


NUMBERS = ("weight", "share", "n", "n_effective")
KEYS = ("id", "unsafe", "weight", "cluster", "share", "n", "n_effective")


def _unsafe(column: pd.Series, section: SurveySection, *, k: int, found: Findings) -> pd.Series:
    """Whether each answer is one of those that mean unsafe; no answer is missing.

    Where nobody gave one of them, the words of the file are a problem: those of `k` people or more are said.
    """
    words = {one.casefold() for one in section.unsafe_words or UNSAFE}
    text = cells.as_text(column)
    unsafe = text.map(lambda one: one.casefold() in words, na_action="ignore").astype("boolean")
    if text.notna().any() and not unsafe.any():
        times = text.value_counts()
        said = sorted(cells.shown(one) for one in times.index[times >= k])
        found.error("survey_words", said, file=section.file, survey=section.name, column=str(section.unsafe))
    return unsafe


def _report_figures(read: pd.DataFrame, section: SurveySection, *, found: Findings) -> None:
    """Weights, shares and numbers of answers that cannot be, all at once."""
    wrong = {}
    if "weight" in read:
        asked = read["id"].notna() & read["unsafe"].notna()
        wrong["survey_weights"] = asked & ~(read["weight"] > 0)
    if "share" in read:
        wrong["survey_shares"] = (read["share"] < 0) | (read["share"] > 1)
    counted = [name for name in ("n", "n_effective") if name in read]
    wrong["survey_negative"] = (read[counted] < 0).any(axis=1)
    for code, rows in wrong.items():
        if rows.any():
            found.error(code, [f"#{row}" for row in rows.index[rows]], file=section.file, survey=section.name)


def _report_strangers(ids: pd.Series, section: SurveySection, city: Neighbourhoods, *, found: Findings) -> None:
    strange = ids[ids.notna() & ~ids.isin(city.every_id)]
    about = {"file": section.file, "column": str(section.id), "polygons": city.section.file}
    if len(strange) and strange.nunique() == ids.nunique():
        found.error("survey_no_match", [f"#{row}" for row in strange.index], **about)
    elif len(strange):
        found.notice("survey_elsewhere", **about)


def _report(frame: pd.DataFrame, section: SurveySection, *, k: int, found: Findings) -> None:
    """What a reader must know: which neighbourhoods are withheld, which unreliable, of which nothing is known."""
    for status, code in (("suppressed", "survey_suppressed"), ("unreliable", "survey_unreliable")):
        which = frame.index[frame["status"] == status]
        if len(which):
            found.notice(code, which, survey=section.name, k=k)
    absent = frame.index[frame["status"] == "missing"]
    if len(absent):
        found.notice("survey_missing", absent, survey=section.name)


def _walk(
    section: SurveySection,
    city: Neighbourhoods | None,
    *,
    folder: Path,
    k: int,
    found: Findings,
    sources: list[files.Source],
) -> Survey | None:
    """Marks of a walk by neighbourhood."""
    shared = {
        key: getattr(section, key) for key in ("path", "layer", "sheet", "encoding", "separator", "decimal", "crs")
    }
    counted = section.people if isinstance(section.people, str) else None
    layer = LayerSection(
        name=section.name,
        body="community",
        kind="posts",
        x=section.x,
        y=section.y,
        staff=counted,
        missing="keep",
        **shared,
    )
    target = None if city is None else city.frame
    points = facilities.read_facilities(layer, folder=folder, target=target, found=found, sources=sources)
    if points is None or city is None:
        return None
    placed = points[points.geometry.notna()]
    where = posts.locate(city.frame[["name", "population", "geometry"]], placed)
    outside = int(where.isna().sum())
    if outside:
        found.notice("walk_outside", survey=section.name)
    walkers = placed["amount"] if counted else pd.Series(float(section.people or 0), index=placed.index)
    told = marks(where, walkers, city.frame.index, k=k)
    _report(told, section, k=k, found=found)
    empty = dict.fromkeys(COLUMNS[:-1], np.nan)
    return Survey(name=section.name, kind="walk", table=told.assign(**empty), zones=pd.DataFrame(columns=list(COLUMNS)))
