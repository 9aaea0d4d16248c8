"""Everyone can use the map: no violation of WCAG 2.1 AA that a machine can find, and a walk with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from test_map_browser import Opened, opened, pick
from test_maps import patrolled, town

__all__ = ["opened"]

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = """async () => {
    const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
    return found.violations.map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 160))]);
}"""


def violations(page: Any) -> list[Any]:
    """What axe-core finds wrong with the page as it stands."""
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(RULES)
    return found


@pytest.mark.parametrize("language", ["es", "en"])
def test_axe_finds_nothing_whatever_is_open(opened: Callable[..., Opened], demo_results: Any, language: str) -> None:
    shown = opened(demo_results, language=language, size=(1440, 900))
    page = shown.page
    assert violations(page) == []
    page.locator("#search").fill("plaza")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.locator("#compare").select_option("own_hours_per_1000")
    assert violations(page) == []
    for name in ("reading", "figures", "sources"):
        page.locator(f'[data-opens="{name}"]').click()
        assert violations(page) == [], name
        page.keyboard.press("Escape")
    pick(page, "duty_night" if page.locator('input[value="duty_night"]').count() else "zones")
    assert violations(page) == []
    assert shown.quiet(), shown.told


@pytest.mark.parametrize("size", [(390, 844), (720, 450)], ids=["telephone", "laptop at 200 %"])
def test_axe_finds_nothing_on_a_small_screen(opened: Callable[..., Opened], size: tuple[int, int]) -> None:
    page = opened(patrolled(), size=size).page
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_with_the_keyboard_alone(opened: Callable[..., Opened]) -> None:
    """From the first key to an area's figures, another measure, two maps, a shift, the table and English."""
    page = opened(patrolled(), size=(1440, 900)).page

    def tab_to(test: str, *, backwards: bool = False) -> None:
        for _ in range(80):
            page.keyboard.press("Shift+Tab" if backwards else "Tab")
            if page.evaluate(f"(document.activeElement || document.body).matches({test!r})"):
                return
        raise AssertionError(f"no key leads to {test}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    tab_to("#map_city")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel"
    assert page.locator("#panel-title").inner_text() in ("Los Olivos", "Covadonga")
    tab_to("#search", backwards=True)
    page.keyboard.type("centro")
    page.keyboard.press("Enter")
    assert page.locator("#panel-title").inner_text() == "Centro"
    tab_to("input[name='measure']", backwards=True)
    before = page.locator("#map-title").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.locator("#map-title").inner_text() != before
    tab_to("#compare")
    page.keyboard.press("ArrowDown")
    assert page.locator("#second").is_visible()
    tab_to("[data-opens='figures']", backwards=True)
    page.keyboard.press("Enter")
    assert page.locator("#figures").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.opens") == "figures"
    tab_to("[data-language='en']")
    page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_shift_slider_answers_to_arrows(opened: Callable[..., Opened]) -> None:
    page = opened(patrolled(), size=(1440, 900)).page
    pick(page, "official_day_hours_per_1000")
    page.locator("#shift-slider").focus()
    assert page.locator("#shift-word").inner_text() == "Mañana"
    page.keyboard.press("ArrowRight")
    assert page.locator("#shift-word").inner_text() == "Noche"
    assert page.locator("#shift-slider").get_attribute("aria-valuetext") == "Noche"
    assert page.locator('input[name="measure"][value="official_night_hours_per_1000"]').is_checked()
    pick(page, "slope")
    assert page.locator("#shift").is_hidden()


def test_every_picture_is_also_words(opened: Callable[..., Opened]) -> None:
    """The table has a column for each thing the map can paint, and a row for each area."""
    page = opened(town()).page
    page.locator('[data-opens="figures"]').click()
    heads = page.locator("#figures-body table").first.locator("thead th").all_inner_texts()
    for expected in ("Área", "Código", "Zona", "Habitantes", "Policía", "foco local", "Pobreza", "Estado"):
        assert any(expected in head for head in heads), (expected, heads)
    cells = page.locator("#figures-body table").first.locator("tbody tr").nth(1).inner_text()
    for expected in ("Los Olivos", "02", "Periferia", "1\u202f500", "1.33", "20"):
        assert expected in cells, expected
