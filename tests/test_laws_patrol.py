"""Laws of patrol coverage: hours are conserved, and nothing depends on how the file was cut, drawn or shuffled."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from secequity.coverage.routes import routes, street_km
from secequity.coverage.tracks import TrackHours, tracks

CRS = "EPSG:32718"
IDS = [f"{at:03}" for at in range(9)]
CITY = gpd.GeoDataFrame(
    index=IDS,
    geometry=[
        shapely.Polygon([(0, 0), (310, 20), (290, 300), (10, 330)]),
        *[shapely.box(300 * x, 300 * y, 300 * x + 300, 300 * y + 300) for x, y in ((1, 2), (2, 0), (2, 1), (2, 2))],
        shapely.Polygon([(310, 20), (600, 0), (600, 300), (290, 300)]),
        shapely.Polygon([(290, 300), (600, 300), (600, 600), (300, 600)]),
        shapely.Polygon([(10, 330), (290, 300), (300, 600), (0, 600)]),
        shapely.box(0, 600, 300, 900),
    ],
    crs=CRS,
)
EAST, NORTH = 583_000, 8_544_000
CITY = CITY.set_geometry(CITY.translate(EAST, NORTH))


def law(**anything: st.SearchStrategy):
    """A test that must hold for anything drawn, however slow the machine."""
    return lambda test: settings(deadline=None, max_examples=50)(given(**anything)(test))


spots = st.tuples(st.integers(-200, 1100), st.integers(-200, 1100))
paths = st.lists(spots, min_size=2, max_size=7).filter(lambda path: len(set(path)) > 1)


@st.composite
def patrols(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Routes along whole metres, which often run on borders and cross their own way."""
    drawn = draw(st.lists(paths, min_size=1, max_size=4))
    lines = [shapely.LineString([(EAST + x, NORTH + y) for x, y in path]) for path in drawn]
    figures = st.lists(st.integers(0, 9), min_size=len(lines), max_size=len(lines))
    columns = {"times": draw(figures), "crew": draw(figures), "minutes": draw(figures)}
    return gpd.GeoDataFrame(columns, index=[f"R{at}" for at in range(len(lines))], geometry=lines, crs=CRS)


COLUMNS = {"times_per_week": "times", "crew": "crew"}
reaches = st.sampled_from([0.0, 1.0, 25.0, 140.0])


def close(series: pd.Series) -> object:
    return pytest.approx(series.to_dict(), rel=1e-7, abs=1e-7)


@law(lines=patrols(), reach=reaches)
def test_the_hours_of_a_route_are_inside_or_outside(lines: gpd.GeoDataFrame, reach: float) -> None:
    found = routes(CITY, lines, **COLUMNS, minutes="minutes", visibility_m=reach)
    planned = lines["times"] * lines["crew"] * lines["minutes"] / 60
    inside = found.stretches.groupby("route")["hours_per_week"].sum().reindex(lines.index, fill_value=0.0)
    assert (inside + found.by_route["unallocated_hours"]).to_dict() == close(planned)
    assert found.hours.sum() + found.unallocated_hours == pytest.approx(planned.sum())
    driven = (lines["times"] * lines.length / 1000).sum()
    assert found.km.sum() + found.by_route["unallocated_km"].sum() == pytest.approx(driven)
    assert (found.hours >= 0).all() and (found.by_route >= 0).all(axis=None)


@law(lines=patrols(), reach=reaches)
def test_two_routes_of_half_the_frequency_are_one(lines: gpd.GeoDataFrame, reach: float) -> None:
    half = lines.assign(times=lines["times"] / 2)
    twice = pd.concat([half, half.set_axis(half.index + "b")])
    one, two = (routes(CITY, each, **COLUMNS, minutes="minutes", visibility_m=reach) for each in (lines, twice))
    assert two.hours.to_dict() == close(one.hours) and two.km.to_dict() == close(one.km)


@law(lines=patrols(), reach=reaches, at=st.floats(0.01, 0.99))
def test_cutting_a_route_changes_nothing(lines: gpd.GeoDataFrame, reach: float, at: float) -> None:
    whole = routes(CITY, lines, **COLUMNS, speed_kmh=10, visibility_m=reach)
    ends = [
        substring(line, start, stop, normalized=True) for start, stop in ((0, at), (at, 1)) for line in lines.geometry
    ]
    pieces = pd.concat([lines, lines.set_axis(lines.index + "b")]).set_geometry(gpd.GeoSeries(ends, crs=CRS).to_numpy())
    cut = routes(CITY, pieces.set_crs(CRS), **COLUMNS, speed_kmh=10, visibility_m=reach)
    assert cut.hours.to_dict() == pytest.approx(whole.hours.to_dict(), rel=1e-5, abs=1e-5)
    parts = shapely.multilinestrings(np.array(ends).reshape(2, -1).T)
    joined = routes(CITY, lines.set_geometry(parts, crs=CRS), **COLUMNS, minutes="minutes", visibility_m=reach)
    one = routes(CITY, lines, **COLUMNS, minutes="minutes", visibility_m=reach)
    assert joined.hours.to_dict() == pytest.approx(one.hours.to_dict(), rel=1e-5, abs=1e-5)


