"""Who guards the model city: police and serenazgo posts and their areas, private guards, neighbourhood councils."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from city_model.fabric import AAC, CA, DISTRICTS, JN, SJB, A, Fabric, Ints, mend, neighbours_of
from city_model.ground import CRS, PLAZA, Field, Floats, local

STATIONS: tuple[tuple[str, str, float, float, int], ...] = (
    ("Comisaría Centro (modelo)", A, 220, 30, 22),
    ("Comisaría Santa Ana (modelo)", A, -760, 180, 14),
    ("Comisaría Norte (modelo)", A, -260, 2150, 12),
    ("Comisaría Carmen Alto (modelo)", CA, -150, -1480, 25),
    ("Comisaría San Juan Bautista (modelo)", SJB, 800, -930, 17),
    ("Comisaría Jesús Nazareno (modelo)", JN, 930, 760, 9),
    ("Comisaría Andrés Avelino Cáceres (modelo)", AAC, 1480, -120, 11),
)
"""Name, district, metres east and north of the plaza, police."""

AID_POSTS: dict[tuple[str, bool], tuple[int, ...]] = {
    (A, True): (7, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 4),
    (A, False): (9, 9, 8, 7, 6),
    (CA, False): (11, 10, 9),
    (SJB, False): (11, 10, 9),
    (JN, False): (5,),
    (AAC, False): (10,),
}
"""Police of each aid post, by district and whether it stands in the casco urbano."""

SERENAZGO: dict[tuple[str, bool], tuple[int, ...]] = {
    (A, True): (9, 7, 6, 6, 5, 5, 5, 5, 4),
    (A, False): (12, 11, 9),
    (CA, False): (6, 4, 4),
    (SJB, False): (4, 2),
    (JN, False): (7, 5),
    (AAC, False): (6, 4, 4),
}
"""Serenos of each base or booth; the first of a district is its base."""

MARKET = (-40.0, -600.0, 270.0)
"""Metres east and north of the plaza, and radius, of the market area nested in the centre's jurisdiction."""


@dataclass(frozen=True)
class Areas:
    """Blocks gathered into areas of responsibility: a number for every block, a name for every number."""

    of_block: Ints
    names: tuple[str, ...]


def police_posts(
    barrios: gpd.GeoDataFrame, fabric: Fabric, people: Ints, rng: np.random.Generator, *, truth: bool
) -> gpd.GeoDataFrame:
    """Stations and aid posts, with their police; without the truth, both fall in proportion to people."""
    plan = [(name, ubigeo, staff) for name, ubigeo, _, _, staff in STATIONS]
    spots = [_nearest_block(fabric, barrios, ubigeo, x, y) for _, ubigeo, x, y, _ in STATIONS]
    taken = set(fabric.neighbourhood[spots])
    for (ubigeo, casco), crews in AID_POSTS.items():
        spots += _near_centre(fabric, barrios, ubigeo, casco, len(crews), taken, rng)
        plan += [("", ubigeo, staff) for staff in crews]
    staff = np.array([row[2] for row in plan])
    if not truth:
        spots, staff = _by_people(barrios, fabric, people, staff, rng)
    frame = _at(barrios, fabric, spots)
    kind = np.where(np.arange(len(plan)) < len(STATIONS), "comisaría", "PAR")
    names = [
        row[0] or f"Puesto de auxilio rápido {barrio} (modelo)"
        for row, barrio in zip(plan, frame["barrio"], strict=True)
    ]
    frame = frame.assign(codigo=[f"PN{n + 1:02d}" for n in range(len(plan))], nombre=names, tipo=kind, policias=staff)
    return frame[["codigo", "nombre", "tipo", "distrito", "ubigeo", "policias", "geometry"]]


def serenazgo_posts(
    barrios: gpd.GeoDataFrame, fabric: Fabric, people: Ints, rng: np.random.Generator, *, truth: bool
) -> gpd.GeoDataFrame:
    """Bases and booths of the municipal guard, with the serenos of each."""
    taken: set[int] = set()
    spots, staff, base = [], [], []
    for (ubigeo, casco), crews in SERENAZGO.items():
        spots += _near_centre(fabric, barrios, ubigeo, casco, len(crews), taken, rng)
        staff += crews
        base += [number == 0 and (casco or ubigeo != A) for number in range(len(crews))]
    if not truth:
        spots, staff = _by_people(barrios, fabric, people, np.array(staff), rng)
    frame = _at(barrios, fabric, spots)
    kind = np.where(base, "Base", "Caseta")
    frame = frame.assign(
        codigo=[f"SZ{n + 1:02d}" for n in range(len(frame))],
        tipo=np.where(base, "base", "caseta"),
        serenos=staff,
        base=[f"{one} de serenazgo {barrio} (modelo)" for one, barrio in zip(kind, frame["barrio"], strict=True)],
    )
    return frame[["codigo", "base", "tipo", "distrito", "ubigeo", "serenos", "geometry"]]


