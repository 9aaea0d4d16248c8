"""The four claims put to the test: who is served, who works, who has to earn support, and where exclusion lies.

`coverage_gap`, `labour_transfer`, `earned_right` and `exclusion_map`: each gives one `Claim` with an estimate, its
interval, a p value, a verdict (`supported`, `not supported`, `opposite` or `cannot tell`) and a sentence in two
languages. The rule of the verdict is in `secequity.hypotheses.verdict`.
"""

from secequity.hypotheses.claim import Claim, Part
from secequity.hypotheses.coverage import coverage_gap
from secequity.hypotheses.earned import earned_right
from secequity.hypotheses.exclusion import exclusion_map
from secequity.hypotheses.labour import labour_transfer
from secequity.hypotheses.power import Power

__all__ = ["Claim", "Part", "Power", "coverage_gap", "earned_right", "exclusion_map", "labour_transfer"]
