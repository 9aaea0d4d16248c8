"""Who is a neighbour of whom: contiguity, nearest, within a distance. The door to libpysal's `Graph`.

Every graph comes with the neighbourhoods' own ids, in their order, row-standardised unless asked otherwise.
"""

from secequity.weights.contiguous import contiguity, near_misses, snapped_contiguity, snapped_pairs
from secequity.weights.graphs import components, isolates
from secequity.weights.nearby import distance_band, knn
from secequity.weights.spec import from_spec

__all__ = [
    "components",
    "contiguity",
    "distance_band",
    "from_spec",
    "isolates",
    "knn",
    "near_misses",
    "snapped_contiguity",
    "snapped_pairs",
]
