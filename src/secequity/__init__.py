"""Spatial equity of urban security: who is guarded, who guards themselves, and by how much.

>>> import secequity as se
>>> sorted(name for name in dir(se) if not name.startswith("_"))[:4]
['Results', 'SecEquityError', 'SecEquityWarning', 'Study']
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from secequity.garbage import unsearched as _unsearched

__version__ = "0.1.0"

_ROOMS = (
    *(
        "autocorrelation",
        "costs",
        "coverage",
        "decay",
        "equity",
        "gaps",
        "hypotheses",
        "inequality",
        "inference",
        "ledger",
        "participation",
        "rates",
    ),
    *("aggregation", "regression", "segregation", "specifications"),
    *("burden", "profiles", "reporting", "shares", "surveys"),
    *("transfer", "weights", "zones"),
)
_NAMES = {
    "Results": "study",
    "Study": "study",
    "read_study": "study",
    "SecEquityError": "errors",
    "SecEquityWarning": "errors",
}

__all__ = [*_NAMES, *_ROOMS]


def __getattr__(name: str) -> Any:
    """Rooms and names are fetched when first asked for, so that importing the package costs next to nothing."""
    if name in _ROOMS or name in _NAMES:
        with _unsearched():
            room = import_module(f"secequity.{_NAMES.get(name, name)}")
        return room if name in _ROOMS else getattr(room, name)
    raise AttributeError(f"module 'secequity' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
