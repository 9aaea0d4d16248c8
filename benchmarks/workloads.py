"""Synthetic cities of any size, the same for the same seed: neighbourhoods, areas of service, fixes, a raster, a study.

A city is a disc of forty kilometres in EPSG:32718 with a dense centre. Its neighbourhoods are a coverage: Voronoi cells
whose shared borders are drawn once, crooked, and used by both sides (about 45 vertices a cell). Areas of service are a
coarser coverage drawn from another seed, so that the two cut each other. Fixes are walks around a few hundred hubs, two
in a hundred of them astray.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CRS = "EPSG:32718"
CENTRE = np.array([280_000.0, 8_665_000.0])
RADIUS = 20_000.0
ROW_GROUP = 1_000_000
CARS = 500
AREAS = {1_000: 100, 10_000: 1_000, 100_000: 1_000}
"""Areas of service of a city, by its number of neighbourhoods."""


def in_city(xy: np.ndarray) -> np.ndarray:
    """Which points lie inside the outline of the city, a wavy disc."""
    x, y = (xy - CENTRE).T
    angle = np.arctan2(y, x)
    return np.hypot(x, y) < RADIUS * (0.82 + 0.1 * np.sin(3 * angle) + 0.07 * np.cos(7 * angle))


def places(number: int, rng: np.random.Generator) -> np.ndarray:
    """Points in the city, denser towards its centre."""
    kept: list[np.ndarray] = []
    while sum(map(len, kept)) < number:
        distance, angle = RADIUS * np.sqrt(rng.random(4 * number)), rng.uniform(0, 2 * np.pi, 4 * number)
        xy = CENTRE + np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])
        dense = 0.15 + 0.85 * np.exp(-((distance / (0.45 * RADIUS)) ** 2))
        kept.append(xy[in_city(xy) & (rng.random(len(xy)) < dense)])
    return np.concatenate(kept)[:number]


def crooked(start: np.ndarray, end: np.ndarray, rng: np.random.Generator, *, halvings: int = 3) -> np.ndarray:
    """Each straight border as a broken line: its middle moved sideways, then the middles of its halves, and so on."""
    lines = np.stack([start, end], axis=1)
    for _ in range(halvings):
        along = np.diff(lines, axis=1)
        sideways = np.stack([-along[..., 1], along[..., 0]], axis=-1) * rng.uniform(-0.12, 0.12, (*along.shape[:2], 1))
        finer = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        finer[:, ::2], finer[:, 1::2] = lines, lines[:, :-1] + along / 2 + sideways
        lines = finer
    return np.round(lines, 3)


def coverage(number: int, *, seed: int) -> np.ndarray:
    """About `number` polygons that share their borders vertex by vertex, without gap or overlap."""
    from scipy.spatial import Voronoi

    rng = np.random.default_rng(seed)
    sites = places(number, rng)
    spacing = 3.2 * RADIUS / np.sqrt(number)
    steps = np.arange(-1.4 * RADIUS, 1.4 * RADIUS, spacing)
    ring = CENTRE + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    ring += rng.uniform(-0.3 * spacing, 0.3 * spacing, ring.shape)
    diagram = Voronoi(np.concatenate([sites, ring[~in_city(ring)]]))
    ends = np.asarray(diagram.ridge_vertices)
    wanted = (ends.min(axis=1) >= 0) & (diagram.ridge_points.min(axis=1) < number)
    corners = np.round(diagram.vertices, 3)
    start, end = corners[ends[wanted, 0]], corners[ends[wanted, 1]]
    real = (start != end).any(axis=1)
    start, end = start[real], end[real]
    lines = crooked(start, end, rng)
    straight = start[:, None] + np.linspace(0, 1, lines.shape[1])[None, :, None] * (end - start)[:, None]
    for _ in range(8):
        cells = _cells_of(lines, sites)
        bad = ~shapely.is_valid(cells) | ~shapely.is_empty(shapely.coverage_invalid_edges(cells))
        if not bad.any():
            break
        touched = np.unique(shapely.STRtree(shapely.linestrings(lines)).query(cells[bad], "intersects")[1])
        lines[touched] = straight[touched]
    return cells


def _cells_of(lines: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """The polygons that the lines enclose around the sites, each once, in the order of the sites."""
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.linestrings(lines))))
    point, face = shapely.STRtree(faces).query(shapely.points(sites), "within")
    return faces[list(dict.fromkeys(face[np.argsort(point, kind="stable")].tolist()))]


def neighbourhoods(number: int, *, seed: int = 1) -> gpd.GeoDataFrame:
    """Cells with people, zones and the figures of a census."""
    cells = coverage(number, seed=seed)
    rng = np.random.default_rng(seed + 1)
    x, y = shapely.get_coordinates(shapely.centroid(cells)).T
    out = np.hypot(x - CENTRE[0], y - CENTRE[1]) / RADIUS
    wave = np.sin(x / 4000) + np.cos(y / 5000)
    dense = 200 + 18_000 * np.exp(-((out / 0.5) ** 2)) * rng.lognormal(0, 0.6, len(cells))
    people = np.maximum(1, dense * shapely.area(cells) / 1e6).astype(int)
    columns = {
        "nid": [f"{at:06}" for at in range(len(cells))],
        "name": [f"Barrio {at}" for at in range(len(cells))],
        "pop": people,
        "income": np.round(1500 * np.exp(-0.8 * out + 0.25 * wave + rng.normal(0, 0.2, len(cells))), 2),
        "nbi": np.round(np.clip(0.1 + 0.4 * out - 0.08 * wave + rng.normal(0, 0.05, len(cells)), 0, 1), 4),
        "youth": np.round(np.clip(0.2 + 0.1 * out + rng.normal(0, 0.03, len(cells)), 0, 1), 4),
        "homicides": rng.poisson(people * 2e-4 * (1 + out)),
        "lights": np.round(60 * np.exp(-out) + rng.normal(0, 2, len(cells)), 3),
        "officers": rng.poisson(np.maximum(0.02, people * 1e-3 * np.exp(-out))),
        "zone": np.where(out < 0.35, "casco", np.where(out < 0.6, "intermedia", "periferia")),
    }
    return gpd.GeoDataFrame(columns, geometry=cells, crs=CRS)


def write_neighbourhoods(folder: Path, number: int) -> None:
    """`neighbourhoods_N.parquet`, and as a GeoPackage, which is what a municipality would send."""
    frame = neighbourhoods(number)
    frame.to_parquet(folder / f"neighbourhoods_{number}.parquet")
    frame.to_file(folder / f"neighbourhoods_{number}.gpkg", layer="neighbourhoods", driver="GPKG")


def write_areas(folder: Path, number: int) -> None:
    """`areas_M.parquet` and `.gpkg`: areas of service with their staff."""
    cells = coverage(number, seed=77)
    staff = np.random.default_rng(77).poisson(40, len(cells))
    frame = gpd.GeoDataFrame(
        {"jid": [f"J{at:04}" for at in range(len(cells))], "staff": staff}, geometry=cells, crs=CRS
    )
    frame.to_parquet(folder / f"areas_{number}.parquet")
    frame.to_file(folder / f"areas_{number}.gpkg", layer="areas", driver="GPKG")


def write_fixes(folder: Path, number: int) -> None:
    """`fixes_N.parquet`: x, y, time and unit of patrol cars, in order of time, a million rows a row group.

    Each car roams around a hub of its own, pulled back to it, and says every fifteen seconds where it is.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from scipy.signal import lfilter

    rng = np.random.default_rng(5)
    hubs = places(400, rng)
    pull = np.exp(-np.hypot(*(hubs - CENTRE).T) / RADIUS)
    hubs = hubs[rng.choice(len(hubs), CARS, p=pull / pull.sum())] + rng.normal(0, 600, (CARS, 2))
    schema = pa.schema(
        [("x", pa.float64()), ("y", pa.float64()), ("time", pa.timestamp("us", "UTC")), ("unit", pa.int32())]
    )
    steps, away = ROW_GROUP // CARS, rng.normal(0, 600, (CARS, 2))
    with pq.ParquetWriter(folder / f"fixes_{number}.parquet", schema, compression="zstd") as writer:
        for done in range(0, number, ROW_GROUP):
            size = min(ROW_GROUP, number - done)
            noise = np.concatenate([away[None], rng.normal(0, 60, (steps - 1, CARS, 2))])
            walked = lfilter([1.0], [1.0, -0.995], noise, axis=0)
            away = walked[-1]
            xy = (hubs + walked).reshape(-1, 2)[:size]
            astray = rng.random(size) < 0.02
            xy[astray] = CENTRE + rng.uniform(-2 * RADIUS, 2 * RADIUS, (int(astray.sum()), 2))
            x, y = np.round(xy, 2).T
            step = done // CARS + np.arange(size) // CARS
            time = pa.array(1_000_000 * (1_700_000_000 + 15 * step), type=schema.field("time").type)
            unit = (np.arange(size) % CARS).astype("i4")
            writer.write_table(pa.table([x, y, time, unit], schema=schema), row_group_size=ROW_GROUP)


