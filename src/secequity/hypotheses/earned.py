"""Third claim: support comes to a peripheral neighbourhood only after it has taken part, to the centre regardless."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from secequity.checks import require_arguments
from secequity.errors import AlignmentError, ConfigError, LayerError, problem
from secequity.hypotheses import logit
from secequity.hypotheses.claim import NAN, Claim, Part, Rng, cannot_tell, claim_of, settled
from secequity.hypotheses.panel import Panel, panel_of
from secequity.hypotheses.power import MULTIPLES, Power, power_of
from secequity.participation import ACTIVITIES, EMBODIED
from secequity.words import Zone

Counted = Literal["embodied", "all"]
SupportOn = Literal["row", "period"]
Lines = dict[Zone, logit.Line | None]
FloatArray = npt.NDArray[np.float64]
COLUMNS = ("id", "activity", "period", "support")
CELLS = 200_000_000
ROUNDING = 1e-10
EQUAL_ROWS = "histories_at_equal_rows"
MOST = 20_000
"""Neighbourhoods compared each with itself; of more, so many are drawn by lot."""

ZONES: tuple[Zone, Zone] = ("centre", "periphery")


def earned_right(
    records: pd.DataFrame,
    zones: pd.Series,
    *,
    lag: int = 6,
    counted: Counted = "embodied",
    support_on: SupportOn = "row",
    level: float = 0.95,
    permutations: int = 9999,
    smallest_slope: float = 0.35,
    smallest_log_odds: float = 0.7,
    rng: Rng = None,
) -> Claim:
    """Is support earned in the periphery and given in the centre?

    In each period t and zone, logit P(support at t) = a + b · ln(1 + activities in the `lag` periods before t) +
    c · ln(m/M) + d · (m − M), m the rows of t that say whether there was support and M their median in the city. The
    claim predicts b > 0 in the periphery (*slope*) and a higher chance in the centre for those who did nothing, a of
    the centre > a of the periphery (*level*); both must hold. Told beside them: the slope of the centre and how far
    the two slopes are apart (*contrast*), and the periphery's slope when each neighbourhood is compared with itself
    only (*within*), which what is lasting about a neighbourhood cannot explain.

    Who records more has more rows on which support can be written, and more history, whatever support depends on: so
    periods are compared at equal m. Where each row has its own chance 1 − e^(−h), that of a period has the logit
    ln(mh) + mh/2 + …, hence the two columns. Periods with a single row are left out, as support may be why it was
    written. Where support is known by period, with rows or without, c = d = 0 and every period is compared.

    The slope is tested by giving the neighbourhoods of a zone each other's whole histories of participation, so that
    what goes together within a history stays together; the level by its error, which allows for the same.

    Parameters
    ----------
    records : one row an activity, columns `id`, `activity`, `period` (whole numbers), `support` (true, false or
        missing), and perhaps `times`; such as `Participation.records`.
    zones : `centre`, `periphery` or missing, by the id of every neighbourhood the record is about: one without a row
        did nothing. Leave out those of which nothing may be said.
    lag : periods of history before each period, ≥ 1; the first `lag` are history only.
    counted : what is participation: `embodied` activities, or `all`.
    support_on : what the record of support is kept by: each `row`, which says whether it brought support; or each
        `period`, so that one without rows is known to have brought none.
    level : confidence level of the intervals; 1 − level is the level of the tests.
    permutations : random exchanges of histories, ≥ 99; fewer where there are very many neighbourhoods.
    smallest_slope : the least slope that matters; 0.35 doubles the odds between no activity and six.
    smallest_log_odds : the least difference in level that matters; 0.7 is twice the odds.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    Claim; `estimate` is the slope of the periphery, in logits a unit of ln(1 + activities).

    Raises
    ------
    LayerError : a column is lacking. AlignmentError : the record has ids that `zones` has not.
    ConfigError : an option out of its range.

    Source: the claim, Marquardt, "Participatory Security"; exchange of whole histories, Good (2005), Permutation,
    Parametric and Bootstrap Tests of Hypotheses, ch. 3, of a figure over its error, DiCiccio & Romano (2017), JASA 112,
    1211–1220; logit with errors by cluster, Liang & Zeger (1986).

    >>> import pandas as pd
    >>> unsaid = pd.array([None], "boolean")
    >>> nothing = pd.DataFrame({"id": ["a"], "activity": "faena", "period": [0], "support": unsaid})
    >>> told = earned_right(nothing, pd.Series({"a": "periphery", "b": "centre"}))
    >>> told.verdict, told.reason
    ('cannot tell', 'no_support')
    """
    require_arguments(
        records=("frame", records),
        zones=("by id", zones),
        lag=("whole", lag),
        level=("number", level),
        permutations=("whole", permutations),
        smallest_slope=("number", smallest_slope),
        smallest_log_odds=("number", smallest_log_odds),
        rng=("rng", rng),
    )
    _usable(records, zones, lag=lag, words=(counted, support_on), level=level, permutations=permutations)
    ids = zones.index[zones.notna()]
    if not set(ZONES) <= set(zones.dropna()):
        return cannot_tell("earned_right", "zone_empty")
    panel = panel_of(records, ids, lag=lag, activities=EMBODIED if counted == "embodied" else ACTIVITIES)
    if isinstance(panel, str):
        return cannot_tell("earned_right", panel)
    generator = np.random.default_rng(rng)
    by_row = support_on == "row"
    panel = panel.comparable(by_row=by_row)
    zone = zones.reindex(panel.ids).to_numpy()
    if not set(ZONES) <= set(zone):
        return cannot_tell("earned_right", "few_rows" if by_row else "no_support")
    typical = float(np.median(panel.rows[panel.chosen(by_row=True)])) if by_row else 1.0
    parts = {name: Compared.of(panel.of(zone == name), by_row=by_row, typical=typical) for name in ZONES}
    lines: Lines = {name: one.line() for name, one in parts.items()}
    counts = {name: len(one.x) for name, one in parts.items()}
    blank = Part(part="", quantity="slope", level=level, n_centre=counts["centre"], n_periphery=counts["periphery"])
    slope = _slope(parts["periphery"], lines, permutations, generator, blank)
    slope = replace(slope, test=EQUAL_ROWS if by_row and slope.test else slope.test)
    found = (
        _settled(slope, _error(lines["periphery"]), smallest_slope, generator),
        _settled(_level(lines, blank), _distance(lines, 0), smallest_log_odds, generator),
        settled(_contrast(lines, blank), smallest=0.0),
        settled(_within(parts["periphery"], blank, generator), smallest=0.0),
    )
    options = {"lag": lag, "counted": counted, "support_on": support_on, "level": level, "permutations": permutations}
    options |= {"rows": typical} if by_row else {}
    options |= {"smallest_slope": smallest_slope, "smallest_log_odds": smallest_log_odds, "undated": panel.undated}
    return claim_of("earned_right", found, method="logit; exchanged histories", options=options, rng=rng)


def _usable(
    records: pd.DataFrame, zones: pd.Series, *, lag: int, words: tuple[str, str], level: float, permutations: int
) -> None:
    for option, value, least in (("lag", lag, 1), ("permutations", permutations, 99)):
        if value < least:
            raise ConfigError(problem("option_below", option=option, value=value, least=least))
    if not 0 < level < 1:
        raise ConfigError(problem("option_between", option="level", value=level, least=0, most=1))
    known = (("counted", get_args(Counted)), ("support_on", get_args(SupportOn)))
    for word, (option, allowed) in zip(words, known, strict=True):
        if word not in allowed:
            raise ConfigError(problem("option_word", option=option, value=word, words=", ".join(allowed)))
    lacking = [name for name in COLUMNS if name not in records]
    if lacking:
        raise LayerError(problem("records_columns", lacking, columns=", ".join(COLUMNS)))
    strangers = pd.Index(records["id"].dropna().unique()).difference(zones.index)
    if len(strangers):
        raise AlignmentError(problem("ids_unknown", strangers, name="records"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """The periods of one zone that are compared, (neighbourhoods, periods).

    x : ln(1 + activities before). s : support, 1 or 0, nan where the period is not compared. beside : what is held
    equal, ln(m/M) and m − M, as far as m varies.
    """

    x: FloatArray
    s: FloatArray
    beside: FloatArray

    @classmethod
    def of(cls, panel: Panel, *, by_row: bool, typical: float) -> Compared:
        """Of a panel, at equal rows where support is recorded by row."""
        chosen = panel.chosen(by_row=by_row)
        ways = min(2, len(np.unique(panel.rows[chosen])) - 1) if by_row else 0
        rows = np.where(chosen, panel.rows, typical) if ways else np.ones_like(panel.rows)
        columns = np.stack([np.log(rows / typical), rows - typical], axis=2)
        return cls(
            x=np.log1p(panel.before), s=np.where(chosen, panel.supported == 1, np.nan), beside=columns[:, :, :ways]
        )

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """The periods compared."""
        known: npt.NDArray[np.bool_] = np.isfinite(self.s)
        return known

    def line(self) -> logit.Line | None:
        """The logit of the zone."""
        known = self.known
        return logit.pooled(self.x[known], self.s[known], np.nonzero(known)[0], beside=self.beside[known])


def _slope(zone: Compared, lines: Lines, permutations: int, generator: np.random.Generator, blank: Part) -> Part:
    line, other = lines["periphery"], lines["centre"]
    told = replace(blank, part="slope", centre=NAN if other is None else other.slope, n=int(zone.known.sum()))
    if line is None:
        return replace(told, reason="one_sided_support")
    low, high = line.interval(level=blank.level)
    p_value = exchanged(zone, permutations, generator)
    return replace(told, periphery=line.slope, value=line.slope, low=low, high=high, p_value=p_value, test="histories")


def _level(lines: Lines, blank: Part) -> Part:
    centre, periphery = lines["centre"], lines["periphery"]
    told = replace(blank, part="level", quantity="log_odds")
    if centre is None or periphery is None:
        return replace(told, reason="one_sided_support")
    chances = [float(special.expit(line.intercept)) for line in (centre, periphery)]
    told = replace(told, centre=chances[0], periphery=chances[1], n=centre.rows + periphery.rows)
    return _by_error(told, centre.intercept - periphery.intercept, _distance(lines, 0), _freedom(lines))


def _contrast(lines: Lines, blank: Part) -> Part:
    centre, periphery = lines["centre"], lines["periphery"]
    told = replace(blank, part="contrast", counts=False)
    if centre is None or periphery is None:
        return replace(told, reason="one_sided_support")
    told = replace(told, centre=centre.slope, periphery=periphery.slope, n=centre.rows + periphery.rows)
    return _by_error(told, periphery.slope - centre.slope, _distance(lines, 1), _freedom(lines))


def _within(zone: Compared, blank: Part, generator: np.random.Generator) -> Part:
    told = replace(blank, part="within", counts=False)
    chosen = np.arange(len(zone.x))
    if len(chosen) > MOST:
        chosen = np.sort(generator.choice(chosen, MOST, replace=False))
    line = logit.within(zone.x[chosen], zone.s[chosen], beside=zone.beside[chosen])
    if line is None:
        return replace(told, reason="no_variation")
    low, high = line.interval(level=blank.level)
    told = replace(told, periphery=line.slope, value=line.slope, low=low, high=high, n=line.rows)
    return replace(told, p_value=line.p_value, test="conditional_logit")


def exchanged(zone: Compared, permutations: int, generator: np.random.Generator) -> float:
    """Two-sided p of the slope when neighbourhoods get each other's histories of participation.

    The figure is the score of a slope of 0, what is held equal taken out, over its error by neighbourhoods: so it keeps
    its level although who has more history also has more rows. No model is fitted anew.
    """
    known = zone.known
    place = np.nonzero(known)[0]
    said = logit.score(zone.x[known], zone.s[known], zone.beside[known])
    if said is None:
        return NAN

    def figure(x: FloatArray) -> float:
        by_place = np.bincount(place, said(x[known]))
        error = float(np.sqrt((by_place**2).sum()))
        return float(by_place.sum()) / error if error > ROUNDING else 0.0

    observed = figure(zone.x)
    drawn = int(np.clip(CELLS // zone.x.size, 199, permutations))
    reference = np.array([figure(zone.x.take(generator.permutation(len(zone.x)), axis=0)) for _ in range(drawn)])
    slack = ROUNDING * max(abs(observed), float(np.abs(reference).max()))
    tails = (np.sum(reference >= observed - slack), np.sum(reference <= observed + slack))
    return min(1.0, 2 * float(min(tails) + 1) / (drawn + 1))


def _settled(part: Part, error: float, smallest: float, generator: np.random.Generator) -> Part:
    """With a verdict; simulated figures scatter as the observed one's error says."""

    def draw(effect: float, size: float, many: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
        return rng.normal(effect, error / np.sqrt(size), many)

    def power() -> Power:
        effects, n = [smallest * one for one in MULTIPLES], part.n_centre + part.n_periphery
        return power_of(draw, n=n, null=0.0, effects=effects, alpha=1 - part.level, rng=generator)

    return settled(part, smallest=smallest, power=power)


def _error(line: logit.Line | None) -> float:
    return NAN if line is None else float(np.sqrt(line.covariance[1, 1]))


def _distance(lines: Lines, of: int) -> float:
    """Standard error of the difference between the zones: intercepts (0) or slopes (1)."""
    both = [line.covariance[of, of] for line in lines.values() if line is not None]
    return float(np.sqrt(sum(both))) if len(both) == len(ZONES) else NAN


def _freedom(lines: Lines) -> int:
    return min(line.clusters for line in lines.values() if line is not None) - 1


def _by_error(part: Part, value: float, error: float, freedom: int) -> Part:
    if freedom < 1 or not error > 0:
        return replace(part, value=value)
    reach = float(stats.t.ppf((1 + part.level) / 2, freedom)) * error
    p_value = float(2 * stats.t.sf(abs(value) / error, freedom))
    return replace(part, value=value, low=value - reach, high=value + reach, p_value=p_value, test="by_error")
