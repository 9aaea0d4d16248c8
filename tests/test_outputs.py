"""Outputs are written all or nothing, keep what is not ours, and can be drawn again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from secequity import outputs
from secequity.errors import ConfigError
from secequity.results import MORE, TABLES
from secequity.texts import catalogue


def test_an_interruption_leaves_the_previous_results_untouched(
    demo_results: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = demo_results.write(tmp_path / "out")
    before = {one: one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}

    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(outputs.report, "brief", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo_results.write(folder)
    assert {one: one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_other_files_in_the_folder_stay(demo_results: Any, tmp_path: Path) -> None:
    folder = demo_results.write(tmp_path / "out")
    (folder / "notes.txt").write_text("for the hearing", encoding="utf-8")
    demo_results.write(folder)
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "for the hearing"
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_other_files_is_refused(demo_results: Any, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"thesis\.docx"):
        demo_results.write(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_in_the_way_is_refused(demo_results: Any, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match="is a file"):
        demo_results.write(tmp_path / "out")


def test_render_draws_the_same_pages_from_the_files_alone(demo_results: Any, tmp_path: Path) -> None:
    folder = demo_results.write(tmp_path / "out")
    pages = {name: (folder / name).read_text(encoding="utf-8") for name in ("report.html", "brief.html")}
    for name in (*pages, "map.html"):
        (folder / name).unlink()
    outputs.render(folder, language=None, step=lambda _: None)
    assert {name: (folder / name).read_text(encoding="utf-8") for name in pages} == pages
    outputs.render(folder, language="en", step=lambda _: None)
    assert '<html lang="en"' in (folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in (folder / "map.html").read_text(encoding="utf-8")


def test_render_refuses_a_folder_without_results(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no results"):
        outputs.render(tmp_path, language=None, step=lambda _: None)


def test_render_says_when_the_results_are_broken(demo_results: Any, tmp_path: Path) -> None:
    folder = demo_results.write(tmp_path / "out")
    (folder / "summary.json").write_text('{"study": {}}', encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        outputs.render(folder, language=None, step=lambda _: None)


def test_what_is_read_again_is_what_was_written(demo_results: Any, tmp_path: Path) -> None:
    again = outputs.read(demo_results.write(tmp_path / "out"))
    for name in (
        "gaps",
        "inequality",
        "autocorrelation",
        "ledger",
        "hypotheses",
        "measures",
        "shifts",
        "register",
        "ranking",
    ):
        left, right = getattr(again, name), getattr(demo_results, name)
        left, right = left.convert_dtypes(), right.convert_dtypes()
        pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-12)
    assert again.notices == demo_results.notices
    assert json.dumps(again.options) == json.dumps(json.loads(json.dumps(demo_results.options)))


def test_no_text_of_a_table_runs_as_a_formula() -> None:
    table = pd.DataFrame({"id": ["=1+1", "+51", "-x", "@cmd", "050101"], "hours": [-1.0, 2.0, 3.0, 4.0, 5.0]})
    safe = outputs.spreadsheet_safe(table)
    assert safe["id"].tolist() == ["'=1+1", "'+51", "'-x", "'@cmd", "050101"]
    assert safe["hours"].tolist() == [-1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_table_is_explained_beside_the_tables(language: str) -> None:
    told = {key.removeprefix("table.") for key in catalogue(language) if key.startswith("table.")}
    assert told == TABLES.keys() | MORE.keys()


def test_a_spanish_spreadsheet_finds_its_letters_and_how_to_read_the_columns(demo_folder: Path) -> None:
    for table in (demo_folder / "tables").glob("*.csv"):
        assert table.read_bytes().startswith(b"\xef\xbb\xbf"), table.name
        assert next(iter(pd.read_csv(table).columns)).isascii()
    told = (demo_folder / "tables" / "LEEME-README.txt").read_text(encoding="utf-8-sig")
    assert "coma" in told and "decimal" in told
    assert all(f"{table.name}:" in told for table in (demo_folder / "tables").glob("*.csv"))
