"""Shares of people who feel unsafe with their intervals, and marks of a walk, without those of fewer than k people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity import privacy
from secequity.checks import align, require_arguments
from secequity.errors import LayerError, problem
from secequity.shares import wilson

COLUMNS = ("share", "low", "high", "n", "n_effective", "status")
FEWEST = 30
"""With fewer effective answers a share is unreliable."""
WIDEST = 0.3
"""And so it is where its interval is wider than this."""


def unsafe_shares(
    answers: pd.Series,
    places: pd.Series,
    *,
    k: int,
    weights: pd.Series | None = None,
    clusters: pd.Series | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share who feel unsafe in each place, from one answer a respondent, as the sample's design allows.

    Weighted share p = Σ w·y / Σ w. Its variance is linearised, v = m/(m−1) Σ_c (Σ_i∈c w_i (y_i − p))² / (Σ w)², over
    the m clusters of respondents (each respondent is one where none are told); the effective number of answers is the
    smaller of p(1−p)/v and Kish's (Σ w)²/Σ w², and the interval Wilson's with it.

    Parameters
    ----------
    answers : by respondent, whether they feel unsafe (true, false or missing).
    places : by respondent, neighbourhood or zone; a respondent without one is left out.
    k : a share is withheld where 1 to k − 1 people answered, or felt unsafe, or did not.
    weights : survey weight by respondent, above 0; equal when left out.
    clusters : by respondent, the sampled block or street, where the survey drew those first.
    level : of the intervals.

    Returns
    -------
    Frame by place: `share` from 0 to 1, `low`, `high`, `n` (people who answered), `n_effective`, `status`: `ok`;
    `unreliable`, fewer than 30 effective answers or an interval wider than 0.3; `suppressed`, then without figures.

    Raises
    ------
    LayerError : a weight is missing or not above 0.
    AlignmentError : the inputs speak of different respondents.

    Source: linearisation, Särndal, Swensson & Wretman (1992), ch. 5; effective number of answers, Kish (1965); interval
    as in Korn & Graubard (1998), Survey Methodology 24(2), with Wilson's in place of Clopper and Pearson's.

    >>> answers, places = pd.Series([True] * 30 + [False] * 10), pd.Series(["a"] * 40)
    >>> unsafe_shares(answers, places, k=5)[["share", "n", "n_effective"]].round(6).loc["a"].tolist()
    [0.75, 40.0, 39.0]
    """
    require_arguments(
        answers=("numbers", answers),
        places=("by id", places),
        k=("whole", k),
        weights=("numbers or none", weights),
        clusters=("series or none", clusters),
        level=("number", level),
    )
    table = pd.DataFrame({"answer": answers.astype("Float64"), "place": align(places, answers.index, name="places")})
    table["weight"] = 1.0 if weights is None else align(weights, answers.index, name="weights").astype(float)
    table["cluster"] = np.arange(len(table)) if clusters is None else align(clusters, answers.index, name="clusters")
    table = table[table["answer"].notna() & table["place"].notna()]
    bad = table.index[~(table["weight"] > 0)]
    if len(bad):
        raise LayerError(problem("weights_not_positive", bad))
    rows = {place: _estimate(inside, k=k, level=level) for place, inside in table.groupby("place")}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("id")
    return frame.astype(dict.fromkeys(COLUMNS[:-1], float))


def _estimate(inside: pd.DataFrame, *, k: int, level: float) -> list[object]:
    """Share, interval, sizes and status of one place."""
    answers, weights = inside["answer"].astype(float), inside["weight"]
    unsafe, n = float(answers.sum()), len(inside)
    if privacy.too_few(pd.Series([n, unsafe, n - unsafe]), k=k).any():
        return [np.nan, np.nan, np.nan, np.nan, np.nan, "suppressed"]
    total = float(weights.sum())
    share = float((weights * answers).sum() / total)
    residuals = (weights * (answers - share)).groupby(inside["cluster"]).sum()
    drawn = len(residuals)
    kish = total**2 / float((weights**2).sum())
    if 0 < share < 1 and drawn > 1:
        variance = drawn / (drawn - 1) * float((residuals**2).sum()) / total**2
        effective = min(kish, share * (1 - share) / variance) if variance > 0 else kish
    else:
        effective = min(kish, drawn)
    return _with_interval(share, float(n), effective, level=level)


