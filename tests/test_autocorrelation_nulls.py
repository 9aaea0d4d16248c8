"""Without a pattern each test rejects 5 % at 5 %: on a lattice and on the districts of Lima."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from shapely import box

from secequity import autocorrelation as ac
from secequity import weights

Draw = Callable[[np.random.Generator, Graph], pd.Series]

SIMULATED = 400
PERMUTATIONS = 199
OPTIONS = {"permutations": PERMUTATIONS}


def lattice() -> Graph:
    cells = {f"{r}{c}": box(c, r, c + 1, r + 1) for r in range(7) for c in range(7)}
    return weights.contiguity(gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718"))


@pytest.fixture(scope="module")
def lima(data_folder: Path) -> Graph:
    frame = gpd.read_file(data_folder / "peru_lima" / "distritos_2017.geojson").set_index("ubigeo").to_crs("EPSG:32718")
    return weights.contiguity(frame)


def skewed(rng: np.random.Generator, graph: Graph) -> pd.Series:
    return pd.Series(rng.gamma(1.0, size=graph.n), index=graph.unique_ids)


def counts(rng: np.random.Generator, graph: Graph) -> pd.Series:
    return pd.Series(rng.poisson(20, graph.n), index=graph.unique_ids, dtype=float)


OVERALL = {
    "moran": lambda rng, g: ac.moran(skewed(rng, g), g, rng=rng, **OPTIONS).p_value,
    "moran_rate": lambda rng, g: ac.moran_rate(counts(rng, g), counts(rng, g) * 0 + 900, g, rng=rng, **OPTIONS).p_value,
    "geary": lambda rng, g: ac.geary(skewed(rng, g), g, rng=rng, **OPTIONS).p_value,
    "getis_ord_g": lambda rng, g: ac.getis_ord_g(skewed(rng, g), g.transform("B"), rng=rng, **OPTIONS).p_value,
    "bivariate_moran": lambda rng, g: ac.bivariate_moran(skewed(rng, g), skewed(rng, g), g, rng=rng, **OPTIONS).p_value,
    "lee_l": lambda rng, g: ac.lee_l(skewed(rng, g), skewed(rng, g), g, rng=rng, **OPTIONS).p_value,
}

LOCAL = {
    "local_moran": lambda rng, g: ac.local_moran(skewed(rng, g), g, rng=rng, **OPTIONS),
    "local_bivariate_moran": lambda rng, g: ac.local_bivariate_moran(
        skewed(rng, g), skewed(rng, g), g, rng=rng, **OPTIONS
    ),
    "local_geary": lambda rng, g: ac.local_geary(skewed(rng, g), g, rng=rng, **OPTIONS),
    "local_g": lambda rng, g: ac.local_g(skewed(rng, g), g, rng=rng, **OPTIONS),
}


def overall_size(name: str, graph: Graph) -> float:
    rng = np.random.default_rng([11, *name.encode()])
    return float(np.mean([OVERALL[name](rng, graph) <= 0.05 + 1e-12 for _ in range(SIMULATED)]))


def local_size(name: str, graph: Graph) -> float:
    rng = np.random.default_rng([12, *name.encode()])
    p = np.concatenate([LOCAL[name](rng, graph).table["p_value"].dropna() for _ in range(SIMULATED // 4)])
    return float(np.mean(p <= 0.05 + 1e-12))


WITHIN = 3.5 * np.sqrt(0.05 * 0.95 / SIMULATED)
"""Of the mean of so many independent tests; the local tests of one map depend on each other."""


@pytest.mark.parametrize("name", list(OVERALL))
def test_size_of_the_overall_tests_on_a_lattice(name: str) -> None:
    assert overall_size(name, lattice()) == pytest.approx(0.05, abs=WITHIN)


@pytest.mark.parametrize("name", list(LOCAL))
def test_size_of_the_local_tests_on_a_lattice(name: str) -> None:
    assert local_size(name, lattice()) == pytest.approx(0.05, abs=0.015)


@pytest.mark.real
@pytest.mark.parametrize("name", list(OVERALL))
def test_size_of_the_overall_tests_on_lima(name: str, lima: Graph) -> None:
    assert overall_size(name, lima) == pytest.approx(0.05, abs=WITHIN)


@pytest.mark.real
@pytest.mark.parametrize("name", list(LOCAL))
def test_size_of_the_local_tests_on_lima(name: str, lima: Graph) -> None:
    assert local_size(name, lima) == pytest.approx(0.05, abs=0.015)


def test_join_counts_reject_no_more_than_asked() -> None:
    """Counts take few values, so the test cannot be exact: it may only err on the safe side."""
    graph, rng = lattice(), np.random.default_rng(13)
    rejected = []
    for _ in range(SIMULATED):
        words = pd.Series(rng.random(graph.n) < 0.4, index=graph.unique_ids)
        rejected.append((ac.join_counts(words, graph, rng=rng, **OPTIONS).table["p_value"] <= 0.05 + 1e-12).to_numpy())
    share = np.mean(rejected, axis=0)
    assert (share < 0.05 + WITHIN).all() and (share > 0).all()


@pytest.mark.parametrize("name", ["moran", "geary", "lee_l"])
def test_a_pattern_is_found(name: str) -> None:
    graph = lattice()
    slope = pd.Series([float(one[0]) for one in graph.unique_ids], index=graph.unique_ids)
    if name == "lee_l":
        noise = pd.Series(np.random.default_rng(1).normal(size=49), index=slope.index)
        found = ac.lee_l(slope, slope + noise, graph, rng=1)
    else:
        found = getattr(ac, name)(slope, graph, rng=1)
    assert found.p_value == 2 / 10_000
