"""A study proposed from the files of a folder: its neighbourhoods, tables, zones and the layers of each body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from secequity.privacy import PARTICIPANTS
from secequity.template import guess
from secequity.template.folder import Part, first, folded, read_folder
from secequity.template.guess import Polygons, Table, Zones
from secequity.words import Body

BODIES: dict[Body, str] = {
    "police": "comisar|polic|police|pnp|carabiner|gendarm",
    "serenazgo": "seren|guardia_municipal|municipal_guard",
    "community": "junta|ronda|vecin|communit|comunitari",
    "private": "privad|private",
}
STAFF: dict[Body, tuple[str, ...]] = {
    "police": ("policias?(_|$)|police|officers", "efectivo|agente"),
    "serenazgo": ("serenos?(_|$)", "guardia|agente|guard"),
    "community": ("integrante|miembro|member|ronder|vecinos",),
    "private": ("guardia|vigilante|guard|agente",),
}
ANY_STAFF = ("staff|personal(_|$)|integrante|miembro|personas", "efectivo", "(^|_)total(_|$)")
OWN_STAFF: dict[Body, str] = {
    "police": r"^(policias?|police(_officers)?|officers|efectivos(_policiales|_pnp)?)(_total|_20\d\d)?$",
    "serenazgo": r"^(serenos|serenazgo)(_total|_20\d\d)?$",
    "private": r"^(guardias_privados|private_guards|vigilantes_privados)(_total|_20\d\d)?$",
}
NO_STAFF = "pct|porc|percent|tasa|rate|ratio|_por_|_per_|indice|index|denunc|delito|crime|camara|movil|vehic|confian"
POST_NAMES = ("^(nombre|name|nomb)", "nombre|name", "comisar|base|puesto|station")
RANKS = ("pobre|pover|nbi|depriv|margin", "ingres|income|idh|hdi|estrato")
RESERVED = ("own", "official", "zone", "name", "population", "id", "geometry")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One body's presence. `body` is None where no word told it; `crs` is None where a file of posts does not need it
    and `???` where it is needed and unknown; `missing` tells that some rows or neighbourhoods have no figure."""

    part: Part
    name: str
    body: Body | None
    kind: str
    place: tuple[str, str] | None = None
    crs: str | None = None
    id: str | None = None
    zero_pad: int | None = None
    post_name: str | None = None
    staff: str | None = None
    missing: bool = False
    own: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """Everything recognised in a folder; what was not is None or empty. `population` as the study names it."""

    polygons: Polygons | None
    population: str | None
    tables: tuple[Table, ...]
    zones: Zones | None
    layers: tuple[Layer, ...]
    rank: str | None
    rank_order: str | None
    zero_people: bool
    unused: tuple[str, ...]


def propose(folder: Path) -> Proposal:
    """What the files of `folder` seem to be. Nothing in it is changed, and no file can make this fail."""
    parts, files = read_folder(folder)
    polygons = guess.find_polygons(parts)
    rest = [one for one in parts if polygons is None or one is not polygons.part]
    layers, joined = _roles(rest, polygons)
    tables, population = _tables(joined, layers, polygons)
    people = guess.column_by_id(polygons, tables, population) if polygons and polygons.id else None
    zones = _zones(rest, polygons, tables, people) if polygons else None
    tables, zones = _with_zone(tables, zones, polygons)
    columns = [name for one in tables for name in one.columns if name != population]
    rank = first(RANKS[:1], columns) or first(RANKS[1:], columns)
    used = {one.part.file for one in layers} | {one.part.file for one in tables}
    if polygons is not None:
        used.add(polygons.part.file)
    if zones is not None and zones.part is not None:
        used.add(zones.part.file)
    return Proposal(
        polygons=polygons,
        population=population,
        tables=tables,
        zones=zones,
        layers=tuple(layers),
        rank=rank,
        rank_order=("poor_is_high" if first(RANKS[:1], [rank]) else "poor_is_low") if rank else None,
        zero_people=people is not None and bool((people == 0).any()),
        unused=tuple(one for one in files if one not in used),
    )


