"""Coverage on need, zone and exclusion, with the neighbours taken into account. The door to spreg.

`fit` makes one `Regression`: ordinary least squares with its diagnostics, spatial lag, spatial error, or one equation a
zone. An equation describes how places differ; it does not say why.
"""

from secequity.regression.fit import fit
from secequity.regression.result import Regression

__all__ = ["Regression", "fit"]
