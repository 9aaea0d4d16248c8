"""Layers and covariates become measures; measures become the tables of gaps, inequality and autocorrelation."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from zlib import crc32

import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import autocorrelation, equity, gaps, ledger, rates, weights
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.errors import SecEquityError, SecEquityWarning
from secequity.participation import Participation
from secequity.results import AUTOCORRELATION, GAPS, INEQUALITY, MEASURES
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.texts import LANGUAGES, Language, catalogue, text
from secequity.words import Contiguity, MeasureKind

POOR_IS_HIGH = re.compile(
    r"pobre|pover|nbi|unmet|vulnerab|depriv|margin|carenc|hacinam|analfab|illiter|unemploy|desempl|quechua|informal",
    re.I,
)
POOR_IS_LOW = re.compile(
    r"ingres|income|renta|wealth|riqueza|idh|hdi|gdp|pib|educ|school|estrato|salar|wage|consum|valor", re.I
)

NO_ZONE = "none"

Step = Callable[[str], None]


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
    city: Neighbourhoods, layers: Iterable[Layer], table: pd.DataFrame, *, shifts: Iterable[str] = ()
) -> list[Measure]:
    """Every measure of the study by its contract name: rates, smoothed rates, hours and covariates."""
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
    for column in city.covariates:
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
    columns |= values
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
    return text(f"body.title.{body}", language) if alone else layer.replace("_", " ")


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


def gaps_of(
    measures: Iterable[Measure], zones: pd.Series, people: pd.Series, config: Config, *, found: Findings
) -> pd.DataFrame:
    """Centre against periphery, one row a measure; what cannot be told is missing and said."""
    rows = []
    for one in measures:
        if one.kind == "smoothed":
            continue
        options = config.equity
        with _untold(found, one.name, "gap") as attempt:
            compared = gaps.compare_zones(
                one.values,
                zones,
                weights=people,
                level=options.level,
                replicates=options.replicates,
                permutations=config.autocorrelation.permutations,
                rng=rng_of(config, one.drawn_as, "gap"),
            )
            rows.append(compared.to_frame())
            reason = compared.interval.reason
            if reason:
                _report_untold(found, one.name, "interval", f"@reason.{reason}")
        if attempt.failed:
            rows.append(pd.DataFrame([{"measure": one.name}], columns=list(GAPS)))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(GAPS))


def inequality_of(
    measures: Iterable[Measure], zones: pd.Series, people: pd.Series, rank: pd.Series | None, *, found: Findings
) -> pd.DataFrame:
    """Inequality among people of each coverage and hours measure, where there are people and a value."""
    rows = []
    for one in measures:
        if one.kind not in ("coverage", "hours"):
            continue
        row: dict[str, object] = dict.fromkeys(INEQUALITY, np.nan) | {"measure": one.name}
        known = one.values.notna() & (people > 0)
        values, weights = one.values[known], people[known]
        with _untold(found, one.name, "inequality"):
            row |= {
                "gini": equity.gini(values, weights=weights),
                "hoover": equity.hoover(values, weights=weights),
                "theil": equity.theil(values, weights=weights).total,
                "palma": equity.palma(values, weights=weights),
            }
        with _untold(found, one.name, "theil_between"):
            split = equity.theil(values, weights=weights, groups=zones[known].fillna(NO_ZONE))
            row |= {"theil_between": split.between, "theil_within": split.within}
        if rank is not None:
            ranked = known & rank.notna()
            with _untold(found, one.name, "concentration_index"):
                row["concentration_index"] = equity.concentration_index(
                    one.values[ranked], rank[ranked], weights=people[ranked]
                )
        rows.append(row)
    return pd.DataFrame(rows, columns=list(INEQUALITY))


def graph_of(frame: gpd.GeoDataFrame, config: Config, *, found: Findings) -> Graph:
    """Who is a neighbour of whom, with what a reader must know: borders snapped together, isolates, separate groups.

    Raises
    ------
    LayerError : more neighbours are asked for than there are neighbourhoods.
    """
    options = config.autocorrelation
    graph = weights.from_spec(options.weights, frame, snap_m=options.snap_m)
    if options.weights in ("queen", "rook") and options.snap_m:
        kind: Contiguity = "queen" if options.weights == "queen" else "rook"
        pairs = weights.snapped_pairs(frame, snap_m=options.snap_m, kind=kind)
        if len(pairs):
            columns = (pairs[name].tolist() for name in ("from_id", "to_id", "distance_m"))
            said = [f"{one}–{other} ({1000 * metres:.0f} mm)" for one, other, metres in zip(*columns, strict=True)]
            found.notice("snapped", said, snap_m=f"{options.snap_m:g}")
    alone = weights.isolates(graph)
    if alone:
        found.notice("isolates", alone, weights=options.weights)
    groups = [ids for ids in weights.components(graph) if len(ids) > 1]
    if len(groups) > 1:
        said = [f"{ids[0]} … ({len(ids)})" for ids in groups]
        found.notice("subgraphs", said, count=len(groups), weights=options.weights)
    return graph


def autocorrelation_of(
    measures: Iterable[Measure], graph: Graph, config: Config, *, found: Findings, step: Step
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Global Moran, one row a measure, and by neighbourhood `<measure>_cluster`, `<measure>_p`, `<measure>_p_fdr`."""
    options = config.autocorrelation
    rows: list[dict[str, object]] = []
    local: dict[str, pd.Series] = {}
    for one in measures:
        step(f"autocorrelation:{one.name}")
        row: dict[str, object] = dict.fromkeys(AUTOCORRELATION, np.nan)
        row |= {
            "measure": one.name,
            "statistic": "moran",
            "weights": options.weights,
            "n": int(one.values.notna().sum()),
        }
        with _untold(found, one.name, "moran"):
            whole = autocorrelation.moran(
                one.values, graph, permutations=options.permutations, rng=rng_of(config, one.drawn_as, "moran")
            )
            row |= {"value": whole.value, "expected": whole.expected, "p_value": whole.p_value}
            row |= {"permutations": whole.permutations, "n": whole.n, "n_isolates": whole.n_isolates}
        rows.append(row)
        with _untold(found, one.name, "local_moran") as attempt:
            clusters = autocorrelation.local_moran(
                one.values,
                graph,
                permutations=options.permutations,
                fdr=options.fdr,
                rng=rng_of(config, one.drawn_as, "local"),
            )
            for column, name in (("cluster", "cluster"), ("p_value", "p"), ("p_fdr", "p_fdr")):
                local[f"{one.name}_{name}"] = clusters.table[column]
        if attempt.failed:
            local[f"{one.name}_cluster"] = one.values.notna().map({True: "ns", False: "missing"})
            local[f"{one.name}_p"] = local[f"{one.name}_p_fdr"] = pd.Series(np.nan, index=one.values.index)
    table = pd.DataFrame(rows, columns=list(AUTOCORRELATION))
    return table.astype({"n": "Int64", "n_isolates": "Int64", "permutations": "Int64"}), pd.DataFrame(local)


