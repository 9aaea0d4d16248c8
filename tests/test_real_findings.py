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
from scipy import stats

import secequity as se

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "data" / "studies"
PAGE = " ".join((ROOT / "docs" / "findings.md").read_text(encoding="utf-8").split())
METROPOLITAN = ["050101", "050104", "050110", "050115", "050116"]
BY_CHANCE = 0.02
"""How far a p value on the page, told to two digits, may lie from another draw of it."""


def says(text: str) -> None:
    """The page says so, in these words."""
    assert text.replace("-", "−") in PAGE.replace("-", "−"), text


def rows_of_the_page() -> list[list[str]]:
    """The rows of the table at the head of the page."""
    lines = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if len(row) == 11 and row[0] not in ("city", "---")]


def run(name: str) -> Any:
    return se.read_study(STUDIES / f"{name}.toml").run()


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
def radios(data_folder: Path) -> gpd.GeoDataFrame:
    """The census radios with their barrio and comuna, and the stations that reach them."""
    study = se.read_study(STUDIES / "buenos_aires_radios.toml")
    frame = study.neighbourhoods.join(study.city.covariates).join(study.city.attributes[["BARRIO", "COMUNA"]])
    return frame.assign(stations=study.layers[0].amount)


def districts(data_folder: Path, city: str) -> pd.DataFrame:
    """People, poverty and staff by district, with plain pandas; staff by the district a station declares."""
    folder = data_folder / city
    people = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    known = pd.read_csv(folder / "indicadores_distritos.csv", dtype={"inei": str}).set_index("inei")
    stations = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo": str})
    table = people.join(known["pct_pobreza_total"].rename("poverty"))
    table = table.rename(columns={"poblacion_2017": "people", "pct_migrante_reciente": "recent_migrants"})
    table["police"] = stations.groupby("ubigeo")["policias_total"].sum()
    table["patrol"] = (
        stations[["patrullaje_motorizado", "patrullaje_pie"]].sum(axis=1).groupby(stations["ubigeo"]).sum()
    )
    return table.fillna({"police": 0.0, "patrol": 0.0})


@pytest.fixture(scope="module")
def lima_plain(data_folder: Path) -> pd.DataFrame:
    """Lima's districts with their zone, police where the stations' coordinates are, and density."""
    table = districts(data_folder, "peru_lima")
    folder = data_folder / "peru_lima"
    shapes = gpd.read_file(folder / "distritos_2017.geojson").set_index("ubigeo")[["geometry"]].to_crs(32718)
    stations = pd.read_csv(folder / "comisarias_2017.csv")
    points = gpd.GeoDataFrame(stations, geometry=gpd.points_from_xy(stations["lon"], stations["lat"]), crs=4326)
    inside = [shapes.index[shapes.contains(point)][0] for point in points.to_crs(32718).geometry]
    zones = pd.read_csv(folder / "zonas_lima.csv", dtype={"ubigeo": str}).set_index("ubigeo")["zona"]
    table["located"] = stations["policias_total"].groupby(pd.Series(inside)).sum()
    table["density"] = table["people"] / (shapes.area / 1e6)
    table["middle_x"], table["middle_y"] = shapes.centroid.x, shapes.centroid.y
    return table.join(zones).fillna({"located": 0.0})


def rate(table: pd.DataFrame, staff: str = "located") -> float:
    return float(1000 * table[staff].sum() / table["people"].sum())


