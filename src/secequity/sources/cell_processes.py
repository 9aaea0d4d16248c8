"""exactextract on every core: it holds the interpreter's lock, so every core but one needs a process of its own.

Polygons are dealt out in the order of the raster's blocks, and each is summed as it would be alone, so the figures are
the same to the digit. What a process cannot do (it finds no Python, or not the file) is done here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import rasterio
import shapely

from secequity.parallel import cores
from secequity.sources.cell_sums import Figures, Shapes, in_blocks, summed
from secequity.sources.raster_files import can_be_opened_again, described, opened_as

WORTH_A_PROCESS = 2_500
"""Polygons that each process gets at least: one takes a fifth of a second to start."""

HEAD_START = 0.25
"""The share of another's part that this process does beyond one part, while the others start."""

HOME = str(Path(__file__).resolve().parents[2])
STARTED = f"import sys; sys.path.append(sys.argv[1]); from {__name__} import main; main()"


def cell_statistics(
    band: rasterio.Band, shapes: Shapes, statistics: Sequence[str], *, weights: rasterio.Band | None = None
) -> tuple[list[str], Figures]:
    """The names of the statistics and their figures, one row a polygon; many polygons are shared among processes."""
    order = in_blocks(band, shapes)
    polygons = shapely.to_wkb(shapes[order]).tolist()
    share = min(cores(), len(polygons) // WORTH_A_PROCESS) if _can_be_shared(band, weights) else 1
    first, *others = _dealt(polygons, max(share, 1))
    with ExitStack() as held:
        begun = [_begun(held, band, part, statistics, weights) for part in others]
        names, figures = summed(band, first, statistics, weights=weights)
        told = [figures]
        for part, process in zip(others, begun, strict=True):
            answer = None if process is None else process.answer(len(part), len(names))
            told.append(summed(band, part, statistics, weights=weights)[1] if answer is None else answer)
    found = np.empty((len(polygons), len(names)))
    found[order] = np.concatenate(told)
    return names, found


def _dealt(polygons: list[bytes], share: int) -> list[list[bytes]]:
    """The polygons in so many parts, of which the first is the largest."""
    ends = len(polygons) * (HEAD_START + np.arange(1, share)) / (HEAD_START + share)
    return [polygons[first:last] for first, last in pairwise([0, *ends.astype(int).tolist(), len(polygons)])]


def _can_be_shared(*bands: rasterio.Band | None) -> bool:
    """Whether this is a Python that can be started, and it would read the same rasters."""
    python = Path(sys.executable or "").stem.startswith("python")
    return python and all(one is None or can_be_opened_again(one.ds) for one in bands)


def _begun(
    held: ExitStack,
    band: rasterio.Band,
    polygons: list[bytes],
    statistics: Sequence[str],
    weights: rasterio.Band | None,
) -> _Elsewhere | None:
    """Another process at work, until `held` is closed; None where none can be started."""
    asked = {
        "home": HOME,
        "rasters": [None if one is None else described(one) for one in (band, weights)],
        "statistics": list(statistics),
        "sizes": list(map(len, polygons)),
    }
    try:
        return _Elsewhere(held, json.dumps(asked).encode() + b"\n" + b"".join(polygons))
    except OSError:
        return None


class _Elsewhere:
    """Another process; its question and its answer are files, so that neither side waits for the other."""

    def __init__(self, held: ExitStack, question: bytes) -> None:
        asked = held.enter_context(TemporaryFile())  # noqa: SIM115
        self._told = held.enter_context(TemporaryFile())  # noqa: SIM115
        asked.write(question)
        asked.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", STARTED, HOME],
            stdin=asked,
            stdout=self._told,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._process = held.enter_context(process)
        held.callback(process.kill)

    def answer(self, rows: int, columns: int) -> Figures | None:
        """The figures, once they are there; None where the process could not tell them."""
        failed = self._process.wait() != 0
        self._told.seek(0)
        told = self._told.read()
        if failed or len(told) != rows * columns * np.dtype(np.float64).itemsize:
            return None
        return np.frombuffer(told, dtype=np.float64).reshape(rows, columns)


def main() -> None:
    """The other process: a line that says what is asked, then the polygons; the figures are the answer."""
    asked = json.loads(sys.stdin.buffer.readline())
    if asked["home"] != HOME:
        raise SystemExit(f"{HOME} holds another version")
    content = sys.stdin.buffer.read()
    polygons = [content[first:last] for first, last in pairwise(accumulate(asked["sizes"], initial=0))]
    band, weights = (None if one is None else opened_as(one) for one in asked["rasters"])
    sys.stdout.buffer.write(summed(band, polygons, asked["statistics"], weights=weights)[1].tobytes())
