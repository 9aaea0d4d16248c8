"""The fabric of the model city: sectors with their own street grid, their blocks, and neighbourhoods made of blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

from city_model.ground import PLAZA, Field, Floats, local, outline

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Sector:
    """A part of the city laid out at one time: where it is, its district, how its streets turn, its neighbourhoods."""

    x: float
    y: float
    ubigeo: str
    turn: float
    block: tuple[float, float]
    neighbourhoods: int
    casco: bool = False


A, CA, SJB, JN, AAC = "050101", "050104", "050110", "050115", "050116"
DISTRICTS = {
    A: "Ayacucho",
    CA: "Carmen Alto",
    SJB: "San Juan Bautista",
    JN: "Jesús Nazareno",
    AAC: "Andrés Avelino Cáceres Dorregaray",
}

SECTORS = (
    Sector(20, 60, A, 11, (98, 98), 9, casco=True),
    Sector(-700, 260, A, 22, (92, 104), 6, casco=True),
    Sector(140, 810, A, 4, (95, 108), 5, casco=True),
    Sector(-330, -610, A, 17, (90, 100), 6, casco=True),
    Sector(-1450, 480, A, 34, (85, 125), 4),
    Sector(-1500, -300, A, 62, (80, 125), 4),
    Sector(-800, 1290, A, 28, (88, 120), 6),
    Sector(-1750, 1350, A, 48, (90, 130), 4),
    Sector(60, 1730, A, 2, (90, 120), 5),
    Sector(-900, 2380, A, 15, (95, 130), 4),
    Sector(180, 2780, A, -12, (95, 130), 4),
    Sector(-450, 3600, A, 6, (98, 135), 3),
    Sector(-1180, -1080, A, 40, (85, 120), 5),
    Sector(-150, -1500, CA, 24, (88, 115), 7),
    Sector(-600, -2400, CA, 35, (92, 130), 6),
    Sector(150, -2650, CA, 12, (95, 130), 6),
    Sector(680, -830, SJB, 8, (90, 110), 9),
    Sector(1310, -1430, SJB, -8, (90, 120), 7),
    Sector(1030, -2350, SJB, -20, (92, 130), 6),
    Sector(1960, -1980, SJB, -31, (92, 130), 6),
    Sector(2080, -2720, SJB, -42, (95, 135), 4),
    Sector(1120, -60, AAC, 3, (92, 112), 7),
    Sector(1870, -330, AAC, -14, (92, 125), 4),
    Sector(2600, -680, AAC, -26, (95, 130), 4),
    Sector(2560, 170, AAC, -5, (98, 135), 4),
    Sector(920, 740, JN, 14, (92, 112), 5),
    Sector(1660, 970, JN, 27, (92, 125), 4),
    Sector(1150, 1700, JN, 33, (95, 130), 3),
    Sector(1500, 2350, JN, 41, (98, 135), 3),
)

SMALLEST_EDGE_M = 24.0


@dataclass(frozen=True)
class Fabric:
    """Blocks and what they belong to; `corners` are shared by number, so that neighbours share every vertex."""

    corners: Floats
    rings: tuple[Ints, ...]
    blocks: NDArray[np.object_]
    sector: Ints
    neighbourhood: Ints
    polygons: NDArray[np.object_]

    @property
    def neighbourhood_sector(self) -> Ints:
        """The sector most blocks of a neighbourhood belong to."""
        return np.array(
            [np.bincount(self.sector[self.neighbourhood == one]).argmax() for one in range(len(self.polygons))]
        )


def lay_out(rng: np.random.Generator) -> Fabric:
    """Draw the blocks inside the city's outline and gather them into neighbourhoods."""
    points, sector = _block_centres(rng)
    corners, rings = _tessellate(points, rng)
    shape = outline(rng)
    usable = np.array([len(ring) >= 3 for ring in rings])
    blocks = np.array([shapely.Polygon(corners[ring]) if ok else None for ring, ok in zip(rings, usable, strict=True)])
    inside = usable.copy()
    inside[usable] = shapely.contains(shape, shapely.centroid(blocks[usable]))
    inside = _one_piece(inside, usable, rings)
    kept = np.flatnonzero(inside)
    rings, blocks, sector, points = [rings[i] for i in kept], blocks[kept], sector[kept], points[kept]
    neighbourhood = _gather(points, blocks, sector, rings, rng)
    polygons = np.array(
        [
            shapely.normalize(shapely.coverage_union_all(blocks[neighbourhood == one]))
            for one in range(neighbourhood.max() + 1)
        ]
    )
    return Fabric(corners, tuple(rings), blocks, sector, neighbourhood, polygons)