def _roles(parts: Sequence[Part], polygons: Polygons | None) -> tuple[list[Layer], list[Table]]:
    """Which parts are layers and which are tables of the neighbourhoods."""
    layers: list[Layer] = []
    tables: list[Table] = []
    nameless: list[Part] = []
    if polygons is not None:
        layers += _counts(polygons.part, None, polygons, layers)
    for part in parts:
        body = next((one for one, words in BODIES.items() if re.search(words, part.title)), None)
        meeting = guess.meet(polygons, part) if polygons and polygons.id and part.shapes is None else None
        if _placed(part) and not part.timed and body:
            layers.append(_posts(part, body, polygons, layers))
        elif meeting is not None and polygons is not None:
            layers += _counts(part, body, polygons, layers, meeting)
            tables.append(Table(part=part, meeting=meeting, columns={}))
        elif body and polygons and polygons.id and not part.timed and part.shapes is None:
            if (column := guess.declared(polygons, part)) is not None:
                layers.append(_posts(part, body, polygons, layers, declared=column))
        elif _placed(part) and not part.timed:
            nameless.append(part)
    for part in nameless:
        told = [(body, first([words], part.numeric)) for body, words in OWN_STAFF.items()]
        by_column = next((body for body, column in told if column), None)
        if by_column or first(ANY_STAFF, part.numeric) or not layers:
            layers.append(_posts(part, by_column, polygons, layers))
    return layers, tables


def _placed(part: Part) -> bool:
    return part.has_only("Point", "MultiPoint") or (part.shapes is None and guess.coordinates(part) is not None)


def _posts(
    part: Part, body: Body | None, polygons: Polygons | None, layers: Sequence[Layer], declared: str | None = None
) -> Layer:
    place = guess.coordinates(part) if part.shapes is None and declared is None else None
    where = declared or (guess.declared(polygons, part) if polygons and polygons.id else None)
    staff = _staff(part, body, without=[*(place or ()), where])
    named = None
    if body in ("police", "serenazgo", None):
        named = first(POST_NAMES, [one for one in part.columns if one not in part.numbers and one != where])
    counted = part.numbers[[one for one in (*(place or ()), staff) if one]]
    nowhere = bool(place) and bool((part.numbers[list(place or ())].abs() < 1e-6).all(axis=1).any())
    return Layer(
        part=part,
        name=_name(body, part, layers),
        body=body,
        kind="posts",
        place=place,
        crs=_crs(part, place, polygons),
        id=where,
        post_name=named,
        staff=staff,
        missing=nowhere or bool(counted.isna().any(axis=None)),
    )


def _crs(part: Part, place: tuple[str, str] | None, polygons: Polygons | None) -> str | None:
    """The CRS to write: degrees are WGS 84; metres that fall among the polygons are in theirs; else it is unknown."""
    if place is None:
        return "???" if part.shapes is not None and part.shapes.crs is None else None
    x, y = (part.numbers[one] for one in place)
    if (x.dropna().abs() <= 180).all() and (y.dropna().abs() <= 180).all():
        return "EPSG:4326"
    shapes = polygons.part.shapes if polygons else None
    if shapes is not None and shapes.crs is not None and shapes.crs.to_epsg():
        west, south, east, north = shapes.total_bounds
        if west <= x.median() <= east and south <= y.median() <= north:
            return str(shapes.crs.to_string())
    return "???"


def _counts(
    part: Part, body: Body | None, polygons: Polygons, layers: Sequence[Layer], meeting: guess.Meeting | None = None
) -> list[Layer]:
    """Counts by neighbourhood: the staff columns of a table, told by their own names or by the name of the file."""
    found: list[tuple[Body, str]] = []
    for one, words in OWN_STAFF.items():
        if (column := first([words], part.numeric)) is not None:
            found.append((one, column))
    if not found and body is not None and meeting is not None:
        staff = _staff(part, body, without=[meeting.column, guess.find_people(part)])
        found += [(body, staff)] if staff else []
    made: list[Layer] = []
    for one, column in found:
        known = part.numbers[column].notna().all() and (meeting is None or meeting.met == len(polygons.ids))
        made.append(
            Layer(
                part=part,
                name=_name(one, part, [*layers, *made]),
                body=one,
                kind="counts",
                id=meeting.column if meeting else None,
                zero_pad=meeting.zero_pad if meeting else None,
                staff=column,
                missing=not known,
                own=meeting is None,
            )
        )
    return made


