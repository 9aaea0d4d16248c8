"""Tests that know that neighbours resemble each other: what they keep, what they compare, how often they are wrong."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from secequity import weights
from secequity.errors import AlignmentError, ConfigError, LayerError
from secequity.gaps import compare_zones
from secequity.inference import cores as growing
from secequity.inference import spatial_randomization
from secequity.inference.cores import contiguous_cores
from secequity.inference.space import links_of
from secequity.inference.spectral import spectrum

SIDE = 12


def lattice(side: int) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """Queen neighbours on a square, and the row and column of each cell."""
    row, column = np.divmod(np.arange(side * side), side)
    away = np.maximum(np.abs(row[:, None] - row), np.abs(column[:, None] - column))
    return sparse.csr_array((away == 1).astype(float)), row, column


def graph_of(links: sparse.csr_array, ids: list[str]) -> Graph:
    one, other = links.nonzero()
    return Graph.from_arrays(np.array(ids)[one], np.array(ids)[other], np.ones(len(one))).transform("r")


def city(side: int = 7, seed: int = 3) -> tuple[pd.DataFrame, pd.Series, pd.Series, Graph]:
    links, row, column = lattice(side)
    ids = [f"n{at:03}" for at in range(side * side)]
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.gamma(2.0, 1.0, side * side)}, index=ids)
    zones = pd.Series(np.where((row < 5) & (row > 1) & (column > 1) & (column < 4), "centre", "periphery"), index=ids)
    return data, zones, pd.Series(rng.integers(500, 1500, side * side), index=ids), graph_of(links, ids)


def centre_mean(data: pd.DataFrame, labels: pd.Series) -> float:
    return float(data.loc[labels == "centre", "x"].mean())


def moran(links: np.ndarray, x: np.ndarray) -> float:
    z = x - x.mean()
    return len(z) / links.sum() * (z @ links @ z) / (z @ z)


# What is kept


@pytest.mark.parametrize("procedure", ["singleton", "pair", "triplet"])
@pytest.mark.parametrize("isolates", [0, 3])
def test_random_variables_keep_mean_variance_and_pattern(procedure: str, isolates: int) -> None:
    links, _, _ = lattice(6)
    whole = sparse.csr_array(sparse.block_diag([links, sparse.csr_array((isolates, isolates))]))
    weighted = whole.toarray() / np.maximum(whole.toarray().sum(axis=1, keepdims=True), 1)
    rng = np.random.default_rng(2)
    x = rng.gamma(1.0, 1.0, len(weighted))
    patterns = spectrum(sparse.csr_array(weighted))
    assert patterns.vectors.T @ patterns.vectors == pytest.approx(np.eye(len(x) - 1), abs=1e-9)
    assert np.abs(patterns.vectors.sum(axis=0)).max() < 1e-8
    drawn = patterns.drawn(patterns.coefficients(x), procedure=procedure, count=200, generator=rng)
    others = x.mean() + drawn @ patterns.vectors.T
    assert others.mean(axis=1) == pytest.approx(np.full(200, x.mean()))
    assert others.var(axis=1) == pytest.approx(np.full(200, x.var()))
    own = moran(weighted, x)
    found = np.array([moran(weighted, other) for other in others])
    if procedure == "pair":
        assert found.std() > 0.01
    else:
        assert found == pytest.approx(np.full(200, own), abs=1e-8)
    assert np.abs(np.corrcoef(x, others)[0, 1:]).mean() < 0.7


def test_the_short_way_to_a_sum_is_the_long_way() -> None:
    links, _, _ = lattice(6)
    patterns = spectrum(links)
    rng = np.random.default_rng(0)
    own, contrast = rng.normal(size=(2, 35))
    slow = patterns.drawn(own, procedure="singleton", count=50, generator=np.random.default_rng(4)) @ contrast
    fast = patterns.sums(own, contrast, count=50, generator=np.random.default_rng(4))
    assert fast == pytest.approx(slow)


def test_directions_do_not_hang_on_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A square has pairs of patterns with the same Moran's I, whose directions a library is free to choose."""
    links, _, _ = lattice(6)
    from scipy import linalg

    from secequity.inference import spectral

    usual = spectral._patterns(links)
    eigh = linalg.eigh

    def turned(*given: object, **options: object) -> tuple[np.ndarray, np.ndarray]:
        values, vectors = eigh(*given, **options)
        vectors = -vectors
        for at in range(len(values) - 1):
            if abs(values[at] - values[at + 1]) < 1e-9:
                one, other = vectors[:, at].copy(), vectors[:, at + 1].copy()
                vectors[:, at], vectors[:, at + 1] = 0.6 * one + 0.8 * other, 0.8 * one - 0.6 * other
                break
        return values, vectors

    monkeypatch.setattr(spectral.linalg, "eigh", turned)
    other = spectral._patterns(links)
    x = np.random.default_rng(1).normal(size=36)
    drawn = [
        one.drawn(one.coefficients(x), procedure="singleton", count=5, generator=np.random.default_rng(2))
        @ one.vectors.T
        for one in (usual, other)
    ]
    assert drawn[0] == pytest.approx(drawn[1], abs=1e-9)


