"""Posts that serve whoever is within reach: catchments over distance, walking time or a table of costs."""

from __future__ import annotations

from math import log
from pathlib import Path

import geopandas as gpd
import pandas as pd

from secequity import costs, decay
from secequity.coverage import catchment, posts
from secequity.coverage.kinds.task import Counted, Task
from secequity.sources import table
from secequity.texts import number

COST_COLUMNS = ("from_id", "to_id", "cost")
AT_THE_LIMIT = 0.01
"""Left to itself, a smooth decay has fallen to this weight where the reach ends."""


def read_catchment(task: Task, facilities: gpd.GeoDataFrame) -> Counted | None:
    """The supply that reaches each neighbourhood's people, crowding included."""
    if facilities.geometry.isna().all() and task.section.reach.costs is None:
        task.found.error("catchment_no_place", file=task.section.file, layer=task.section.name)
        return None
    if task.section.reach.costs is not None and facilities["declared"].notna().all():
        facilities = facilities.set_axis(pd.Index(facilities["declared"], name="id"))
    people = task.places["population"]
    supply = facilities["amount"]
    with task.guarded(facilities=task.section.file):
        pairs = _costs(task, facilities)
        if pairs is None:
            return None
        weights = _decay(task)
        if task.section.reach.measure == "two_step":
            amount = catchment.two_step(pairs, supply=supply, demand=people, decay=weights) * people
        else:
            amount = catchment.spatial_availability(pairs, supply=supply, demand=people, decay=weights).total
        reached = catchment.catchments(pairs, supply=supply, demand=people, decay=weights)
        _say(task, reached)
        located = posts.locate(task.places, facilities)
        shown = facilities.assign(neighbourhood=located)[facilities.geometry.notna()]
        points = shown[["name", "amount", "neighbourhood", "geometry"]]
        return Counted(amount=amount.mask(people == 0, 0.0), points=points)
    return None


def _costs(task: Task, facilities: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """What it costs each post to reach each neighbourhood, as far as the reach goes."""
    reach = task.section.reach
    if reach.costs is not None:
        path = task.path(reach.costs)
        name = Path(reach.costs).name
        given = table.read_table(path, file=name, found=task.found) if path is not None else None
        if given is None or not task.columns(given, {f"reach.costs {one}": one for one in COST_COLUMNS}, file=name):
            return None
        minutes_or_metres = task.numbers(given, "cost", file=name)
        if minutes_or_metres is None:
            return None
        given = given.assign(cost=minutes_or_metres)
        pairs = costs.from_table(
            given, neighbourhoods=task.places, facilities=facilities, unit="min" if reach.minutes else "m"
        )
        return pairs[pairs["cost"] <= _limit(task)]
    if reach.elevation is not None:
        path = task.path(reach.elevation)
        if path is None:
            return None
        return costs.walking(task.places, facilities, elevation=path, cutoff_min=_limit(task))
    return costs.straight_line(task.places, facilities, cutoff_m=_limit(task))


def _limit(task: Task) -> float:
    reach = task.section.reach
    return float(reach.minutes if reach.minutes is not None else reach.radius_m or 0.0)


def _decay(task: Task) -> decay.Decay:
    """The decay of the study; without a `scale`, one that has all but faded where the reach ends."""
    reach, limit = task.section.reach, _limit(task)
    if reach.decay == "gaussian":
        return decay.gaussian(sigma=reach.scale or limit / (2 * log(1 / AT_THE_LIMIT)) ** 0.5)
    if reach.decay == "exponential":
        return decay.exponential(beta=1 / reach.scale if reach.scale else log(1 / AT_THE_LIMIT) / limit)
    factory = decay.binary if reach.decay == "binary" else decay.linear
    return factory(reach.scale or limit)


def _say(task: Task, reached: catchment.Catchments) -> None:
    """Whom nothing reaches (they have none, which is not the same as missing), and supply that reaches nobody."""
    places = reached.neighbourhoods
    alone = places.index[(places["facilities"] == 0) & (places["people"] > 0)]
    if len(alone):
        people = number(float(places.loc[alone, "people"].sum()), 0)
        task.found.notice("catchment_unreached", alone, layer=task.section.name, people=people)
    if reached.unused > 0 and not task.is_of_participants:
        task.found.notice("catchment_unused", layer=task.section.name, amount=reached.unused)
