"""Work shared among cores: the same answers, in order, as without."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from secequity import parallel, transfer
from secequity.engines.places import Places


@pytest.mark.parametrize("count", [0, 1, 399, 400, 601, 5_001])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_answers_do_not_depend_on_the_cores(count: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CORES", number)
    rng = np.random.default_rng(count)
    points, boxes = shapely.points(rng.random((count, 2))), shapely.box(0, 0, rng.random(count), rng.random(count))
    assert np.array_equal(parallel.on_cores(shapely.distance, points, boxes), shapely.distance(points, boxes))
    theirs = shapely.STRtree(boxes[:50]).query(points, predicate="intersects")
    assert np.array_equal(parallel.meeting_pairs(points, boxes[:50]), theirs)
    with parallel.side_by_side() as each:
        assert list(each(len, ["a", "bc"])) == [1, 2]


def test_an_error_in_one_share_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CORES", 2)

    def refuse(numbers: np.ndarray) -> np.ndarray:
        if numbers[-1] > 500:
            raise ValueError("too large")
        return numbers

    with pytest.raises(ValueError, match="too large"):
        parallel.on_cores(refuse, np.arange(600))


def test_a_thread_that_is_one_of_several_shares_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CORES", 2)
    sizes: list[int] = []

    def noted(numbers: np.ndarray) -> np.ndarray:
        sizes.append(len(numbers))
        return numbers

    parallel.on_cores(noted, np.arange(600))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(parallel.on_cores, noted, np.arange(600)).result()
    assert sizes == [300, 300, 600]


def test_prepared_geometries_are_never_met_by_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """GEOS completes the index of a prepared geometry while it is asked; from two threads that ends the process."""
    monkeypatch.setattr(parallel, "CORES", 2)
    threads: list[int] = []

    def asked(shapes: np.ndarray) -> np.ndarray:
        threads.append(len(shapes))
        return shapely.area(shapes)

    round_ones = shapely.buffer(shapely.points(np.random.default_rng(1).random((600, 2)) * 1000), 20)
    parallel.on_cores(asked, round_ones)
    shapely.prepare(round_ones[300:301])
    parallel.on_cores(asked, round_ones)
    assert threads == [300, 300, 600]


def test_nothing_that_was_handed_in_is_left_prepared() -> None:
    """What is prepared here are copies: the polygons of a user may be anywhere else at the same time."""
    circle = shapely.buffer(shapely.Point(0, 0), 500, quad_segs=200)
    blocks = shapely.box(np.arange(-600, 600, 100)[:, None], np.arange(-600, 600, 100), *(
        np.arange(-500, 700, 100)[:, None], np.arange(-500, 700, 100)
    )).ravel()  # fmt: skip
    sources = gpd.GeoDataFrame({"staff": [10.0]}, geometry=[circle], index=["a"], crs="EPSG:32718")
    city = gpd.GeoDataFrame(geometry=blocks, index=[f"{one:03d}" for one in range(len(blocks))], crs="EPSG:32718")
    found = transfer.apportion(sources, city, "staff").amounts["staff"]
    assert found.sum() == pytest.approx(10)
    x, y = np.random.default_rng(2).uniform(-600, 600, (2, 2000))
    inside = Places(np.append(blocks, circle)).of(x, y) < len(blocks) + 1
    assert pd.Series(inside).all()
    assert not shapely.is_prepared(np.append(blocks, circle)).any()
