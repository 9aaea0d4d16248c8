"""Dask: pieces of work on the workers of a scheduler; what a lost worker had done is done again by the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from operator import getitem
from typing import TypeVar
from uuid import uuid4

import dask
from distributed import Client, as_completed, default_client

from secequity.engines.choice import Told
from secequity.engines.places import Locator, Places, Shapes
from secequity.words import EngineName

Part = TypeVar("Part")
Bag = TypeVar("Bag")
Sum = TypeVar("Sum")

QUIET = {"distributed.admin.large-graph-warning-threshold": "1GB"}


class Dask:
    """The scheduler at hand: a client of this process, DASK_SCHEDULER_ADDRESS, or else workers on this machine."""

    name: EngineName = "dask"

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
        """One sum a bag. Only sums come back; parts of bags move between workers."""
        run = uuid4().hex
        with _client() as client, dask.config.set(QUIET):
            how = [client.submit(_same, one, key=f"how-{at}-{run}") for at, one in enumerate((split, gather))]
            parts = [client.submit(_call, how[0], one, key=f"split-{at}-{run}") for at, one in enumerate(pieces)]
            sums = []
            for bag in range(bags):
                own = [client.submit(getitem, one, bag, key=f"bag-{at}-{bag}-{run}") for at, one in enumerate(parts)]
                sums.append(client.submit(_call, how[1], bag, own, key=f"sum-{bag}-{run}"))
            for done, future in enumerate(as_completed([*parts, *sums]), start=1):
                if future.status == "error":
                    future.result()
                told(done, len(parts) + len(sums))
            return list(client.gather(sums))


def _same(one: object) -> object:
    """What many tasks share travels once to a worker, and again to the one that takes its place."""
    return one


def _call(function: Callable[..., object], *given: object) -> object:
    return function(*given)


@contextmanager
def _client() -> Iterator[Client]:
    """The client of this process where there is one, which stays open; else one for this work."""
    with ExitStack() as stack:
        try:
            client = default_client()
        except ValueError:
            client = stack.enter_context(Client(dashboard_address="127.0.0.1:0"))
        yield client
