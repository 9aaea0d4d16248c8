"""The whole study file as one model, and how it is read."""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from secequity.checks import Findings, nearest
from secequity.config import complaints
from secequity.config.layers import LayerSection
from secequity.config.models import LevelSection, RegressionSection, SpecificationsSection
from secequity.config.people import RatesSection, SegregationSection
from secequity.config.sections import (
    AutocorrelationSection,
    ByLanguage,
    EquitySection,
    GapSection,
    HypothesesSection,
    MapSection,
    Name,
    NeighbourhoodsSection,
    ParticipationSection,
    PrivacySection,
    ReportingSection,
    Strict,
    StudySection,
    SurveySection,
    ZonesSection,
)

SHIFTS = {"day": (6.0, 14.0), "evening": (14.0, 22.0), "night": (22.0, 6.0)}
LINE = re.compile(r" \(at line (\d+), column \d+\)")


class Config(Strict):
    """One study file. Paths are still as written; `folder` is what they are relative to."""

    folder: Path
    file: Path
    study: StudySection
    neighbourhoods: NeighbourhoodsSection
    zones: ZonesSection
    layers: tuple[LayerSection, ...] = Field(min_length=1)
    shifts: dict[Name, tuple[float, float]] = Field(default_factory=lambda: dict(SHIFTS))
    participation: ParticipationSection | None = None
    surveys: tuple[SurveySection, ...] = ()
    reporting: ReportingSection | None = None
    rates: RatesSection = RatesSection()
    equity: EquitySection = EquitySection()
    gap: GapSection = GapSection()
    segregation: SegregationSection = SegregationSection()
    autocorrelation: AutocorrelationSection = AutocorrelationSection()
    regression: RegressionSection = RegressionSection()
    specifications: SpecificationsSection = SpecificationsSection()
    levels: tuple[LevelSection, ...] = ()
    hypotheses: HypothesesSection = HypothesesSection()
    privacy: PrivacySection = PrivacySection()
    map: MapSection = MapSection()
    labels: dict[str, ByLanguage] = Field(default_factory=dict)


def read_config(path: Path, found: Findings) -> Config | None:
    """The study file as a `Config`, or nothing and every reason why on `found`."""
    before = len(found.errors)
    config = inspect_config(path, found)
    return config if len(found.errors) == before else None


def inspect_config(path: Path, found: Findings) -> Config | None:
    """The study file as far as it is right, so that its data are looked at too; what is wrong is on `found`."""
    raw = _toml(path, found)
    if raw is None:
        return None
    try:
        config = Config.model_validate({**raw, "folder": path.resolve().parent, "file": path.resolve()})
    except ValidationError as error:
        complaints.report(error, Config, path.name, found)
        return _what_is_right(error, raw, path)
    repeated = {one.name for one in config.layers if [other.name for other in config.layers].count(one.name) > 1}
    if repeated:
        found.error("layers_repeated", sorted(repeated), file=path.name)
        return None
    named = [name.casefold() for name in (*(one.name for one in config.layers), *(one.name for one in config.surveys))]
    twice = sorted({one.name for one in config.surveys if named.count(one.name.casefold()) > 1})
    if twice:
        found.error("surveys_repeated", twice, file=path.name)
    return config


def _what_is_right(error: ValidationError, raw: dict[str, Any], path: Path) -> Config | None:
    """The study without what is wrong in its file, so that its data are looked at all the same."""
    kept = deepcopy(raw)
    layers: dict[Any, Any] = dict(enumerate(kept["layers"])) if isinstance(kept.get("layers"), list) else {}
    for one in error.errors():
        place = one["loc"]
        if place[0] == "layers" and len(place) > 1 and one["type"] != "extra_forbidden":
            layers.pop(place[1], None)
        elif one["type"] == "extra_forbidden":
            _forget(kept, place)
        elif place[0] not in ("study", "neighbourhoods", "zones", "layers"):
            kept.pop(str(place[0]), None)
    try:
        kept["layers"] = list(layers.values())
        return Config.model_validate({**kept, "folder": path.resolve().parent, "file": path.resolve()})
    except ValidationError:
        return None


def _forget(kept: dict[str, Any], place: tuple[int | str, ...]) -> None:
    """Take one unknown key out of (nested) sections."""
    inner: Any = kept
    for step in place[:-1]:
        inner = inner[int(step)] if isinstance(inner, list) else inner.get(step)
        if not isinstance(inner, dict | list):
            return
    if isinstance(inner, dict):
        inner.pop(place[-1], None)


def _toml(path: Path, found: Findings) -> dict[str, Any] | None:
    """What the file says, or why it cannot be read."""
    try:
        if path.is_dir():
            found.error("study_is_folder", file=str(path))
            return None
        if not path.is_file():
            close = nearest(path.name, [one.name for one in path.parent.glob("*.toml")] if path.parent.is_dir() else [])
            found.error("study_absent", file=str(path), near=close and f" → {close}?")
            return None
        written = path.read_bytes()
    except OSError:
        found.error("study_unreadable", file=str(path))
        return None
    try:
        text = written.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = written[: error.start].count(b"\n") + 1
        found.error("study_encoding", [f"#{line}"], file=path.name)
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        said = text.splitlines()[line - 1 : line]
        reason = str(error).replace(at[0], "") if at else str(error)
        found.error("study_not_toml", [f"#{line}: {one.strip()}" for one in said], file=path.name, reason=reason)
        return None
