"""The study file: every way in which it says something else is one problem in the user's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from city import City, command, digests
from secequity.checks import Findings
from secequity.config import read_config
from spoiling import Previous, finished


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Previous:
    return finished(tmp_path_factory.mktemp("good"))


def said(path: Path) -> list[str]:
    """The problems of a study file, in English; each must exist in Spanish too."""
    found = Findings()
    config = read_config(path, found)
    assert (config is None) == bool(found.errors)
    for one in found.errors:
        assert one.say("es") != one.say("en")
    return [one.say("en") for one in found.errors]


GOOD: dict[str, dict[str, Any]] = {
    "study": {"title": "Ciudad"},
    "neighbourhoods": {"path": "b.gpkg", "id": "i", "population": "p"},
    "zones": {"centre_ids": ["1"]},
}

WRONG: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "unknown key": ("neighbourhoods", {"poblacion": "p"}, ["unknown key neighbourhoods.poblacion", "population?"]),
    "number for text": ("study", {"title": 5}, ["study.title = 5 is not allowed"]),
    "no such language": ("study", {"language": "qu"}, ['study.language = "qu"', "es, en"]),
    "negative seed": ("study", {"seed": -1}, ["study.seed = -1", "≥ 0"]),
    "words for a seed": ("study", {"seed": "siete"}, ['study.seed = "siete"', "1, 2, 3"]),
    "ids without quotes": ("zones", {"centre_ids": [50101]}, ["zones.centre_ids[1] = 50101", '["050101", "050104"]']),
    "one id in no list": ("zones", {"centre_ids": "050101"}, ['zones.centre_ids = "050101"', '["050101"']),
    "two ways": ("zones", {"density_per_km2": 9}, ["exactly one way", "given: centre_ids, density_per_km2"]),
    "a way too many keys": ("zones", {"radius_m": 9}, ["in [zones], point and radius_m go together"]),
    "infinite scale": ("neighbourhoods", {"population_scale": float("inf")}, ["neighbourhoods.population_scale = inf"]),
    "separator": ("neighbourhoods", {"separator": ";;"}, ['neighbourhoods.separator = ";;"']),
    "encoding": ("neighbourhoods", {"encoding": "ansi-x"}, ['neighbourhoods.encoding = "ansi-x"', "cp1252"]),
    "a section of the wrong kind": ("study", {"crs": {"a": 1}}, ["study.crs = "]),
}


def toml(sections: dict[str, dict[str, Any]], layers: list[dict[str, Any]]) -> str:
    from city import written

    return written(sections | {"layers": layers}).replace("Infinity", "inf")


LAYER = {"name": "police", "body": "police", "kind": "posts", "path": "c.csv", "x": "x", "y": "y"}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_key(name: str, tmp_path: Path) -> None:
    section, keys, parts = WRONG[name]
    sections = {one: dict(values) for one, values in GOOD.items()}
    sections[section] |= keys
    (tmp_path / "study.toml").write_text(toml(sections, [LAYER]), encoding="utf-8")
    (message,) = said(tmp_path / "study.toml")
    for part in ["study.toml", *parts]:
        assert part in message


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"kind": "post"}, 'layers[1].kind = "post"'),
        ({"body": "polizia"}, 'layers[1].body = "polizia"'),
        ({"name": "año nuevo"}, 'layers[1].name = "año nuevo"'),
        ({"name": "zone"}, "a layer cannot be called zone"),
        ({"y": None}, "x and y go together"),
        ({"path": None}, "[layers[1]] lacks path"),
        ({"kind": "counts"}, "[layers[1]] lacks staff"),
        ({"kind": "counts", "staff": "n"}, "[layers[1]] lacks id"),
        ({"staff": "a", "column": "b"}, "gives both staff and column"),
        ({"hours_per_week": 0}, "layers[1].hours_per_week = 0"),
        ({"hours_per_week": 169}, "≤ 168"),
        ({"missing": "zero"}, "error, keep"),
        ({"staf": "n"}, "unknown key layers[1].staf → staff?"),
    ],
)
def test_a_wrong_layer(change: dict[str, Any], part: str, tmp_path: Path) -> None:
    layer = {key: value for key, value in (LAYER | change).items() if value is not None}
    (tmp_path / "study.toml").write_text(toml(GOOD, [layer]), encoding="utf-8")
    (message,) = said(tmp_path / "study.toml")
    assert part in message


@pytest.mark.parametrize("weights", ["rok", "knn:0", "knn", "distance:0", "distance:0.0", "distance:-5"])
def test_no_such_weights(weights: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        toml(GOOD | {"autocorrelation": {"weights": weights}}, [LAYER]), encoding="utf-8"
    )
    (message,) = said(tmp_path / "study.toml")
    assert "queen, rook, knn:4, distance:1500" in message


@pytest.mark.parametrize("weights", ["queen", "rook", "knn:12", "distance:1500", "distance:0.5", "distance:10.25"])
def test_such_weights(weights: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        toml(GOOD | {"autocorrelation": {"weights": weights}}, [LAYER]), encoding="utf-8"
    )
    assert said(tmp_path / "study.toml") == []


def test_every_mistake_at_once_and_none_twice(tmp_path: Path) -> None:
    """A misspelt section is also a missing one; only the spelling is told."""
    text = toml({"study": {"titel": "x"}, "neighbourhood": GOOD["neighbourhoods"], "zones": {}}, [LAYER, LAYER])
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    messages = said(tmp_path / "study.toml")
    assert len(messages) == 3
    assert any("unknown key study.titel → title?" in one for one in messages)
    assert any("unknown key neighbourhood → neighbourhoods?" in one for one in messages)
    assert any("exactly one way" in one for one in messages)


def test_missing_sections_and_layers(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('[study]\ntitle = "x"\n', encoding="utf-8")
    messages = said(tmp_path / "study.toml")
    assert ["[neighbourhoods]" in messages[0], "[zones]" in messages[1], "[[layers]]" in messages[2]] == [True] * 3
    assert len(messages) == 3


def test_layers_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(toml(GOOD, [LAYER, LAYER]), encoding="utf-8")
    assert said(tmp_path / "study.toml") == [
        "study.toml: two layers have the same name · police · give each layer a name of its own"
    ]


def test_a_norm_needs_its_source(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(toml(GOOD | {"equity": {"norm_per_1000": 3}}, [LAYER]), encoding="utf-8")
    (message,) = said(tmp_path / "study.toml")
    assert "norm_per_1000 in [equity] does not say where it comes from" in message
    assert "no UN police ratio" in message


NOT_TOML: dict[str, tuple[bytes, list[str]]] = {
    "leading zero": (b"[zones]\ncentre_ids = [050101]\n", ["#2: centre_ids = [050101]", '("050101")']),
    "Windows path": (b'[neighbourhoods]\npath = "C:\\datos\\barrios.shp"\n', ["#2: path =", "paths use /"]),
    "no quotes": ("[study]\ntitle = Cañete\n".encode(), ["#2: title = Cañete", "between quotes"]),
    "cut off": (b'[study]\ntitle = "Ayacucho', ["#2", "correct that line"]),
    "twice": (b'[study]\ntitle = "a"\n[study]\ntitle = "b"\n', ["#3: [study]"]),
    "cp1252": ("[study]\ntitle = 'Ñaña'\n".encode("cp1252"), ["not saved as UTF-8", "#2", "encoding UTF-8"]),
    "UTF-16": ("[study]\ntitle = 'x'\n".encode("utf-16"), ["not saved as UTF-8", "#1"]),
    "NUL": (b"[study]\ntitle = 'a\x00b'\n", ["#2"]),
}


@pytest.mark.parametrize("name", NOT_TOML)
def test_not_toml(name: str, tmp_path: Path, previous: Previous) -> None:
    content, parts = NOT_TOML[name]
    (tmp_path / "study.toml").write_bytes(content)
    out, before = previous
    done = command("run", tmp_path / "study.toml", "--out", out, "--language", "en")
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    for part in ["study.toml", *parts]:
        assert part in done.stderr
    assert digests(out) == before


def test_an_empty_study_file(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(b"")
    messages = said(tmp_path / "study.toml")
    assert len(messages) == 4
    assert "the section [study] is missing · add it; secequity init" in messages[0]


def test_a_folder_is_no_study_file(tmp_path: Path) -> None:
    (message,) = said(tmp_path)
    assert message.endswith(f"is a folder, not a study file · name the file inside it: {tmp_path}/study.toml")


def test_windows_line_ends_and_mark(tmp_path: Path) -> None:
    text = toml(GOOD, [LAYER]).replace("\n", "\r\n")
    (tmp_path / "study.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert said(tmp_path / "study.toml") == []


def test_an_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(tmp_path)
    city.joined["path"] = "$MIS_DATOS/censo.csv"
    problem = city.errors()["variable_unset"]
    assert problem.say() == (
        "neighbourhoods.tables: the path $MIS_DATOS/censo.csv needs the environment variable MIS_DATOS, "
        "which is not set · set it: export MIS_DATOS=/folder/of/the/data"
    )
    monkeypatch.setenv("MIS_DATOS", str(tmp_path))
    assert city.read().sources[1].file == "$MIS_DATOS/censo.csv"


def test_a_path_of_windows(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.joined["path"] = "datos\\censo.csv"
    assert "→ datos/censo.csv?" in city.errors()["file_absent"].say()


def test_languages_of_messages(tmp_path: Path, previous: Previous) -> None:
    """The language of the study file, unless the command line says another."""
    city = City(tmp_path)
    city.study["study"]["language"] = "es"
    city.neighbourhoods["id"] = "ubijeo"
    out, _ = previous
    assert "nombra la columna «ubijeo», que no existe → ubigeo?" in command("run", city.file(), "--out", out).stderr
    assert "names the column" in command("run", city.file(), "--out", out, "--language", "en").stderr
