"""Ways to spoil the small city's files, and what the command line must then do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from city import METRES, NAMES, PEOPLE, City, census, command, digests, squares

Spoil = Callable[[City], Any]
Cases = dict[str, tuple[Spoil, list[list[str]]]]
Previous = tuple[Path, dict[str, str]]
"""A folder of finished results, and its files by their digests."""


def finished(folder: Path) -> Previous:
    """The results of a good study, which no bad one may touch."""
    done = command("run", City(folder).file(), "--out", folder / "out")
    assert done.exit_code == 0, done.output
    return folder / "out", digests(folder / "out")


def refused(city: City, previous: Previous, *, language: str = "en") -> list[str]:
    """The problems that the command line lists, one a line."""
    out, before = previous
    done = command("run", city.file(), "--out", out, "--language", language)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert "Unexpected" not in done.output
    assert digests(out) == before
    assert not [one for one in out.parent.iterdir() if one.name.startswith(".out")]
    listed = re.findall(r"^  \d+\. (.*)$", done.stderr, flags=re.MULTILINE)
    assert len(listed) == len(set(listed)), listed
    for one in listed:
        assert len(one.split(" · ")) >= 2, one
        assert not re.search(r"\bNone\b|\bnan\b|[{}]{2}|\.py\b|Error\b", one), one
    return listed


def shapes(change: Callable[[list[shapely.Geometry]], None], crs: str = METRES) -> gpd.GeoDataFrame:
    """The nine squares after a change of their list of geometries."""
    frame = squares().to_crs(crs)
    geometries = frame.geometry.to_list()
    change(geometries)
    return frame.set_geometry(gpd.GeoSeries(geometries, crs=crs))


def turned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Latitude before longitude."""
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]))


def put(at: int, geometry: shapely.Geometry) -> Callable[[list[shapely.Geometry]], None]:
    return lambda geometries: geometries.__setitem__(at, geometry)


def text(path: str, content: str | bytes) -> Spoil:
    """Another content of a file."""

    def spoil(city: City) -> None:
        (city.folder / path).write_bytes(content.encode() if isinstance(content, str) else content)

    return spoil


def cut(path: str, save: Spoil, share: float = 0.5) -> Spoil:
    """A file that was not copied to its end."""

    def spoil(city: City) -> None:
        save(city)
        whole = (city.folder / path).read_bytes()
        (city.folder / path).write_bytes(whole[: int(len(whole) * share)])

    return spoil


def without(path: str, save: Spoil) -> Spoil:
    def spoil(city: City) -> None:
        save(city)
        (city.folder / path).unlink()

    return spoil


def moved_ring(points: slice) -> Spoil:
    """GeoJSON whose third polygon has only some of the corners of its ring."""

    def spoil(city: City) -> None:
        told = json.loads(squares().to_crs("EPSG:4326").to_json())
        ring = told["features"][2]["geometry"]["coordinates"]
        ring[0] = ring[0][points]
        (city.folder / "barrios.geojson").write_text(json.dumps(told))
        city.neighbourhoods["path"] = "barrios.geojson"

    return spoil


def keys(section: str, **values: Any) -> Spoil:
    """Other keys of a section of the study; None deletes one."""

    def spoil(city: City) -> None:
        kept = getattr(city, section) if hasattr(city, section) else city.study[section]
        for key, value in values.items():
            kept.pop(key, None)
            if value is not None:
                kept[key] = value

    return spoil


def also(*spoils: Spoil) -> Spoil:
    def spoil(city: City) -> None:
        for one in spoils:
            one(city)

    return spoil


def people(**changed: Any) -> Spoil:
    """Other populations, by the last digit of the id (`p3=0`)."""

    def spoil(city: City) -> None:
        figures: list[Any] = [changed.get(f"p{at}", figure) for at, figure in enumerate(PEOPLE, start=1)]
        city.table(census().assign(poblacion=pd.Series(figures, dtype=object)))

    return spoil


def named_ids(names: list[str]) -> Spoil:
    """Neighbourhoods known by name, and a table that writes the names in its own way."""

    def spoil(city: City) -> None:
        city.polygons(squares().assign(ubigeo=NAMES))
        city.table(census().assign(ubigeo=names))
        city.study["zones"] = {"centre_ids": ["Centro"]}

    return spoil


def no_crs(path: str) -> Spoil:
    def spoil(city: City) -> None:
        bare = squares().set_crs(None, allow_override=True)
        with pytest.warns(UserWarning, match="crs") if path.endswith((".gpkg", ".fgb")) else nullcontext():
            city.polygons(bare, path)

    return spoil


def told(cases: Cases, name: str, city: City, previous: Previous) -> None:
    """A case is refused with as many messages as it expects, each with the words it expects."""
    spoil, expected = cases[name]
    spoil(city)
    listed = refused(city, previous)
    assert len(listed) == len(expected), listed
    for message, parts in zip(listed, expected, strict=True):
        for part in parts:
            assert part in message
