"""Every example in a docstring is true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import secequity

MODULES = ["secequity", *(found.name for found in pkgutil.walk_packages(secequity.__path__, "secequity."))]


@pytest.mark.parametrize("name", [one for one in MODULES if not one.endswith("__main__")])
def test_the_examples_of_a_module(name: str) -> None:
    said = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert said.failed == 0


def test_there_are_examples() -> None:
    found = doctest.DocTestFinder()
    assert sum(len(one.examples) for name in ("decay", "zones") for one in found.find(_module(name))) > 0


def _module(name: str) -> object:
    return importlib.import_module(f"secequity.{name}")
