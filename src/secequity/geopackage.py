"""The GeoPackage of a finished study: the neighbourhoods, and a style of each measure that QGIS finds by itself."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as XML

from secequity import palette
from secequity.findings import leading_measure
from secequity.maps.classes import classify
from secequity.results import StudyTables
from secequity.texts import Language, number, text
from secequity.wording import measure_label
from secequity.words import MeasureKind

LAYER = "neighbourhoods"
STYLES = "layer_styles"
HATCHES = {"missing": "b_diagonal", "suppressed": "dense6", "uncovered": "cross"}
CREATE = f"""
CREATE TABLE {STYLES} (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""

REGISTER = f"""
INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)
VALUES ('{STYLES}', 'attributes', '{STYLES}', '1970-01-01T00:00:00.000Z')"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is drawn alike: a filter of QGIS, its name in the legend, colour and hatch."""

    filter: str
    label: str
    colour: str
    ink: str | None = None
    hatch: str | None = None


def write(tables: StudyTables, path: Path, *, language: Language) -> None:
    """The neighbourhoods with every column, and in the table `layer_styles` one style a measure.

    QGIS opens the layer in the style of the leading measure and offers the others by name. Each style has the classes
    and colours of the map, and hatches for what is missing, withheld or uncovered.

    Source: OGC GeoPackage 1.3; the table `layer_styles` as QGIS 3 writes it.
    """
    flat = tables.neighbourhoods.rename_axis("id").reset_index()
    flat.to_file(path, layer=LAYER, driver="GPKG", use_arrow=True)
    leading = leading_measure(tables)
    rows = []
    for measure in tables.measures["measure"]:
        if measure in tables.neighbourhoods:
            label = measure_label(tables, str(measure), language)
            rows.append((LAYER, "geom", label, style(tables, str(measure), language=language), measure == leading))
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(CREATE)
        base.execute(REGISTER)
        base.executemany(
            f"INSERT INTO {STYLES} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', ?, '', '', '1970-01-01T00:00:00.000Z')",
            rows,
        )


def style(tables: StudyTables, measure: str, *, language: Language) -> str:
    """The style of one measure in the XML of QGIS: a rule a class, and one for each way to have no value."""
    root = XML.Element("qgis", version="3.22", styleCategories="Symbology|Fields")
    renderer = XML.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    rules = XML.SubElement(renderer, "rules", key="{measure}")
    symbols = XML.SubElement(renderer, "symbols")
    for place, rule in enumerate(_rules(tables, measure, language)):
        name = str(place)
        XML.SubElement(rules, "rule", key=f"{{{name}}}", symbol=name, filter=rule.filter, label=rule.label)
        symbols.append(_symbol(name, rule))
    fields = XML.SubElement(root, "aliases")
    for place, one in enumerate(tables.measures["measure"]):
        XML.SubElement(fields, "alias", index=str(place), field=str(one), name=measure_label(tables, one, language))
    XML.SubElement(root, "layerGeometryType").text = "2"
    return XML.tostring(root, encoding="unicode")


def _rules(tables: StudyTables, measure: str, language: Language) -> Iterator[Rule]:
    values = tables.neighbourhoods[measure].astype(float)
    row = tables.measures.set_index("measure").loc[measure]
    classes = classify(values)
    column = '"' + measure.replace('"', '""') + '"'
    if classes.zero:
        yield Rule(filter=f"{column} = 0", label=number(0), colour=palette.ZERO)
    low = classes.low
    shades = palette.ramp(cast(MeasureKind, row["kind"]), len(classes.bounds), zero=classes.zero)
    above = f"{column} > 0 AND " if classes.zero else ""
    for place, (bound, colour) in enumerate(zip(classes.bounds, shades, strict=True)):
        last = place == len(classes.bounds) - 1
        limits = [f"{column} > {classes.bounds[place - 1]!r}"] if place else []
        limits += [] if last else [f"{column} <= {bound!r}"]
        told = " AND ".join(limits) or f"{column} IS NOT NULL"
        decimals = classes.decimals
        same = math.isclose(low, bound)
        label = number(bound, decimals) if same else f"{number(low, decimals)} – {number(bound, decimals)}"
        yield Rule(filter=above + told, label=label, colour=colour)
        low = bound
    status = f"{row['layer']}_status"
    known = status in tables.neighbourhoods and bool(row["layer"])
    for word, colour in palette.ABSENT.items():
        if word != "missing" and not (known and (tables.neighbourhoods[status] == word).any()):
            continue
        absent = f"{column} IS NULL"
        if known:
            others = "', '".join(one for one in palette.ABSENT if one != "missing")
            absent += f" AND \"{status}\" NOT IN ('{others}')" if word == "missing" else f" AND \"{status}\" = '{word}'"
        yield Rule(
            filter=absent,
            label=text(f"status.{word}", language),
            colour=colour,
            ink=palette.ABSENT_INK[word],
            hatch=HATCHES[word],
        )


def _symbol(name: str, rule: Rule) -> XML.Element:
    symbol = XML.Element("symbol", name=name, type="fill", alpha="1", clip_to_extent="1", force_rhr="0")
    _fill(symbol, colour=rule.colour, hatch="solid", outline="#ffffff")
    if rule.hatch and rule.ink:
        _fill(symbol, colour=rule.ink, hatch=rule.hatch, outline="#ffffff")
    return symbol


def _fill(symbol: XML.Element, *, colour: str, hatch: str, outline: str) -> None:
    layer = XML.SubElement(symbol, "layer", {"class": "SimpleFill"}, enabled="1", locked="0")
    layer.set("pass", "0")
    options = XML.SubElement(layer, "Option", type="Map")
    told = {
        "color": _rgb(colour),
        "style": hatch,
        "outline_color": _rgb(outline),
        "outline_style": "solid",
        "outline_width": "0.2",
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    for key, value in told.items():
        XML.SubElement(options, "Option", name=key, type="QString", value=value)
        XML.SubElement(layer, "prop", k=key, v=value)


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
