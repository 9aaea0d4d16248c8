"""The proposed study file: valid in every folder, accepted where the files say enough, else wanting what it marks."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from shapely import Point, box

from conftest import HUAMANGA
from secequity.checks import Findings
from secequity.config import Config, read_config
from secequity.errors import ConfigError
from secequity.study import Study, inspect_study
from secequity.template import write_template
from secequity.template.page import quoted
from secequity.texts import LANGUAGES, Language

UTM = "EPSG:32718"
IDS = ["050101", "050102", "050103", "050104", "050105", "050106"]
PEOPLE = [6000, 1000, 1200, 700, 800, 500]
BY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)

VECTOR_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], Any]] = {
    "gpkg": lambda frame, folder: frame.to_file(folder / "barrios.gpkg"),
    "geojson": lambda frame, folder: frame.to_crs(4326).to_file(folder / "barrios.geojson"),
    "shp": lambda frame, folder: frame.to_file(folder / "barrios.shp"),
    "zip": lambda frame, folder: zipped(frame, folder),
    "fgb": lambda frame, folder: frame.to_file(folder / "barrios.fgb", driver="FlatGeobuf"),
    "parquet": lambda frame, folder: frame.to_parquet(folder / "barrios.parquet"),
}
TABLE_WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "csv": lambda frame, folder: frame.to_csv(folder / "censo.csv", index=False),
    "semicolons": lambda frame, folder: frame.to_csv(folder / "censo.csv", index=False, sep=";", encoding="cp1252"),
    "xlsx": lambda frame, folder: frame.to_excel(folder / "censo.xlsx", index=False),
    "parquet": lambda frame, folder: frame.to_parquet(folder / "censo.parquet"),
}


def zipped(frame: gpd.GeoDataFrame, folder: Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    frame.to_file(inside / "barrios.shp")
    shutil.make_archive(str(folder / "barrios"), "zip", inside)
    shutil.rmtree(inside)


def areas() -> gpd.GeoDataFrame:
    """Six squares of one km² on a side of 1 km, in two rows."""
    squares = [box(580_000 + 1000 * (at % 3), 8_540_000 + 1000 * (at // 3), 581_000 + 1000 * (at % 3),
                   8_541_000 + 1000 * (at // 3)) for at in range(6)]  # fmt: skip
    names = ["Plaza", "Santa Ana", "Los Olivos", "Covadonga", "Ñahuinpuquio", "San José"]
    return gpd.GeoDataFrame({"codigo": IDS, "nombre": names}, geometry=squares, crs=UTM)


def census() -> pd.DataFrame:
    poverty = [5.5, 20.0, 25.1, 30.0, 31.2, 40.0]
    return pd.DataFrame({"codigo": IDS, "Población 2017": PEOPLE, "% pobreza": poverty, "cod_reniec": range(100, 106)})


def stations() -> pd.DataFrame:
    """Nine police in the first square, two in the second."""
    metres = gpd.GeoSeries([Point(580_500, 8_540_500), Point(581_500, 8_540_500)], crs=UTM).to_crs(4326)
    return pd.DataFrame({"nombre": ["A", "B"], "policias": [9, 2], "lon": metres.x, "lat": metres.y})


def city(folder: Path) -> Path:
    """A folder that needs nothing but the look."""
    folder.mkdir(exist_ok=True)
    VECTOR_WRITERS["gpkg"](areas(), folder)
    TABLE_WRITERS["csv"](census(), folder)
    stations().to_csv(folder / "comisarias.csv", index=False)
    return folder


def proposed(folder: Path, language: Language = "es") -> tuple[Study | None, Findings, dict[str, Any]]:
    path, _ = write_template(folder, language=language)
    study, found = inspect_study(path)
    return study, found, tomllib.loads(path.read_text(encoding="utf-8"))


def codes(found: Findings) -> list[str]:
    return sorted(one.code for one in found.errors)


@BY_LANGUAGE
def test_an_empty_folder_gets_the_whole_template_with_blanks(tmp_path: Path, language: Language) -> None:
    folder = tmp_path / "new" / "Mi ciudad"
    path, guessed = write_template(folder, language=language)
    found = Findings()
    config = read_config(path, found)
    assert config is not None and not found.errors
    assert guessed == []
    assert (config.study.title, config.study.language) == ("Mi ciudad", language)
    study, found = inspect_study(path)
    assert study is None
    assert codes(found) == ["file_absent", "file_absent"]
    assert all(one.values["file"] == "???" for one in found.errors)
    marked = [line for line in path.read_text(encoding="utf-8").splitlines() if "# COMPLETE: " in line]
    assert [line.partition(" ")[0] for line in marked] == ["path", "id", "population", "centre_ids", "path"]


@BY_LANGUAGE
def test_every_commented_key_is_one_that_a_study_may_use(tmp_path: Path, language: Language) -> None:
    path, _ = write_template(tmp_path, language=language)
    model: type[BaseModel] = Config
    offered: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := re.match(r"(?:# )?\[+([\w.]+)\]+$", line):
            model = Config
            for step in header[1].split("."):
                model = next((one for one in models(model.model_fields[step].annotation)), Config)
        elif key := re.match(r"# (\w+) = (.+?)(?:\s+# .*)?$", line):
            offered.append(key[1])
            tomllib.loads(f"{key[1]} = {key[2]}")
            assert key[1] in model.model_fields or model is Config, line
    once = {"zero_pad", "aliases", "uninhabited", "population_scale", "mojibake", "decimal", "extra", "hours_per_week"}
    assert {key: offered.count(key) for key in once} == dict.fromkeys(once, 1)
    assert offered.count("missing") == 3  # of a table, of the zones, of a layer
    assert {"column", "path", "point", "density_per_km2"} <= set(offered)
    assert {"reach", "shifts", "share", "route", "track", "surface", "ledger"} <= set(offered)


@BY_LANGUAGE
def test_the_examples_of_every_kind_can_be_activated_as_they_are(tmp_path: Path, language: Language) -> None:
    path, _ = write_template(tmp_path, language=language)
    head, _, rest = path.read_text(encoding="utf-8").partition("\n# [[layers]]\n")
    examples, _, tail = rest.partition("\n[equity]\n")
    activated = re.sub(r"^# (\w+ = |\[)", r"\1", f"# [[layers]]\n{examples}", flags=re.MULTILINE)
    path.write_text(f"{head}\n{activated}\n[equity]\n{tail}", encoding="utf-8")
    found = Findings()
    config = read_config(path, found)
    assert config is not None, [one.say() for one in found.errors]
    assert {one.kind for one in config.layers} == {"posts", "jurisdictions", "routes", "tracks", "surface"}
    assert config.participation is not None
    assert config.shifts == Config.model_fields["shifts"].get_default(call_default_factory=True)


def models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in models(part)]


@pytest.mark.parametrize("written", VECTOR_WRITERS)
def test_polygons_of_every_format(tmp_path: Path, written: str) -> None:
    VECTOR_WRITERS[written](areas(), tmp_path)
    TABLE_WRITERS["csv"](census(), tmp_path)
    stations().to_csv(tmp_path / "comisarias.csv", index=False)
    check_small_city(tmp_path)


@pytest.mark.parametrize("written", TABLE_WRITERS)
def test_tables_of_every_format(tmp_path: Path, written: str) -> None:
    VECTOR_WRITERS["geojson"](areas(), tmp_path)
    TABLE_WRITERS[written](census(), tmp_path)
    stations().to_csv(tmp_path / "comisarias.csv", index=False)
    check_small_city(tmp_path)


def check_small_city(folder: Path) -> None:
    study, found, written = proposed(folder)
    assert study is not None, [one.say() for one in found.errors]
    assert study.city.frame["population"].to_dict() == dict(zip(IDS, PEOPLE, strict=True))
    assert study.city.frame["name"]["050105"] == "Ñahuinpuquio"
    assert list(study.city.covariates) == ["pobreza"]
    assert study.layers[0].amount.reindex(IDS).tolist() == [9, 2, 0, 0, 0, 0]
    assert written["equity"] == {"rank_by": "pobreza", "rank_order": "poor_is_high"}
    # densities 6000, 1200, 1000, 800, 700, 500 a km²: the 80th percentile of six is the second from the top
    assert sorted(study.zones.index[study.zones == "centre"]) == ["050101", "050103"]


@BY_LANGUAGE
def test_a_density_says_that_it_is_provisional(tmp_path: Path, language: Language) -> None:
    path, guessed = write_template(city(tmp_path), language=language)
    text = path.read_text(encoding="utf-8")
    assert "PROVISIONAL" in text
    assert tomllib.loads(text)["zones"] == {"density_per_km2": 1200}
    assert any("provision" in one for one in guessed)
    assert len(guessed) == 5  # polygons, population, table, zones, layer


def test_both_languages_propose_the_same_study(tmp_path: Path) -> None:
    read = [proposed(city(tmp_path / "city"), language)[2] for language in LANGUAGES if not _forget(tmp_path / "city")]
    for one in read:
        del one["study"]["language"]
    assert read[0] == read[1]


def _forget(folder: Path) -> None:
    (folder / "study.toml").unlink(missing_ok=True)


@BY_LANGUAGE
def test_the_embedded_city_wants_only_the_decisions_that_are_marked(tmp_path: Path, language: Language) -> None:
    folder = tmp_path / "huamanga"
    shutil.copytree(HUAMANGA, folder, ignore=shutil.ignore_patterns("study.toml", "*.py", "city_model", ".*"))
    study, found, written = proposed(folder, language)
    assert study is None
    assert codes(found) == ["counts_missing", "counts_missing"]
    assert {one["name"]: one.get("staff") for one in written["layers"]} == {
        "police": "policias",
        "private": "guardias",
        "community": "integrantes",
        "serenazgo": "serenos",
    }
    assert written["zones"] == {"column": "casco", "centre": ["Casco urbano"]}
    path = folder / "study.toml"
    activated = re.sub(r"^# (\w+ = .*# COMPLETE: )", r"\1", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(activated, encoding="utf-8")
    study, found = inspect_study(path)
    assert study is not None, [one.say() for one in found.errors]
    police = next(one for one in study.layers if one.name == "police")
    assert police.amount.sum() == 300  # published: about 300 police for the metropolitan city
    assert "junta" not in " ".join(study.city.covariates)  # participants are known by their layer alone


def test_junk_is_skipped(tmp_path: Path) -> None:
    city(tmp_path)
    junk = {
        "empty.csv": b"",
        "nul.csv": b"a,b\n\x00,1\n",
        "ragged.csv": b"a,b\n1,2,3\n",
        "binary.gpkg": bytes(range(256)),
        "half.geojson": b'{"type": "FeatureCollection", "features": [',
        "package.json": b'{"name": "x"}',
        "lists.json": b"[1, 2, 3]",
        "broken.xlsx": b"PK\x03\x04 not a book",
        "broken.parquet": b"PAR1",
        "broken.zip": b"PK",
        "alone.shp": b"\x00\x00\x27\x0a",
        "~$censo.xlsx": b"lock",
        ".hidden.csv": b"codigo,x\n",
        "$HOME.csv": b"codigo,x\n050101,1\n",
        "line\nbreak.csv": b"codigo,x\n050101,1\n",
        "README.txt": "Señores, léanme\n".encode("cp1252"),
        "photo.jpg": b"\xff\xd8",
    }
    for name, content in junk.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.csv").mkdir()
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=[None, None], crs=UTM).to_file(tmp_path / "nowhere.gpkg")
    odd = pd.DataFrame({"when": pd.to_timedelta([1, 2], "h"), "list": [[1], [2]], "bytes": [b"a", b"b"]})
    odd.to_parquet(tmp_path / "odd.parquet")
    check_small_city(tmp_path)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert '"odd.parquet"' in text
    assert "HOME" not in text


def test_the_files_of_the_user_stay_as_they_are(tmp_path: Path) -> None:
    city(tmp_path)
    before = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in tmp_path.iterdir()}
    write_template(tmp_path, language="es")
    after = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in tmp_path.iterdir()}
    assert after.keys() - before.keys() == {"study.toml"}
    assert before.items() <= after.items()


def test_an_existing_study_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("mine")
    with pytest.raises(ConfigError) as refused:
        write_template(tmp_path, language="es")
    assert [one.code for one in refused.value.problems] == ["init_exists"]
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "city").write_text("a file")
    with pytest.raises(ConfigError) as refused:
        write_template(tmp_path / "city", language="en")
    assert [one.code for one in refused.value.problems] == ["init_failed"]


def test_polygons_without_crs_get_a_marked_line(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "barrios.gpkg").unlink()
    areas().to_file(tmp_path / "barrios.shp")
    (tmp_path / "barrios.prj").unlink()
    _, found, written = proposed(tmp_path)
    assert "crs_absent" in codes(found)
    assert "crs" not in written["neighbourhoods"]
    assert re.search(r"^# crs = .*# COMPLETE: ", (tmp_path / "study.toml").read_text(encoding="utf-8"), re.MULTILINE)


def test_without_population_the_blank_is_named(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "censo.csv").unlink()
    _, found, written = proposed(tmp_path)
    assert written["neighbourhoods"]["population"] == "???"
    assert written["zones"] == {"centre_ids": ["???"]}
    assert "column_unknown" in codes(found)
    assert all("???" in one.say() for one in found.errors)


@pytest.mark.parametrize("side", ["table", "polygons"])
def test_lost_zeros_are_filled_up(tmp_path: Path, side: str) -> None:
    polygons, table = areas(), census()
    changed = table if side == "table" else polygons
    changed["codigo"] = [one.lstrip("0") for one in IDS]
    VECTOR_WRITERS["gpkg"](polygons, tmp_path)
    TABLE_WRITERS["csv"](table, tmp_path)
    stations().to_csv(tmp_path / "comisarias.csv", index=False)
    check_small_city(tmp_path)


def test_running_numbers_do_not_join_by_chance(tmp_path: Path) -> None:
    city(tmp_path)
    VECTOR_WRITERS["gpkg"](areas().assign(codigo=range(1, 7)), tmp_path)
    pd.DataFrame({"orden": range(1, 7), "poblacion": PEOPLE}).to_csv(tmp_path / "censo.csv", index=False)
    _, _, written = proposed(tmp_path)
    assert "tables" not in written["neighbourhoods"]


def test_a_table_of_part_of_the_city_and_of_elsewhere_marks_its_decisions(tmp_path: Path) -> None:
    city(tmp_path)
    income = pd.DataFrame({"codigo": [*IDS[:4], "050199"], "ingreso": [5.0, 4.0, 3.0, 2.0, 1.0]})
    income.to_csv(tmp_path / "ingreso.csv", index=False)
    study, found, _ = proposed(tmp_path)
    assert study is None
    assert codes(found) == ["table_partial", "table_stale"]
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert re.findall(r"^# (\w+) = .*# COMPLETE: ", text, re.MULTILINE) == ["missing", "extra"]


def test_zones_of_a_joined_table(tmp_path: Path) -> None:
    city(tmp_path)
    zones = pd.DataFrame({"codigo": IDS, "Zona": ["Centro", "Norte", "Norte", "Sur", "Sur", "Sur"]})
    zones.to_csv(tmp_path / "zonas.csv", index=False)
    study, found, written = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    assert written["zones"] == {"column": "zona", "centre": ["Centro"]}
    assert study.zones.reindex(IDS).eq("centre").tolist() == [True, *[False] * 5]


def test_a_zone_column_without_a_word_for_centre_asks_for_it(tmp_path: Path) -> None:
    city(tmp_path)
    VECTOR_WRITERS["gpkg"](areas().assign(zona=list("AABBBB")), tmp_path)
    study, found, written = proposed(tmp_path)
    assert study is None
    assert written["zones"] == {"column": "zona", "centre": ["???"]}
    assert codes(found) == ["zones_words_unknown"]


def test_the_polygon_of_the_casco_draws_the_line(tmp_path: Path) -> None:
    city(tmp_path)
    areas().iloc[:1].to_file(tmp_path / "casco_urbano.geojson")
    study, found, written = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    assert written["zones"] == {"path": "casco_urbano.geojson"}
    assert study.zones.reindex(IDS).eq("centre").tolist() == [True, *[False] * 5]


def test_posts_in_metres_are_taken_in_the_crs_of_the_polygons(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "comisarias.csv").unlink()
    posts = pd.DataFrame({"este": [580_500, 581_500], "norte": [8_540_500, 8_540_500], "serenos": [3, 4]})
    posts.to_csv(tmp_path / "serenazgo.csv", index=False)
    study, found, written = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    assert written["layers"][0] | {"path": ""} == {
        "name": "serenazgo",
        "body": "serenazgo",
        "kind": "posts",
        "path": "",
        "x": "este",
        "y": "norte",
        "crs": UTM,
        "staff": "serenos",
    }
    assert study.layers[0].amount.reindex(IDS).tolist() == [3, 4, 0, 0, 0, 0]


def test_points_of_an_unknown_body_are_a_blank(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "comisarias.csv").unlink()
    points = stations().rename(columns={"policias": "valor"})
    gpd.GeoDataFrame(points, geometry=gpd.points_from_xy(points.lon, points.lat), crs=4326).to_file(
        tmp_path / "locales.gpkg"
    )
    study, found, written = proposed(tmp_path)
    assert study is None
    assert written["layers"][0]["body"] == "???"
    assert "layers[1].body" in [one.values["key"] for one in found.errors]


def test_staff_columns_of_a_single_table_become_layers(tmp_path: Path) -> None:
    VECTOR_WRITERS["gpkg"](areas(), tmp_path)
    census().assign(policias=[5, 1, 1, 0, 0, 0], serenos=[2, 2, 0, 0, 0, 1]).to_csv(tmp_path / "datos.csv", index=False)
    study, found, _ = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    assert {one.name: one.amount.sum() for one in study.layers} == {"police": 7, "serenazgo": 5}
    assert list(study.city.covariates) == ["pobreza"]


def test_a_layer_and_a_sheet_are_chosen_where_a_file_has_several(tmp_path: Path) -> None:
    file = tmp_path / "municipio.gpkg"
    areas().to_file(file, layer="barrios")
    posts = stations()
    points = gpd.GeoDataFrame(
        posts[["nombre", "policias"]], geometry=gpd.points_from_xy(posts.lon, posts.lat), crs=4326
    )
    points.to_file(file, layer="comisarias")
    with pd.ExcelWriter(tmp_path / "censo.xlsx") as book:
        pd.DataFrame({"Nota": ["INEI"]}).to_excel(book, sheet_name="Leer", index=False)
        census().to_excel(book, sheet_name="Datos", index=False)
    _, _, written = proposed(tmp_path)
    assert written["neighbourhoods"]["layer"] == "barrios"
    assert written["neighbourhoods"]["tables"][0]["sheet"] == "Datos"
    assert written["layers"][0]["layer"] == "comisarias"
    _forget(tmp_path)
    check_small_city(tmp_path)


def test_awkward_names_are_tidied_and_kept_apart(tmp_path: Path) -> None:
    city(tmp_path)
    awkward = pd.DataFrame({"codigo": IDS, '2017 "NBI" \\ %': range(6), "Índice é": range(6), "indice e": range(6)})
    awkward.to_csv(tmp_path / "otros.csv", index=False)
    study, found, written = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    names = {name for one in written["neighbourhoods"]["tables"] for name in one["columns"]}
    assert names == {"population", "pobreza", "c_2017_nbi", "indice_e", "indice_e_2"}


@given(st.text())
def test_any_text_is_quoted_as_toml_reads_it(value: str) -> None:
    assert tomllib.loads(f"key = {quoted(value)}")["key"] == value
    assert "\n" not in quoted(value)
    assert json.loads(quoted(value)) == value


def test_numbers_that_can_be_read_in_two_ways_mark_the_decision(tmp_path: Path) -> None:
    city(tmp_path)
    people = ["6,000", "1,000", "1,200", "700", "800", "500"]
    pd.DataFrame({"codigo": IDS, "poblacion": people}).to_csv(tmp_path / "censo.csv", index=False)
    study, found, written = proposed(tmp_path)
    assert study is None
    assert "numbers_ambiguous" in codes(found)
    assert written["neighbourhoods"]["tables"][0]["columns"] == {"population": "poblacion"}
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    assert re.search(r'^# decimal = ".".*# COMPLETE: ', text, re.MULTILINE)


def test_stations_without_coordinates_stand_where_they_declare(tmp_path: Path) -> None:
    city(tmp_path)
    posts = pd.DataFrame({"distrito": ["050102", "050102", "050106"], "efectivos": [4, 1, 7]})
    posts.to_csv(tmp_path / "comisarias.csv", index=False)
    study, found, written = proposed(tmp_path)
    assert study is not None, [one.say() for one in found.errors]
    assert (written["layers"][0]["id"], written["layers"][0]["staff"]) == ("distrito", "efectivos")
    assert study.layers[0].amount.reindex(IDS).tolist() == [0, 5, 0, 0, 0, 7]
