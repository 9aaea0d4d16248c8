"""The proposed study file as text: every key with a word about it, every blank marked, in the user's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from secequity.errors import ConfigError, problem
from secequity.template import examples, guess
from secequity.template.lines import BLANK, Page, quoted
from secequity.template.proposal import Layer, Proposal, propose
from secequity.texts import Language, text

FILE = "study.toml"
SHOWN = 12


def write_template(folder: Path, *, language: Language) -> tuple[Path, list[str]]:
    """A commented study file in `folder` (made if needed), proposed from the files that lie in it.

    The files are read and never changed. What could not be recognised is `"???"` and marked COMPLETE.

    Parameters
    ----------
    folder : where the user's polygons, tables and points are; its subfolders are not looked at.
    language : of the comments, and of the study.

    Returns
    -------
    The path of the new file, and a short phrase for each thing that was guessed.

    Raises
    ------
    ConfigError : the folder has a study file already, or cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as empty:
    ...     path, guessed = write_template(Path(empty), language="en")
    >>> path.name, guessed
    ('study.toml', [])
    """
    path = folder / FILE
    try:
        if path.exists() or path.is_symlink():
            raise ConfigError(problem("init_exists", folder=str(folder)))
        folder.mkdir(parents=True, exist_ok=True)
        proposal = propose(folder)
        written = _study(proposal, title=folder.resolve().name, language=language)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(written)
    except OSError as error:
        raise ConfigError(problem("init_failed", folder=str(folder), reason=error.strerror or str(error))) from error
    return path, _guessed(proposal, language)


def _table(columns: Mapping[str, str]) -> str:
    inside = ", ".join(f"{name} = {quoted(column)}" for name, column in columns.items())
    return f"{{ {inside} }}"


def _array(values: Sequence[str]) -> str:
    return f"[{', '.join(quoted(one) for one in values)}]"


def _study(proposal: Proposal, *, title: str, language: Language) -> str:
    page = Page(language)
    page.say("head")
    if proposal.unused:
        names = ", ".join(quoted(one) for one in proposal.unused[:SHOWN])
        page.say("unused", files=names + (" …" if len(proposal.unused) > SHOWN else ""))
    page.section("[study]")
    page.put("title", quoted(title or BLANK), "title")
    page.put("language", quoted(language), "language")
    page.put("seed", "1", "seed")
    page.put("crs", '"EPSG:32718"', "crs", off=True)
    _neighbourhoods(page, proposal)
    _tables(page, proposal)
    _zones(page, proposal)
    page.lines.append("")
    page.say("layers")
    for layer in proposal.layers:
        _layer(page, layer)
    if not proposal.layers:
        _blank_layer(page)
    examples.other_kinds(page)
    examples.shifts(page)
    examples.participation(page)
    _rest(page, proposal)
    return "\n".join(page.lines) + "\n"


def _neighbourhoods(page: Page, proposal: Proposal) -> None:
    polygons = proposal.polygons
    page.section("[neighbourhoods]", "neighbourhoods")
    page.known("path", polygons.part.file if polygons else None, "path")
    if polygons is None:
        page.known("id", None, "id")
        page.put("name", '"nombre"', "name", off=True)
        page.known("population", None, "population")
    else:
        columns = ", ".join(quoted(one) for one in polygons.part.columns[:SHOWN])
        page.inside(polygons.part)
        page.known("id", polygons.id, "id" if polygons.id else "id.columns", columns=columns)
        page.put("name", quoted(polygons.name or "nombre"), "name", off=polygons.name is None)
        page.known("population", proposal.population, "population" if proposal.population else "population.columns",
                   columns=columns)  # fmt: skip
        if polygons.part.shapes is not None and polygons.part.shapes.crs is None:
            page.put("crs", '"EPSG:4326"', "polygons.crs", off=True, mark=True)
        if polygons.zero_pad:
            page.put("zero_pad", str(polygons.zero_pad), "zero_pad.done")
    page.say("decisions")
    page.offer("zero_pad", "6")
    page.offer("aliases", '{ "Sn. Juan" = "San Juan" }')
    page.offer("uninhabited", '"keep"', needed=proposal.zero_people)
    page.offer("population_scale", "1000")
    page.offer("mojibake", '"repair"', needed=polygons is not None and guess.broken_names(polygons))
    page.offer("overlaps", '"keep"')
    if polygons is not None and polygons.population in polygons.part.vague:
        page.offer("decimal", '","', needed=True)


def _tables(page: Page, proposal: Proposal) -> None:
    for one in proposal.tables:
        page.section("[[neighbourhoods.tables]]", "" if "tables" in page.offered else "tables")
        page.offered.add("tables")
        page.put("path", quoted(one.part.file))
        page.inside(one.part)
        page.put("id", quoted(one.meeting.column))
        if one.meeting.zero_pad and one.meeting.zero_pad > one.part.keys[one.meeting.column].str.len().min():
            page.put("zero_pad", str(one.meeting.zero_pad), "zero_pad.done")
        page.put("columns", _table(one.columns))
        absent = len(proposal.polygons.ids) - one.meeting.met if proposal.polygons else 0
        stale = 0 < one.meeting.extra <= one.meeting.met
        page.offer("missing", '"keep"', needed=absent > 0, note="missing.table")
        page.offer("extra", '"ignore"', needed=stale)
        page.offer("decimal", '","', needed=any(column in one.part.vague for column in one.columns.values()))
    if not proposal.tables:
        page.section("[[neighbourhoods.tables]]", "tables", off=True)
        page.put("path", '"censo.csv"', off=True)
        page.put("id", '"codigo"', off=True)
        page.put("columns", '{ population = "poblacion", poverty = "pct_pobreza" }', off=True)
        page.offer("missing", '"keep"', note="missing.table")
        page.offer("extra", '"ignore"')
        page.offer("decimal", '","')


def _zones(page: Page, proposal: Proposal) -> None:
    zones = proposal.zones
    way = ""
    page.section("[zones]", "zones")
    if zones is None:
        way = "centre_ids"
        page.put("centre_ids", _array([BLANK]), "zones.ids", mark=True)
    elif zones.column is not None:
        way = "column"
        words = ", ".join(quoted(one) for one in zones.words)
        page.put("column", quoted(zones.column))
        page.put("centre", _array(zones.centre or [BLANK]), "zones.words", mark=not zones.centre, said={"words": words})
    elif zones.part is not None:
        way = "path"
        page.put("path", quoted(zones.part.file), "zones.path")
        page.inside(zones.part)
        if zones.part.shapes is not None and zones.part.shapes.crs is None:
            page.put("crs", '"EPSG:4326"', "polygons.crs", off=True, mark=True)
    else:
        way = "density_per_km2"
        page.say("zones.provisional")
        page.put("density_per_km2", f"{zones.density:.10g}")
    page.offer("missing", '"keep"', needed=zones is not None and zones.missing, note="missing.zones")
    page.say("zones.others")
    others = {
        "centre_ids": ['centre_ids = ["050101", "050102"]'],
        "column": ['column = "zona"', 'centre = ["Centro"]'],
        "path": ['path = "casco.geojson"'],
        "point": ["point = [-74.2257, -13.1604]", "radius_m = 1500"],
        "density_per_km2": ["density_per_km2 = 15000"],
    }
    for other, lines in others.items():
        if other != way:
            key, _, value = lines[0].partition(" = ")
            page.put(key, value, f"zones.way.{other}", off=True)
            page.lines += [f"# {line}" for line in lines[1:]]


def _layer(page: Page, layer: Layer) -> None:
    page.section("[[layers]]")
    page.put("name", quoted(layer.name), _once(page, "layer.name"))
    page.known("body", layer.body, "layer.body" if layer.body is None else _once(page, "layer.body"))
    page.put("kind", quoted(layer.kind), _once(page, f"layer.{layer.kind}"))
    if not layer.own:
        page.put("path", quoted(layer.part.file))
        page.inside(layer.part)
    if layer.place is not None:
        page.put("x", quoted(layer.place[0]))
        page.put("y", quoted(layer.place[1]))
    if layer.crs is not None:
        page.put("crs", quoted(layer.crs), "layer.crs" if layer.crs == BLANK else "", mark=layer.crs == BLANK)
    if layer.id is not None:
        page.put("id", quoted(layer.id), _once(page, f"layer.id.{layer.kind}"))
    if layer.zero_pad and layer.id and layer.zero_pad > layer.part.keys[layer.id].str.len().min():
        page.put("zero_pad", str(layer.zero_pad), "zero_pad.done")
    if layer.post_name is not None:
        page.put("post_name", quoted(layer.post_name), _once(page, "layer.post_name"))
    numbers = ", ".join(quoted(one) for one in layer.part.numeric[:SHOWN])
    if layer.staff is not None:
        page.put("staff", quoted(layer.staff), _once(page, "layer.staff"))
    else:
        page.put("staff", quoted(BLANK), "layer.staff.none", off=True, said={"columns": numbers or "–"})
    page.offer("hours_per_week", "48")
    if layer.kind == "posts":
        examples.offer_reach(page)
    page.offer("missing", '"keep"', needed=layer.missing, note="missing.layer")
    if layer.staff in layer.part.vague:
        page.offer("decimal", '","', needed=True)


def _once(page: Page, note: str) -> str:
    """The note the first time, nothing after."""
    told = note in page.offered
    page.offered.add(note)
    return "" if told else note


def _blank_layer(page: Page) -> None:
    page.section("[[layers]]")
    page.put("name", '"police"', "layer.name")
    page.put("body", '"police"', "layer.body")
    page.put("kind", '"posts"', "layer.posts")
    page.known("path", None, "layer.path")
    page.put("x", '"lon"', "layer.x")
    page.put("y", '"lat"')
    page.put("crs", '"EPSG:4326"')
    page.put("post_name", '"nombre"', "layer.post_name", off=True)
    page.put("staff", '"policias"', "layer.staff", off=True)
    page.offer("hours_per_week", "48")
    examples.offer_reach(page)
    page.offer("missing", '"keep"', note="missing.layer")


def _rest(page: Page, proposal: Proposal) -> None:
    """The sections that work as they are."""
    page.section("[equity]", "equity")
    page.put("rank_by", quoted(proposal.rank or "poverty"), "rank_by", off=proposal.rank is None)
    page.put("rank_order", quoted(proposal.rank_order or "poor_is_high"), "rank_order", off=proposal.rank is None)
    page.put("norm_per_1000", "1.5", "norm", off=True)
    page.put("norm_source", '"…"', off=True)
    page.put("norm_kind", '"proposal"', "norm_kind", off=True)
    page.section("[autocorrelation]", "autocorrelation")
    page.put("weights", '"queen"', "weights")
    page.put("permutations", "9999", "permutations")
    page.put("fdr", "0.05", "fdr")
    page.section("[privacy]")
    page.put("k", "5", "k")
    page.section("[labels]", "labels")
    page.put("police", '{ es = "Policía Nacional", en = "National police" }', off=True)


def _guessed(proposal: Proposal, language: Language) -> list[str]:
    """What was guessed, a phrase each."""
    polygons, zones = proposal.polygons, proposal.zones
    said: list[str] = []
    if polygons is not None:
        said.append(text("init.did.neighbourhoods", language, file=polygons.part.file, id=polygons.id or BLANK))
    if proposal.population is not None:
        said.append(text("init.did.population", language, column=proposal.population))
    said += [text("init.did.table", language, file=one.part.file) for one in proposal.tables]
    if zones is not None and zones.column is not None:
        words = " / ".join(zones.centre) or BLANK
        said.append(text("init.did.column", language, column=zones.column, words=words))
    elif zones is not None and zones.part is not None:
        said.append(text("init.did.casco", language, file=zones.part.file))
    elif zones is not None:
        said.append(text("init.did.density", language, density=float(f"{zones.density:.10g}")))
    said += [text("init.did.layer", language, name=one.name, file=one.part.file) for one in proposal.layers]
    return said
