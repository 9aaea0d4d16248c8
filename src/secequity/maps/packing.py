"""Numbers and words as few bytes: typed columns beside a small tree of JSON, compressed, and read back."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from secequity.texts import number

MARK = "$"
MILLION = 1e6
GZIP = 16 + zlib.MAX_WBITS
"""What zlib calls a gzip stream."""

FEW_DIGITS = 2.0**24
NEAR_TIE, LAST_DIGITS = 2.0**-24, 2.0**-48
DROPPED = 2**6
SELDOM = 8
"""One figure in so many may be told by itself in a column that is another so many times."""

HOLDER = re.compile(r'id="secequity-data">([A-Za-z0-9+/=\s]*)<')

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Whole numbers from 0, in as few bytes as each needs."""

    values: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Steps:
    """Whole numbers of either sign, small ones most often."""

    values: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Values:
    """Measured numbers as the page tells them; what is missing is not a number."""

    values: npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Words:
    """Texts without line breaks, one a neighbourhood."""

    values: list[str]


@dataclass(frozen=True, eq=False)
class Codes:
    """One of a few words or numbers a neighbourhood: its place among `words`, the first of which is none at all."""

    codes: npt.NDArray[np.uint8]
    words: list[str | None] | list[float | None]


@dataclass(frozen=True, eq=False)
class Millionths:
    """Degrees of places near each other, in whole millionths."""

    values: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Multiple:
    """Measured numbers that are others so many times, but for a few: hours are staff times hours a week."""

    of: Values
    by: float
    steps: Steps
    but: Values


@dataclass(frozen=True, eq=False)
class Records:
    """Things of a kind, told column by column and read back one by one."""

    columns: dict[str, Steps | Millionths | Values | Words | Codes]


def pack(tree: Any) -> bytes:
    """A tree of plain data with columns in it, compressed: a length, the tree as JSON, and the columns' bytes.

    >>> unpack(pack({"ids": Words(["01", "02"]), "people": Numbers(np.array([7, 300]))}))
    {'ids': ['01', '02'], 'people': [7, 300]}
    """
    columns: dict[bytes, int] = {}
    told = json.dumps(_held(tree, columns), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return _compressed(len(told).to_bytes(4, "little") + told + b"".join(columns))


def unpack(packed: bytes) -> Any:
    """What `pack` was given, columns as lists; nothing is lost, so a reader of the page can be told all it holds."""
    content = gzip.decompress(packed)
    size = int.from_bytes(content[:4], "little")
    return _opened(json.loads(content[4 : 4 + size]), content[4 + size :])


def contents(page: str) -> Any:
    """Everything the page of a map knows of its study, as plain data: what an audit of the page must read."""
    found = HOLDER.search(page)
    return unpack(base64.b64decode(found.group(1))) if found else None


def as_told(values: pd.Series, *, decimals: int | None = None) -> npt.NDArray[Any]:
    """Values in half the bytes or less, each still written with the same digits as before.

    A number that the shorter form would carry over the edge between two ways of writing it keeps more of its bits, or
    takes the next one on its own side. Where that does not help one, or numbers are large, all keep their bytes.

    >>> as_told(pd.Series([0.385, 1 / 3, float("nan")])).dtype.name
    'float32'
    """
    full = values.to_numpy(dtype=np.float64)
    if (np.abs(full[np.isfinite(full)]) >= FEW_DIGITS).any() or (decimals or 0) > 6:
        return full
    exact = full.astype(np.float32)
    brief = _trimmed(exact)
    brief = np.where(_surely_alike(full, brief, decimals), brief, exact)
    unsure = ~_surely_alike(full, brief, decimals)
    told, places = np.unique(full[unsure], return_inverse=True)
    alike = [_alike(one, decimals) for one in told.tolist()]
    if None in alike:
        return full
    brief[unsure] = np.array(alike, dtype=np.float32)[places]
    return brief


def as_multiple(
    values: pd.Series, of: Values, by: float, *, decimals: int | None = None, edges: tuple[Floats, Floats] | None = None
) -> Multiple | None:
    """Values told as others `by` times, each still written with the same digits; None where it would be so for few.

    edges : bounds between classes, and the same as the page tells them: every value stays on its side of each.
    """
    full, times = values.to_numpy(dtype=np.float64), of.values.astype(np.float64) * by
    apart = ~_surely_alike(full, times, decimals)
    if edges is not None:
        apart |= np.searchsorted(edges[0], full) != np.searchsorted(edges[1], times)
    places = np.flatnonzero(apart)
    if places.size * SELDOM > full.size:
        return None
    but = Values(as_told(pd.Series(full[places]), decimals=decimals))
    return Multiple(of=of, by=by, steps=Steps(np.diff(places, prepend=0)), but=but)


def _alike(full: float, decimals: int | None) -> np.float32 | None:
    """The shorter number nearest to one, or next to it, that is written alike; None where all are written otherwise."""
    near, wanted = np.float32(full), _written(full, decimals)
    beside = (near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf)))
    return next((one for one in beside if _written(float(one), decimals) == wanted), None)


