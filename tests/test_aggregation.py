"""Neighbourhoods merged into larger units: what adds up, what is averaged, which zone, and what moves."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from secequity import equity, weights
from secequity.aggregation import levels, majority, merge
from secequity.errors import AlignmentError, LayerError
from secequity.results import LEVELS

IDS = list("abcdef")
ZONES = pd.Series(["centre", "centre", "periphery", "periphery", "periphery", "periphery"], index=IDS)
PEOPLE = pd.Series([100.0, 300.0, 100.0, 100.0, 200.0, 200.0], index=IDS)
RATE = pd.Series([4.0, 2.0, 1.0, 2.0, 0.5, 1.5], index=IDS, name="police_per_1000")
NESTED = pd.Series(["c", "c", "p", "p", "q", "q"], index=IDS)
CROSSED = pd.Series(["x", "y", "x", "y", "y", "y"], index=IDS)


def city() -> gpd.GeoDataFrame:
    columns = {
        "population": PEOPLE,
        "police": RATE * PEOPLE / 1000,
        "poverty": [10.0, 20, 30, 40, 50, 60],
        "zone": ZONES,
    }
    shapes = [box(at % 3, at // 3, at % 3 + 1, at // 3 + 1) for at in range(6)]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=IDS, crs="EPSG:32718")


def test_amounts_add_up_and_averages_weigh_by_people() -> None:
    """By hand: c has 400 people, 0.4 + 0.6 officers, (100·10 + 300·20)/400 = 17.5 % poverty."""
    found = merge(city(), NESTED, amounts=["police"], averages=["poverty"], zone="zone")
    table = found.to_frame()
    assert table.loc["c", ["units", "population", "police", "poverty"]].tolist() == pytest.approx([2, 400, 1.0, 17.5])
    assert table["zone"].to_dict() == {"c": "centre", "p": "periphery", "q": "periphery"}
    assert found.zone_share == 1
    assert table["police"].sum() == pytest.approx(city()["police"].sum())
    assert found.frame.geometry.area.sum() == pytest.approx(6)
    assert "6 neighbourhoods in 3 larger units" in found.summary()
    assert "6 barrios en 3 unidades mayores" in found.summary("es")


def test_a_part_that_is_known_is_not_the_whole() -> None:
    """An amount missing in one inhabited place is missing in its unit; an average speaks of those it knows."""
    frame = city()
    frame.loc["b", ["police", "poverty"]] = np.nan
    table = merge(frame, NESTED, amounts=["police"], averages=["poverty"]).to_frame()
    assert np.isnan(table.loc["c", "police"])
    assert table.loc["c", "poverty"] == 10
    frame.loc["b", "population"] = 0
    assert merge(frame, NESTED, amounts=["police"]).to_frame().loc["c", "police"] == pytest.approx(0.4)


def test_who_belongs_to_no_unit_is_named() -> None:
    found = merge(city(), NESTED.where(NESTED.index != "f"))
    assert found.left_out == ("f",)
    assert found.to_frame().loc["q", "population"] == 200


def test_the_zone_of_a_unit_is_that_of_most_of_its_people() -> None:
    """x: 100 of each zone, no majority; y: 300 of the centre, 500 of the periphery. 500 + 0 of 1,000 stay."""
    zones, share = majority(ZONES, CROSSED, weights=PEOPLE)
    assert pd.isna(zones["x"]) and zones["y"] == "periphery"
    assert share == pytest.approx(0.5)


def test_people_without_a_zone_count_against_a_majority() -> None:
    zones, _ = majority(ZONES.where(ZONES.index != "b", None), NESTED, weights=PEOPLE)
    assert pd.isna(zones["c"])


def test_units_within_the_zones_change_no_digit_of_the_gap() -> None:
    found = levels(RATE, ZONES, weights=PEOPLE, groups={"nested": NESTED}, replicates=99, permutations=99, rng=1).table
    assert list(found.columns) == list(LEVELS)
    alone = equity.gap(RATE, ZONES, weights=PEOPLE)
    for row in found.to_dict("records"):
        assert (row["centre"], row["periphery"]) == pytest.approx((alone.centre, alone.periphery))
        assert row["zone_share"] == 1
    merged = pd.Series({"c": 2.5, "p": 1.5, "q": 1.0})
    assert found.loc[1, "gini"] == pytest.approx(equity.gini(merged, weights=pd.Series({"c": 400, "p": 200, "q": 400})))


def test_a_level_without_a_gap_says_why_and_the_others_stay() -> None:
    one = pd.Series("all", index=IDS)
    found = levels(RATE, ZONES, weights=PEOPLE, groups={"city": one, "nested": NESTED}, permutations=99, rng=1)
    row = found.table.set_index("level").loc["city"]
    assert row["reason"] == "zone_empty_centre"
    assert np.isnan(row["difference"]) and row["gini"] == 0
    assert (found.told, found.same) == (2, 2)
    assert "at 2 of 2 levels" in found.summary()
    assert "of the people live in a unit whose zone" in found.summary()
    assert "de la gente vive en una unidad cuya zona" in found.summary("es")


def test_a_measure_without_a_gap_anywhere_is_told() -> None:
    everything = ZONES.replace("periphery", "centre")
    found = levels(RATE, everything, weights=PEOPLE, groups={"nested": NESTED}, permutations=99, rng=1)
    assert found.told == 0 and "no level gives a gap" in found.summary()


def test_a_missing_value_leaves_with_its_people_at_every_level() -> None:
    known = RATE.where(RATE.index != "e")
    found = levels(known, ZONES, weights=PEOPLE, groups={"nested": NESTED}, permutations=99, rng=1).table
    assert found["periphery"].tolist() == pytest.approx([(100 + 200 + 300) / 400] * 2)


def test_moran_is_told_where_neighbours_are_known() -> None:
    places = city()
    graphs = {"neighbourhood": weights.contiguity(places, kind="rook")}
    found = levels(RATE, ZONES, weights=PEOPLE, groups={"nested": NESTED}, graphs=graphs, permutations=99, rng=1).table
    assert found["moran"].notna().tolist() == [True, False]


def test_the_order_of_rows_and_another_level_change_no_digit() -> None:
    order = [3, 1, 5, 0, 4, 2]
    first = levels(RATE, ZONES, weights=PEOPLE, groups={"nested": NESTED}, permutations=99, rng=1).table
    second = levels(
        RATE.iloc[order], ZONES, weights=PEOPLE, groups={"nested": NESTED.iloc[order], "crossed": CROSSED},
        permutations=99, rng=1,
    ).table  # fmt: skip
    pd.testing.assert_frame_equal(first, second.iloc[:2])


def test_what_cannot_be_merged_is_refused() -> None:
    with pytest.raises(LayerError, match="income"):
        merge(city(), NESTED, averages=["income"])
    with pytest.raises(LayerError, match="lacks a unit"):
        merge(city(), pd.Series(None, index=IDS, dtype=object))
    with pytest.raises(LayerError, match="same name"):
        levels(RATE, ZONES, weights=PEOPLE, groups={"neighbourhood": NESTED})
    with pytest.raises(AlignmentError):
        merge(city(), NESTED.iloc[1:])
    with pytest.raises(LayerError, match="EPSG:4326"):
        merge(city().to_crs("EPSG:4326"), NESTED)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 100), min_size=6, max_size=6),
    st.lists(st.integers(1, 1000), min_size=6, max_size=6),
    st.lists(st.sampled_from("uvw"), min_size=6, max_size=6),
)
def test_merging_keeps_people_and_amounts_and_never_raises_inequality(
    rate: list[float], people: list[int], units: list[str]
) -> None:
    """Merging is averaging, and an average of everybody's is a Lorenz improvement (Hardy, Littlewood and Pólya)."""
    frame = city().assign(population=people, police=np.multiply(rate, people), value=rate)
    groups = pd.Series(units, index=IDS)
    found = merge(frame, groups, amounts=["police"], averages=["value"]).to_frame()
    assert found["population"].sum() == sum(people)
    assert found["police"].sum() == pytest.approx(float(np.dot(rate, people)))
    assert (found["value"] * found["population"]).to_numpy() == pytest.approx(found["police"].to_numpy())
    if sum(rate) > 1e-6:
        before = equity.gini(frame["value"], weights=frame["population"])
        assert equity.gini(found["value"], weights=found["population"]) <= before + 1e-9


