"""Real layers of every kind: what they give is what the files hold, counted in another way."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pytest import approx

from city import written
from secequity.study import Study, read_study

pytestmark = pytest.mark.real

STUDIES = Path(__file__).parents[1] / "data" / "studies"
LIMA_METRES = "EPSG:32718"


def test_lima_patrol_staff_stands_where_the_polygons_say(data_folder: Path) -> None:
    """149 stations by the polygon their data set was found to lie in; eight of them declare no patrol at all."""
    study = read_study(STUDIES / "lima.toml")
    patrol = next(one for one in study.layers if one.name == "patrol").amount
    expected: dict[str, float] = defaultdict(float)
    with (data_folder / "peru_lima" / "comisarias_2017.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            expected[row["ubigeo_poligono"]] += float(row["patrullaje_motorizado"]) + float(row["patrullaje_pie"])
    assert len(expected) == 50
    assert patrol.to_dict() == approx(dict(expected))


def lima_with(layer: str, folder: Path) -> Study:
    """The study of Lima with another layer in place of its own."""
    text = (STUDIES / "lima.toml").read_text(encoding="utf-8")
    head, tail = text.split("[[layers]]")[0], text[text.index("[equity]") :]
    (folder / "study.toml").write_text(head + layer + tail, encoding="utf-8")
    return read_study(folder / "study.toml")


def test_lima_within_reach_loses_nobody(data_folder: Path, tmp_path: Path) -> None:
    """12,380 police: those who reach anyone are handed out whole, the others are said."""
    keys = {
        "name": "police", "body": "police", "kind": "posts", "x": "lon", "y": "lat", "crs": "EPSG:4326",
        "id": "ubigeo", "staff": "policias_total", "path": "$SECEQUITY_DATA/peru_lima/comisarias_2017.csv",
        "reach": {"method": "catchment", "radius_m": 5000, "decay": "gaussian"},
    }  # fmt: skip
    study = lima_with(written({"layers": [keys]}), tmp_path)
    unused = sum(one.values["amount"] for one in study.notices if one.code == "catchment_unused")
    assert study.layers[0].amount.sum() + unused == approx(12_380)
    assert study.layers[0].amount.notna().all()


def test_pueblo_libre_on_foot(data_folder: Path, tmp_path: Path) -> None:
    """Two officers along each of 1,244 streets once a week at 4 km/h: half an hour a kilometre, none lost."""
    path = data_folder / "peru_lima" / "calles_osm_pueblo_libre_2024.geojson"
    route = {"times_per_week": 1, "crew": 2, "speed_kmh": 4}
    keys = {"name": "rounds", "body": "police", "kind": "routes", "path": str(path), "route": route}
    study = lima_with(written({"layers": [keys]}), tmp_path)
    layer = study.layers[0]
    streets = gpd.read_file(path).to_crs(LIMA_METRES)
    assert len(streets) == 1244
    km = streets.length.sum() / 1000
    assert km == approx(231.66, abs=0.01)
    outside = sum(one.values["amount"] for one in study.notices if one.code == "routes_outside")
    assert layer.amount.sum() + outside == approx(km / 2)
    assert layer.more["km_per_week"].sum() == approx(km, rel=1e-6)
    districts = gpd.read_file(data_folder / "peru_lima" / "distritos_2017.geojson").set_index("ubigeo")
    name = districts["distr"][layer.amount.idxmax()]
    assert name == "PUEBLO LIBRE"
    assert layer.amount.max() == approx(_within(streets, districts, name) / 2000, rel=0.06)


def _within(streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, name: str) -> float:
    """Metres of street cut at the district's line, without sharing what runs along it."""
    polygon = districts[districts["distr"] == name].to_crs(streets.crs).geometry.iloc[0]
    return float(streets.intersection(polygon).length.sum())


