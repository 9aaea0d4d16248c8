"""An attack on everything a study publishes: nobody gets back a cell about fewer than k participants.

The attacker holds every file, page and display of the results, knows the people of each neighbourhood, the register's
weeks and the program, and tries subtraction (linear algebra over all the sums told), rates times people, digests of
guessed files, and any number or difference of two numbers that is a withheld figure in disguise.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.linalg import null_space

import secequity as se
from city import IDS, PEOPLE, City, census, point_in, save
from secequity.profiles import kind_of
from secequity.texts import text
from test_privacy import everything

K, WEEKS = 5, 26
CENTRE = ["050102", "050105"]
MEMBERS = [3, 10, 20, 4, 1000, 7, 8, 9, 11]


def register() -> pd.DataFrame:
    """A register with a neighbourhood of four people (050104), cells of few people in both zones, and odd hours."""
    rng = np.random.default_rng(41)
    words = ["night_patrol", "faena", "dues", "meeting", "presence", "complaint", "petition", "walk"]
    rows = [
        (one, word, int(rng.integers(6, 40)), round(float(rng.uniform(1, 6)), 6))
        for one in IDS
        if one not in ("050104", "050109")
        for word in words
        for _ in range(int(rng.integers(1, 4)))
        if (one, word) not in FEW
    ]
    rows += [("050104", "night_patrol", 4, 3.141593), ("050104", "meeting", 2, 1.618034)]
    rows += [(one, word, people, hours) for (one, word), people in FEW.items() for hours in (2.718282, 1.414214)]
    frame = pd.DataFrame(rows, columns=["barrio", "tipo", "personas", "horas"])
    frame["cuota"] = (frame["personas"] * 7.389056 + 0.173 * frame.index).where(frame["tipo"] == "dues")
    frame["fecha"] = [f"2023-0{1 + at % 6}-1{at % 9}" for at in range(len(frame))]
    frame["apoyo"] = ["radios" if at % 3 else "no" for at in range(len(frame))]
    frame["autoridad"] = ["sí" if at % 2 else "no" for at in range(len(frame))]
    return frame


FEW = {("050102", "walk"): 3, ("050105", "walk"): 1, ("050101", "dues"): 4, ("050107", "faena"): 2,
       ("050103", "complaint"): 3}  # fmt: skip
"""Cells of few people in neighbourhoods of many; of all in the centre, walks were made by four people."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City(tmp_path_factory.mktemp("attacked"))
    city.study["zones"] = {"centre_ids": CENTRE}
    city.layer["hours_per_week"] = 48
    city.table(census().assign(adultos=[2600, 2300, 3400, 4000, 5900, 1800, 4700, 2500, 3100], ingreso=1500.0))
    city.counts(pd.DataFrame({"ubigeo": IDS, "personas": MEMBERS}), hours_per_week=2)
    save(register(), city.folder / "registro.csv")
    city.study["participation"] = {
        "path": "registro.csv", "id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas",
        "amount": "cuota", "date": "fecha", "support": "apoyo", "officials": "autoridad", "weeks": WEEKS,
        "adults": "adultos", "income": "ingreso", "wage_per_hour": 4, "quota_in_ledger": True,
    }  # fmt: skip
    answers = [
        (one, "si" if at < unsafe else "no")
        for one, unsafe, n in (("050101", 20, 40), ("050102", 3, 30), ("050105", 15, 30), ("050107", 2, 3))
        for at in range(n)
    ]
    save(pd.DataFrame(answers, columns=["barrio", "inseguro"]), city.folder / "encuesta.csv")
    marks = gpd.GeoDataFrame(geometry=[point_in("050108", east=0.1 * at) for at in range(1, 4)], crs="EPSG:32718")
    marks = marks.to_crs("EPSG:4326")
    table = pd.DataFrame({"lon": marks.geometry.x, "lat": marks.geometry.y, "gente": 4})
    save(table, city.folder / "caminata.csv")
    city.study["surveys"] = [
        {"name": "fear", "kind": "respondents", "path": "encuesta.csv", "id": "barrio", "unsafe": "inseguro"},
        {"name": "walked", "kind": "walk", "path": "caminata.csv", "x": "lon", "y": "lat", "people": "gente",
         "crs": "EPSG:4326"},
    ]  # fmt: skip
    return city


@pytest.fixture(scope="module")
def results(city: City) -> Any:
    return city.read().run()


@pytest.fixture(scope="module")
def published(city: City, results: Any) -> Path:
    folder: Path = results.write(city.folder / "out")
    return folder


