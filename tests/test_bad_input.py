"""Bad input, through the command line: one message with the file, the rows or ids and the remedy, and nothing lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from city import IDS, METRES, NAMES, PEOPLE, SOUTH, WEST, City, census, command, digests, point_in, squares, stations
from shapely import Point, box

Spoil = Callable[[City], Any]

NOBODY = 65534


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The results of a good study, which no bad one may touch."""
    folder = tmp_path_factory.mktemp("good")
    done = command("run", City(folder).file(), "--out", folder / "out")
    assert done.exit_code == 0, done.output
    return folder / "out", digests(folder / "out")


def refused(city: City, previous: tuple[Path, dict[str, str]], *, language: str = "en") -> list[str]:
    """The problems that the command line lists, one a line."""
    out, before = previous
    done = command("run", city.file(), "--out", out, "--language", language)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert "Unexpected" not in done.output
    assert digests(out) == before
    assert not [one for one in out.parent.iterdir() if one.name.startswith(".out")]
    listed = re.findall(r"^  \d+\. (.*)$", done.stderr, flags=re.MULTILINE)
    assert len(listed) == len(set(listed)), listed
    for one in listed:
        assert len(one.split(" · ")) >= 2, one
        assert not re.search(r"\bNone\b|\bnan\b|[{}]{2}|\.py\b|Error\b", one), one
    return listed


def shapes(change: Callable[[list[shapely.Geometry]], None], crs: str = METRES) -> gpd.GeoDataFrame:
    """The nine squares after a change of their list of geometries."""
    frame = squares().to_crs(crs)
    geometries = frame.geometry.to_list()
    change(geometries)
    return frame.set_geometry(gpd.GeoSeries(geometries, crs=crs))


