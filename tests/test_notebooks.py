"""Every notebook runs from top to bottom in this interpreter, and is stored without its outputs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of this very interpreter, whatever others the machine knows, and nothing left in the user's home.

    tqdm, which esda imports, complains in a kernel without ipywidgets; that is not this package's to mend.
    """
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    command = f'["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"]'
    (folder / "kernel.json").write_text(f'{{"argv": {command}, "display_name": "Python 3", "language": "python"}}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))


def test_there_are_notebooks() -> None:
    names = ["01_first_map.ipynb", "02_coverage.ipynb", "03_segregation_hypothesis.ipynb", "04_participation.ipynb"]
    assert [path.name for path in NOTEBOOKS] == names


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in NOTEBOOKS])
def test_a_notebook_is_stored_without_outputs(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.id for cell in cells if cell.outputs or cell.execution_count is not None] == []


def executed(path: Path, tmp_path: Path) -> Any:
    """The notebook with its outputs, run on copies of the data beside it; not a word of complaint is allowed."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("huamanga", "studies"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [(cell.id, one) for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]
    complaints = [(cell, one.text) for cell, one in outputs if one.output_type == "stream" and one.name == "stderr"]
    assert complaints == []
    return notebook


def shown(notebook: Any) -> str:
    """Everything the notebook prints or shows as text or as a table."""
    outputs = [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]
    printed = [one.text for one in outputs if one.output_type == "stream"]
    data = [one.data for one in outputs if "data" in one]
    return "\n".join([*printed, *(one.get("text/html", one.get("text/plain", "")) for one in data)])


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in NOTEBOOKS])
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECEQUITY_DATA", raising=False)
    notebook = executed(path, tmp_path)
    if path.name.startswith("04"):
        assert "Set SECEQUITY_DATA to a folder" in shown(notebook)


@pytest.mark.real
@pytest.mark.usefixtures("kernels")
def test_the_notebook_on_participation_reads_the_public_data(data_folder: Path, tmp_path: Path) -> None:
    """What its text quotes of Ayacucho is what it computes there."""
    notebook = executed(ROOT / "notebooks" / "04_participation.ipynb", tmp_path)
    told = shown(notebook)
    assert "Set SECEQUITY_DATA" not in told
    assert "SAN JUAN BAUTISTA" in told
    for figure in ("1.358", "0.918", "0.895", "0.258"):
        assert figure in told
    assert "coverage_gap: cannot tell" in told
