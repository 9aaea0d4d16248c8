"""`study.toml` as frozen models: what a study may say, and every way in which it says something else."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from secequity.checks import Findings, nearest
from secequity.texts import Language
from secequity.words import Body, Kind, NormKind, Reach

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
ByLanguage = str | dict[Language, str]
Weights = Annotated[
    str, StringConstraints(pattern=r"^(queen|rook|knn:[1-9]\d*|distance:(0*[1-9]\d*(\.\d+)?|0*\.0*[1-9]\d*))$")
]
Separator = Annotated[str, StringConstraints(min_length=1, max_length=1)]
WEIGHTS_FORMS = "queen, rook, knn:4, distance:1500"
ENCODINGS = "utf-8, cp1252, latin-1, utf-16"
SEPARATORS = '",", ";", "\\t", "|"'
LINE = re.compile(r" \(at line (\d+), column \d+\)")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class StudySection(Strict):
    title: ByLanguage
    language: Language = "es"
    seed: int = Field(0, ge=0)
    crs: str | None = None
    note: ByLanguage = ""


class FileSection(Strict):
    """How any file is read; every key but `path` is a decision that the user may have to take for us."""

    path: str
    layer: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    separator: Separator | None = None
    decimal: Literal[".", ","] | None = None
    mojibake: Literal["error", "repair"] = "error"
    zero_pad: int | None = Field(None, ge=1, le=40)
    aliases: dict[str, str] = {}

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        if encoding is not None:
            try:
                codecs.lookup(encoding)
            except LookupError:
                raise ValueError(f"expected:{ENCODINGS}") from None
        return encoding

    @property
    def file(self) -> str:
        """The file's own name, as messages give it."""
        return Path(self.path).name if self.path else ""


class TableSection(FileSection):
    id: str
    columns: dict[Name, str] | list[str] | None = None
    missing: Literal["error", "keep"] = "error"
    extra: Literal["error", "ignore"] = "error"


class NeighbourhoodsSection(FileSection):
    id: str
    name: str | None = None
    population: str
    population_scale: float | None = Field(None, gt=0)
    columns: dict[Name, str] | list[str] | None = None
    ids: tuple[str, ...] | None = None
    crs: str | None = None
    uninhabited: Literal["error", "keep"] = "error"
    overlaps: Literal["error", "keep"] = "error"
    tables: tuple[TableSection, ...] = ()


class ZonesSection(Strict):
    centre_ids: tuple[str, ...] | None = None
    column: str | None = None
    centre: tuple[str, ...] | None = None
    path: str | None = None
    layer: str | None = None
    point: tuple[float, float] | None = None
    radius_m: float | None = Field(None, gt=0)
    crs: str | None = None
    density_per_km2: float | None = Field(None, gt=0)
    missing: Literal["error", "keep"] = "error"

    @property
    def ways(self) -> list[str]:
        """Which of the five ways to draw the line are used."""
        given = {
            "centre_ids": self.centre_ids,
            "column": self.column,
            "path": self.path,
            "point": self.point,
            "density_per_km2": self.density_per_km2,
        }
        return [way for way, value in given.items() if value is not None]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.ways) != 1:
            raise ValueError(f"zones:{','.join(self.ways)}")
        pairs = {"column": ("centre", self.centre), "point": ("radius_m", self.radius_m)}
        for way, (partner, value) in pairs.items():
            if (self.ways == [way]) != (value is not None):
                raise ValueError(f"pair:{way},{partner}")
        return self


class ReachSection(Strict):
    method: Reach = "within"
    radius_m: float | None = Field(None, gt=0)
    decay: str | None = None
    path: str | None = None
    id: str | None = None


