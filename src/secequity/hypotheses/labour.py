"""Second claim: in the periphery residents do the security work, in the centre they file papers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import privacy
from secequity.checks import align, require_arguments
from secequity.errors import AlignmentError, ConfigError, LayerError, problem
from secequity.hypotheses.claim import Claim, Part, Rng, cannot_tell, claim_of
from secequity.hypotheses.zoned import Comparison
from secequity.participation import EMBODIED, people_behind

COLUMNS = ("id", "activity", "people")


def labour_transfer(
    records: pd.DataFrame,
    zones: pd.Series,
    *,
    own_hours: pd.Series,
    all_hours: pd.Series,
    graph: Graph | None = None,
    k: int = 5,
    level: float = 0.95,
    replicates: int = 9999,
    permutations: int = 9999,
    smallest: float = 0.1,
    rng: Rng = None,
) -> Claim:
    """Is participation of another kind in the periphery, and is a larger share of the work there residents' own?

    Two differences, periphery − centre, and both must be above 0: the share of activities that are embodied (night
    patrols, faenas, quotas) rather than documentary (*composition*), and the share of all hours of security work that
    residents give (*own_share*). Shares are of a zone's total. The test is that of `coverage_gap`: a neighbourhood is
    taken with all its record, so that many rows of one council count once.

    Parameters
    ----------
    records : one row an activity, columns `id`, `activity`, `people`, and perhaps `times`; such as
        `Participation.records`.
    zones : `centre`, `periphery` or missing, by the id of every neighbourhood.
    own_hours, all_hours : residents' hours and all hours of security work a week, by id; missing where not known.
    graph : who is a neighbour of whom, from `secequity.weights`.
    k : a zone's shares are withheld where one kind of activity may be the work of fewer than `k` people.
    level, replicates, permutations, rng : as `coverage_gap`.
    smallest : the least difference of shares that matters, between 0 and 1.

    Returns
    -------
    Claim; `estimate` is the difference of the embodied shares, from −1 to 1.

    Raises
    ------
    LayerError : a column is lacking. AlignmentError : the record has ids that `zones` has not, or as
    `secequity.gaps.compare_zones`. ConfigError : an option out of its range.

    Source: the claim, Marquardt, "Participatory Security".

    >>> import pandas as pd
    >>> ids = ["plaza", "loma"]
    >>> zones = pd.Series(["centre", "periphery"], index=ids)
    >>> done = {"id": ["plaza", "loma", "loma"], "activity": ["petition", "faena", "meeting"], "people": 9.0}
    >>> log = pd.DataFrame(done)
    >>> hours = pd.Series([10.0, 30.0], index=ids)
    >>> told = labour_transfer(log, zones, own_hours=hours, all_hours=2 * hours, rng=1)
    >>> told.estimate, told.verdict                                   # half of the two against none of one
    (0.5, 'cannot tell')
    """
    require_arguments(
        records=("frame", records),
        zones=("by id", zones),
        own_hours=("numbers", own_hours),
        all_hours=("numbers", all_hours),
        graph=("graph or none", graph),
        k=("whole", k),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        smallest=("number", smallest),
        rng=("rng", rng),
    )
    if not 0 < smallest < 1:
        raise ConfigError(problem("option_between", option="smallest", value=smallest, least=0, most=1))
    lacking = [name for name in COLUMNS if name not in records]
    if lacking:
        raise LayerError(problem("records_columns", lacking, columns=", ".join(COLUMNS)))
    ids = zones.index
    strangers = pd.Index(records["id"].dropna().unique()).difference(ids)
    if len(strangers):
        raise AlignmentError(problem("ids_unknown", strangers, name="records"))
    if not {"centre", "periphery"} <= set(zones.dropna()):
        return cannot_tell("labour_transfer", "zone_empty")
    own, everything = align(own_hours, ids, name="own_hours"), align(all_hours, ids, name="all_hours")
    generator = np.random.default_rng(rng)

    def compared(part: str) -> Comparison:
        return Comparison(
            blank=Part(part=part, quantity="difference", level=level),
            zones=zones,
            more="periphery",
            smallest=smallest,
            replicates=replicates,
            permutations=permutations,
            graph=graph,
        )

    if records.empty:
        composition = Part(part="composition", quantity="difference", level=level, reason="no_activities")
    elif _withheld(records, zones, k=k):
        composition = Part(part="composition", quantity="difference", level=level, reason="withheld")
    else:
        embodied, done = activities_of(records, ids)
        composition = compared("composition").part(embodied, done, rng=generator)
    known = own.notna() & everything.notna()
    if known.any():
        share = compared("own_share").part(own.where(known), everything.where(known), rng=generator)
    else:
        share = Part(part="own_share", quantity="difference", level=level, reason="no_own_hours")
    options = {"k": k, "level": level, "replicates": replicates, "permutations": permutations, "smallest": smallest}
    return claim_of(
        "labour_transfer",
        (composition, share),
        method="zones compared; spectral randomisation",
        options=options,
        rng=rng,
    )


def activities_of(records: pd.DataFrame, ids: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Embodied activities and all activities by neighbourhood id; 0 where nothing was recorded.

    >>> log = pd.DataFrame({"id": ["a", "a", "b"], "activity": ["faena", "petition", "walk"]})
    >>> [one.tolist() for one in activities_of(log, pd.Index(["a", "b", "c"]))]
    [[1.0, 0.0, 0.0], [2.0, 1.0, 0.0]]
    """
    times = records["times"].fillna(1.0) if "times" in records else pd.Series(1.0, index=records.index)
    embodied = times.where(records["activity"].isin(EMBODIED), 0.0)
    by_id = [one.groupby(records["id"]).sum().reindex(ids, fill_value=0.0).astype(float) for one in (embodied, times)]
    return by_id[0], by_id[1]


def _withheld(records: pd.DataFrame, zones: pd.Series, *, k: int) -> bool:
    """Whether one kind of activity of a zone may be the work of fewer than `k` people: shares would tell of them."""
    told = records if "times" in records else records.assign(times=1.0)
    people = people_behind(told, told["activity"].isin(EMBODIED))
    by_zone = people.groupby(zones.reindex(people.index)).sum()
    return any(privacy.too_few(by_zone[kind], k=k).any() for kind in by_zone)