def _trimmed(exact: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The same numbers rounded to 18 bits: more than anyone is shown, and a quarter fewer bytes when compressed."""
    bits = exact.view(np.uint32)
    rounded = (bits + np.uint32(DROPPED // 2)) & np.uint32(2**32 - DROPPED)
    return np.where(np.isfinite(exact), rounded, bits).astype(np.uint32).view(np.float32)


def _surely_alike(full: Floats, brief: npt.NDArray[np.floating[Any]], decimals: int | None) -> Flags:
    """Where both numbers are surely written alike: neither is near a tie between two digits or the edge of a rule."""
    unknown = ~np.isfinite(full)
    one, other = (np.where(unknown, 0.0, np.abs(some)).astype(np.float64) for some in (full, brief))
    alike = (np.rint(one) == one) == (np.rint(other) == other)
    for edge in (0.1, 100, 1000):
        alike &= (one < edge) == (other < edge)
    figures = _figures(one)
    alike &= (figures == _figures(other)) | (one >= 0.1)
    for places, below in ((0, np.inf), (1, 1000), (2, 100), (np.clip(figures, 0, 6), 0.1), (decimals or 0, np.inf)):
        scaled, beside = one * 10.0**places, other * 10.0**places
        same = np.floor(scaled + 0.5) == np.floor(beside + 0.5)
        for some in (scaled, beside):
            same &= np.abs(some - np.floor(some) - 0.5) > NEAR_TIE + some * LAST_DIGITS
        alike &= same | (one >= below)
    return np.asarray(alike | unknown, dtype=bool)


def _figures(size: Floats) -> Floats:
    """How many decimals show two figures of a number below 0.1; nan so near to a power of ten that it might err."""
    power = np.log10(np.where(size > 0, size, 0.5))
    return np.where(np.abs(power - np.rint(power)) < NEAR_TIE, np.nan, 1 - np.floor(power))


def _written(value: float, decimals: int | None) -> tuple[str, ...]:
    size = abs(value)
    places = (
        0,
        *((1,) if size < 1000 else ()),
        *((2,) if size < 100 else ()),
        *(() if decimals is None else (decimals,)),
    )
    return (number(value), *(number(value, one) for one in places))


def _compressed(content: bytes) -> bytes:
    """As gzip, for content in which few stretches come again and some bytes are far more frequent than others."""
    gzipped = zlib.compressobj(5, zlib.DEFLATED, GZIP, zlib.DEF_MEM_LEVEL, zlib.Z_FILTERED)
    return gzipped.compress(content) + gzipped.flush()


def _held(tree: Any, columns: dict[bytes, int]) -> Any:
    """The tree with a mark in place of every column, and where each begins; the same bytes are kept once."""
    if isinstance(tree, dict):
        return {key: _held(one, columns) for key, one in tree.items()}
    if isinstance(tree, list | tuple):
        return [_held(one, columns) for one in tree]
    if isinstance(tree, Records):
        return {MARK: "records", "of": _held(tree.columns, columns)}
    if isinstance(tree, Multiple):
        parts = {"of": tree.of, "steps": tree.steps, "but": tree.but}
        return {MARK: "multiple", "by": tree.by, **_held(parts, columns)}
    if not isinstance(tree, Numbers | Steps | Millionths | Values | Words | Codes):
        return tree
    kind, content, more = _column(tree)
    start = columns.setdefault(content, sum(map(len, columns)))
    return {MARK: kind, "at": start, "bytes": len(content), **more}


def _column(column: Numbers | Steps | Millionths | Values | Words | Codes) -> tuple[str, bytes, dict[str, Any]]:
    if isinstance(column, Words):
        return "words", "\n".join(column.values).encode(), {"many": len(column.values)}
    if isinstance(column, Codes):
        return "codes", column.codes.tobytes(), {"words": column.words}
    if isinstance(column, Values):
        width = column.values.dtype.itemsize
        planes = np.ascontiguousarray(column.values).view(np.uint8).reshape(-1, width).T
        return f"f{width}", planes.tobytes(), {}
    whole = np.asarray(column.values, dtype=np.int64)
    if isinstance(column, Numbers):
        return "numbers", _sevens(whole), {"many": whole.size}
    if isinstance(column, Millionths):
        return "millionths", _sevens(_signed(np.diff(whole, prepend=0))), {"many": whole.size}
    return "steps", _sevens(_signed(whole)), {"many": whole.size}


def _signed(whole: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.where(whole < 0, -2 * whole - 1, 2 * whole)


def _sevens(whole: npt.NDArray[np.int64]) -> bytes:
    """Seven bits a byte, lowest first; the eighth says that more follow."""
    if not whole.size:
        return b""
    width = max(1, -(-int(whole.max()).bit_length() // 7))
    shifts = 7 * np.arange(width)
    parts = (whole[:, None] >> shifts) & 0x7F
    follows = (whole[:, None] >> (shifts + 7)) > 0
    kept = np.column_stack([np.ones(whole.size, dtype=bool), follows[:, :-1]])
    return bytes((parts | (follows << 7)).astype(np.uint8)[kept].tobytes())


def _opened(tree: Any, content: bytes) -> Any:
    if isinstance(tree, list):
        return [_opened(one, content) for one in tree]
    if not isinstance(tree, dict):
        return tree
    if not isinstance(tree.get(MARK), str):
        return {key: _opened(one, content) for key, one in tree.items()}
    kind = tree[MARK]
    if kind == "records":
        of = _opened(tree["of"], content)
        return [dict(zip(of, row, strict=True)) for row in zip(*of.values(), strict=True)]
    if kind == "multiple":
        of, steps, but = (_opened(tree[part], content) for part in ("of", "steps", "but"))
        told = [None if one is None else one * tree["by"] for one in of]
        for place, one in zip(accumulate(steps), but, strict=True):
            told[place] = one
        return told
    raw = content[tree["at"] : tree["at"] + tree["bytes"]]
    if kind == "words":
        return raw.decode().split("\n") if tree["many"] else []
    if kind == "codes":
        return [tree["words"][code] for code in raw]
    if kind in ("f4", "f8"):
        width = int(kind[1])
        values = np.frombuffer(raw, dtype=np.uint8).reshape(width, -1).T.copy().view(f"<{kind}").ravel()
        return [None if one != one else one for one in values.tolist()]
    if kind == "millionths":
        return [one / MILLION for one in accumulate(_whole(raw, signed=True))]
    return _whole(raw, kind == "steps")


def _whole(raw: bytes, signed: bool) -> list[int]:
    found: list[int] = []
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append((value >> 1) ^ -(value & 1) if signed else value)
            value = shift = 0
    return found
