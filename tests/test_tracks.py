"""GPS tracks: hours of presence by hand, each kind of bad fix, files of every format, and the model city's week."""

from __future__ import annotations

import importlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from secequity.coverage.posts import locate
from secequity.coverage.tracks import TrackHours, tracks
from secequity.errors import ConfigError, LayerError
from secequity.sources.tracks import read_fixes

HUAMANGA = Path(__file__).parents[1] / "data" / "huamanga"
CRS = "EPSG:32718"
LIMA = "America/Lima"
WEST_EAST = gpd.GeoDataFrame(
    index=["west", "east"], geometry=[shapely.box(-5000, 0, 0, 5000), shapely.box(0, 0, 5000, 5000)], crs=CRS
)
WEST, EAST = (-1000.0, 2500.0), (1000.0, 2500.0)


def fixes(*rows: tuple[str, tuple[float, float]], unit: str = "PNP-01", day: str = "2023-05-08") -> gpd.GeoDataFrame:
    """Positions of one unit by local time of day."""
    times = pd.to_datetime([f"{day} {moment}" for moment, _ in rows]).tz_localize(LIMA)
    places = gpd.points_from_xy([x for _, (x, _) in rows], [y for _, (_, y) in rows], crs=CRS)
    return gpd.GeoDataFrame({"unit": unit, "time": times}, geometry=places)


def minutes(found: TrackHours) -> dict[str, float]:
    return {one: round(60 * hours, 6) for one, hours in found.total.items()}


def test_a_fix_is_worth_the_time_to_the_next() -> None:
    found = tracks(WEST_EAST, fixes(("09:00", WEST), ("09:02", EAST), ("09:06", WEST), ("09:07", WEST)))
    assert minutes(found) == {"west": 3, "east": 4}
    assert found.report["used"] == 4 and found.hours.attrs["unit"] == "unit-hours"


def test_a_silence_counts_no_more_than_the_longest_gap() -> None:
    found = tracks(WEST_EAST, fixes(("09:00", WEST), ("09:40", EAST), ("09:41", EAST)), max_gap_s=300)
    assert minutes(found) == {"west": 5, "east": 1}
    assert found.units.loc["PNP-01", "gap_hours"] == pytest.approx(35 / 60)
    assert found.km.sum() == 0  # what was driven in the silence is not known


def test_units_do_not_follow_one_another() -> None:
    two = pd.concat([fixes(("09:00", WEST), ("09:02", WEST)), fixes(("09:01", EAST), ("09:04", EAST), unit="SER-01")])
    found = tracks(WEST_EAST, two)
    assert minutes(found) == {"west": 2, "east": 3}
    assert found.units["presence_hours"].to_dict() == pytest.approx({"PNP-01": 2 / 60, "SER-01": 3 / 60})


def test_people_aboard_make_person_hours() -> None:
    two = pd.concat([fixes(("09:00", WEST), ("09:02", WEST)), fixes(("09:01", EAST), ("09:04", EAST), unit="SER-01")])
    assert minutes(tracks(WEST_EAST, two, crew=2)) == {"west": 4, "east": 6}
    by_unit = tracks(WEST_EAST, two, crew=pd.Series({"SER-01": 4, "PNP-01": 1}))
    assert minutes(by_unit) == {"west": 2, "east": 12} and by_unit.hours.attrs["unit"] == "person-hours"
    with pytest.raises(LayerError, match="SER-01"):
        tracks(WEST_EAST, two, crew=pd.Series({"PNP-01": 1}))


def test_shift_and_weekday_are_those_of_the_start_of_the_shift() -> None:
    night = fixes(("00:30", WEST), ("00:34", WEST), day="2023-05-09")  # Tuesday, in the night shift of Monday
    found = tracks(WEST_EAST, night)
    assert found.hours.loc["west", ("night", 1)] == pytest.approx(4 / 60)
    assert found.total.sum() == pytest.approx(4 / 60)
    day = tracks(WEST_EAST, fixes(("13:58", WEST), ("14:01", WEST), ("14:02", EAST)))
    assert (60 * day.hours.T.groupby(level="shift").sum().T.loc["west"]).to_dict() == pytest.approx(
        {"day": 3, "evening": 1, "night": 0}
    )


