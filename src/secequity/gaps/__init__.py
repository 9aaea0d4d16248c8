"""The gap between centre and periphery: how sure it is, how it falls with distance, and what explains it."""

from secequity.gaps.compare import GapWithUncertainty, compare_each, compare_zones

__all__ = ["GapWithUncertainty", "compare_each", "compare_zones"]
