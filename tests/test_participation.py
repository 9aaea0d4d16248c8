"""Residents' recorded work: hours a week by hand, a controlled vocabulary, and nobody singled out."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

import secequity as se
from city import IDS, City, save
from conftest import HUAMANGA
from secequity.words import Activity

NAN = float("nan")

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
    assert notices["participation_money"].which == ()
    assert "1" not in notices["participation_money"].say("en")


def test_problems_come_all_at_once(city: City) -> None:
    broken = LOG.assign(
        tipo=["Ronda", "Kermés", "Memorial", "Cuota", "Ronda", None], personas=[6, -8, 12, 40, 4, "cuatro"]
    )
    save(broken, city.folder / "registro.csv")
    errors = city.errors()
    assert set(errors["activities_unknown"].which) == {"#3", "#7"}
    assert "numbers_bad" in errors
    city.study["participation"]["activities"] = ACTIVITIES | {"Kermés": "patrol"}
    assert "patrol" in city.errors()["activities_words"].which[0]


def test_negative_people_and_unknown_neighbourhoods_are_refused(city: City) -> None:
    save(LOG.assign(personas=[6, -8, 12, 40, 4, 4]), city.folder / "registro.csv")
    assert city.errors()["counts_negative"].which == ("#3",)
    save(LOG.assign(barrio=["050101", "050199", *LOG["barrio"][2:]]), city.folder / "registro.csv")
    assert city.errors()["participation_ids"].which[0].startswith("#3")


def test_a_log_without_people_or_hours_gives_no_hours(city: City) -> None:
    del city.study["participation"]["hours"]
    assert "participation_no_hours" in city.errors()


def test_rows_without_people_are_missing_not_zero(city: City) -> None:
    save(LOG.assign(personas=[6, None, 12, 40, 4, 4]), city.folder / "registro.csv")
    assert city.notices()["participation_unrecorded"].which == ("personas",)


def test_words_of_the_vocabulary_need_no_mapping(city: City) -> None:
    del city.study["participation"]["activities"]
    save(LOG.assign(tipo="night_patrol"), city.folder / "registro.csv")
    assert city.read().participation is not None


# The record of activities


def full_log() -> pd.DataFrame:
    return LOG.assign(
        fecha=["2022-01-03", "31/01/2022", "2022-03-02", None, "2022-01-10", "2022-01-11"],
        apoyo=["radios y silbatos", "", "Visita", "no", "", ""],
        autoridad=["sí", "no", None, "NO", "x", "si"],
    )


@pytest.fixture
def recorded(city: City) -> City:
    save(full_log(), city.folder / "registro.csv")
    city.study["participation"] |= {"date": "fecha", "support": "apoyo", "officials": "autoridad"}
    return city


def records_of(city: City) -> pd.DataFrame:
    participation = city.read().participation
    assert participation is not None
    return participation.records


def test_the_record_has_a_row_an_activity_and_none_of_the_withheld(recorded: City) -> None:
    records = records_of(recorded)
    assert records["id"].tolist() == ["050101", "050101", "050102", "050103"]
    assert records["activity"].tolist() == ["night_patrol", "night_patrol", "petition", "dues"]
    assert records["date"].dt.strftime("%d-%m").tolist()[:3] == ["03-01", "31-01", "02-03"]
    assert records["period"].tolist()[:3] == [0, 0, 2]
    assert records["period"].isna().tolist() == [False, False, False, True]
    assert records["support"].isna().tolist() == [False, True, False, False]
    assert records["support"].fillna(False).tolist() == [True, False, True, False]
    assert records["support_kind"].tolist()[0] == "radios+whistles"
    assert records["officials"].isna().tolist() == [False, False, True, False]
    assert not records["imputed"].any()


def test_an_empty_cell_of_support_is_unknown_unless_the_study_says_none(recorded: City) -> None:
    assert "support_unknown" in recorded.notices()
    recorded.study["participation"]["support_empty"] = "none"
    assert records_of(recorded)["support"].tolist() == [True, False, True, False]
    assert "support_unknown" not in recorded.notices()


def test_periods_are_months_or_blocks_of_days(recorded: City) -> None:
    recorded.study["participation"]["period_days"] = 28
    assert records_of(recorded)["period"].tolist()[:3] == [0, 1, 2]


def test_the_order_of_rows_changes_no_record(recorded: City) -> None:
    first = records_of(recorded)
    save(full_log().iloc[::-1], recorded.folder / "registro.csv")
    pd.testing.assert_frame_equal(records_of(recorded), first)


def test_every_mistake_of_the_register_in_one_round(recorded: City) -> None:
    broken = full_log().assign(
        barrio=["050101", "050199", "050102", "050103", "050104", None],
        tipo=["Ronda", "Kermés", "Memorial", "Cuota", "Ronda", "Ronda"],
        personas=[6, -8, 12, "cuarenta", 4, 4],
        fecha=["ayer", "2022-13-01", "2022-03-02", None, "2022-01-10", "2022-01-11"],
        apoyo=["globos", "", "Visita", "no", "", ""],
        autoridad=["quizás", "no", None, "NO", "x", "si"],
    )
    save(broken, recorded.folder / "registro.csv")
    errors = recorded.errors()
    assert {code: one.which for code, one in errors.items()} == {
        "ids_missing": ("#7",),
        "participation_ids": ("#3 → 050109?",),
        "activities_unknown": ("#3",),
        "numbers_bad": ("#5",),
        "counts_negative": ("#3",),
        "dates_bad": ("#2", "#3"),
        "supports_unknown": ("#2",),
        "answers_bad": ("#2",),
    }


def test_a_study_maps_the_words_of_its_support(recorded: City) -> None:
    save(full_log().assign(apoyo="globos"), recorded.folder / "registro.csv")
    recorded.study["participation"]["supports"] = {"Globos": "other"}
    assert set(records_of(recorded)["support_kind"]) == {"other"}
    recorded.study["participation"]["supports"] = {"Globos": "balloons"}
    assert "globos → balloons" in recorded.errors()["supports_words"].which[0].casefold()


def test_hours_are_imputed_only_if_the_study_says_how(city: City) -> None:
    """Nobody recorded the hours of the second patrol: 8·4 of the supposition, and 6·5 recorded, over 10 weeks."""
    save(LOG.assign(horas=[5.0, None, 1.0, None, 6.0, 6.0]), city.folder / "registro.csv")
    assert city.read().participation.hours_per_week["050101"] == 3.0
    assert "participation_imputed" not in city.notices()
    city.study["participation"]["impute_hours"] = {"night_patrol": 4}
    study = city.read()
    assert study.participation.hours_per_week["050101"] == pytest.approx((30 + 32) / 10)
    assert study.participation.records["imputed"].tolist() == [False, True, False, False]
    said = {one.code: one for one in study.notices}["participation_imputed"]
    assert said.which == ()
    assert "night_patrol = 4" in said.say("es")
    table = study.run().table("burden").set_index("id")
    assert table["imputed"].loc[["050101", "050102"]].tolist() == [True, False]


def test_imputed_hours_name_an_activity(city: City) -> None:
    city.study["participation"]["impute_hours"] = {"rondas": 4}
    assert "impute_hours" in city.errors()["key_value"].say()


# Words


@pytest.mark.parametrize(
    ("wording", "activity"),
    [
        ("RONDAS NOCTURNAS", "night_patrol"),
        ("Ronda de vecinos del sector 3", "night_patrol"),
        ("Neighbourhood watch", "night_patrol"),
        ("Faena de limpieza de maleza", "faena"),
        ("minga", "faena"),
        ("Cuota para vigilancia", "dues"),
        ("Asambleas", "meeting"),
        ("Reuniones de junta vecinal", "meeting"),
        ("presencia en operativos", "presence"),
        ("Queja ante la municipalidad", "complaint"),
        ("Solicitud de patrullaje policial", "petition"),
        ("MEMORIAL", "petition"),
        ("Caminatas exploratorias", "walk"),
        ("exploratory walk", "walk"),
        ("night_patrol", "night_patrol"),
        ("ronda policial", None),
        ("Patrullaje de serenazgo", None),
        ("Kermés", None),
        (None, None),
    ],
)
def test_wordings_find_their_activity(wording: str | None, activity: str | None) -> None:
    assert se.participation.recognise(pd.Series([wording], dtype=object)).tolist() == [activity]


def test_the_study_has_the_last_word() -> None:
    own = {"asamblea": "petition", "Kermés": "faena"}
    found = se.participation.recognise(pd.Series(["Asambleas", "KERMES", "ronda"]), activities=own)
    assert found.tolist() == ["petition", "faena", "night_patrol"]


def test_the_vocabulary_places_every_activity_on_four_axes() -> None:
    words = se.participation.vocabulary()
    assert words.index.tolist() == list(get_args(Activity))
    allowed = {
        "kind": {"embodied", "documentary"},
        "active_passive": {"active", "passive"},
        "individual_collective": {"individual", "collective"},
        "positive_negative": {"positive", "negative"},
        "activism_compliance": {"activism", "compliance"},
    }
    for column, values in allowed.items():
        assert set(words[column]) == values, column
    assert words[words["kind"] == "embodied"].index.tolist() == ["night_patrol", "faena", "dues"]


def test_the_wordings_of_the_embedded_city_need_no_mapping() -> None:
    told = pd.read_csv(HUAMANGA / "tipos_actividad.csv")
    assert se.participation.recognise(told["tipo"]).tolist() == told["actividad"].tolist()


def test_words_read_by_the_vocabulary_are_said(city: City) -> None:
    save(LOG.assign(tipo="Asamblea de vecinos"), city.folder / "registro.csv")
    assert city.notices()["activities_recognised"].which == ("meeting",)


def test_words_read_by_the_vocabulary_are_counted_where_they_are_not_few(city: City) -> None:
    """Five neighbourhoods write assemblies, one a petition: no word of theirs is said, nor that it was one."""
    words = ["Asamblea por la banda del 7"] * 5 + ["Memorial a Rosa"]
    log = pd.DataFrame({"barrio": [*IDS[:5], IDS[0]], "tipo": words, "personas": 9, "horas": 1.0, "cuota": None})
    del city.study["participation"]["activities"]
    save(log, city.folder / "registro.csv")
    assert city.notices()["activities_recognised"].which == ("meeting (5)", "petition")


# The other forms


def test_a_summary_counts_attendances_and_knows_how_few_may_stand_behind_them(city: City) -> None:
    """48 attendances on 12 nights may be four people every night: withheld. 60 on 10 nights are six at least."""
    table = pd.DataFrame(
        [("050101", "Rondas", 60, 10, 3.0), ("050102", "Rondas", 48, 12, 3.0), ("050103", "Memoriales", 20, 2, 1.0)],
        columns=["barrio", "tipo", "asistencias", "veces", "horas"],
    )
    save(table, city.folder / "resumen.csv")
    city.study["participation"] = {
        "path": "resumen.csv", "form": "summary", "id": "barrio", "activity": "tipo", "people": "asistencias",
        "times": "veces", "hours": "horas", "weeks": 52,
    }  # fmt: skip
    participation = city.read().participation
    assert participation.form == "summary"
    assert participation.status[["050101", "050102", "050103"]].tolist() == ["ok", "suppressed", "ok"]
    assert participation.hours_per_week["050101"] == pytest.approx(60 * 3 / 52)
    assert participation.records["times"].tolist() == [10, 2]
    save(table.assign(veces=[10, 0, 2]), city.folder / "resumen.csv")
    assert city.errors()["times_none"].which == ("#3",)


def test_neighbourhoods_that_sent_no_summary_may_be_missing(city: City) -> None:
    city.study["participation"]["silent"] = "missing"
    participation = city.read().participation
    assert participation.status["050105"] == "missing"
    assert pd.isna(participation.hours_per_week["050105"])
    assert "participation_unknown" in city.notices()


@pytest.fixture
def stations(city: City) -> City:
    """Two stations in 050101, one of which did not answer; none of its members counted in 050103; none in the rest."""
    table = pd.DataFrame(
        [("050101", 12), ("050101", None), ("050102", 30), ("050102", 15), ("050103", 0), ("050104", 3)],
        columns=["distrito", "integrantes"],
    )
    save(table, city.folder / "comisarias_juntas.csv")
    city.study["participation"] = {
        "path": "comisarias_juntas.csv", "form": "stations", "id": "distrito", "members": "integrantes",
    }  # fmt: skip
    return city


def test_members_of_stations_missing_is_not_zero(stations: City) -> None:
    study = stations.read()
    assert study.participation.members.loc[IDS[:5]].tolist() == pytest.approx([NAN, 45, 0, NAN, NAN], nan_ok=True)
    assert study.participation.status.loc[IDS[:5]].tolist() == ["missing", "ok", "ok", "suppressed", "missing"]
    assert "050101" in study.notices[-1].which or "members_missing" in {one.code for one in study.notices}
    results = study.run()
    frame = results.neighbourhoods
    assert frame["participation_per_1000"].loc[["050102", "050103"]].tolist() == [1000 * 45 / 3500, 0]
    assert frame["participation_per_1000"].isna().sum() == 7
    assert "own_hours_per_1000" not in set(results.gaps["measure"])
    assert "participation" not in set(results.ledger["layer"])


def test_forms_have_their_own_keys(stations: City) -> None:
    stations.study["participation"]["times"] = "veces"
    assert stations.errors()["key_form"].values["form"] == "summary"
    del stations.study["participation"]["times"], stations.study["participation"]["members"]
    assert "members" in stations.errors()["key_missing"].say()
    stations.study["participation"] = {"path": "registro.csv", "id": "barrio"}
    assert "activity" in stations.errors()["key_missing"].say()


# Money


def test_a_quota_stays_money_and_becomes_hours_where_the_study_says_so(city: City) -> None:
    """200 in ten weeks is 20 a week; at 4 an hour, five hours of a guard."""
    city.study["participation"] |= {"wage_per_hour": 4}
    results = city.read().run()
    row = results.table("burden").set_index("id").loc["050103"]
    assert (row["money_per_week"], row["quota_hours_per_week"], row["resident_hours_per_week"]) == (20, 5, 0)
    assert "quota" not in set(results.ledger["layer"])
    city.study["participation"]["quota_in_ledger"] = True
    hours = city.read().run().ledger.set_index(["layer", "id"])["hours_per_week"]
    assert hours["quota"]["050103"] == 5
    assert pd.isna(hours["quota"]["050104"])
    del city.study["participation"]["wage_per_hour"]
    assert "wage_per_hour" in city.errors()["key_missing"].say()


def test_money_of_few_payers_is_withheld_and_a_second_with_it(city: City) -> None:
    """Three pay in 050101; without 050103, the payers of the zone less those of the others would be theirs."""
    more = LOG.iloc[[3, 3]].assign(barrio=["050101", "050102"], personas=[3, 60])
    save(pd.concat([LOG, more]), city.folder / "registro.csv")
    table = city.read().run().table("burden").set_index("id")
    assert table["money_per_week"].loc[["050101", "050102", "050103"]].isna().tolist() == [True, False, True]
    assert table["resident_hours_per_week"]["050101"] == 5.0
    status = table.loc[["050101", "050102", "050104"], ["money_status", "status"]].to_numpy().tolist()
    assert status == [["suppressed", "ok"], ["ok", "ok"], ["suppressed", "suppressed"]]
    city.study["participation"] |= {"wage_per_hour": 4, "quota_in_ledger": True}
    table = city.read().run().table("burden").set_index("id")
    assert table["status"].loc[["050101", "050102", "050103"]].tolist() == ["suppressed", "ok", "suppressed"]


def test_columns_of_people_and_income_are_known(city: City) -> None:
    city.study["participation"] |= {"adults": "pobreaz"}
    assert "pobreza" in city.errors()["population_column_unknown"].say()
