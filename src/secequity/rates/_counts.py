"""What every rate asks of its counts and its people, and the shape it gives back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secequity import checks
from secequity.errors import ConfigError, LayerError, Problem, problem


def paired(amount: pd.Series, population: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both as floats in the order of `amount`; a population of zero is missing."""
    problems = [*_problems(amount), *_problems(population)]
    if problems:
        raise LayerError(*problems)
    counted = floats(checks.align(amount, amount.index, name=name(amount)))
    people = floats(checks.align(population, amount.index, name=name(population)))
    return counted, people.where(people > 0)


def require_between(option: str, value: float, *, least: float = 0.0, most: float = 1.0) -> None:
    """Refuse an option that does not lie between two bounds."""
    if not least < value < most:
        raise ConfigError(problem("option_between", option=option, value=value, least=least, most=most))


def _problems(values: pd.Series) -> list[Problem]:
    called = name(values)
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_complex_dtype(values.dtype):
        return [problem("rates_not_numbers", name=called)]
    known = floats(values)
    found = {"rates_negative": known < 0, "rates_infinite": known == np.inf}
    return [problem(code, known.index[bad], name=called) for code, bad in found.items() if bad.any()]


def floats(values: pd.Series) -> pd.Series:
    """Any numbers as floats, missing as nan."""
    return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index, name=values.name)


def like(model: pd.Series, values: pd.Series) -> pd.Series:
    """`values` under the name and the attributes of `model`."""
    result = pd.Series(values.to_numpy(), index=values.index, name=model.name, dtype=float)
    result.attrs = dict(model.attrs)
    return result


def name(values: pd.Series) -> str:
    """What a message calls these values."""
    return "?" if values.name is None else str(values.name)
