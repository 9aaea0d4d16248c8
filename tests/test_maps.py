"""The page of the map: nothing from outside, data that stay data, one geometry, classes that hold every value."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapclassify
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from typer.testing import CliRunner

from secequity import maps
from secequity.cli import app
from secequity.errors import ConfigError
from secequity.maps.classes import classify, quantile_bounds
from secequity.maps.columns import Together, shortened
from secequity.maps.packing import (
    HOLDER,
    Millionths,
    Multiple,
    Numbers,
    Records,
    Steps,
    Values,
    Words,
    as_told,
    contents,
    pack,
    unpack,
)
from secequity.maps.page import content_policy
from secequity.maps.payload import payload
from secequity.maps.shapes import Shapes, places, shapes
from secequity.maps.topology import simplified, topology
from secequity.results import HYPOTHESES, LEDGER, POSTS, StudyTables
from secequity.texts import PAGE, catalogue, number
from small_study import LEAD, described, study, with_areas, with_gap, with_patrols

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\" onload='alert(1)' {{ 7*7 }} {% raw %} ${alert(1)}",
    "San\u202eJuan\u2066 \u2028& Bautista\x00",
)
SMALLEST, LARGEST = 1e-6, 1e6


class Tags(HTMLParser):
    """Every element of a page with its attributes, and the text of the scripts that hold data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, str] = {}
        self.inside: str | None = None
        self.title = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        holds_data = tag == "script" and attributes.get("type") == "text/plain"
        self.inside = attributes.get("id") if holds_data else tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside == "title":
            self.title += data
        elif self.inside and self.inside.startswith("secequity-"):
            self.data[self.inside] = self.data.get(self.inside, "") + data


def town() -> StudyTables:
    """The small study, moved to Ayacucho: a web map cannot show the South Pole, where its coordinates would lie."""
    return _in_ayacucho(study())


def patrolled() -> StudyTables:
    """The small study with its patrols and shifts, moved likewise."""
    return _in_ayacucho(with_patrols())


def _in_ayacucho(tables: StudyTables) -> StudyTables:
    moved = tables.neighbourhoods.geometry.translate(584_000, 8_545_000)
    return replace(tables, neighbourhoods=tables.neighbourhoods.set_geometry(moved))


def hostile() -> StudyTables:
    """The small study with names, labels, title and note that would like to be more than text."""
    tables = town()
    areas = tables.neighbourhoods.assign(name=list(HOSTILE))
    measures = tables.measures.assign(label_es=list(HOSTILE[:2]), label_en=list(HOSTILE[1:3]))
    posts = gpd.GeoDataFrame(
        [["police", "police", HOSTILE[1], 4.0, "01"]],
        columns=list(POSTS),
        geometry=[Point(584_500, 8_545_500)],
        crs=areas.crs,
    )
    words = {"es": HOSTILE[1], "en": HOSTILE[0]}
    return replace(tables, neighbourhoods=areas, measures=measures, posts=posts, title=words, note=words)


def page_of(tables: StudyTables, **options: Any) -> str:
    language = options.pop("language", "es")
    return str(maps.build(tables, language=language, **options).get_root().render())


def data_of(tables: StudyTables) -> Any:
    """What the page of a study knows, as plain data."""
    return unpack(pack(payload(tables, language="es")))


def drawn_units(told: Shapes) -> list[Any]:
    """Every neighbourhood as the page draws it, in steps of the grid and in the order of the rows."""
    rings = told.borders.polygons
    ends = [*pairwise(told.borders.units)]
    units = [ends[at] for at in np.argsort(told.rows)]
    return [shapely.Polygon() if first == last else _without_holes(rings[first:last]) for first, last in units]


def _without_holes(rings: Any) -> Any:
    """Rings that run one way are filled, those that run the other way are holes; the grid runs southwards."""
    holes = [one for one in rings if one.exterior.is_ccw]
    outer = [one for one in rings if not one.exterior.is_ccw]
    return shapely.union_all(outer).difference(shapely.union_all(holes))