def test_hours_of_no_shift_are_called_other() -> None:
    found = tracks(WEST_EAST, fixes(("05:00", WEST), ("05:03", WEST)), shifts={"day": (6.5, 18)})
    assert found.hours["other"].sum().sum() == pytest.approx(3 / 60) and found.hours["day"].sum().sum() == 0


def test_outside_is_reported_and_a_border_belongs_to_the_first_id() -> None:
    found = tracks(WEST_EAST, fixes(("09:00", (0, 100)), ("09:03", (0, -900)), ("09:05", (0, 100))))
    assert minutes(found) == {"west": 0, "east": 3}
    assert found.outside_hours == pytest.approx(2 / 60)


def test_the_tie_rule_is_that_of_posts() -> None:
    rng = np.random.default_rng(7)
    cells = [shapely.box(x, y, x + 10, y + 10) for x in range(0, 50, 10) for y in range(0, 50, 10)]
    ids = [f"n{at:02}" for at in rng.permutation(25)]
    grid = gpd.GeoDataFrame(index=ids, geometry=cells, crs=CRS)
    places = gpd.points_from_xy(*rng.integers(-1, 11, (2, 300)) * 5.0, crs=CRS)
    rows = gpd.GeoDataFrame({"unit": [f"u{at}" for at in range(300)]}, geometry=places)
    first = rows.assign(time=pd.Timestamp("2023-05-08 09:00", tz=LIMA))
    pair = pd.concat([first, rows.assign(time=pd.Timestamp("2023-05-08 09:01", tz=LIMA))])
    found = tracks(grid, pair)
    expected = locate(grid, rows).value_counts().reindex(ids, fill_value=0)
    assert (60 * found.total).round(6).to_dict() == expected.to_dict()


def test_parking_at_a_base_is_not_presence() -> None:
    base = gpd.GeoDataFrame(geometry=[shapely.Point(WEST)], crs=CRS)
    near = (WEST[0] + 40, WEST[1] - 30)  # 50 m
    parked = [(f"09:{minute:02}", near if minute % 2 else WEST) for minute in range(12)]
    path = fixes(("08:58", (-1500.0, 2500.0)), *parked, ("09:13", EAST), ("09:15", EAST))
    found = tracks(WEST_EAST, path, bases=base, park_radius_m=50, park_minutes=10)
    assert minutes(found) == {"west": 2, "east": 2}  # before and after: the stay of 11 minutes and its way out are not
    assert found.units.loc["PNP-01", "parked_hours"] == pytest.approx(13 / 60)
    passing = tracks(WEST_EAST, path, bases=base, park_radius_m=50, park_minutes=11)
    assert minutes(passing) == {"west": 15, "east": 2}  # not longer than 11 minutes
    nowhere = tracks(WEST_EAST, path)
    assert minutes(nowhere) == {"west": 15, "east": 2}


@pytest.mark.parametrize("still_minutes", [None, 60])
@pytest.mark.parametrize("listed", [True, False])
def test_a_long_stay_read_in_parts_is_counted_once(listed: bool, still_minutes: float | None) -> None:
    bases = gpd.GeoDataFrame(geometry=[shapely.Point(WEST)], crs=CRS) if listed else None
    rows = [(f"{minute // 60:02}:{minute % 60:02}", WEST) for minute in range(0, 300, 4)]
    path = fixes(*rows, ("05:00", EAST), ("05:02", EAST))
    parts = [path.iloc[[at]] for at in range(len(path))]
    found = tracks(WEST_EAST, parts, bases=bases, still_minutes=still_minutes, disorder_s=60)
    parked = 300 if listed or still_minutes else 0
    assert minutes(found) == {"west": 300 - parked, "east": 2}
    assert found.units["parked_hours"].tolist() == pytest.approx([parked / 60])
    assert found.units["gap_hours"].tolist() == [0]


