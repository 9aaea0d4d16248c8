"""Two variables, words and differences on a map: against every permutation, by hand, and by law."""

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
from shapely import box

from secequity import autocorrelation as ac
from secequity import weights
from secequity.autocorrelation import moments
from secequity.autocorrelation.links import Links
from secequity.autocorrelation.references import affordable, conditional_p_of_differences
from secequity.autocorrelation.shuffles import shuffles
from secequity.errors import LayerError
from secequity.texts import LANGUAGES


def lattice(rows: int, columns: int, *, kind: str = "queen") -> Graph:
    return weights.contiguity(squares(rows, columns), kind=kind)


def squares(rows: int, columns: int) -> gpd.GeoDataFrame:
    cells = {
        f"{r:02d}{c:02d}": box(100 * c, 100 * r, 100 * c + 100, 100 * r + 100)
        for r in range(rows)
        for c in range(columns)
    }
    return gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")


def on(graph: Graph, values: object, name: str = "rate") -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float), index=graph.unique_ids, name=name)


def two_sided(every: np.ndarray, observed: float) -> float:
    return min(1.0, 2 * min((every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean()))


SIX = [9, 4, 4, 7, 1, 0], [3, 8, 2, 2, 5, 1]


# Lee's L


def test_lee_and_its_moments_against_every_joint_permutation() -> None:
    for graph in (lattice(2, 3), lattice(2, 3).transform("B"), weights.knn(squares(2, 3), k=2)):
        matrix = graph.sparse.toarray()
        x, y = (np.array(one, dtype=float) for one in SIX)
        zx, zy = x - x.mean(), y - y.mean()
        scale = 6 / (matrix.sum(axis=1) ** 2).sum() / np.sqrt((zx @ zx) * (zy @ zy))
        every = [scale * (matrix @ zx[list(p)]) @ (matrix @ zy[list(p)]) for p in permutations(range(6))]
        found = ac.lee_l(on(graph, x), on(graph, y), graph, permutations=20_000, rng=3)
        assert found.value == pytest.approx(scale * (matrix @ zx) @ (matrix @ zy))
        assert found.expected == pytest.approx(np.mean(every))
        assert found.variance == pytest.approx(np.var(every))
        assert found.p_value == pytest.approx(two_sided(np.array(every), found.value), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_lee_is_symmetric_and_so_is_bivariate_moran_on_equal_weights(seed: int) -> None:
    graph, rng = lattice(4, 5), np.random.default_rng(seed)
    x, y = (on(graph, rng.normal(size=20)) for _ in range(2))
    one, two = ac.lee_l(x, y, graph, permutations=99, rng=1), ac.lee_l(y, x, graph, permutations=99, rng=1)
    assert (one.value, one.expected, one.variance) == pytest.approx((two.value, two.expected, two.variance))
    assert one.p_value == two.p_value
    binary = graph.transform("B")
    first = ac.bivariate_moran(x, y, binary, permutations=9, rng=1).value
    assert first == pytest.approx(ac.bivariate_moran(y, x, binary, permutations=9, rng=1).value)


def test_expected_lee_is_the_formula_of_its_page() -> None:
    graph = lattice(3, 4)
    x, y = (on(graph, np.random.default_rng(seed).gamma(1, size=12)) for seed in (1, 2))
    matrix = graph.sparse.toarray()
    own = 12 * (matrix**2).sum() / (matrix.sum(axis=1) ** 2).sum()
    expected = np.corrcoef(x, y)[0, 1] * (own - 1) / 11
    assert ac.lee_l(x, y, graph, permutations=9, rng=1).expected == pytest.approx(expected)


# Moments and shuffles


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=5, max_size=5), st.integers(0, 10_000))
def test_moments_of_products_and_of_geary_against_every_permutation(numbers: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((5, 5)) < 0.6, rng.integers(1, 4, (5, 5)), 0.0)
    np.fill_diagonal(dense, 0)
    x, links = np.array(numbers, dtype=float), csr_array(dense)
    every = [np.array(p) @ dense @ np.array(p) for p in permutations(x)]
    mean, variance = moments.of_products(x, links)
    assert mean == pytest.approx(np.mean(every), abs=1e-9)
    assert variance == pytest.approx(np.var(every), abs=1e-6)
    z = x - x.mean()
    if dense.any() and z.any():
        scale = 4 / (2 * dense.sum() * (z @ z))
        geary = [scale * (dense * np.subtract.outer(np.array(p), np.array(p)) ** 2).sum() for p in permutations(z)]
        mean, variance = moments.of_geary(z, links)
        assert (mean, variance) == pytest.approx((np.mean(geary), np.var(geary)), abs=1e-9)


