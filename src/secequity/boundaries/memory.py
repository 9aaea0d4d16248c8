"""Functions that do not ask GEOS twice about the same geometries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

KEPT = 2
"""Answers that are remembered: a study asks about its neighbourhoods and about one other layer at a time."""


def remembered(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The same function that does not ask twice about the same geometries, which cannot change; for positional arrays.

    An array is known by the geometries (or numbers) in it, which are held as long as the answer is.
    """
    last: list[tuple[Any, Any, Answer]] = []

    @wraps(ask)
    def answer(*arrays: Asked.args, **options: Asked.kwargs) -> Answer:
        key = [one.tobytes() if isinstance(one, np.ndarray) else one for one in (*arrays, *options.values())]
        for known, _, told in last:
            if known == key:
                return told
        found = ask(*arrays, **options)
        _close(found)
        last.insert(0, (key, [np.copy(one) for one in arrays if isinstance(one, np.ndarray)], found))
        del last[KEPT:]
        return found

    return answer


def _close(answer: object) -> None:
    """Make the arrays of an answer unchangeable: others will be told the same."""
    if isinstance(answer, np.ndarray):
        answer.setflags(write=False)
    elif isinstance(answer, tuple):
        for one in answer:
            _close(one)
    elif is_dataclass(answer):
        for name in fields(answer):
            _close(getattr(answer, name.name))
