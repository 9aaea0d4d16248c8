"""Work shared among cores: the same answers, in order, as without."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from secequity import cores


@pytest.mark.parametrize("count", [0, 1, 999, 2_000, 5_001])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_answers_do_not_depend_on_the_cores(count: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "CORES", number)
    rng = np.random.default_rng(count)
    points, boxes = shapely.points(rng.random((count, 2))), shapely.box(0, 0, rng.random(count), rng.random(count))
    assert np.array_equal(cores.on_cores(shapely.distance, points, boxes), shapely.distance(points, boxes))