@pytest.mark.parametrize("tables", [study(), hostile()], ids=["plain", "hostile"])
def test_the_page_asks_nothing_of_the_network(tables: StudyTables) -> None:
    page = page_of(tables)
    parsed = Tags(page)
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "iframe", "img", "base", "object", "embed")
        for name in ("src", "href", "action", "data", "poster"):
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
    words = HOLDER.sub("", page).lower()
    assert "url(http" not in words.replace("'", "").replace('"', "")
    assert "cdn" not in words
    assert "sourcemappingurl" not in words
    policies = [a["content"] for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    ]


def test_the_page_says_its_language_title_and_finding() -> None:
    page = page_of(study(), language="en")
    parsed = Tags(page)
    assert ("html", {"lang": "en"}) in parsed.elements
    assert parsed.title == "Four neighbourhoods"
    data = contents(page)
    assert data["headline"]["es"] != data["headline"]["en"]
    assert all(sentence in page for sentence in data["headline"]["en"])


def test_names_from_the_data_are_text_and_nothing_else() -> None:
    page = page_of(hostile())
    parsed, data = Tags(page), contents(page)
    assert data["names"][:3] == list(HOSTILE[:3])
    assert data["names"][3] == "SanJuan  & Bautista"
    assert parsed.title == HOSTILE[1]
    assert not [tag for tag, _ in parsed.elements if tag == "img"]
    assert sum(tag == "script" for tag, _ in parsed.elements) == sum(
        tag == "script" for tag, _ in Tags(page_of(study())).elements
    )


def test_there_is_one_geometry_however_many_measures() -> None:
    tables = study()
    more = {f"measure_{number}": [1.0, 2.0, 3.0, 4.0] for number in range(10)}
    rows = [[name, "covariate", "", "", "", name, name] for name in more]
    measures = pd.concat([tables.measures, described(rows)], ignore_index=True)
    many = replace(tables, neighbourhoods=tables.neighbourhoods.assign(**more), measures=measures)
    assert contents(page_of(tables))["geometry"] == contents(page_of(many))["geometry"]
    assert len(page_of(many)) - len(page_of(tables)) < 10 * 700


def test_the_same_study_gives_the_same_page_whatever_changed_before() -> None:
    assert page_of(study()) == page_of(study())


def test_nothing_of_the_study_is_changed() -> None:
    tables = study()
    before = tables.neighbourhoods.copy(deep=True)
    maps.build(tables, language="es")
    pd.testing.assert_frame_equal(pd.DataFrame(tables.neighbourhoods), pd.DataFrame(before))


def test_save_writes_the_page_folium_would_write(tmp_path: Path) -> None:
    city = maps.build(study(), language="es")
    city.save(str(tmp_path / "folium.html"))
    assert maps.save(city, tmp_path / "ours.html").read_bytes() == (tmp_path / "folium.html").read_bytes()


def test_the_map_shows_itself_in_a_notebook() -> None:
    shown = maps.build(study(), language="es")._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<script>" not in shown


