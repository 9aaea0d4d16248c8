"""The same gap in every run of a specification curve, and the count of those in which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import get_args
from zlib import crc32

import numpy as np
import pandas as pd
from libpysal.graph import Graph

from secequity import gaps, rates
from secequity.checks import Argument, align, require_arguments, require_zones
from secequity.errors import ConfigError, LayerError, problem
from secequity.inference import Rng
from secequity.results import SPECIFICATIONS, Shown
from secequity.texts import number, text
from secequity.words import Smoothing

EVEN = "smoothed_even"
"""The reason of a run whose smoothed rate is the same everywhere: so few are counted that it can show no gap."""

_ROUNDING = 1e-12

_FIGURES = ("centre", "periphery", "difference", "ratio", "low", "high", "p_value", "n_centre", "n_periphery")


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecificationCurve(Shown):
    """The gap of one measure in every run.

    table : a row a run, from the lowest ratio to the highest: its casco, denominator, smoothing and weights; the gap as
        `secequity.gaps.compare_zones` tells it; `own`, whether it is the study's own run; `holds`, whether the centre
        has more in it, or less, as in the study's own (missing where either gives no gap); `reason`, why it gives none.
    alpha : chance can be ruled out below this p.
    repeated : lines left out because they draw the same zones as an earlier one.
    """

    measure: str
    table: pd.DataFrame
    alpha: float
    repeated: tuple[str, ...]

    @property
    def runs(self) -> int:
        """How many runs give a gap that can be compared."""
        return int(self.table["holds"].notna().sum())

    @property
    def same(self) -> int:
        """In how many of them the gap points the same way as in the study's own run."""
        return int((self.table["holds"] == True).sum())  # noqa: E712

    @property
    def sure(self) -> int:
        """In how many of those chance can be ruled out."""
        return int(((self.table["holds"] == True) & (self.table["p_value"] < self.alpha)).sum())  # noqa: E712

    def to_frame(self) -> pd.DataFrame:
        """The table of runs."""
        return self.table

    def summary(self, language: str = "en") -> str:
        """In how many runs the gap holds, what holding means, and how far the ratio moves."""
        return " ".join(self._sentences(language))

    def _sentences(self, language: str) -> Iterator[str]:
        if not self.runs:
            yield text("specifications.none", language, measure=self.measure)
            return
        counts = {"same": self.same, "runs": self.runs, "sure": self.sure, "alpha": number(self.alpha)}
        yield text("specifications.summary", language, measure=self.measure, **counts)
        yield text("specifications.definition", language)
        ratio = self.table["ratio"].dropna()
        own = self.table.loc[self.table["own"], "ratio"]
        if len(ratio) and own.notna().all():
            limits = {"low": float(ratio.min()), "high": float(ratio.max())}
            yield text("specifications.range", language, **limits, own=float(own.iloc[0]))
        even = int((self.table["reason"] == EVEN).sum())
        if even:
            yield text("specifications.even", language, n=even)
        other = len(self.table) - self.runs - even
        if other:
            yield text("specifications.untold", language, n=other)


