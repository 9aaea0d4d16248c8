"""Does the gap hang on where the line is drawn, on what is divided by, on smoothing? The same gap, over all of them.

`curve` makes the runs; `radii`, `densest` and `plaza_of` draw other lines than the study's own.
"""

from secequity.specifications.lines import densest, plaza_of, radii
from secequity.specifications.runs import SpecificationCurve, curve

__all__ = ["SpecificationCurve", "curve", "densest", "plaza_of", "radii"]
