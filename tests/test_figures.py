"""Figures say what the tables say: every neighbourhood drawn once, every point where its number is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as XML

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path as MplPath
from shapely import Point, box

from secequity import equity, figures, outputs, palette
from secequity.errors import ConfigError
from secequity.figures import outlines
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, Language, number


@pytest.fixture(scope="module")
def tables(demo_folder: Path) -> StudyTables:
    return outputs.read(demo_folder)


@pytest.fixture
def axes() -> Axes:
    figure = Figure(figsize=(6.3, 5), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


def rings(path: MplPath) -> int:
    return int((np.asarray(path.codes) == MplPath.MOVETO).sum())


def drawn(axes: Axes) -> dict[str, int]:
    """How many shapes of each colour, outlines apart."""
    found: dict[str, int] = {}
    for one in axes.collections:
        face = one.get_facecolor()
        if len(face):
            found[to_hex(face[0])] = found.get(to_hex(face[0]), 0) + sum(rings(path) for path in one.get_paths())
    return found


def test_the_map_draws_every_neighbourhood_once_and_none_without_data_in_the_colour_of_none(
    tables: StudyTables, axes: Axes
) -> None:
    figures.plot(tables, "map", measure="private_guards_per_1000", ax=axes)
    counted = drawn(axes)
    values = tables.neighbourhoods["private_guards_per_1000"]
    assert sum(counted.values()) == 150
    assert counted[palette.ZERO] == (values == 0).sum() > 0
    assert counted[palette.ABSENT["missing"]] == values.isna().sum() == 4


def test_the_map_shows_the_classes_and_the_casco_in_its_legend(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "map", measure="police_per_1000", language="es", ax=axes)
    labels = [one.get_text() for one in axes.get_legend().get_texts()]
    assert labels[-1] == "casco urbano"
    assert labels[0] == "0" and 2 <= len(labels) <= 6
    assert axes.get_aspect() == 1


def test_holes_stay_empty(tables: StudyTables, axes: Axes) -> None:
    ring = Point(500_000, 8_000_000).buffer(1000)
    frame = gpd.GeoDataFrame(
        {"name": ["ring"], "zone": ["centre"], "population": [10.0], "police_per_1000": [1.0], "police_status": ["ok"]},
        index=["a"],
        geometry=[ring - ring.centroid.buffer(500)],
        crs="EPSG:32718",
    )
    figures.plot(replace(tables, neighbourhoods=frame), "map", measure="police_per_1000", ax=axes)
    axes.figure.canvas.draw()
    shown = np.asarray(axes.figure.canvas.buffer_rgba())
    height = shown.shape[0]
    for place, filled in (((500_800, 8_000_000), True), ((500_000, 8_000_000), False)):
        x, y = axes.transData.transform(place)
        assert (shown[height - int(y), int(x), :3].min() < 240) == filled


def test_figures_of_one_study_share_its_outlines(tables: StudyTables) -> None:
    assert outlines.of(tables) is outlines.of(tables)
    assert outlines.of(replace(tables, note={})) is not outlines.of(tables)


def test_holes_too_small_to_be_drawn_round_are_left_out_of_the_outline() -> None:
    ring = box(0, 0, 100, 100) - box(10, 10, 12, 12) - box(50, 50, 54, 54)
    islet = box(200, 0, 201, 1)
    shown = outlines.without_specks(shapely.union_all([ring, islet]), 3.0)
    assert shown.equals(shapely.union_all([box(0, 0, 100, 100) - box(50, 50, 54, 54), islet]))
    assert outlines.without_specks(shapely.Point(0, 0), 3.0).is_empty


def painted(tables: StudyTables) -> np.ndarray:
    figure = Figure(figsize=(6.3, 5), layout="constrained", dpi=150)
    canvas = FigureCanvasAgg(figure)
    figures.plot(replace(tables), "map", measure="police_per_1000", ax=figure.subplots())
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def test_a_city_painted_as_dots_looks_as_one_drawn_in_lines(
    tables: StudyTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures.areas, "STROKE_AT_MOST", 10)
    lines = painted(tables)
    monkeypatch.setattr(outlines, "VECTOR_AT_MOST", 10)
    dots = painted(tables)
    assert (np.abs(lines - dots).max(axis=2) > 48).mean() < 0.005
    assert (lines.min(axis=2) < 240).mean() > 0.2


def test_points_on_the_grid_are_near_and_not_told_twice(tables: StudyTables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "VECTOR_AT_MOST", 10)
    city = outlines.of(replace(tables))
    at, codes = np.asarray(city.rings.vertices), np.asarray(city.rings.codes)
    exact = shapely.MultiPoint(shapely.get_coordinates(tables.neighbourhoods.geometry.array))
    extent = tables.neighbourhoods.total_bounds
    step = max(extent[2:] - extent[:2]) / 2500
    assert shapely.distance(shapely.points(at), exact).max() <= step * np.sqrt(0.5) + 1e-9
    assert (codes == MplPath.MOVETO).sum() == (codes == MplPath.CLOSEPOLY).sum() == 150
    within = codes[1:] == MplPath.LINETO
    assert (at[1:] != at[:-1]).any(axis=1)[within].all()


@pytest.mark.parametrize(
    "shapes",
    [
        [box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 5, 6, 6)],
        [box(0, 0, 3, 3) - box(1, 1, 2, 2), box(1, 1, 2, 2)],
        [box(0, 0, 2, 2), box(1, 1, 3, 3)],
        [box(0, 0, 1, 1), box(0, 0, 1, 1)],
        [box(0, 0, 2, 1), box(0, 1, 1, 2), box(1.5, 0.5, 2.5, 1.5)],
        [box(0, 0, 1, 1), shapely.Polygon([(2, 0), (3, 1), (3, 0), (2, 1)])],
        [],
    ],
    ids=["tiled", "enclave", "overlap", "twice", "overlap by half", "bow tie", "none"],
)
def test_the_casco_is_what_a_plain_union_says(shapes: list[shapely.Geometry]) -> None:
    given = np.array(shapes, dtype=object)
    plain = shapely.union_all(shapely.make_valid(given))
    assert shapely.symmetric_difference(outlines.dissolved(given), plain).area == 0


def test_the_points_of_the_gaps_stand_where_the_table_says(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "gaps", ax=axes)
    rows = tables.gaps.set_index("measure")
    centre = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    edge = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    leading = rows.loc["official_hours_per_1000"]
    assert centre[0] / edge[0] == pytest.approx(leading["ratio"])
    assert len(centre) == len(edge) == len(axes.get_yticklabels())
    told = {one.get_text() for one in axes.texts}
    assert {number(leading["centre"]), number(leading["periphery"])} <= told


def test_the_ledger_adds_up_to_all_hours_by_zone(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "ledger", language="en", ax=axes)
    ends = {round(bar.get_y() + bar.get_height() / 2): 0.0 for bar in axes.patches}
    for bar in axes.patches:
        at = round(bar.get_y() + bar.get_height() / 2)
        ends[at] = max(ends[at], bar.get_x() + bar.get_width())
    zone = tables.ledger["id"].map(tables.neighbourhoods["zone"])
    hours = tables.ledger.groupby(zone)["hours_per_week"].sum()
    people = tables.neighbourhoods.groupby("zone")["population"].sum()
    for at, one in enumerate(("centre", "periphery")):
        assert ends[at] == pytest.approx(1000 * hours[one] / people[one])


def test_the_lorenz_curve_encloses_half_the_gini(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "lorenz", measure="police_per_1000", ax=axes)
    curve = axes.lines[-1]
    area = 0.5 - np.trapezoid(curve.get_ydata(), curve.get_xdata())
    frame = tables.neighbourhoods
    assert 2 * area == pytest.approx(equity.gini(frame["police_per_1000"], weights=frame["population"]), abs=1e-9)


@pytest.mark.parametrize("kind", figures.FIGURES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_the_same_svg_whenever_it_is_drawn(
    tables: StudyTables, kind: figures.plot.Kind, language: Language
) -> None:
    first, second = (figures.svg(tables, kind, measure="police_per_1000", language=language) for _ in range(2))
    assert first == second
    assert XML.fromstring(first).tag == "svg"
    assert "http" not in first and "<script" not in first


def test_the_readers_own_settings_come_back(tables: StudyTables, axes: Axes) -> None:
    before = dict(mpl.rcParams)
    figures.plot(tables, "lorenz", ax=axes)
    assert dict(mpl.rcParams) == before


def test_png_and_svg_at_print_size(tables: StudyTables, tmp_path: Path) -> None:
    mpl.use("agg")
    axes = figures.plot(tables, "gaps")
    figure = axes.figure
    assert figure.get_figwidth() * 25.4 == pytest.approx(160)
    figure.savefig(tmp_path / "gaps.svg")
    figure.savefig(tmp_path / "gaps.png", dpi=300)
    assert mpl.image.imread(tmp_path / "gaps.png").shape[1] == int(160 / 25.4 * 300)
    mpl.pyplot.close(figure)


@pytest.mark.parametrize(
    ("asked", "said"), [({"kind": "pie"}, "pie"), ({"measure": "polise_per_1000"}, "polise_per_1000")]
)
def test_what_is_not_there_is_said_with_what_is(tables: StudyTables, asked: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        figures.plot(tables, **asked)
    assert "map" in str(refused.value) or "police_per_1000" in str(refused.value)


def test_hostile_names_are_text(tables: StudyTables) -> None:
    measures = tables.measures.assign(label_es="--><script>alert(1)</script> $x^2$ </svg>")
    written = figures.svg(replace(tables, measures=measures), "map", measure="police_per_1000", language="es")
    assert "<script" not in written and written.count("</svg>") == 1
    assert 'aria-label="Mapa: --&gt;&lt;script&gt;alert(1)&lt;/script&gt; $x^2$ &lt;/svg&gt;"' in written


def test_figures_can_share_a_page(tables: StudyTables) -> None:
    both = [figures.svg(tables, kind, measure="police_per_1000", language="en") for kind in ("map", "lorenz")]
    ids = [{one.get("id") for one in XML.fromstring(drawn).iter() if one.get("id")} for drawn in both]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    for drawn, own in zip(both, ids, strict=True):
        used = {one.get("href", "#")[1:] for one in XML.fromstring(drawn).iter("use")}
        assert used <= own


def test_the_variants_stand_from_least_to_most_with_the_studys_own_marked(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "specifications", language="es", ax=axes)
    runs = tables.table("specifications")
    runs = runs[(runs["measure"] == "official_hours_per_1000") & runs["difference"].notna()]
    others, own = (line for line in axes.lines if line.get_marker() == "o")
    assert len(others.get_xdata()) + len(own.get_xdata()) == len(runs)
    (mine,) = runs[runs["own"].astype(bool)].to_dict("records")
    assert own.get_ydata()[0] == pytest.approx(mine["difference"] / max(mine["centre"], mine["periphery"]))
    heights = dict(zip([*others.get_xdata(), *own.get_xdata()], [*others.get_ydata(), *own.get_ydata()], strict=True))
    assert [heights[at] for at in sorted(heights)] == sorted(heights.values())
    assert "la del estudio" in {one.get_text() for one in axes.texts}


def test_the_steps_by_distance_are_those_of_the_table(tables: StudyTables, axes: Axes) -> None:
    figures.plot(tables, "gradient", measure="police_per_1000", ax=axes)
    curve = tables.table("gradient_curve")
    bands = curve[curve["measure"] == "police_per_1000"].sort_values("from_m")
    values, edges, _ = axes.patches[0].get_data()
    assert list(values) == pytest.approx(list(bands["value"]))
    assert edges[-1] == pytest.approx(bands["to_m"].max() / 1000)


def test_a_study_without_variants_says_so(tables: StudyTables) -> None:
    with pytest.raises(ConfigError, match="specifications"):
        figures.plot(replace(tables, more={}), "specifications")
