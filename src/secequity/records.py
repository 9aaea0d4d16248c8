"""Tables as records: as plain data, and as the same data in JSON, a record a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

BLOCK = 10_000


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as plain records; what is missing is null."""
    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def plain(value: Any) -> Any:
    """A value of a table as JSON knows it: no type of numpy's, null for what is missing or not finite."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def dump(told: Mapping[str, Any], path: Path) -> None:
    """A tree of plain data as a JSON file; a table in it becomes its records, each on a line of its own."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        separator = "{\n "
        for name, value in told.items():
            file.write(f"{separator}{_text(name)}: ")
            if isinstance(value, pd.DataFrame):
                file.writelines(_records_text(value))
            else:
                file.write(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).replace("\n", "\n "))
            separator = ",\n "
        file.write("\n}\n")


def _records_text(table: pd.DataFrame) -> Iterator[str]:
    """What `json.dumps(records(table))` says, a column at a time: far sooner than a cell at a time."""
    line = "{" + ", ".join(f"{_text(str(name)).replace('%', '%%')}: %s" for name in table.columns) + "}"
    separator = "[\n  "
    for start in range(0, len(table), BLOCK):
        block = table.iloc[start : start + BLOCK]
        columns = [_column_text(block.iloc[:, place]) for place in range(block.shape[1])]
        yield separator + ",\n  ".join(line % cells for cells in zip(*columns, strict=True))
        separator = ",\n  "
    yield "\n ]" if len(table) else "[]"


def _column_text(column: pd.Series) -> list[str]:
    """The cells of a column as JSON; a word or number that many rows share is written once."""
    if column.dtype == np.float64:
        places, bits = pd.factorize(column.to_numpy().view(np.int64))
        numbers = bits.view(np.float64)
        told = [*map(repr, numbers.tolist())]
        for place in np.flatnonzero(~np.isfinite(numbers)):
            told[place] = "null"
    elif pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        places, words = pd.factorize(column)
        told = [*map(encode_basestring, words.tolist()), "null"]
    else:
        return [_text(plain(value)) for value in column.tolist()]
    return [told[place] for place in places.tolist()]


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
