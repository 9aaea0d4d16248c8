"""The graph that a study file's words ask for."""

from __future__ import annotations

import geopandas as gpd
from libpysal.graph import Graph

from secequity.checks import require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.weights.contiguous import contiguity
from secequity.weights.graphs import Transform
from secequity.weights.nearby import distance_band, knn
from secequity.words import Contiguity


def from_spec(spec: str, neighbourhoods: gpd.GeoDataFrame, *, snap_m: float = 0.0, transform: Transform = "r") -> Graph:
    """The graph a study file asks for: `queen`, `rook`, `knn:4` or `distance:1500` (metres).

    `snap_m` concerns `queen` and `rook` alone.

    Raises
    ------
    ConfigError : the words are none of these.
    LayerError : as the function that is called.

    >>> import geopandas as gpd
    >>> from shapely import box
    >>> row = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> from_spec("distance:1", row)["a"].to_dict()
    {'b': 1.0}
    """
    require_arguments(spec=("text", spec), neighbourhoods=("layer", neighbourhoods), snap_m=("number", snap_m))
    word, _, amount = spec.strip().partition(":")
    try:
        if word == "knn":
            return knn(neighbourhoods, k=int(amount), transform=transform)
        if word == "distance":
            return distance_band(neighbourhoods, radius_m=float(amount), transform=transform)
    except LayerError:
        raise
    except ValueError:
        raise ConfigError(problem("weights_spec", spec=spec)) from None
    if amount or word not in ("queen", "rook"):
        raise ConfigError(problem("weights_spec", spec=spec))
    kind: Contiguity = "queen" if word == "queen" else "rook"
    return contiguity(neighbourhoods, kind=kind, snap_m=snap_m, transform=transform)
