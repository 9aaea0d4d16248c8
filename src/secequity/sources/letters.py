"""Broken letters in the names and ids of a file: refused, or repaired where the study asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import pandas as pd

from secequity.checks import Findings
from secequity.config import FileKeys
from secequity.sources import cells

Frame = TypeVar("Frame", bound=pd.DataFrame)


def mended(frame: Frame, columns: Iterable[str], section: FileKeys, *, found: Findings) -> Frame | None:
    """The frame with the broken UTF-8 of `columns` repaired where the study asks for it, or problems with the cells."""
    whole = True
    for column in dict.fromkeys(columns):
        text = cells.as_text(frame[column])
        bad = cells.broken(text)
        if not bad.any():
            continue
        read = cells.repaired(text[bad])
        lost = text[bad][cells.broken(read)]
        if len(lost):
            found.error("mojibake_lost", _once(map(cells.shown, lost)), file=section.file, column=column)
        elif section.mojibake == "error":
            said = [f"{cells.shown(old)} → {cells.shown(new)}" for old, new in zip(text[bad], read, strict=True)]
            found.error("mojibake", _once(said), file=section.file, column=column)
        else:
            found.notice("mojibake_repaired", _once(map(cells.shown, read)), file=section.file, column=column)
            frame = frame.assign(**{column: text.where(~bad, cells.repaired(text))})
        whole = whole and section.mojibake == "repair" and not len(lost)
    return frame if whole else None


def _once(said: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(said))
