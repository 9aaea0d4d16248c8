"""The defects of real public data: each refused with its name, or mended and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city import command, digests, written
from secequity.errors import Problem
from secequity.study import Study, inspect_study

pytestmark = pytest.mark.real

POLICE = {"body": "police", "x": "lon", "y": "lat", "crs": "EPSG:4326", "kind": "posts", "staff": "policias_total"}


class Peru:
    """A study of Lima or Ayacucho on the real files, to be changed and refused."""

    def __init__(self, data: Path, place: str, folder: Path) -> None:
        self.data, self.folder = data / place, folder
        centre = {"peru_lima": "150101", "peru_ayacucho": "050101"}[place]
        self.sections: dict[str, Any] = {
            "study": {"title": "Perú", "language": "en"},
            "neighbourhoods": {"path": self.at("distritos_2017.geojson"), "id": "ubigeo", "name": "distr",
                               "population": "people"},
            "neighbourhoods.tables": [{"path": self.at("censo2017_distritos.csv"), "id": "ubigeo",
                                       "columns": {"people": "poblacion_2017"}}],
            "zones": {"centre_ids": [centre]},
            "layers": [{"name": "police", "path": self.at("comisarias_2017.csv"), "post_name": "nombre"} | POLICE],
        }  # fmt: skip

    def at(self, name: str) -> str:
        return str(self.data / name)

    def join(self, name: str, identity: str, **keys: Any) -> None:
        path = name if "/" in name else self.at(name)
        self.sections["neighbourhoods.tables"].append({"path": path, "id": identity} | keys)

    def inspect(self) -> tuple[Study | None, dict[str, Problem]]:
        (self.folder / "study.toml").write_text(written(self.sections), encoding="utf-8")
        study, found = inspect_study(self.folder / "study.toml")
        return study, {one.code: one for one in (found.errors or found.notices)}

    def refused(self) -> dict[str, Problem]:
        """The problems, which the command line must tell with exit code 1 and without writing anything."""
        study, problems = self.inspect()
        assert study is None
        before = digests(self.folder)
        done = command("run", self.folder / "study.toml", "--out", self.folder / "out")
        assert done.exit_code == 1
        assert "Traceback" not in done.output
        for one in problems.values():
            assert one.say("en") in done.stderr
        assert digests(self.folder) == before
        return problems

    def read(self) -> Study:
        study, problems = self.inspect()
        assert study is not None, problems
        return study


@pytest.fixture
def lima(data_folder: Path, tmp_path: Path) -> Peru:
    return Peru(data_folder, "peru_lima", tmp_path)


@pytest.fixture
def ayacucho(data_folder: Path, tmp_path: Path) -> Peru:
    return Peru(data_folder, "peru_ayacucho", tmp_path)


def old_limits(study: Peru) -> None:
    keys = {"path": study.at("distritos_2007_simplificado.geojson"), "id": "IDDIST", "name": "NOMBDIST"}
    study.sections["neighbourhoods"] |= keys


def test_stale_boundaries_of_ayacucho(ayacucho: Peru) -> None:
    """Andrés Avelino Cáceres, made in 2013, is not dropped and its people are not its neighbour's."""
    old_limits(ayacucho)
    problems = ayacucho.refused()
    assert set(problems) == {"table_stale"}
    assert problems["table_stale"].which == ("050116",)
    assert "lacks, with 28\u202f472 people: the boundaries may be older than the table" in problems["table_stale"].say()


def test_stale_boundaries_and_absent_polygons_of_lima(lima: Peru) -> None:
    """Mi Perú, made in 2014; two districts of the old file have no geometry."""
    old_limits(lima)
    problems = lima.refused()
    assert set(problems) == {"table_stale", "geometry_empty"}
    assert problems["table_stale"].which == ("070107",)
    assert "with 45\u202f297 people" in problems["table_stale"].say()
    assert problems["geometry_empty"].which == ("070105", "150137")


@pytest.mark.parametrize("place", ["peru_lima", "peru_ayacucho"])
def test_ids_read_as_numbers(place: str, data_folder: Path, tmp_path: Path) -> None:
    study = Peru(data_folder, place, tmp_path)
    census = pd.read_csv(study.at("censo2017_distritos.csv"))
    assert census["ubigeo"].dtype.kind == "i"
    census.to_csv(tmp_path / "censo.csv", index=False)
    study.sections["neighbourhoods.tables"][0]["path"] = "censo.csv"
    problems = study.refused()
    assert set(problems) == {"table_lost_zeros"}
    assert "zero_pad = 6 in the section of censo.csv" in problems["table_lost_zeros"].say()
    study.sections["neighbourhoods.tables"][0]["zero_pad"] = 6
    total = {"peru_lima": 9_569_468, "peru_ayacucho": None}[place] or census["poblacion_2017"].sum()
    assert study.read().city.frame["population"].sum() == total