@pytest.fixture(scope="module")
def told(published: Path) -> dict[str, pd.DataFrame]:
    """Every table, as an attacker reads it from the files."""
    return {one.stem: pd.read_csv(one, dtype={"id": str}) for one in sorted((published / "tables").glob("*.csv"))}


def everything_said(city: City, results: Any, published: Path) -> str:
    """All that leaves the program, displays of a notebook included, as text."""
    study = city.read()
    shown = [results._repr_html_(), repr(results), repr(study), repr(study.participation), repr(study.layers)]
    shown += [repr(study.surveys), *(table.to_csv() for table in results.more.values())]
    return "\n".join([everything(published), *shown])


# The truth, which the attacker does not have


def log() -> pd.DataFrame:
    frame = register()
    zone = frame["barrio"].isin(CENTRE).map({True: "centre", False: "periphery"})
    frame = frame.assign(kind=kind_of(frame["tipo"]), zone=zone, activities=1.0)
    return frame.assign(work=frame["personas"] * frame["horas"])[frame["barrio"] != "050104"]


def secrets() -> dict[tuple[str, ...], pd.Index]:
    """Every cell about 1 to k − 1 people, by what it is a cell of, and the rows of the register in it."""
    frame = log()
    found: dict[tuple[str, ...], pd.Index] = {}
    for keys in (["barrio", "tipo"], ["barrio", "kind"], ["zone", "tipo"], ["zone", "kind"], ["barrio"]):
        for name, rows in frame.groupby(keys):
            people = rows.groupby("barrio")["personas"].max().sum()
            if people < K:
                found[tuple(map(str, name))] = rows.index
    return found


def test_the_register_has_something_to_hide() -> None:
    hidden = secrets()
    assert ("centre", "walk") in hidden
    assert ("050102", "walk") in hidden
    assert ("periphery", "faena") not in hidden


# Subtraction


def equations(told: dict[str, pd.DataFrame], what: str) -> Iterator[np.ndarray]:
    """Every sum over the register's rows that the tables tell, as ones and zeros over the rows.

    `what` is activities, personas or work; of a share and its interval an attacker has both numbers behind it.
    """
    frame = log()
    index = frame.index

    def row(chosen: pd.Series) -> np.ndarray:
        return chosen.to_numpy(dtype=float)

    profiles = told["profiles"]
    shown = profiles[~profiles["suppressed"]]
    column = {"activities": "activities", "personas": "people", "work": "hours"}[what]
    for one in shown[shown[column].notna()].itertuples():
        yield row((frame["zone"] == one.zone) & (frame["tipo"] == one.activity))
    if what == "activities":
        embodied = told["embodied"]
        for one in embodied[embodied["embodied_share"].notna()].itertuples():
            inside = frame["barrio"] == one.id if one.level == "neighbourhood" else frame["zone"] == one.zone
            yield row(inside)
            yield row(inside & (frame["kind"] == "embodied"))
        for zone in shown[shown["share"].notna()]["zone"].unique():
            yield row(frame["zone"] == zone)
    if what == "work":
        ledger = told["ledger"]
        given = ledger[(ledger["layer"] == "participation") & ledger["hours_per_week"].notna()]
        for one in given["id"]:
            yield row(frame["barrio"] == one)
    if what == "personas":
        burden = told["burden"]
        for one in burden[burden["money_per_week"].notna()]["id"]:
            yield row((frame["barrio"] == one) & (frame["tipo"] == "dues"))
    assert len(index)


@pytest.mark.parametrize("what", ["activities", "personas", "work"])
def test_no_small_cell_follows_from_the_sums(what: str, told: dict[str, pd.DataFrame]) -> None:
    rows = np.array(list(equations(told, what)))
    assert len(rows) > 10
    free = null_space(rows)
    index = log().index
    for name, inside in secrets().items():
        wanted = index.isin(inside).astype(float)
        assert np.abs(wanted @ free).max() > 1e-9, f"{what} of {name} follow from what is published"


def test_the_attack_works_where_nothing_is_withheld(told: dict[str, pd.DataFrame]) -> None:
    """The same algebra finds the cells when profiles are shown whole: it is no blunt knife."""
    whole = {**told, "profiles": told["profiles"].assign(suppressed=False, activities=1.0)}
    free = null_space(np.array(list(equations(whole, "activities"))))
    wanted = log().index.isin(secrets()[("centre", "walk")]).astype(float)
    assert np.abs(wanted @ free).max() < 1e-9


# Numbers in disguise


