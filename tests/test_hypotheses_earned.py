"""The third claim where it is false: in cities that record unevenly nothing is earned; where true, it is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import claims
import secequity as se
from secequity.hypotheses import logit
from secequity.hypotheses.claim import Claim
from secequity.hypotheses.earned import Compared, exchanged
from secequity.texts import catalogue

SIDE, PERIODS, RUNS = 9, 24, 50
PLACES = [f"n{at:02}" for at in range(SIDE * SIDE)]
INSIDE = np.array([abs(at // SIDE - 4) <= 1 and abs(at % SIDE - 4) <= 2 for at in range(len(PLACES))])
ZONES = pd.Series(np.where(INSIDE, "centre", "periphery"), index=PLACES)
UNEVEN = ("iid", "hetero", "auto", "transfer_hetero")


def most(runs: int, *, level: float = 0.05) -> int:
    """So many rejections at most, in all but one of a thousand series of `runs` true nulls."""
    return int(stats.binom.ppf(0.999, runs, level))


def smooth(values: np.ndarray) -> np.ndarray:
    """Each place half its own and half its neighbours', twice; of mean 0 and deviation 1."""
    field = values.reshape(SIDE, SIDE)
    for _ in range(2):
        wide = np.pad(field, 1, mode="edge")
        field = field / 2 + (wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]) / 8
    flat: np.ndarray = ((field - field.mean()) / field.std()).ravel()
    return flat


def uneven(way: str, seed: int, *, written: str = "row") -> pd.DataFrame:
    """A record whose support knows nothing of participation, but in which some places write more than others.

    way : `iid` alike everywhere; `hetero` uneven rates; `auto` uneven rates and a patchy mix; `transfer_hetero` uneven
    rates, work in the periphery and papers in the centre. written : support falls on each `row` alike, or on each
    `period` alike, and then on one of its rows, a meeting where there was none.
    """
    rng = np.random.default_rng([seed, UNEVEN.index(way)])
    rates = np.full(len(PLACES), 0.8) if way == "iid" else rng.gamma(2.0, 0.4, len(PLACES))
    normal = rng.normal(size=len(PLACES))
    work = np.clip(0.45 + 0.1 * (smooth(normal) if way == "auto" else normal), 0.05, 0.95)
    if way == "transfer_hetero":
        work = np.where(INSIDE, 0.15, 0.7)
    counts = rng.poisson(rates[:, None], (len(PLACES), PERIODS))
    helped = rng.random(counts.shape) < 0.25
    added = helped & (counts == 0) & (written == "period")
    place, period = (np.repeat(one.ravel(), (counts + added).ravel()) for one in np.indices(counts.shape))
    first = np.ones(len(place), dtype=bool)
    first[1:] = (place[1:] != place[:-1]) | (period[1:] != period[:-1])
    embodied = (rng.random(len(place)) < work[place]) & ~added[place, period]
    support = first & helped[place, period] if written == "period" else rng.random(len(place)) < 0.25
    return pd.DataFrame(
        {
            "id": np.array(PLACES)[place],
            "activity": np.where(embodied, "faena", "meeting"),
            "period": period,
            "support": pd.array(support, "boolean"),
        }
    )


def told(log: pd.DataFrame, seed: int, **options: Any) -> Claim:
    return se.hypotheses.earned_right(log, ZONES, permutations=199, rng=seed, **options)


def p_values(found: list[Claim], part: str) -> np.ndarray:
    return np.array([one.details.set_index("part").loc[part, "p_value"] for one in found], dtype=float)


@pytest.mark.parametrize("way", UNEVEN)
@pytest.mark.parametrize("written", ["row", "period"])
def test_who_only_records_more_has_earned_nothing(way: str, written: str) -> None:
    found = [told(uneven(way, seed, written=written), seed) for seed in range(RUNS)]
    assert sum(one.verdict == "supported" for one in found) <= most(RUNS, level=0.025)
    for part in ("slope", "level", "within"):
        assert (p_values(found, part) < 0.05).sum() <= most(RUNS), part
    within = [one.details.set_index("part").loc["within", "verdict"] for one in found]
    assert within.count("opposite") <= most(RUNS, level=0.025)


def test_without_equal_rows_recording_passes_for_earning() -> None:
    """What equal rows are for: taken period by period, the same record calls nearly every slope found."""
    found = [told(uneven("transfer_hetero", seed), seed, support_on="period") for seed in range(10)]
    assert (p_values(found, "slope") < 0.05).sum() > most(10)


