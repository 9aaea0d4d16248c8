"""Work on every core, in threads: GEOS, numpy and sparse products compute outside the interpreter's lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

CORES = max(1, min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))

Each = Callable[..., Iterable[Any]]
"""`map`, or what does the same on several cores."""

WORTH_A_CORE = 200
"""Geometries that each core gets at least: fewer are not worth a thread."""


def cores() -> int:
    """Cores that this thread may share its work among: what runs in a thread is one of several already."""
    return CORES if threading.current_thread() is threading.main_thread() else 1


@contextmanager
def side_by_side() -> Iterator[Each]:
    """`map`, but several calls at a time; answers come in order.

    >>> with side_by_side() as each:
    ...     list(each(abs, [-1, 2]))
    [1, 2]
    """
    many = cores()
    if many == 1:
        yield map
        return
    with ThreadPoolExecutor(many) as pool:
        yield pool.map


def on_cores(work: Callable[..., npt.NDArray[Any]], *arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`work` on the arrays, which are equally long and answered row by row; so the answer depends on no split.

    Prepared geometries stay on one core: GEOS completes their indices while it is asked, in whichever thread.

    >>> on_cores(np.add, np.array([1, 2]), np.array([3, 4])).tolist()
    [4, 6]
    """
    share = min(cores(), len(arrays[0]) // WORTH_A_CORE)
    if share < 2 or any(one.dtype == object and shapely.is_prepared(one).any() for one in arrays):
        return work(*arrays)
    with ThreadPoolExecutor(share) as pool:
        return np.concatenate(list(pool.map(work, *(np.array_split(one, share) for one in arrays))))


def meeting_pairs(
    some: npt.NDArray[Any], others: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of each pair, one of `some` and one of `others`, that have a point in common.

    >>> squares = shapely.box([0, 1], 0, [1, 2], 1)
    >>> meeting_pairs(np.array([shapely.Point(0.5, 0.5)]), squares)[1].tolist()
    [0]
    """
    tree = shapely.STRtree(others)

    def met(shapes: npt.NDArray[Any], at: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        one, other = tree.query(shapes, predicate="intersects")
        return np.column_stack([at[one], other])

    one, other = on_cores(met, some, np.arange(len(some))).T
    return one, other
