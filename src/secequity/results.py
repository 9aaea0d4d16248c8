"""The tables of a finished study, and the frozen results that single measures return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from html import escape
from typing import Any, TypeVar, TypeVarTuple, Unpack
from weakref import WeakKeyDictionary

import geopandas as gpd
import pandas as pd

from secequity.errors import Problem
from secequity.texts import Language

Asked = TypeVarTuple("Asked")
Answer = TypeVar("Answer")

GAPS = (
    "measure",
    "centre",
    "periphery",
    "difference",
    "ratio",
    "low",
    "high",
    "level",
    "p_value",
    "n_centre",
    "n_periphery",
)
INEQUALITY = ("measure", "gini", "theil", "theil_between", "theil_within", "palma", "hoover", "concentration_index")
AUTOCORRELATION = ("measure", "statistic", "value", "expected", "p_value", "permutations", "weights", "n", "n_isolates")
LEDGER = ("id", "supplier", "layer", "hours_per_week", "shift")
SHIFTS = ("id", "shift", "official_hours_per_week", "official_hours_per_1000", "suppliers", "status")
REGISTER = (
    *("layer", "body", "kind", "unit", "amount", "hours_per_week", "neighbourhoods", "area_km2", "people"),
    *("alone", "doubled", "missing"),
)
RANKING = ("id", "km_per_week", "hours_per_week", "hours_per_1000", "rank_by_km", "rank_by_hours", "places_lost")
HYPOTHESES = ("hypothesis", "estimate", "low", "high", "p_value", "verdict", "reading")
CLAIMS = (
    *("hypothesis", "part", "quantity", "about", "counts", "centre", "periphery", "value", "low", "high", "level"),
    *("p_value", "test", "n", "n_centre", "n_periphery", "verdict", "reason"),
    *("smallest", "power", "detectable", "needed", "simulations"),
)
CLAIM_READINGS = (*HYPOTHESES[:-1], "reason", "reading_es", "reading_en")
BURDEN = (
    *("id", "zone", "resident_hours_per_week", "hours_per_1000_adults", "money_per_week", "money_per_1000_adults"),
    *("quota_hours_per_week", "official_hours_per_week", "market_hours_per_week", "own_share", "market_share"),
    *("income_share", "balance", "balance_word", "imputed", "money_status", "status"),
)
BURDEN_ZONES = ("zone", "neighbourhoods", "adults", *BURDEN[2:-2], "n_shares")
BURDEN_PAYERS = ("burden", "index", "value", "n")
PROFILES = ("zone", "activity", "kind", "activities", "people", "hours", "share", "imputed", "suppressed")
PROFILE_TESTS = ("distance", "value", "expected", "p_value", "effect", "permutations", "n_centre", "n_periphery")
EMBODIED = ("level", "id", "zone", "embodied_share", "low", "high", "status")
FEAR = (
    *("level", "id", "zone", "survey", "kind", "share", "low", "high", "marks", "n", "n_effective", "status"),
    *("coverage", "coverage_value", "coverage_cut", "fear_cut", "word", "sure"),
)
REPORTING = (
    *("measure", "rate_centre", "rate_periphery", "centre", "periphery", "ratio", "rank_correlation"),
    *("turns", "tipping_ratio", "leave_worst_fifth"),
)
GAP_TESTS = ("measure", "method", "p_value", "permutations", "exact", "reason")
GAP_INTERVALS = ("measure", "figure", "estimate", "low", "high", "level", "method", "reason")
GRADIENT = (
    *("measure", "slope_per_km", "slope_low", "slope_high", "ratio_per_km", "low", "high", "level", "method"),
    *("rank_correlation", "p_value", "permutations", "p_spectral", "n", "origin", "reason"),
)
GRADIENT_CURVE = ("measure", "ring", "from_m", "to_m", "distance_m", "n", "people", "value")
DECOMPOSITION = (
    *("measure", "reference", "term", "explained", "unexplained", "low", "high", "share"),
    *("level", "method", "n_centre", "n_periphery", "reason"),
)
DENOMINATORS = (
    *("measure", "denominator", "centre", "periphery", "ratio", "n", "rank_correlation", "kendall"),
    *("same_fifth_share", "largest_move", "moved_id", "always_least", "ever_least"),
)
INEQUALITY_INTERVALS = ("measure", "index", "estimate", "low", "high", "level", "method", "replicates", "reason")
SEGREGATION = (
    *("group", "index", "value", "low", "high", "level", "expected", "excess", "p_value", "p_within_zones"),
    *("permutations", "n", "reason"),
)
GROUP_COVERAGE = (
    *("group", "measure", "of_group", "of_others", "difference", "low", "high", "level"),
    *("ratio", "ratio_low", "ratio_high", "n"),
)
MEASURES = ("measure", "kind", "layer", "body", "unit", "label_es", "label_en", "layer_es", "layer_en")
POSTS = ("layer", "body", "name", "amount", "neighbourhood")

REGRESSION = (
    *("measure", "model", "estimator", "term", "effect", "estimate", "std_error", "p_value", "low", "high"),
    *("n", "step"),
)
REGRESSION_DIAGNOSTICS = ("measure", "model", "test", "statistic", "df", "p_value")
SPECIFICATIONS = (
    *("measure", "casco", "denominator", "smoothing", "weights", "centre", "periphery", "difference", "ratio"),
    *("low", "high", "p_value", "n_centre", "n_periphery", "own", "holds", "reason"),
)
LEVELS = (
    *("measure", "level", "n", "n_centre", "n_periphery", "centre", "periphery", "difference", "ratio", "low", "high"),
    *("p_value", "gini", "hoover", "moran", "moran_p", "zone_share", "reason"),
)
ROBUSTNESS = (
    *("measure", "runs", "same", "sure", "alpha", "ratio_low", "ratio_high", "levels", "levels_same"),
    *("p_value", "p_spatial", "regression_p", "favours"),
)

TABLES: dict[str, tuple[str, ...]] = {
    "gaps": GAPS,
    "inequality": INEQUALITY,
    "autocorrelation": AUTOCORRELATION,
    "ledger": LEDGER,
    "hypotheses": HYPOTHESES,
    "shifts": SHIFTS,
    "register": REGISTER,
    "ranking": RANKING,
}
"""The tables every study writes, each a field of `StudyTables`, and their columns."""

MORE: dict[str, tuple[str, ...]] = {
    "denominators": DENOMINATORS,
    "inequality_intervals": INEQUALITY_INTERVALS,
    "segregation": SEGREGATION,
    "group_coverage": GROUP_COVERAGE,
    "gap_tests": GAP_TESTS,
    "gap_intervals": GAP_INTERVALS,
    "gradient": GRADIENT,
    "gradient_curve": GRADIENT_CURVE,
    "decomposition": DECOMPOSITION,
    "burden": BURDEN,
    "burden_zones": BURDEN_ZONES,
    "burden_payers": BURDEN_PAYERS,
    "profiles": PROFILES,
    "profile_tests": PROFILE_TESTS,
    "embodied": EMBODIED,
    "fear": FEAR,
    "reporting": REPORTING,
    "regression": REGRESSION,
    "regression_diagnostics": REGRESSION_DIAGNOSTICS,
    "specifications": SPECIFICATIONS,
    "levels": LEVELS,
    "robustness": ROBUSTNESS,
    "claims": CLAIMS,
    "claims_readings": CLAIM_READINGS,
}
"""The tables a study writes where it has what they need, by name in `StudyTables.more`, and their columns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyTables:
    """Everything a finished study says, before anyone draws it: the map, the report and the files are made from this.

    neighbourhoods : one row a neighbourhood, index `id` (text), projected in metres; columns `name`, `zone`
        (`centre`, `periphery` or missing), `population`, per layer `<layer>_amount` and `<layer>_per_1000` (and
        `<layer>_hours_per_1000`), `official_hours_per_1000`, `own_hours_per_1000`, the covariates, and per measure
        `<measure>_cluster`, `<measure>_p`, `<measure>_p_fdr`; `<layer>_status` says why an amount is absent
        (`ok`, `missing`, `suppressed`, `uncovered`).
    posts : the points that may be shown (official bodies only), columns `POSTS`, same CRS; `neighbourhood` is missing
        for a post outside every neighbourhood.
    measures : one row a measure, columns `MEASURES`; `kind` is coverage, hours, smoothed or covariate; `unit` is the
        word for what is counted (a key `unit.<word>` of the catalogue, or the user's own word).
    gaps, inequality, autocorrelation, ledger, hypotheses : the contract's tables.
    shifts : who is on duty in each neighbourhood and shift, where layers tell their shifts, columns `SHIFTS`.
    register : every body in action, a row a layer, columns `REGISTER`.
    ranking : neighbourhoods by patrol hours and by kilometres, where patrols drive, columns `RANKING`.
    more : the tables named in `MORE` that this study has.
    zones : one row a zone (index `centre`, `periphery`): `neighbourhoods`, `population`, and `<layer>_amount` totals.
    notices : what the reader must know about the data (repairs, posts outside, missing values), as `Problem`s.
    sources : one row an input file: `file`, `sha256`, `bytes`, `modified`, `rows`, `use`.
    options : the study file's options as plain data, with `seed`, `weights`, `permutations`, `fdr`, `level`, `crs`.
    note : text of the author shown beside the title (for example that a city is a model), by language.
    seconds : how long each step took.
    """

    title: Mapping[str, str]
    language: Language
    neighbourhoods: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame
    measures: pd.DataFrame
    gaps: pd.DataFrame
    inequality: pd.DataFrame
    autocorrelation: pd.DataFrame
    ledger: pd.DataFrame
    hypotheses: pd.DataFrame
    zones: pd.DataFrame
    shifts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SHIFTS)))
    register: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REGISTER)))
    ranking: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(RANKING)))
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notices: tuple[Problem, ...] = ()
    sources: pd.DataFrame = field(default_factory=pd.DataFrame)
    options: Mapping[str, Any] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """The table of that name in `TABLES` or `MORE`; without rows where the study does not have it."""
        if name in TABLES:
            table: pd.DataFrame = getattr(self, name)
            return table
        return self.more[name] if name in self.more else pd.DataFrame(columns=list(MORE[name]))


def once_a_study(
    question: Callable[[StudyTables, Unpack[Asked]], Answer],
) -> Callable[[StudyTables, Unpack[Asked]], Answer]:
    """A question about a finished study that is worked out once, however many figures, tables and pages ask it.

    What it answers must not be changed, nor the tables it was asked about (`dataclasses.replace` makes others); it is
    forgotten with the study.
    """
    known: WeakKeyDictionary[StudyTables, dict[tuple[*Asked], Answer]] = WeakKeyDictionary()

    @wraps(question)
    def answer(tables: StudyTables, *asked: *Asked) -> Answer:
        told = known.setdefault(tables, {})
        if asked not in told:
            told[asked] = question(tables, *asked)
        return told[asked]

    return answer


class Shown:
    """What every result of one measure can do: become a frame, a sentence, and a notebook cell."""

    def to_frame(self) -> pd.DataFrame:
        """The result as a table."""
        raise TypeError(f"{type(self).__name__} has no table")

    def summary(self) -> str:
        """The result in one sentence."""
        raise TypeError(f"{type(self).__name__} has no sentence")

    def _repr_html_(self) -> str:
        table = self.to_frame().head(12).to_html(border=0, escape=True)
        return f"<p>{escape(self.summary())}</p>{table}"
