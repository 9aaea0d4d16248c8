"""From layers to neighbourhoods: how much of a body's presence each neighbourhood has."""

from secequity.coverage.catchment import catchments, cumulative, spatial_availability, two_step
from secequity.coverage.posts import locate, within
from secequity.coverage.routes import per_street_km, ranking, routes, street_km
from secequity.coverage.tracks import TrackHours, tracks

__all__ = [
    "TrackHours",
    "catchments",
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
