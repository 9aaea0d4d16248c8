"""What the command does before a library is read: of a city of fifty, a new process spends most of its time on reading.

`import secequity` does nothing of this: the process of a notebook is its user's.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")
"""A city's matrices are small: several threads wait longer than they work, and their number changes last digits."""

RARELY = (50_000, 20, 50)
"""Python looks for objects that hold each other after so many new ones, not after 700: classes and tables just read."""

LATER = ("sklearn", "sklearn.metrics", "sklearn.neighbors", "requests", "bs4")
"""Libraries that libpysal names at its top, for what no study asks of it; they are read when something of them is."""

NEVER = "numba"
"""What libpysal does without where it is not installed, and no study has a use for."""


def prepare() -> None:
    """Make this process ready for one study: one thread, few searches for garbage, no library that is not used.

    At its end Python would look through everything it holds once more, which the system takes back as a whole.
    """
    os.environ.setdefault(*ONE_THREAD)
    gc.set_threshold(*RARELY)
    atexit.register(gc.freeze)
    sys.modules.setdefault(NEVER, None)  # type: ignore[arg-type]
    for name in LATER:
        later = sys.modules.setdefault(name, Later(name))
        parent, _, child = name.rpartition(".")
        if parent and isinstance(later, Later):
            setattr(sys.modules[parent], child, later)


class Later(ModuleType):
    """Stands for a library that is named but not used; a function of it, when called, is the library's own.

    >>> Later("statistics").mean([1, 2])
    1.5
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(_called, self.__name__, name)


def _called(library: str, function: str, /, *args: Any, **options: Any) -> Any:
    for name in [one for one, module in sys.modules.items() if isinstance(module, Later)]:
        del sys.modules[name]
    return getattr(import_module(library), function)(*args, **options)
