"""Five ways to say where the casco urbano is, each on a city drawn on squared paper.

3 | 07 08 09
2 | 04 05 06        each a square kilometre
1 | 01 02 03
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from city import IDS, METRES, PEOPLE, SOUTH, WEST, City, census, squares
from secequity import zones
from secequity.errors import LayerError
from spoiling import keys


def city() -> gpd.GeoDataFrame:
    return squares().set_index("ubigeo").assign(population=[float(one) for one in PEOPLE])


def centre(of: pd.Series) -> set[str]:
    assert of.index.tolist() == IDS
    assert set(of.dropna()) <= {"centre", "periphery"}
    return set(of.index[of == "centre"])


def casco(*boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Rectangles in kilometres from the south-west corner."""
    shapes = [box(WEST + 1000 * w, SOUTH + 1000 * s, WEST + 1000 * e, SOUTH + 1000 * n) for w, s, e, n in boxes]
    return gpd.GeoDataFrame(geometry=shapes, crs=METRES)


def test_by_ids() -> None:
    assert centre(zones.by_ids(city(), ["050105", "050101"])) == {"050101", "050105"}


def test_by_column() -> None:
    column = pd.Series(["Centro", " Centro ", "Sur", None, "s/d", "centro", "Sur", "Plaza", ""], index=IDS)
    found = zones.by_column(column, ["Centro", "Plaza"])
    assert centre(found) == {"050101", "050102", "050108"}
    assert set(found.index[found.isna()]) == {"050104", "050105", "050109"}


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ([(1, 1, 2, 2)], {"050105"}),
        ([(0, 0, 1.6, 1)], {"050101", "050102"}),
        ([(0, 0, 1.4, 1)], {"050101"}),
        ([(0, 0, 1.5, 1)], {"050101"}),
        ([(0, 0, 0.4, 1), (0.4, 0, 0.8, 1)], {"050101"}),
        ([(0, 0, 0.4, 1), (0, 0, 0.4, 1)], set()),
        ([(-1, -1, 4, 4)], set(IDS)),
    ],
)
def test_by_polygon(drawn: list[tuple[float, float, float, float]], expected: set[str]) -> None:
    """More than half of the area; the parts of a casco add up and its overlaps do not."""
    assert centre(zones.by_polygon(city(), casco(*drawn))) == expected


@pytest.mark.parametrize(
    ("radius", "expected"),
    [(1, {"050105"}), (999, {"050105"}), (1000, {f"05010{at}" for at in (2, 4, 5, 6, 8)}), (1415, set(IDS))],
)
def test_by_radius(radius: float, expected: set[str]) -> None:
    """From the middle: the four sides are 1,000 m away, the four corners 1,414.2."""
    assert centre(zones.by_radius(city(), Point(WEST + 1500, SOUTH + 1500), radius_m=radius)) == expected


@pytest.mark.parametrize(("density", "expected"), [(9000, {"050105"}), (6100, {"050104", "050105", "050107"})])
def test_by_density(density: float, expected: set[str]) -> None:
    assert centre(zones.by_density(city(), city()["population"], per_km2=density)) == expected


def test_degrees_are_refused() -> None:
    degrees = city().to_crs("EPSG:4326")
    for call in (
        lambda: zones.by_radius(degrees, Point(0, 0), radius_m=1),
        lambda: zones.by_density(degrees, degrees["population"], per_km2=1),
        lambda: zones.by_polygon(degrees, casco((0, 0, 1, 1)).to_crs("EPSG:4326")),
        lambda: zones.by_polygon(city(), casco((0, 0, 1, 1)).to_crs("EPSG:32719")),
    ):
        with pytest.raises(LayerError):
            call()


def test_nothing_is_changed() -> None:
    frame, before = city(), city()
    zones.by_polygon(frame, casco((0, 0, 1, 1)))
    zones.by_density(frame, frame["population"], per_km2=5000)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


