"""Which file of a folder holds the neighbourhoods, which tables join them, and where their people and zones are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity.checks import Findings
from secequity.sources import cells, vector
from secequity.template.folder import TECHNICAL, Part, first, folded

HALF = 0.5
MOST_COLUMNS = 20
AREAS = "barrio|manzana|distrit|neighbo|colonia|localidad|vecindari|comuna|bairro|parroquia|sectores|radios"
CASCO = r"casco|centro_?hist|historic|zona_?monumental"
ID_NAMES = ("ubigeo", "cvegeo|geoid|geocod|divipola", "cod|clave|cve|inei|dane", "(^|_)id|id$", "sector|manzana|radio")
NAME_NAMES = ("^(nombre|name|nomb|nom)", "nomb|name", "^(barrio|distr|colonia|localidad|neighbo|sector|comuna)")
PEOPLE = ("poblacion|population|habitant|inhabitant", "pobl|popul|habit", "^pob|_pob|^pop|_pop")
PEOPLE_SHARE = "pobre|pover|pct|porc|percent|dens|tasa|rate|ratio|indice|index|hogar|viv"
PEOPLE_PART = r"hombre|mujer|mascul|femen|male|menor|mayor|adult|urban|rural|_\d{1,2}(_|$)"
LON_LAT = (r"^(gps_?)?(lon|long|lng|longitud|longitude)(_.*)?$", r"^(gps_?)?(lat|latitud|latitude)(_.*)?$")
EAST_NORTH = (r"^((utm|coord)_?)?(x|este|east|easting)(_utm)?$", r"^((utm|coord)_?)?(y|norte|north|northing)(_utm)?$")
ZONE_NAMES = "zona|zone|casco|centro|ambito"
CENTRE_WORDS = r"(^|_)(casco|centro|centre|center|central|historico|downtown|core|cercado)(_|$)"
CODES = "ubigeo|reniec|inei|geoid|(^|_)(cod|codigo|clave|cve|id)(_|$)|^(comuna|distrito|sector|zona|provincia)s?$"
YES = frozenset({"1", "si", "s", "true", "yes", "x"})
NO = frozenset({"0", "no", "n", "false"})


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """The column of a table whose ids are the neighbourhoods': how many meet, and how many are of elsewhere."""

    column: str
    zero_pad: int | None
    met: int
    extra: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Polygons:
    """The neighbourhoods: the file, and its columns for id, name and people where they were recognised."""

    part: Part
    id: str | None
    name: str | None
    population: str | None
    zero_pad: int | None

    @property
    def ids(self) -> pd.Index:
        """The ids as the study will read them; empty without an id column."""
        keys = self.part.keys[self.id] if self.id else pd.Index([], dtype=object)
        return padded(keys, self.zero_pad)


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A table that joins the neighbourhoods; `columns` as the study writes them, new name to column."""

    part: Part
    meeting: Meeting
    columns: dict[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Zones:
    """The line between casco urbano and periphery: a column or the polygons of `part`, or a provisional density.

    centre : the words of the column that mean centre · words : the first words it holds.
    """

    part: Part | None = None
    column: str | None = None
    centre: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    missing: bool = False
    density: float | None = None


def padded(ids: pd.Index, width: int | None) -> pd.Index:
    """The ids filled up with zeros to `width`."""
    return pd.Index([one.zfill(width) for one in ids], dtype=object) if width else ids


def find_polygons(parts: Sequence[Part]) -> Polygons | None:
    """The polygon layer that most tables speak of; among equals the one whose name and columns say neighbourhoods."""
    tables = [one for one in parts if one.shapes is None]
    best: tuple[tuple[float, ...], Polygons] | None = None
    for part in parts:
        areal = part.has_only("Polygon", "MultiPolygon", "GeometryCollection")
        if not areal or part.rows < 2 or (re.search(CASCO, part.title) and not re.search(AREAS, part.title)):
            continue
        people = find_people(part)
        for column, width in _identities(part, tables):
            ids = padded(part.keys[column], width) if column else pd.Index([], dtype=object)
            met = [_meet(ids, one, column) for one in tables] if column else []
            shares = sum(one.met / (len(ids) + one.extra) for one in met if one is not None)
            named = bool(re.search(AREAS, part.title))
            rank = (round(shares, 6), named, people is not None, column is not None, -_id_rank(column), part.rows)
            if best is None or rank > best[0]:
                name = _name_column(part, column)
                polygons = Polygons(part=part, id=column, name=name, population=people, zero_pad=width)
                best = (rank, polygons)
    return best[1] if best else None


def _identities(part: Part, tables: Sequence[Part]) -> Iterator[tuple[str | None, int | None]]:
    """The columns that may be the id, each as it stands and with the zeros it may have lost."""
    if not any(folded(one) not in TECHNICAL for one in part.keys):
        yield None, None
    for column, keys in part.keys.items():
        if folded(column) in TECHNICAL:
            continue
        yield column, None
        if keys.str.isdigit().all():
            longest = int(keys.str.len().max())
            widths = {int(one.str.len().max()) for table in tables for one in table.keys.values()}
            yield from ((column, width) for width in sorted(widths) if longest < width <= longest + 2)


def _id_rank(column: str | None) -> int:
    ranks = [at for at, pattern in enumerate(ID_NAMES) if re.search(pattern, folded(column or ""))]
    return min(ranks, default=len(ID_NAMES))


def _name_column(part: Part, column: str | None) -> str | None:
    """The column of names: text, mostly different from row to row, in the end the id itself where it is a name."""
    wordy = [one for one in part.columns if one not in part.numbers and one != column and part.text[one].notna().any()]
    telling = [one for one in wordy if part.text[one].nunique() > HALF * part.rows]
    found = first(NAME_NAMES, telling)
    return found or (column if column and first(NAME_NAMES, [column]) else None)


def meet(polygons: Polygons, part: Part) -> Meeting | None:
    """How a table meets the neighbourhoods, or nothing when fewer than half of them have a row."""
    return _meet(polygons.ids, part, polygons.id)


def _meet(ids: pd.Index, part: Part, of: str | None) -> Meeting | None:
    best: Meeting | None = None
    width = int(ids.str.len().max()) if len(ids) else 0
    for column, keys in part.keys.items():
        if folded(column) in TECHNICAL or not _comparable(ids, of or "", column):
            continue
        for pad in (None, width):
            filled = padded(keys, pad)
            met = len(ids.intersection(filled)) if filled.is_unique else 0
            if met > (best.met if best else 0):
                best = Meeting(column=column, zero_pad=pad, met=met, extra=len(filled) - met)
    return best if best and best.met >= HALF * len(ids) else None


def _comparable(ids: pd.Index, of: str, column: str) -> bool:
    """Running numbers meet by chance: those columns must bear the same name, or both be called codes."""
    running = set(ids) in ({str(at) for at in range(start, start + len(ids))} for start in (0, 1))
    same = folded(of) == folded(column)
    return not running or same or (_id_rank(of) <= 2 and _id_rank(column) <= 2)


def declared(polygons: Polygons, part: Part) -> str | None:
    """The column of a file of posts that says in which neighbourhood each one stands."""
    for column in part.columns:
        given = part.text[column].dropna()
        known = given.isin(polygons.ids).mean() if len(given) else 0.0
        if known > 0.9 and folded(column) != "id" and _comparable(polygons.ids, polygons.id or "", column):
            return column
    return None


def find_people(part: Part) -> str | None:
    """The column of residents, all ages, the latest year."""
    known = [one for one in part.numeric if not re.search(PEOPLE_SHARE, folded(one)) and part.numbers[one].max() > 0]
    for pattern in PEOPLE:
        fitting = [one for one in known if re.search(pattern, folded(one))]
        if fitting:
            return min(fitting, key=_people_order)
    return None


def _people_order(column: str) -> tuple[bool, int, int]:
    year = re.search(r"(19|20)\d\d", column)
    return bool(re.search(PEOPLE_PART, folded(column))), -int(year.group()) if year else 0, len(column)


def coordinates(part: Part) -> tuple[str, str] | None:
    """The columns of longitude and latitude, or of metres east and north."""
    for east, north in (LON_LAT, EAST_NORTH):
        x, y = first([east], part.numeric), first([north], part.numeric)
        if x is not None and y is not None:
            return x, y
    return None


def covariates(part: Part, *, without: Sequence[str | None]) -> list[str]:
    """The numeric columns that describe neighbourhoods: no codes, no coordinates, nothing the same everywhere."""
    return [column for column in part.numeric if column not in without and _describes(part, column)][:MOST_COLUMNS]


def _describes(part: Part, column: str) -> bool:
    name = folded(column)
    place = any(re.search(pattern, name) for pattern in (*LON_LAT, *EAST_NORTH))
    zeros = part.text[column].str.fullmatch(r"0\d+").any()
    code = bool(zeros) or bool(re.search(CODES, name))
    return not (name in TECHNICAL or place or code) and part.numbers[column].nunique() > 1


def tidy(column: str, taken: set[str]) -> str:
    """A column under a name that a study may use and that is not taken yet; `taken` learns it."""
    name = folded(column)
    name = name if name[:1].isalpha() else f"c_{name}".strip("_")
    free = name
    again = 2
    while free in taken:
        free, again = f"{name}_{again}", again + 1
    taken.add(free)
    return free


def zone_column(rows: pd.DataFrame, *, of: Part) -> Zones | None:
    """A column of zone words, with those that mean centre. `rows` : the cells of `of`, one row a neighbourhood."""
    found: list[Zones] = []
    for column in of.columns:
        text = rows[column]
        words = sorted(set(text.dropna()))
        if not re.search(ZONE_NAMES, folded(column)) or not 2 <= len(words) <= max(2, len(text) // 2):
            continue
        centre = tuple(one for one in words if re.search(CENTRE_WORDS, folded(one)))
        if {folded(one) for one in words} <= YES | NO and re.search("casco|centro", folded(column)):
            centre = tuple(one for one in words if folded(one) in YES)
        centre = centre if 0 < len(centre) < len(words) else ()
        missing = bool(text.isna().any())
        found.append(Zones(part=of, column=column, centre=centre, words=tuple(words[:8]), missing=missing))
    return max(found, key=lambda one: bool(one.centre), default=None)


def provisional(polygons: Polygons, people: pd.Series | None) -> Zones | None:
    """A density that leaves about the densest fifth of the neighbourhoods in the centre. `people` : by id."""
    shapes = polygons.part.shapes
    if people is None or shapes is None or polygons.id is None:
        return None
    found = Findings()
    file = polygons.part.file
    frame = gpd.GeoDataFrame(geometry=shapes.set_axis(polygons.ids), crs=shapes.crs)
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    known = vector.with_crs(frame, None, file=file, key="crs", found=found)
    if known is None or not np.isfinite(known.total_bounds).all():
        return None
    metric = vector.in_metres(known, None, file=file, found=found)
    line = _line(people.reindex(frame.index) / (metric.area / 1e6)) if metric is not None else None
    return Zones(density=line) if line else None


def _line(density: pd.Series) -> float | None:
    """The 80th percentile in two figures, or a little under it where rounding would leave one zone empty."""
    given = density[np.isfinite(density) & (density > 0)]
    above_least = given[given > given.min()]
    if above_least.empty:
        return None
    exact = max(float(given.quantile(0.8, interpolation="higher")), float(above_least.min()))
    step = 10.0 ** (np.floor(np.log10(exact)) - 1)
    rounded = float(np.floor(exact / step) * step)
    return round(rounded, 6) if rounded > given.min() else exact * (1 - 1e-9)


def column_by_id(polygons: Polygons, tables: Sequence[Table], people: str | None) -> pd.Series | None:
    """The people by neighbourhood id, from the polygons' own column or from a joined table."""
    if polygons.population is not None:
        return polygons.part.numbers[polygons.population].set_axis(polygons.ids)
    for one in tables:
        if people in one.columns:
            return by_id(one, polygons, one.part.numbers)[one.columns[people]]
    return None


def by_id(one: Table, polygons: Polygons, columns: pd.DataFrame) -> pd.DataFrame:
    """Columns of a joined table in the order of the neighbourhoods."""
    ids = padded(one.part.keys[one.meeting.column], one.meeting.zero_pad)
    return columns.set_axis(ids).reindex(polygons.ids)


def broken_names(polygons: Polygons) -> bool:
    """Whether names were once read in the wrong encoding."""
    used = [one for one in (polygons.id, polygons.name) if one is not None]
    return any(bool(cells.broken(polygons.part.text[one]).any()) for one in used)