def test_a_base_map_is_the_only_address_and_only_on_request() -> None:
    page = page_of(study(), basemap="https://{s}.tile.example.org/{z}/{x}/{y}.png")
    (policy,) = [a["content"] for _, a in Tags(page).elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.endswith("img-src data: blob: https://*.tile.example.org")
    assert "example.org" not in page_of(study())


@pytest.mark.parametrize(
    "address", ["http://a.org/{z}/{x}/{y}.png", "https://a.org; script-src *//{z}", "javascript:{z}", "https://a.org/"]
)
def test_a_base_map_that_is_not_tiles_over_https_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        maps.build(study(), language="es", basemap=address)


def test_a_language_without_a_catalogue_is_refused() -> None:
    unknown: Any = "pt"
    with pytest.raises(ConfigError, match="pt"):
        maps.build(study(), language=unknown)


def test_missing_zero_and_withheld_are_told_apart() -> None:
    tables = with_areas(
        police_status=["ok", "suppressed", "missing", "ok"],
        police_amount=[4.0, np.nan, np.nan, 0.0],
        **{LEAD: [4.0, np.nan, np.nan, 0.0]},
    )
    data = data_of(tables)
    assert data["values"][LEAD] == [4, None, None, 0]
    assert data["status"]["police"] == ["ok", "suppressed", "missing", "ok"]
    assert data["measures"][0]["classes"]["zero"] is True


def test_a_withheld_figure_is_nowhere_in_the_page() -> None:
    """Whoever computed the tables may have left the figure in; 1.3333 and the amount of 777 must not get out."""
    tables = with_areas(police_status=["ok", "suppressed", "ok", "ok"], police_amount=[4.0, 777.0, 1.0, 0.0])
    data = data_of(tables)
    assert data["values"][LEAD] == [4, None, 1, 0]
    assert data["amounts"]["police"] == [4, None, 1, 0]
    assert "777" not in json.dumps(data)


def test_a_rare_thing_is_told_for_100_000_people_as_in_the_headline() -> None:
    """0.04 posts per 1,000 are 4 per 100,000; poverty, a percentage, stays as it is."""
    tables = with_gap(centre=0.04, periphery=0.01, difference=0.03, low=0.02, high=0.035)
    rare = replace(tables, neighbourhoods=tables.neighbourhoods.assign(**{LEAD: [0.04, 0.02, 0.01, 0.0]}))
    data = data_of(rare)
    assert data["values"][LEAD] == [4, 2, 1, 0]
    assert data["values"]["poverty"] == [5, 20, 25, 30]
    assert data["measures"][0]["unit"]["en"] == "police officers per 100\u202f000 residents"
    assert (data["gaps"][LEAD]["centre"], data["gaps"][LEAD]["ratio"]) == (4.0, 4.0)
    assert data["measures"][0]["classes"]["bounds"] == [1, 2, 4]


def test_both_languages_have_every_sentence_of_the_page() -> None:
    data = data_of(study())
    assert data["texts"]["es"].keys() == data["texts"]["en"].keys()
    blanks = {
        key: sorted(part.split("}")[0] for part in text.split("{")[1:]) for key, text in data["texts"]["es"].items()
    }
    for key, sentence in data["texts"]["en"].items():
        assert sorted(part.split("}")[0] for part in sentence.split("{")[1:]) == blanks[key], key


def test_raw_and_smoothed_rates_share_their_breaks() -> None:
    tables = study()
    rows = [[f"{LEAD}_eb", "smoothed", "police", "police", "police", "Suavizada", "Smoothed"]]
    measures = pd.concat([tables.measures, described(rows)], ignore_index=True)
    areas = tables.neighbourhoods.assign(**{f"{LEAD}_eb": [3.0, 1.4, 1.2, 0.5]})
    told = {one["id"]: one for one in data_of(replace(tables, measures=measures, neighbourhoods=areas))["measures"]}
    assert told[LEAD]["classes"] == told[f"{LEAD}_eb"]["classes"]
    assert told[LEAD]["sharing"] == [f"{LEAD}_eb"]
    assert told["poverty"]["sharing"] == []


def told_of(tables: StudyTables) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in data_of(tables)["measures"]}


def test_a_layer_that_has_only_hours_goes_by_its_own_name() -> None:
    cars = told_of(with_patrols())["cars_hours_per_1000"]
    assert cars["heading"] == {"es": "Patrulleros", "en": "Patrol cars"}
    assert cars["label"]["es"] == "Patrulleros"
    assert cars["group"] == "layer"


def test_official_hours_share_their_breaks_with_their_shifts_and_with_nothing_else() -> None:
    told = told_of(with_patrols())
    day, night = "official_day_hours_per_1000", "official_night_hours_per_1000"
    assert told[day]["sharing"] == [night]
    assert told[day]["classes"] == told[night]["classes"]
    assert told[day]["classes"]["bounds"] == [2, 10, 30]
    assert told["cars_hours_per_1000"]["sharing"] == []
    assert told["cars_hours_per_1000"]["classes"]["bounds"] == [2, 40]
    assert told[day]["group"] == "shifts"
    assert told[day]["option"] == {"es": "Mañana", "en": told[day]["option"]["en"]}


def test_a_surface_is_a_condition_without_a_unit() -> None:
    slope = told_of(with_patrols())["slope"]
    assert (slope["group"], slope["unit"], slope["sharing"]) == ("covariate", {"es": "", "en": ""}, [])
    assert slope["layers"] == ["slope"]


