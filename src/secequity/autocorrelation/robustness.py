"""Does a pattern survive another rule of who is a neighbour of whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from secequity import checks
from secequity import weights as rules
from secequity.autocorrelation.alignment import require
from secequity.autocorrelation.local import local_moran
from secequity.autocorrelation.overall import moran
from secequity.autocorrelation.shuffles import Seed
from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.results import Shown
from secequity.texts import number, text

ALWAYS = ("queen", "rook", "knn:4")
NEIGHBOURS = 4
STEP_M = 10
UNTESTED = ("isolate", "missing")


@dataclass(frozen=True, kw_only=True, eq=False)
class Robustness(Shown):
    """Moran's I and the local clusters under several rules of who is a neighbour.

    table : one row a rule: `weights`; `value`, `expected`, `p_value` of Moran's I (missing where no neighbourhood has a
        neighbour); `n_isolates`; `clusters` neighbourhoods in a cluster after the false-discovery rate; `stable` those
        of them that are in the same kind of cluster under every rule that gives them a test.
    clusters : by neighbourhood id, a column a rule: the kind of cluster. stable : the kind that all rules agree on.
    permutations, fdr : as asked.
    """

    table: pd.DataFrame
    clusters: pd.DataFrame
    stable: pd.Series
    permutations: int
    fdr: float

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def summary(self, language: str = "en") -> str:
        """Between which values I lies, under how many rules chance is unlikely, how many clusters all agree on."""
        told = self.table.dropna(subset="value")
        if told.empty:
            return text("autocorrelation.robustness_untold", language)
        return text(
            "autocorrelation.robustness",
            language,
            low=number(float(told["value"].min()), 2),
            high=number(float(told["value"].max()), 2),
            sure=int((told["p_value"] < 0.05).sum()),
            rules=len(self.table),
            stable=int((~self.stable.isin(["ns", *UNTESTED])).sum()),
        )


def robustness(
    values: pd.Series,
    neighbourhoods: gpd.GeoDataFrame,
    *,
    weights: Sequence[str] | None = None,
    snap_m: float = 0.0,
    permutations: int = 9999,
    fdr: float = 0.05,
    rng: Seed = None,
) -> Robustness:
    """Moran's I and the number of stable clusters under several rules of who is a neighbour.

    Parameters
    ----------
    values : any quantity by neighbourhood id, in any order.
    neighbourhoods : polygons by unique text id, projected in metres.
    weights : rules as in a study file: `queen`, `rook`, `knn:4`, `distance:1500` (metres). When left out, the first
        three and the distance, in tens of metres, within which half of the neighbourhoods have at least four others.
    snap_m : for `queen` and `rook`, as in `weights.contiguity`.
    permutations, fdr, rng : as `local_moran`; each rule has its own draws, the same whatever the other rules.

    Returns
    -------
    Robustness, one row a rule.

    Raises
    ------
    As `moran`, `weights.from_spec`; LayerError also when no rule, or the same one twice, is given.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> cells = {f"{r}{c}": box(c, r, c + 1, r + 1) for r in range(6) for c in range(6)}
    >>> city = gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")
    >>> rise = pd.Series([float(one[0]) for one in cells], index=list(cells))
    >>> found = robustness(rise, city, weights=("queen", "knn:4"), rng=1)
    >>> found.table[["weights", "clusters", "stable"]].values.tolist()
    [['queen', 16, 8], ['knn:4', 10, 8]]
    """
    require_arguments(
        values=("series", values),
        neighbourhoods=("layer", neighbourhoods),
        weights=("collection or none", weights),
        snap_m=("number", snap_m),
        permutations=("whole", permutations),
        fdr=("number", fdr),
        rng=("rng", rng),
    )
    require(permutations=permutations, fdr=fdr)
    checks.require_neighbourhoods(neighbourhoods)
    specs = (*ALWAYS, _distance(neighbourhoods)) if weights is None else tuple(weights)
    if not specs or len(set(specs)) < len(specs):
        raise LayerError(problem("autocorrelation_rules", specs))
    seed = np.random.default_rng(rng).integers(2**63)
    rows, words = [], {}
    for spec in specs:
        graph = rules.from_spec(spec, neighbourhoods, snap_m=snap_m)
        alone = len(rules.isolates(graph))
        row: dict[str, object] = {"weights": spec, "n_isolates": alone}
        if alone == len(neighbourhoods):
            words[spec] = values.notna().map({True: "isolate", False: "missing"})
        else:
            own = [int(seed), *spec.encode()]
            whole = moran(values, graph, permutations=permutations, rng=np.random.default_rng([*own, 0]))
            local = local_moran(values, graph, permutations=permutations, fdr=fdr, rng=np.random.default_rng([*own, 1]))
            row |= {"value": whole.value, "expected": whole.expected, "p_value": whole.p_value}
            row |= {"n_isolates": whole.n_isolates}
            words[spec] = local.table["cluster"]
        rows.append(row)
    clusters = pd.DataFrame(words)
    stable = _agreed(clusters)
    in_one = ~clusters.isin(["ns", *UNTESTED])
    columns = ["weights", "value", "expected", "p_value", "n_isolates"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    table["clusters"] = in_one.sum().to_numpy()
    table["stable"] = (in_one & clusters.eq(stable, axis=0)).sum().to_numpy()
    return Robustness(table=table, clusters=clusters, stable=stable, permutations=permutations, fdr=fdr)


def _agreed(clusters: pd.DataFrame) -> pd.Series:
    """The word under every rule that gives a test; `ns` where they differ; the untested word where none gives one."""
    tested = clusters.where(~clusters.isin(UNTESTED))
    first = tested.bfill(axis=1).iloc[:, 0]
    same = tested.eq(first, axis=0).sum(axis=1) == tested.notna().sum(axis=1)
    agreed = first.where(same, "ns")
    return agreed.where(first.notna(), clusters.iloc[:, 0]).rename("stable")


def _distance(neighbourhoods: gpd.GeoDataFrame) -> str:
    """The rule of the distance within which half of the neighbourhoods have at least `NEIGHBOURS` others."""
    points = shapely.get_coordinates(shapely.centroid(neighbourhoods.geometry.to_numpy()))
    away, _ = cKDTree(points).query(points, k=min(NEIGHBOURS + 1, len(points)))
    return f"distance:{int(np.ceil(np.median(away[:, -1]) / STEP_M) * STEP_M)}"
