"""What security costs those who live there: their hours and money, beside what others supply and what they earn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secequity import equity
from secequity.checks import align, require_arguments
from secequity.errors import LayerError, SecEquityError, problem
from secequity.results import BURDEN, BURDEN_PAYERS, BURDEN_ZONES, Shown
from secequity.texts import Language, number, text

SIDES = ("residents", "official", "market")
OF_MONEY = ("money_per_week", "money_per_1000_adults", "quota_hours_per_week", "income_share")
WORDS = ("gives all", "gives more", "receives more", "neither", "cannot tell")


@dataclass(frozen=True, kw_only=True, eq=False)
class Burden(Shown):
    """The burden of residents.

    table : by neighbourhood id, the columns of `secequity.results.BURDEN` but `id`.
    zones : by zone, those of `BURDEN_ZONES` but `zone`; totals of the neighbourhoods of which they are known.
    payers : a row a burden and index, `BURDEN_PAYERS`: who bears it, poor or rich; empty without incomes.
    """

    table: pd.DataFrame
    zones: pd.DataFrame
    payers: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The table by neighbourhood."""
        return self.table

    def summary(self, language: Language = "en") -> str:
        """What residents give in each zone, and who bears it."""
        said = [
            text(
                "burden.zone",
                language,
                zone=text(f"zone.the.{zone}", language),
                hours=number(row["hours_per_1000_adults"]),
                share=text("burden.share", language, share=round(100 * row["own_share"]))
                if row["own_share"] == row["own_share"]
                else text("burden.share_unknown", language),
            )
            for zone, row in self.zones.iterrows()
        ]
        asked = (self.payers["index"] == "kakwani") & (self.payers["burden"] == "hours")
        kakwani = self.payers[asked]["value"].dropna()
        if len(kakwani):
            said.append(equity.burden_reading(float(kakwani.iloc[0]), language=language))
        return " ".join(said)


def burden(
    hours: pd.DataFrame,
    *,
    adults: pd.Series,
    zones: pd.Series,
    money: pd.Series | None = None,
    wage_per_hour: float | None = None,
    income: pd.Series | None = None,
    imputed: pd.Series | None = None,
) -> Burden:
    """The hours and the money that residents give for their security, by neighbourhood and zone.

    Per 1,000 adults; as share of all security hours (own share); as share of income, hours valued at the guard's wage
    where it is told; beside the hours of the market (private guards, gated streets); and the balance of coproduction:
    hours given for each official hour received. A quota is money, and also the hours of a guard it buys at the wage.

    Parameters
    ----------
    hours : hours a week by neighbourhood id, columns `residents`, `official`, `market`, as `ledger.hours_of` makes.
        Missing is not zero: a share or a balance is missing where one of its parts is. A column that is missing
        everywhere is of nobody in the register, and counts nothing; so is `money`.
    adults : adults by neighbourhood id.
    zones : `centre`, `periphery` or missing by neighbourhood id.
    money : quotas paid a week by neighbourhood id.
    wage_per_hour : what an hour of a guard costs, in the same money.
    income : what all the people of the neighbourhood earn a week, in the same money.
    imputed : by neighbourhood id, whether some of the residents' hours are supposed.

    Returns
    -------
    Burden: `table`, `zones`, `payers`. `balance_word` is `gives all` (no official hour), `gives more`, `receives more`,
    `neither` or `cannot tell`.

    Raises
    ------
    LayerError : a column is missing, or there is a negative number.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: costs in time and money that fall hardest on the poor, Payan, "Coproduction of Public Safety"; Kakwani
    (1977), Economic Journal 87(345); Suits (1977), American Economic Review 67(4).

    >>> hours = pd.DataFrame({"residents": [30.0, 90.0], "official": [120.0, 30.0], "market": [0.0, 0.0]}, ["a", "b"])
    >>> adults, zones = pd.Series([600.0, 900.0], ["a", "b"]), pd.Series(["centre", "periphery"], ["a", "b"])
    >>> found = burden(hours, adults=adults, zones=zones)
    >>> found.table[["hours_per_1000_adults", "own_share", "balance"]].values.tolist()
    [[50.0, 0.2, 0.25], [100.0, 0.75, 3.0]]
    """
    require_arguments(
        hours=("frame", hours),
        adults=("numbers", adults),
        zones=("by id", zones),
        money=("numbers or none", money),
        wage_per_hour=("number or none", wage_per_hour),
        income=("numbers or none", income),
        imputed=("by id or none", imputed),
    )
    ids = hours.index
    given = _checked(hours, {"adults": adults, "money": money, "income": income})
    given["zone"] = align(zones, ids, name="zones").astype(object)
    given["imputed"] = False if imputed is None else align(imputed, ids, name="imputed").astype(bool)
    given["known"] = given[list(SIDES)].notna().all(axis=1)
    table = _figures(given, wage_per_hour=wage_per_hour)
    table.insert(0, "zone", given["zone"])
    table["imputed"] = given["imputed"]
    for name, values in (("money_status", given["money"]), ("status", given["residents"])):
        table[name] = values.notna().map({True: "ok", False: "missing"})
    return Burden(
        table=table[[one for one in BURDEN if one != "id"]],
        zones=_of_zones(given, wage_per_hour=wage_per_hour),
        payers=payers(given, wage_per_hour=wage_per_hour),
    )


