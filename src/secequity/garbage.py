"""Python looks for garbage after every seven hundred new objects; while a city is made of them, the search waits."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Nothing is looked through inside, however many polygons or classes are made: none of them hold each other.

    Also a decorator. Who has switched the search off keeps it off.

    >>> with unsearched():
    ...     gc.isenabled()
    False
    """
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
