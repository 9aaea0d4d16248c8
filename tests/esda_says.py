"""What the released esda answers where its permutation tests differ from ours.

Run where numba cannot be imported, which is quicker. Prints one JSON object: p values and places "significant at 5 %",
by question.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
from shapely import box

from secequity import weights

COLUMBUS = Path(libpysal.__path__[0]) / "examples" / "columbus" / "columbus.shp"


def squares(rows: int, columns: int) -> gpd.GeoDataFrame:
    cells = {f"{r:02d}{c:02d}": box(c, r, c + 1, r + 1) for r in range(rows) for c in range(columns)}
    return gpd.GeoDataFrame(geometry=list(cells.values()), index=list(cells), crs="EPSG:32718")


def with_island(side: int) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    island = gpd.GeoDataFrame(geometry=[box(90, 90, 91, 91)], index=["zz"], crs="EPSG:32718")
    return pd.concat([squares(side, side), island]), np.r_[np.random.default_rng(3).normal(size=side**2), 50.0]


def mostly_none(side: int) -> np.ndarray:
    values = np.zeros(side**2)
    values[np.random.default_rng(6).choice(side**2, 25, replace=False)] = 0.1
    return values


def columbus() -> gpd.GeoDataFrame:
    frame = gpd.read_file(COLUMBUS).set_crs("EPSG:32617")
    return frame.set_index(frame["POLYID"].astype(int).astype(str))


def main() -> None:
    from esda.moran import Moran_Local

    warnings.simplefilter("ignore")
    frame, values = with_island(5)
    alone = Moran_Local(values, weights.contiguity(frame), permutations=999, seed=1)
    grid = weights.contiguity(squares(20, 20))
    none = Moran_Local(mostly_none(20), grid, permutations=999, seed=1)
    hole = np.random.default_rng(1).normal(size=400)
    hole[5] = np.nan
    town = columbus()
    crime = Moran_Local(town["CRIME"], weights.contiguity(town), permutations=9999, seed=1)
    below, above = (crime.sim <= crime.Is).sum(axis=0), (crime.sim >= crime.Is).sum(axis=0)
    answers = {
        "island_p": float(alone.p_sim[-1]),
        "island_quadrant": int(alone.q[-1]),
        "none": (none.p_sim <= 0.05).tolist(),
        "one_missing": int((Moran_Local(hole, grid, permutations=99, seed=1).p_sim <= 0.05).sum()),
        "constant": int((Moran_Local(np.ones(400), grid, permutations=99, seed=1).p_sim <= 0.05).sum()),
        "columbus_folded": crime.p_sim.tolist(),
        "columbus_two_sided": np.minimum(1, 2 * (np.minimum(below, above) + 1) / 10_000).tolist(),
    }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
