"""The ground the model city stands on: its origin, smooth random fields, slope, ravines and outline."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

CRS = "EPSG:32718"
PLAZA = (583_900.0, 8_545_000.0)
"""Easting and northing of the Plaza Mayor (lon -74.2257, lat -13.1604), to the nearest hundred metres."""

Floats = NDArray[np.float64]

GROUND_SEED = 0

REACH_M = {
    0: 4250,
    30: 3300,
    60: 2750,
    90: 3050,
    120: 3400,
    150: 3600,
    180: 3350,
    210: 2800,
    240: 2250,
    270: 2050,
    300: 2350,
    330: 3200,
}
"""How far the city reaches from the plaza, by bearing in degrees from north."""

RAVINES: tuple[tuple[float, tuple[tuple[float, float], ...]], ...] = (
    (330.0, ((-2900, -1150), (-2100, -980), (-1500, -640), (-1060, -420))),
    (300.0, ((-2500, 2350), (-1900, 1950), (-1480, 1150), (-1180, 860))),
    (360.0, ((1700, 4300), (960, 3300), (690, 2400), (600, 1500))),
    (420.0, ((3900, 1750), (2800, 1250), (2300, 560), (1750, 480))),
    (380.0, ((3900, -1500), (3000, -1330), (2300, -1250), (1750, -820))),
    (340.0, ((820, -4200), (720, -3300), (600, -2500), (480, -1900))),
    (300.0, ((-2100, -3000), (-1450, -2250), (-1080, -1750), (-830, -1250))),
    (260.0, ((2300, -4200), (1750, -3200), (1560, -2600), (1500, -2100))),
    (240.0, ((-1700, 4300), (-1250, 3500), (-800, 2950), (-650, 2500))),
)
"""Ravines that open the city's edge: their width in metres at the mouth, and their course from the mouth inwards."""


class Field:
    """A smooth random surface of mean 0 and standard deviation 1, the same wherever it is asked."""

    def __init__(self, rng: np.random.Generator, *, scale_m: float, waves: int = 40) -> None:
        directions = rng.uniform(0, 2 * np.pi, waves)
        lengths = scale_m * np.exp(rng.normal(0, 0.35, waves))
        self._kx = 2 * np.pi * np.cos(directions) / lengths
        self._ky = 2 * np.pi * np.sin(directions) / lengths
        self._phase = rng.uniform(0, 2 * np.pi, waves)
        self._height = np.sqrt(2 / waves)

    def __call__(self, xy: Floats) -> Floats:
        angle = xy[:, :1] * self._kx + xy[:, 1:] * self._ky + self._phase
        return np.asarray(np.cos(angle).sum(axis=1) * self._height)


def local(xy: Floats) -> Floats:
    """Metres east and north of the plaza."""
    return np.asarray(xy, dtype=float) - np.array(PLAZA)


def elevation(xy: Floats) -> Floats:
    """Metres above the sea: a slope that climbs to the west and the south, two hills, and the ravines cut into it."""
    rng = np.random.default_rng(GROUND_SEED)
    x, y = (local(xy) / 1000).T
    west, south = np.maximum(0, -x), np.maximum(0, -y)
    height = 2760 - 19 * x - 12 * y + 24 * west**2 + 12 * south**2
    height += 60 * np.exp(-((x - 0.1) ** 2 + (y + 1.75) ** 2) / 0.18)
    height += 70 * np.exp(-((x + 2.3) ** 2 + (y - 0.1) ** 2) / 0.8)
    points = shapely.points(local(xy))
    for width, course in RAVINES:
        away = shapely.distance(points, shapely.LineString(course))
        height -= 0.16 * width * np.exp(-((away / (0.55 * width)) ** 2))
    return np.asarray(height + 7 * Field(rng, scale_m=1100)(xy) + 2.5 * Field(rng, scale_m=350)(xy))


def outline(rng: np.random.Generator) -> shapely.Geometry:
    """The built-up shape of the city before it is cut along its blocks."""
    bearings = np.append(np.array(list(REACH_M)), 360)
    reach = np.append(np.array(list(REACH_M.values())), REACH_M[0])
    turn = np.arange(0, 360, 1.0)
    radius = CubicSpline(bearings, reach, bc_type="periodic")(turn)
    way = np.column_stack([np.sin(np.radians(turn)), np.cos(np.radians(turn))])
    edge = way * radius[:, None]
    edge = way * (radius + 170 * Field(rng, scale_m=1500)(edge) + 70 * Field(rng, scale_m=500)(edge))[:, None]
    shape = shapely.make_valid(shapely.Polygon(edge))
    wedges = [_wedge(np.array(course, dtype=float), width) for width, course in RAVINES]
    return shapely.transform(shapely.difference(shape, shapely.union_all(wedges)), lambda xy: xy + np.array(PLAZA))


def _wedge(course: Floats, width: float) -> shapely.Geometry:
    """A ravine as a strip that narrows from its mouth to its head."""
    line = shapely.LineString(course)
    steps = np.linspace(0, line.length, 30)
    half = width * (1 - 0.9 * steps / line.length) * (1.4 - 0.4 * np.minimum(1, steps / 600)) / 2
    discs = [line.interpolate(at).buffer(size) for at, size in zip(steps, half, strict=True)]
    return shapely.union_all([shapely.union(one, two).convex_hull for one, two in pairwise(discs)])
