"""Where the numbers come from: the files read, the options chosen, the defects found, the methods applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from secequity.report.sheet import ABSENT, Cell, Column, Row, Sheet, count
from secequity.results import StudyTables, once_a_study
from secequity.texts import number, text
from secequity.wording import visible, weights_label

METHODS = {
    "rate": "rate_per_1000",
    "gap": "gap",
    "interval": "bootstrap_interval",
    "p": "permutation_test",
    "smoothed": "empirical_bayes",
    "hours": "ledger_hours",
    "hoover": "hoover",
    "gini": "gini",
    "theil": "theil",
    "palma": "palma",
    "concentration": "concentration_index",
    "moran": "moran",
    "local": "local_moran",
}
"""What every study tells, and the page of docs/methods that tells it in full."""

FURTHER = {
    "space": ("gap_tests", "spatial_randomization"),
    "variants": ("specifications", "specification_curve"),
    "levels": ("levels", "aggregation"),
    "indices": ("inequality_intervals", "inequality_intervals"),
    "gradient": ("gradient", "gradient"),
    "decomposition": ("decomposition", "decomposition"),
    "denominators": ("denominators", "denominators"),
    "regression": ("regression", "regression"),
    "segregation": ("segregation", "segregation"),
    "burden": ("burden_zones", "burden"),
    "payers": ("burden_payers", "kakwani"),
    "profiles": ("profiles", "profiles"),
    "fear": ("fear", "surveys"),
    "reporting": ("reporting", "reporting"),
    "verdict": ("claims", "claims"),
}
"""What only studies with that table tell, and its page."""

OF_LAYERS = {
    "jurisdictions": "apportion",
    "catchments": "two_step",
    "routes": "routes",
    "tracks": "tracks",
    "surfaces": "zonal",
    "ledger": "ledger_hours",
    "ranking": "routes",
}
"""What only studies with such layers tell, and its page."""

OF_TABLE = {
    "gaps": ("rate", "gap", "interval", "p", "hours"),
    "zones": ("rate",),
    "gap_tests": ("space", "interval", "p"),
    "specifications": ("variants", "interval", "p"),
    "levels": ("levels", "gini", "moran"),
    "inequality": ("hoover", "gini", "theil", "palma", "concentration"),
    "inequality_intervals": ("indices",),
    "autocorrelation": ("moran", "smoothed"),
    "clusters": ("local",),
    "gradient": ("gradient",),
    "decomposition": ("decomposition",),
    "denominators": ("denominators",),
    "regression": ("regression",),
    "regression_diagnostics": ("regression",),
    "segregation": ("segregation",),
    "group_coverage": ("segregation",),
    "areas": ("rate", "smoothed", "hours", "local"),
    "ledger": ("ledger",),
    "burden_zones": ("burden",),
    "burden_payers": ("payers",),
    "profiles": ("profiles",),
    "profile_tests": ("profiles",),
    "embodied": ("profiles",),
    "fear": ("fear",),
    "fear_zones": ("fear",),
    "reporting": ("reporting",),
    "ranking": ("ranking",),
    "claims": ("verdict",),
    "shifts": ("ledger",),
    "register": ("ledger",),
}
"""The methods behind the numbers of each table."""

KINDS = {"jurisdictions": "jurisdictions", "routes": "routes", "tracks": "tracks", "surface": "surfaces"}
REACHES = {"jurisdiction": "jurisdictions", "catchment": "catchments"}
ABSENCES = ("missing", "zero", "uncovered", "isolate", "suppressed", "unreachable")
GENERAL = "·"
SHOWN_ABOVE = ("title", "note")
TOLD = ("name", "words", "formula", "source")
LIMITS = ("edge", "jurisdiction", "people", "presence", "need", "chance", "clusters", "few")


class Defect(NamedTuple):
    """A notice about the data in the reader's language."""

    what: str
    which: str
    remedy: str


class Method(NamedTuple):
    """One number: what it is called, what it says in plain words, its formula, where it was taken from, its page."""

    name: str
    words: str
    formula: str
    source: str
    key: str
    page: str


class Term(NamedTuple):
    """A word and what it means."""

    name: str
    words: str


def defects(tables: StudyTables, language: str) -> tuple[Defect, ...]:
    """Everything the reading of the data had to mend, drop or leave unknown."""
    return tuple(
        Defect(visible(notice.what(language)), visible(notice.ids(language)), visible(notice.remedy(language)))
        for notice in tables.notices
    )


@once_a_study
def methods(tables: StudyTables, language: str) -> tuple[Method, ...]:
    """How each kind of number of this study was made, with its options."""
    options = tables.options
    told = {
        "permutations": options.get("permutations", ABSENT),
        "weights": weights_label(str(options.get("weights", ABSENT)), language),
        "fdr": number(100 * float(options.get("fdr", 0.05))),
        "level": number(100 * float(options.get("level", 0.95))),
    }
    used = [(key, page) for key, (table, page) in FURTHER.items() if len(tables.table(table))]
    used += [(key, OF_LAYERS[key]) for key in _of_layers(tables)]
    return tuple(
        Method(
            **{part: text(f"method.{key}.{part}", language, **told) for part in TOLD},
            key=key,
            page=f"docs/methods/{page}.md",
        )
        for key, page in (*METHODS.items(), *used)
    )