def test_the_other_code_system(lima: Peru) -> None:
    lima.join("indicadores_distritos.csv", "reniec", columns={"poverty": "pct_pobreza_total"})
    problems = lima.refused()
    assert set(problems) == {"table_no_match"}
    assert "indicadores_distritos.csv: none of the ids of column “reniec”" in problems["table_no_match"].say()
    assert "INEI and RENIEC" in problems["table_no_match"].say()


def test_names_are_no_ids(lima: Peru) -> None:
    """Nine of the forty-three names differ by accents or Ñ: each is named with the district it means."""
    lima.sections["neighbourhoods"] |= {"id": "distr", "population": "ubigeo"}
    lima.sections["neighbourhoods.tables"] = []
    lima.sections["zones"] = {"centre_ids": ["LIMA"]}
    lima.join("zonas_lima.csv", "distrito", columns=["zona"])
    _, problems = lima.inspect()
    assert len(problems["table_spelling"].which) == 9
    assert {"BREÑA → BRENA?", "ANCÓN → ANCON?", "JESÚS MARÍA → JESUS MARIA?"} <= set(problems["table_spelling"].which)
    assert 'aliases = { "ANCÓN" = "ANCON"' in problems["table_spelling"].say()
    assert problems["table_partial"].values["count"] == 7


def test_staff_counted_twice(lima: Peru, tmp_path: Path) -> None:
    """A third party's totals beside those of the stations: about twice as many in 49 districts."""
    city = lima.read().city.frame["name"].replace("BRENA", "BREÑA")
    wrong = pd.read_csv(lima.at("pnp_benchmark_2017_doble_conteo.csv"))
    wrong["ubigeo"] = wrong["DISTRITO"].map(dict(zip(city, city.index, strict=True)))
    wrong.to_csv(tmp_path / "doble.csv", index=False)
    declared = lima.sections["layers"][0]
    for key in ("x", "y", "crs"):
        del declared[key]
    declared["id"] = "ubigeo"
    layer = {"name": "twice", "body": "police", "kind": "counts", "path": "doble.csv", "id": "ubigeo"}
    lima.sections["layers"].append(layer | {"staff": "EFECTIVOS"})
    right, double = (one.amount for one in lima.read().layers)
    ratio = double / right
    assert ratio.between(1.85, 2.0).sum() >= 49
    assert ratio[ratio > 1.8].mean() == pytest.approx(1.98, abs=0.01)


@pytest.mark.parametrize("name", ["cenacom_cap100", "cenacom_cap600", "faltas_cap100"])
def test_shifted_columns_and_nul_bytes(name: str, ayacucho: Peru, data_folder: Path) -> None:
    raw = data_folder / "peru_cenacom_raw" / f"{name}_desalineado.csv"
    ayacucho.sections["layers"][0]["path"] = str(raw)
    problems = ayacucho.refused()
    assert set(problems) == {"table_nul"}
    assert f"{raw.name}: the table holds NUL bytes, so its columns may be shifted" in problems["table_nul"].say()
    assert "2, 3, 4, 5, 6 … (1\u202f" in problems["table_nul"].say()


def test_missing_is_not_zero(ayacucho: Peru) -> None:
    """Two metropolitan districts have no figure of members of juntas vecinales."""
    layer = ayacucho.sections["layers"][0]
    layer |= {"staff": "jv_integrantes"}
    ayacucho.sections["neighbourhoods"]["ids"] = ["050101", "050104", "050110", "050115", "050116"]
    problems = ayacucho.refused()
    assert set(problems) == {"counts_missing"}
    layer["missing"] = "keep"
    amount = ayacucho.read().layers[0].amount
    assert amount.isna().to_dict() == {
        "050101": False, "050104": False, "050110": True, "050115": False, "050116": True,
    }  # fmt: skip


