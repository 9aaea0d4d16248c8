"""A layer of a study file as a frozen model: the keys of every kind."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from secequity.config.sections import FileSection, Name, Strict
from secequity.words import Body, Kind, Reach


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
