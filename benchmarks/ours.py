"""This side: the same work through the public functions of the package, row by row."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import timing
from timing import Clock, Figures

AREAS = {1_000: 100, 10_000: 1_000, 100_000: 1_000}


def city(folder: Path, number: int) -> Any:
    import pyogrio

    frame = pyogrio.read_dataframe(folder / f"neighbourhoods_{number}.gpkg", use_arrow=True).set_index("nid")
    return frame.set_index(frame.index.astype(object))


def jurisdictions(folder: Path, number: int) -> Any:
    import pyogrio

    return pyogrio.read_dataframe(folder / f"areas_{AREAS[number]}.gpkg", use_arrow=True).set_index("jid")


def counted(folder: Path, frame: Any, fixes: int, engine: str = "auto") -> np.ndarray:
    from secequity.coverage import count_fixes
    from secequity.sources.tracks import read_fixes

    crs = "EPSG:32718"
    parts = read_fixes(folder / f"fixes_{fixes}.parquet", to=frame.crs, x="x", y="y", crs=crs, tz="America/Lima")
    return count_fixes(frame, parts, engine=engine).counts.to_numpy()


def shared_out(frame: Any, areas: Any) -> np.ndarray:
    import secequity as se

    return se.transfer.apportion(areas, frame, "staff", sliver_share=0.0).amounts["staff"].fillna(0).to_numpy()


def summed(folder: Path, frame: Any) -> np.ndarray:
    import secequity as se

    return se.transfer.zonal(folder / "raster_5000.tif", frame).fillna(0).to_numpy()


def reached(frame: Any, posts: Any) -> np.ndarray:
    import geopandas as gpd

    import secequity as se

    places = gpd.points_from_xy(posts.x, posts.y, crs=frame.crs)
    facilities = gpd.GeoDataFrame(posts[["staff"]], geometry=places)
    costs = se.costs.straight_line(frame, facilities, cutoff_m=3000)
    decay = se.decay.binary(3000)
    found = se.coverage.two_step(costs, supply=facilities["staff"], demand=frame["pop"], decay=decay)
    return found.fillna(0).to_numpy()


def compared(frame: Any, column: str, replicates: int) -> Any:
    import pandas as pd

    import secequity as se

    zones = frame["zone"].map({"casco": "centre", "periferia": "periphery"})
    rate = pd.Series(1000 * frame[column] / frame["pop"], name=column)
    return se.gaps.compare_zones(
        rate, zones, weights=frame["pop"], replicates=replicates, permutations=replicates, rng=1
    ).gap


def everything(folder: Path, clock: Clock, *, number: int, fixes: int) -> Figures:
    """A study of a synthetic city from its files to its map."""
    with clock("import"):
        import secequity as se
        import workloads
    with clock("read"):
        frame, areas = city(folder, number), jurisdictions(folder, number)
    with clock("fixes"):
        frame["fixes"] = counted(folder, frame, fixes)
    with clock("areal"):
        frame["staff"] = shared_out(frame, areas)
    with clock("zonal"):
        frame["people"] = summed(folder, frame)
    with clock("two_step"):
        frame["fca"] = reached(frame, workloads.posts(frame))
    frame["pc"] = 1000 * frame["staff"] / frame["pop"]
    figures: Figures = {name: frame[name] for name in ("fixes", "staff", "people", "fca")}
    with clock("gaps"):
        for column in ("staff", "fixes"):
            figures[f"gap_{column}"] = compared(frame, column, 999).difference
    with clock("contiguity"):
        graph = se.weights.contiguity(frame, kind="queen")
    with clock("moran"):
        figures["moran"] = se.autocorrelation.moran(frame["pc"], graph, permutations=999, rng=1).value
        pair = frame["pc"], frame["nbi"]
        figures["moran_bv"] = se.autocorrelation.bivariate_moran(*pair, graph, permutations=999, rng=1).value
    with clock("local_moran"):
        local = se.autocorrelation.local_moran(frame["pc"], graph, permutations=999, rng=1).table
        figures["local"], frame["pc_cluster"] = local["value"], local["cluster"]
    with clock("local_bivariate"):
        local = se.autocorrelation.local_bivariate_moran(*pair, graph, permutations=999, rng=1).table
        frame["bv"] = (local["p_value"] < 0.05).astype(float)
    with clock("gi_star"):
        local = se.autocorrelation.local_g(frame["pc"], graph, permutations=999, rng=1).table
        frame["gi"] = local["value"]
    with clock("inequality"):
        figures["theil_between"] = se.equity.theil(frame["pc"] + 1e-6, groups=frame["zone"]).between
        figures["gini"] = se.equity.gini(frame["pc"])
    with clock("map"):
        path = folder / f"our_map_{number}.html"
        drawn(frame, ["pc", "bv", "gi", "fca", "people", "fixes"], path)
    return figures | {"map_bytes": path.stat().st_size}


def drawn(frame: Any, layers: list[str], path: Path) -> None:
    """The map of the package with these measures."""
    import geopandas as gpd
    import pandas as pd

    from secequity import maps
    from secequity.results import (
        AUTOCORRELATION,
        GAPS,
        HYPOTHESES,
        INEQUALITY,
        LEDGER,
        MEASURES,
        POSTS,
        StudyTables,
    )

    zone = (frame["zone"] == "casco").map({True: "centre", False: "periphery"})
    columns = {one: frame[one] for one in layers} | (
        {"pc_cluster": frame["pc_cluster"]} if "pc_cluster" in frame else {}
    )
    table = pd.DataFrame({"name": frame["name"], "zone": zone, "population": frame["pop"].astype(float)} | columns)
    rows = [[one, "covariate", "", "", "", one, one, "", ""] for one in layers]
    grouped = table.groupby("zone")["population"]
    tables = StudyTables(
        title={"es": "Ciudad", "en": "City"},
        language="es",
        neighbourhoods=gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs),
        posts=gpd.GeoDataFrame({one: [] for one in POSTS}, geometry=[], crs=frame.crs),
        measures=pd.DataFrame(rows, columns=list(MEASURES)),
        gaps=pd.DataFrame(columns=list(GAPS)),
        inequality=pd.DataFrame(columns=list(INEQUALITY)),
        autocorrelation=pd.DataFrame(columns=list(AUTOCORRELATION)),
        ledger=pd.DataFrame(columns=list(LEDGER)),
        hypotheses=pd.DataFrame(columns=list(HYPOTHESES)),
        zones=pd.DataFrame({"neighbourhoods": grouped.size(), "population": grouped.sum()}),
        sources=pd.DataFrame(columns=["file", "sha256", "bytes", "modified", "rows", "use"]),
        options={
            "seed": 7,
            "weights": "queen",
            "permutations": 999,
            "fdr": 0.05,
            "level": 0.95,
            "study": {"layers": []},
        },
    )
    maps.save(maps.build(tables, language="es"), path)


def study(folder: Path, clock: Clock, *, number: int, fixes: int, engine: str = "auto") -> Figures:
    """`secequity run` on the city's study file, every table, map and report; a process of its own."""
    return _command(
        clock, folder / f"study_{number}_{fixes}.toml", folder / f"our_study_{number}_{fixes}", engine=engine
    )


