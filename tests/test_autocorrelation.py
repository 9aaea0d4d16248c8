"""Permutation tests against exact enumeration, hand calculations and laws."""

from __future__ import annotations

from itertools import combinations, permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy.sparse import csr_array
from scipy.stats import chisquare, false_discovery_control, hypergeom
from shapely import box

from secequity import autocorrelation as ac
from secequity import weights
from secequity.autocorrelation import draws, weighted
from secequity.autocorrelation.draws import orders
from secequity.autocorrelation.links import Links
from secequity.autocorrelation.references import conditional_p, enough, local_p
from secequity.errors import AlignmentError, LayerError
from secequity.texts import LANGUAGES

SIGNIFICANCE = ("p_value", "p_fdr")


def lattice(rows: int, columns: int) -> Graph:
    cells = {f"{r:02d}{c:02d}": box(c, r, c + 1, r + 1) for r in range(rows) for c in range(columns)}
    return weights.contiguity(gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718"))


def on(graph: Graph, values: object) -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float), index=graph.unique_ids, name="rate")


def exact_local_p(values: pd.Series, graph: Graph) -> pd.Series:
    """Two-sided p of every neighbourhood by counting all the ways to choose its neighbours, in exact integers."""
    found = {}
    for one in graph.unique_ids:
        neighbours = [two for two in graph[one].index if two != one]
        others = [int(value) for two, value in values.items() if two != one]
        sums = np.array([sum(chosen) for chosen in combinations(others, len(neighbours))])
        observed = sum(int(values[two]) for two in neighbours)
        found[one] = min(1.0, 2 * min((sums >= observed).mean(), (sums <= observed).mean()))
    return pd.Series(found)