def test_a_receiver_switched_off_at_its_base_stays_there() -> None:
    base = gpd.GeoDataFrame(geometry=[shapely.Point(WEST)], crs=CRS)
    path = fixes(("20:00", WEST), ("20:02", WEST), ("23:00", WEST), ("23:01", WEST), ("23:03", EAST), ("23:04", EAST))
    assert minutes(tracks(WEST_EAST, path, bases=base)) == {"west": 0, "east": 1}


def test_a_unit_that_does_not_move_for_hours_is_parked_wherever_it_is() -> None:
    rows = [(f"{minute // 60:02}:{minute % 60:02}", WEST) for minute in range(0, 124, 4)]
    path = fixes(*rows, ("02:04", EAST), ("02:05", EAST))
    assert minutes(tracks(WEST_EAST, path, still_minutes=60)) == {"west": 0, "east": 1}
    assert minutes(tracks(WEST_EAST, path, still_minutes=None)) == {"west": 124, "east": 1}
    assert minutes(tracks(WEST_EAST, path, still_minutes=120)) == {"west": 124, "east": 1}


def test_a_fix_sent_twice_counts_once() -> None:
    found = tracks(WEST_EAST, fixes(("09:00", WEST), ("09:00", WEST), ("09:02", WEST), ("09:02", WEST)))
    assert minutes(found) == {"west": 2, "east": 0}
    assert found.report["duplicate"] == 2 and found.report["used"] == 2


def test_a_leap_no_unit_could_drive_is_left_out() -> None:
    far = (60_000.0, 0.0)
    found = tracks(WEST_EAST, fixes(("09:00", WEST), ("09:01", far), ("09:02", far), ("09:03", WEST), ("09:04", WEST)))
    assert minutes(found) == {"west": 4, "east": 0}
    assert found.report["impossible_speed"] == 2
    same_time = tracks(WEST_EAST, fixes(("09:00", WEST), ("09:01", EAST), ("09:01", WEST), ("09:02", WEST)))
    assert same_time.report["impossible_speed"] == 1


def test_three_leaps_that_agree_are_believed() -> None:
    far = [(f"09:0{minute}", (60_000.0 + minute, 0.0)) for minute in (1, 2, 3)]
    found = tracks(WEST_EAST, fixes(("09:00", WEST), *far))
    assert found.report["impossible_speed"] == 0
    assert found.outside_hours == pytest.approx(2 / 60)


def test_rows_without_unit_time_or_place_are_counted() -> None:
    path = fixes(("09:00", WEST), ("09:01", WEST), ("09:02", WEST), ("09:03", WEST), ("09:04", EAST))
    path.loc[1, "time"] = pd.NaT
    path.loc[2, "unit"] = None
    path.loc[3, "geometry"] = None
    found = tracks(WEST_EAST, path)
    assert minutes(found) == {"west": 4, "east": 0}
    assert found.report[["no_unit", "no_time", "no_position", "used"]].tolist() == [1, 1, 1, 2]


def test_times_outside_the_period_or_still_to_come_are_counted() -> None:
    rows = [
        fixes(("09:00", WEST), ("09:02", WEST), day=day)
        for day in ("1980-01-06", "2023-05-08", "2023-05-20", "2199-01-01")
    ]
    found = tracks(WEST_EAST, pd.concat(rows, ignore_index=True), period=("2023-05-08", "2023-05-14"))
    assert found.report[["before_period", "after_period", "future", "used"]].tolist() == [2, 2, 2, 2]
    assert found.weeks == 1 and minutes(found) == {"west": 2, "east": 0}
    assert found.first == pd.Timestamp("2023-05-08 09:00", tz=LIMA)


def test_clocks_that_run_a_year_ahead_stop_the_count() -> None:
    moments = [(f"09:{minute:02}", WEST) for minute in range(0, 40, 2)]
    days = [fixes(*moments, day=f"2023-05-{day:02}") for day in range(8, 15)]
    wrong = pd.concat([*days, fixes(("09:00", WEST), day="2024-05-10")], ignore_index=True)
    with pytest.raises(LayerError, match=r'8 of the 368 days.*probably period = \("2023-05-08", "2023-05-14"\)'):
        tracks(WEST_EAST, wrong)
    assert tracks(WEST_EAST, wrong, weeks=1).hours_per_week["west"] == pytest.approx(7 * (38 + 5) / 60)


