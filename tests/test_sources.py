"""Files as people keep them: every format, encoding and separator gives the same study."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from city import IDS, NAMES, PEOPLE, STAFF, City, census, command, squares, stations
from secequity.checks import Findings
from secequity.sources import vector

VECTORS = ["b.gpkg", "b.geojson", "b.shp", "b.fgb", "b.parquet"]
CRSES = ["EPSG:32718", "EPSG:4326", "EPSG:3857", "EPSG:24878", "ESRI:102033"]


def usual(city: City) -> None:
    """The study reads the nine squares as they are."""
    study = city.read()
    frame = study.city.frame.sort_index()
    assert frame.index.tolist() == IDS
    assert frame["name"].tolist() == NAMES
    assert frame["population"].tolist() == PEOPLE
    assert frame.geometry.area.round(-2).tolist() == [1e6] * 9
    assert study.layers[0].amount.to_dict() == dict.fromkeys(IDS, 0.0) | STAFF


@pytest.mark.parametrize(
    ("path", "crs"),
    [(path, crs) for path in VECTORS for crs in CRSES if crs == "EPSG:4326" or not path.endswith("geojson")],
)
def test_every_vector_format_and_crs(path: str, crs: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.polygons(squares().to_crs(crs), path)
    frame = city.read().city.frame.sort_index()
    assert frame["name"].tolist() == NAMES
    assert frame.crs.is_projected
    assert frame.geometry.area.to_numpy() == pytest.approx(1e6, rel=0.02 if crs == "ESRI:102033" else 2e-3)
    if crs in ("EPSG:4326", "EPSG:3857"):
        assert frame.crs == "EPSG:32718"
        assert f"reprojected from {crs} to EPSG:32718" in city.notices()["reprojected"].say()


def packed(folder: Path, *, inside: str = "", upper: bool = False, junk: bool = False) -> str:
    """The squares as a zipped shapefile."""
    squares().to_file(folder / "z.shp")
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        for end in ("shp", "dbf", "shx", "prj", "cpg"):
            archive.write(folder / f"z.{end}", f"{inside}{'Z.' + end.upper() if upper else 'z.' + end}")
        if junk:
            archive.writestr("__MACOSX/._z.shp", b"junk")
            archive.writestr("léame.txt", "límites")
    return "z.zip"


@pytest.mark.parametrize(
    "how", [{}, {"inside": "límites 2017/"}, {"upper": True, "inside": "A/B/"}, {"junk": True}], ids=str
)
def test_zipped_shapefile(how: dict[str, Any], tmp_path: Path) -> None:
    city = City(tmp_path)
    city.neighbourhoods["path"] = packed(tmp_path, **how)
    usual(city)


def test_a_zip_of_two_shapefiles_asks_which(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.neighbourhoods["path"] = packed(tmp_path)
    with zipfile.ZipFile(tmp_path / "z.zip", "a") as archive:
        for end in ("shp", "dbf", "shx", "prj"):
            archive.write(tmp_path / f"z.{end}", f"zonas.{end}")
    assert "z.zip holds several layers · z, zonas · choose one" in city.errors()["layer_choice"].say()
    city.neighbourhoods["layer"] = "z"
    usual(city)


def test_a_shapefile_of_windows(tmp_path: Path) -> None:
    """A .dbf in cp1252, with and without the file that says so."""
    city = City(tmp_path)
    city.polygons(squares(), "b.shp", encoding="cp1252")
    usual(city)
    (tmp_path / "b.cpg").unlink()
    city.neighbourhoods["encoding"] = "cp1252"
    usual(city)


def test_a_geopackage_of_several_layers(tmp_path: Path) -> None:
    city = City(tmp_path)
    squares().to_file(tmp_path / "m.gpkg", layer="barrios")
    squares().head(2).to_file(tmp_path / "m.gpkg", layer="zonas")
    city.neighbourhoods.update({"path": "m.gpkg", "layer": "barrios"})
    usual(city)


@pytest.mark.parametrize("kind", ["int", "float", "Int64", "str", "string"])
@pytest.mark.parametrize("path", ["b.gpkg", "b.parquet", "b.fgb"])
def test_ids_of_every_type_in_polygons(kind: str, path: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    ids = [f"15010{at}" for at in range(1, 10)]
    city.polygons(squares().assign(ubigeo=pd.Series([int(one) for one in ids]).astype(kind)), path)
    city.table(census().assign(ubigeo=ids))
    city.study["zones"] = {"centre_ids": ["150105"]}
    assert sorted(city.read().city.frame.index) == ids


@pytest.mark.parametrize("path", ["censo.csv", "censo.xlsx", "censo.parquet"])
@pytest.mark.parametrize("kind", ["int", "float", "str", "object"])
def test_ids_that_lost_their_zeros_are_padded(kind: str, path: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().assign(ubigeo=pd.Series([int(one) for one in IDS]).astype(kind)), path)
    assert f"zero_pad = 6 in the section of {path}" in city.errors()["table_lost_zeros"].say()
    city.joined["zero_pad"] = 6
    usual(city)


def test_polygons_that_lost_their_zeros_are_padded(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.polygons(squares().assign(ubigeo=[int(one) for one in IDS]))
    city.neighbourhoods["zero_pad"] = 6
    usual(city)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_encoding_and_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    ends = "\r\n" if encoding in ("utf-8-sig", "cp1252", "utf-16") else "\n"
    city = City(tmp_path)
    named = census().assign(**{"Población; total, 2017": [f"Ñ{separator}{name}" for name in NAMES]})
    city.table(named, encoding=encoding, sep=separator, lineterminator=ends)
    if encoding == "utf-16-le":
        city.joined["encoding"] = encoding
    usual(city)
    assert city.read().city.attributes["Población; total, 2017"].iloc[0] == f"Ñ{separator}Belén"


@pytest.mark.parametrize(
    ("decimal", "thousands", "said"),
    [(",", ".", None), (".", ",", None), (",", "", None), (".", " ", None), (",", ".", ",")],
)
def test_decimal_commas(decimal: str, thousands: str, said: str | None, tmp_path: Path) -> None:
    def write(value: float) -> str:
        return f"{value:,.1f}".replace(",", "T").replace(".", decimal).replace("T", thousands)

    city = City(tmp_path)
    frame = census()
    city.table(frame.assign(poblacion=frame["poblacion"].map(write), pobreza=frame["pobreza"].map(write)), sep=";")
    if said:
        city.joined["decimal"] = said
    usual(city)
    assert city.read().city.covariates["pobreza"].tolist() == frame["pobreza"].tolist()


def test_grouped_thousands_need_a_word(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().assign(poblacion=[f"{one // 1000}.{one % 1000:03d}" for one in PEOPLE]))
    assert set(city.errors()) == {"numbers_ambiguous"}
    city.joined.update({"decimal": ",", "columns": ["poblacion"]})
    usual(city)


def test_a_separator_line_and_blank_rows_of_excel(tmp_path: Path) -> None:
    city = City(tmp_path)
    rows = census().to_csv(index=False, sep=";").splitlines()
    (tmp_path / "censo.csv").write_text("\n".join(["sep=;", rows[0], "", *rows[1:], ";;", ""]), encoding="utf-8")
    usual(city)


def test_rows_are_named_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    """The header is row 1; blank rows count."""
    city = City(tmp_path)
    (tmp_path / "censo.csv").write_text("ubigeo,poblacion\n050101,4000\n\n,3500\n050103,5200\n", encoding="utf-8")
    assert "· #4 ·" in city.errors()["ids_missing"].say()


@pytest.mark.parametrize("blank", [None, ""])
def test_blank_rows_and_numbers_as_text_in_excel(blank: object, tmp_path: Path) -> None:
    city = City(tmp_path)
    rows = pd.DataFrame([[blank] * 3] * 4, columns=census().columns)
    city.table(pd.concat([census().astype(str), rows]), "censo.xlsx")
    usual(city)


def test_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    city = City(tmp_path)
    with pd.ExcelWriter(tmp_path / "libro.xlsx") as book:
        pd.DataFrame({"Nota": ["Fuente: INEI"]}).to_excel(book, sheet_name="Léame", index=False)
        census().to_excel(book, sheet_name="Censo 2017", index=False)
    city.joined.update({"path": "libro.xlsx", "sheet": "Censo 2017"})
    usual(city)


def test_quotes_accents_and_commas_in_names_of_columns(tmp_path: Path) -> None:
    city = City(tmp_path)
    awkward = 'pobreza "total", % (2018) – año <b>'
    city.table(census().rename(columns={"pobreza": awkward, "ubigeo": "Código ubigeo", "poblacion": "Población '17"}))
    city.joined.update({"id": "Código ubigeo", "columns": {"poblacion": "Población '17", "pobreza": awkward}})
    usual(city)
    assert city.read().city.covariates.columns.tolist() == ["pobreza"]
    del city.joined["columns"]
    city.neighbourhoods["population"] = "Población '17"
    done = command("run", city.file(), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    table = gpd.read_file(tmp_path / "out" / "neighbourhoods.gpkg", layer="neighbourhoods")
    assert awkward in table.columns
    assert "año <b>" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["@cli.map.csv", "año 2017 (1) & co.csv", "a;b|c.csv", "100%.csv", "a{b}.csv", "$x.csv"]
)
def test_hostile_names_of_files(name: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census(), name)
    usual(city)
    city.table(census().assign(poblacion="muchos"), name)
    assert name in city.errors()["numbers_bad"].say()
    assert name in city.errors()["numbers_bad"].say("es")


def test_hostile_cells_stay_cells(tmp_path: Path) -> None:
    city = City(tmp_path)
    names = ["=HYPERLINK(1)", "<script>alert(1)</script>", "\x1b[2J", "{0}", "%s", "../..", "a" * 3000, "'; DROP", "𝕏"]
    city.polygons(squares().assign(nombre=names))
    done = command("run", city.file(), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    for page in ("map.html", "report.html", "brief.html"):
        assert "<script>alert(1)" not in (tmp_path / "out" / page).read_text(encoding="utf-8")


def test_any_number_of_tables(tmp_path: Path) -> None:
    city = City(tmp_path)
    tables = [city.joined | {"columns": ["poblacion"]}]
    for at in range(8):
        census().assign(valor=range(at, at + 9)).to_csv(tmp_path / f"t{at}.csv", index=False)
        tables.append({"path": f"t{at}.csv", "id": "ubigeo", "columns": {f"valor_{at}": "valor"}})
    city.study["neighbourhoods.tables"] = tables
    covariates = city.read().city.covariates
    assert covariates.columns.tolist() == [f"valor_{at}" for at in range(8)]
    assert covariates["valor_3"].tolist() == list(range(3, 12))


def test_a_table_that_replaces_a_column_says_so(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.polygons(squares().assign(poblacion=1))
    assert "censo.csv: its columns replaced columns of the same name" in city.notices()["columns_replaced"].say()
    usual(city)


def test_names_stay_those_of_the_polygons(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().assign(nombre="otro"))
    usual(city)


def test_the_order_of_rows_is_nothing(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().sample(frac=1, random_state=1))
    city.polygons(squares().sample(frac=1, random_state=2))
    city.posts(stations().sample(frac=1, random_state=3))
    frame = city.read().city.frame
    assert frame["population"].to_dict() == dict(zip(IDS, PEOPLE, strict=True))
    assert frame["name"].to_dict() == dict(zip(IDS, NAMES, strict=True))
    assert city.read().layers[0].amount.to_dict() == dict.fromkeys(IDS, 0.0) | STAFF


def test_invalid_polygons_are_repaired_and_listed(tmp_path: Path) -> None:
    """A bow tie becomes two triangles of a quarter of the square each; the run says it in summary and report."""
    city = City(tmp_path)
    frame = squares()
    west, south, east, north = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    city.polygons(frame)
    out = tmp_path / "out"
    assert command("run", city.file(), "--out", out).exit_code == 0
    said = "barrios.gpkg: invalid polygons were repaired · 050101 (Self-intersection)"
    assert said in (out / "summary.json").read_text(encoding="utf-8")
    assert "050101 (Self-intersection)" in (out / "report.html").read_text(encoding="utf-8")
    area = gpd.read_parquet(out / "neighbourhoods.parquet").geometry.area
    assert area["050101"] == pytest.approx(5e5)
    assert area["050102"] == pytest.approx(1e6)


def test_polygons_within_collections_and_with_heights(tmp_path: Path) -> None:
    city = City(tmp_path)
    frame = squares()
    frame.loc[0, "geometry"] = shapely.GeometryCollection([frame.geometry[0], frame.geometry[0].centroid])
    frame.loc[1, "geometry"] = shapely.force_3d(frame.geometry[1], 2761)
    city.polygons(frame, "b.parquet")
    usual(city)
    assert set(city.read().city.frame.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
    assert not city.read().city.frame.geometry.has_z.any()


def test_slivers_are_only_said(tmp_path: Path) -> None:
    city = City(tmp_path)
    frame = squares()
    west, south, east, north = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = shapely.box(west, south, east + 2, north)
    city.polygons(frame)
    assert "050101–050102 (2\u202f000 m²)" in city.notices()["slivers"].say()


def test_a_file_says_its_crs_and_the_study_another(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.neighbourhoods["crs"] = "EPSG:32719"
    usual(city)
    assert "crs of the study file (EPSG:32719) was not used" in city.notices()["crs_overridden"].say()


def test_the_study_says_the_crs_that_a_file_lacks(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.polygons(squares(), "b.shp")
    (tmp_path / "b.prj").unlink()
    city.neighbourhoods["crs"] = "EPSG:32718"
    usual(city)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2264", "nada", "EPSG:32633"])
def test_a_crs_that_cannot_measure_the_city(crs: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.study["study"]["crs"] = crs
    assert len(city.errors()) == 1


def test_provenance(tmp_path: Path) -> None:
    """Each input with the digest of its bytes, every part of a shapefile included."""
    city = City(tmp_path)
    city.polygons(squares(), "b.shp")
    sources = {one.file: one for one in city.read().sources}
    assert set(sources) == {"b.shp", "b.dbf", "b.shx", "b.prj", "b.cpg", "censo.csv", "comisarias.csv"}
    for name, one in sources.items():
        assert one.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert one.bytes == (tmp_path / name).stat().st_size
    assert (sources["b.shp"].rows, sources["censo.csv"].rows, sources["comisarias.csv"].rows) == (9, 9, 4)


def test_no_file_is_changed(tmp_path: Path) -> None:
    from city import digests

    city = City(tmp_path)
    city.file()
    before = digests(tmp_path)
    city.read()
    assert digests(tmp_path) == before


@pytest.mark.parametrize("name", ["Undefined geographic SRS", "Undefined Cartesian SRS"])
def test_a_crs_that_says_nothing_is_none(name: str) -> None:
    """GeoPackages written without a CRS by older programs come back with these words."""
    wkt = {
        "Undefined geographic SRS": 'GEOGCS["Undefined geographic SRS",'
        'DATUM["unknown",SPHEROID["unknown",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
        "Undefined Cartesian SRS": 'LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]',
    }[name]
    found = Findings()
    frame = squares().set_crs(wkt, allow_override=True)
    assert vector.with_crs(frame, None, file="barrios.gpkg", key="crs", found=found) is None
    assert [one.code for one in found.errors] == ["crs_absent"]
    given = vector.with_crs(frame, "EPSG:32718", file="barrios.gpkg", key="crs", found=Findings())
    assert given is not None
    assert given.crs.to_epsg() == 32718


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "parquet"])
def test_empty_parts_and_holes_are_left_out(ending: str, tmp_path: Path) -> None:
    """Every format keeps them, GEOS calls them valid, and ends the process when it asks what touches an empty hole."""
    shapes = [
        "POLYGON ((0 0, 100 0, 100 100, 0 100, 0 0), EMPTY, (10 10, 10 20, 20 20, 10 10))",
        "MULTIPOLYGON (((100 0, 200 0, 200 100, 100 100, 100 0), EMPTY), EMPTY)",
        "POLYGON ((0 100, 200 100, 200 200, 0 200, 0 100))",
    ]
    frame = gpd.GeoDataFrame({"id": list("abc")}, geometry=shapely.from_wkt(shapes), crs="EPSG:32718")
    path = tmp_path / f"blocks.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
    read = (gpd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)).set_index("id")
    found = Findings()
    mended = vector.mended_polygons(read, file=path.name, found=found)
    assert mended is not None
    assert not found.errors
    assert not found.notices
    whole = mended.geometry.to_numpy()
    assert not shapely.is_empty(shapely.get_rings(shapely.get_parts(whole))).any()
    assert shapely.area(whole).tolist() == [9950.0, 10000.0, 20000.0]
    assert shapely.touches(whole[0], whole[1:]).all()
