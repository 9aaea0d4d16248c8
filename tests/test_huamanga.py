"""The embedded city: made again it is the same, it keeps the published facts, and it says that it is a model."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

CITY = Path(__file__).parents[1] / "data" / "huamanga"
CENSUS_2017 = {"050101": 99_427, "050104": 28_252, "050110": 49_034, "050115": 18_492, "050116": 28_472}
RECENT_MIGRANTS_2017 = {"050101": 15.110, "050104": 21.167, "050110": 18.814, "050115": 19.948, "050116": 26.796}
POVERTY_2018 = {"050101": 15.054646, "050104": 26.660474, "050110": 18.759879, "050115": 16.283852, "050116": 13.243211}
POLICE_2017 = {"050101": 135, "050104": 46, "050110": 39, "050115": 12, "050116": 17}
TEXTS = (
    "censo",
    "comisarias",
    "serenazgo",
    "guardias_privados",
    "presencia_juntas",
    "participacion",
    "tipos_actividad",
)
SHAPES = (
    "barrios.gpkg",
    "calles.gpkg",
    "rutas_patrullaje.gpkg",
    "jurisdicciones.geojson",
    "sectores_serenazgo.geojson",
)
RASTERS = ("poblacion_100m.tif", "elevacion_50m.tif")
GENERATED = (*(f"{name}.csv" for name in TEXTS), *SHAPES, *RASTERS, "gps_semana.parquet")
EMBODIED = {"night_patrol", "faena", "dues"}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_huamanga", CITY / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def again(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    maker.build(folder)
    return folder


@pytest.fixture(scope="module")
def null(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("null")
    maker.build(folder, truth=False)
    return folder


def table(name: str, folder: Path = CITY, **options: object) -> pd.DataFrame:
    text = {"codigo": str, "ubigeo": str, "barrio": str}
    return pd.read_csv(folder / f"{name}.csv", dtype=text, **options)


@pytest.fixture(scope="module")
def barrios() -> gpd.GeoDataFrame:
    shapes = gpd.read_file(CITY / "barrios.gpkg", layer="barrios")
    return shapes.merge(table("censo"), on="codigo", validate="one_to_one").set_index("codigo")


def code_of(barrios: gpd.GeoDataFrame, name: str) -> str:
    return str(barrios.index[barrios["barrio"] == name].item())


def posts(name: str, barrios: gpd.GeoDataFrame, folder: Path = CITY) -> gpd.GeoDataFrame:
    rows = table(name, folder)[["ubigeo", "lon", "lat", "policias" if name == "comisarias" else "serenos"]]
    rows.columns = ["declared", "lon", "lat", "staff"]
    points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(barrios.crs)
    return points.sjoin(barrios[["ubigeo", "casco", "geometry"]], predicate="within")


def sides(line: shapely.LineString) -> list[frozenset[tuple[float, ...]]]:
    """The straight parts of a line, whichever way they are walked."""
    return [frozenset(pair) for pair in pairwise(line.coords)]


def log(folder: Path, barrios: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = table("participacion", folder)
    kind = table("tipos_actividad", folder).set_index("tipo")["actividad"]
    day = (pd.to_datetime(rows["fecha"]) - pd.Timestamp("2022-01-03")).dt.days
    return rows.assign(activity=rows["tipo"].map(kind), zone=rows["barrio"].map(barrios["casco"]), month=day // 28)


@pytest.mark.parametrize("name", TEXTS)
def test_tables_come_out_the_same(name: str, again: Path) -> None:
    assert (again / f"{name}.csv").read_bytes() == (CITY / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_come_out_the_same(name: str, again: Path) -> None:
    made, kept = gpd.read_file(again / name), gpd.read_file(CITY / name)
    pd.testing.assert_frame_equal(made.drop(columns="geometry"), kept.drop(columns="geometry"))
    assert made.crs == kept.crs
    assert shapely.equals_exact(made.geometry.to_numpy(), kept.geometry.to_numpy(), 0.01).all()


@pytest.mark.parametrize("name", RASTERS)
def test_rasters_come_out_the_same(name: str, again: Path) -> None:
    with rasterio.open(again / name) as made, rasterio.open(CITY / name) as kept:
        assert (made.crs, made.transform, made.nodata) == (kept.crs, kept.transform, kept.nodata)
        np.testing.assert_array_equal(made.read(1), kept.read(1))


def test_fixes_come_out_the_same(again: Path) -> None:
    made, kept = (pd.read_parquet(folder / "gps_semana.parquet") for folder in (again, CITY))
    pd.testing.assert_frame_equal(made, kept, check_exact=False, rtol=0, atol=2e-6)


def test_twice_in_a_row_is_the_same_to_the_byte(maker: ModuleType, again: Path, tmp_path: Path) -> None:
    maker.build(tmp_path)
    digests = [
        [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in GENERATED] for folder in (again, tmp_path)
    ]
    assert digests[0] == digests[1]


def test_the_folder_stays_small() -> None:
    assert sum((CITY / name).stat().st_size for name in GENERATED) < 2_500_000


def test_neighbourhoods_are_one_coverage_without_gap_or_overlap(barrios: gpd.GeoDataFrame) -> None:
    shapes = barrios.geometry.to_numpy()
    assert len(shapes) == 150
    assert barrios.crs.to_epsg() == 32718
    assert shapely.is_valid(shapes).all()
    assert set(barrios.geom_type) == {"Polygon"}
    seen = Counter(side for one in shapes for side in sides(one.exterior))
    city = shapely.union_all(shapes)
    assert city.geom_type == "Polygon"
    assert not city.interiors
    assert set(seen.values()) == {1, 2}
    assert {side for side, times in seen.items() if times == 1} == set(sides(city.exterior))
    assert city.area == pytest.approx(shapely.area(shapes).sum())
    assert all(
        isinstance(shapely.union_all(part.to_numpy()), shapely.Polygon)
        for _, part in barrios.groupby("ubigeo")["geometry"]
    )


def test_the_plaza_is_where_it_is(barrios: gpd.GeoDataFrame) -> None:
    plaza = gpd.GeoSeries.from_xy([-74.2257], [-13.1604], crs=4326).to_crs(barrios.crs)[0]
    assert barrios.loc[barrios.contains(plaza), "casco"].tolist() == ["Casco urbano"]


def test_codes_and_names_are_unique_text(barrios: gpd.GeoDataFrame) -> None:
    assert barrios.index.is_unique
    assert barrios["barrio"].is_unique
    assert barrios.index.str.fullmatch("0501(01|04|10|15|16)[0-9]{3}").all()
    assert (barrios.index.str[:6] == barrios["ubigeo"]).all()
    assert set(barrios["casco"]) == {"Casco urbano", "Periferia"}
    assert set(barrios.loc[barrios["casco"] == "Casco urbano", "ubigeo"]) == {"050101"}


def test_people_of_each_district_are_the_census(barrios: gpd.GeoDataFrame) -> None:
    assert barrios.groupby("ubigeo")["poblacion"].sum().to_dict() == CENSUS_2017


@pytest.mark.parametrize(
    ("column", "published"), [("pct_migrante_reciente", RECENT_MIGRANTS_2017), ("pct_pobreza", POVERTY_2018)]
)
def test_published_per_cents_are_the_average_of_the_neighbourhoods(
    column: str, published: dict[str, float], barrios: gpd.GeoDataFrame
) -> None:
    average = (barrios[column] * barrios["poblacion"]).groupby(barrios["ubigeo"]).sum() / pd.Series(CENSUS_2017)
    assert average.to_dict() == pytest.approx(published, abs=0.05)


def test_census_values_are_possible(barrios: gpd.GeoDataFrame) -> None:
    shares = barrios.filter(like="pct_")
    assert shares.shape[1] == 5
    assert shares.ge(0).all(axis=None)
    assert shares.le(100).all(axis=None)
    assert (barrios["hogares"] < barrios["adultos"]).all()
    assert (barrios["adultos"] < barrios["poblacion"]).all()


def test_three_hundred_police_shared_by_district_as_counted_in_2017(barrios: gpd.GeoDataFrame) -> None:
    police = posts("comisarias", barrios)
    assert len(police) == len(table("comisarias"))
    assert (police["declared"] == police["ubigeo"]).all()
    staff = police.groupby("ubigeo")["staff"].sum()
    assert staff.sum() == 300
    shares = pd.Series(POLICE_2017) * 300 / sum(POLICE_2017.values())
    assert (staff - shares).abs().max() < 1


def test_six_serenos_in_san_juan_bautista(barrios: gpd.GeoDataFrame) -> None:
    serenos = posts("serenazgo", barrios)
    assert len(serenos) == len(table("serenazgo"))
    assert serenos.groupby("ubigeo")["staff"].sum()["050110"] == 6
    assert CENSUS_2017["050110"] > 35_000


def test_the_centre_has_more_police_for_its_people_and_not_absurdly(barrios: gpd.GeoDataFrame) -> None:
    rate = (
        1000
        * posts("comisarias", barrios).groupby("casco")["staff"].sum()
        / barrios.groupby("casco")["poblacion"].sum()
    )
    assert 2 < rate["Casco urbano"] / rate["Periferia"] < 5


def test_areas_hold_the_same_staff_as_the_posts() -> None:
    assert gpd.read_file(CITY / "jurisdicciones.geojson")["policias"].sum() == 300
    assert gpd.read_file(CITY / "sectores_serenazgo.geojson")["serenos"].sum() == table("serenazgo")["serenos"].sum()


def test_jurisdictions_cross_neighbourhoods_and_one_lies_within_another(barrios: gpd.GeoDataFrame) -> None:
    areas = gpd.read_file(CITY / "jurisdicciones.geojson").to_crs(barrios.crs).set_index("codigo")
    inner = areas[areas["dentro_de"].fillna("") != ""]
    assert len(inner) == 1
    outer = areas.loc[inner["dentro_de"].item()]
    assert inner.geometry.item().difference(outer.geometry.buffer(1)).area == 0
    assert areas.drop(inner.index).area.sum() == pytest.approx(barrios.area.sum(), rel=1e-4)
    crossed = barrios.geometry.apply(lambda one: (areas.intersection(one).area > 0.05 * one.area).sum() > 1)
    assert crossed.sum() > 15


def test_population_cells_add_up_to_the_neighbourhoods(barrios: gpd.GeoDataFrame) -> None:
    with rasterio.open(CITY / "poblacion_100m.tif") as file:
        assert file.crs.to_epsg() == 32718
        assert shapely.box(*file.bounds).contains(shapely.box(*barrios.total_bounds))
        cells, known = file.read(1), file.read_masks(1) > 0
        numbers = zip(barrios.geometry, range(1, 151), strict=True)
        owner = rasterize(numbers, out_shape=file.shape, transform=file.transform, dtype="int16")
    people = np.bincount(owner[known], weights=cells[known], minlength=151)
    np.testing.assert_array_equal(people[1:], barrios["poblacion"])
    assert people[0] == 0


def test_the_ground_climbs_to_the_south_west(barrios: gpd.GeoDataFrame) -> None:
    with rasterio.open(CITY / "elevacion_50m.tif") as file:
        assert shapely.box(*file.bounds).contains(shapely.box(*barrios.total_bounds))
        centres = barrios.geometry.centroid
        height = np.array([value[0] for value in file.sample(zip(centres.x, centres.y, strict=True))])
    assert height.min() > 2600
    assert height.max() < 3000
    assert np.corrcoef(height, -centres.x - centres.y)[0, 1] > 0.5


def test_missing_is_not_zero() -> None:
    guards, councils = table("guardias_privados"), table("presencia_juntas")
    assert guards["guardias"].isna().sum() == 4
    assert guards["guardias"].eq(0).any()
    assert 10 < councils["juntas_vecinales"].isna().sum() < 30
    assert councils["juntas_vecinales"].eq(0).any()
    assert (councils["juntas_vecinales"].isna() == councils["integrantes"].isna()).all()


def test_los_olivos_pays_one_guard_or_patrols_itself(barrios: gpd.GeoDataFrame) -> None:
    code = code_of(barrios, "Los Olivos")
    assert barrios.loc[code, "ubigeo"] == "050110"
    east, south = barrios.geometry.centroid.x, -barrios.geometry.centroid.y
    assert (east + south).rank(pct=True)[code] > 0.95
    assert table("guardias_privados").set_index("codigo").loc[code, "guardias"] == 1
    done = log(CITY, barrios).query("barrio == @code")
    assert set(done["activity"]) == {"dues", "night_patrol"}
    paid = set(done.loc[done["activity"] == "dues", "month"])
    walked = set(done.loc[done["activity"] == "night_patrol", "month"])
    assert not paid & walked
    assert paid | walked == set(range(26))


def test_covadonga_registered_the_first_ronda_urbana(barrios: gpd.GeoDataFrame) -> None:
    code = code_of(barrios, "Asociación Covadonga")
    order = table("presencia_juntas").set_index("codigo")["orden_registro_ronda"]
    assert order[code] == order.min() == 1
    assert "Ronda urbana" in set(log(CITY, barrios).query("barrio == @code")["tipo"])


def test_jiron_asamblea_complains_is_present_and_gets_nothing(barrios: gpd.GeoDataFrame) -> None:
    code = code_of(barrios, "Jirón Asamblea")
    assert barrios.loc[code, "casco"] == "Casco urbano"
    done = log(CITY, barrios).query("barrio == @code")
    assert set(done["activity"]) == {"complaint", "presence"}
    assert done["apoyo_recibido"].isna().all()


def test_the_log_counts_people_and_names_nobody(barrios: gpd.GeoDataFrame) -> None:
    done = log(CITY, barrios)
    assert done["activity"].notna().all()
    assert done["barrio"].isin(barrios.index).all()
    assert done["personas"].min() >= 5
    assert (done["cuota"].notna() == (done["activity"] == "dues")).all()
    assert done["fecha"].between("2022-01-03", "2024-01-01").all()
    assert set(done["apoyo_recibido"].dropna()) == {"radios", "silbatos", "vehiculo", "visita"}


def documentary_share(done: pd.DataFrame) -> pd.Series:
    return 1 - done["activity"].isin(EMBODIED).groupby(done["zone"]).mean()


def test_the_centre_writes_and_the_periphery_patrols(barrios: gpd.GeoDataFrame, maker: ModuleType) -> None:
    share = documentary_share(log(CITY, barrios))
    assert share.to_dict() == pytest.approx(maker.DOCUMENTARY, abs=0.04)


def test_without_the_truth_both_zones_do_the_same(barrios: gpd.GeoDataFrame, null: Path) -> None:
    share = documentary_share(log(null, barrios))
    assert share["Casco urbano"] == pytest.approx(share["Periferia"], abs=0.06)


def support_after(done: pd.DataFrame, barrios: gpd.GeoDataFrame, zone: str) -> tuple[float, float]:
    """Share of months with support after six months of little and of much embodied participation."""
    months = pd.MultiIndex.from_product([barrios.index[barrios["casco"] == zone], range(26)], names=["barrio", "month"])
    count = (
        done[done["activity"].isin(EMBODIED)]
        .groupby(["barrio", "month"])
        .size()
        .reindex(months, fill_value=0)
        .unstack()
    )
    helped = done.groupby(["barrio", "month"])["apoyo_recibido"].count().reindex(months, fill_value=0).unstack() > 0
    earlier = count.T.rolling(6).sum().shift(1).T.iloc[:, 6:]
    much = (earlier > earlier.stack().median()).to_numpy()
    later = helped.iloc[:, 6:].to_numpy()
    return float(later[~much].mean()), float(later[much].mean())


def test_the_periphery_earns_its_support_and_the_centre_does_not(barrios: gpd.GeoDataFrame) -> None:
    done = log(CITY, barrios)
    little, much = support_after(done, barrios, "Periferia")
    assert much > 2 * little
    little, much = support_after(done, barrios, "Casco urbano")
    assert much < 1.5 * little


def test_without_the_truth_nobody_earns_support(barrios: gpd.GeoDataFrame, null: Path) -> None:
    little, much = support_after(log(null, barrios), barrios, "Periferia")
    assert much == pytest.approx(little, abs=0.04)


def test_without_the_truth_staff_follows_people(barrios: gpd.GeoDataFrame, null: Path) -> None:
    police = posts("comisarias", barrios, null)
    assert police["staff"].sum() == 300
    rate = 1000 * police.groupby("casco")["staff"].sum() / barrios.groupby("casco")["poblacion"].sum()
    assert 0.6 < rate["Casco urbano"] / rate["Periferia"] < 1.6


def test_streets_agree_with_the_census(barrios: gpd.GeoDataFrame) -> None:
    streets = gpd.read_file(CITY / "calles.gpkg", layer="calles")
    assert streets["longitud_m"].to_numpy() == pytest.approx(streets.length.to_numpy(), abs=0.06)
    dark = streets.overlay(barrios[["geometry"]].reset_index(), how="intersection", keep_geom_type=True)
    dark = dark.assign(metres=dark.length, dark=dark.length.where(dark["alumbrado"] == "no", 0.0))
    share = dark.groupby("codigo")[["dark", "metres"]].sum().eval("100 * dark / metres")
    assert np.corrcoef(share.reindex(barrios.index), barrios["pct_calle_sin_luz"])[0, 1] > 0.95


def test_routes_follow_the_streets() -> None:
    routes, streets = gpd.read_file(CITY / "rutas_patrullaje.gpkg"), gpd.read_file(CITY / "calles.gpkg")
    assert set(routes["cuerpo"]) == {"policía", "serenazgo"}
    assert routes["veces_por_semana"].between(1, 21).all()
    known = {side for line in streets.geometry for side in sides(line)}
    assert all(side in known for line in routes.geometry for side in sides(line))


def test_a_week_of_fixes_has_the_defects_of_real_ones(barrios: gpd.GeoDataFrame) -> None:
    fixes = pd.read_parquet(CITY / "gps_semana.parquet")
    assert 20_000 < len(fixes) < 60_000
    assert fixes["hora"].dt.tz.utcoffset(None) == pd.Timedelta(hours=-5)
    assert fixes["unidad"].nunique() == 6
    assert fixes.duplicated(["unidad", "hora"]).sum() > 100
    assert (fixes["lon"] == 0).sum() == 12
    assert (fixes["hora"].dt.year == 2024).sum() == 14
    away = fixes[(fixes["lon"] != 0) & ~fixes["lon"].between(-74.27, -74.18)]
    assert len(away) > 5
    good = fixes.drop_duplicates(["unidad", "hora"])
    gap = good[good["hora"].dt.year == 2023].groupby("unidad")["hora"].diff().dt.total_seconds()
    assert gap.median() == pytest.approx(60, abs=3)
    assert ((gap > 300) & (gap < 3 * 3600)).sum() > 50


def test_it_says_that_it_is_a_model() -> None:
    readme = (CITY / "README.md").read_text(encoding="utf-8")
    assert "not official data" in readme
    assert "no son datos oficiales" in readme
    study = tomllib.loads((CITY / "study.toml").read_text(encoding="utf-8"))
    assert "no son datos oficiales" in study["study"]["note"]["es"]
    assert "not official data" in study["study"]["note"]["en"]
    assert table("comisarias")["nombre"].str.endswith("(modelo)").all()
    assert table("serenazgo")["base"].str.endswith("(modelo)").all()


def test_the_study_file_is_accepted_and_uses_every_kind_of_layer() -> None:
    from typing import get_args

    from secequity.study import inspect_study
    from secequity.words import Kind

    study, found = inspect_study(CITY / "study.toml")
    assert study is not None, [one.say() for one in found.errors]
    assert {one.kind for one in study.layers} == set(get_args(Kind))
    assert study.participation is not None
