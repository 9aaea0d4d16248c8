"""The sentences of the findings: every way a gap, an index or a pattern can turn out, in both languages."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secequity.findings import cautions, concentration, headline, leading_measure, three
from secequity.results import AUTOCORRELATION, INEQUALITY_INTERVALS, StudyTables
from secequity.texts import catalogue
from secequity.wording import names_label, times_label, visible
from small_study import LEAD, NAN, described, study, with_areas, with_gap

THOUSAND = "1\u202f000"


def test_the_headline_tells_both_zones_how_many_times_and_the_chance() -> None:
    tables = study()
    tables = replace(tables, autocorrelation=tables.autocorrelation.assign(p_value=0.4))
    assert headline(tables, "es") == (
        f"En el casco urbano hay 4 policías por cada {THOUSAND} habitantes; en la periferia, 1: 4 veces esa cifra. "
        "Difícilmente es obra del azar (p\xa0=\xa00.03; 5 áreas)."
    )
    assert headline(tables, "en") == (
        f"The historic centre (casco urbano) has 4 police officers for every {THOUSAND} residents; "
        "the periphery has 1: 4 times as many. It is hardly the work of chance (p\xa0=\xa00.03; 5 areas)."
    )


def test_where_neighbours_agree_the_test_of_chance_is_less_sure() -> None:
    assert headline(study(), "es").endswith(
        "(p\xa0=\xa00.03; 5 áreas), aunque las áreas vecinas se parecen y eso hace la prueba menos segura."
    )
    assert "resemble each other, which makes the test less sure." in three(study(), "en")[0].text


def test_the_higher_zone_comes_first_when_it_is_the_periphery() -> None:
    tables = with_gap(centre=1.0, periphery=2.0, difference=-1.0, ratio=0.5, low=-1.8, high=-0.2)
    assert headline(tables, "es").startswith("En la periferia hay 2 policías")
    assert "en el casco urbano, 1: el doble" in headline(tables, "es")
    assert (
        "La diferencia es de 1 y, con una confianza de 95\u202f%, está entre 0.20 y 1.80" in three(tables, "es")[0].text
    )


def test_one_is_singular() -> None:
    tables = with_gap(centre=1.0, periphery=0.5, difference=0.5, ratio=2.0)
    assert "hay 1.00 policías" in headline(tables, "es") or "hay 1 policía por" in headline(tables, "es")
    assert "1 policías" not in headline(tables, "es")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"p_value": 0.4}, "Con 5 áreas no se puede descartar que la diferencia sea azar (p\xa0=\xa00.40)"),
        ({"p_value": NAN}, "No se pudo poner a prueba si la diferencia es azar"),
        ({"p_value": 0.0002}, "p\xa0<\xa00.001"),
        ({"periphery": 0.0, "ratio": NAN}, "en la periferia no se registra ninguna cantidad"),
        ({"centre": 0.0, "periphery": 0.0}, "No se registran policías ni en el casco urbano ni en la periferia"),
        ({"centre": 1.0, "periphery": 0.99}, "están casi igual"),
        ({"periphery": NAN}, "Solo hay datos en el casco urbano: 4 policías"),
        ({"centre": NAN, "periphery": NAN}, "No hay datos suficientes para comparar"),
    ],
)
def test_what_cannot_be_told_is_said(changes: dict[str, float], said: str) -> None:
    told = headline(with_gap(**changes), "es")
    assert said in told
    assert " de el " not in told
    assert "nan" not in told.lower()


def test_an_interval_that_holds_zero_names_both_directions() -> None:
    said = three(with_gap(low=-0.5, high=3.5), "es")[0].text
    assert "puede ir desde 0.50 más en la periferia hasta 3.50 más en el casco urbano" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"n_centre": 1}, "el casco urbano es una sola área"), ({}, "los datos no alcanzan para calcularlo")],
)
def test_a_missing_interval_says_why(changes: dict[str, float], said: str) -> None:
    assert said in three(with_gap(low=NAN, high=NAN, **changes), "es")[0].text


def test_the_three_findings_name_their_row() -> None:
    found = three(study(), "es")
    assert [(one.key, one.table, one.row) for one in found] == [
        ("gap", "gaps", LEAD),
        ("inequality", "inequality", LEAD),
        ("space", "autocorrelation", LEAD),
    ]


def test_inequality_is_told_as_what_would_have_to_move() -> None:
    said = three(study(), "es")[1].text
    assert "habría que trasladar a otra área el 32\u202f% del total de policías" in said
    assert "El servicio se concentra en las áreas mejor situadas según «Pobreza (%)»" in said


def test_inequality_without_an_answer() -> None:
    tables = study()
    empty = replace(tables, inequality=tables.inequality.assign(hoover=NAN, gini=NAN, concentration_index=NAN))
    assert three(empty, "en")[1].text.startswith("Inequality between areas cannot be measured")


@pytest.mark.parametrize(
    ("index", "side"), [(-0.2, "peor situadas"), (0.2, "mejor situadas"), (0.01, "ni en las áreas")]
)
def test_the_concentration_index_is_a_sentence_never_a_sign(index: float, side: str) -> None:
    tables = study()
    assert side in concentration(
        replace(tables, inequality=tables.inequality.assign(concentration_index=index)), LEAD, "es"
    )


def test_a_burden_is_not_called_a_service() -> None:
    tables = study()
    carried = replace(tables, measures=tables.measures.replace({"body": {"police": "community"}}))
    assert concentration(carried, LEAD, "es").startswith("La carga se concentra")


def test_low_clusters_are_counted_named_and_peopled() -> None:
    said = three(study(), "es")[2].text
    assert "2 áreas, con 1\u202f500 habitantes" in said
    assert "Covadonga e Independencia" in said


def test_no_cluster_and_no_pattern() -> None:
    tables = with_areas(**{f"{LEAD}_cluster": ["ns", "ns", "ns", "isolate"]})
    tables = replace(tables, autocorrelation=tables.autocorrelation.assign(p_value=0.4))
    said = three(tables, "es")[2].text
    assert "no se distingue ningún agrupamiento del azar" in said
    assert "Ninguna área queda como foco de valores bajos" in said


def test_neighbours_that_differ_are_told_from_neighbours_that_agree() -> None:
    tables = study()
    apart = replace(tables, autocorrelation=tables.autocorrelation.assign(value=-0.6))
    assert "tienden a estar junto a áreas con poco" in three(apart, "es")[2].text


def test_the_reader_is_told_what_the_numbers_leave_out() -> None:
    tables = with_areas(police_status=["ok", "missing", "suppressed", "uncovered"])
    posts = gpd.GeoDataFrame(
        {"layer": ["police"], "body": ["police"], "name": ["x"], "amount": [3.0], "neighbourhood": [None]},
        geometry=gpd.points_from_xy([0], [0]),
        crs=tables.neighbourhoods.crs,
    )
    told = cautions(replace(tables, posts=posts), LEAD, "es")
    assert told == (
        "Falta el dato de 1 área (1\u202f500 habitantes): queda fuera de la cuenta.",
        "Por reserva estadística no se publica el dato de 1 área (1\u202f000 habitantes).",
        "No se conoce la cobertura de 1 área (500 habitantes); no se toma como cero.",
        "Un puesto queda fuera de todas las áreas y no se cuenta en ninguna.",
    )


def test_areas_in_no_zone_are_counted() -> None:
    said = cautions(with_areas(zone=["centre", "periphery", None, None]), LEAD, "es")
    assert said == ("Quedan fuera de la comparación, por no estar en ninguna zona, 2 áreas (1\u202f500 habitantes).",)


def test_rare_things_are_told_by_the_hundred_thousand() -> None:
    tables = with_gap(centre=0.03, periphery=0.015, difference=0.015, low=0.01, high=0.02)
    said = three(tables, "es")[0].text
    assert "hay 3 policías por cada 100\u202f000 habitantes; en la periferia, 1.50: el doble" in said
    assert "La diferencia es de 1.50 y, con una confianza de 95\u202f%, está entre 1 y 2." in said


def test_a_study_without_layers_still_has_three_findings() -> None:
    tables = study()
    none = replace(tables, measures=tables.measures.iloc[1:])
    assert leading_measure(none) is None
    assert {one.text for one in three(none, "es")} == {headline(none, "es")}
    assert "ninguna capa de seguridad" in headline(none, "es")


def _with_official_hours() -> StudyTables:
    tables = study()
    more = [
        ["police_hours_per_1000", "hours", "police", "police", "hour", "", ""],
        ["serenazgo_hours_per_1000", "hours", "serenazgo", "serenazgo", "hour", "", ""],
        ["official_hours_per_1000", "hours", "", "", "hour", "", ""],
    ]
    measures = pd.concat([tables.measures, described(more)], ignore_index=True)
    hours = tables.gaps.assign(measure="official_hours_per_1000", centre=200.0, periphery=50.0)
    guards = pd.DataFrame([["01", "municipality", "serenazgo", 8.0, None]], columns=tables.ledger.columns)
    ledger = pd.concat([tables.ledger, guards], ignore_index=True)
    return replace(tables, measures=measures, gaps=pd.concat([tables.gaps, hours], ignore_index=True), ledger=ledger)


def test_official_hours_lead_where_two_bodies_make_them() -> None:
    tables = _with_official_hours()
    assert leading_measure(tables) == "official_hours_per_1000"
    assert "200 horas semanales de seguridad oficial (policía y serenazgo)" in headline(tables, "es")


def test_official_hours_of_a_single_layer_do_not_lead() -> None:
    tables = _with_official_hours()
    alone = tables.measures[tables.measures["layer"] != "serenazgo"]
    hours = tables.ledger[tables.ledger["layer"] != "serenazgo"]
    assert leading_measure(replace(tables, measures=alone, ledger=hours)) == LEAD


def test_a_measure_with_both_zones_goes_before_one_without() -> None:
    tables = _with_official_hours()
    gaps = tables.gaps.assign(periphery=[1.0, NAN])
    assert leading_measure(replace(tables, gaps=gaps)) == LEAD


@pytest.mark.parametrize("language", ["es", "en"])
@given(
    centre=st.one_of(st.floats(0, 1e6), st.just(NAN)),
    periphery=st.one_of(st.floats(0, 1e6), st.just(NAN)),
    low=st.one_of(st.floats(-1e6, 0), st.just(NAN)),
    p_value=st.one_of(st.floats(0, 1), st.just(NAN)),
)
def test_every_gap_has_a_sentence(language: str, centre: float, periphery: float, low: float, p_value: float) -> None:
    difference = centre - periphery
    said = three(
        with_gap(centre=centre, periphery=periphery, difference=difference, low=low, p_value=p_value), language
    )[0].text
    assert said.endswith(".")
    assert "nan" not in said.lower()
    assert "–" not in said
    assert "{" not in said


@given(st.floats(1.02, 500))
def test_how_many_times_never_contradicts_the_ratio(ratio: float) -> None:
    said = times_label(ratio, "es")
    assert ("casi el doble" in said) <= (1.8 < ratio < 2)
    assert ("algo más del doble" in said) <= (2 < ratio < 2.2)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=9))
def test_at_most_three_names_and_no_mark_that_reorders(names: list[str]) -> None:
    said = names_label(names, "es")
    assert not set(said) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n")
    assert len(said) <= 3 * 60 + 25
    assert ("entre otras" in said) >= (len(names) > 3)


def test_visible_leaves_every_sign_that_unicode_does_not_call_breaking_or_reordering() -> None:
    reordering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for sign in map(chr, range(sys.maxunicode + 1)):
        breaking = unicodedata.category(sign) in ("Cc", "Zl", "Zp")
        left = " " if breaking else "" if unicodedata.bidirectional(sign) in reordering else sign
        assert visible(f"a{sign}b") == f"a{left}b"


def test_visible_cuts_only_what_is_too_long() -> None:
    assert visible("abcde", most=5) == "abcde"
    assert visible("abcdef", most=5) == "abcd…"


def test_both_catalogues_have_the_same_keys() -> None:
    assert set(catalogue("es")) == set(catalogue("en"))


@pytest.mark.parametrize(("low", "high", "said"), [(-0.1, 0.3, "no se puede saber"), (0.02, 0.3, "mejor situadas")])
def test_a_concentration_whose_interval_holds_zero_has_no_direction(low: float, high: float, said: str) -> None:
    row = [LEAD, "concentration_index", 0.12, low, high, 0.95, "jackknife", 4, None]
    more = {"inequality_intervals": pd.DataFrame([row], columns=list(INEQUALITY_INTERVALS))}
    tables = study(more=more, inequality=study().inequality.assign(concentration_index=0.12))
    assert said in concentration(tables, LEAD, "es")
    assert ("cannot be told" in concentration(tables, LEAD, "en")) == (low < 0)


@pytest.mark.parametrize(
    ("raw", "smoothed", "said"),
    [
        (0.5, 0.01, "sí están agrupadas"),
        (0.01, 0.5, "ese agrupamiento no se distingue del azar"),
        (0.01, 0.01, ""),
        (0.5, 0.5, ""),
    ],
)
def test_a_pattern_that_a_tiny_area_hides_or_makes_is_told_by_the_smoothed_rate(
    raw: float, smoothed: float, said: str
) -> None:
    def row(measure: str, p_value: float) -> list[object]:
        return [measure, "moran", 0.4, -0.33, p_value, 999, "queen", 4, 0]

    table = pd.DataFrame([row(LEAD, raw), row(f"{LEAD}_eb", smoothed)], columns=list(AUTOCORRELATION))
    space = three(study(autocorrelation=table), "es")[2].text
    assert said in space
    assert ("tasa suavizada" in space) == bool(said)


def test_a_layer_that_counts_nobody_does_not_lead() -> None:
    empty = study().gaps.assign(measure="posts_per_1000", centre=0.0, periphery=0.0)
    tables = study()
    first = tables.measures.iloc[:1].assign(measure="posts_per_1000", layer="posts")
    measures = pd.concat([first, tables.measures], ignore_index=True)
    both = replace(tables, measures=measures, gaps=pd.concat([empty, tables.gaps], ignore_index=True))
    assert leading_measure(both) == LEAD
