"""The engines behind one small interface, and which one does the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Protocol, TypeVar, get_args

from secequity.engines.places import Locator, Places, Shapes
from secequity.errors import ConfigError, MissingDependency, problem
from secequity.words import EngineName

Part = TypeVar("Part")
Bag = TypeVar("Bag")
Sum = TypeVar("Sum")
Told = Callable[[int, int], None]
"""Is told how many of how many pieces of work are done."""


def silent(done: int, total: int) -> None:
    """Tells nobody."""


NEEDS: dict[EngineName, tuple[str, ...]] = {"sedonadb": ("sedonadb",), "dask": ("dask", "distributed")}
SCHEDULER = "DASK_SCHEDULER_ADDRESS"


class Engine(Protocol):
    """What every engine can do."""

    name: EngineName

    def places(self, shapes: Shapes) -> Locator:
        """In which of the polygons a point lies."""

    def reduce(
        self,
        split: Callable[[Part], Sequence[Bag]],
        gather: Callable[[int, Iterable[Bag]], Sum],
        pieces: Sequence[Part],
        *,
        bags: int,
        told: Told,
    ) -> list[Sum]:
        """One sum a bag: `split` takes a piece apart into bags, `gather` gets a bag's parts in the order of pieces."""


class Local:
    """This process, one piece after the other."""

    name: EngineName = "local"

    def places(self, shapes: Shapes) -> Locator:
        """In which of the polygons a point lies."""
        return Places(shapes)

    def reduce(
        self,
        split: Callable[[Part], Sequence[Bag]],
        gather: Callable[[int, Iterable[Bag]], Sum],
        pieces: Sequence[Part],
        *,
        bags: int,
        told: Told,
    ) -> list[Sum]:
        """One sum a bag; with a single bag, no piece is kept longer than it takes to add it."""

        def one_by_one(bag: int) -> Iterable[Bag]:
            for done, piece in enumerate(pieces, start=1):
                yield split(piece)[bag]
                told(done, len(pieces))

        if bags == 1:
            return [gather(0, one_by_one(0))]
        parts = []
        for done, piece in enumerate(pieces, start=1):
            parts.append(split(piece))
            told(done, len(pieces))
        return [gather(bag, (part[bag] for part in parts)) for bag in range(bags)]


def choose(name: EngineName = "auto") -> Engine:
    """The engine of that name.

    `auto` is `dask` where the environment names a scheduler (DASK_SCHEDULER_ADDRESS), else `local`.

    Raises
    ------
    ConfigError : there is no engine of that name. MissingDependency : what it needs is not installed.

    >>> choose("auto").name
    'local'
    """
    if name not in get_args(EngineName):
        words = ", ".join(get_args(EngineName))
        raise ConfigError(problem("engine_unknown", engine=str(name), words=words))
    chosen = ("dask" if os.environ.get(SCHEDULER) else "local") if name == "auto" else name
    absent = [one for one in NEEDS.get(chosen, ()) if find_spec(one) is None]
    if absent:
        raise MissingDependency(problem("engine_missing", absent, engine=chosen, extra=chosen))
    if chosen == "dask":
        from secequity.engines.cluster import Dask

        return Dask()
    if chosen == "sedonadb":
        from secequity.engines.sedona import Sedona

        return Sedona()
    return Local()
