"""Engines: where points lie, however it is found out; the same digits whoever does the work, in whatever pieces."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from secequity.cli import _Progress, app
from secequity.coverage import FixCounts, TrackHours, count_fixes, tracks
from secequity.engines import Places, choose, places
from secequity.engines.sedona import SedonaPlaces
from secequity.errors import ConfigError, LayerError, MissingDependency, problem
from secequity.sources.tracks import Fixes, read_fixes

CRS = "EPSG:32718"
ENGINES = ["local", "sedonadb", "dask"]


def checkerboard(side: int = 6) -> gpd.GeoDataFrame:
    """Square neighbourhoods of 500 m, their ids in no order of place; one is missing, one lies on top of others."""
    cells = [shapely.box(x, y, x + 500, y + 500) for x in range(0, 500 * side, 500) for y in range(0, 500 * side, 500)]
    cells[7] = shapely.box(250, 250, 1750, 1250)
    ids = [f"n{at:03}" for at in np.random.default_rng(3).permutation(len(cells))]
    return gpd.GeoDataFrame(index=ids, geometry=cells, crs=CRS).drop(index="n011")


def patrols(rows: int = 6000, *, seed: int = 11) -> pd.DataFrame:
    """Cars on a walk over the checkerboard and its surroundings, often on a border, with everything that goes wrong."""
    rng = np.random.default_rng(seed)
    cars = 7
    steps = rng.integers(-2, 3, (rows // cars + 1, cars, 2)) * 50.0
    xy = (rng.integers(0, 60, (1, cars, 2)) * 50.0 + np.cumsum(steps, axis=0)).reshape(-1, 2)[:rows]
    moment = 1_683_550_000 + 20 * (np.arange(rows) // cars) + rng.integers(-30, 30, rows)
    table = pd.DataFrame({"x": xy[:, 0] % 4000, "y": xy[:, 1] % 4000})
    table["unit"] = [f"car {at}" for at in np.arange(rows) % cars]
    table["time"] = pd.to_datetime(moment, unit="s", utc=True)
    table.loc[rng.random(rows) < 0.01, "x"] = np.nan
    table.loc[rng.random(rows) < 0.01, "unit"] = None
    table.loc[rng.random(rows) < 0.01, "time"] += pd.Timedelta(days=-4000)
    return pd.concat([table, table.sample(50, random_state=1)], ignore_index=True)


CITY, TABLE = checkerboard(), patrols()
HOW = {"unit": "unit", "time": "time", "x": "x", "y": "y", "crs": CRS, "tz": "America/Lima"}
RULES = {"period": ("2023-05-01", "2023-05-31"), "bases": None, "max_speed_kmh": 90.0, "disorder_s": 40.0}


def written(folder: Path, cuts: list[int], *, table: pd.DataFrame = TABLE) -> list[Path]:
    """The table as Parquet files, cut at the rows given, in small row groups."""
    edges = [0, *sorted(set(cuts)), len(table)]
    paths = []
    for number, (first, last) in enumerate(pairwise(edges)):
        if last > first:
            paths.append(folder / f"part{number:02}.parquet")
            table.iloc[first:last].to_parquet(paths[-1], index=False, row_group_size=400)
    return paths


def same(one: TrackHours, other: TrackHours) -> None:
    """To the digit, everything."""
    pd.testing.assert_frame_equal(one.hours, other.hours, check_exact=True)
    pd.testing.assert_series_equal(one.km, other.km, check_exact=True)
    pd.testing.assert_series_equal(one.report, other.report)
    pd.testing.assert_frame_equal(one.units, other.units, check_exact=True)
    assert (one.first, one.last, one.weeks, one.outside_hours) == (
        other.first,
        other.last,
        other.weeks,
        other.outside_hours,
    )


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> TrackHours:
    """The hours of the whole file, read by this process in one go."""
    (path,) = written(tmp_path_factory.mktemp("whole"), [])
    return tracks(CITY, read_fixes(path, to=CRS, **HOW), engine="local", **RULES)


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """A real scheduler and two worker processes on this machine."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as workers,
        Client(workers) as client,
    ):
        yield client


