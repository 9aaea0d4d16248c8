"""What residents do, in layers of areas, routes and tracks: no figure leads back to fewer than k of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest import approx

from city import IDS, City, block, drawn, only, street
from secequity.checks import Findings
from secequity.config import read_config
from secequity.coverage.kinds.patrols import read_routes, read_tracks
from secequity.coverage.kinds.task import Task
from test_kinds_patrols import ACROSS, MONDAY, fixes, rounds

HOME = street((0.2, 0.5), (0.8, 0.5))
"""A round within 01."""


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def of_residents(city: City) -> None:
    city.layer["body"] = "community"


def task_of(city: City) -> Task:
    """The first layer, to be read by its kind alone."""
    study, found = city.read(), Findings()
    config = read_config(city.file(), found)
    assert config is not None
    return Task(section=config.layers[0], city=study.city, folder=city.folder, k=5, found=found, sources=[])


def test_areas_of_few_participants(city: City) -> None:
    """The 4 of area A and the 3 of D are withheld before anything is shared out; 03 and 06 share the 8 of C by people,
    which says nothing about fewer than eight."""
    shapes = [block(0, 0), block(1, 0), block(2, 0, 1, 2), block(-3, 0)]
    drawn(city, "juntas.gpkg", shapes, codigo=list("ABCD"), socios=[4, 6, 8, 3])
    only(city, "jurisdictions", "juntas.gpkg", id="codigo", staff="socios", body="community")
    study = city.read()
    layer = study.layers[0]
    some = ["050101", "050102", "050103", "050106", "050109"]
    assert layer.status[some].tolist() == ["suppressed", "ok", "ok", "ok", "uncovered"]
    assert layer.amount[some].tolist() == approx([float("nan"), 6, 5.2, 2.8, float("nan")], nan_ok=True)
    notices = {one.code: one for one in study.notices}
    assert notices["suppressed"].which == ("A", "D")
    assert "areas_unallocated" not in notices
    assert not any(figure in one.say() for one in study.notices for figure in ("4 in all", "3 in all", "21"))


def test_the_crew_behind_the_hours_of_routes(city: City) -> None:
    """The smallest crew decides where several pass; it does not grow with the number of rounds."""
    rounds(city, [ACROSS, ACROSS, HOME], keys={"crew": "gente"}, gente=[4, 9, 6])
    of_residents(city)
    counted = read_routes(task_of(city), shifts={"night": (22, 6)})
    assert counted is not None
    assert counted.participants is not None
    known = ["050101", "050105", "050106", "050109"]
    assert counted.participants[known].tolist() == [6, 4, 4, 0]


def test_the_crew_behind_the_hours_of_tracks(city: City) -> None:
    fixes(city, [("R1", f"{MONDAY} 22:00:00", 1.5, 1.5), ("R1", f"{MONDAY} 22:04:00", 1.5, 1.5)], crew=3)
    of_residents(city)
    counted = read_tracks(task_of(city), shifts={"night": (22, 6), "day": (6, 22)})
    assert counted is not None
    assert counted.participants is not None
    assert counted.participants[["050105", "050106"]].tolist() == [3, 0]


def test_hours_of_a_small_crew_are_withheld_and_of_a_large_one_not(city: City) -> None:
    """28 hours of four people are withheld; 0.7 hours of seven are not."""
    drawn(city, "calles.gpkg", [ACROSS, HOME])
    keys = {"crew": "gente", "minutes": "minutos", "streets": "calles.gpkg"}
    rounds(city, [ACROSS, HOME], keys=keys, gente=[4, 7], minutos=[60, 6 / 7])
    of_residents(city)
    layer = city.read().layers[0]
    assert layer.status[["050101", "050105", "050106", "050109"]].tolist() == ["ok", "suppressed", "suppressed", "ok"]
    assert layer.amount["050101"] == approx(0.7)
    assert layer.amount[["050105", "050106"]].isna().all()
    for ending in ("km_per_week", "hours_per_street_km"):
        assert layer.more[ending][["050105", "050106"]].isna().all()
        assert layer.more[ending]["050101"] > 0


@pytest.mark.parametrize(("crew", "shown"), [(2, False), (6, True)])
def test_tracks_of_residents(crew: int, shown: bool, city: City) -> None:
    rows: list[tuple[str, str, Any, Any]] = [
        ("R1", f"{MONDAY} {time}", 1.5, 1.5) for time in ("22:00:00", "22:04:00", "22:08:00")
    ]
    fixes(city, rows, crew=crew)
    of_residents(city)
    results = city.read().run()
    frame = results.neighbourhoods.loc["050105"]
    night = results.ledger[(results.ledger["shift"] == "night") & (results.ledger["id"] == "050105")]
    hours = crew * 8 / 60
    assert frame["guard_status"] == ("ok" if shown else "suppressed")
    for figure in (frame["guard_amount"], night["hours_per_week"].item()):
        assert figure == approx(hours) if shown else pd.isna(figure)
    assert pd.isna(frame["guard_km_per_week"]) != shown
    assert results.register["hours_per_week"].item() == approx(hours if shown else 0)


def test_nothing_said_gives_the_hours_of_a_small_crew_back(city: City) -> None:
    """Half of the round is outside: the police's hours are told, the residents' are not."""
    rounds(city, [street((2.5, 1.5), (3.5, 1.5))])
    assert "routes_outside" in city.notices()
    of_residents(city)
    assert "routes_outside" not in city.notices()


def test_a_crew_of_two_officers_is_no_secret(city: City) -> None:
    rounds(city, [ACROSS])
    assert set(city.read().layers[0].status) == {"ok"}


def test_two_views_of_the_same_residents_are_refused(city: City) -> None:
    """A withheld count of one layer would be the difference of two others."""
    people = pd.DataFrame({"ubigeo": IDS, "v": [3, *[9] * 8], "w": [20, *[9] * 8]})
    city.counts(people, name="vv", staff="v")
    city.counts(people, name="ww", staff="w")
    city.counts(people, name="both", staff=["v", "w"])
    assert city.errors()["community_twice"].which == ("both", "vv", "ww")


def test_residents_are_not_spread_over_a_catchment(city: City) -> None:
    city.layer.update(body="community", reach={"method": "catchment", "radius_m": 1000})
    assert city.errors()["community_catchment"].which == ("police",)


def test_a_layer_withheld_whole_leaves_the_others(city: City) -> None:
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": [1, 2, 3, 4, 1, 2, 3, 4, 1]}))
    results = city.read().run()
    frame = results.neighbourhoods
    assert (frame["rondas_status"] == "suppressed").all()
    assert frame[["rondas_amount", "rondas_per_1000", "rondas_per_1000_eb"]].isna().all(axis=None)
    assert "police_per_1000" in set(results.gaps["measure"])
    assert "rondas_per_1000" not in set(results.gaps["measure"])


def test_no_digest_of_a_file_about_participants(city: City) -> None:
    """Four guesses a withheld cell would otherwise be enough to find it."""
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": [3, *[9] * 8]}))
    sources = city.read().run().sources.set_index("file")
    assert sources.loc["conteos.csv", ["sha256", "bytes"]].tolist() == ["", 0]
    assert len(sources.loc["censo.csv", "sha256"]) == 64


def test_without_official_layers_nothing_is_called_blind(city: City) -> None:
    shifts = {"day": 0.5, "night": 0.5}
    counts = pd.DataFrame({"ubigeo": IDS, "personas": [9] * 9})
    city.counts(counts, hours_per_week=6, shifts=shifts)
    city.study["layers"].pop(0)
    results = city.read().run()
    assert set(results.shifts["status"]) == {"cannot tell"}
    assert not [one for one in results.measures["measure"] if one.startswith("official")]