def curve(
    amount: pd.Series,
    *,
    cascos: Mapping[str, pd.Series],
    denominators: Mapping[str, pd.Series],
    smoothing: Sequence[Smoothing] = ("raw", "empirical_bayes"),
    graphs: Mapping[str, Graph] | None = None,
    own: tuple[str, str, Smoothing] | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
    replicates: int = 1999,
    permutations: int = 1999,
    rng: Rng = None,
) -> SpecificationCurve:
    """The gap between the zones over every line × denominator × smoothing, × weights where smoothing needs neighbours.

    Each run is one `secequity.gaps.compare_zones` of the amount per 1,000 of the denominator, weighted by it. The run
    *holds* when its difference has the sign of the study's own run. Runs share amounts, so their number is no sample:
    the count says how much the finding hangs on choices, and is no p value.

    Parameters
    ----------
    amount : what is shared out (officers, hours a week), ≥ 0, by neighbourhood id; missing allowed.
    cascos : zones (`centre`, `periphery` or missing) by neighbourhood id, by the name of the line. A line that draws
        the same zones as an earlier one is left out and named in `repeated`.
    denominators : people, adults, street-km, reported crimes …, ≥ 0, by neighbourhood id, by name.
    smoothing : `raw`, `empirical_bayes`, `spatial_empirical_bayes`.
    graphs : for `spatial_empirical_bayes`: who is a neighbour of whom, by the name of the weights.
    own : the study's own casco, denominator and smoothing; the first of each when left out.
    alpha : level of `sure`. level, replicates, permutations : of each run, as in `compare_zones`.
    rng : seed or generator; every run draws anew from its own child, so that another run changes no digit.

    Returns
    -------
    SpecificationCurve. A run that gives no gap (all neighbourhoods in one zone, nobody with a value, a smoothed rate
    that is the same everywhere because so little is counted) stays in the table with its reason, `holds` missing.

    Raises
    ------
    ConfigError : nothing to run over, an unknown word, no graphs for spatial smoothing, `own` is none of the runs.
    LayerError : a denominator is zero or missing everywhere.
    AlignmentError : the inputs speak of different neighbourhoods.

    Source: Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208–1214.

    >>> import pandas as pd
    >>> ids = ["plaza", "mercado", "loma", "quebrada"]
    >>> police = pd.Series([8, 4, 3, 2], index=ids, name="police")
    >>> people = pd.Series([1000, 1000, 2000, 2000], index=ids)
    >>> line = lambda *centre: pd.Series(["centre" if one in centre else "periphery" for one in ids], index=ids)
    >>> found = curve(police, cascos={"official": line("plaza", "mercado"), "narrow": line("plaza")},
    ...               denominators={"population": people}, smoothing=["raw"], rng=1)
    >>> found.table[["casco", "ratio", "holds"]].round(2).values.tolist()       # 6 / 1.25 and 8 / 1.8
    [['narrow', 4.44, True], ['official', 4.8, True]]
    """
    require_arguments(
        amount=("series", amount),
        cascos=("mapping", cascos),
        denominators=("mapping", denominators),
        smoothing=("collection", smoothing),
        graphs=("mapping or none", graphs),
        own=("collection or none", own),
        alpha=("number", alpha),
        level=("number", level),
        replicates=("whole", replicates),
        permutations=("whole", permutations),
        rng=("rng", rng),
    )
    _require(cascos, denominators, smoothing, graphs, alpha=alpha)
    lines, repeated = _distinct(cascos, amount.index)
    chosen = own or (next(iter(lines)), next(iter(denominators)), smoothing[0])
    if chosen[0] not in lines or chosen[1] not in denominators or chosen[2] not in smoothing:
        raise ConfigError(problem("specifications_headline", headline=" × ".join(chosen)))
    seed = int(np.random.default_rng(rng).integers(2**63))
    options = {"level": level, "replicates": replicates, "permutations": permutations}
    rows: list[dict[str, object]] = []
    for divisor, smooth in product(denominators, smoothing):
        for weights, rate in _rates(amount, denominators[divisor], smooth, graphs).items():
            for line, zones in lines.items():
                row = dict.fromkeys(SPECIFICATIONS) | {"measure": _name(amount), "casco": line, "denominator": divisor}
                row |= {"smoothing": smooth, "weights": weights, "own": (line, divisor, smooth) == chosen}
                generator = _child(seed, line, divisor, smooth, weights)
                row |= _gap(
                    rate,
                    zones,
                    denominators[divisor].where(rate.notna()),
                    options,
                    generator,
                    smoothed=smooth != "raw",
                )
                rows.append(row)
    return SpecificationCurve(measure=_name(amount), table=_ordered(rows), alpha=alpha, repeated=repeated)


