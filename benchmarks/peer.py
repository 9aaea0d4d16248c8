"""The other side: what a competent user writes today, with the libraries one finds first.

Each row is a function of the folder of workloads; imports stand inside, because starting from cold is part of the work.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

import timing
from timing import Clock, Figures

warnings.filterwarnings("ignore")
AREAS = {1_000: 100, 10_000: 1_000, 100_000: 1_000}
COLOURS = ["#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#225ea8"]


def city(folder: Path, number: int) -> Any:
    import geopandas as gpd

    return gpd.read_file(folder / f"neighbourhoods_{number}.gpkg")


def jurisdictions(folder: Path, number: int) -> Any:
    import geopandas as gpd

    return gpd.read_file(folder / f"areas_{AREAS[number]}.gpkg")


def points(frame: Any, columns: dict[str, Any]) -> Any:
    import geopandas as gpd

    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(columns["x"], columns["y"]), crs=frame.crs)


def counted(folder: Path, frame: Any, fixes: int) -> np.ndarray:
    import geopandas as gpd
    import pandas as pd

    table = pd.read_parquet(folder / f"fixes_{fixes}.parquet")
    located = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.x, table.y), crs=frame.crs)
    joined = gpd.sjoin(located, frame[["nid", "geometry"]], predicate="within")
    return joined.groupby("nid").size().reindex(frame.nid).fillna(0).to_numpy()


def shared_out(frame: Any, areas: Any) -> np.ndarray:
    from tobler.area_weighted import area_interpolate

    return area_interpolate(areas, frame, extensive_variables=["staff"], allocate_total=False)["staff"].to_numpy()


def summed(folder: Path, frame: Any) -> np.ndarray:
    from rasterstats import zonal_stats

    return np.array(
        [one["sum"] or 0 for one in zonal_stats(frame, str(folder / "raster_5000.tif"), stats=["sum"])], float
    )


def reached(frame: Any, posts: Any) -> np.ndarray:
    from access import Access

    supply = points(frame, {"x": posts.x, "y": posts.y, "staff": posts.staff}).assign(sid=np.arange(len(posts)))
    demand = frame[["nid", "pop", "geometry"]].set_index("nid")
    found = Access(demand_df=demand, demand_value="pop", supply_df=supply.set_index("sid"), supply_value="staff")
    found.create_euclidean_distance(name="metres", threshold=3000, centroid_o=True, centroid_d=True)
    found.two_stage_fca(name="fca", cost="metres", max_cost=3000)
    return found.access_df["fca_staff"].reindex(frame.nid).fillna(0).to_numpy()


def gap(table: Any, column: str) -> float:
    total = table.groupby("zone")[[column, "pop"]].sum()
    rate = 1000 * total[column] / total["pop"]
    return float(rate["casco"] - rate["periferia"])


def resampled(frame: Any, column: str, replicates: int) -> tuple[float, float]:
    two = frame.loc[frame.zone != "intermedia", ["zone", column, "pop"]]
    drawn = [gap(two.sample(frac=1, replace=True, random_state=at), column) for at in range(replicates)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def neighbours(frame: Any) -> Any:
    from libpysal.weights import Queen

    weights = Queen.from_dataframe(frame, use_index=False)
    weights.transform = "r"
    return weights


def drawn(frame: Any, layers: list[str], path: Path) -> None:
    """One folium layer a measure, each with its own copy of the geometry, as the tutorials have it."""
    import folium

    degrees = frame.to_crs(4326)
    west, south, east, north = degrees.total_bounds
    page = folium.Map()
    for layer in layers:
        cuts = np.nanquantile(degrees[layer], [0.2, 0.4, 0.6, 0.8])

        def style(feature: Any, layer: str = layer, cuts: np.ndarray = cuts) -> dict[str, Any]:
            colour = COLOURS[int(np.searchsorted(cuts, feature["properties"][layer]))]
            return {"fillColor": colour, "weight": 0.5}

        group = folium.FeatureGroup(name=layer)
        columns = [one for one in degrees.columns if one != "geometry"]
        tip = folium.GeoJsonTooltip(columns)
        folium.GeoJson(degrees[[*columns, "geometry"]], style_function=style, tooltip=tip).add_to(group)
        group.add_to(page)
    folium.LayerControl().add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    page.save(str(path))


def everything(folder: Path, clock: Clock, *, number: int, fixes: int) -> Figures:
    """A study of a synthetic city from its files to its map."""
    with clock("import"):
        import access  # noqa: F401
        import esda
        import folium  # noqa: F401
        import geopandas  # noqa: F401
        import libpysal.weights  # noqa: F401
        import rasterstats  # noqa: F401
        import tobler.area_weighted  # noqa: F401
        from inequality.gini import Gini
        from inequality.theil import TheilDSim

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
            figures[f"gap_{column}"] = gap(frame, column)
            resampled(frame, column, 999)
    with clock("contiguity"):
        weights = neighbours(frame)
    with clock("moran"):
        figures["moran"] = esda.Moran(frame.pc.to_numpy(), weights, permutations=999).I
        figures["moran_bv"] = esda.Moran_BV(frame.pc.to_numpy(), frame.nbi.to_numpy(), weights, permutations=999).I
    with clock("local_moran"):
        local = esda.Moran_Local(frame.pc.to_numpy(), weights, permutations=999)
        frame["lisa"], figures["local"] = local.q * (local.p_sim < 0.05), local.Is
    with clock("local_bivariate"):
        local = esda.Moran_Local_BV(frame.pc.to_numpy(), frame.nbi.to_numpy(), weights, permutations=999)
        frame["bv"] = local.q * (local.p_sim < 0.05)
    with clock("gi_star"):
        local = esda.G_Local(frame.pc.to_numpy(), weights, star=True, permutations=999)
        frame["gi"] = np.sign(local.Zs) * (local.p_sim < 0.05)
    with clock("inequality"):
        figures["theil_between"] = TheilDSim(frame.pc.to_numpy() + 1e-6, frame.zone.to_numpy(), 999).bg[0][0]
        figures["gini"] = Gini(frame.pc.to_numpy()).g
    with clock("map"):
        path = folder / f"peer_map_{number}.html"
        drawn(frame, ["pc", "lisa", "bv", "gi", "fca", "people"], path)
    return figures | {"map_bytes": path.stat().st_size}


def lima(folder: Path, clock: Clock, *, data: str) -> Figures:
    """The fifty districts of Lima and Callao: staff by district, gap, neighbours, clusters, inequality, map."""
    with clock("import"):
        import esda
        import folium  # noqa: F401
        import geopandas as gpd
        import libpysal.weights  # noqa: F401
        import pandas as pd
        from inequality.gini import Gini
        from inequality.theil import TheilDSim
    with clock("read"):
        lima_folder = Path(data) / "peru_lima"
        key = {"ubigeo": str}
        frame = gpd.read_file(lima_folder / "distritos_2017.geojson").to_crs(32718)
        census = pd.read_csv(lima_folder / "censo2017_distritos.csv", dtype=key)
        poverty = pd.read_csv(lima_folder / "indicadores_distritos.csv", dtype={"inei": str})
        zones = pd.read_csv(lima_folder / "zonas_lima.csv", dtype=key)
        stations = pd.read_csv(lima_folder / "comisarias_2017.csv", dtype=key)
        frame = frame.merge(census[["ubigeo", "poblacion_2017"]], on="ubigeo").merge(
            poverty[["inei", "pct_pobreza_total"]], left_on="ubigeo", right_on="inei"
        )
        frame = frame.merge(zones[["ubigeo", "zona"]], on="ubigeo", how="left")
        frame["pop"], frame["zone"] = frame["poblacion_2017"], frame["zona"].fillna("Callao")
    with clock("join"):
        located = gpd.points_from_xy(stations.lon, stations.lat, crs=4326).to_crs(32718)
        posts = gpd.sjoin(
            gpd.GeoDataFrame(stations, geometry=located).drop(columns="ubigeo"), frame[["ubigeo", "geometry"]]
        )
        for name, columns in {
            "staff": ["policias_total"],
            "patrol": ["patrullaje_motorizado", "patrullaje_pie"],
        }.items():
            by_district = posts.groupby("ubigeo")[columns].sum().sum(axis=1)
            frame[name] = by_district.reindex(frame.ubigeo).fillna(0).to_numpy()
    figures: Figures = {"staff": frame["staff"].sum(), "patrol": frame["patrol"].sum()}
    frame["zone"] = frame["zone"].map({"Centro": "casco", "Callao": "intermedia"}).fillna("periferia")
    with clock("gaps"):
        for column in ("staff", "patrol"):
            figures[f"gap_{column}"] = gap(frame, column)
            resampled(frame, column, 999)
    with clock("weights"):
        weights = neighbours(frame)
    layers = []
    for column in ("staff", "patrol"):
        rate, poor = 1000 * frame[column] / frame["pop"], frame["pct_pobreza_total"].to_numpy()
        frame[f"{column}_pc"] = rate
        with clock(f"autocorrelation {column}"):
            figures[f"moran_{column}"] = esda.Moran(rate.to_numpy(), weights, permutations=9999).I
            esda.Moran_BV(rate.to_numpy(), poor, weights, permutations=9999)
            frame[f"{column}_lisa"] = esda.Moran_Local(rate.to_numpy(), weights, permutations=9999).q
            frame[f"{column}_bv"] = esda.Moran_Local_BV(rate.to_numpy(), poor, weights, permutations=9999).q
            frame[f"{column}_gi"] = esda.G_Local(rate.to_numpy(), weights, star=True, permutations=9999).Zs
        with clock(f"inequality {column}"):
            TheilDSim(rate.to_numpy() + 1e-6, frame.zone.to_numpy(), 999)
            Gini(rate.to_numpy())
        layers += [f"{column}_{one}" for one in ("pc", "lisa", "bv", "gi")]
    with clock("map"):
        path = folder / "peer_map_lima.html"
        drawn(frame, layers, path)
    return figures | {"map_bytes": path.stat().st_size}


def fixes(folder: Path, clock: Clock, *, number: int, fixes: int) -> Figures:
    with clock("read"):
        frame = city(folder, number)
    with clock("row"):
        return {"fixes": counted(folder, frame, fixes)}


def contiguity(folder: Path, clock: Clock, *, number: int) -> Figures:
    from libpysal.graph import Graph

    frame = city(folder, number).set_index("nid")
    Graph.build_contiguity(frame.head(100), rook=False)
    with clock("row"):
        graph = Graph.build_contiguity(frame, rook=False)
    links = graph.sparse.tocoo()
    return {"pairs": np.sort(links.row.astype(np.int64) * len(frame) + links.col)}


def _spatial(folder: Path, number: int, *, unequal: bool = False) -> tuple[Any, Any]:
    import workloads

    frame = city(folder, number)
    weights = workloads.inverse_distance(frame) if unequal else neighbours(frame)
    if unequal:
        from libpysal.graph import Graph

        weights = Graph.from_sparse(weights).transform("r").to_W()
        weights.transform = "r"
    weights.sparse.sort_indices()
    return frame, weights


def _warm(frame: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    small = frame.head(200)
    return small.officers.to_numpy(float), small.nbi.to_numpy(), neighbours(small)


def local_moran(folder: Path, clock: Clock, *, number: int, permutations: int, unequal: int = 0) -> Figures:
    import esda

    frame, weights = _spatial(folder, number, unequal=bool(unequal))
    values, _, near = _warm(frame)
    esda.Moran_Local(values, near, permutations=99)
    with clock("row"):
        found = esda.Moran_Local(frame.nbi.to_numpy(), weights, permutations=permutations)
    return {"local": found.Is}


def local_bivariate(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import esda

    frame, weights = _spatial(folder, number)
    values, other, near = _warm(frame)
    esda.Moran_Local_BV(values, other, near, permutations=99)
    with clock("row"):
        found = esda.Moran_Local_BV(frame.nbi.to_numpy(), frame.income.to_numpy(), weights, permutations=permutations)
    return {"local": found.Is}


def gi_star(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import esda

    frame, weights = _spatial(folder, number)
    values, _, near = _warm(frame)
    esda.G_Local(values, near, star=True, permutations=99)
    with clock("row"):
        found = esda.G_Local(frame.nbi.to_numpy(), weights, star=True, permutations=permutations)
    return {"local": found.Zs}


def moran(folder: Path, clock: Clock, *, number: int, permutations: int) -> Figures:
    import esda

    frame, weights = _spatial(folder, number)
    values, _, near = _warm(frame)
    esda.Moran(values, near, permutations=99)
    with clock("row"):
        found = esda.Moran(frame.nbi.to_numpy(), weights, permutations=permutations)
    return {"moran": found.I, "z": found.z_rand}


def zonal(folder: Path, clock: Clock, *, number: int) -> Figures:
    import rasterstats  # noqa: F401

    frame = city(folder, number)
    with clock("row"):
        return {"people": summed(folder, frame)}


def two_step(folder: Path, clock: Clock, *, number: int) -> Figures:
    import access  # noqa: F401

    import workloads

    frame = city(folder, number)
    posts = workloads.posts(frame)
    with clock("row"):
        return {"fca": reached(frame, posts)}


def areal(folder: Path, clock: Clock, *, number: int) -> Figures:
    import tobler.area_weighted  # noqa: F401

    frame, areas = city(folder, number), jurisdictions(folder, number)
    with clock("row"):
        return {"staff": shared_out(frame, areas)}


def bootstrap(folder: Path, clock: Clock, *, number: int, replicates: int) -> Figures:
    frame = city(folder, number)
    with clock("row"):
        low, high = resampled(frame, "officers", replicates)
    return {"gap": gap(frame, "officers"), "low": low, "high": high}


def shuffled(folder: Path, clock: Clock, *, number: int, replicates: int) -> Figures:
    frame = city(folder, number)
    two = frame.loc[frame.zone != "intermedia", ["zone", "officers", "pop"]]
    rng = np.random.default_rng(1)
    observed = gap(two, "officers")
    with clock("row"):
        drawn = np.array([gap(two.assign(zone=rng.permutation(two.zone)), "officers") for _ in range(replicates)])
    return {"gap": observed, "p": (np.sum(np.abs(drawn) >= abs(observed)) + 1) / (replicates + 1)}


def importing(folder: Path, clock: Clock) -> Figures:
    with clock("row"):
        import access  # noqa: F401
        import esda  # noqa: F401
        import folium  # noqa: F401
        import geopandas  # noqa: F401
        import inequality  # noqa: F401
        import libpysal  # noqa: F401
        import rasterstats  # noqa: F401
        import tobler  # noqa: F401
    return {}


def maps(folder: Path, clock: Clock, *, number: int, measures: int) -> Figures:
    import workloads

    frame, names = workloads.measured(city(folder, number), measures)
    path = folder / f"peer_layers_{number}.html"
    with clock("row"):
        drawn(frame[["nid", "name", *names, "geometry"]], names, path)
    return {"bytes": path.stat().st_size}


def explore(folder: Path, clock: Clock, *, number: int, measures: int) -> Figures:
    import workloads

    frame, names = workloads.measured(city(folder, number), measures)
    path = folder / f"peer_explore_{number}.html"
    with clock("row"):
        frame[["nid", "name", *names, "geometry"]].explore(names[0]).save(str(path))
    return {"bytes": path.stat().st_size}


ROWS = {
    one.__name__: one
    for one in (
        everything, lima, fixes, contiguity, local_moran, local_bivariate, gi_star, moran, zonal, two_step, areal,
        bootstrap, shuffled, importing, maps, explore,
    )
}  # fmt: skip

if __name__ == "__main__":
    timing.main(ROWS)
