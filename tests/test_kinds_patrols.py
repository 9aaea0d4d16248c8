"""Routes and GPS tracks as hours of presence, through the study file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pytest import approx
from shapely import LineString

from city import METRES, City, amounts, at, drawn, only, save, street

ACROSS = street((1.25, 1.5), (2.25, 1.5))
"""A kilometre, three quarters of it in the centre and the last in 06."""


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def rounds(city: City, lines: list[LineString], *, keys: dict[str, Any] | None = None, **columns: Any) -> None:
    """Rounds of two people, an hour each, every day: 14 hours a week."""
    drawn(city, "rondas.gpkg", lines, **columns)
    route = {"times_per_week": 7, "crew": 2, "minutes": 60, "visibility_m": 0}
    only(city, "routes", "rondas.gpkg", route=route | (keys or {}))


def test_hours_by_the_length_inside(city: City) -> None:
    rounds(city, [ACROSS])
    layer = city.read().layers[0]
    assert amounts(city) == approx({"050105": 10.5, "050106": 3.5}, rel=1e-4)
    assert layer.more["km_per_week"][["050105", "050106"]].tolist() == approx([5.25, 1.75], rel=1e-4)
    assert (layer.unit, layer.hours_per_week, layer.by_shift) == ("hour", 1.0, None)


def test_a_speed_instead_of_minutes_and_columns_instead_of_numbers(city: City) -> None:
    """1 km at 4 km/h is a quarter of an hour: 8 times × 3 people × ¼ h = 6 hours."""
    rounds(city, [ACROSS], keys={"times_per_week": "veces", "crew": "gente"}, veces=["8"], gente=[3])
    city.layer["route"].pop("minutes")
    city.layer["route"]["speed_kmh"] = 4
    assert amounts(city) == approx({"050105": 4.5, "050106": 1.5}, rel=1e-4)


def test_a_route_on_a_border_serves_both_sides(city: City) -> None:
    rounds(city, [street((1, 0.2), (1, 0.8))])
    assert amounts(city) == approx({"050101": 7, "050102": 7})


def test_only_the_routes_of_the_words_asked_for(city: City) -> None:
    rounds(city, [ACROSS, ACROSS], keys={"where": {"cuerpo": "policía"}}, cuerpo=["policía", "serenazgo"])
    assert sum(amounts(city).values()) == approx(14)
    city.layer["route"]["where"] = {"cuerpo": "ejército"}
    said = city.errors()["words_unknown"]
    assert said.which == ("ejército",)
    assert "use one of: policía, serenazgo" in said.say()


def test_shifts_in_the_words_of_the_file(city: City) -> None:
    columns = {"turno": ["noche", "mañana"], "veces": [7, 1]}
    rounds(city, [ACROSS, ACROSS], keys={"shift": "turno", "times_per_week": "veces"}, **columns)
    said = city.errors()["shifts_unknown"]
    assert said.which == ("noche", "mañana")
    assert "use: day, evening, night" in said.say()
    city.layer["aliases"] = {"noche": "night", "mañana": "day"}
    shifts = city.read().layers[0].by_shift
    assert shifts is not None
    assert shifts.loc["050105", ["day", "evening", "night"]].tolist() == approx([1.5, 0, 10.5], rel=1e-4)
    assert shifts.drop(index=["050105", "050106"]).to_numpy().sum() == 0


def test_hours_for_each_kilometre_of_street(city: City) -> None:
    """Half a kilometre in the centre and none in 06."""
    drawn(city, "calles.gpkg", [street((1.2, 1.2), (1.7, 1.2))])
    rounds(city, [ACROSS], keys={"streets": "calles.gpkg"})
    more = city.read().layers[0].more
    assert more["street_km"]["050105"] == approx(0.5)
    assert more["hours_per_street_km"]["050105"] == approx(21, rel=1e-4)
    assert pd.isna(more["hours_per_street_km"]["050106"])


def test_hours_outside_are_said(city: City) -> None:
    rounds(city, [street((2.5, 1.5), (3.5, 1.5))])
    assert amounts(city) == approx({"050106": 7}, rel=1e-4)
    said = city.notices()["routes_outside"].values
    assert (said["amount"], said["total"]) == (approx(7, rel=1e-4), 14)


def test_a_missing_crew_makes_the_hours_unknown(city: City) -> None:
    rounds(city, [ACROSS, street((0.2, 0.5), (0.8, 0.5))], keys={"crew": "gente"}, gente=[None, 2])
    assert city.errors()["counts_missing"].which == ("#1",)
    city.layer["missing"] = "keep"
    layer = city.read().layers[0]
    assert layer.amount["050101"] == approx(14)
    assert layer.status[["050101", "050105", "050106", "050109"]].tolist() == ["ok", "missing", "missing", "ok"]


MONDAY = "2023-05-08"
FIXES = [
    ("S1", f"{MONDAY} 10:00:00", 1.5, 1.5),
    ("S1", f"{MONDAY} 10:00:00", 1.5, 1.5),
    ("S1", f"{MONDAY} 10:02:00", 60.0, 1.5),
    ("S1", f"{MONDAY} 10:08:00", 2.2, 1.5),
    ("S1", f"{MONDAY} 10:04:00", 1.6, 1.5),
    ("S1", f"{MONDAY} 10:12:00", 2.3, 1.5),
    ("S1", f"{MONDAY} 23:00:00", 1.5, 1.5),
    ("S1", f"{MONDAY} 23:04:00", 1.5, 1.6),
    ("S1", "2023-05-01 10:00:00", 1.5, 1.5),
    ("S1", "2023-06-01 10:00:00", 1.5, 1.5),
    ("S1", f"{MONDAY} 10:01:00", None, None),
    ("", f"{MONDAY} 10:01:00", 1.5, 1.5),
    ("S1", "ayer", 1.5, 1.5),
]
"""By day 4 + 4 minutes in the centre, 4 in 06 and 5 more before a gap that ends at night; then 4 in the centre."""


def fixes(city: City, rows: list[tuple[str, str, Any, Any]] = FIXES, *, path: str = "gps.csv", **track: Any) -> None:
    """Positions by kilometres east and north, written in degrees."""
    frame = pd.DataFrame(rows, columns=["unidad", "hora", "east", "north"])
    places = [at(east, north) if east is not None else (float("nan"),) * 2
              for east, north in zip(frame.pop("east").astype(object).where(lambda x: x.notna(), None),
                                     frame.pop("north"), strict=True)]  # fmt: skip
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*places, strict=True)), crs=METRES).to_crs("EPSG:4326")
    frame = frame.assign(lon=points.x, lat=points.y)
    save(frame, city.folder / path)
    keys = {"unit": "unidad", "time": "hora", "time_zone": "America/Lima", "period": [MONDAY, "2023-05-14"]}
    only(city, "tracks", path, x="lon", y="lat", crs="EPSG:4326", track=keys | track)


@pytest.mark.parametrize("path", ["gps.csv", "gps.parquet"])
def test_a_week_of_fixes_by_hand(path: str, city: City) -> None:
    fixes(city, path=path)
    layer = city.read().layers[0]
    assert amounts(city) == approx({"050105": 12 / 60, "050106": 9 / 60})
    assert layer.by_shift is not None
    minutes = (60 * layer.by_shift).loc[["050105", "050106"], ["day", "evening", "night"]]
    assert minutes.to_numpy().tolist() == [approx([8, 0, 4]), approx([9, 0, 0])]


def test_what_is_left_out_is_counted(city: City) -> None:
    fixes(city)
    notices = city.read().notices
    (used,) = [one for one in notices if one.code == "tracks_report"]
    assert "6 of 13 positions" in used.say()
    dropped = {one.values["reason"].rpartition(".")[2]: one.values["count"] for one in notices
               if one.code == "tracks_dropped"}  # fmt: skip
    assert dropped == {
        "no_unit": 1, "no_time": 1, "no_position": 1, "before_period": 1, "after_period": 1, "duplicate": 1,
        "impossible_speed": 1, "out_of_order": 1,
    }  # fmt: skip
    for one in notices:
        assert "@" not in one.say() + one.say("es")


def test_people_of_a_unit_and_weeks_of_the_file(city: City) -> None:
    fixes(city, crew=2, weeks=4)
    city.layer["track"].pop("period")
    fixes(city, [row for row in FIXES if row[1].startswith(MONDAY)], crew=2, weeks=4)
    city.layer["track"].pop("period")
    assert amounts(city) == approx({"050105": 2 * 12 / 60 / 4, "050106": 2 * 9 / 60 / 4})


PARKED = [("S2", f"{MONDAY} 09:{minute:02}:00", 1.5, 1.5) for minute in range(0, 21, 5)]


@pytest.mark.parametrize("base", ["bases.csv", "bases.gpkg", "bases.parquet", None])
def test_parked_at_the_base_is_no_presence(base: str | None, city: City) -> None:
    """Twenty minutes where the unit sleeps; the base's file may be in another CRS than the positions."""
    fixes(city, PARKED, **({"bases": base} if base else {}))
    points = gpd.GeoSeries(gpd.points_from_xy(*[[one] for one in at(1.5, 1.5)]), crs=METRES)
    if base == "bases.csv":
        degrees = points.to_crs("EPSG:4326")
        save(pd.DataFrame({"lon": degrees.x, "lat": degrees.y}), city.folder / base)
    elif base:
        frame = gpd.GeoDataFrame({"base": ["Central"]}, geometry=points)
        frame.to_parquet(city.folder / base) if base.endswith("parquet") else frame.to_file(city.folder / base)
    assert amounts(city) == ({} if base else approx({"050105": 20 / 60}))
    assert "crs_overridden" not in city.notices()


def test_a_wrong_column_is_named_with_the_nearest(city: City) -> None:
    fixes(city, unit="unidade", time="horas")
    study, found = city.inspect()
    assert study is None
    said = [one.say() for one in found.errors]
    assert len(said) == 2
    assert "gps.csv" in said[0]
    assert "→ unidad?" in said[0]
    assert "→ hora?" in said[1]


def test_hours_outside_the_city_are_said(city: City) -> None:
    """Four minutes in the centre, then five in the country."""
    rows = [(f"{MONDAY} 10:00:00", 2.9), (f"{MONDAY} 10:04:00", 3.4), (f"{MONDAY} 10:09:00", 3.5)]
    fixes(city, [("S1", time, east, 1.5) for time, east in rows])
    assert amounts(city) == approx({"050106": 4 / 60})
    said = city.notices()["routes_outside"].values
    assert (said["amount"], said["total"]) == (approx(5 / 60), approx(9 / 60))
