"""Every result shows itself in a notebook: a sentence and a table, whatever the data are called."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import secequity
from secequity.results import Shown

HOSTILE = "<script>alert(1)</script>\"'&"


class Tags(HTMLParser):
    """The tags of a piece of markup and the words between them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: dict[str, str] = {}
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name: value or "" for name, value in attrs}
        if tag not in ("br", "meta", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def modules() -> list[str]:
    found = pkgutil.walk_packages(secequity.__path__, "secequity.")
    return [one.name for one in found if not one.name.endswith("__main__")]


def kinds(of: type = Shown) -> Iterator[type]:
    """Every class of results in the package, by its own name."""
    for one in of.__subclasses__():
        if one.__module__.startswith("secequity."):
            yield one
        yield from kinds(one)


@pytest.fixture(scope="module")
def made() -> Iterator[list[Shown]]:
    """What the examples of the documentation make: at least one result of each class.

    A `__new__` that was set is replaced by a plain one and never deleted: Python would then refuse every argument.
    """
    results: list[Shown] = []

    def new(kind: type, *_: Any, **__: Any) -> Any:
        one = object.__new__(kind)
        results.append(one)
        return one

    def plain(kind: type, *_: Any, **__: Any) -> Any:
        return object.__new__(kind)

    setattr(Shown, "__new__", new)  # noqa: B010
    loaded = [importlib.import_module(name) for name in modules()]
    own = {one.__module__ for one in kinds()}
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    names = {part for module in own for part in (module, module.rpartition(".")[0])}
    for module in loaded:
        if module.__name__ in names or any(getattr(module, kind.__name__, None) is kind for kind in kinds()):
            for test in finder.find(module):
                runner.run(test, out=lambda _: None)
    setattr(Shown, "__new__", plain)  # noqa: B010
    yield results


def test_each_class_of_results_shows_a_sentence_and_a_table(made: list[Shown]) -> None:
    shown = {type(one): one for one in made}
    assert not {one.__name__ for one in kinds()} - {one.__name__ for one in shown}, "no example makes one"
    for kind, one in shown.items():
        read = Tags(one._repr_html_())
        assert not read.open, kind.__name__
        assert read.tags.count("table") == 1, kind.__name__
        assert len(one.to_frame()) > 0, kind.__name__
        first = str(one.summary()).split("\n")[0]
        assert len(first) > 5, kind.__name__
        assert first in read.words, kind.__name__


def test_a_result_named_like_markup_stays_text() -> None:
    class Named(Shown):
        def to_frame(self) -> pd.DataFrame:
            return pd.DataFrame({HOSTILE: [HOSTILE]}, index=[HOSTILE])

        def summary(self, language: str = "en") -> str:
            return HOSTILE

    read = Tags(Named()._repr_html_())
    assert "script" not in read.tags
    assert read.words.count(HOSTILE) == 4


def test_the_results_of_a_study_show_its_findings(demo_results: Any) -> None:
    markup = demo_results._repr_html_()
    read = Tags(markup)
    assert not read.open
    assert "236.8" in read.words
    assert "script" not in read.tags


def test_the_map_shows_itself_inside_the_page(demo_results: Any) -> None:
    markup = demo_results.map("es")._repr_html_()
    read = Tags(markup)
    assert "iframe" in read.tags
    assert read.attributes.get("srcdoc", "").lower().startswith("<!doctype html>")
    assert escape(demo_results.title["es"]) in read.attributes["srcdoc"]
    assert "http:" not in read.attributes.get("src", "")
