"""Layers and covariates become measures, and measures the columns of the study's table of neighbourhoods."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from secequity import ledger, rates
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.participation import Participation
from secequity.results import MEASURES
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.texts import LANGUAGES, Language, catalogue, text
from secequity.words import MeasureKind

POOR_IS_HIGH = re.compile(
    r"pobre|pover|nbi|unmet|vulnerab|depriv|margin|carenc|hacinam|analfab|illiter|unemploy|desempl|quechua|informal",
    re.I,
)
POOR_IS_LOW = re.compile(
    r"ingres|income|renta|wealth|riqueza|idh|hdi|gdp|pib|educ|school|estrato|salar|wage|consum|valor", re.I
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """One value a neighbourhood, with what a reader must be told about it."""

    name: str
    kind: MeasureKind
    layer: str
    body: str
    unit: str
    values: pd.Series

    @property
    def drawn_as(self) -> str:
        """The name whose random draws it shares: a layer's hours are its rate in another unit, and test alike."""
        return f"{self.layer}_per_1000" if self.kind == "hours" and self.layer else self.name


def measures_of(
    city: Neighbourhoods,
    layers: Iterable[Layer],
    table: pd.DataFrame,
    *,
    shifts: Iterable[str] = (),
    counts: Collection[str] = (),
) -> list[Measure]:
    """Every measure of the study by its contract name: rates, smoothed rates, hours and covariates but `counts`."""
    people = city.frame["population"]
    found: list[Measure] = []
    for layer in layers:
        about = {"layer": layer.name, "body": layer.body}
        if layer.is_level:
            found.append(
                Measure(
                    name=layer.name,
                    kind="covariate",
                    layer="",
                    body="",
                    unit="",
                    values=layer.amount.rename(layer.name),
                )
            )
            continue
        rate = rates.per_1000(layer.amount, people).rename(f"{layer.name}_per_1000")
        known = (layer.amount.notna() & (people > 0)).any()
        smoothed = 1000 * rates.empirical_bayes(layer.amount, people) if known else rate
        smoothed = smoothed.rename(f"{layer.name}_per_1000_eb")
        found.append(Measure(name=str(rate.name), kind="coverage", unit=layer.unit, values=rate, **about))
        if layer.unit != "hour":
            found.append(Measure(name=str(smoothed.name), kind="smoothed", unit=layer.unit, values=smoothed, **about))
        if layer.hours_per_week is not None:
            hours = (rate * layer.hours_per_week).rename(f"{layer.name}_hours_per_1000")
            found.append(Measure(name=str(hours.name), kind="hours", unit="hour", values=hours, **about))
    for name, suppliers in (("official", ledger.OFFICIAL_SUPPLIERS), ("own", ledger.OWN_SUPPLIERS)):
        hours = rates.per_1000(ledger.hours_of(table, suppliers, people.index), people).rename(f"{name}_hours_per_1000")
        found.append(Measure(name=str(hours.name), kind="hours", layer="", body="", unit="hour", values=hours))
    duty = ledger.shifts_of(table, shifts, people)
    for shift in duty["shift"].unique():
        hours = duty[duty["shift"] == shift].set_index("id")["official_hours_per_1000"].reindex(people.index)
        name = f"official_{shift}_hours_per_1000"
        found.append(Measure(name=name, kind="hours", layer="", body="", unit="hour", values=hours.rename(name)))
    for column in city.covariates.columns.difference(list(counts), sort=False):
        values = city.covariates[column]
        found.append(Measure(name=str(column), kind="covariate", layer="", body="", unit="", values=values))
    return found


def told(measures: Iterable[Measure]) -> list[Measure]:
    """The measures that say something somewhere, each once: hours a week are told as hours."""
    return [one for one in measures if one.values.notna().any() and not (one.kind == "coverage" and one.unit == "hour")]


