"""The documentation holds: links lead somewhere, its Python runs, and it lists what the program has."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import re
import runpy
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import secequity as se
from secequity import config
from secequity.cli import app
from secequity.config import layers
from secequity.config.study_file import SHIFTS
from secequity.results import MORE, TABLES
from secequity.words import Kind

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
METHODS = DOCS / "methods"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ROOMS = [name for name in se.__all__ if inspect.ismodule(getattr(se, name))]
RUNNING = [ROOT / "README.md", *(page for page in sorted(METHODS.glob("*.md")) if page.stem != "README")]
DOCTESTS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def named(pages: list[Path]) -> list[Any]:
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages]


@pytest.fixture
def beside_the_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to work in, with the embedded city where the repository has it."""
    shutil.copytree(ROOT / "data" / "huamanga", tmp_path / "data" / "huamanga")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Links


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers of Markdown make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", named(PAGES))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_no_page_is_left_out_of_its_index() -> None:
    for index in (DOCS / "README.md", METHODS / "README.md"):
        links = set(re.findall(r"\]\(([^)#\s]+)", index.read_text(encoding="utf-8")))
        pages = {page.name for page in index.parent.glob("*.md")} - {"README.md"}
        assert pages <= links, f"{index}: {sorted(pages - links)}"


# README


def test_readme_gives_the_two_commands_and_their_plain_forms() -> None:
    for command in ("make demo", "make test", "pip install", "secequity demo", "secequity init", "secequity check"):
        assert command in README, command


def test_readme_names_every_command() -> None:
    commands = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    assert [one for one in commands if f"secequity {one}" not in README] == []


