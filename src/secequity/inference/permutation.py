"""The permutation test of any function: rows move under labels that stay."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations, islice
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import align, require_arguments
from secequity.errors import LayerError, problem
from secequity.inference.drawing import (
    CELLS,
    FloatArray,
    Rng,
    Rows,
    at_least_one,
    blocks,
    by_id,
    labels_of,
    one_of,
    p_value,
)
from secequity.inference.results import PermutationTest
from secequity.parallel import CORES
from secequity.words import Alternative

SMALL, LINE = 256, 10_000
"""Sets of up to so many rows out of up to so many are drawn all at a time; numpy's own loop is as fast for larger."""

FLAGS = 4_000_000
"""Rows marked as drawn at a time: four megabytes."""


def permutation_test(
    function: Callable[..., Any],
    data: pd.DataFrame,
    *,
    labels: pd.Series,
    permutations: int = 9999,
    alternative: Alternative = "two-sided",
    vectorised: bool = False,
    tolerance: float = 0.0,
    rng: Rng = None,
) -> PermutationTest:
    """Permutation test of `function`: how often does chance alone put the rows under the labels so unequally.

    Whole rows of `data` move; the labels stay. When there are no more than `permutations` different arrangements all of
    them are compared, and p = count/total; else random ones, and p = (count + 1)/(permutations + 1). The two-sided p is
    twice the smaller tail. Figures that differ by rounding only count as equal.

    Parameters
    ----------
    function : of a frame (the moved rows) and the labels to one number. With `vectorised`: of an integer array
        (…, n), whose entry i is the row that stands in the place of row i, to an array (…).
    data : one row a neighbourhood, index its id.
    labels : label by neighbourhood id, at least two different ones.
    permutations : arrangements drawn, ≥ 1.
    alternative : `two-sided`, `greater` (the figure is larger than chance gives) or `less`.
    tolerance : differences of the figure that are mere rounding, in its unit; a ten-thousand-millionth of its largest
        value is always taken so.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    PermutationTest.

    Raises
    ------
    ConfigError : an option out of its range.
    LayerError : no rows, a label is missing, or all labels are the same.
    AlignmentError : an id is repeated, or `labels` speaks of other neighbourhoods.

    Source: Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.

    >>> import pandas as pd
    >>> data = pd.DataFrame({"police": [9.0, 1.0, 2.0, 3.0]}, index=list("abcd"))
    >>> zones = pd.Series(["centre", "periphery", "periphery", "periphery"], index=list("abcd"))
    >>> centre = lambda moved, labels: moved.loc[labels == "centre", "police"].mean()
    >>> permutation_test(centre, data, labels=zones, alternative="greater").p_value     # 1 of 4 arrangements
    0.25
    """
    require_arguments(function=("function", function), vectorised=("flag", vectorised), tolerance=("number", tolerance))
    at_least_one(permutations, option="permutations")
    one_of(alternative, get_args(Alternative), option="alternative")
    order = by_id(data)
    place = labels_of(labels, data.index, "labels")
    sizes = np.bincount(place)
    if len(sizes) < 2:
        raise LayerError(problem("labels_one"))
    over_rows = function if vectorised else _over_places(function, data, align(labels, data.index, name="labels"))
    observed = float(over_rows(np.arange(len(data))))
    exact = len(data) <= permutations and arrangements(sizes) <= permutations
    batches = _every(order, place, sizes) if exact else _shuffled(order, permutations, rng)
    reference = np.concatenate([np.asarray(over_rows(rows), dtype=np.float64) for rows in batches])
    return PermutationTest(
        value=observed,
        p_value=p_value(reference, observed, exact=exact, alternative=alternative, tolerance=tolerance),
        permutations=len(reference),
        exact=exact,
        alternative=alternative,
    )