# Cores


def test_cores_are_contiguous_of_about_the_population_and_as_ragged() -> None:
    links, row, column = lattice(SIDE)
    people = np.random.default_rng(1).integers(500, 1500, SIDE**2).astype(float)
    core = (row - 5) ** 2 + (column - 5) ** 2 <= 6
    found = contiguous_cores(links, people, core, permutations=200, rng=1)
    assert len(found) == 200
    target = people[core].sum()
    dense = links.toarray()
    own = dense[core][:, ~core].sum()
    inside = np.concatenate(list(found.inside()))
    assert len({one.tobytes() for one in inside}) == 200
    assert not (inside == core).all(axis=1).any()
    for one in inside:
        assert connected_components(links[one][:, one], directed=False)[0] == 1
        assert abs(people[one].sum() - target) <= people.max() / 2
        assert 0.8 <= dense[one][:, ~one].sum() / own <= 1.25
    assert found.totals(people) == pytest.approx(inside @ people)


def test_a_small_city_is_compared_with_every_contiguous_core() -> None:
    links, _, _ = lattice(3)
    people = np.array([5.0, 4, 3, 4, 5, 6, 5, 4, 3])
    core = np.isin(np.arange(9), [0, 1])
    found = contiguous_cores(links, people, core, permutations=1, rng=1)
    expected = set()
    for size in range(1, 9):
        for rows in combinations(range(9), size):
            part = links[list(rows)][:, list(rows)]
            alike = abs(people[list(rows)].sum() - 9) <= 0.25 * 9
            if alike and connected_components(part, directed=False)[0] == 1:
                expected.add(rows)
    assert found.exact
    assert {tuple(np.flatnonzero(one)) for one in np.concatenate(list(found.inside()))} == expected


def test_a_core_of_several_pieces_is_compared_all_the_same() -> None:
    """In a city whose parts are too small to hold a whole core, cores go on in another part."""
    part, _, _ = lattice(3)
    links = sparse.csr_array(sparse.block_diag([part, part, sparse.csr_array((2, 2))]))
    core = np.isin(np.arange(20), np.arange(11))
    found = contiguous_cores(links, np.ones(20), core, permutations=99, rng=1)
    assert len(found) > 0
    assert found.totals(np.ones(20)) == pytest.approx(np.full(len(found), 11.0))


def test_isolates_are_never_a_core_where_a_core_needs_more_people() -> None:
    part, row, column = lattice(5)
    links = sparse.csr_array(sparse.block_diag([part, sparse.csr_array((3, 3))]))
    core = np.append((row > 0) & (row < 3) & (column > 0) & (column < 3), [False] * 3)
    found = contiguous_cores(links, np.ones(28), core, permutations=50, rng=1)
    assert found.rows.max() < 25


def test_one_core_is_none() -> None:
    """Nobody but the isolate has as many people: there is no other place to compare with."""
    part, _, _ = lattice(2)
    links = sparse.csr_array(sparse.block_diag([part, sparse.csr_array((1, 1))]))
    ids = list("abcde")
    data = pd.DataFrame({"x": np.arange(5.0)}, index=ids)
    zones = pd.Series(["periphery"] * 4 + ["centre"], index=ids)
    people = pd.Series([1, 1, 1, 1, 1000], index=ids)
    one, other = links.nonzero()
    pairs = pd.Series(1.0, index=pd.MultiIndex.from_arrays([np.array(ids)[one], np.array(ids)[other]]))
    graph = Graph.from_arrays(
        [*pairs.index.get_level_values(0), "e"], [*pairs.index.get_level_values(1), "e"], [*pairs, 0.0]
    )
    found = spatial_randomization(centre_mean, data, graph=graph, labels=zones, people=people)
    assert (found.reason, found.permutations) == ("one_core", 0)
    assert "No test with other cores" in found.summary()
    assert "Sin prueba con otros centros" in found.summary("es")


# The tests


