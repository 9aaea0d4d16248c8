"""The report and its brief: what they hold, that data is never markup, and how a browser shows and prints them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from secequity import report
from secequity.errors import LayerError, problem
from secequity.report import city, measured, provenance
from secequity.report.figure import dots
from secequity.results import REPORTING, StudyTables
from secequity.texts import LANGUAGES
from small_study import LEAD, NAN, described, study, with_areas, with_gap, with_patrols

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{ 7*7 }}\u202eoculto\u2069"
PAGES = {"report": report.render, "brief": report.brief}


class Outline(HTMLParser):
    """The tags, ids, links and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            assert not name.startswith("on")
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


def outline(page: str) -> Outline:
    read = Outline()
    read.feed(page)
    return read


def hostile() -> StudyTables:
    tables = with_areas(name=[HOSTILE] * 4)
    return replace(
        tables,
        title={"es": HOSTILE, "en": HOSTILE},
        note={"es": HOSTILE, "en": HOSTILE},
        measures=tables.measures.assign(label_es=HOSTILE, label_en=HOSTILE),
        sources=tables.sources.assign(file=HOSTILE, use=HOSTILE),
        ledger=tables.ledger.assign(layer=HOSTILE, supplier=HOSTILE),
        options=dict(tables.options) | {"author": HOSTILE},
        notices=(problem("report_language", [HOSTILE], asked=HOSTILE, known=HOSTILE),),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_whole_and_needs_nothing_beside_itself(kind: str, language: str) -> None:
    page = PAGES[kind](study(), language=language)
    read = outline(page)
    assert not read.open
    assert page.startswith("<!doctype html>")
    assert f'<html lang="{language}">' in page
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//[a-z]|url\((?!#)|@import", page)
    assert {"title", "header", "main", "footer", "h1"} <= set(read.tags)
    assert read.tags.count("h1") == 1
    assert len(set(read.ids)) == len(read.ids)
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAGES)
def test_data_is_never_markup(kind: str, language: str) -> None:
    page = PAGES[kind](hostile(), language=language)
    read = outline(page)
    assert not {"script", "img"} & set(read.tags)
    assert "{{ 7*7 }}" in read.words
    assert not set(page) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_every_finding_leads_to_the_row_it_was_read_from() -> None:
    page = report.render(study(), language="es")
    for table in ("gaps", "inequality", "autocorrelation"):
        assert f'href="#{table}-1"' in page
        assert f'<tr id="{table}-1">' in page


def test_the_note_stands_before_the_findings() -> None:
    note = "Modelo de demostración, no son datos oficiales."
    for page in PAGES.values():
        words = outline(page(study(note={"es": note, "en": note}), language="es")).words
        assert 0 < words.index(note) < words.index("En el casco urbano hay 4")


def test_a_defect_is_told_in_its_three_parts() -> None:
    notice = problem("report_language", ["03", "04"], asked="fr", known="es, en")
    words = outline(report.render(study(notices=(notice,)), language="es")).words
    assert "No hay textos en el idioma «fr»." in words
    assert "03, 04" in words
    assert "Use uno de estos: es, en." in words
    assert "Se declaró un defecto" in outline(report.brief(study(notices=(notice,)), language="es")).words


def test_sources_and_options_let_the_run_be_repeated() -> None:
    words = outline(report.render(study(), language="en")).words
    assert "ab" * 32 in words
    assert "2024-05-06" in words
    assert "seed = 7" in words
    assert "name = police" in words


def test_options_keep_one_row_a_section() -> None:
    rows = [tuple(cell.text for cell in row.cells) for row in provenance.options(study(), "en").rows]
    assert rows == [
        ("·", "seed = 7 · weights = queen · permutations = 999 · fdr = 0.05 · level = 0.95"),
        ("study.equity", "rank_by = poverty"),
        ("study.layers[1]", "name = police · reach: method = within"),
    ]


def test_neighbourhoods_are_sorted_by_the_leading_measure() -> None:
    names = [row.cells[0].text for row in city.neighbourhoods(study(), "es").rows]
    assert names == ["Independencia", "Covadonga", "Los Olivos", "Centro"]