def numbers_in(text: str) -> pd.DataFrame:
    """Every number with three decimals and five figures or more, and how far rounding may have moved it."""
    found = {one for one in re.findall(r"(?<![\w.])-?\d+\.\d{3,}", text) if len(one.strip("-0.").replace(".", "")) > 4}
    rows = [(float(one), 0.5 * 10.0 ** -len(one.partition(".")[2])) for one in found]
    return pd.DataFrame(rows, columns=["number", "rounding"])


def disguises() -> dict[str, float]:
    """Withheld hours and money as they are, a week, per 1,000 residents or adults."""
    frame = register()
    people = dict(zip(IDS, PEOPLE, strict=True))
    adults = dict(zip(IDS, [2600, 2300, 3400, 4000, 5900, 1800, 4700, 2500, 3100], strict=True))
    found: dict[str, float] = {}
    small = [*FEW, ("050104", "night_patrol"), ("050104", "meeting")]
    work = frame.assign(work=frame["personas"] * frame["horas"]).groupby(["barrio", "tipo"])[["work", "cuota"]].sum()
    for one, word in small:
        for column, amount in work.loc[(one, word)].items():
            values = {"": amount, "a week": amount / WEEKS, "at 4": amount / WEEKS / 4, "worth": 4 * amount / WEEKS}
            for how, value in values.items():
                if value > 0:
                    found[f"{one} {word} {column} {how}"] = value
                    found[f"{one} {word} {column} {how} per 1000"] = 1000 * value / people[one]
                    found[f"{one} {word} {column} {how} per 1000 adults"] = 1000 * value / adults[one]
    return found


def test_no_withheld_figure_is_printed(city: City, results: Any, published: Path) -> None:
    numbers = numbers_in(everything_said(city, results, published))
    assert len(numbers) > 500
    for name, value in disguises().items():
        same = (numbers["number"].abs() - value).abs() <= numbers["rounding"].clip(lower=1e-9 * value)
        assert not same.any(), f"{name} = {value} is printed as {numbers[same].to_numpy().tolist()}"


def test_no_difference_of_two_totals_is_a_withheld_figure(told: dict[str, pd.DataFrame]) -> None:
    """Totals of zones, bodies and layers, less the shown parts or less each other."""
    totals = [
        told["burden_zones"][one] for one in ("resident_hours_per_week", "money_per_week", "quota_hours_per_week")
    ]
    totals.append(told["register"]["hours_per_week"])
    profiles = told["profiles"]
    totals += [profiles.groupby("zone")["hours"].sum(), profiles.groupby("zone")["hours"].sum() / WEEKS]
    burden = told["burden"]
    for column in ("resident_hours_per_week", "money_per_week", "quota_hours_per_week"):
        totals += [burden.groupby("zone")[column].sum(), pd.Series([burden[column].sum()])]
    ledger = told["ledger"]
    totals.append(ledger.groupby("layer")["hours_per_week"].sum())
    values = np.unique(pd.concat(totals).dropna().to_numpy())
    differences = np.array([abs(one - other) for one, other in combinations(values, 2)])
    for name, value in disguises().items():
        if "per 1000" not in name:
            assert np.abs(differences - value).min() > 1e-6 * value, name


# Rates, statuses and totals of layers


def test_rates_times_people_give_no_withheld_count(published: Path, told: dict[str, pd.DataFrame]) -> None:
    areas = gpd.read_parquet(published / "neighbourhoods.parquet")
    few = [one for one, count in zip(IDS, MEMBERS, strict=True) if count < K]
    about = areas.loc[few].filter(like="rondas").select_dtypes("number")
    assert about.isna().all(axis=None)
    own = areas.loc[["050104"]].filter(regex="own_|participation").select_dtypes("number")
    assert own.isna().all(axis=None)
    summary = json.loads((published / "summary.json").read_text(encoding="utf-8"))
    shown = sum(count for count in MEMBERS if count >= K)
    assert sum(one["rondas_amount"] for one in summary["totals"]["zones"]) == shown
    register_of = told["register"].set_index("layer")
    assert register_of.loc["rondas", "amount"] == shown
    fear = told["fear"].set_index(["survey", "id"])
    assert fear.loc[[("fear", "050102"), ("fear", "050107")], ["share", "n", "low", "high"]].isna().all(axis=None)
    assert pd.isna(fear.loc[("walked", "050108"), "marks"])
    zones = told["fear"][(told["fear"]["level"] == "zone") & (told["fear"]["survey"] == "fear")].set_index("zone")
    assert zones.loc[["centre", "periphery"], "n"].tolist() == [30, 40]


# Digests


