"""How much of the gap goes with what the zones differ in: people, reported crime, density, length of streets.

A regression of the measure on the needs tells what a neighbourhood with given needs has. What the centre would have
more with its needs, were it treated as the reference is, is *explained*; the rest is *unexplained*. Explained is not
justified, and unexplained is not proven unfair: it is what the needs given do not account for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from secequity.checks import Findings, align, require_arguments
from secequity.equity._people import check, label, numbers
from secequity.equity.gap import gap, zone_table
from secequity.errors import LayerError, problem
from secequity.inference import FloatArray, Interval, Rng, Rows, bootstrap_each
from secequity.inference.drawing import at_least_one, between_0_and_1, one_of
from secequity.inference.intervals import jackknife_t
from secequity.results import DECOMPOSITION, Shown
from secequity.texts import text

Reference = Literal["pooled", "centre", "periphery", "average"]
REFERENCES: tuple[Reference, ...] = get_args(Reference)

TOTAL = "total"
FEW = 30
COLLINEAR = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class Decomposition(Shown):
    """A gap split into what the needs explain and what they do not, for each reference.

    table : columns `DECOMPOSITION`: a row a need and one for the total; `low` and `high` bound the explained part,
        `share` is the explained part of the gap. `unexplained` of a single need is told only where every need is a set
        of categories: for a number it would hang on where its scale begins.
    difference : the gap as the neighbourhoods that have all the needs show it.
    left_out : neighbourhoods that lack a need, or a value, and are not in it.
    """

    measure: str
    difference: float
    table: pd.DataFrame
    left_out: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row a need and reference."""
        return self.table.copy()

    def summary(self, language: str = "en") -> str:
        """How much of the gap the needs explain, from the least to the most over the references that can be told."""
        total = self.table[(self.table["term"] == TOTAL) & self.table["explained"].notna()]
        if total.empty:
            return text("gaps.decomposition.untold", language, measure=self.measure)
        told = {"measure": self.measure, "difference": self.difference}
        told |= {"low": total["explained"].min(), "high": total["explained"].max()}
        sentence = text("gaps.decomposition.summary", language, **told)
        absent = text("gaps.decomposition.left_out", language, n=len(self.left_out)) if self.left_out else ""
        return " ".join(one for one in (sentence, text("gaps.decomposition.caution", language), absent) if one)


