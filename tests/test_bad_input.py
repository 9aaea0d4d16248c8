"""Bad polygons and tables, through the command line: one message with the file, the rows or ids and the remedy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from shapely import box

from city import IDS, NAMES, PEOPLE, SOUTH, WEST, City, census, squares
from spoiling import (
    Cases,
    Previous,
    also,
    cut,
    finished,
    keys,
    moved_ring,
    named_ids,
    no_crs,
    people,
    put,
    shapes,
    text,
    told,
    turned,
    without,
)

POLYGONS: Cases = {
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

TABLES: Cases = {
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
                "zero_pad = 6 in the section of censo.csv",
            ]
        ],
    ),
    "polygons lost zeros": (
        also(
            lambda c: c.polygons(squares().assign(ubigeo=[int(one) for one in IDS])),
            keys("zones", centre_ids=["50105"]),
        ),
        [["censo.csv and barrios.gpkg", "050101 ≠ 50101", "zero_pad = 6 in the section of barrios.gpkg"]],
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
                "censo.csv: no row for 2 of the 9 neighbourhoods, with 7\u202f500 people",
                "050101 Belén, 050102 Carmen Alto",
            ]
        ],
    ),
    "matches some, with their people": (
        lambda c: c.table(census().tail(7)),
        [["censo.csv: no row for 2 of the 9 neighbourhoods", "050101 Belén, 050102 Carmen Alto", 'missing = "keep"']],
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
        [["layer police has 976.7 per 1\u202f000 residents", "“poblacion”", "in thousands", "population_scale = 1000"]],
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


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Previous:
    return finished(tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize("name", POLYGONS)
def test_polygons(name: str, tmp_path: Path, previous: Previous) -> None:
    told(POLYGONS, name, City(tmp_path), previous)


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, tmp_path: Path, previous: Previous) -> None:
    told(TABLES, name, City(tmp_path), previous)
