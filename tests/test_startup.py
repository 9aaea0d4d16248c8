"""The command's process: libraries that are named and not used are read when they are, and by others as ever."""

from __future__ import annotations

import subprocess
import sys

READ = "import sys; from secequity.startup import enter, prepare; prepare(); enter('secequity.study');"
UNUSED = "{'sklearn', 'numba', 'requests', 'bs4'}"


def told(code: str, *, before: str = "") -> str:
    done = subprocess.run([sys.executable, "-c", before + READ + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_study_is_read_without_the_libraries_it_does_not_use() -> None:
    assert told(f"print('libpysal.graph' in sys.modules, {UNUSED} & sys.modules.keys())") == "True set()"


def test_who_uses_one_of_them_gets_its_own_answer() -> None:
    """Three points on a line, matched to the nearest; scikit-learn measures how far they are apart."""
    code = (
        "from libpysal.graph import _kernel;"
        "print(_kernel.metrics.pairwise_distances([[0.0], [3.0], [4.0]]).tolist());"
        "print(_kernel.neighbors.BallTree.__module__.split('.')[0]);"
        "import sklearn; print(sklearn.__version__.count('.') > 0)"
    )
    assert told(code).split("\n") == ["[[0.0, 3.0, 4.0], [3.0, 0.0, 1.0], [4.0, 1.0, 0.0]]", "sklearn", "True"]


def test_other_libraries_that_name_them_read_them_as_ever() -> None:
    code = (
        "import esda, importlib.util, mapclassify;"
        "from requests import Session; from requests.adapters import HTTPAdapter;"
        "print(isinstance(Session(), Session), importlib.util.find_spec('bs4') is not None);"
        "print(mapclassify.Quantiles([1, 2, 3, 4], k=2).bins.tolist())"
    )
    assert told(code).split("\n") == ["True True", "[2.5, 4.0]"]


def test_a_library_that_wants_more_of_them_gets_it() -> None:
    """As if a later libpysal took a class of a submodule at its top."""
    code = (
        "from secequity.startup import put_off\n"
        "sys.modules.pop('sklearn', None)\n"
        "try:\n"
        "    with put_off(): from sklearn.cluster import KMeans\n"
        "except ImportError: from sklearn.cluster import KMeans\n"
        "print(KMeans.__name__)"
    )
    assert told(code) == "KMeans"


def test_a_library_that_is_there_already_stays() -> None:
    assert told("print(requests is sys.modules['requests'])", before="import requests;") == "True"


def test_at_the_end_nothing_is_looked_through_again() -> None:
    seen = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0));"
    assert told("", before=seen) == "True"
