"""The names and columns that users rely on, held against the embedded city's results and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import secequity as se

GAPS = "measure, centre, periphery, difference, ratio, low, high, level, p_value, n_centre, n_periphery"
INEQUALITY = "measure, gini, theil, theil_between, theil_within, palma, hoover, concentration_index"
AUTOCORRELATION = "measure, statistic, value, expected, p_value, permutations, weights, n, n_isolates"
TABLES = {
    "gaps": GAPS,
    "inequality": INEQUALITY,
    "autocorrelation": AUTOCORRELATION,
    "ledger": "id, supplier, layer, hours_per_week, shift",
    "hypotheses": "hypothesis, estimate, low, high, p_value, verdict, reading",
    "shifts": "id, shift, official_hours_per_week, official_hours_per_1000, suppliers, status",
    "register": "layer, body, kind, unit, amount, hours_per_week, neighbourhoods, area_km2, people, "
    "alone, doubled, missing",
    "ranking": "id, km_per_week, hours_per_week, hours_per_1000, rank_by_km, rank_by_hours, places_lost",
}
FILES = {
    "map.html",
    "report.html",
    "brief.html",
    "neighbourhoods.gpkg",
    "neighbourhoods.parquet",
    "tables",
    "summary.json",
    "manifest.json",
}
LAYERS = ("police", "serenazgo", "private_guards")


def test_the_folder_holds_exactly_the_contract(demo_folder: Path) -> None:
    assert {one.name for one in demo_folder.iterdir()} == FILES
    assert {one.stem for one in (demo_folder / "tables").glob("*.csv")} >= TABLES.keys()


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_the_columns_of_the_contract(demo_folder: Path, name: str) -> None:
    assert ", ".join(pd.read_csv(demo_folder / "tables" / f"{name}.csv").columns) == TABLES[name]


@pytest.mark.parametrize("file", ["neighbourhoods.gpkg", "neighbourhoods.parquet"])
def test_neighbourhoods_hold_what_the_contract_names(demo_folder: Path, file: str) -> None:
    path = demo_folder / file
    frame = gpd.read_parquet(path) if file.endswith("parquet") else gpd.read_file(path, layer="neighbourhoods")
    frame = frame.reset_index()
    wanted = {"id", "name", "zone", "population", "own_hours_per_1000", "official_hours_per_1000"}
    wanted |= {f"{layer}_{end}" for layer in LAYERS for end in ("amount", "per_1000", "hours_per_1000")}
    wanted |= {f"police_per_1000_{end}" for end in ("cluster", "p", "p_fdr")}
    assert wanted <= set(frame.columns)
    assert set(frame["zone"]) == {"centre", "periphery"}
    assert frame["id"].map(type).eq(str).all()
    assert frame["id"].str.startswith("0501").all()
    assert frame.crs.to_epsg() == 32718


def test_summary_holds_every_table_and_the_study(demo_folder: Path) -> None:
    told = json.loads((demo_folder / "summary.json").read_text(encoding="utf-8"))
    assert TABLES.keys() | {"study", "totals", "warnings"} <= told.keys()
    gaps = pd.read_csv(demo_folder / "tables" / "gaps.csv")
    assert [row["measure"] for row in told["gaps"]] == gaps["measure"].tolist()
    assert told["gaps"][0]["centre"] == pytest.approx(gaps["centre"][0], rel=1e-12)


def test_manifest_traces_the_inputs(demo_folder: Path) -> None:
    """But for files about participants: a digest would let a guess at a withheld count be tried out."""
    from hashlib import sha256

    told = json.loads((demo_folder / "manifest.json").read_text(encoding="utf-8"))
    by_file = {row["file"]: row["sha256"] for row in told["inputs"]}
    city = Path(__file__).parents[1] / "data" / "huamanga"
    assert {"barrios.gpkg", "censo.csv", "comisarias.csv", "serenazgo.csv", "guardias_privados.csv"} <= by_file.keys()
    for file, digest in by_file.items():
        if file in ("participacion.csv", "presencia_juntas.csv"):
            assert digest == ""
        else:
            assert sha256((city / file).read_bytes()).hexdigest() == digest
    assert told["seed"] == 1998
    assert told["versions"]["secequity"] == se.__version__
    assert {"measures", "gaps", "inequality", "autocorrelation", "map", "report"} <= told["seconds"].keys()


def test_the_numbers_follow_from_the_input_tables(demo_results: Any) -> None:
    """Rates and gaps by hand from the city's own CSV files."""
    city = Path(__file__).parents[1] / "data" / "huamanga"
    census = pd.read_csv(city / "censo.csv", dtype={"codigo": str}).set_index("codigo")
    guards = pd.read_csv(city / "guardias_privados.csv", dtype={"codigo": str}).set_index("codigo")["guardias"]
    frame = demo_results.neighbourhoods
    assert frame["police_amount"].sum() == pd.read_csv(city / "comisarias.csv")["policias"].sum() == 300
    expected = 1000 * guards.reindex(frame.index) / census["poblacion"].reindex(frame.index)
    pd.testing.assert_series_equal(frame["private_guards_per_1000"], expected, check_names=False)
    gaps = demo_results.gaps.set_index("measure")
    for zone in ("centre", "periphery"):
        part = frame[frame["zone"] == zone]
        rate = 1000 * part["police_amount"].sum() / part["population"].sum()
        assert gaps.loc["police_per_1000", zone] == pytest.approx(rate)
    hours = demo_results.ledger.groupby("layer")["hours_per_week"].sum()
    assert hours["police"] == 300 * 48
    official = demo_results.ledger[demo_results.ledger["supplier"].isin(["state", "municipality"])][
        "hours_per_week"
    ].sum()
    people = frame["population"]
    assert (frame["official_hours_per_1000"] * people / 1000).sum() == pytest.approx(official)


