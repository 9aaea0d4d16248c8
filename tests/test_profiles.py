"""What participation consists of: by hand, tested with the nominal error, and no cell that can be had back."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx
from scipy.stats import binomtest

import secequity as se
from secequity.errors import LayerError

ZONES = pd.Series({"a": "centre", "b": "centre", "c": "periphery", "d": "periphery", "e": None}, dtype=object)


def log(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["id", "activity", "people", "hours"])
    return frame.assign(times=1.0, imputed=False)


ROWS = [
    *[("a", "complaint", 9, 1.0)] * 3,
    ("a", "night_patrol", 8, 4.0),
    *[("b", "meeting", 20, 2.0)] * 4,
    *[("c", "night_patrol", 7, 5.0)] * 5,
    *[("d", "faena", 30, 3.0)] * 3,
    ("d", "meeting", 12, 2.0),
    ("d", "petition", 8, np.nan),
    ("e", "walk", 9, 1.0),
]


def test_composition_by_hand() -> None:
    table = se.profiles.composition(log(ROWS), ZONES, k=5).set_index(["zone", "activity"])
    assert len(table) == 16
    assert table.loc[("centre", "complaint"), ["activities", "people", "hours", "share"]].tolist() == [3, 27, 27, 3 / 8]
    assert table.loc[("periphery", "night_patrol"), ["activities", "people", "hours"]].tolist() == [5, 35, 175]
    assert table.loc[("periphery", "walk"), ["activities", "hours", "share"]].tolist() == [0, 0, 0]
    assert pd.isna(table.loc[("periphery", "petition"), "hours"])
    assert not table["suppressed"].any()
    assert table.groupby("zone")["share"].sum().tolist() == approx([1, 1])
    assert table.loc[("centre", "dues"), "kind"] == "embodied"


def test_people_of_one_neighbourhood_are_not_added_up_and_of_two_are() -> None:
    """Nine complaints of the same four neighbours are of four; three of one place and three of another are of six."""
    rows = [*[("a", "complaint", 4, 1.0)] * 9, ("a", "meeting", 30, 1.0), ("a", "petition", 40, 1.0)]
    table = se.profiles.composition(log(rows), ZONES, k=5).set_index(["zone", "activity"])
    assert table["suppressed"]["centre"][["complaint", "meeting", "petition"]].tolist() == [True, True, False]
    shared = [("a", "complaint", 3, 1.0), ("b", "complaint", 3, 1.0), ("a", "meeting", 30, 1.0)]
    assert not se.profiles.composition(log(shared), ZONES, k=5)["suppressed"].any()


def test_a_kind_of_few_people_takes_another_cell_with_it() -> None:
    """The only embodied activity of the centre is of three people: the kind's total would give it back."""
    rows = [("a", "faena", 3, 1.0), ("a", "meeting", 30, 1.0), ("b", "petition", 9, 1.0), *ROWS[8:]]
    table = se.profiles.composition(log(rows), ZONES, k=5).set_index(["zone", "activity"])
    assert table["suppressed"]["centre"][["faena", "petition", "meeting"]].tolist() == [True, True, False]
    _, zones = se.profiles.embodied_share(log(rows), ZONES, k=5)
    assert zones.loc["centre", "status"] == "suppressed"
    assert pd.isna(zones.loc["centre", "embodied_share"])


def test_embodied_share_by_hand() -> None:
    """Centre 1 of 8, periphery 8 of 10. Linearised by hand for the periphery: residuals 5 − 4 and 3 − 4, so
    √(2/1·2)/10 = 0.2, over 0.8·0.2, times t₁(0.975) = 12.706, on the log-odds ln 4."""
    areas, zones = se.profiles.embodied_share(log(ROWS), ZONES, k=5)
    assert areas["embodied_share"].tolist() == [0.25, 0, 1, 0.6, 0]
    assert zones["embodied_share"].tolist() == [0.125, 0.8]
    half = 12.7062047 * 0.2 / 0.16
    assert zones.loc["periphery", "low"] == approx(1 / (1 + np.exp(-(np.log(4) - half))))
    assert zones.loc["periphery", "high"] == approx(1 / (1 + np.exp(-(np.log(4) + half))))


def test_a_withheld_share_of_a_neighbourhood_takes_a_second_one() -> None:
    rows = [("a", "faena", 3, 1.0), *[("a", "meeting", 30, 1.0)] * 4, *[("b", "faena", 9, 1.0)] * 2,
            ("b", "meeting", 8, 1.0), *ROWS[8:]]  # fmt: skip
    areas, zones = se.profiles.embodied_share(log(rows), ZONES, k=5)
    assert areas["status"].tolist() == ["suppressed", "suppressed", "ok", "ok", "ok"]
    assert areas[["embodied_share", "low", "high"]].iloc[:2].isna().all(axis=None)
    assert zones.loc["centre", "embodied_share"] == approx(3 / 8)


