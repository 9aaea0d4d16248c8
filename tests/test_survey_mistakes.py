"""What a survey gets wrong is told at the check, all at once, with its file, its name and its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import secequity as se
from city import IDS, City, save

NAN = float("nan")


@pytest.fixture
def city(tmp_path: Path) -> City:
    """Twenty answers in each of three neighbourhoods, half of them unsafe."""
    city = City(tmp_path)
    rows = [(one, "Inseguro" if at < 10 else "Seguro", 1.0) for one in IDS[:3] for at in range(20)]
    save(pd.DataFrame(rows, columns=["barrio", "p12", "factor"]), tmp_path / "encuesta.csv")
    city.study["surveys"] = [survey()]
    return city


def survey(**changes: Any) -> dict[str, Any]:
    keys = {"name": "fear", "kind": "respondents", "path": "encuesta.csv", "id": "barrio", "unsafe": "p12"}
    return keys | {"weight": "factor", "coverage": "police_per_1000"} | changes


def problems(city: City) -> list[str]:
    """What stops the study, of which there may be nothing."""
    return [one.code for one in city.inspect()[1].errors]


def test_two_surveys_of_one_name_are_a_problem_of_the_check(city: City) -> None:
    city.study["surveys"] = [survey(), survey()]
    assert city.errors()["surveys_repeated"].which == ("fear",)


def test_a_survey_named_like_a_layer_is_a_problem_of_the_check(city: City) -> None:
    city.study["surveys"] = [survey(name="Police")]
    assert city.errors()["surveys_repeated"].which == ("Police",)


@pytest.mark.parametrize(
    ("name", "clash"),
    [
        ("pobreza", "pobreza"),
        ("Pobreza", "Pobreza"),
        ("police_per_1000", "police_per_1000"),
        ("official_hours_per_1000", "official_hours_per_1000"),
    ],
)
def test_a_survey_named_like_a_column_is_a_problem_of_the_check(city: City, name: str, clash: str) -> None:
    city.study["surveys"] = [survey(name=name)]
    found = city.errors()["survey_name"]
    assert found.which == (clash,)
    assert name in found.say("es")


def test_a_survey_cannot_take_the_name_of_a_column_of_the_study(city: City) -> None:
    city.study["surveys"] = [survey(name="zone")]
    assert "zone" in city.errors()["name_reserved"].say()


def test_a_misspelt_coverage_is_a_problem_that_names_the_nearest(city: City) -> None:
    city.study["surveys"] = [survey(coverage="polce_per_1000")]
    assert "→ police_per_1000?" in city.errors()["survey_coverage"].say()


@pytest.mark.parametrize("coverage", ["police_per_1000", "police_per_1000_eb", "own_hours_per_1000", "pobreza", "fear"])
def test_every_measure_may_stand_beside_the_fear(city: City, coverage: str) -> None:
    city.study["surveys"] = [survey(coverage=coverage)]
    assert not problems(city)


def test_words_that_nobody_answered_are_a_problem_with_the_words_of_many(city: City) -> None:
    """Twenty-nine and thirty answers may be told; the word that one person wrote may not."""
    table = pd.read_csv(city.folder / "encuesta.csv", dtype=str)
    table.loc[0, "p12"] = "Rosa de la esquina"
    save(table, city.folder / "encuesta.csv")
    city.study["surveys"] = [survey(unsafe_words=["miedo"])]
    found = city.errors()["survey_words"]
    assert found.which == ("Inseguro", "Seguro")
    assert found.say("en").startswith("encuesta.csv: survey fear")
    city.study["surveys"] = [survey(unsafe_words=["INSEGURO"])]
    assert not problems(city)


def test_mistakes_of_a_survey_come_all_at_once(city: City) -> None:
    """A weight below 0, one that is text, words of nobody and a place that the city does not have."""
    table = pd.read_csv(city.folder / "encuesta.csv", dtype=str)
    table.loc[0, "factor"], table.loc[1, "factor"], table.loc[2, "barrio"] = "-1", "dos", "zz"
    save(table, city.folder / "encuesta.csv")
    city.study["surveys"] = [survey(unsafe_words=["miedo"])]
    _, found = city.inspect()
    errors = {one.code: one for one in found.errors}
    assert set(errors) == {"survey_weights", "numbers_bad", "survey_words"}
    assert errors["numbers_bad"].which == ("#3",)
    assert set(errors["survey_weights"].which) == {"#2", "#3"}
    assert all("encuesta.csv" in one.say("es") for one in errors.values())
    assert "survey_elsewhere" in {one.code for one in found.notices}


def test_shares_and_numbers_of_a_summary_come_all_at_once(city: City) -> None:
    table = pd.DataFrame({"barrio": IDS[:4], "pct": [60.0, 400.0, 20.0, 10.0], "n": ["80", "80", "-3", "doce"]})
    save(table, city.folder / "porcentajes.csv")
    told = {"name": "fear", "kind": "summary", "path": "porcentajes.csv", "id": "barrio", "share": "pct", "n": "n"}
    city.study["surveys"] = [told | {"coverage": "police_per_1000"}]
    errors = city.errors()
    assert {code: one.which for code, one in errors.items()} == {
        "survey_shares": ("#3",),
        "survey_negative": ("#4",),
        "numbers_bad": ("#5",),
    }


def test_at_a_cut_of_nothing_nobody_is_afraid_and_nobody_served() -> None:
    """Without any fear anywhere the mean is 0, and 0 is not afraid; so is a service of 0 at a cut of 0."""
    fear = pd.DataFrame({"value": [0.0, 0.0, 10.0], "low": [0.0, 0.0, 5.0], "high": [9.0, 9.0, 20.0]}, list("abc"))
    said = se.surveys.beside(fear, pd.Series([0.0, 3.0, 0.0], list("abc")), fear_cut=0, coverage_cut=0)
    assert said["word"].tolist() == ["calm_unserved", "calm_served", "feared_unserved"]
    assert said["sure"].tolist() == [False, False, True]


def test_at_a_cut_above_nothing_a_tie_is_afraid_and_served() -> None:
    fear = pd.DataFrame({"value": [50.0]}, ["a"])
    said = se.surveys.beside(fear, pd.Series([4.0], ["a"]), fear_cut=50, coverage_cut=4)
    assert said["word"].tolist() == ["feared_served"]
