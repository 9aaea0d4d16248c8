"""What the command does before a library is read: of a city of fifty, a new process spends most of its time on reading.

`import secequity` does nothing of this: the process of a notebook is its user's.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")
"""A city's matrices are small: several threads wait longer than they work, and their number changes last digits."""

RARELY = (50_000, 20, 50)
"""Python looks for objects that hold each other after so many new ones, not after 700: classes and tables just read."""

LATER = {
    "sklearn": (),
    "sklearn.metrics": ("euclidean_distances", "pairwise_distances"),
    "sklearn.neighbors": (),
    "requests": (),
    "bs4": ("BeautifulSoup",),
}
"""Libraries that libpysal names at its top, and what it takes from them there, for what no study asks of it."""

NEVER = "numba"
"""What libpysal does without where it is not installed, and no study has a use for."""


def prepare() -> None:
    """Make this process ready for one study: one thread, and few searches for garbage.

    At its end Python would look through everything it holds once more, which the system takes back as a whole.
    """
    os.environ.setdefault(*ONE_THREAD)
    gc.set_threshold(*RARELY)
    atexit.register(gc.freeze)


def enter(*rooms: str) -> None:
    """Enter rooms of this package, reading the libraries behind them, without the libraries that those only name.

    A library that a room reads only when it is asked may be named too, to be read in the same way. Where a library
    asks more of them than it is known to, they are read as it says.
    """
    with suppress(ImportError), put_off():
        for room in rooms:
            import_module(room)


@contextmanager
def put_off() -> Iterator[None]:
    """Who names one of the libraries `LATER` inside is given something that reads it when it is used."""
    waiting: dict[str, Any] = {name: Later(name, taken) for name, taken in LATER.items()} | {NEVER: None}
    waiting = {name: later for name, later in waiting.items() if name not in sys.modules}
    sys.modules.update(waiting)
    for name, later in waiting.items():
        parent, _, child = name.rpartition(".")
        if isinstance(sys.modules.get(parent), Later):
            setattr(sys.modules[parent], child, later)
    try:
        yield
    finally:
        for name, later in waiting.items():
            if sys.modules.get(name, ...) is later:
                del sys.modules[name]


class Later(ModuleType):
    """Stands for a library that is named but not used: it is read when anything of it is wanted.

    What is only `taken` from it is a function that reads it when it is called.

    >>> Later("statistics", ["mean"]).mean([1, 2])
    1.5
    """

    def __init__(self, name: str, taken: Iterable[str]) -> None:
        super().__init__(name)
        self._taken = frozenset(taken)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(_called, self.__name__, name) if name in self._taken else getattr(_library(self.__name__), name)


def _called(library: str, function: str, /, *args: Any, **options: Any) -> Any:
    return getattr(_library(library), function)(*args, **options)


def _library(name: str) -> ModuleType:
    """The library itself, also while others are put off."""
    for one in [one for one, module in sys.modules.items() if isinstance(module, Later)]:
        del sys.modules[one]
    return import_module(name)
