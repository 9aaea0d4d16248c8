"""First claim: the centre gets more official hours than its people, or its need, warrant."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity.checks import align, require_amounts, require_arguments, require_zones
from secequity.errors import ConfigError, LayerError, problem
from secequity.gaps import GapWithUncertainty
from secequity.hypotheses.claim import Claim, Part, Rng, cannot_tell, claim_of
from secequity.hypotheses.zoned import Comparison


def coverage_gap(
    hours: pd.Series,
    zones: pd.Series,
    *,
    people: pd.Series,
    need: pd.Series | None = None,
    graph: Graph | None = None,
    level: float = 0.95,
    replicates: int = 9999,
    permutations: int = 9999,
    smallest_ratio: float = 1.25,
    rng: Rng = None,
) -> Claim:
    """Does the centre get more official hours than its people, or its need, warrant?

    Ratio of official hours a person, centre to periphery; with a need, also of hours a unit of need, and then both
    must hold: what disappears when need is allowed for is no privilege. Where there is a graph the p value is that of
    Moran spectral randomisation of what each neighbourhood has above or below its share: other maps, as patchy as this
    one, under the same centre. In a large city it is that of other contiguous cores; without a graph that of zones
    dealt out at random.

    Parameters
    ----------
    hours : official hours (or another amount) by neighbourhood id, ≥ 0; missing where not known, and then left out.
    zones : `centre`, `periphery` or missing, by id.
    people : residents by id.
    need : amount of need by id, ≥ 0: crimes, poor people; not a percentage. Missing allowed.
    graph : who is a neighbour of whom, from `secequity.weights`.
    level : confidence level of the intervals; 1 − level is the level of the tests.
    replicates, permutations : bootstrap resamples and random arrangements.
    smallest_ratio : the least ratio that matters, > 1.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    Claim; `estimate` is the ratio by people, with its bootstrap interval over neighbourhoods.

    Raises
    ------
    ConfigError : an option out of its range. LayerError, AlignmentError : as `secequity.gaps.compare_zones`.

    Source: the claim, Marquardt, "Participatory Security"; the test, Wagner & Dray (2015), Methods in Ecology and
    Evolution 6, 1169–1178.

    >>> import pandas as pd
    >>> ids = ["plaza", "loma", "quebrada"]
    >>> zones = pd.Series(["centre", "periphery", "periphery"], index=ids)
    >>> hours = pd.Series([96.0, 48.0, 48.0], index=ids)
    >>> told = coverage_gap(hours, zones, people=pd.Series([1000, 2000, 2000], index=ids), rng=1)
    >>> told.estimate, told.verdict, told.reason                      # 96/1000 against 96/4000; three neighbourhoods
    (4.0, 'cannot tell', 'few')
    """
    require_arguments(
        hours=("numbers", hours),
        zones=("by id", zones),
        people=("numbers", people),
        need=("numbers or none", need),
        graph=("graph or none", graph),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        smallest_ratio=("number", smallest_ratio),
        rng=("rng", rng),
    )
    return coverage_claim(
        hours,
        zones,
        people=people,
        need=need,
        graph=graph,
        level=level,
        replicates=replicates,
        permutations=permutations,
        smallest_ratio=smallest_ratio,
        rng=rng,
    )


def coverage_claim(
    hours: pd.Series,
    zones: pd.Series,
    *,
    people: pd.Series,
    need: pd.Series | None,
    graph: Graph | None,
    level: float,
    replicates: int,
    permutations: int,
    smallest_ratio: float,
    rng: Rng,
    compared: GapWithUncertainty | None = None,
) -> Claim:
    """`coverage_gap` of a study that has compared these hours per 1,000 people already, with this graph and level.

    One comparison is then told in one set of digits, and made once.
    """
    if smallest_ratio <= 1:
        raise ConfigError(problem("option_not_above", option="smallest_ratio", value=smallest_ratio, least=1))
    require_zones(zones=zones)
    ids = zones.index
    amount, residents = align(hours, ids, name="hours"), align(people, ids, name="people")
    bases = {"people": (residents, "", 1000.0)}
    if need is not None:
        bases["need"] = (align(need, ids, name="need"), str(need.name or "need"), 1000.0)
    require_amounts(hours=amount, people=residents, need=need)
    if (residents == 0).all():
        raise LayerError(problem("argument_nobody", name="people"))
    if not {"centre", "periphery"} <= set(zones.dropna()):
        return cannot_tell("coverage_gap", "zone_empty")
    generator = np.random.default_rng(rng)
    parts = []
    for name, (base, about, per) in bases.items():
        blank = Part(part=name, quantity="ratio", about=about, level=level)
        comparison = Comparison(
            blank=blank,
            zones=zones,
            more="centre",
            smallest=smallest_ratio,
            replicates=replicates,
            permutations=permutations,
            graph=graph,
            per=per,
        )
        known = compared if name == "people" else None
        parts.append(comparison.part(amount, base.astype(float), rng=generator, compared=known))
    options: dict[str, object] = {"level": level, "replicates": replicates, "permutations": permutations}
    options |= {"smallest_ratio": smallest_ratio, "need": None if need is None else str(need.name)}
    return claim_of("coverage_gap", parts, method="zones compared; spectral randomisation", options=options, rng=rng)
