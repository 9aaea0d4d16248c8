"""A study of four neighbourhoods small enough to check by hand, and ways to change it.

Centro has 4 police for 1,000 people; the three areas of the periphery have 3 for 3,000: 4 against 1 per 1,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import box

from secequity.results import (
    AUTOCORRELATION,
    GAPS,
    HYPOTHESES,
    INEQUALITY,
    LEDGER,
    MEASURES,
    POSTS,
    RANKING,
    REGISTER,
    SHIFTS,
    StudyTables,
)

NAN = float("nan")
LEAD = "police_per_1000"


def study(**changes: Any) -> StudyTables:
    """The small study, with some of its fields replaced."""
    areas = gpd.GeoDataFrame(
        {
            "name": ["Centro", "Los Olivos", "Covadonga", "Independencia"],
            "zone": ["centre", "periphery", "periphery", "periphery"],
            "population": [1000.0, 1500.0, 1000.0, 500.0],
            "police_amount": [4.0, 2.0, 1.0, 0.0],
            "police_status": ["ok"] * 4,
            LEAD: [4.0, 4 / 3, 1.0, 0.0],
            "poverty": [5.0, 20.0, 25.0, 30.0],
            f"{LEAD}_cluster": ["ns", "ns", "LL", "LL"],
        },
        index=pd.Index(["01", "02", "03", "04"], name="id"),
        geometry=[box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(4)],
        crs="EPSG:32718",
    )
    measures = pd.DataFrame(
        [
            [
                LEAD,
                "coverage",
                "police",
                "police",
                "police",
                "Policía por cada 1 000 habitantes",
                "Police per 1,000 residents",
                "Policía",
                "Police",
            ],
            ["poverty", "covariate", "", "", "", "Pobreza (%)", "Poverty (%)", "", ""],
        ],
        columns=list(MEASURES),
    )
    tables = StudyTables(
        title={"es": "Cuatro barrios", "en": "Four neighbourhoods"},
        language="es",
        neighbourhoods=areas,
        posts=gpd.GeoDataFrame({column: [] for column in POSTS}, geometry=[], crs=areas.crs),
        measures=measures,
        gaps=pd.DataFrame([gap_row()], columns=list(GAPS)),
        inequality=pd.DataFrame([[LEAD, 0.4, 0.3, 0.2, 0.1, NAN, 0.32, 0.35]], columns=list(INEQUALITY)),
        autocorrelation=pd.DataFrame(
            [[LEAD, "moran", 0.5, -1 / 3, 0.03, 999, "queen", 4, 0]], columns=list(AUTOCORRELATION)
        ),
        ledger=pd.DataFrame(
            [["01", "state", "police", 192.0, None], ["02", "state", "police", 96.0, None]], columns=list(LEDGER)
        ),
        hypotheses=pd.DataFrame(columns=list(HYPOTHESES)),
        zones=pd.DataFrame(
            {"neighbourhoods": [1, 3], "population": [1000.0, 3000.0], "police_amount": [4.0, 3.0]},
            index=["centre", "periphery"],
        ),
        sources=pd.DataFrame(
            [["barrios.gpkg", "ab" * 32, 1234, "2024-05-06T07:08:09", 4, "neighbourhoods"]],
            columns=["file", "sha256", "bytes", "modified", "rows", "use"],
        ),
        options={
            "seed": 7,
            "weights": "queen",
            "permutations": 999,
            "fdr": 0.05,
            "level": 0.95,
            "study": {
                "equity": {"rank_by": "poverty"},
                "layers": [{"name": "police", "reach": {"method": "within"}}],
            },
        },
    )
    return replace(tables, **changes)


def gap_row(**changes: Any) -> Mapping[str, Any]:
    """The row of the gap, with some of its cells replaced."""
    row = {
        "measure": LEAD, "centre": 4.0, "periphery": 1.0, "difference": 3.0, "ratio": 4.0, "low": 2.0, "high": 3.5,
        "level": 0.95, "p_value": 0.03, "n_centre": 2, "n_periphery": 3,
    }  # fmt: skip
    return row | changes


def with_gap(**changes: Any) -> StudyTables:
    """The small study with another gap."""
    return study(gaps=pd.DataFrame([gap_row(**changes)], columns=list(GAPS)))


def described(rows: list[list[str]]) -> pd.DataFrame:
    """The table of measures for rows that may leave out what their layer is called."""
    return pd.DataFrame([[*row, "", ""][: len(MEASURES)] for row in rows], columns=list(MEASURES))


def with_areas(**columns: Any) -> StudyTables:
    """The small study with other columns of its neighbourhoods."""
    tables = study()
    return replace(tables, neighbourhoods=tables.neighbourhoods.assign(**columns))


def with_patrols() -> StudyTables:
    """The small study with two shifts, patrols that tell them, and a register of three layers.

    By day Centro has three suppliers, Los Olivos one official hour, Covadonga none, and nobody knows of Independencia.
    By night only Centro is served: 2,500 of 4,000 people, all of the periphery, have no official hour.
    """
    tables = study()
    ids = list(tables.neighbourhoods.index)
    day = [(30.0, 30.0, 3, "overlap"), (3.0, 2.0, 1, "served"), (0.0, 0.0, 0, "blind"), (NAN, NAN, 0, "cannot tell")]
    night = [(10.0, 10.0, 1, "served"), (0.0, 0.0, 0, "blind"), (0.0, 0.0, 0, "blind"), (NAN, NAN, 0, "cannot tell")]
    shifts = [
        [name, shift, *one]
        for shift, told in (("day", day), ("night", night))
        for name, one in zip(ids, told, strict=True)
    ]
    hours = {
        f"official_{shift}_hours_per_1000": [one[1] for one in told] for shift, told in (("day", day), ("night", night))
    }
    cars = {
        "cars_amount": [40.0, 3.0, 0.0, NAN],
        "cars_status": ["ok", "ok", "ok", "uncovered"],
        "cars_hours_per_1000": [40.0, 2.0, 0.0, NAN],
        "cars_km_per_week": [100.0, 200.0, 50.0, NAN],
        "cars_covered_share": [1.0, 0.5, 1.0, NAN],
    }
    levels = {"slope": [5.0, 10.0, 15.0, NAN], "slope_status": ["ok", "ok", "ok", "missing"]}
    cars_es, cars_en = "Patrulleros: horas semanales por cada 1\u202f000 habitantes", "Patrol cars: hours a week"
    rows = [
        ["cars_hours_per_1000", "hours", "cars", "police", "hour", cars_es, cars_en, "Patrulleros", "Patrol cars"],
        *([name, "hours", "", "", "hour", name, name] for name in hours),
        ["slope", "covariate", "", "", "", "Pendiente (%)", "Slope (%)"],
    ]
    measures = pd.concat([tables.measures, described(rows)], ignore_index=True)
    ledger = [[one, "state", "cars", 1.0, shift] for one in ids for shift in ("day", "night")]
    register = [
        ["police", "police", "posts", "police", 7.0, NAN, 3, 3.0, 3500.0, 2, 1, 0],
        ["cars", "police", "tracks", "hour", 43.0, 43.0, 2, 2.0, 2500.0, 1, 1, 1],
        ["guards", "private", "counts", "guard", 1.5, 72.0, 1, 1.0, 1000.0, 0, 1, 0],
    ]
    ranking = [
        ["01", 100.0, 40.0, 40.0, 2.0, 1.0, -1.0],
        ["02", 200.0, 3.0, 2.0, 1.0, 2.0, 1.0],
        ["03", 50.0, 0.0, 0.0, 3.0, 3.0, 0.0],
        ["04", NAN, NAN, NAN, NAN, NAN, NAN],
    ]
    return replace(
        tables,
        neighbourhoods=tables.neighbourhoods.assign(**hours, **cars, **levels),
        measures=measures,
        ledger=pd.DataFrame(ledger, columns=list(LEDGER)),
        shifts=pd.DataFrame(shifts, columns=list(SHIFTS)),
        register=pd.DataFrame(register, columns=list(REGISTER)),
        ranking=pd.DataFrame(ranking, columns=list(RANKING)),
    )