def test_who_is_on_duty_is_a_layer_a_shift() -> None:
    day, night = data_of(with_patrols())["duty"]
    assert day["values"] == ["overlap", "served", "blind", "cannot_tell"]
    assert night["values"] == ["served", "blind", "blind", "cannot_tell"]
    assert night["label"]["en"] == "Blind spots and overlaps: night"
    assert data_of(study())["duty"] == []


def test_rows_of_shifts_meet_by_id() -> None:
    tables = with_patrols()
    turned = replace(tables, shifts=tables.shifts.iloc[::-1])
    assert {one["id"]: one["values"] for one in data_of(turned)["duty"]} == {
        one["id"]: one["values"] for one in data_of(tables)["duty"]
    }


def test_what_a_patrol_layer_also_knows_is_withheld_with_its_figure() -> None:
    tables = with_patrols()
    areas = tables.neighbourhoods.assign(cars_status=["ok", "suppressed", "ok", "uncovered"])
    data = data_of(replace(tables, neighbourhoods=areas))
    assert data["more"]["cars"]["km_per_week"] == [100, None, 50, None]
    assert data["status"]["cars"] == ["ok", "suppressed", "ok", "uncovered"]


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=6, max_size=40, unique=True), st.integers(2, 5))
def test_quantiles_are_those_of_mapclassify(values: list[float], many: int) -> None:
    bins = mapclassify.Quantiles(np.array(values), k=many).bins
    assert quantile_bounds(np.array(values), many) == pytest.approx(np.unique(bins), rel=1e-12)


def test_quantile_bounds_are_rounded_as_far_as_the_classes_stay_full() -> None:
    """The quintiles of 1 … 10 are 2.8, 4.6, 6.4, 8.2 and 10; as whole numbers every class still has a member."""
    classes = classify(pd.Series(np.arange(1.0, 11.0)))
    assert (classes.scheme, classes.zero) == ("quantiles", False)
    assert (classes.low, classes.bounds) == (1.0, (3.0, 5.0, 6.0, 8.0, 10.0))


def test_the_skewed_rates_of_lima_do_not_spend_the_classes_on_the_exception() -> None:
    rates = pd.Series([*np.linspace(0.5, 2.5, 49), 30.03])
    classes = classify(rates)
    counts = np.bincount(np.searchsorted(classes.bounds, rates), minlength=5)
    assert counts.min() >= 5
    assert classes.bounds[-1] == 30.03


def test_zero_is_a_class_of_its_own_and_counts_as_one_of_the_five() -> None:
    classes = classify(pd.Series([0.0] * 90 + list(np.arange(1.0, 11.0))))
    assert classes.zero
    assert len(classes.bounds) == 4
    assert classify(pd.Series([0.0, 0.0])).bounds == ()
    assert not classify(pd.Series([-1.0, 0.0, 1.0])).zero
    assert classify(pd.Series([np.nan, np.nan])).scheme == "none"


def test_few_values_have_a_class_each_and_readable_decimals() -> None:
    classes = classify(pd.Series([1.35778, 0.64893, 0.795366, 1.6282, 0.597078]))
    assert classes.scheme == "unique"
    assert classes.decimals is None
    assert classify(pd.Series([0.00311, 0.00312])).decimals == 5


@settings(max_examples=200)
@given(st.lists(st.just(0.0) | st.floats(SMALLEST, LARGEST) | st.floats(-LARGEST, -SMALLEST), min_size=1, max_size=60))
def test_every_value_falls_in_exactly_one_of_at_most_five_classes(values: list[float]) -> None:
    short = pd.Series([float(f"{value:.6g}") for value in values])
    classes = classify(short)
    rest = short[short != 0] if classes.zero else short
    assert 1 <= len(classes.bounds) + classes.zero <= 5
    assert (np.diff(classes.bounds) > 0).all()
    assert rest.empty or (classes.low == rest.min() and classes.bounds[-1] == rest.max())
    taken = np.bincount(np.searchsorted(classes.bounds, rest), minlength=len(classes.bounds))
    assert taken.sum() == len(rest)
    assert rest.empty or (taken > 0).all()


