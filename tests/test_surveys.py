"""Fear beside service: shares with design-based intervals, walks without points, four words with their cuts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

import secequity as se
from city import IDS, City, point_in, save
from secequity.errors import AlignmentError, LayerError
from test_privacy import everything

NAN = float("nan")


def answers(unsafe: int, safe: int) -> pd.Series:
    return pd.Series([True] * unsafe + [False] * safe)


def test_equal_weights_are_wilson_with_the_plain_variance() -> None:
    """30 of 40: p(1−p)/v with v = p(1−p)/(n−1) is 39 effective answers."""
    table = se.surveys.unsafe_shares(answers(30, 10), pd.Series(["a"] * 40), k=5)
    low, high = se.shares.wilson(pd.Series([0.75]), pd.Series([39.0]))
    assert table.loc["a", ["share", "low", "high", "n"]].tolist() == approx([0.75, low[0], high[0], 40])
    assert table.loc["a", "status"] == "ok"


def test_unequal_weights_by_hand() -> None:
    """Ten unsafe of weight 1 and ten safe of weight 3: p = 10/40. Kish: 40²/(10 + 90) = 16.
    Linearised: 20/19 · (10·0.75² + 10·0.75²)/... = 20/19 · (10·(0.75)² + 10·(3·0.25)²)/1600."""
    weights = pd.Series([1.0] * 10 + [3.0] * 10)
    table = se.surveys.unsafe_shares(answers(10, 10), pd.Series(["a"] * 20), k=5, weights=weights)
    variance = 20 / 19 * (10 * 0.75**2 + 10 * 0.75**2) / 1600
    assert table.loc["a", "share"] == 0.25
    assert table.loc["a", "n_effective"] == approx(min(16, 0.25 * 0.75 / variance))
    assert table.loc["a", "status"] == "unreliable"


def test_clusters_that_answer_alike_are_as_many_answers_as_clusters() -> None:
    """Ten blocks of six who all answer the same: nine effective answers and not sixty."""
    blocks = pd.Series(np.repeat(np.arange(10), 6))
    table = se.surveys.unsafe_shares(blocks < 5, pd.Series(["a"] * 60), k=5, clusters=blocks)
    assert table.loc["a", "n_effective"] == approx(9)


@pytest.mark.parametrize(("unsafe", "safe"), [(2, 2), (4, 40), (40, 4), (1, 3)])
def test_shares_of_few_people_are_withheld(unsafe: int, safe: int) -> None:
    table = se.surveys.unsafe_shares(answers(unsafe, safe), pd.Series(["a"] * (unsafe + safe)), k=5)
    assert table.loc["a", "status"] == "suppressed"
    assert table.drop(columns="status").isna().all(axis=None)
    told = se.surveys.told_shares(pd.Series({"a": unsafe / (unsafe + safe)}), pd.Series({"a": unsafe + safe}), k=5)
    assert told.loc["a", "status"] == "suppressed"
    assert told.drop(columns="status").isna().all(axis=None)


def test_everybody_and_nobody_have_intervals() -> None:
    table = se.surveys.unsafe_shares(answers(50, 0), pd.Series(["a"] * 50), k=5)
    assert table.loc["a", ["share", "high", "n_effective"]].tolist() == [1, 1, 50]
    assert 0.9 < table.loc["a", "low"] < 0.95


def test_coverage_of_the_interval_under_a_weighted_sample() -> None:
    """A true share of 0.3 is inside the 95 % interval about 95 times of 100, weights and all."""
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        answer = pd.Series(rng.random(120) < 0.3)
        weights = pd.Series(rng.choice([1.0, 2.0, 3.0], 120))
        row = se.surveys.unsafe_shares(answer, pd.Series(["a"] * 120), k=5, weights=weights).loc["a"]
        inside += row["low"] <= 0.3 <= row["high"]
    assert 0.92 <= inside / 400 <= 0.98


@given(st.permutations(range(30)), st.floats(0.1, 10))
@settings(max_examples=15, deadline=None)
def test_order_and_scale_of_weights_change_nothing(order: list[int], scale: float) -> None:
    rng = np.random.default_rng(1)
    answer, weights = pd.Series(rng.random(30) < 0.5), pd.Series(rng.random(30) + 0.5)
    places = pd.Series(rng.choice(["a", "b"], 30))
    one = se.surveys.unsafe_shares(answer, places, k=3, weights=weights)
    other = se.surveys.unsafe_shares(answer.iloc[order], places, k=3, weights=weights * scale)
    pd.testing.assert_frame_equal(one, other)


def test_bad_samples_are_refused() -> None:
    with pytest.raises(LayerError, match="weights"):
        se.surveys.unsafe_shares(answers(9, 9), pd.Series(["a"] * 18), k=5, weights=pd.Series([0.0] * 18))
    with pytest.raises(AlignmentError):
        se.surveys.unsafe_shares(answers(9, 9), pd.Series(["a"] * 17), k=5)
    with pytest.raises(LayerError, match="between 0 and 1"):
        se.surveys.told_shares(pd.Series({"a": 75.0}), pd.Series({"a": 40}), k=5)


def test_four_words_and_one_that_says_nothing() -> None:
    fear = pd.DataFrame({"value": [70, 70, 20, 20, NAN], "low": [60, 40, 10, 10, NAN], "high": [80, 90, 30, 60, NAN]},
                        index=list("abcde"))  # fmt: skip
    service = pd.Series([1.0, 9.0, 1.0, 9.0, 9.0], list("abcde"))
    said = se.surveys.beside(fear, service, fear_cut=50, coverage_cut=5)
    assert said["word"].tolist() == ["feared_unserved", "feared_served", "calm_unserved", "calm_served", "cannot tell"]
    assert said["sure"].tolist()[:4] == [True, False, True, False]
    assert pd.isna(said["sure"]["e"])


# In a study


@pytest.fixture
def respondents(tmp_path: Path) -> City:
    """40 answers in four neighbourhoods, three in 050105, none elsewhere."""
    city = City(tmp_path)
    rows = [(one, "Inseguro" if at < unsafe else "Seguro", 1 + at % 2) for one, unsafe in
            (("050101", 30), ("050102", 10), ("050103", 20), ("050104", 2)) for at in range(40)]  # fmt: skip
    rows += [("050105", "Inseguro", 1)] * 3 + [("150101", "Seguro", 1)]
    save(pd.DataFrame(rows, columns=["barrio", "p12", "factor"]), tmp_path / "encuesta.csv")
    city.study["surveys"] = [
        {"name": "fear", "kind": "respondents", "path": "encuesta.csv", "id": "barrio", "unsafe": "p12",
         "weight": "factor", "coverage": "police_per_1000"},
    ]  # fmt: skip
    return city


def test_a_survey_is_a_layer_and_a_table(respondents: City) -> None:
    study = respondents.read()
    notices = {one.code: one for one in study.notices}
    assert notices["survey_suppressed"].which == ("050104", "050105")
    assert notices["survey_missing"].which == tuple(IDS[5:])
    assert notices["survey_elsewhere"].which == ()
    results = study.run()
    assert results.neighbourhoods["fear"].loc[IDS[:4]].tolist() == approx([75, 25, 50, NAN], nan_ok=True)
    table = results.table("fear")
    areas = table[table["level"] == "neighbourhood"].set_index("id")
    assert areas["word"].loc[IDS[:4]].tolist() == ["feared_served", "calm_unserved", "calm_unserved", "cannot tell"]
    people = pd.Series([4000, 3500, 5200], IDS[:3])
    assert areas["fear_cut"].iloc[0] == approx((people * [75, 25, 50]).sum() / people.sum())
    zones = table[table["level"] == "zone"].set_index("zone")
    assert zones.index.tolist() == ["periphery"]
    assert zones.loc["periphery", ["share", "n"]].tolist() == approx([0.5, 120])
    assert "fear" not in set(results.register["layer"])
    assert "fear" in set(results.gaps["measure"])


def test_the_study_sets_its_own_cuts(respondents: City) -> None:
    respondents.study["surveys"][0] |= {"fear_cut": 80, "coverage_cut": 0.1}
    table = respondents.read().run().table("fear").set_index("id")
    assert table["word"].loc[IDS[:3]].tolist() == ["calm_served", "calm_unserved", "calm_served"]
    respondents.study["surveys"][0]["coverage"] = "police_hours_per_1000"
    results = respondents.read().run()
    assert set(results.table("fear")["word"].dropna()) == {"cannot tell"}
    assert "coverage_unknown" in {one.code for one in results.notices}


def test_a_survey_of_persons_is_refused(respondents: City) -> None:
    table = pd.read_csv(respondents.folder / "encuesta.csv", dtype=str)
    save(table.assign(encuestado="Rosa Quispe"), respondents.folder / "encuesta.csv")
    assert respondents.errors()["people_refused"].which == ("encuestado",)
    save(table.assign(lat=-13.16, lon=-74.22), respondents.folder / "encuesta.csv")
    assert respondents.errors()["people_refused"].which == ("lat", "lon")


def test_shares_that_a_survey_publishes(respondents: City) -> None:
    table = pd.DataFrame({"barrio": IDS[:3], "pct": [60.0, 40.0, None], "n": [100, 50, 0]})
    save(table, respondents.folder / "porcentajes.csv")
    respondents.study["surveys"] = [
        {"name": "fear", "kind": "summary", "path": "porcentajes.csv", "id": "barrio", "share": "pct", "n": "n"}
    ]
    told = respondents.read().surveys[0].table
    assert told["share"].loc[IDS[:3]].tolist() == approx([0.6, 0.4, NAN], nan_ok=True)
    assert told["status"].loc[IDS[:4]].tolist() == ["ok", "ok", "missing", "missing"]
    save(table.assign(pct=[600.0, 40, 20]), respondents.folder / "porcentajes.csv")
    assert respondents.errors()["survey_shares"].which == ("#2",)


def test_a_walk_is_counted_and_its_points_stay_inside(tmp_path: Path) -> None:
    city = City(tmp_path)
    places = [point_in("050101", east=at / 10 + 0.037, north=0.413) for at in range(4)]
    places += [point_in("050102", east=0.317, north=0.271), point_in("050103", east=9, north=9)]
    frame = gpd.GeoDataFrame(geometry=places, crs="EPSG:32718").to_crs("EPSG:4326")
    table = pd.DataFrame({"lon": frame.geometry.x, "lat": frame.geometry.y, "caminantes": [12, 12, 9, 9, 3, 8]})
    save(table, tmp_path / "caminata.csv")
    city.study["surveys"] = [
        {"name": "walked", "kind": "walk", "path": "caminata.csv", "x": "lon", "y": "lat", "crs": "EPSG:4326",
         "people": "caminantes", "coverage": "police_per_1000"},
    ]  # fmt: skip
    study = city.read()
    told = study.surveys[0].table
    assert told["marks"].loc[IDS[:3]].tolist() == approx([4, NAN, NAN], nan_ok=True)
    assert told["status"].loc[IDS[:3]].tolist() == ["ok", "suppressed", "missing"]
    assert "walk_outside" in {one.code for one in study.notices}
    results = study.run()
    assert {one.layer for one in results.posts.itertuples()} == {"police"}
    out = results.write(tmp_path / "out")
    text = everything(out)
    for place in table[["lon", "lat"]].to_numpy().ravel():
        assert f"{place:.5f}" not in text
    assert results.sources.set_index("file").loc["caminata.csv", ["sha256", "rows"]].tolist() == ["", 0]


def test_keys_of_a_survey_are_asked_for(respondents: City) -> None:
    respondents.study["surveys"][0] = {"name": "fear", "kind": "walk", "path": "encuesta.csv"}
    assert "people" in respondents.errors()["key_missing"].say()
    respondents.study["surveys"][0] = {"name": "fear", "kind": "respondents", "path": "encuesta.csv", "id": "barrio"}
    assert "unsafe" in respondents.errors()["key_missing"].say()
