"""What a study is asked often is worked out once, and forgotten with the study."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from weakref import ref

import pytest

from secequity import outputs
from secequity.results import StudyTables, once_a_study


@pytest.fixture(scope="module")
def tables(demo_folder: Path) -> StudyTables:
    return outputs.read(demo_folder)


def test_a_question_is_worked_out_once_a_study_and_wording(tables: StudyTables) -> None:
    asked: list[str] = []

    @once_a_study
    def title(tables: StudyTables, language: str) -> str:
        asked.append(language)
        return tables.title[language]

    other = replace(tables, title={"es": "otra", "en": "another"})
    told = [title(tables, "es"), title(tables, "en"), title(other, "en"), title(tables, "es"), title(other, "en")]
    assert told == [tables.title["es"], tables.title["en"], "another", tables.title["es"], "another"]
    assert asked == ["es", "en", "en"]


def test_a_study_is_let_go_with_its_answers(tables: StudyTables) -> None:
    @once_a_study
    def rows(tables: StudyTables) -> int:
        return len(tables.neighbourhoods)

    short = replace(tables)
    gone = ref(short)
    assert rows(short) == 150
    del short
    gc.collect()
    assert gone() is None
