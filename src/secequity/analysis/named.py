"""Every column and layer that the further sections of a study file name, held against its data."""

from __future__ import annotations

from secequity.analysis.asked import check_asked
from secequity.analysis.claims import check_claims
from secequity.analysis.fear import check_surveys
from secequity.analysis.gaps import check_gap
from secequity.analysis.groups import check_groups
from secequity.analysis.shares import check_rates
from secequity.checks import Findings
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.sources.neighbourhoods import Neighbourhoods


def check_named(config: Config, city: Neighbourhoods, layers: tuple[Layer, ...], *, found: Findings) -> None:
    """What a section names and the study does not have."""
    check_asked(config, city, found=found)
    check_gap(config, city, found=found)
    check_rates(config, city, layers, found=found)
    check_groups(config, city, found=found)
    check_claims(config, city, found=found)
    check_surveys(config, city, layers, found=found)