def crooked(side: int) -> gpd.GeoDataFrame:
    """A coverage of `side`² cells whose shared borders are crooked lines of many points."""
    rng = np.random.default_rng(3)
    cuts = [np.column_stack([np.arange(0, 1001, 5), 100 * row + rng.normal(0, 4, 201)]) for row in range(1, side)]
    ups = [np.column_stack([100 * row + rng.normal(0, 4, 201), np.arange(0, 1001, 5)]) for row in range(1, side)]
    lines = [shapely.LineString(line) for line in (*cuts, *ups)]
    noded = shapely.unary_union([*lines, box(0, 0, 100 * side, 100 * side).exterior])
    cells = list(shapely.get_parts(shapely.polygonize([noded])))
    cells = [cell for cell in cells if box(0, 0, 100 * side, 100 * side).buffer(1e-6).covers(cell)]
    zone = ["centre" if cell.centroid.x < 200 else "periphery" for cell in cells]
    return gpd.GeoDataFrame({"zone": zone}, geometry=cells, crs="EPSG:32718")


def test_simplified_neighbours_still_share_their_borders() -> None:
    areas = crooked(5)
    assert shapely.coverage_is_valid(areas.geometry.array)
    told = shapes(areas)
    drawn = drawn_units(told)
    assert told.coverage
    assert shapely.coverage_is_valid(drawn)
    assert len(told.borders.points) < shapely.get_num_coordinates(areas.geometry.array).sum()
    (line,) = told.city
    city = shapely.Polygon(line)
    assert sum(one.area for one in drawn) == pytest.approx(city.area, rel=1e-9)
    assert shapely.symmetric_difference(shapely.union_all(drawn), city).area < 1e-3 * city.area


def test_every_inner_border_is_kept_once() -> None:
    """25 cells of a square have 40 borders between two of them; the rim of the square belongs to one cell each."""
    cells = [box(1000 * x, 1000 * y, 1000 * x + 1000, 1000 * y + 1000) for x in range(5) for y in range(5)]
    told = shapes(gpd.GeoDataFrame({"zone": ["centre"] * 25}, geometry=cells, crs="EPSG:32718"))
    uses = told.borders.uses()
    assert sorted(np.unique(uses)) == [1, 2]
    assert (uses == 2).sum() == 40
    assert told.borders.uses(np.zeros(25, dtype=bool)).sum() == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.floats(0.3, 40.0), st.randoms(use_true_random=False))
def test_no_sliver_whatever_the_tolerance(side: int, tolerance: float, random: Any) -> None:
    """Borders simplified as coarsely as you like: neighbours still fill their city exactly, and nothing overlaps."""
    cells = crooked(side).geometry.array
    order = list(range(len(cells)))
    random.shuffle(order)
    whole = topology(np.asarray(cells, dtype=object)[order], step=0.1, origin=(0.0, 0.0))
    fewer = simplified(whole, tolerance=np.full(whole.arcs.size - 1, 10 * tolerance))
    before, after = whole.polygons, fewer.polygons
    assert shapely.is_valid(after).all()
    rim = fewer.lines(fewer.uses() == 1)
    (city,) = shapely.get_parts(shapely.polygonize(rim))
    assert shapely.area(after).sum() == pytest.approx(city.area, rel=1e-12)
    assert shapely.hausdorff_distance(before, after).max() <= 10 * tolerance + 1


def test_vertices_a_millimetre_apart_are_one_border() -> None:
    left, right = box(0, 0, 1000, 1000), shapely.Polygon([(1000.001, 0), (2000, 0), (2000, 1000), (999.999, 1000)])
    areas = gpd.GeoDataFrame({"zone": ["centre", "periphery"]}, geometry=[left, right], crs="EPSG:32718")
    assert (shapes(areas).borders.uses() == 2).sum() == 1


def test_overlapping_neighbourhoods_are_drawn_as_they_are() -> None:
    areas = gpd.GeoDataFrame(
        {"zone": ["centre", None]}, geometry=[box(0, 0, 2000, 2000), box(1000, 1000, 3000, 3000)], crs="EPSG:32718"
    )
    told = shapes(areas)
    assert not told.coverage
    assert np.diff(told.borders.units).tolist() == [1, 1]
    assert len(told.city) == len(told.centre) == 1


