"""The people of the model city: a census that keeps the published district totals, and its population raster."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio import Affine
from scipy.optimize import brentq
from scipy.special import expit

from city_model.fabric import DISTRICTS, SECTORS, Fabric, Ints, crowding
from city_model.ground import CRS, Field, Floats, elevation, local
from city_model.names import NAMES
from city_model.streets import Streets

NODATA = -9999


def share_out(total: int, weights: Floats) -> Ints:
    """Whole parts of `total` in proportion to `weights`, by largest remainder."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.intp)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def name_neighbourhoods(fabric: Fabric) -> gpd.GeoDataFrame:
    """Polygons with code, name, district and zone, by code; `place` is their number in the fabric."""
    sector = fabric.neighbourhood_sector
    away = np.hypot(*local(shapely.get_coordinates(shapely.centroid(fabric.polygons))).T)
    names = np.empty(len(sector), dtype=object)
    for number, labels in enumerate(NAMES):
        mine = np.flatnonzero(sector == number)
        names[mine[np.argsort(away[mine])]] = labels
    ubigeo = np.array([SECTORS[one].ubigeo for one in sector])
    frame = pd.DataFrame(
        {
            "barrio": names.tolist(),
            "ubigeo": ubigeo,
            "casco": [SECTORS[one].casco for one in sector],
            "away": away,
            "place": np.arange(len(sector)),
        }
    ).sort_values(["ubigeo", "away"], ignore_index=True)
    order = frame.groupby("ubigeo").cumcount() + 1
    frame.insert(0, "codigo", frame["ubigeo"] + order.map("{:03d}".format))
    frame.insert(2, "distrito", frame["ubigeo"].map(DISTRICTS))
    frame["casco"] = np.where(frame["casco"], "Casco urbano", "Periferia")
    return gpd.GeoDataFrame(frame, geometry=fabric.polygons[frame["place"]].tolist(), crs=CRS)


def deprivation(fabric: Fabric, rng: np.random.Generator) -> Floats:
    """The hidden disadvantage of each neighbourhood in the fabric, about -1.6 to 2: distance, height and chance."""
    centre = shapely.get_coordinates(shapely.centroid(fabric.polygons))
    away = np.hypot(*local(centre).T) / 1000
    height = (elevation(centre) - 2760) / 100
    quarter = Field(rng, scale_m=1600)(local(centre))
    casco = np.array([SECTORS[one].casco for one in fabric.neighbourhood_sector])
    return np.asarray(
        0.62 * (away - 1.9) + 0.38 * height + 0.42 * quarter - 0.35 * casco + rng.normal(0, 0.22, len(away))
    )


def take_census(
    barrios: gpd.GeoDataFrame,
    fabric: Fabric,
    streets: Streets,
    level: Floats,
    facts: dict[str, dict[str, float]],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row a neighbourhood: people, households, income and the shares of disadvantage.

    `facts` holds, by district code, the published `people`, and the published per cent of `recent_migrants` and of
    `poverty` that the neighbourhoods of the district average to.
    """
    centres = shapely.centroid(fabric.blocks)
    crowd = shapely.area(fabric.blocks) * crowding(shapely.get_coordinates(centres))
    place = barrios["place"].to_numpy()
    size = len(barrios)
    live = np.bincount(fabric.neighbourhood, crowd, size)[place] * np.exp(rng.normal(0, 0.28, size))
    level = level[place]
    people = np.zeros(size, dtype=np.intp)
    for ubigeo, fact in facts.items():
        mine = (barrios["ubigeo"] == ubigeo).to_numpy()
        people[mine] = share_out(int(fact["people"]), live[mine])
    poor = -1.9 + 0.78 * level + rng.normal(0, 0.16, size)
    arrived = -1.6 + 0.5 * level + rng.normal(0, 0.2, size)
    quechua = expit(-0.32 + 0.62 * level + rng.normal(0, 0.16, size))
    adults = expit(0.86 - 0.16 * level + rng.normal(0, 0.06, size))
    home = np.clip(3.45 + 0.22 * level + rng.normal(0, 0.15, size), 2.6, 4.6)
    income = 1780 * np.exp(-0.3 * level + rng.normal(0, 0.09, size))
    return pd.DataFrame(
        {
            "codigo": barrios["codigo"],
            "poblacion": people,
            "adultos": np.rint(people * adults).astype(int),
            "hogares": np.rint(people / home).astype(int),
            "ingreso_mensual": np.rint(income / 10).astype(int) * 10,
            "pct_pobreza": _averaging(poor, people, barrios["ubigeo"], facts, "poverty"),
            "pct_quechua": np.round(100 * quechua, 1),
            "pct_migrante_reciente": _averaging(arrived, people, barrios["ubigeo"], facts, "recent_migrants"),
            "pct_calle_sin_luz": np.round(streets.share(~streets.lit, size)[place], 1),
            "pct_calle_sin_pavimento": np.round(streets.share(~streets.paved, size)[place], 1),
        }
    )


def _averaging(score: Floats, people: Ints, ubigeo: pd.Series, facts: dict[str, dict[str, float]], fact: str) -> Floats:
    """Per cents from logit scores, moved district by district until they average, over people, to the published one."""
    result = np.zeros(len(score))
    for district, known in facts.items():
        mine = (ubigeo == district).to_numpy()

        def miss(move: float, mine: Floats = mine, wanted: float = known[fact]) -> float:
            return float(np.average(100 * expit(score[mine] + move), weights=people[mine]) - wanted)

        result[mine] = 100 * expit(score[mine] + brentq(miss, -6, 6))
    return np.round(result, 1)


def grid(barrios: gpd.GeoDataFrame, *, size_m: float, margin_m: float) -> tuple[Affine, tuple[int, int], Floats]:
    """A north-up grid around the city: its transform, its shape and its cell centres row by row."""
    west, south, east, north = barrios.total_bounds
    west, north = size_m * np.floor((west - margin_m) / size_m), size_m * np.ceil((north + margin_m) / size_m)
    columns, rows = int(np.ceil((east + margin_m - west) / size_m)), int(np.ceil((north - south + margin_m) / size_m))
    x, y = np.meshgrid(west + size_m * (np.arange(columns) + 0.5), north - size_m * (np.arange(rows) + 0.5))
    return Affine(size_m, 0, west, 0, -size_m, north), (rows, columns), np.column_stack([x.ravel(), y.ravel()])


def population_cells(barrios: gpd.GeoDataFrame, people: Ints, centres: Floats, rng: np.random.Generator) -> Ints:
    """Whole people a cell: the cells whose centre lies in a neighbourhood add up to its people; `NODATA` outside."""
    tree = shapely.STRtree(shapely.points(centres))
    weight = crowding(centres) * np.exp(rng.normal(0, 0.25, len(centres)))
    cells = np.full(len(centres), NODATA, dtype=np.intp)
    for polygon, number in zip(barrios.geometry, people, strict=True):
        mine = np.sort(tree.query(polygon, predicate="contains"))
        cells[mine] = share_out(int(number), weight[mine])
    return cells
