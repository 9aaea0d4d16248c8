"""How unequally a thing is shared out: between zones, among people, along the line from poor to rich."""

from secequity.equity.concentration import concentration_index, concentration_reading
from secequity.equity.gap import Gap, gap
from secequity.equity.inequality import Theil, atkinson, fgt, gini, hoover, theil
from secequity.equity.lorenz import lorenz, palma

__all__ = [
    "Gap",
    "Theil",
    "atkinson",
    "concentration_index",
    "concentration_reading",
    "fgt",
    "gap",
    "gini",
    "hoover",
    "lorenz",
    "palma",
    "theil",
]