def test_shuffles_reach_every_order_alike_and_any_two_are_independent() -> None:
    counts: dict[tuple[float, ...], int] = {}
    together = 0
    for seed in range(300):
        columns = np.hstack([part[0].copy() for parts in small_decks(seed) for part in parts])
        assert columns.shape == (3, 24)
        orders = [tuple(one) for one in columns.T]
        for one in orders:
            counts[one] = counts.get(one, 0) + 1
        together += sum(a == b for a, b in combinations(orders, 2))
    share = np.array(list(counts.values())) / (300 * 24)
    assert len(counts) == 6 and np.abs(share - 1 / 6).max() < 0.02
    assert together / (300 * 24 * 23 / 2) == pytest.approx(1 / 6, abs=0.01)


def small_decks(seed: int) -> object:
    """Shuffles of three values, eight at a time, so that the orders are used anew twice."""
    from secequity.autocorrelation import shuffles as room

    before = room._CELLS, room._LEAST_WIDE
    room._CELLS, room._LEAST_WIDE = 1, 8
    try:
        yield from shuffles(np.arange(3.0)[None], permutations=24, rng=seed)
    finally:
        room._CELLS, room._LEAST_WIDE = before


# Join counts


def test_join_counts_against_every_arrangement() -> None:
    graph = lattice(2, 3)
    values = on(graph, [1, 1, 0, 1, 0, 0])
    found = ac.join_counts(values, graph, permutations=20_000, rng=1)
    matrix = graph.transform("B").sparse.toarray()

    def counts(x: np.ndarray) -> list[float]:
        return [x @ matrix @ x / 2, (1 - x) @ matrix @ (1 - x) / 2, x @ matrix @ (1 - x)]

    every = np.array([counts(np.isin(np.arange(6), p).astype(float)) for p in combinations(range(6), 3)])
    np.testing.assert_allclose(found.table["joins"], counts(values.to_numpy()))
    np.testing.assert_allclose(found.table["expected"], every.mean(axis=0))
    exact = [two_sided(every[:, kind], seen) for kind, seen in enumerate(found.table["joins"])]
    np.testing.assert_allclose(found.table["p_value"], exact, atol=0.02)
    assert (found.of("B", "B"), found.of("W", "B")) == (found.table["joins"][0], found.table["joins"][2])


def test_join_counts_of_words_add_up() -> None:
    graph = lattice(5, 5)
    words = pd.Series(np.random.default_rng(1).choice(["HH", "LL", "ns"], 25), index=graph.unique_ids, dtype=object)
    words.iloc[3] = None
    found = ac.join_counts(words, graph, permutations=99, rng=1)
    assert found.missing == (graph.unique_ids[3],)
    assert found.table["joins"].sum() == pytest.approx(found.joins)
    assert found.table["expected"].sum() == pytest.approx(found.joins)
    assert found.of("LL", "HH") == found.of("HH", "LL")
    assert len(found.table) == 6
    truth = ac.join_counts(words == "HH", graph.transform("B"), permutations=99, rng=1)
    known = words.drop(index=graph.unique_ids[3]).index
    alone = ac.join_counts((words == "HH").loc[known], graph.subgraph(known), permutations=99, rng=1)
    assert alone.of("B", "B") == found.of("HH", "HH") <= truth.of("B", "B")


def test_more_words_than_can_be_compared_are_refused() -> None:
    graph = lattice(5, 5)
    with pytest.raises(LayerError) as caught:
        ac.join_counts(pd.Series(list(graph.unique_ids), index=graph.unique_ids), graph)
    assert [one.code for one in caught.value.problems] == ["autocorrelation_labels"]
    with pytest.raises(LayerError) as caught:
        ac.join_counts(on(graph, np.ones(25)), graph)
    assert [one.code for one in caught.value.problems] == ["autocorrelation_constant"]


# Local statistics


def exact_local(x: pd.Series, y: pd.Series, graph: Graph, *, differences: bool) -> pd.Series:
    found = {}
    for one in graph.unique_ids:
        near = graph[one].index
        others = y.drop(one)
        if differences:
            every = np.array([sum((x[one] - v) ** 2 for v in chosen) for chosen in combinations(others, len(near))])
            observed = ((x[one] - y[near]) ** 2).sum()
        else:
            every = np.array([sum(chosen) for chosen in combinations(others, len(near))])
            observed = y[near].sum()
        found[one] = two_sided(every, observed)
    return pd.Series(found)