@pytest.mark.parametrize("method", ["cores", "spectral"])
def test_frames_and_arrays_give_the_same_p(method: str) -> None:
    data, zones, people, graph = city()
    x = data["x"].to_numpy()
    core = (zones == "centre").to_numpy()
    options = {"graph": graph, "method": method, "permutations": 99, "rng": 3, "people": people}
    if method == "cores":
        slow = spatial_randomization(centre_mean, data, labels=zones, **options)
        fast = spatial_randomization(
            lambda inside: (inside * x).sum(axis=-1) / inside.sum(axis=-1),
            data,
            labels=zones,
            vectorised=True,
            **options,
        )
    else:
        slow = spatial_randomization(lambda other: centre_mean(other, zones), data, column="x", **options)
        fast = spatial_randomization(
            lambda values: values[..., core].mean(axis=-1), data, column="x", vectorised=True, **options
        )
    assert (slow.value, slow.p_value, slow.permutations) == pytest.approx((fast.value, fast.p_value, fast.permutations))
    assert slow.method == method


@pytest.mark.parametrize("method", ["cores", "spectral"])
def test_a_seed_fixes_the_digits_in_any_order_of_rows(method: str) -> None:
    data, zones, people, graph = city()
    options = {"method": method, "people": people, "permutations": 99, "graph": graph}
    options |= {"labels": zones} if method == "cores" else {"column": "x"}
    function = centre_mean if method == "cores" else lambda other: centre_mean(other, zones.reindex(other.index))
    first = spatial_randomization(function, data, rng=5, **options)
    again = spatial_randomization(function, data.sample(frac=1, random_state=1), rng=5, **options)
    other = spatial_randomization(function, data, rng=6, **options)
    assert first.p_value == again.p_value
    assert first.value == pytest.approx(again.value)
    assert 0 < first.p_value <= 1
    assert other.p_value != first.p_value


def test_neither_workers_nor_blocks_change_a_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    from secequity.inference import intervals, permutation

    data, zones, people, graph = city()
    found = []
    for workers in (1, 3):
        monkeypatch.setattr(intervals, "CORES", workers)
        monkeypatch.setattr(permutation.subsets, "__kwdefaults__", {"workers": workers})
        found.append(compare_zones(data["x"], zones, weights=people, graph=graph, rng=1, replicates=9999))
    pd.testing.assert_frame_equal(found[0].to_frame(), found[1].to_frame(), check_exact=True)
    pd.testing.assert_frame_equal(found[0].tests, found[1].tests, check_exact=True)


def test_an_extreme_core_is_found_and_p_is_never_zero() -> None:
    data, zones, people, graph = city()
    extreme = data.assign(x=np.where(zones == "centre", 100.0, np.arange(49) / 49))
    found = spatial_randomization(centre_mean, extreme, graph=graph, labels=zones, people=people, rng=1)
    assert 2 / (found.permutations + 1) <= found.p_value < 0.01
    assert "contiguous cores" in found.summary()


def test_what_cannot_be_told_says_why() -> None:
    data, zones, _, graph = city()
    alone = Graph.from_arrays(data.index, data.index, np.zeros(len(data)))
    found = {
        "no_links": spatial_randomization(centre_mean, data, graph=alone, labels=zones),
        "too_many": spatial_randomization(len, data, graph=graph, method="spectral", column="x", largest=10),
        "no_spread": spatial_randomization(len, data.assign(x=0.1), graph=graph, method="spectral", column="x"),
        "undefined": spatial_randomization(lambda data, labels: np.nan, data, graph=graph, labels=zones),
    }
    for reason, one in found.items():
        assert one.reason == reason
        assert np.isnan(one.p_value)
        assert one.summary().startswith("No ")
        assert one.summary("es").startswith("Sin ")


def test_mistakes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data, zones, people, graph = city()
    with pytest.raises(ConfigError, match="cores needs the option labels"):
        spatial_randomization(centre_mean, data, graph=graph)
    with pytest.raises(ConfigError, match="spectral needs the option column"):
        spatial_randomization(centre_mean, data, graph=graph, method="spectral")
    with pytest.raises(LayerError, match="no column 'y'"):
        spatial_randomization(centre_mean, data, graph=graph, method="spectral", column="y")
    with pytest.raises(LayerError, match="x is missing"):
        spatial_randomization(centre_mean, data.mask(data > 3), graph=graph, method="spectral", column="x")
    with pytest.raises(ConfigError, match="method"):
        spatial_randomization(centre_mean, data, graph=graph, method="torus")
    with pytest.raises(LayerError, match="two different"):
        spatial_randomization(centre_mean, data, graph=graph, labels=zones.where(zones.index != "n000", "other"))
    with pytest.raises(LayerError, match="'casco'"):
        spatial_randomization(centre_mean, data, graph=graph, labels=zones, core="casco")
    with pytest.raises(AlignmentError, match="stranger"):
        spatial_randomization(centre_mean, data.rename(index={"n000": "stranger"}), graph=graph, labels=zones)
    with pytest.raises(LayerError, match="negative"):
        spatial_randomization(centre_mean, data, graph=graph, labels=zones, people=-people)