def test_moran_by_hand() -> None:
    row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    found = ac.moran(on(row, [1, 2, 3, 4]), row, rng=1)
    assert found.value == pytest.approx(4 / 6 * 2.5 / 5)
    assert found.expected == pytest.approx(-1 / 3)
    assert (found.n, found.n_isolates, found.n_missing, found.permutations) == (4, 0, 0, 9999)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_moran_p_against_every_permutation(alternative: str) -> None:
    graph = lattice(2, 3)
    values = on(graph, [9, 4, 4, 7, 1, 0])
    matrix = graph.sparse.toarray()
    z = values.to_numpy() - values.mean()
    every = np.array([np.array(p) @ matrix @ np.array(p) for p in permutations(z)])
    observed = z @ matrix @ z
    above, below = (every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean()
    exact = {"two-sided": min(1, 2 * min(above, below)), "greater": above, "less": below}[alternative]
    found = ac.moran(values, graph, permutations=40_000, alternative=alternative, rng=3)
    assert found.p_value == pytest.approx(exact, abs=0.015)


def test_local_p_is_exact_where_the_ways_can_be_counted() -> None:
    graph = lattice(3, 4)
    values = on(graph, [0, 0, 5, 5, 0, 1, 6, 9, 0, 0, 2, 7])
    found = ac.local_moran(values, graph, rng=1).table["p_value"]
    pd.testing.assert_series_equal(found, exact_local_p(values, graph), check_names=False)


def test_local_p_by_draws_agrees_with_the_count_of_all_ways() -> None:
    graph = lattice(4, 5)
    values = on(graph, np.random.default_rng(4).poisson(3, 20))
    exact = exact_local_p(values, graph)
    z = ((values - values.mean()) / values.std(ddof=0)).to_numpy()
    links = Links(weights=graph.sparse)
    drawn = conditional_p(z, links, permutations=4_000, rng=np.random.default_rng(2))
    counted = conditional_p(z, links, permutations=200_000, rng=np.random.default_rng(2))
    cards = graph.cardinalities.to_numpy()
    np.testing.assert_allclose(counted, exact, atol=1e-12)
    assert (cards == 8).any()
    np.testing.assert_allclose(drawn, exact, atol=0.04)


def test_unequal_weights_against_every_arrangement() -> None:
    rng = np.random.default_rng(8)
    dense = np.where(rng.random((8, 8)) < 0.4, rng.random((8, 8)), 0.0)
    np.fill_diagonal(dense, 0)
    graph = Graph.from_sparse(csr_array(dense), [f"u{i}" for i in range(8)])
    values = on(graph, rng.integers(0, 9, 8))
    z = ((values - values.mean()) / values.std(ddof=0)).to_numpy()
    found = ac.local_moran(values, graph, permutations=20_000, rng=5).table["p_value"]
    for i, one in enumerate(graph.unique_ids):
        own = dense[i][dense[i] > 0]
        if not len(own) or abs(z[i]) < 1e-9:
            continue
        every = np.array([own @ np.array(p) for p in permutations(np.delete(z, i), len(own))])
        observed = dense[i] @ z
        exact = min(1, 2 * min((every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean()))
        assert found[one] == pytest.approx(exact, abs=0.02)


def test_every_order_is_equally_likely() -> None:
    for count, length in ((13, 3), (20, 3), (6, 3), (21, 5)):
        drawn = np.hstack(list(orders(np.random.default_rng(1), count=count, length=length, draws=150_000)))
        assert drawn.shape == (length, 150_000)
        assert (np.diff(np.sort(drawn, axis=0), axis=0) > 0).all()
        told = drawn[[0, 1, -1]]
        seen = np.bincount(count ** np.arange(3) @ told, minlength=count**3)
        assert chisquare(seen[seen > 0]).pvalue > 0.001
        assert (seen > 0).sum() == count * (count - 1) * (count - 2)


@pytest.mark.parametrize("equal", [True, False])
def test_no_digit_depends_on_the_size_of_a_block(monkeypatch: pytest.MonkeyPatch, equal: bool) -> None:
    graph = lattice(13, 13)
    links = Links(weights=csr_array(graph.sparse))
    if not equal:
        links.weights.data[:] = np.random.default_rng(1).random(links.weights.nnz)
    z = np.random.default_rng(2).normal(size=169)
    whole = conditional_p(z, links, permutations=5_000, rng=np.random.default_rng(3))
    for size in (700, 40_000):
        monkeypatch.setattr(draws, "_AT_ONCE", size)
        monkeypatch.setattr(weighted, "_AT_ONCE", size)
        parts = conditional_p(z, links, permutations=5_000, rng=np.random.default_rng(3))
        np.testing.assert_array_equal(parts, whole)
    for count, length in ((13, 3), (6, 3), (21, 5)):
        rng = np.random.default_rng(4), np.random.default_rng(4)
        monkeypatch.setattr(draws, "_AT_ONCE", 100)
        small = np.hstack(list(orders(rng[0], count=count, length=length, draws=500)))
        monkeypatch.setattr(draws, "_AT_ONCE", 10_000)
        np.testing.assert_array_equal(small, np.hstack(list(orders(rng[1], count=count, length=length, draws=500))))


def test_a_city_where_most_places_have_none() -> None:
    """With 0 and 1 the sum around a place is hypergeometric, so the true p of every place is known."""
    graph = lattice(20, 20)
    values = on(graph, np.zeros(400))
    values.iloc[np.random.default_rng(6).choice(400, 25, replace=False)] = 0.1
    found = ac.local_moran(values, graph, rng=1)
    for one, row in found.table.iterrows():
        around = values[graph[one].index]
        ones = int((values > 0).sum() - (values[one] > 0))
        law = hypergeom(399, ones, len(around))
        have = int((around > 0).sum())
        true = min(1, 2 * min(law.sf(have - 1), law.cdf(have)))
        assert row["p_value"] == pytest.approx(true, abs=0.02)
        assert not (row["cluster"] != "ns" and true > 0.05)
    assert (found.table["p_value"] > 0.2).mean() > 0.9
    assert ac.moran(values, graph, rng=1).p_value > 0.05


def test_size_of_the_overall_test_without_pattern() -> None:
    graph, rng = lattice(6, 6), np.random.default_rng(11)
    p = [ac.moran(on(graph, rng.normal(size=36)), graph, permutations=199, rng=rng).p_value for _ in range(400)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 / 400))


def test_size_of_the_local_test_without_pattern() -> None:
    graph, rng = lattice(7, 7), np.random.default_rng(12)
    p = [
        ac.local_moran(on(graph, rng.normal(size=49)), graph, permutations=99, rng=rng).table["p_value"]
        for _ in range(120)
    ]
    assert np.mean(np.concatenate(p) <= 0.05) == pytest.approx(0.05, abs=0.01)


def test_false_discoveries_are_counted_over_those_with_a_test() -> None:
    graph, rng = lattice(8, 8), np.random.default_rng(13)
    values = on(graph, rng.normal(size=64))
    values.iloc[:12] += 6
    values.iloc[-1] = np.nan
    found = ac.local_moran(values, graph, rng=1)
    tested = found.table["p_value"].notna()
    assert tested.sum() == 63
    np.testing.assert_allclose(
        found.table.loc[tested, "p_fdr"], false_discovery_control(found.table.loc[tested, "p_value"])
    )
    significant = found.table["p_fdr"] <= 0.05
    assert significant.any()
    assert (found.table["cluster"] == found.table["quadrant"]).eq(significant | ~tested).all()
    assert set(found.table.loc[significant, "cluster"]) == {"HH"}


def test_the_smallest_p_can_pass() -> None:
    graph = lattice(16, 16)
    found = ac.local_moran(on(graph, np.arange(256)), graph, rng=1)
    assert found.permutations == enough(9999, tests=256, fdr=0.05) == 10_240
    assert 2 / (found.permutations + 1) < 0.05 / 256
    assert 2 / found.permutations >= 0.05 / 256 - 1e-15


def test_a_quick_look_is_taken_as_asked() -> None:
    graph = lattice(16, 16)
    for function in (ac.local_moran, ac.local_g, ac.local_geary):
        assert function(on(graph, np.arange(256)), graph, permutations=199, rng=1).permutations == 199


def test_looks_that_stop_early_agree_with_all_the_draws() -> None:
    """Where a large patch stands out the first look settles it; where nothing does, every look is taken."""
    graph = lattice(60, 60)
    links = Links(weights=csr_array(graph.sparse))
    rng = np.random.default_rng(5)
    noise = rng.normal(size=3600)
    patch = np.zeros((60, 60))
    patch[20:38, 20:38] = 10.0
    for pattern, stops in ((patch, True), (np.zeros((60, 60)), False)):
        z = noise + pattern.ravel()
        z = (z - z.mean()) / z.std()
        p, used = local_p(z, links, permutations=9_999, fdr=0.05, rng=np.random.default_rng(1))
        assert used == (9_999 if stops else 144_000)
        every = conditional_p(z, links, permutations=144_000, rng=np.random.default_rng(2))
        assert (every < 0.01).sum() > (256 if stops else 10)
        error = 2 * np.sqrt((every / 2 + 1 / 9_999) / 9_999)
        assert (np.abs(p - every) / error).max() < 5
        found, whole = (false_discovery_control(one) <= 0.05 for one in (p, every))
        assert (found == whole).mean() > 0.985


def test_a_sure_place_alone_in_a_large_city_is_found() -> None:
    """Eight ones around one of 3,600 places: 1 draw in C(3599, 8) has them all. Only the last look can tell."""
    graph = lattice(60, 60)
    values = on(graph, np.zeros(3600))
    values[[one for one in graph["3030"].index if one != "3030"]] = 1.0
    found = ac.local_moran(values, graph, rng=1)
    assert found.permutations == 144_000
    assert found.table.loc["3030", "p_value"] == pytest.approx(2 / 144_001)
    assert found.table.loc["3030", "p_fdr"] <= 0.05


def with_island(graph: Graph, name: str = "island") -> Graph:
    adjacency = graph.transform("B").adjacency
    extra = pd.Series([0], index=pd.MultiIndex.from_tuples([(name, name)], names=["focal", "neighbor"]), name="weight")
    return Graph(pd.concat([adjacency, extra])).transform("R")


def test_an_isolated_neighbourhood_has_no_test() -> None:
    graph = with_island(lattice(5, 5))
    values = on(graph, [*np.random.default_rng(3).normal(size=25), 50.0])
    found = ac.local_moran(values, graph, rng=1)
    island = found.table.loc["island"]
    assert island[["cluster", "quadrant"]].tolist() == ["isolate", "isolate"]
    assert island[["value", "p_value", "p_fdr"]].isna().all()
    assert found.isolates == ("island",)
    assert found.table["p_value"].notna().sum() == 25
    assert ac.moran(values, graph, rng=1).n_isolates == 1


def test_a_missing_value_is_left_out_and_named() -> None:
    graph = lattice(5, 5)
    values = on(graph, np.random.default_rng(3).normal(size=25))
    values["0202"] = np.nan
    rest = [one for one in graph.unique_ids if one != "0202"]
    smaller = graph.transform("B").subgraph(rest).transform("R")
    found, alone = ac.local_moran(values, graph, rng=1), ac.local_moran(values[rest], smaller, rng=1)
    assert found.missing == ("0202",)
    assert found.table.loc["0202", "cluster"] == "missing"
    pd.testing.assert_frame_equal(found.table.loc[rest], alone.table)
    whole, part = ac.moran(values, graph, rng=1), ac.moran(values[rest], smaller, rng=1)
    assert (whole.value, whole.p_value, whole.n, whole.missing) == (part.value, part.p_value, 24, ("0202",))


def test_neighbours_all_missing_make_an_isolate() -> None:
    graph = lattice(1, 8)
    values = on(graph, [1, np.nan, 3, 5, 2, 8, 9, 4])
    assert ac.local_moran(values, graph, rng=1).isolates == ("0000",)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(30)), st.permutations(range(30)))
