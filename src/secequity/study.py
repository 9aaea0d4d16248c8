"""One study held together: the file, the data it names, and the results. Everything here is done by rooms below."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from secequity import analysis, consistency, engines, figures, ledger, maps, outputs, zones
from secequity.checks import Findings
from secequity.config import ByLanguage, Config, inspect_config
from secequity.coverage.layers import Layer, read_layer
from secequity.errors import ConfigError, Problem
from secequity.participation import Participation, read_participation
from secequity.results import POSTS, StudyTables
from secequity.sources import neighbourhoods
from secequity.sources.files import Source
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.surveys import Survey, read_survey
from secequity.texts import LANGUAGES, Language
from secequity.words import EngineName

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes

Step = Callable[[str], None]
STEPS = ("measures", "weights", "gaps", "inequality", "autocorrelation")


@dataclass(frozen=True, kw_only=True, eq=False)
class Results(StudyTables):
    """The tables of a finished study, and the ways to show them."""

    @property
    def summary(self) -> dict[str, Any]:
        """What `summary.json` holds: every table as records, with `study`, `totals`, `warnings` and the findings."""
        return outputs.summary(self)

    def map(self, language: Language | None = None, *, basemap: str | None = None) -> folium.Map:
        """The interactive map; `.save("map.html")` writes one file that needs no network.

        basemap : address of online tiles (`https://…/{z}/{x}/{y}.png`) that a reader may switch on; none when left out.
        """
        return maps.build(self, language=language or self.language, basemap=basemap or self.options.get("basemap"))

    def plot(
        self,
        kind: Literal["map", "gaps", "ledger", "lorenz", "specifications", "gradient"] = "map",
        *,
        measure: str | None = None,
        language: Language | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """A figure for a paper or a slide, as matplotlib axes; see `secequity.figures.plot`.

        `.figure.savefig("figure.svg")` or `"figure.png"` writes it at print size.
        """
        return figures.plot(self, kind, measure=measure, language=language, ax=ax)

    def write(
        self, folder: str | os.PathLike[str], *, language: Language | None = None, step: Step = lambda _: None
    ) -> Path:
        """Every output of the contract into `folder`, all or nothing; the folder's previous results live until then.

        Raises
        ------
        ConfigError : the folder holds other people's files, or cannot be written.
        """
        return outputs.write(self, Path(folder), language=language or self.language, step=step)

    def __repr__(self) -> str:
        title, areas = self.title[self.language], len(self.neighbourhoods)
        return f"<Results of “{title}”: {areas} neighbourhoods, {len(self.measures)} measures>"

    def _repr_html_(self) -> str:
        return outputs.shown(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """A study read and found usable: `run()` computes it."""

    config: Config
    city: Neighbourhoods
    zones: pd.Series
    layers: tuple[Layer, ...]
    participation: Participation | None
    rank: pd.Series | None
    notices: tuple[Problem, ...]
    sources: tuple[Source, ...]
    cascos: Mapping[str, pd.Series] = field(default_factory=dict)
    plaza: shapely.Point | None = None
    surveys: tuple[Survey, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def neighbourhoods(self) -> gpd.GeoDataFrame:
        """The neighbourhoods by id: `name`, `zone`, `population`, geometry in metres."""
        return self.city.frame.assign(zone=self.zones)

    @property
    def steps(self) -> tuple[str, ...]:
        """What `run` will tell of: its steps, in order."""
        table = ledger.from_layers(self.layers, participation=self.participation)
        measures = analysis.told(self._measures(table))
        return (
            *STEPS,
            *(f"autocorrelation:{one.name}" for one in measures),
            "tables",
            *(f"table:{name}" for name in analysis.BUILDERS),
        )

    def _measures(self, table: pd.DataFrame) -> list[analysis.Measure]:
        """Every measure of the study, those included that say nothing anywhere."""
        counts = analysis.counts_in(self.config)
        return analysis.measures_of(self.city, self.layers, table, shifts=self.config.shifts, counts=counts)

    def run(self, *, step: Step = lambda _: None) -> Results:
        """All measures and tables of the study; `step` is told what is being done."""
        found = Findings()
        clock = _Clock(step, self.seconds)
        people = self.city.frame["population"]
        with clock("measures"):
            table = ledger.from_layers(self.layers, participation=self.participation)
            measures = self._measures(table)
            frame = analysis.frame_of(self.city, self.zones, self.layers, measures, participation=self.participation)
            measures = analysis.told(measures)
        with clock("weights"):
            graph = analysis.graph_of(self.city.frame, self.config, found=found)
        with clock("gaps"):
            gaps, compared = analysis.gaps_of(measures, self.zones, people, self.config, graph=graph, found=found)
        with clock("inequality"):
            inequality = analysis.inequality_of(measures, self.zones, people, self.rank, found=found)
        with clock("autocorrelation"):
            overall, local = analysis.autocorrelation_of(measures, graph, self.config, found=found, step=step)
        given = self._given(
            measures=tuple(measures), ledger=table, graph=graph, compared=compared, found=found, step=clock.step
        )
        with clock("tables"):
            more = analysis.more_of(given, clock=clock)
        return Results(
            title=_by_language(self.config.study.title),
            language=self.config.study.language,
            neighbourhoods=frame.join(
                [local, analysis.reliability_of(given), analysis.quotients_of(self.config, self.city)]
            ),
            posts=self._posts(),
            measures=analysis.described(measures, self.config),
            gaps=gaps,
            inequality=inequality,
            autocorrelation=overall,
            ledger=table,
            hypotheses=analysis.hypotheses_of(more["claims_readings"], self.config.study.language),
            zones=analysis.zones_of(frame, self.layers),
            shifts=ledger.shifts_of(table, self.config.shifts, people),
            register=ledger.register_of(
                self.layers,
                area_km2=frame.geometry.area / 1e6,
                population=people,
                participation=self.participation,
            ),
            ranking=ledger.ranking_of(self.layers, people),
            more=more,
            notices=(*self.notices, *found.notices),
            sources=self._files(),
            options=self._options(),
            note=_by_language(self.config.study.note),
            seconds=clock.seconds,
        )

    def _given(self, **computed: Any) -> analysis.Given:
        """What further tables are made of: the study's data, and what has been computed of it."""
        return analysis.Given(
            config=self.config,
            city=self.city,
            zones=self.zones,
            layers=self.layers,
            participation=self.participation,
            surveys=self.surveys,
            rank=self.rank,
            plaza=self.plaza,
            cascos=self.cascos,
            **computed,
        )

    def _files(self) -> pd.DataFrame:
        """The files that were read, one a row."""
        return pd.DataFrame(
            [{one.name: getattr(source, one.name) for one in fields(source)} for source in self.sources]
        )

    def _posts(self) -> gpd.GeoDataFrame:
        """The posts that may be shown, of every layer."""
        parts = [layer.points.assign(layer=layer.name, body=layer.body) for layer in self.layers if len(layer.points)]
        if not parts:
            empty: dict[str, list[object]] = {column: [] for column in POSTS}
            return gpd.GeoDataFrame(empty, geometry=[], crs=self.city.frame.crs)
        return pd.concat(parts, ignore_index=True)[[*POSTS, "geometry"]]

    def _options(self) -> Mapping[str, Any]:
        """The options of the study as plain data, with the ones most asked for at hand."""
        config = self.config
        plain = config.model_dump(mode="json", exclude={"folder", "file", "labels"}, exclude_none=True)
        return {
            "seed": config.study.seed,
            "crs": self.city.frame.crs.to_string(),
            "weights": config.autocorrelation.weights,
            "permutations": analysis.permutations_of(config, len(self.city.frame)),
            "fdr": config.autocorrelation.fdr,
            "level": config.equity.level,
            "k": config.privacy.k,
            "basemap": config.map.basemap,
            "versions": outputs.versions(),
            "study": plain,
        }