def turned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Latitude before longitude."""
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]))


def put(at: int, geometry: shapely.Geometry) -> Callable[[list[shapely.Geometry]], None]:
    return lambda geometries: geometries.__setitem__(at, geometry)


def text(path: str, content: str | bytes) -> Spoil:
    """Another content of a file."""

    def spoil(city: City) -> None:
        (city.folder / path).write_bytes(content.encode() if isinstance(content, str) else content)

    return spoil


def cut(path: str, save: Spoil, share: float = 0.5) -> Spoil:
    """A file that was not copied to its end."""

    def spoil(city: City) -> None:
        save(city)
        whole = (city.folder / path).read_bytes()
        (city.folder / path).write_bytes(whole[: int(len(whole) * share)])

    return spoil


def without(path: str, save: Spoil) -> Spoil:
    def spoil(city: City) -> None:
        save(city)
        (city.folder / path).unlink()

    return spoil


def moved_ring(points: slice) -> Spoil:
    """GeoJSON whose third polygon has only some of the corners of its ring."""

    def spoil(city: City) -> None:
        told = json.loads(squares().to_crs("EPSG:4326").to_json())
        ring = told["features"][2]["geometry"]["coordinates"]
        ring[0] = ring[0][points]
        (city.folder / "barrios.geojson").write_text(json.dumps(told))
        city.neighbourhoods["path"] = "barrios.geojson"

    return spoil


def keys(section: str, **values: Any) -> Spoil:
    """Other keys of a section of the study; None deletes one."""

    def spoil(city: City) -> None:
        kept = getattr(city, section) if hasattr(city, section) else city.study[section]
        for key, value in values.items():
            kept.pop(key, None)
            if value is not None:
                kept[key] = value

    return spoil


def also(*spoils: Spoil) -> Spoil:
    def spoil(city: City) -> None:
        for one in spoils:
            one(city)

    return spoil


def people(**changed: Any) -> Spoil:
    """Other populations, by the last digit of the id (`p3=0`)."""

    def spoil(city: City) -> None:
        figures: list[Any] = [changed.get(f"p{at}", figure) for at, figure in enumerate(PEOPLE, start=1)]
        city.table(census().assign(poblacion=pd.Series(figures, dtype=object)))

    return spoil


def named_ids(names: list[str]) -> Spoil:
    """Neighbourhoods known by name, and a table that writes the names in its own way."""

    def spoil(city: City) -> None:
        city.polygons(squares().assign(ubigeo=NAMES))
        city.table(census().assign(ubigeo=names))
        city.study["zones"] = {"centre_ids": ["Centro"]}

    return spoil


def no_crs(path: str) -> Spoil:
    def spoil(city: City) -> None:
        bare = squares().set_crs(None, allow_override=True)
        with pytest.warns(UserWarning, match="crs") if path.endswith((".gpkg", ".fgb")) else _quiet():
            city.polygons(bare, path)

    return spoil


class _quiet:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


POLYGONS: dict[str, tuple[Spoil, list[list[str]]]] = {
    "missing": (keys("neighbourhoods", path="barios.gpkg"), [["barios.gpkg does not exist", "→ barrios.gpkg?"]]),
    "folder": (keys("neighbourhoods", path="."), [["is a folder"]]),
    "empty file": (text("barrios.gpkg", ""), [["barrios.gpkg is empty", "export it again"]]),
    "not its format": (text("barrios.gpkg", "hola"), [["barrios.gpkg cannot be read", "QGIS"]]),
    "a table": (keys("neighbourhoods", path="censo.csv"), [["censo.csv has no geometry"]]),
    "cut GeoPackage": (cut("barrios.gpkg", lambda c: None), [["barrios.gpkg cannot be read"]]),
    "cut GeoJSON": (
        cut("b.geojson", lambda c: c.polygons(squares().to_crs("EPSG:4326"), "b.geojson")),
        [["b.geojson cannot be read"]],
    ),
    "cut FlatGeobuf": (cut("b.fgb", lambda c: c.polygons(squares(), "b.fgb")), [["b.fgb is cut off", "9", "0"]]),
    "cut FlatGeobuf, late": (
        cut("b.fgb", lambda c: c.polygons(squares(), "b.fgb"), 0.9),
        [["b.fgb cannot be read"]],
    ),
    "cut GeoParquet": (
        cut("b.parquet", lambda c: c.polygons(squares(), "b.parquet")),
        [["b.parquet cannot be read"]],
    ),
    "cut Shapefile": (
        cut("b.shp", lambda c: c.polygons(squares(), "b.shp"), 0.95),
        [["b.shp: features whose geometry is empty or cannot be read", "050109"]],
    ),
    "Shapefile without .shx": (without("b.shx", lambda c: c.polygons(squares(), "b.shp")), [["b.shp", ".shx"]]),
    "Shapefile without .dbf": (without("b.dbf", lambda c: c.polygons(squares(), "b.shp")), [["b.shp has no", ".dbf"]]),
    "Shapefile without .prj": (
        without("b.prj", lambda c: c.polygons(squares(), "b.shp")),
        [["b.shp does not say its coordinate reference system", "[neighbourhoods] crs ="]],
    ),
    "GeoPackage without CRS": (no_crs("b.gpkg"), [["b.gpkg does not say its coordinate reference system"]]),
    "FlatGeobuf without CRS": (no_crs("b.fgb"), [["b.fgb does not say its coordinate reference system"]]),
    "GeoParquet without CRS": (no_crs("b.parquet"), [["b.parquet does not say its coordinate reference system"]]),
    "wrong CRS of the study": (
        keys("study", **{}),
        [],
    ),
    "swapped": (
        lambda c: c.polygons(turned(squares().to_crs("EPSG:4326")), "b.geojson"),
        [["b.geojson: latitude and longitude look swapped", "x is the longitude"]],
    ),
    "swapped beyond 90": (
        lambda c: c.polygons(
            turned(squares().to_crs("EPSG:4326").translate(-25, 32).to_frame("geometry").assign(ubigeo=IDS)),
            "b.geojson",
        ),
        [["b.geojson: latitude and longitude look swapped"], ["“nombre”"]],
    ),
    "metres said to be degrees": (
        lambda c: c.polygons(squares().set_crs("EPSG:4326", allow_override=True)),
        [["barrios.gpkg says that its coordinates are degrees", "EPSG:4326", "UTM"]],
    ),
    "at (0, 0)": (
        lambda c: c.polygons(shapes(put(3, box(0, 0, 0.01, 0.01)), "EPSG:4326"), "b.geojson"),
        [["b.geojson", "longitude 0, latitude 0", "050104"]],
    ),
    "ring of two points": (
        moved_ring(slice(2)),
        [["barrios.geojson: features whose geometry is empty or cannot be read", "050103"]],
    ),
    "ring not closed": (moved_ring(slice(4)), [["barrios.geojson: features whose geometry", "050103"]]),
    "no geometry": (
        lambda c: c.polygons(shapes(put(2, None)), "b.gpkg"),
        [["b.gpkg: features whose geometry is empty", "050103"]],
    ),
    "no geometry at all": (
        lambda c: c.polygons(shapes(lambda g: g.__setitem__(slice(None), [None] * 9)), "b.gpkg"),
        [["b.gpkg: features whose geometry is empty", "050101", "9 in all"]],
    ),
    "points": (
        lambda c: c.polygons(squares().set_geometry(squares().centroid)),
        [["barrios.gpkg: these features must be polygons", "Point", "050101"]],
    ),
    "overlapping": (
        lambda c: c.polygons(shapes(put(0, box(WEST, SOUTH, WEST + 1500, SOUTH + 1000)))),
        [["barrios.gpkg: neighbourhoods overlap", "050101–050102 (50%)", 'overlaps = "keep"']],
    ),
    "drawn twice": (
        lambda c: c.polygons(shapes(put(1, box(WEST, SOUTH, WEST + 1000, SOUTH + 1000)))),
        [["barrios.gpkg: neighbourhoods overlap", "050101–050102 (100%)"]],
    ),
    "unknown column": (
        keys("neighbourhoods", id="ubijeo"),
        [["barrios.gpkg: [neighbourhoods] id", "“ubijeo”", "→ ubigeo?", "nombre, poblacion"]],
    ),
    "duplicate ids": (
        lambda c: c.polygons(squares().assign(ubigeo=["050101"] * 2 + IDS[2:])),
        [["barrios.gpkg: ids that appear more than once", "050101 (#1, #2)", "merge or delete"]],
    ),
    "row without id": (
        lambda c: c.polygons(squares().assign(ubigeo=[*IDS[:8], None])),
        [["barrios.gpkg: rows without an id in column “ubigeo”", "#9"]],
    ),
    "one neighbourhood": (
        lambda c: c.polygons(squares().head(1)),
        [["barrios.gpkg: a study of one neighbourhood", "050101"]],
    ),
    "one selected": (keys("neighbourhoods", ids=["050103"]), [["a study of one neighbourhood", "050103"]]),
    "unknown selected": (
        keys("neighbourhoods", ids=["50101", "050102"]),
        [["barrios.gpkg does not have", "50101 (050101?)", "ids are text"]],
    ),
    "no layer of that name": (
        keys("neighbourhoods", layer="barios"),
        [["barrios.gpkg has no layer “barios”", "→ barrios?"]],
    ),
}
POLYGONS.pop("wrong CRS of the study")

TABLES: dict[str, tuple[Spoil, list[list[str]]]] = {
    "missing": (keys("joined", path="senso.csv"), [["the file senso.csv does not exist", "→ censo.csv?"]]),
    "empty file": (text("censo.csv", ""), [["censo.csv is empty"]]),
    "blank file": (text("censo.csv", "\ufeff \n\n"), [["neighbourhoods.tables: the file censo.csv is empty"]]),
    "header only": (text("censo.csv", "ubigeo,poblacion\n"), [["censo.csv: the table has a header and no rows"]]),
    "unreadable format": (
        also(text("censo.doc", "hola"), keys("joined", path="censo.doc")),
        [["censo.doc: tables cannot be read from “.doc”", ".csv, .xlsx or .parquet"]],
    ),
    "not Excel": (
        also(text("censo.xlsx", "hola"), keys("joined", path="censo.xlsx")),
        [["censo.xlsx cannot be read", "Excel"]],
    ),
    "cut Excel": (cut("censo.xlsx", lambda c: c.table(census(), "censo.xlsx")), [["censo.xlsx cannot be read"]]),
    "cut Parquet": (
        cut("censo.parquet", lambda c: c.table(census(), "censo.parquet")),
        [["censo.parquet cannot be read"]],
    ),
    "no such sheet": (
        also(lambda c: c.table(census(), "censo.xlsx", sheet_name="Distritos"), keys("joined", sheet="Distrito")),
        [["censo.xlsx has no sheet “Distrito”", "→ Distritos?"]],
    ),
    "NUL bytes": (
        text("censo.csv", b"ubigeo,poblacion\n050101,4000\n05\x000102,3500\n"),
        [["censo.csv: the table holds NUL bytes", "3", "ask for the original"]],
    ),
    "wrong encoding": (
        also(lambda c: c.table(census().assign(nombre=NAMES), encoding="cp1252"), keys("joined", encoding="utf-8")),
        [["censo.csv cannot be read in the encoding utf-8", "cp1252"]],
    ),
    "a longer row": (
        text("censo.csv", "ubigeo,poblacion\n050101,4000\n050102,3500,7\n"),
        [["censo.csv: a row has 3 cells and the header 2", "#3", "quotes"]],
    ),
    "longer rows throughout": (
        text("censo.csv", "ubigeo,poblacion\n050101,4000,1\n050102,3500,7\n"),
        [["censo.csv: a row has 3 cells and the header 2", "#2, #3"]],
    ),
    "open quotation mark": (
        text("censo.csv", 'ubigeo,poblacion\n050101,4000\n050102,"3500\n050103,5200\n'),
        [["censo.csv: a quotation mark is opened and never closed", "#3"]],
    ),
    "two columns of one name": (
        text("censo.csv", "ubigeo,poblacion, poblacion\n050101,4000,2\n"),
        [["censo.csv: two columns have the same name", "poblacion"]],
    ),
    "misspelt id column": (keys("joined", id="UBIGEO"), [["censo.csv", "“UBIGEO”", "→ ubigeo?"]]),
    "misspelt column": (
        keys("joined", columns={"poblacion": "poblasion"}),
        [["censo.csv", "[[neighbourhoods.tables]] columns: poblacion", "“poblasion”", "→ poblacion?"]],
    ),
    "misspelt population": (
        keys("neighbourhoods", population="poblacio"),
        [["[neighbourhoods] population", "“poblacio”", "→ poblacion?"]],
    ),
    "duplicate ids": (
        lambda c: c.table(pd.concat([census(), census().head(2)])),
        [["censo.csv: ids that appear more than once", "050101 (#2, #11), 050102 (#3, #12)"]],
    ),
    "row without id": (
        lambda c: c.table(census().assign(ubigeo=[None, *IDS[1:]])),
        [["censo.csv: rows without an id in column “ubigeo”", "#2"]],
    ),
    "lost zeros": (
        lambda c: c.table(census().assign(ubigeo=[int(one) for one in IDS])),
        [
            [
                "censo.csv and barrios.gpkg",
                "zeros at the front",
                "50101 ≠ 050101",
                "zero_pad = 6 in [[neighbourhoods.tables]]",
            ]
        ],
    ),
    "polygons lost zeros": (
        also(
            lambda c: c.polygons(squares().assign(ubigeo=[int(one) for one in IDS])),
            keys("zones", centre_ids=["50105"]),
        ),
        [["censo.csv and barrios.gpkg", "zeros at the front", "050101 ≠ 50101", "zero_pad = 6 in [neighbourhoods]"]],
    ),
    "matches none": (
        lambda c: c.table(census().assign(ubigeo=[f"9{at:05d}" for at in range(9)])),
        [["censo.csv: none of the ids of column “ubigeo” is in barrios.gpkg", "900000 ≠ 050101", "RENIEC"]],
    ),
    "matches some": (
        also(
            lambda c: c.table(census().drop(columns="poblacion").tail(7)),
            keys("neighbourhoods", population="poblacion"),
        ),
        [
            [
                "censo.csv: 2 of the 9 neighbourhoods have no row, with 7\u202f500 people",
                "050101 Belén, 050102 Carmen Alto",
            ]
        ],
    ),
    "matches some, with their people": (
        lambda c: c.table(census().tail(7)),
        [["censo.csv: 2 of the 9 neighbourhoods have no row", "050101 Belén, 050102 Carmen Alto", 'missing = "keep"']],
    ),
    "stale boundaries": (
        lambda c: c.polygons(squares().head(8)),
        [["censo.csv has ids that barrios.gpkg lacks, with 4\u202f800 people", "older", "050109", 'extra = "ignore"']],
    ),
    "stale boundaries, table of the whole country": (
        also(
            lambda c: c.polygons(squares().head(8)),
            lambda c: c.table(
                pd.concat([census(), pd.DataFrame({"ubigeo": [f"15{at:04d}" for at in range(90)], "poblacion": 9000})])
            ),
        ),
        [["censo.csv has ids that barrios.gpkg lacks, with 4\u202f800 people", "· 050109 ·"]],
    ),
    "misspelt ids": (
        named_ids(["Belem", *NAMES[1:]]),
        [["censo.csv: ids written differently from barrios.gpkg", "Belem → Belén?", 'aliases = { "Belem" = "Belén" }']],
    ),
    "ids in capitals": (
        named_ids([name.upper() for name in NAMES]),
        [["censo.csv: ids written differently", "BELÉN → Belén?", "9 in all"]],
    ),
    "broken letters": (
        named_ids([name.encode().decode("cp1252") for name in NAMES]),
        [["censo.csv: column “ubigeo” holds broken letters", "BelÃ©n → Belén", 'mojibake = "repair"']],
    ),
    "lost letters": (
        lambda c: c.polygons(squares().assign(nombre=["Bel\ufffdn", *NAMES[1:]])),
        [["barrios.gpkg: column “nombre” holds broken letters that cannot be recovered", "ask for the original"]],
    ),
    "no number": (
        people(p2="muchos", p4="¿?"),
        [["censo.csv: cells of column “poblacion” are not numbers", "050102: “muchos”, 050104: “¿?”"]],
    ),
    "population missing": (people(p3=None), [["censo.csv: some neighbourhoods have no population", "050103"]]),
    "population zero": (
        people(p3=0),
        [["censo.csv: population (“poblacion”) is zero", "050103", 'uninhabited = "keep"']],
    ),
    "population negative": (people(p3=-7), [["censo.csv: population (“poblacion”) is negative", "050103"]]),
    "population in thousands": (
        people(**{f"p{at}": figure / 1000 for at, figure in enumerate(PEOPLE, start=1)}),
        [["censo.csv: population (“poblacion”) seems to be in thousands", "050101: 4", "population_scale = 1000"]],
    ),
    "population in whole thousands": (
        people(**{f"p{at}": figure // 1000 for at, figure in enumerate(PEOPLE, start=1)}),
        [["layer police has 976.7 per 1,000 residents", "“poblacion”", "in thousands", "population_scale = 1000"]],
    ),
    "thousands or decimals": (
        people(**{f"p{at}": f"{figure // 1000}.{figure % 1000:03d}" for at, figure in enumerate(PEOPLE, start=1)}),
        [["censo.csv: it cannot be told whether column “poblacion”", "4.000", 'decimal = ","']],
    ),
    "rank that is no column": (
        keys("equity", rank_by="pobresa"),
        [['[equity] rank_by = "pobresa"', "→ pobreza?"]],
    ),
    "names that differ by capitals": (
        lambda c: c.table(census().assign(Pobreza=1.0)),
        [["columns that would have the same name", "Pobreza, pobreza"]],
    ),
}

LAYERS: dict[str, tuple[Spoil, list[list[str]]]] = {
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
                "conteos.csv: 2 of the 9 neighbourhoods have no row, with 8\u202f700 people",
                "050108 Quinuapata, 050109 Yuracc",
            ]
        ],
    ),
    "counts of no column": (
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS, "personas": range(9)}), staff="persona"),
        [["conteos.csv: [[layers]] rondas: columns: persona", "→ personas?"]],
    ),
    "kinds of later": (keys("layer", kind="tracks"), [["layer police", "tracks"]]),
}

ZONES: dict[str, tuple[Spoil, list[list[str]]]] = {
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
}  # fmt: skip

CASES = {f"{group}: {name}": case
         for group, cases in {"polygons": POLYGONS, "tables": TABLES, "layers": LAYERS, "zones": ZONES}.items()
         for name, case in cases.items()}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_clear_message_and_nothing_lost(name: str, tmp_path: Path, previous: tuple[Path, dict[str, str]]) -> None:
    spoil, expected = CASES[name]
    city = City(tmp_path)
    spoil(city)
    listed = refused(city, previous)
    assert len(listed) == len(expected), listed
    for message, parts in zip(listed, expected, strict=True):
        for part in parts:
            assert part in message