def test_order_of_rows_changes_no_digit(first: list[int], second: list[int]) -> None:
    cells = {f"{i:02d}": box(i % 6, i // 6, i % 6 + 1, i // 6 + 1) for i in range(30)}
    frame = gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")
    values = pd.Series(np.random.default_rng(2).gamma(0.5, size=30), index=list(cells))
    graph, other = weights.contiguity(frame), weights.contiguity(frame.iloc[first])
    plain, shuffled = ac.moran(values, graph, rng=7), ac.moran(values.iloc[second], other, rng=7)
    assert (plain.value, plain.z, plain.p_value) == (shuffled.value, shuffled.z, shuffled.p_value)
    local, again = ac.local_moran(values, graph, rng=7), ac.local_moran(values.iloc[second], other, rng=7)
    assert list(again.table.index) == list(values.index[second])
    pd.testing.assert_frame_equal(local.table, again.table.loc[values.index], check_exact=True)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 1e4), st.floats(-1e3, 1e3), st.lists(st.integers(0, 20), min_size=16, max_size=16))
def test_unit_and_origin_of_the_values_do_not_matter(scale: float, shift: float, numbers: list[int]) -> None:
    graph = lattice(4, 4)
    values = on(graph, numbers)
    if values.nunique() < 2:
        return
    for function in (ac.local_moran, ac.local_g):
        first = function(values, graph, permutations=199, rng=1).table
        second = function(scale * values + shift, graph, permutations=199, rng=1).table
        np.testing.assert_allclose(first["p_value"], second["p_value"], atol=1e-12)
        np.testing.assert_allclose(first["value"], second["value"], atol=1e-5)


