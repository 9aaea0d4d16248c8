"""The lines of a proposed study file: keys with a word about each, blanks and decisions marked."""

from __future__ import annotations

import json
from collections.abc import Mapping

from secequity.template.folder import Part
from secequity.texts import Language, text

BLANK = "???"
COMMENT_AT = 36


def quoted(value: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


class Page:
    """Lines of the study file, and the decisions that were offered already: each is explained once."""

    def __init__(self, language: Language) -> None:
        self.lines: list[str] = []
        self.language = language
        self.offered: set[str] = set()

    def say(self, key: str, **values: str) -> None:
        """A comment on lines of its own."""
        self.lines += [f"# {line}".rstrip() for line in text(f"init.{key}", self.language, **values).split("\n")]

    def section(self, header: str, key: str = "", *, off: bool = False) -> None:
        self.lines.append("")
        if key:
            self.say(key)
        self.lines.append(f"# {header}" if off else header)

    def put(
        self,
        key: str,
        value: str,
        note: str = "",
        *,
        off: bool = False,
        mark: bool = False,
        said: Mapping[str, str] | None = None,
    ) -> None:
        """`key = value` with a note behind it. off : as a comment · mark : the user must complete or decide it."""
        line = f"{'# ' if off else ''}{key} = {value}"
        note = text(f"init.{note}", self.language, **(said or {})) if note else ""
        note = f"COMPLETE: {note}" if mark else note
        self.lines.append(f"{line:<{COMMENT_AT}}# {note}" if len(line) < COMMENT_AT and note else
                          f"{line}   # {note}" if note else line)  # fmt: skip

    def known(self, key: str, value: str | None, note: str, **said: str) -> None:
        """A key that was recognised, or its blank."""
        self.put(key, quoted(value or BLANK), note, mark=value is None, said=said)

    def offer(self, key: str, value: str, *, needed: bool = False, note: str = "") -> None:
        """A decision only the user can take, as a comment: the first time, and wherever the data call for it."""
        note = note or key
        if needed or note not in self.offered:
            self.put(key, value, f"decide.{note}", off=True, mark=needed)
        self.offered.add(note)

    def inside(self, part: Part) -> None:
        """The layer or sheet of a file that has several."""
        if part.inside is not None:
            self.put("layer" if part.shapes is not None else "sheet", quoted(part.inside), "inside")
