"""What the map offers beyond its measures: comparisons, the curve of shares, an address to share, a table to keep."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from secequity import equity
from secequity.results import HYPOTHESES, LEDGER, StudyTables
from small_study import LEAD
from test_map_browser import LEGEND, Opened, agrees, at, opened, painted, pick
from test_maps import HOSTILE, hostile, patrolled, town

__all__ = ["opened"]

pytestmark = pytest.mark.browser


def rich() -> StudyTables:
    """The small study with residents' hours, a benchmark, an unreliable figure, an interval and a claim."""
    tables = town()
    hours = [["01", "state", "police", 192.0], ["01", "residents", "watch", 0.0], ["02", "state", "police", 90.0]]
    hours += [["02", "residents", "watch", 30.0], ["03", "state", "police", 48.0], ["04", "state", "police", 0.0]]
    options = dict(tables.options)
    options["study"] = {"equity": {"norm_per_1000": 2.0, "norm_kind": "observed", "norm_source": "UNODC, 2010"}}
    areas = tables.neighbourhoods.assign(
        watch_status=["ok", "ok", "suppressed", "ok"],
        **{
            f"{LEAD}_reliability": ["reliable", "reliable", "few_people", "reliable"],
            f"{LEAD}_low": [3.0, 0.5, 0.1, 0.0],
            f"{LEAD}_high": [5.0, 2.5, 3.2, 1.5],
        },
    )
    claim = ["coverage_gap", 4.0, 2.0, 6.0, 0.01, "supported", "El centro recibe cuatro veces más."]
    return replace(
        tables,
        neighbourhoods=areas,
        options=options,
        ledger=pd.DataFrame([[*row, None] for row in hours], columns=list(LEDGER)),
        hypotheses=pd.DataFrame([claim], columns=list(HYPOTHESES)),
    )


def find(page: Any, name: str) -> None:
    page.locator("#search").fill(name)
    page.keyboard.press("Enter")


def test_an_area_against_the_city_and_against_a_benchmark(opened: Callable[..., Opened]) -> None:
    """7 police for 4,000 people are 1.75: 4 is more than double, 1.33 half to 90 %, 1 likewise, 0 less than half.

    Against 2 per 1,000: 4 is double, 1.33 half to 90 %, 1 is half, 0 less.
    """
    page = opened(rich()).page
    page.locator('input[name="view"][value="mean"]').check()
    legend = page.evaluate(LEGEND)
    assert {row["key"]: row["areas"] for row in legend} == {"apart0": 1, "apart1": 2, "apart4": 1, "unreliable": 1}
    agrees(page, legend)
    assert "1.75" in page.locator("#classing").inner_text()
    page.locator('input[name="view"][value="norm"]').check()
    keys = {row["key"]: row["areas"] for row in page.evaluate(LEGEND)}
    assert keys == {"apart0": 2, "apart1": 1, "apart3": 1, "unreliable": 1}
    assert "UNODC, 2010" in page.locator("#classing").inner_text()
    pick(page, "poverty")
    assert page.locator('input[name="view"][value="norm"]').is_hidden()


def test_the_side_panel_says_who_supplies_the_hours_and_how_sure_a_rate_is(opened: Callable[..., Opened]) -> None:
    page = opened(rich()).page
    find(page, "olivos")
    words = page.locator("#panel").inner_text()
    for expected in ("Estado: 90 (75\u202f%)", "Vecinos: 30 (25\u202f%)", "entre 0.50 y 2.50", "Lugar 2 de 4"):
        assert expected in words, expected
    widths = page.locator(".ledger-bar .part").evaluate_all("all => all.map((one) => one.style.width)")
    assert widths == ["75%", "25%"]
    find(page, "covadonga")
    words = page.locator("#panel").inner_text()
    assert "pocos habitantes" in words and "reservado" in words
    assert "Vecinos: sin dato" in words
    pick(page, "own_share")
    assert {row["key"] for row in page.evaluate(LEGEND)} >= {"zero", "class0", "suppressed"}


def test_two_measures_side_by_side_move_together(opened: Callable[..., Opened]) -> None:
    shown = opened(patrolled(), size=(1440, 900))
    page = shown.page
    pick(page, "official_day_hours_per_1000")
    page.locator("#compare").select_option("official_night_hours_per_1000")
    assert page.locator("#second").is_visible()
    assert "night" in page.locator("#second-title").inner_text()
    assert page.locator("#second-legend").inner_text().endswith("Los mismos cortes que el otro mapa.")
    both = "secequity.sheets.map(({ map }) => [map.getZoom(), map.getCenter().lat, map.getCenter().lng])"
    page.locator('[data-zoom="in"]').click()
    page.wait_for_timeout(600)
    first, second = page.evaluate(both)
    assert first[0] == second[0] and second[1:] == pytest.approx(first[1:], abs=1e-4)
    page.evaluate("secequity.sheets[1].map.panBy([60, 20], { animate: false })")
    first, second = page.evaluate(both)
    assert second[1:] == pytest.approx(first[1:], abs=1e-4)
    page.locator('[data-zoom="all"]').click()
    page.wait_for_timeout(100)
    assert painted(page, 0) != painted(page, 1)
    page.mouse.move(*at(page, 1, 1))
    tip = page.locator("#tip").inner_text()
    assert "Los Olivos" in tip and "night" in tip
    page.locator("#compare").select_option("")
    assert page.locator("#second").is_hidden()
    assert shown.quiet(), shown.told


