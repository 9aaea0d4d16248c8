"""A table is the same data as records and in the file: what `json.dumps` says of the records, a record a line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from secequity import records

TABLES = {
    "floats": pd.DataFrame({"a": [0.1, -0.0, 0.0, np.nan, np.inf, -np.inf, 1e300, 1e-7, 3.0, 0.1]}),
    "texts": pd.DataFrame({"a": pd.Series(["ñ", None, 'a "quoted" \\ \n line', "100 %", "\u2028"], dtype="str")}),
    "objects": pd.DataFrame({"a": pd.Series([1, 1.0, True, None, "x", np.float64(2), pd.NA, pd.NaT], dtype=object)}),
    "words and none": pd.DataFrame({"a": pd.Series(["HH", None, np.nan, "HH"], dtype=object)}),
    "all missing": pd.DataFrame({"a": pd.Series([None, None], dtype=object), "b": [np.nan, np.nan]}),
    "integers": pd.DataFrame({"a": [1, 2], "b": pd.array([1, None], dtype="Int64"), "c": [True, False]}),
    "float32": pd.DataFrame({"a": np.array([0.1, np.nan], dtype=np.float32)}),
    "named oddly": pd.DataFrame({"100 %": [1.0], '"%s"': ["a"], 7: [2]}),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype=float)}),
    "nothing": pd.DataFrame(),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_the_file_says_what_the_records_say(table: pd.DataFrame, tmp_path: Path) -> None:
    records.dump({"before": {"k": [1]}, "table": table}, tmp_path / "told.json")
    plain = {"before": {"k": [1]}, "table": records.records(table)}
    written = (tmp_path / "told.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(written)) == json.dumps(plain)
    assert sum(line.startswith("  {") for line in written.split("\n")) == len(table)


def test_blocks_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK", 2)
    records.dump({"table": pd.DataFrame({"a": ["x", None, "y", "x", "z"]})}, tmp_path / "told.json")
    expected = '{\n "table": [\n  {"a": "x"},\n  {"a": null},\n  {"a": "y"},\n  {"a": "x"},\n  {"a": "z"}\n ]\n}\n'
    assert (tmp_path / "told.json").read_text(encoding="utf-8") == expected
