"""What every table of a study shares: a generator for each number, and words for what cannot be told."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from secequity.checks import Findings
from secequity.config import Config
from secequity.errors import SecEquityError, SecEquityWarning


def rng_of(config: Config, *words: str) -> np.random.Generator:
    """A generator of its own for each number, so that adding a layer changes no digit of another."""
    return np.random.default_rng([config.study.seed, *(crc32(word.encode()) for word in words)])


@dataclass
class Attempt:
    failed: bool = False


@contextmanager
def untold(found: Findings, measure: str, statistic: str) -> Iterator[Attempt]:
    """A statistic that may have no answer: what its room refuses becomes a notice, and the study goes on."""
    attempt = Attempt()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecEquityWarning)
            yield attempt
    except SecEquityError as refusal:
        attempt.failed = True
        report_untold(found, measure, statistic, refusal.problems[0])


def report_untold(found: Findings, measure: str, statistic: str, reason: object) -> None:
    """One notice for all the measures of which a statistic cannot be told for the same reason."""
    values = {"statistic": f"@statistic.{statistic}", "reason": reason}
    for at, one in enumerate(found.notices):
        if one.code == "measure_untold" and one.values == values:
            found.notices[at] = replace(one, which=tuple(dict.fromkeys([*one.which, measure])))
            return
    found.notice("measure_untold", [measure], **values)
