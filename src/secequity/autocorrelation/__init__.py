"""Do neighbouring places resemble each other, and where?

Overall: `moran`, `moran_rate`, `bivariate_moran`, `lee_l`, `geary`, `getis_ord_g`, one `Autocorrelation` each; of words
`join_counts`; and `robustness` over the rules of who is a neighbour.
Place by place: `local_moran`, `local_bivariate_moran`, `local_geary`, `local_g`, one `LocalAutocorrelation` each.

Graphs are used as given. Values meet the graph by id. Tests are two-sided permutation tests that count values equal up
to rounding as equal, so that a city where most places have none of something is not full of findings.
"""

from secequity.autocorrelation.clusters import LocalAutocorrelation
from secequity.autocorrelation.hot_spots import local_g, local_geary
from secequity.autocorrelation.joins import JoinCounts, join_counts
from secequity.autocorrelation.local import local_bivariate_moran, local_moran
from secequity.autocorrelation.overall import bivariate_moran, geary, getis_ord_g, lee_l, moran, moran_rate
from secequity.autocorrelation.result import Autocorrelation
from secequity.autocorrelation.robustness import Robustness, robustness

__all__ = [
    "Autocorrelation",
    "JoinCounts",
    "LocalAutocorrelation",
    "Robustness",
    "bivariate_moran",
    "geary",
    "getis_ord_g",
    "join_counts",
    "lee_l",
    "local_bivariate_moran",
    "local_g",
    "local_geary",
    "local_moran",
    "moran",
    "moran_rate",
    "robustness",
]
