"""Who is a neighbour of whom, against hand-drawn cities and libpysal's own builders."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import MultiPoint, MultiPolygon, Point, Polygon, affinity, box

from secequity import weights
from secequity.boundaries import overlap, remembered, shared
from secequity.errors import ConfigError, LayerError
from secequity.texts import LANGUAGES
from secequity.weights import contiguous
from secequity.weights.contiguous import touching, touching_by_shape

UTM = "EPSG:32718"


def city(**polygons: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(polygons.values()), index=list(polygons), crs=UTM)


def grid(side: int, size_m: float = 100.0) -> gpd.GeoDataFrame:
    cells = {
        f"{row}{column}": box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
        for row in range(side)
        for column in range(side)
    }
    return city(**cells)


def links(graph: Graph) -> dict[tuple[str, str], float]:
    return {pair: weight for pair, weight in graph.adjacency.to_dict().items() if weight != 0}


def codes(error: LayerError | ConfigError) -> list[str]:
    for one in error.problems:
        for language in LANGUAGES:
            assert one.what(language) and one.remedy(language)
    return [one.code for one in error.problems]


def test_queen_and_rook_on_a_grid() -> None:
    queen = weights.contiguity(grid(3), transform="b")
    rook = weights.contiguity(grid(3), kind="rook", transform="b")
    assert {two for one, two in links(queen) if one == "11"} == set(grid(3).index) - {"11"}
    assert {two for one, two in links(rook) if one == "11"} == {"01", "10", "12", "21"}
    assert len(links(queen)) == 40
    assert len(links(rook)) == 24


def test_rows_sum_to_one_and_follow_the_neighbourhoods() -> None:
    graph = weights.contiguity(grid(3).iloc[::-1])
    assert graph.transformation == "R"
    assert list(graph.unique_ids) == list(grid(3).index[::-1])
    assert graph["00"].to_dict() == pytest.approx({"01": 1 / 3, "10": 1 / 3, "11": 1 / 3})


@pytest.mark.parametrize("kind", ["queen", "rook"])
def test_same_links_as_libpysal_on_a_clean_coverage(kind: str) -> None:
    theirs = Graph.build_contiguity(grid(5), rook=kind == "rook")
    assert links(weights.contiguity(grid(5), kind=kind, transform="o")) == links(theirs)


def test_a_boundary_without_common_vertices_is_a_boundary() -> None:
    tee = city(long=box(0, 0, 300, 100), short=box(100, 100, 200, 200))
    assert not links(Graph.build_contiguity(tee, rook=False))
    assert len(links(weights.contiguity(tee))) == 2
    assert len(links(weights.contiguity(tee, kind="rook"))) == 2


def test_neighbours_that_overlap_by_a_sliver_are_neighbours() -> None:
    assert len(links(weights.contiguity(city(a=box(0, 0, 100, 100), b=box(99.999, 0, 200, 100))))) == 2


def test_millimetre_gaps_are_joined_and_told() -> None:
    gap = city(a=box(0, 0, 100, 100), b=box(100.002, 0, 200, 100), c=box(0, 101, 100, 200))
    assert weights.isolates(weights.contiguity(gap)) == ("a", "b", "c")
    snapped = weights.contiguity(gap, snap_m=0.01)
    assert set(links(snapped)) == {("a", "b"), ("b", "a")}
    told = weights.snapped_pairs(gap, snap_m=0.01)
    assert told[["from_id", "to_id"]].values.tolist() == [["a", "b"]]
    assert told["distance_m"].item() == pytest.approx(0.002, abs=1e-9)
    assert weights.near_misses(gap, within_m=2)["to_id"].tolist() == ["b", "c", "c"]
    assert weights.near_misses(gap, within_m=2, snap_m=0.01)["to_id"].tolist() == ["c", "c"]
    assert weights.snapped_pairs(gap, snap_m=0.0).empty


def test_corners_that_almost_meet_are_no_rook_neighbours() -> None:
    corner = city(a=box(0, 0, 100, 100), b=box(100.002, 100.002, 200, 200), c=box(100.002, 0, 200, 100))
    queen = weights.contiguity(corner, snap_m=0.01)
    rook = weights.contiguity(corner, kind="rook", snap_m=0.01)
    assert set(links(queen)) == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")}
    assert ("a", "b") not in links(rook)
    assert {("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")} == set(links(rook))


def test_snapping_adds_nothing_where_boundaries_meet() -> None:
    assert links(weights.contiguity(grid(4), snap_m=0.01)) == links(weights.contiguity(grid(4)))
    assert weights.snapped_pairs(grid(4), snap_m=0.01, kind="rook").empty


def test_nearest_neighbours_and_their_ties() -> None:
    graph = weights.knn(grid(3), k=4)
    assert set(graph["11"].index) == {"01", "10", "12", "21"}
    assert set(graph["00"].index) == {"01", "10", "11", "02"}
    assert graph["00"].tolist() == [0.25] * 4


def test_nearest_neighbours_as_libpysal_where_nothing_ties() -> None:
    places = np.random.default_rng(5).uniform(0, 10_000, (60, 2))
    frame = gpd.GeoDataFrame(
        geometry=[Point(xy).buffer(10) for xy in places], index=[f"{i:02d}" for i in range(60)], crs=UTM
    )
    theirs = Graph.build_knn(frame.centroid, k=5)
    assert links(weights.knn(frame, k=5, transform="b")) == links(theirs)
    band = Graph.build_distance_band(frame.centroid, threshold=1500)
    assert links(weights.distance_band(frame, radius_m=1500, transform="b")) == links(band)


def test_coincident_centroids_have_neighbours() -> None:
    rings = {f"r{i}": Point(0, 0).buffer(10 + i).difference(Point(0, 0).buffer(9 + i)) for i in range(6)}
    frame = city(**rings, far=box(1000, 1000, 1010, 1010))
    graph = weights.knn(frame, k=2)
    assert set(graph["far"].index) == {"r0", "r1"}
    assert set(graph["r5"].index) == {"r0", "r1"}
    assert set(graph["r0"].index) == {"r1", "r2"}
    assert graph.cardinalities.eq(2).all()
    assert len(weights.knn(frame, k=6)["r3"]) == 6


def test_distance_includes_its_limit() -> None:
    graph = weights.distance_band(grid(3, 70.7), radius_m=70.7)
    assert set(graph["11"].index) == {"01", "10", "12", "21"}


@settings(max_examples=25, deadline=None)
@given(st.permutations(list(grid(4).index)), st.sampled_from(["queen", "rook", "knn:3", "knn:6", "distance:150"]))
def test_order_of_rows_changes_nothing(order: list[str], spec: str) -> None:
    assert links(weights.from_spec(spec, grid(4).loc[order])) == pytest.approx(links(weights.from_spec(spec, grid(4))))


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(list(grid(4).index)), min_size=2), st.sampled_from(["queen", "rook"]))
def test_contiguity_is_mutual_and_never_with_oneself(ids: set[str], kind: str) -> None:
    found = links(weights.contiguity(grid(4).loc[sorted(ids)], kind=kind, transform="b"))
    assert all((two, one) in found and one != two for one, two in found)


def test_study_file_words() -> None:
    assert links(weights.from_spec("knn:3", grid(3))) == links(weights.knn(grid(3), k=3))
    assert links(weights.from_spec(" rook ", grid(3))) == links(weights.contiguity(grid(3), kind="rook"))
    for spec in ("quen", "queen:2", "knn", "knn:two", "distance:", "distance", "", "knn:2.5"):
        with pytest.raises(ConfigError) as caught:
            weights.from_spec(spec, grid(3))
        assert codes(caught.value) == ["weights_spec"]
    with pytest.raises(LayerError) as refused:
        weights.from_spec("distance:-5", grid(3))
    assert codes(refused.value) == ["weights_metres"]


def test_sub_graphs_and_isolates_are_named() -> None:
    islands = city(
        d=box(0, 0, 1, 1),
        c=box(1, 0, 2, 1),
        b=box(50, 0, 51, 1),
        a=box(90, 0, 91, 1),
        e=box(2, 0, 3, 1),
        f=box(91, 0, 92, 1),
    )
    graph = weights.contiguity(islands)
    assert weights.components(graph) == (("c", "d", "e"), ("a", "f"), ("b",))
    assert weights.isolates(graph) == ("b",)
    one_way = weights.knn(islands, k=1)
    assert weights.components(one_way) == (("a", "b", "f"), ("c", "d", "e"))


def test_parts_of_one_neighbourhood_and_a_single_one() -> None:
    parts = city(a=MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)]), b=box(6, 0, 7, 1), c=box(1, 0, 2, 1))
    assert set(links(weights.contiguity(parts))) == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")}
    assert weights.isolates(weights.contiguity(parts.loc[["b"]])) == ("b",)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (grid(2).set_crs(None, allow_override=True), "crs_missing"),
        (grid(2).set_crs("EPSG:4326", allow_override=True), "crs_geographic"),
        (grid(2).set_crs("EPSG:2263", allow_override=True), "crs_not_metres"),
        (pd.concat([grid(2), grid(2)]), "ids_repeated"),
        (grid(2).set_index(pd.RangeIndex(4)), "ids_not_text"),
        (city(a=box(0, 0, 1, 1), b=Polygon()), "geometry_empty"),
        (city(a=box(0, 0, 1, 1), b=None), "geometry_empty"),
        (city(a=box(0, 0, 1, 1), b=Point(0, 0)), "geometry_not_polygons"),
        (city(a=box(0, 0, 1, 1), bow=Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])), "weights_invalid"),
        (grid(2).iloc[:0], "weights_no_rows"),
    ],
)
def test_unusable_neighbourhoods_are_refused(frame: gpd.GeoDataFrame, code: str) -> None:
    with pytest.raises(LayerError) as caught:
        weights.contiguity(frame)
    assert code in [one.code for one in caught.value.problems]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: weights.knn(grid(2), k=4), "weights_k"),
        (lambda: weights.knn(grid(2), k=0), "weights_k"),
        (lambda: weights.distance_band(grid(2), radius_m=0), "weights_metres"),
        (lambda: weights.distance_band(grid(2), radius_m=float("nan")), "weights_metres"),
        (lambda: weights.contiguity(grid(2), snap_m=-1), "weights_metres"),
        (lambda: weights.contiguity(grid(2), kind="bishop"), "weights_kind"),
        (lambda: weights.contiguity(grid(2), transform="x"), "weights_transform"),
    ],
)
def test_unusable_options_are_refused(call: object, code: str) -> None:
    with pytest.raises(LayerError) as caught:
        call()
    assert codes(caught.value) == [code]


def test_the_neighbourhoods_are_left_as_they_were() -> None:
    before, frame = grid(3), grid(3)
    for spec in ("queen", "rook", "knn:2", "distance:100"):
        weights.from_spec(spec, frame, snap_m=0.01)
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(frame))


# Vertices against shapes


def pairs_of(geometry: object, kind: str, how: object) -> set[tuple[int, int]]:
    return set(zip(*(one.tolist() for one in how(np.asarray(geometry), kind)), strict=True))


def agree(geometry: list[object]) -> None:
    """By edges, by shape, and plainly by asking every pair: the same neighbours, and the same word on overlaps."""
    shapes = np.asarray(geometry)
    one, other = np.triu_indices(len(shapes), 1)
    meets = shapely.intersects(shapes[one], shapes[other])
    along = shapely.relate_pattern(shapes[one], shapes[other], "****1****")
    for kind, plain in (("queen", meets), ("rook", meets & along)):
        asked = set(zip(one[plain].tolist(), other[plain].tolist(), strict=True))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(contiguous, "MOST_LOOSE", 1.0)
            assert pairs_of(shapes, kind, touching) == asked
        assert pairs_of(shapes, kind, touching_by_shape) == asked
    assert overlap(shapes) == shapely.relate_pattern(shapes[one], shapes[other], "T********").any()


def crooked(count: int, seed: int) -> list[Polygon]:
    """A coverage of irregular cells without holes between them, as a city's blocks."""
    rng = np.random.default_rng(seed)
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(rng.uniform(0, 1000, (count, 2)))))
    inside = shapely.intersection(cells, box(0, 0, 1000, 1000))
    return list(shapely.set_precision(shapely.segmentize(inside, 30), 0.001))