@pytest.mark.real
def test_buenos_aires_from_radios_to_barrios_to_comunas(data_folder: Path) -> None:
    """3,554 census radios are 48 barrios and 15 comunas: people, households and shapes add up to the published ones."""
    folder = data_folder / "argentina_buenos_aires"
    radios = gpd.read_file(folder / "radios_censales_2010.geojson").to_crs("EPSG:32721").set_index("RADIO_ID")
    radios = radios.rename(columns={"POBLACION": "population"})
    barrios = merge(radios, radios["BARRIO"], amounts=["HOGARES", "HOGARES_NBI"]).frame
    comunas = merge(radios, radios["COMUNA"], amounts=["HOGARES"]).frame
    assert (len(radios), len(barrios), len(comunas)) == (3554, 48, 15)
    people = pd.read_csv(folder / "poblacion_barrios_2010.csv").set_index("BARRIO")["POBLACION"]
    assert barrios["population"].sum() == comunas["population"].sum() == radios["population"].sum() == 2_890_151
    assert barrios["population"].to_dict() == people.to_dict()
    outline = gpd.read_file(folder / "barrios.geojson").to_crs("EPSG:32721").set_index("BARRIO")
    share = barrios.geometry.intersection(outline.geometry.reindex(barrios.index)).area / barrios.geometry.area
    assert share.min() > 0.85

    need = 100 * radios["HOGARES_NBI"] / radios["HOGARES"].where(radios["HOGARES"] > 0)
    plaza = gpd.GeoSeries.from_xy([-58.3731], [-34.6083], crs="EPSG:4326").to_crs("EPSG:32721").iloc[0]
    zones = pd.Series(np.where(radios.geometry.centroid.distance(plaza) <= 3000, "centre", "periphery"), radios.index)
    groups = {"barrio": radios["BARRIO"], "comuna": radios["COMUNA"]}
    graphs = {"neighbourhood": weights.knn(radios, k=4), "barrio": weights.contiguity(barrios, snap_m=0.5)}
    found = levels(
        need.rename("nbi"), zones, weights=radios["HOGARES"], groups=groups, graphs=graphs, replicates=199,
        permutations=199, rng=2010,
    )  # fmt: skip
    table = found.table.set_index("level")
    by_hand = radios.groupby(zones)[["HOGARES_NBI", "HOGARES"]].sum()
    expected = 100 * by_hand["HOGARES_NBI"] / by_hand["HOGARES"]
    assert table.loc["neighbourhood", "centre"] == pytest.approx(expected["centre"])
    assert table.loc["neighbourhood", "periphery"] == pytest.approx(expected["periphery"])
    assert table["n"].to_dict() == {"neighbourhood": int(need.notna().sum()), "barrio": 48, "comuna": 15}
    assert table["gini"].is_monotonic_decreasing
    assert 0.5 < table.loc["comuna", "zone_share"] <= table.loc["barrio", "zone_share"] + 0.2 <= 1.2
