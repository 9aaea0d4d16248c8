"""What the reader of a layer is given, and what it hands back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from secequity import privacy
from secequity.checks import Findings
from secequity.config import LayerSection
from secequity.engines import Told, silent
from secequity.errors import Problem, SecEquityError
from secequity.sources import cells, files, joined, people, vector
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.words import EngineName

FOLLOWS = {"elevation_facilities_off": "elevation_neighbourhoods_off"}
"""Problems that say nothing new where the one that they follow from is said."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Counted:
    """What a layer gives each neighbourhood.

    amount : by neighbourhood id, in the layer's unit. status : why an amount is absent, if not plainly missing.
    points : posts, columns `name`, `amount`, `neighbourhood`. by_shift : hours a week by neighbourhood id and shift.
    participants : where the amount counts hours, how many people they lead back to, by neighbourhood id.
    more : further columns by their ending (`km_per_week`, `covered_share` …), by neighbourhood id.
    """

    amount: pd.Series
    status: pd.Series | None = None
    points: gpd.GeoDataFrame | None = None
    by_shift: pd.DataFrame | None = None
    participants: pd.Series | None = None
    more: Mapping[str, pd.Series] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One layer to read for a city, and where to put problems and provenance."""

    section: LayerSection
    city: Neighbourhoods
    folder: Path
    k: int
    found: Findings
    sources: list[files.Source]
    engine: EngineName = "auto"
    told: Told = silent

    @property
    def places(self) -> gpd.GeoDataFrame:
        """The neighbourhoods: `name`, `population`, geometry in metres."""
        return self.city.frame

    def path(self, written: str | None, *, rows: int = 0) -> Path | None:
        """A file the layer names, identified for the manifest; or nothing and the reason on `found`."""
        if written is None:
            return None
        path = files.locate(self.folder, written, use=self.section.name, found=self.found)
        if path is not None:
            self.sources.extend(files.identify(path, written, use=self.section.name, rows=rows))
        return path

    def shapes(self, written: str, *, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame | None:
        """The features of a vector file in the CRS of the city, by row."""
        path = files.locate(self.folder, written, use=self.section.name, found=self.found)
        if path is None:
            return None
        name = Path(written).name
        frame = vector.read_vector(path, file=name, found=self.found, layer=layer, encoding=self.section.encoding)
        if frame is None:
            return None
        self.sources.extend(files.identify(path, written, use=self.section.name, rows=len(frame)))
        if self.is_of_participants and written == self.section.path:
            nobody = (*self.places.index, *self.places["name"])
            if not people.refuse_people(frame, file=name, found=self.found, known=nobody, points=True):
                return None
        key = f"[[layers]] {self.section.name}: crs"
        known = vector.with_crs(frame, crs, file=name, key=key, found=self.found)
        if known is None:
            return None
        target = self.places.crs.to_string()
        metric = vector.in_metres(known, target, file=name, found=self.found)
        return None if metric is None else metric.set_axis(pd.Index([str(at + 1) for at in metric.index], name="row"))

    def columns(self, frame: pd.DataFrame, wanted: Mapping[str, str | None], *, file: str) -> bool:
        """Whether the columns that the layer's keys name are there; each absent one is a problem."""
        keys = {f"[[layers]] {self.section.name}: {key}": column for key, column in wanted.items()}
        return files.require_columns([str(one) for one in frame.columns], keys, file=file, found=self.found)

    def numbers(self, frame: pd.DataFrame, column: str, *, file: str) -> pd.Series | None:
        """A column of amounts: numbers, none negative; missing ones are a problem unless the study accepts them."""
        about = {"file": file, "column": column}
        sign = "" if frame.index.name == "id" else "#"
        rows = pd.Series([f"{sign}{row}" for row in frame.index], index=frame.index)
        named = self.section.model_copy(update={"path": file})
        private = self.is_of_participants
        read = joined.numbers(frame[column].set_axis(rows), named, found=self.found, of_people=private)
        if read is None:
            return None
        values = read.set_axis(frame.index)
        if (values < 0).any():
            self.found.error("counts_negative", rows[values < 0], **about)
            return None
        absent = values.isna()
        if absent.any() and self.section.missing == "error":
            self.found.error("counts_missing", rows[absent], layer=self.section.name, **about)
            return None
        if absent.any():
            self.found.notice("counts_missing_kept", rows[absent], layer=self.section.name, **about)
        return values

    def staff(self, frame: pd.DataFrame, *, file: str) -> pd.Series | None:
        """The layer's staff columns added up; a missing part makes the sum missing."""
        parts = [self.numbers(frame, column, file=file) for column in self.section.counted]
        known = [one for one in parts if one is not None]
        if not known or len(known) < len(parts):
            return None
        total: pd.Series = pd.concat(known, axis=1).sum(axis=1, skipna=False)
        return total.rename("amount")

    def text(self, column: pd.Series) -> pd.Series:
        """Cells as text, with the layer's aliases applied."""
        return cells.as_ids(column, zero_pad=self.section.zero_pad, aliases=self.section.aliases)

    @property
    def is_of_participants(self) -> bool:
        """Whether the layer counts residents, of whom no figure may lead back to fewer than the study's `k`."""
        return self.section.body in privacy.PARTICIPANTS

    def misses(self) -> None:
        """Nothing of the layer lies in the city, which is a mistake and no lack of service."""
        self.found.error("layer_misses", file=self.section.file, layer=self.section.name)

    @contextmanager
    def guarded(self, **files: str) -> Iterator[None]:
        """What a method refuses joins the problems of the study, under the file's name instead of the argument's."""
        try:
            yield
        except SecEquityError as refusal:
            codes = {one.code for one in refusal.problems}
            causes = [one for one in refusal.problems if FOLLOWS.get(one.code) not in codes]
            self.found.errors.extend(_under(one, files) for one in causes)


def _under(refused: Problem, files: Mapping[str, str]) -> Problem:
    """The problem with the names of a method's arguments replaced by those of the files they were read from."""
    spoken = {key: files.get(one, one) if isinstance(one, str) else one for key, one in refused.values.items()}
    return replace(refused, values=spoken)