def turned(geometry: list[Polygon], which: list[int]) -> list[Polygon]:
    """The same polygons, some of them drawn the other way round."""
    return [shapely.reverse(one) if place in which else one for place, one in enumerate(geometry)]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 79), max_size=40), st.sets(st.integers(0, 79), max_size=5))
def test_vertices_and_shapes_tell_the_same_neighbours(seed: int, reversed_ones: set[int], gone: set[int]) -> None:
    cells = turned(crooked(80, seed), sorted(reversed_ones))
    agree([one for place, one in enumerate(cells) if place not in gone])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 7), min_size=36, max_size=36),
    st.sets(st.integers(0, 7), max_size=3),
    st.sets(st.integers(0, 7), max_size=2),
)
def test_vertices_and_shapes_agree_on_any_division_of_a_board(
    owners: list[int], reversed_ones: set[int], drawn_coarsely: set[int]
) -> None:
    """Thirty-six blocks dealt out to eight: parts that meet in corners, holes, enclaves; some with few vertices."""
    cells = np.asarray(fine(6))
    owner = np.array(owners)
    shapes = []
    for one in sorted(set(owners)):
        whole = shapely.union_all(cells[owner == one])
        whole = whole if one in drawn_coarsely else shapely.segmentize(whole, 10)
        shapes.append(shapely.reverse(whole) if one in reversed_ones else whole)
    agree(shapes)
    agree([*shapes, box(15, 15, 25, 25)])


