"""Who is where and when: what the report says of shifts, bodies and patrols."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from secequity.report import presence
from small_study import study, with_patrols


def test_blind_spots_are_counted_in_areas_and_in_people() -> None:
    """By night Los Olivos and Covadonga, 2,500 of 4,000 people and of the 3,000 of the periphery, have no hour."""
    rows = [[cell.text for cell in row.cells] for row in presence.shifts(with_patrols(), "es").rows]
    assert rows[0] == ["Mañana", "1", "1\u202f000", "0\u202f%", "33\u202f%", "1", "1\u202f000", "1", "500"]
    assert rows[1] == ["Noche", "2", "2\u202f500", "0\u202f%", "83\u202f%", "0", "0", "1", "500"]
    day, night, overlap = presence.shifts_sentences(with_patrols(), "es")
    assert day.startswith("En el turno «mañana», 1 área con 1\u202f000 habitantes (25\u202f% de la población) no tiene")
    assert night.startswith(
        "En el turno «noche», 2 áreas con 2\u202f500 habitantes (62\u202f% de la población) no tienen"
    )
    assert "«mañana»: tres proveedores o más coinciden en 1 área con 1\u202f000" in overlap


def test_shifts_alike_are_told_once_and_no_overlap_is_said() -> None:
    tables = with_patrols()
    alike = tables.shifts.assign(status=["blind", "served", "served", "served"] * 2)
    told = presence.shifts_sentences(replace(tables, shifts=alike), "es")
    assert told[0].startswith("En todos los turnos, 1 área con 1\u202f000 habitantes")
    assert told[1:] == ("En ningún área coinciden tres proveedores o más en el mismo turno.",)
    served = tables.shifts.assign(status="served")
    assert "ningún área está sin horas" in presence.shifts_sentences(replace(tables, shifts=served), "es")[0]


def test_the_register_writes_units_and_what_stays_in_its_own() -> None:
    rows = presence.register(with_patrols(), "es").rows
    assert [(row.cells[0].text, row.cells[0].aside) for row in rows] == [
        ("Policía", "policía · puestos"),
        ("Patrulleros", "policía · posiciones GPS"),
        ("guards", "vigilancia privada · cantidad por área"),
    ]
    assert [(row.cells[1].text, row.cells[1].aside) for row in rows] == [
        ("7", "policías"),
        ("en horas", ""),
        ("1.50", "vigilantes"),
    ]
    assert [row.cells[2].text for row in rows] == ["–", "43", "72"]
    sentence = presence.register_sentence(with_patrols(), "es")
    assert "3 capas de 2 cuerpos: policía y vigilancia privada." in sentence
    assert "«Policía», presente en 3 áreas con 3\u202f500 habitantes" in sentence


def test_the_two_rankings_are_compared_in_a_sentence() -> None:
    """Ranks 2 1 3 against 1 2 3: rho = 1 − 6·2/(3·8) = 0.5; three areas are too few to count the first."""
    sentence = presence.ranking_sentence(with_patrols(), "es")
    assert sentence.startswith("Ordenar por kilómetros se parece poco")
    assert "Spearman: 0.50" in sentence
    assert "De las" not in sentence
    rows = [[cell.text for cell in row.cells] for row in presence.ranking(with_patrols(), "es").rows]
    assert rows == [
        ["Los Olivos", "periferia", "200.0", "3.0", "2.0", "1", "2", "baja 1"],
        ["Centro", "casco urbano", "100.0", "40.0", "40.0", "2", "1", "sube 1"],
        ["Covadonga", "periferia", "50.0", "0.0", "0.0", "3", "3", "igual"],
    ]


def test_the_first_by_kilometres_that_are_not_the_first_by_hours_are_counted() -> None:
    """Of six areas, the first three by kilometres are a, b, c; by hours, d, b, c: one of the three is gone."""
    km, hours = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [1.0, 5.0, 4.0, 6.0, 3.0, 2.0]
    ranking = pd.DataFrame({"id": list("abcdef"), "km_per_week": km, "hours_per_1000": hours})
    sentence = presence.ranking_sentence(study(ranking=ranking), "en")
    assert sentence.endswith(
        "Of the 3 areas with most kilometres, one is not among the 3 with most hours per resident."
    )


def test_the_order_of_the_ranking_cannot_be_told_from_equal_figures() -> None:
    tables = with_patrols()
    flat = tables.ranking.assign(km_per_week=5.0)
    assert "no se pueden comparar" in presence.ranking_sentence(replace(tables, ranking=flat), "es")
