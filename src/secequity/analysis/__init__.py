"""What a study computes: its measures, and of each the tables of gaps, inequality and space."""

from secequity.analysis.asked import cascos_of, no_covariates
from secequity.analysis.attempts import rng_of
from secequity.analysis.claims import hypotheses_of
from secequity.analysis.columns import counts_in
from secequity.analysis.draws import permutations_of
from secequity.analysis.fear import layers_of
from secequity.analysis.given import Given
from secequity.analysis.groups import quotients_of
from secequity.analysis.measures import (
    Measure,
    described,
    frame_of,
    label_of,
    layer_label,
    measures_of,
    rank_of,
    told,
    zones_of,
)
from secequity.analysis.more import BUILDERS, more_of
from secequity.analysis.named import check_named
from secequity.analysis.participation import members_of
from secequity.analysis.shares import reliability_of
from secequity.analysis.space import autocorrelation_of, graph_of
from secequity.analysis.zones import gaps_of, inequality_of

__all__ = [
    "BUILDERS",
    "Given",
    "Measure",
    "autocorrelation_of",
    "cascos_of",
    "check_named",
    "counts_in",
    "described",
    "frame_of",
    "gaps_of",
    "graph_of",
    "hypotheses_of",
    "inequality_of",
    "label_of",
    "layer_label",
    "layers_of",
    "measures_of",
    "members_of",
    "more_of",
    "no_covariates",
    "permutations_of",
    "quotients_of",
    "rank_of",
    "reliability_of",
    "rng_of",
    "told",
    "zones_of",
]
