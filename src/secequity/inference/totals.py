"""The bootstrap of figures that depend on nothing but totals: rows are counted, and all columns added up at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from secequity.inference.drawing import WORKERS, FloatArray, Rng, blocks
from secequity.inference.intervals import each_interval, samples_of
from secequity.inference.results import Interval


def bootstrap_of_totals(
    function: Callable[[FloatArray], FloatArray],
    columns: pd.DataFrame,
    *,
    names: Sequence[str],
    groups: pd.Series | None = None,
    replicates: int,
    level: float,
    left_out: FloatArray,
    tolerance: float | Sequence[float] = 0.0,
    rng: Rng = None,
) -> Mapping[str, Interval]:
    """BCa intervals as those of `bootstrap_each`, from the same resamples, of functions of the totals of `columns`.

    function : of the totals of the neighbourhoods drawn, (groups, columns, …), to an array (names, …).
    columns : what is added up, by neighbourhood id. left_out and the rest : as `bootstrap_each`.

    >>> staff = pd.DataFrame({"police": np.arange(20.0), "one": 1.0}, index=[f"n{i:02}" for i in range(20)])
    >>> mean = lambda totals: totals[:, 0] / totals[:, 1]
    >>> none = np.zeros((1, 20))
    >>> bootstrap_of_totals(mean, staff, names=["mean"], left_out=none, replicates=99, level=0.9)["mean"].estimate
    9.5
    """
    samples = samples_of(columns, groups)
    summed = [columns.to_numpy(dtype=np.float64)[sample] for sample in samples]
    estimates = function(np.stack([np.ascontiguousarray(part.T).sum(axis=1) for part in summed]))

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        with np.errstate(all="ignore"):
            return function(np.stack([(_times_drawn(generator, count, len(part)) @ part).T for part in summed]))

    drawn = blocks(draw, replicates=replicates, width=len(columns), rng=rng, workers=WORKERS)
    return each_interval(
        names,
        np.concatenate(list(drawn), axis=-1),
        estimates,
        samples,
        left_out=left_out,
        tolerance=tolerance,
        level=level,
        method="BCa",
        replicates=replicates,
    )


def _times_drawn(generator: np.random.Generator, count: int, size: int) -> FloatArray:
    """How often each of `size` rows comes in each of `count` resamples, (count, size)."""
    rows = generator.integers(size, size=(count, size))
    rows += size * np.arange(count)[:, np.newaxis]
    return np.bincount(rows.ravel(), minlength=count * size).reshape(count, size).astype(np.float64)
