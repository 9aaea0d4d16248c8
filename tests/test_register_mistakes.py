"""What a register says that cannot be: dates beyond its weeks, days of more than 24 hours, parts of people, copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city import City, save


def register(**columns: Any) -> pd.DataFrame:
    """A patrol of eight people a week from January to December 2022, in one neighbourhood: 52 rows, 358 days."""
    days = pd.date_range("2022-01-03", periods=52, freq="7D").strftime("%Y-%m-%d")
    return pd.DataFrame(
        {"barrio": "050101", "tipo": "night_patrol", "personas": 8, "horas": 3.0, "fecha": days}
    ).assign(**columns)


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City(tmp_path)
    save(register(), tmp_path / "registro.csv")
    keys = {"path": "registro.csv", "id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas"}
    city.study["participation"] = keys | {"date": "fecha", "weeks": 52}
    return city


def changed(row: int, column: str, value: object) -> pd.DataFrame:
    table = register().astype(object)
    table.loc[row, column] = value
    return table


def problems(city: City) -> list[str]:
    """What stops the study, of which there may be nothing."""
    return [one.code for one in city.inspect()[1].errors]


def test_dates_that_span_more_than_the_weeks_are_a_problem(city: City) -> None:
    """358 days are 51.1 weeks: a file of 4 weeks would have thirteen times the hours."""
    city.study["participation"]["weeks"] = 4
    found = city.errors()["dates_beyond_weeks"]
    assert found.values["spanned"] == 51.1
    assert "weeks = 4" in found.say("es")


@pytest.mark.parametrize(("weeks", "refused"), [(52, False), (47, False), (46, True)])
def test_a_tenth_more_is_let_through(city: City, weeks: int, refused: bool) -> None:
    """1.1 · 7 · 47 = 361.9 days are enough for 358, and 1.1 · 7 · 46 = 354.2 are not."""
    city.study["participation"]["weeks"] = weeks
    assert problems(city) == (["dates_beyond_weeks"] if refused else [])


def test_a_month_of_31_days_is_of_four_weeks(city: City) -> None:
    days = pd.date_range("2022-05-01", "2022-05-31").strftime("%Y-%m-%d")
    save(register().head(31).assign(fecha=days), city.folder / "registro.csv")
    city.study["participation"]["weeks"] = 4
    assert not problems(city)


def test_dates_that_fill_few_of_the_weeks_are_told(city: City) -> None:
    """Ten rows are 64 days: 9.1 weeks of 52."""
    assert "dates_short_of_weeks" not in city.notices()
    save(register().head(10), city.folder / "registro.csv")
    assert city.notices()["dates_short_of_weeks"].values["spanned"] == 9.1


@pytest.mark.parametrize("date", ["2153-06-05", "1989-12-31"])
def test_dates_of_another_time_are_a_problem_with_their_rows(city: City, date: str) -> None:
    save(changed(1, "fecha", date), city.folder / "registro.csv")
    errors = city.errors()
    assert errors["dates_implausible"].which == ("#3",)
    assert "dates_beyond_weeks" not in errors


def test_nobody_works_99_hours_in_a_day(city: City) -> None:
    save(changed(4, "horas", 99), city.folder / "registro.csv")
    assert city.errors()["hours_of_a_day"].which == ("#6",)
    save(changed(4, "horas", 24), city.folder / "registro.csv")
    assert not problems(city)


def test_the_hours_that_a_quota_buys_are_not_of_a_day(city: City) -> None:
    save(changed(4, "horas", 99).assign(tipo="dues"), city.folder / "registro.csv")
    assert not problems(city)


def test_people_are_whole(city: City) -> None:
    save(changed(0, "personas", 3.5), city.folder / "registro.csv")
    assert city.errors()["people_fractional"].which == ("#2",)


def test_members_are_whole(city: City) -> None:
    save(pd.DataFrame({"barrio": ["050101", "050102"], "socios": [30, 20.5]}), city.folder / "registro.csv")
    city.study["participation"] = {"form": "stations", "path": "registro.csv", "id": "barrio", "members": "socios"}
    assert city.errors()["people_fractional"].which == ("#3",)


def test_rows_that_are_exactly_alike_are_told_and_counted(city: City) -> None:
    """8 people, 3 hours, 53 rows over 52 weeks; the notice says neither how many nor which."""
    assert "rows_alike" not in city.notices()
    table = register()
    save(pd.concat([table, table.head(1)]), city.folder / "registro.csv")
    study = city.read()
    assert [one.which for one in study.notices if one.code == "rows_alike"] == [()]
    assert study.participation is not None
    assert study.participation.hours_per_week["050101"] == pytest.approx(8 * 3 * 53 / 52)


def test_alike_rows_without_a_date_are_nothing_to_tell(city: City) -> None:
    """The same patrol on many nights, in a register that keeps no dates."""
    del city.study["participation"]["date"]
    save(register().drop(columns="fecha"), city.folder / "registro.csv")
    assert "rows_alike" not in city.notices()


def test_text_and_negative_numbers_of_a_column_are_both_told(city: City) -> None:
    table = changed(0, "personas", -2)
    table.loc[1, "personas"] = "cuatro"
    save(table, city.folder / "registro.csv")
    errors = city.errors()
    assert errors["counts_negative"].which == ("#2",)
    assert errors["numbers_bad"].which == ("#3",)
