"""The page around the map: folium builds it, everything it needs is inside it."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import folium
from branca.element import Figure

from secequity.errors import ConfigError, problem
from secequity.garbage import unsearched
from secequity.maps.packing import pack
from secequity.maps.payload import payload
from secequity.maps.shapes import shapes
from secequity.results import StudyTables
from secequity.texts import LANGUAGES, Language, text

NOTEBOOK_HEIGHT = "760"
SCRIPTS = (
    *("words", "city", "ground", "paint", "canvas", "labels", "legend", "curve", "panel", "search", "table"),
    *("compare", "controls", "address", "start"),
)
UNUSED = re.compile(r"\.leaflet-(control-(zoom|layers|attribution)|popup|tooltip|bar)\b")
INFLATE = "  /* tiny-inflate */"


class CityMap(folium.Map):
    """A `folium.Map` that asks nothing of the network: no tiles, no address; its page carries Leaflet."""

    _template = folium.template.Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }},
            {center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}});
        secequity.start({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(location=[0, 0], zoom_start=2, tiles=None, zoom_control=False, **options)
        self.default_js = []
        self.default_css = []
        self._id = "city"


class Page(Figure):
    """The document around one `CityMap`: language, title, security policy, styles, scripts, data and layout."""

    _template = folium.template.Template((files(__package__) / "static" / "page.html").read_text(encoding="utf-8"))

    def __init__(self, *, language: Language, data: dict[str, Any], basemap: str | None) -> None:
        super().__init__(height=NOTEBOOK_HEIGHT, title=data["title"][language])
        self.language = language
        self.headline = data["headline"][language]
        self.note = data["note"][language]
        self.firmness = data["firmness"][language]
        self.data = base64.b64encode(pack(data)).decode("ascii")
        self.policy = content_policy(basemap)
        self.styles = _styles()
        self.scripts = _scripts()
        self.licence = _vendored("leaflet-1.9.4", "LICENSE")
        self.inflate_licence = _vendored("tiny-inflate-1.0.3", "LICENSE")
        self.leaflet = _leaflet()

    def t(self, key: str) -> str:
        """The sentence `map.<key>` in the language the page opens in."""
        return text(f"map.{key}", self.language)


@unsearched()
def build(tables: StudyTables, *, language: Language, basemap: str | None = None) -> folium.Map:
    """The map of a finished study, in one page that opens by double click with the network off.

    Parameters
    ----------
    tables : a finished study; nothing of it is changed.
    language : es or en, the one the page opens in; the reader can switch.
    basemap : address of online tiles, such as `https://tile.example.org/{z}/{x}/{y}.png`, offered as a layer that is
        off until the reader asks for it and that shows nothing without a network. None leaves the page without any
        address.

    Returns
    -------
    folium.Map whose `.save("map.html")` writes the whole page, and which shows itself in a notebook.

    Raises
    ------
    ConfigError : the language has no catalogue, or the base map is not an https address of tiles.
    """
    if language not in LANGUAGES:
        raise ConfigError(problem("map.language", asked=language, known=", ".join(LANGUAGES)))
    if basemap is not None and not _is_tiles(basemap):
        raise ConfigError(problem("map.basemap", address=basemap))
    data = payload(tables, language=language)
    data["basemap"] = basemap
    data["geometry"] = shapes(tables.neighbourhoods).to_data()
    city = CityMap(**_OPTIONS)
    page = Page(language=language, data=data, basemap=basemap)
    city.get_root()._children.clear()
    page.add_child(city, name="city")
    return city


def save(city: folium.Map, path: str | Path) -> Path:
    """Write the page of `city` to `path` in UTF-8 and return the path; the same as `city.save(path)`."""
    target = Path(path)
    target.write_text(city.get_root().render(), encoding="utf-8", newline="\n")
    return target


_OPTIONS: dict[str, Any] = {
    "attribution_control": False,
    "keyboard": False,
    "zoom_snap": 0.25,
    "zoom_delta": 0.5,
    "wheel_px_per_zoom_level": 120,
    "max_zoom": 19,
    "min_zoom": 3,
}


def content_policy(basemap: str | None) -> str:
    """The content-security policy: nothing from outside, save the pictures of a base map that was asked for.

    >>> content_policy(None)
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    """
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    if basemap is None:
        return policy
    host = urlsplit(basemap.replace("{s}", "wildcard")).netloc.replace("wildcard", "*")
    return f"{policy} https://{host}"


def _is_tiles(address: str) -> bool:
    return bool(re.fullmatch(r"https://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/[^\s\"'<>;,]*", address)) and "{z}" in address


@cache
def _vendored(library: str, name: str) -> str:
    return (files(__package__) / "vendor" / library / name).read_text(encoding="utf-8")


@cache
def _leaflet() -> str:
    """Leaflet without the link of its attribution control, which this page does not use."""
    return re.sub(
        r"prefix:'<a href=.*?Leaflet</a>\"", "prefix:''", _vendored("leaflet-1.9.4", "leaflet.js"), flags=re.DOTALL
    )


@cache
def _styles() -> str:
    """Leaflet's style without that of parts this page does not use, then our own."""
    leaflet = re.sub(r"/\*.*?\*/", "", _vendored("leaflet-1.9.4", "leaflet.css"), flags=re.DOTALL)
    leaflet = re.sub(r"[\w-]+:\s*url\([^)]*\);?", "", leaflet)
    used = re.sub(r"([^{}]+)\{[^{}]*\}", _of_used_parts, leaflet)
    return _narrow(used + "".join(_static(f"{name}.css") for name in ("page", "map", "print")))


def _of_used_parts(rule: re.Match[str]) -> str:
    return "" if all(UNUSED.search(one) for one in rule[1].split(",")) else rule[0]


@cache
def _scripts() -> str:
    inflate = _vendored("tiny-inflate-1.0.3", "tiny-inflate.js")
    unpack = _static("unpack.js").replace(INFLATE, inflate)
    rooms = "\n".join(_static(f"{name}.js") for name in SCRIPTS)
    return _narrow(_static("room.js").replace("/* unpack */", unpack).replace("/* rooms */", rooms))


def _narrow(lines: str) -> str:
    """The same lines without their indentation and without blank ones."""
    return "\n".join(filter(None, map(str.strip, lines.splitlines())))


def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")
