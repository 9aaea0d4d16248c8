"""From layers to neighbourhoods: how much of a body's presence each neighbourhood has."""

from secequity.coverage.catchment import catchments, cumulative, spatial_availability, two_step
from secequity.coverage.posts import locate, within
from secequity.coverage.routes import per_street_km, ranking, routes, street_km
from secequity.coverage.tracks import FixCounts, TrackHours, count_fixes, tracks

__all__ = [
    "FixCounts",
    "TrackHours",
    "catchments",
    "count_fixes",
    "cumulative",
    "locate",
    "per_street_km",
    "ranking",
    "routes",
    "spatial_availability",
    "street_km",
    "tracks",
    "two_step",
    "within",
]
