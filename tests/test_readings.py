"""What the sentences of a claim may not say: effects of 0.00, zones just told without data, names of columns."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from secequity.hypotheses.reading import sentence
from secequity.results import CLAIMS

NAN = float("nan")


def part(name: str, quantity: str, **columns: Any) -> dict[str, Any]:
    blank = dict.fromkeys(CLAIMS, NAN) | {"part": name, "quantity": quantity, "about": "", "counts": True, "test": ""}
    return blank | {"n_centre": 3, "n_periphery": 6, "verdict": "cannot tell", "level": 0.95} | columns


def read(hypothesis: str, reason: str, *parts: dict[str, Any], language: str = "es", **labels: str) -> str:
    return sentence(hypothesis, "cannot tell", reason, pd.DataFrame(parts), language, labels=labels)


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_effect_that_would_be_read_as_none_is_not_told(language: str) -> None:
    """A power for a coincidence of 0.004 is no sentence; one of 0.2 is."""
    found = {"value": 0.3, "low": -0.1, "high": 0.6, "p_value": 0.2, "power": 0.1, "needed": NAN}
    small = part("bivariate_moran", "moran", smallest=0.004, detectable=0.003, **found)
    said = read("exclusion_map", "uncertain", small, language=language)
    assert "0.00" not in said
    large = part("bivariate_moran", "moran", smallest=0.2, detectable=0.4, **found)
    said = read("exclusion_map", "uncertain", large, language=language)
    assert "0.20" in said and "0.40" in said


@pytest.mark.parametrize(("value", "told"), [(0.001, "casi 0"), (-0.001, "casi 0"), (0.25, "0.25")])
def test_a_coincidence_of_nothing_is_said_in_words(value: float, told: str) -> None:
    said = read("exclusion_map", "few", part("lee_l", "lee", value=value, p_value=0.9))
    assert told in said
    assert "0.00" not in said


def test_a_zone_without_data_does_not_contradict_the_zones_just_told() -> None:
    zero = part("own_share", "difference", centre=0.0, periphery=0.0, value=0.0, p_value=1.0)
    empty = part("composition", "difference", reason="zone_empty")
    both = read("labour_transfer", "zone_empty", empty, zero)
    assert "0 en la periferia y 0 en el casco urbano" in both
    assert "Para la otra comparación, una de las zonas no tiene ningún barrio con dato" in both
    assert "Una de las zonas no tiene" not in both
    assert "Una de las zonas no tiene" in read("labour_transfer", "zone_empty", empty)


def test_columns_are_told_by_their_label_or_as_words() -> None:
    told = part("regression", "standardised_slope", about="pobreza_extrema", value=0.4, p_value=0.2)
    assert "«pobreza extrema»" in read("exclusion_map", "few", told)
    assert "«Pobreza (%)»" in read("exclusion_map", "few", told, pobreza_extrema="Pobreza (%)")


def test_statistics_are_named_in_parentheses_after_plain_words() -> None:
    parts = [part("bivariate_moran", "moran", value=0.3, p_value=0.2), part("lee_l", "lee", value=0.3, p_value=0.2)]
    said = read("exclusion_map", "few", *parts)
    assert "los barrios que lo rodean coinciden en 0.30 (I bivariado de Moran;" in said
    assert "coinciden en 0.30 (L de Lee;" in said
