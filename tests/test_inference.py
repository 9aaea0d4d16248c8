"""The bootstrap and the permutation test: against other implementations, by hand, and by repeated simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.gaps import compare_zones
from secequity.inference import bootstrap, bootstrap_each, permutation_test

IDS = [f"n{i:02}" for i in range(40)]


@pytest.fixture
def data() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({"x": rng.gamma(2.0, 1.0, 40), "y": rng.normal(size=40)}, index=IDS)


def mean(drawn: pd.DataFrame) -> float:
    return float(drawn["x"].mean())


def centre_mean(moved: pd.DataFrame, labels: pd.Series) -> float:
    return float(moved.loc[labels == "centre", "x"].mean())


@pytest.mark.parametrize("method", ["BCa", "percentile", "basic"])
def test_the_bootstrap_agrees_with_scipy(data: pd.DataFrame, method: str) -> None:
    found = bootstrap(mean, data, replicates=1999, method=method, level=0.9, rng=1)
    peer = stats.bootstrap((data["x"],), np.mean, n_resamples=19999, confidence_level=0.9, method=method, rng=2)
    assert found.estimate == pytest.approx(data["x"].mean())
    assert found.low == pytest.approx(peer.confidence_interval.low, abs=0.2 * peer.standard_error)
    assert found.high == pytest.approx(peer.confidence_interval.high, abs=0.2 * peer.standard_error)


def test_rows_and_frames_give_the_same_digits(data: pd.DataFrame) -> None:
    x = data["x"].to_numpy()
    slow = bootstrap(mean, data, replicates=99, rng=1)
    fast = bootstrap(lambda rows: x[rows].mean(axis=-1), data, replicates=99, vectorised=True, rng=1)
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high), abs=1e-13)


def test_drawn_neighbourhoods_are_numbered_afresh_and_groups_keep_their_size(data: pd.DataFrame) -> None:
    groups = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS)
    sizes = set()

    def look(drawn: pd.DataFrame) -> float:
        assert drawn.index.is_unique
        sizes.add(tuple(drawn["zone"].value_counts().sort_index()))
        return float(drawn["x"].mean())

    bootstrap(look, data.assign(zone=groups), groups=groups, replicates=50, method="percentile", rng=1)
    assert sizes == {(10, 30)}


def test_several_figures_from_the_same_resamples(data: pd.DataFrame) -> None:
    found = bootstrap_each(
        lambda drawn: (drawn["x"].mean(), 2 * drawn["x"].mean()), data, names=("one", "two"), replicates=99, rng=1
    )
    assert found["two"].low == pytest.approx(2 * found["one"].low)
    assert found["one"].low == pytest.approx(bootstrap(mean, data, replicates=99, rng=1).low)


def test_a_seed_fixes_every_digit_in_any_order_of_rows(data: pd.DataFrame) -> None:
    labels = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS)
    shuffled = data.sample(frac=1, random_state=1)
    for rng in (4, np.random.default_rng(4)):
        first = bootstrap(mean, data, groups=labels, replicates=99, rng=4)
        again = bootstrap(mean, shuffled, groups=labels, replicates=99, rng=rng)
        assert (first.low, first.high) == (again.low, again.high)
    p = [permutation_test(centre_mean, one, labels=labels, permutations=99, rng=4).p_value for one in (data, shuffled)]
    assert p[0] == p[1]
    assert bootstrap(mean, data, replicates=99, rng=5).low != first.low


def test_the_global_random_state_is_left_alone(data: pd.DataFrame) -> None:
    labels = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    bootstrap(mean, data, replicates=20, rng=1)
    permutation_test(centre_mean, data, labels=labels, permutations=20)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize(
    ("figure", "groups", "reason"),
    [
        (mean, ["a"] * 39 + ["b"], "one_row"),
        (lambda drawn: 0.1, None, "no_spread"),
        (lambda drawn: np.nan if drawn["x"].min() > 0.5 else 1.0, None, "undefined"),
        (lambda drawn: drawn["x"].max() + (1 if drawn["x"].is_unique else 0), None, "one_sided"),
    ],
)
def test_no_interval_where_none_can_be_told(data: pd.DataFrame, figure, groups: list[str] | None, reason: str) -> None:
    groups = None if groups is None else pd.Series(groups, index=IDS)
    found = bootstrap(figure, data, groups=groups, replicates=99, rng=1)
    assert found.reason == reason
    assert np.isnan([found.low, found.high]).all()
    assert found.summary().startswith("No interval")
    assert found.summary("es").startswith("Sin intervalo")


def test_an_interval_speaks(data: pd.DataFrame) -> None:
    found = bootstrap(mean, data, replicates=99, rng=1)
    assert found.reason is None
    assert found.summary().startswith("95 % interval: from ")
    assert found.to_frame().loc[0, "method"] == "BCa"
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_the_exact_test_agrees_with_scipy(data: pd.DataFrame, alternative: str) -> None:
    small = data.iloc[:9]
    labels = pd.Series(["centre"] * 4 + ["periphery"] * 5, index=small.index)
    found = permutation_test(centre_mean, small, labels=labels, alternative=alternative)
    peer = stats.permutation_test(
        (small["x"].iloc[:4], small["x"].iloc[4:]), lambda a, b: np.mean(a), alternative=alternative
    )
    assert found.exact
    assert found.permutations == 126
    assert found.p_value == pytest.approx(peer.pvalue, abs=1e-15)
    assert "all 126 arrangements" in found.summary()


def test_the_random_test_counts_the_city_as_seen(data: pd.DataFrame) -> None:
    labels = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS)
    extreme = data.assign(x=np.where(labels == "centre", 100.0, 0.0))
    found = permutation_test(centre_mean, extreme, labels=labels, permutations=199, alternative="greater", rng=1)
    assert not found.exact
    assert found.p_value == 1 / 200
    assert "p = 0.005 (199 random arrangements)" in found.summary()


def test_rows_and_frames_agree_on_the_test(data: pd.DataFrame) -> None:
    x = data["x"].to_numpy()
    labels = pd.Series(["centre", "periphery", "periphery", "periphery"] * 10, index=IDS)
    inside = np.flatnonzero(labels == "centre")
    options = {"labels": labels, "permutations": 199, "rng": 1}
    slow = permutation_test(centre_mean, data, **options)
    fast = permutation_test(lambda rows: x[rows[..., inside]].mean(axis=-1), data, vectorised=True, **options)
    assert slow.p_value == fast.p_value
    assert slow.value == pytest.approx(fast.value)


def test_more_than_two_labels_are_enumerated_too() -> None:
    small = pd.DataFrame({"x": [1.0, 2.0, 4.0, 8.0]}, index=list("abcd"))
    labels = pd.Series(["core", "ring", "ring", "edge"], index=list("abcd"))
    seen = set()

    def look(moved: pd.DataFrame, given: pd.Series) -> float:
        seen.add((moved.loc["a", "x"], tuple(sorted(moved.loc[["b", "c"], "x"])), moved.loc["d", "x"]))
        return float(moved.loc["d", "x"])

    found = permutation_test(look, small, labels=labels, alternative="greater")
    assert found.permutations == len(seen) == 12
    assert found.p_value == 3 / 12


def test_figures_equal_but_for_rounding_count_as_ties() -> None:
    data = pd.DataFrame({"x": [0.1, 0.2, 0.3, 0.3, 0.2, 0.1]}, index=list("abcdef"))
    labels = pd.Series(["centre", "centre", "centre", "periphery", "periphery", "periphery"], index=list("abcdef"))

    def difference(moved: pd.DataFrame, given: pd.Series) -> float:
        return float(moved.loc[given == "centre", "x"].sum() - moved.loc[given == "periphery", "x"].sum())

    assert permutation_test(difference, data, labels=labels).p_value == 1


def test_a_figure_that_does_not_exist_has_no_p_value(data: pd.DataFrame) -> None:
    labels = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS)
    found = permutation_test(lambda moved, given: np.nan, data, labels=labels, permutations=9)
    assert np.isnan(found.p_value)
    assert found.summary().startswith("No test")


def test_what_cannot_be_used_is_refused(data: pd.DataFrame) -> None:
    labels = pd.Series(["centre"] * 10 + ["periphery"] * 30, index=IDS, name="zone")
    for wrong in ({"replicates": 0}, {"level": 0.0}, {"method": "studentised"}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            bootstrap(mean, data, **wrong)
    for wrong in ({"permutations": 0}, {"alternative": "both"}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            permutation_test(centre_mean, data, labels=labels, **wrong)
    with pytest.raises(LayerError, match="all labels are the same"):
        permutation_test(centre_mean, data, labels=labels.replace("centre", "periphery"))
    with pytest.raises(LayerError, match=r"labels is missing.*n00"):
        permutation_test(centre_mean, data, labels=labels.where(labels.index != "n00"))
    with pytest.raises(LayerError, match="no neighbourhoods"):
        bootstrap(mean, data.iloc[:0])
    with pytest.raises(AlignmentError, match="n07"):
        bootstrap(mean, data, groups=labels.drop("n07"))
    with pytest.raises(AlignmentError, match="n00"):
        bootstrap(mean, pd.concat([data, data.iloc[:1]]))


def draw_city(rng: np.random.Generator, *, centre: float, n: int) -> tuple[pd.Series, pd.Series, pd.Series]:
    """A city of one process: rates and people independent, the centre's rate `centre` times the periphery's 1."""
    ids = [f"n{i:03}" for i in range(2 * n)]
    zones = pd.Series(["centre"] * n + ["periphery"] * n, index=ids)
    rate = pd.Series(rng.gamma(2.0, 0.5, 2 * n), index=ids).where(
        zones == "periphery", centre * rng.gamma(2.0, 0.5, 2 * n)
    )
    return rate, zones, pd.Series(rng.integers(500, 1500, 2 * n), index=ids)


def test_the_interval_covers_the_true_gap_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    runs = 250
    covered = {"difference": 0, "ratio": 0}
    for _ in range(runs):
        rate, zones, people = draw_city(rng, centre=1.5, n=50)
        found = compare_zones(rate, zones, weights=people, replicates=999, permutations=1, rng=rng)
        covered["difference"] += found.interval.low <= 0.5 <= found.interval.high
        covered["ratio"] += found.ratio_interval.low <= 1.5 <= found.ratio_interval.high
    error = 3 * np.sqrt(0.95 * 0.05 / runs)
    for share in covered.values():
        assert 0.95 - error - 0.01 < share / runs < 0.95 + error


def test_the_test_rejects_a_true_null_as_often_as_it_says() -> None:
    rng = np.random.default_rng(12)
    runs = 800
    p = np.empty(runs)
    for run in range(runs):
        rate, zones, people = draw_city(rng, centre=1.0, n=15)
        weight = people.to_numpy()
        amount, inside = rate.to_numpy() * weight, np.flatnonzero(zones == "centre")

        def centre_rate(rows: np.ndarray, amount=amount, weight=weight, inside=inside) -> np.ndarray:
            return amount[rows[..., inside]].sum(axis=-1) / weight[rows[..., inside]].sum(axis=-1)

        frame = rate.to_frame()
        p[run] = permutation_test(centre_rate, frame, labels=zones, permutations=199, vectorised=True, rng=rng).p_value
    for level in (0.05, 0.2):
        assert abs((p <= level).mean() - level) < 3 * np.sqrt(level * (1 - level) / runs)


@pytest.mark.parametrize(("count", "size"), [(3, 1), (7, 7), (50, 12), (1000, 256), (9000, 20)])
def test_sets_drawn_together_are_those_drawn_one_by_one(count: int, size: int) -> None:
    from secequity.inference import permutation

    generators = [np.random.default_rng(5) for _ in range(2)]
    together, one_by_one = (
        draw(generator, 900, count=count, size=size)
        for draw, generator in zip((permutation._together, permutation._one_by_one), generators, strict=True)
    )
    np.testing.assert_array_equal(together, one_by_one)
    assert generators[0].random() == generators[1].random()