def test_zero_and_the_words_of_absence_stay_apart() -> None:
    tables = with_areas(
        police_amount=[NAN, NAN, NAN, 0.0],
        police_status=["missing", "suppressed", "uncovered", "ok"],
        **{LEAD: [NAN, NAN, NAN, 0.0]},
    )
    told = {row.cells[0].text: row.cells[3].text for row in city.neighbourhoods(tables, "es").rows}
    assert told == {
        "Independencia": "0",
        "Los Olivos": "reservado",
        "Centro": "sin dato",
        "Covadonga": "sin cobertura conocida",
    }


def test_few_people_are_marked() -> None:
    marked = [row.cells[2].text for row in city.neighbourhoods(study(), "es").rows]
    assert marked == ["500\u202f†", "1\u202f000", "1\u202f500", "1\u202f000"]


def test_the_ledger_adds_up_by_zone() -> None:
    tables = study()
    own = pd.DataFrame([["02", "residents", "rondas", 288.0, None]], columns=tables.ledger.columns)
    rows = city.ledger(replace(tables, ledger=pd.concat([tables.ledger, own])), "es").rows
    told = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in rows}
    assert told["Todas las horas"] == ["192", "192", "384", "128"]
    assert told["Parte que ponen los propios vecinos"] == ["0\u202f%", "", "75\u202f%", ""]


def test_hours_that_nobody_recorded_are_not_zero_hours() -> None:
    rows = city.ledger(study(), "es").rows
    assert [cell.text for cell in rows[-1].cells] == [
        "Parte que ponen los propios vecinos",
        "sin dato",
        "",
        "sin dato",
        "",
    ]


def test_the_gap_table_says_why_an_interval_is_missing() -> None:
    sheet = measured.gaps(with_gap(low=NAN, high=NAN, n_centre=1), "es")
    assert any("una sola área" in note for note in sheet.notes)
    assert [cell.text for cell in sheet.rows[1].cells[1:]] == ["4", "1", "3", "–", "4.00", "0.03"]


def test_the_bar_of_the_figure_covers_the_periphery_only_when_the_interval_holds_zero() -> None:
    (apart,) = dots(with_gap(low=2.0, high=3.5), [LEAD], "es").lines
    (across,) = dots(with_gap(low=-0.5, high=3.5), [LEAD], "es").lines
    assert apart.bar is not None and across.bar is not None
    assert apart.periphery.x < apart.bar[0] < apart.centre.x < apart.bar[1]
    assert across.bar[0] < across.periphery.x < across.bar[1]


def test_the_figure_leaves_out_what_has_no_value_in_both_zones() -> None:
    assert dots(with_gap(periphery=NAN), [LEAD, "nothing"], "es").lines == ()


@pytest.mark.parametrize("kind", PAGES)
def test_a_study_with_nothing_to_tell_still_has_its_page(kind: str) -> None:
    tables = study()
    empty = replace(
        tables,
        measures=tables.measures.iloc[:0],
        gaps=tables.gaps.iloc[:0],
        inequality=tables.inequality.iloc[:0],
        autocorrelation=tables.autocorrelation.iloc[:0],
        ledger=tables.ledger.iloc[:0],
        sources=pd.DataFrame(),
        options={},
    )
    assert "ninguna capa de seguridad" in outline(PAGES[kind](empty, language="es")).words


def test_the_claims_put_to_the_test_have_their_own_table() -> None:
    claims = pd.DataFrame(
        [["coverage", 3.0, 1.0, 5.0, 0.01, "supported", HOSTILE]],
        columns=study().hypotheses.columns,
    )
    assert "Afirmaciones puestas a prueba" in outline(report.render(study(hypotheses=claims), language="es")).words


@pytest.mark.parametrize("kind", PAGES)
def test_a_language_without_catalogue_is_refused_by_name(kind: str) -> None:
    with pytest.raises(LayerError, match="“fr”"):
        PAGES[kind](study(), language="fr")


def test_the_tables_are_left_as_they_were() -> None:
    tables = study()
    before = tables.neighbourhoods.copy()
    report.render(tables, language="es")
    pd.testing.assert_frame_equal(pd.DataFrame(tables.neighbourhoods), pd.DataFrame(before))


