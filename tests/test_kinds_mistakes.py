"""Every mistake in a layer of any kind: one sentence with its remedy on the command line, and exit code 1."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from city import IDS, METRES, City, block, cells, command, drawn, only, save, squares, stations, street
from test_kinds_patrols import ACROSS, FIXES, fixes, rounds

Spoil = Callable[[City], None]


def areas(city: City, **keys: Any) -> None:
    drawn(city, "sectores.gpkg", [block(0, 0), block(1, 0)], codigo=["A", "B"], serenos=[3, 4])
    only(city, "jurisdictions", "sectores.gpkg", id="codigo", staff="serenos", **keys)


def served(city: City, **reach: Any) -> None:
    drawn(city, "sectores.gpkg", [block(0, 0, 3, 3)], codigo=["A"])
    city.layer["reach"] = {"method": "jurisdiction", "path": "sectores.gpkg", "id": "codigo"} | reach


def caught(city: City, **reach: Any) -> None:
    city.layer["reach"] = {"method": "catchment", "radius_m": 900} | reach


def raster(city: City, values: Any = None, *, surface: dict[str, Any] | None = None, **options: Any) -> None:
    cells(city, "luz.tif", np.ones((3, 3)) if values is None else values, **options)
    only(city, "surface", "luz.tif", surface=surface or {})


def then(first: Callable[..., None], *steps: Callable[[City], Any], **keys: Any) -> Spoil:
    """A good layer, and then what spoils it."""

    def spoil(city: City) -> None:
        first(city, **keys)
        for one in steps:
            one(city)

    return spoil


def put(path: str, content: bytes = b"") -> Spoil:
    return lambda city: (city.folder / path).write_bytes(content) and None


def gone(path: str) -> Spoil:
    return lambda city: (city.folder / path).unlink()


def folder(path: str) -> Spoil:
    def spoil(city: City) -> None:
        (city.folder / path).unlink()
        (city.folder / path).mkdir()

    return spoil


def redrawn(path: str, shapes: list[Any], crs: str | None = METRES, **columns: Any) -> Spoil:
    return lambda city: drawn(city, path, shapes, crs=crs, **columns)


def patrol(city: City, **keys: Any) -> None:
    rounds(city, [ACROSS], keys=keys, turno=["night"], gente=[2])


def positions(city: City, **track: Any) -> None:
    fixes(city, **track)


def bare() -> gpd.GeoDataFrame:
    """The nine squares in metres that do not say so."""
    return squares().set_crs(None, allow_override=True)


def one_base(city: City) -> None:
    save(pd.DataFrame({"lon": [0, -74.2], "lat": [0, -13.1]}), city.folder / "bases.csv")


AREAS = {"codigo": ["A", "B"], "serenos": [3, 4]}
MISTAKES: dict[str, tuple[Spoil, list[str]]] = {
    "areas: file missing": (then(areas, gone("sectores.gpkg")), ["guard: the file sectores.gpkg does not exist"]),
    "areas: empty file": (then(areas, put("sectores.gpkg")), ["sectores.gpkg is empty"]),
    "areas: not of its format": (then(areas, put("sectores.gpkg", b"hola")), ["sectores.gpkg", "GeoPackage"]),
    "areas: a folder": (then(areas, folder("sectores.gpkg")), ["sectores.gpkg"]),
    "areas: lines": (
        then(areas, redrawn("sectores.gpkg", [ACROSS, ACROSS], **AREAS)),
        ["sectores.gpkg", "polygons", "LineString"],
    ),
    "areas: no geometry": (then(areas, redrawn("sectores.gpkg", [block(0, 0), None], **AREAS)), ["sectores.gpkg", "2"]),
    "areas: no row": (
        then(areas, lambda c: squares().head(0).to_file(c.folder / "sectores.gpkg")),
        ["sectores.gpkg"],
    ),
    "areas: no id column": (then(areas, lambda c: c.layer.update(id="code")), ["sectores.gpkg", "→ codigo?"]),
    "areas: no staff column": (then(areas, lambda c: c.layer.update(staff="sereno")), ["→ serenos?"]),
    "areas: same id twice": (
        then(areas, redrawn("sectores.gpkg", [block(0, 0), block(1, 0)], codigo=["A", "A"], serenos=[3, 4])),
        ["sectores.gpkg: ids that appear more than once", "A"],
    ),
    "areas: negative": (
        then(areas, redrawn("sectores.gpkg", [block(0, 0), block(1, 0)], codigo=["A", "B"], serenos=[3, -4])),
        ["sectores.gpkg: column “serenos” has negative counts", "B"],
    ),
    "areas: words": (
        then(areas, redrawn("sectores.gpkg", [block(0, 0), block(1, 0)], codigo=["A", "B"], serenos=["3", "dos"])),
        ["sectores.gpkg: cells of column “serenos” are not numbers", "B: “dos”"],
    ),
    "areas: no CRS": (
        then(areas, lambda c: (c.folder / "metros.geojson").write_text(bare().to_json()),
             lambda c: c.layer.update(path="metros.geojson", id="ubigeo", staff="poblacion")),
        ["metros.geojson says that its coordinates are degrees"],
    ),
    "areas: another city": (
        then(areas, redrawn("sectores.gpkg", [block(90, 90), block(91, 90)], **AREAS)),
        ["sectores.gpkg: nothing of layer guard lies in the neighbourhoods"],
    ),
    "areas: unknown layer of the file": (then(areas, layer="barrios"), ["sectores.gpkg", "barrios", "sectores"]),
    "areas: population raster missing": (then(areas, share={"population": "gente.tif"}), ["gente.tif does not exist"]),
    "areas: population raster is a table": (then(areas, share={"population": "censo.csv"}), ["censo.csv"]),
    "areas: unknown way": (then(areas, share={"outside": "none"}), ["share.outside", "inhabited, empty"]),
    "areas: misspelt key": (then(areas, share={"poblacion": "gente.tif"}), ["share.poblacion"]),
    "areas: a number for a section": (then(areas, share=3), ["share", "3"]),
    "areas: no staff": (then(areas, lambda c: c.layer.pop("staff")), ["staff"]),
    "areas: key of another kind": (then(areas, surface={}), ["surface", 'kind = "surface"']),
    "served: no areas": (then(served, gone("sectores.gpkg")), ["police: the file sectores.gpkg does not exist"]),
    "served: no path": (lambda c: c.layer.update(reach={"method": "jurisdiction"}), ["path", "reach"]),
    "served: wrong id": (then(served, id="cod"), ["sectores.gpkg: [[layers]] police: id", "→ codigo?"]),
    "served: lines": (then(served, redrawn("sectores.gpkg", [ACROSS], codigo=["A"])), ["sectores.gpkg", "LineString"]),
    "served: far away": (
        then(served, redrawn("sectores.gpkg", [block(90, 90)], codigo=["A"])),
        ["comisarias.csv: no post of layer police answers for an area of sectores.gpkg"],
    ),
    "catchment: no reach": (lambda c: c.layer.update(reach={"method": "catchment"}), ["radius_m"]),
    "catchment: minutes of nothing": (
        lambda c: c.layer.update(reach={"method": "catchment", "minutes": 9}),
        ["elevation"],
    ),
    "catchment: both": (then(caught, minutes=9, elevation="suelo.tif"), ["radius_m and minutes"]),
    "catchment: negative": (then(caught, radius_m=-5), ["reach.radius_m = -5", "> 0"]),
    "catchment: unknown decay": (then(caught, decay="gauss"), ["reach.decay", "gaussian"]),
    "catchment: a word for a distance": (then(caught, radius_m="lejos"), ["reach.radius_m", "lejos"]),
    "catchment: no table": (then(caught, costs="tiempos.csv"), ["tiempos.csv does not exist"]),
    "catchment: empty table": (then(caught, put("tiempos.csv"), costs="tiempos.csv"), ["tiempos.csv is empty"]),
    "catchment: header alone": (
        then(caught, put("tiempos.csv", b"from_id,to_id,cost\n"), costs="tiempos.csv"),
        ["tiempos.csv"],
    ),
    "catchment: an image for a table": (then(caught, costs="barrios.gpkg"), ["barrios.gpkg"]),
    "catchment: no elevation": (
        lambda c: c.layer.update(reach={"method": "catchment", "minutes": 9, "elevation": "suelo.tif"}),
        ["suelo.tif does not exist"],
    ),
    "catchment: elevation elsewhere": (
        then(lambda c: cells(c, "suelo.tif", np.zeros((9, 9)), west_north=(0, 9000)),
             lambda c: c.layer.update(reach={"method": "catchment", "minutes": 9, "elevation": "suelo.tif"})),
        ["neighbourhoods stand where suelo.tif has no elevation"],
    ),
    "catchment: elevation in degrees": (
        then(lambda c: cells(c, "suelo.tif", np.zeros((9, 9)), crs="EPSG:4326", side_m=0.1, west_north=(-75, -13)),
             lambda c: c.layer.update(reach={"method": "catchment", "minutes": 9, "elevation": "suelo.tif"})),
        ["suelo.tif is in EPSG:4326"],
    ),
    "routes: file missing": (then(patrol, gone("rondas.gpkg")), ["guard: the file rondas.gpkg does not exist"]),
    "routes: no section": (then(patrol, lambda c: c.layer.pop("route")), ["route"]),
    "routes: polygons": (then(patrol, redrawn("rondas.gpkg", [block(0, 0)])), ["rondas.gpkg: they must be lines"]),
    "routes: points": (
        then(patrol, redrawn("rondas.gpkg", [block(0, 0).centroid])),
        ["rondas.gpkg: they must be lines", "Point"],
    ),
    "routes: empty line": (then(patrol, redrawn("rondas.gpkg", [ACROSS, None])), ["rondas.gpkg", "2"]),
    "routes: no length": (
        then(patrol, redrawn("rondas.gpkg", [ACROSS, street((1, 1), (1, 1))])),
        ["rondas.gpkg: lines without length", "2"],
    ),
    "routes: far away": (
        then(patrol, redrawn("rondas.gpkg", [street((90, 1), (91, 1))])),
        ["rondas.gpkg: nothing of layer guard lies in the neighbourhoods"],
    ),
    "routes: wrong column": (then(patrol, crew="gentes"), ["rondas.gpkg", "route.crew", "→ gente?"]),
    "routes: word for a number": (then(patrol, crew="turno"), ["rondas.gpkg: cells of column “turno”", "#1: “night”"]),
    "routes: negative": (then(patrol, times_per_week=-7), ["rondas.gpkg: route.times_per_week", "-7"]),
    "routes: no speed": (
        then(patrol, lambda c: c.layer["route"].pop("minutes"), speed_kmh=0),
        ["rondas.gpkg: route.speed_kmh of layer guard is below"],
    ),
    "routes: minutes and speed": (then(patrol, speed_kmh=4), ["minutes and speed_kmh"]),
    "routes: neither": (then(patrol, lambda c: c.layer["route"].pop("minutes")), ["minutes"]),
    "routes: wrong shift column": (then(patrol, shift="turnos"), ["route.shift", "→ turno?"]),
    "routes: wrong where column": (then(patrol, where={"cuerp": "x"}), ["route.where.cuerp"]),
    "routes: no such word": (then(patrol, where={"turno": "madrugada"}), ["rondas.gpkg", "madrugada", "night"]),
    "routes: streets missing": (then(patrol, streets="calles.gpkg"), ["calles.gpkg does not exist"]),
    "routes: streets are polygons": (then(patrol, streets="barrios.gpkg"), ["barrios.gpkg: they must be lines"]),
    "routes: negative visibility": (then(patrol, visibility_m=-1), ["visibility_m"]),
    "tracks: file missing": (then(positions, gone("gps.csv")), ["guard: the file gps.csv does not exist"]),
    "tracks: empty": (then(positions, put("gps.csv")), ["gps.csv is empty"]),
    "tracks: header alone": (then(positions, put("gps.csv", b"unidad,hora,lon,lat\n")), ["gps.csv"]),
    "tracks: an image": (then(positions, put("gps.csv", b"\x89PNG\x00\x01\xff\xfe")), ["gps.csv"]),
    "tracks: ragged": (
        then(positions, put("gps.csv", b"unidad,hora,lon,lat\nS1,2023-05-08 10:00,1\nS1,1,2,3,4,5\n")),
        ["gps.csv"],
    ),
    "tracks: no section": (then(positions, lambda c: c.layer.pop("track")), ["track"]),
    "tracks: no coordinates": (
        then(positions, lambda c: (c.layer.pop("x"), c.layer.pop("y"))),
        ["gps.csv: it is not said where the positions are"],
    ),
    "tracks: only x": (then(positions, lambda c: c.layer.pop("y")), ["x", "y"]),
    "tracks: swapped": (then(positions, lambda c: c.layer.update(x="lat", y="lon")), ["gps.csv: latitude and long"]),
    "tracks: no time zone": (then(positions, lambda c: c.layer["track"].pop("time_zone")), ["time zone"]),
    "tracks: no such zone": (then(positions, time_zone="America/Ayacucho"), ["“America/Ayacucho” is no time zone"]),
    "tracks: other format of time": (then(positions, time_format="%d/%m/%Y"), ["gps.csv", "“hora”"]),
    "tracks: no format of time": (then(positions, time_format="%Q"), ["%Q"]),
    "tracks: words for time": (then(positions, time="unidad"), ["gps.csv", "“unidad”"]),
    "tracks: period turned": (then(positions, period=["2023-05-14", "2023-05-08"]), ["period"]),
    "tracks: period of words": (then(positions, period=["lunes", "martes"]), ["period"]),
    "tracks: period of one day": (then(positions, period=["2023-05-08"]), ["period"]),
    "tracks: another period": (then(positions, period=["2020-05-08", "2020-05-14"]), ["none of the", "period"]),
    "tracks: far away": (
        lambda c: fixes(c, [(unit, time, 90.0, 90.0) for unit, time, *_ in FIXES[:8]]),
        ["gps.csv: nothing of layer guard lies in the neighbourhoods"],
    ),
    "tracks: crew of nobody": (then(positions, crew=0), ["track.crew = 0", "> 0"]),
    "tracks: bases missing": (then(positions, bases="bases.csv"), ["bases.csv does not exist"]),
    "tracks: bases without columns": (
        then(positions, put("bases.csv", b"lon,nombre\n-74.2,Central\n"), bases="bases.csv"),
        ["bases.csv", "lat"],
    ),
    "tracks: unknown CRS": (then(positions, lambda c: c.layer.update(crs="EPSG:1")), ["“EPSG:1”"]),
    "tracks: bases at zero": (then(positions, one_base, bases="bases.csv"), ["bases.csv", "(0, 0)", "#2"]),
    "surface: file missing": (then(raster, gone("luz.tif")), ["guard: the file luz.tif does not exist"]),
    "surface: empty": (then(raster, put("luz.tif")), ["luz.tif is empty"]),
    "surface: a folder": (then(raster, folder("luz.tif")), ["luz.tif"]),
    "surface: no raster": (then(raster, put("luz.tif", b"hola")), ["luz.tif cannot be read as a raster"]),
    "surface: no CRS": (then(raster, crs=None), ["luz.tif does not say its coordinate reference system"]),
    "surface: another city": (
        then(raster, west_north=(0, 0)),
        ["luz.tif: nothing of layer guard lies in the neighbourhoods"],
    ),
    "surface: unknown statistic": (then(raster, surface={"statistic": "median"}), ["surface.statistic", "sum, mean"]),
    "surface: no weights": (then(raster, surface={"statistic": "weighted_mean"}), ["weights"]),
    "surface: weights unused": (
        then(raster, lambda c: cells(c, "gente.tif", np.ones((3, 3))), surface={"weights": "gente.tif"}),
        ["does not use weights"],
    ),
    "surface: weights missing": (
        then(raster, surface={"statistic": "weighted_mean", "weights": "gente.tif"}),
        ["gente.tif does not exist"],
    ),
    "surface: weights do not fit": (
        then(raster, lambda c: cells(c, "gente.tif", np.ones((7, 7)), side_m=431),
             surface={"statistic": "weighted_mean", "weights": "gente.tif"}),
        ["luz.tif and gente.tif do not fit"],
    ),
    "surface: negative weights": (
        then(raster, lambda c: cells(c, "gente.tif", -np.ones((3, 3))),
             surface={"statistic": "weighted_mean", "weights": "gente.tif"}),
        ["gente.tif has negative cells"],
    ),
    "surface: no band": (then(raster, surface={"band": 2}), ["luz.tif has no band 2"]),
    "surface: band zero": (then(raster, surface={"band": 0}), ["surface.band = 0"]),
    "shifts: not all": (
        lambda c: c.layer.update(hours_per_week=48, shifts={"day": 0.5, "night": 0.4}),
        ["layer police: the shares of its shifts add up to 0.9", "make them add up to 1"],
    ),
    "shifts: negative": (
        lambda c: c.layer.update(hours_per_week=48, shifts={"day": 1.5, "night": -0.5}),
        ["layer police"],
    ),
    "shifts: unknown": (
        lambda c: c.layer.update(hours_per_week=48, shifts={"day": 0.5, "noche": 0.5}),
        ["noche", "day, evening, night"],
    ),
    "shifts: a word": (lambda c: c.layer.update(hours_per_week=48, shifts={"day": "mucho"}), ["shifts.day"]),
    "ledger: a word": (lambda c: c.layer.update(ledger="tal vez"), ["ledger"]),
    "hours: too many": (lambda c: c.layer.update(hours_per_week=200), ["hours_per_week = 200"]),
    "kind: unknown": (lambda c: c.layer.update(kind="heatmap"), ["kind", "heatmap"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_one_sentence_and_its_remedy(name: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    spoil, expected = MISTAKES[name]
    spoil(city)
    for language in ("en", "es"):
        done = command("check", city.file(), "--language", language)
        assert done.exit_code == 1, done.output
        assert "Traceback" not in done.output
        assert "Unexpected" not in done.output
        listed = re.findall(r"^  \d+\. (.*)$", done.stderr, flags=re.MULTILINE)
        assert len(listed) == 1, listed
        assert len(listed[0].split(" · ")) >= 2
        assert not re.search(r"\bNone\b|\bnan\b|[{}]{2}|(?<!gdal_edit)\.py\b|Error\b|@\w", listed[0])
        if language == "en":
            for part in expected:
                assert part in listed[0]


def test_several_layers_tell_their_mistakes_together(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations())
    city.layer["reach"] = {"method": "jurisdiction", "path": "no.gpkg"}
    for at, kind in enumerate(("jurisdictions", "surface")):
        extra = {"staff": "x"} if kind == "jurisdictions" else {}
        city.study["layers"].append({"name": f"l{at}", "body": "police", "kind": kind, "path": f"no{at}.tif"} | extra)
    study, found = city.inspect()
    assert study is None
    assert [one.values["file"] for one in found.errors] == ["no.gpkg", "no0.tif", "no1.tif"]
    assert len(IDS) == 9