def _checked(hours: pd.DataFrame, columns: Mapping[str, pd.Series | None]) -> pd.DataFrame:
    """All inputs by the ids of `hours`; a side that nobody registers counts nothing."""
    absent = [one for one in SIDES if one not in hours]
    if absent:
        raise LayerError(problem("burden_columns", absent))
    given = hours[list(SIDES)].astype(float)
    silent = [one for one in SIDES if given[one].isna().all() and one != "residents"]
    given[silent] = 0.0
    for name, values in columns.items():
        given[name] = np.nan if values is None else align(values, hours.index, name=name).astype(float)
    bad = [str(name) for name in given if (given[name] < 0).any()]
    if bad:
        raise LayerError(problem("burden_negative", bad))
    given["quota"] = 0.0 if given["money"].isna().all() else given["money"]
    return given


def _figures(given: pd.DataFrame, *, wage_per_hour: float | None) -> pd.DataFrame:
    """Rates, shares and balance of rows of hours, adults, money and income."""
    adults, residents = given["adults"].where(given["adults"] > 0), given["residents"]
    every = given[list(SIDES)].sum(axis=1, skipna=False)
    every = every.where(every > 0)
    worth = given["money"] if wage_per_hour is None else given["quota"] + residents * wage_per_hour
    official = given["official"]
    figures = pd.DataFrame(
        {
            "resident_hours_per_week": residents,
            "hours_per_1000_adults": 1000 * residents / adults,
            "money_per_week": given["money"],
            "money_per_1000_adults": 1000 * given["money"] / adults,
            "quota_hours_per_week": given["money"] / wage_per_hour if wage_per_hour else np.nan,
            "official_hours_per_week": official,
            "market_hours_per_week": given["market"],
            "own_share": residents / every,
            "market_share": given["market"] / every,
            "income_share": worth / given["income"].where(given["income"] > 0),
            "balance": residents / official.where(official > 0),
        },
        index=given.index,
    )
    unknown = residents.isna() | official.isna()
    words = [unknown, (official == 0) & (residents > 0), residents > official, residents < official]
    figures["balance_word"] = np.select(words, ["cannot tell", "gives all", "gives more", "receives more"], "neither")
    return figures


def _of_zones(given: pd.DataFrame, *, wage_per_hour: float | None) -> pd.DataFrame:
    """The same figures of a zone: its totals over the neighbourhoods of which each part is known.

    Where some money is not known and what is known adds up to nothing, the money of the zone is missing: who pays may
    be just who is not told of.
    """
    rows = {}
    for zone, inside in given.groupby("zone"):
        told = inside[inside["residents"].notna()]
        whole = _figures(_total(told[told["known"]]), wage_per_hour=wage_per_hour).iloc[0]
        rates = _figures(_total(told), wage_per_hour=wage_per_hour).iloc[0]
        paid = _figures(_total(told[told["money"].notna()]), wage_per_hour=wage_per_hour).iloc[0]
        earning = told[told["quota"].notna() & told["income"].notna()]
        earned = _figures(_total(earning), wage_per_hour=wage_per_hour).iloc[0]
        row = rates.copy()
        row[["own_share", "market_share", "balance", "balance_word"]] = whole[
            ["own_share", "market_share", "balance", "balance_word"]
        ]
        row["money_per_1000_adults"], row["income_share"] = paid["money_per_1000_adults"], earned["income_share"]
        if told["quota"].isna().any() and not told["quota"].sum() > 0:
            row[list(OF_MONEY)] = np.nan
        row["neighbourhoods"], row["adults"] = len(told), told["adults"].sum()
        row["n_shares"], row["imputed"] = int(told["known"].sum()), bool(told["imputed"].any())
        rows[zone] = row
    table = pd.DataFrame(rows, index=pd.Index([one for one in BURDEN_ZONES if one != "zone"])).T
    return table.infer_objects().rename_axis("zone")


def _total(rows: pd.DataFrame) -> pd.DataFrame:
    sums = rows[[*SIDES, "adults", "money", "quota", "income"]].sum(min_count=1)
    return sums.to_frame().T.astype(float)


def payers(given: pd.DataFrame, *, wage_per_hour: float | None = None) -> pd.DataFrame:
    """Kakwani and Suits of the hours, the money and both together, among adults by what an adult earns.

    Parameters
    ----------
    given : by neighbourhood id, columns `residents` (hours a week), `money`, `adults`, `income` (of all, a week).
    wage_per_hour : what an hour is worth, to add hours and money up.

    Returns
    -------
    Frame `burden` (hours, money, total), `index` (kakwani, suits), `value` (missing where it cannot be told), `n`.

    >>> income = {"adults": 1.0, "income": [1.0, 3.0]}
    >>> given = pd.DataFrame({"residents": [8.0, 8.0], "money": 0.0} | income, ["a", "b"])
    >>> float(payers(given)["value"].iloc[0])                    # the same hours for all, three times the income
    -0.25
    """
    require_arguments(given=("frame", given), wage_per_hour=("number or none", wage_per_hour))
    adults = given["adults"]
    kinds = {"hours": given["residents"], "money": given["money"]}
    if wage_per_hour is not None:
        quota = 0.0 if given["money"].isna().all() else given["money"]
        kinds["total"] = quota + wage_per_hour * given["residents"]
    rows = []
    for kind, amount in kinds.items():
        known = amount.notna() & given["income"].notna() & (adults > 0)
        each, earned = (amount / adults)[known], (given["income"] / adults)[known]
        for name, index in (("kakwani", equity.kakwani), ("suits", equity.suits)):
            try:
                value = index(each, earned, weights=adults[known]) if known.any() else np.nan
            except SecEquityError:
                value = np.nan
            rows.append((kind, name, value, int(known.sum())))
    return pd.DataFrame(rows, columns=list(BURDEN_PAYERS)) if given["income"].notna().any() else _no_payers()


def _no_payers() -> pd.DataFrame:
    return pd.DataFrame(columns=list(BURDEN_PAYERS))
