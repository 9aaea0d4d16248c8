"""Places that cannot be read or written: no permission, a full disk half way, folders of other people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from city import City, command, digests
from spoiling import Previous, finished

NOBODY = 65534
AS_NOBODY = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from city import command
from pathlib import Path
verb, study, spare, *folders = sys.argv[2:]
assert command("run", study, "--out", spare).exit_code == 0
os.setgroups([]), os.setgid({nobody}), os.setuid({nobody})
told = [command(verb, study, *(["--out", one] if verb == "run" else []), "--language", "en") for one in folders]
print(json.dumps([[one.exit_code, one.output] for one in told]))
"""
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from secequity.cli import main
main()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def as_another(verb: str, study: Path, *folders: Path) -> list[tuple[int, str]]:
    """What the command line says to a user without special rights, for each output folder."""
    if os.geteuid() != 0:
        told = [command(verb, study, *(["--out", one] if verb == "run" else []), "--language", "en") for one in folders]
        return [(one.exit_code, one.output) for one in told]
    words = [Path(__file__).parent, verb, study, study.parent / "spare", *folders]
    code = AS_NOBODY.format(nobody=NOBODY)
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)
    if "PermissionError" in done.stderr:
        pytest.skip("another user may not read this Python, so permissions cannot be tested as root")
    assert done.returncode == 0, done.stderr
    return [(code, output) for code, output in json.loads(done.stdout)]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_no_permission_to_write(place: Path) -> None:
    out, before = finished(place)
    for folder in (place, out):
        folder.chmod(0o555)
    try:
        told = as_another("run", place / "study.toml", out, place / "new", place / "deep" / "new")
    finally:
        for folder in (place, out):
            folder.chmod(0o755)
    for code, output in told:
        assert code == 1
        assert f"no permission to write in {place}" in output
        assert "choose a folder of your own with --out; nothing was touched" in output
        assert "Traceback" not in output
    assert digests(out) == before


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_no_permission_to_read(place: Path) -> None:
    study = City(place).file()
    (place / "censo.csv").chmod(0o600 if os.geteuid() == 0 else 0)
    ((code, output),) = as_another("check", study, place)
    assert code == 1
    assert "neighbourhoods.tables: no permission to read censo.csv · ask the owner" in output
    study.chmod(0o600 if os.geteuid() == 0 else 0)
    ((code, output),) = as_another("check", study, place)
    assert code == 1
    assert f"no permission to read the study file {study} · ask its owner" in output


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files")
@pytest.mark.parametrize("limit", [100, 30_000, 100_000])
def test_a_disk_full_half_way(limit: int, place: Path) -> None:
    """The first file that is too long is a table, the GeoPackage, the map."""
    out, before = finished(place)
    words = ["run", place / "study.toml", "--out", out, "--language", "en", "--quiet"]
    code = LIMITED.format(limit=limit)
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert f"writing to {out} failed: the disk is full" in done.stderr
    assert "the previous results are untouched" in done.stderr
    assert "Traceback" not in done.stderr
    assert digests(out) == before
    assert sorted(one.name for one in place.iterdir() if one.name.startswith(".")) == []


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
    assert b"46?600 residents" in done.stdout