def _with_interval(share: float, n: float, effective: float, *, level: float) -> list[object]:
    low, high = (float(one.iloc[0]) for one in wilson(pd.Series([share]), pd.Series([effective]), level=level))
    weak = effective < FEWEST or high - low > WIDEST
    return [share, low, high, n, effective, "unreliable" if weak else "ok"]


def told_shares(
    shares: pd.Series, n: pd.Series, *, k: int, n_effective: pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Shares that a survey publishes by neighbourhood, with intervals from how many people answered.

    Parameters
    ----------
    shares : from 0 to 1 by neighbourhood id; missing where nobody was asked.
    n : people who answered.
    k : as in `unsafe_shares`; how many felt unsafe is the share of `n`, rounded.
    n_effective : effective number of answers where the survey tells it; `n` when left out.

    Returns
    -------
    As `unsafe_shares`, with status `missing` where there is no share or no `n`.

    Raises
    ------
    LayerError : a share is not between 0 and 1, or a number of answers is negative.
    AlignmentError : the inputs speak of different neighbourhoods.

    >>> told_shares(pd.Series({"a": 0.5}), pd.Series({"a": 100.0}), k=5).loc["a", ["low", "high"]].round(3).tolist()
    [0.404, 0.596]
    """
    require_arguments(
        shares=("numbers", shares),
        n=("numbers", n),
        k=("whole", k),
        n_effective=("numbers or none", n_effective),
        level=("number", level),
    )
    asked = align(n, shares.index, name="n").astype(float)
    effective = asked if n_effective is None else align(n_effective, shares.index, name="n_effective").astype(float)
    bad = shares.index[(shares < 0) | (shares > 1) | (asked < 0) | (effective < 0)]
    if len(bad):
        raise LayerError(problem("shares_outside", bad))
    rows: dict[object, list[object]] = {}
    figures = zip(shares.index, shares.astype(float), asked, effective, strict=True)
    for one, share, answered, size in figures:
        if np.isnan(share) or np.isnan(answered) or answered == 0:
            rows[one] = [np.nan] * 5 + ["missing"]
            continue
        unsafe = round(share * answered)
        if privacy.too_few(pd.Series([answered, unsafe, answered - unsafe]), k=k).any():
            rows[one] = [np.nan] * 5 + ["suppressed"]
            continue
        rows[one] = _with_interval(share, answered, min(answered, size) if size > 0 else answered, level=level)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("id")
    return frame.astype(dict.fromkeys(COLUMNS[:-1], float))


def marks(places: pd.Series, people: pd.Series, ids: pd.Index, *, k: int) -> pd.DataFrame:
    """Places of fear that walkers marked, by neighbourhood; never the points themselves.

    Parameters
    ----------
    places : by mark, the neighbourhood it lies in; a mark outside all is left out.
    people : by mark, how many people walked or agreed on it. One person may mark many places: of a neighbourhood only
        the largest number is sure.
    ids : the neighbourhoods. One without marks may not have been walked: its marks are missing, not zero.
    k : the smallest number of people marks may be of.

    Returns
    -------
    Frame by id: `marks`, and `status` `ok`, `suppressed` or `missing`.

    >>> marks(pd.Series(["a", "a", "b"]), pd.Series([8, 8, 3]), pd.Index(["a", "b", "c"]), k=5)["status"].tolist()
    ['ok', 'suppressed', 'missing']
    """
    require_arguments(places=("by id", places), people=("numbers", people), ids=("index", ids), k=("whole", k))
    inside = places.dropna()
    counted = inside.groupby(inside).size().reindex(ids).astype(float)
    walkers = people.reindex(inside.index).astype(float).groupby(inside).max().reindex(ids)
    status = pd.Series(np.where(counted.isna(), "missing", "ok"), index=ids, dtype=object)
    status = status.mask(counted.notna() & ~(walkers >= k), "suppressed")
    return pd.DataFrame({"marks": counted.mask(status == "suppressed"), "status": status})
