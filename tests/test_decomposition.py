"""The gap split by need: by hand, against plain least squares, and Kitagawa's two components of a difference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.gaps import decompose
from secequity.results import DECOMPOSITION

IDS = [f"n{at:03}" for at in range(120)]


@pytest.fixture
def city() -> tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(2)
    zones = pd.Series(np.where(np.arange(120) < 40, "centre", "periphery"), index=IDS)
    core = (zones == "centre").to_numpy()
    needs = pd.DataFrame(
        {
            "crime": rng.normal(2, 1, 120) + core,
            "density": rng.gamma(2.0, 1.0, 120),
            "street": ["paved", "gravel", "earth"] * 40,
        },
        index=IDS,
    )
    value = 1 + needs["crime"] * (0.5 + 0.2 * core) + 0.3 * needs["density"] + 0.7 * (needs["street"] == "paved")
    rate = (value + rng.normal(0, 0.3, 120)).rename("x")
    return rate, zones, needs, pd.Series(rng.integers(100, 900, 120), index=IDS, name="population")


def plain(
    rate: pd.Series, zones: pd.Series, needs: pd.DataFrame, people: pd.Series
) -> dict[str, tuple[np.ndarray, float]]:
    """Explained parts (crime, density, street) by least squares with one category left out, and the unexplained."""
    core = (zones == "centre").to_numpy()
    categories = pd.get_dummies(needs["street"], dtype=float)[["gravel", "paved"]]
    design = np.column_stack([np.ones(len(rate)), needs[["crime", "density"]], categories])

    def fit(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        root = np.sqrt(people[rows].to_numpy(dtype=float))
        return np.linalg.lstsq(columns[rows] * root[:, None], rate[rows].to_numpy() * root, rcond=None)[0]

    centre, periphery = fit(core, design), fit(~core, design)
    pooled = fit(np.ones(len(rate), dtype=bool), np.column_stack([design, core]))[:-1]
    means = [np.average(design[rows], axis=0, weights=people[rows]) for rows in (core, ~core)]
    gap = np.average(rate[core], weights=people[core]) - np.average(rate[~core], weights=people[~core])
    told = {}
    slopes = {"centre": centre, "periphery": periphery, "pooled": pooled, "average": (centre + periphery) / 2}
    for reference, beta in slopes.items():
        parts = (means[0] - means[1]) * beta
        told[reference] = (np.array([parts[1], parts[2], parts[3:].sum()]), gap - parts[1:].sum())
    return told


def test_all_references_agree_with_plain_least_squares(
    city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series],
) -> None:
    rate, zones, needs, people = city
    references = ("pooled", "centre", "periphery", "average")
    found = decompose(rate, zones, needs, weights=people, reference=references, replicates=99, rng=1)
    for reference, (parts, rest) in plain(rate, zones, needs, people).items():
        table = found.table[found.table["reference"] == reference].set_index("term")
        assert table.loc[["crime", "density", "street"], "explained"].to_numpy() == pytest.approx(parts)
        assert table.loc["total", "explained"] == pytest.approx(parts.sum())
        assert table.loc["total", "unexplained"] == pytest.approx(rest)
        assert table.loc["total", "share"] == pytest.approx(parts.sum() / found.difference)
        assert (table["low"] <= table["explained"]).all()
        assert (table["explained"] <= table["high"]).all()
    assert tuple(found.table.columns) == DECOMPOSITION


def test_by_hand_with_one_need() -> None:
    """Centre: x = 1 + 2z at z = 1, 2, 3; periphery: x = 1 + z at z = 0, 1, 2. Gap 5 − 2 = 3."""
    ids = list("abcdef")
    rate = pd.Series([3.0, 5.0, 7.0, 1.0, 2.0, 3.0], index=ids, name="x")
    zones = pd.Series(["centre"] * 3 + ["periphery"] * 3, index=ids)
    need = pd.DataFrame({"z": [1.0, 2.0, 3.0, 0.0, 1.0, 2.0]}, index=ids)
    references = ("centre", "periphery", "average", "pooled")
    found = decompose(rate, zones, need, weights=pd.Series(10, index=ids), reference=references).table
    explained = found[found["term"] == "total"].set_index("reference")["explained"]
    assert explained.to_dict() == pytest.approx({"centre": 2.0, "periphery": 1.0, "average": 1.5, "pooled": 1.5})
    unexplained = found[found["term"] == "total"].set_index("reference")["unexplained"]
    assert (explained + unexplained).to_numpy() == pytest.approx(np.full(4, 3.0))


def test_categories_with_the_average_reference_are_kitagawas_components() -> None:
    """Composition Σ Δp·r̄ and rates Σ Δr·p̄, where every neighbourhood of a zone and category has the same rate."""
    people = {
        "centre": {"flat": 600, "slope": 300, "ravine": 100},
        "periphery": {"flat": 200, "slope": 300, "ravine": 500},
    }
    rates = {
        "centre": {"flat": 4.0, "slope": 3.0, "ravine": 1.0},
        "periphery": {"flat": 3.0, "slope": 2.5, "ravine": 0.5},
    }
    cells = [(zone, kind) for zone in people for kind in people[zone] for _ in range(2)]
    ids = [f"n{at:02}" for at in range(len(cells))]
    zones = pd.Series([zone for zone, _ in cells], index=ids)
    found = decompose(
        pd.Series([rates[zone][kind] for zone, kind in cells], index=ids, name="x"),
        zones,
        pd.DataFrame({"ground": [kind for _, kind in cells]}, index=ids),
        weights=pd.Series([people[zone][kind] / 2 for zone, kind in cells], index=ids),
        reference="average",
    )
    kinds = list(people["centre"])
    share = {zone: np.array([people[zone][kind] / 1000 for kind in kinds]) for zone in people}
    rate = {zone: np.array([rates[zone][kind] for kind in kinds]) for zone in people}
    composition = ((share["centre"] - share["periphery"]) * (rate["centre"] + rate["periphery"]) / 2).sum()
    effect = ((rate["centre"] - rate["periphery"]) * (share["centre"] + share["periphery"]) / 2).sum()
    total = found.table.set_index("term").loc["total"]
    assert (composition, effect) == pytest.approx((1.1, 0.7))
    assert (total["explained"], total["unexplained"]) == pytest.approx((composition, effect))
    assert found.difference == pytest.approx(composition + effect)


def test_no_category_is_left_out_in_the_detail(city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]) -> None:
    """Renaming the categories, and so the one a usual design would leave out, changes nothing."""
    rate, zones, needs, people = city
    words = {"paved": "a", "gravel": "c", "earth": "b"}
    first = decompose(rate, zones, needs[["street"]], weights=people, replicates=99, rng=1).table
    again = decompose(rate, zones, needs[["street"]].replace(words), weights=people, replicates=99, rng=1).table
    columns = ["explained", "unexplained", "low", "high"]
    assert first[columns].to_numpy() == pytest.approx(again[columns].to_numpy(), nan_ok=True)
    assert first["unexplained"].notna().all()
    assert first.set_index(["reference", "term"]).loc[("pooled", "street"), "low"] < 0.2


def test_a_category_that_a_resample_may_lack_leaves_no_interval() -> None:
    ids = IDS[:80]
    zones = pd.Series(["centre"] * 40 + ["periphery"] * 40, index=ids)
    ground = pd.DataFrame({"ground": ["ravine", "ravine"] + ["flat"] * 38 + ["flat", "ravine"] * 20}, index=ids)
    rate = pd.Series(np.random.default_rng(1).gamma(2.0, 1.0, 80), index=ids, name="x")
    found = decompose(rate, zones, ground, weights=pd.Series(9, index=ids), replicates=199, rng=1).table
    reasons = found[found["term"] == "total"].set_index("reference")["reason"]
    assert reasons["centre"] == "undefined"
    assert pd.isna(reasons["periphery"])


def test_a_number_has_no_unexplained_part_of_its_own(
    city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series],
) -> None:
    rate, zones, needs, people = city
    shifted = needs.assign(crime=100 * needs["crime"] + 7)
    tables = [decompose(rate, zones, one, weights=people, replicates=99, rng=1).table for one in (needs, shifted)]
    assert tables[0].loc[tables[0]["term"] != "total", "unexplained"].isna().all()
    columns = ["explained", "low", "high"]
    assert tables[0][columns].to_numpy() == pytest.approx(tables[1][columns].to_numpy())


@pytest.mark.parametrize("count", [20, 45])
def test_intervals_of_few_are_the_jackknifes(
    city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series], count: int
) -> None:
    rate, zones, needs, people = city
    kept = [*IDS[: 40 if count == 45 else 15], *IDS[40 : 40 + count]]
    found = decompose(rate[kept], zones[kept], needs.loc[kept, ["crime"]], weights=people[kept], replicates=99, rng=1)
    assert set(found.table["method"]) == {"BCa" if count == 45 else "jackknife-t"}


def test_what_cannot_be_told_says_why(city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]) -> None:
    rate, zones, needs, people = city
    one = decompose(
        rate.iloc[39:], zones.iloc[39:], needs.iloc[39:][["crime"]], weights=people.iloc[39:], replicates=99, rng=1
    ).table
    reasons = one[one["term"] == "total"].set_index("reference")["reason"]
    assert reasons["centre"] == "few_rows"
    assert one.set_index(["reference", "term"]).loc[("periphery", "total"), "explained"] == pytest.approx(
        one.set_index(["reference", "term"]).loc[("periphery", "crime"), "explained"]
    )
    twice = decompose(rate, zones, needs[["crime"]].assign(again=2 * needs["crime"]), weights=people)
    assert set(twice.table["reason"]) == {"collinear"}
    assert "cannot be told" in twice.summary()
    assert "no se puede decir" in twice.summary("es")


def test_neighbourhoods_without_a_need_are_named(city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]) -> None:
    rate, zones, needs, people = city
    found = decompose(rate, zones, needs.mask(needs.index.to_series() == "n005"), weights=people, replicates=99, rng=1)
    assert found.left_out == ("n005",)
    assert "left out: 1" in found.summary()


def test_the_order_of_rows_changes_no_digit(city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]) -> None:
    rate, zones, needs, people = city
    first = decompose(rate, zones, needs, weights=people, replicates=99, rng=1).table
    again = decompose(
        rate.iloc[::-1], zones, needs.sample(frac=1, random_state=1), weights=people, replicates=99, rng=1
    )
    pd.testing.assert_frame_equal(first, again.table, check_exact=True)


def test_mistakes_are_told(city: tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]) -> None:
    rate, zones, needs, people = city
    with pytest.raises(ConfigError, match="reference"):
        decompose(rate, zones, needs, weights=people, reference="nobody")
    with pytest.raises(LayerError, match="no needs"):
        decompose(rate, zones, needs[[]], weights=people)
    with pytest.raises(LayerError, match="crime"):
        decompose(rate, zones, needs.assign(crime=np.inf), weights=people)
    with pytest.raises(AlignmentError, match="n000"):
        decompose(rate, zones, needs.drop("n000"), weights=people)
