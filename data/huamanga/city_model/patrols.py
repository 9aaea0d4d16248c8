"""Patrols of the model city: weekly routes along its streets, and a week of positions of its cars, defects included."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from city_model.fabric import Fabric, Ints
from city_model.ground import CRS, PLAZA, Floats, local
from city_model.streets import Streets

MONDAY = pd.Timestamp("2023-05-08", tz="-05:00")
FIX_SECONDS = 60
UNITS = (("PNP-01", 0), ("PNP-02", 0), ("PNP-03", 3), ("PNP-04", 4), ("SER-01", 7), ("SER-02", 8))
"""Patrol car and the number of the post where it parks: the seven stations first, then the serenazgo bases."""


class Network:
    """Shortest ways between corners of the streets, kept once they have been asked for."""

    def __init__(self, streets: Streets) -> None:
        self.corners = streets.corners
        self.graph = streets.graph()
        self.used = np.unique(streets.ends)
        self._tree = cKDTree(streets.corners[self.used])
        self._before: dict[int, Ints] = {}

    def nearest(self, xy: Floats) -> Ints:
        """The corner nearest to each point."""
        return np.asarray(self.used[self._tree.query(xy)[1]])

    def way(self, start: int, stop: int) -> list[int]:
        """Corners from `start` to `stop` by the shortest way."""
        if start not in self._before:
            self._before[start] = dijkstra(self.graph, indices=start, return_predecessors=True)[1]
        path = [stop]
        while path[-1] != start:
            path.append(int(self._before[start][path[-1]]))
        return path[::-1]

    def tour(self, stops: list[int]) -> list[int]:
        """Corners of the way through all `stops` in turn."""
        path = [stops[0]]
        for start, stop in pairwise(stops):
            path += self.way(start, stop)[1:]
        return path


def pull_of_places(barrios: gpd.GeoDataFrame, people: Ints, *, truth: bool) -> Floats:
    """How often a patrol heads for each neighbourhood: the centre draws them, unless the truth is switched off."""
    pull = people.astype(float)
    if truth:
        pull = (
            pull * np.exp(-barrios["away"].to_numpy() / 1000) * np.where(barrios["casco"] == "Casco urbano", 1.6, 1.0)
        )
    return np.asarray(pull / pull.sum())


def patrol_routes(
    barrios: gpd.GeoDataFrame,
    network: Network,
    police: gpd.GeoDataFrame,
    serenazgo: gpd.GeoDataFrame,
    pull: Floats,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Round trips from a post along the streets, with how often a week, by how many, and how long."""
    centres = local(shapely.get_coordinates(barrios.geometry.centroid.to_numpy()))
    seats = [("policía", post) for post in police.geometry[:7]] * 2 + [("policía", police.geometry[0])] * 4
    seats += [
        ("serenazgo", post) for post, kind in zip(serenazgo.geometry, serenazgo["tipo"], strict=True) if kind == "base"
    ]
    seats += [("serenazgo", serenazgo.geometry[0])] * 5
    rows = []
    for number, (body, seat) in enumerate(seats):
        foot = number % 3 == 2
        home = local(shapely.get_coordinates(seat))[0]
        near = pull * np.exp(-np.hypot(*(centres - home).T) / (450 if foot else 1100))
        calls = rng.choice(len(barrios), 3 if foot else 5, replace=False, p=near / near.sum())
        stops = centres[calls] + rng.normal(0, 60, (len(calls), 2))
        bearing = np.arctan2(*(stops - stops.mean(axis=0)).T)
        corners = network.nearest(np.vstack([home, stops[np.argsort(bearing)], home]) + np.array(PLAZA))
        line = shapely.LineString(network.corners[network.tour([int(one) for one in corners])])
        pace = 55.0 if foot else 190.0
        rows.append(
            {
                "ruta": f"R{number + 1:02d}",
                "cuerpo": body,
                "modo": "a pie" if foot else "vehículo",
                "turno": ("mañana", "tarde", "noche")[int(rng.integers(3))],
                "veces_por_semana": int(rng.integers(4, 15)),
                "tripulantes": int(rng.integers(2, 4)),
                "minutos": 5 * round(line.length / pace / 5 + 3),
                "longitud_m": round(line.length, 1),
                "geometry": line,
            }
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def week_of_fixes(
    barrios: gpd.GeoDataFrame,
    fabric: Fabric,
    network: Network,
    police: gpd.GeoDataFrame,
    serenazgo: gpd.GeoDataFrame,
    pull: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """A position about every minute of six cars on duty for a week: `unidad`, `hora` (UTC-5), `lon`, `lat`."""
    posts = np.vstack(
        [
            shapely.get_coordinates(police.geometry[:7].to_numpy()),
            shapely.get_coordinates(serenazgo.geometry[serenazgo["tipo"] == "base"].to_numpy()),
        ]
    )
    calls = network.nearest(shapely.get_coordinates(barrios.geometry.representative_point().to_numpy()))
    centres = shapely.get_coordinates(barrios.geometry.centroid.to_numpy())
    tracks = []
    for unit, post in UNITS:
        near = pull * np.exp(-np.hypot(*(centres - posts[post]).T) / 2200)
        near = near / near.sum()
        for day in range(7):
            start = 86_400 * day + int(rng.integers(5 * 3600, 9 * 3600))
            stop = start + int(rng.integers(13 * 3600, 16 * 3600))
            tracks.append(_one_day(unit, start, stop, network, posts[post], calls, near, rng))
    fixes = pd.concat(tracks, ignore_index=True)
    return _with_defects(fixes, rng)


def _one_day(
    unit: str,
    start: int,
    stop: int,
    network: Network,
    post: Floats,
    calls: Ints,
    pull: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Drive from call to call, wait there, and come back to park at the base now and then."""
    base = int(network.nearest(post[None])[0])
    here, clock = base, float(start)
    times, places = [clock], [post]
    while clock < stop:
        goes_home = here != base and rng.random() < 0.22
        there = base if goes_home else int(rng.choice(calls, p=pull))
        if there == here:
            continue
        way = network.corners[network.way(here, there)]
        speed = rng.uniform(3.2, 7.5)
        run = np.hypot(*np.diff(way, axis=0).T).cumsum() / speed
        times += list(clock + run)
        places += list(way[1:])
        clock += float(run[-1]) + (rng.uniform(1200, 4200) if goes_home else rng.uniform(60, 900))
        times.append(clock)
        places.append(post if goes_home else way[-1])
        here = there
    at = np.arange(start, stop, FIX_SECONDS) + rng.integers(-3, 4, len(range(start, stop, FIX_SECONDS)))
    way_xy = np.array(places)
    xy = np.column_stack([np.interp(at, times, way_xy[:, axis]) for axis in (0, 1)]) + rng.normal(0, 4.5, (len(at), 2))
    return pd.DataFrame({"unidad": unit, "seconds": at, "x": xy[:, 0], "y": xy[:, 1]})


def _with_defects(fixes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lost signal, fixes sent twice, jumps of kilometres, clocks a year ahead, and a receiver that says (0, 0)."""
    keep = np.ones(len(fixes), dtype=bool)
    for lost in rng.choice(len(fixes), 160, replace=False):
        keep[lost : lost + int(rng.integers(6, 45))] = False
    fixes = fixes[keep]
    again = fixes.iloc[np.sort(rng.choice(len(fixes), len(fixes) // 120, replace=False))]
    fixes = pd.concat([fixes, again]).sort_values(["unidad", "seconds"], kind="stable", ignore_index=True)
    odd = rng.choice(len(fixes), 74, replace=False)
    jumped, ahead, blank = odd[:48], odd[48:62], odd[62:]
    xy = fixes[["x", "y"]].to_numpy(copy=True)
    turn = rng.uniform(0, 2 * np.pi, len(jumped))
    xy[jumped] += rng.uniform(6_000, 40_000, len(jumped))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*xy.T)
    lon, lat = np.round(lon, 6), np.round(lat, 6)
    lon[blank] = lat[blank] = 0.0
    seconds = fixes["seconds"].to_numpy(copy=True)
    seconds[ahead] += 365 * 86_400
    hour = MONDAY + pd.to_timedelta(seconds, unit="s")
    return pd.DataFrame({"unidad": fixes["unidad"], "hora": hour, "lon": lon, "lat": lat})