def test_more_than_half_of_the_city_as_neighbours() -> None:
    ids = [f"u{i}" for i in range(7)]
    focal, neighbour = zip(
        *((one, two) for one in ids for two in ids if one != two and {one, two} != {"u0", "u6"}), strict=True
    )
    graph = Graph.from_arrays(focal, neighbour, [1] * len(focal)).transform("R")
    values = on(graph, [5, 1, 0, 8, 2, 2, 9])
    found = ac.local_moran(values, graph, rng=1).table["p_value"]
    pd.testing.assert_series_equal(found, exact_local_p(values, graph), check_names=False)
    assert found["u1"] == 1


def test_a_neighbourhood_at_the_mean_is_no_cluster() -> None:
    graph = lattice(1, 9)
    found = ac.local_moran(on(graph, [4, 4, 4, 4, 2, 0, 0, 0, 0]), graph, rng=1).table
    assert found.loc["0004", "p_value"] == 1
    assert found.loc["0004", "value"] == pytest.approx(0)


def test_global_random_state_is_left_alone_and_seeds_repeat() -> None:
    graph = lattice(6, 6)
    values = on(graph, np.random.default_rng(1).normal(size=36))
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()  # noqa: NPY002
    calls = (ac.moran, ac.geary, ac.local_moran, ac.local_g)
    once = [function(values, graph, rng=5) for function in calls]
    twice = [function(values, graph, rng=np.random.default_rng(5)) for function in calls]
    for one, two in zip(once, twice, strict=True):
        pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), check_exact=True)
    after = np.random.get_state()  # noqa: NPY002
    assert (before[1] == after[1]).all() and before[2] == after[2]


