"""Fourth claim: the map of exclusion goes hand in hand with the map of security."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import stats

from secequity import autocorrelation, regression
from secequity.autocorrelation.alignment import align as met
from secequity.checks import align, require_arguments
from secequity.errors import ConfigError, LayerError, problem
from secequity.hypotheses.claim import LARGEST, Claim, Part, Rng, cannot_tell, claim_of, settled
from secequity.hypotheses.power import MULTIPLES, Power, power_of
from secequity.inference import spatial_randomization

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[..., autocorrelation.Autocorrelation]
ROUNDING = 1e-12
CELLS = 4_000_000_000
FEWEST_MAPS = 999
"""Random maps compared at least, however large the city."""


def exclusion_map(
    coverage: pd.Series,
    exclusion: pd.Series,
    graph: Graph,
    *,
    density: pd.Series | None = None,
    level: float = 0.95,
    permutations: int = 9999,
    smallest: float = 0.2,
    rng: Rng = None,
) -> Claim:
    """Do exclusion and lack of coverage coincide on the map?

    Lack of coverage is coverage with its sign turned. Both enter as ranks, so that the wild rates of small places do
    not decide. Three looks, and all must be above 0: the slope of lack on exclusion at equal log density (*regression*,
    with spatially dependent errors where the Lagrange multipliers ask for them), bivariate Moran's I (lack *beside*
    exclusion) and Lee's L (lack *in and around* the same places). I and L are tested against maps of lack with the same
    likeness of neighbours (Moran spectral randomisation), since two patchy maps agree by chance more often than two
    even ones. Above 1,000 neighbourhoods, where that takes too long, I and L are told with the p of plain permutation,
    and the regression decides alone.

    Parameters
    ----------
    coverage : security per person (or per 1,000) by neighbourhood id; missing where not known.
    exclusion : poverty, unmet needs or the like by id, higher where there is more of it; missing allowed.
    graph : who is a neighbour of whom, from `secequity.weights`, over the same ids.
    density : people per km² by id, > 0 where people live; without it nothing is controlled for.
    level : confidence level of the interval; 1 − level is the level of the tests.
    permutations : random maps.
    smallest : the least slope that matters, between 0 and 1.
    rng : seed or generator; the same seed gives the same digits, whatever the order of rows.

    Returns
    -------
    Claim; `estimate` is the slope of the ranks: standard deviations of lack for one of exclusion.

    Raises
    ------
    ConfigError : an option out of its range. AlignmentError : the inputs speak of different neighbourhoods.
    LayerError : infinite values.

    Source: the claim, Bengoa as cited by Marquardt, "Participatory Security"; Lee (2001), Journal of Geographical
    Systems 3, 369–385; Wagner & Dray (2015), Methods in Ecology and Evolution 6, 1169–1178.

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1.0] * 6)
    >>> poverty = pd.Series([1.0, 2.0, 4.0, 3.0], index=list("abcd"), name="poverty")
    >>> exclusion_map(-poverty, poverty, row, rng=1).reason                  # four neighbourhoods
    'few'
    """
    require_arguments(
        coverage=("numbers", coverage),
        exclusion=("numbers", exclusion),
        graph=("graph", graph),
        density=("numbers or none", density),
        level=("number", level),
        permutations=("whole", permutations),
        smallest=("number", smallest),
        rng=("rng", rng),
    )
    if not 0 < smallest < 1:
        raise ConfigError(problem("option_between", option="smallest", value=smallest, least=0, most=1))
    about = str(exclusion.name or "exclusion")
    ids = coverage.index
    table = pd.DataFrame(
        {"lack": -align(coverage, ids, name="coverage"), "exclusion": align(exclusion, ids, name="exclusion")}
    ).astype(float)
    if density is not None:
        people = align(density, ids, name="density").astype(float)
        table["density"] = np.log(people.where(people > 0))
    table = table.where(table.notna().all(axis=1)).sort_index()
    table[["lack", "exclusion"]] = table[["lack", "exclusion"]].rank()
    known = table.dropna()
    if len(known) < 4 or (known[["lack", "exclusion"]].std() <= ROUNDING).any():
        return cannot_tell("exclusion_map", "few" if len(known) < 4 else "constant")
    generator = np.random.default_rng(rng)
    blank = Part(part="", quantity="", about=about, level=level, n=len(known))
    found = [
        _regression(known, graph, blank, smallest=smallest, generator=generator),
        *_in_space(
            table,
            graph,
            blank,
            permutations=permutations,
            smallest=smallest,
            generator=generator,
        ),
    ]
    options = {"level": level, "permutations": permutations, "smallest": smallest, "density": density is not None}
    return claim_of("exclusion_map", found, method="regression; bivariate Moran; Lee", options=options, rng=rng)


def _regression(
    known: pd.DataFrame, graph: Graph, blank: Part, *, smallest: float, generator: np.random.Generator
) -> Part:
    """The standardised slope at equal density; errors by space where the tests of an ordinary equation ask for it."""
    told = replace(blank, part="regression", quantity="standardised_slope")
    scaled = ((known - known.mean()) / known.std()).reindex(graph.unique_ids)
    y, x = scaled["lack"], scaled[[one for one in scaled if one != "lack"]]
    try:
        fitted = regression.fit(y, x, graph=graph, errors="white", level=blank.level)
        if fitted.favours in ("lag", "error"):
            fitted = regression.fit(y, x, graph=graph, model="error", level=blank.level)
    except LayerError:
        return replace(told, reason="few" if len(known) < 5 * (1 + x.shape[1]) else "no_test")
    table = fitted.table
    row = table[table["term"] == "exclusion"].iloc[0]
    told = replace(
        told,
        value=float(row["estimate"]),
        low=float(row["low"]),
        high=float(row["high"]),
        p_value=float(row["p_value"]),
        test=fitted.model,
    )
    return _scattered(told, float(row["std_error"]), smallest, generator)


def _in_space(
    table: pd.DataFrame,
    graph: Graph,
    blank: Part,
    *,
    permutations: int,
    smallest: float,
    generator: np.random.Generator,
) -> list[Part]:
    """Bivariate Moran's I and Lee's L of exclusion and lack, each tested against maps as patchy as this one."""
    statistics: dict[str, tuple[str, Statistic]] = {
        "bivariate_moran": ("moran", autocorrelation.bivariate_moran),
        "lee_l": ("lee", autocorrelation.lee_l),
    }
    try:
        found = met(graph, table["exclusion"], table["lack"])
    except LayerError:
        return [replace(blank, part=name, quantity=kind, reason="no_links") for name, (kind, _) in statistics.items()]
    exclusion, lack = (column - column.mean() for column in found.columns)
    beside = found.weights @ exclusion
    pulls = {"bivariate_moran": found.weights.T @ exclusion, "lee_l": found.weights.T @ beside}
    data = pd.DataFrame({"lack": lack}, index=found.ids)
    drawn = int(np.clip(CELLS // len(data) ** 2, min(FEWEST_MAPS, permutations), permutations))
    parts = []
    for name, (kind, statistic) in statistics.items():
        plain = statistic(table["exclusion"], table["lack"], graph, permutations=drawn, rng=generator)
        maps = _Maps(pulls[name])
        honest = spatial_randomization(
            maps.figures,
            data,
            graph=graph,
            method="spectral",
            column="lack",
            permutations=drawn,
            largest=LARGEST,
            vectorised=True,
            rng=generator,
        )
        told = honest.p_value == honest.p_value
        spread = maps.spread * abs(plain.value / honest.value) if told else float(np.sqrt(plain.variance))
        whole = statistic(table["exclusion"], table["exclusion"], graph, permutations=1, rng=0).value
        part = replace(
            blank,
            part=name,
            quantity=kind,
            value=plain.value,
            p_value=honest.p_value if told else plain.p_value,
            test="spectral" if told else "permutation",
            counts=told,
        )
        parts.append(_scattered(part, spread, max(smallest * whole, ROUNDING), generator))
    return parts


def _scattered(part: Part, error: float, smallest: float, generator: np.random.Generator) -> Part:
    """A part with its verdict, and its interval where it has none; simulated figures scatter by `error`."""
    if part.low != part.low:
        reach = float(stats.norm.ppf((1 + part.level) / 2)) * error
        part = replace(part, low=part.value - reach, high=part.value + reach)

    def draw(effect: float, size: float, many: int, rng: np.random.Generator) -> FloatArray:
        return rng.normal(effect, error / np.sqrt(size), many)

    def power() -> Power:
        effects = [smallest * one for one in MULTIPLES]
        return power_of(draw, n=part.n, null=0.0, effects=effects, alpha=1 - part.level, rng=generator)

    return settled(part, smallest=smallest, power=power)


class _Maps:
    """I or L of many maps of lack, up to a factor, and how far they scatter."""

    def __init__(self, pull: FloatArray) -> None:
        self.pull = pull
        self.drawn: list[FloatArray] = []

    def figures(self, values: FloatArray) -> FloatArray:
        """A sum of products for each map."""
        figures: FloatArray = values @ self.pull
        self.drawn.append(np.atleast_1d(figures))
        return figures

    @property
    def spread(self) -> float:
        """Standard deviation over the maps."""
        return float(np.concatenate(self.drawn).std())
