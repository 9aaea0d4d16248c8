"""`study.toml` as frozen models: what a study may say, and every way in which it says something else."""

from secequity.config.layers import LayerSection, ReachSection
from secequity.config.sections import (
    AutocorrelationSection,
    ByLanguage,
    EquitySection,
    FileKeys,
    FileSection,
    MapSection,
    NeighbourhoodsSection,
    ParticipationSection,
    PrivacySection,
    Strict,
    StudySection,
    TableSection,
    ZonesSection,
)
from secequity.config.study_file import Config, inspect_config, read_config

__all__ = [
    "AutocorrelationSection",
    "ByLanguage",
    "Config",
    "EquitySection",
    "FileKeys",
    "FileSection",
    "LayerSection",
    "MapSection",
    "NeighbourhoodsSection",
    "ParticipationSection",
    "PrivacySection",
    "ReachSection",
    "Strict",
    "StudySection",
    "TableSection",
    "ZonesSection",
    "inspect_config",
    "read_config",
]