def read_study(
    path: str | os.PathLike[str], *, engine: EngineName = "auto", progress: engines.Told = engines.silent
) -> Study:
    """A study file with all its data, checked.

    engine : who reads GPS tracks (see `coverage.tracks`); it changes no digit.
    progress : is told how far they are read.

    Raises
    ------
    ConfigError : the study cannot be run; the message holds every problem found, with rows or ids and a remedy.
    """
    study, found = inspect_study(path, engine=engine, progress=progress)
    if study is None:
        raise ConfigError(*found.errors)
    return study


def inspect_study(
    path: str | os.PathLike[str], *, engine: EngineName = "auto", progress: engines.Told = engines.silent
) -> tuple[Study | None, Findings]:
    """A study file with all its data, or nothing; and everything found wrong or worth saying."""
    found = Findings()
    config = inspect_config(Path(path), found)
    if config is None:
        return None, found
    consistency.check_privacy(config, found)
    sources: list[Source] = []
    clock = _Clock(lambda _: None, {})
    with clock("read:neighbourhoods"):
        city = neighbourhoods.read_neighbourhoods(
            config.neighbourhoods,
            folder=config.folder,
            crs=config.study.crs,
            rank_by=config.equity.rank_by,
            counted=analysis.no_covariates(config),
            found=found,
            sources=sources,
        )
    options: dict[str, Any] = {"folder": config.folder, "found": found, "sources": sources}
    zoned = zones.read_zones(config.zones, city, **options)
    plaza = zones.plaza_of(config.zones, city, found=found)
    cascos = analysis.cascos_of(config, city, **options)
    reading = options | {"k": config.privacy.k, "shifts": config.shifts, "engine": engine, "told": progress}
    layers = tuple(_layers(config, city, clock=clock, **reading))
    whole = city is not None and city.complete
    joined = city is not None and {one.path for one in city.origin.values()} == {
        one.path for one in config.neighbourhoods.tables
    }
    rank = analysis.rank_of(city, config, found) if city is not None and (whole or joined) else None
    if city is not None and whole:
        consistency.check_together(config, city, layers, found=found)
        analysis.check_named(config, city, layers, found=found)
        consistency.check_people(config, city, found=found)
    given = None
    if config.participation is not None:
        given = read_participation(config.participation, city, k=config.privacy.k, zones=zoned, **options)
    asked: dict[str, Any] = {"zones": zoned, "k": config.privacy.k, "level": config.equity.level, **options}
    told = [read_survey(one, city, **asked) for one in config.surveys]
    feared = tuple(one for one in told if one is not None)
    if city is not None:
        layers += (*analysis.members_of(given, city), *analysis.layers_of(feared, city))
    if found.errors or city is None or zoned is None:
        return None, found
    withheld = consistency.withheld_files(config, city)
    study = Study(
        config=config,
        city=city,
        zones=zoned,
        layers=layers,
        participation=given,
        surveys=feared,
        rank=rank,
        cascos=cascos,
        plaza=plaza,
        seconds=clock.seconds,
        notices=tuple(found.notices),
        sources=tuple(replace(one, sha256="", bytes=0, rows=0) if one.file in withheld else one for one in sources),
    )
    return study, found


def _layers(config: Config, city: Neighbourhoods | None, *, clock: _Clock, **reading: Any) -> Iterator[Layer]:
    """The layers that can be read."""
    for one in config.layers:
        with clock(f"read:{one.name}"):
            layer = read_layer(one, city, **reading)
        if layer is not None:
            yield layer


def _by_language(written: ByLanguage) -> dict[str, str]:
    """A text of the study in each language: the same in both when it was written once."""
    if isinstance(written, str):
        return dict.fromkeys(LANGUAGES, written)
    return {language: written.get(language) or next(iter(written.values()), "") for language in LANGUAGES}


class _Clock:
    """How long each step takes, and who is told of it."""

    def __init__(self, step: Step, seconds: Mapping[str, float]) -> None:
        self.step, self.seconds = step, dict(seconds)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.step(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
