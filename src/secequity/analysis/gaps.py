"""What lies behind the gaps of a study: their tests and intervals, their gradient, and what they go with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
import shapely

from secequity import gaps
from secequity.analysis.attempts import rng_of, untold
from secequity.analysis.draws import permutations_of, replicates_of
from secequity.analysis.given import Given
from secequity.analysis.headline import headline
from secequity.checks import Findings, nearest
from secequity.config import Config
from secequity.results import DECOMPOSITION, GAP_INTERVALS, GAP_TESTS, GRADIENT, GRADIENT_CURVE
from secequity.sources.neighbourhoods import Neighbourhoods

DENSITY = "density"
REPLICATES = 999


def gap_tests_of(given: Given) -> Mapping[str, pd.DataFrame] | None:
    """Every test and every interval of the gaps of the study."""
    found = given.compared.values()
    if not found:
        return None
    return {
        "gap_tests": _rows((one.tests for one in found if one.spatial), GAP_TESTS),
        "gap_intervals": _rows((one.intervals for one in found), GAP_INTERVALS),
    }


def gradients_of(given: Given) -> Mapping[str, pd.DataFrame] | None:
    """Each headline measure against the distance to the plaza."""
    point, origin = _plaza(given)
    distance = gaps.distance_to(given.city.frame, point)
    config, count = given.config, len(given.people)
    values = [one.values.rename(one.name) for one in headline(given)]
    if not values:
        return None
    found = gaps.gradient_each(
        values,
        distance,
        weights=given.people,
        graph=given.graph,
        level=config.equity.level,
        replicates=replicates_of(config, count),
        permutations=permutations_of(config, count),
        rng=rng_of(config, "gradient"),
    )
    rows = [one.to_frame().assign(origin=origin) for one in found]
    return {"gradient": _rows(rows, GRADIENT), "gradient_curve": _rows([one.curve for one in found], GRADIENT_CURVE)}


def decompositions_of(given: Given) -> pd.DataFrame | None:
    """How much of each headline gap goes with the needs that the study names; nothing where it names none."""
    names = given.config.gap.needs
    if not names:
        return None
    needs = pd.DataFrame({name: _need(given, name) for name in names})
    rows = []
    for one in headline(given):
        with untold(given.found, one.name, "decomposition"):
            found = gaps.decompose(
                one.values.rename(one.name),
                given.zones,
                needs,
                weights=given.people,
                level=given.config.equity.level,
                replicates=min(REPLICATES, given.config.equity.replicates),
                rng=rng_of(given.config, "decomposition"),
            )
            rows.append(found.to_frame())
    return _rows(rows, DECOMPOSITION) if rows else None


def check_gap(config: Config, city: Neighbourhoods, *, found: Findings) -> None:
    """Every need that `[gap]` names is a covariate of the study, or the density."""
    known = [*map(str, city.covariates.columns), DENSITY]
    for column in config.gap.needs:
        if column not in known:
            close = nearest(column, known)
            found.error("gap_need_unknown", column=column, near=close and f" → {close}?")


def _rows(tables: Iterator[pd.DataFrame] | list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Tables one below the other; the cells of a column that is empty in some are left as they are."""
    records = [record for table in tables for record in table.to_dict("records")]
    return pd.DataFrame(records, columns=list(columns))


def _need(given: Given, name: str) -> pd.Series:
    if name in given.city.covariates:
        return given.city.covariates[name]
    km2 = given.city.frame.geometry.area / 1e6
    return pd.Series(given.people / km2, name=name)


def _plaza(given: Given) -> tuple[shapely.Point, str]:
    """The plaza of the study file, or the middle of the people of the casco urbano."""
    frame = given.city.frame
    if given.plaza is not None:
        return given.plaza, "plaza"
    core = (given.zones == "centre").reindex(frame.index)
    middles, people = shapely.centroid(frame.geometry[core].to_numpy()), given.people[core].fillna(0.0).to_numpy()
    weight = people if people.sum() > 0 else people + 1.0
    x, y = (float((along(middles) * weight).sum() / weight.sum()) for along in (shapely.get_x, shapely.get_y))
    return shapely.Point(x, y), "casco"