def halves(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return table[table["zona"] == "Centro"], table[table["zona"].notna() & (table["zona"] != "Centro")]


def ratio_interval(centre: pd.DataFrame, periphery: pd.DataFrame, staff: str) -> tuple[float, float]:
    """95 % interval of the ratio: each area left out in turn, on logarithms, with Welch's degrees of freedom."""
    logs = [np.array([np.log(rate(one.drop(at), staff)) for at in one.index]) for one in (centre, periphery)]
    parts = np.array([(len(one) - 1) / len(one) * ((one - one.mean()) ** 2).sum() for one in logs])
    freedom = parts.sum() ** 2 / sum(part**2 / (len(one) - 1) for part, one in zip(parts, logs, strict=True))
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(parts.sum())
    middle = np.log(rate(centre, staff) / rate(periphery, staff))
    return float(np.exp(middle - reach)), float(np.exp(middle + reach))


def spearman(one: pd.Series, other: pd.Series) -> float:
    both = pd.concat([one, other], axis=1).dropna()
    return float(stats.spearmanr(both.iloc[:, 0], both.iloc[:, 1])[0])


def equation(y: pd.Series, x: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Coefficients and White's standard errors (HC1), by least squares."""
    terms = np.column_stack([np.ones(len(x)), x.to_numpy()])
    found = np.linalg.lstsq(terms, y.to_numpy(), rcond=None)[0]
    left = y.to_numpy() - terms @ found
    inner = np.linalg.inv(terms.T @ terms)
    spread = inner @ (terms.T * left**2) @ terms @ inner * len(x) / (len(x) - terms.shape[1])
    names = ["constant", *x.columns]
    return pd.Series(found, names), pd.Series(np.sqrt(np.diag(spread)), names)


# --- the table at the head of the page --------------------------------------------------------------------------------


def table_row(city: str, what: str, areas: str) -> list[str]:
    (row,) = [one for one in rows_of_the_page() if one[0].startswith(city) and one[2] == what and one[1] == areas]
    return row


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


# --- Ayacucho ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ayacucho_plain(data_folder: Path) -> pd.DataFrame:
    return districts(data_folder, "peru_ayacucho").loc[METROPOLITAN]


def test_ayacucho_by_hand(ayacucho_plain: pd.DataFrame) -> None:
    centre, others = ayacucho_plain.iloc[:1], ayacucho_plain.iloc[1:]
    says(f"five districts, {ayacucho_plain['people'].sum():,.0f} people, {ayacucho_plain['police'].sum():.0f} police.")
    police, patrol = ([rate(part, staff) for part in (centre, others)] for staff in ("police", "patrol"))
    assert [*police, *patrol] == pytest.approx([1.358, 0.918, 0.895, 0.258], abs=5e-4)
    says("has 1.358 police for 1,000 residents, the four others together 0.918; patrol staff 0.895 against 0.258")
    shares = [np.average(part[column], weights=part["people"]) for column in ("recent_migrants", "poverty")
              for part in (centre, others)]  # fmt: skip
    assert shares[:2] == pytest.approx([15.1, 21.4], abs=0.06)
    says("Recent migrants are 15.1 % there and 21.4 % in the others")
    says(f"poverty is {shares[2]:.1f} % against {shares[3]:.1f} %")
    says(f"more police for each resident ({rate(ayacucho_plain.loc[['050104']], 'police'):.2f}) than Ayacucho")


def test_ayacucho_and_a_form_half_filled_in(ayacucho_plain: pd.DataFrame, data_folder: Path) -> None:
    silent = ayacucho_plain.loc["050110"]
    assert (silent["police"], silent["patrol"]) == (39, 0)
    centre, told = ayacucho_plain.iloc[:1], ayacucho_plain.drop(["050101", "050110"])
    every = rate(centre, "patrol") / rate(ayacucho_plain.iloc[1:], "patrol")
    says(f"have {rate(told, 'patrol'):.3f} patrol staff for 1,000, not 0.258, and the ratio falls from {every:.2f} to "
         f"{rate(centre, 'patrol') / rate(told, 'patrol'):.2f}")  # fmt: skip
    stations = pd.read_csv(data_folder / "peru_ayacucho" / "comisarias_2017.csv", dtype={"ubigeo": str})
    members = stations.set_index("ubigeo")["jv_integrantes"].reindex(METROPOLITAN)
    assert members[members.isna()].index.tolist() == ["050110", "050116"]
    says(f"{members['050101']:.0f} members in Ayacucho, {members['050104']:.0f} in Carmen Alto and "
         f"{members['050115']:.0f} in Jesús Nazareno")  # fmt: skip
    people = ayacucho_plain["people"]
    answered = ["050104", "050115"]
    figures = [
        1000 * members["050101"] / people["050101"],
        1000 * members[answered].sum() / people[answered].sum(),
        1000 * members[answered].sum() / people[METROPOLITAN[1:]].sum(),
    ]
    says("{:.2f} for 1,000 residents in the centre against {:.2f} in".format(*figures[:2]))
    says(f"or against {figures[2]:.2f} if silence were zero")
    assert figures[0] / figures[1] < 2 < 4 < figures[0] / figures[2]


def test_ayacucho_cannot_be_told(ayacucho: Any, ayacucho_plain: pd.DataFrame) -> None:
    """Five places: every centre of one district has its place among five, and twice one fifth is the least p."""
    each = ayacucho_plain["police"] / ayacucho_plain["people"]
    people, staff = ayacucho_plain["people"], ayacucho_plain["police"]
    apart = each - (staff.sum() - staff) / (people.sum() - people)
    above = int((apart >= apart["050101"]).sum())
    plain = ayacucho.table("gap_tests").set_index(["measure", "method"]).loc[("police_per_1000", "label")]
    assert plain["p_value"] == pytest.approx(min(1.0, 2 * above / 5))
    says("the smallest p that five districts can give is 0.40")
    runs = ayacucho.table("specifications").query("measure == 'police_per_1000'")
    assert runs["casco"].nunique() == 4
    says(f"with ratios between {runs['ratio'].min():.2f} and {runs['ratio'].max():.2f}")
    assert set(ayacucho.hypotheses["verdict"]) == {"cannot tell"}
    needed = ayacucho.table("claims").query("hypothesis == 'coverage_gap'")["needed"]
    assert round(float(needed.iloc[0]), -1) == 120
    says("All four *cannot tell*. The program says what would be needed: about 120 neighbourhoods")


# --- Buenos Aires -----------------------------------------------------------------------------------------------------


def test_buenos_aires_by_barrio(buenos_aires: Any, data_folder: Path) -> None:
    """Stations in each barrio, and the casco by centroids within 3 km of the Plaza de Mayo, by hand."""
    folder = data_folder / "argentina_buenos_aires"
    barrios = gpd.read_file(folder / "barrios.geojson").set_index("BARRIO")[["geometry"]].to_crs(32721)
    people = pd.read_csv(folder / "poblacion_barrios_2010.csv").set_index("BARRIO")["POBLACION"]
    given = pd.read_csv(folder / "comisarias_2019.csv")
    points = gpd.GeoSeries(gpd.points_from_xy(given["long"], given["lat"]), crs=4326).to_crs(32721)
    located = pd.Series([barrios.index[barrios.contains(point)][0] for point in points]).value_counts()
    stations = located.reindex(barrios.index, fill_value=0)
    plaza = gpd.GeoSeries(gpd.points_from_xy([-58.3731], [-34.6083]), crs=4326).to_crs(32721)[0]
    casco = barrios.centroid.distance(plaza) <= 3000
    people = people.reindex(barrios.index)
    zones = [100_000 * stations[side].sum() / people[side].sum() for side in (casco, ~casco)]
    says("have {:.2f} stations for 100,000 residents, the others {:.2f}".format(*zones))
    assert int(casco.sum()) == 8
    runs = buenos_aires.table("specifications").set_index(["casco", "smoothing"])
    dense = people / (barrios.area / 1e6) >= 20_000
    turned = (stations[dense].sum() / people[dense].sum()) / (stations[~dense].sum() / people[~dense].sum())
    assert runs.loc[("20 000 habitantes por km² o más", "raw"), "ratio"] == pytest.approx(turned)
    says(f"by barrio the gap turns round (ratio {turned:.2f})")
    assert set(runs.xs("empirical_bayes", level="smoothing")["reason"]) == {"smoothed_even"}
    assert set(buenos_aires.hypotheses["verdict"]) == {"cannot tell"}


def test_buenos_aires_explained(buenos_aires: Any) -> None:
    table = buenos_aires.table("regression").set_index(["model", "term"])
    centre = 100_000 / 1000 * table.loc[("ols", "centre"), ["estimate", "low", "high"]].astype(float)
    says(f"{centre['estimate']:.1f} stations more for 100,000 residents ({centre['low']:.1f} to {centre['high']:.1f})")
    says(f"(λ = {table.loc[('error', 'lambda'), 'estimate']:.2f})")
    assert buenos_aires.table("robustness")["favours"].tolist() == ["error"]
    places = buenos_aires.neighbourhoods
    terms = pd.DataFrame({"centre": places["zone"].eq("centre").astype(float)})
    terms["density"] = places["population"] / (places.area / 1e6)
    found, errors = equation(places["stations_per_1000"], terms)
    assert table.loc[("ols", "centre"), "estimate"] == pytest.approx(found["centre"])
    assert table.loc[("ols", "centre"), "std_error"] == pytest.approx(errors["centre"])


def test_buenos_aires_from_radios_to_comunas(radios: gpd.GeoDataFrame) -> None:
    """Sums by unit in plain pandas; the zone of a unit is that of more than half of its people."""
    inhabited = radios[radios["population"] > 0]
    inside = inhabited["zone"] == "centre"
    rows = {"radio": (inhabited["stations"], inhabited["population"], inside)}
    for name, column in (("barrio", "BARRIO"), ("comuna", "COMUNA")):
        unit = inhabited[column]
        people = inhabited["population"].groupby(unit).sum()
        centre = inhabited["population"].where(inside, 0).groupby(unit).sum() > people / 2
        rows[name] = (inhabited["stations"].groupby(unit).sum(), people, centre)
        moved = inhabited["population"][inside != unit.map(centre)].sum() / people.sum()
        says(
            f"{100 * moved:.1f} % of the people into a {name}"
            if name == "barrio"
            else f"{100 * moved:.1f} % into a {name}"
        )
    for name, (stations, people, centre) in rows.items():
        ratio = (stations[centre].sum() / people[centre].sum()) / (stations[~centre].sum() / people[~centre].sum())
        hoover = (stations / stations.sum() - people / people.sum()).abs().sum() / 2
        says(f"| {name} | {len(people):,} | {centre.sum()} | {ratio:.2f} | {hoover:.2f} |")


def test_buenos_aires_more_for_whom(radios: gpd.GeoDataFrame) -> None:
    """Households with unmet basic needs for 1,000 people; against them the gap turns round."""
    inside = radios["zone"] == "centre"
    needy = [
        1000 * radios["nbi_households"][side].sum() / radios["population"][side].sum() for side in (inside, ~inside)
    ]
    says(
        "counted with {:.1f} households with unmet basic needs for 1,000 people, the others with {:.1f}".format(*needy)
    )
    claim = se.hypotheses.coverage_gap(
        radios["stations"],
        radios["zone"],
        people=radios["population"],
        need=radios["nbi_households"],
        graph=se.weights.contiguity(radios, snap_m=0.5),
        replicates=999,
        permutations=499,
        rng=2019,
    )
    parts = claim.details.set_index("part")
    assert parts["verdict"].to_dict() == {"people": "supported", "need": "not supported"}
    need = parts.loc["need"]
    says(f"{need['value']:.2f} times as many stations within reach (0.69 to 0.89)")
    assert [need["low"], need["high"]] == pytest.approx([0.69, 0.89], abs=0.02)
    some = radios["nbi_households"] > 0
    by_hand = [(radios["stations"][some & side].sum() / radios["nbi_households"][some & side].sum())
               for side in (inside, ~inside)]  # fmt: skip
    assert need["value"] == pytest.approx(by_hand[0] / by_hand[1])
    assert claim.verdict == "not supported"


def test_buenos_aires_by_radio(radios: gpd.GeoDataFrame) -> None:
    each = se.rates.per_1000(radios["stations"], radios["population"])
    graph = se.weights.contiguity(radios, snap_m=0.5)
    found = se.gaps.compare_zones(
        each, radios["zone"], weights=radios["population"], graph=graph, replicates=1999, permutations=1999, rng=2019
    )
    row = table_row("Buenos Aires", "stations within reach", "3,552 radios")
    assert [row[3], row[4], row[5]] == [
        f"{found.gap.centre:.4f}",
        f"{found.gap.periphery:.4f}",
        f"{found.gap.ratio:.2f}",
    ]
    low, high = (float(one) for one in row[6].split(" to "))
    assert [found.ratio_interval.low, found.ratio_interval.high] == pytest.approx([low, high], abs=0.02)
    tests = found.tests.set_index("method")
    assert tests.loc["label", "p_value"] <= 0.001
    assert tests.loc["cores", "p_value"] == pytest.approx(float(row[8]), abs=BY_CHANCE)
    assert tests.loc["spectral", "reason"] == "too_many"
    assert se.autocorrelation.moran(each, graph, permutations=99, rng=1).value == pytest.approx(0.89, abs=0.005)
    says("(Moran's I 0.89:")
