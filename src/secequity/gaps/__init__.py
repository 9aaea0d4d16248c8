"""The gap between centre and periphery: how sure it is, how it falls with distance, and what explains it."""

from secequity.gaps.compare import GapWithUncertainty, compare_each, compare_zones, deciding_p
from secequity.gaps.decomposition import Decomposition, decompose
from secequity.gaps.gradient import Gradient, distance_to, gradient, gradient_each

__all__ = [
    "Decomposition",
    "GapWithUncertainty",
    "Gradient",
    "compare_each",
    "compare_zones",
    "deciding_p",
    "decompose",
    "distance_to",
    "gradient",
    "gradient_each",
]
