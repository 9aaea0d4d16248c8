"""Equations to test with: the published Columbus data, and a lattice whose equation is known."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from shapely import box

from secequity import weights
from secequity.errors import ConfigError, LayerError
from secequity.regression import Regression, fit
from secequity.words import RegressionModel

EXAMPLES = Path(libpysal.__path__[0]) / "examples"


def gal(path: Path) -> Graph:
    """A neighbours file as published with the data: a line with an id and its count, a line with its neighbours."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    pairs = zip(lines[::2], lines[1::2], strict=True)
    links = [(head.split()[0], other) for head, neighbours in pairs for other in neighbours.split()]
    focal, neighbour = zip(*links, strict=True)
    return Graph.from_arrays(np.array(focal), np.array(neighbour), np.ones(len(links)))


def coefficients(found: Regression, column: str = "estimate") -> dict[str, float]:
    return dict(zip(found.table["term"], found.table[column], strict=True))


def told(found: Regression, name: str) -> tuple[float, float]:
    row = found.diagnostics.set_index("test").loc[name]
    return float(row["statistic"]), float(row["p_value"])


def lattice(side: int, *, rng: int) -> tuple[gpd.GeoDataFrame, Graph, pd.Series, pd.DataFrame]:
    """A square city where the measure is 5 − 0.2·poverty + slope, with a pull of 0.4 of the neighbours' mean."""
    ids = [
        f"n{row}{column}" if side <= 10 else f"n{row:02}{column:02}" for row in range(side) for column in range(side)
    ]
    shapes = [box(column, row, column + 1, row + 1) for row in range(side) for column in range(side)]
    places = gpd.GeoDataFrame(geometry=shapes, index=ids, crs="EPSG:32718")
    graph = weights.contiguity(places, kind="rook")
    draw = np.random.default_rng(rng)
    x = pd.DataFrame({"poverty": draw.normal(30, 10, len(ids)), "slope": draw.normal(0, 1, len(ids))}, index=ids)
    mean = 5 - 0.2 * x["poverty"] + x["slope"] + draw.normal(0, 0.5, len(ids))
    pull = np.eye(len(ids)) - 0.4 * graph.sparse.toarray()
    return places, graph, pd.Series(np.linalg.solve(pull, mean), index=ids, name="y"), x


@contextmanager
def refused(code: str, *which: str) -> Iterator[None]:
    """The refusal with this code, naming these."""
    with pytest.raises((LayerError, ConfigError)) as caught:
        yield
    assert caught.value.problems[0].code == code
    assert set(which) <= set(caught.value.problems[0].which)


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def columbus() -> gpd.GeoDataFrame:
    """The 49 neighbourhoods of Columbus, Ohio, 1980."""
    frame = gpd.read_file(EXAMPLES / "columbus" / "columbus.shp").set_crs("EPSG:32617")
    return frame.set_index(frame["POLYID"].astype(int).astype(str))


@cache
def published() -> Graph:
    """Who is a neighbour of whom in Columbus, as published with the data."""
    return gal(EXAMPLES / "columbus" / "columbus.gal")


@cache
def fitted() -> dict[RegressionModel, Regression]:
    """CRIME on INC and HOVAL by three models."""
    models: tuple[RegressionModel, ...] = ("ols", "lag", "error")
    return {one: fit(columbus()["CRIME"], columbus()[["INC", "HOVAL"]], graph=published(), model=one) for one in models}