def write_raster(folder: Path, side: int) -> None:
    """`raster_S.tif`: people by cell, S × S cells of single precision."""
    import rasterio
    from rasterio.transform import from_bounds

    at = np.linspace(-1.2, 1.2, side)
    hill = 100 * np.exp(-(at[None, :] ** 2 + at[:, None] ** 2) / 0.3) * (1 + 0.3 * np.sin(40 * at)[None, :])
    cells = (hill + np.random.default_rng(3).gamma(1, 2, (side, side))).astype("f4")
    west, south, east, north = *(CENTRE - 1.2 * RADIUS), *(CENTRE + 1.2 * RADIUS)
    transform = from_bounds(west, south, east, north, side, side)
    about = {"width": side, "height": side, "count": 1, "dtype": "float32", "crs": CRS, "nodata": -9999}
    with rasterio.open(
        folder / f"raster_{side}.tif", "w", driver="GTiff", transform=transform, tiled=True, compress="deflate", **about
    ) as file:
        file.write(cells, 1)


def posts(frame: gpd.GeoDataFrame, number: int = 1000) -> pd.DataFrame:
    """Posts with staff near the middle of neighbourhoods drawn at random: `x`, `y`, `staff`."""
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(frame), number, replace=len(frame) < number)
    xy = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))[chosen] + rng.normal(0, 50, (number, 2))
    return pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "staff": rng.poisson(20, number) + 1})


