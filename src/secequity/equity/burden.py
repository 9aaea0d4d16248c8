"""Whether a burden weighs more on the poorer: the indices of Kakwani and of Suits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.equity._people import people
from secequity.equity.concentration import concentration_index
from secequity.equity.inequality import gini
from secequity.texts import number, text


def kakwani(burden: pd.Series, income: pd.Series, *, weights: pd.Series | None = None) -> float:
    """Kakwani index of a burden: is it more, or less, concentrated among the richer than income is?

    K = C − G, C the concentration index of the burden along income, G the Gini index of income. 0 where everybody gives
    the same share of income, negative (regressive) where the poorer give a larger share, positive (progressive) where
    the richer do.

    Parameters
    ----------
    burden : amount per person by neighbourhood id, ≥ 0: hours of night watch, quotas, what they are worth in money.
    income : income per person by neighbourhood id, ≥ 0, in any unit.
    weights : people (or households, if the amounts are a household's) by neighbourhood id; equal when left out.

    Returns
    -------
    From −2 to 1; `burden_reading` says it in words.

    Raises
    ------
    LayerError : a value is negative, missing or not finite, or all burdens or all incomes are zero.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Kakwani (1977), Economic Journal 87(345), 71–80.

    >>> import pandas as pd
    >>> income = pd.Series([1.0, 3.0], index=["loma", "plaza"])
    >>> kakwani(pd.Series([8.0, 8.0], index=["loma", "plaza"]), income)      # the same hours for all: 0 − ¼
    -0.25
    """
    require_arguments(burden=("series", burden), income=("series", income), weights=("series or none", weights))
    along_income = concentration_index(burden, income, weights=weights)
    return along_income - gini(income, weights=weights)


def suits(burden: pd.Series, income: pd.Series, *, weights: pd.Series | None = None) -> float:
    """Suits index of a burden: the area between the curve of the burden along income and proportion.

    S = 1 − Σ (T_i + T_{i−1})(Y_i − Y_{i−1}), T and Y the cumulative shares of burden and of income from the poorest to
    the richest. As `kakwani`, but each stretch of the curve counts by the income it holds instead of the people in it:
    what happens among the richer weighs more. People of the same income are taken together.

    Parameters
    ----------
    burden : amount per person by neighbourhood id, ≥ 0.
    income : income per person by neighbourhood id, ≥ 0, in any unit.
    weights : people (or households) by neighbourhood id; equal when left out.

    Returns
    -------
    From −1 (the poorest give all) over 0 (in proportion to income) to 1 (the richest give all).

    Raises
    ------
    LayerError : a value is negative, missing or not finite, or all burdens or all incomes are zero.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Suits (1977), American Economic Review 67(4), 747–752.

    >>> import pandas as pd
    >>> income = pd.Series([1.0, 3.0], index=["loma", "plaza"])
    >>> suits(pd.Series([8.0, 8.0], index=["loma", "plaza"]), income)        # 1 − (½·¼ + 3/2·¾)
    -0.25
    """
    require_arguments(burden=("series", burden), income=("series", income), weights=("series or none", weights))
    given, earned = people(burden, weights=weights, rank=income), people(income, weights=weights)
    _, level = np.unique(earned.values, return_inverse=True)
    share_given = np.bincount(level, weights=given.share * given.relative)
    share_earned = np.bincount(level, weights=earned.share * earned.relative)
    below = np.cumsum(share_given) - share_given / 2
    return float(1 - 2 * (below / share_given.sum()) @ (share_earned / share_earned.sum()))


def burden_reading(index: float, *, language: str = "en") -> str:
    """An index of Kakwani or of Suits in words: who gives the larger share of income, never the sign alone.

    Parameters
    ----------
    index : from −2 to 1, or nan.
    language : `en` or `es`.

    Returns
    -------
    A sentence; an index that rounds to 0.00 is said to be in proportion to income.

    >>> burden_reading(-0.25)
    'Regressive: the poorer give a larger share of their income than the richer (index −0.25).'
    """
    require_arguments(index=("number", index), language=("text", language))
    if index != index:
        return text("equity.burden.unknown", language)
    side = "even" if abs(index) < 0.005 else "regressive" if index < 0 else "progressive"
    return text(f"equity.burden.{side}", language, index=number(index, 2))