def frame_of(
    city: Neighbourhoods,
    zones: pd.Series,
    layers: Iterable[Layer],
    measures: Iterable[Measure],
    *,
    participation: Participation | None = None,
) -> gpd.GeoDataFrame:
    """One row a neighbourhood with everything known about it, in the contract's columns."""
    columns: dict[str, pd.Series] = {"name": city.frame["name"], "zone": zones, "population": city.frame["population"]}
    values = {one.name: one.values for one in measures}
    for layer in layers:
        columns[f"{layer.name}_amount"] = layer.amount
        columns[f"{layer.name}_status"] = layer.status
        columns |= {f"{layer.name}_{ending}": values for ending, values in layer.more.items()}
    if participation is not None:
        columns["participation_status"] = participation.status
    columns |= {str(name): city.covariates[name] for name in city.covariates} | values
    table = pd.DataFrame(columns, index=city.frame.index)
    return gpd.GeoDataFrame(table, geometry=city.frame.geometry, crs=city.frame.crs)


def described(measures: Iterable[Measure], config: Config) -> pd.DataFrame:
    """What the reader is told of each measure: kind, layer, body, unit, its name and its layer's in each language."""
    rows = []
    for one in measures:
        labels = [label_of(one, config, language) for language in LANGUAGES]
        layers = [layer_label(one.layer, one.body, config, language) if one.layer else "" for language in LANGUAGES]
        rows.append([one.name, one.kind, one.layer, one.body, one.unit, *labels, *layers])
    return pd.DataFrame(rows, columns=list(MEASURES))


def label_of(measure: Measure, config: Config, language: Language) -> str:
    """A measure's name for readers: the study's own label, or one made of the layer's."""
    own = _written(config, measure.name, language)
    if own is not None:
        return own
    shift = measure.name.removeprefix("official_").removesuffix("_hours_per_1000")
    if measure.kind == "hours" and shift in config.shifts:
        word = catalogue(language).get(f"shift.{shift}", shift)
        return text("measure.official_shift", language, shift=word)
    sentences = catalogue(language)
    if f"measure.{measure.name}" in sentences:
        return sentences[f"measure.{measure.name}"]
    if measure.kind == "covariate":
        return measure.name.replace("_", " ")
    return text(f"measure.{measure.kind}", language, layer=layer_label(measure.layer, measure.body, config, language))


def layer_label(layer: str, body: str, config: Config, language: Language) -> str:
    """A layer's name for readers: the study's own label, its body's where it is the only one, or its plain name."""
    own = _written(config, layer, language)
    if own is not None:
        return own
    alone = [one.name for one in config.layers if one.body == body] == [layer]
    if alone:
        return text(f"body.title.{body}", language)
    return catalogue(language).get(f"layer.{layer}", layer.replace("_", " "))


def _written(config: Config, name: str, language: Language) -> str | None:
    label = config.labels.get(name)
    return label.get(language) if isinstance(label, dict) else label


def rank_of(city: Neighbourhoods, config: Config, found: Findings) -> pd.Series | None:
    """The socio-economic rank, poor to rich, that the study asks for: a deprivation is turned round."""
    column = config.equity.rank_by
    if column is None:
        return None
    if column not in city.covariates:
        close = nearest(column, city.covariates.columns)
        found.error("rank_unknown", column=column, near=close and f" → {close}?")
        return None
    order = config.equity.rank_order
    if order is None and POOR_IS_HIGH.search(column):
        order = "poor_is_high"
    elif order is None and not POOR_IS_LOW.search(column):
        found.notice("rank_order_assumed", column=column)
    return -city.covariates[column] if order == "poor_is_high" else city.covariates[column]


def zones_of(frame: gpd.GeoDataFrame, layers: Iterable[Layer]) -> pd.DataFrame:
    """Totals by zone: neighbourhoods, people, and the amount of each layer."""
    grouped = pd.DataFrame(frame.drop(columns=frame.geometry.name)).groupby("zone")
    totals = pd.DataFrame({"neighbourhoods": grouped.size(), "population": grouped["population"].sum()})
    for layer in layers:
        totals[f"{layer.name}_amount"] = grouped[f"{layer.name}_amount"].sum(min_count=1)
    return totals