def test_no_digest_confirms_a_guess(city: City, results: Any, published: Path) -> None:
    """A file with every guess at a withheld count, and with the truth, has a digest that stands nowhere."""
    said = everything_said(city, results, published)
    digests = set(re.findall(r"\b[0-9a-f]{64}\b", said))
    assert digests
    for first in range(1, K):
        for second in range(1, K):
            guess = pd.DataFrame({"ubigeo": IDS, "personas": [first, *MEMBERS[1:3], second, *MEMBERS[4:]]})
            written = io.StringIO()
            guess.to_csv(written, index=False)
            assert hashlib.sha256(written.getvalue().encode()).hexdigest() not in digests
    for name in ("conteos.csv", "registro.csv", "encuesta.csv", "caminata.csv"):
        written_bytes = (city.folder / name).read_bytes()
        assert hashlib.sha256(written_bytes).hexdigest() not in digests
        row = results.sources.set_index("file").loc[name]
        assert (row["sha256"], row["bytes"], row["rows"]) == ("", 0, 0)
    report = (published / "report.html").read_text(encoding="utf-8")
    line = next(one for one in report.split("<tr") if "registro.csv" in one and "source-" in one)
    assert line.count(text("status.suppressed", "en")) == 3


def test_no_display_shows_a_row_of_the_register(city: City, results: Any, published: Path) -> None:
    said = everything_said(city, results, published)
    for hours in ("2.718282", "1.414214", "3.141593", "1.618034"):
        assert hours not in said


@pytest.mark.parametrize("seed", range(6))
def test_registers_of_chance(seed: int) -> None:
    """Any register: what profiles and embodied shares show together determines no cell of few people."""
    rng = np.random.default_rng(seed)
    ids = [f"n{at}" for at in range(7)]
    zones = pd.Series(np.where(np.arange(7) < 2 + seed % 3, "centre", "periphery"), index=ids)
    words = list(se.participation.ACTIVITIES)
    frame = pd.DataFrame(
        [(str(rng.choice(ids)), str(rng.choice(words)), int(rng.choice([1, 2, 4, 6, 15]))) for _ in range(60)],
        columns=["id", "activity", "people"],
    ).assign(hours=1.0, times=1.0, imputed=False)
    largest = frame.groupby("id")["people"].max()
    frame = frame[frame["id"].isin(largest.index[largest >= K])].reset_index(drop=True)
    zone, kind = frame["id"].map(zones), kind_of(frame["activity"])
    profiles = se.profiles.composition(frame, zones, k=K)
    areas, by_zone = se.profiles.embodied_share(frame, zones, k=K)
    rows = [((zone == one.zone) & (frame["activity"] == one.activity)) for one in
            profiles[~profiles["suppressed"]].itertuples()]  # fmt: skip
    rows += [zone == one for one in profiles[profiles["share"].notna()]["zone"].unique()]
    for inside, shares in ((frame["id"], areas), (zone, by_zone)):
        for name in shares.index[shares["embodied_share"].notna()]:
            rows += [inside == name, (inside == name) & (kind == "embodied")]
    free = null_space(np.array(rows, dtype=float))
    for keys in ([frame["id"], frame["activity"]], [frame["id"], kind], [zone, frame["activity"]], [zone, kind]):
        for name, cell in frame.groupby(keys):
            if cell.groupby("id")["people"].max().sum() < K:
                assert np.abs(frame.index.isin(cell.index).astype(float) @ free).max() > 1e-9, name


# What the ledger and the notices tell beside the profiles


def lonely_faena() -> pd.DataFrame:
    """The centre's only faena is one row of three people; its dues, which have no hours, are no cover for hours."""
    rows = [
        (one, word, people, hours)
        for at, one in enumerate(IDS)
        for word, people, hours in (("night_patrol", 12 + at, 2.5), ("meeting", 9, 1.25), ("petition", 8 + at, None))
    ]
    rows += [(one, "faena", 10, 3.5) for one in IDS if one not in CENTRE]
    rows += [(one, "dues", 15, None) for one in IDS if one not in CENTRE]
    rows += [(CENTRE[0], "dues", 9, None), (CENTRE[1], "dues", 8, None), (CENTRE[0], "faena", 3, 4.0)]
    rows += [(CENTRE[1], "Asamblea convocada por W. Choque", 9, 1.0), (CENTRE[0], "Queja por la banda del 7", 9, None)]
    frame = pd.DataFrame(rows, columns=["barrio", "tipo", "personas", "horas"])
    return frame.assign(cuota=(frame["personas"] * 2.0).where(frame["tipo"] == "dues"), fecha="2023-01-02")


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City(tmp_path_factory.mktemp("lonely"))
    city.study["zones"] = {"centre_ids": CENTRE}
    save(lonely_faena(), city.folder / "registro.csv")
    city.study["participation"] = {
        "path": "registro.csv", "id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas",
        "amount": "cuota", "weeks": WEEKS,
    }  # fmt: skip
    city.read().run().write(city.folder / "out")
    return city


