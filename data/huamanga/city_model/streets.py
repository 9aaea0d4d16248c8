"""Streets of the model city: the sides of its blocks, with light and paving, as a graph and as lines."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from city_model.fabric import Fabric, Ints, edges_of
from city_model.ground import CRS, Field, Floats, local

STRAIGHT = np.cos(np.radians(32))


@dataclass(frozen=True)
class Streets:
    """Street segments between two corners; `beside` holds the two neighbourhoods a segment runs between (or within)."""

    corners: Floats
    ends: Ints
    beside: Ints
    length: Floats
    lit: NDArray[np.bool_]
    paved: NDArray[np.bool_]

    def graph(self) -> csr_array:
        """Metres between corners, both ways."""
        size = len(self.corners)
        one_way = coo_array((self.length, self.ends.T), shape=(size, size))
        return csr_array(one_way + one_way.T)

    def share(self, chosen: NDArray[np.bool_], count: int) -> Floats:
        """Per cent of each neighbourhood's street length that is `chosen`; a shared street counts half to each side."""
        halves = np.repeat(self.length / 2, 2)
        whole = np.bincount(self.beside.ravel(), halves, count)
        part = np.bincount(self.beside.ravel(), halves * np.repeat(chosen, 2), count)
        return np.asarray(100 * part / whole)


def draw_streets(fabric: Fabric, deprivation: Floats, rng: np.random.Generator) -> Streets:
    """Every side shared by two blocks is a street; light and paving fail more often where deprivation is high."""
    sides, block = edges_of(fabric.rings)
    order = np.lexsort((sides[:, 1], sides[:, 0]))
    sides, block = sides[order], block[order]
    shared = np.flatnonzero((sides[1:] == sides[:-1]).all(axis=1))
    ends = sides[shared]
    beside = fabric.neighbourhood[np.column_stack([block[shared], block[shared + 1]])]
    span = fabric.corners[ends[:, 1]] - fabric.corners[ends[:, 0]]
    middle = fabric.corners[ends].mean(axis=1)
    level = deprivation[beside].mean(axis=1)
    unlit = -1.55 + 0.85 * level + 0.8 * Field(rng, scale_m=420)(local(middle)) + rng.logistic(0, 0.35, len(ends))
    rough = -1.05 + 1.15 * level + 0.8 * Field(rng, scale_m=500)(local(middle)) + rng.logistic(0, 0.3, len(ends))
    return Streets(fabric.corners, ends, beside, np.hypot(*span.T), unlit < 0, rough < 0)


def street_lines(streets: Streets) -> gpd.GeoDataFrame:
    """Segments that go straight on are one street; a street is cut where its light or its paving changes."""
    street = _straight_on(streets)
    state = street * 4 + streets.lit * 2 + streets.paved
    lines = shapely.linestrings(streets.corners[streets.ends])
    rows = []
    for one in np.unique(state):
        merged = shapely.line_merge(shapely.multilinestrings(lines[state == one]))
        number, flags = divmod(int(one), 4)
        rows += [(number, bool(flags & 2), bool(flags & 1), part) for part in shapely.get_parts(merged)]
    whole = np.bincount(street, streets.length)
    number, lit, paved, shapes = (list(column) for column in zip(*rows, strict=True))
    kind = np.select([whole[number] >= 1500, whole[number] >= 450], ["avenida", "jirón"], "pasaje")
    frame = gpd.GeoDataFrame(
        {
            "via": [f"V{one + 1:04d}" for one in number],
            "tipo": kind,
            "alumbrado": np.where(lit, "sí", "no"),
            "pavimento": np.where(paved, "sí", "no"),
            "longitud_m": np.round(shapely.length(shapes), 1),
        },
        geometry=shapes,
        crs=CRS,
    )
    where = frame.geometry.representative_point()
    return frame.assign(x=where.x, y=where.y).sort_values(["via", "x", "y"], ignore_index=True).drop(columns=["x", "y"])


def _straight_on(streets: Streets) -> Ints:
    """The number of the street of every segment: at each corner the straightest pair of segments goes on."""
    around: dict[int, list[tuple[int, Floats]]] = {}
    for segment, (start, stop) in enumerate(streets.ends):
        ahead = (streets.corners[stop] - streets.corners[start]) / streets.length[segment]
        around.setdefault(int(start), []).append((segment, ahead))
        around.setdefault(int(stop), []).append((segment, -ahead))
    joined: list[tuple[int, int]] = []
    for leaving in around.values():
        turns = sorted(
            (float(one[1] @ two[1]), one[0], two[0]) for at, one in enumerate(leaving) for two in leaving[at + 1 :]
        )
        used: set[int] = set()
        for cosine, one, two in turns:
            if cosine < -STRAIGHT and not used & {one, two}:
                used |= {one, two}
                joined.append((one, two))
    size = len(streets.ends)
    pairs = np.array(joined)
    return np.asarray(
        connected_components(coo_array((np.ones(len(pairs)), pairs.T), shape=(size, size)), directed=False)[1]
    )
