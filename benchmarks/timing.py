"""What both sides of a comparison share: a clock for each stage, and figures put down so that they can be compared."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Figures = dict[str, Any]


class Clock:
    """Seconds by stage: on the wall, and of the processors, which a busy machine stretches far less."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start, worked = time.perf_counter(), worked_so_far()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 4)
        self.cpu[stage] = round(worked_so_far() - worked, 4)


def worked_so_far() -> float:
    """Processor seconds of this process and of those it has started and seen end."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def own_peak_kb() -> int:
    """The most memory this process has held, without what its parent held when it was forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def main(rows: Mapping[str, Callable[..., Figures]]) -> None:
    """Run one row from the command line: `python side.py ROW FOLDER OUT key=value …`; figures go to OUT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("row", choices=list(rows))
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("options", nargs="*", help="key=value")
    given = parser.parse_args()
    options = {
        key: int(value) if value.isdigit() else value for key, value in (one.split("=") for one in given.options)
    }
    clock = Clock()
    figures = rows[given.row](given.folder, clock, **options)
    np.savez(given.out, **{key: np.asarray(value) for key, value in figures.items()})
    peak = max(own_peak_kb(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    sys.stdout.write(
        json.dumps({"seconds": clock.seconds, "cpu": clock.cpu, "worked": worked_so_far(), "peak_mb": peak // 1024})
        + "\n"
    )
