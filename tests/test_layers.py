"""Layers of a study file: what is counted, what is said, and the decisions that the study file records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import MultiPoint

from city import IDS, NAMES, PEOPLE, STAFF, City, census, command, point_in, squares, stations
from spoiling import also, keys, named_ids

ZERO = dict.fromkeys(IDS, 0.0)


def amounts(city: City, layer: int = 0) -> dict[str, float]:
    amount = city.read().layers[layer].amount
    return amount.where(amount.notna(), -1).to_dict()


def placed(*places: tuple[str, float, float], **columns: Any) -> pd.DataFrame:
    """Posts at places given by neighbourhood and share of the way east and north."""
    points = gpd.GeoSeries([point_in(one, east=e, north=n) for one, e, n in places], crs="EPSG:32718").to_crs(
        "EPSG:4326"
    )
    return pd.DataFrame(
        {"comisaria": [f"C{at}" for at in range(len(places))], "lon": points.x, "lat": points.y} | columns
    )


def test_staff_of_several_columns_adds_up(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(motorizado=[1, 2, 3, 4], pie=[10, 20, 30, 40]))
    city.layer["staff"] = ["motorizado", "pie"]
    assert amounts(city) == ZERO | {"050105": 11, "050101": 22, "050107": 33, "050103": 44}


def test_a_missing_part_makes_the_sum_missing(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(motorizado=[1, 2, None, 4], pie=[10, None, 30, 40]))
    keys("layer", staff=["motorizado", "pie"], missing="keep")(city)
    layer = city.read().layers[0]
    assert amounts(city) == ZERO | {"050105": 11, "050101": -1, "050107": -1, "050103": 44}
    assert layer.status[["050101", "050102", "050105"]].tolist() == ["missing", "ok", "ok"]


def test_without_staff_a_post_counts_as_one(tmp_path: Path) -> None:
    city = City(tmp_path)
    del city.layer["staff"]
    assert amounts(city) == ZERO | dict.fromkeys(STAFF, 1.0)
    assert city.read().layers[0].unit == "post"


@pytest.mark.parametrize("path", ["p.gpkg", "p.geojson", "p.shp", "p.parquet", "p.fgb"])
@pytest.mark.parametrize("kind", ["Point", "MultiPoint"])
def test_points_of_a_vector_file(path: str, kind: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    points = [point_in(one) for one in STAFF]
    if kind == "MultiPoint":
        points = [MultiPoint([(one.x - 9, one.y), (one.x + 9, one.y)]) for one in points]
    columns = {"comisaria": list(STAFF), "policias": list(STAFF.values())}
    frame = gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:32718").to_crs("EPSG:4326")
    keys("layer", path=path, x=None, y=None, crs=None)(city)
    frame.to_parquet(tmp_path / path) if path.endswith("parquet") else frame.to_file(tmp_path / path)
    assert amounts(city) == ZERO | STAFF
    assert "p" in city.notices()["reprojected"].say()


def test_projected_columns(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(lon=[point_in(one).x for one in STAFF], lat=[point_in(one).y for one in STAFF]))
    city.layer["crs"] = "EPSG:32718"
    assert amounts(city) == ZERO | STAFF


def test_decimal_commas_in_coordinates(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations(), sep=";", decimal=",")
    assert amounts(city) == ZERO | STAFF


def test_degrees_without_a_crs_are_taken_and_said(tmp_path: Path) -> None:
    city = City(tmp_path)
    del city.layer["crs"]
    assert amounts(city) == ZERO | STAFF
    assert "comisarias.csv: coordinates were taken as EPSG:4326" in city.notices()["crs_assumed"].say()


def test_posts_on_shared_borders_count_once(tmp_path: Path) -> None:
    """On the corner of four squares, in whole metres: the first id has it."""
    city = City(tmp_path)
    corner = point_in("050105", east=0, north=0)
    city.posts(pd.DataFrame({"comisaria": ["A"], "lon": [corner.x], "lat": [corner.y], "policias": [9]}))
    city.layer["crs"] = "EPSG:32718"
    assert amounts(city) == ZERO | {"050101": 9.0}


def test_posts_outside_are_listed_with_their_distance(tmp_path: Path) -> None:
    """One 500 m east of 050106 with 7 of the 49 officers, in the file, the report and the summary."""
    city = City(tmp_path)
    city.posts(pd.concat([stations(), placed(("050106", 1.5, 0.5), policias=[7])]))
    said = "comisarias.csv: posts of layer police outside every neighbourhood are not counted (7 of 49) · #6 C0 (500 m)"
    assert said in city.notices()["posts_outside"].say()
    out = tmp_path / "out"
    assert command("run", city.file(), "--out", out).exit_code == 0
    assert said in (out / "summary.json").read_text(encoding="utf-8")
    assert "#6 C0 (500 m)" in (out / "report.html").read_text(encoding="utf-8")


def test_declared_against_located(tmp_path: Path) -> None:
    """The coordinates decide, and a station that declares another neighbourhood is named; lost zeros do not matter."""
    city = City(tmp_path)
    city.posts(stations().assign(ubigeo=[50105, 50101, 50107, 50109]))
    city.layer["id"] = "ubigeo"
    said = city.notices()["posts_declared_elsewhere"]
    assert said.which == ("#5 Comisaría 050103: 050109 → 050103",)
    assert amounts(city) == ZERO | STAFF


@pytest.mark.parametrize("path", ["comisarias.csv", "comisarias.xlsx", "comisarias.parquet"])
def test_posts_by_declaration(path: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations(), path)
    keys("layer", x=None, y=None, crs=None, id="ubigeo")(city)
    assert amounts(city) == ZERO | STAFF
    assert city.read().layers[0].points.empty
    city.posts(stations().assign(ubigeo=[int(one) for one in STAFF]), path)
    city.layer["zero_pad"] = 6
    assert amounts(city) == ZERO | STAFF


def test_posts_declared_elsewhere_or_nowhere(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(ubigeo=["150101", None, "050107", "050103"]))
    keys("layer", x=None, y=None, crs=None, id="ubigeo", missing="keep")(city)
    assert amounts(city) == ZERO | {"050107": 6, "050103": 2}
    notices = city.notices()
    assert notices["posts_elsewhere"].which == ("#2 Comisaría 050105: 150101",)
    assert notices["posts_undeclared_kept"].which == ("#3 Comisaría 050101",)


def test_declared_names_misspelt(tmp_path: Path) -> None:
    city = City(tmp_path)
    named_ids(NAMES)(city)
    city.posts(stations().assign(barrio=["Centro", "BELEN", "San Juan", "Covadonga"]))
    keys("layer", x=None, y=None, crs=None, id="barrio")(city)
    message = city.errors()["posts_spelling"].say()
    assert 'BELEN → Belén? · correct them, or write in the layer: aliases = { "BELEN" = "Belén" }' in message
    city.layer["aliases"] = {"BELEN": "Belén"}
    assert city.read().layers[0].amount["Belén"] == 4


def test_broken_letters_of_posts(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(comisaria=["Ñaña".encode().decode("latin-1"), "B", "C", "D"]))
    assert "column “comisaria” holds broken letters" in city.errors()["mojibake"].say()
    city.layer["mojibake"] = "repair"
    assert city.read().layers[0].points["name"].iloc[0] == "Ñaña"
    assert city.notices()["mojibake_repaired"].which == ("Ñaña",)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"lon": [0, *stations()["lon"][1:]], "lat": [0, *stations()["lat"][1:]]}, "posts_at_zero"),
        ({"lon": [None, *stations()["lon"][1:]]}, "posts_without_coordinates"),
        ({"policias": [None, 4, 6, 2]}, "counts_missing"),
    ],
)
def test_posts_left_out_when_the_study_says_so(changed: dict[str, Any], code: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.posts(stations().assign(**changed))
    assert set(city.errors()) == {code}
    city.layer["missing"] = "keep"
    assert city.notices()[f"{code}_kept"].which == ("#2 Comisaría 050105",)
    assert amounts(city) == ZERO | STAFF | {"050105": -1 if code == "counts_missing" else 0}


def test_counts_of_a_table_of_their_own(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": range(10, 19)}).sample(frac=1, random_state=5))
    assert amounts(city, 1) == dict(zip(IDS, range(10, 19), strict=True))


def test_counts_of_a_joined_column(tmp_path: Path) -> None:
    """The column is what the layer counts, and so no covariate."""
    city = City(tmp_path)
    city.table(census().assign(serenos=range(9)))
    city.study["layers"].append({"name": "guard", "body": "serenazgo", "kind": "counts", "staff": "serenos"})
    assert amounts(city, 1) == dict(zip(IDS, range(9), strict=True))
    assert "serenos" not in city.read().city.covariates
    city.study["layers"][1]["staff"] = "sereno"
    assert "censo.csv" not in city.errors()["column_unknown"].say()
    city.study["layers"][1]["staff"] = "serenos"
    city.table(census().assign(serenos=[-1, *range(8)]))
    assert city.errors()["counts_negative"].say().startswith("censo.csv: column “serenos” has negative counts · 050101")


@pytest.mark.parametrize("missing", ["row", "cell"])
def test_missing_counts_stay_missing(missing: str, tmp_path: Path) -> None:
    """Missing, zero and eight are three different things, from the table to the results."""
    city = City(tmp_path)
    frame = pd.DataFrame({"ubigeo": IDS, "personas": [None, 0, *range(8, 15)]})
    city.counts(frame.dropna() if missing == "row" else frame, missing="keep", body="private")
    layer = city.read().layers[1]
    assert amounts(city, 1) == dict(zip(IDS, [-1, 0, *range(8, 15)], strict=True))
    assert layer.status.tolist() == ["missing"] + ["ok"] * 8
    out = tmp_path / "out"
    assert command("run", city.file(), "--out", out).exit_code == 0
    told = gpd.read_parquet(out / "neighbourhoods.parquet")
    assert told["rondas_per_1000"].isna().tolist() == [True] + [False] * 8
    assert told["rondas_per_1000"].iloc[1] == 0


def test_several_layers_and_bodies(tmp_path: Path) -> None:
    city = City(tmp_path)
    base = placed(("050104", 0.2, 0.2), ("050105", 0.9, 0.9), serenos=[3, 5])
    base.to_csv(tmp_path / "serenazgo.csv", index=False)
    city.study["layers"] += [
        city.layer | {"name": "guard", "body": "serenazgo", "path": "serenazgo.csv", "staff": "serenos"},
        city.layer | {"name": "again", "unit": "chalecos"},
    ]
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": range(10, 19)}))
    study = city.read()
    assert [one.name for one in study.layers] == ["police", "guard", "again", "rondas"]
    assert [one.unit for one in study.layers] == ["police", "serenazgo", "chalecos", "person"]
    assert amounts(city, 1) == ZERO | {"050104": 3, "050105": 5}


def wider(metres: float) -> gpd.GeoDataFrame:
    """The nine squares, each grown over its neighbours."""
    return squares().assign(geometry=lambda frame: frame.buffer(metres, join_style="mitre"))


DECISIONS: dict[str, tuple[Any, str, str, dict[str, Any], str]] = {
    "rows missing": (
        lambda c: c.table(census()[["ubigeo", "pobreza"]].tail(7)),
        *("table_partial", "joined", {"missing": "keep"}, "table_partial_kept"),
    ),
    "rows of elsewhere": (
        lambda c: c.polygons(squares().head(8)),
        *("table_stale", "joined", {"extra": "ignore"}, "table_extra"),
    ),
    "nobody lives there": (
        lambda c: c.table(census().assign(poblacion=[0, *PEOPLE[1:]])),
        *("population_zero", "neighbourhoods", {"uninhabited": "keep"}, "population_zero_kept"),
    ),
    "overlaps": (
        lambda c: c.polygons(wider(20)),
        *("overlaps", "neighbourhoods", {"overlaps": "keep"}, "overlaps_kept"),
    ),
    "broken letters": (
        lambda c: c.polygons(squares().assign(nombre=[n.encode().decode("cp1252") for n in NAMES])),
        *("mojibake", "neighbourhoods", {"mojibake": "repair"}, "mojibake_repaired"),
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_refusal_and_the_decision_that_lifts_it(name: str, tmp_path: Path) -> None:
    """Strict by default; the remedy names the key; the key lifts it, and the results say what was accepted."""
    spoil, code, section, key, notice = DECISIONS[name]
    city = City(tmp_path)
    spoil(city)
    (problem,) = city.errors().values()
    assert problem.code == code
    ((word, value),) = key.items()
    assert f'{word} = "{value}"' in problem.remedy("en")
    assert f'{word} = "{value}"' in problem.remedy("es")
    keys(section, **key)(city)
    assert notice in city.notices()
    assert len(city.notices()[notice].which) == len(problem.which)
    done = command("run", city.file(), "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output


def test_population_in_thousands_scaled(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.table(census().assign(poblacion=[one / 1000 for one in PEOPLE]))
    assert set(city.errors()) == {"population_thousands"}
    city.neighbourhoods["population_scale"] = 1000
    assert city.read().city.frame["population"].tolist() == pytest.approx(PEOPLE)


def test_aliases_of_a_table(tmp_path: Path) -> None:
    city = City(tmp_path)
    named_ids(["Belem", *NAMES[1:]])(city)
    city.joined["aliases"] = {"Belem": "Belén"}
    assert city.read().city.frame["population"]["Belén"] == 4000


def test_every_problem_of_a_study_at_once(tmp_path: Path) -> None:
    city = City(tmp_path)
    also(
        lambda c: c.polygons(wider(40)),
        lambda c: c.table(census().assign(poblacion=[0, -3, *PEOPLE[2:]])),
        keys("layer", x="lat", y="lon"),
        keys("zones", centre_ids=["50105"]),
        lambda c: c.counts(pd.DataFrame({"ubigeo": IDS[1:], "personas": [-1, "x", *range(6)]})),
        lambda c: c.study["layers"].append({"name": "nada", "body": "private", "kind": "counts", "path": "n.csv",
                                            "id": "i", "staff": "n"}),
    )(city)  # fmt: skip
    assert set(city.errors()) == {
        *("overlaps", "population_zero", "population_negative", "posts_swapped", "zones_ids_unknown"),
        *("table_partial", "numbers_bad", "file_absent"),
    }


def test_one_missing_table_brings_no_nonsense_after_it(tmp_path: Path) -> None:
    """Its columns are the population, the rank, the zones and a layer: only the missing file is told."""
    city = City(tmp_path)
    city.joined["path"] = "nada.csv"
    city.polygons(squares().drop(columns="poblacion"))
    city.study["equity"]["rank_by"] = "pobreza"
    city.study["zones"] = {"column": "zona", "centre": ["Centro"]}
    city.study["layers"].append({"name": "guard", "body": "serenazgo", "kind": "counts", "staff": "serenos"})
    assert set(city.errors()) == {"file_absent"}


def test_an_unmatched_table_brings_no_nonsense_after_it(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.polygons(squares().drop(columns="poblacion"))
    city.table(census().assign(ubigeo=[f"9{at:05d}" for at in range(9)], zona="Centro"))
    city.study["zones"] = {"column": "zona", "centre": ["Centro"]}
    city.study["equity"]["rank_by"] = "pobreza"
    assert set(city.errors()) == {"table_no_match"}


def test_counts_of_a_period_are_told_a_week(tmp_path: Path) -> None:
    """520 patrols in 52 weeks are 10 a week; few residents are withheld by their number, not by their weekly share."""
    city = City(tmp_path)
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": [520, 4, *[52] * 7]}), weeks=52)
    layer = city.read().layers[1]
    assert layer.amount["050101"] == 10
    assert layer.amount["050103"] == 1
    assert layer.status["050102"] == "suppressed"
    assert city.notices()["counts_period"].values["weeks"] == 52
    city.layer["weeks"] = 4
    assert "key_kind" in city.errors()


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def test_what_is_wrong_in_the_study_file_hides_nothing_of_the_data(city: City) -> None:
    """An unknown key, a bad kind, and five mistakes about the data come in one round."""
    city.study["study"]["colour"] = "blue"
    city.study["layers"].append({"name": "odd", "body": "police", "kind": "post", "path": "x.csv"})
    city.neighbourhoods["name"] = "nombres"
    city.neighbourhoods["population"] = "gente"
    city.study["zones"] = {"centre_ids": ["9999"]}
    city.study["equity"]["rank_by"] = "riqueza"
    city.layer["staff"] = "polisias"
    study, found = city.inspect()
    assert study is None
    said = [one.say() for one in found.errors]
    assert len(said) == 7, said
    for word in ("colour", "post", "nombres", "gente", "9999", "riqueza", "polisias"):
        assert sum(f"{word}" in one for one in said) >= 1, word


def test_lost_zeros_are_shown_beside_the_ids_they_were(city: City) -> None:
    """By number, not by the order of text, in which 10 comes before 2."""
    frame = squares()
    frame["ubigeo"] = [f"{at:04d}" for at in (1, 2, 3, 4, 5, 10, 11, 12, 20)]
    city.polygons(frame)
    city.table(census().assign(ubigeo=[1, 2, 3, 4, 5, 10, 11, 12, 20]))
    city.study["zones"] = {"centre_ids": ["0005"]}
    assert city.errors()["table_lost_zeros"].which == ("1 ≠ 0001", "10 ≠ 0010", "11 ≠ 0011")


def test_staff_posted_where_nobody_lives_is_said(city: City) -> None:
    people = [0 if one == "050105" else count for one, count in zip(IDS, PEOPLE, strict=True)]
    city.polygons(squares().assign(poblacion=people))
    city.table(census().assign(poblacion=people))
    city.neighbourhoods["uninhabited"] = "keep"
    city.study["zones"] = {"centre_ids": ["050104", "050105"]}
    notice = city.notices()["posted_where_nobody_lives"]
    assert notice.which == ("050105",)
    assert notice.values["amount"] == STAFF["050105"]


def test_the_order_of_rows_changes_no_digit_of_any_table(city: City) -> None:
    first = city.read().run()
    city.polygons(squares().sample(frac=1, random_state=3))
    city.table(census().sample(frac=1, random_state=4))
    again = city.read().run()
    for name in ("gaps", "inequality", "autocorrelation", "register"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(first, name), check_exact=True)
    left, right = (pd.DataFrame(one.neighbourhoods.drop(columns="geometry")) for one in (again, first))
    pd.testing.assert_frame_equal(left, right, check_exact=True)