def test_measures_carry_the_names_of_the_contract(demo_results: Any) -> None:
    names = {f"{layer}_{end}" for layer in LAYERS for end in ("per_1000", "hours_per_1000")}
    names |= {"official_hours_per_1000", "poverty", "quechua", "recent_migrants", "unlit_streets"}
    for table in (demo_results.gaps, demo_results.autocorrelation):
        assert names <= set(table["measure"])
        assert not table["measure"].duplicated().any()


def test_clusters_are_two_sided_and_after_the_false_discovery_rate(demo_results: Any) -> None:
    frame = demo_results.neighbourhoods
    words = {"HH", "LL", "HL", "LH", "ns", "isolate", "missing"}
    for measure in demo_results.measures["measure"]:
        cluster, p, p_fdr = (frame[f"{measure}_{end}"] for end in ("cluster", "p", "p_fdr"))
        assert set(cluster) <= words
        assert (p_fdr.dropna() >= p.dropna() - 1e-12).all()
        assert ((p_fdr <= 0.05) == cluster.isin(["HH", "LL", "HL", "LH"])).all()


def test_theil_adds_up(demo_results: Any) -> None:
    table = demo_results.inequality
    assert (table["theil_between"] + table["theil_within"]).to_list() == pytest.approx(table["theil"].to_list())


def test_missing_is_not_zero(demo_results: Any) -> None:
    frame = demo_results.neighbourhoods
    missing = frame["private_guards_status"] == "missing"
    assert missing.sum() == 4
    assert frame.loc[missing, ["private_guards_amount", "private_guards_per_1000"]].isna().all(axis=None)
    assert (frame.loc[missing, "private_guards_per_1000_cluster"] == "missing").all()
    assert (frame["police_amount"] == 0).any()


def test_the_same_seed_gives_the_same_digits(demo_results: Any) -> None:
    again = se.read_study(Path(__file__).parents[1] / "data" / "huamanga" / "study.toml").run()
    pd.testing.assert_frame_equal(again.gaps, demo_results.gaps, check_exact=True)
    pd.testing.assert_frame_equal(again.autocorrelation, demo_results.autocorrelation, check_exact=True)
    left, right = (pd.DataFrame(one.neighbourhoods.drop(columns="geometry")) for one in (again, demo_results))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_a_study_tells_the_steps_it_will_take(demo_results: Any) -> None:
    study = se.read_study(Path(__file__).parents[1] / "data" / "huamanga" / "study.toml")
    told: list[str] = []
    study.run(step=told.append)
    assert tuple(told) == study.steps


def test_public_names() -> None:
    assert set(se.__all__) <= set(dir(se))
    for name in se.__all__:
        assert getattr(se, name) is not None
    assert callable(se.weights.contiguity)
    assert callable(se.weights.knn)
    assert callable(se.weights.distance_band)
    assert callable(se.autocorrelation.moran)
    assert callable(se.autocorrelation.local_moran)
    assert callable(se.rates.empirical_bayes)
    assert callable(se.coverage.within)
    for name in ("gap", "gini", "theil", "atkinson", "palma", "hoover", "concentration_index", "fgt", "lorenz"):
        assert callable(getattr(se.equity, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = se.nothing


def test_results_show_themselves(demo_results: Any) -> None:
    shown = demo_results._repr_html_()
    assert "Huamanga" in shown
    assert "<table" in shown
    assert demo_results.summary["totals"]["neighbourhoods"] == 150
    with pytest.raises(AttributeError):
        demo_results.gaps = None