def test_the_weeks_are_whole_days_from_first_to_last() -> None:
    shift = pd.concat([fixes(("20:00", WEST), ("20:01", WEST)), fixes(("03:00", WEST), day="2023-05-15")])
    assert tracks(WEST_EAST, shift).weeks == 1  # Monday 20:00 to the next Monday 03:00


def test_times_say_their_zone() -> None:
    path = fixes(("05:59", WEST), ("06:01", WEST))
    naive = path.assign(time=path["time"].dt.tz_localize(None))
    utc = path.assign(time=path["time"].dt.tz_convert("UTC"))
    for frame, code in ((naive, "tracks_naive"), (utc, "tracks_utc")):
        with pytest.raises(LayerError) as caught:
            tracks(WEST_EAST, frame)
        assert caught.value.problems[0].code == code
        found = tracks(WEST_EAST, frame, tz=LIMA)
        assert found.hours["night"].sum().sum() == pytest.approx(2 / 60)
    with pytest.raises(LayerError) as caught:
        tracks(WEST_EAST, [path, path.assign(time=path["time"].dt.tz_convert("America/Bogota"))])
    assert caught.value.problems[0].code == "tracks_zones_differ"
    text = path.assign(time=path["time"].astype(str))
    with pytest.raises(LayerError) as caught:
        tracks(WEST_EAST, text)
    assert caught.value.problems[0].code == "tracks_not_times"


def test_an_hour_the_clock_shows_twice_is_no_time() -> None:
    """Santiago went from 24:00 back to 23:00 on 1 April 2023."""
    path = fixes(("21:00", WEST), ("23:30", WEST), day="2023-04-01")
    naive = path.assign(time=path["time"].dt.tz_localize(None))
    assert tracks(WEST_EAST, naive, tz="America/Santiago").report[["used", "no_time"]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"max_gap_s": 0}, "tracks_option"),
        ({"max_speed_kmh": np.inf}, "tracks_option"),
        ({"park_radius_m": -1}, "tracks_option"),
        ({"crew": -1}, "tracks_crew_bad"),
        ({"crew": pd.Series([1, 2], index=["a", "a"])}, "ids_repeated"),
        ({"tz": "America/Ayacucho"}, "tracks_zone_unknown"),
        ({"period": ("2023-05-14", "2023-05-08")}, "tracks_period"),
        ({"period": ("lunes", "martes")}, "tracks_period"),
        ({"shifts": {}}, "shifts_empty"),
        ({"shifts": {"day": (6, 26)}}, "shift_hours"),
        ({"shifts": {"day": (6, 6)}}, "shift_hours"),
        ({"shifts": {"other": (6, 7)}}, "shift_reserved"),
        ({"shifts": {"day": (6, 14), "night": (22, 7)}}, "shifts_overlap"),
    ],
)
def test_options_that_cannot_be(option: dict[str, object], code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tracks(WEST_EAST, fixes(("09:00", WEST)), **option)
    assert [one.code for one in caught.value.problems] == [code]
    assert caught.value.problems[0].say("es") != caught.value.problems[0].say("en")


def test_several_wrong_options_are_one_error() -> None:
    with pytest.raises(ConfigError) as caught:
        tracks(WEST_EAST, fixes(("09:00", WEST)), max_gap_s=-1, shifts={}, period=("x", "y"))
    assert len(caught.value.problems) == 3


def test_fixes_that_cannot_be() -> None:
    path = fixes(("09:00", WEST), ("09:01", WEST))
    wrong = [
        (path.rename(columns={"unit": "unidad"}), "column_unknown"),
        (path.set_geometry(path.buffer(3)), "not_points"),
        (path.to_crs(4326), "crs_differ"),
        (path.assign(unit=None), "tracks_none"),
        (path.iloc[:0], "tracks_none"),
    ]
    for frame, code in wrong:
        with pytest.raises(LayerError) as caught:
            tracks(WEST_EAST, frame)
        assert caught.value.problems[0].code == code
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=CRS)
    with pytest.raises(LayerError, match="bases: they must be points"):
        tracks(WEST_EAST, path, bases=lines)


