"""Figures for papers and slides: the results of a study as matplotlib axes, in the colours of the map."""

from secequity.figures.choices import drawable
from secequity.figures.plot import FIGURES, plot, svg

__all__ = ["FIGURES", "drawable", "plot", "svg"]