def by_hand(shapes: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[int]:
    """The slow and obvious way: every polygon asked about every point."""
    points = shapely.points(x, y)
    found = np.full(len(x), len(shapes))
    for place in range(len(shapes) - 1, -1, -1):
        found[shapely.intersects(shapes[place], points)] = place
    return found.tolist()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(1, 12),
    cells=st.sampled_from([16, 400, 40_000]),
)
def test_the_grid_says_what_every_polygon_says(seed: int, number: int, cells: int) -> None:
    """Triangles, holes and boxes that overlap as they like; points on their corners, borders and anywhere."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 12, (number, 3, 2)).astype(float) + 8_000_000
    shapes = shapely.convex_hull(shapely.multipoints(corners))
    low = rng.integers(0, 8, (number, 2)) + 8_000_000.0
    boxes = shapely.box(low[:, 0], low[:, 1], low[:, 0] + 4, low[:, 1] + 3)
    holed = shapely.difference(boxes, shapely.box(low[:, 0] + 1, low[:, 1] + 1, low[:, 0] + 2, low[:, 1] + 2))
    shapes = np.concatenate([shapes[shapely.area(shapes) > 0], holed])
    on_border = shapely.get_coordinates(
        shapely.line_interpolate_point(shapely.boundary(shapes), rng.random(len(shapes)) * 9)
    )
    x, y = np.concatenate(
        [rng.integers(-2, 28, (600, 2)) / 2 + 8_000_000, on_border, shapely.get_coordinates(shapes)]
    ).T
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(places, "WORTH_A_GRID", 0)
        patched.setattr(places, "MORE_A_SHAPE", 0)
        patched.setattr(places, "FEWEST_CELLS", cells)
        patched.setattr(places, "CELLS_A_SHAPE", 0)
        gridded = Places(shapes)
        assert gridded.of(x, y).tolist() == by_hand(shapes, x, y)
    assert Places(shapes).exact(x, y).tolist() == by_hand(shapes, x, y)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_spatial_sql_says_what_every_polygon_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = CITY.sort_index().geometry.to_numpy()
    x, y = rng.integers(-4, 124, (2, 500)) * 25.0
    assert SedonaPlaces(shapes).of(x, y).tolist() == by_hand(shapes, x, y)
    assert SedonaPlaces(shapes).of(x[:0], y[:0]).tolist() == []


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(1, len(TABLE) - 1), max_size=4), rows=st.integers(50, 3000))
@pytest.mark.parametrize("engine", ENGINES)
def test_no_engine_and_no_cut_changes_a_digit(
    local: TrackHours,
    cluster: object,
    tmp_path_factory: pytest.TempPathFactory,
    engine: str,
    cuts: list[int],
    rows: int,
) -> None:
    paths = written(tmp_path_factory.mktemp("cut"), cuts)
    told: list[tuple[int, int]] = []
    parts = read_fixes(paths, to=CRS, chunk_rows=rows, **HOW)
    found = tracks(CITY, parts, engine=engine, told=lambda done, total: told.append((done, total)), **RULES)
    same(found, local)
    assert told and told[-1][0] <= told[-1][1] and told == sorted(told)
    assert {"too_late", "before_period", "no_unit", "no_position", "duplicate", "out_of_order"} <= set(
        found.report.index[found.report > 0]
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_are_the_same_and_add_up(cluster: object, tmp_path: Path, engine: str) -> None:
    parts = read_fixes(written(tmp_path, [1000, 1001, 4000]), to=CRS, chunk_rows=700, **HOW)
    found = count_fixes(CITY, parts, engine=engine)
    placed = TABLE.dropna(subset=["x", "y"])
    ids = CITY.sort_index().index
    where = by_hand(CITY.sort_index().geometry.to_numpy(), placed["x"].to_numpy(), placed["y"].to_numpy())
    expected = np.bincount(where, minlength=len(ids) + 1)
    assert found.counts.to_dict() == dict(zip(ids, expected[:-1].tolist(), strict=True))
    assert found.counts.index.equals(CITY.index)
    assert (found.outside, found.unplaced) == (expected[-1], len(TABLE) - len(placed))


def test_frames_in_memory_are_counted_by_every_engine(cluster: object) -> None:
    frame = gpd.GeoDataFrame(TABLE, geometry=gpd.points_from_xy(TABLE["x"], TABLE["y"], crs=CRS))
    found = [count_fixes(CITY, [frame.iloc[:999], frame.iloc[999:]], engine=one) for one in ENGINES]
    assert [one.counts.tolist() for one in found] == [found[0].counts.tolist()] * 3
    hours = [tracks(CITY, frame, engine=one, tz="America/Lima", **RULES) for one in ENGINES]
    same(hours[1], hours[0])
    same(hours[2], hours[0])
    with pytest.raises(LayerError, match="EPSG:4326 and"):
        count_fixes(CITY, frame.to_crs(4326))


def test_what_a_lost_worker_had_done_is_done_again(cluster, local: TrackHours, tmp_path: Path) -> None:
    """One of the two worker processes is killed after the third piece; its memory is gone."""
    killed: list[int] = []

    def told(done: int, total: int) -> None:
        if done == 3:
            killed.append(next(iter(cluster.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    parts = read_fixes(written(tmp_path, [700, 1400, 2100, 2800, 3500, 4200, 4900, 5600]), to=CRS, **HOW)
    found = tracks(CITY, parts, engine="dask", told=told, **RULES)
    same(found, local)
    assert len(killed) == 1
    cluster.wait_for_workers(2, timeout=30)
    assert killed[0] not in cluster.run(os.getpid).values()


def test_what_a_worker_refuses_arrives_as_it_was_said(cluster: object, tmp_path: Path) -> None:
    """Times in two zones, seen by two workers; a crew that lacks a unit."""
    frame = gpd.GeoDataFrame(
        TABLE.dropna(), geometry=gpd.points_from_xy(*TABLE.dropna()[["x", "y"]].to_numpy().T, crs=CRS)
    )
    with pytest.raises(LayerError) as refused:
        tracks(CITY, frame, engine="dask", tz="America/Lima", crew=pd.Series({"car 0": 2}), **RULES)
    assert [one.code for one in refused.value.problems] == ["tracks_crew_unknown"]
    zones = [frame.assign(time=frame["time"].dt.tz_convert(zone)) for zone in ("America/Lima", "America/Bogota")]
    with pytest.raises(LayerError) as refused:
        tracks(CITY, zones, engine="dask", **RULES)
    assert [one.code for one in refused.value.problems] == ["tracks_zones_differ"]
    back = pickle.loads(pickle.dumps(LayerError(problem("crs_missing", ["a"], name="layer"))))
    assert isinstance(back, LayerError) and back.problems[0].which == ("a",)


def test_pieces_are_row_groups_and_cover_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = written(tmp_path, [])
    monkeypatch.setattr("secequity.sources.tracks.PIECE_ROWS", 1000)
    parts = read_fixes(path, to=CRS, **HOW)
    groups = [one for piece in parts.pieces for one in piece.row_groups or ()]
    assert groups == list(range(pq.ParquetFile(path).metadata.num_row_groups)) and len(parts.pieces) > 5
    assert isinstance(parts, Fixes) and sum(len(one) for one in parts) == len(TABLE)
    assert parts.read == len(parts.pieces)


def test_an_engine_is_chosen_by_name_and_by_where_a_scheduler_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    assert [choose(one).name for one in ("auto", *ENGINES)] == ["local", *ENGINES]
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://10.0.0.1:8786")
    assert choose("auto").name == "dask"
    with pytest.raises(ConfigError, match="auto, local, sedonadb, dask"):
        choose("spark")


@pytest.mark.parametrize(("engine", "library"), [("sedonadb", "sedonadb"), ("dask", "distributed")])
def test_an_engine_that_is_not_installed_is_named_with_its_extra(engine: str, library: str) -> None:
    code = (
        "import sys, importlib.util as util; real = util.find_spec\n"
        f"util.find_spec = lambda name, *more: None if name == '{library}' else real(name, *more)\n"
        f"from secequity.engines import choose; choose('{engine}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert MissingDependency.__name__ in done.stderr and f'pip install "secequity[{engine}]"' in done.stderr


def test_counts_are_shown_in_both_languages() -> None:
    found = FixCounts(counts=pd.Series({"a": 3, "b": 1, "c": 0}), outside=2, unplaced=1)
    assert found.to_frame()["share"].tolist() == [0.75, 0.25, 0.0]
    assert found.summary().startswith("Positions: 7, of which 4 lie in 2 of the 3")
    assert found.summary("es").startswith("Posiciones: 7, de las cuales 4 están en 2 de los 3")
    assert "<table" in found._repr_html_()


def test_the_command_line_knows_the_engines_and_says_how_far_it_is() -> None:
    refused = CliRunner().invoke(app, ["run", "study.toml", "--engine", "spark"])
    assert refused.exit_code == 2 and "auto | local | sedonadb | dask" in refused.output
    said: list[int] = []
    progress = _Progress(lambda name: None, said.append)
    for done in range(26):
        progress.piece(done, 25)
    assert said == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    progress.piece(1, 1)
    assert said[-1] == 100 and len(said) == 10
