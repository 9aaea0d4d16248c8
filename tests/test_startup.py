"""The command's process: prepared before libraries are read, and nothing amiss in what they answer."""

from __future__ import annotations

import subprocess
import sys

PREPARED = "import sys; from secequity.startup import prepare; prepare();"


def told(code: str, *, before: str = "") -> str:
    done = subprocess.run([sys.executable, "-c", before + PREPARED + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_graph_is_read_without_the_libraries_that_no_study_uses() -> None:
    code = (
        "from libpysal.graph import Graph;"
        "print(sorted({one.split('.')[0] for one in sys.modules} & {'sklearn', 'numba', 'requests', 'bs4'}),"
        "sorted(one for one in sys.modules if one.startswith(('sklearn.', 'numba.', 'requests.', 'bs4.'))))"
    )
    assert told(code) == "['bs4', 'numba', 'requests', 'sklearn'] ['sklearn.metrics', 'sklearn.neighbors']"


def test_who_uses_one_of_them_gets_its_own_answer() -> None:
    """Three points on a line, matched to the nearest; scikit-learn measures how far they are apart."""
    code = (
        "from libpysal.graph import _kernel;"
        "print(_kernel.metrics.pairwise_distances([[0.0], [3.0], [4.0]]).tolist());"
        "import sklearn; print(sklearn.__version__.count('.') > 0)"
    )
    assert told(code).split("\n") == ["[[0.0, 3.0, 4.0], [3.0, 0.0, 1.0], [4.0, 1.0, 0.0]]", "True"]


def test_a_library_that_is_there_already_stays() -> None:
    assert told("print(requests is sys.modules['requests'])", before="import requests;") == "True"


def test_at_the_end_nothing_is_looked_through_again() -> None:
    seen = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0));"
    assert told("", before=seen) == "True"
