"""The four claims of a study: always four rows, and "cannot tell" with its reason where an input is lacking."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pandas as pd

from secequity import hypotheses, ledger
from secequity.analysis.attempts import rng_of
from secequity.analysis.draws import permutations_of, replicates_of
from secequity.analysis.given import Given
from secequity.analysis.measures import Measure, label_of
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.errors import SecEquityError
from secequity.hypotheses.claim import Claim, cannot_tell
from secequity.hypotheses.coverage import coverage_claim
from secequity.results import CLAIM_READINGS, CLAIMS, HYPOTHESES
from secequity.sources.neighbourhoods import Neighbourhoods
from secequity.texts import LANGUAGES, Language, catalogue, text
from secequity.words import OFFICIAL, SUPPLIER_OF, Hypothesis


def claims_tables(given: Given) -> dict[str, pd.DataFrame]:
    """The four claims put to the test with what the study has: the numbers of each part, and what is told of them."""
    tests: dict[Hypothesis, Callable[[Given], Claim]] = {
        "coverage_gap": _coverage_gap,
        "labour_transfer": _labour_transfer,
        "earned_right": _earned_right,
        "exclusion_map": _exclusion_map,
    }
    found = []
    for name in get_args(Hypothesis):
        try:
            found.append(tests[name](given))
        except SecEquityError as refusal:
            found.append(cannot_tell(name, "no_test"))
            given.found.notice("claim_untold", [name], reason=refusal.problems[0])
    labels = {language: _labels(given, language) for language in LANGUAGES}
    rows = [
        one.row("es", labels=labels["es"])
        | {"reason": one.reason}
        | {f"reading_{language}": one.reading(language, labels=labels[language]) for language in LANGUAGES}
        for one in found
    ]
    behind = [one.details for one in found if one.parts]
    return {
        "claims": pd.concat(behind, ignore_index=True) if behind else pd.DataFrame(columns=list(CLAIMS)),
        "claims_readings": pd.DataFrame(rows, columns=list(CLAIM_READINGS)),
    }


def hypotheses_of(readings: pd.DataFrame, language: str) -> pd.DataFrame:
    """The contract's table of hypotheses: the readings in one language."""
    return readings.rename(columns={f"reading_{language}": "reading"})[list(HYPOTHESES)]


def check_claims(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    """Every column that `[hypotheses]` names is a covariate of the study."""
    for key in ("need", "exclusion"):
        column = getattr(config.hypotheses, key)
        if column is not None and column not in city.covariates:
            close = nearest(column, city.covariates.columns)
            found.error("hypotheses_column", key=key, column=column, near=close and f" → {close}?")


def _coverage_gap(given: Given) -> Claim:
    measure = _official(given)
    if measure is None:
        return cannot_tell("coverage_gap", "no_layer")
    section, draws = given.config.hypotheses, _draws(given)
    return coverage_claim(
        measure.values * given.people / 1000,
        given.zones,
        people=given.people,
        need=_need(given),
        graph=given.graph,
        level=given.config.equity.level,
        smallest_ratio=section.smallest_ratio,
        compared=given.compared.get(measure.name),
        rng=rng_of(given.config, measure.drawn_as, "gap"),
        **draws,
    )


def _labour_transfer(given: Given) -> Claim:
    participation = given.participation
    if participation is None or participation.form == "stations":
        return cannot_tell("labour_transfer", "no_participation" if participation is None else "not_a_log")
    ids = given.people.index
    official = ledger.hours_of(given.ledger, ledger.OFFICIAL_SUPPLIERS, ids)
    if official.isna().all():
        return cannot_tell("labour_transfer", "no_official_hours")
    return hypotheses.labour_transfer(
        participation.records,
        given.zones.where(participation.status == "ok"),
        own_hours=ledger.hours_of(given.ledger, ledger.OWN_SUPPLIERS, ids),
        all_hours=ledger.hours_of(given.ledger, set(SUPPLIER_OF.values()), ids),
        graph=given.graph,
        k=given.config.privacy.k,
        level=given.config.equity.level,
        smallest=given.config.hypotheses.smallest_share,
        rng=rng_of(given.config, "labour_transfer"),
        **_draws(given),
    )


def _earned_right(given: Given) -> Claim:
    participation, kept = given.participation, given.config.participation
    if participation is None or kept is None or participation.form != "log":
        return cannot_tell("earned_right", "no_participation" if participation is None else "not_a_log")
    section = given.config.hypotheses
    return hypotheses.earned_right(
        participation.records,
        given.zones.where(participation.status == "ok"),
        lag=section.lag,
        support_on=kept.support_on,
        level=given.config.equity.level,
        permutations=_draws(given)["permutations"],
        smallest_slope=section.smallest_slope,
        smallest_log_odds=section.smallest_log_odds,
        rng=rng_of(given.config, "earned_right"),
    )


def _exclusion_map(given: Given) -> Claim:
    measure, exclusion = _official(given), _exclusion(given)
    if measure is None or exclusion is None:
        return cannot_tell("exclusion_map", "no_layer" if measure is None else "no_exclusion")
    area_km2 = given.city.frame.geometry.area / 1e6
    return hypotheses.exclusion_map(
        measure.values,
        exclusion,
        given.graph,
        density=given.people / area_km2,
        level=given.config.equity.level,
        permutations=_draws(given)["permutations"],
        smallest=given.config.hypotheses.smallest_relation,
        rng=rng_of(given.config, "exclusion_map"),
    )


def _official(given: Given) -> Measure | None:
    """Official hours per 1,000 residents; where no official layer has hours, the first official layer in its unit."""
    by_name = {one.name: one for one in given.measures}
    if "official_hours_per_1000" in by_name:
        return by_name["official_hours_per_1000"]
    official = [one for one in given.measures if one.kind == "coverage" and one.body in OFFICIAL]
    return next(iter(sorted(official, key=lambda one: one.body != "police")), None)


def _need(given: Given) -> pd.Series | None:
    section = given.config.hypotheses
    if section.need is None:
        return None
    column: pd.Series = given.city.covariates[section.need]
    return (column * given.people / 100 if section.need_unit == "percent" else column).rename(section.need)


def _exclusion(given: Given) -> pd.Series | None:
    """The column named for it, or the rank from poor to rich turned round."""
    named = given.config.hypotheses.exclusion
    if named is not None:
        column: pd.Series = given.city.covariates[named]
        return column
    return None if given.rank is None else (-given.rank).rename(given.config.equity.rank_by)


def _draws(given: Given) -> dict[str, int]:
    count = len(given.people)
    return {
        "replicates": replicates_of(given.config, count),
        "permutations": permutations_of(given.config, count),
    }


def _labels(given: Given, language: Language) -> dict[str, str]:
    """What readers are told of the columns the claims are about, and of what is counted."""
    named = {one.name: label_of(one, given.config, language) for one in given.measures}
    rank, column = given.rank, given.config.equity.rank_by
    if rank is not None and column is not None and given.config.hypotheses.exclusion is None:
        turned = not (-rank).equals(given.city.covariates[column])
        if turned:
            named[column] = text("claim.lack", language, label=named.get(column, column))
    measure = _official(given)
    if measure is not None and measure.unit != "hour":
        named["thing"] = catalogue(language).get(f"unit.{measure.unit}", measure.unit)
    return named
