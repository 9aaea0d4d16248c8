"""Members of neighbourhood councils in real public data: what is missing stays missing, and what that changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import spearmanr

import secequity as se

pytestmark = pytest.mark.real

STUDIES = Path(__file__).parents[1] / "data" / "studies"
ANSWERED = ["050101", "050104", "050115"]
SILENT = ["050110", "050116"]


def read(name: str) -> Any:
    return se.read_study(STUDIES / f"{name}.toml")


def stations(data_folder: Path, city: str) -> pd.DataFrame:
    return pd.read_csv(data_folder / city / "comisarias_2017.csv", dtype={"ubigeo": str})


def rank_correlation(one: pd.Series, other: pd.Series) -> float:
    both = pd.concat([one, other], axis=1).dropna()
    return float(spearmanr(both.iloc[:, 0], both.iloc[:, 1])[0])


def test_two_districts_of_ayacucho_did_not_answer(data_folder: Path) -> None:
    study = read("ayacucho")
    status = study.participation.status
    assert status[SILENT].tolist() == ["missing", "missing"]
    assert status[ANSWERED].tolist() == ["ok"] * 3
    told = {one.code: one.which for one in study.notices}
    assert told["members_missing"] == tuple(SILENT)
    raw = stations(data_folder, "peru_ayacucho").groupby("ubigeo")["jv_integrantes"].sum()
    assert study.participation.members[ANSWERED].tolist() == raw[ANSWERED].tolist()
    results = study.run()
    frame = results.neighbourhoods
    assert frame.loc[SILENT, "participation_per_1000"].isna().all()
    gap = results.gaps.set_index("measure").loc["participation_per_1000"]
    people = frame.loc[["050104", "050115"], "population"].sum()
    assert gap["periphery"] == pytest.approx(1000 * raw[["050104", "050115"]].sum() / people)
    assert gap["n_periphery"] == 2


def test_lima_with_missing_as_zero_and_as_missing(data_folder: Path) -> None:
    """+0.309 over all 50 districts if stations without an answer had no members; 14 districts have one of those, and
    over the 36 whose stations all answered it is +0.264. Of the districts of 50,000 people or more: +0.387, +0.394."""
    study = read("lima")
    raw = stations(data_folder, "peru_lima")
    assert raw["jv_integrantes"].isna().sum() == 17
    people, poverty = study.city.frame["population"], study.city.covariates["poverty"]
    zero = raw.groupby("ubigeo")["jv_integrantes"].sum().reindex(people.index).fillna(0)
    members = study.participation.members
    assert members.isna().sum() == 14
    assert (members.dropna() == zero[members.notna()]).all()
    large = people >= 50_000
    assert rank_correlation(zero / people, poverty) == pytest.approx(0.309, abs=5e-4)
    assert rank_correlation(members / people, poverty) == pytest.approx(0.264, abs=5e-4)
    assert rank_correlation((zero / people)[large], poverty) == pytest.approx(0.387, abs=5e-4)
    assert rank_correlation((members / people)[large], poverty) == pytest.approx(0.394, abs=5e-4)


def test_the_public_census_of_stations_holds_no_person(data_folder: Path) -> None:
    from secequity import privacy

    for city in ("peru_ayacucho", "peru_lima"):
        assert privacy.personal_columns(stations(data_folder, city), points=True) == {}