def test_a_hole_and_a_second_part_survive() -> None:
    ring = box(0, 0, 1000, 1000).difference(box(300, 300, 700, 700))
    areas = gpd.GeoDataFrame({"zone": ["centre"]}, geometry=[ring.union(box(2000, 0, 3000, 1000))], crs="EPSG:32718")
    told = shapes(areas)
    assert np.diff(told.borders.units).tolist() == [3]
    (unit,) = drawn_units(told)
    assert unit.area / shapely.box(*unit.bounds).area == pytest.approx((1 - 0.16 + 1) / 3, rel=1e-2)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_neighbourhood_without_a_place_takes_no_other_away(order: tuple[int, ...]) -> None:
    given = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), shapely.Polygon(), None]
    areas = gpd.GeoDataFrame({"zone": ["centre"] * 4}, geometry=[given[at] for at in order], crs="EPSG:32718")
    drawn = drawn_units(shapes(areas))
    assert [one.is_empty for one in drawn] == [at > 1 for at in order]
    assert shapely.coverage_is_valid([one for one in drawn if not one.is_empty])


def test_the_demonstration_city_is_drawn_within_a_pixel(demo_results: Any) -> None:
    """Every border of the page lies where it was, give or take 1/6,000 of the city's width and two roundings."""
    areas = demo_results.neighbourhoods
    told = shapes(areas)
    west, _, east, _ = areas.total_bounds
    original = areas.geometry.to_crs("EPSG:3857")
    stretch = (original.total_bounds[2] - original.total_bounds[0]) / (east - west)
    for unit, whole in zip(drawn_units(told), original, strict=True):
        placed = shapely.transform(unit, lambda xy: np.asarray(told.origin) + xy * told.step * (1, -1))
        assert shapely.hausdorff_distance(placed.boundary, whole.boundary) <= 1.5 * stretch * (east - west) / 6000


def test_posts_stand_where_they_stand() -> None:
    """The Plaza Mayor of Ayacucho, -74.2257 -13.1604, there and back through UTM zone 18 south."""
    point = gpd.GeoSeries([Point(-74.2257, -13.1604)], crs="EPSG:4326").to_crs("EPSG:32718")
    assert places(point).tolist() == [[-74_225_700, -13_160_400]]


def test_equal_columns_are_held_once() -> None:
    rates = np.arange(5000.0)
    once, twice = (len(pack({str(at): Values(rates + 0.5) for at in range(many)})) for many in (1, 2))
    assert twice < once + 60
    assert unpack(pack({"a": Values(rates), "b": Numbers(rates.astype(np.int64))})) == {"a": [*rates], "b": [*rates]}


@given(st.lists(st.floats(0, 1e5) | st.none(), min_size=1), st.floats(0.001, 1000), st.none() | st.integers(0, 3))
def test_a_column_so_many_times_another_is_written_as_it_is(
    others: list[float | None], by: float, decimals: int | None
) -> None:
    """Staff and their hours: whatever is kept of the second, every figure reads as its own full value does."""
    staff = shortened(pd.Series(others, dtype=float))
    full = shortened(staff * by)
    bounds = np.unique(full.dropna().round(1))
    together = Together()
    told = [together(staff), together(full, decimals=decimals, edges=(bounds, bounds))]
    read = unpack(pack(told))[1]
    for one, whole in zip(read, full, strict=True):
        assert (one is None) == np.isnan(whole)
        assert one is None or all(number(one, more) == number(whole, more) for more in (None, decimals))
    if isinstance(told[1], Multiple):
        known = [np.nan if one is None else one for one in read]
        assert np.array_equal(np.searchsorted(bounds, known), np.searchsorted(bounds, full))


def test_hours_of_staff_take_next_to_nothing() -> None:
    staff = pd.Series(np.random.default_rng(4).lognormal(1, 1, 5000))
    together = Together()
    alone, both = pack([Together()(staff)]), pack([together(staff), together(48 * staff)])
    assert len(both) < 1.1 * len(alone)
    assert isinstance(together(staff + 1), Values)


