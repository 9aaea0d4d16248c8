"""The parts of the embedded city that the four claims are about, made for many seeds without its map."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import weights

CITY = Path(__file__).parents[1] / "data" / "huamanga"
HOURS = 48
WEEKS = 104


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """What does not change from seed to seed: ground, people and neighbours."""

    barrios: gpd.GeoDataFrame
    fabric: Any
    census: pd.DataFrame
    zones: pd.Series
    people: pd.Series
    poverty: pd.Series
    graph: Graph


@dataclass(frozen=True, kw_only=True, eq=False)
class City:
    """Official hours a week, and the record of participation."""

    official: pd.Series
    records: pd.DataFrame

    @property
    def own(self) -> pd.Series:
        """Residents' hours a week."""
        given = (self.records["people"] * self.records["hours"]).groupby(self.records["id"]).sum() / WEEKS
        return given.reindex(self.official.index, fill_value=0.0)


def modules() -> Any:
    """The program that makes the city."""
    if str(CITY) not in sys.path:
        sys.path.insert(0, str(CITY))
    import make

    return make


@cache
def place() -> Place:
    """The ground of the embedded city."""
    make = modules()
    draw = [np.random.default_rng([make.SEED, step]) for step in range(5)]
    fabric = make.fabric.lay_out(draw[1])
    barrios = make.people.name_neighbourhoods(fabric)
    level = make.people.deprivation(fabric, draw[2])
    roads = make.streets.draw_streets(fabric, level, draw[3])
    census = make.people.take_census(barrios, fabric, roads, level, make.PUBLISHED, draw[4])
    by_id = census.set_index("codigo")
    shapes = barrios.set_index("codigo")
    return Place(
        barrios=barrios,
        fabric=fabric,
        census=census,
        zones=shapes["casco"].map({make.CENTRE: "centre", make.EDGE: "periphery"}),
        people=by_id["poblacion"].reindex(shapes.index).astype(float),
        poverty=by_id["pct_pobreza"].reindex(shapes.index).rename("poverty"),
        graph=weights.contiguity(shapes, kind="queen"),
    )


def city(seed: int, *, truth: bool) -> City:
    """Posts and record of one seed, with the truths or without."""
    make, here = modules(), place()
    residents = here.people.to_numpy()
    shapes = here.barrios.set_index("codigo")[["geometry"]]
    official = pd.Series(0.0, index=here.people.index)
    for posts, staff, step in (("police_posts", "policias", 6), ("serenazgo_posts", "serenos", 7)):
        points = getattr(make.guard, posts)(
            here.barrios, here.fabric, residents, np.random.default_rng([seed, step]), truth=truth
        )
        stands = gpd.sjoin(points[[staff, "geometry"]].to_crs(shapes.crs), shapes, predicate="within")
        official = official.add(HOURS * stands.groupby("codigo")[staff].sum(), fill_value=0.0)
    truths = make.TRUTHS if truth else make.NULL
    log = make.log.keep_log(here.barrios, here.census, truths, truth=truth, rng=np.random.default_rng([seed, 11]))
    words = make.log.wording().set_index("tipo")["actividad"]
    days = (pd.to_datetime(log["fecha"]) - make.log.FIRST_DAY).dt.days
    records = pd.DataFrame(
        {
            "id": log["barrio"],
            "activity": log["tipo"].map(words),
            "people": log["personas"].astype(float),
            "hours": log["horas"],
            "times": 1.0,
            "period": (days // make.log.DAYS_A_MONTH).astype("Int64"),
            "support": (log["apoyo_recibido"] != "").astype("boolean"),
        }
    )
    return City(official=official[here.people.index], records=records)
