"""Published values, other implementations, and the real cities."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.geary import Geary
from esda.getisord import G, G_Local
from esda.moran import Moran_BV, Moran_Local
from esda.smoothing import Empirical_Bayes, assuncao_rate
from libpysal.graph import Graph

from secequity import autocorrelation as ac
from secequity import rates, weights

EXAMPLES = Path(libpysal.__path__[0]) / "examples"


@pytest.fixture(scope="module")
def columbus() -> gpd.GeoDataFrame:
    frame = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_crs("EPSG:32617")
    return frame.set_index(frame["POLYID"].astype(int).astype(str))


@pytest.fixture(scope="module")
def queen(columbus: gpd.GeoDataFrame) -> Graph:
    return weights.contiguity(columbus)


def test_columbus_crime(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    """The values of the Columbus data under queen contiguity as published with PySAL, GeoDa and spdep."""
    found = ac.moran(columbus["CRIME"], queen, rng=2017)
    assert queen.n_edges == 236
    assert found.value == pytest.approx(0.5001885571828611, abs=1e-13)
    assert found.expected == pytest.approx(-1 / 48)
    assert found.variance == pytest.approx(0.0086892892, abs=1e-10)
    assert found.z == pytest.approx(5.589382675, abs=1e-8)
    assert found.p_value == 2 / 10_000
    assert ac.geary(columbus["CRIME"], queen, rng=1).value == pytest.approx(0.5405282027, abs=1e-10)


def test_geary_and_g_as_esda(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    crime, binary = columbus["CRIME"], weights.contiguity(columbus, transform="b")
    theirs, ours = Geary(crime, queen, permutations=0), ac.geary(crime, queen, rng=1)
    assert (ours.value, ours.variance, ours.z) == pytest.approx((theirs.C, theirs.VC_rand, theirs.z_rand))
    theirs, ours = G(crime, binary, permutations=0), ac.getis_ord_g(crime, binary, rng=1)
    assert (ours.value, ours.expected, ours.z) == pytest.approx((theirs.G, theirs.EG, theirs.z_norm))


def test_bivariate_as_esda(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    theirs = Moran_BV(columbus["INC"], columbus["CRIME"], queen, permutations=0)
    assert ac.bivariate_moran(columbus["INC"], columbus["CRIME"], queen, rng=1).value == pytest.approx(theirs.I)


def test_local_values_and_quadrants_as_esda(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    theirs = Moran_Local(columbus["CRIME"], queen, permutations=0)
    ours = ac.local_moran(columbus["CRIME"], queen, rng=1).table
    np.testing.assert_allclose(ours["value"], theirs.Is)
    assert ours["quadrant"].tolist() == [{1: "HH", 2: "LH", 3: "LL", 4: "HL"}[one] for one in theirs.q]


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_local_p_as_esda_simulates(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    theirs = Moran_Local(columbus["CRIME"], queen, permutations=9999, seed=1)
    below = (theirs.sim <= theirs.Is).sum(axis=0)
    above = (theirs.sim >= theirs.Is).sum(axis=0)
    two_sided = np.minimum(1, 2 * (np.minimum(below, above) + 1) / 10_000)
    ours = ac.local_moran(columbus["CRIME"], queen, rng=1).table["p_value"]
    np.testing.assert_allclose(ours, two_sided, atol=0.05)


@pytest.mark.parametrize("star", [False, True])
def test_local_g_as_esda(columbus: gpd.GeoDataFrame, star: bool) -> None:
    binary = weights.contiguity(columbus, transform="b")
    theirs = G_Local(columbus["CRIME"], binary, transform="B", permutations=0, star=star)
    np.testing.assert_allclose(ac.local_g(columbus["CRIME"], binary, star=star, rng=1).table["value"], theirs.Zs)


def test_empirical_bayes_of_st_louis() -> None:
    """The first ten smoothed homicide rates of the St Louis data in esda's documentation."""
    table = pd.read_csv(EXAMPLES / "stl" / "stl_hom.csv", index_col="FIPSNO")
    table.index = table.index.astype(str)
    found = rates.empirical_bayes(table["HC8488"], table["PO8488"])
    theirs = Empirical_Bayes(table["HC8488"], table["PO8488"]).r.ravel()
    np.testing.assert_allclose(found, theirs, rtol=1e-12)
    np.testing.assert_allclose(
        rates.standardised(table["HC8488"], table["PO8488"]),
        assuncao_rate(table["HC8488"].to_numpy(), table["PO8488"].to_numpy()),
        rtol=1e-12,
    )


def test_sudden_infant_death_rates() -> None:
    """I of the standardised SID79 rates, 0.1662 in esda's documentation."""
    frame = gpd.read_file(EXAMPLES / "sids2" / "sids2.dbf")
    lines = (EXAMPLES / "sids2" / "sids2.gal").read_text().split("\n")[1:]
    pairs = [(lines[i].split()[0], two) for i in range(0, 200, 2) for two in lines[i + 1].split()]
    graph = Graph.from_arrays(*zip(*pairs, strict=True), [1] * len(pairs)).transform("R")
    ids = [lines[i].split()[0] for i in range(0, 200, 2)]
    events, births = (pd.Series(frame[column].to_numpy(), index=ids, name=column) for column in ("SID79", "BIR79"))
    assert ac.moran_rate(events, births, graph, rng=1).value == pytest.approx(0.1662, abs=5e-5)


@pytest.fixture(scope="module")
def lima(data_folder: Path) -> dict[str, pd.Series | gpd.GeoDataFrame]:
    folder = data_folder / "peru_lima"
    frame = gpd.read_file(folder / "distritos_2017.geojson").set_index("ubigeo").to_crs("EPSG:32718")
    census = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    poverty = pd.read_csv(folder / "indicadores_distritos.csv", dtype={"inei": str}).set_index("inei")
    stations = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo": str})
    points = gpd.GeoDataFrame(stations, geometry=gpd.points_from_xy(stations["lon"], stations["lat"]), crs="EPSG:4326")
    inside = points.drop(columns="ubigeo").to_crs(frame.crs).sjoin(frame[["geometry"]], predicate="within")
    return {
        "frame": frame,
        "people": census["poblacion_2017"],
        "poverty": poverty["pct_pobreza_total"],
        "placed": inside.groupby("ubigeo")["policias_total"].sum().reindex(frame.index),
        "declared": stations.groupby("ubigeo")["policias_total"].sum().reindex(frame.index),
    }


@pytest.mark.real
@pytest.mark.parametrize(("column", "expected"), [("placed", 0.173), ("declared", 0.174)])
def test_police_of_lima(lima: dict[str, pd.Series | gpd.GeoDataFrame], column: str, expected: float) -> None:
    graph = weights.contiguity(lima["frame"])
    found = ac.moran(rates.per_1000(lima[column], lima["people"]), graph, rng=2017)
    assert (found.n, found.n_isolates, found.n_missing) == (50, 0, 0)
    assert found.value == pytest.approx(expected, abs=5e-4)


@pytest.mark.real
def test_poverty_of_lima(lima: dict[str, pd.Series | gpd.GeoDataFrame]) -> None:
    found = ac.moran(lima["poverty"], weights.contiguity(lima["frame"]), rng=2017)
    assert found.value == pytest.approx(0.567, abs=5e-4)
    assert found.p_value == 2 / 10_000
