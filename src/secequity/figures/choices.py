"""How far a gap hangs on choices, and how it falls with distance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from secequity import palette
from secequity.results import StudyTables
from secequity.texts import Language, text
from secequity.wording import measure_label

LIGHT = "#b9bec7"


def specifications(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """The difference in every variant with its interval, from the smallest to the largest; the study's own stands out.

    Source: Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208–1214, fig. 1.
    """
    table = tables.table("specifications")
    runs = table[(table["measure"] == measure) & table["difference"].notna()]
    runs = runs.sort_values(["casco", "denominator", "smoothing"], kind="stable")
    unit = runs[["centre", "periphery"]].astype(float).abs().max(axis=1).replace(0, np.nan)
    shares = runs[["difference", "low", "high"]].astype(float).div(unit, axis=0)
    shares = shares.sort_values("difference", kind="stable")
    place, own = np.arange(len(runs)), runs.loc[shares.index, "own"].astype(bool).to_numpy()
    axes.axhline(0, color=palette.INK, linewidth=0.8)
    axes.vlines(place, shares["low"], shares["high"], color=LIGHT, linewidth=1.4)
    for mine, colour, size in ((False, palette.FAINT, 4), (True, palette.ZONE["centre"], 8)):
        axes.plot(place[own == mine], shares["difference"][own == mine], "o", color=colour, markersize=size)
    for at in place[own]:
        axes.annotate(
            text("figure.specifications.own", language),
            (at, shares["difference"].iloc[at]),
            (0, 9),
            textcoords="offset points",
            ha="center",
        )
    axes.set_xticks([])
    axes.set_xlabel(text("figure.specifications.runs", language, runs=len(runs)))
    axes.set_ylabel(text("figure.specifications.axis", language))
    axes.set_title(measure_label(tables, measure, language))


def gradient(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """The measure among the people who live so far from the plaza, a step a band of distance."""
    curve = tables.table("gradient_curve")
    bands = curve[curve["measure"] == measure].sort_values("from_m")
    edges = np.append(bands["from_m"].to_numpy(dtype=float), bands["to_m"].astype(float).max()) / 1000
    axes.stairs(bands["value"].to_numpy(dtype=float), edges, color=palette.ZONE["centre"], fill=True, alpha=0.25)
    axes.stairs(bands["value"].to_numpy(dtype=float), edges, color=palette.ZONE["centre"], linewidth=2)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xlabel(text("figure.gradient.axis", language))
    axes.set_title(measure_label(tables, measure, language))


def drawable(tables: StudyTables, kind: str, measure: str) -> bool:
    """Whether the study has what a figure of choices or of distance needs; the other figures need nothing more."""
    needed = {"specifications": "difference", "gradient": "value"}
    if kind not in needed:
        return True
    table = tables.table("specifications" if kind == "specifications" else "gradient_curve")
    return bool(table.loc[table["measure"] == measure, needed[kind]].notna().any())
