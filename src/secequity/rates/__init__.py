"""Amounts per person: plain, drawn towards others, with what may be relied on, and by several denominators."""

from secequity.rates.denominators import Denominators, compare_denominators
from secequity.rates.smoothing import empirical_bayes, per_1000, spatial_empirical_bayes, standardised
from secequity.rates.uncertainty import poisson_interval, reliability

__all__ = [
    "Denominators",
    "compare_denominators",
    "empirical_bayes",
    "per_1000",
    "poisson_interval",
    "reliability",
    "spatial_empirical_bayes",
    "standardised",
]
