"""What only shows when the parts of a study are held against each other."""

from __future__ import annotations

from collections.abc import Iterator

from secequity import privacy
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.coverage.layers import Layer
from secequity.sources.neighbourhoods import Neighbourhoods

IMPLAUSIBLE_PER_1000 = 100.0


def check_privacy(config: Config, found: Findings) -> None:
    """Two views of the same participants would give a withheld count back by subtraction: one is allowed."""
    people = [one for one in config.layers if one.body in privacy.PARTICIPANTS]
    far = [one.name for one in people if one.reach.method == "catchment"]
    if far:
        found.error("community_catchment", far)
    views: dict[tuple[str | None, str], list[str]] = {}
    for one in people:
        for column in one.counted or ("",):
            views.setdefault((one.path, column), []).append(one.name)
    twice = sorted({name for names in views.values() if len(names) > 1 for name in names})
    if twice:
        found.error("community_twice", twice)


def withheld_files(config: Config, city: Neighbourhoods) -> set[str]:
    """Files that hold counts of participants: their digest would let a guess at a withheld count be tried out."""
    held = {config.participation.path} if config.participation is not None else set()
    for one in config.layers:
        if one.body in privacy.PARTICIPANTS:
            held |= {one.path} if one.path is not None else {city.section_of(column).path for column in one.counted}
    return held | {one.path for one in config.surveys}


def check_people(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    """Columns of the neighbourhoods that `[participation]` and `[reporting]` name."""
    given, known = config.participation, {*map(str, city.attributes), *map(str, city.covariates)}
    keys = ("adults", "income", "earners")
    named = {} if given is None else {f"[participation] {key}": getattr(given, key) for key in keys}
    if config.reporting is not None:
        named["[reporting] crime"] = config.reporting.crime
    for key, column in named.items():
        if column is not None and column not in known:
            close = nearest(column, known)
            found.error("population_column_unknown", key=key, column=column, near=close and f" → {close}?")


def check_together(config: Config, city: Neighbourhoods, layers: tuple[Layer, ...], *, found: Findings) -> None:
    """What only shows when the parts are held against each other."""
    rule, _, nearest_asked = config.autocorrelation.weights.partition(":")
    count = len(city.frame)
    if rule == "knn" and int(nearest_asked) >= count:
        found.error("weights_k", k=int(nearest_asked), count=count, most=count - 1)
    made = {"name", "zone", "population", "id", "geometry", "official_hours_per_1000", "own_hours_per_1000"}
    made |= {f"{one.name}_{ending}" for one in layers for ending in one.more}
    made |= {
        f"{one.name}_{end}"
        for one in layers
        for end in ("amount", "status", "per_1000", "per_1000_eb", "hours_per_1000")
    }
    taken = [*made, "geom", "fid", *map(str, city.covariates.columns)]
    folded = [one.casefold() for one in taken]
    clash = sorted(one for one in map(str, city.covariates.columns) if folded.count(one.casefold()) > 1)
    if clash:
        found.error("measures_repeated", clash)
    for names in _doubled(config):
        found.notice("hours_twice", names)
    unconverted = [one.name for one in layers if one.hours_per_week is None and not one.is_level]
    if unconverted:
        found.notice("hours_none", unconverted)
    empty = city.frame["population"] == 0
    for one in layers:
        posted = one.amount.index[empty & (one.amount > 0)]
        if len(posted) and not one.is_level:
            found.notice("posted_where_nobody_lives", posted, layer=one.name, amount=float(one.amount[posted].sum()))
    people = float(city.frame["population"].sum())
    for one in layers:
        per_1000 = 1000 * float(one.amount.sum()) / people if people else 0.0
        staffed = config.neighbourhoods.population_scale is None and one.unit in ("police", "serenazgo")
        if staffed and per_1000 > IMPLAUSIBLE_PER_1000:
            column = config.neighbourhoods.population
            found.error("population_too_small", layer=one.name, per_1000=per_1000, column=column)


def _doubled(config: Config) -> Iterator[list[str]]:
    """Layers whose hours may be counted twice: a body's staff from one file, or its staff and its patrols."""
    counted = [one for one in config.layers if one.ledger]
    staffed = [one for one in counted if one.hours_per_week is not None]
    for body, path in {(one.body, one.path) for one in staffed if one.path is not None}:
        same = [one.name for one in staffed if (one.body, one.path) == (body, path)]
        if len(same) > 1:
            yield sorted(same)
    for body in sorted({one.body for one in staffed}):
        patrols = [one.name for one in counted if one.body == body and one.kind in ("routes", "tracks")]
        if patrols:
            yield sorted([*patrols, *(one.name for one in staffed if one.body == body)])