def test_the_curve_is_lorenzs_and_points_at_the_map(opened: Callable[..., Opened]) -> None:
    tables = town()
    page = opened(tables, size=(1440, 1200)).page
    drawn = page.evaluate(f"secequity.lorenz('{LEAD}').points")
    areas = tables.neighbourhoods
    curve = equity.lorenz(areas[LEAD], weights=areas["population"])
    for ours, theirs in zip(drawn, curve[["people", "amount"]].to_numpy(), strict=True):
        assert ours == pytest.approx(list(theirs), abs=1e-5)
    plain = painted(page)
    slider = page.locator("#curve-piece")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert "el 0\u00a0% y el 10\u00a0%" in page.locator(".curve-words").inner_text()
    assert "Independencia" in page.locator(".curve-words").inner_text()
    lit = painted(page)
    assert len(set(lit) & set(plain)) == 1, "one area keeps its colour, the others fade"
    page.keyboard.press("Home")
    assert painted(page) == plain
    page.locator('.piece[data-piece="9"]').hover()
    assert "Centro" in page.locator(".curve-words").inner_text()
    page.mouse.move(5, 5)
    assert painted(page) == plain


def test_a_view_is_shared_by_its_address(opened: Callable[..., Opened]) -> None:
    page = opened(patrolled(), size=(1440, 900)).page
    pick(page, "official_day_hours_per_1000")
    page.locator("#compare").select_option("slope")
    find(page, "covadonga")
    page.locator('[data-language="en"]').click()
    page.locator('[data-zoom="in"]').click()
    page.wait_for_timeout(500)
    told = page.evaluate("window.location.hash")
    zoom = page.evaluate("secequity.sheets[0].map.getZoom()")
    again = opened(patrolled(), size=(1440, 900), view=told).page
    assert again.locator("html").get_attribute("lang") == "en"
    assert again.locator('input[value="official_day_hours_per_1000"]').is_checked()
    assert again.locator("#compare").input_value() == "slope"
    assert again.locator("#panel-title").inner_text() == "Covadonga"
    assert again.evaluate("secequity.sheets[0].map.getZoom()") == pytest.approx(zoom)
    strange = opened(town(), view="#m=nothing&v=<b>&a=99&c=__proto__&z=x/y&l=fr").page
    assert strange.locator("#map-title").inner_text().startswith("Policía")


def test_the_table_is_saved_for_a_spreadsheet(opened: Callable[..., Opened], tmp_path: Path) -> None:
    shown = opened(hostile())
    page = shown.page
    page.evaluate("secequity.data.names[0] = '=HYPERLINK(\"x\")'; secequity.data.names[1] = '-2+3'")
    page.locator('[data-opens="figures"]').click()
    with page.expect_download() as saved:
        page.locator("#download").click()
    saved.value.save_as(tmp_path / "table.csv")
    written = (tmp_path / "table.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:3]] == ['\'=HYPERLINK("x")', "'-2+3"]
    assert rows[3][0] == HOSTILE[2]
    assert [row[3] for row in rows[1:]] == ["1000", "1500", "1000", "500"]
    assert "1.33" in rows[2]
    assert shown.quiet(), shown.told


def test_the_claims_and_their_verdicts_are_one_click_away(opened: Callable[..., Opened]) -> None:
    page = opened(rich()).page
    claim = page.locator(".claims li").first
    assert "El centro recibe más servicio oficial" in claim.inner_text()
    assert claim.locator(".verdict").inner_text() == "respaldada"
    claim.locator("summary").click()
    assert "cuatro veces más" in claim.inner_text()


def test_it_opens_where_the_browser_cannot_decompress(opened: Callable[..., Opened]) -> None:
    shown = opened(town(), before="delete window.DecompressionStream;")
    assert shown.page.evaluate("window.DecompressionStream") is None
    assert shown.page.evaluate("secequity.data.names") == ["Centro", "Los Olivos", "Covadonga", "Independencia"]
    assert sum(painted(shown.page).values()) == 4
    assert shown.quiet(), shown.told


def test_a_measure_may_have_any_name(opened: Callable[..., Opened]) -> None:
    tables = town()
    names = ["$", "constructor", "__proto__", 'a"b<c>', "zones2"]
    columns = {name: [1.0, 2.0, 3.0, 4.0] for name in names}
    rows = pd.DataFrame([[name, "covariate", "", "", "", name, name, "", ""] for name in names])
    rows.columns = tables.measures.columns
    measures = pd.concat([tables.measures, rows], ignore_index=True)
    areas = tables.neighbourhoods.assign(**columns)
    shown = opened(replace(tables, neighbourhoods=areas, measures=measures))
    for at_place in range(len(names)):
        shown.page.locator(".more-choices input").nth(at_place + 1).check()
        assert shown.page.locator("#map-title").inner_text() == names[at_place]
        assert len(shown.page.evaluate(LEGEND)) == 4
    assert shown.quiet(), shown.told
