"""What residents fear: exploratory walks and victimisation surveys by neighbourhood, beside the service they get."""

from secequity.surveys.reading import Survey, read_survey
from secequity.surveys.sample import marks, told_shares, unsafe_shares
from secequity.surveys.words import WORDS, beside

__all__ = ["WORDS", "Survey", "beside", "marks", "read_survey", "told_shares", "unsafe_shares"]