def zones_of(frame: gpd.GeoDataFrame, layers: Iterable[Layer]) -> pd.DataFrame:
    """Totals by zone: neighbourhoods, people, and the amount of each layer."""
    grouped = pd.DataFrame(frame.drop(columns=frame.geometry.name)).groupby("zone")
    totals = pd.DataFrame({"neighbourhoods": grouped.size(), "population": grouped["population"].sum()})
    for layer in layers:
        totals[f"{layer.name}_amount"] = grouped[f"{layer.name}_amount"].sum(min_count=1)
    return totals


def rng_of(config: Config, *words: str) -> np.random.Generator:
    """A generator of its own for each number, so that adding a layer changes no digit of another."""
    return np.random.default_rng([config.study.seed, *(crc32(word.encode()) for word in words)])


@dataclass
class _Attempt:
    failed: bool = False


@contextmanager
def _untold(found: Findings, measure: str, statistic: str) -> Iterator[_Attempt]:
    """A statistic that may have no answer: what its room refuses becomes a notice, and the study goes on."""
    attempt = _Attempt()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecEquityWarning)
            yield attempt
    except SecEquityError as refusal:
        attempt.failed = True
        _report_untold(found, measure, statistic, refusal.problems[0])


def _report_untold(found: Findings, measure: str, statistic: str, reason: object) -> None:
    """One notice for all the measures of which a statistic cannot be told for the same reason."""
    values = {"statistic": f"@statistic.{statistic}", "reason": reason}
    for at, one in enumerate(found.notices):
        if one.code == "measure_untold" and one.values == values:
            found.notices[at] = replace(one, which=(*one.which, measure))
            return
    found.notice("measure_untold", [measure], **values)