def _block_centres(rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Lattices turned with their sector, jittered; a sector ends where another one is nearer on bent ground."""
    bend = Field(rng, scale_m=1300), Field(rng, scale_m=1300)
    seeds = np.array([(one.x, one.y) for one in SECTORS])
    found: list[Floats] = []
    owner: list[Ints] = []
    for number, one in enumerate(SECTORS):
        width, depth = one.block
        steps = np.arange(-45, 46)
        u, v = (part.ravel().astype(float) for part in np.meshgrid(steps * width, steps * depth))
        turn = np.radians(one.turn)
        lattice = np.column_stack(
            [one.x + u * np.cos(turn) - v * np.sin(turn), one.y + u * np.sin(turn) + v * np.cos(turn)]
        )
        lattice += rng.normal(0, 0.045 * width, lattice.shape)
        bent = lattice + 110 * np.column_stack([bend[0](lattice), bend[1](lattice)])
        mine = (cKDTree(seeds).query(bent)[1] == number) & (np.hypot(*lattice.T) < 6200)
        lattice = lattice[mine]
        if found:
            near = cKDTree(np.vstack(found)).query(lattice)[0]
            lattice = lattice[near > 0.62 * min(width, depth)]
        found.append(lattice)
        owner.append(np.full(len(lattice), number))
    return np.vstack(found) + np.array(PLAZA), np.concatenate(owner)


def _tessellate(points: Floats, rng: np.random.Generator) -> tuple[Floats, list[Ints]]:
    """Voronoi cells whose corners closer than `SMALLEST_EDGE_M` become one, then bent like streets on a slope."""
    cells = Voronoi(local(points))
    pairs = cKDTree(cells.vertices).query_pairs(SMALLEST_EDGE_M, output_type="ndarray")
    size = len(cells.vertices)
    _, label = connected_components(coo_array((np.ones(len(pairs)), pairs.T), shape=(size, size)), directed=False)
    members = np.bincount(label)
    corners = np.column_stack([np.bincount(label, cells.vertices[:, axis]) / members for axis in (0, 1)])
    bend = Field(rng, scale_m=900), Field(rng, scale_m=900)
    corners = corners + 26 * np.column_stack([bend[0](corners), bend[1](corners)])
    corners = np.round(corners + np.array(PLAZA), 2)
    rings: list[Ints] = []
    for region in (cells.regions[at] for at in cells.point_region):
        if not region or -1 in region:
            rings.append(np.empty(0, dtype=np.intp))
            continue
        ring = label[np.array(region)]
        rings.append(ring[ring != np.roll(ring, 1)])
    return corners, rings


def edges_of(rings: list[Ints] | tuple[Ints, ...]) -> tuple[Ints, Ints]:
    """Every side of every block as two corner numbers (smaller first), and the block it is a side of."""
    sides = [np.sort(np.column_stack([ring, np.roll(ring, -1)]), axis=1) for ring in rings]
    block = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return np.vstack(sides), block


def neighbours_of(rings: list[Ints] | tuple[Ints, ...]) -> Ints:
    """Pairs of blocks that share a side."""
    sides, block = edges_of(rings)
    order = np.lexsort((block, sides[:, 1], sides[:, 0]))
    sides, block = sides[order], block[order]
    same = (sides[1:] == sides[:-1]).all(axis=1)
    return np.column_stack([block[:-1][same], block[1:][same]])


def _pieces(chosen: NDArray[np.bool_], pairs: Ints) -> Ints:
    """The number of the connected piece of every block; blocks meet only if both are chosen or both are not."""
    links = pairs[chosen[pairs[:, 0]] == chosen[pairs[:, 1]]]
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(chosen), len(chosen)))
    return np.asarray(connected_components(graph, directed=False)[1])


def _one_piece(inside: NDArray[np.bool_], usable: NDArray[np.bool_], rings: list[Ints]) -> NDArray[np.bool_]:
    """The largest piece of the city, with its holes filled and without blocks that hang on by one side."""
    numbers = np.flatnonzero(usable)
    pairs = neighbours_of([rings[i] for i in numbers])
    kept = inside[numbers]
    for _ in range(3):
        beside = np.bincount(pairs.ravel(), np.column_stack([kept[pairs[:, 1]], kept[pairs[:, 0]]]).ravel(), len(kept))
        kept = (kept & (beside >= 2)) | (beside >= 4) & (np.bincount(pairs.ravel(), minlength=len(kept)) <= 5)
        piece = _pieces(kept, pairs)
        kept = piece == np.bincount(piece[kept]).argmax()
        piece = _pieces(kept, pairs)
        kept |= piece != np.bincount(piece[~kept]).argmax()
    whole = np.zeros_like(inside)
    whole[numbers] = kept
    return whole


def _gather(
    points: Floats, blocks: NDArray[np.object_], sector: Ints, rings: list[Ints], rng: np.random.Generator
) -> Ints:
    """Cut each sector along its own streets into neighbourhoods of like weight, then mend those that fall apart."""
    weight = shapely.area(blocks) * crowding(points)
    label = np.full(len(points), -1)
    count = 0
    for number, one in enumerate(SECTORS):
        mine = np.flatnonzero(sector == number)
        turn = np.radians(one.turn)
        offset = local(points[mine]) - np.array([one.x, one.y])
        frame = offset @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        for group in _halve(mine, np.rint(frame / one.block), weight, one, one.neighbourhoods, rng):
            label[group] = count
            count += 1
    return mend(label, neighbours_of(rings))


def _halve(mine: Ints, cell: Floats, weight: Floats, one: Sector, parts: int, rng: np.random.Generator) -> list[Ints]:
    """Split blocks in two along a street, again and again, until there are `parts` groups."""
    if parts == 1:
        return [mine]
    spans = np.ptp(cell, axis=0) * one.block
    axis = int(spans[1] * rng.uniform(0.85, 1.18) > spans[0])
    first = parts // 2
    along = cell[:, axis]
    lines = np.unique(along)[1:]
    share = np.array([weight[mine[along < line]].sum() for line in lines]) / weight[mine].sum()
    target = first / parts + rng.uniform(-0.06, 0.06)
    below = along < lines[np.abs(share - target).argmin()]
    return [
        group
        for half, number in ((below, first), (~below, parts - first))
        for group in _halve(mine[half], cell[half], weight, one, number, rng)
    ]


def mend(label: Ints, pairs: Ints) -> Ints:
    """Give every stray piece of a neighbourhood to the neighbour it shares most sides with."""
    label = label.copy()
    while True:
        links = pairs[label[pairs[:, 0]] == label[pairs[:, 1]]]
        graph = coo_array((np.ones(len(links)), links.T), shape=(len(label), len(label)))
        piece = connected_components(graph, directed=False)[1]
        size = np.bincount(piece)
        main = [np.bincount(piece[label == one]).argmax() for one in np.unique(label)]
        strays = np.setdiff1d(np.arange(len(size)), main)
        if not len(strays):
            return np.unique(label, return_inverse=True)[1]
        stray = strays[size[strays].argmin()]
        border = pairs[(piece[pairs] == stray).sum(axis=1) == 1]
        others = np.where(piece[border[:, 0]] == stray, label[border[:, 1]], label[border[:, 0]])
        label[piece == stray] = np.bincount(others).argmax()


def crowding(xy: Floats) -> Floats:
    """How densely people live at a point, relative to the plaza: a shoulder at the centre, then falling to the edge."""
    away = np.hypot(*local(xy).T)
    return np.asarray(1.0 / (1 + (away / 1900) ** 2.2))
