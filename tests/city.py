"""A city of nine square neighbourhoods written as real files, and ways to spoil it one file at a time.

3 | 07 08 09
2 | 04 05 06        each a square kilometre; 05 is the casco urbano
1 | 01 02 03
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from shapely import LineString, Point, Polygon, box
from typer.testing import CliRunner

from secequity import cli
from secequity.checks import Findings
from secequity.study import Study, inspect_study

METRES = "EPSG:32718"
WEST, SOUTH = 583_000.0, 8_544_000.0
IDS = [f"0501{at:02d}" for at in range(1, 10)]
NAMES = [
    "Belén",
    "Carmen Alto",
    "Covadonga",
    "Los Olivos",
    "Centro",
    "Ñahuinpuquio",
    "San Juan",
    "Quinuapata",
    "Yuracc",
]
PEOPLE = [4000, 3500, 5200, 6100, 9000, 2800, 7300, 3900, 4800]
STAFF = {"050105": 30, "050101": 4, "050107": 6, "050103": 2}


def squares() -> gpd.GeoDataFrame:
    """The nine squares with `ubigeo`, `nombre` and `poblacion`, in metres."""
    shapes = [box(WEST + 1000 * x, SOUTH + 1000 * y, WEST + 1000 * (x + 1), SOUTH + 1000 * (y + 1))
              for y in range(3) for x in range(3)]  # fmt: skip
    return gpd.GeoDataFrame({"ubigeo": IDS, "nombre": NAMES, "poblacion": PEOPLE}, geometry=shapes, crs=METRES)


def census() -> pd.DataFrame:
    """A joined table by `ubigeo`: people and poverty."""
    return pd.DataFrame({"ubigeo": IDS, "poblacion": PEOPLE, "pobreza": [30.5, 41, 22.5, 55, 8, 47.5, 39, 28, 33]})


def stations() -> pd.DataFrame:
    """Four police stations in the middle of their neighbourhoods, in degrees."""
    middle = squares().set_index("ubigeo").geometry.centroid.loc[list(STAFF)].to_crs("EPSG:4326")
    columns = {"comisaria": [f"Comisaría {one}" for one in STAFF], "ubigeo": list(STAFF)}
    columns |= {"lon": middle.x.to_numpy(), "lat": middle.y.to_numpy(), "policias": list(STAFF.values())}
    return pd.DataFrame(columns)


def point_in(identity: str, *, east: float = 0.5, north: float = 0.5) -> Point:
    """A place in a neighbourhood by its share of the way east and north, in metres."""
    at = IDS.index(identity)
    return Point(WEST + 1000 * (at % 3 + east), SOUTH + 1000 * (at // 3 + north))


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def written(sections: Mapping[str, Any]) -> str:
    """A study file: sections as tables, lists of tables as arrays of tables."""
    lines = []
    for name, keys in sections.items():
        for one in keys if isinstance(keys, list) else [keys]:
            lines.append(f"[[{name}]]" if isinstance(keys, list) else f"[{name}]")
            lines += [f"{key} = {toml(value)}" for key, value in one.items()]
    return "\n".join(lines) + "\n"


@dataclass
class City:
    """A study in a folder; change `study`'s sections, or write another file over one of its own."""

    folder: Path
    study: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.study = {
            "study": {"title": "Ciudad de prueba", "language": "en", "seed": 7},
            "neighbourhoods": {"path": "barrios.gpkg", "id": "ubigeo", "name": "nombre", "population": "poblacion"},
            "neighbourhoods.tables": [{"path": "censo.csv", "id": "ubigeo"}],
            "zones": {"centre_ids": ["050105"]},
            "layers": [
                {"name": "police", "body": "police", "kind": "posts", "path": "comisarias.csv", "x": "lon", "y": "lat",
                 "crs": "EPSG:4326", "post_name": "comisaria", "staff": "policias"},
            ],
            "equity": {"replicates": 199},
            "autocorrelation": {"permutations": 99},
        }  # fmt: skip
        self.polygons(squares())
        self.table(census())
        self.posts(stations())

    @property
    def neighbourhoods(self) -> dict[str, Any]:
        return self.study["neighbourhoods"]

    @property
    def joined(self) -> dict[str, Any]:
        return self.study["neighbourhoods.tables"][0]

    @property
    def layer(self) -> dict[str, Any]:
        return self.study["layers"][0]

    def polygons(self, frame: gpd.GeoDataFrame, path: str = "barrios.gpkg", **options: Any) -> None:
        """Write the polygons, and name their file in the study."""
        (self.folder / path).unlink(missing_ok=True)
        if path.endswith(".parquet"):
            frame.to_parquet(self.folder / path)
        else:
            frame.to_file(self.folder / path, **options)
        self.neighbourhoods["path"] = path

    def table(self, frame: pd.DataFrame, path: str = "censo.csv", **options: Any) -> None:
        """Write the joined table, and name its file in the study."""
        save(frame, self.folder / path, **options)
        self.joined["path"] = path

    def posts(self, frame: pd.DataFrame, path: str = "comisarias.csv", **options: Any) -> None:
        """Write the posts of the first layer, and name their file in the study."""
        save(frame, self.folder / path, **options)
        self.layer["path"] = path

    def counts(self, frame: pd.DataFrame, path: str = "conteos.csv", **keys: Any) -> None:
        """A second layer that counts a column of a table of its own."""
        save(frame, self.folder / path)
        layer = {
            "name": "rondas",
            "body": "community",
            "kind": "counts",
            "path": path,
            "id": "ubigeo",
            "staff": "personas",
        }
        self.study["layers"].append(layer | keys)

    def file(self) -> Path:
        """The study file, written as the study stands now."""
        path = self.folder / "study.toml"
        path.write_text(written({name: keys for name, keys in self.study.items() if keys != []}), encoding="utf-8")
        return path

    def inspect(self) -> tuple[Study | None, Findings]:
        """The study read and checked, without a run."""
        return inspect_study(self.file())

    def read(self) -> Study:
        """The study, which must be usable."""
        study, found = self.inspect()
        assert study is not None, [one.say() for one in found.errors]
        return study

    def errors(self) -> dict[str, Any]:
        """The problems that stop the study, by code."""
        study, found = self.inspect()
        assert study is None
        return {one.code: one for one in found.errors}

    def notices(self) -> dict[str, Any]:
        """What a usable study says of its data, by code."""
        return {one.code: one for one in self.read().notices}