PLAZA = gpd.GeoSeries([Point(WEST + 1500, SOUTH + 1500)], crs=METRES).to_crs("EPSG:4326").iloc[0]


@pytest.mark.parametrize(
    "written",
    [
        {"centre_ids": ["050105"]},
        {"column": "nombre", "centre": ["Centro"]},
        {"path": "casco.gpkg"},
        {"path": "grados.geojson"},
        {"point": [PLAZA.x, PLAZA.y], "radius_m": 500},
        {"point": [WEST + 1500, SOUTH + 1500], "radius_m": 500, "crs": METRES},
        {"density_per_km2": 8000},
    ],
    ids=lambda one: next(iter(one)),
)
def test_every_way_in_a_study_file(written: dict[str, object], tmp_path: Path) -> None:
    made = City(tmp_path)
    casco((1, 1, 2, 2)).to_file(tmp_path / "casco.gpkg")
    casco((1, 1, 2, 2)).to_crs("EPSG:4326").to_file(tmp_path / "grados.geojson")
    made.study["zones"] = written
    study = made.read()
    assert centre(study.zones) == {"050105"}
    if "path" in written:
        assert study.sources[-2].use == "zones"
    reprojected = any("grados.geojson was reprojected from EPSG:4326" in one.say() for one in study.notices)
    assert reprojected == (written.get("path") == "grados.geojson")


def test_a_column_of_a_joined_table(tmp_path: Path) -> None:
    made = City(tmp_path)
    made.table(census().assign(zona=["Periferia"] * 4 + ["Centro"] + ["Periferia"] * 4))
    made.study["zones"] = {"column": "zona", "centre": ["Centro"]}
    assert centre(made.read().zones) == {"050105"}
    made.study["zones"]["centre"] = ["Centra"]
    message = made.errors()["zones_words_unknown"].say()
    assert message.startswith(
        "censo.csv: [zones] centre names values that column “zona” does not have · Centra (Centro?)"
    )


def test_neighbourhoods_of_no_zone_are_kept_when_the_study_says_so(tmp_path: Path) -> None:
    made = City(tmp_path)
    made.polygons(squares().assign(zona=["Centro", None, *["Sur"] * 7]))
    keys("zones", centre_ids=None, column="zona", centre=["Centro"], missing="keep")(made)
    assert made.read().zones.isna().sum() == 1
    said = made.notices()["zones_missing_kept"]
    assert said.say() == (
        "neighbourhoods in neither zone, with 3\u202f500 people are left out of the comparison of zones"
        " · 050102 · nothing to do if that is meant"
    )


def test_the_casco_is_checked_even_without_neighbourhoods(tmp_path: Path) -> None:
    made = City(tmp_path)
    made.neighbourhoods["path"] = "nada.gpkg"
    made.study["zones"] = {"path": "nada.geojson"}
    _, found = made.inspect()
    assert [(one.code, one.values["use"]) for one in found.errors] == [
        ("file_absent", "neighbourhoods"),
        ("file_absent", "zones"),
    ]


@pytest.mark.parametrize("bad", ["lines", "swapped", "elsewhere"])
def test_a_casco_that_cannot_be_one(bad: str, tmp_path: Path) -> None:
    made = City(tmp_path)
    drawn = casco((1, 1, 2, 2))
    if bad == "lines":
        drawn = drawn.set_geometry(drawn.boundary)
    elif bad == "swapped":
        degrees = drawn.to_crs("EPSG:4326")
        west, south, east, north = degrees.total_bounds
        drawn = degrees.set_geometry([box(south, west, north, east)])
    else:
        drawn = drawn.translate(20_000).to_frame("geometry")
    drawn.to_file(tmp_path / "casco.geojson" if bad == "swapped" else tmp_path / "casco.gpkg")
    made.study["zones"] = {"path": "casco.geojson" if bad == "swapped" else "casco.gpkg"}
    expected = {"lines": "geometry_not_polygons", "swapped": "coordinates_swapped", "elsewhere": "zones_one"}
    assert set(made.errors()) == {expected[bad]}
