"""Fear beside service in four words: who is feared for and unserved, and who is served and still afraid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity.checks import align, require_arguments

WORDS = ("feared_unserved", "feared_served", "calm_unserved", "calm_served", "cannot tell")


def beside(
    fear: pd.DataFrame,
    coverage: pd.Series,
    *,
    fear_cut: float,
    coverage_cut: float,
) -> pd.DataFrame:
    """Each neighbourhood's fear and service in one word.

    Parameters
    ----------
    fear : by neighbourhood id, column `value` (a share who feel unsafe, or marks), and `low` and `high` where there is
        an interval.
    coverage : service by the same ids, in any unit.
    fear_cut, coverage_cut : a neighbourhood at or above `fear_cut` is afraid, one below `coverage_cut` is unserved. At
        a cut of 0, one without any fear is calm and one without any service unserved.

    Returns
    -------
    Frame by id: `word`, one of `feared_unserved`, `feared_served` (served and still afraid), `calm_unserved`,
    `calm_served`, or `cannot tell` where fear or service is missing; `sure`, whether the whole interval of the fear
    lies on one side of its cut (missing without an interval).

    Raises
    ------
    AlignmentError : the two speak of different neighbourhoods.

    Source: diagnoses made with residents, Dammert, "Citizen Security and Social Cohesion" (URB-AL III, 2012).

    >>> fear = pd.DataFrame({"value": [0.7, 0.6, 0.2], "low": [0.6, 0.4, 0.1], "high": [0.8, 0.8, 0.3]}, list("abc"))
    >>> beside(fear, pd.Series({"a": 1.0, "b": 9.0, "c": 9.0}), fear_cut=0.5, coverage_cut=4.0).values.tolist()
    [['feared_unserved', True], ['feared_served', False], ['calm_served', True]]
    """
    require_arguments(
        fear=("frame", fear),
        coverage=("numbers", coverage),
        fear_cut=("number", fear_cut),
        coverage_cut=("number", coverage_cut),
    )
    service = align(coverage, fear.index, name="coverage")
    value = fear["value"].astype(float)
    unknown = value.isna() | service.isna()
    afraid = (value > fear_cut) | ((value == fear_cut) & (value != 0))
    served = (service > coverage_cut) | ((service == coverage_cut) & (service != 0))
    word = np.select([unknown, afraid & ~served, afraid, ~served], [WORDS[4], *WORDS[:3]], default=WORDS[3])
    sure = pd.Series(pd.NA, index=fear.index, dtype="boolean")
    if {"low", "high"} <= set(fear):
        told = fear["low"].notna() & fear["high"].notna()
        above = (fear["low"] > fear_cut) | ((fear["low"] == fear_cut) & (fear["low"] != 0))
        sure[told] = (above | (fear["high"] < fear_cut))[told]
    return pd.DataFrame({"word": pd.Series(word, index=fear.index, dtype=object), "sure": sure})
