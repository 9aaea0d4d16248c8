"""What residents give: registers of their activities become hours of their work a week by neighbourhood."""

from secequity.participation.given import (
    ACTIVITIES,
    EMBODIED,
    MONEY,
    NAME,
    QUOTA,
    Participation,
    certain_people,
    hours_per_week,
)
from secequity.participation.groups import imputed_in, money_per_week, people_behind
from secequity.participation.reading import read_participation
from secequity.participation.vocabulary import recognise, vocabulary

__all__ = [
    "ACTIVITIES",
    "EMBODIED",
    "MONEY",
    "NAME",
    "QUOTA",
    "Participation",
    "certain_people",
    "hours_per_week",
    "imputed_in",
    "money_per_week",
    "people_behind",
    "read_participation",
    "recognise",
    "vocabulary",
]
