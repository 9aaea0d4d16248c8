"""The GeoPackage opens with its styles: every neighbourhood is drawn by one rule, in the classes of the map."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as XML

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from secequity import findings, outputs
from secequity.texts import catalogue


@pytest.fixture(scope="module")
def stored(demo_folder: Path) -> Path:
    return demo_folder / "neighbourhoods.gpkg"


def query(path: Path, statement: str) -> pd.DataFrame:
    with closing(sqlite3.connect(path)) as base:
        return pd.read_sql_query(statement, base)


def test_the_neighbourhoods_come_first_and_the_styles_are_registered(stored: Path) -> None:
    assert [str(name) for name in pyogrio.list_layers(stored)[:, 0]] == ["neighbourhoods", "layer_styles"]
    assert len(gpd.read_file(stored, layer="neighbourhoods")) == 150
    kinds = query(stored, "SELECT table_name, data_type FROM gpkg_contents").set_index("table_name")["data_type"]
    assert kinds.to_dict() == {"neighbourhoods": "features", "layer_styles": "attributes"}


def test_one_style_a_measure_and_the_leading_one_is_the_default(stored: Path, demo_folder: Path) -> None:
    tables = outputs.read(demo_folder)
    styles = query(stored, "SELECT * FROM layer_styles")
    labels = tables.measures.set_index("measure")["label_es"]
    assert sorted(styles["styleName"]) == sorted(labels)
    (default,) = styles.loc[styles["useAsDefault"] == 1, "styleName"]
    assert default == labels[findings.leading_measure(tables)]
    assert set(styles["f_table_name"]) == {"neighbourhoods"}
    columns = query(stored, "SELECT table_name, column_name FROM gpkg_geometry_columns")
    assert set(styles["f_geometry_column"]) == set(columns["column_name"])


def test_every_neighbourhood_is_drawn_by_exactly_one_rule_of_each_style(stored: Path) -> None:
    styles = query(stored, "SELECT styleName, styleQML FROM layer_styles")
    for name, written in zip(styles["styleName"], styles["styleQML"], strict=True):
        root = XML.fromstring(written)
        filters = [rule.get("filter") for rule in root.iter("rule")]
        counted = " + ".join(f"coalesce(({one}), 0)" for one in filters)
        assert query(stored, f"SELECT {counted} AS drawn FROM neighbourhoods")["drawn"].eq(1).all(), name
        assert {rule.get("symbol") for rule in root.iter("rule")} == {one.get("name") for one in root.iter("symbol")}
        assert 1 <= sum("IS NULL" not in str(one) for one in filters) <= 5, name


def test_what_is_missing_is_named_and_hatched_never_coloured_as_little(stored: Path) -> None:
    styles = query(stored, "SELECT styleName, styleQML FROM layer_styles").set_index("styleName")["styleQML"]
    guards = XML.fromstring(next(qml for name, qml in styles.items() if name.startswith("Guardias privados por")))
    absent = [rule for rule in guards.iter("rule") if "IS NULL" in str(rule.get("filter"))]
    assert catalogue("es")["status.missing"] in [rule.get("label") for rule in absent]
    drawn = {symbol.get("name"): len(symbol.findall("layer")) for symbol in guards.iter("symbol")}
    assert {drawn[rule.get("symbol")] for rule in absent} == {2}