def police_areas(
    barrios: gpd.GeoDataFrame, fabric: Fabric, stations: gpd.GeoDataFrame, rng: np.random.Generator
) -> Areas:
    """The jurisdiction of every block: Carmen Alto answers for its district, the others for the ground nearest."""
    district = _district_of_block(barrios, fabric)
    allowed = (stations["ubigeo"] == CA).to_numpy()[:, None] == (district == CA)[None, :]
    area = _mend_within(_nearest_on_bent_ground(fabric, stations, allowed, rng), fabric)
    return Areas(area, tuple(stations["nombre"].str.replace("Comisaría", "Jurisdicción")))


def serenazgo_areas(
    barrios: gpd.GeoDataFrame, fabric: Fabric, posts: gpd.GeoDataFrame, rng: np.random.Generator
) -> Areas:
    """Sectors inside each district, around every second post of it; San Juan Bautista is one sector."""
    district = _district_of_block(barrios, fabric)
    heads = posts[(posts.groupby("ubigeo").cumcount() % 2 == 0)]
    allowed = heads["ubigeo"].to_numpy()[:, None] == district[None, :]
    area = _nearest_on_bent_ground(fabric, heads, allowed, rng)
    number = heads.groupby("ubigeo").cumcount() + 1
    names = tuple(f"Sector {n} de {name}" for n, name in zip(number, heads["distrito"], strict=True))
    return Areas(_mend_within(area, fabric), names)


def area_polygons(
    areas: Areas, fabric: Fabric, posts: gpd.GeoDataFrame, *, code: str, name: str, staff: str, market: bool = False
) -> gpd.GeoDataFrame:
    """Areas as polygons along the streets, with the staff of the posts that stand in each (the innermost one)."""
    shapes = [shapely.coverage_union_all(fabric.blocks[areas.of_block == one]) for one in range(len(areas.names))]
    names, inside = list(areas.names), [""] * len(areas.names)
    if market:
        x, y, radius = MARKET
        centre = shapely.get_coordinates(shapely.centroid(fabric.blocks))
        near = np.hypot(*(local(centre) - np.array([x, y])).T) < radius
        home = int(np.bincount(areas.of_block[near]).argmax())
        shapes.append(shapely.coverage_union_all(fabric.blocks[near & (areas.of_block == home)]))
        names.append("Subsector Mercado (modelo)")
        inside.append(f"{code}{home + 1:02d}")
    size = shapely.area(shapes)
    standing = [
        min((n for n, shape in enumerate(shapes) if shape.contains(post)), key=lambda n: size[n])
        for post in posts.geometry
    ]
    codes = [f"{code}{n + 1:02d}" for n in range(len(shapes))]
    crew = np.bincount(standing, posts[staff], len(shapes)).astype(int)
    columns = {"codigo": codes, name: names, staff: crew}
    if market:
        columns["dentro_de"] = inside
    return gpd.GeoDataFrame(columns, geometry=[shapely.normalize(one) for one in shapes], crs=CRS)


