"""Amounts per person: the plain rate, and the rate that small neighbourhoods can bear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity import checks
from secequity.errors import LayerError, Problem, problem


def per_1000(amount: pd.Series, population: pd.Series) -> pd.Series:
    """Amount per 1,000 residents.

    Parameters
    ----------
    amount : amount by neighbourhood id, ≥ 0 (officers, hours a week, …).
    population : people by neighbourhood id, ≥ 0; in any order.

    Returns
    -------
    Series in the order of `amount`, with its name and attrs, in its unit per 1,000 residents; missing where the amount
    is missing, or the population is missing or zero: nobody lives there, so there is no rate.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number.

    >>> import pandas as pd
    >>> per_1000(pd.Series({"a": 6.0, "b": 2.0}), pd.Series({"b": 0, "a": 35_000})).round(4).to_dict()
    {'a': 0.1714, 'b': nan}
    """
    counted, people = _paired(amount, population)
    return _like(amount, 1000.0 * counted / people)


def empirical_bayes(events: pd.Series, population: pd.Series) -> pd.Series:
    """Rates drawn towards the city's rate, the more so the fewer people a neighbourhood has.

    r_EB = b + a(r − b)/(a + b/n) with r = e/n, b = Σe/Σn, s² = Σn(r − b)²/Σn and a = max(0, s² − b/n̄). It shrinks
    small peripheral places to the city's mean, so it is read beside the raw rate, never alone.

    Parameters
    ----------
    events : counts by neighbourhood id, ≥ 0.
    population : people by neighbourhood id, ≥ 0; in any order.

    Returns
    -------
    Series in the order of `events`, with its name and attrs, in events a person; missing where the events are
    missing, or the population is missing or zero. The others are computed without those.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number, or no neighbourhood has both events and people.

    Source: Marshall (1991), Applied Statistics 40(2), 283–294, the global estimator.

    >>> import pandas as pd
    >>> empirical_bayes(pd.Series({"a": 0, "b": 30}), pd.Series({"a": 100, "b": 300})).round(4).to_dict()
    {'a': 0.025, 'b': 0.0964}
    """
    counted, people = _paired(events, population)
    city, between = _moments(counted, people)
    rate, noise = counted / people, city / people
    spread = between + noise
    share = (between / spread.where(spread > 0)).fillna(0.0)
    return _like(events, city + share * (rate - city))


def standardised(events: pd.Series, population: pd.Series) -> pd.Series:
    """Deviation of each rate from the city's rate in standard deviations that allow for the number of residents.

    z = (r − b)/√(a + b/n); r, b and a as in `empirical_bayes`, so that the variance never falls below b/n. (Where
    s² − b/n̄ is negative, Assunção and Reis keep it while a + b/n stays positive, which may come arbitrarily near 0.)

    Returns
    -------
    Series in the order of `events`, without unit; missing where the events are missing, or the population is missing
    or zero.

    Raises
    ------
    As `empirical_bayes`, and LayerError when there is no event at all.

    Source: Assunção and Reis (1999), Statistics in Medicine 18, 2147–2162.

    >>> import pandas as pd
    >>> standardised(pd.Series({"a": 0, "b": 30}), pd.Series({"a": 100, "b": 300})).round(3).to_dict()
    {'a': -1.581, 'b': 0.598}
    """
    counted, people = _paired(events, population)
    city, between = _moments(counted, people)
    if city == 0:
        raise LayerError(problem("rates_no_events", name=_name(events)))
    return _like(events, (counted / people - city) / np.sqrt(between + city / people))


def _moments(counted: pd.Series, people: pd.Series) -> tuple[float, float]:
    """The city's rate b and the variance a between neighbourhoods."""
    known = counted.notna() & people.notna()
    if not known.any():
        raise LayerError(problem("rates_nothing_known", name=_name(counted)))
    # Summed in the order of the ids, so that the order of rows never changes a digit.
    counted, people = counted[known].sort_index(), people[known].sort_index()
    city = float(counted.sum() / people.sum())
    within = float((people * (counted / people - city) ** 2).sum() / people.sum())
    return city, max(0.0, within - city / float(people.mean()))


def _paired(amount: pd.Series, population: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both as floats in the order of `amount`; a population of zero is missing."""
    problems = [*_problems(amount), *_problems(population)]
    if problems:
        raise LayerError(*problems)
    counted = _floats(checks.align(amount, amount.index, name=_name(amount)))
    people = _floats(checks.align(population, amount.index, name=_name(population)))
    return counted, people.where(people > 0)


def _problems(values: pd.Series) -> list[Problem]:
    name = _name(values)
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        return [problem("rates_not_numbers", name=name)]
    floats = _floats(values)
    found = {"rates_negative": floats < 0, "rates_infinite": floats == np.inf}
    return [problem(code, floats.index[bad], name=name) for code, bad in found.items() if bad.any()]


def _floats(values: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index, name=values.name)


def _like(model: pd.Series, values: pd.Series) -> pd.Series:
    result = pd.Series(values.to_numpy(), index=values.index, name=model.name, dtype=float)
    result.attrs = dict(model.attrs)
    return result


def _name(values: pd.Series) -> str:
    return "?" if values.name is None else str(values.name)
