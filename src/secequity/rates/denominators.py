"""One amount by several denominators (people, adults, street km, crimes), and whether the ranking survives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secequity.checks import require_arguments
from secequity.errors import LayerError, problem
from secequity.rates._counts import name, paired
from secequity.results import Shown
from secequity.texts import text

FIFTHS = 5
SHOWN = 5
DIGITS = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Denominators(Shown):
    """An amount by each of several denominators, and how the ranking of neighbourhoods changes with them.

    rates : one row a neighbourhood, one column a denominator: the amount over it; missing where it is missing or zero.
    table : one row a denominator, compared with the first: `denominator`, `n` (neighbourhoods with a rate by every
        one), `rank_correlation` (Spearman), `kendall` (τ_b), `same_fifth_share`, `largest_move` (places), `moved_id`.
    always_least : ids among the fifth with least by every denominator. ever_least : by at least one.
    """

    measure: str
    rates: pd.DataFrame
    table: pd.DataFrame
    always_least: tuple[str, ...]
    ever_least: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a denominator."""
        return self.table.copy()

    def summary(self, language: str = "en") -> str:
        """How far the ranking survives, and who has least whatever the denominator."""
        others = self.table.iloc[1:]
        least = text(
            f"rates.least.{'some' if self.always_least else 'none'}",
            language,
            n=len(self.always_least),
            ever=len(self.ever_least),
            ids=", ".join(self.always_least[:SHOWN]) + ("…" if len(self.always_least) > SHOWN else ""),
        )
        known = others[others["rank_correlation"].notna()]
        if known.empty:
            return " ".join([text("rates.denominators.unknown", language, measure=self.measure), least])
        worst = known.iloc[int(known["rank_correlation"].to_numpy().argmin())]
        told = text(
            "rates.denominators.summary",
            language,
            measure=self.measure,
            first=str(self.table["denominator"].iloc[0]),
            other=str(worst["denominator"]),
            correlation=float(worst["rank_correlation"]),
            share=round(100 * float(worst["same_fifth_share"])),
            moved=str(worst["moved_id"]),
            places=round(float(worst["largest_move"])),
        )
        return f"{told} {least}"


def compare_denominators(amounts: pd.Series, denominators: pd.DataFrame) -> Denominators:
    """The same amount by several denominators or needs, and how stable the ranking of neighbourhoods is.

    Each is compared with the first column, over the neighbourhoods that have a rate by every denominator: Spearman's
    rank correlation, Kendall's τ_b, the share of neighbourhoods that stay in the same fifth of the ranking (ties share
    the middle of their ranks), and the largest move in places. The fifth with least is everybody below whom fewer than
    a fifth of the neighbourhoods are, so that all those tied at nothing belong to it.

    Parameters
    ----------
    amounts : amount by neighbourhood id, ≥ 0 (officers, hours, crimes); missing allowed.
    denominators : one row a neighbourhood, one column a denominator (residents, adults, street km, reported crimes),
        ≥ 0; the first is what the others are compared with.

    Returns
    -------
    Denominators; rates in amounts a unit of the denominator, correlations from −1 to 1 and missing where all rates are
    the same.

    Raises
    ------
    AlignmentError : the ids differ, or an id appears twice.
    LayerError : a value is negative, infinite or not a number, or there is no column.

    Source: Spearman (1904), American Journal of Psychology 15; Kendall (1945), Biometrika 33 (ties).

    >>> import pandas as pd
    >>> staff = pd.Series({"plaza": 9, "loma": 4, "quebrada": 1}, name="police")
    >>> by = pd.DataFrame({"people": [1000, 2000, 3000], "street_km": [9.0, 1.0, 1.0]}, index=list(staff.index))
    >>> found = compare_denominators(staff, by)
    >>> found.table[["denominator", "rank_correlation", "largest_move"]]     # 9, 2, ⅓ against 1, 4, 1
      denominator  rank_correlation  largest_move
    0      people               1.0           0.0
    1   street_km               0.0           1.5
    """
    require_arguments(amounts=("series", amounts), denominators=("frame", denominators))
    if not denominators.columns.size:
        raise LayerError(problem("rates_no_denominators", name=name(amounts)))
    columns = {}
    for column in denominators.columns:
        counted, below = paired(amounts, denominators[column].rename(str(column)))
        columns[str(column)] = counted / below
    rates = pd.DataFrame(columns, index=amounts.index)
    known = rates[rates.notna().all(axis=1)].sort_index(key=lambda ids: ids.astype(str))
    compared = (known / known.max().replace(0.0, 1.0)).round(DIGITS)
    places = compared.rank()
    least = compared.rank(method="min") <= np.ceil(len(known) / FIFTHS)
    rows = [_against(places.iloc[:, 0], places[column]) for column in places]
    return Denominators(
        measure=name(amounts),
        rates=rates,
        table=pd.DataFrame(rows),
        always_least=tuple(map(str, known.index[least.all(axis=1)])),
        ever_least=tuple(map(str, known.index[least.any(axis=1)])),
    )


def _against(first: pd.Series, other: pd.Series) -> dict[str, object]:
    """How the places of neighbourhoods by one denominator differ from those by the first."""
    from scipy import stats

    row: dict[str, object] = {"denominator": str(other.name), "n": len(first)}
    spread = len(first) > 1 and first.nunique() > 1 and other.nunique() > 1
    row["rank_correlation"] = float(np.corrcoef(first, other)[0, 1]) if spread else np.nan
    row["kendall"] = float(stats.kendalltau(first, other).statistic) if spread else np.nan
    if not len(first):
        return row | {"same_fifth_share": np.nan, "largest_move": np.nan, "moved_id": None}
    fifths = [np.floor(FIFTHS * (places - 0.5) / len(first)) for places in (first, other)]
    moves = (first - other).abs()
    return row | {
        "same_fifth_share": float((fifths[0] == fifths[1]).mean()),
        "largest_move": float(moves.max()),
        "moved_id": str(moves.idxmax()) if moves.max() > 0 else None,
    }
