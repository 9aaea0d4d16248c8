"""The colours of every map and figure: told apart by people who see few colours, and in print without any."""

from __future__ import annotations

from secequity.words import MeasureKind

RAMPS: dict[MeasureKind, tuple[str, ...]] = {
    "coverage": ("#cde5e2", "#8cc4c6", "#479aab", "#1f6a87", "#0c3757"),
    "smoothed": ("#cde5e2", "#8cc4c6", "#479aab", "#1f6a87", "#0c3757"),
    "hours": ("#dcebc5", "#a6cf93", "#62ac71", "#2b8058", "#0b4a3b"),
    "covariate": ("#fde9c4", "#f8c37d", "#e8924d", "#c25a2c", "#7f2a14"),
}
"""From little to much, by kind of measure."""

STEPS: dict[int, tuple[int, ...]] = {0: (), 1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
ZERO = "#f4e0b8"
ABSENT = {"missing": "#e3e3e1", "suppressed": "#f1efe9", "uncovered": "#ffffff"}
ABSENT_INK = {"missing": "#8d9199", "suppressed": "#5d6470", "uncovered": "#a3885a"}
ZONE = {"centre": "#1f6a87", "periphery": "#d9a441"}
SUPPLIER = {"state": "#0c3757", "municipality": "#479aab", "market": "#a58cc7", "residents": "#d4620a"}
INK = "#17181c"
FAINT = "#6f6757"
PAPER = "#fffdf8"


def ramp(kind: MeasureKind, classes: int, *, zero: bool) -> tuple[str, ...]:
    """The colours of so many classes; where zero is a class of its own the others start darker.

    >>> ramp("coverage", 2, zero=False)
    ('#8cc4c6', '#1f6a87')
    """
    colours = RAMPS[kind]
    if zero and classes:
        return colours[-classes:]
    return tuple(colours[at] for at in STEPS[classes])
