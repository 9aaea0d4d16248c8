"""Residents' recorded work: hours a week by hand, a controlled vocabulary, and nobody singled out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from city import City, save

LOG = pd.DataFrame(
    [
        ("050101", "Ronda", 6, 5.0, None),
        ("050101", "Ronda", 8, 2.5, None),
        ("050102", "Memorial", 12, 1.0, None),
        ("050103", "Cuota", 40, None, 200),
        ("050104", "Ronda", 4, 6.0, None),
        ("050104", "Ronda", 4, 6.0, None),
    ],
    columns=["barrio", "tipo", "personas", "horas", "cuota"],
)
ACTIVITIES = {"Ronda": "night_patrol", "Memorial": "petition", "cuota": "dues"}


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City(tmp_path)
    save(LOG, tmp_path / "registro.csv")
    city.study["participation"] = {
        "path": "registro.csv",
        "id": "barrio",
        "activity": "tipo",
        "people": "personas",
        "hours": "horas",
        "amount": "cuota",
        "weeks": 10,
        "activities": ACTIVITIES,
    }
    return city


def test_hours_a_week_by_hand(city: City) -> None:
    """(6·5 + 8·2.5)/10 = 5 in 050101, 12·1/10 = 1.2 in 050102; dues stay money; per 1,000 of 4,000 and 3,500 people."""
    results = city.read().run()
    ledger = results.ledger.set_index("id")
    assert (ledger["supplier"] == "residents").all()
    assert ledger["hours_per_week"].loc[["050101", "050102", "050103", "050105"]].tolist() == [5.0, 1.2, 0.0, 0.0]
    own = results.neighbourhoods["own_hours_per_1000"]
    assert own.loc[["050101", "050102"]].tolist() == pytest.approx([5 / 4, 1.2 / 3.5])
    assert "own_hours_per_1000" in set(results.gaps["measure"])


def test_the_same_four_people_every_night_are_not_singled_out(city: City) -> None:
    """Eight attendances of what may be four people: withheld, whatever their sum."""
    results = city.read().run()
    row = results.neighbourhoods.loc["050104"]
    assert row["participation_status"] == "suppressed"
    assert pd.isna(row["own_hours_per_1000"])
    assert results.ledger.set_index("id")["hours_per_week"].isna().loc["050104"]
    assert [one.which for one in results.notices if one.code == "suppressed"] == [("050104",)]


def test_what_is_not_recorded_is_said(city: City) -> None:
    notices = city.notices()
    assert notices["participation_silent"].which == ("050105", "050106", "050107", "050108", "050109")
    assert notices["participation_money"].values["rows"] == 1


def test_problems_come_all_at_once(city: City) -> None:
    broken = LOG.assign(
        tipo=["Ronda", "Kermés", "Memorial", "Cuota", "Ronda", None], personas=[6, -8, 12, 40, 4, "cuatro"]
    )
    save(broken, city.folder / "registro.csv")
    errors = city.errors()
    assert set(errors["activities_unknown"].which) == {"Kermés (#3)", "– (#7)"}
    assert "numbers_bad" in errors
    city.study["participation"]["activities"] = ACTIVITIES | {"Kermés": "patrol"}
    assert "patrol" in city.errors()["activities_words"].which[0]


def test_negative_people_and_unknown_neighbourhoods_are_refused(city: City) -> None:
    save(LOG.assign(personas=[6, -8, 12, 40, 4, 4]), city.folder / "registro.csv")
    assert city.errors()["counts_negative"].which == ("#3",)
    save(LOG.assign(barrio=["050101", "050199", *LOG["barrio"][2:]]), city.folder / "registro.csv")
    assert city.errors()["participation_ids"].which[0].startswith("050199")


def test_a_log_without_people_or_hours_gives_no_hours(city: City) -> None:
    del city.study["participation"]["hours"]
    assert "participation_no_hours" in city.errors()


def test_rows_without_people_are_missing_not_zero(city: City) -> None:
    save(LOG.assign(personas=[6, None, 12, 40, 4, 4]), city.folder / "registro.csv")
    assert city.notices()["participation_unrecorded"].which == ("#3",)


def test_words_of_the_vocabulary_need_no_mapping(city: City) -> None:
    del city.study["participation"]["activities"]
    save(LOG.assign(tipo="night_patrol"), city.folder / "registro.csv")
    assert city.read().participation is not None
