"""What the tests share: the embedded city, its results, the real data where they are, a browser without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

ROOT = Path(__file__).parents[1]
HUAMANGA = ROOT / "data" / "huamanga"
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the real public data, or a plain word that these tests were skipped."""
    named = os.environ.get("SECEQUITY_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "peru_lima").is_dir():
        pytest.skip("the real public data are not here: set SECEQUITY_DATA to their folder to run these tests")
    os.environ["SECEQUITY_DATA"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def demo_results() -> Any:
    """The results of the embedded city, computed once."""
    import secequity as se

    return se.read_study(HUAMANGA / "study.toml").run()


@pytest.fixture(scope="session")
def demo_folder(demo_results: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the embedded city's results, written once."""
    folder: Path = demo_results.write(tmp_path_factory.mktemp("results") / "demo")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, or a plain word that these tests were skipped."""
    if not CHROMIUM.is_file():
        pytest.skip("Debian's chromium is not installed: apt-get install chromium to run these tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as client:
        browser = client.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()
