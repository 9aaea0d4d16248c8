"""What docs/findings.md says of Ayacucho and Buenos Aires, against computations of its own from the public files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import secequity as se
from findings_page import (
    BY_CHANCE,
    METROPOLITAN,
    STUDIES,
    districts,
    equation,
    rate,
    run,
    says,
    table_row,
)

pytestmark = pytest.mark.real


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


def test_buenos_aires_by_radio_under_other_lines(radios: gpd.GeoDataFrame, buenos_aires: Any) -> None:
    """The centre has more within reach under every line that the study file names, drawn by hand."""
    plaza = gpd.GeoSeries(gpd.points_from_xy([-58.3731], [-34.6083]), crs=4326).to_crs(radios.crs)[0]
    away = radios.centroid.distance(plaza)
    cascos = [away <= 1000 * km for km in (2, 3, 4, 5)]
    cascos += [radios["COMUNA"].astype(str) == "1", radios["population"] / (radios.area / 1e6) >= 20_000]
    assert (cascos[1] == (radios["zone"] == "centre")).all()
    each = [[radios["stations"][side].sum() / radios["population"][side].sum() for side in (casco, ~casco)]
            for casco in cascos]  # fmt: skip
    held = sum(centre > periphery for centre, periphery in each)
    assert table_row("Buenos Aires", "stations within reach", "3,552 radios")[10] == f"{held} of {len(cascos)}"
    comunas = buenos_aires.table("levels").set_index("level").loc["comuna"]
    assert (comunas["n"], comunas["n_centre"]) == (15, 2)
    says(f"With 2 comunas of 15 in the centre p is {comunas['p_value']:.2f} even by the plain test")


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