@law(lines=patrols(), reach=reaches, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_routes(lines: gpd.GeoDataFrame, reach: float, shuffle) -> None:
    ids, names = list(CITY.index), list(lines.index)
    shuffle.shuffle(ids)
    shuffle.shuffle(names)
    one = routes(CITY, lines, **COLUMNS, minutes="minutes", visibility_m=reach)
    other = routes(CITY.loc[ids], lines.loc[names], **COLUMNS, minutes="minutes", visibility_m=reach)
    assert other.hours[IDS].to_dict() == close(one.hours) and list(other.hours.index) == ids
    backwards = routes(CITY, lines.set_geometry(lines.reverse()), **COLUMNS, minutes="minutes", visibility_m=reach)
    assert backwards.hours.to_dict() == close(one.hours)


@law(lines=patrols(), reach=st.sampled_from([25.0, 140.0]))
def test_another_projection_moves_no_more_than_its_scale(lines: gpd.GeoDataFrame, reach: float) -> None:
    """UTM 18 S and a transverse Mercator on the city itself differ by 0.04 % in length here."""
    own = "+proj=tmerc +lat_0=-13.16 +lon_0=-74.22 +k=1 +x_0=5000 +y_0=5000 +ellps=WGS84 +units=m"
    one = routes(CITY, lines, **COLUMNS, minutes="minutes", visibility_m=reach)
    other = routes(CITY.to_crs(own), lines.to_crs(own), **COLUMNS, minutes="minutes", visibility_m=reach)
    scale = max(one.by_route["hours_per_week"].sum(), 1.0)
    assert other.hours.to_dict() == pytest.approx(one.hours.to_dict(), abs=0.01 * scale)


@law(lines=patrols(), reach=reaches, times=st.integers(1, 5))
def test_hours_grow_with_the_crew_and_kilometres_do_not(lines: gpd.GeoDataFrame, reach: float, times: int) -> None:
    one = routes(CITY, lines, **COLUMNS, minutes="minutes", visibility_m=reach)
    more = routes(CITY, lines.assign(crew=times * lines["crew"]), **COLUMNS, minutes="minutes", visibility_m=reach)
    assert more.hours.to_dict() == close(times * one.hours) and more.km.to_dict() == close(one.km)


@law(lines=patrols(), reach=reaches)
def test_merging_two_neighbourhoods_leaves_the_total(lines: gpd.GeoDataFrame, reach: float) -> None:
    merged = CITY.dissolve(by=["000", *IDS[1:8], "000"])
    whole, fewer = street_km(CITY, lines, visibility_m=reach), street_km(merged, lines, visibility_m=reach)
    assert fewer.sum() == pytest.approx(whole.sum(), abs=1e-4)


MINUTE = pd.Timedelta(minutes=1)
steps = st.sampled_from([0, 1, 20, 60, 60, 60, 61, 240, 301, 900, 7200])
moves = st.sampled_from(
    [(0, 0), (0, 0), (0, 0), (0, 0), (30, 0), (0, -30), (300, 0), (-300, 300), (40_000, 0), (0, -900)]
)
BASES = gpd.GeoDataFrame(geometry=[shapely.Point(EAST + 450, NORTH + 450), shapely.Point(EAST, NORTH)], crs=CRS)


@st.composite
def weeks_of_fixes(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Fixes of three units in the order they were sent: stops, drives, leaps, silences, repeats, and some delayed."""
    rows = []
    for unit in ("A", "B", "C")[: draw(st.integers(1, 3))]:
        clock, x, y = draw(st.integers(0, 86_400)), 450, 450
        for wait, (dx, dy) in draw(st.lists(st.tuples(steps, moves), min_size=1, max_size=40)):
            clock += wait
            far = abs(dx) > 1000
            x, y = (x, y) if far else ((x + dx) % 1000, (y + dy) % 1000)
            delay = draw(st.sampled_from([0, 0, 0, 0, 30, 300, 599]))
            rows.append((clock + delay, unit, clock, EAST + x + dx * far, NORTH + y))
    rows.sort(key=lambda row: row[0])
    start = pd.Timestamp("2023-05-08", tz="America/Lima")
    times = [start + pd.Timedelta(seconds=row[2]) for row in rows]
    places = gpd.points_from_xy([row[3] for row in rows], [row[4] for row in rows], crs=CRS)
    return gpd.GeoDataFrame({"unit": [row[1] for row in rows], "time": times}, geometry=places)


def options(rule: str) -> dict[str, object]:
    """Parking as it may be asked for."""
    at_bases = {"bases": BASES, "park_minutes": 5}
    rules: dict[str, dict[str, object]] = {
        "none": {"still_minutes": None},
        "bases": at_bases | {"still_minutes": None},
        "anywhere": {"still_minutes": 8},
        "both": at_bases | {"still_minutes": 8},
    }
    return rules[rule] | {"weeks": 1.0}


rules = st.sampled_from(["none", "bases", "anywhere", "both"])


def same(one: TrackHours, other: TrackHours) -> None:
    """The same to the digit."""
    pd.testing.assert_frame_equal(one.hours, other.hours, check_exact=True)
    pd.testing.assert_series_equal(one.km, other.km, check_exact=True)
    pd.testing.assert_frame_equal(one.units, other.units, check_exact=True)
    pd.testing.assert_series_equal(one.report.drop("out_of_order"), other.report.drop("out_of_order"))
    assert one.outside_hours == other.outside_hours and one.first == other.first and one.last == other.last


@settings(deadline=None, max_examples=150)
@given(sent=weeks_of_fixes(), rule=rules, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_a_file_cut_anywhere_gives_the_same_to_the_digit(sent: gpd.GeoDataFrame, rule: str, cuts: list[int]) -> None:
    edges = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    parts = [sent.iloc[start:stop] for start, stop in pairwise(edges)]
    chosen = options(rule) | {"disorder_s": 600}
    whole, cut = tracks(CITY, [sent], **chosen), tracks(CITY, parts, **chosen)
    same(cut, whole)
    assert cut.report["out_of_order"] == whole.report["out_of_order"] and cut.report["too_late"] == 0
    same(tracks(CITY, sent, **chosen), whole)


@settings(deadline=None, max_examples=60)
@given(sent=weeks_of_fixes(), rule=rules)
def test_a_file_read_row_by_row_gives_the_same_to_the_digit(sent: gpd.GeoDataFrame, rule: str) -> None:
    chosen = options(rule) | {"disorder_s": 600}
    same(tracks(CITY, [sent.iloc[[at]] for at in range(len(sent))], **chosen), tracks(CITY, sent, **chosen))


@law(sent=weeks_of_fixes(), rule=rules, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_tracks(sent: gpd.GeoDataFrame, rule: str, shuffle) -> None:
    rows, ids = list(range(len(sent))), list(IDS)
    shuffle.shuffle(rows)
    shuffle.shuffle(ids)
    one, other = tracks(CITY, sent, **options(rule)), tracks(CITY.loc[ids], sent.iloc[rows], **options(rule))
    assert list(other.hours.index) == ids
    pd.testing.assert_frame_equal(other.hours.loc[IDS], one.hours, check_exact=True)
    pd.testing.assert_frame_equal(other.units, one.units, check_exact=True)


@law(sent=weeks_of_fixes(), rule=rules)
def test_every_row_and_every_second_is_accounted_for(sent: gpd.GeoDataFrame, rule: str) -> None:
    found = tracks(CITY, sent, **options(rule))
    assert found.report.drop(["fixes", "out_of_order"]).sum() == found.report["fixes"] == len(sent)
    assert found.units["fixes"].sum() == found.report["used"]
    hours = ["presence_hours", "outside_hours", "parked_hours", "gap_hours"]
    spanned = sum((rows.max() - rows.min()).total_seconds() for _, rows in sent.groupby("unit")["time"]) / 3600
    counted = found.units[hours].sum().sum()
    assert counted <= spanned + 1e-9
    if found.report["impossible_speed"] == 0:
        assert counted == pytest.approx(spanned)
    assert found.total.sum() + found.outside_hours == pytest.approx(found.units[hours[:2]].sum().sum())


@law(sent=weeks_of_fixes(), rule=rules)
def test_sending_everything_twice_changes_nothing(sent: gpd.GeoDataFrame, rule: str) -> None:
    one, twice = (tracks(CITY, each, **options(rule)) for each in (sent, pd.concat([sent, sent])))
    pd.testing.assert_frame_equal(twice.hours, one.hours, check_exact=True)
    assert twice.report["duplicate"] == one.report["duplicate"] + len(sent)


@law(sent=weeks_of_fixes(), gap=st.integers(10, 2000), more=st.integers(0, 2000))
def test_a_longer_gap_allowed_never_takes_hours_away(sent: gpd.GeoDataFrame, gap: int, more: int) -> None:
    short, long = (tracks(CITY, sent, max_gap_s=each, **options("bases")) for each in (gap, gap + more))
    assert (long.hours >= short.hours).all(axis=None)
