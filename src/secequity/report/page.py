"""The door to Jinja2: the templates filled from the tables of a study, every text of the data escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Literal, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from secequity import figures
from secequity.errors import LayerError, problem
from secequity.findings import Finding, headline, leading_measure, three
from secequity.report import (
    change,
    city,
    claims,
    explained,
    measured,
    presence,
    provenance,
    residents,
    robust,
    unequal,
)
from secequity.report.figure import dots
from secequity.report.lines import Part
from secequity.report.sheet import Sheet
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, Language, text
from secequity.wording import measure_label, visible

DRAWINGS: dict[str, Literal["specifications", "gradient"]] = {"robustness": "specifications", "explained": "gradient"}
MAP_MM, BRIEF_MAP_MM = 86.0, 60.0
BRIEF_LINES = 3
BRIEF_AREAS = 4
LINE = 90
SIZES = ((1000, "roomy"), (1900, "compact"))


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
    return _page(
        "report.html.j2",
        tables,
        language,
        parts=tuple(_parts(tables, language)),
        answers=claims.answers(tables, language),
        maps=_maps(tables, language, width_mm=MAP_MM),
        drawings=_drawings(tables, language),
        change=change.sentences(tables, language),
        sources=(provenance.sources(tables, language), provenance.options(tables, language)),
        figure=dots(tables, measured.shown_measures(tables), language),
    )


def _parts(tables: StudyTables, language: str) -> Iterator[Part]:
    """The sections with tables, in the order a reader asks: how much, how sure, why, who gives, who is on duty."""

    def plain(name: str, *sheets: Sheet | None, said: tuple[str, ...] = ()) -> Part:
        return Part(name=name, said=said, sheets=tuple(one for one in sheets if one is not None))

    yield plain("gaps", measured.gaps(tables, language), measured.zones(tables, language))
    further = (robust.part, explained.part, unequal.part)
    firm, goes_with, groups = (make(tables, language) for make in further)
    yield from (one for one in (firm,) if one)
    yield plain("inequality", measured.inequality(tables, language), unequal.intervals(tables, language))
    yield plain("space", measured.autocorrelation(tables, language), measured.clusters(tables, language))
    yield from (one for one in (goes_with, groups) if one)
    yield plain("areas", city.neighbourhoods(tables, language))
    if not tables.ledger.empty:
        yield plain("ledger", city.ledger(tables, language))
    given = (residents.participation, residents.fear, residents.reporting)
    yield from (one for make in given if (one := make(tables, language)) is not None)
    if not tables.shifts.empty:
        said = presence.shifts_sentences(tables, language)
        yield plain("shifts", presence.shifts(tables, language), said=said)
    if not tables.register.empty:
        said = (presence.register_sentence(tables, language),)
        yield plain("register", presence.register(tables, language), said=said)
    if not tables.ranking.empty:
        said = (presence.ranking_sentence(tables, language),)
        yield plain("ranking", presence.ranking(tables, language), said=said)


def _maps(tables: StudyTables, language: str, *, width_mm: float) -> tuple[tuple[str, Markup], ...]:
    """The small maps: the leading measure and what residents give, each with its caption."""
    known = set(tables.measures["measure"])
    chosen = dict.fromkeys(one for one in (leading_measure(tables), robust.OWN) if one in known)
    return tuple(
        (
            text("report.maps.caption", language, measure=measure_label(tables, str(one), language)),
            Markup(figures.svg(tables, "map", measure=str(one), language=cast(Language, language), width_mm=width_mm)),
        )
        for one in chosen
    )


def _drawings(tables: StudyTables, language: str) -> dict[str, Markup]:
    """The figure that opens a section, where the study has what it needs: the variants, the distance to the plaza."""
    leading = leading_measure(tables)
    return {
        section: Markup(figures.svg(tables, kind, measure=leading, language=cast(Language, language)))
        for section, kind in DRAWINGS.items()
        if leading in set(tables.measures["measure"]) and leading and figures.drawable(tables, kind, leading)
    }


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
    gaps = measured.gaps(tables, language, measures=shown)
    return _page(
        "brief.html.j2",
        tables,
        language,
        gaps=gaps,
        lowest=lowest,
        figure=figure,
        size=size,
        firm=next(robust.sentences(tables, language), ""),
        maps=_maps(tables, language, width_mm=BRIEF_MAP_MM)[:1] if leading else (),
        answers=claims.answers(tables, language),
    )


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise LayerError(problem("report_language", asked=language, known=", ".join(LANGUAGES)))


def _size(tables: StudyTables, language: str, lines: int) -> str:
    """How small the brief is set, by how much there is to say, so that it stays on its one page."""
    said = [_spoken(tables.title, language) * 2, _spoken(tables.note, language)]
    said += [finding.text for finding in three(tables, language)]
    said += [next(robust.sentences(tables, language), "")] + [one.claim for one in claims.answers(tables, language)]
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
        "made": lambda table: provenance.made(tables, table, language),
        "absences": provenance.absences(language),
        "limits": provenance.limits(language),
        "seed": str(tables.options.get("seed", "–")),
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
