"""Staff of areas of service shared out among neighbourhoods, with nothing lost and nothing invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import (
    Findings,
    align,
    nearest,
    require_arguments,
    require_metres,
    require_neighbourhoods,
    require_same_crs,
)
from secequity.errors import LayerError
from secequity.garbage import unsearched
from secequity.results import Shown
from secequity.sources.raster import Raster, Shapes
from secequity.texts import text
from secequity.transfer import _inputs, _pieces, _weighing
from secequity.transfer._pieces import Flags, Floats, Pieces
from secequity.transfer._weighing import Outside, Weights

Objects = npt.NDArray[np.object_]
Method = Literal["nested", "population", "built_up", "area", "outside"]
Reason = Literal["no_weight", "beyond_raster"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Apportioned(Shown):
    """What each neighbourhood gets, what is left over, and how it was shared out.

    amounts : by neighbourhood id, one column a staff column, in its unit; missing where no source reaches, and where
        a source of unknown staff does (`status` tells them apart).
    status : as `amounts`: `ok`, `uncovered` or `missing`.
    covered_share : by neighbourhood id, the share of its people that some source covers, 0..1; of its area where
        no population raster counts people in it.
    unallocated : by source, what stays outside every neighbourhood, in the unit of each column.
    unallocated_share : by source, the same as a share of it, 0..1.
    method : by source, `nested` (no assumption was needed), `population`, `built_up`, `area`, or `outside` (it meets
        no neighbourhood).
    nested : by source, whether it cuts no neighbourhood in two.
    reason : by source, why a method that comes first was not used: `no_weight` (nobody, or nothing built, in it),
        `beyond_raster` (the raster ends before it does), or missing.
    """

    amounts: pd.DataFrame
    status: pd.DataFrame
    covered_share: pd.Series
    unallocated: pd.DataFrame
    unallocated_share: pd.Series
    method: pd.Series
    nested: pd.Series
    reason: pd.Series

    def to_frame(self) -> pd.DataFrame:
        """Amounts and covered share by neighbourhood."""
        return self.amounts.assign(covered_share=self.covered_share)

    def sources_frame(self) -> pd.DataFrame:
        """Method, reason and what is unallocated, by source."""
        return pd.concat([self.method, self.nested, self.reason, self.unallocated_share, self.unallocated], axis=1)

    def summary(self, language: str = "en") -> str:
        """How the sources were shared out, and what is left over or uncovered."""
        counts = self.method.value_counts()
        ways = [
            text(f"transfer.method.{method}", language, n=int(counts[method]))
            for method in get_args(Method)
            if method in counts
        ]
        said = [text("transfer.summary", language, sources=len(self.method), ways=", ".join(ways))]
        fallen = int(self.reason.notna().sum())
        if fallen:
            said.append(text("transfer.fallen", language, n=fallen))
        for column in self.unallocated:
            left = float(self.unallocated[column].sum())
            if left > 0:
                said.append(text("transfer.unallocated", language, column=str(column), amount=left))
        for key, number in (
            ("uncovered", int((self.status == "uncovered").all(axis=1).sum())),
            ("partial", int(self.covered_share.between(0, 1, inclusive="neither").sum())),
            ("missing", int((self.status == "missing").any(axis=1).sum())),
        ):
            if number:
                said.append(text(f"transfer.{key}", language, n=number))
        return " ".join(said)


@unsearched()
def apportion(
    sources: gpd.GeoDataFrame,
    neighbourhoods: gpd.GeoDataFrame,
    columns: str | Sequence[str],
    *,
    population: pd.Series | Raster | None = None,
    built_up: Raster | None = None,
    outside: Outside = "inhabited",
    sliver_share: float = 0.01,
    reproject: bool = False,
) -> Apportioned:
    """Share out the staff of areas of service (jurisdictions, sectors, quadrants) among neighbourhoods.

    amount_i = Σ_s X_s · (1 − o_s) · w_si / Σ_j w_sj, where w_si is what counts (people, built-up ground or area) where
    source s and neighbourhood i overlap, and o_s the share of s that lies outside every neighbourhood. o_s·X_s stays
    unallocated, so that Σ amount + Σ unallocated = Σ X: half a source never carries the whole staff. Overlapping
    sources add up.

    For each source the first of these that has something to count is used, and `method` says which:
    nested (it lies in one neighbourhood, or is whole neighbourhoods whose people are known); population; built-up
    ground; area.

    Parameters
    ----------
    sources : polygons by unique index, in metres; may overlap each other and leave gaps.
    neighbourhoods : polygons by unique text id, in the same CRS.
    columns : the staff columns of `sources`, ≥ 0. Unknown (missing) staff makes the amounts it reaches missing.
    population : people by neighbourhood id (taken to live evenly within each), or a raster of people per cell: a
        file, an open rasterio dataset, or `rasterio.band(dataset, number)`. Cells without data hold nobody.
    built_up : a raster of built-up ground, 0 where nothing is built.
    outside : what is known of the part of a source outside every neighbourhood where no raster counts it. `inhabited`:
        as much as inside, so o_s is its share of area. `empty`: nobody, so nothing stays unallocated (blocks with
        streets between them, a jurisdiction drawn over open hills).
    sliver_share : overlaps below this share of the smaller polygon are drawing errors: they are ignored, and what
        nests but for them nests. 0 takes every overlap at its word.
    reproject : let the polygons follow the raster into its CRS; otherwise another CRS is refused.

    Returns
    -------
    Apportioned: `amounts`, `covered_share` and `status` by neighbourhood; `unallocated`, `method`, `nested` and
    `reason` by source. A neighbourhood that no source reaches is missing, not zero.

    Raises
    ------
    LayerError : polygons, CRS, staff or a raster that cannot be used; negative staff or people.
    AlignmentError : `population` speaks of other neighbourhoods.

    Source: areal weighting, Goodchild & Lam (1980), Geo-Processing 1, 297–312; by population and built-up mask
    (dasymetric), Wright (1936), Geographical Review 26(1), 103–110, and Eicher & Brewer (2001), CaGIS 28(2), 125–138.

    >>> import geopandas as gpd, pandas as pd
    >>> from shapely import box
    >>> blocks = gpd.GeoDataFrame(geometry=[box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"), crs="EPSG:32718")
    >>> sector = gpd.GeoDataFrame({"police": [8]}, geometry=[box(0, 0, 2, 1)], crs="EPSG:32718")
    >>> found = apportion(sector, blocks, "police", population=pd.Series({"a": 300, "b": 100, "c": 50}))
    >>> found.amounts["police"].to_dict(), found.method.to_list()    # 8·300/400, 8·100/400
    ({'a': 6.0, 'b': 2.0, 'c': nan}, ['nested'])
    """
    require_arguments(
        sources=("layer", sources),
        neighbourhoods=("layer", neighbourhoods),
        sliver_share=("number", sliver_share),
        reproject=("flag", reproject),
    )
    columns = [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    shapes, places = _checked(sources, neighbourhoods, columns, sliver_share=sliver_share, outside=outside)
    if isinstance(population, pd.Series):
        population = _people(population, neighbourhoods.index)
    pieces = _pieces.cut(shapes, places, source_ids=sources.index, ids=neighbourhoods.index, sliver_share=sliver_share)
    share, inside = np.zeros(len(pieces.source)), np.zeros(len(sources))
    method = np.full(len(sources), "outside", dtype=object)
    reason = np.full(len(sources), None, dtype=object)
    covered = pieces.covered
    undecided = pieces.met
    ways = _ways(pieces, population, built_up, outside=outside, crs=neighbourhoods.crs, reproject=reproject)
    for way, weights in ways:
        now = undecided & weights.usable
        share = np.where(now[pieces.source], weights.share, share)
        inside, method = np.where(now, weights.inside, inside), np.where(now, way, method)
        undecided &= ~now
        first = undecided & pd.isna(reason)
        reason[first] = np.where(weights.beyond[first], "beyond_raster", "no_weight")
        if way == "population":
            covered = np.where(np.isnan(weights.covered), pieces.covered, weights.covered)
    exact = _exact(pieces, method, counted=isinstance(population, pd.Series))
    method[exact], reason[exact] = "nested", None
    by_source = {"method": method, "nested": pieces.nested, "reason": reason}
    return _result(sources[columns].astype(float), pieces, share=share, inside=inside, covered=covered, **by_source)


def _ways(
    pieces: Pieces, population: pd.Series | Raster | None, built_up: Raster | None, *, outside: Outside, **rasters: Any
) -> Iterator[tuple[Method, Weights]]:
    """Every way to share out that the inputs allow, the best first."""
    if isinstance(population, pd.Series):
        yield "population", _weighing.by_people(pieces, population, outside=outside)
    elif population is not None:
        yield "population", _weighing.by_raster(pieces, population, **rasters)
    if built_up is not None:
        yield "built_up", _weighing.by_raster(pieces, built_up, **rasters)
    yield "area", _weighing.by_area(pieces, outside=outside)


def _exact(pieces: Pieces, method: Objects, *, counted: bool) -> Flags:
    """By source: nothing was assumed, because it lies in one neighbourhood or the people of whole ones are counted."""
    alone = pieces.by_source(pieces.kept.astype(float)) == 1
    exact: Flags = pieces.nested & (alone | ((method == "population") & counted))
    return exact


def _result(
    staff: pd.DataFrame, pieces: Pieces, *, share: Floats, inside: Floats, covered: Floats, **by_source: Objects | Flags
) -> Apportioned:
    reached = pieces.by_neighbourhood(pieces.kept.astype(float)) > 0
    amounts, status, unallocated = {}, {}, {}
    for column, held in staff.items():
        whole = held.to_numpy()
        parts = np.where(share > 0, whole[pieces.source] * share, 0.0)
        amount = np.where(reached, pieces.by_neighbourhood(parts), np.nan)
        amounts[column] = amount
        status[column] = np.where(~reached, "uncovered", np.where(np.isnan(amount), "missing", "ok")).astype(object)
        unallocated[column] = np.where(inside < 1, whole * (1 - inside), 0.0)
    ids, source_ids = pieces.ids, pieces.source_ids
    return Apportioned(
        amounts=pd.DataFrame(amounts, index=ids, columns=staff.columns),
        status=pd.DataFrame(status, index=ids, columns=staff.columns),
        covered_share=pd.Series(covered, index=ids, name="covered_share"),
        unallocated=pd.DataFrame(unallocated, index=source_ids, columns=staff.columns),
        unallocated_share=pd.Series(1 - inside, index=source_ids, name="unallocated_share"),
        **{name: pd.Series(found, index=source_ids, name=name) for name, found in by_source.items()},
    )


def _checked(
    sources: gpd.GeoDataFrame,
    neighbourhoods: gpd.GeoDataFrame,
    columns: Sequence[str],
    *,
    sliver_share: float,
    outside: Outside,
) -> tuple[Shapes, Shapes]:
    """The polygons of both, once everything about them, the staff and the options is in order."""
    require_neighbourhoods(neighbourhoods)
    require_metres(sources, name="sources")
    require_same_crs(sources, neighbourhoods, name="sources", other_name="neighbourhoods")
    found = Findings()
    if outside not in get_args(Outside):
        found.error("option_word", option="outside", value=str(outside), words=", ".join(get_args(Outside)))
    if not 0 <= sliver_share < 0.5:
        found.error("apportion_sliver_share", share=sliver_share)
    if not columns:
        found.error("apportion_no_columns")
    for column in columns:
        _check_staff(sources, column, found=found)
    found.raise_if_any(LayerError)
    return _inputs.polygons(sources, name="sources"), _inputs.polygons(neighbourhoods, name="neighbourhoods")


def _check_staff(sources: gpd.GeoDataFrame, column: str, *, found: Findings) -> None:
    known = [str(one) for one in sources.columns.drop(sources.geometry.name)]
    if column not in known:
        close = nearest(column, known)
        found.error("apportion_column", column=column, near=close and f" → {close}?", columns=", ".join(known[:12]))
        return
    if known.count(column) > 1:
        found.error("columns_repeated", [column], file="sources")
        return
    _check_numbers(sources[column], name=column, found=found)


def _check_numbers(values: pd.Series, *, name: str, found: Findings) -> None:
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        found.error("rates_not_numbers", name=name)
        return
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    for code, wrong in (("rates_negative", numbers < 0), ("rates_infinite", numbers == np.inf)):
        if wrong.any():
            found.error(code, values.index[wrong], name=name)


def _people(population: pd.Series, ids: pd.Index) -> pd.Series:
    """People in the order of the neighbourhoods, known everywhere.

    Raises
    ------
    AlignmentError : other neighbourhoods. LayerError : not numbers, missing, negative or infinite.
    """
    people = align(population, ids, name="population")
    found = Findings()
    _check_numbers(people, name="population", found=found)
    if people.isna().any():
        found.error("measure_missing", ids[people.isna()], name="population")
    found.raise_if_any(LayerError)
    return people.astype(float)