def measured(frame: gpd.GeoDataFrame, number: int) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The city with so many measures to map, each with five digits that matter."""
    rng = np.random.default_rng(9)
    names = [f"measure_{at}" for at in range(number)]
    values = {name: np.round(rng.lognormal(at / 5, 0.6, len(frame)), 3) for at, name in enumerate(names)}
    return frame.assign(**values), names


def inverse_distance(frame: gpd.GeoDataFrame, neighbours: int = 6) -> Any:
    """Weights that differ in a row: one over the metres to the nearest few."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    xy = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
    metres, near = cKDTree(xy).query(xy, neighbours + 1)
    rows = np.repeat(np.arange(len(frame)), neighbours)
    return csr_array((1 / metres[:, 1:].ravel(), (rows, near[:, 1:].ravel())), shape=(len(frame), len(frame)))


STUDY = """[study]
title = "Ciudad de {number} barrios"
seed = 7
crs = "EPSG:32718"

[neighbourhoods]
path = "neighbourhoods_{number}.gpkg"
id = "nid"
name = "name"
population = "pop"

[zones]
column = "zone"
centre = ["casco"]

[[layers]]
name = "police"
body = "police"
kind = "jurisdictions"
path = "areas_{areas}.gpkg"
id = "jid"
staff = "staff"
hours_per_week = 48

[[layers]]
name = "serenazgo"
body = "serenazgo"
kind = "posts"
path = "posts_{number}.csv"
x = "x"
y = "y"
crs = "EPSG:32718"
staff = "staff"
hours_per_week = 48
reach = {{ method = "catchment", radius_m = 3000, decay = "binary" }}

[[layers]]
name = "cars"
body = "police"
kind = "tracks"
path = "fixes_{fixes}.parquet"
x = "x"
y = "y"
crs = "EPSG:32718"
ledger = false
track = {{ unit = "unit", time_zone = "America/Lima" }}

[[layers]]
name = "residents"
body = "police"
kind = "surface"
path = "raster_5000.tif"
unit = "value"

[equity]
rank_by = "nbi"
"""


def write_study(folder: Path, number: int, *, fixes: int) -> Path:
    """A study file of the city: areas of service, catchments, tracks, a raster, and all that `secequity run` makes."""
    frame = gpd.read_parquet(folder / f"neighbourhoods_{number}.parquet")
    posts(frame).to_csv(folder / f"posts_{number}.csv", index=False)
    path = folder / f"study_{number}_{fixes}.toml"
    path.write_text(STUDY.format(number=number, areas=AREAS[number], fixes=fixes), encoding="utf-8")
    return path


WRITERS = {"neighbourhoods": write_neighbourhoods, "areas": write_areas, "fixes": write_fixes, "raster": write_raster}
FILES = {"neighbourhoods": "gpkg", "areas": "gpkg", "fixes": "parquet", "raster": "tif"}


def ensure(folder: Path, kind: str, number: int) -> Path:
    """The file of a workload, written once."""
    path = folder / f"{kind}_{number}.{FILES[kind]}"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        WRITERS[kind](folder, number)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("kind", choices=list(WRITERS))
    parser.add_argument("number", type=int)
    given = parser.parse_args()
    print(ensure(given.folder, given.kind, given.number))