def test_the_order_of_rows_does_not_change_the_page() -> None:
    tables = study()
    turned = replace(tables, neighbourhoods=tables.neighbourhoods.iloc[::-1])
    assert report.render(tables, language="es") == report.render(turned, language="es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_of_presence_are_there_only_where_the_study_has_them(language: str) -> None:
    names = ("shifts", "register", "ranking")
    with_them, without = (outline(report.render(one, language=language)) for one in (with_patrols(), study()))
    for name in names:
        assert {f"section-{name}", name} <= set(with_them.ids)
        assert not {f"section-{name}", name} & set(without.ids)
    assert not with_them.open


def test_methods_are_those_of_the_kinds_of_layers_in_the_study() -> None:
    layers = [{"name": "cars", "kind": "tracks"}, {"name": "police", "kind": "posts", "reach": {"method": "catchment"}}]
    told = [one.name for one in provenance.methods(study(options={"study": {"layers": layers}}), "en")]
    assert told[-3:] == ["Reach of the posts", "GPS positions", "Ledger of hours by supplier and shift"]
    plain = [one.name for one in provenance.methods(study(options={}, ledger=study().ledger.iloc[:0]), "en")]
    assert plain[-1] == "Local clusters"


def test_many_layers_leave_one_column_each_in_the_table_of_areas() -> None:
    names = [f"layer{place}" for place in range(7)]
    rows = [[f"{name}_per_1000", "coverage", name, "police", "police", name, name, name, name] for name in names]
    tables = study()
    columns = {f"{name}_{ending}": 1.0 for name in names for ending in ("amount", "per_1000")}
    measures = pd.concat([tables.measures, described(rows)], ignore_index=True)
    many = replace(tables, measures=measures, neighbourhoods=tables.neighbourhoods.assign(**columns))
    sheet = city.neighbourhoods(many, "es")
    assert [column.heading for column in sheet.columns][3:11] == ["Policía", *names]
    assert sheet.groups[1] == ("Tasa por cada 1\u202f000 habitantes", 8)
    assert all(len(row.cells) == len(sheet.columns) for row in sheet.rows)


def crowded() -> StudyTables:
    """As much to say as the brief will ever hold: long title, note and labels, many layers, many names."""
    tables = study()
    words = "Comité de Autodefensa y Desarrollo Comunal de la Asociación Pro Vivienda Señor de Quinuapata " * 2
    names = [f"layer{place}" for place in range(6)]
    measures = described([[f"{name}_per_1000", "coverage", name, "police", "police", words, words] for name in names])
    gaps = pd.concat([tables.gaps.assign(measure=f"{name}_per_1000", low=-0.5) for name in names], ignore_index=True)
    lead = f"{names[0]}_per_1000"
    areas = tables.neighbourhoods.assign(
        name=words,
        **{lead: 0.0, f"{lead}_cluster": "LL", f"{names[0]}_status": ["missing", "suppressed", "uncovered", "missing"]},
    )
    return replace(
        tables,
        title={"es": words, "en": words},
        note={"es": words * 4, "en": words * 4},
        measures=measures,
        gaps=gaps,
        neighbourhoods=areas,
        inequality=tables.inequality.assign(measure=lead),
        autocorrelation=tables.autocorrelation.assign(measure=lead),
        notices=(problem("report_language", asked="fr", known="es"),) * 30,
    )


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [study, crowded, hostile, with_patrols])
def test_the_brief_prints_on_one_sheet_however_much_there_is_to_say(browser: Any, make: Any, language: str) -> None:
    page = browser.new_context(offline=True).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_content(report.brief(make(), language=language))
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert page.evaluate("getComputedStyle(document.body).overflowY") == "visible"
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("make", [study, crowded, with_patrols])
def test_the_report_fits_a_phone_and_asks_the_network_for_nothing(browser: Any, make: Any) -> None:
    page = browser.new_context(offline=True, viewport={"width": 360, "height": 740}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(report.render(make(), language="es"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert asked == []


@pytest.mark.parametrize(
    ("tipping", "more", "less"), [(1.25, "el casco urbano", "la periferia"), (0.8, "la periferia", "el casco urbano")]
)
def test_who_would_have_to_report_more_is_named(tipping: float, more: str, less: str) -> None:
    row = ["crime_per_1000", 0.155, 0.1, 20.0, 25.0, 0.8, 1.0, False, tipping, ""]
    tables = study(more={"reporting": pd.DataFrame([row], columns=list(REPORTING))})
    page = report.render(tables, language="es")
    sentence = f"la comparación se invierte si en {more} se denuncia 1.25 veces lo que en {less}."
    assert page.count(sentence) == 2
    assert "15.5" in page
