"""The sections of a study file, but its layers, as frozen models."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    StringConstraints,
    field_validator,
    model_validator,
)

from secequity.texts import Language
from secequity.words import Activity, NormKind, ParticipationForm, SurveyKind

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
ByLanguage = str | dict[Language, str]
Weights = Annotated[
    str, StringConstraints(pattern=r"^(queen|rook|knn:[1-9]\d*|distance:(0*[1-9]\d*(\.\d+)?|0*\.0*[1-9]\d*))$")
]
ReportedShare = Annotated[float, Field(gt=0, le=1)]
Separator = Annotated[str, StringConstraints(min_length=1, max_length=1)]
RESERVED = ("participation", "quota", "own", "official", "zone", "name", "population", "id", "geometry")
"""Names of columns and of what every study has, which no layer and no survey may bear."""
WEIGHTS_FORMS = "queen, rook, knn:4, distance:1500"
ENCODINGS = "utf-8, cp1252, latin-1, utf-16"
SEPARATORS = '",", ";", "\\t", "|"'


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class StudySection(Strict):
    title: ByLanguage
    language: Language = "es"
    seed: int = Field(0, ge=0)
    crs: str | None = None
    note: ByLanguage = ""


class FileKeys(Strict):
    """How any file is read; every key but `path` is a decision that the user may have to take for us."""

    path: str | None = None
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


class FileSection(FileKeys):
    """A section that needs a file."""

    path: str


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
    plaza: tuple[float, float] | None = None
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


class ParticipationSection(FileSection):
    form: ParticipationForm = "log"
    id: str
    activity: str | None = None
    activities: dict[str, str] = {}
    people: str | None = None
    times: str | None = None
    hours: str | None = None
    impute_hours: dict[Activity, PositiveFloat] = {}
    amount: str | None = None
    members: str | None = None
    date: str | None = None
    date_format: str | None = None
    period_days: int | None = Field(None, ge=1)
    support: str | None = None
    supports: dict[str, str] = {}
    support_empty: Literal["none", "unknown"] = "unknown"
    support_on: Literal["row", "period"] = "row"
    officials: str | None = None
    silent: Literal["zero", "missing"] = "zero"
    weeks: float = Field(52, gt=0)
    wage_per_hour: float | None = Field(None, gt=0)
    quota_in_ledger: bool = False
    adults: str | None = None
    income: str | None = None
    income_period: Literal["week", "month", "year"] = "month"
    earners: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.form == "stations" and self.members is None:
            raise ValueError("needs:members")
        if self.form != "stations" and self.activity is None:
            raise ValueError("needs:activity")
        if self.quota_in_ledger and self.wage_per_hour is None:
            raise ValueError("needs:wage_per_hour")
        if self.times is not None and self.form != "summary":
            raise ValueError("form:times,summary")
        if self.members is not None and self.form != "stations":
            raise ValueError("form:members,stations")
        return self


class SurveySection(FileSection):
    name: Name
    kind: SurveyKind
    id: str | None = None
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    people: str | int | None = None
    unsafe: str | None = None
    unsafe_words: tuple[str, ...] = ()
    weight: str | None = None
    cluster: str | None = None
    share: str | None = None
    unit: Literal["percent", "share"] = "percent"
    n: str | None = None
    n_effective: str | None = None
    fear_cut: float | None = None
    coverage: str = "official_hours_per_1000"
    coverage_cut: float | None = None

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError(f"reserved:{name}")
        return name

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"walk": ("people",), "respondents": ("id", "unsafe"), "summary": ("id", "share", "n")}
        for key in needed[self.kind]:
            if getattr(self, key) is None:
                raise ValueError(f"needs:{key}")
        if (self.x is None) != (self.y is None):
            raise ValueError("pair:x,y")
        return self


class ReportingSection(Strict):
    crime: str
    rates: tuple[ReportedShare, ...] = Field((0.1, 0.155, 0.3), min_length=1)


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


class GapSection(Strict):
    needs: tuple[str, ...] = ()


class AutocorrelationSection(Strict):
    weights: Weights = "queen"
    permutations: int = Field(9999, ge=99)
    fdr: float = Field(0.05, gt=0, lt=1)
    snap_m: float = Field(0.5, ge=0)


class HypothesesSection(Strict):
    need: str | None = None
    need_unit: Literal["percent", "count"] = "percent"
    exclusion: str | None = None
    lag: int = Field(6, ge=1)
    smallest_ratio: float = Field(1.25, gt=1)
    smallest_share: float = Field(0.1, gt=0, lt=1)
    smallest_slope: float = Field(0.35, gt=0)
    smallest_log_odds: float = Field(0.7, gt=0)
    smallest_relation: float = Field(0.2, gt=0, lt=1)


class PrivacySection(Strict):
    k: int = Field(5, ge=3)


class MapSection(Strict):
    basemap: str | None = None
