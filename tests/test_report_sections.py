"""The further sections of the report: each says what its table says, and is absent where the study has no table."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from secequity import report
from secequity.report import change, claims, explained, names, provenance, residents, robust, unequal
from secequity.report.city import PRINTED_AT_MOST
from secequity.report.sheet import Sheet
from secequity.results import HYPOTHESES, MORE, StudyTables
from secequity.texts import LANGUAGES, catalogue
from small_study import LEAD, NAN, study

ROOT = Path(__file__).parents[1]


def table(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """A further table of a study with these cells, the others missing."""
    assert not {key for row in rows for key in row} - set(MORE[name])
    return pd.DataFrame([dict.fromkeys(MORE[name], NAN) | row for row in rows], columns=list(MORE[name]))


def tried(method: str, p_value: float) -> dict[str, Any]:
    return {"measure": LEAD, "method": method, "p_value": p_value, "permutations": 999}


def variant(casco: str, ratio: float, **cells: Any) -> dict[str, Any]:
    plain = {"measure": LEAD, "casco": casco, "denominator": "population", "smoothing": "raw", "p_value": 0.2}
    return plain | {"centre": ratio, "periphery": 1.0, "ratio": ratio, "low": -1.0, "high": 2.0} | cells


CLAIM = {"hypothesis": "transfer", "part": "own_share", "about": "poverty", "counts": True, "centre": 0.25}
CLAIM |= {"periphery": 0.75, "value": 0.5, "low": 0.4, "high": 0.6, "p_value": 0.0004, "n": 4, "verdict": "supported"}
BURDEN = {"own_share": 0.1, "market_share": 0.2, "income_share": 0.01, "hours_per_1000_adults": 30.0}


def told() -> StudyTables:
    """The small study with every further table of the report, hand-made."""
    more = {
        "gap_tests": table("gap_tests", tried("label", 0.01), tried("cores", 0.2), tried("spectral", 0.06)),
        "gap_intervals": table(
            "gap_intervals", {"measure": LEAD, "figure": "ratio", "estimate": 4.0, "low": 2.5, "high": 6.5}
        ),
        "robustness": table(
            "robustness",
            {"measure": LEAD, "runs": 14, "same": 13, "sure": 12, "alpha": 0.05, "ratio_low": 0.9, "ratio_high": 5.5}
            | {"levels": 2, "levels_same": 1},
        ),
        "specifications": table(
            "specifications",
            variant("study", 4.0),
            variant("radius:800", 2.0),
            variant("density:9000", 0.9, denominator="police_street_km"),
        ),
        "gradient": table("gradient", {"measure": LEAD, "ratio_per_km": 0.75, "low": 0.5, "high": 0.9, "n": 4}),
        "regression": table(
            "regression",
            *(
                {"measure": LEAD, "model": model, "term": "poverty", "effect": "coefficient", "estimate": -2.0, "n": 4}
                for model in ("ols", "lag")
            ),
        ),
        "regression_diagnostics": table(
            "regression_diagnostics",
            {"measure": LEAD, "model": "ols", "test": "r2", "statistic": 0.25},
            {"measure": LEAD, "model": "lag", "test": "likelihood_ratio", "statistic": 3.5, "p_value": 0.06},
        ),
        "segregation": table(
            "segregation", {"group": "poverty", "index": "dissimilarity", "value": 0.3, "low": 0.2, "high": 0.4}
        ),
        "group_coverage": table(
            "group_coverage", {"group": "poverty", "measure": LEAD, "of_group": 1.5, "of_others": 3.0, "ratio": 0.5}
        ),
        "burden_zones": table("burden_zones", {"zone": "centre"} | BURDEN, {"zone": "periphery"} | BURDEN),
        "burden_payers": table("burden_payers", {"burden": "money", "index": "kakwani", "value": -0.25, "n": 4}),
        "profiles": table(
            "profiles",
            {"zone": "centre", "activity": "meeting", "kind": "documentary", "activities": 20, "share": 1.0}
            | {"suppressed": False, "people": 90},
            {"zone": "periphery", "activity": "faena", "kind": "embodied", "suppressed": True},
        ),
        "reporting": table(
            "reporting", {"measure": LEAD, "rate_centre": 0.3, "rate_periphery": 0.1, "tipping_ratio": 0.25}
        ),
        "fear": table(
            "fear",
            {"level": "neighbourhood", "id": "02", "survey": "walk", "word": "feared_unserved"},
            {"level": "zone", "id": "periphery", "zone": "periphery", "survey": "walk", "share": 0.6, "n": 40}
            | {"low": 0.5, "high": 0.7},
        ),
        "claims": table("claims", CLAIM),
    }  # fmt: skip
    hypotheses = pd.DataFrame([["transfer", 0.5, 0.4, 0.6, 0.0004, "supported", "…"]], columns=list(HYPOTHESES))
    return replace(study(), more=more, hypotheses=hypotheses)


def cells(sheet: Sheet) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in sheet.rows]


def sheets(part: Any) -> dict[str, Sheet]:
    return {one.anchor: one for one in part.sheets}


def test_the_three_tests_of_chance_stand_beside_the_ratio() -> None:
    tests = sheets(robust.part(told(), "en"))["gap_tests"]
    assert [column.heading for column in tests.columns][:3] == ["Measure", "Ratio", "Interval of the ratio"]
    assert cells(tests) == [
        [names.kind_label("coverage", "en")],
        ["Police", "4.00", "2.50 … 6.50", "0.01", "0.20", "0.06"],
    ]


def test_robustness_is_told_in_one_line_and_its_range() -> None:
    said = list(robust.sentences(told(), "es"))
    assert "13 de 14 variantes" in said[0]
    assert "de 0.90 a 5.50" in said[1]
    assert "1 de 2 niveles" in said[-1]


def test_variants_name_their_line_and_their_denominator() -> None:
    variants = sheets(robust.part(told(), "es"))["specifications"]
    lines = cells(variants)
    assert [line[0] for line in lines] == ["el del estudio", "a 800 m de la plaza", "con más de 9\u202f000 hab./km²"]
    assert [line[1] for line in lines] == ["habitantes", "habitantes", "km de calle (Policía)"]
    assert variants.notes[0] == "Tasa: sin suavizar"
    assert variants.caption.endswith("Policía por cada 1\u202f000 habitantes") or "Policía" in variants.caption


def test_the_gradient_is_a_sentence_and_a_row() -> None:
    part = explained.part(told(), "en")
    assert part is not None
    assert "falls by 25\u202f%" in part.said[0]
    assert cells(sheets(part)["gradient"])[-1][:3] == ["Police", "0.75", "0.50 … 0.90"]


def test_equations_stand_apart_and_their_checks_side_by_side() -> None:
    part = sheets(explained.part(told(), "en"))
    assert [row.section for row in part["regression"].rows] == [True, False, True, False]
    checks = part["regression_diagnostics"]
    assert cells(checks)[0][1:] == ["0.25", "–"]
    assert [(cell.text, cell.aside) for cell in checks.rows[1].cells][1:] == [("–", ""), ("3.50", "p\xa0=\xa00.06")]


def test_groups_stand_over_their_rows() -> None:
    part = sheets(unequal.part(told(), "en"))
    assert cells(part["segregation"])[0] == ["Poverty (%)"]
    assert cells(part["group_coverage"])[1][1:4] == ["1.50", "3", "0.50"]


def test_a_withheld_count_says_so() -> None:
    profiles = sheets(residents.participation(told(), "es"))["profiles"]
    assert cells(profiles) == [
        ["casco urbano"],
        ["reunión", "trámite o presencia", "20", "90", "100\u202f%"],
        ["periferia"],
        ["faena", "trabajo directo", "reservado", "reservado", "–"],
    ]


def test_who_pays_is_told_burden_by_burden() -> None:
    part = residents.participation(told(), "es")
    assert part is not None
    assert any(one.startswith("Dinero: Regresivo") and "−0.25" in one for one in part.said)


def test_the_numbers_behind_a_claim_are_shares_where_they_are_shares() -> None:
    (answer,) = claims.answers(told(), "en")
    assert answer.numbers is not None
    row = answer.numbers.rows[0]
    assert [cell.text for cell in row.cells][1:6] == ["25\u202f%", "75\u202f%", "0.50", "0.40 … 0.60", "<\xa00.001"]
    assert row.cells[0].aside == "Poverty (%)"
    assert row.anchor == "claims-transfer-1"


def test_what_would_change_the_conclusion_is_only_what_was_tried() -> None:
    said = change.sentences(told(), "en")
    assert any(one.endswith("variants that do not point the same way: 1 of 14.") for one in said)
    assert any("p\xa0=\xa00.06" in one for one in said)
    assert any("4.00 times" in one for one in said)
    assert change.sentences(study(), "en") == ()


def test_a_claim_that_cannot_be_told_would_need_more_data() -> None:
    one = told()
    unsure = replace(one, hypotheses=one.hypotheses.assign(verdict="cannot tell"))
    assert "More data: one of the 1 claims cannot be decided with these." in change.sentences(unsure, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_absent_tables_leave_no_section(language: str) -> None:
    full, bare = (report.render(one, language=language) for one in (told(), study()))
    for name in ("robustness", "explained", "segregation", "participation", "fear", "reporting", "change"):
        assert f'id="section-{name}"' in full
        assert f'id="section-{name}"' not in bare


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_and_claims_lead_to_their_row_and_their_method(language: str) -> None:
    page = report.render(told(), language=language)
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert 'href="#claims-transfer-1"' in page
    findings = page[page.index('id="findings"') : page.index("</ol>", page.index('id="findings"'))]
    for key in ("gap", "interval", "hoover", "moran"):
        assert f'href="#method-{key}"' in findings
    assert 'href="#method-verdict"' in page


def test_every_method_has_its_page_and_its_words() -> None:
    pages = [
        *provenance.METHODS.values(),
        *provenance.OF_LAYERS.values(),
        *(page for _, page in provenance.FURTHER.values()),
    ]
    assert not [page for page in pages if not (ROOT / "docs" / "methods" / f"{page}.md").is_file()]
    keys = [*provenance.METHODS, *provenance.OF_LAYERS, *provenance.FURTHER]
    for language in LANGUAGES:
        assert not [
            key for key in keys for part in provenance.TOLD if f"method.{key}.{part}" not in catalogue(language)
        ]
    assert {key for used in provenance.OF_TABLE.values() for key in used} <= set(keys)


def test_methods_are_those_the_study_used() -> None:
    used = {one.key for one in provenance.methods(told(), "en")}
    plain = {one.key for one in provenance.methods(study(), "en")}
    assert used - plain == {
        *("space", "variants", "gradient", "regression", "segregation", "burden", "payers", "profiles"),
        *("reporting", "fear", "verdict"),
    }


def test_a_file_read_twice_is_told_once_with_both_uses() -> None:
    tables = study()
    twice = pd.concat([tables.sources, tables.sources.assign(use="police")], ignore_index=True)
    sheet = provenance.sources(replace(tables, sources=twice), "en")
    assert [(row.cells[0].text, row.cells[0].aside) for row in sheet.rows] == [
        ("barrios.gpkg", "neighbourhoods, police")
    ]


def test_paper_leaves_out_the_rows_the_note_says() -> None:
    page = report.render(study(), language="es")
    assert f"tbody tr:nth-child(n+{PRINTED_AT_MOST + 1}) {{ display: none; }}" in page