@given(
    st.lists(
        st.tuples(st.integers(-180_000_000, 180_000_000), st.floats(0, 1e6) | st.none(), st.text("ab", max_size=2))
    )
)
def test_records_are_read_back_one_by_one(told: list[tuple[int, float | None, str]]) -> None:
    places, amounts, names = zip(*told, strict=True) if told else ((), (), ())
    columns = {
        "lon": Millionths(np.array(places, dtype=np.int64)),
        "amount": Values(np.array(amounts, dtype=float)),
        "name": Words(list(names)),
    }
    read = unpack(pack(Records(columns)))
    assert [(round(1e6 * one["lon"]), one["amount"], one["name"]) for one in read] == told


def test_the_policy_of_a_page_without_a_base_map_allows_no_address() -> None:
    assert "http" not in content_policy(None)


def test_the_demonstration_city_is_small_enough_to_mail(demo_results: Any) -> None:
    assert len(page_of(demo_results).encode()) < 600_000


@given(
    st.lists(
        st.floats(1e-5, 1e6)
        | st.integers(0, 200_000).map(lambda whole: whole / 1000)
        | st.integers(0, 3000).map(float)
        | st.just(float("nan")),
        min_size=1,
        max_size=50,
    )
)
def test_a_value_in_fewer_bytes_is_written_with_the_same_digits(values: list[float]) -> None:
    told = as_told(pd.Series(values))
    assert [number(float(one)) for one in told] == [number(one) for one in values]
    assert told.dtype == np.float32


@pytest.mark.parametrize("decimals", [None, 0, 3, 6])
def test_every_way_a_page_writes_a_value_stays_the_same(decimals: int | None) -> None:
    """Values of every size, and those at and beside ties, powers of ten and the sizes at which decimals change."""
    rng = np.random.default_rng(3)
    edges = np.array([0.05, 0.0995, 0.1, 0.995, 1.005, 9.995, 10, 99.95, 99.995, 100, 999.95, 999.995, 1000, 12345.5])
    beside = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf), edges * (1 + 1e-6)])
    sizes = np.exp(rng.uniform(np.log(1e-7), np.log(1.6e7), 4000))
    values = np.concatenate([beside, -beside, sizes, rng.integers(0, 10**6, 2000) / 1000, [0.0, np.nan]])
    told = as_told(pd.Series(values), decimals=decimals)
    for value, one in zip(values.tolist(), told.tolist(), strict=True):
        size = abs(value)
        places = [0, *[1] * (size < 1000), *[2] * (size < 100), *([] if decimals is None else [decimals]), None]
        assert [number(one, each) for each in places] == [number(value, each) for each in places]


def test_a_number_too_large_for_few_bytes_keeps_them_all() -> None:
    assert as_told(pd.Series([9_569_468_123.0, 0.1])).tolist() == [9_569_468_123.0, 0.1]


@given(st.lists(st.integers(-(2**30), 2**30)), st.lists(st.integers(0, 2**40)))
def test_whole_numbers_are_packed_and_read_back(steps: list[int], numbers: list[int]) -> None:
    tree = {"a": Steps(np.array(steps, dtype=np.int64)), "b": [Numbers(np.array(numbers, dtype=np.int64))]}
    assert unpack(pack(tree)) == {"a": steps, "b": [numbers]}


def test_a_measure_named_like_the_packing_is_still_a_measure() -> None:
    assert unpack(pack({"$": Words(["a", "b"]), "values": {"$": Values(np.array([1.5]))}})) == {
        "$": ["a", "b"],
        "values": {"$": [1.5]},
    }


def test_the_residents_share_is_of_all_hours_and_unknown_where_any_hour_is() -> None:
    """02: residents 30 of 120 hours. 03 withholds its residents' hours, 04 has no hour at all."""
    hours = [["01", "state", "police", 192.0], ["01", "residents", "watch", 0.0], ["02", "state", "police", 90.0]]
    hours += [["02", "residents", "watch", 30.0], ["03", "state", "police", 48.0], ["04", "state", "police", 0.0]]
    ledger = pd.DataFrame([[*row, None] for row in hours], columns=list(LEDGER))
    tables = replace(with_areas(watch_status=["ok", "ok", "suppressed", "ok"]), ledger=ledger)
    data = data_of(tables)
    assert data["values"]["own_share"] == [0, 25, None, None]
    assert data["hours"] == {"state": [192, 90, 48, 0], "residents": [0, 30, None, 0]}
    assert data["gaps"]["own_share"]["centre"] == 0
    assert data["gaps"]["own_share"]["periphery"] == pytest.approx(25)


