"""What it costs a service to reach a neighbourhood, against hand calculations and plain reckonings of the same."""

from __future__ import annotations

import heapq
from math import exp, inf, sqrt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine
from shapely import LineString, Point, Polygon, box

from secequity import costs
from secequity.costs.walking import STEPS
from secequity.errors import LayerError
from secequity.texts import LANGUAGES

UTM = "EPSG:32718"
FLAT = exp(3.5 * 0.05) / 100
"""Minutes a metre on even ground: Tobler's 5.04 km/h."""


def north_west(left: float, top: float) -> Affine:
    """Cells of 100 m from this corner."""
    return Affine(100, 0, left, 0, -100, top)


def squares(**centres: tuple[float, float]) -> gpd.GeoDataFrame:
    shapes = [box(x - 10, y - 10, x + 10, y + 10) for x, y in centres.values()]
    return gpd.GeoDataFrame(geometry=shapes, index=list(centres), crs=UTM)


def posts(**places: tuple[float, float] | None) -> gpd.GeoDataFrame:
    points = [None if place is None else Point(place) for place in places.values()]
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, index=list(places), crs=UTM))


def codes(error: LayerError) -> list[str]:
    for one in error.problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return [one.code for one in error.problems]


def cost_of(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(start, end): cost for start, end, cost in table.itertuples(index=False)}


@pytest.fixture
def raster(tmp_path: Path):
    """Writes a raster of 100 m cells whose north-west corner is (0, 1000)."""

    def write(metres: object, *, crs: str | None = UTM, transform: Affine | None = None, **profile: object) -> Path:
        band = np.asarray(metres, dtype=profile.pop("dtype", "float64"))
        path = tmp_path / f"ground{len(list(tmp_path.iterdir()))}.tif"
        size = {"height": band.shape[0], "width": band.shape[1], "count": 1, "dtype": band.dtype}
        transform = transform or north_west(0, 1000)
        with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **size, **profile) as file:
            file.write(band, 1)
        return path

    return write


def test_people_stand_inside_their_neighbourhood() -> None:
    crescent = Polygon([(0, 0), (90, 0), (90, 90), (0, 90), (0, 80), (80, 80), (80, 10), (0, 10)])
    city = gpd.GeoDataFrame(geometry=[crescent, box(0, 20, 60, 40)], index=["crescent", "square"], crs=UTM)
    points = costs.demand_points(city)
    assert not crescent.intersects(crescent.centroid)
    assert crescent.intersects(points["crescent"])
    assert points["square"] == Point(30, 30)


def test_straight_lines_by_hand() -> None:
    city, stations = (
        squares(a=(0, 0), b=(300, 400), c=(2000, 0)),
        posts(absent=None, inside=(0, 0), outside=(-300, 400)),
    )
    found = costs.straight_line(city, stations, cutoff_m=500)
    assert list(found.columns) == ["from_id", "to_id", "cost"]
    assert found.attrs == {"unit": "m"}
    assert cost_of(found) == {("inside", "a"): 0, ("inside", "b"): 500, ("outside", "a"): 500}
    assert costs.straight_line(city, stations, cutoff_m=499.9).to_dict("records") == [
        {"from_id": "inside", "to_id": "a", "cost": 0.0}
    ]
    assert costs.straight_line(city, stations.iloc[:0], cutoff_m=500).empty
    assert costs.straight_line(city, stations.iloc[:1], cutoff_m=500).empty


