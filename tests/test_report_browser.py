"""The report and the brief in a real browser with the network off: quiet, accessible, and whole on paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from city import command
from secequity import outputs, report
from secequity.results import StudyTables
from secequity.texts import LANGUAGES
from small_study import study, with_patrols
from test_report_sections import told

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
STUDIES = Path(__file__).parents[1] / "data" / "studies"
WCAG = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }"
PAGES = {"report": report.render, "brief": report.brief}
PAGES_AT_MOST = 25
PRINTED = """() => {
    const shown = (one) => one.getClientRects().length > 0;
    const words = (row) => [...row.cells].map((cell) => cell.textContent).join(' ');
    return [...document.querySelectorAll('table')].map((table) => ({
        id: table.id,
        caption: getComputedStyle(table.caption).clipPath === 'none' ? table.caption.textContent : '',
        rows: [...table.tBodies[0].rows].filter(shown).map(words),
    }));
}"""
FIGURES = """() => [...document.querySelectorAll('figure')].map(
    (figure) => [...figure.querySelectorAll('figcaption, p')].map((part) => part.textContent))"""

pytestmark = pytest.mark.browser


@dataclass
class Opened:
    """A page and what it said or asked for."""

    page: Any
    told: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open a page of a study from its file, offline, and listen."""
    contexts = []

    def opener(tables: StudyTables, kind: str, language: str) -> Opened:
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        shown = Opened(context.new_page())
        file = tmp_path / f"{kind}.html"
        file.write_text(PAGES[kind](tables, language=language), encoding="utf-8")
        address = file.as_uri()
        shown.page.on("console", lambda message: shown.told.append(message.text))
        shown.page.on("pageerror", lambda error: shown.told.append(str(error)))
        shown.page.on("request", lambda asked: asked.url == address or shown.told.append(asked.url))
        shown.page.goto(address)
        return shown

    yield opener
    for context in contexts:
        context.close()


def squeezed(words: str) -> str:
    """The words without anything between them, as a page of a PDF and a page of a screen both have them."""
    return "".join(words.split()).replace("\u200b", "").replace("ﬁ", "fi").replace("ﬂ", "fl")


def printed(page: Any) -> list[str]:
    """What stands on each sheet of paper."""
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    return [squeezed(sheet.extract_text()) for sheet in paper.pages]


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA, each with the element it is about."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"() => axe.run(document, {WCAG})")["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def whole(page: Any) -> list[str]:
    """What of the printed tables is cut: a row on two sheets, a caption away from its first row, a broken figure."""
    paper = printed(page)
    page.emulate_media(media="print")
    cut = []
    for table in page.evaluate(PRINTED):
        rows = [squeezed(row) for row in table["rows"]]
        cut += [f"{table['id']}: {row}" for row in rows if not any(row in sheet for sheet in paper)]
        caption = squeezed(table["caption"])
        if caption and rows and not any(caption in sheet and rows[0] in sheet.partition(caption)[2] for sheet in paper):
            cut.append(f"{table['id']}: caption alone")
    legends = page.evaluate(FIGURES)
    for parts in legends:
        if not any(all(squeezed(part) in sheet for part in parts) for sheet in paper):
            cut.append(f"figure: {parts[0]}")
    page.emulate_media(media="null")
    return cut


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAGES)
def test_it_opens_without_a_word_and_satisfies_axe(
    opened: Callable[..., Opened], demo_folder: Path, kind: str, language: str
) -> None:
    shown = opened(outputs.read(demo_folder), kind, language)
    assert shown.told == []
    assert violations(shown.page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hand_made_study_satisfies_axe(opened: Callable[..., Opened], language: str) -> None:
    shown = opened(told(), "report", language)
    shown.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(shown.page) == []


def test_every_detail_opens_and_closes_from_the_keyboard(opened: Callable[..., Opened], demo_folder: Path) -> None:
    page = opened(outputs.read(demo_folder), "report", "es").page
    details = page.locator("details")
    assert details.count() == 4
    for place in range(details.count()):
        one = details.nth(place)
        assert not one.evaluate("(it) => it.open")
        one.locator("summary").focus()
        page.keyboard.press("Enter")
        assert one.evaluate("(it) => it.open")
        assert one.locator("table").is_visible()
        page.keyboard.press("Space")
        assert not one.evaluate("(it) => it.open")


def test_the_first_tab_leads_past_the_contents(opened: Callable[..., Opened]) -> None:
    page = opened(study(), "report", "en").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#findings"
    page.keyboard.press("Enter")
    assert page.url.endswith("#findings")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_of_the_demonstration_prints_whole_and_short(
    opened: Callable[..., Opened], demo_folder: Path, language: str
) -> None:
    page = opened(outputs.read(demo_folder), "report", language).page
    assert whole(page) == []
    assert len(printed(page)) <= PAGES_AT_MOST


@pytest.mark.parametrize("make", [study, with_patrols, told])
@pytest.mark.parametrize("kind", PAGES)
def test_small_studies_print_whole(opened: Callable[..., Opened], make: Callable[[], StudyTables], kind: str) -> None:
    page = opened(make(), kind, "es").page
    assert whole(page) == []
    if kind == "brief":
        assert len(printed(page)) == 1


@pytest.mark.real
@pytest.mark.parametrize("name", ["ayacucho", "lima", "buenos_aires"])
def test_the_pages_of_a_real_city_print_whole(
    opened: Callable[..., Opened], data_folder: Path, tmp_path: Path, name: str
) -> None:
    done = command("run", STUDIES / f"{name}.toml", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    tables = outputs.read(tmp_path / "out")
    for language in LANGUAGES:
        assert len(printed(opened(tables, "brief", language).page)) == 1
        page = opened(tables, "report", language).page
        assert whole(page) == []
        assert len(printed(page)) <= PAGES_AT_MOST