def test_geary_and_g_p_against_every_permutation() -> None:
    graph = lattice(2, 3)
    values = on(graph, [9, 4, 4, 7, 1, 0])
    matrix = graph.sparse.toarray()

    def difference(x: np.ndarray) -> float:
        return float((matrix * (x[:, None] - x[None, :]) ** 2).sum())

    def product(x: np.ndarray) -> float:
        return float(x @ matrix @ x)

    for function, statistic in ((ac.geary, difference), (ac.getis_ord_g, product)):
        every = np.array([statistic(np.array(p)) for p in permutations(values)])
        observed = statistic(values.to_numpy())
        exact = min(1, 2 * min((every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean()))
        assert function(values, graph, permutations=40_000, rng=3).p_value == pytest.approx(exact, abs=0.02)


def test_bivariate_moran_and_its_moments_against_every_permutation() -> None:
    graph = lattice(2, 3)
    x, y = on(graph, [9, 4, 4, 7, 1, 0]), on(graph, [3, 8, 2, 2, 5, 1])
    matrix = graph.sparse.toarray()
    zx, zy = (x - x.mean()).to_numpy(), (y - y.mean()).to_numpy()
    every = np.array([zx @ matrix @ np.array(p) for p in permutations(zy)]) / np.sqrt((zx @ zx) * (zy @ zy))
    found = ac.bivariate_moran(x, y, graph, permutations=40_000, rng=3)
    observed = zx @ matrix @ zy / np.sqrt((zx @ zx) * (zy @ zy))
    assert found.value == pytest.approx(observed)
    assert found.expected == pytest.approx(every.mean(), abs=1e-12)
    assert found.variance == pytest.approx(every.var())
    exact = min(1, 2 * min((every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean()))
    assert found.p_value == pytest.approx(exact, abs=0.02)


def test_bivariate_moran_of_itself_is_moran() -> None:
    graph = with_island(lattice(5, 5))
    x = on(graph, np.random.default_rng(9).normal(size=26))
    assert ac.bivariate_moran(x, x, graph, rng=1).value == pytest.approx(ac.moran(x, graph, rng=1).value)


def test_rates_without_residents_are_missing() -> None:
    graph = lattice(3, 3)
    events, people = on(graph, range(9)), on(graph, [100] * 8 + [0])
    assert ac.moran_rate(events, people, graph, rng=1).missing == ("0202",)


@pytest.mark.parametrize(
    ("values", "error", "code"),
    [
        ([0.1] * 9, LayerError, "autocorrelation_constant"),
        ([0.1] * 8 + [np.nan], LayerError, "autocorrelation_constant"),
        ([1, 2, 3] + [np.nan] * 6, LayerError, "autocorrelation_too_few"),
        ([1, 2, 3, 4, 5, 6, 7, 8, np.inf], LayerError, "autocorrelation_infinite"),
    ],
)
@pytest.mark.parametrize("function", [ac.moran, ac.local_moran, ac.geary, ac.getis_ord_g, ac.local_g])
def test_unusable_values_are_refused(function: object, values: list[float], error: type[Exception], code: str) -> None:
    graph = lattice(3, 3)
    with pytest.raises(error) as caught:
        function(on(graph, values), graph, rng=1)
    assert [one.code for one in caught.value.problems] == [code]
    for language in LANGUAGES:
        assert caught.value.problems[0].say(language)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda v, g: ac.moran(v, g, permutations=0), "autocorrelation_permutations"),
        (lambda v, g: ac.moran(v, g, alternative="both"), "autocorrelation_alternative"),
        (lambda v, g: ac.local_moran(v, g, fdr=0), "autocorrelation_fdr"),
        (lambda v, g: ac.moran(v.astype(str), g), "autocorrelation_not_numbers"),
        (lambda v, g: ac.moran(v, g.to_W()), "argument_graph"),
        (lambda v, g: ac.moran(v, g.assign_self_weight(1)), "autocorrelation_own_neighbour"),
        (lambda v, g: ac.getis_ord_g(-v, g), "autocorrelation_negative"),
        (lambda v, g: ac.getis_ord_g(v.where(v == 8, 0), g), "autocorrelation_one_positive"),
        (lambda v, g: ac.moran(v.where(v.isin([0, 2, 6, 8])), weights_rook()), "autocorrelation_no_links"),
    ],
)
def test_unusable_calls_are_refused(call: object, code: str) -> None:
    graph = lattice(3, 3)
    with pytest.raises(LayerError) as caught:
        call(on(graph, range(9)), graph)
    assert [one.code for one in caught.value.problems] == [code]
    for language in LANGUAGES:
        assert caught.value.problems[0].say(language)