spots = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=50)
@given(people=spots, stations=spots, cutoff=st.integers(1, 900))
def test_straight_lines_are_every_pair_within_the_cutoff(people: list, stations: list, cutoff: int) -> None:
    city = squares(**{f"n{at}": place for at, place in enumerate(people)})
    found = costs.straight_line(city, posts(**{f"p{at}": place for at, place in enumerate(stations)}), cutoff_m=cutoff)
    expected = {
        (f"p{i}", f"n{j}"): sqrt((x - u) ** 2 + (y - v) ** 2)
        for i, (x, y) in enumerate(stations)
        for j, (u, v) in enumerate(people)
        if (x - u) ** 2 + (y - v) ** 2 <= cutoff**2
    }
    assert cost_of(found) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("city", "stations", "cutoff", "expected"),
    [
        (squares(a=(0, 0)).set_crs(None, allow_override=True), posts(p=(0, 0)), 1, "crs_missing"),
        (squares(a=(0, 0)).set_crs(4326, allow_override=True), posts(p=(0, 0)), 1, "crs_geographic"),
        (squares(a=(0, 0)), posts(p=(0, 0)).to_crs(32719), 1, "crs_differ"),
        (
            squares(a=(0, 0)),
            posts(p=(0, 0)).set_geometry([LineString([(0, 0), (1, 1)])], crs=UTM),
            1,
            "facilities_not_points",
        ),
        (squares(a=(0, 0)), pd.concat([posts(p=(0, 0)), posts(p=(9, 9))]), 1, "ids_repeated"),
        (squares(a=(0, 0)), posts(p=(0, 0)), 0, "catchment_option"),
        (squares(a=(0, 0)), posts(p=(0, 0)), inf, "catchment_option"),
        (squares(a=(0, 0)).iloc[:0], posts(p=(0, 0)), 1, "weights_no_rows"),
    ],
)
def test_places_that_cannot_be_used(city, stations, cutoff: float, expected: str, raster) -> None:
    for ask in (
        lambda: costs.straight_line(city, stations, cutoff_m=cutoff),
        lambda: costs.walking(city, stations, elevation=raster(np.zeros((2, 2))), cutoff_min=cutoff),
    ):
        with pytest.raises(LayerError) as caught:
            ask()
        assert codes(caught.value) == [expected]


PLACES, STATIONS = pd.DataFrame(index=["050101", "050102"]), pd.DataFrame(index=["norte", "sur"])
GIVEN = pd.DataFrame(
    {
        "posta": ["sur", "norte", "norte"],
        "barrio": ["050101", "050102", "050101"],
        "minutos": [12, 7, 3],
        "nota": ["", "", ""],
    }
)


def from_given(table: pd.DataFrame, **options: object) -> pd.DataFrame:
    names = {"from_id": "posta", "to_id": "barrio", "cost": "minutos", "unit": "min"}
    return costs.from_table(table, neighbourhoods=PLACES, facilities=STATIONS, **(names | options))


def test_a_given_table_is_ordered_named_and_otherwise_kept() -> None:
    before = GIVEN.copy()
    found = from_given(GIVEN)
    assert found.to_dict("split")["data"] == [
        ["norte", "050101", 3.0],
        ["norte", "050102", 7.0],
        ["sur", "050101", 12.0],
    ]
    assert list(found.columns) == ["from_id", "to_id", "cost"]
    assert found.attrs == {"unit": "min"}
    assert GIVEN.equals(before)
    assert from_given(GIVEN[::-1]).equals(found)


def test_ids_meet_as_text() -> None:
    places = pd.DataFrame(index=["7", "8"])
    table = pd.DataFrame({"from_id": [0, 0], "to_id": [8.0, 7.0], "cost": [1, 2]})
    found = costs.from_table(table, neighbourhoods=places, facilities=pd.DataFrame(index=[0]), unit="m")
    assert cost_of(found) == {(0, "7"): 2, (0, "8"): 1}


@pytest.mark.parametrize(
    ("table", "expected", "which"),
    [
        (GIVEN.assign(minutos=[1, None, 2]), "costs_missing", ("norte → 050102",)),
        (GIVEN.assign(minutos=[1, 2, -2]), "costs_negative", ("norte → 050101",)),
        (GIVEN.assign(minutos=[1, 2, inf]), "costs_infinite", ("norte → 050101",)),
        (GIVEN.assign(minutos=["1", "2", "x"]), "costs_not_numbers", ()),
        (pd.concat([GIVEN, GIVEN[:1].assign(minutos=99)]), "costs_repeated", ("sur → 050101",)),
        (GIVEN.assign(barrio=["50101", "050102", "050101"]), "costs_unknown_neighbourhoods", ("50101 (050101?)",)),
        (GIVEN.assign(posta=["zur", "norte", "norte"]), "costs_unknown_facilities", ("zur (sur?)",)),
        (GIVEN.assign(posta=["sur", None, "norte"]), "costs_ids_missing", ("2",)),
        (GIVEN.drop(columns="minutos"), "costs_columns", ("minutos",)),
        (GIVEN.iloc[:0], "costs_empty", ()),
    ],
)
def test_a_given_table_that_cannot_be_used(table: pd.DataFrame, expected: str, which: tuple[str, ...]) -> None:
    with pytest.raises(LayerError) as caught:
        from_given(table)
    assert codes(caught.value)[0] == expected
    assert caught.value.problems[0].which[: len(which)] == which


