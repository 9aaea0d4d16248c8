"""Bad layers and zones, through the command line; every problem at once; places that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from city import IDS, City, squares, stations
from spoiling import Cases, Previous, also, finished, keys, text, told

LAYERS: Cases = {
    "missing": (keys("layer", path="comisarias.xlsx"), [["police: the file comisarias.xlsx does not exist"]]),
    "empty": (text("comisarias.csv", ""), [["police: the file comisarias.csv is empty"]]),
    "misspelt columns": (
        keys("layer", x="long", staff="policia"),
        [["comisarias.csv: [[layers]] police: x", "“long”", "→ lon?"], ["[[layers]] police: staff", "→ policias?"]],
    ),
    "swapped": (
        keys("layer", x="lat", y="lon"),
        [["comisarias.csv: latitude and longitude of layer police are swapped", 'x = "lon", y = "lat"']],
    ),
    "at (0, 0)": (
        lambda c: c.posts(stations().assign(lon=[0, *stations()["lon"][1:]], lat=[0, *stations()["lat"][1:]])),
        [["comisarias.csv: posts of layer police at (0, 0)", "#2 Comisaría 050105", 'missing = "keep"']],
    ),
    "no coordinates": (
        lambda c: c.posts(stations().assign(lon=[*stations()["lon"][:3], None])),
        [["comisarias.csv: posts of layer police without coordinates", "#5 Comisaría 050103"]],
    ),
    "impossible": (
        lambda c: c.posts(stations().assign(lat=[95, *stations()["lat"][1:]])),
        [["comisarias.csv: posts of layer police with coordinates that exist nowhere", "#2 Comisaría 050105", "95"]],
    ),
    "words for coordinates": (
        lambda c: c.posts(stations().assign(lat=["norte", *stations()["lat"][1:]])),
        [["comisarias.csv: cells of column “lat” are not numbers", "#2 Comisaría 050105 “norte”"]],
    ),
    "metres without CRS": (
        also(lambda c: c.posts(stations().assign(lon=[583500.0] * 4, lat=[8544500.0] * 4)), keys("layer", crs=None)),
        [["comisarias.csv does not say its coordinate reference system", "[[layers]] police: crs ="]],
    ),
    "metres said to be degrees": (
        lambda c: c.posts(stations().assign(lon=[583500.0] * 4, lat=[8544500.0] * 4)),
        [["comisarias.csv says that its coordinates are degrees", "583500"]],
    ),
    "unknown CRS": (keys("layer", crs="EPSG:999999"), [["[[layers]] police: crs", "“EPSG:999999”", "EPSG:4326"]]),
    "another city": (
        lambda c: c.posts(stations().assign(lat=[-12.0] * 4)),
        [["comisarias.csv: all 4 posts of layer police are outside every neighbourhood", "same city"]],
    ),
    "negative": (
        lambda c: c.posts(stations().assign(policias=[30, -4, 6, 2])),
        [["comisarias.csv: column “policias” has negative counts", "#3 Comisaría 050101"]],
    ),
    "no number": (
        lambda c: c.posts(stations().assign(policias=[30, "cuatro", 6, 2])),
        [["comisarias.csv: cells of column “policias” are not numbers", "#3 Comisaría 050101 “cuatro”"]],
    ),
    "missing is not zero": (
        lambda c: c.posts(stations().assign(policias=[30, None, 6, 2])),
        [["comisarias.csv: column “policias” of layer police has no figure", "#3", "missing is not zero", '"keep"']],
    ),
    "polygons for posts": (
        also(
            lambda c: c.posts(squares(), "p.gpkg"), keys("layer", x=None, y=None, crs=None, post_name=None, staff=None)
        ),
        [["p.gpkg: the posts of layer police must be points, found Polygon"]],
    ),
    "points, and columns too": (
        lambda c: c.posts(squares().set_geometry(squares().centroid), "p.gpkg"),
        [["p.gpkg already holds points", "delete x and y"]],
    ),
    "nowhere": (keys("layer", x=None, y=None, crs=None), [["comisarias.csv: layer police does not say where"]]),
    "declared ids lost zeros": (
        also(
            lambda c: c.posts(stations().assign(ubigeo=[int(one) for one in stations()["ubigeo"]])),
            keys("layer", x=None, y=None, crs=None, id="ubigeo"),
        ),
        [["comisarias.csv and barrios.gpkg", "zeros at the front", "50105", "zero_pad = 6 in [[layers]] police"]],
    ),
    "declared nowhere": (
        also(
            lambda c: c.posts(stations().assign(ubigeo=[None, *stations()["ubigeo"][1:]])),
            keys("layer", x=None, y=None, crs=None, id="ubigeo"),
        ),
        [["comisarias.csv: posts of layer police that do not say their neighbourhood", "#2 Comisaría 050105"]],
    ),
    "declared elsewhere": (
        also(
            lambda c: c.posts(stations().assign(ubigeo=["150101"] * 4)),
            keys("layer", x=None, y=None, crs=None, id="ubigeo"),
        ),
        [["comisarias.csv: none of the neighbourhoods that layer police names in column “ubigeo”", "150101"]],
    ),
    "counts negative": (
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS, "personas": [-1, *range(8, 16)]})),
        [["conteos.csv: column “personas” has negative counts", "050101"]],
    ),
    "counts missing": (
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS, "personas": [None, *range(8, 16)]})),
        [["conteos.csv: column “personas” of layer rondas has no figure", "050101", "missing is not zero"]],
    ),
    "counts for some": (
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS[:7], "personas": range(8, 15)})),
        [
            [
                "conteos.csv: no row for 2 of the 9 neighbourhoods, with 8\u202f700 people",
                "050108 Quinuapata, 050109 Yuracc",
            ]
        ],
    ),
    "counts of no column": (
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS, "personas": range(9)}), staff="persona"),
        [["conteos.csv: [[layers]] rondas: columns: persona", "→ personas?"]],
    ),
}

ZONES: Cases = {
    "unknown ids": (
        keys("zones", centre_ids=["50105"]),
        [["barrios.gpkg does not have", "50105 (050105?)", "ids are text"]],
    ),
    "all in the centre": (
        keys("zones", centre_ids=IDS),
        [["[zones] centre_ids puts all 9 neighbourhoods in one zone: historic centre (casco urbano)"]],
    ),
    "none in the centre": (
        keys("zones", centre_ids=None, density_per_km2=1e6),
        [["[zones] density_per_km2 puts all 9 neighbourhoods in one zone: periphery"]],
    ),
    "point swapped": (
        keys("zones", centre_ids=None, point=[-13.15, -74.22], radius_m=900),
        [["[zones] point = [-13.15, -74.22] looks swapped", "longitude goes first"]],
    ),
    "point far": (
        keys("zones", centre_ids=None, point=[0, 0], radius_m=900),
        [["[zones] point = [0.0, 0.0] is far from every neighbourhood"]],
    ),
    "no such column": (
        keys("zones", centre_ids=None, column="sona", centre=["Centro"]),
        [["[zones] column names the column “sona”"]],
    ),
    "no such word": (
        keys("zones", centre_ids=None, column="nombre", centre=["centro"]),
        [["barrios.gpkg: [zones] centre names values that column “nombre” does not have", "centro (Centro?)", "Belén"]],
    ),
    "some without zone": (
        also(
            lambda c: c.polygons(squares().assign(zona=["Centro", None, *["Sur"] * 7])),
            keys("zones", centre_ids=None, column="zona", centre=["Centro"]),
        ),
        [["neighbourhoods without a zone, with 3\u202f500 people", "050102", 'missing = "keep"']],
    ),
    "missing casco": (
        keys("zones", centre_ids=None, path="casco.gpkg"),
        [["zones: the file casco.gpkg does not exist"]],
    ),
}


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Previous:
    return finished(tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str, tmp_path: Path, previous: Previous) -> None:
    told(LAYERS, name, City(tmp_path), previous)


@pytest.mark.parametrize("name", ZONES)
def test_zones(name: str, tmp_path: Path, previous: Previous) -> None:
    told(ZONES, name, City(tmp_path), previous)