def test_the_census_total_is_the_published_one(lima: Peru) -> None:
    """No national block in the last district and no district of migrants only."""
    lima.sections["neighbourhoods.tables"][0]["columns"]["migrants"] = "pct_migrante_reciente"
    city = lima.read().city
    assert city.frame["population"].sum() == 9_569_468
    assert city.covariates["migrants"].max() < 50


def buenos_aires(data: Path, folder: Path) -> Peru:
    study = Peru.__new__(Peru)
    study.data, study.folder = data / "argentina_buenos_aires", folder
    study.sections = {
        "study": {"title": "Buenos Aires", "language": "en"},
        "neighbourhoods": {"path": study.at("barrios.geojson"), "id": "BARRIO", "name": "BARRIO",
                           "population": "POBLACION"},
        "neighbourhoods.tables": [{"path": study.at("poblacion_barrios_2010.csv"), "id": "BARRIO"}],
        "zones": {"point": [-58.3731, -34.6083], "radius_m": 3000},
        "layers": [{"name": "crimes", "body": "police", "kind": "posts", "path": study.at("delitos_2017_T4.csv"),
                    "x": "longitud", "y": "latitud", "crs": "EPSG:4326", "unit": "crime"}],
    }  # fmt: skip
    return study


def test_crimes_at_zero(data_folder: Path, tmp_path: Path) -> None:
    study = buenos_aires(data_folder, tmp_path)
    problems = study.refused()
    assert set(problems) == {"posts_at_zero"}
    assert len(problems["posts_at_zero"].which) == 86
    study.sections["layers"][0]["missing"] = "keep"
    read, notices = study.inspect()
    assert read is not None
    outside = notices["posts_outside"].which if "posts_outside" in notices else ()
    assert read.layers[0].amount.sum() + len(outside) == 31_994 - 86


def test_misspelt_barrios(data_folder: Path, tmp_path: Path) -> None:
    study = buenos_aires(data_folder, tmp_path)
    crimes = pd.read_csv(study.at("delitos_2017_T4.csv")).dropna(subset="barrio")
    crimes.groupby("barrio").size().rename("n").reset_index().to_csv(tmp_path / "delitos.csv", index=False)
    layer = {"name": "crimes", "body": "police", "kind": "counts", "path": "delitos.csv", "id": "barrio", "staff": "n"}
    study.sections["layers"] = [layer | {"unit": "crime"}]
    problems = study.refused()
    assert set(problems) == {"table_spelling"}
    assert set(problems["table_spelling"].which) == {
        "MONTSERRAT → MONSERRAT?",
        "COGHLAND → COGHLAN?",
        "LA BOCA → BOCA?",
        "VILLA GRAL MITRE → VILLA GRAL. MITRE?",
    }
    wrong = dict(pair.rstrip("?").split(" → ") for pair in problems["table_spelling"].which)
    study.sections["layers"][0]["aliases"] = wrong
    assert study.read().layers[0].amount.sum() == len(crimes)


def test_broken_letters_of_bogota(data_folder: Path, tmp_path: Path) -> None:
    study = Peru.__new__(Peru)
    study.data, study.folder = data_folder / "colombia_bogota", tmp_path
    quadrants = pd.read_csv(study.at("cuadrantes_policia.csv"))
    people = quadrants.groupby("localidad")[["poblacion"]].first().reset_index()
    people.to_csv(tmp_path / "localidades.csv", index=False)
    study.sections = {
        "study": {"title": "Bogotá", "language": "en"},
        "neighbourhoods": {"path": study.at("localidades.geojson"), "id": "LocNombre", "population": "poblacion"},
        "neighbourhoods.tables": [{"path": "localidades.csv", "id": "localidad"}],
        "zones": {"centre_ids": ["CANDELARIA"]},
        "layers": [{"name": "q", "body": "police", "kind": "counts", "path": "localidades.csv", "id": "localidad",
                    "staff": "poblacion", "missing": "keep"}],
    }  # fmt: skip
    problems = study.refused()
    assert "ANTONIO NARIÃ‘O → ANTONIO NARIÑO" in problems["mojibake"].say()
    study.sections["neighbourhoods"]["mojibake"] = "repair"
    problems = study.refused()
    assert set(problems["table_spelling"].which) == {
        "ANTONIO NARINO → ANTONIO NARIÑO?",
        "LA CANDELARIA → CANDELARIA?",
        "RAFAEL URIBE → RAFAEL URIBE URIBE?",
    }
    assert problems["table_partial"].which == ("SUMAPAZ",)
