"""Files as the study names them: found or not, and identified so that a number can be traced to its bytes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from secequity.checks import Findings, nearest

SIDECARS = (".dbf", ".shx", ".prj", ".cpg", ".DBF", ".SHX", ".PRJ", ".CPG")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One input file: its path as the study writes it, what it was used for, its rows and the digest of its bytes."""

    file: str
    use: str
    sha256: str
    bytes: int
    modified: str
    rows: int


def locate(folder: Path, written: str, *, use: str, found: Findings) -> Path | None:
    """The file a study means by `written` (relative to `folder`; `$NAME` is an environment variable), or a problem."""
    expanded = os.path.expandvars(written)
    unset = re.findall(r"\$\{?(\w+)\}?", expanded)
    try:
        path = folder / (written if (folder / written).exists() else expanded)
        if unset and not path.exists():
            found.error("variable_unset", file=written, variable=unset[0], use=use)
            return None
        return _checked(path, written, use=use, found=found)
    except OSError:
        found.error("file_unreadable", file=written, use=use)
        return None


def _checked(path: Path, written: str, *, use: str, found: Findings) -> Path | None:
    if path.is_dir() and path.suffix != ".gdb":
        found.error("file_is_folder", file=written, use=use)
        return None
    if not path.exists():
        turned = written.replace("\\", "/")
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        close = turned if turned != written else nearest(path.name, beside)
        found.error("file_absent", file=written, use=use, near=close and f" → {close}?")
        return None
    if not os.access(path, os.R_OK):
        found.error("file_unreadable", file=written, use=use)
        return None
    if path.is_file() and path.stat().st_size == 0:
        found.error("file_empty", file=written, use=use)
        return None
    return path


def identify(path: Path, written: str, *, use: str, rows: int) -> list[Source]:
    """The provenance of a file; a shapefile is as many files as it has parts."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts += [path.with_suffix(end) for end in SIDECARS if path.with_suffix(end).is_file()]
    return [
        Source(
            file=str(Path(written).with_suffix(part.suffix)),
            use=use,
            sha256=_digest(part),
            bytes=part.stat().st_size,
            modified=datetime.fromtimestamp(part.stat().st_mtime, UTC).date().isoformat(),
            rows=rows,
        )
        for part in parts
        if part.is_file()
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_columns(columns: list[str], wanted: Mapping[str, str | None], *, file: str, found: Findings) -> bool:
    """Whether every wanted column (`{study key: column}`) is there; an absent one is a problem with its nearest name.

    A file without any column is another problem: the part that holds them is missing.
    """
    if not columns:
        found.error("columns_none", file=file)
        return False
    complete = True
    for key, column in wanted.items():
        if column is not None and column not in columns:
            close = nearest(column, columns)
            shown = ", ".join(columns[:12]) + (" …" if len(columns) > 12 else "")
            found.error(
                "column_unknown", file=file, key=key, column=column, near=close and f" → {close}?", columns=shown
            )
            complete = False
    return complete