def lima(folder: Path, clock: Clock, *, data: str) -> Figures:
    """`secequity run` on the study of Lima and Callao, every table, map and report."""
    os.environ["SECEQUITY_DATA"] = data
    studies = Path(__file__).resolve().parents[1] / "data" / "studies"
    figures = _command(clock, studies / "lima.toml", folder / "our_lima")
    import pandas as pd

    gaps = pd.read_csv(folder / "our_lima" / "tables" / "gaps.csv").set_index("measure")
    local = pd.read_csv(folder / "our_lima" / "tables" / "autocorrelation.csv").set_index("measure")
    for name, layer in (("staff", "police"), ("patrol", "patrol")):
        figures[f"gap_{name}"] = gaps.loc[f"{layer}_per_1000", "difference"]
        figures[f"moran_{name}"] = local.loc[f"{layer}_per_1000", "value"]
    return figures


def _command(clock: Clock, path: Path, out: Path, *, engine: str = "auto") -> Figures:
    command = [str(Path(sys.executable).with_name("secequity")), "run", str(path), "--out", str(out), "--quiet"]
    with clock("row"):
        subprocess.run([*command, "--engine", engine], check=True)
    steps = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["seconds"]
    clock.seconds |= {name: seconds for name, seconds in steps.items() if not name.startswith("table:")}
    return {"map_bytes": (out / "map.html").stat().st_size, "report_bytes": (out / "report.html").stat().st_size}


