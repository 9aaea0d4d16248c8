"""Patrols: routes with a frequency and a crew, and GPS positions, as hours of presence a week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from secequity.config.layers import RouteSection, TrackSection
from secequity.coverage.kinds.task import Counted, Task
from secequity.coverage.routes import per_street_km, routes, street_km
from secequity.coverage.tracks import TrackHours, tracks
from secequity.coverage.tracks._rules import zone_named
from secequity.sources import facilities as points
from secequity.sources import files, vector
from secequity.sources.tracks import read_fixes

Shifts = Mapping[str, tuple[float, float]]
TEXT = (".csv", ".tsv", ".txt")
HEAD_BYTES = 1 << 12
WHOLE_BYTES = 20_000_000
"""A file up to this size is held in memory, so that the order of its rows does not matter."""
DISORDER_S = 3600.0


def read_routes(task: Task, *, shifts: Shifts) -> Counted | None:
    """Person-hours a week along the routes of a file."""
    section, route = task.section, task.section.route
    assert route is not None
    lines = task.shapes(str(section.path), layer=section.layer, crs=section.crs)
    if lines is None:
        return None
    figures = {key: getattr(route, key) for key in ("times_per_week", "crew", "minutes", "speed_kmh")}
    wanted: dict[str, str | None] = {f"route.{key}": value for key, value in figures.items() if isinstance(value, str)}
    wanted |= {"route.shift": route.shift} | {f"route.where.{column}": column for column in route.where}
    if not task.columns(lines, wanted, file=section.file):
        return None
    lines = _chosen(task, lines, route)
    if lines is None:
        return None
    read = {key: _figure(task, lines, key, value) for key, value in figures.items() if value is not None}
    given = {key: value for key, value in read.items() if value is not None}
    words = _shift_words(task, lines, route, shifts)
    if len(given) < len(read) or (route.shift is not None and words is None):
        return None
    with task.guarded(routes=section.file, streets=Path(route.streets or "").name):
        found = routes(task.places, lines, visibility_m=route.visibility_m, **given)
        if found.stretches.empty:
            task.misses()
            return None
        if found.unallocated_hours > 0 and not task.is_of_participants:
            about = {"file": section.file, "layer": section.name}
            total = float(found.by_route["hours_per_week"].sum())
            task.found.notice("routes_outside", amount=found.unallocated_hours, total=total, **about)
        by_shift = None
        if words is not None:
            spent = found.stretches.assign(shift=found.stretches["route"].map(words))
            by_shift = spent.pivot_table(
                index="id", columns="shift", values="hours_per_week", aggfunc="sum", fill_value=0.0
            )
            by_shift = by_shift.reindex(index=task.places.index, columns=list(shifts), fill_value=0.0)
        more = {"km_per_week": found.km} | _streets(task, found.hours, route)
        few = _fewest(found.stretches, given["crew"], task.places.index)
        return Counted(amount=found.hours, by_shift=by_shift, more=more, participants=few)
    return None


def _fewest(stretches: pd.DataFrame, crew: pd.Series | float, ids: pd.Index) -> pd.Series:
    """The smallest crew that spends hours in each neighbourhood, 0 where none does: the people a figure leads back to.

    Crews are not added up: the same residents may walk on every route.
    """
    spent = stretches[stretches["hours_per_week"] > 0]
    crews = spent["route"].map(crew) if isinstance(crew, pd.Series) else pd.Series(crew, index=spent.index)
    return crews.groupby(spent["id"]).min().reindex(ids, fill_value=0.0).astype(float)


def _chosen(task: Task, lines: gpd.GeoDataFrame, route: RouteSection) -> gpd.GeoDataFrame | None:
    """The routes whose columns hold the words the study asks for."""
    for column, word in route.where.items():
        words = task.text(lines[column])
        if not (words == word).any():
            known = ", ".join(sorted(words.dropna().unique())[:12])
            task.found.error("words_unknown", [word], file=task.section.file, column=column, words=known)
            return None
        lines = lines[(words == word).to_numpy()]
    return lines


def _figure(task: Task, lines: gpd.GeoDataFrame, key: str, value: str | float) -> pd.Series | float | None:
    """A figure of every route: a column's, or one for all; a speed of zero would never arrive."""
    figures = task.numbers(lines, value, file=task.section.file) if isinstance(value, str) else value
    if figures is None:
        return None
    bad = figures <= 0 if key == "speed_kmh" else figures < 0
    rows = [f"#{row}" for row in bad.index[bad]] if isinstance(bad, pd.Series) else [str(value)] * bad
    if rows:
        about = {"file": task.section.file, "layer": task.section.name}
        task.found.error("route_figure", rows, key=f"route.{key}", **about)
        return None
    return figures


