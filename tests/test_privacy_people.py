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
    assert privacy.personal_columns(table[["lon", "personas"]]) == {"lon": "point"}


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


@pytest.mark.parametrize(
    ("column", "cells", "kind"),
    [
        ("nombre", ["Wilber Choquehuanca"], "name"),
        ("nombres", ["Xyomara", "Ñusta"], "name"),
        ("apellido", ["Zzyzx"], "name"),
        ("presidenta", ["Yeny T."], "name"),
        ("responsable", ["el del quiosco"], "name"),
        ("participantes", ["Wilber, Yeny y Justa"], "name"),
        ("dirigente", ["Tío Lucho"], "name"),
        ("vocal", ["Pocha"], "name"),
        ("alias", ["Chato"], "name"),
        ("apodo", ["la negra"], "name"),
        ("firma", ["garabato"], "name"),
        ("titular_del_puesto", ["Pocha"], "name"),
        ("c", ["Quispe", "Huamán", "Mamani"], "name"),
        ("c", ["Rosa", "Juan", "María"], "name"),
        ("c", ["R. Quispe", "J. Huamán", "M. Mamani"], "name"),
        ("direccion", ["altos del mercado"], "home"),
        ("domicilio", ["frente a la losa"], "home"),
        ("c", ["Jr. Asamblea 123", "Av. Mariscal Cáceres 450"], "home"),
        ("c", ["Av. 28 de Julio 450", ""], "home"),
        ("c", ["Calle 26 # 13-24"], "home"),
        ("nota", ["reunión en Mz A Lt 3"], "home"),
        ("tipo", ["Queja contra Jr. Lima N° 245"], "home"),
        ("celular", ["966 123456"], "phone"),
        ("tipo", ["Ronda con Wilber 987654321"], "phone"),
        ("fecha_nacimiento", ["1980-04-03"], "birth"),
        ("edad", [34, 51, 28], "birth"),
        ("placa", ["ABC-123"], "plate"),
        ("facebook", ["wilber.ch"], "account"),
        ("latitud", ["-13.16"], "point"),
        ("lon", ["-74.22"], "point"),
        ("X", ["583000.5", "583001.5"], "point"),
        ("este", ["583000", "583001"], "point"),
        ("ubicacion", ["-13.16, -74.22"], "point"),
        ("coordenadas", ["8545000 583000"], "point"),
        ("c", ["POINT (-74.2 -13.1)"], "point"),
        ("c", ["https://maps.app.goo.gl/x1"], "point"),
        ("nota", ["estamos en -13.16041, -74.22572"], "point"),
        ("c", ["57R9RQXX+2G"], "point"),
        ("c", [{"nombre": "Wilber"}], "nested"),
        ("c", ['{"n": "Rosa"}'], "nested"),
        ("c", [["Rosa", "Juan"]], "nested"),
    ],
)
def test_what_an_attacker_brought_in_is_refused(column: str, cells: list[object], kind: str) -> None:
    assert privacy.personal_columns(pd.DataFrame({column: cells})) == {column: kind}


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("nombre", ["Junta Vecinal Los Olivos", "JJVV Covadonga", "Comité de Vigilancia N° 3", "Asoc. Villa Sol"]),
        ("nombre_junta", ["Los Olivos", "Yuraq Yuraq", "Covadonga"]),
        ("organización", ["Club de Madres Santa Rosa", "Rondas urbanas de Covadonga"]),
        ("tipo_participante", ["varones", "mujeres", "mixto"]),
        ("participantes", ["mujeres", "jóvenes", "adultos mayores"]),
        ("firma", ["sí", "no"]),
        ("miembros", [12, 30, 8]),
        ("responsable", ["Municipalidad de San Juan Bautista", "Comisaría"]),
        ("grupo_edad", ["18 a 29", "30 a 59"]),
        ("edad", ["18-29", "60 a más"]),
        ("sector", ["norte", "sur", "este"]),
        ("este", ["sí", "no"]),
        ("x", ["1", "2", "3"]),
        ("lugar", ["Parque Sucre", "Av. 28 de Julio", "Jr. Lima cuadra 4", "Calle sin luz desde 2019"]),
        ("tipo", ["Memorial N° 123-2023", "Oficio 045", "Recolección de 120 firmas"]),
        ("cuota", ["12,50", "1.025,00"]),
    ],
)
def test_realistic_files_of_organisations_are_not(column: str, cells: list[object]) -> None:
    assert privacy.personal_columns(pd.DataFrame({column: cells})) == {}


@pytest.mark.parametrize("index", [["Rosa Quispe", "Juan Mamani", "Luz Rojas"], [28271923, 40112233, 10293847]])
def test_people_in_the_index_of_a_parquet_file_are_refused(index: list[object], tmp_path: Path) -> None:
    city = City(tmp_path)
    city.study["participation"] = {
        "path": "registro.parquet", "id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas"
    }  # fmt: skip
    log = pd.DataFrame({"barrio": ["050101", "050102", "050103"], "tipo": "Ronda", "personas": 8, "horas": 2.0})
    log.set_axis(index).to_parquet(tmp_path / "registro.parquet")
    refused = city.errors()["people_refused"]
    assert refused.which == ("index",)
    log.iloc[::-1].to_parquet(tmp_path / "registro.parquet")
    assert city.read().participation is not None


@pytest.mark.parametrize("key", ["id", "activity", "people", "hours", "date", "support", "officials"])
def test_messages_never_show_the_cells_of_a_register(key: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    keys = {"id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas", "date": "fecha",
            "support": "apoyo", "officials": "autoridad"}  # fmt: skip
    row = {"barrio": "050101", "tipo": "Ronda", "personas": 8, "horas": 2, "fecha": "2023-01-02", "apoyo": "no"}
    log = pd.DataFrame([row | {"autoridad": "no", "columna": one} for one in ("Zzyzx Ticlla", "Ñusta Oqo")])
    save(log, tmp_path / "registro.csv")
    city.study["participation"] = {"path": "registro.csv"} | keys | {key: "columna"}
    _, found = city.inspect()
    said = " ".join(one.say(language) for one in (*found.errors, *found.notices) for language in ("es", "en"))
    assert found.errors
    assert not any(word in said for word in ("Zzyzx", "Ticlla", "Ñusta", "Oqo"))