def fixes(folder: Path, clock: Clock, *, number: int, fixes: int, engine: str = "auto") -> Figures:
    with clock("read"):
        frame = city(folder, number)
    with clock("row"):
        return {"fixes": counted(folder, frame, fixes, engine)}


def tracks(folder: Path, clock: Clock, *, number: int, fixes: int, engine: str = "auto") -> Figures:
    """Hours of presence, cleaned: what a count of positions cannot say."""
    from secequity.coverage import tracks as hours_of
    from secequity.sources.tracks import read_fixes

    frame = city(folder, number)
    how = {"unit": "unit", "x": "x", "y": "y", "crs": "EPSG:32718", "tz": "America/Lima"}
    with clock("row"):
        parts = read_fixes(folder / f"fixes_{fixes}.parquet", to=frame.crs, **how)
        found = hours_of(frame, parts, engine=engine)
    return {"hours": found.total, "km": found.km, "used": found.report["used"]}


def contiguity(folder: Path, clock: Clock, *, number: int) -> Figures:
    import secequity as se

    frame = city(folder, number)
    se.weights.contiguity(frame.head(100), kind="queen", transform="b")
    with clock("row"):
        graph = se.weights.contiguity(frame, kind="queen", transform="b")
    links = graph.sparse.tocoo()
    return {"pairs": np.sort(links.row.astype(np.int64) * len(frame) + links.col)}


def _spatial(folder: Path, number: int, *, unequal: bool = False) -> tuple[Any, Any]:
    from libpysal.graph import Graph

    import secequity as se
    import workloads

    frame = city(folder, number)
    if unequal:
        ids = frame.index.to_list()
        return frame, Graph.from_sparse(workloads.inverse_distance(frame), ids=ids).transform("r")
    graph = se.weights.contiguity(frame, kind="queen")
    se.autocorrelation.moran(frame["officers"], graph, permutations=99, rng=1)
    return frame, graph


def local_moran(folder: Path, clock: Clock, *, number: int, permutations: int, unequal: int = 0) -> Figures:
    import secequity as se

    frame, graph = _spatial(folder, number, unequal=bool(unequal))
    small = frame.head(200)
    se.autocorrelation.local_moran(small["nbi"], se.weights.contiguity(small, kind="queen"), permutations=99, rng=1)
    with clock("row"):
        found = se.autocorrelation.local_moran(frame["nbi"], graph, permutations=permutations, rng=1)
    return {"local": found.table["value"]}