def test_wilson_as_published() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263 and 15 of 148."""
    low, high = se.shares.wilson(pd.Series([81 / 263, 15 / 148]), pd.Series([263.0, 148.0]))
    assert low.round(4).tolist() == [0.2553, 0.0624]
    assert high.round(4).tolist() == [0.3662, 0.1605]


@pytest.mark.parametrize(("distance", "value"), [("total_variation", 0.775), ("aitchison", None)])
def test_distance_and_p_value_against_every_labelling(distance: Any, value: float | None) -> None:
    """Total variation by hand: centre (1/8 patrol, 1/2 meeting, 3/8 complaint), periphery (.5, .3 faena, .1, .1).
    ½(.375 + .3 + .4 + .375 + .1) = 0.775. Every one of the six labellings is as likely."""
    records = log(ROWS)
    found = se.profiles.composition_test(records, ZONES, distance=distance, permutations=4999, rng=3)
    counts = pd.crosstab(records["id"], records["activity"]).reindex(index=list("abcd")).fillna(0)
    counts = counts.reindex(columns=list(se.participation.ACTIVITIES), fill_value=0).to_numpy(dtype=float)

    def far(inside: tuple[int, ...]) -> float:
        sides = [counts[list(inside)].sum(axis=0), counts[[at for at in range(4) if at not in inside]].sum(axis=0)]
        if distance == "aitchison":
            logs = [np.log(one + 0.5) - np.log(one + 0.5).mean() for one in sides]
            return float(np.sqrt(((logs[0] - logs[1]) ** 2).sum()))
        return float(np.abs(sides[0] / sides[0].sum() - sides[1] / sides[1].sum()).sum() / 2)

    every = [far(pair) for pair in combinations(range(4), 2)]
    assert found.value == approx(far((0, 1)))
    if value is not None:
        assert found.value == approx(value)
    assert found.expected == approx(np.mean(every), abs=0.02)
    assert found.p_value == approx(np.mean([one >= found.value - 1e-9 for one in every]), abs=0.02)
    assert found.summary("es") != found.summary("en")


def test_the_test_errs_at_its_nominal_rate() -> None:
    """No difference between the zones, and neighbourhoods that repeat what they do: 5 % of the tests find one."""
    rng = np.random.default_rng(11)
    zones = pd.Series(["centre"] * 8 + ["periphery"] * 16, index=[f"n{at}" for at in range(24)])
    rejected, runs = 0, 200
    for _ in range(runs):
        habits = rng.dirichlet(np.ones(4), 24)
        rows = [
            {"id": f"n{at}", "activity": se.participation.ACTIVITIES[kind], "times": float(times)}
            for at in range(24)
            for kind, times in enumerate(rng.multinomial(10, habits[at]))
            if times
        ]
        test = se.profiles.composition_test(pd.DataFrame(rows), zones, permutations=199, rng=rng)
        rejected += test.p_value <= 0.05
    assert binomtest(rejected, runs, 0.05).pvalue > 0.001


def test_together_hides_what_a_distance_could_tell() -> None:
    """With complaints and meetings as one, only their sum counts."""
    moved = [("b", "complaint", 20, 2.0) if one[1] == "meeting" and one[0] == "b" else one for one in ROWS]
    both = [
        se.profiles.composition_test(log(rows), ZONES, together=["complaint", "meeting"], permutations=99, rng=1).value
        for rows in (ROWS, moved)
    ]
    assert both[0] == approx(both[1])
    apart = [se.profiles.composition_test(log(rows), ZONES, permutations=99, rng=1).value for rows in (ROWS, moved)]
    assert apart[0] != approx(apart[1])


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(LayerError, match="only one zone"):
        se.profiles.composition_test(log(ROWS[:8]), ZONES)
    other: Any = "euclid"
    with pytest.raises(LayerError, match="euclid"):
        se.profiles.composition_test(log(ROWS), ZONES, distance=other)


@given(st.permutations(range(len(ROWS))))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    shuffled = log([ROWS[at] for at in order])
    pd.testing.assert_frame_equal(
        se.profiles.composition(shuffled, ZONES, k=5), se.profiles.composition(log(ROWS), ZONES, k=5)
    )
    one, other = (se.profiles.composition_test(each, ZONES, permutations=99, rng=5) for each in (shuffled, log(ROWS)))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


def test_the_embedded_citys_truth_is_found() -> None:
    """Built into the model: 0.85 of the centre's activities and 0.30 of the periphery's leave a paper."""
    from conftest import HUAMANGA

    study = se.read_study(HUAMANGA / "study.toml")
    assert study.participation is not None
    _, zones = se.profiles.embodied_share(study.participation.records, study.zones, k=5, level=0.99)
    for zone, truth in (("centre", 0.15), ("periphery", 0.70)):
        assert zones.loc[zone, "low"] < truth < zones.loc[zone, "high"]
    test = se.profiles.composition_test(study.participation.records, study.zones, permutations=999, rng=1)
    assert test.p_value == 0.001
    assert 0.5 < test.value < 0.65
