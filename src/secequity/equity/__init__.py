"""How unequally a thing is shared out: between zones, among people, along the line from poor to rich."""

from secequity.equity.burden import burden_reading, kakwani, suits
from secequity.equity.concentration import concentration_index, concentration_reading
from secequity.equity.gap import Gap, gap
from secequity.equity.inequality import Theil, atkinson, fgt, gini, hoover, theil, theil_l
from secequity.equity.lorenz import concentration_curve, lorenz, palma

__all__ = [
    "Gap",
    "Theil",
    "atkinson",
    "burden_reading",
    "concentration_curve",
    "concentration_index",
    "concentration_reading",
    "fgt",
    "gap",
    "gini",
    "hoover",
    "kakwani",
    "lorenz",
    "palma",
    "suits",
    "theil",
    "theil_l",
]
