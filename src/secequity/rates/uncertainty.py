"""How far a rate may be relied on: exact intervals for counts of events, and a word for each neighbourhood."""

from __future__ import annotations

import pandas as pd

from secequity import checks
from secequity.checks import require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.rates._counts import floats, name, paired, require_between

WHOLE = 1e-6
OF_STATUS: dict[str, str] = {"missing": "missing", "suppressed": "suppressed", "uncovered": "uncovered"}


def poisson_interval(events: pd.Series, population: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Rates of events with exact Poisson intervals.

    low = χ²(α/2; 2e)/2n, high = χ²(1 − α/2; 2e + 2)/2n, α = 1 − level; low is 0 where there is no event. An interval
    belongs to events that could have been more or fewer (complaints, interventions, patrols seen). Staff and posts are
    counted whole: they have none.

    Parameters
    ----------
    events : whole counts by neighbourhood id, ≥ 0.
    population : people by neighbourhood id, ≥ 0; in any order.
    level : confidence level, between 0 and 1.

    Returns
    -------
    A frame in the order of `events` with `rate`, `low` and `high`, in events a person; missing where the events are
    missing, or the population is missing or zero. The true rate lies within at least as often as `level` says.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number, or events are not whole.
    ConfigError : `level` is out of its range.

    Source: Garwood (1936), Biometrika 28(3/4), 437–442.

    >>> import pandas as pd
    >>> found = poisson_interval(pd.Series({"a": 10, "b": 0}), pd.Series({"a": 1000, "b": 1000}))
    >>> (1000 * found).round(3).loc["a"].tolist()                    # 10 events: from 4.795 to 18.390
    [10.0, 4.795, 18.39]
    """
    require_arguments(events=("series", events), population=("series", population), level=("number", level))
    from scipy import stats

    require_between("level", level)
    counted, people = paired(events, population)
    broken = (counted - counted.round()).abs() > WHOLE
    if broken.any():
        raise LayerError(problem("rates_not_whole", counted.index[broken], name=name(events)))
    tail, whole = (1 - level) / 2, counted.round()
    low = pd.Series(stats.chi2.ppf(tail, 2 * whole), index=counted.index).mask(whole == 0, 0.0) / 2
    high = pd.Series(stats.chi2.isf(tail, 2 * whole + 2), index=counted.index) / 2
    return pd.DataFrame({"rate": whole / people, "low": low / people, "high": high / people})


def reliability(
    events: pd.Series,
    population: pd.Series,
    *,
    status: pd.Series | None = None,
    least_people: float = 1000,
    largest_error: float | None = 0.3,
) -> pd.Series:
    """Whether each neighbourhood's rate may be relied on, in one word.

    The first that holds, in this order: `suppressed`, `uncovered` or `missing` by `status`; `missing`, where the events
    or the people are not known; `nobody`, where no one lives; `few_people`, below `least_people`; `few_events`, where
    the relative standard error of the count, 1/√e, is above `largest_error` (0.3: fewer than 12 events); `reliable`.

    Parameters
    ----------
    events : amount by neighbourhood id, ≥ 0.
    population : people by neighbourhood id, ≥ 0; in any order.
    status : `ok`, `missing`, `suppressed` or `uncovered` by neighbourhood id, as a study gives for each layer.
    least_people : people below which a rate is not relied on, ≥ 0. Below 1,000 one officer more moves the rate per
        1,000 by more than one.
    largest_error : relative standard error above which a count of events is too small, > 0; None for staff and posts,
        which are counted whole and have no error of sampling.

    Returns
    -------
    Series of words in the order of `events`.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number.
    ConfigError : an option out of its range.

    Source: the rule of the relative standard error as in Parker et al. (2017), National Center for Health Statistics
    Data Presentation Standards, Vital and Health Statistics 2(175); the people are this project's own stated rule.

    >>> import pandas as pd
    >>> events = pd.Series({"a": 40, "b": 3, "c": 30, "park": 0, "d": None})
    >>> people = pd.Series({"a": 5000, "b": 5000, "c": 999, "park": 0, "d": 2000})
    >>> reliability(events, people).to_dict()
    {'a': 'reliable', 'b': 'few_events', 'c': 'few_people', 'park': 'nobody', 'd': 'missing'}
    """
    require_arguments(
        events=("series", events),
        population=("series", population),
        status=("series or none", status),
        least_people=("number", least_people),
        largest_error=("number or none", largest_error),
    )
    if not least_people >= 0:
        raise ConfigError(problem("option_below", option="least_people", value=least_people, least=0))
    if largest_error is not None and not largest_error > 0:
        raise ConfigError(problem("option_not_above", option="largest_error", value=largest_error, least=0))
    counted, _ = paired(events, population)
    people = floats(checks.align(population, events.index, name=name(population)))
    words = pd.Series("reliable", index=events.index, name=f"{name(events)}_reliability", dtype=object)
    if largest_error is not None:
        words = words.mask(counted * largest_error**2 < 1, "few_events")
    words = words.mask(people < least_people, "few_people")
    words = words.mask(people == 0, "nobody")
    words = words.mask(counted.isna() | people.isna(), "missing")
    if status is not None:
        said = checks.align(status, events.index, name="status").map(OF_STATUS)
        words = words.mask(said.notna(), said)
    return words
