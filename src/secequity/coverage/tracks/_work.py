"""The work of `tracks` and `count_fixes` in pieces that any engine can do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from secequity.coverage.tracks._presence import Presence, Tally
from secequity.coverage.tracks._reading import Arrived, table_of, usable
from secequity.coverage.tracks._rules import Floats, Ints, Rules
from secequity.engines import Engine, Locator, Places, Told
from secequity.sources.tracks import Fixes, Piece

BAGS_A_PIECE, MOST_BAGS = 4, 64
"""Units are brought together in so many bags, each counted by itself."""

Given: TypeAlias = "gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame]"


@dataclass(frozen=True, eq=False)
class City:
    """The neighbourhoods as they travel to where the work is done: in the order of ids, as bytes."""

    crs: object
    wkb: tuple[bytes, ...]
    digest: str

    @classmethod
    def of(cls, neighbourhoods: gpd.GeoDataFrame) -> City:
        """The neighbourhoods, whose order of rows leaves no trace."""
        written = tuple(shapely.to_wkb(neighbourhoods.sort_index().geometry.to_numpy()))
        return cls(neighbourhoods.crs, written, hashlib.sha256(b"".join(written)).hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, City) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def here(self) -> gpd.GeoDataFrame:
        """No rows, in the CRS of the neighbourhoods."""
        return gpd.GeoDataFrame(geometry=[], crs=self.crs)


@lru_cache(maxsize=1)
def _places(city: City) -> Locator:
    """What a worker looks places up in, made once for all its tasks."""
    return Places(shapely.from_wkb(np.array(city.wkb, dtype=object)))


@dataclass(frozen=True, eq=False)
class Held:
    """A part of the fixes that is in memory already."""

    frame: gpd.GeoDataFrame

    def positions(self) -> Iterator[tuple[Floats, Floats]]:
        """Its coordinates."""
        shapes = self.frame.geometry.to_numpy()
        yield shapely.get_x(shapes), shapely.get_y(shapes)


def pieces_of(fixes: Given) -> Sequence[Piece | Held]:
    """The fixes in pieces that can be read anywhere, or that are held here."""
    if isinstance(fixes, Fixes):
        return fixes.pieces
    return [Held(one) for one in ([fixes] if isinstance(fixes, gpd.GeoDataFrame) else fixes)]


def arrivals(fixes: Given, rules: Rules, *, city: gpd.GeoDataFrame, now: pd.Timestamp, told: Told) -> Iterator[Arrived]:
    """The usable fixes part by part, telling how far a file has been read."""
    if isinstance(fixes, Fixes):
        for part in fixes.tables():
            yield usable(part, rules, now=now)
            told(fixes.read, len(fixes.pieces))
        return
    for frame in [fixes] if isinstance(fixes, gpd.GeoDataFrame) else fixes:
        yield usable(table_of(frame, rules, city=city), rules, now=now)


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Takes a piece apart: its usable fixes, in bags by unit."""

    city: City
    rules: Rules
    now: pd.Timestamp
    bags: int

    def __call__(self, piece: Piece | Held) -> list[list[Arrived]]:
        """By bag, what arrived of it in each part of the piece."""
        bags: list[list[Arrived]] = [[] for _ in range(self.bags)]
        for table in self._tables(piece):
            arrived = usable(table, self.rules, now=self.now)
            for bag, part in zip(bags, arrived.bags(self.bags), strict=True):
                bag.append(part)
        return bags

    def _tables(self, piece: Piece | Held) -> Iterable[pd.DataFrame]:
        if isinstance(piece, Held):
            return [table_of(piece.frame, self.rules, city=self.city.here)]
        return piece.tables()


@dataclass(frozen=True, kw_only=True, eq=False)
class Reckoned:
    """The tally of `units`, and the zone of its shifts."""

    units: list[object]
    tally: Tally
    zone: tzinfo | None

    @classmethod
    def of(cls, presence: Presence) -> Reckoned:
        """What a finished reading counted."""
        return cls(tally=presence.finish(), units=list(presence.units), zone=presence.zone)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reckon:
    """Counts the presence of the units of a bag."""

    city: City
    rules: Rules

    def __call__(self, bag: int, parts: Iterable[list[Arrived]]) -> Reckoned:
        """All that arrived of the bag, in the order of the file."""
        presence = Presence(_places(self.city), size=len(self.city.wkb), rules=self.rules)
        for arrived in (one for piece in parts for one in piece):
            presence.feed(arrived)
        return Reckoned.of(presence)


def reckoned(fixes: Given, neighbourhoods: gpd.GeoDataFrame, rules: Rules, *, engine: Engine, told: Told) -> Reckoned:
    """Everything counted: part by part in this process, or unit by unit wherever the engine works.

    Raises
    ------
    LayerError : fixes that cannot be used; parts say different time zones.
    """
    now = pd.Timestamp.now("UTC")
    if engine.name != "dask":
        shapes = neighbourhoods.sort_index().geometry.to_numpy()
        presence = Presence(engine.places(shapes), size=len(shapes), rules=rules)
        for arrived in arrivals(fixes, rules, city=neighbourhoods, now=now, told=told):
            presence.feed(arrived)
        return Reckoned.of(presence)
    city, pieces = City.of(neighbourhoods), pieces_of(fixes)
    bags = min(BAGS_A_PIECE * max(len(pieces), 1), MOST_BAGS)
    split = Split(city=city, rules=rules, now=now, bags=bags)
    sums = engine.reduce(split, Reckon(city=city, rules=rules), pieces, bags=bags, told=told)
    first, *others = sums
    for one in others:
        first.tally.add(one.tally)
    return Reckoned(tally=first.tally, units=[unit for one in sums for unit in one.units], zone=first.zone)


@dataclass(frozen=True, kw_only=True, eq=False)
class Count:
    """Counts the fixes of a piece: by neighbourhood, then those outside all of them, then those without a position."""

    city: City

    def __call__(self, piece: Piece | Held) -> list[Ints]:
        """The only bag there is."""
        return [counted(piece, _places(self.city), len(self.city.wkb))]


def counted(piece: Piece | Held, places: Locator, size: int) -> Ints:
    """The fixes of a piece by neighbourhood; the last but one count lies outside, the last one has no position."""
    total = np.zeros(size + 2, dtype=np.int64)
    for x, y in piece.positions():
        placed = np.isfinite(x) & np.isfinite(y)
        total[:-1] += np.bincount(places.of(x[placed], y[placed]), minlength=size + 1)
        total[-1] += len(x) - int(placed.sum())
    return total


def summed(bag: int, parts: Iterable[Ints]) -> Ints:
    """The counts of all pieces together."""
    total: Ints = np.sum(np.stack(list(parts)), axis=0)
    return total
