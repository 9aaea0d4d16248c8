"""Do neighbouring places resemble each other, and where? The door to esda.

Overall: `moran`, `moran_rate`, `bivariate_moran`, `geary`, `getis_ord_g`, one `Autocorrelation` each.
Place by place: `local_moran`, `local_g`, one `LocalAutocorrelation` each.

Graphs are used as given. Values meet the graph by id. Tests are two-sided permutation tests that count values equal up
to rounding as equal, so that a city where most places have none of something is not full of findings.
"""

from secequity.autocorrelation.local import LocalAutocorrelation, local_g, local_moran
from secequity.autocorrelation.overall import (
    Autocorrelation,
    bivariate_moran,
    geary,
    getis_ord_g,
    moran,
    moran_rate,
)

__all__ = [
    "Autocorrelation",
    "LocalAutocorrelation",
    "bivariate_moran",
    "geary",
    "getis_ord_g",
    "local_g",
    "local_moran",
    "moran",
    "moran_rate",
]
