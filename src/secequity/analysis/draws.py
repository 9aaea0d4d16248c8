"""How many draws a study makes: as many as asked in a city, fewer of more neighbourhoods each in a large one."""

from __future__ import annotations

from secequity.config import Config

CELLS = 20_000_000
"""Neighbourhoods drawn for a gap, a gradient or a claim: 9,999 draws in a city of up to 2,000."""

LEAST = 999
"""Draws of a large city: no p is then below 0.002, and the ends of an interval are known to a twentieth of it."""

LIGHT = 2_000_000, 199
"""The same for each of many runs that are told side by side."""


def draws_of(asked: int, count: int) -> int:
    """As many draws of `count` neighbourhoods as asked, or fewer where they are many.

    >>> draws_of(9999, 150), draws_of(9999, 10_000), draws_of(9999, 100_000), draws_of(499, 100_000)
    (9999, 2000, 999, 499)
    """
    return min(asked, max(LEAST, CELLS // max(count, 1)))


def few_draws_of(asked: int, count: int) -> int:
    """`draws_of` for each of many runs.

    >>> few_draws_of(1999, 150), few_draws_of(1999, 10_000), few_draws_of(1999, 100_000)
    (1999, 200, 199)
    """
    cells, least = LIGHT
    return min(asked, max(least, cells // max(count, 1)))


def permutations_of(config: Config, count: int) -> int:
    """Permutations of a test: as the study writes them; where it writes none, `draws_of` the usual number."""
    options = config.autocorrelation
    written = "permutations" in options.model_fields_set
    return options.permutations if written else draws_of(options.permutations, count)


def replicates_of(config: Config, count: int) -> int:
    """Resamples of an interval: as the study writes them; where it writes none, `draws_of` the usual number."""
    options = config.equity
    written = "replicates" in options.model_fields_set
    return options.replicates if written else draws_of(options.replicates, count)
