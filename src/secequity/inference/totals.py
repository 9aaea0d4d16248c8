"""The bootstrap of figures that depend on nothing but totals: rows are counted, and all columns added up at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from secequity.inference.drawing import FloatArray, Rng, Rows, blocks
from secequity.inference.intervals import each_interval
from secequity.inference.results import Interval
from secequity.parallel import CORES


def bootstrap_of_totals(
    function: Callable[[FloatArray], FloatArray],
    columns: Sequence[FloatArray],
    samples: list[Rows],
    *,
    names: Sequence[str],
    replicates: int,
    level: float,
    left_out: FloatArray,
    tolerance: float | Sequence[float] = 0.0,
    rng: Rng = None,
) -> Mapping[str, Interval]:
    """BCa intervals as those of `bootstrap_each`, from the same resamples, of functions of the totals of `columns`.

    function : of the totals of the neighbourhoods drawn, (samples, columns, …), to an array (names, …).
    columns : what is added up, one entry a neighbourhood. samples : which of them are drawn anew for one another, in
    the order of their ids. left_out and the rest : as `bootstrap_each`. No column changes a digit of another.

    >>> police = np.arange(20.0)
    >>> mean, none = lambda totals: totals[:, 0] / totals[:, 1], np.zeros((1, 20))
    >>> options = {"names": ["mean"], "left_out": none, "replicates": 99, "level": 0.9}
    >>> bootstrap_of_totals(mean, [police, np.ones(20)], [np.arange(20)], **options)["mean"].estimate
    9.5
    """
    parts = [[column[sample] for column in columns] for sample in samples]
    estimates = function(np.array([[column.sum() for column in part] for part in parts]))

    def draw(generator: np.random.Generator, count: int) -> FloatArray:
        totals = []
        for sample, part in zip(samples, parts, strict=True):
            times = _times_drawn(generator, count, len(sample))
            totals.append([times @ column for column in part])
        with np.errstate(all="ignore"):
            return function(np.array(totals))

    drawn = blocks(draw, replicates=replicates, width=sum(map(len, samples)), rng=rng, workers=CORES)
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