def _require(
    cascos: Mapping[str, pd.Series],
    denominators: Mapping[str, pd.Series],
    smoothing: Sequence[Smoothing],
    graphs: Mapping[str, Graph] | None,
    *,
    alpha: float,
) -> None:
    """Refuse what cannot be run over."""
    for what, given in (("cascos", cascos), ("denominators", denominators), ("smoothing", smoothing)):
        if not given:
            raise ConfigError(problem("specifications_empty", what=what))
    named: dict[str, tuple[Argument, object]] = {f"cascos[{name}]": ("by id", one) for name, one in cascos.items()}
    named |= {f"denominators[{name}]": ("numbers", one) for name, one in denominators.items()}
    named |= {f"graphs[{name}]": ("graph", one) for name, one in (graphs or {}).items()}
    require_arguments(**named)
    require_zones(**{f"cascos[{name}]": one for name, one in cascos.items()})
    known = get_args(Smoothing)
    for one in smoothing:
        if one not in known:
            raise ConfigError(problem("option_word", option="smoothing", value=one, words=", ".join(known)))
    if "spatial_empirical_bayes" in smoothing and not graphs:
        raise ConfigError(problem("specifications_graphs"))
    if not 0 < alpha < 1:
        raise ConfigError(problem("option_between", option="alpha", value=alpha, least=0, most=1))
    for name, divisor in denominators.items():
        if not (divisor > 0).any():
            raise LayerError(problem("specifications_denominator", name=name))


def _distinct(cascos: Mapping[str, pd.Series], ids: pd.Index) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """The lines that differ, in the order given, and the names of those that repeat an earlier one."""
    lines: dict[str, pd.Series] = {}
    repeated = []
    for name, zones in cascos.items():
        aligned = align(zones, ids, name=name)
        if any(aligned.equals(align(other, ids, name=earlier)) for earlier, other in lines.items()):
            repeated.append(name)
        else:
            lines[name] = zones
    return lines, tuple(repeated)


def _rates(
    amount: pd.Series, divisor: pd.Series, smooth: Smoothing, graphs: Mapping[str, Graph] | None
) -> dict[str | None, pd.Series]:
    """The rate per 1,000 of the denominator, one a graph where neighbours smooth it."""
    if smooth == "raw":
        return {None: rates.per_1000(amount, divisor)}
    if smooth == "empirical_bayes":
        return {None: 1000 * rates.empirical_bayes(amount, divisor)}
    return {name: 1000 * rates.spatial_empirical_bayes(amount, divisor, one) for name, one in (graphs or {}).items()}


def _gap(
    rate: pd.Series,
    zones: pd.Series,
    weights: pd.Series,
    options: Mapping[str, float],
    rng: np.random.Generator,
    *,
    smoothed: bool,
) -> dict[str, object]:
    """The gap of one run, or why there is none."""
    if smoothed and np.ptp(rate.dropna()) <= _ROUNDING * rate.abs().max():
        return {"reason": EVEN}
    try:
        found = gaps.compare_zones(
            rate,
            zones,
            weights=weights,
            level=options["level"],
            replicates=int(options["replicates"]),
            permutations=int(options["permutations"]),
            rng=rng,
        ).to_frame()
    except LayerError as refusal:
        return {"reason": refusal.problems[0].code}
    return {name: found[name].iloc[0] for name in _FIGURES}


def _child(seed: int, *words: str | None) -> np.random.Generator:
    """A generator of its own for each run."""
    return np.random.default_rng([seed, *(crc32(str(word).encode()) for word in words)])


def _ordered(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The runs from the lowest ratio to the highest, with whether each holds."""
    table = pd.DataFrame(rows, columns=list(SPECIFICATIONS))
    figures = table[list(_FIGURES)].astype(float)
    table[list(_FIGURES)] = figures
    size = figures[["centre", "periphery"]].abs().max(axis=1)
    sign = np.sign(figures["difference"].where(figures["difference"].abs() > _ROUNDING * size, 0.0 * size))
    mine = sign[table["own"].astype(bool)].iloc[0]
    told = figures["difference"].notna() & (mine in (-1, 1))
    same = (sign == mine).astype(object)
    table["holds"] = same.where(told, None)
    table = table.astype({"n_centre": "Int64", "n_periphery": "Int64", "weights": object, "reason": object})
    for name in ("weights", "reason"):
        table[name] = table[name].where(table[name].notna(), None)
    names = ["casco", "denominator", "smoothing"]
    return table.sort_values(["ratio", "difference", *names], na_position="last", ignore_index=True)


def _name(amount: pd.Series) -> str:
    return "amount" if amount.name is None else str(amount.name)
