"""Rows by id, generators by block, and p values: what every resampling shares.

Replicates are drawn in blocks of a fixed number, each from a generator of its own, so that neither the memory at hand
nor the number of workers changes a digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.checks import Argument, align, require_arguments
from secequity.errors import AlignmentError, ConfigError, LayerError, problem
from secequity.words import Alternative

Rows = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]
Rng = int | np.random.Generator | None
Block = TypeVar("Block")

CELLS = 250_000
ROUNDING = 1e-10


def blocks(
    draw: Callable[[np.random.Generator, int], Block],
    *,
    replicates: int,
    width: int,
    rng: Rng,
    workers: int = 1,
) -> Iterator[Block]:
    """`draw(generator, count)` for every block of replicates, in order; `width` cells a replicate.

    >>> list(blocks(lambda generator, count: count, replicates=5, width=CELLS // 2, rng=1))
    [2, 2, 1]
    """
    require_arguments(rng=("rng", rng))
    size = max(1, CELLS // max(width, 1))
    counts = [min(size, replicates - first) for first in range(0, replicates, size)]
    entropy = np.random.default_rng(rng).integers(2**32, size=4)
    seeds = np.random.SeedSequence([int(word) for word in entropy]).spawn(len(counts))

    def one(place: int) -> Block:
        return draw(np.random.default_rng(seeds[place]), counts[place])

    if workers == 1 or len(counts) == 1:
        yield from map(one, range(len(counts)))
        return
    with ThreadPoolExecutor(workers) as pool:
        for first in range(0, len(counts), 8 * workers):
            yield from pool.map(one, range(first, min(first + 8 * workers, len(counts))))


def p_value(
    reference: FloatArray, observed: float, *, exact: bool, alternative: Alternative, tolerance: float = 0.0
) -> float:
    """Share of arrangements at least as extreme as the one observed, near-equal figures counting as equal.

    exact : `reference` holds every arrangement, the observed one among them; otherwise that one is counted in.
    """
    if not np.isfinite(observed) or not np.isfinite(reference).all():
        return np.nan
    slack = max(tolerance, ROUNDING * max(abs(observed), float(np.abs(reference).max())))
    counts = {"greater": np.sum(reference >= observed - slack), "less": np.sum(reference <= observed + slack)}
    itself = 0 if exact else 1
    tails = {side: float((count + itself) / (len(reference) + itself)) for side, count in counts.items()}
    return min(1.0, 2 * min(tails.values())) if alternative == "two-sided" else tails[alternative]


def by_id(data: pd.DataFrame) -> Rows:
    """Row positions in the order of their ids, so that the order of rows never changes a result."""
    require_arguments(data=("frame", data))
    if data.index.has_duplicates:
        raise AlignmentError(problem("ids_repeated", dict.fromkeys(data.index[data.index.duplicated()]), name="data"))
    if not len(data):
        raise LayerError(problem("measure_empty", name="data"))
    return np.argsort(data.index.astype(str).to_numpy(), kind="stable")


def labels_of(labels: pd.Series, ids: pd.Index, name: str) -> Rows:
    """The number of each row's label, labels numbered in the order of their names."""
    aligned = align(labels, ids, name=name)
    if aligned.isna().any():
        raise LayerError(problem("measure_missing", ids[aligned.isna()], name=name))
    return np.unique(aligned.astype(str).to_numpy(), return_inverse=True)[1]


def one_of(value: str, words: tuple[str, ...], *, option: str) -> None:
    """Refuse an option that is none of its words."""
    if value not in words:
        raise ConfigError(problem("option_word", option=option, value=value, words=", ".join(words)))


def at_least_one(value: int, *, option: str) -> None:
    """Refuse a number of draws that is not whole, or below 1."""
    kind: Argument = "whole"
    require_arguments(**{option: (kind, value)})
    if value < 1:
        raise ConfigError(problem("option_below", option=option, value=value, least=1))


def between_0_and_1(value: float, *, option: str) -> None:
    """Refuse a level that is no level."""
    kind: Argument = "number"
    require_arguments(**{option: (kind, value)})
    if not 0 < value < 1:
        raise ConfigError(problem("option_between", option=option, value=value, least=0, most=1))
