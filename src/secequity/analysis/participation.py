"""What residents give, as a study tells it: the burden, the profiles, and members counted by stations."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from secequity import burden, ledger, privacy, profiles
from secequity.analysis.attempts import rng_of, untold
from secequity.analysis.columns import column_of
from secequity.analysis.given import Given
from secequity.coverage.layers import UNIT, Layer
from secequity.participation import NAME, Participation, certain_people, imputed_in, money_per_week
from secequity.results import BURDEN, BURDEN_PAYERS, BURDEN_ZONES, EMBODIED, PROFILE_TESTS
from secequity.sources.neighbourhoods import Neighbourhoods

WEEKS_OF = {"week": 1.0, "month": 52 / 12, "year": 52.0}
MARKET = ("market",)
QUICK = 999
LARGE = 1000
"""From so many neighbourhoods on, a test draws `QUICK` permutations at most."""


def members_of(given: Participation | None, city: Neighbourhoods) -> tuple[Layer, ...]:
    """Members counted by stations as a layer of residents in its own unit; nothing for other registers."""
    if given is None or given.members is None:
        return ()
    nowhere = gpd.GeoDataFrame({"name": [], "amount": [], "neighbourhood": []}, geometry=[], crs=city.frame.crs)
    return (
        Layer(
            name=NAME,
            body="community",
            kind="counts",
            unit=UNIT["community"],
            amount=given.members.rename(f"{NAME}_amount"),
            status=given.status,
            points=nowhere,
            hours_per_week=None,
        ),
    )


def burden_of(given: Given) -> burden.Burden | None:
    """The burden of a study whose register tells hours."""
    section, told = given.config.participation, given.participation
    if section is None or told is None or told.form == "stations":
        return None
    suppliers = {"residents": ledger.OWN_SUPPLIERS, "official": ledger.OFFICIAL_SUPPLIERS, "market": MARKET}
    hours = {side: ledger.hours_of(given.ledger, who, given.people.index) for side, who in suppliers.items()}
    adults, income = column_of(given, section.adults), column_of(given, section.income)
    earners = column_of(given, section.earners)
    adults = given.people if adults is None else adults
    if income is not None:
        income = income * (adults if earners is None else earners) / WEEKS_OF[section.income_period]
    return burden.burden(
        pd.DataFrame(hours),
        adults=adults,
        zones=given.zones,
        money=money_per_week(told, k=given.config.privacy.k, zones=given.zones),
        wage_per_hour=section.wage_per_hour,
        income=income,
        imputed=imputed_in(told),
    )


def burden_tables(given: Given) -> dict[str, pd.DataFrame] | None:
    """Tables `burden`, a row a neighbourhood, `burden_zones`, and `burden_payers` where incomes are told."""
    found = burden_of(given)
    if found is None or given.participation is None:
        return None
    told, table = given.participation, found.table
    known = bool(told.records["amount"].notna().any())
    withheld = (table["money_status"] == "missing") & (told.status == "ok") & known
    table["money_status"] = table["money_status"].mask(withheld | (told.status == "suppressed"), "suppressed")
    unsaid = (told.status == "suppressed") | (withheld & (told.quota_hours is not None))
    table["status"] = table["status"].mask(unsaid & (table["status"] == "missing"), "suppressed")
    tables = {
        "burden": table.rename_axis("id").reset_index()[list(BURDEN)],
        "burden_zones": found.zones.reset_index()[list(BURDEN_ZONES)],
    }
    return tables if found.payers.empty else {**tables, "burden_payers": found.payers[list(BURDEN_PAYERS)]}


def profiles_table(given: Given) -> pd.DataFrame | None:
    """Table `profiles`: a row a zone and activity."""
    told = given.participation
    if told is None or told.records.empty:
        return None
    return profiles.composition(told.records, given.zones, k=given.config.privacy.k)


def profile_tests(given: Given) -> pd.DataFrame | None:
    """Table `profile_tests`: does participation differ in kind between the zones, a row a distance."""
    told = given.participation
    if told is None or told.records.empty or _zones_of_few(given, told):
        return None
    most = given.config.autocorrelation.permutations
    permutations = min(most, QUICK) if len(given.people) >= LARGE else most
    shown = profiles.composition(told.records, given.zones, k=given.config.privacy.k)
    hidden = shown.loc[shown["suppressed"], "activity"].tolist()
    rows = []
    for distance in profiles.DISTANCES:
        with untold(given.found, NAME, "composition"):
            rng = rng_of(given.config, NAME, distance)
            test = profiles.composition_test(
                told.records,
                given.zones,
                distance=distance,
                together=hidden,
                permutations=permutations,
                rng=rng,
            )
            rows.append(test.to_frame())
    return pd.concat(rows, ignore_index=True)[list(PROFILE_TESTS)] if rows else None


def _zones_of_few(given: Given, told: Participation) -> bool:
    """Whether the records of a zone are of so few people that nothing about its composition may be told."""
    people = certain_people(told.records).groupby(told.records["id"]).max()
    by_zone = people.groupby(given.zones.reindex(people.index)).sum()
    return bool(privacy.too_few(by_zone, k=given.config.privacy.k).any())


def embodied_table(given: Given) -> pd.DataFrame | None:
    """Table `embodied`: the share of embodied participation, a row a zone and a row a neighbourhood."""
    told = given.participation
    if told is None or told.records.empty:
        return None
    k, level = given.config.privacy.k, given.config.equity.level
    areas, zones = profiles.embodied_share(told.records, given.zones, k=k, level=level)
    areas = areas.reindex(given.people.index)
    areas["zone"] = given.zones
    silent = np.where(told.status == "ok", "no records", told.status)
    areas["status"] = areas["status"].where(areas["status"].notna(), pd.Series(silent, index=areas.index))
    parts: Sequence[pd.DataFrame] = (
        zones.rename_axis("zone").reset_index().assign(level="zone", id=None),
        areas.rename_axis("id").reset_index().assign(level="neighbourhood"),
    )
    return pd.concat(parts, ignore_index=True)[list(EMBODIED)]
