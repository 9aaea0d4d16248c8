"""What pydantic complains about, said in the user's words with the nearest key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from secequity.checks import Findings, nearest
from secequity.config.sections import SEPARATORS, WEIGHTS_FORMS


def report(error: ValidationError, whole: type[BaseModel], file: str, found: Findings) -> None:
    """Every complaint about a study file, one a key, in the user's words; `whole` is the model of the file."""
    for one in _distinct(error, whole):
        _translate(one, whole, file, found)


def _distinct(error: ValidationError, whole: type[BaseModel]) -> list[Mapping[str, Any]]:
    """The complaints of pydantic, one a key: a union complains once a member, and a misspelt key is also missing."""
    said = error.errors()
    misspelt = {
        (one["loc"][:-1], nearest(str(one["loc"][-1]), _known_keys(one["loc"], whole)))
        for one in said
        if one["type"] == "extra_forbidden"
    }
    kept: dict[str, Mapping[str, Any]] = {}
    for one in said:
        if one["type"] == "too_short" and one["input"]:
            continue
        if one["type"] == "missing" and (one["loc"][:-1], one["loc"][-1]) in misspelt:
            continue
        kept.setdefault(f"{_place(one['loc'])} {one['msg'] if one['type'] == 'value_error' else ''}", one)
    return list(kept.values())


def _translate(error: Mapping[str, Any], whole: type[BaseModel], file: str, found: Findings) -> None:
    """One complaint of pydantic as one problem in the user's words."""
    place = _place(error["loc"])
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ")
    section, _, key = place.rpartition(".")
    word, _, told = message.partition(":")
    if kind == "extra_forbidden":
        close = nearest(str(error["loc"][-1]), _known_keys(error["loc"], whole))
        found.error("key_unknown", file=file, key=place, near=close and f" → {close}?")
    elif kind == "missing":
        _lacks(file, key or place, section, found)
    elif kind == "value_error" and word == "needs":
        _lacks(file, told, place, found)
    elif kind == "value_error" and word == "zones":
        found.error("zones_ways", file=file, given=told.replace(",", ", ") or "–")
    elif kind == "value_error" and word == "pair":
        first, second = told.split(",")
        found.error("key_pair", file=file, section=place, first=first, second=second)
    elif kind == "value_error" and word == "one":
        first, second = told.split(",")
        found.error("key_one", file=file, section=place, first=first, second=second)
    elif kind == "value_error" and word == "kind":
        section, own = told.split(",")
        found.error("key_kind", file=file, section=place, key=section, kind=own)
    elif kind == "value_error" and word == "form":
        key, form = told.split(",")
        found.error("key_form", file=file, section=place, key=key, form=form)
    elif kind == "value_error" and word == "both":
        found.error("key_both", file=file, section=place)
    elif kind == "value_error" and word == "norm":
        found.error("norm_source", file=file)
    elif kind == "value_error" and word == "reserved":
        found.error("name_reserved", file=file, name=told)
    else:
        expected = told if word == "expected" else _expected(error)
        found.error("key_value", file=file, key=place, value=_shown(error.get("input")), expected=expected)


def _lacks(file: str, key: str, section: str, found: Findings) -> None:
    """A key, or a whole section, that is not there."""
    if section:
        found.error("key_missing", file=file, key=key, section=f"[{section}]")
    else:
        found.error("section_missing", file=file, section="[[layers]]" if key == "layers" else f"[{key}]")


def _place(location: tuple[Any, ...]) -> str:
    """Where in the file: `layers[2].kind`, counting from one."""
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step + 1}]"
        elif not ((place and step in ("str", "tuple", "dict", "list", "function-after")) or "[" in str(step)):
            place += f".{step}" if place else str(step)
    return place


def _expected(error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    key = next((step for step in reversed(error["loc"]) if isinstance(step, str) and step in EXPECTED), "")
    if "expected" in context:
        return str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if key:
        return EXPECTED[key]
    for bound, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
        if bound in context:
            return f"{sign} {context[bound]}"
    return EXPECTED_TYPES.get(error["type"], "–")


EXPECTED = {
    "weights": WEIGHTS_FORMS,
    "separator": SEPARATORS,
    "columns": '{ name = "column" }, ["column"]',
    "point": "[-74.2257, -13.1604]",
    "centre_ids": '["050101", "050104"]',
    "ids": '["050101", "050104"]',
    "centre": '["Centro"]',
    "title": '"…", { es = "…", en = "…" }',
    "name": "a–z, 0–9, _",
}
EXPECTED_TYPES = {
    "string_type": '"…"',
    "int_parsing": "1, 2, 3 …",
    "int_type": "1, 2, 3 …",
    "int_from_float": "1, 2, 3 …",
    "float_type": "1.5",
    "float_parsing": "1.5",
    "finite_number": "1.5",
    "too_short": "≥ 1",
    "tuple_type": "[…]",
    "list_type": "[…]",
    "dict_type": "{ … }",
    "model_type": "[section]",
    "string_pattern_mismatch": "a–z, 0–9, _",
}


def _shown(value: object) -> str:
    said = {True: "true", False: "false"}.get(value, repr(value)) if isinstance(value, bool) else repr(value)
    said = said.replace("'", '"')
    return said if len(said) <= 60 else f"{said[:57]}…"


def _known_keys(location: tuple[Any, ...], whole: type[BaseModel]) -> list[str]:
    """The keys allowed beside the last step of `location`."""
    model = whole
    for step in location[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            inner = _model_of(model.model_fields[step].annotation)
            if inner is None:
                return []
            model = inner
    return [one for one in model.model_fields if one not in ("folder", "file")]


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_of(part)
        if found is not None:
            return found
    return None