def test_local_bivariate_moran_is_exact_where_the_ways_can_be_counted() -> None:
    graph = lattice(3, 4)
    x, y = on(graph, [0, 0, 5, 5, 0, 1, 6, 9, 0, 0, 2, 7]), on(graph, [1, 4, 4, 2, 8, 0, 3, 3, 9, 9, 1, 2])
    found = ac.local_bivariate_moran(x, y, graph, rng=1)
    pd.testing.assert_series_equal(
        found.table["p_value"], exact_local(x, y, graph, differences=False), check_names=False
    )
    zx, zy = ((one - one.mean()) / one.std(ddof=0) for one in (x, y))
    np.testing.assert_allclose(found.table["value"], 11 / 12 * zx * (graph.sparse @ zy.to_numpy()))
    lag = pd.Series(graph.sparse @ zy.to_numpy(), index=zx.index)
    assert found.table["quadrant"].tolist() == [
        ("H" if a > 0 else "L") + ("H" if b > 0 else "L") for a, b in zip(zx, lag, strict=True)
    ]


def test_local_bivariate_moran_of_itself_is_local_moran() -> None:
    graph = lattice(6, 6)
    x = on(graph, np.random.default_rng(2).gamma(1, size=36))
    same, alone = (one.table for one in (ac.local_bivariate_moran(x, x, graph, rng=5), ac.local_moran(x, graph, rng=5)))
    pd.testing.assert_frame_equal(same, alone, check_exact=True)


@pytest.mark.parametrize("transform", ["R", "B"])
def test_local_geary_is_exact_where_the_ways_can_be_counted(transform: str) -> None:
    graph = lattice(3, 4).transform(transform)
    x = on(graph, [0, 0, 5, 5, 0, 1, 6, 9, 0, 0, 2, 7])
    found = ac.local_geary(x, graph, rng=1).table
    pd.testing.assert_series_equal(found["p_value"], exact_local(x, x, graph, differences=True), check_names=False)
    z = (x - x.mean()) / x.std(ddof=0)
    for one in graph.unique_ids:
        assert found.loc[one, "value"] == pytest.approx((graph[one] * (z[one] - z[graph[one].index]) ** 2).sum())


@pytest.mark.parametrize("equal", [True, False])
def test_local_geary_by_draws_against_every_arrangement(equal: bool) -> None:
    rng = np.random.default_rng(8)
    dense = np.where(rng.random((8, 8)) < 0.4, 1.0 if equal else rng.random((8, 8)), 0.0)
    np.fill_diagonal(dense, 0)
    z = rng.integers(0, 9, 8).astype(float)
    z = (z - z.mean()) / z.std()
    links = Links(weights=csr_array(dense))
    found = conditional_p_of_differences(z, links, permutations=20 if equal else 20_000, rng=rng)
    many = conditional_p_of_differences(z, links, permutations=20_000, rng=rng)
    for i in np.flatnonzero(links.linked):
        own = dense[i][dense[i] > 0]
        every = np.array([own @ (z[i] - np.array(p)) ** 2 for p in permutations(np.delete(z, i), len(own))])
        exact = two_sided(every, dense[i] @ (z[i] - z) ** 2)
        assert many[i] == pytest.approx(exact, abs=0.02)
        assert 0 < found[i] <= 1


def test_local_geary_tells_an_edge_from_a_patch() -> None:
    graph = lattice(12, 12)
    values = on(graph, [10.0 + (r * c) % 3 if c < 6 else (r + c) % 3 for r in range(12) for c in range(12)])
    values["0602"] = 0.0
    found = ac.local_geary(values, graph, rng=1).table
    assert found.loc["0501", "quadrant"] == "HH" and found.loc["0609", "quadrant"] == "LL"
    assert found.loc["0602", "cluster"] == "LH"


def test_draws_for_each_place_alone_are_not_multiplied_without_end() -> None:
    graph = lattice(60, 60)
    distances = Links(weights=csr_array(graph.sparse * 1.0))
    assert affordable(9999, distances, fdr=0.05) == 144_000
    rng = np.random.default_rng(1)
    unequal = csr_array(distances.weights)
    unequal.data = rng.random(unequal.nnz)
    assert affordable(9999, Links(weights=unequal), fdr=0.05) == 9999
    assert affordable(9999, distances, fdr=0.05, differences=True) == 9999
    assert affordable(9999, Links(weights=unequal[:900][:, :900].tocsr()), fdr=0.05) == 36_000


