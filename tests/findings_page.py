"""The page of findings, and what its numbers are held against: the public files read with plain pandas."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import stats

import secequity as se

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "data" / "studies"
PAGE = " ".join((ROOT / "docs" / "findings.md").read_text(encoding="utf-8").split())
METROPOLITAN = ["050101", "050104", "050110", "050115", "050116"]
BY_CHANCE = 0.02
"""How far a p value on the page, told to two digits, may lie from another draw of it."""


def says(text: str) -> None:
    """The page says so, in these words."""
    assert text.replace("-", "−") in PAGE.replace("-", "−"), text


def rows_of_the_page() -> list[list[str]]:
    """The rows of the table at the head of the page."""
    lines = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if len(row) == 11 and row[0] not in ("city", "---")]


@cache
def run(name: str) -> Any:
    """The results of one of the studies, computed once."""
    return se.read_study(STUDIES / f"{name}.toml").run()


def table_row(city: str, what: str, areas: str) -> list[str]:
    (row,) = [one for one in rows_of_the_page() if one[0].startswith(city) and one[2] == what and one[1] == areas]
    return row


def districts(data_folder: Path, city: str) -> pd.DataFrame:
    """People, poverty and staff by district, with plain pandas; staff by the district a station declares."""
    folder = data_folder / city
    people = pd.read_csv(folder / "censo2017_distritos.csv", dtype={"ubigeo": str}).set_index("ubigeo")
    known = pd.read_csv(folder / "indicadores_distritos.csv", dtype={"inei": str}).set_index("inei")
    stations = pd.read_csv(folder / "comisarias_2017.csv", dtype={"ubigeo": str})
    table = people.join(known["pct_pobreza_total"].rename("poverty"))
    table = table.rename(columns={"poblacion_2017": "people", "pct_migrante_reciente": "recent_migrants"})
    table["police"] = stations.groupby("ubigeo")["policias_total"].sum()
    table["patrol"] = (
        stations[["patrullaje_motorizado", "patrullaje_pie"]].sum(axis=1).groupby(stations["ubigeo"]).sum()
    )
    return table.fillna({"police": 0.0, "patrol": 0.0})


def located_in_lima(data_folder: Path) -> pd.DataFrame:
    """Lima's districts with their zone, police where the stations' coordinates are, and density."""
    table = districts(data_folder, "peru_lima")
    folder = data_folder / "peru_lima"
    shapes = gpd.read_file(folder / "distritos_2017.geojson").set_index("ubigeo")[["geometry"]].to_crs(32718)
    stations = pd.read_csv(folder / "comisarias_2017.csv")
    points = gpd.GeoDataFrame(stations, geometry=gpd.points_from_xy(stations["lon"], stations["lat"]), crs=4326)
    inside = [shapes.index[shapes.contains(point)][0] for point in points.to_crs(32718).geometry]
    zones = pd.read_csv(folder / "zonas_lima.csv", dtype={"ubigeo": str}).set_index("ubigeo")["zona"]
    table["located"] = stations["policias_total"].groupby(pd.Series(inside)).sum()
    table["density"] = table["people"] / (shapes.area / 1e6)
    table["middle_x"], table["middle_y"] = shapes.centroid.x, shapes.centroid.y
    return table.join(zones).fillna({"located": 0.0})


def rate(table: pd.DataFrame, staff: str = "located") -> float:
    return float(1000 * table[staff].sum() / table["people"].sum())


def halves(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return table[table["zona"] == "Centro"], table[table["zona"].notna() & (table["zona"] != "Centro")]


def ratio_interval(centre: pd.DataFrame, periphery: pd.DataFrame, staff: str) -> tuple[float, float]:
    """95 % interval of the ratio: each area left out in turn, on logarithms, with Welch's degrees of freedom."""
    logs = [np.array([np.log(rate(one.drop(at), staff)) for at in one.index]) for one in (centre, periphery)]
    parts = np.array([(len(one) - 1) / len(one) * ((one - one.mean()) ** 2).sum() for one in logs])
    freedom = parts.sum() ** 2 / sum(part**2 / (len(one) - 1) for part, one in zip(parts, logs, strict=True))
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(parts.sum())
    middle = np.log(rate(centre, staff) / rate(periphery, staff))
    return float(np.exp(middle - reach)), float(np.exp(middle + reach))


def spearman(one: pd.Series, other: pd.Series) -> float:
    both = pd.concat([one, other], axis=1).dropna()
    return float(stats.spearmanr(both.iloc[:, 0], both.iloc[:, 1])[0])


def equation(y: pd.Series, x: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Coefficients and White's standard errors (HC1), by least squares."""
    terms = np.column_stack([np.ones(len(x)), x.to_numpy()])
    found = np.linalg.lstsq(terms, y.to_numpy(), rcond=None)[0]
    left = y.to_numpy() - terms @ found
    inner = np.linalg.inv(terms.T @ terms)
    spread = inner @ (terms.T * left**2) @ terms @ inner * len(x) / (len(x) - terms.shape[1])
    names = ["constant", *x.columns]
    return pd.Series(found, names), pd.Series(np.sqrt(np.diag(spread)), names)
