"""Who is a neighbour of whom, and how measures lie in space."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import autocorrelation, weights
from secequity.analysis.attempts import rng_of, untold
from secequity.analysis.draws import permutations_of
from secequity.analysis.measures import Measure
from secequity.checks import Findings
from secequity.config import Config
from secequity.results import AUTOCORRELATION
from secequity.words import Contiguity

Step = Callable[[str], None]


def graph_of(frame: gpd.GeoDataFrame, config: Config, *, found: Findings) -> Graph:
    """Who is a neighbour of whom, with what a reader must know: borders snapped together, isolates, separate groups.

    Raises
    ------
    LayerError : more neighbours are asked for than there are neighbourhoods.
    """
    options = config.autocorrelation
    if options.weights in ("queen", "rook"):
        kind: Contiguity = "queen" if options.weights == "queen" else "rook"
        graph, pairs = weights.snapped_contiguity(frame, snap_m=options.snap_m, kind=kind)
        if len(pairs):
            columns = (pairs[name].tolist() for name in ("from_id", "to_id", "distance_m"))
            said = [f"{one}–{other} ({1000 * metres:.0f} mm)" for one, other, metres in zip(*columns, strict=True)]
            found.notice("snapped", said, snap_m=f"{options.snap_m:g}")
    else:
        graph = weights.from_spec(options.weights, frame)
    alone = weights.isolates(graph)
    if alone:
        found.notice("isolates", alone, weights=options.weights)
    groups = [ids for ids in weights.components(graph) if len(ids) > 1]
    if len(groups) > 1:
        said = [f"{ids[0]} … ({len(ids)})" for ids in groups]
        found.notice("subgraphs", said, count=len(groups), weights=options.weights)
    return graph


def autocorrelation_of(
    measures: Iterable[Measure], graph: Graph, config: Config, *, found: Findings, step: Step
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Global Moran, one row a measure, and by neighbourhood `<measure>_cluster`, `<measure>_p`, `<measure>_p_fdr`."""
    options = config.autocorrelation
    rows: list[dict[str, object]] = []
    local: dict[str, pd.Series] = {}
    for one in measures:
        step(f"autocorrelation:{one.name}")
        row: dict[str, object] = dict.fromkeys(AUTOCORRELATION, np.nan)
        row |= {
            "measure": one.name,
            "statistic": "moran",
            "weights": options.weights,
            "n": int(one.values.notna().sum()),
        }
        with untold(found, one.name, "moran"):
            whole = autocorrelation.moran(
                one.values,
                graph,
                permutations=permutations_of(config, graph.n),
                rng=rng_of(config, one.drawn_as, "moran"),
            )
            row |= {"value": whole.value, "expected": whole.expected, "p_value": whole.p_value}
            row |= {"permutations": whole.permutations, "n": whole.n, "n_isolates": whole.n_isolates}
        rows.append(row)
        with untold(found, one.name, "local_moran") as attempt:
            clusters = autocorrelation.local_moran(
                one.values,
                graph,
                permutations=options.permutations,
                fdr=options.fdr,
                rng=rng_of(config, one.drawn_as, "local"),
            )
            for column, name in (("cluster", "cluster"), ("p_value", "p"), ("p_fdr", "p_fdr")):
                local[f"{one.name}_{name}"] = clusters.table[column]
        if attempt.failed:
            local[f"{one.name}_cluster"] = one.values.notna().map({True: "ns", False: "missing"})
            local[f"{one.name}_p"] = local[f"{one.name}_p_fdr"] = pd.Series(np.nan, index=one.values.index)
    table = pd.DataFrame(rows, columns=list(AUTOCORRELATION))
    return table.astype({"n": "Int64", "n_isolates": "Int64", "permutations": "Int64"}), pd.DataFrame(local)
