"""The walls stay where they were drawn: stairs only go down, one door per library, a light import."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "secequity"

FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(floor.split())
    for floor in (
        "startup texts words parallel garbage",
        "errors demo palette",
        "checks records results privacy boundaries",
        "config",
        "sources",
        "zones weights rates template transfer costs decay engines shares",
        "coverage participation",
        "ledger equity consistency profiles surveys reporting",
        "autocorrelation inference regression burden",
        "reweighting",
        "gaps inequality segregation",
        "specifications aggregation",
        "hypotheses",
        "analysis",
        "wording",
        "findings",
        "maps",
        "figures geopackage",
        "report",
        "outputs",
        "study",
        "cli",
        "__main__",
    )
)
"""From the ground up; rooms of one floor do not know each other."""

DOORS = {
    "pydantic": {"config"},
    "typer": {"cli"},
    "rich": {"cli"},
    "folium": {"maps"},
    "branca": {"maps"},
    "mapclassify": set(),
    "jinja2": {"report", "maps"},
    "esda": set(),
    "libpysal": {"weights", "autocorrelation", "analysis", "regression", "specifications", "aggregation", "hypotheses"},
    "pyogrio": {"sources"},
    "rasterio": {"sources", "costs"},
    "exactextract": {"sources", "transfer"},
    "pyproj": {"sources", "checks"},
    "pyarrow": {"sources", "engines"},
    "dask": {"engines"},
    "distributed": {"engines"},
    "sedonadb": {"engines"},
    "matplotlib": {"figures"},
    "spreg": {"regression"},
    "openpyxl": set(),
}
"""Which rooms may import which library; `libpysal.graph.Graph` is a noun and may be named in signatures."""

HEAVY = ("esda", "libpysal", "folium", "rasterio", "matplotlib", "geopandas", "pandas", "scipy", "mapclassify")


def room_of(file: Path) -> str:
    return file.relative_to(SRC).parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    """Every module imported anywhere in a file, but under `if TYPE_CHECKING`."""
    found: set[str] = set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms_imported(file: Path) -> set[str]:
    own = {one.split(".")[1] for one in imports_of(file) if one.startswith("secequity.")}
    return {one for one in own if (SRC / one).is_dir() or (SRC / f"{one}.py").is_file()}


FILES = sorted(SRC.rglob("*.py"))


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(file) for file in FILES} - {"__init__"}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_stairs_only_go_down(file: Path) -> None:
    room = room_of(file)
    if room == "__init__":
        return
    height = {one: level for level, floor in enumerate(FLOORS) for one in floor}
    upward = {one for one in rooms_imported(file) - {room} if height[one] >= height[room]}
    assert not upward, f"{room} (floor {height[room]}) imports {sorted(upward)}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_one_door_per_library(file: Path) -> None:
    room = room_of(file)
    libraries = {one.split(".")[0] for one in imports_of(file)}
    strangers = {one for one in libraries & DOORS.keys() if room not in DOORS[one]}
    assert not strangers, f"{room} imports {sorted(strangers)}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_rooms_stay_small(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 410
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= 60, f"{node.name} has {lines} lines below its docstring"


def test_importing_the_package_loads_no_library() -> None:
    code = f"import sys, secequity; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_library() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from secequity.cli import app;"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0;"
        f"print([one for one in {HEAVY!r} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_both_languages_say_the_same_things() -> None:
    from string import Formatter

    from secequity.texts import catalogue

    spanish, english = catalogue("es"), catalogue("en")
    assert spanish.keys() == english.keys()
    for key in spanish:
        blanks = [{name for _, name, _, _ in Formatter().parse(one[key]) if name} for one in (spanish, english)]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_sentence_is_written_twice(language: str) -> None:
    files = sorted((SRC / "catalogue" / language).glob("*.json"))
    keys = [key for file in files for key, _ in json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)]
    assert not {key for key in keys if keys.count(key) > 1}


def test_every_problem_has_its_sentences() -> None:
    """Each code named in the sources has a `problem.` and a `remedy.` sentence, and no sentence is orphaned."""
    from secequity.texts import catalogue

    words = {
        node.value
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    told = {key.partition(".")[2] for key in catalogue("en") if key.startswith("problem.")}
    assert told == {key.partition(".")[2] for key in catalogue("en") if key.startswith("remedy.")}
    sources = "\n".join(file.read_text(encoding="utf-8") for file in FILES)
    stems = {one for one in re.findall(r'f"(\w+?_?)\{', sources) if len(one) > 3}
    silent = {code for code in told - words if not any(code.startswith(stem) for stem in stems)}
    assert not silent - {"posts_at_zero_kept", "posts_without_coordinates_kept"}, "sentences that no code speaks"
