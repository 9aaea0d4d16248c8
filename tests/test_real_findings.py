"""Every number of docs/findings.md, against a computation of its own from the public files, or against a study's table.

What is counted, divided, ranked or fitted is done again here in plain pandas and numpy. What is drawn at random
(p values) is drawn again with another generator where that is simple; else the page is held against the study's table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from findings_page import (
    BY_CHANCE,
    equation,
    halves,
    located_in_lima,
    rate,
    ratio_interval,
    run,
    says,
    spearman,
    table_row,
)

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def lima(data_folder: Path) -> Any:
    return run("lima")


@pytest.fixture(scope="module")
def ayacucho(data_folder: Path) -> Any:
    return run("ayacucho")


@pytest.fixture(scope="module")
def buenos_aires(data_folder: Path) -> Any:
    return run("buenos_aires")


@pytest.fixture(scope="module")
def lima_plain(data_folder: Path) -> pd.DataFrame:
    return located_in_lima(data_folder)


# --- the table at the head of the page --------------------------------------------------------------------------------


HEAD = [
    ("Lima", "police", "43 districts", "police_per_1000", "lima"),
    ("Lima", "patrol staff", "43 districts", "patrol_per_1000", "lima"),
    ("Ayacucho", "police", "5 districts", "police_per_1000", "ayacucho"),
    ("Ayacucho", "patrol staff", "5 districts", "patrol_per_1000", "ayacucho"),
    ("Buenos Aires", "police stations", "48 barrios", "stations_per_1000", "buenos_aires"),
]


@pytest.mark.parametrize(("city", "what", "areas", "measure", "fixture"), HEAD)
def test_the_table_says_what_the_study_says(
    city: str, what: str, areas: str, measure: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    results = request.getfixturevalue(fixture)
    row = table_row(city, what, areas)
    gap = results.gaps.set_index("measure").loc[measure]
    digits = 4 if measure.startswith("stations") else 3
    assert row[3] == f"{gap['centre']:.{digits}f}"
    assert row[4] == f"{gap['periphery']:.{digits}f}"
    assert row[5] == f"{gap['ratio']:.2f}"
    intervals = results.table("gap_intervals").set_index(["measure", "figure"])
    width = intervals.loc[(measure, "ratio")]
    if row[6].startswith("none"):
        assert width["reason"] == "one_row"
    else:
        assert row[6] == f"{width['low']:.2f} to {width['high']:.2f}"
    tests = results.table("gap_tests").query("measure == @measure").set_index("method")["p_value"]
    for told, method in zip(row[7:10], ("label", "cores", "spectral"), strict=True):
        assert tests[method] == pytest.approx(float(told), abs=BY_CHANCE)
    robust = results.table("robustness").set_index("measure").loc[measure]
    assert row[10] == f"{robust['same']} of {robust['runs']}"


def test_plain_numpy_gives_the_rates_and_the_interval(lima_plain: pd.DataFrame) -> None:
    """Lima's police by hand: each zone's total over its people, and the jackknife written out."""
    centre, periphery = halves(lima_plain)
    assert (len(centre), len(periphery)) == (15, 28)
    row = table_row("Lima", "police", "43 districts")
    assert [row[3], row[4]] == [f"{rate(centre):.3f}", f"{rate(periphery):.3f}"]
    assert row[5] == f"{rate(centre) / rate(periphery):.2f}"
    low, high = ratio_interval(centre, periphery, "located")
    assert row[6] == f"{low:.2f} to {high:.2f}"


def test_dealing_the_zones_out_again_gives_the_plain_p(lima_plain: pd.DataFrame) -> None:
    """20,000 other deals of 15 districts out of 43: about one in a thousand as far apart, either way twice."""
    zoned = pd.concat(halves(lima_plain))
    staff, people = zoned["located"].to_numpy(), zoned["people"].to_numpy()
    rng = np.random.default_rng(5)
    drawn = np.array([rng.permutation(43)[:15] for _ in range(20_000)])
    inside, held = staff[drawn].sum(axis=1), people[drawn].sum(axis=1)
    apart = inside / held - (staff.sum() - inside) / (people.sum() - held)
    observed = staff[:15].sum() / people[:15].sum() - staff[15:].sum() / people[15:].sum()
    p_value = 2 * (np.sum(apart >= observed) + 1) / 20_001
    assert float(table_row("Lima", "police", "43 districts")[7]) == pytest.approx(p_value, abs=0.001)


# --- Lima -------------------------------------------------------------------------------------------------------------


def test_lima_as_a_whole(lima_plain: pd.DataFrame) -> None:
    assert len(lima_plain) == 50
    says(f"50 districts, {lima_plain['people'].sum():,.0f} people, {lima_plain['police'].sum():,.0f} police")
    says(f"police: {rate(lima_plain):.3f} for 1,000")
    by_zone = {zone: rate(part) for zone, part in lima_plain.groupby("zona")}
    says(f"North, East and South are much alike ({by_zone['Norte']:.2f}, {by_zone['Este']:.2f}, {by_zone['Sur']:.2f})")
    callao = lima_plain[lima_plain["zona"].isna()]
    assert len(callao) == 7
    says(f"Callao, with {rate(callao):.2f}")
    assert lima_plain.loc["150132", "people"] == pytest.approx(1_000_000, rel=0.05)
    says("San Juan de Lurigancho is one number for a million people")
    poor = {name: np.average(part["poverty"], weights=part["people"]) for name, part in
            (("callao", callao), ("periphery", halves(lima_plain)[1]))}  # fmt: skip
    assert poor["callao"] == pytest.approx(poor["periphery"], abs=2)


def test_lima_is_unequal(lima_plain: pd.DataFrame, lima: Any) -> None:
    """Hoover: half the distance between the shares of staff and people. Gini: mean difference over twice the mean."""
    people, staff = lima_plain["people"], lima_plain["located"]
    hoover = (staff / staff.sum() - people / people.sum()).abs().sum() / 2
    each = (staff / people).to_numpy()
    share = (people / people.sum()).to_numpy()
    gini = (np.abs(each[:, None] - each) * np.outer(share, share)).sum() / (2 * (share @ each))
    width = lima.table("inequality_intervals").set_index(["measure", "index"]).loc[("police_per_1000", "hoover")]
    says(f"{hoover:.0%}".replace("%", " %") + " of the police would have to move")
    says(f"(Hoover {hoover:.2f}, interval {width['low']:.2f} to {width['high']:.2f}; Gini {gini:.2f})")


def test_lima_under_other_lines(lima_plain: pd.DataFrame, lima: Any) -> None:
    """The raw runs again by hand, from centroids, codes and densities; the plaza is at -77.0306, -12.0460."""
    plaza = gpd.GeoSeries(gpd.points_from_xy([-77.0306], [-12.0460]), crs=4326).to_crs(32718)[0]
    away = np.hypot(lima_plain["middle_x"] - plaza.x, lima_plain["middle_y"] - plaza.y)
    ids = lima_plain.index
    cascos = {f"{km} km de la Plaza Mayor": away <= 1000 * km for km in (5, 8, 12)}
    cascos["Cercado de Lima"] = pd.Series(ids == "150101", ids)
    cascos["Cercado, Breña, La Victoria y Rímac"] = pd.Series(ids.isin(["150101", "150105", "150115", "150128"]), ids)
    cascos["15 000 habitantes por km² o más"] = lima_plain["density"] >= 15_000
    ratios = {name: rate(lima_plain[casco]) / rate(lima_plain[~casco]) for name, casco in cascos.items()}
    centre, periphery = halves(lima_plain)
    ratios["study"] = rate(centre) / rate(periphery)
    table = lima.table("specifications").query("measure == 'police_per_1000' and smoothing == 'raw'")
    assert table.set_index("casco")["ratio"].to_dict() == pytest.approx(ratios)
    assert [name for name, ratio in ratios.items() if ratio < 1] == ["15 000 habitantes por km² o más"]
    smoothed = lima.table("specifications").query("measure == 'police_per_1000'")["ratio"]
    says(f"six of seven lines, with ratios from {smoothed.min():.2f} to {smoothed.max():.2f}")
    without = rate(centre.drop("150101")) / rate(periphery)
    cercado = rate(lima_plain.loc[["150101"]])
    says(f"({cercado:.2f} for 1,000, the seat of everything): without it the ratio is {without:.2f}")


def test_lima_explained(lima_plain: pd.DataFrame, lima: Any) -> None:
    """White's equation by hand; four seaside resorts carry it, and without small districts the centre's sign turns."""
    table = lima_plain[lima_plain["zona"].notna()]
    terms = pd.DataFrame(
        {
            "poverty": table["poverty"],
            "recent_migrants": table["recent_migrants"],
            "centre": table["zona"].eq("Centro").astype(float),
            "density": table["density"],
        }
    )
    each = 1000 * table["located"] / table["people"]
    found, errors = equation(each, terms)
    study = lima.table("regression").query("measure == 'police_per_1000' and model == 'ols'").set_index("term")
    assert study["estimate"].to_dict() == pytest.approx(found.to_dict())
    assert study["std_error"].to_dict() == pytest.approx(errors.to_dict())
    says(f"coefficient of the centre {found['centre']:.2f}, of ten points of poverty {10 * found['poverty']:.1f}")
    checks = lima.table("regression_diagnostics").query("measure == 'police_per_1000' and model == 'ols'")
    says(f"Jarque–Bera {checks.set_index('test').loc['jarque_bera', 'statistic']:.0f};")
    resorts = ["150138", "150129", "150127", "150126"]
    assert each.nlargest(3).index.isin(resorts).all()
    assert equation(each.drop(resorts), terms.drop(resorts))[0]["centre"] > 0 > found["centre"]
    large = table["people"] >= 50_000
    assert large.sum() == 34
    found, errors = equation(each[large], terms[large])
    says(f"the centre +{found['centre']:.2f} (standard error {errors['centre']:.2f}) and ten points of poverty "
         f"{10 * found['poverty']:.2f} ({10 * errors['poverty']:.2f})")  # fmt: skip
    split = (
        lima.table("decomposition").query("measure == 'police_per_1000' and reference == 'pooled'").set_index("term")
    )
    total = split.loc["total"]
    says(f"({100 * total['share']:.0f} % of it, with the pooled reference: {total['low']:.2f} to {total['high']:.2f}")


def test_lima_police_and_poverty(lima_plain: pd.DataFrame) -> None:
    """The published rank correlations, by the district a station declares and by its coordinates."""
    large = lima_plain["people"] >= 50_000
    assert large.sum() == 38
    declared = lima_plain["police"] / lima_plain["people"]
    assert spearman(declared[large], lima_plain["poverty"][large]) == pytest.approx(-0.498, abs=5e-4)
    assert spearman(declared, lima_plain["poverty"]) == pytest.approx(-0.252, abs=5e-4)
    says("38 districts of 50,000 people or more the rank correlation of police for 1,000 with poverty is -0.498")
    says("Over all 50 it is -0.252")
    located = lima_plain["located"] / lima_plain["people"]
    told = [spearman(located[large], lima_plain["poverty"][large]), spearman(located, lima_plain["poverty"])]
    says(f"the same two are {told[0]:.3f} and {told[1]:.3f}")
    assert (lima_plain["located"] != lima_plain["police"]).sum() == 2


def test_lima_members_of_councils(lima_plain: pd.DataFrame, data_folder: Path) -> None:
    """Missing as zero, and missing as missing: a district with a silent station is not known."""
    stations = pd.read_csv(data_folder / "peru_lima" / "comisarias_2017.csv", dtype={"ubigeo": str})
    members = stations["jv_integrantes"]
    told, silent = members.notna().sum(), members.isna()
    says(f"told by {told} of {len(members)} stations. Were the {silent.sum()} that did not answer")
    zero = members.fillna(0).groupby(stations["ubigeo"]).sum()
    silent = silent.groupby(stations["ubigeo"]).any()
    known = zero.where(~silent)
    people, poverty = lima_plain["people"], lima_plain["poverty"]
    large = people >= 50_000
    as_zero, as_missing = zero / people, known / people
    assert spearman(as_zero, poverty) == pytest.approx(0.309, abs=5e-4)
    says("zero, members for each resident would go with poverty at +0.309")
    says(f"But {silent.sum()} districts, with {people[silent].sum():,.0f} people, have such a station.")
    every = spearman(as_missing, poverty)
    by_size = [spearman(one[large], poverty[large]) for one in (as_missing, as_zero)]
    says(
        f"the correlation of the other {(~silent).sum()} is +{every:.3f}; "
        "of districts of 50,000 people or more, +{:.3f} (as zeros: +{:.3f})".format(*by_size)
    )
    assert silent["150101"]


def test_lima_claims(lima: Any) -> None:
    assert set(lima.hypotheses["verdict"]) == {"cannot tell"}
    parts = lima.table("claims").query("hypothesis == 'coverage_gap'").set_index("part")
    need = parts.loc["need"]
    says(f"({parts.loc['people', 'value']:.2f} times by people; {need['value']:.2f} times by poor residents, "
         f"{need['low']:.2f} to {need['high']:.2f};")  # fmt: skip
