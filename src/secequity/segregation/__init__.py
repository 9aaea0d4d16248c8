"""How far groups of people live apart, what each group receives, and whether chance alone would part them so."""

from secequity.segregation.indices import (
    dissimilarity,
    exposure,
    information_theory,
    isolation,
    location_quotient,
    spatial_information_theory,
)
from secequity.segregation.received import Received, received
from secequity.segregation.uncertainty import ReallocationTest, intervals, reallocation_test, reallocation_tests

__all__ = [
    "ReallocationTest",
    "Received",
    "dissimilarity",
    "exposure",
    "information_theory",
    "intervals",
    "isolation",
    "location_quotient",
    "reallocation_test",
    "reallocation_tests",
    "received",
    "spatial_information_theory",
]