def test_links_are_those_among_the_rows_and_add_up_to_one() -> None:
    data, _, _, graph = city()
    ids = data.index[:10][::-1]
    links = links_of(graph, ids)
    kept = graph.adjacency.unstack(fill_value=0.0).reindex(index=ids, columns=ids).to_numpy()
    total = kept.sum(axis=1, keepdims=True)
    assert links.toarray() == pytest.approx(kept / np.where(total == 0, 1, total))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_scale_and_shift_change_no_p(seed: int) -> None:
    data, zones, people, graph = city(5, seed)
    first = compare_zones(data["x"], zones, weights=people, graph=graph, rng=1, replicates=99, permutations=199)
    again = compare_zones(4 * data["x"] + 1, zones, weights=people, graph=graph, rng=1, replicates=99, permutations=199)
    assert again.tests["p_value"].tolist() == pytest.approx(first.tests["p_value"].tolist())


# How often they are wrong


def rejected(
    links: sparse.csr_array, people: np.ndarray, core: np.ndarray, *, rho: float, runs: int = 500
) -> dict[str, float]:
    """How often each test rejects at 5 % where values have nothing to do with the core."""
    rng = np.random.default_rng(8)
    count = len(people)
    near = links.toarray()
    standard = near / np.maximum(near.sum(axis=1, keepdims=True), 1)
    fields = np.linalg.solve(np.eye(count) - rho * standard, rng.standard_normal((count, runs)))

    def differences(inside: np.ndarray) -> np.ndarray:
        held, amount = inside @ people, people[:, None] * fields
        within = inside @ amount
        return within / held[:, None] - (amount.sum(axis=0) - within) / (people.sum() - held)[:, None]

    def share(reference: np.ndarray, observed: np.ndarray) -> float:
        tails = [1 + (reference >= observed - 1e-10).sum(axis=0), 1 + (reference <= observed + 1e-10).sum(axis=0)]
        return float((2 * np.minimum(*tails) / (len(reference) + 1) <= 0.05).mean())

    observed = differences(core[np.newaxis].astype(float))[0]
    dealt = np.array([rng.permutation(core) for _ in range(399)], dtype=float)
    grown = contiguous_cores(sparse.csr_array(standard), people, core, permutations=499, rng=1)
    patterns = spectrum(sparse.csr_array(standard))
    contrast = patterns.vectors.T @ np.where(core, people / people[core].sum(), -people / people[~core].sum())
    own = patterns.vectors.T @ (fields - fields.mean(axis=0))
    drawn = [patterns.sums(one, contrast, count=399, generator=rng) for one in own.T]
    return {
        "label": share(differences(dealt), observed),
        "cores": share(differences(np.concatenate(list(grown.inside())).astype(float)), observed),
        "spectral": share(np.array(drawn).T, contrast @ own),
    }


MOST = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)
LEAST = 0.05 - 3 * np.sqrt(0.05 * 0.95 / 500)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_spatial_tests_keep_their_size_on_a_lattice_and_dealing_out_labels_does_not(rho: float) -> None:
    links, row, column = lattice(SIDE)
    people = np.random.default_rng(1).integers(500, 1500, SIDE**2).astype(float)
    core = (row - 5) ** 2 + (column - 5) ** 2 <= 6
    found = rejected(links, people, core, rho=rho)
    assert found["cores"] <= MOST
    assert LEAST <= found["spectral"] <= MOST
    if rho == 0:
        assert LEAST <= found["label"] <= MOST
    else:
        assert found["label"] > 0.15


@pytest.mark.real
@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_sizes_on_the_districts_of_lima(data_folder: Path, rho: float) -> None:
    folder = data_folder / "peru_lima"
    frame = gpd.read_file(folder / "distritos_2017.geojson").to_crs("EPSG:32718")
    frame["ubigeo"] = frame["ubigeo"].astype(str)
    frame = frame.set_index("ubigeo").sort_index()
    census = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    zones = pd.read_csv(folder / "zonas_lima.csv", dtype={"ubigeo": str}).set_index("ubigeo")["zona"]
    frame = frame[frame.index.isin(zones.index)]
    links = links_of(weights.contiguity(frame, snap_m=0.5, transform="b"), frame.index)
    people = census["poblacion_2017"].reindex(frame.index).to_numpy(dtype=float)
    core = (zones.reindex(frame.index) == "Centro").to_numpy()
    found = rejected(links, people, core, rho=rho)
    print(found, core.sum(), len(core))
    assert found["cores"] <= MOST
    assert LEAST <= found["spectral"] <= MOST
    assert (found["label"] > 0.1) == (rho > 0)


def test_growing_is_bounded_in_a_large_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "VISITS", 1)
    links, row, column = lattice(40)
    core = (row - 20) ** 2 + (column - 20) ** 2 < 60
    found = contiguous_cores(links, np.ones(1600), core, permutations=9999, rng=1)
    assert 39 < len(found) <= growing.FEWEST
