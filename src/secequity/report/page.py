"""The door to Jinja2: the templates filled from the tables of a study, every text of the data escaped."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from secequity.errors import LayerError, problem
from secequity.findings import Finding, headline, leading_measure, three
from secequity.report import city, measured, presence, provenance
from secequity.report.figure import dots
from secequity.report.sheet import Sheet
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, text
from secequity.wording import measure_label, visible

BRIEF_LINES = 4
BRIEF_AREAS = 5
LINE = 90
SIZES = ((1150, "roomy"), (2100, "compact"))


def render(tables: StudyTables, *, language: str) -> str:
    """The hearing report of a study: findings, tables, defects of the data, methods, limits, sources.

    Parameters
    ----------
    tables : a finished study.
    language : es or en.

    Returns
    -------
    One HTML page (UTF-8) that needs nothing beside itself and prints on A4.

    Raises
    ------
    LayerError : a language without a catalogue.
    """
    _known(language)
    shown = measured.shown_measures(tables)
    sheets = {
        "gaps": measured.gaps(tables, language),
        "zones": measured.zones(tables, language),
        "inequality": measured.inequality(tables, language),
        "autocorrelation": measured.autocorrelation(tables, language),
        "clusters": measured.clusters(tables, language),
        "hypotheses": measured.hypotheses(tables, language),
        "areas": city.neighbourhoods(tables, language),
        "ledger": city.ledger(tables, language),
        **_presence(tables, language),
        "sources": provenance.sources(tables, language),
        "options": provenance.options(tables, language),
    }
    said = _said(tables, language)
    return _page("report.html.j2", tables, language, sheets=sheets, said=said, figure=dots(tables, shown, language))


def _presence(tables: StudyTables, language: str) -> dict[str, Sheet]:
    """The tables that only a study with shifts, bodies or patrols has."""
    made = {"shifts": presence.shifts, "register": presence.register, "ranking": presence.ranking}
    return {name: make(tables, language) for name, make in made.items() if not getattr(tables, name).empty}


def _said(tables: StudyTables, language: str) -> dict[str, tuple[str, ...]]:
    """What stands before those tables: the sentence first."""
    said: dict[str, tuple[str, ...]] = {}
    if not tables.shifts.empty:
        said["shifts"] = presence.shifts_sentences(tables, language)
    if not tables.register.empty:
        said["register"] = (presence.register_sentence(tables, language),)
    if not tables.ranking.empty:
        said["ranking"] = (presence.ranking_sentence(tables, language),)
    return said


def brief(tables: StudyTables, *, language: str) -> str:
    """The one-page brief of a study: the findings, the figure, the places with the least, and the caution.

    Parameters
    ----------
    tables : a finished study.
    language : es or en.

    Returns
    -------
    One HTML page (UTF-8) that prints on a single sheet of A4.

    Raises
    ------
    LayerError : a language without a catalogue.
    """
    _known(language)
    shown = measured.shown_measures(tables)[:BRIEF_LINES]
    leading = leading_measure(tables)
    known = leading is not None and leading in tables.neighbourhoods
    lowest = city.lowest(tables, leading, language, first=BRIEF_AREAS) if leading and known else None
    figure = dots(tables, shown, language)
    size = _size(tables, language, len(figure.lines))
    ours = tables.gaps[tables.gaps["measure"].isin(shown)]
    gaps = measured.gaps(replace(tables, gaps=ours), language)
    gaps = replace(gaps, rows=tuple(row for row in gaps.rows if not row.section))
    return _page("brief.html.j2", tables, language, gaps=gaps, lowest=lowest, figure=figure, size=size)


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise LayerError(problem("report_language", asked=language, known=", ".join(LANGUAGES)))


def _size(tables: StudyTables, language: str, lines: int) -> str:
    """How small the brief is set, by how much there is to say, so that it stays on its one page."""
    said = [_spoken(tables.title, language) * 2, _spoken(tables.note, language)]
    said += [finding.text for finding in three(tables, language)]
    length = sum(len(words) for words in said) + LINE * lines
    return next((size for most, size in SIZES if length <= most), "dense")


def _page(template: str, tables: StudyTables, language: str, **content: Any) -> str:
    found = three(tables, language)
    told = {
        "language": language,
        "t": partial(_speak, language),
        "title": _spoken(tables.title, language),
        "note": _spoken(tables.note, language),
        "headline": headline(tables, language),
        "findings": [(one, _where(one, tables), measure_label(tables, one.row, language)) for one in found],
        "defects": provenance.defects(tables, language),
        "methods": provenance.methods(tables, language),
        "absences": provenance.absences(language),
        "limits": provenance.limits(language),
        "seed": str(tables.options.get("seed", "–")),
        "has_ledger": not tables.ledger.empty,
    }
    return _environment().get_template(template).render(told | content)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("secequity", "report/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unmarked,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _unmarked(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _speak(language: str, key: str, **values: Any) -> str:
    return text(key, language, **values)


def _spoken(words: Any, language: str) -> str:
    return str(words.get(language) or next(iter(words.values()), ""))


def _where(finding: Finding, tables: StudyTables) -> str:
    return measured.anchor(finding.table, finding.row, tables)