def subsets(
    figures: Callable[[Rows], FloatArray], *, count: int, size: int, permutations: int, rng: Rng, workers: int = CORES
) -> FloatArray:
    """`figures` of random sets of `size` out of `count` rows, (…, permutations): two labels dealt out at random.

    The fast path of `permutation_test` where a figure needs to know nothing but which rows stand under one label.

    figures : of an integer array (sets, size) to an array (…, sets).
    """

    draw_rows = _together if size <= SMALL and count <= LINE else _one_by_one

    def draw(generator: np.random.Generator, sets: int) -> FloatArray:
        return figures(draw_rows(generator, sets, count=count, size=size))

    drawn = blocks(draw, replicates=permutations, width=size, rng=rng, workers=workers)
    return np.concatenate(list(drawn), axis=-1)


def _one_by_one(generator: np.random.Generator, sets: int, *, count: int, size: int) -> Rows:
    """Random sets of `size` out of `count` rows, as numpy draws them: (sets, size)."""
    rows = np.empty((sets, size), dtype=np.intp)
    for one in range(sets):
        rows[one] = generator.choice(count, size, replace=False, shuffle=False)
    return rows


def _together(generator: np.random.Generator, sets: int, *, count: int, size: int) -> Rows:
    """`_one_by_one` to the digit, all sets at a time, by the same algorithm of Floyd's.

    The row drawn for place k is one of the first count − size + k + 1; where the set has it already, it is the last.
    """
    lasts = np.arange(count - size, count)
    rows: Rows = generator.integers(0, np.broadcast_to(lasts, (sets, size)), endpoint=True)
    for first in range(0, sets, step := max(1, FLAGS // count)):
        part = rows[first : first + step]
        taken, each = np.zeros((len(part), count), dtype=bool), np.arange(len(part))
        for place, last in enumerate(lasts):
            drawn = part[:, place]
            drawn[taken[each, drawn]] = last
            taken[each, drawn] = True
    return rows


def arrangements(sizes: npt.NDArray[np.intp]) -> int:
    """In how many different ways labels of these sizes can be put on the rows."""
    placed = np.cumsum(sizes)
    return math.prod(math.comb(int(total), int(size)) for total, size in zip(placed, sizes, strict=True))


def _every(order: Rows, place: Rows, sizes: npt.NDArray[np.intp]) -> Iterator[Rows]:
    """Every different arrangement of the rows under the labels, in batches."""
    places = order[np.argsort(place[order], kind="stable")]
    every = _splits(order, [int(size) for size in sizes])
    while batch := list(islice(every, max(1, CELLS // len(order)))):
        rows = np.empty((len(batch), len(order)), dtype=np.intp)
        rows[:, places] = batch
        yield rows


def _splits(rows: Rows, sizes: list[int]) -> Iterator[Rows]:
    """The rows split into parts of the given sizes, one after the other, in every way."""
    if len(sizes) == 1:
        yield rows
        return
    for chosen in combinations(range(len(rows)), sizes[0]):
        picked = list(chosen)
        for rest in _splits(np.delete(rows, picked), sizes[1:]):
            yield np.concatenate([rows[picked], rest])


def _shuffled(order: Rows, permutations: int, rng: Rng) -> Iterator[Rows]:
    """Random arrangements of the rows, in blocks."""

    def draw(generator: np.random.Generator, count: int) -> Rows:
        deck = np.tile(order, (count, 1))
        rows = np.empty_like(deck)
        rows[:, order] = generator.permuted(deck, axis=1)
        return rows

    return blocks(draw, replicates=permutations, width=len(order), rng=rng)


def _over_places(function: Callable[..., Any], data: pd.DataFrame, labels: pd.Series) -> Callable[[Rows], FloatArray]:
    """A function of moved rows under fixed labels as a function of arrays of row positions."""

    def over_rows(rows: Rows) -> FloatArray:
        moved = rows.reshape(-1, rows.shape[-1])
        figures = [function(data.take(one).set_axis(data.index), labels) for one in moved]
        return np.array(figures, dtype=np.float64).reshape(rows.shape[:-1])

    return over_rows
