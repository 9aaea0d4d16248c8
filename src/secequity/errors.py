"""What can go wrong, said in three parts: what is wrong with which input · which ids or rows · what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from secequity.texts import catalogue, text

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong (or worth saying) about one input, speakable in every language of the catalogue.

    `code` names the sentences `problem.<code>` and `remedy.<code>`; `values` fill their blanks; `which` are the ids or
    rows it is about, of which the first five are shown with how many there are. A value may itself be a `Problem`, or
    `@key` of a sentence of the catalogue: it is spoken in the same language.
    """

    code: str
    which: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def what(self, language: str = "en") -> str:
        """The first part: what is wrong with which input."""
        return text(f"problem.{self.code}", language, **self._spoken(language))

    def ids(self, language: str = "en") -> str:
        """The second part: which ids or rows, the first five and how many."""
        if not self.which:
            return ""
        shown = ", ".join(self.which[:SHOWN])
        if len(self.which) <= SHOWN:
            return shown
        return text("ids.more", language, shown=shown, total=len(self.which))

    def remedy(self, language: str = "en") -> str:
        """The third part: what to do."""
        return text(f"remedy.{self.code}", language, **self._spoken(language))

    def _spoken(self, language: str) -> dict[str, Any]:
        return {name: _spoken(value, language) for name, value in self.values.items()}

    def say(self, language: str = "en") -> str:
        """The three parts in one line."""
        return " · ".join(part for part in (self.what(language), self.ids(language), self.remedy(language)) if part)


def _spoken(value: object, language: str) -> object:
    if isinstance(value, Problem):
        return value.what(language)
    spoken = isinstance(value, str) and value.startswith("@") and value[1:] in catalogue(language)
    return text(str(value)[1:], language) if spoken else value


def problem(code: str, which: Iterable[object] = (), **values: Any) -> Problem:
    """A `Problem` about the ids or rows `which`."""
    return Problem(code=code, which=tuple(str(one) for one in which), values=values)


class SecEquityError(Exception):
    """Base of every error of this package; carries all the problems found, not the first one."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(one.say() for one in problems))

    def __reduce__(self) -> tuple[type[SecEquityError], tuple[Problem, ...]]:
        """An error raised by a worker elsewhere arrives here with its problems."""
        return type(self), self.problems


class LayerError(SecEquityError, ValueError):
    """Values, points or polygons that cannot be used."""


class AlignmentError(SecEquityError, ValueError):
    """Two inputs that do not speak of the same neighbourhoods."""


class ConfigError(SecEquityError, ValueError):
    """A study that cannot be run as written."""


class PrivacyError(SecEquityError, ValueError):
    """Data about people that must not enter or leave the program."""


class MissingDependency(SecEquityError, ImportError):
    """An optional library that the asked-for result needs."""


class SolverError(SecEquityError, RuntimeError):
    """An optimisation that did not come to an answer."""


class SecEquityWarning(UserWarning):
    """The answer is right but narrower than asked."""
