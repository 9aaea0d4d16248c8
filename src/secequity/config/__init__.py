"""`study.toml` as frozen models: what a study may say, and every way in which it says something else."""

from secequity.config.layers import LayerSection, ReachSection
from secequity.config.models import CascoSection, LevelSection, RegressionSection, SpecificationsSection
from secequity.config.people import RatesSection, SegregationSection
from secequity.config.sections import (
    AutocorrelationSection,
    ByLanguage,
    EquitySection,
    FileKeys,
    FileSection,
    GapSection,
    HypothesesSection,
    MapSection,
    NeighbourhoodsSection,
    ParticipationSection,
    PrivacySection,
    ReportingSection,
    Strict,
    StudySection,
    SurveySection,
    TableSection,
    ZonesSection,
)
from secequity.config.study_file import Config, inspect_config, read_config

__all__ = [
    "AutocorrelationSection",
    "ByLanguage",
    "CascoSection",
    "Config",
    "EquitySection",
    "FileKeys",
    "FileSection",
    "GapSection",
    "HypothesesSection",
    "LayerSection",
    "LevelSection",
    "MapSection",
    "NeighbourhoodsSection",
    "ParticipationSection",
    "PrivacySection",
    "RatesSection",
    "ReachSection",
    "RegressionSection",
    "ReportingSection",
    "SegregationSection",
    "SpecificationsSection",
    "Strict",
    "StudySection",
    "SurveySection",
    "TableSection",
    "ZonesSection",
    "inspect_config",
    "read_config",
]
