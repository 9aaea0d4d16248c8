"""The ledger of hours, the shifts, the register of bodies and the two rankings, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pytest import approx

from city import IDS, PEOPLE, STAFF, City, drawn, street
from secequity import ledger
from secequity.coverage.layers import Layer
from secequity.participation import Participation
from secequity.results import LEDGER, RANKING, REGISTER, SHIFTS

NAN = float("nan")
PLACES = ["a", "b", "c", "d"]


def layer(name: str, body: Any, amounts: list[float], **about: Any) -> Layer:
    amount = pd.Series(amounts, index=PLACES[: len(amounts)])
    about = {"unit": "police", "hours_per_week": None, "points": gpd.GeoDataFrame(geometry=[])} | about
    return Layer(
        name=name, body=body, amount=amount, status=amount.notna().map({True: "ok", False: "missing"}), **about
    )


def rows(*given: tuple[str, str, float, str | None]) -> pd.DataFrame:
    """A ledger of `id`, `supplier`, hours and shift."""
    table = pd.DataFrame(given, columns=["id", "supplier", "hours_per_week", "shift"]).assign(layer="x")
    return table.astype({"shift": object})


def test_hours_are_the_amount_times_its_hours() -> None:
    table = ledger.from_layers([layer("police", "police", [2, 0, NAN], hours_per_week=48)])
    assert list(table) == list(LEDGER)
    assert table["hours_per_week"].tolist() == approx([96, 0, NAN], nan_ok=True)
    assert table["supplier"].tolist() == ["state"] * 3
    assert table["shift"].isna().all()


def test_what_cannot_become_hours_or_is_counted_elsewhere_has_no_rows() -> None:
    layers = [
        layer("posts", "police", [2, 1]),
        layer("cars", "police", [2, 1], hours_per_week=1, in_ledger=False),
        layer("guards", "private", [2, 1], hours_per_week=72),
    ]
    table = ledger.from_layers(layers)
    assert set(table["layer"]) == {"guards"}
    assert set(table["supplier"]) == {"market"}
    assert ledger.from_layers(layers[:2]).empty
    assert list(ledger.from_layers([])) == list(LEDGER)


def test_a_row_a_shift_and_the_residents_own_work() -> None:
    shifts = pd.DataFrame({"day": [60.0, 0], "night": [36.0, 0]}, index=["a", "b"])
    given = Participation(
        hours_per_week=pd.Series({"a": 5.0, "b": NAN}), status=pd.Series({"a": "ok", "b": "suppressed"})
    )
    police = layer("police", "police", [2, 0], hours_per_week=48, by_shift=shifts)
    table = ledger.from_layers([police], participation=given).set_index(["layer", "shift", "id"])["hours_per_week"]
    assert table["police"].to_dict() == {("day", "a"): 60, ("day", "b"): 0, ("night", "a"): 36, ("night", "b"): 0}
    assert table["participation"].tolist() == approx([5, NAN], nan_ok=True)


def test_blind_served_overlap_and_cannot_tell() -> None:
    """a: police and municipality, with residents and guards three and more at night; b: nobody; c: police at some
    time of the day; d: residents alone, who are no official hour."""
    table = rows(
        ("a", "state", 7, "night"), ("a", "municipality", 3, "night"), ("a", "residents", 1, "night"),
        ("a", "state", 7, "day"), ("a", "municipality", 0, "day"),
        ("b", "state", 0, "night"),
        ("c", "state", 5, None), ("c", "municipality", 4, "day"),
        ("d", "residents", 9, "night"),
    )  # fmt: skip
    found = ledger.shifts_of(table, ["day", "night"], pd.Series({"a": 500, "b": 500, "c": 500, "d": 0}))
    assert list(found) == list(SHIFTS)
    status = found.set_index(["shift", "id"])["status"]
    assert status["night"].to_dict() == {"a": "overlap", "b": "blind", "c": "cannot tell", "d": "blind"}
    assert status["day"].to_dict() == {"a": "served", "b": "blind", "c": "served", "d": "blind"}
    night = found[found["shift"] == "night"].set_index("id")
    assert night["official_hours_per_week"].tolist() == approx([10, 0, NAN, 0], nan_ok=True)
    assert night["official_hours_per_1000"].tolist() == approx([20, 0, NAN, NAN], nan_ok=True)
    assert night["suppliers"].tolist() == [3, 0, 0, 1]


def test_an_unknown_amount_is_no_blind_spot() -> None:
    table = rows(("a", "state", NAN, "night"), ("b", "state", 0, "night"))
    found = ledger.shifts_of(table, ["night"], pd.Series({"a": 10, "b": 10}))
    assert found["status"].tolist() == ["cannot tell", "blind"]
    assert found["official_hours_per_week"].tolist() == approx([NAN, 0], nan_ok=True)


def test_without_shifts_there_is_no_table_of_them() -> None:
    found = ledger.shifts_of(rows(("a", "state", 7, None)), ["night"], pd.Series({"a": 10}))
    assert found.empty
    assert list(found) == list(SHIFTS)


def test_the_register_by_hand() -> None:
    """a has police and guards, b police, c and d nobody for sure; the slope is no body."""
    layers = [
        layer("police", "police", [4, 2, 0, NAN], hours_per_week=48),
        layer("cars", "police", [9, 0, 0, 0], unit="hour", hours_per_week=1, kind="tracks"),
        layer("guards", "private", [3, 0, 0, 0], unit="guard"),
        layer("slope", "police", [3, 1, 8, 2], unit="level", kind="surface"),
    ]
    area = pd.Series({"a": 1.0, "b": 2.0, "c": 4.0, "d": 8.0})
    table = ledger.register_of(layers, area_km2=area, population=pd.Series({"a": 100, "b": 200, "c": 300, "d": 400}))
    assert list(table) == list(REGISTER)
    assert table["layer"].tolist() == ["police", "cars", "guards"]
    police, cars, guards = (row._asdict() for row in table.itertuples(index=False))
    assert (police["amount"], police["hours_per_week"], police["neighbourhoods"]) == (6, 288, 2)
    assert (police["area_km2"], police["people"]) == (3, 300)
    assert (police["alone"], police["doubled"], police["missing"]) == (1, 1, 1)
    assert (cars["alone"], cars["doubled"]) == (0, 1)
    assert (guards["alone"], guards["doubled"], guards["missing"]) == (0, 1, 0)
    assert pd.isna(guards["hours_per_week"])


def test_a_register_of_nobody() -> None:
    slope = layer("slope", "police", [3, 1], unit="level", kind="surface")
    table = ledger.register_of(
        [slope], area_km2=pd.Series({"a": 1.0, "b": 1.0}), population=pd.Series({"a": 1, "b": 1})
    )
    assert table.empty
    assert list(table) == list(REGISTER)


def driven(name: str, hours: list[float], km: list[float]) -> Layer:
    return layer(name, "police", hours, unit="hour", more={"km_per_week": pd.Series(km, index=PLACES[: len(km)])})


def test_hours_against_kilometres() -> None:
    """a: 9 h for 1000 people and 10 km; b: 2 h for 100 and 30 km; c: nothing."""
    table = ledger.ranking_of([driven("cars", [9, 2, 0], [10, 30, 0])], pd.Series({"a": 1000, "b": 100, "c": 50}))
    assert list(table) == list(RANKING)
    table = table.set_index("id")
    assert table["hours_per_1000"].to_dict() == {"a": 9, "b": 20, "c": 0}
    assert table["rank_by_km"].to_dict() == {"a": 2, "b": 1, "c": 3}
    assert table["places_lost"].to_dict() == {"a": 0, "b": 0, "c": 0}


def test_fleets_add_up_and_what_one_does_not_know_is_unknown() -> None:
    fleets = [driven("cars", [9, NAN], [10, NAN]), driven("bikes", [1, 2], [5, 6])]
    table = ledger.ranking_of(fleets, pd.Series({"a": 1000, "b": 1000})).set_index("id")
    assert table["hours_per_week"].to_dict() == approx({"a": 10, "b": NAN}, nan_ok=True)
    assert table["km_per_week"].to_dict() == approx({"a": 15, "b": NAN}, nan_ok=True)
    assert ledger.ranking_of([layer("posts", "police", [1, 2])], pd.Series({"a": 1, "b": 1})).empty


def test_each_body_is_ranked_by_its_tracks_or_else_by_its_routes() -> None:
    """Police: the tracked 3 h, not the planned 8; serenazgo has no tracks, so its planned 2 h count."""
    moving = [
        layer(
            "gps", "police", [3, 0], unit="hour", kind="tracks", more={"km_per_week": pd.Series({"a": 30.0, "b": 0.0})}
        ),
        layer(
            "sheet",
            "police",
            [8, 8],
            unit="hour",
            kind="routes",
            more={"km_per_week": pd.Series({"a": 80.0, "b": 80.0})},
        ),
        layer(
            "walk",
            "serenazgo",
            [0, 2],
            unit="hour",
            kind="routes",
            more={"km_per_week": pd.Series({"a": 0.0, "b": 6.0})},
        ),
    ]
    table = ledger.ranking_of(moving, pd.Series({"a": 1000, "b": 1000})).set_index("id")
    assert table["hours_per_week"].to_dict() == {"a": 3, "b": 2}
    assert table["km_per_week"].to_dict() == {"a": 30, "b": 6}


def test_hours_of_suppliers() -> None:
    table = rows(
        ("a", "state", 7, "day"), ("a", "state", 3, "night"), ("b", "state", NAN, None), ("b", "market", 9, None)
    )
    ids = pd.Index(["a", "b"])
    assert ledger.hours_of(table, ["state"], ids).tolist() == approx([10, NAN], nan_ok=True)
    assert ledger.hours_of(table, ["state", "market"], ids).tolist() == approx([10, NAN], nan_ok=True)
    assert ledger.hours_of(table, ["residents"], ids).isna().all()


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def test_shares_of_shifts_from_the_study_file(city: City) -> None:
    """30 officers × 48 h, a quarter of them at night."""
    city.layer.update(hours_per_week=48, shifts={"day": 0.75, "night": 0.25})
    results = city.read().run()
    table = results.ledger.set_index(["id", "shift"])["hours_per_week"]
    assert table["050105"].to_dict() == approx({"day": 1080, "night": 360})
    assert len(table) == 2 * 9
    status = results.shifts.set_index(["shift", "id"])["status"]
    assert {one: status["night"][one] for one in IDS} == {one: "served" if one in STAFF else "blind" for one in IDS}
    assert set(status["evening"]) == {"blind"}
    rate = results.neighbourhoods["official_hours_per_1000"]
    assert rate["050105"] == approx(1000 * 30 * 48 / 9000)
    assert results.neighbourhoods["official_night_hours_per_1000"]["050105"] == approx(1000 * 360 / 9000)


def test_shifts_of_the_study_itself(city: City) -> None:
    city.study["shifts"] = {"manana": [7, 19], "noche": [19, 7]}
    city.layer.update(hours_per_week=48, shifts={"manana": 0.5, "noche": 0.5})
    assert set(city.read().run().shifts["shift"]) == {"manana", "noche"}


@pytest.mark.parametrize("counted", [True, False])
def test_hours_kept_out_of_the_ledger(counted: bool, city: City) -> None:
    """14 hours of a round that the officers of the stations make: counted twice, or once."""
    drawn(city, "rondas.gpkg", [street((1.2, 1.5), (1.8, 1.5))])
    city.layer["hours_per_week"] = 48
    route = {"times_per_week": 7, "crew": 2, "minutes": 60}
    round_ = {"name": "rounds", "body": "police", "kind": "routes", "path": "rondas.gpkg", "route": route}
    city.study["layers"].append(round_ | ({} if counted else {"ledger": False}))
    results = city.read().run()
    hours = 30 * 48 + (14 if counted else 0)
    assert results.neighbourhoods["official_hours_per_1000"]["050105"] == approx(1000 * hours / 9000)
    assert ("rounds" in set(results.ledger["layer"])) == counted
    assert results.neighbourhoods["rounds_hours_per_1000"]["050105"] == approx(1000 * 14 / 9000)
    assert results.register.set_index("layer").loc["rounds", "hours_per_week"] == approx(14)
    ranked = results.ranking.set_index("id")
    assert ranked.loc["050105", "km_per_week"] == approx(7 * 0.6)
    assert ranked.loc["050105", ["rank_by_km", "rank_by_hours"]].tolist() == [1, 1]


def test_the_register_of_a_study(city: City) -> None:
    row = city.read().run().register.set_index("layer").loc["police"]
    assert (row["amount"], row["neighbourhoods"], row["area_km2"]) == (42, 4, approx(4))
    assert row["people"] == sum(PEOPLE[IDS.index(one)] for one in STAFF)
    assert (row["alone"], row["doubled"], row["missing"]) == (4, 0, 0)