def save(frame: pd.DataFrame, path: Path, **options: Any) -> None:
    """A table in the format of its ending."""
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False, **options)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, **options)
    elif isinstance(frame, gpd.GeoDataFrame):
        path.unlink(missing_ok=True)
        frame.to_file(path, **options)
    else:
        frame.to_csv(path, index=False, **options)


def command(*words: object) -> Any:
    """The command line in this process: `exit_code`, `stdout`, `stderr`."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder by the digest of its bytes."""
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
            for one in sorted(folder.rglob("*")) if one.is_file()}  # fmt: skip


def at(east_km: float, north_km: float) -> tuple[float, float]:
    """Coordinates by kilometres east and north of the city's south-west corner."""
    return WEST + 1000 * east_km, SOUTH + 1000 * north_km


def block(east: float, north: float, wide: float = 1, high: float = 1) -> Polygon:
    """A rectangle, in kilometres from the city's south-west corner."""
    return box(*at(east, north), *at(east + wide, north + high))


def street(*corners: tuple[float, float]) -> LineString:
    """A line through corners in kilometres from the city's south-west corner."""
    return LineString([at(*one) for one in corners])


def drawn(city: City, path: str, shapes: list[Any], *, crs: str | None = METRES, **columns: Any) -> None:
    """A vector file of the study's folder."""
    frame = gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=shapes, crs=METRES)
    save(frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True), city.folder / path)


def only(city: City, kind: str, path: str, **keys: Any) -> None:
    """One layer and no other: `guard`, of the police unless said otherwise."""
    city.study["layers"] = [{"name": "guard", "body": "police", "kind": kind, "path": path} | keys]


def cells(
    city: City, path: str, values: Any, *, side_m: float = 1000, crs: str | None = METRES, nodata: float | None = None,
    west_north: tuple[float, float] = at(0, 3),
) -> None:  # fmt: skip
    """A raster of square cells from the north-west corner of the city; `values` row by row from the north."""
    grid = np.asarray(values, dtype="float32")
    place = rasterio.Affine(side_m, 0, west_north[0], 0, -side_m, west_north[1])
    size: dict[str, Any] = {"height": grid.shape[0], "width": grid.shape[1], "count": 1, "dtype": "float32"}
    size |= {"driver": "GTiff", "crs": crs, "transform": place, "nodata": nodata}
    with rasterio.open(city.folder / path, "w", **size) as file:
        file.write(grid, 1)


def amounts(city: City) -> dict[str, float]:
    """What the first layer gives each neighbourhood that it gives anything, missing as `nan`."""
    amount = city.read().layers[0].amount
    return {one: float(value) for one, value in amount.items() if value != 0}