@pytest.mark.parametrize("way", ["hetero", "transfer_hetero"])
def test_support_known_by_period_may_be_told_of_every_period(way: str) -> None:
    found = [told(uneven(way, seed, written="period"), seed, support_on="period") for seed in range(RUNS)]
    for part in ("slope", "level", "within"):
        assert (p_values(found, part) < 0.05).sum() <= most(RUNS), part


def test_the_citys_truth_is_found_at_equal_rows_too() -> None:
    """Slope 1.1, from the periods with two rows or more; its intervals of 95 % hold it."""
    zones = claims.place().zones
    found = []
    for seed in range(6):
        records = claims.city(seed, truth=True).records
        found.append(se.hypotheses.earned_right(records, zones, permutations=199, rng=1))
    slopes = np.array([one.estimate for one in found])
    assert slopes.mean() == pytest.approx(1.1, abs=0.15)
    assert sum(not one.low < 1.1 < one.high for one in found) <= most(6)
    assert [one.parts[0].verdict for one in found] == ["supported"] * 6
    assert sum(one.verdict == "supported" for one in found) >= 4
    assert found[0].reading("es").count(catalogue("es")["claim.earned_right.equal_rows"]) == 1


def test_a_right_earned_row_by_row_is_found() -> None:
    """Each row has its own small chance 1 − e^(−h): ln h grows with 1.1 in the periphery; in the centre h is 0.2."""
    rng = np.random.default_rng(7)
    counts = rng.poisson(rng.gamma(4.0, 0.6, (len(PLACES), 1)), (len(PLACES), PERIODS))
    rows = []
    for at, one in enumerate(PLACES):
        done: list[int] = []
        for t in range(PERIODS):
            hazard = 0.2 if INSIDE[at] else 0.006 * (1 + sum(done[-6:])) ** 1.1
            work = rng.random(counts[at, t]) < (0.2 if INSIDE[at] else 0.5)
            rows += [
                (one, "faena" if embodied else "meeting", t, bool(rng.random() < 1 - np.exp(-hazard)))
                for embodied in work
            ]
            done.append(int(work.sum()))
    log = pd.DataFrame(rows, columns=["id", "activity", "period", "support"]).astype({"support": "boolean"})
    claim = told(log, 1)
    assert claim.verdict == "supported"
    assert claim.low < 1.1 < claim.high
    parts = claim.details.set_index("part")
    assert parts.loc["within", "low"] < 1.1 < parts.loc["within", "high"]


def histories(rng: np.random.Generator, count: int = 60, periods: int = 20) -> Compared:
    """Participation and support that each hang together in time and know nothing of each other."""
    energy, favour = rng.gamma(1.0, 2.0, (count, 1)), rng.normal(-1.5, 1.2, (count, 1))
    before = rng.poisson(energy, (count, periods)).astype(float)
    helped = (rng.random((count, periods)) < 1 / (1 + np.exp(-favour))).astype(float)
    return Compared(x=np.log1p(before), s=helped, beside=np.empty((count, periods, 0)))


def test_exchanging_whole_histories_keeps_its_level_where_rows_do_not() -> None:
    exchanged_p, naive_p, within_p = [], [], []
    for seed in range(200):
        rng = np.random.default_rng([seed, 3])
        zone = histories(rng)
        exchanged_p.append(exchanged(zone, 199, rng))
        line, own = zone.line(), logit.within(zone.x, zone.s)
        assert line is not None
        naive_p.append(2 * stats.norm.sf(abs(line.slope) / np.sqrt(line.plain)))
        assert own is not None
        within_p.append(own.p_value)
    rejected = [int((np.array(one) < 0.05).sum()) for one in (exchanged_p, within_p, naive_p)]
    assert rejected[0] <= most(200)
    assert rejected[1] <= most(200)
    assert rejected[2] > most(200)  # rows of a neighbourhood are not so many witnesses


def test_levels_that_are_alike_are_seldom_called_different() -> None:
    found = []
    zones = pd.Series(["centre"] * 26 + ["periphery"] * 64, index=[f"n{at:02}" for at in range(90)])
    for seed in range(40):
        zone = histories(np.random.default_rng([seed, 4]), count=90)
        rows = [
            (one, kind, t, bool(helped[t]))
            for one, done, helped in zip(zones.index, np.expm1(zone.x), zone.s, strict=True)
            for t in range(20)
            for kind in ["faena"] * round(done[t]) + ["meeting"]
        ]
        log = pd.DataFrame(rows, columns=["id", "activity", "period", "support"]).astype({"support": "boolean"})
        found.append(se.hypotheses.earned_right(log, zones, lag=2, permutations=99, rng=seed))
    assert sum(one.verdict == "supported" for one in found) <= most(40, level=0.025)
    assert (p_values(found, "level") < 0.05).sum() <= most(40)
