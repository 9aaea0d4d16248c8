"""Intervals and tests for any function of a table of neighbourhoods; nothing here knows what is measured.

An interval or a p value here speaks of *neighbourhoods as one draw of a process*: how much would the figure move if the
city's neighbourhoods were others of the same kind. The staff itself is counted, not sampled.
"""

from secequity.inference.drawing import FloatArray, Rng, Rows
from secequity.inference.intervals import Method, bootstrap, bootstrap_each, jackknife
from secequity.inference.permutation import permutation_test
from secequity.inference.results import Interval, PermutationTest, SpatialTest
from secequity.inference.space import SpatialMethod, spatial_randomization

__all__ = [
    "FloatArray",
    "Interval",
    "Method",
    "PermutationTest",
    "Rng",
    "Rows",
    "SpatialMethod",
    "SpatialTest",
    "bootstrap",
    "bootstrap_each",
    "jackknife",
    "permutation_test",
    "spatial_randomization",
]