def test_a_file_out_of_order_is_refused_in_parts_and_sorted_in_memory() -> None:
    path = fixes(*[(f"{hour:02}:{minute:02}", WEST) for hour in range(23) for minute in range(0, 60, 5)])
    backwards = path.iloc[::-1]
    with pytest.raises(LayerError) as caught:
        tracks(WEST_EAST, [backwards])
    assert caught.value.problems[0].code == "tracks_disorder"
    whole = tracks(WEST_EAST, path, still_minutes=None)
    for found in (
        tracks(WEST_EAST, backwards, still_minutes=None),
        tracks(WEST_EAST, [backwards], disorder_s=None, still_minutes=None),
    ):
        assert found.hours.equals(whole.hours) and found.report["out_of_order"] == len(path) - 1


def test_the_result_is_shown_and_inputs_are_left_as_they_were() -> None:
    path = fixes(("09:00", WEST), ("09:02", EAST), ("09:04", EAST))
    before = path.copy()
    found = tracks(WEST_EAST, path, weeks=2)
    assert path.equals(before)
    frame = found.to_frame()
    assert list(frame.columns) == ["hours_per_week", "km_per_week", "day", "evening", "night"]
    assert frame.loc["west", "day"] == pytest.approx(1 / 60) and frame.loc["west", "km_per_week"] == pytest.approx(1)
    assert "3 of 3 positions" in found.summary() and "3 de 3 posiciones" in found.summary("es")
    assert "<table" in found._repr_html_()


@pytest.fixture(scope="module")
def huamanga() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    barrios = gpd.read_file(HUAMANGA / "barrios.gpkg").set_index("codigo")
    barrios.index = barrios.index.astype(object)
    posts = pd.concat([pd.read_csv(HUAMANGA / f"{name}.csv")[["lon", "lat"]] for name in ("comisarias", "serenazgo")])
    bases = gpd.GeoDataFrame(geometry=gpd.points_from_xy(posts["lon"], posts["lat"], crs=4326)).to_crs(barrios.crs)
    return barrios, bases, pd.read_parquet(HUAMANGA / "gps_semana.parquet")


GPS = {"unit": "unidad", "time": "hora", "x": "lon", "y": "lat"}
WEEK = {"period": ("2023-05-08", "2023-05-15"), "weeks": 1}


def test_the_defects_planted_in_the_model_city_are_counted(huamanga) -> None:
    """48 jumps, 14 clocks a year ahead, 12 positions at (0, 0), and as many fixes sent twice as the table shows."""
    barrios, bases, table = huamanga
    parts = read_fixes(HUAMANGA / "gps_semana.parquet", to=barrios.crs, **GPS)
    found = tracks(barrios, parts, bases=bases, **WEEK)
    again = table[table["hora"] < "2024-01-01T00:00-05:00"].duplicated().sum()
    expected = {"after_period": 14, "no_position": 12, "impossible_speed": 48, "duplicate": again, "fixes": len(table)}
    assert {name: found.report[name] for name in expected} == expected
    assert found.report["used"] == len(table) - 14 - 12 - 48 - again


def test_the_week_of_the_model_city_is_plausible(huamanga) -> None:
    """Six cars go out between five and nine for 13 to 16 hours, seven days, and wait at their base now and then."""
    barrios, bases, _ = huamanga
    found = tracks(barrios, read_fixes(HUAMANGA / "gps_semana.parquet", to=barrios.crs, **GPS), bases=bases, **WEEK)
    seen = found.units[["presence_hours", "outside_hours", "parked_hours"]].sum().sum()
    assert 42 * 13 < seen < 42 * 16
    assert 0.15 < found.units["parked_hours"].sum() / seen < 0.5
    shifts = found.by_shift.sum()
    assert shifts["evening"] > shifts["day"] > shifts["night"] > 0
    assert found.outside_hours < 0.01 * seen


