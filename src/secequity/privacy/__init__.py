"""What may be known about people: nothing about fewer than k participants leaves the program.

A count of 1 to k − 1 participants is taken out where it enters, before any total, rate or index is computed: no later
number contains it, so none gives it back by subtraction, and totals are totals of what may be published. Where one
register is told in several ways (by neighbourhood, by zone and activity), what one of them withholds the others could
give back: `complement` and `protect` withhold as much more as it takes. Names and homes of people do not enter.
"""

from secequity.privacy.cells import MAPPED, PARTICIPANTS, Withheld, complement, protect, recoverable, too_few
from secequity.privacy.people import personal_columns

__all__ = [
    "MAPPED",
    "PARTICIPANTS",
    "Withheld",
    "complement",
    "personal_columns",
    "protect",
    "recoverable",
    "too_few",
]