def test_all_that_is_wrong_with_a_table_comes_in_one_go() -> None:
    bad = GIVEN.assign(posta=["zur", "norte", "norte"], barrio=["x", "050102", "050102"], minutos=[-1, None, 1])
    with pytest.raises(LayerError) as caught:
        from_given(bad)
    assert codes(caught.value) == [
        "costs_unknown_facilities",
        "costs_unknown_neighbourhoods",
        "costs_missing",
        "costs_negative",
        "costs_repeated",
    ]
    with pytest.raises(LayerError) as caught:
        from_given(GIVEN, unit="hours")
    assert codes(caught.value) == ["costs_unit"]
    with pytest.raises(LayerError) as caught:
        costs.from_table(
            GIVEN,
            neighbourhoods=PLACES,
            facilities=pd.DataFrame(index=["7", 7]),
            unit="m",
            from_id="posta",
            to_id="barrio",
            cost="minutos",
        )
    assert "ids_repeated" in codes(caught.value)


def test_toblers_function_by_hand() -> None:
    speed = 0.06 * 100 / costs.walking_minutes([0, -5, 5, 100], 100)
    assert speed.tolist() == pytest.approx([6 * exp(-0.175), 6, 6 * exp(-0.35), 6 * exp(-3.675)])
    assert speed[0] == pytest.approx(5.037, abs=5e-4)


@pytest.mark.parametrize(
    ("place", "metres"),
    [
        ((550, 950), 500),
        ((550, 450), 500 * sqrt(2)),
        ((250, 850), 100 * sqrt(5)),
        ((550, 850), 100 * (3 + sqrt(5))),
        ((550, 750), 100 * (1 + 2 * sqrt(5))),
        ((450, 650), 100 * (sqrt(5) * 1 + sqrt(2) * 2)),
    ],
)
def test_on_even_ground_the_way_is_a_king_and_knight_walk(raster, place: tuple[float, float], metres: float) -> None:
    city, stations = squares(a=place), posts(p=(50, 950))
    found = costs.walking(city, stations, elevation=raster(np.full((10, 10), 2750)), cutoff_min=30)
    assert found["cost"].to_list() == pytest.approx([metres * FLAT])
    assert found.attrs == {"unit": "min"}
    assert metres <= 1.028 * np.hypot(place[0] - 50, place[1] - 950)


def test_down_to_the_resident_is_not_up_to_the_resident(raster) -> None:
    """A slope of one in twenty down to the east: 500 m take 5 minutes down and 5·e^0.35 up."""
    slope = np.tile(3000.0 - 5 * np.arange(10), (3, 1))
    down = costs.walking(squares(a=(550, 850)), posts(p=(50, 850)), elevation=raster(slope), cutoff_min=10)
    up = costs.walking(squares(a=(50, 850)), posts(p=(550, 850)), elevation=raster(slope), cutoff_min=10)
    assert down["cost"].to_list() == pytest.approx([5])
    assert up["cost"].to_list() == pytest.approx([5 * exp(0.35)])


def test_the_cutoff_is_included_and_what_lies_beyond_is_absent(raster) -> None:
    slope = np.tile(3000.0 - 5 * np.arange(10), (3, 1))
    city, stations = (
        squares(a=(550, 850), b=(650, 850)),
        posts(absent=None, p=(50, 850), q=(60, 860), abroad=(99_000, 0)),
    )
    found = costs.walking(city, stations, elevation=raster(slope), cutoff_min=5)
    assert list(cost_of(found)) == [("p", "a"), ("q", "a")]
    even = raster(np.zeros((1, 30)))
    for steps in (1, 9, 15, 27):
        row = squares(a=(50 + 100 * steps, 950)), posts(p=(50, 950))
        assert len(costs.walking(*row, elevation=even, cutoff_min=steps * exp(0.175))) == 1
        assert costs.walking(*row, elevation=even, cutoff_min=steps * exp(0.175) - 1e-6).empty


def test_ground_without_data_is_walked_around_or_not_at_all(raster) -> None:
    """A river of one cell: no diagonal squeezes through a stair of it, and no knight jumps it."""
    river = np.zeros((10, 10))
    river[:9, 4] = -9999
    city, stations = squares(a=(550, 950)), posts(p=(350, 950))
    around = costs.walking(city, stations, elevation=raster(river, nodata=-9999), cutoff_min=60)
    assert around["cost"].iloc[0] > 1600 * FLAT
    river[9, 4] = -9999
    assert costs.walking(city, stations, elevation=raster(river, nodata=-9999), cutoff_min=60).empty
    stair = np.where(np.eye(10) > 0, np.nan, 0)
    shores = squares(a=(150, 950)), posts(p=(50, 850))
    assert costs.walking(*shores, elevation=raster(stair), cutoff_min=60).empty