def test_another_projection_moves_no_more_than_fixes_on_a_border(huamanga) -> None:
    """UTM 18 S and a transverse Mercator on the city itself differ by 0.04 % in length here."""
    own = "+proj=tmerc +lat_0=-13.16 +lon_0=-74.22 +k=1 +x_0=5000 +y_0=5000 +ellps=WGS84 +units=m"
    barrios, bases, _ = huamanga
    one, other = (
        tracks(city, read_fixes(HUAMANGA / "gps_semana.parquet", to=city.crs, **GPS), bases=posts, **WEEK)
        for city, posts in ((barrios, bases), (barrios.to_crs(own), bases.to_crs(own)))
    )
    assert (one.total - other.total).abs().sum() < 0.01 * one.total.sum()
    assert other.report["used"] == one.report["used"]


def written(table: pd.DataFrame, folder: Path, kind: str) -> tuple[Path, dict[str, object]]:
    """The positions as another file, and how it is to be read."""
    path = folder / f"gps.{kind}"
    points = gpd.GeoDataFrame(
        table[["unidad", "hora"]], geometry=gpd.points_from_xy(table["lon"], table["lat"], crs=4326)
    )
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "csv.gz":
        local = table.assign(hora=table["hora"].dt.strftime("%d/%m/%Y %H:%M:%S"))
        local.to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252")
        return path, GPS | {"time_format": "%d/%m/%Y %H:%M:%S", "tz": LIMA, "decimal": ","}
    elif kind == "txt":
        seconds = table["hora"].dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]").astype("int64")
        table.assign(hora=seconds).to_csv(path, index=False, sep="\t")
        return path, GPS | {"time_format": "unix_s", "tz": LIMA}
    elif kind == "parquet":
        points.to_parquet(path)
        return path, {"unit": "unidad", "time": "hora"}
    elif kind == "geoparquet":
        points.to_crs(32718).to_parquet(path, geometry_encoding="geoarrow")
        return path, {"unit": "unidad", "time": "hora"}
    else:
        text = ['<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">']
        for unit, rows in table.groupby("unidad"):
            stamps = rows["hora"].dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
            fix = '<trkpt lat="{}" lon="{}"><name>x</name><time>{}</time></trkpt>'
            body = [fix.format(*one) for one in zip(rows["lat"], rows["lon"], stamps, strict=True)]
            text += [f"<trk><name>{unit}</name><trkseg>", *body, "</trkseg></trk>"]
        path.write_text("\n".join([*text, "</gpx>"]), encoding="utf-8")
        return path, {"tz": LIMA}
    return path, GPS


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "txt", "parquet", "geoparquet", "gpx"])
def test_every_format_gives_the_same_hours(huamanga, tmp_path: Path, kind: str) -> None:
    barrios, bases, table = huamanga
    table = table.head(4000)
    path, how = written(table, tmp_path, kind)
    found = tracks(barrios, read_fixes(path, to=barrios.crs, chunk_rows=700, **how), bases=bases, **WEEK)
    points = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"], crs=4326)).to_crs(barrios.crs)
    frame = gpd.GeoDataFrame(table[["unidad", "hora"]], geometry=points.to_numpy(), crs=barrios.crs)
    whole = tracks(barrios, frame, unit="unidad", time="hora", bases=bases, **WEEK)
    assert found.total.to_dict() == pytest.approx(whole.total.to_dict(), abs=1e-9)
    assert found.units.index.tolist() == whole.units.index.tolist()
    assert found.report["used"] == whole.report["used"]


def test_files_without_a_unit_are_named_after_themselves(huamanga, tmp_path: Path) -> None:
    barrios, _, table = huamanga
    for unit, rows in table.head(12_000).groupby("unidad"):
        rows.drop(columns="unidad").to_csv(tmp_path / f"{unit}.csv", index=False)
    paths = sorted(tmp_path.glob("*.csv"))
    parts = read_fixes(paths, to=barrios.crs, time="hora", x="lon", y="lat")
    assert tracks(barrios, parts, **WEEK).units.index.tolist() == ["PNP-01", "PNP-02", "PNP-03"]


ROWS = "unidad,hora,lon,lat\nA,2023-05-08T09:00-05:00,-74.2,-13.1\nA,2023-05-08T09:01-05:00,-74.2,-13.1\n"


