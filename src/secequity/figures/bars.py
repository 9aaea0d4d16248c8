"""Both zones side by side: every measure's gap with its interval, and who supplies the hours."""

from __future__ import annotations

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from secequity import palette
from secequity.results import StudyTables
from secequity.texts import Language, number, text
from secequity.wording import measure_label

ZONES = ("centre", "periphery")
JOINED = ("official_hours_per_1000", "own_hours_per_1000")
LEAST_SHARE = 0.055
LABEL_WIDTH, TITLE_WIDTH = 30, 42


def compared(tables: StudyTables, measure: str) -> pd.DataFrame:
    """The gaps a reader compares: `measure` first, then each layer once, and the hours of all layers together."""
    kinds = tables.measures.set_index("measure")["kind"]
    chosen = tables.gaps["measure"].map(kinds).eq("coverage") | tables.gaps["measure"].isin((*JOINED, measure))
    rows = tables.gaps[chosen].dropna(subset=list(ZONES))
    rows = rows[rows[list(ZONES)].max(axis=1) > 0]
    return pd.concat([rows[rows["measure"] == measure], rows[rows["measure"] != measure]])


def gaps(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """Each measure as a share of its larger zone, so that measures of different units stand on one axis."""
    rows = compared(tables, measure)
    for place, row in enumerate(rows.to_dict("records")):
        unit = max(row[zone] for zone in ZONES)
        centre, periphery = row["centre"] / unit, row["periphery"] / unit
        if pd.notna(row["low"]) and pd.notna(row["high"]):
            ends = [periphery + row[end] / unit for end in ("low", "high")]
            axes.plot(ends, [place] * 2, color=palette.ZONE["centre"], alpha=0.28, linewidth=7, solid_capstyle="butt")
        axes.plot([centre, periphery], [place] * 2, color=palette.FAINT, linewidth=0.8, zorder=2)
        for zone, value in zip(ZONES, (centre, periphery), strict=True):
            axes.plot(value, place, "o" if zone == "centre" else "D", color=palette.ZONE[zone], markersize=7, zorder=3)
            shift, side = (6, "left") if value == max(centre, periphery) else (-6, "right")
            axes.annotate(
                number(row[zone]), (value, place), (shift, 7), textcoords="offset points", ha=side, fontsize=8
            )
    labels = [fill(measure_label(tables, str(one), language), LABEL_WIDTH) for one in rows["measure"]]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.7)
    axes.set_xticks([0.0], [number(0)])
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.axvline(0, color=palette.FAINT, linewidth=0.8)
    axes.set_title(fill(text("figure.caption", language), TITLE_WIDTH))
    marks = [
        Line2D([], [], color=palette.ZONE[zone], marker="oD"[at], linestyle="", label=text(f"zone.{zone}", language))
        for at, zone in enumerate(ZONES)
    ]
    axes.legend(handles=marks, loc="upper center", bbox_to_anchor=(0.5, -0.04), ncols=2)


def ledger(tables: StudyTables, measure: str, language: Language, axes: Axes) -> None:
    """Hours of security work a week per 1,000 residents in each zone, by who supplies them."""
    people = tables.neighbourhoods.groupby("zone")["population"].sum()
    zone = tables.ledger["id"].map(tables.neighbourhoods["zone"])
    hours = tables.ledger.assign(zone=zone).pivot_table("hours_per_week", "zone", "supplier", aggfunc="sum")
    rates = 1000 * hours.div(people, axis=0).reindex(list(ZONES)).fillna(0.0)
    left = pd.Series(0.0, index=rates.index)
    whole = float(rates.sum(axis=1).max()) or 1.0
    for supplier, colour in palette.SUPPLIER.items():
        if supplier not in rates:
            continue
        width = rates[supplier]
        label = text(f"supplier.{supplier}", language)
        axes.barh(range(len(ZONES)), width, left=left, color=colour, label=label, height=0.62)
        for place, (start, one) in enumerate(zip(left, width, strict=True)):
            if one / whole >= LEAST_SHARE:
                dark = supplier in ("state", "residents")
                axes.annotate(
                    number(one),
                    (start + one / 2, place),
                    ha="center",
                    va="center",
                    color="#ffffff" if dark else palette.INK,
                )
        left = left + width
    axes.set_yticks(range(len(ZONES)), [text(f"zone.{one}", language) for one in ZONES])
    axes.invert_yaxis()
    axes.set_xlabel(text("figure.ledger.axis", language))
    axes.set_title(text("figure.ledger", language))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=4)
