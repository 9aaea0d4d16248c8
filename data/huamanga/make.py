"""Make the embedded demonstration city: `python data/huamanga/make.py` rewrites every data file, always the same.

`python data/huamanga/make.py --null FOLDER` writes the same city with its truths switched off: staff in proportion to
people, one mix of activities in both zones, support whatever one did before. A method that finds something there errs.

Everything is drawn from a seed. Only the totals below are published; the README says where each one is from.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from city_model import fabric, guard, log, patrols, people, streets  # noqa: E402
from city_model.ground import CRS, elevation  # noqa: E402
from city_model.log import Truths, centre_mix  # noqa: E402

SEED = 1998

PUBLISHED = {
    "050101": {"people": 99_427, "recent_migrants": 15.11, "poverty": 15.05},
    "050104": {"people": 28_252, "recent_migrants": 21.17, "poverty": 26.66},
    "050110": {"people": 49_034, "recent_migrants": 18.81, "poverty": 18.76},
    "050115": {"people": 18_492, "recent_migrants": 19.95, "poverty": 16.28},
    "050116": {"people": 28_472, "recent_migrants": 26.80, "poverty": 13.24},
}
"""By district: people and per cent of recent migrants (census of 2017), per cent in poverty (2018)."""

Draw = Callable[[int], np.random.Generator]

CENTRE, EDGE = "Casco urbano", "Periferia"
DOCUMENTARY = {CENTRE: 0.85, EDGE: 0.30}
TRUTHS = Truths(
    mix={zone: tuple(centre_mix(share)) for zone, share in DOCUMENTARY.items()},
    monthly={CENTRE: 1.5, EDGE: 1.9},
    support_level={CENTRE: -1.1, EDGE: -3.6},
    earned_right={CENTRE: 0.0, EDGE: 1.1},
    staff_follows_people=False,
)
NULL = replace(
    TRUTHS,
    mix=dict.fromkeys((CENTRE, EDGE), tuple(centre_mix(0.5))),
    monthly=dict.fromkeys((CENTRE, EDGE), 1.8),
    support_level=dict.fromkeys((CENTRE, EDGE), -1.9),
    earned_right=dict.fromkeys((CENTRE, EDGE), 0.0),
    staff_follows_people=True,
)


def build(folder: Path | str, *, truth: bool = True, seed: int = SEED) -> None:
    """Write every data file of the city into `folder`; without `truth`, the city of `NULL`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)

    def draw(step: int) -> np.random.Generator:
        return np.random.default_rng([seed, step])

    city = fabric.lay_out(draw(1))
    barrios = people.name_neighbourhoods(city)
    level = people.deprivation(city, draw(2))
    roads = streets.draw_streets(city, level, draw(3))
    census = people.take_census(barrios, city, roads, level, PUBLISHED, draw(4))
    _write_city(folder, barrios, census, roads, draw)
    _write_guards(folder, barrios, census, city, roads, truth, draw)
    written = log.keep_log(barrios, census, TRUTHS if truth else NULL, truth=truth, rng=draw(11))
    _table(written, folder / "participacion.csv")
    _table(log.wording(), folder / "tipos_actividad.csv")
    if folder.resolve() != HERE:
        shutil.copyfile(HERE / "study.toml", folder / "study.toml")


def _write_city(
    folder: Path, barrios: gpd.GeoDataFrame, census: pd.DataFrame, roads: streets.Streets, draw: Draw
) -> None:
    _package(barrios.drop(columns=["away", "place"]), folder / "barrios.gpkg", "barrios")
    _table(census, folder / "censo.csv")
    _package(streets.street_lines(roads), folder / "calles.gpkg", "calles", index=False)
    transform, shape, centres = people.grid(barrios, size_m=100, margin_m=300)
    cells = people.population_cells(barrios, census["poblacion"].to_numpy(), centres, draw(5))
    _raster(cells.reshape(shape), transform, folder / "poblacion_100m.tif")
    transform, shape, centres = people.grid(barrios, size_m=50, margin_m=500)
    heights = np.rint(elevation(centres))
    _raster(heights.reshape(shape), transform, folder / "elevacion_50m.tif")


def _write_guards(
    folder: Path,
    barrios: gpd.GeoDataFrame,
    census: pd.DataFrame,
    city: fabric.Fabric,
    roads: streets.Streets,
    truth: bool,
    draw: Draw,
) -> None:
    residents = census["poblacion"].to_numpy()
    police = guard.police_posts(barrios, city, residents, draw(6), truth=truth)
    serenos = guard.serenazgo_posts(barrios, city, residents, draw(7), truth=truth)
    _points(police, folder / "comisarias.csv")
    _points(serenos, folder / "serenazgo.csv")
    areas = guard.police_areas(barrios, city, police[:7], draw(8))
    shapes = guard.area_polygons(areas, city, police, code="J", name="jurisdiccion", staff="policias", market=True)
    _geojson(shapes, folder / "jurisdicciones.geojson")
    areas = guard.serenazgo_areas(barrios, city, serenos, draw(8))
    shapes = guard.area_polygons(areas, city, serenos, code="S", name="sector", staff="serenos")
    _geojson(shapes, folder / "sectores_serenazgo.geojson")
    _table(guard.private_guards(barrios, census, draw(9)), folder / "guardias_privados.csv")
    _table(guard.councils(barrios, census, draw(10)), folder / "presencia_juntas.csv")
    network = patrols.Network(roads)
    pull = patrols.pull_of_places(barrios, residents, truth=truth)
    routes = patrols.patrol_routes(barrios, network, police, serenos, pull, draw(12))
    _package(routes, folder / "rutas_patrullaje.gpkg", "rutas", index=False)
    fixes = patrols.week_of_fixes(barrios, city, network, police, serenos, pull, draw(13))
    fixes.to_parquet(
        folder / "gps_semana.parquet",
        index=False,
        compression="zstd",
        compression_level=19,
        coerce_timestamps="ms",
        use_dictionary=["unidad"],
        use_byte_stream_split=["lon", "lat"],
    )


def _table(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _points(frame: gpd.GeoDataFrame, path: Path) -> None:
    at = frame.to_crs(4326).geometry
    _table(frame.drop(columns="geometry").assign(lon=at.x.round(6), lat=at.y.round(6)), path)


def _package(frame: gpd.GeoDataFrame, path: Path, layer: str, *, index: bool = True) -> None:
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00.000Z"})
    try:
        frame.to_file(path, layer=layer, driver="GPKG", SPATIAL_INDEX="YES" if index else "NO")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    frame.to_crs(4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=6, RFC7946="NO")


def _raster(values: np.ndarray, transform: rasterio.Affine, path: Path) -> None:
    profile = {
        "driver": "GTiff",
        "dtype": "int16",
        "count": 1,
        "nodata": people.NODATA,
        "crs": CRS,
        "compress": "deflate",
    }
    rows, columns = values.shape
    with rasterio.open(
        path, "w", transform=transform, height=rows, width=columns, predictor=2, zlevel=9, **profile
    ) as file:
        file.write(values.astype("int16"), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--null", metavar="FOLDER", type=Path, help="write the city with its truths switched off there")
    chosen = parser.parse_args()
    build(chosen.null or HERE, truth=chosen.null is None)
