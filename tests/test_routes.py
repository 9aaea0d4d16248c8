"""Patrol routes: person-hours and kilometres by neighbourhood, checked by hand and against a walk along the line."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from secequity.coverage.routes import per_street_km, ranking, routes, street_km
from secequity.errors import AlignmentError, ConfigError, LayerError

HUAMANGA = Path(__file__).parents[1] / "data" / "huamanga"
CRS = "EPSG:32718"


def city(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(index=list(shapes), geometry=list(shapes.values()), crs=CRS)


def lines(*paths: list[tuple[float, float]], **columns: object) -> gpd.GeoDataFrame:
    ids = [f"R{at}" for at in range(1, len(paths) + 1)]
    return gpd.GeoDataFrame(columns, index=ids, geometry=[shapely.LineString(path) for path in paths], crs=CRS)


WEST_EAST = city(west=shapely.box(-1000, 0, 0, 1000), east=shapely.box(0, 0, 1000, 1000))
ONCE = {"times_per_week": 1, "crew": 1, "minutes": 60}


def test_hours_are_times_crew_and_minutes_by_the_length_inside() -> None:
    path = lines([(-300, 500), (100, 500)])
    found = routes(WEST_EAST, path, times_per_week=14, crew=3, minutes=20, visibility_m=0)
    assert found.hours.to_dict() == pytest.approx({"west": 10.5, "east": 3.5})  # 14·3·20/60 = 14 h, three quarters
    assert found.km.to_dict() == pytest.approx({"west": 14 * 0.3, "east": 14 * 0.1})  # no crew in kilometres
    assert found.hours.name == "hours_per_week" and found.hours.attrs["unit"] == "person-hours"


def test_within_sight_of_both_sides_each_has_half() -> None:
    found = routes(WEST_EAST, lines([(-100, 500), (0, 500)]), **ONCE, visibility_m=25)
    assert found.hours.to_dict() == pytest.approx({"west": 0.875, "east": 0.125})  # 75 m + 25/2; 25/2


@pytest.mark.parametrize("visibility_m", [0, 25])
def test_a_route_on_the_border_serves_both_sides(visibility_m: float) -> None:
    found = routes(WEST_EAST, lines([(0, 100), (0, 700)]), **ONCE, visibility_m=visibility_m)
    assert found.hours.to_dict() == pytest.approx({"west": 0.5, "east": 0.5})


def test_the_last_digit_of_a_coordinate_does_not_choose_a_side() -> None:
    """Not one of these corners lies exactly on the slanted border, in the numbers of a computer."""
    border = [(583_000.1, 8_544_000.3), (584_000.4, 8_544_333.9)]
    (west, south), (east, north) = border
    two = city(above=shapely.Polygon([*border, (west, 8_546_000)]), below=shapely.Polygon([*border, (east, 8_540_000)]))
    steps = np.linspace(0, 1, 8)
    corners = list(zip(west + steps * (east - west), south + steps * (north - south), strict=True))
    found = routes(two, lines(corners), **ONCE, visibility_m=0)
    assert found.hours.to_dict() == pytest.approx({"above": 0.5, "below": 0.5}, abs=1e-4)


def test_a_street_driven_twice_counts_twice() -> None:
    out_and_back = lines([(-200, 500), (200, 500), (100, 500)])
    found = routes(WEST_EAST, out_and_back, **ONCE, visibility_m=0)
    assert found.hours.to_dict() == pytest.approx({"west": 0.4, "east": 0.6})  # 200, 200 and 100 of 500 m
    assert found.km.sum() == pytest.approx(0.5)


def test_what_lies_outside_is_reported_by_route() -> None:
    paths = lines([(500, 500), (1500, 500)], [(3000, 0), (4000, 0)])
    found = routes(WEST_EAST, paths, times_per_week=2, crew=2, minutes=30, visibility_m=25)
    assert found.by_route["unallocated_hours"].to_dict() == pytest.approx({"R1": 2 * 0.475, "R2": 2.0})
    assert found.by_route["unallocated_km"].to_dict() == pytest.approx({"R1": 2 * 0.475, "R2": 2.0})
    assert found.unallocated_hours == pytest.approx(2.95)
    assert found.hours.to_dict() == pytest.approx({"west": 0.0, "east": 1.05})


def test_sight_is_round_at_a_corner() -> None:
    corner = city(block=shapely.box(-500, -500, 0, 0), far=shapely.box(9000, 9000, 9001, 9001))
    middle = 20 / np.sqrt(2)  # 20 m from the corner at its nearest: a chord of 2·√(25² − 20²) = 30 m
    path = lines([(middle - 100, middle + 100), (middle + 100, middle - 100)])
    found = routes(corner, path, **ONCE, visibility_m=25)
    assert found.hours["block"] == pytest.approx(30 / np.hypot(200, 200), rel=1e-3)


def test_speed_stands_for_minutes() -> None:
    paths = lines([(-900, 500), (-100, 500)], [(100, 10), (100, 990)], kmh=[4.0, 14.0], crew=[2, 3])
    found = routes(WEST_EAST, paths, times_per_week=7, crew="crew", speed_kmh="kmh")
    assert found.hours.to_dict() == pytest.approx({"west": 7 * 2 * 0.8 / 4, "east": 7 * 3 * 0.98 / 14})


def test_figures_may_be_a_series_by_route() -> None:
    paths = lines([(-900, 500), (-100, 500)], [(100, 10), (100, 990)])
    times = pd.Series({"R2": 3, "R1": 5})
    found = routes(WEST_EAST, paths, times_per_week=times, crew=1, minutes=60)
    assert found.hours.to_dict() == pytest.approx({"west": 5, "east": 3})
    with pytest.raises(AlignmentError):
        routes(WEST_EAST, paths, times_per_week=times.drop("R1"), crew=1, minutes=60)


def test_missing_is_not_zero_and_stays_where_the_route_passes() -> None:
    paths = lines([(-900, 500), (-100, 500)], [(100, 10), (100, 990)], crew=[np.nan, 2])
    found = routes(WEST_EAST, paths, times_per_week=7, crew="crew", minutes=60)
    assert np.isnan(found.hours["west"]) and found.hours["east"] == pytest.approx(14)
    assert found.km["west"] == pytest.approx(7 * 0.8)


def test_a_route_of_several_parts_and_height() -> None:
    parts = shapely.MultiLineString([[(-300, 500, 2700), (-200, 500, 2750)], [(200, 500, 0), (500, 500, 0)]])
    frame = gpd.GeoDataFrame(index=[7], geometry=[parts], crs=CRS)
    assert routes(WEST_EAST, frame, **ONCE).hours.to_dict() == pytest.approx({"west": 0.25, "east": 0.75})


def test_the_result_can_be_followed_back_and_shown() -> None:
    paths = lines([(-300, 500), (100, 500)])
    found = routes(WEST_EAST, paths, times_per_week=14, crew=3, minutes=20, visibility_m=0)
    assert found.stretches["length_m"].tolist() == pytest.approx([300, 100])
    assert found.stretches.groupby("id")["hours_per_week"].sum().to_dict() == pytest.approx(found.hours.to_dict())
    assert list(found.to_frame().columns) == ["hours_per_week", "km_per_week"]
    assert "14 person-hours" in found.summary() and "14 horas-persona" in found.summary("es")
    assert "<table" in found._repr_html_()


def test_inputs_are_left_as_they_were() -> None:
    here, paths = WEST_EAST.copy(), lines([(-300, 500), (100, 500)], crew=[2])
    before = paths.copy()
    routes(here, paths, times_per_week=1, crew="crew", minutes=1)
    assert here.equals(WEST_EAST) and paths.equals(before)


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"minutes": None}, ConfigError, "routes_duration"),
        ({"speed_kmh": 12}, ConfigError, "routes_duration"),
        ({"minutes": None, "speed_kmh": 0}, LayerError, "routes_speed_zero"),
        ({"visibility_m": -1}, ConfigError, "visibility_negative"),
        ({"visibility_m": np.nan}, ConfigError, "visibility_negative"),
        ({"crew": "crwe"}, LayerError, "column_unknown"),
        ({"crew": -2}, LayerError, "routes_negative"),
        ({"times_per_week": "word"}, LayerError, "numbers_bad"),
    ],
)
def test_options_that_cannot_be(change: dict[str, object], kind: type[Exception], code: str) -> None:
    paths = lines([(-300, 500), (100, 500)], crew=[2], word=["diario"])
    with pytest.raises(kind) as caught:
        routes(WEST_EAST, paths, **(ONCE | change))
    assert [one.code for one in caught.value.problems] == [code]
    assert all(part for one in caught.value.problems for part in (one.say("es"), one.say("en")))


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry_empty"),
        (shapely.LineString(), "geometry_empty"),
        (shapely.Point(0, 0), "not_lines"),
        (shapely.LineString([(5, 5), (5, 5)]), "lines_no_length"),
    ],
)
def test_lines_that_cannot_be(shape: shapely.Geometry | None, code: str) -> None:
    frame = gpd.GeoDataFrame(index=["R1"], geometry=[shape], crs=CRS)
    for call in (lambda: routes(WEST_EAST, frame, **ONCE), lambda: street_km(WEST_EAST, frame)):
        with pytest.raises(LayerError) as caught:
            call()
        assert [one.code for one in caught.value.problems] == [code]


def test_the_two_layers_must_be_in_one_crs_in_metres() -> None:
    path = lines([(-300, 500), (100, 500)])
    for crs, code in ((32719, "crs_differ"), (4326, "crs_geographic")):
        with pytest.raises(LayerError) as caught:
            routes(WEST_EAST, path.set_crs(crs, allow_override=True), **ONCE)
        assert caught.value.problems[0].code == code


def test_a_city_without_routes_has_no_hours() -> None:
    found = routes(WEST_EAST, lines(), **ONCE)
    assert found.hours.to_dict() == {"west": 0.0, "east": 0.0} and found.unallocated_hours == 0


def test_hours_by_kilometre_of_street() -> None:
    streets = lines([(-500, 500), (-100, 500)], [(0, 0), (0, 200)])
    km = street_km(WEST_EAST, streets)
    assert km.to_dict() == pytest.approx({"west": 0.5, "east": 0.1})
    rate = per_street_km(pd.Series({"west": 2.0, "east": 1.0}, name="hours_per_week"), km)
    assert rate.to_dict() == pytest.approx({"west": 4.0, "east": 10.0})
    assert rate.name == "hours_per_week_per_street_km"


def test_the_official_ranking_beside_the_ranking_by_hours() -> None:
    ids = ["plaza", "loma", "quebrada"]
    hours, km = pd.Series([30.0, 20.0, 0.0], index=ids), pd.Series([100.0, 300.0, 0.0], index=ids)
    people = pd.Series({"quebrada": 0, "loma": 1000, "plaza": 3000})
    plain, per_head = ranking(hours, km), ranking(hours, km, population=people)
    assert plain["rank_by_km"].tolist() == [2, 1, 3] and plain["rank_by_hours"].tolist() == [1, 2, 3]
    assert plain["places_lost"].tolist() == [-1, 1, 0]
    assert per_head["hours_per_1000"].tolist()[:2] == pytest.approx([10, 20])
    assert per_head["rank_by_hours"].tolist()[:2] == [2, 1] and np.isnan(per_head["rank_by_hours"]["quebrada"])


@pytest.fixture(scope="module")
def huamanga() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    barrios = gpd.read_file(HUAMANGA / "barrios.gpkg").set_index("codigo")
    barrios.index = barrios.index.astype(object)
    return barrios, gpd.read_file(HUAMANGA / "rutas_patrullaje.gpkg").set_index("ruta")


def test_a_walk_along_the_routes_finds_the_same(huamanga) -> None:
    """Another way to the same numbers: a point every metre, and the neighbourhoods within sight of it."""
    barrios, paths = huamanga
    paths = paths.head(4)
    found = routes(barrios, paths, times_per_week=1, crew=1, speed_kmh=1, visibility_m=25)
    walked = np.zeros(len(barrios))
    for line in paths.geometry:
        points = shapely.line_interpolate_point(line, np.arange(0.5, line.length, 1.0))
        point, place = barrios.sindex.query(points, predicate="dwithin", distance=25.0)
        np.add.at(walked, place, 1 / np.bincount(point)[point] / 1000)
    assert found.hours.to_numpy() == pytest.approx(walked, abs=0.004)


def test_the_model_city_keeps_all_its_hours(huamanga) -> None:
    barrios, paths = huamanga
    columns = {"times_per_week": "veces_por_semana", "crew": "tripulantes", "minutes": "minutos"}
    found = routes(barrios, paths, **columns)
    planned = (paths["veces_por_semana"] * paths["tripulantes"] * paths["minutos"] / 60).sum()
    assert found.hours.sum() + found.unallocated_hours == pytest.approx(planned)
    casco = barrios["casco"] == "Casco urbano"
    area = barrios.geometry.area
    assert found.hours[casco].sum() / area[casco].sum() > 3 * found.hours[~casco].sum() / area[~casco].sum()


def test_the_streets_of_the_model_city_add_up(huamanga) -> None:
    barrios, _ = huamanga
    streets = gpd.read_file(HUAMANGA / "calles.gpkg")
    assert street_km(barrios, streets).sum() == pytest.approx(streets.geometry.length.sum() / 1000)


@pytest.mark.real
def test_the_streets_of_pueblo_libre(data_folder: Path) -> None:
    lima = data_folder / "peru_lima"
    districts = gpd.read_file(lima / "distritos_2017.geojson").to_crs(CRS).set_index("ubigeo")
    districts.index = districts.index.astype(object)
    streets = gpd.read_file(lima / "calles_osm_pueblo_libre_2024.geojson").to_crs(CRS)
    km = street_km(districts, streets)
    assert len(streets) == 1244 and km.sum() == pytest.approx(232, abs=1)
    assert km.idxmax() == "150121"