def fine(side: int, *, offset: float = 0.0, size: float = 10.0) -> list[Polygon]:
    return [
        box(offset + column * size, offset + row * size, offset + (column + 1) * size, offset + (row + 1) * size)
        for row in range(side)
        for column in range(side)
    ]


@pytest.mark.parametrize(
    "geometry",
    [
        pytest.param([*fine(9), box(90, 0, 200, 90)], id="a long border against many short ones"),
        pytest.param([*fine(9), *fine(9, offset=33.0)], id="two coverages over each other"),
        pytest.param([*fine(9), *fine(3, size=30.0)], id="two levels with one outline"),
        pytest.param(
            [*fine(12), *turned(fine(4, size=30.0), list(range(16)))], id="the same, drawn the other way round"
        ),
        pytest.param([*fine(9), box(42, 42, 48, 48)], id="one inside another, nothing in common"),
        pytest.param([*fine(9), box(40, 40, 50, 50)], id="the same block twice"),
        pytest.param(
            [shapely.difference(box(-50, -50, 140, 140), box(0, 0, 90, 90)), *fine(9)], id="a ring around a city"
        ),
        pytest.param(
            [MultiPolygon([box(-20, 0, 0, 20), box(90, 0, 110, 20)]), *fine(9)], id="one neighbourhood in two parts"
        ),
        pytest.param([Polygon([(0, 0), (10, 0), (10, 0), (10, 10), (0, 10)]), *fine(9)[1:]], id="a vertex drawn twice"),
        pytest.param([affinity.translate(one, -45, -45) for one in fine(9)], id="around the origin, minus zero"),
        pytest.param(
            [*fine(9)[:40], MultiPolygon([fine(9)[40], fine(9)[50]]), *fine(9)[41:50], *fine(9)[51:]],
            id="two parts that meet in a corner, so that across it others meet who have no other neighbour there",
        ),
        pytest.param(
            [
                Polygon([(0, 0), (90, 0), (90, 90), (0, 90)], [[(0, 0), (30, 60), (60, 30)]]),
                Polygon([(0, 0), (60, 30), (30, 60)]),
                Polygon([(0, 0), (-90, 0), (-90, -90), (90, -90), (90, 0)]),
                Polygon([(0, 0), (-90, 0), (-90, 90), (0, 90)]),
                box(-90, 90, 90, 120),
                box(90, -90, 100, 120),
                box(-90, -100, 90, -90),
                box(-100, -100, -90, 120),
            ],
            id="an enclave that touches the rest of the city in one corner",
        ),
        pytest.param(
            [*fine(9)[:40], *fine(2, offset=40.0, size=5.0), *fine(9)[41:]], id="a block cut finer than its neighbours"
        ),
        pytest.param([*fine(9), *fine(9), *fine(9)], id="three coverages, each the same"),
        pytest.param([MultiPolygon([*fine(9)[:1], Polygon()]), *fine(9)[1:]], id="one part that is empty"),
    ],
)
def test_vertices_and_shapes_agree_on_awkward_cities(geometry: list[object]) -> None:
    agree(geometry)