def private_guards(barrios: gpd.GeoDataFrame, census: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Guards paid by residents and shops: more where there is money. Los Olivos pays one; four were not counted."""
    wealth = np.log(census["ingreso_mensual"] / census["ingreso_mensual"].median())
    centre = (barrios["casco"] == "Casco urbano").to_numpy()
    expected = census["poblacion"] / 1000 * 0.55 * np.exp(2.4 * wealth + 0.75 * centre)
    guards = pd.Series(rng.poisson(expected), dtype="Int64")
    olivos = (barrios["barrio"] == "Los Olivos").to_numpy()
    guards[olivos] = 1
    guards[rng.choice(np.flatnonzero(~olivos & ~centre), 4, replace=False)] = pd.NA
    return pd.DataFrame({"codigo": barrios["codigo"], "guardias": guards})


def councils(barrios: gpd.GeoDataFrame, census: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Neighbourhood councils and their members; about one neighbourhood in eight did not answer, which is not zero."""
    size = len(barrios)
    number = np.minimum(rng.poisson(0.5 + census["poblacion"] / 1300), 6)
    members = np.array([rng.integers(8, 19, one).sum() for one in number])
    silent = (rng.random(size) < 0.125) & ~barrios["barrio"].isin(
        ["Jirón Asamblea", "Asociación Covadonga", "Los Olivos"]
    )
    patrol = pd.Series(pd.NA, index=range(size), dtype="Int64")
    edge = np.flatnonzero((barrios["casco"] == "Periferia") & ~silent & (barrios["barrio"] != "Asociación Covadonga"))
    patrol[barrios["barrio"] == "Asociación Covadonga"] = 1
    patrol[rng.choice(edge, 23, replace=False)] = np.arange(2, 25)
    frame = pd.DataFrame(
        {
            "codigo": barrios["codigo"],
            "juntas_vecinales": pd.Series(number, dtype="Int64"),
            "integrantes": pd.Series(members, dtype="Int64"),
            "orden_registro_ronda": patrol,
        }
    )
    known = np.maximum(frame["juntas_vecinales"], (~patrol.isna() | barrios["barrio"].eq("Jirón Asamblea")).astype(int))
    frame["juntas_vecinales"] = known.mask(silent)
    frame["integrantes"] = frame["integrantes"].where(frame["integrantes"] >= 8 * known, 12 * known).mask(silent)
    return frame


def _district_of_block(barrios: gpd.GeoDataFrame, fabric: Fabric) -> np.ndarray:
    return barrios.set_index("place")["ubigeo"].sort_index().to_numpy()[fabric.neighbourhood]


def _nearest_block(fabric: Fabric, barrios: gpd.GeoDataFrame, ubigeo: str, x: float, y: float) -> int:
    away = shapely.distance(shapely.centroid(fabric.blocks), shapely.Point(PLAZA[0] + x, PLAZA[1] + y))
    return int(np.where(_district_of_block(barrios, fabric) == ubigeo, away, np.inf).argmin())


def _near_centre(
    fabric: Fabric,
    barrios: gpd.GeoDataFrame,
    ubigeo: str,
    casco: bool,
    count: int,
    taken: set[int],
    rng: np.random.Generator,
) -> list[int]:
    """Blocks of neighbourhoods without a post, nearest to the plaza first; outside the casco near ones win."""
    zone = "Casco urbano" if casco else "Periferia"
    free = barrios[(barrios["ubigeo"] == ubigeo) & (barrios["casco"] == zone) & ~barrios["place"].isin(taken)]
    pull = np.ones(len(free)) if casco else np.exp(-free["away"].to_numpy() / 1100)
    chosen = np.sort(rng.choice(len(free), count, replace=False, p=pull / pull.sum()))
    places = free["place"].to_numpy()[chosen].tolist()
    taken.update(places)
    return [_middle_block(fabric, place) for place in places]


def _middle_block(fabric: Fabric, place: int) -> int:
    mine = np.flatnonzero(fabric.neighbourhood == place)
    away = shapely.distance(shapely.centroid(fabric.blocks[mine]), shapely.centroid(fabric.polygons[place]))
    return int(mine[away.argmin()])


def _by_people(
    barrios: gpd.GeoDataFrame, fabric: Fabric, people: Ints, staff: Ints, rng: np.random.Generator
) -> tuple[list[int], Ints]:
    places = rng.choice(barrios["place"].to_numpy(), len(staff), replace=False, p=people / people.sum())
    spots = [_middle_block(fabric, int(one)) for one in places]
    return spots, 1 + rng.multinomial(staff.sum() - len(staff), np.full(len(staff), 1 / len(staff)))


def _at(barrios: gpd.GeoDataFrame, fabric: Fabric, spots: list[int]) -> gpd.GeoDataFrame:
    home = barrios.set_index("place").loc[fabric.neighbourhood[spots], ["barrio", "ubigeo"]].reset_index(drop=True)
    home["distrito"] = home["ubigeo"].map(DISTRICTS)
    return gpd.GeoDataFrame(home, geometry=shapely.centroid(fabric.blocks[spots]).tolist(), crs=CRS)


def _nearest_on_bent_ground(
    fabric: Fabric, seats: gpd.GeoDataFrame, allowed: np.ndarray, rng: np.random.Generator
) -> Ints:
    """The seat nearest to every block among those allowed to it, or among all where none is."""
    centre = local(shapely.get_coordinates(shapely.centroid(fabric.blocks)))
    bend = np.column_stack([Field(rng, scale_m=1500)(centre), Field(rng, scale_m=1500)(centre)])
    seat: Floats = local(shapely.get_coordinates(seats.geometry.to_numpy()))
    away = np.hypot(*np.moveaxis((centre + 120 * bend)[None] - seat[:, None], -1, 0))
    return np.asarray(np.where(allowed | ~allowed.any(axis=0), away, np.inf).argmin(axis=0))


def _mend_within(area: Ints, fabric: Fabric) -> Ints:
    """Areas without stray pieces, under the numbers they had."""
    numbers = np.unique(area)
    return numbers[mend(np.searchsorted(numbers, area), neighbours_of(fabric.rings))]
