"""Names, telephones, identity numbers, e-mail and homes are told from places, codes and counts in realistic files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from city import City, save
from conftest import HUAMANGA
from secequity import privacy

PLACES = [
    "Andrés Avelino Cáceres",
    "San Juan Bautista",
    "Santa Rosa de Lima",
    "Asociación José Carlos Mariátegui",
    "Jesús Nazareno",
    "Villa San Cristóbal",
    "Los Olivos",
    "Covadonga",
]


@pytest.mark.parametrize(
    ("column", "cells", "kind"),
    [
        ("observaciones", ["sin novedad", "avisar a jquispe@correo.pe"], "email"),
        ("contacto", ["966 123 456", "987 654 321"], "phone"),
        ("contacto", ["+56 9 8765 4321", "–"], "phone"),
        ("celular", ["966123456", "987654321"], "phone"),
        ("fono", [966123456.0, None], "phone"),
        ("dato", ["966123456", "987654321", "945112233"], "phone"),
        ("DNI", ["28271923", "40112233"], "identity"),
        ("documento", ["40.112.233", "28.271.923"], "identity"),
        ("dato", ["28271923", "40112233", "10293847"], "identity"),
        ("nota", ["firmó con DNI 28271923", ""], "identity"),
        ("rut", ["12.345.678-5"], "identity"),
        ("nota", ["vecino 12.345.678-5"], "identity"),
        ("nota", ["529.982.247-25"], "identity"),
        ("dato", ["52998224725", "11144477735", "39053344705"], "identity"),
        ("clave", ["GOMC800101HDFLRR09"], "identity"),
        ("vecina", ["Rosa Quispe Huamán", "Julia Mendoza"], "name"),
        ("columna1", ["Quispe Huamán, Rosa", "Flores Mamani, Juan Carlos"], "name"),
        ("Apellidos", ["Ccorahua", "Ñaupari"], "name"),
        ("obs", ["asistió la Sra. Ccorahua", "nada"], "name"),
        ("responsable", ["junta", "junta", "MARÍA HUAMANÍ QUISPE"], "name"),
        ("direccion", ["Jr. Asamblea 245", "Mz. C Lote 12"], "home"),
        ("ubicación", ["-13.16041, -74.22572", "-13.15, -74.2"], "point"),
    ],
)
def test_a_column_about_people_is_named(column: str, cells: list[object], kind: str) -> None:
    assert privacy.personal_columns(pd.DataFrame({column: cells})) == {column: kind}


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("codigo", ["050101001", "050101002", "050101003"]),
        ("codigo_junta", ["28271923", "40112233", "10293847"]),
        ("fecha", ["20220103", "20220104", "20220211"]),
        ("fecha", ["2022-01-03", "03/02/2022", "2022-02-11"]),
        ("tipo", ["Ronda nocturna", "Reunión de junta vecinal", "Solicitud de patrullaje"]),
        ("personas", [12, 8, 30]),
        ("participantes", ["12", "8", "30"]),
        ("cuota", ["1 200.50", "1,025.00", "300"]),
        ("pct_pobreza_total", ["12.345678", "40.112233", "8.293847"]),
        ("local", ["Local comunal", "Losa deportiva", "Parque Simón Bolívar"]),
        ("telefono", [None, None]),
        ("direccion", ["norte", "sur"]),
        ("comisaria", ["Comisaría San Juan Bautista", "Comisaría Santa Ana"]),
    ],
)
def test_a_column_of_places_codes_and_counts_is_not(column: str, cells: list[object]) -> None:
    assert privacy.personal_columns(pd.DataFrame({column: cells})) == {}


def test_known_neighbourhoods_are_nobody() -> None:
    table = pd.DataFrame({"nombre": [*PLACES, "Andres Avelino Caceres"]})
    assert privacy.personal_columns(table, known=PLACES) == {}
    assert privacy.personal_columns(table, places=["nombre"]) == {}


def test_coordinates_are_points_unless_they_are_what_the_table_is_for() -> None:
    table = pd.DataFrame({"lon": [-74.2, -74.3], "Lat": ["-13,16", "-13,15"], "personas": [9, 8]})
    assert privacy.personal_columns(table) == {"lon": "point", "Lat": "point"}
    assert privacy.personal_columns(table, points=True) == {}
    assert privacy.personal_columns(table[["lon", "personas"]]) == {}


@pytest.mark.parametrize("file", ["participacion.csv", "presencia_juntas.csv", "guardias_privados.csv"])
def test_the_files_of_the_embedded_city_hold_nobody(file: str) -> None:
    table = pd.read_csv(HUAMANGA / file, dtype=str)
    assert privacy.personal_columns(table) == {}


LOG = pd.DataFrame(
    {
        "barrio": ["050101"],
        "tipo": ["Ronda"],
        "personas": [8],
        "horas": [2],
        "nombre": ["Rosa Quispe"],
        "dni": ["28271923"],
    }
)


def test_a_register_with_people_is_refused_and_its_columns_named(tmp_path: Path) -> None:
    city = City(tmp_path)
    save(LOG, tmp_path / "registro.csv")
    keys = {"id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas"}
    city.study["participation"] = {"path": "registro.csv"} | keys
    _, found = city.inspect()
    refused = [one for one in found.errors if one.code == "people_refused"]
    assert [one.which for one in refused] == [("nombre",), ("dni",)]
    for language in ("es", "en"):
        said = " ".join(one.say(language) for one in refused)
        assert "Quispe" not in said
        assert "28271923" not in said
    assert "números de documento" in refused[1].say("es")
    save(LOG.drop(columns=["nombre", "dni"]), tmp_path / "registro.csv")
    assert city.read().participation is not None


def test_a_count_of_residents_with_people_is_refused(tmp_path: Path) -> None:
    city = City(tmp_path)
    table = pd.DataFrame({"ubigeo": ["050101"], "personas": [8], "coordinadora": ["Rosa Quispe"]})
    city.counts(table, missing="keep")
    assert city.errors()["people_refused"].which == ("coordinadora",)
