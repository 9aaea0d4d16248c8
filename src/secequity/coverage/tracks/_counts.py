"""How many positions lie in each neighbourhood: a first look at a GPS export, of any length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from secequity.checks import require_arguments, require_neighbourhoods, require_same_crs
from secequity.coverage.tracks._work import City, Count, Held, counted, pieces_of, summed
from secequity.engines import Told, choose, silent
from secequity.results import Shown
from secequity.texts import text
from secequity.words import EngineName


@dataclass(frozen=True, kw_only=True, eq=False)
class FixCounts(Shown):
    """How many positions of a GPS export lie where.

    counts : by neighbourhood id. outside : in none of them. unplaced : without a position that can be read.
    """

    counts: pd.Series
    outside: int
    unplaced: int

    def to_frame(self) -> pd.DataFrame:
        """One row a neighbourhood: `fixes`, and their `share` of all that lie in one."""
        return pd.DataFrame({"fixes": self.counts, "share": self.counts / max(int(self.counts.sum()), 1)})

    def summary(self, language: str = "en") -> str:
        """The result in one sentence."""
        inside, seen = int(self.counts.sum()), int((self.counts > 0).sum())
        figures = {"fixes": inside + self.outside + self.unplaced, "inside": inside, "unplaced": self.unplaced}
        return text("fixes.summary", language, seen=seen, n=len(self.counts), **figures)


def count_fixes(
    neighbourhoods: gpd.GeoDataFrame,
    fixes: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame],
    *,
    engine: EngineName = "auto",
    told: Told | None = None,
) -> FixCounts:
    """How many GPS positions (fixes) lie in each neighbourhood, as they are: nothing is cleaned, no time is looked at.

    Use it to see whether an export covers the city before asking for hours: a car that waits with its receiver on
    leaves more positions than one that drives. `tracks` measures presence.

    Parameters
    ----------
    neighbourhoods : polygons by unique text id, in metres.
    fixes : points in the same CRS; or parts of a long file (see `read_fixes`), which is then read piece by piece.
    engine, told : as in `tracks`; no engine changes a digit.

    Returns
    -------
    FixCounts: `counts`, `outside`, `unplaced`; they add up to the rows. A fix on a border counts for the neighbourhood
    whose id comes first.

    Raises
    ------
    ConfigError : no such engine. MissingDependency : what the engine needs is not installed.
    LayerError : a contract is broken, or the CRS differ.

    >>> import geopandas as gpd, shapely
    >>> halves = [shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)]
    >>> two = gpd.GeoDataFrame(index=["a", "b"], geometry=halves, crs=32718)
    >>> fixes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 9, 10, 30], [5, 5, 5, 5], crs=32718))
    >>> found = count_fixes(two, fixes)
    >>> found.counts.to_dict(), found.outside                   # the one on the border is of a
    ({'a': 2, 'b': 1}, 1)
    """
    require_arguments(neighbourhoods=("layer", neighbourhoods))
    require_neighbourhoods(neighbourhoods)
    chosen = choose(engine)
    pieces = pieces_of(fixes)
    for piece in pieces:
        if isinstance(piece, Held):
            require_same_crs(piece.frame, neighbourhoods, name="fixes", other_name="neighbourhoods")
    ordered = neighbourhoods.sort_index()
    if chosen.name == "dask":
        (total,) = chosen.reduce(Count(city=City.of(neighbourhoods)), summed, pieces, bags=1, told=told or silent)
    else:
        places, size = chosen.places(ordered.geometry.to_numpy()), len(ordered)
        (total,) = chosen.reduce(lambda one: [counted(one, places, size)], summed, pieces, bags=1, told=told or silent)
    counts = pd.Series(total[:-2], index=ordered.index, name="fixes").reindex(neighbourhoods.index)
    return FixCounts(counts=counts, outside=int(total[-2]), unplaced=int(total[-1]))