class LayerSection(FileSection):
    path: str | None = None  # type: ignore[assignment]
    name: Name
    body: Body
    kind: Kind
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    id: str | None = None
    post_name: str | None = None
    staff: str | tuple[str, ...] | None = None
    column: str | tuple[str, ...] | None = None
    unit: str | None = None
    hours_per_week: float | None = Field(None, gt=0, le=168)
    reach: ReachSection = ReachSection()
    missing: Literal["error", "keep"] = "error"
    extra: Literal["error", "ignore"] = "error"

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns that are counted, added up: `staff`, or `column`, which means the same."""
        given = self.staff or self.column or ()
        return (given,) if isinstance(given, str) else given

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in ("own", "official", "zone", "name", "population", "id", "geometry"):
            raise ValueError(f"reserved:{name}")
        return name

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.staff and self.column and self.staff != self.column:
            raise ValueError("both:staff,column")
        if (self.x is None) != (self.y is None):
            raise ValueError("pair:x,y")
        if self.kind == "counts" and not self.counted:
            raise ValueError("needs:staff")
        if self.kind == "counts" and self.path is not None and self.id is None:
            raise ValueError("needs:id")
        if self.kind != "counts" and self.path is None:
            raise ValueError("needs:path")
        return self


class ParticipationSection(FileSection):
    id: str
    activity: str
    activities: dict[str, str] = {}
    people: str | None = None
    hours: str | None = None
    amount: str | None = None
    weeks: float = Field(52, gt=0)


class EquitySection(Strict):
    rank_by: str | None = None
    rank_order: Literal["poor_is_high", "poor_is_low"] | None = None
    norm_per_1000: float | None = Field(None, gt=0)
    norm_source: str | None = None
    norm_kind: NormKind | None = None
    level: float = Field(0.95, gt=0.5, lt=1)
    replicates: int = Field(9999, ge=199)

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.norm_per_1000 is not None and (self.norm_source is None or self.norm_kind is None):
            raise ValueError("norm:")
        return self


class AutocorrelationSection(Strict):
    weights: Weights = "queen"
    permutations: int = Field(9999, ge=99)
    fdr: float = Field(0.05, gt=0, lt=1)
    snap_m: float = Field(0.5, ge=0)


class PrivacySection(Strict):
    k: int = Field(5, ge=3)


class MapSection(Strict):
    basemap: str | None = None


class Config(Strict):
    """One study file. Paths are still as written; `folder` is what they are relative to."""

    folder: Path
    file: Path
    study: StudySection
    neighbourhoods: NeighbourhoodsSection
    zones: ZonesSection
    layers: tuple[LayerSection, ...] = Field(min_length=1)
    participation: ParticipationSection | None = None
    equity: EquitySection = EquitySection()
    autocorrelation: AutocorrelationSection = AutocorrelationSection()
    privacy: PrivacySection = PrivacySection()
    map: MapSection = MapSection()
    labels: dict[str, ByLanguage] = {}


def read_config(path: Path, found: Findings) -> Config | None:
    """The study file as a `Config`, or nothing and every reason why on `found`."""
    raw = _toml(path, found)
    if raw is None:
        return None
    try:
        config = Config.model_validate({**raw, "folder": path.resolve().parent, "file": path.resolve()})
    except ValidationError as error:
        for one in _distinct(error):
            _translate(one, path.name, found)
        return None
    repeated = {one.name for one in config.layers if [other.name for other in config.layers].count(one.name) > 1}
    if repeated:
        found.error("layers_repeated", sorted(repeated), file=path.name)
        return None
    return config


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


def _distinct(error: ValidationError) -> list[Mapping[str, Any]]:
    """The complaints of pydantic, one a key: a union complains once a member, and a misspelt key is also missing."""
    said = error.errors()
    misspelt = {
        (one["loc"][:-1], nearest(str(one["loc"][-1]), _known_keys(one["loc"])))
        for one in said
        if one["type"] == "extra_forbidden"
    }
    kept: dict[str, Mapping[str, Any]] = {}
    for one in said:
        if one["type"] == "missing" and (one["loc"][:-1], one["loc"][-1]) in misspelt:
            continue
        kept.setdefault(f"{_place(one['loc'])} {one['msg'] if one['type'] == 'value_error' else ''}", one)
    return list(kept.values())


def _translate(error: Mapping[str, Any], file: str, found: Findings) -> None:
    """One complaint of pydantic as one problem in the user's words."""
    place = _place(error["loc"])
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ")
    section, _, key = place.rpartition(".")
    word, _, told = message.partition(":")
    if kind == "extra_forbidden":
        close = nearest(str(error["loc"][-1]), _known_keys(error["loc"]))
        found.error("key_unknown", file=file, key=place, near=close and f" → {close}?")
    elif kind == "missing":
        _lacks(file, key or place, section, found)
    elif kind == "value_error" and word == "needs":
        _lacks(file, told, place, found)
    elif kind == "value_error" and word == "zones":
        found.error("zones_ways", file=file, given=told.replace(",", ", ") or "–")
    elif kind == "value_error" and word == "pair":
        first, second = told.split(",")
        found.error("key_pair", file=file, section=place, first=first, second=second)
    elif kind == "value_error" and word == "both":
        found.error("key_both", file=file, section=place)
    elif kind == "value_error" and word == "norm":
        found.error("norm_source", file=file)
    elif kind == "value_error" and word == "reserved":
        found.error("name_reserved", file=file, name=told)
    else:
        expected = told if word == "expected" else _expected(error)
        found.error("key_value", file=file, key=place, value=_shown(error.get("input")), expected=expected)