def decompose(
    values: pd.Series,
    zones: pd.Series,
    needs: pd.DataFrame,
    *,
    weights: pd.Series,
    reference: Reference | Sequence[Reference] = ("pooled", "centre", "periphery"),
    level: float = 0.95,
    replicates: int = 999,
    rng: Rng = None,
) -> Decomposition:
    """How much of the gap between centre and periphery goes with differences in `needs`.

    With weighted means Z̄ of the needs and weighted least squares β in each zone,
    x̄_C − x̄_P = (Z̄_C − Z̄_P)′β* + [Z̄_C′(β_C − β*) + Z̄_P′(β* − β_P)] = explained + unexplained.
    β* is that of the reference: `centre`, `periphery`, `average` of the two (Kitagawa), or `pooled` over both zones
    with a constant for each.

    Parameters
    ----------
    values, zones, weights : as `secequity.equity.gap`.
    needs : a column a need by neighbourhood id. A column of numbers enters as it is; one of words enters as categories,
        whose effects add up to zero, so that no category has to be left out (Yun).
    reference : one or several of `pooled`, `centre`, `periphery`, `average`.
    level, replicates, rng : of the intervals: BCa over neighbourhoods within zones, or the jackknife-t where the
        smaller zone has fewer than 30.

    Returns
    -------
    Decomposition, in the unit of the values. A reference whose regression has too few neighbourhoods, or needs that
    say the same, is told as missing with a `reason` (`few_rows`, `collinear`).

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : as `secequity.equity.gap`; no needs; a need that is not finite.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Kitagawa (1955), JASA 50, 1168–1194; Oaxaca (1973), International Economic Review 14, 693–709; Blinder
    (1973), J. Human Resources 8, 436–455; pooled with a constant a group: Fortin (2008), Jann (2008), Stata Journal 8,
    453–479; categories: Yun (2005), Economic Inquiry 43, 766–772.

    >>> import pandas as pd
    >>> ids = list("abcdef")
    >>> rate = pd.Series([3.0, 5.0, 7.0, 1.0, 2.0, 3.0], index=ids, name="police_per_1000")
    >>> zones = pd.Series(["centre"] * 3 + ["periphery"] * 3, index=ids)
    >>> crime = pd.DataFrame({"crime": [1.0, 2.0, 3.0, 0.0, 1.0, 2.0]}, index=ids)
    >>> found = decompose(rate, zones, crime, weights=pd.Series(1000, index=ids), reference="periphery").to_frame()
    >>> found.loc[found["term"] == "total", ["explained", "unexplained"]].round(6).values.tolist()   # 5 − 2 = 1·1 + 2
    [[1.0, 2.0]]
    """
    require_arguments(
        values=("series", values),
        zones=("series", zones),
        needs=("frame", needs),
        weights=("series", weights),
        level=("number", level),
        replicates=("whole", replicates),
        rng=("rng", rng),
    )
    references = (reference,) if isinstance(reference, str) else tuple(reference)
    for one in references:
        one_of(one, REFERENCES, option="reference")
    at_least_one(replicates, option="replicates")
    between_0_and_1(level, option="level")
    table, design = _design(values, zones, needs, weights)
    whole = gap(values, zones, weights=weights)
    split = _Split(table, design)
    rows: list[dict[str, Any]] = []
    about = {"measure": whole.measure, "level": level, "n_centre": split.counts[0], "n_periphery": split.counts[1]}
    seed = int(np.random.default_rng(rng).integers(2**63))
    for one in references:
        split_by = split.rows(one, level=level, replicates=replicates, rng=seed)
        rows += [about | {"reference": one} | row for row in split_by]
    return Decomposition(
        measure=whole.measure,
        difference=split.difference,
        table=pd.DataFrame(rows, columns=list(DECOMPOSITION)),
        left_out=tuple(map(str, zones.index[zones.notna()].difference(table.index))),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Design:
    """Columns of the regression without the constant, and of which need each is.

    columns : rows × columns; categories as contrasts that add up to zero. need : the number of the need of a column.
    names : of the needs. categories : whether every need is a set of categories.
    """

    columns: FloatArray
    need: Rows
    names: tuple[str, ...]
    categories: bool


class _Split:
    """A gap and its needs, ready for the many cities a resampling makes of them."""

    def __init__(self, table: pd.DataFrame, design: _Design) -> None:
        self.table, self.design = table, design
        self.core = (table["zone"] == "centre").to_numpy()
        self.counts = (int(self.core.sum()), int((~self.core).sum()))
        self.whole = min(self.counts) > 0
        columns = np.column_stack([np.ones(len(table)), design.columns, table["value"].to_numpy(dtype=np.float64)])
        share = table["people"].to_numpy(dtype=np.float64)
        share = share / share.max() if len(share) else share
        self.width = columns.shape[1]
        self.products = np.einsum("n,ni,nj->nij", share, columns, columns)
        self.difference = float(np.diff(self._means(self._sums(None)), axis=0)[0, -1] * -1) if self.whole else np.nan

    def rows(self, reference: Reference, *, level: float, replicates: int, rng: Rng) -> Iterator[dict[str, Any]]:
        """A row of the table for each need and for the total."""
        terms = (*self.design.names, TOTAL)
        reason = self._reason(reference)
        if reason:
            for term in terms:
                yield {"term": term, "reason": reason}
            return
        figures = self._figures(reference, self._sums(None))
        explained = self._intervals(reference, figures, level=level, replicates=replicates, rng=rng)
        unexplained = self._unexplained(reference)
        for at, term in enumerate(terms):
            one = explained[at]
            yield {
                "term": term,
                "explained": figures[at],
                "unexplained": self.difference - figures[at] if term == TOTAL else unexplained[at],
                "low": one.low,
                "high": one.high,
                "share": figures[at] / self.difference if self.difference else np.nan,
                "method": one.method,
                "reason": one.reason,
            }

    def _reason(self, reference: Reference) -> str:
        """Why a reference has no regression, or an empty word."""
        if not self.whole:
            return "few_rows"
        pools = {"pooled": (0, 1), "centre": (0,), "periphery": (1,), "average": (0, 1)}[reference]
        sums = self._sums(None)
        for zone in pools:
            needed = self.width - 1 + (0 if reference == "pooled" else 1)
            rows = sum(self.counts) - 1 if reference == "pooled" else self.counts[zone]
            if rows < needed:
                return "few_rows"
        if any(np.isnan(_inverse(within)).any() for within in self._within(reference, sums)):
            return "collinear"
        return ""

    def _sums(self, rows: tuple[Rows, Rows] | None) -> FloatArray:
        """Weighted sums of products of the columns in each zone, (…, 2, width, width)."""
        if rows is None:
            return np.stack([self.products[zone].sum(axis=0) for zone in (self.core, ~self.core)])
        return np.stack([self.products[one].sum(axis=-3) for one in rows], axis=-3)

    def _means(self, sums: FloatArray) -> FloatArray:
        """Weighted means of the needs and the value in each zone, (…, 2, width − 1)."""
        means: FloatArray = sums[..., 0, 1:] / sums[..., 0, :1]
        return means

    def _about(self, sums: FloatArray) -> FloatArray:
        """Sums of products about the means of each zone, (…, 2, width − 1, width − 1)."""
        means = self._means(sums)
        about: FloatArray = sums[..., 1:, 1:] - sums[..., :1, :1] * means[..., :, None] * means[..., None, :]
        return about

    def _within(self, reference: Reference, sums: FloatArray) -> list[FloatArray]:
        """What each regression of the reference inverts."""
        about = self._about(sums)[..., :-1, :-1]
        parts = {"pooled": [about.sum(axis=-3)], "centre": [about[..., 0, :, :]], "periphery": [about[..., 1, :, :]]}
        return parts.get(reference, [about[..., 0, :, :], about[..., 1, :, :]])

    def _slopes(self, reference: Reference, sums: FloatArray) -> FloatArray:
        """β* of the columns, (…, columns); nan where resampling left the needs without variation."""
        about = self._about(sums)
        parts = {"pooled": [about.sum(axis=-3)], "centre": [about[..., 0, :, :]], "periphery": [about[..., 1, :, :]]}
        found = []
        for part in parts.get(reference, [about[..., 0, :, :], about[..., 1, :, :]]):
            inverse = _inverse(part[..., :-1, :-1])
            found.append((inverse @ part[..., :-1, -1:])[..., 0])
        slopes: FloatArray = np.mean(found, axis=0)
        return slopes

    def _figures(self, reference: Reference, sums: FloatArray) -> FloatArray:
        """The explained part of each need, then of all, (…, needs + 1)."""
        means = self._means(sums)[..., :-1]
        columns = (means[..., 0, :] - means[..., 1, :]) * self._slopes(reference, sums)
        needs = [columns[..., self.design.need == at].sum(axis=-1) for at in range(len(self.design.names))]
        return np.stack([*needs, columns.sum(axis=-1)], axis=-1)

    def _unexplained(self, reference: Reference) -> FloatArray:
        """The unexplained part of each need, where all are categories; the constant's is in none."""
        nothing = np.full(len(self.design.names), np.nan)
        if not self.design.categories or self._reason("average"):
            return nothing
        sums = self._sums(None)
        means, star = self._means(sums)[..., :-1], self._slopes(reference, sums)
        centre, periphery = (self._slopes(one, sums) for one in ("centre", "periphery"))
        columns = means[0] * (centre - star) + means[1] * (star - periphery)
        return np.array([columns[self.design.need == at].sum() for at in range(len(nothing))])

    def _intervals(
        self, reference: Reference, whole: FloatArray, *, level: float, replicates: int, rng: Rng
    ) -> list[Interval]:
        zones = [np.flatnonzero(self.core), np.flatnonzero(~self.core)]
        sums = self._sums(None)
        without = np.empty((len(whole), len(self.table)))
        for zone, rows in enumerate(zones):
            less = np.repeat(sums[np.newaxis], len(rows), axis=0)
            less[:, zone] -= self.products[rows]
            if len(rows) > 1:
                without[:, rows] = self._figures(reference, less).T
        if 1 < min(self.counts) < FEW:
            return [
                jackknife_t(float(figure), [without[at][rows] for rows in zones], level=level)
                for at, figure in enumerate(whole)
            ]
        first = self.counts[0]
        found = bootstrap_each(
            lambda rows: np.moveaxis(
                self._figures(reference, self._sums((rows[..., :first], rows[..., first:]))), -1, 0
            ),
            self.table,
            names=[str(at) for at in range(len(whole))],
            groups=self.table["zone"],
            replicates=replicates,
            level=level,
            vectorised=True,
            left_out=without,
            rng=rng,
        )
        return list(found.values())


def _inverse(within: FloatArray) -> FloatArray:
    """Inverses of sums of products, (…, columns, columns); nan where the columns say the same."""
    size = np.sqrt(np.maximum(np.diagonal(within, axis1=-2, axis2=-1), 0))
    scale = np.where(size > 0, size, 1)
    values, vectors = np.linalg.eigh(within / (scale[..., :, None] * scale[..., None, :]))
    values = np.where(values[..., :1] < COLLINEAR, np.nan, values)
    inverse: FloatArray = (vectors / values[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    inverse /= scale[..., :, None] * scale[..., None, :]
    return inverse


def _design(
    values: pd.Series, zones: pd.Series, needs: pd.DataFrame, weights: pd.Series
) -> tuple[pd.DataFrame, _Design]:
    """The neighbourhoods of a zone that have a value, people and all needs, in the order of ids; and their needs."""
    if needs.empty:
        raise LayerError(problem("needs_none"))
    table = zone_table(values, zones, weights=weights)
    table["value"] = numbers(align(values, table.index, name=label(values, "values")))
    known = table["zone"].notna() & table["value"].notna() & (table["people"] > 0)
    given = {str(name): align(needs[name], table.index, name=str(name)) for name in needs.columns}
    found = Findings()
    for name, column in given.items():
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
            amount = numbers(column)
            check(found, amount[~np.isnan(amount)], table.index[~np.isnan(amount)], name=name, signed=True)
        known &= column.notna()
    found.raise_if_any(LayerError)
    parts: list[FloatArray] = []
    need: list[int] = []
    words = []
    for at, column in enumerate(given.values()):
        numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        part = numbers(column[known])[:, np.newaxis] if numeric else _contrasts(column[known])
        parts.append(part)
        need += [at] * part.shape[1]
        words.append(not numeric)
    design = _Design(
        columns=np.column_stack(parts), need=np.array(need, dtype=np.intp), names=tuple(given), categories=all(words)
    )
    return table[known], design


def _contrasts(column: pd.Series) -> FloatArray:
    """Categories as columns whose effects add up to zero: 1 in its own, −1 in the last, else 0."""
    words, place = np.unique(column.astype(str).to_numpy(), return_inverse=True)
    own = np.eye(len(words))[place]
    return own[:, :-1] - own[:, -1:]
