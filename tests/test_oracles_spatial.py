"""Published values, other implementations, and the real cities."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.geary import Geary
from esda.geary_local import Geary_Local
from esda.getisord import G, G_Local
from esda.join_counts import Join_Counts
from esda.lee import Spatial_Pearson
from esda.moran import Moran, Moran_BV, Moran_Local, Moran_Local_BV
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


CITIES = {
    "columbus": ("columbus/columbus.shp", "CRIME", "INC"),
    "mexico": ("mexico/mexicojoin.shp", "PCGDP1940", "PCGDP2000"),
    "georgia": ("georgia/G_utm.shp", "PctBach", "PctPov"),
    "st louis": ("stl/stl_hom.shp", "HR8893", "RDAC90"),
    "north carolina": ("sids2/sids2.shp", "SIDR79", "NWR79"),
}


@pytest.fixture(scope="module", params=list(CITIES))
def place(request: pytest.FixtureRequest) -> tuple[pd.Series, pd.Series, Graph]:
    """Two variables and the queen neighbours of one of the data sets that come with libpysal."""
    path, first, second = CITIES[request.param]
    frame = gpd.read_file(EXAMPLES / path).set_crs("EPSG:32617", allow_override=True)
    frame.index = [f"{one:04d}" for one in range(len(frame))]
    frame = frame.set_geometry(frame.make_valid())
    return frame[first].astype(float), frame[second].astype(float), weights.contiguity(frame)


@pytest.mark.filterwarnings("ignore")
def test_all_statistics_as_esda_on_bundled_data(place: tuple[pd.Series, pd.Series, Graph]) -> None:
    x, y, graph = place
    binary, quick = graph.transform("B"), {"permutations": 9, "rng": 1}
    theirs, ours = Moran(x, graph, permutations=0), ac.moran(x, graph, **quick)
    assert (ours.value, ours.expected, ours.variance) == pytest.approx((theirs.I, theirs.EI, theirs.VI_rand))
    theirs, ours = Geary(x, graph, permutations=0), ac.geary(x, graph, **quick)
    assert (ours.value, ours.variance) == pytest.approx((theirs.C, theirs.VC_rand))
    theirs, ours = G(x, binary, permutations=0), ac.getis_ord_g(x, binary, **quick)
    assert (ours.value, ours.expected, ours.variance) == pytest.approx((theirs.G, theirs.EG, theirs.VG))
    assert ac.bivariate_moran(x, y, graph, **quick).value == pytest.approx(Moran_BV(x, y, graph, permutations=0).I)
    both = Spatial_Pearson(graph.sparse, permutations=0).fit(x.to_numpy()[:, None], y.to_numpy()[:, None])
    assert ac.lee_l(x, y, graph, **quick).value == pytest.approx(both.association_[0, 1])
    local = Moran_Local(x, graph, permutations=0)
    np.testing.assert_allclose(ac.local_moran(x, graph, **quick).table["value"], local.Is, atol=1e-12)
    local = Moran_Local_BV(x, y, graph, permutations=0)
    np.testing.assert_allclose(ac.local_bivariate_moran(x, y, graph, **quick).table["value"], local.Is, atol=1e-12)
    local = Geary_Local(connectivity=graph, permutations=0).fit(x)
    np.testing.assert_allclose(ac.local_geary(x, graph, **quick).table["value"], local.localG)
    for star in (False, True):
        local = G_Local(x, binary, transform="B", permutations=0, star=star)
        np.testing.assert_allclose(ac.local_g(x, binary, star=star, **quick).table["value"], local.Zs, atol=1e-12)


def test_values_of_esdas_documentation() -> None:
    """St Louis HR8893 (I), the example of Cliff and Ord in libpysal's `book` (C), a grid of sixteen (joins)."""
    frame = gpd.read_file(EXAMPLES / "stl" / "stl_hom.shp")
    ids = [f"{one:02d}" for one in range(len(frame))]
    values = pd.Series(frame["HR8893"].to_numpy(), index=ids)
    lines = (EXAMPLES / "stl" / "stl.gal").read_text().split("\n")[1:]
    pairs = [(int(lines[i].split()[0]), int(two)) for i in range(0, 2 * len(frame), 2) for two in lines[i + 1].split()]
    focal, neighbour = ([ids[one - 1] for one in side] for side in zip(*pairs, strict=True))
    graph = Graph.from_arrays(focal, neighbour, [1] * len(pairs)).transform("R")
    assert round(ac.moran(values, graph, rng=1).value, 3) == 0.244
    cells = [f"{one:02d}" for one in range(16)]
    links = [(a, b) for a in range(16) for b in range(16) if abs(a // 4 - b // 4) + abs(a % 4 - b % 4) == 1]
    rook = Graph.from_arrays(*zip(*((cells[a], cells[b]) for a, b in links), strict=True), [1] * len(links))
    found = ac.join_counts(pd.Series([0] * 8 + [1] * 8, index=cells), rook, rng=1)
    assert (found.of("B", "B"), found.of("B", "W"), found.of("W", "W"), found.joins) == (10, 4, 10, 24)
    assert found.table.loc[0, "p_value"] == pytest.approx(2 * 0.003, abs=0.003)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_core_and_periphery_of_columbus_as_esda(columbus: gpd.GeoDataFrame, queen: Graph) -> None:
    theirs, ours = Join_Counts(columbus["CP"], queen, permutations=0), ac.join_counts(columbus["CP"], queen, rng=1)
    counted = (ours.of("B", "B"), ours.of("W", "W"), ours.of("B", "W"), ours.joins)
    assert counted == (theirs.bb, theirs.ww, theirs.bw, theirs.J)


# Where esda's permutation tests differ: each of these fails when esda is mended


SAYS = Path(__file__).with_name("esda_says.py")


@pytest.fixture(scope="module")
def esda_says() -> dict[str, Any]:
    """Its answers, from a process without numba: compiling would take most of a minute."""
    code = f"import sys, runpy; sys.modules['numba'] = None; runpy.run_path({str(SAYS)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    """The inputs that esda was given."""
    return runpy.run_path(str(SAYS))


def test_local_p_as_esda_simulates(columbus: gpd.GeoDataFrame, queen: Graph, esda_says: dict[str, Any]) -> None:
    ours = ac.local_moran(columbus["CRIME"], queen, rng=1).table["p_value"]
    np.testing.assert_allclose(ours, esda_says["columbus_two_sided"], atol=0.05)


def test_esda_folds_p_to_one_tail(esda_says: dict[str, Any]) -> None:
    folded, whole = np.array(esda_says["columbus_folded"]), np.array(esda_says["columbus_two_sided"])
    np.testing.assert_allclose(2 * folded, whole, atol=0.0005 + 2 / 10_000)


def test_esda_gives_an_isolate_a_p(esda_says: dict[str, Any], asked: dict[str, Any]) -> None:
    assert (esda_says["island_p"], esda_says["island_quadrant"]) == (0.001, 4)
    frame, values = asked["with_island"](5)
    graph = weights.contiguity(frame)
    assert ac.local_moran(pd.Series(values, index=frame.index), graph, rng=1).table.loc["zz", "cluster"] == "isolate"


def test_esda_calls_ties_significant(esda_says: dict[str, Any], asked: dict[str, Any]) -> None:
    frame = asked["squares"](20, 20)
    values = pd.Series(asked["mostly_none"](20), index=frame.index)
    p = ac.local_moran(values, weights.contiguity(frame), rng=1).table["p_value"].to_numpy()
    theirs = np.array(esda_says["none"])
    assert (theirs & (p > 0.2)).sum() >= 10
    assert (p <= 0.05).sum() <= 5


def test_esda_calls_everything_significant_after_one_missing_value_or_none_that_differs(
    esda_says: dict[str, Any],
) -> None:
    assert esda_says["one_missing"] == esda_says["constant"] == 400


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