def test_the_ledger_less_the_profiles_gives_no_hours_of_few_people(lonely: City) -> None:
    profiles = pd.read_csv(lonely.folder / "out" / "tables" / "profiles.csv").set_index(["zone", "activity"])
    ledger = pd.read_csv(lonely.folder / "out" / "tables" / "ledger.csv", dtype={"id": str})
    given = ledger[(ledger["layer"] == "participation") & ledger["id"].isin(CENTRE)]["hours_per_week"].sum() * WEEKS
    assert profiles.loc[("centre", "faena"), "suppressed"]
    left = given - profiles.loc["centre", "hours"].sum()
    truth = lonely_faena().assign(tipo=lambda one: se.participation.recognise(one["tipo"]))
    truth = truth[truth["barrio"].isin(CENTRE) & truth["horas"].notna()]
    hidden = truth[truth["tipo"].map(profiles.loc["centre", "suppressed"])]
    assert left == pytest.approx((hidden["personas"] * hidden["horas"]).sum())
    assert hidden["tipo"].nunique() > 1
    assert hidden.groupby(["tipo", "barrio"])["personas"].max().sum() >= K


def test_no_notice_counts_rows_nor_quotes_the_register(lonely: City) -> None:
    notices = {one.code: one for one in lonely.read().notices}
    for code in ("participation_money", "participation_unrecorded", "activities_recognised"):
        for language in ("es", "en"):
            told = notices[code].say(language).replace("registro.csv", "")
            assert not re.search(r"\d", told), told
    said = everything(lonely.folder / "out")
    assert "Choque" not in said
    assert "banda del 7" not in said


@pytest.mark.parametrize("seed", range(8))
def test_hours_of_chance(seed: int) -> None:
    """Any register in which some activities have no hours: zones' hours less the shown cells give none of few people.

    The attacker knows which activities have hours at all, and the hours of each neighbourhood of `K` people or more.
    """
    rng = np.random.default_rng(seed)
    ids = [f"n{at}" for at in range(6)]
    zones = pd.Series(["centre"] * 2 + ["periphery"] * 4, index=ids)
    words = list(se.participation.ACTIVITIES)
    frame = pd.DataFrame(
        [(str(rng.choice(ids)), str(rng.choice(words)), int(rng.choice([2, 3, 6, 15]))) for _ in range(40)],
        columns=["id", "activity", "people"],
    ).assign(times=1.0, imputed=False)
    silent = rng.choice(words, size=4, replace=False)
    frame["hours"] = pd.Series(rng.uniform(1, 5, len(frame))).mask(frame["activity"].isin(silent))
    behind = frame[frame["hours"].notna()].groupby("id")["people"].max()
    frame = frame[frame["id"].isin(behind.index[behind >= K])].reset_index(drop=True)
    table = se.profiles.composition(frame, zones, k=K)
    worked = frame[frame["hours"].notna()]
    zone = worked["id"].map(zones)
    rows = [zone == one for one in zones.unique()]
    rows += [
        (zone == one.zone) & (worked["activity"] == one.activity) for one in table[~table["suppressed"]].itertuples()
    ]
    free = null_space(np.array(rows, dtype=float))
    for name, cell in worked.groupby([zone, "activity"]):
        if cell.groupby("id")["people"].max().sum() < K:
            assert np.abs(worked.index.isin(cell.index).astype(float) @ free).max() > 1e-9, name


def test_hours_of_fewer_people_than_came_withhold_the_neighbourhood(tmp_path: Path) -> None:
    """Twelve signed a petition, three dug for four hours: the neighbourhood's hours are those of three people."""
    city = City(tmp_path)
    log = pd.DataFrame({"barrio": [IDS[0], IDS[0], IDS[1]], "tipo": ["petition", "faena", "faena"]})
    save(log.assign(personas=[12, 3, 9], horas=[None, 4.0, 2.0]), city.folder / "registro.csv")
    city.study["participation"] = {
        "path": "registro.csv", "id": "barrio", "activity": "tipo", "people": "personas", "hours": "horas", "weeks": 4
    }  # fmt: skip
    told = city.read().participation
    assert told is not None
    assert told.status[[IDS[0], IDS[1]]].tolist() == ["suppressed", "ok"]
    assert pd.isna(told.hours_per_week[IDS[0]])