@pytest.mark.parametrize(
    "function", [ac.local_geary, ac.local_g, lambda v, g, **o: ac.local_bivariate_moran(v, v, g, **o)]
)
def test_isolates_and_missing_keep_out_of_every_local_test(function: object) -> None:
    shapes = pd.concat(
        [squares(5, 5), gpd.GeoDataFrame(geometry=[box(5000, 5000, 5100, 5100)], index=["island"], crs="EPSG:32718")]
    )
    graph = weights.contiguity(shapes)
    values = on(graph, [*np.random.default_rng(3).normal(size=25), 50.0])
    values["0202"] = np.nan
    found = function(values, graph, rng=1)
    assert found.isolates == ("island",) and found.missing == ("0202",)
    assert found.table.loc["island", ["quadrant", "cluster"]].tolist() == ["isolate", "isolate"]
    assert found.table.loc["0202", ["quadrant", "cluster"]].tolist() == ["missing", "missing"]
    assert found.table.loc[["island", "0202"], ["value", "p_value", "p_fdr"]].isna().all(axis=None)
    assert found.table["p_value"].notna().sum() == 24


# Robustness


def test_robustness_over_the_rules() -> None:
    city, values = squares(9, 9), pd.Series({f"{r:02d}{c:02d}": r * r + c % 2 for r in range(9) for c in range(9)})
    found = ac.robustness(values, city, rng=1)
    assert found.table["weights"].tolist() == ["queen", "rook", "knn:4", "distance:100"]
    queen = ac.moran(values, weights.contiguity(city), rng=1)
    assert found.table.loc[0, "value"] == queen.value
    for spec, row in found.table.set_index("weights").iterrows():
        inside = found.clusters[spec].isin(["HH", "LL", "HL", "LH"])
        assert row["clusters"] == inside.sum()
        assert row["stable"] == (inside & (found.clusters[spec] == found.stable)).sum()
    assert set(found.stable) <= {"HH", "LL", "HL", "LH", "ns"} and (found.stable == "HH").any()
    agreed = found.clusters.eq(found.clusters["queen"], axis=0).all(axis=1)
    assert found.stable[agreed].equals(found.clusters.loc[agreed, "queen"].rename("stable"))
    assert (found.stable[~agreed] == "ns").all()


def test_a_rule_has_the_same_digits_whatever_the_others_and_whatever_the_rows() -> None:
    city = squares(6, 6)
    values = pd.Series(np.random.default_rng(4).normal(size=36), index=city.index)
    one = ac.robustness(values, city, weights=("knn:4", "queen"), permutations=99, rng=3)
    two = ac.robustness(values[::-1], city.sample(frac=1, random_state=1), weights=("queen",), permutations=99, rng=3)
    pd.testing.assert_series_equal(one.table.iloc[1, :6], two.table.iloc[0, :6], check_names=False)


def test_a_rule_that_leaves_all_alone_tells_nothing() -> None:
    city = squares(4, 4)
    values = pd.Series(np.arange(16.0), index=city.index)
    values.iloc[0] = np.nan
    found = ac.robustness(values, city, weights=("queen", "distance:0.1"), rng=1)
    assert found.table.loc[1, ["value", "p_value"]].isna().all()
    assert found.table["n_isolates"].tolist() == [0, 16]
    assert found.stable.iloc[0] == "missing"
    for language in LANGUAGES:
        assert "0" in found.summary(language)
        assert ac.robustness(values, city, weights=("distance:0.1",), rng=1).summary(language)


@pytest.mark.parametrize("specs", [(), ("queen", "queen")])
def test_no_rule_or_one_twice_is_refused(specs: tuple[str, ...]) -> None:
    with pytest.raises(LayerError) as caught:
        ac.robustness(pd.Series(np.arange(16.0), index=squares(4, 4).index), squares(4, 4), weights=specs)
    assert [one.code for one in caught.value.problems] == ["autocorrelation_rules"]
    for language in LANGUAGES:
        assert caught.value.problems[0].say(language)


def test_results_speak_both_languages() -> None:
    graph = lattice(4, 4)
    x, y = on(graph, np.arange(16)), on(graph, np.arange(16)[::-1])
    results = [
        ac.lee_l(x, y, graph, rng=1),
        ac.join_counts(x > 7, graph, rng=1),
        ac.local_geary(x, graph, rng=1),
        ac.local_bivariate_moran(x, y, graph, rng=1),
        ac.robustness(x, squares(4, 4), permutations=99, rng=1),
    ]
    for result in results:
        assert "<table" in result._repr_html_()
        assert result.summary("en") != result.summary("es")
        pd.testing.assert_frame_equal(
            result.to_frame(), result.table if hasattr(result, "table") else result.to_frame()
        )
