"""The command line as a user meets it: exit codes, languages, plain lines when piped, no traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from secequity.cli import app

HUAMANGA = Path(__file__).parents[1] / "data" / "huamanga" / "study.toml"

runner = CliRunner()


def test_demo_writes_a_map_and_says_where(tmp_path: Path) -> None:
    done = runner.invoke(app, ["demo", "--out", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    assert str(tmp_path / "demo" / "map.html") in done.stdout
    assert (tmp_path / "demo" / "map.html").is_file()
    assert [f"  {at}. " in done.stdout for at in (1, 2, 3)] == [True] * 3


def test_run_speaks_the_language_asked_for(tmp_path: Path) -> None:
    done = runner.invoke(app, ["run", str(HUAMANGA), "--out", str(tmp_path / "out"), "--language", "en"])
    assert done.exit_code == 0, done.output
    assert "Findings:" in done.stdout
    assert "Hallazgos" not in done.output
    assert '<html lang="en"' in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")


def test_quiet_says_nothing(tmp_path: Path) -> None:
    done = runner.invoke(app, ["run", str(HUAMANGA), "--out", str(tmp_path / "out"), "--quiet"])
    assert done.exit_code == 0
    assert done.output == ""


def test_check_writes_nothing(tmp_path: Path) -> None:
    done = runner.invoke(app, ["check", str(HUAMANGA)])
    assert done.exit_code == 0, done.output
    assert "150" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [["run"], ["fly"], ["run", "x.toml", "--speed", "2"], ["check", "x.toml", "--language", "qu"]]
)
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 2


def test_problems_come_all_at_once_in_the_language_of_the_study(tmp_path: Path) -> None:
    study = shutil.copytree(HUAMANGA.parent, tmp_path / "huamanga") / "study.toml"
    text = HUAMANGA.read_text(encoding="utf-8")
    text = text.replace('staff = "policias"', 'staff = "polisias"').replace('staff = "serenos"', 'staff = "sereno"')
    study.write_text(text, encoding="utf-8")
    done = runner.invoke(app, ["check", str(study)])
    assert done.exit_code == 1
    assert "4 problemas" in done.stderr
    assert "«polisias»" in done.stderr
    assert "→ policias?" in done.stderr
    assert "→ serenos?" in done.stderr


def test_an_unexpected_error_is_one_sentence_and_debug_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import secequity.study

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(secequity.study, "inspect_study", broken)
    done = runner.invoke(app, ["check", str(HUAMANGA)])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert "ZeroDivisionError: a bug" in done.stderr
    assert "--debug" in done.stderr
    assert isinstance(runner.invoke(app, ["check", str(HUAMANGA), "--debug"]).exception, ZeroDivisionError)


def test_piped_output_has_plain_lines(tmp_path: Path) -> None:
    """The real command in a process of its own, with a name in its path that has a space and an accent."""
    out = tmp_path / "presentación final"
    command = [sys.executable, "-m", "secequity", "run", str(HUAMANGA), "--out", str(out)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=os.environ | {"PYTHONIOENCODING": "utf-8"}
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "· Dibujando el mapa" in done.stderr
    assert str(out / "map.html") in done.stdout


def test_progress_moves_on_a_terminal(tmp_path: Path) -> None:
    """The real command on a pseudo-terminal: a bar that moves to its end."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "secequity", "run", str(HUAMANGA), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        said = b"".join(iter(lambda: _read(ours), b""))
        assert process.wait() == 0
    shown = said.decode("utf-8", "replace")
    assert "\x1b[" in shown
    assert "100%" in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
