"""Equations, other lines and larger units from a study file: 36 squares whose figures are computed again here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from city import METRES, SOUTH, WEST, City, save
from secequity import equity, outputs, regression
from secequity.analysis import BUILDERS
from secequity.analysis.draws import few_draws_of, permutations_of, replicates_of
from secequity.results import LEVELS, REGRESSION, REGRESSION_DIAGNOSTICS, ROBUSTNESS, SPECIFICATIONS

STUDIES = Path(__file__).parents[1] / "data" / "studies"
CENTRE = ["0215", "0216", "0221", "0222"]


def squares() -> gpd.GeoDataFrame:
    """Six by six square kilometres; the district is a pair of columns, the ward a pair of rows."""
    at = [(column, row) for row in range(6) for column in range(6)]
    shapes = [box(WEST + 1000 * x, SOUTH + 1000 * y, WEST + 1000 * (x + 1), SOUTH + 1000 * (y + 1)) for x, y in at]
    columns = {
        "ubigeo": [f"02{one:02}" for one in range(1, 37)],
        "nombre": [f"Barrio {one}" for one in range(1, 37)],
        "distrito": [f"D{x // 2}" for x, _ in at],
        "ward": [10 + y // 2 for _, y in at],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=METRES)


@pytest.fixture
def city(tmp_path: Path) -> City:
    city = City(tmp_path)
    draw = np.random.default_rng(12)
    frame = squares()
    people = draw.integers(2000, 9000, 36)
    poverty = np.round(draw.uniform(5, 60, 36), 1)
    centre = frame["ubigeo"].isin(CENTRE).to_numpy()
    police = np.round(people / 1000 * (1 + 3 * centre) + draw.uniform(0, 6, 36))
    city.polygons(frame.assign(poblacion=people))
    census = {"ubigeo": frame["ubigeo"], "pobreza": poverty, "adultos": (people * draw.uniform(0.5, 0.8, 36)).round()}
    city.table(pd.DataFrame(census))
    save(pd.DataFrame({"ubigeo": frame["ubigeo"], "policias": police}), tmp_path / "policias.csv")
    layer = {"name": "police", "body": "police", "kind": "counts", "path": "policias.csv", "id": "ubigeo"}
    city.study["layers"] = [layer | {"staff": "policias", "hours_per_week": 48}]
    city.study["zones"] = {"centre_ids": CENTRE}
    city.study["equity"] = {"replicates": 199, "rank_by": "pobreza"}
    city.study["specifications"] = {"draws": 99}
    return city


def test_a_study_explains_each_layer_by_poverty_zone_and_density(city: City) -> None:
    study = city.read()
    results = study.run()
    table = results.table("regression")
    assert list(table.columns) == list(REGRESSION)
    assert set(table["measure"]) == {"police_per_1000", "official_hours_per_1000"}
    assert set(table["model"]) == {"ols", "lag", "error"}
    frame = results.neighbourhoods
    terms = pd.DataFrame({
        "pobreza": frame["pobreza"], "centre": (frame["zone"] == "centre").astype(float),
        "density": frame["population"] / 1.0,
    })  # fmt: skip
    alone = regression.fit(frame["police_per_1000"], terms, errors="white")
    rows = table[(table["measure"] == "police_per_1000") & (table["model"] == "ols")]
    assert rows["estimate"].to_numpy() == pytest.approx(alone.table["estimate"].to_numpy())
    assert rows["std_error"].to_numpy() == pytest.approx(alone.table["std_error"].to_numpy())
    assert set(rows["n"]) == {36} and set(rows["effect"]) == {"coefficient"}
    effects = table[(table["model"] == "lag") & (table["effect"] == "total")]
    assert set(effects["term"]) == {"pobreza", "centre", "density"}
    tests = results.table("regression_diagnostics")
    assert list(tests.columns) == list(REGRESSION_DIAGNOSTICS)
    assert {"lm_lag", "moran_residuals", "koenker_bassett"} <= set(tests["test"])


def test_a_study_says_what_is_explained_by_what_and_how(city: City) -> None:
    city.study["regression"] = {"of": ["pobreza"], "on": ["density"], "models": ["ols"], "errors": "classical"}
    table = city.read().run().table("regression")
    assert table[["measure", "model", "term"]].values.tolist() == [
        ["pobreza", "ols", "constant"],
        ["pobreza", "ols", "density"],
    ]


def test_an_equation_that_cannot_be_fitted_is_a_notice(city: City) -> None:
    city.study["regression"] = {"of": ["police_per_1000"], "models": ["regimes"]}
    results = city.read().run()
    assert "regression" not in results.more
    told = [one for one in results.notices if one.code == "measure_untold" and "police_per_1000" in one.which]
    assert any("too few for an equation of its own" in one.say("en") for one in told)
    assert any("muy pocos para una ecuación propia" in one.say("es") for one in told)


def test_the_own_run_of_the_curve_is_the_gap_of_the_study(city: City) -> None:
    results = city.read().run()
    table = results.table("specifications")
    assert list(table.columns) == list(SPECIFICATIONS)
    police = table[table["measure"] == "police_per_1000"]
    own = police[police["own"].astype(bool)]
    gap = results.gaps.set_index("measure").loc["police_per_1000"]
    assert len(own) == 1
    assert own[["centre", "periphery", "ratio"]].iloc[0].tolist() == pytest.approx(
        [gap["centre"], gap["periphery"], gap["ratio"]]
    )
    kinds = {one.partition(":")[0] for one in police["casco"]}
    assert kinds == {"study", "radius", "density"}
    assert set(police["smoothing"]) == {"raw", "empirical_bayes"}
    hours = table[table["measure"] == "official_hours_per_1000"]
    assert set(hours["smoothing"]) == {"raw"}


def test_a_study_names_its_lines_denominators_and_smoothings(city: City) -> None:
    city.study["specifications"] |= {
        "denominators": ["adultos"], "smoothing": ["spatial_empirical_bayes"], "weights": ["queen", "knn:4"],
    }  # fmt: skip
    city.study["specifications.zones"] = [
        {"name": "cuadra", "centre_ids": CENTRE[:2]},
        {"name": "distrito central", "column": "distrito", "centre": ["D1"]},
    ]
    results = city.read().run()
    table = results.table("specifications")
    table = table[table["measure"] == "police_per_1000"]
    assert set(table["casco"]) == {"study", "cuadra", "distrito central"}
    assert set(table["denominator"]) == {"population", "adultos"}
    assert set(table["weights"].dropna()) == {"queen", "knn:4"}
    assert len(table) == 3 * 2 * 3
    frame = results.neighbourhoods
    line = pd.Series(np.where(frame.index.isin(CENTRE[:2]), "centre", "periphery"), index=frame.index)
    rate = 1000 * frame["police_amount"] / frame["adultos"]
    alone = equity.gap(rate, line, weights=frame["adultos"])
    row = table[(table["casco"] == "cuadra") & (table["denominator"] == "adultos") & (table["smoothing"] == "raw")]
    assert row["ratio"].iloc[0] == pytest.approx(alone.ratio)


def test_levels_measure_the_same_again(city: City) -> None:
    city.study["levels"] = [{"name": "district", "column": "distrito"}, {"name": "ward", "column": "ward"}]
    results = city.read().run()
    table = results.table("levels")
    assert list(table.columns) == list(LEVELS)
    rows = table[table["measure"] == "police_per_1000"].set_index("level")
    assert rows["n"].to_dict() == {"neighbourhood": 36, "district": 3, "ward": 3}
    frame = results.neighbourhoods
    gini = equity.gini(frame["police_per_1000"], weights=frame["population"])
    assert rows.loc["neighbourhood", "gini"] == pytest.approx(gini)
    units = squares().set_index("ubigeo")["distrito"]
    totals = frame.groupby(units.reindex(frame.index))[["police_amount", "population"]].sum()
    merged = 1000 * totals["police_amount"] / totals["population"]
    assert rows.loc["district", "gini"] == pytest.approx(equity.gini(merged, weights=totals["population"]))
    assert rows.loc["district", "reason"] == "zone_empty_centre"
    assert "ward" not in set(results.measures["measure"])


def test_robustness_counts_what_the_tables_say(city: City) -> None:
    city.study["levels"] = [{"name": "district", "column": "distrito"}]
    results = city.read().run()
    table = results.table("robustness")
    assert list(table.columns) == list(ROBUSTNESS)
    row = table.set_index("measure").loc["police_per_1000"]
    runs = results.table("specifications")
    runs = runs[(runs["measure"] == "police_per_1000") & runs["holds"].notna()]
    held = runs[runs["holds"].astype(bool)]
    assert (row["runs"], row["same"], row["sure"]) == (len(runs), len(held), int((held["p_value"] < 0.05).sum()))
    assert (row["levels"], row["levels_same"]) == (1, 1)
    terms = results.table("regression")
    zone = terms[(terms["measure"] == "police_per_1000") & (terms["model"] == "ols") & (terms["term"] == "centre")]
    assert row["regression_p"] == pytest.approx(zone["p_value"].iloc[0])
    assert row["favours"] in ("ols", "lag", "error")


def test_the_line_on_robustness_comes_after_what_it_counts() -> None:
    order = list(BUILDERS)
    for name in ("regression", "specifications", "levels", "gap_tests"):
        if name in order:
            assert order.index(name) < order.index("robustness")


def test_a_small_study_gets_its_runs_and_no_equation(tmp_path: Path) -> None:
    small = City(tmp_path)
    small.study["specifications"] = {"draws": 99}
    results = small.read().run()
    assert "regression" not in results.more and "levels" not in results.more
    assert len(results.table("specifications"))
    assert results.table("robustness")["regression_p"].isna().all()


@pytest.mark.parametrize(
    ("section", "keys", "code", "said"),
    [
        ("regression", {"of": ["polic_per_1000"]}, "regression_column", "police_per_1000?"),
        ("regression", {"on": ["pobresa"]}, "regression_column", "pobreza?"),
        ("specifications", {"denominators": ["adulto"]}, "specifications_column", "adultos?"),
        ("specifications.zones", [{"name": "x", "centre_ids": ["0299"]}], "specifications_casco", "0299"),
        ("levels", [{"name": "d", "column": "distritos"}], "levels_column", "distrito?"),
        ("levels", [{"name": "d", "column": "ubigeo"}], "levels_one", "d"),
        ("levels", [{"name": "neighbourhood", "column": "distrito"}], "levels_name", "neighbourhood"),
        ("regression", {"models": ["probit"]}, "key_value", "probit"),
        ("specifications.zones", [{"name": "x"}], "zones_ways", ""),
    ],
)
def test_names_that_the_study_does_not_know_stop_it(city: City, section: str, keys: Any, code: str, said: str) -> None:
    city.study[section] = keys
    errors = city.errors()
    assert code in errors, sorted(errors)
    assert said in errors[code].say("en") and said in errors[code].say("es")


def test_a_neighbourhood_of_no_unit_is_named_and_left_out_of_the_level(city: City) -> None:
    frame = squares().assign(poblacion=5000)
    city.polygons(frame.assign(distrito=frame["distrito"].where(frame["ubigeo"] != "0201")))
    city.study["levels"] = [{"name": "district", "column": "distrito"}]
    assert city.notices()["levels_without"].which == ("0201",)


def test_the_tables_are_written_and_read_again(city: City, tmp_path: Path) -> None:
    city.study["levels"] = [{"name": "district", "column": "distrito"}]
    results = city.read().run()
    folder = results.write(tmp_path / "out")
    again = outputs.read(folder)
    for name in ("regression", "regression_diagnostics", "specifications", "levels", "robustness"):
        written = pd.read_csv(folder / "tables" / f"{name}.csv")
        assert list(written.columns) == list(results.table(name).columns)
        assert len(again.table(name)) == len(results.table(name)) > 0
    first, second = results.table("specifications"), again.table("specifications")
    np.testing.assert_allclose(first["ratio"].astype(float), second["ratio"].astype(float))


def test_the_same_seed_gives_the_same_digits(city: City) -> None:
    first, second = city.read().run(), city.read().run()
    for name in ("regression", "specifications", "robustness"):
        pd.testing.assert_frame_equal(first.table(name), second.table(name))


def test_a_large_city_makes_fewer_draws() -> None:
    assert few_draws_of(999, 100) == 999
    assert few_draws_of(999, 10_000) == 200
    assert few_draws_of(999, 1_000_000) == 199
    assert few_draws_of(99, 1_000_000) == 99


def test_what_a_study_writes_is_drawn_and_the_usual_number_falls_with_the_city(city: City) -> None:
    city.study["equity"], city.study["autocorrelation"] = {"rank_by": "pobreza"}, {}
    plain = city.read().config
    city.study["equity"] = {"rank_by": "pobreza", "replicates": 9_999}
    city.study["autocorrelation"] = {"permutations": 9_999}
    written = city.read().config
    for count, usual in ((150, 9_999), (10_000, 2_000), (100_000, 999)):
        assert permutations_of(plain, count) == replicates_of(plain, count) == usual
        assert permutations_of(written, count) == replicates_of(written, count) == 9_999