def test_bogota_measured_minutes(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,050 quadrants summed by hand; names meet through aliases and repaired letters; nobody is left out."""
    squares = pd.read_csv(data_folder / "colombia_bogota" / "cuadrantes_policia.csv")
    table = squares.assign(minutos=squares["tpat_min"] * squares["N"]).groupby("localidad")
    summed = table.agg(poblacion=("poblacion", "first"), minutos=("minutos", "sum"))
    summed.to_csv(tmp_path / "bogota_localidades.csv")
    monkeypatch.setenv("SECEQUITY_TABLES", str(tmp_path))
    study = read_study(STUDIES / "bogota.toml")
    minutes: dict[str, float] = defaultdict(float)
    with (data_folder / "colombia_bogota" / "cuadrantes_policia.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        minutes[row["localidad"]] += float(row["tpat_min"]) * float(row["N"])
    assert len(rows) == 1050
    amount = study.layers[0].amount
    assert len(amount) == len(minutes) == 19
    assert amount.sum() == approx(sum(minutes.values()))
    assert amount["ANTONIO NARIÑO"] == approx(minutes["ANTONIO NARINO"])
    assert amount["RAFAEL URIBE URIBE"] == approx(minutes["RAFAEL URIBE"])
    assert amount["CANDELARIA"] == approx(minutes["LA CANDELARIA"])
    assert study.layers[0].hours is None
    results = study.run()
    gap = results.gaps.set_index("measure").loc["patrol_per_1000"]
    centre = ["LA CANDELARIA", "SANTA FE", "LOS MARTIRES"]
    people = summed["poblacion"]
    assert gap["centre"] == approx(1000 * sum(minutes[one] for one in centre) / people[centre].sum())
    assert results.ledger.empty


@pytest.fixture(scope="module")
def buenos_aires(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Buenos Aires with its census tracts as areas of service and its population raster as a surface."""
    folder = tmp_path_factory.mktemp("buenos_aires")
    at = "$SECEQUITY_DATA/argentina_buenos_aires/"
    tracts = {"name": "tracts", "kind": "jurisdictions", "path": f"{at}radios_censales_2010.geojson"}
    raster = {"name": "raster", "kind": "surface", "path": f"{at}poblacion_100m_DERIVADO.tif", "unit": "habitantes"}
    layers = [
        tracts | {"body": "police", "id": "RADIO_ID", "staff": "POBLACION", "unit": "habitantes"},
        raster | {"body": "police", "surface": {"statistic": "sum"}},
    ]
    text = (STUDIES / "buenos_aires.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.split("[[layers]]")[0] + written({"layers": layers}), encoding="utf-8")
    return read_study(folder / "study.toml")


def test_tracts_of_buenos_aires_in_its_barrios(buenos_aires: Study, data_folder: Path) -> None:
    """3,554 tracts that name their barrio. The two maps differ: the line of a barrio cuts some 650 tracts in two, most
    people of which stay where they are declared; in half of the barrios fewer than two in a hundred move."""
    tracts = gpd.read_file(data_folder / "argentina_buenos_aires" / "radios_censales_2010.geojson")
    layer = buenos_aires.layers[0]
    left = sum(one.values["amount"] for one in buenos_aires.notices if one.code == "areas_unallocated")
    assert layer.amount.sum() + left == approx(2_890_151)
    expected = tracts.groupby("BARRIO")["POBLACION"].sum()[layer.amount.index]
    off = (layer.amount - expected).abs() / expected
    assert off.median() < 0.02
    assert off.quantile(0.9) < 0.1
    ways = {one.values["way"]: len(one.which) for one in buenos_aires.notices if one.code == "areas_shared"}
    assert ways["@transfer.way.nested"] > 2800
    assert sum(ways.values()) == 3554


def test_the_raster_of_buenos_aires_holds_its_people(buenos_aires: Study) -> None:
    """Cells of 100 m on the borders blur the barrios a little; the city keeps everybody but a narrow rim."""
    amount = buenos_aires.layers[1].amount
    people = buenos_aires.neighbourhoods["population"]
    assert amount.sum() == approx(2_890_151, rel=0.005)
    assert ((amount - people).abs() / people).median() < 0.02
