"""What no file name tells: layers of every other kind, shifts and participation, as comments to be activated."""

from __future__ import annotations

from secequity.template.lines import Page
from secequity.words import Kind

Key = tuple[str, str, str]

KINDS: dict[Kind, tuple[Key, ...]] = {
    "jurisdictions": (
        ("name", '"sectors"', ""),
        ("body", '"serenazgo"', ""),
        ("kind", '"jurisdictions"', ""),
        ("path", '"sectores.geojson"', ""),
        ("id", '"codigo"', ""),
        ("staff", '"serenos"', ""),
        ("share", '{ population = "poblacion.tif" }', "kind.share"),
    ),
    "routes": (
        ("name", '"routes"', ""),
        ("body", '"police"', ""),
        ("kind", '"routes"', ""),
        ("path", '"rutas.gpkg"', ""),
        (
            "route",
            '{ times_per_week = "veces_por_semana", crew = "tripulantes", minutes = "minutos", shift = "turno" }',
            "kind.route",
        ),
        ("ledger", "false", "kind.ledger"),
    ),
    "tracks": (
        ("name", '"cars"', ""),
        ("body", '"police"', ""),
        ("kind", '"tracks"', ""),
        ("path", '"gps.csv"', ""),
        ("x", '"lon"', ""),
        ("y", '"lat"', ""),
        ("crs", '"EPSG:4326"', ""),
        (
            "track",
            '{ unit = "unidad", time = "hora", time_zone = "America/Lima", crew = 2, bases = "comisarias.csv" }',
            "kind.track",
        ),
        ("ledger", "false", ""),
    ),
    "surface": (
        ("name", '"elevation"', ""),
        ("body", '"police"', "kind.body"),
        ("kind", '"surface"', ""),
        ("path", '"elevacion.tif"', ""),
        ("surface", '{ statistic = "mean" }', "kind.statistic"),
    ),
}
SHIFTS = {"day": "[6, 14]", "evening": "[14, 22]", "night": "[22, 6]"}
PARTICIPATION: tuple[Key, ...] = (
    ("path", '"participacion.csv"', ""),
    ("id", '"barrio"', "layer.id.counts"),
    ("activity", '"tipo"', "activity"),
    ("activities", '{ "Ronda nocturna" = "night_patrol" }', "activities"),
    ("people", '"personas"', ""),
    ("hours", '"horas"', "hours"),
    ("amount", '"cuota"', "amount"),
    ("weeks", "52", "weeks"),
)


def offer_reach(page: Page) -> None:
    """The decisions about a layer of posts: whom they serve, and how their hours fall by shift."""
    page.offer("shifts", "{ day = 0.4, evening = 0.35, night = 0.25 }")
    page.offer("reach", '{ method = "catchment", radius_m = 1000 }')


def other_kinds(page: Page) -> None:
    """One example a kind that the files did not propose."""
    page.lines.append("")
    page.say("kinds")
    for kind, keys in KINDS.items():
        page.section("[[layers]]", f"kind.{kind}", off=True)
        _put(page, keys)


def shifts(page: Page) -> None:
    """The parts of the day."""
    page.section("[shifts]", "shifts", off=True)
    _put(page, tuple((name, hours, "") for name, hours in SHIFTS.items()))


def participation(page: Page) -> None:
    """The residents' log."""
    page.section("[participation]", "participation", off=True)
    _put(page, PARTICIPATION)


def _put(page: Page, keys: tuple[Key, ...]) -> None:
    for key, value, note in keys:
        page.put(key, value, note, off=True)