@pytest.mark.parametrize(
    ("name", "content", "change", "code"),
    [
        ("gps.csv", ROWS, {"x": "long"}, "column_unknown"),
        ("gps.csv", ROWS, {"x": None}, "fixes_place"),
        ("gps.csv", ROWS, {"crs": "EPSG:0"}, "crs_unknown"),
        ("gps.csv", ROWS, {"x": "lat", "y": "lon"}, "fixes_swapped"),
        ("gps.csv", ROWS.replace("-74.2", "584000").replace("-13.1", "8545000"), {}, "crs_absent"),
        ("gps.csv", ROWS.replace("-05:00", ""), {}, "tracks_naive"),
        ("gps.csv", ROWS.replace("09:01-05:00", "09:01-04:00"), {}, "tracks_zones_differ"),
        ("gps.csv", ROWS.replace("2023-05-08T", "8 de mayo "), {}, "fixes_times"),
        ("gps.csv", ROWS + "A,2023\n", {}, "file_format"),
        ("gps.csv", "unidad,hora,lon,lat\n", {}, "table_empty"),
        ("gps.csv", "", {}, "file_empty"),
        ("gps.xls", ROWS, {}, "fixes_format"),
        ("gps.parquet", ROWS, {}, "file_format"),
        ("gps.gpx", "<gpx><trk>", {}, "file_format"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: str, change: dict[str, str], code: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises((LayerError, ConfigError)) as caught:
        read_fixes(tmp_path / name, to=CRS, **(GPS | change))
    assert [one.code for one in caught.value.problems] == [code]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "gps.csv").write_text(ROWS, encoding="utf-8")
    with pytest.raises(LayerError, match=r"gsp\.csv"):
        read_fixes([tmp_path / "gps.csv", tmp_path / "gsp.csv"], to=CRS, **GPS)


def test_cells_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    bad = "A,ayer,-74.2,-13.1\nA,2023-05-08T09:02-05:00,,-13.1\n,2023-05-08T09:02-05:00,-74.2,-13.1\n"
    bad += "A,2023-05-08T09:03-05:00,-74.2,-131\n"
    (tmp_path / "gps.csv").write_text(ROWS + bad, encoding="utf-8")
    found = tracks(WEST_EAST, read_fixes(tmp_path / "gps.csv", to=CRS, **GPS))
    assert found.report[["fixes", "no_unit", "no_time", "no_position", "used"]].tolist() == [6, 1, 1, 2, 2]
    assert found.outside_hours == pytest.approx(1 / 60)


def test_times_without_a_zone_take_the_one_that_is_stated(tmp_path: Path) -> None:
    mixed = ROWS.replace("09:01-05:00", "09:01")
    (tmp_path / "gps.csv").write_text(mixed, encoding="utf-8")
    part = next(read_fixes(tmp_path / "gps.csv", to=CRS, tz=LIMA, **GPS))
    assert part["time"].tolist() == [pd.Timestamp(f"2023-05-08 09:0{one}", tz=LIMA) for one in (0, 1)]


@pytest.mark.parametrize("at_once", [1, 2, 5, 100])
def test_a_stay_goes_on_over_the_fixes_held_at_a_time(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Within 5 m of 0: 0, 3, 4; of 9: 9, 10; then 20; the other unit begins anew at 20 and is back there after 1."""
    cleaning = importlib.import_module("secequity.coverage.tracks._cleaning")
    monkeypatch.setattr(cleaning, "AT_ONCE", at_once)
    fixes = np.zeros(10, dtype=cleaning.FIX)
    fixes["x"] = [0, 3, 4, 9, 10, 20, 20, 21, 27, 20]
    fixes["unit"], fixes["t"] = [0] * 6 + [1] * 4, np.arange(10)
    stay, at_base = cleaning.stays(fixes, bases=np.empty((0, 2)), radius_m=5, anywhere=True, max_gap_us=10)
    assert stay.tolist() == [0, 0, 0, 1, 1, 2, 3, 3, 4, 5]
    assert not at_base.any()