def test_a_ravine_is_climbed_down_and_up(raster) -> None:
    ravine = np.zeros((3, 5))
    ravine[:, 2] = -100
    city, stations = squares(a=(350, 850)), posts(p=(150, 850))
    found = costs.walking(city, stations, elevation=raster(ravine), cutoff_min=600)["cost"].iloc[0]
    plain = costs.walking(city, stations, elevation=raster(ravine * 0), cutoff_min=600)["cost"].iloc[0]
    assert plain == pytest.approx(200 * FLAT)
    assert found > 10 * plain


def plain_walk(metres: np.ndarray, start: tuple[int, int]) -> dict[tuple[int, int], float]:
    """Dijkstra with a heap over the same moves, one cell at a time, on ground that is known everywhere."""

    def minutes(climb: float, run: float) -> float:
        return run / 100 * exp(3.5 * abs(climb / run + 0.05))

    best, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        spent, (row, column) = heapq.heappop(queue)
        if spent > best[row, column]:
            continue
        for down, right in STEPS:
            end = row + down, column + right
            if not (0 <= end[0] < metres.shape[0] and 0 <= end[1] < metres.shape[1]):
                continue
            run, climb = 100 * sqrt(down**2 + right**2), metres[end] - metres[row, column]
            took = minutes(climb, run)
            if 2 in (abs(down), abs(right)):
                tall = abs(down) == 2
                one = (row + down // 2, column) if tall else (row, column + right // 2)
                other = (row + down // 2, column + right) if tall else (row + down, column + right // 2)
                half = (metres[one] + metres[other]) / 2 - metres[row, column]
                took = minutes(half, run / 2) + minutes(climb - half, run / 2)
            if spent + took < best.get(end, inf):
                best[end] = spent + took
                heapq.heappush(queue, (spent + took, end))
    return best


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), rough=st.sampled_from([1.0, 30.0, 200.0]))
def test_walks_are_the_quickest_and_the_way_back_is_that_over_the_ground_upside_down(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rough: float
) -> None:
    metres = np.random.default_rng(seed).normal(0, rough, (6, 7))
    paths = []
    for name, ground in (("as_is", metres), ("upside_down", -metres)):
        paths.append(tmp_path_factory.mktemp("walk") / f"{name}.tif")
        size = {"height": 6, "width": 7, "count": 1, "dtype": "float64", "crs": UTM}
        with rasterio.open(paths[-1], "w", driver="GTiff", transform=north_west(0, 600), **size) as file:
            file.write(ground, 1)
    centre = {f"{row}{column}": (100 * column + 50, 550 - 100 * row) for row in range(6) for column in range(7)}
    out = costs.walking(squares(**centre), posts(post=centre["23"]), elevation=paths[0], cutoff_min=1e12)
    expected = {f"{row}{column}": took for (row, column), took in plain_walk(metres, (2, 3)).items()}
    assert dict(zip(out["to_id"], out["cost"], strict=True)) == pytest.approx(expected)
    back = costs.walking(squares(home=centre["23"]), posts(**centre), elevation=paths[1], cutoff_min=1e12)
    assert dict(zip(back["from_id"], back["cost"], strict=True)) == pytest.approx(expected)


def test_only_the_ground_within_reach_is_needed(raster) -> None:
    """Cutting the raster far from the walk, or reading integers with a scale, changes nothing."""
    hills = np.random.default_rng(3).integers(0, 60, (10, 10)).astype(float)
    city, stations = squares(a=(450, 550), b=(350, 450)), posts(p=(550, 450))
    whole = costs.walking(city, stations, elevation=raster(hills), cutoff_min=3)
    part = north_west(200, 800)
    cut = costs.walking(city, stations, elevation=raster(hills[2:8, 2:9], transform=part), cutoff_min=3)
    assert len(whole) == 2
    assert cut.equals(whole)
    path = raster(hills * 10, dtype="int16")
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
    assert cost_of(costs.walking(city, stations, elevation=path, cutoff_min=3)) == pytest.approx(cost_of(whole))