def _staff(part: Part, body: Body | None, *, without: Sequence[str | None]) -> str | None:
    """The column of people at work: the body's own word first, a total before a part."""
    known = [one for one in part.numeric if one not in without and not re.search(NO_STAFF, folded(one))]
    known = [one for one in known if not (part.numbers[one] < 0).any() and not re.search("(^|_)(id|cod)", folded(one))]
    for pattern in (*(STAFF[body] if body else ()), *ANY_STAFF):
        fitting = [one for one in known if re.search(pattern, folded(one))]
        if fitting:
            return min(fitting, key=lambda one: ("total" not in folded(one), len(one)))
    return None


def _name(body: Body | None, part: Part, layers: Sequence[Layer]) -> str:
    taken = {one.name for one in layers} | set(RESERVED)
    wanted = body or part.file.rpartition(".")[0]
    return guess.tidy(part.title if wanted in taken else wanted, taken)


def _tables(
    joined: Sequence[Table], layers: Sequence[Layer], polygons: Polygons | None
) -> tuple[tuple[Table, ...], str | None]:
    """The joined tables with their columns named, and the population as the study names it.

    A table about participants brings nothing but its layer: only a layer is kept from singling people out.
    """
    if polygons is None:
        return (), None
    population = polygons.population
    taken = {*RESERVED, *polygons.part.columns, "official_hours_per_1000", "own_hours_per_1000"}
    ends = ("amount", "status", "per_1000", "per_1000_eb", "hours_per_1000")
    taken |= {f"{one.name}_{end}" for one in layers for end in ends}
    tables: list[Table] = []
    fullest = sorted(joined, key=lambda one: -one.meeting.met)
    source = next((one for one in fullest if guess.find_people(one.part)), None) if population is None else None
    for one in joined:
        people = guess.find_people(one.part) if one is source else None
        columns = {"population": people} if people else {}
        own = [layer for layer in layers if layer.part is one.part]
        about_participants = any(layer.body in PARTICIPANTS for layer in own)
        others = guess.covariates(one.part, without=[one.meeting.column, people, *(layer.staff for layer in own)])
        columns |= {guess.tidy(column, taken): column for column in others if not about_participants}
        tables.append(Table(part=one.part, meeting=one.meeting, columns=columns))
    return tuple(tables), population or ("population" if source else None)


def _zones(
    parts: Sequence[Part], polygons: Polygons, tables: Sequence[Table], people: pd.Series | None
) -> Zones | None:
    """The zones by a column of the polygons or of a table, by a polygon of the casco, or by a provisional density."""
    found = [guess.zone_column(polygons.part.text, of=polygons.part)]
    found += [guess.zone_column(guess.by_id(one, polygons, one.part.text), of=one.part) for one in tables]
    known = [one for one in found if one is not None]
    told = next((one for one in known if one.centre), None)
    areal = [one for one in parts if one.has_only("Polygon", "MultiPolygon", "GeometryCollection")]
    casco = next((one for one in areal if re.search(guess.CASCO, one.title)), None)
    return told or (Zones(part=casco) if casco else next(iter(known), None)) or guess.provisional(polygons, people)


def _with_zone(
    tables: Sequence[Table], zones: Zones | None, polygons: Polygons | None
) -> tuple[tuple[Table, ...], Zones | None]:
    """The tables that have something to join, the zone's column in the one that brings it, and its name there."""
    made: list[Table] = []
    for one in tables:
        columns = dict(one.columns)
        if zones is not None and zones.column is not None and zones.part is one.part:
            named = [name for name, column in columns.items() if column == zones.column]
            others = {name for table in tables for name in table.columns} | {"zone", "name", "population", "id"}
            others |= set(polygons.part.columns) if polygons else set()
            name = named[0] if named else guess.tidy(zones.column, others)
            columns[name] = zones.column
            zones = replace(zones, column=name)
        if columns:
            made.append(replace(one, columns=columns))
    return tuple(made), zones
