"""The embedded city: its truths are found again, and where they are switched off the claims are not."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

import claims
import secequity as se
from secequity.hypotheses.earned import SupportOn

SEEDS = (1998, 1, 2)
KEPT: tuple[SupportOn, SupportOn] = ("row", "period")
DRAWS: dict[str, Any] = {"replicates": 499, "permutations": 999, "rng": 1}


def most(runs: int, *, level: float = 0.05) -> int:
    """So many rejections at most, in all but one of a thousand series of `runs` true nulls."""
    return int(stats.binom.ppf(0.999, runs, level))


@pytest.fixture(scope="module", params=SEEDS)
def city(request: pytest.FixtureRequest) -> claims.City:
    return claims.city(request.param, truth=True)


def test_the_centre_is_found_to_have_more(city: claims.City) -> None:
    here = claims.place()
    found = se.hypotheses.coverage_gap(city.official, here.zones, people=here.people, graph=here.graph, **DRAWS)
    assert found.verdict == "supported"
    assert found.estimate > 2


def test_the_mix_of_activities_is_found(city: claims.City) -> None:
    """Documentary share 0.85 in the centre and 0.30 in the periphery."""
    here = claims.place()
    found = se.hypotheses.labour_transfer(
        city.records, here.zones, own_hours=city.own, all_hours=city.own + city.official, graph=here.graph, **DRAWS
    )
    assert found.verdict == "supported"
    composition = found.details.set_index("part").loc["composition"]
    assert composition["centre"] == pytest.approx(0.15, abs=0.06)  # Jirón Asamblea files papers only
    assert composition["periphery"] == pytest.approx(0.70, abs=0.03)


def test_the_earned_right_is_found(city: claims.City) -> None:
    """Slope 1.1 in the periphery and 0 in the centre; levels −3.6 and −1.1."""
    found = se.hypotheses.earned_right(city.records, claims.place().zones, support_on="period", permutations=999, rng=1)
    assert found.verdict == "supported"
    parts = found.details.set_index("part")
    assert found.estimate == pytest.approx(1.1, abs=0.2)
    assert parts.loc["within", "low"] < 1.1 < parts.loc["within", "high"]
    assert parts.loc["level", "low"] < 2.5 < parts.loc["level", "high"]
    assert parts.loc["level", "centre"] == pytest.approx(1 / (1 + np.exp(1.1)), abs=0.1)
    assert parts.loc["level", "periphery"] == pytest.approx(1 / (1 + np.exp(3.6)), abs=0.02)


def test_the_map_of_exclusion_points_the_right_way(city: claims.City) -> None:
    here = claims.place()
    area = here.barrios.set_index("codigo").area / 1e6
    found = se.hypotheses.exclusion_map(
        1000 * city.official / here.people,
        here.poverty,
        here.graph,
        density=here.people / area,
        permutations=999,
        rng=1,
    )
    assert found.verdict in ("supported", "cannot tell")
    assert (found.details["value"] > 0).all()
    assert found.details.set_index("part").loc["regression", "verdict"] == "supported"
    if found.verdict == "cannot tell":
        assert found.power is not None
        assert found.power.needed > found.parts[1].n


def test_without_its_truths_nothing_is_found() -> None:
    here, verdicts = claims.place(), []
    for seed in range(3):
        city = claims.city(seed, truth=False)
        common: dict[str, Any] = {"graph": here.graph, **DRAWS}
        verdicts += [
            se.hypotheses.coverage_gap(city.official, here.zones, people=here.people, **common).verdict,
            se.hypotheses.labour_transfer(
                city.records, here.zones, own_hours=city.own, all_hours=city.own + city.official, **common
            ).verdict,
            *(
                se.hypotheses.earned_right(city.records, here.zones, support_on=kept, permutations=199, rng=1).verdict
                for kept in KEPT
            ),
        ]
    assert verdicts.count("supported") <= most(len(verdicts))


# Light cities in which a claim is false, many of them


ROWS, COLUMNS = 10, 12
IDS = [f"{row:02}{column:02}" for row in range(ROWS) for column in range(COLUMNS)]
RUNS = 40


def lattice() -> Graph:
    place = {one: (at // COLUMNS, at % COLUMNS) for at, one in enumerate(IDS)}
    pairs = [
        (one, other)
        for one, (row, column) in place.items()
        for other, (there, beyond) in place.items()
        if abs(row - there) + abs(column - beyond) == 1
    ]
    first, second = zip(*pairs, strict=True)
    return Graph.from_arrays(list(first), list(second), np.ones(len(pairs))).transform("r")


GRID = lattice()
CORE = pd.Series(
    ["centre" if 3 <= at // COLUMNS <= 6 and 4 <= at % COLUMNS <= 7 else "periphery" for at in range(len(IDS))],
    index=IDS,
)


@cache
def smoother(rho: float) -> np.ndarray:
    return np.linalg.inv(np.eye(len(IDS)) - rho * GRID.sparse.toarray())


def patchy(rng: np.random.Generator, rho: float = 0.7) -> pd.Series:
    """A variable whose neighbours resemble each other (simultaneous autoregression)."""
    return pd.Series(smoother(rho) @ rng.normal(size=len(IDS)), index=GRID.unique_ids)[IDS]


def test_a_patchy_city_without_a_gap_is_seldom_called_one() -> None:
    found = []
    for seed in range(RUNS):
        rng = np.random.default_rng([seed, 1])
        people = pd.Series(rng.integers(500, 2500, len(IDS)).astype(float), index=IDS)
        hours = people * np.exp(0.4 * patchy(rng)) / 10
        claim = se.hypotheses.coverage_gap(
            hours, CORE, people=people, graph=GRID, replicates=99, permutations=199, rng=seed
        )
        found.append(claim.verdict)
    assert found.count("supported") + found.count("opposite") <= most(RUNS)


def test_one_mix_in_both_zones_is_seldom_called_two() -> None:
    found = []
    for seed in range(RUNS):
        rng = np.random.default_rng([seed, 2])
        done = rng.poisson(20 * rng.gamma(2.2, 1 / 2.2, len(IDS)))
        embodied = rng.binomial(done, 0.5)
        log = pd.DataFrame(
            {
                "id": IDS * 2,
                "activity": ["faena"] * len(IDS) + ["petition"] * len(IDS),
                "times": np.concatenate([embodied, done - embodied]).astype(float),
            }
        ).assign(people=lambda one: 10 * one["times"])
        own, official = pd.Series(embodied * 3.0, index=IDS), pd.Series(rng.gamma(1.0, 50.0, len(IDS)), index=IDS)
        claim = se.hypotheses.labour_transfer(
            log[log["times"] > 0],
            CORE,
            own_hours=own,
            all_hours=own + official,
            graph=GRID,
            replicates=99,
            permutations=199,
            rng=seed,
        )
        found.append(claim.verdict)
    assert found.count("supported") <= most(RUNS)
    assert found.count("not supported") > RUNS / 2  # there were data enough to see a difference


def test_two_patchy_maps_that_know_nothing_of_each_other_seldom_coincide() -> None:
    spectral, plain, verdicts = [], [], []
    for seed in range(RUNS):
        rng = np.random.default_rng([seed, 5])
        exclusion, coverage = patchy(rng, 0.9).rename("poverty"), patchy(rng, 0.9)
        claim = se.hypotheses.exclusion_map(coverage, exclusion, GRID, permutations=199, rng=seed)
        verdicts.append(claim.verdict)
        spectral.append(claim.details.set_index("part").loc["lee_l", "p_value"] < 0.05)
        plain.append(se.autocorrelation.lee_l(exclusion, -coverage, GRID, permutations=199, rng=seed).p_value < 0.05)
    assert verdicts.count("supported") <= most(RUNS)
    assert sum(spectral) <= most(RUNS)
    assert sum(plain) > most(RUNS)  # plain permutation does not keep its level here