def test_ground_that_cannot_be_used(raster, tmp_path: Path) -> None:
    ground, city, stations = np.zeros((10, 10)), squares(a=(550, 550), b=(-50, 550)), posts(p=(150, 550))
    (tmp_path / "words.tif").write_text("elevation")
    turned = Affine(98.5, 17.4, 0, 17.4, -98.5, 1000)
    holes = np.where(np.arange(100).reshape(10, 10) == 41, -9999, 0)
    inside = city.loc[["a"]]
    for town, post, path, expected, which in (
        (inside, stations, tmp_path / "absent.tif", "elevation_unreadable", ()),
        (inside, stations, tmp_path / "words.tif", "elevation_unreadable", ()),
        (inside, stations, raster(ground, crs=None), "elevation_crs_missing", ()),
        (inside, stations, raster(ground, crs="EPSG:32719"), "elevation_crs_differs", ()),
        (inside, stations, raster(ground, transform=turned), "elevation_rotated", ()),
        (city, stations, raster(ground), "elevation_neighbourhoods_off", ("b",)),
        (inside, stations, raster(holes, nodata=-9999), "elevation_facilities_off", ("p",)),
        (
            inside,
            stations,
            raster(ground, transform=north_west(9e6, 9e6)),
            "elevation_neighbourhoods_off",
            ("a",),
        ),
    ):
        with pytest.raises(LayerError) as caught:
            costs.walking(town, post, elevation=path, cutoff_min=10)
        assert codes(caught.value)[0] == expected
        assert caught.value.problems[0].which == which


def test_a_raster_without_any_place_on_earth(tmp_path: Path) -> None:
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(tmp_path / "bare.tif", "w", driver="GTiff", height=2, width=2, count=1, dtype="int16") as file,
    ):
        file.write(np.zeros((2, 2), dtype="int16"), 1)
    with pytest.raises(LayerError) as caught:
        costs.walking(squares(a=(0, 0)), posts(p=(0, 0)), elevation=tmp_path / "bare.tif", cutoff_min=1)
    assert codes(caught.value) == ["elevation_crs_missing"]


def test_in_the_embedded_city_the_slope_costs_time() -> None:
    """Never quicker than 6 km/h in a straight line between the cells' centres, seldom as quick as even ground."""
    folder = Path(__file__).parents[1] / "data" / "huamanga"
    city = gpd.read_file(folder / "barrios.gpkg").set_index("codigo")
    rows = pd.read_csv(folder / "comisarias.csv", dtype={"codigo": str}).set_index("codigo")
    stations = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(city.crs)
    on_foot = costs.walking(city, stations, elevation=folder / "elevacion_50m.tif", cutoff_min=20)
    straight = cost_of(costs.straight_line(city, stations, cutoff_m=20 * 100 + 75))
    minutes = cost_of(on_foot)
    assert minutes.keys() <= straight.keys()
    slack = 2 * 25 * sqrt(2)
    assert all(took * 100 >= straight[pair] - slack for pair, took in minutes.items())
    assert on_foot["cost"].sum() > sum((straight[pair] - slack) * FLAT for pair in minutes)


@pytest.mark.real
def test_buenos_aires_how_far_people_are_from_a_station(data_folder: Path) -> None:
    """People-weighted, over 3,554 census tracts: 843 m on average, 68.5 % of them within 1 km.

    The fifth of the tracts with most unmet needs is 960 m away, that with fewest 779 m.
    """
    folder = data_folder / "argentina_buenos_aires"
    tracts = gpd.read_file(folder / "radios_censales_2010.geojson").set_index("RADIO_ID").to_crs(32721)
    rows = pd.read_csv(folder / "comisarias_2019.csv")
    stations = gpd.GeoDataFrame(geometry=gpd.points_from_xy(rows["long"], rows["lat"]), crs=4326).to_crs(32721)
    table = costs.straight_line(tracts, stations, cutoff_m=20_000)
    metres = table.groupby("to_id")["cost"].min().reindex(tracts.index)
    people = tracts["POBLACION"]
    assert np.average(metres, weights=people) == pytest.approx(843, abs=1)
    assert people[metres <= 1000].sum() / people.sum() == pytest.approx(0.685, abs=0.001)
    fifth = pd.qcut(tracts["HOGARES_NBI"] / tracts["HOGARES"], 5, labels=False)
    means = [np.average(metres[fifth == one], weights=people[fifth == one]) for one in range(5)]
    assert (means[0], means[4]) == (pytest.approx(779, abs=1), pytest.approx(960, abs=1))
