"""The rule by which a test becomes a verdict, stated once.

Every part of a claim is measured so that the claim predicts a figure above its null (1 for a ratio, 0 else). Then:

- *supported*: p is below 1 − level and the figure, with all of its interval, lies above its null; *opposite*: p is
  below it and all of that lies below.
- *not supported*: neither, and the data could have shown it: the whole interval lies below the smallest effect that
  matters, or the figure does and the test finds an effect of that size in eight cases of ten or more.
- *cannot tell*: neither, and they could not. Absence of evidence is no evidence of absence.

A claim of several parts is supported only if every part is, and opposite only if every part is, so that no correction
for the number of tests is needed; its p value is the largest of theirs. One part that fails is enough to say *not
supported*.

Source: intersection–union tests, Berger (1982), Technometrics 24(4), 295–300; absence of evidence, Altman & Bland
(1995), BMJ 311, 485.
"""

from __future__ import annotations

from collections.abc import Iterable

from secequity.words import Verdict

ADEQUATE = 0.8
"""From this power on, a test that finds nothing says something."""

ALIKE: tuple[Verdict, ...] = ("supported", "opposite")


def judge(
    *,
    side: float,
    p_value: float,
    value: float,
    high: float,
    smallest: float,
    power: float,
    alpha: float,
    across: bool = False,
) -> Verdict:
    """The verdict on one part.

    Parameters
    ----------
    side : the figure less its null; above 0 where it lies as predicted.
    p_value : two-sided; nan where there is no test.
    value, high : the figure and the upper bound of its interval; nan where there is none.
    smallest : the smallest figure that matters, in the same unit.
    power : chance that the test finds an effect of that size; nan where unknown.
    alpha : 1 − level.
    across : whether the interval holds the null: then the figure is on neither side, whatever the test says.

    >>> known = {"smallest": 0.1, "power": 0.5, "alpha": 0.05}
    >>> judge(side=0.30, p_value=0.01, value=0.30, high=0.50, **known)
    'supported'
    >>> judge(side=0.02, p_value=0.60, value=0.02, high=0.08, **known)
    'not supported'
    >>> judge(side=0.02, p_value=0.60, value=0.02, high=0.40, **known)
    'cannot tell'
    """
    if p_value != p_value:
        return "cannot tell"
    if p_value < alpha and side != 0 and not across:
        return "supported" if side > 0 else "opposite"
    absent = high < smallest or (value < smallest and power >= ADEQUATE)
    return "not supported" if absent else "cannot tell"


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a claim from those on its parts: all must hold.

    One part found absent or turned round, and the claim as a whole is not supported; it is opposite only if every part
    is.

    >>> combine(["supported", "supported"]), combine(["supported", "cannot tell"]), combine(["opposite", "opposite"])
    ('supported', 'cannot tell', 'opposite')
    >>> combine(["supported", "not supported"]), combine(["cannot tell", "opposite"])
    ('not supported', 'not supported')
    """
    found = set(verdicts)
    for verdict in ALIKE:
        if found == {verdict}:
            return verdict
    return "not supported" if found & {"not supported", "opposite"} else "cannot tell"
