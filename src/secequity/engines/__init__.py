"""Who does the work that outgrows a laptop: this process, SedonaDB part by part, or the workers of a Dask cluster.

An engine does two things. `places(shapes)` tells in which polygon points lie. `reduce(…)` takes apart pieces of data,
brings together what belongs together, and sums it up; it may do so anywhere and in any order, because everything that
is added up is a whole number. So no engine, number of workers or size of a piece changes a digit.
"""

from secequity.engines.choice import Engine, Local, Told, choose, silent
from secequity.engines.places import Locator, Places

__all__ = ["Engine", "Local", "Locator", "Places", "Told", "choose", "silent"]
