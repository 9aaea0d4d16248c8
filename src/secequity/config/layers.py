"""A layer of a study file as a frozen model: the keys of every kind."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from secequity.config.sections import RESERVED, FileKeys, Name, Strict
from secequity.words import Body, DecayFamily, Kind, Reach

OWN_SECTION: dict[str, Kind] = {"route": "routes", "track": "tracks", "surface": "surface"}
"""The section that belongs to one kind of layer alone."""


class ReachSection(Strict):
    """How far a post serves: where it stands, a catchment around it, or its jurisdiction."""

    method: Reach = "within"
    radius_m: float | None = Field(None, gt=0)
    minutes: float | None = Field(None, gt=0)
    decay: DecayFamily = "binary"
    scale: float | None = Field(None, gt=0)
    measure: Literal["two_step", "spatial_availability"] = "two_step"
    costs: str | None = None
    elevation: str | None = None
    path: str | None = None
    id: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.method == "jurisdiction" and self.path is None:
            raise ValueError("needs:path")
        if self.method == "catchment":
            if self.radius_m is None and self.minutes is None:
                raise ValueError("needs:radius_m")
            if self.radius_m is not None and self.minutes is not None:
                raise ValueError("one:radius_m,minutes")
            if self.minutes is not None and self.elevation is None and self.costs is None:
                raise ValueError("needs:elevation")
            if self.elevation is not None and (self.minutes is None or self.costs is not None):
                raise ValueError("needs:minutes" if self.minutes is None else "one:elevation,costs")
        return self


class ShareSection(Strict):
    """What areas of service are shared out by, besides nesting: rasters of people or of built-up ground."""

    population: str | None = None
    built_up: str | None = None
    outside: Literal["inhabited", "empty"] = "inhabited"


class RouteSection(Strict):
    """Patrol routes: a column of the file or one number for all."""

    times_per_week: str | float
    crew: str | float
    minutes: str | float | None = None
    speed_kmh: str | float | None = None
    visibility_m: float = Field(25.0, ge=0)
    shift: str | None = None
    streets: str | None = None
    where: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_duration(self) -> Self:
        if (self.minutes is None) == (self.speed_kmh is None):
            raise ValueError("needs:minutes" if self.minutes is None else "one:minutes,speed_kmh")
        return self


class TrackSection(Strict):
    """GPS positions: which columns they are in, and what counts as presence."""

    unit: str | None = None
    time: str = "time"
    time_zone: str | None = None
    time_format: str | None = None
    crew: float = Field(1.0, gt=0)
    max_gap_s: float = Field(300.0, gt=0)
    max_speed_kmh: float = Field(160.0, gt=0)
    bases: str | None = None
    park_radius_m: float = Field(60.0, gt=0)
    park_minutes: float = Field(10.0, gt=0)
    still_minutes: float | None = Field(240.0, gt=0)
    period: tuple[str, str] | None = None
    weeks: float | None = Field(None, gt=0)


class SurfaceSection(Strict):
    """A raster: what is taken from its cells."""

    statistic: Literal["sum", "mean", "weighted_mean"] = "sum"
    band: int | None = Field(None, ge=1)
    weights: str | None = None


class LayerSection(FileKeys):
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
    weeks: float | None = Field(None, gt=0)
    ledger: bool = True
    shifts: dict[Name, float] = Field(default_factory=dict)
    reach: ReachSection = ReachSection()
    share: ShareSection = ShareSection()
    route: RouteSection | None = None
    track: TrackSection | None = None
    surface: SurfaceSection | None = None
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
        if name in RESERVED:
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
        if self.weeks is not None and self.kind != "counts":
            raise ValueError("kind:weeks,counts")
        if self.kind != "counts" and self.path is None:
            raise ValueError("needs:path")
        if self.shifts and self.hours_per_week is None:
            raise ValueError("needs:hours_per_week")
        if self.kind == "jurisdictions" and not self.counted:
            raise ValueError("needs:staff")
        for section, kind in OWN_SECTION.items():
            given = getattr(self, section) is not None
            if given and self.kind != kind:
                raise ValueError(f"kind:{section},{kind}")
            if not given and self.kind == kind and section != "surface":
                raise ValueError(f"needs:{section}")
        return self