def _shift_words(task: Task, lines: gpd.GeoDataFrame, route: RouteSection, shifts: Shifts) -> pd.Series | None:
    """The shift of each route, in the words of the study."""
    if route.shift is None:
        return None
    words = task.text(lines[route.shift])
    strange = words[~words.isin(list(shifts))].fillna("–")
    if len(strange):
        about = {"file": task.section.file, "column": route.shift}
        task.found.error("shifts_unknown", dict.fromkeys(strange), words=", ".join(shifts), **about)
        return None
    return words


def _streets(task: Task, hours: pd.Series, route: RouteSection) -> dict[str, pd.Series]:
    """Hours for each kilometre of street, where the study gives the streets."""
    streets = task.shapes(route.streets) if route.streets is not None else None
    if streets is None:
        return {}
    lengths = street_km(task.places, streets, visibility_m=route.visibility_m)
    return {"street_km": lengths, "hours_per_street_km": per_street_km(hours, lengths)}


def read_tracks(task: Task, *, shifts: Shifts) -> Counted | None:
    """Hours of presence a week from the positions in a file."""
    section, track = task.section, task.section.track
    assert track is not None
    path = task.path(str(section.path))
    bases = _bases(task, track)
    if path is None or (track.bases is not None and bases is None) or not _readable(task, path, track):
        return None
    with task.guarded():
        if track.time_zone is not None:
            zone_named(track.time_zone)
        fixes = read_fixes(
            path,
            to=task.places.crs,
            unit=track.unit,
            time=track.time,
            x=section.x,
            y=section.y,
            crs=section.crs,
            tz=track.time_zone,
            time_format=track.time_format,
            separator=section.separator,
            decimal=section.decimal or ".",
            encoding=section.encoding,
        )
        keys = (
            "crew",
            "max_gap_s",
            "max_speed_kmh",
            "park_radius_m",
            "park_minutes",
            "still_minutes",
            "period",
            "weeks",
        )
        options: dict[str, Any] = {key: getattr(track, key) for key in keys}
        options["disorder_s"] = None if path.stat().st_size <= WHOLE_BYTES else DISORDER_S
        found = tracks(
            task.places,
            fixes,
            bases=bases,
            shifts=shifts,
            tz=track.time_zone,
            engine=task.engine,
            told=task.told,
            **options,
        )
        hours = found.hours_per_week
        if not (hours > 0).any() and found.outside_hours > 0:
            task.misses()
            return None
        _say(task, found)
        crew = (hours > 0) * float(track.crew)
        more = {"km_per_week": found.km / found.weeks}
        return Counted(amount=hours, by_shift=found.by_shift, more=more, participants=crew)
    return None


def _readable(task: Task, path: Path, track: TrackSection) -> bool:
    """Whether the file is a table where it says so, and the format of its times one that exists."""
    before = len(task.found.errors)
    if path.suffix.lower() in TEXT:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if b"\x00" in head:
            task.found.error("file_format", file=task.section.file, format="CSV")
    if track.time_format is not None and not track.time_format.startswith("unix_"):
        try:
            datetime.strptime("", track.time_format)
        except ValueError as error:
            if "does not match" not in str(error):
                task.found.error("time_format_unknown", file=task.section.file, written=track.time_format)
    return len(task.found.errors) == before


def _bases(task: Task, track: TrackSection) -> gpd.GeoDataFrame | None:
    """Where the units park: the posts of a file, read as those of a layer are."""
    if track.bases is None:
        return None
    section = task.section.model_copy(
        update={
            "path": track.bases,
            "kind": "posts",
            "track": None,
            "staff": None,
            "column": None,
            "id": None,
            "post_name": None,
        }
    )
    path = files.locate(task.folder, track.bases, use=section.name, found=task.found)
    if path is None:
        return None
    if vector.is_vector(path):
        section = section.model_copy(update={"x": None, "y": None, "crs": None})
    return points.read_facilities(
        section, folder=task.folder, target=task.places, found=task.found, sources=task.sources
    )


def _say(task: Task, found: TrackHours) -> None:
    """How many fixes were left out and why, and the hours outside."""
    report = found.report
    about = {"file": task.section.file, "layer": task.section.name}
    task.found.notice("tracks_report", used=int(report["used"]), fixes=int(report["fixes"]), **about)
    for reason, count in report.items():
        if reason not in ("fixes", "used") and count:
            task.found.notice("tracks_dropped", count=int(count), reason=f"@tracks.reason.{reason}", **about)
    if found.outside_hours > 0 and not task.is_of_participants:
        total = float(found.total.sum()) + found.outside_hours
        task.found.notice(
            "routes_outside", amount=found.outside_hours / found.weeks, total=total / found.weeks, **about
        )