def weights_rook() -> Graph:
    cells = {f"{r:02d}{c:02d}": box(c, r, c + 1, r + 1) for r in range(3) for c in range(3)}
    frame = gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")
    return weights.contiguity(frame, kind="rook")


def test_ids_that_differ_are_named() -> None:
    graph = lattice(3, 3)
    values = on(graph, range(9)).rename(index={"0000": "0"})
    with pytest.raises(AlignmentError) as caught:
        ac.local_moran(values, graph)
    assert {one.which for one in caught.value.problems} == {("0000",), ("0",)}


def test_inputs_are_left_as_they_were() -> None:
    graph = lattice(4, 4)
    values = on(graph, np.arange(16))
    before, links = values.copy(), graph.adjacency.copy()
    for function in (ac.moran, ac.geary, ac.getis_ord_g, ac.local_moran, ac.local_g):
        function(values, graph, rng=1, permutations=99)
    pd.testing.assert_series_equal(values, before)
    pd.testing.assert_series_equal(graph.adjacency, links)


def test_results_speak() -> None:
    graph = lattice(4, 4)
    whole = ac.moran(on(graph, np.arange(16)), graph, rng=1)
    assert whole.summary().startswith("Moran's I 0.")
    assert whole.summary("es").startswith("I de Moran: 0.")
    assert whole.to_frame()["statistic"].tolist() == ["moran"]
    local = ac.local_moran(on(graph, np.arange(16)), graph, rng=1)
    assert local.summary().startswith("Local Moran, false-discovery rate 5%")
    assert local.summary("es").startswith("Moran local, tasa de descubrimientos falsos de 5 %")
    for result in (whole, local):
        assert "<table" in result._repr_html_()