def _lacks(file: str, key: str, section: str, found: Findings) -> None:
    """A key, or a whole section, that is not there."""
    if section:
        found.error("key_missing", file=file, key=key, section=f"[{section}]")
    else:
        found.error("section_missing", file=file, section="[[layers]]" if key == "layers" else f"[{key}]")


def _place(location: tuple[Any, ...]) -> str:
    """Where in the file: `layers[2].kind`, counting from one."""
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step + 1}]"
        elif not ((place and step in ("str", "tuple", "dict", "list", "function-after")) or "[" in str(step)):
            place += f".{step}" if place else str(step)
    return place


def _expected(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    key = next((step for step in reversed(error["loc"]) if isinstance(step, str) and step in EXPECTED), "")
    if "expected" in context:
        return str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if key:
        return EXPECTED[key]
    for bound, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
        if bound in context:
            return f"{sign} {context[bound]}"
    return EXPECTED_TYPES.get(error["type"], "–")


EXPECTED = {
    "weights": WEIGHTS_FORMS,
    "separator": SEPARATORS,
    "columns": '{ name = "column" }, ["column"]',
    "point": "[-74.2257, -13.1604]",
    "centre_ids": '["050101", "050104"]',
    "ids": '["050101", "050104"]',
    "centre": '["Centro"]',
    "title": '"…", { es = "…", en = "…" }',
    "name": "a–z, 0–9, _",
}
EXPECTED_TYPES = {
    "string_type": '"…"',
    "int_parsing": "1, 2, 3 …",
    "int_type": "1, 2, 3 …",
    "int_from_float": "1, 2, 3 …",
    "float_type": "1.5",
    "float_parsing": "1.5",
    "finite_number": "1.5",
    "too_short": "≥ 1",
    "tuple_type": "[…]",
    "list_type": "[…]",
    "dict_type": "{ … }",
    "model_type": "[section]",
    "string_pattern_mismatch": "a–z, 0–9, _",
}


def _shown(value: object) -> str:
    said = {True: "true", False: "false"}.get(value, repr(value)) if isinstance(value, bool) else repr(value)
    said = said.replace("'", '"')
    return said if len(said) <= 60 else f"{said[:57]}…"


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    """The keys allowed beside the last step of `location`."""
    model: type[BaseModel] = Config
    for step in location[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            inner = _model_of(model.model_fields[step].annotation)
            if inner is None:
                return []
            model = inner
    return [one for one in model.model_fields if one not in ("folder", "file")]


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_of(part)
        if found is not None:
            return found
    return None