def local_bivariate(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import secequity as se

    frame, graph = _spatial(folder, number)
    with clock("row"):
        found = se.autocorrelation.local_bivariate_moran(
            frame["nbi"], frame["income"], graph, permutations=permutations, rng=1
        )
    return {"local": found.table["value"]}


def gi_star(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import secequity as se

    frame, graph = _spatial(folder, number)
    with clock("row"):
        found = se.autocorrelation.local_g(frame["nbi"], graph, permutations=permutations, rng=1)
    return {"local": found.table["value"]}


def moran(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import secequity as se

    frame, graph = _spatial(folder, number)
    with clock("row"):
        found = se.autocorrelation.moran(frame["nbi"], graph, permutations=permutations, rng=1)
    return {"moran": found.value, "z": found.z}


def zonal(folder: Path, clock: Clock, *, number: int) -> Figures:
    import exactextract  # noqa: F401

    import secequity.transfer  # noqa: F401

    frame = city(folder, number)
    with clock("row"):
        return {"people": summed(folder, frame)}


def two_step(folder: Path, clock: Clock, *, number: int) -> Figures:
    import secequity.costs
    import secequity.coverage  # noqa: F401
    import workloads

    frame = city(folder, number)
    posts = workloads.posts(frame)
    with clock("row"):
        return {"fca": reached(frame, posts)}


def areal(folder: Path, clock: Clock, *, number: int) -> Figures:
    import secequity.transfer  # noqa: F401

    frame, areas = city(folder, number), jurisdictions(folder, number)
    with clock("row"):
        return {"staff": shared_out(frame, areas)}


def bootstrap(folder: Path, clock: Clock, *, number: int, replicates: int) -> Figures:
    import pandas as pd

    import secequity as se
    import secequity.inference

    frame = city(folder, number)
    two = frame[frame["zone"] != "intermedia"]
    inside, people, amount = (
        (two["zone"] == "casco").to_numpy(),
        two["pop"].to_numpy(float),
        two["officers"].to_numpy(float),
    )
    totals = np.column_stack([amount * inside, people * inside, amount * ~inside, people * ~inside])

    def difference(rows: np.ndarray) -> np.ndarray:
        drawn = totals[rows].sum(axis=-2)
        return 1000 * (drawn[..., 0] / drawn[..., 1] - drawn[..., 2] / drawn[..., 3])

    with clock("row"):
        found = se.inference.bootstrap(
            difference, pd.DataFrame(totals), replicates=replicates, method="percentile", vectorised=True, rng=1
        )
    return {"gap": found.estimate, "low": found.low, "high": found.high}


def shuffled(folder: Path, clock: Clock, *, number: int, replicates: int) -> Figures:
    import pandas as pd

    import secequity as se
    import secequity.gaps

    frame = city(folder, number)
    two = frame[frame["zone"] != "intermedia"]
    zones = two["zone"].map({"casco": "centre", "periferia": "periphery"})
    rate = pd.Series(1000 * two["officers"] / two["pop"], name="officers")
    with clock("row"):
        found = se.gaps.compare_zones(rate, zones, weights=two["pop"], replicates=1, permutations=replicates, rng=1)
    return {"gap": found.gap.difference, "p": found.test.p_value}


def importing(folder: Path, clock: Clock) -> Figures:
    with clock("row"):
        import secequity  # noqa: F401
    return {}


def helping(folder: Path, clock: Clock) -> Figures:
    with clock("row"):
        command = [str(Path(sys.executable).with_name("secequity")), "--help"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {}


def maps(folder: Path, clock: Clock, *, number: int, measures: int) -> Figures:
    import workloads

    frame, names = workloads.measured(city(folder, number), measures)
    path = folder / f"our_layers_{number}.html"
    with clock("row"):
        drawn(frame, names, path)
    with clock("open"):
        opened(path)
    return {"bytes": path.stat().st_size}


def opened(path: Path) -> None:
    """The page in headless Chromium with the network off, until every area in view is drawn and the legend stands."""
    from playwright.sync_api import sync_playwright

    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, offline=True).new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("#classes tbody tr", timeout=120_000)
        page.wait_for_selector(".areas[data-waiting='0']", state="attached", timeout=120_000)
        chromium.close()


ROWS = {
    one.__name__: one
    for one in (
        everything, study, lima, fixes, tracks, contiguity, local_moran, local_bivariate, gi_star, moran, zonal,
        two_step, areal, bootstrap, shuffled, importing, helping, maps,
    )
}  # fmt: skip

if __name__ == "__main__":
    timing.main(ROWS)