def test_the_readmes_study_file_runs(beside_the_city: Path) -> None:
    """The worked example, with the files it says to copy."""
    written = re.search(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    assert written is not None
    folder = beside_the_city / "my_city"
    folder.mkdir()
    for name in re.findall(r'^path = "(.+?)"', written[1], flags=re.MULTILINE):
        assert f"data/huamanga/{name}" in README, f"the README does not say to copy {name}"
        shutil.copy(ROOT / "data" / "huamanga" / name, folder)
    (folder / "study.toml").write_text(written[1], encoding="utf-8")
    results = se.read_study(folder / "study.toml").run()
    assert results.neighbourhoods["police_amount"].sum() == 300
    assert results.gaps.set_index("measure")["ratio"].notna().all()


# Python


@pytest.mark.parametrize("page", named(RUNNING))
def test_the_python_of_the_documentation_runs(page: Path, beside_the_city: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks, f"{page.name} shows no Python"
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert test.examples, f"{page.name}: its Python is not written as a session (>>>)"
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=DOCTESTS)
    runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


# Methods


def measures() -> Iterator[tuple[str, Any]]:
    """Every public function of the rooms a user may enter, by its dotted name; readers of study files are none."""
    for room in ROOMS:
        module = importlib.import_module(f"secequity.{room}")
        for name in getattr(module, "__all__", dir(module)):
            function = getattr(module, name)
            if not inspect.isfunction(function) or name.startswith("_"):
                continue
            own = function.__module__.startswith(f"secequity.{room}")
            if own and "found" not in inspect.signature(function).parameters:
                yield f"se.{room}.{name}", function


def call(name: str, function: Any) -> str:
    """A function's call as its page writes it: names and defaults, no types."""
    signature = inspect.signature(function)
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    return f"{name}{signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)}"


@pytest.mark.parametrize(("name", "function"), [pytest.param(*one, id=one[0]) for one in measures()])
def test_every_measure_has_a_page_with_its_call(name: str, function: Any) -> None:
    calls = {line.strip("`") for page in METHODS.glob("*.md") for line in page.read_text(encoding="utf-8").splitlines()}
    assert call(name, function) in calls, f"no page of docs/methods holds the line `{call(name, function)}`"


def test_the_index_of_functions_lists_every_public_name() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    names = [name for name, _ in measures()] + [f"se.{name}" for name in se.__all__ if name not in ROOMS]
    assert [name for name in names if not re.search(rf"`{re.escape(name)}\b", page)] == []


@pytest.mark.parametrize("page", named(RUNNING[1:]))
def test_a_page_of_a_method_says_all_that_is_asked_of_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = ("Formula", "Unit and range", "How to read it", "How it is computed here", "Traps", "Python", "Source")
    assert [part for part in parts if f"**{part}.**" not in text] == []


# The study file


def sections() -> dict[str, type[BaseModel]]:
    """The headings of the page and the model behind each."""
    return {
        "[study]": config.StudySection,
        "[neighbourhoods]": config.NeighbourhoodsSection,
        "[[neighbourhoods.tables]]": config.TableSection,
        "[zones]": config.ZonesSection,
        "[[layers]]": config.LayerSection,
        "reach": config.ReachSection,
        "share": layers.ShareSection,
        "route": layers.RouteSection,
        "track": layers.TrackSection,
        "surface": layers.SurfaceSection,
        "[participation]": config.ParticipationSection,
        "[[surveys]]": config.SurveySection,
        "[reporting]": config.ReportingSection,
        "[rates]": config.RatesSection,
        "[equity]": config.EquitySection,
        "[gap]": config.GapSection,
        "[segregation]": config.SegregationSection,
        "[autocorrelation]": config.AutocorrelationSection,
        "[hypotheses]": config.HypothesesSection,
        "[regression]": config.RegressionSection,
        "[specifications]": config.SpecificationsSection,
        "[[specifications.zones]]": config.CascoSection,
        "[[levels]]": config.LevelSection,
        "[privacy]": config.PrivacySection,
        "[map]": config.MapSection,
    }


def default(field: FieldInfo) -> str:
    """A default as the page writes it."""
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "**required**"
    if value == layers.ShareSection() or value == {}:
        return "`{}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, config.ReachSection):
        return f'`{{ method = "{value.method}" }}`'
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`".replace("()", "[]")


def documented(heading: str) -> dict[str, str]:
    """The keys of a section of the page, each with its default."""
    page = (DOCS / "study_file.md").read_text(encoding="utf-8")
    found = re.search(rf"^## `?{re.escape(heading)}`?\n(.*?)(?=^## |\Z)", page, flags=re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/study_file.md has no section {heading}"
    return dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", found[1], flags=re.MULTILINE))


@pytest.mark.parametrize(("heading", "model"), list(sections().items()))
def test_the_page_of_the_study_file_lists_every_key_and_its_default(heading: str, model: type[BaseModel]) -> None:
    wanted = {name: default(field) for name, field in model.model_fields.items()}
    if issubclass(model, config.FileKeys):
        shared = set(config.FileKeys.model_fields) - {"path"}
        wanted = {name: value for name, value in wanted.items() if name not in shared}
    assert documented(heading) == wanted


def test_the_page_of_the_study_file_lists_the_keys_of_every_file() -> None:
    fields = {name: field for name, field in config.FileKeys.model_fields.items() if name != "path"}
    assert documented("How a file is read") == {name: default(field) for name, field in fields.items()}


def test_no_section_of_the_study_file_is_forgotten() -> None:
    def models(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
        yield of
        for field in of.model_fields.values():
            for inner in leaves(field.annotation):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    yield from models(inner)

    def leaves(annotation: Any) -> Iterator[Any]:
        parts = get_args(annotation)
        if not parts:
            yield annotation
        for part in parts:
            yield from leaves(part)

    assert set(models(config.Config)) == {config.Config, *sections().values()}
    top = {name for name in config.Config.model_fields if name not in ("folder", "file")}
    page = (DOCS / "study_file.md").read_text(encoding="utf-8")
    assert [name for name in top if not re.search(rf"^## `\[+{name}\]+`$", page, flags=re.MULTILINE)] == []


def test_the_page_of_the_study_file_has_a_valid_example_of_every_kind() -> None:
    page = (DOCS / "study_file.md").read_text(encoding="utf-8")
    written = tomllib.loads("".join(re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)))
    examples = [config.LayerSection(**one) for one in written["layers"]]
    assert {one.kind for one in examples} == set(get_args(Kind))
    assert {name: tuple(hours) for name, hours in written["shifts"].items()} == SHIFTS


# Errors, citation, changes


def test_the_page_of_errors_is_up_to_date() -> None:
    page = runpy.run_path(str(DOCS / "make_errors.py"))["page"]()
    written = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert written == page, "a sentence has changed: run python docs/make_errors.py"


def test_version_licence_and_changes_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {se.__version__}\n" in citation
    assert f"## [{se.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["license"]["text"] == "BSD-3-Clause"
    assert "license: BSD-3-Clause\n" in citation
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("BSD 3-Clause License")


def test_every_table_and_column_is_in_the_page_of_outputs() -> None:
    page = (DOCS / "outputs.md").read_text(encoding="utf-8")
    for name, columns in (TABLES | MORE).items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.split("|")[3].split() == [f"`{one}`," for one in columns[:-1]] + [f"`{columns[-1]}`"], name