def test_the_citys_mean_is_among_people() -> None:
    """4 for 1,000 and 3 for 3,000 people: 7 police for 4,000."""
    (police, poverty) = data_of(study())["measures"]
    assert police["mean"] == 1.75
    assert poverty["mean"] == pytest.approx((5 * 1000 + 20 * 1500 + 25 * 1000 + 30 * 500) / 4000)


def test_an_unreliable_figure_is_flagged_and_a_reliable_city_is_not() -> None:
    flagged = with_areas(**{f"{LEAD}_reliability": ["reliable", "few_people", "reliable", "nobody"]})
    assert data_of(flagged)["reliability"] == {LEAD: ["reliable", "few_people", "reliable", "nobody"]}
    assert data_of(with_areas(**{f"{LEAD}_reliability": ["reliable"] * 4}))["reliability"] == {}


def test_how_firm_the_gap_is_stands_in_one_line() -> None:
    runs = pd.DataFrame({"measure": [LEAD] * 3 + ["poverty"], "holds": [True, True, False, False]})
    assert data_of(study(more={"specifications": runs}))["firmness"]["en"].startswith("The gap holds in 2 of 3 ways")
    assert data_of(study(more={"specifications": runs.iloc[:1]}))["firmness"] == {"es": "", "en": ""}
    assert data_of(study())["firmness"] == {"es": "", "en": ""}


def test_the_four_claims_are_told_with_their_verdict_and_reading() -> None:
    row = ["coverage_gap", 2.0, 1.5, 3.0, 0.01, "cannot tell", "No alcanza."]
    (claim,) = data_of(study(hypotheses=pd.DataFrame([row], columns=list(HYPOTHESES))))["claims"]
    assert claim["word"] == {"es": "no se puede saber", "en": "cannot tell"}
    assert claim["verdict"] == "cannot_tell"
    assert claim["reading"]["es"] == "No alcanza."


def test_a_benchmark_comes_with_its_kind_and_source() -> None:
    options = dict(study().options)
    options["study"] = {"equity": {"norm_per_1000": 2.5, "norm_kind": "observed", "norm_source": "UNODC <2010>"}}
    data = data_of(study(options=options))
    assert data["norm"] == {"value": 2.5, "kind": "observed", "source": "UNODC <2010>"}
    assert [one["official"] for one in data["measures"]] == [True, False]


def test_quechua_waits_for_a_person_who_speaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_of(study())["languages"] == ["es", "en"]
    from secequity.maps import payload as room

    spoken = {"map.tool.print": "—"}
    monkeypatch.setattr(room, "catalogue", lambda one: spoken if one == "qu" else catalogue(one))
    told = data_of(study())
    assert told["languages"] == ["es", "en", "qu"]
    assert told["texts"]["qu"] == spoken


def test_a_command_lists_what_quechua_lacks() -> None:
    done = CliRunner().invoke(app, ["words", "--language", "qu"])
    listed = dict(line.split("\t") for line in done.stdout.splitlines())
    assert listed["map.tool.print"] == "Imprimir"
    assert set(listed) == {key for key in catalogue("es") if key.startswith(PAGE)} - set(catalogue("qu"))


def test_a_hole_no_wider_than_the_line_is_no_blot_in_the_casco() -> None:
    """Two places are missing in ten kilometres of city, 20 m and 200 m wide: lines around it all and around one."""
    whole = box(0, 0, 10_000, 10_000) - box(2000, 2000, 2020, 2020) - box(6000, 6000, 6200, 6200)
    told = shapes(gpd.GeoDataFrame({"zone": ["centre"]}, geometry=[whole], crs="EPSG:32718"))
    assert len(told.centre) == 2
