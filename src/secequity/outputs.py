"""The files of the contract: written all or nothing, and read again so that a map can be drawn without the data."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from secequity import findings, geopackage, maps, report
from secequity.errors import ConfigError, Problem, problem
from secequity.records import dump, plain, records
from secequity.results import MORE, POSTS, TABLES, StudyTables
from secequity.texts import LANGUAGES, Language, catalogue, text

VERSIONS = (
    "secequity",
    "geopandas",
    "shapely",
    "pandas",
    "numpy",
    "scipy",
    "libpysal",
    "folium",
    "pyogrio",
    "rasterio",
)
OURS = (
    "map.html",
    "report.html",
    "brief.html",
    "neighbourhoods.gpkg",
    "neighbourhoods.parquet",
    "tables",
    "summary.json",
    "manifest.json",
)
HOW_TO = "tables/LEEME-README.txt"
STEPS = ("write", "map", "report")
DISK_FULL = tuple(getattr(errno, name) for name in ("ENOSPC", "EFBIG", "EDQUOT") if hasattr(errno, name))
FORMULA = re.compile(r"^[=+\-@\t\r]")

Step = Callable[[str], None]


def write(tables: StudyTables, folder: Path, *, language: Language, step: Step) -> Path:
    """Every output into `folder`, all or nothing.

    The files are written beside it and moved into place at the end; whatever else a user keeps in the folder stays.

    Raises
    ------
    ConfigError : the folder is a file, holds no results of ours but other files, or cannot be written to the end.
    """
    check_folder(folder)
    with _staged(folder) as stage:
        seconds = dict(tables.seconds)
        start = time.perf_counter()
        step("write")
        (stage / "tables").mkdir()
        for name in _written(tables):
            table = tables.table(name)
            if name == "ledger" and table["shift"].isna().all():
                table = table.drop(columns="shift")
            spreadsheet_safe(table).to_csv(stage / "tables" / f"{name}.csv", index=False, encoding="utf-8-sig")
        (stage / HOW_TO).write_text(_how_to_read(tables), encoding="utf-8-sig", newline="\r\n")
        tables.neighbourhoods.rename_axis("id").to_parquet(stage / "neighbourhoods.parquet")
        geopackage.write(tables, stage / "neighbourhoods.gpkg", language=language)
        dump(_told(tables), stage / "summary.json")
        seconds["write"] = round(time.perf_counter() - start, 3)
        seconds |= _pages(tables, stage, language=language, step=step)
        dump(manifest(tables, seconds), stage / "manifest.json")
    return folder


def render(folder: Path, *, language: Language | None, step: Step) -> StudyTables:
    """The map, the report and the brief of finished results drawn again, in another language if asked.

    Raises
    ------
    ConfigError : the folder holds no results, they cannot be read, or the pages cannot be written.
    """
    tables = read(folder)
    with _failures(folder), tempfile.TemporaryDirectory(prefix=".secequity-", dir=folder) as stage:
        _pages(tables, Path(stage), language=language or tables.language, step=step)
        for page in ("map.html", "report.html", "brief.html"):
            (Path(stage) / page).replace(folder / page)
    return tables


def _pages(tables: StudyTables, stage: Path, *, language: Language, step: Step) -> dict[str, float]:
    """The map, the report and the brief in `stage`, and how long each took."""
    seconds = {}
    start = time.perf_counter()
    step("map")
    basemap = tables.options.get("basemap")
    with (stage / "map.html").open("wb") as page_file:
        maps.build(tables, language=language, basemap=basemap).save(page_file, close_file=False)
    seconds["map"] = round(time.perf_counter() - start, 3)
    start = time.perf_counter()
    step("report")
    for name, page in (("report", report.render), ("brief", report.brief)):
        (stage / f"{name}.html").write_text(page(tables, language=language), encoding="utf-8")
    seconds["report"] = round(time.perf_counter() - start, 3)
    return seconds


def check_folder(folder: Path) -> None:
    """Refuse early a place where results cannot go.

    Raises
    ------
    ConfigError : it is a file, holds files that are not ours, or may not be written.
    """
    with _failures(folder):
        if folder.exists() and not folder.is_dir():
            raise ConfigError(problem("output_is_file", folder=str(folder)))
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "manifest.json").is_file():
            others = sorted(one.name for one in folder.iterdir())
            raise ConfigError(problem("output_not_ours", others, folder=str(folder)))
        place = folder
        while not place.exists():
            place = place.parent
    around = folder.parent if folder.exists() else place
    if not all(os.access(one, os.W_OK | os.X_OK) for one in (place, around)) or not place.is_dir():
        raise ConfigError(problem("output_forbidden", folder=str(folder)))


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place when everything inside is written, and vanishes otherwise."""
    with _failures(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent.resolve()))
        try:
            stage.chmod(0o755)
            yield stage
            _swap(stage, folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    """A disk that fills up or forbids half way, as one sentence."""
    try:
        yield
    except PermissionError as error:
        raise ConfigError(problem("output_forbidden", folder=str(folder))) from error
    except (OSError, MemoryError) as error:
        full = getattr(error, "errno", None) in DISK_FULL or "errno" in str(error)
        reason = "@reason.disk" if full else getattr(error, "strerror", None) or str(error)
        raise ConfigError(problem("output_failed", folder=str(folder), reason=reason)) from error
    except sqlite3.OperationalError as error:
        raise ConfigError(problem("output_failed", folder=str(folder), reason="@reason.disk")) from error
    except RuntimeError as error:
        if type(error).__module__.startswith("pyogrio"):
            raise ConfigError(problem("output_failed", folder=str(folder), reason="@reason.disk")) from error
        raise


def _swap(stage: Path, folder: Path) -> None:
    """`stage` in the place of `folder`; what the user keeps there besides our files moves along."""
    if not folder.exists():
        stage.rename(folder)
        return
    before = Path(tempfile.mkdtemp(prefix=f".{folder.name}-before-", dir=folder.parent.resolve())) / folder.name
    folder.rename(before)
    try:
        stage.rename(folder)
    except BaseException:
        before.rename(folder)
        raise
    for kept in before.iterdir():
        if kept.name not in OURS:
            kept.rename(folder / kept.name)
    shutil.rmtree(before.parent, ignore_errors=True)


def spreadsheet_safe(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text that a spreadsheet would run as a formula."""

    def safe(cell: object) -> object:
        return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell

    numeric = table.select_dtypes(["number", "bool"]).columns
    return table.assign(**{str(name): table[name].map(safe) for name in table.columns.difference(numeric, sort=False)})


def summary(tables: StudyTables) -> dict[str, Any]:
    """Every table as records under its own name, with the study, the totals, the warnings and the findings."""
    told = _told(tables)
    return {name: records(one) if isinstance(one, pd.DataFrame) else one for name, one in told.items()}


def _told(tables: StudyTables) -> dict[str, Any]:
    """What the summary tells, its tables as they are."""
    language = tables.language
    posts = pd.DataFrame(tables.posts.drop(columns=tables.posts.geometry.name))
    posts = posts.assign(x=tables.posts.geometry.x.round(2), y=tables.posts.geometry.y.round(2))
    rows = (
        pd.DataFrame(tables.neighbourhoods.drop(columns=tables.neighbourhoods.geometry.name))
        .rename_axis("id")
        .reset_index()
    )
    return {
        "study": {
            "title": tables.title,
            "language": language,
            "note": tables.note,
            "options": tables.options,
            "seconds": tables.seconds,
        },
        "findings": {one: [f.text for f in findings.three(tables, one)] for one in LANGUAGES},
        "totals": {
            "neighbourhoods": len(rows),
            "population": float(tables.neighbourhoods["population"].sum()),
            "zones": records(tables.zones.rename_axis("zone").reset_index()),
        },
        "warnings": [_said(one, language) for one in tables.notices],
        **{name: tables.table(name) for name in _written(tables)},
        "neighbourhoods": rows,
        "measures": tables.measures,
        "posts": posts,
        "sources": tables.sources,
    }


def manifest(tables: StudyTables, seconds: Mapping[str, float]) -> dict[str, Any]:
    """What was computed from which bytes, how, with which versions, and how long it took."""
    return {
        "inputs": records(tables.sources),
        "options": {name: value for name, value in tables.options.items() if name != "versions"},
        "seed": tables.options.get("seed"),
        "versions": tables.options.get("versions"),
        "seconds": seconds,
        "outputs": [*OURS[:5], *(f"tables/{name}.csv" for name in _written(tables)), HOW_TO, *OURS[6:]],
    }


def _how_to_read(tables: StudyTables) -> str:
    """How a spreadsheet opens the tables, in both languages, with what each table holds."""
    told = []
    for language in LANGUAGES:
        spoken = catalogue(language)
        about = [f"{name}.csv: {spoken[f'table.{name}']}" for name in _written(tables)]
        told.append("\n".join((text("tables.how_to_read", language), "", *about)))
    return "\n\n\n".join(told) + "\n"


def _written(tables: StudyTables) -> list[str]:
    """The tables this study writes, in order."""
    return [*TABLES, *(name for name in MORE if name in tables.more)]


def versions() -> dict[str, str]:
    """The versions of everything that may change a digit."""
    return {"python": platform.python_version()} | {name: version(name) for name in VERSIONS}


def read(folder: Path) -> StudyTables:
    """Finished results as they were written.

    Raises
    ------
    ConfigError : the folder holds none, or they cannot be read.
    """
    if not (folder / "summary.json").is_file() or not (folder / "neighbourhoods.parquet").is_file():
        raise ConfigError(problem("output_absent", folder=str(folder)))
    try:
        told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        neighbourhoods = gpd.read_parquet(folder / "neighbourhoods.parquet")
        posts = pd.DataFrame(told["posts"], columns=[*POSTS, "x", "y"])
        points = gpd.points_from_xy(posts["x"].astype(float), posts["y"].astype(float))
        frames = {name: pd.DataFrame(told[name]) for name in ("measures", "sources")}
        frames |= {name: _frame(told[name], columns) for name, columns in TABLES.items()}
        return StudyTables(
            title=told["study"]["title"],
            language=told["study"]["language"],
            neighbourhoods=neighbourhoods,
            posts=gpd.GeoDataFrame(posts[list(POSTS)], geometry=points, crs=neighbourhoods.crs),
            zones=pd.DataFrame(told["totals"]["zones"]).set_index("zone"),
            notices=tuple(_unsaid(one) for one in told["warnings"]),
            options=told["study"]["options"],
            note=told["study"]["note"],
            seconds=told["study"]["seconds"],
            more={name: _frame(told[name], columns) for name, columns in MORE.items() if name in told},
            **frames,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(problem("output_broken", folder=str(folder), reason=str(error))) from error


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Records as the table they were; a column without any value holds missing numbers."""
    table = pd.DataFrame(rows, columns=list(columns))
    empty = table.columns[table.isna().all()] if len(table) else table.columns[:0]
    return table.astype(dict.fromkeys(empty, float))


def shown(tables: StudyTables) -> str:
    """Finished results as a notebook shows them: the title, the findings, the gaps."""
    said = "".join(f"<li>{escape(one.text)}</li>" for one in findings.three(tables, tables.language))
    gaps = tables.gaps.round(3).to_html(border=0, index=False, escape=True)
    return f"<h3>{escape(tables.title[tables.language])}</h3><ul>{said}</ul>{gaps}"


def _said(notice: Problem, language: str) -> dict[str, Any]:
    return {"text": notice.say(language), **_coded(notice)}


def _coded(value: object) -> Any:
    if isinstance(value, Problem):
        return {
            "code": value.code,
            "which": list(value.which),
            "values": {name: _coded(one) for name, one in value.values.items()},
        }
    return plain(value)


def _unsaid(coded: Mapping[str, Any]) -> Problem:
    values = {name: _unsaid(one) if isinstance(one, dict) else one for name, one in coded["values"].items()}
    return Problem(code=coded["code"], which=tuple(coded["which"]), values=values)
