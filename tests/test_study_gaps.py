"""What a study says behind its gaps: tests, intervals, gradient and decomposition, and the keys that ask for them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shapely import Point

import secequity as se
from secequity.results import DECOMPOSITION, GAP_INTERVALS, GAP_TESTS, GRADIENT, GRADIENT_CURVE

HUAMANGA = Path(__file__).parents[1] / "data" / "huamanga"


def copied(folder: Path, *, zones: str = "", more: str = "") -> Path:
    """The embedded city with lines added to its `[zones]` and at its end, and few draws."""
    shutil.copytree(HUAMANGA, folder / "city")
    path = folder / "city" / "study.toml"
    text = path.read_text(encoding="utf-8").replace("permutations = 9999", "permutations = 199")
    text = text.replace("[zones]\n", f"[zones]\n{zones}\n").replace(
        'rank_by = "poverty"', 'rank_by = "poverty"\nreplicates = 199'
    )
    path.write_text(text + more, encoding="utf-8")
    return path


def test_every_coverage_has_three_tests_and_two_intervals(demo_results: Any) -> None:
    tests, intervals = demo_results.table("gap_tests"), demo_results.table("gap_intervals")
    assert tuple(tests.columns) == GAP_TESTS
    assert tuple(intervals.columns) == GAP_INTERVALS
    gaps = demo_results.gaps.set_index("measure")
    for measure, rows in tests.groupby("measure"):
        assert rows["method"].tolist() == ["label", "cores", "spectral"]
        assert rows["p_value"].dropna().between(0, 1, inclusive="right").all()
        label = rows.set_index("method").loc["label", "p_value"]
        assert label == gaps.loc[measure, "p_value"]
    bounds = intervals[intervals["figure"] == "difference"].set_index("measure")
    assert bounds["low"].to_dict() == pytest.approx(gaps.loc[bounds.index, "low"].to_dict(), nan_ok=True)
    assert set(tests["measure"]) == {one for one in gaps.index if one.endswith("_per_1000")}


def test_the_layers_of_the_demonstration_fall_with_distance(demo_results: Any) -> None:
    table, curve = demo_results.table("gradient"), demo_results.table("gradient_curve")
    assert tuple(table.columns) == GRADIENT
    assert tuple(curve.columns) == GRADIENT_CURVE
    assert set(table["origin"]) == {"casco"}
    police = table.set_index("measure").loc["police_per_1000"]
    assert police["low"] < police["ratio_per_km"] < police["high"] < 1
    assert demo_results.table("decomposition").empty


def test_a_plaza_and_needs_of_the_study_file(tmp_path: Path) -> None:
    path = copied(tmp_path, zones="plaza = [-74.2240, -13.1605]", more='\n[gap]\nneeds = ["poverty", "density"]\n')
    study = se.read_study(path)
    assert study.plaza is not None
    assert study.neighbourhoods.union_all().covers(Point(study.plaza))
    results = study.run()
    assert set(results.table("gradient")["origin"]) == {"plaza"}
    table = results.table("decomposition")
    assert tuple(table.columns) == DECOMPOSITION
    police = table[(table["measure"] == "police_per_1000") & (table["reference"] == "pooled")].set_index("term")
    parts = police["explained"]
    assert parts["poverty"] + parts["density"] == pytest.approx(parts["total"])
    gap = results.gaps.set_index("measure").loc["police_per_1000", "difference"]
    assert police.loc["total", "explained"] + police.loc["total", "unexplained"] == pytest.approx(gap)
    folder = results.write(tmp_path / "out")
    written = pd.read_csv(folder / "tables" / "decomposition.csv")
    assert written["explained"].to_numpy() == pytest.approx(table["explained"].to_numpy(dtype=float), nan_ok=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"more": '\n[gap]\nneeds = ["povrty"]\n'}, "povrty.*poverty"),
        ({"zones": "plaza = [-13.1605, -74.2240]"}, "latitude|longitude"),
        ({"zones": "plaza = [2.35, 48.85]"}, "2.35"),
        ({"more": '\n[gap]\nneed = ["poverty"]\n'}, "needs"),
    ],
)
def test_mistakes_in_the_study_file_are_told(tmp_path: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(se.SecEquityError) as caught:
        se.read_study(copied(tmp_path, **options))
    assert re.search(said, str(caught.value))


def test_another_layer_changes_no_digit_of_a_gap(tmp_path: Path) -> None:
    whole = se.read_study(copied(tmp_path)).run()
    path = copied(tmp_path / "less")
    text = path.read_text(encoding="utf-8")
    start = text.index('[[layers]]\nname = "neighbourhood_councils"')
    path.write_text(text[:start] + text[text.index("[participation]") :], encoding="utf-8")
    fewer = se.read_study(path).run()
    for name in ("gap_tests", "gap_intervals", "gradient"):
        table = whole.table(name)
        kept = table[table["measure"] != "neighbourhood_councils_per_1000"].reset_index(drop=True)
        other = fewer.table(name).reset_index(drop=True)
        own = kept["measure"].isin(["police_per_1000", "serenazgo_per_1000"])
        pd.testing.assert_frame_equal(
            kept[own].reset_index(drop=True),
            other[other["measure"].isin(["police_per_1000", "serenazgo_per_1000"])].reset_index(drop=True),
            check_exact=True,
        )
