"""Places that cannot be read or written: no permission, a full disk half way, folders of other people."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from city import City, command, digests
from spoiling import Previous, finished

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def another_user() -> Iterator[None]:
    """This process without the rights of root, to whom nothing is forbidden."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextmanager
def longest_file(limit: int) -> Iterator[None]:
    """A disk on which no file can be longer than so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ["out", "new", "deep/new"])
def test_no_permission_to_write(name: str, place: Path) -> None:
    out, before = finished(place)
    for folder in (place, out):
        folder.chmod(0o555)
    try:
        with another_user():
            done = command("run", place / "study.toml", "--out", place / name, "--language", "en")
    finally:
        for folder in (place, out):
            folder.chmod(0o755)
    assert done.exit_code == 1
    assert f"no permission to write in {place / name} · choose a folder of your own with --out" in done.output
    assert "Traceback" not in done.output
    assert digests(out) == before


@pytest.mark.parametrize("name", ["censo.csv", "barrios.gpkg", "comisarias.csv"])
def test_no_permission_to_read(name: str, place: Path) -> None:
    study = City(place).file()
    assert command("check", study).exit_code == 0
    (place / name).chmod(0o600 if os.geteuid() == 0 else 0)
    with another_user():
        done = command("check", study, "--language", "en")
    assert done.exit_code == 1
    assert f"no permission to read {name} · ask the owner of the file for permission, or copy it" in done.output
    assert done.output.count("\n  1. ") == 1
    assert "\n  2. " not in done.output


@pytest.mark.parametrize("hidden", ["study.toml", "."])
def test_no_permission_to_read_the_study_file(hidden: str, place: Path) -> None:
    study = City(place).file()
    (place / hidden).chmod(0o700 if os.geteuid() == 0 else 0)
    try:
        with another_user():
            done = command("check", study, "--language", "en")
    finally:
        (place / hidden).chmod(0o755)
    assert done.exit_code == 1
    assert f"no permission to read the study file {study} · ask its owner" in done.output


@pytest.mark.parametrize("limit", [100, 1_000, 30_000, 100_000])
def test_a_disk_full_half_way(limit: int, tmp_path: Path) -> None:
    """The first file that is too long is a table, the Parquet file, the GeoPackage, the map."""
    out, before = finished(tmp_path)
    with longest_file(limit):
        done = command("run", tmp_path / "study.toml", "--out", out, "--language", "en", "--quiet")
    assert done.exit_code == 1
    assert f"writing to {out} failed: the disk is full" in done.output
    assert "the previous results are untouched" in done.output
    assert "Traceback" not in done.output
    assert digests(out) == before
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Previous:
    return finished(tmp_path_factory.mktemp("good"))


def test_a_folder_of_other_people(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tesis.docx").write_text("años de trabajo")
    done = command("run", City(tmp_path).file(), "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "holds files that secequity did not write · tesis.docx · choose an empty or new folder" in done.stderr
    assert (tmp_path / "out" / "tesis.docx").read_text() == "años de trabajo"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mis notas")
    done = command("run", City(tmp_path).file(), "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "is a file, not a folder" in done.stderr
    assert (tmp_path / "out").read_text() == "mis notas"


def test_what_the_user_keeps_among_the_results_stays(tmp_path: Path) -> None:
    out, _ = finished(tmp_path)
    (out / "carta.txt").write_text("al alcalde")
    assert command("run", tmp_path / "study.toml", "--out", out).exit_code == 0
    assert (out / "carta.txt").read_text() == "al alcalde"


@pytest.mark.parametrize("broken", [b"", b"{", b'{"study": 1}'])
def test_results_that_cannot_be_drawn_again(broken: bytes, tmp_path: Path) -> None:
    out, _ = finished(tmp_path)
    (out / "summary.json").write_bytes(broken)
    before = digests(out)
    done: Any = command("render", out, "--language", "en")
    assert done.exit_code == 1
    assert "the results cannot be read" in done.stderr
    assert "run the study again" in done.stderr
    assert digests(out) == before


def test_a_study_file_that_is_not_there(tmp_path: Path, previous: Previous) -> None:
    City(tmp_path).file()
    out, before = previous
    done = command("run", tmp_path / "studi.toml", "--out", out, "--language", "en")
    assert done.exit_code == 1
    assert "studi.toml does not exist → study.toml? · check the path" in done.stderr
    assert digests(out) == before


def test_a_console_without_the_letters(tmp_path: Path) -> None:
    """Windows pipes in cp1252, which has no narrow space."""
    study = City(tmp_path).file()
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    words = [sys.executable, "-m", "secequity", "check", str(study)]
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert b"residents: 46?600" in done.stdout


def test_more_neighbours_than_places_are_told_by_check(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.study["autocorrelation"] = {"weights": "knn:9"}
    done = command("check", city.file())
    assert done.exit_code == 1
    assert "9" in done.output and "8" in done.output
