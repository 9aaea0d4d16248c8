"""Nothing about fewer than k participants leaves the program, in any file, in any form."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from city import IDS, PEOPLE, City, census, command, point_in, squares
from secequity import privacy

PEOPLE_SEEN = [3, 10, 20, 4, 1000, 7, 8, 9, 11]
FEW = {"050101": 3, "050104": 4}
MARK = 77.77


def run(city: City) -> Path:
    out = city.folder / "out"
    done = command("run", city.file(), "--out", out)
    assert done.exit_code == 0, done.output
    (city.folder / "said.txt").write_text(done.output, encoding="utf-8")
    return out


def rates() -> list[float]:
    """What the withheld counts would be per 1,000 residents."""
    return [1000 * count / PEOPLE[IDS.index(one)] for one, count in FEW.items()]


def everything(out: Path) -> str:
    """All that the results say, packed data included, as text."""
    parts = [one.read_text(encoding="utf-8") for one in out.rglob("*") if one.suffix in (".csv", ".json", ".html")]
    for page in list(parts):
        for packed in re.findall(r"[A-Za-z0-9+/=]{200,}", page):
            try:
                parts.append(gzip.decompress(base64.b64decode(packed)).decode("utf-8", errors="replace"))
            except (OSError, ValueError):
                continue
    parts.append(gpd.read_parquet(out / "neighbourhoods.parquet").drop(columns="geometry").to_csv())
    with sqlite3.connect(out / "neighbourhoods.gpkg") as base:
        parts.append(pd.read_sql("select * from neighbourhoods", base).drop(columns="geom").to_csv())
    return "\n".join(parts)


@pytest.mark.parametrize("how", ["own table", "joined column", "joined file"])
def test_few_participants_are_withheld_at_the_door(how: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    table = pd.DataFrame({"ubigeo": IDS, "personas": PEOPLE_SEEN})
    layer = {"name": "rondas", "body": "community", "kind": "counts", "staff": "personas"}
    if how == "joined column":
        city.table(census().assign(personas=PEOPLE_SEEN))
        city.study["layers"].append(layer)
    else:
        city.counts(table)
    if how == "joined file":
        city.study["neighbourhoods.tables"].append({"path": "conteos.csv", "id": "ubigeo"})
    out = run(city)
    told = gpd.read_parquet(out / "neighbourhoods.parquet")
    assert told.loc[list(FEW), "rondas_status"].eq("suppressed").all()
    assert "personas" not in told
    about = told.filter(like="rondas").drop(columns="rondas_status").loc[list(FEW)]
    assert about.select_dtypes("number").isna().all(axis=None)
    words = about.select_dtypes(exclude="number")
    assert set(words.to_numpy().ravel()) <= {"missing", "suppressed"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    totals = {one["zone"]: one["rondas_amount"] for one in summary["totals"]["zones"]}
    assert totals == {"centre": 1000, "periphery": 10 + 20 + 7 + 8 + 9 + 11}
    text = everything(out)
    for rate in rates():
        assert not re.search(rf"\b{re.escape(f'{rate:.4f}'[:6])}\d*\b", text)
    assert "rondas: fewer than 5 participants" in (tmp_path / "said.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("k", "withheld"), [(3, 0), (4, 1), (5, 2), (11, 6)])
def test_k_is_the_users(k: int, withheld: int, tmp_path: Path) -> None:
    city = City(tmp_path)
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": PEOPLE_SEEN}))
    city.study["privacy"] = {"k": k}
    layer = city.read().layers[1]
    assert (layer.status == "suppressed").sum() == withheld
    assert layer.amount.isna().sum() == withheld


def test_k_below_three_is_refused(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.study["privacy"] = {"k": 2}
    assert "privacy.k = 2" in city.errors()["key_value"].say()


def test_zero_is_no_secret() -> None:
    counts = pd.Series({"a": 0.0, "b": 1.0, "c": 4.0, "d": 5.0, "e": float("nan")})
    assert privacy.too_few(counts, k=5).tolist() == [False, True, True, False, False]


def homes(city: City, body: str) -> None:
    """A post a participant: seven in 050101, three in 050102, one outside, one declared elsewhere.

    Residents' homes come without names: a file with names is refused.
    """
    places = [point_in("050101", east=at / 10 + 0.037, north=at / 10 + 0.013) for at in range(1, 8)]
    places += [point_in("050102", east=at / 10 + 0.041, north=0.37) for at in range(1, 4)]
    places += [point_in("050103", east=3.2, north=0.43)]
    frame = gpd.GeoDataFrame(geometry=places, crs="EPSG:32718").to_crs("EPSG:4326")
    table = pd.DataFrame({"nombre": [f"Señora Quispe {at}" for at in range(11)], "lon": frame.geometry.x,
                          "lat": frame.geometry.y, "barrio": ["050101"] * 6 + ["050109"] + ["050102"] * 4})  # fmt: skip
    layer = {"name": "rondas", "body": body, "kind": "posts", "path": "rondas.csv", "x": "lon", "y": "lat"}
    layer |= {"crs": "EPSG:4326", "id": "barrio"} | ({} if body == "community" else {"post_name": "nombre"})
    city.study["layers"].append(layer)
    (table.drop(columns="nombre") if body == "community" else table).to_csv(city.folder / "rondas.csv", index=False)


@pytest.mark.parametrize("body", ["community", "private"])
def test_homes_are_never_points_nor_names(body: str, tmp_path: Path) -> None:
    city = City(tmp_path)
    homes(city, body)
    study = city.read()
    assert study.layers[1].points.empty
    out = run(city)
    text = everything(out) + (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "Quispe" not in text
    posts = json.loads((out / "summary.json").read_text(encoding="utf-8"))["posts"]
    assert {one["layer"] for one in posts} == {"police"}
    for place in pd.read_csv(tmp_path / "rondas.csv")[["lon", "lat"]].to_numpy().ravel():
        assert f"{place:.6f}" not in text
    notices = {one.code: one for one in study.notices}
    assert notices["posts_outside_private"].which == ("#12",)
    assert notices["posts_declared_elsewhere"].which == ("#8",)


def test_homes_with_names_are_refused(tmp_path: Path) -> None:
    city = City(tmp_path)
    homes(city, "community")
    table = pd.read_csv(tmp_path / "rondas.csv")
    table.assign(vecina=[f"Señora Quispe {at}" for at in table.index]).to_csv(tmp_path / "rondas.csv", index=False)
    refused = city.errors()["people_refused"]
    assert refused.which == ("vecina",)
    assert "Quispe" not in refused.say("es")


def test_few_homes_are_withheld(tmp_path: Path) -> None:
    city = City(tmp_path)
    homes(city, "community")
    layer = city.read().layers[1]
    assert layer.amount["050101"] == 7
    assert layer.status["050102"] == "suppressed"
    assert pd.isna(layer.amount["050102"])
    assert layer.amount.sum() == 7


def test_errors_name_rows_and_no_people(tmp_path: Path) -> None:
    city = City(tmp_path)
    homes(city, "community")
    table = pd.read_csv(tmp_path / "rondas.csv").assign(lat=[None] + [-13.16] * 10)
    table.to_csv(tmp_path / "rondas.csv", index=False)
    done = command("check", city.file(), "--language", "en")
    assert "· #2 ·" in done.stderr
    assert "Quispe" not in done.output


def test_official_posts_are_points(tmp_path: Path) -> None:
    assert len(City(tmp_path).read().layers[0].points) == 4
    assert len(squares()) == 9
