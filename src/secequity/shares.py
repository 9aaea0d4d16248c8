"""Intervals of a share: how many of a hundred feel unsafe, patrol, or answered yes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from secequity.checks import require_arguments


def wilson(share: pd.Series, n: pd.Series, *, level: float = 0.95) -> tuple[pd.Series, pd.Series]:
    """Wilson's interval of a share among `n` draws, which may be an effective number.

    >>> low, high = wilson(pd.Series([0.75]), pd.Series([4.0]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.3006, 0.9544)

    Source: Wilson (1927), Journal of the American Statistical Association 22(158).
    """
    require_arguments(share=("numbers", share), n=("numbers", n), level=("number", level))
    z = float(norm.ppf((1 + level) / 2))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (middle - half).clip(lower=0.0), (middle + half).clip(upper=1.0)
