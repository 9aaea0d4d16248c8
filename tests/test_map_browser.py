"""The map in a real browser with the network off: it is quiet, every control does what it says, and data stay data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from secequity import maps
from secequity.results import StudyTables
from secequity.texts import Language, number, text
from test_maps import HOSTILE, hostile, patrolled, town

pytestmark = pytest.mark.browser

SIZES = ((390, 844), (640, 400), (900, 760), (1280, 800), (1920, 1080))
COLOURS = """(sheet) => {
    const { map, tiles } = secequity.sheets[sheet];
    tiles.finish();
    const counts = {};
    secequity.data.ids.forEach((id, index) => {
        const point = map.project(secequity.anchorOf(index)).round().subtract(map.getPixelOrigin());
        for (const canvas of document.querySelectorAll('.areas')[sheet].querySelectorAll('canvas')) {
            const at = point.subtract(L.DomUtil.getPosition(canvas));
            const size = parseFloat(canvas.style.width);
            if (at.x < 0 || at.y < 0 || at.x >= size || at.y >= size) continue;
            const scale = canvas.width / size;
            const pixel = canvas.getContext('2d').getImageData(at.x * scale, at.y * scale, 1, 1).data;
            const colour = [...pixel.slice(0, 3)].join();
            counts[colour] = (counts[colour] || 0) + 1;
        }
    });
    return counts;
}"""
LEGEND = """() => [...document.querySelectorAll('#classes tbody tr')].map((row) => ({
    key: row.dataset.key, fill: row.dataset.fill, label: row.querySelector('th').textContent,
    areas: Number(row.querySelector('[data-count]').dataset.count),
    people: Number(row.querySelector('[data-people]').dataset.people),
}))"""


@dataclass
class Opened:
    """A page, and everything it did that a map of a hearing must not do."""

    page: Any
    told: list[str] = field(default_factory=list)

    def quiet(self) -> bool:
        return not self.told


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open the map of a study from its file, offline, and listen."""
    contexts = []

    def opener(
        tables: StudyTables,
        *,
        language: Language = "es",
        size: tuple[int, int] = (1280, 800),
        view: str = "",
        before: str = "",
        **options: Any,
    ) -> Opened:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **options)
        contexts.append(context)
        context.set_default_timeout(5000)
        shown = Opened(context.new_page())
        file = tmp_path / "map.html"
        maps.save(maps.build(tables, language=language), file)
        address = file.as_uri()
        shown.page.on("console", lambda message: shown.told.append(f"console: {message.text}"))
        shown.page.on("pageerror", lambda error: shown.told.append(f"error: {error}"))
        shown.page.on("dialog", lambda dialog: (shown.told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        shown.page.on(
            "request",
            lambda asked: (
                asked.url.partition("#")[0] == address
                or asked.url.startswith("blob:")
                or shown.told.append(f"request: {asked.url}")
            ),
        )
        if before:
            shown.page.add_init_script(before)
        shown.page.goto(address + view)
        shown.page.wait_for_selector("#classes tbody tr")
        shown.page.wait_for_selector(".areas[data-waiting='0']", state="attached")
        return shown

    yield opener
    for context in contexts:
        context.close()


def painted(page: Any, sheet: int = 0) -> dict[str, int]:
    """How many areas have which plain colour in the middle, as red,green,blue."""
    found: dict[str, int] = page.evaluate(COLOURS, sheet)
    return found


def plain(legend: list[dict[str, Any]]) -> dict[str, int]:
    """The areas of each class of a legend that is painted without a pattern."""
    flat = [row for row in legend if row["fill"].startswith("#")]
    return {",".join(str(int(row["fill"][at : at + 2], 16)) for at in (1, 3, 5)): row["areas"] for row in flat}


def agrees(page: Any, legend: list[dict[str, Any]], sheet: int = 0) -> None:
    """The map has the colours its legend promises; a pattern or a flag in the middle of an area hides its colour."""
    colours = painted(page, sheet)
    hidden = sum(row["areas"] for row in legend if not row["fill"].startswith("#"))
    for colour, areas in plain(legend).items():
        assert areas - hidden <= colours.get(colour, 0) <= areas + hidden, (colour, legend)
    assert sum(colours.get(colour, 0) for colour in plain(legend)) >= sum(plain(legend).values()) - hidden


def total(legend: list[dict[str, Any]], what: str) -> float:
    return sum(row[what] for row in legend if row["key"] != "unreliable")


def pick(page: Any, measure: str) -> None:
    page.evaluate("document.querySelectorAll('.more-choices').forEach((group) => { group.open = true; })")
    page.locator(f'input[name="measure"][value="{measure}"]').check()


def test_it_opens_without_a_word_and_states_the_finding(opened: Callable[..., Opened], demo_results: Any) -> None:
    shown = opened(demo_results)
    page = shown.page
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.title() == demo_results.title["es"]
    assert page.locator("#note").inner_text() == demo_results.note["es"]
    assert len(page.locator("#headline").inner_text()) > 40
    assert page.evaluate("secequity.data.ids.length") == len(demo_results.neighbourhoods)
    assert sum(painted(page).values()) == len(demo_results.neighbourhoods)
    assert page.locator(".leaflet-control-scale-line").is_visible()
    assert shown.quiet(), shown.told


def test_every_layer_paints_what_its_legend_says(opened: Callable[..., Opened], demo_results: Any) -> None:
    shown = opened(demo_results)
    page = shown.page
    page.locator('input[name="overlay"][value="posts"]').uncheck()
    areas = demo_results.neighbourhoods
    offered = page.locator('input[name="measure"]').evaluate_all("all => all.map((one) => one.value)")
    duties = {f"duty_{shift}": shift for shift in demo_results.shifts["shift"].unique()}
    assert set(offered) == {*demo_results.measures["measure"], *duties, "zones", "own_share"}
    for measure in demo_results.measures["measure"]:
        pick(page, measure)
        for view in ("value", "mean", "clusters"):
            if page.locator(f'input[name="view"][value="{view}"]').is_visible():
                page.locator(f'input[name="view"][value="{view}"]').check()
            legend = page.evaluate(LEGEND)
            agrees(page, legend)
            assert total(legend, "areas") == len(areas)
            assert total(legend, "people") == pytest.approx(areas["population"].sum())
            assert (
                len([row for row in legend if row["key"].startswith(("class", "apart")) or row["key"] == "zero"]) <= 5
            )
        expected = areas[f"{measure}_cluster"].value_counts().to_dict()
        assert {row["key"]: row["areas"] for row in page.evaluate(LEGEND)} == expected
        page.locator('input[name="view"][value="value"]').check()
    pick(page, "zones")
    assert {row["key"]: row["areas"] for row in page.evaluate(LEGEND)} == areas["zone"].value_counts().to_dict()
    for duty, shift in duties.items():
        pick(page, duty)
        rows = demo_results.shifts[demo_results.shifts["shift"] == shift]
        status = rows["status"].str.replace(" ", "_").value_counts().to_dict()
        assert {row["key"]: row["areas"] for row in page.evaluate(LEGEND)} == status
        agrees(page, page.evaluate(LEGEND))
        assert page.locator("#views").is_hidden()
    assert shown.quiet(), shown.told


def test_the_four_states_of_a_shift_are_told_apart(opened: Callable[..., Opened]) -> None:
    shown = opened(patrolled())
    page = shown.page
    pick(page, "duty_day")
    legend = page.evaluate(LEGEND)
    assert [row["key"] for row in legend] == ["blind", "served", "overlap", "cannot_tell"]
    assert len({row["fill"] for row in legend}) == 4
    assert [row["people"] for row in legend] == [1000, 1500, 1000, 500]
    assert "tres o más proveedores" in page.locator("#classing").inner_text()
    page.locator("#search").fill("covadonga")
    page.keyboard.press("Enter")
    panel = page.locator("#panel").inner_text()
    assert "punto ciego" in panel
    assert page.locator(".steps").count() == 0
    page.locator("#search").focus()
    assert page.locator("#tip").inner_text() == "Covadonga\nPunto ciego"
    for expected in ("Patrulleros", "Kilómetros de patrulla por semana", "Pendiente (%)", "Con servicio"):
        assert (expected in panel) == (expected != "Con servicio"), expected
    pick(page, "cars_hours_per_1000")
    assert {row["key"] for row in page.evaluate(LEGEND)} == {"zero", "class0", "class1", "uncovered"}
    pick(page, "slope")
    assert page.locator("#map-unit").inner_text() == ""
    assert "missing" in {row["key"] for row in page.evaluate(LEGEND)}
    page.locator('[data-language="en"]').click()
    page.locator('[data-opens="figures"]').click()
    assert "Blind spots and overlaps: night" in page.locator("#figures-body").inner_text()
    assert not re.search(r"\b(map|zone|cluster|status|body|duty)\.[a-z]", page.locator("body").inner_text())
    assert shown.quiet(), shown.told


def test_a_layer_is_a_line_and_the_choices_fit_a_laptop(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    layers = demo_results.measures.loc[demo_results.measures["layer"] != "", "layer"].unique()
    assert page.locator(".grid tbody tr").count() == len(layers)
    names = page.locator(".grid input").evaluate_all("all => all.map((one) => one.closest('label').innerText.trim())")
    assert all(names) and len(set(names)) == len(names)
    assert page.locator("#measures").bounding_box()["height"] < 600
    chooser = page.locator(".choose").bounding_box()
    for row in page.locator(".grid tr").all():
        box = row.bounding_box()
        assert chooser["x"] <= box["x"] and box["x"] + box["width"] <= chooser["x"] + chooser["width"]
    for group in page.locator(".choose .inline").all():
        tops = group.locator("label").evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
        assert len(set(tops)) == 1


def test_missing_is_hatched_and_zero_is_not(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    pick(page, "private_guards_per_1000")
    legend = {row["key"]: row for row in page.evaluate(LEGEND)}
    values = demo_results.neighbourhoods["private_guards_per_1000"]
    assert legend["missing"]["areas"] == values.isna().sum()
    assert legend["zero"]["areas"] == (values == 0).sum()
    assert legend["missing"]["fill"] == "url(#sq-missing)"
    assert legend["missing"]["label"] == "Sin dato"
    pick(page, "police_per_1000")
    assert "missing" not in {row["key"] for row in page.evaluate(LEGEND)}


def test_overlays_come_and_go(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    for _ in range(2):
        page.locator('[data-zoom="in"]').click()
        page.wait_for_timeout(400)
    for name, what in (("centre", ".centre-line"), ("posts", ".post"), ("names", ".leaflet-names-pane .name")):
        box = page.locator(f'input[name="overlay"][value="{name}"]')
        box.check()
        assert page.locator(what).count() > 0
        box.uncheck()
        assert page.locator(what).count() == 0
    page.locator('input[name="overlay"][value="posts"]').check()
    assert page.locator(".post").count() == len(demo_results.posts.drop_duplicates(["body", "name", "geometry"]))


def test_the_language_switch_changes_every_word(opened: Callable[..., Opened], demo_results: Any) -> None:
    shown = opened(demo_results)
    page = shown.page
    assert page.locator('[data-opens="reading"]').inner_text() == text("map.tool.reading", "es")
    page.locator('[data-language="en"]').click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == demo_results.title["en"]
    assert page.locator("#note").inner_text() == demo_results.note["en"]
    for key in ("reading", "figures", "sources"):
        button = page.locator(f'[data-opens="{key}"]')
        assert button.inner_text() == text(f"map.tool.{key}", "en")
        button.click()
        words = page.locator(f"#{key}-body").inner_text()
        assert len(words) > 200
        assert "map." not in words.replace("map.html", "")
        page.keyboard.press("Escape")
    assert not re.search(r"\b(map|zone|cluster|status|body)\.[a-z]", page.locator("body").inner_text())
    assert shown.quiet(), shown.told


def test_search_finds_without_accents_and_by_keyboard(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    page.locator("#search").fill("jiron asam")
    assert page.locator("#found li").first.inner_text().startswith("Jirón Asamblea")
    page.keyboard.press("Enter")
    assert page.locator("#panel-title").inner_text() == "Jirón Asamblea"
    page.locator("#search").fill("no existe tal lugar")
    assert page.locator("#found").inner_text() == text("map.search.none", "es")


def test_the_panel_holds_the_figures_of_the_chosen_area(opened: Callable[..., Opened]) -> None:
    """Los Olivos: 2 police for 1,500 people are 1.33 per 1,000; the centre has 4 and the periphery 1."""
    page = opened(town()).page
    page.locator("#search").fill("olivos")
    page.keyboard.press("Enter")
    words = page.locator("#panel").inner_text()
    for expected in ("Los Olivos", "Periferia", "1\u202f500 habitantes", "1.33", "20", "No se distingue del azar"):
        assert expected in words, expected
    assert page.locator(".bar-row strong").all_inner_texts() == ["4.00", "1.00", "1.33"]


def test_the_keyboard_reaches_everything_and_focus_is_seen(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    wanted = {
        "skip",
        "tool",
        "folium-map",
        "search",
        "measure",
        "overlay",
        "view",
        "zoom-in",
        "zoom-all",
        "en",
        "summary",
    }
    reached: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => {
                const node = document.activeElement;
                if (node === document.body) return null;
                const shown = getComputedStyle(node.matches('.views input') ? node.nextElementSibling : node);
                const names = [...node.classList, node.name, node.id, node.dataset.language, node.localName];
                if (node.dataset.zoom) names.push('zoom-' + node.dataset.zoom);
                return { names, ring: shown.outlineStyle !== 'none' && parseFloat(shown.outlineWidth) >= 2 };
            }"""
        )
        if told is None:
            break
        assert told["ring"], told["names"]
        reached |= set(told["names"])
    assert wanted <= reached


def test_arrows_walk_from_area_to_area(opened: Callable[..., Opened]) -> None:
    """The four areas of the small study stand in a row from west to east."""
    page = opened(town()).page
    page.locator("#search").fill("Centro")
    page.keyboard.press("Enter")
    page.locator("#map_city").focus()
    names = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        names.append(page.locator("#panel-title").inner_text())
    assert names == ["Los Olivos", "Covadonga", "Independencia"]
    assert "Independencia" in page.locator("#announce").inner_text()
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel"
    page.locator("#map_city").focus()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def at(page: Any, index: int, sheet: int = 0) -> tuple[float, float]:
    """Where an area is on the screen."""
    place = page.evaluate(
        """([index, sheet]) => {
            const { map } = secequity.sheets[sheet];
            const point = map.latLngToContainerPoint(secequity.anchorOf(index));
            const frame = map.getContainer().getBoundingClientRect();
            return [point.x + frame.left, point.y + frame.top];
        }""",
        [index, sheet],
    )
    return place[0], place[1]


def test_a_pointer_over_an_area_names_it_and_tells_its_figures(opened: Callable[..., Opened]) -> None:
    page = opened(town(), size=(1440, 900)).page
    page.mouse.move(*at(page, 1))
    assert page.locator("#tip strong").inner_text() == "Los Olivos"
    assert page.locator("#panel-title").inner_text() == "Los Olivos"
    page.mouse.move(*at(page, 2))
    assert page.locator("#panel-title").inner_text() == "Covadonga"
    page.mouse.click(*at(page, 0))
    page.mouse.move(*at(page, 3))
    assert page.locator("#tip strong").inner_text() == "Independencia"
    assert page.locator("#panel-title").inner_text() == "Centro"


def test_the_table_says_what_the_map_says(opened: Callable[..., Opened], demo_results: Any) -> None:
    page = opened(demo_results).page
    page.locator('[data-opens="figures"]').click()
    rows = page.locator("#figures-body table").first.locator("tbody tr")
    areas = demo_results.neighbourhoods
    assert rows.count() == len(areas)
    assert rows.first.locator("th").inner_text() == areas["name"].iloc[0]
    page.get_by_role("button", name="Habitantes", exact=True).click()
    assert rows.first.locator("td").nth(2).inner_text() == number(areas["population"].max())
    page.locator('[data-closes="figures"]').click()
    assert page.locator("#figures").is_hidden()


def test_hostile_names_stay_names(opened: Callable[..., Opened]) -> None:
    shown = opened(hostile())
    page = shown.page
    for index in range(4):
        page.mouse.click(*at(page, index))
    page.locator("#search").fill("<img")
    page.keyboard.press("Enter")
    assert page.locator("#panel-title").inner_text() == HOSTILE[0]
    page.locator('input[name="overlay"][value="names"]').check()
    page.locator(".post").first.hover(force=True)
    for key in ("figures", "sources", "reading"):
        page.locator(f'[data-opens="{key}"]').click()
        page.keyboard.press("Escape")
    page.locator('[data-language="en"]').click()
    assert page.locator("img, iframe, object, embed").count() == 0
    assert "\u202e" not in page.content()
    assert shown.quiet(), shown.told


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_overlaps_or_sticks_out(
    opened: Callable[..., Opened], demo_results: Any, size: tuple[int, int]
) -> None:
    page = opened(demo_results, size=size).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    boxes = page.evaluate(
        """() => ['.masthead', '.choose', '.stage', '.legend', '.panel', '.imprint'].map((one) => {
            const box = document.querySelector(one).getBoundingClientRect();
            return [one, box.left, box.top, box.right, box.bottom];
        })"""
    )
    for at, (name, left, top, right, bottom) in enumerate(boxes):
        assert right - left > 100 and bottom - top > 10, name
        for other, other_left, other_top, other_right, other_bottom in boxes[at + 1 :]:
            apart = (
                right <= other_left + 1 or other_right <= left + 1 or bottom <= other_top + 1 or other_bottom <= top + 1
            )
            assert apart, (name, other)
    frame = page.locator("#frame").bounding_box()
    assert frame["height"] > 240


def test_it_prints_on_one_page(opened: Callable[..., Opened], demo_results: Any) -> None:
    shown = opened(demo_results)
    printed = shown.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert shown.quiet(), shown.told


def test_numbers_are_written_as_in_the_report(opened: Callable[..., Opened]) -> None:
    values = [
        0,
        1,
        0.558,
        1.358,
        0.125,
        0.375,
        0.0291,
        0.00042,
        99.994,
        100.25,
        999.96,
        1000.5,
        35307,
        -0.42,
        9569468,
        12.5,
    ]
    written = opened(town()).page.evaluate("(values) => values.map((value) => secequity.number(value))", values)
    assert written == [number(value) for value in values]


def test_reduced_motion_is_honoured(opened: Callable[..., Opened]) -> None:
    page = opened(town(), reduced_motion="reduce").page
    assert page.evaluate("map_city.options.zoomAnimation") is False
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).transitionDuration") == "0s"