def test_only_loose_polygons_are_compared_by_shape() -> None:
    found = shared(np.asarray(fine(9)), along=False)
    border = {place for place in range(81) if place // 9 in (0, 8) or place % 9 in (0, 8)}
    assert set(found.loose.tolist()) == border
    assert len(found.one) == 9 * 8 * 2 + 8 * 8 * 2
    assert len(shared(np.asarray(fine(9)), along=True).one) == 9 * 8 * 2


def test_same_links_as_libpysal_on_an_irregular_coverage() -> None:
    cells = crooked(300, 5)
    frame = city(**{f"{place:03d}": one for place, one in enumerate(cells)})
    for kind in ("queen", "rook"):
        theirs = Graph.build_contiguity(frame, rook=kind == "rook", strict=True)
        assert links(weights.contiguity(frame, kind=kind, transform="o")) == links(theirs)


def test_snapped_contiguity_is_contiguity_with_its_pairs() -> None:
    cells = [affinity.translate(one, 0.001 * (place % 3)) for place, one in enumerate(crooked(60, 2))]
    frame = city(**{f"{place:02d}": one for place, one in enumerate(cells)})
    for kind in ("queen", "rook"):
        for snap_m in (0.0, 0.01):
            graph, pairs = weights.snapped_contiguity(frame, snap_m=snap_m, kind=kind)
            assert links(graph) == links(weights.contiguity(frame, snap_m=snap_m, kind=kind))
            if snap_m:
                pd.testing.assert_frame_equal(pairs, weights.snapped_pairs(frame, snap_m=snap_m, kind=kind))
                assert len(links(graph)) == len(links(weights.contiguity(frame, kind=kind))) + 2 * len(pairs)


@pytest.mark.parametrize("transform", ["r", "b", "d", "v", "o"])
def test_transforms_are_libpysals(transform: str) -> None:
    frame = city(**{f"{place:02d}": one for place, one in enumerate([*fine(3), box(900, 900, 910, 910)])})
    plain = weights.contiguity(frame, transform="o")
    theirs = plain if transform == "o" else plain.transform(transform.upper())
    ours = weights.contiguity(frame, transform=transform)
    assert ours.transformation == theirs.transformation
    pd.testing.assert_series_equal(ours.adjacency, theirs.adjacency, check_dtype=False)


def test_the_same_geometries_are_asked_about_once() -> None:
    asked = []

    @remembered
    def corners(geometry: np.ndarray) -> int:
        asked.append(len(geometry))
        return int(shapely.get_num_coordinates(geometry).sum())

    shapes, more = np.asarray(fine(2)), np.asarray([box(0, 0, 1, 1).buffer(1)])
    assert [corners(shapes), corners(shapes.copy()), corners(more), corners(shapes)] == [20, 20, corners(more), 20]
    assert asked == [4, 1]
    shapes[0] = shapely.simplify(more[0], 0.9)
    assert corners(shapes) == 15 + shapely.get_num_coordinates(shapes[0])
    assert asked == [4, 1, 4]