def made(tables: StudyTables, table: str, language: str) -> tuple[Method, ...]:
    """The methods behind the numbers of a table, of those this study tells."""
    known = {one.key: one for one in methods(tables, language)}
    return tuple(known[key] for key in OF_TABLE.get(table.partition("-")[0], ()) if key in known)


def _of_layers(tables: StudyTables) -> Iterator[str]:
    """The methods that only some studies use: those of the kinds of their layers, the ledger, the two rankings."""
    layers = tables.options.get("study", {}).get("layers", ())
    used = {KINDS.get(str(layer.get("kind"))) for layer in layers}
    used |= {REACHES.get(str(layer.get("reach", {}).get("method"))) for layer in layers}
    used |= {"ledger"} if not tables.ledger.empty else set()
    used |= {"ranking"} if not tables.ranking.empty else set()
    yield from (
        key for key in (*dict.fromkeys((*REACHES.values(), *KINDS.values())), "ledger", "ranking") if key in used
    )


def absences(language: str) -> tuple[Term, ...]:
    """The six words for a number that is not there, and what each means."""
    return tuple(Term(text(f"status.{key}", language), text(f"absence.{key}", language)) for key in ABSENCES)


def limits(language: str) -> tuple[Term, ...]:
    """What would change the conclusion."""
    return tuple(Term(text(f"limit.{key}.name", language), text(f"limit.{key}.words", language)) for key in LIMITS)


def sources(tables: StudyTables, language: str) -> Sheet:
    """One row an input file, with the fingerprint that tells whether a copy is the same; none of participants."""
    rows = []
    withheld = Cell(text("status.suppressed", language), word=True)
    for place, line in enumerate(_files(tables.sources), start=1):
        cells = (
            Cell(visible(str(line["file"])), aside=visible(str(line["use"]))),
            count(line["rows"]) if line["sha256"] else withheld,
            Cell(_day(line["modified"])),
            count(line["bytes"]) if line["sha256"] else withheld,
            Cell(str(line["sha256"])) if line["sha256"] else withheld,
        )
        rows.append(Row(cells=cells, anchor=f"source-{place}"))
    heads = ("file", "rows", "modified", "bytes", "sha256")
    columns = tuple(Column(text(f"report.sources.{head}", language), head in ("rows", "bytes")) for head in heads)
    return Sheet(anchor="sources", caption=text("report.sources.caption", language), columns=columns, rows=tuple(rows))


def _files(sources: pd.DataFrame) -> list[dict[Any, Any]]:
    """One record a file and fingerprint, with all its uses; a withheld file keeps a record of its own for each use."""
    found: dict[Any, dict[Any, Any]] = {}
    for place, line in enumerate(sources.to_dict("records")):
        same = found.setdefault((line["file"], line["sha256"] or place), line)
        if same is not line and line["use"] not in str(same["use"]).split(", "):
            same["use"] = f"{same['use']}, {line['use']}"
    return list(found.values())


def _day(moment: Any) -> str:
    return ABSENT if pd.isna(moment) else str(moment)[:10]


def options(tables: StudyTables, language: str) -> Sheet:
    """Every option of the study as written, one row a section, so that the run can be repeated to the digit."""
    rows = tuple(Row(cells=(Cell(visible(name)), Cell(visible(value)))) for name, value in _sections(tables.options))
    columns = tuple(Column(text(f"report.options.{head}", language), numeric=False) for head in ("option", "value"))
    return Sheet(anchor="options", caption=text("report.options.caption", language), columns=columns, rows=rows)


def _sections(value: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """The options of each section in one line; the sections inside a list member stand in the member's own line."""
    told = {key: inner for key, inner in value.items() if key not in SHOWN_ABOVE and not _is_empty(inner)}
    plain = {key: inner for key, inner in told.items() if not _nested(inner)}
    nested = {key: inner for key, inner in told.items() if _nested(inner)}
    if name.endswith("]"):
        inside = [
            (path, words)
            for key, one in nested.items()
            if isinstance(one, Mapping)
            for path, words in _sections(one, key)
        ]
        own = [" · ".join(f"{key} = {_written(inner)}" for key, inner in plain.items())]
        yield name, " · ".join([*(one for one in own if one), *(f"{path}: {words}" for path, words in inside)])
        nested = {key: inner for key, inner in nested.items() if not isinstance(inner, Mapping)}
    elif plain:
        yield name or GENERAL, " · ".join(f"{key} = {_written(inner)}" for key, inner in plain.items())
    for key, inner in nested.items():
        path = f"{name}.{key}" if name else str(key)
        if isinstance(inner, Mapping):
            yield from _sections(inner, path)
        else:
            for place, one in enumerate(inner, start=1):
                yield from _sections(one, f"{path}[{place}]")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (Mapping, Sequence)) and not len(value))


def _nested(value: Any) -> bool:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, Mapping) or (listed and any(isinstance(one, Mapping) for one in value))


def _written(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(one) for one in value)
    return str(value)
