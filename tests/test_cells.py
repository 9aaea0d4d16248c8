"""Cells as people write them: ids, numbers with two kinds of commas, broken letters."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secequity.checks import nearest
from secequity.sources import cells


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([50101, 50102], ["50101", "50102"]),
        ([50101.0, None], ["50101", None]),
        (["050101", " 050102 "], ["050101", "050102"]),
        (["50101.0", "50102.0", ""], ["50101", "50102", None]),
        (["1.0", "1.5"], ["1.0", "1.5"]),
        (["s/d", "N/A", "…", "Nada"], [None, None, None, "Nada"]),
        ([150101000000000123, 1], ["150101000000000123", "1"]),
        ([True, False], ["True", "False"]),
    ],
)
def test_ids_are_text(written: list[object], read: list[str | None]) -> None:
    assert cells.as_ids(pd.Series(written)).tolist() == read


def test_padded_and_aliased() -> None:
    ids = cells.as_ids(pd.Series([50101, 150101]), zero_pad=6, aliases={"150101": "Lima"})
    assert ids.tolist() == ["050101", "Lima"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["1.5", "2"], [1.5, 2]),
        (["1,5", "2"], [1.5, 2]),
        (["1.234,5", "12"], [1234.5, 12]),
        (["1,234.5", "12"], [1234.5, 12]),
        (["1,234,567"], [1234567]),
        (["1.234.567", "12"], [1234567, 12]),
        (["1,234", "1234"], [1.234, 1234]),
        (["1.358", "0.918"], [1.358, 0.918]),
        (["1\u202f234", "35 %", "\u22125"], [1234, 35, -5]),
        (["", "s/d", "7"], [None, None, 7]),
    ],
)
def test_numbers(written: list[str], read: list[float | None]) -> None:
    numbers, bad = cells.as_numbers(pd.Series(written))
    assert numbers.astype(object).where(numbers.notna(), None).tolist() == read
    assert not bad.any()


@pytest.mark.parametrize("written", [["1,234", "12"], ["35.307", "4.100", "120"], ["1,234"]])
def test_what_only_the_user_can_tell(written: list[str]) -> None:
    with pytest.raises(cells.AmbiguousNumbers):
        cells.as_numbers(pd.Series(written))
    assert cells.as_numbers(pd.Series(["1,234"]), decimal=",")[0].tolist() == [1.234]
    assert cells.as_numbers(pd.Series(["1,234"]), decimal=".")[0].tolist() == [1234]


@pytest.mark.parametrize("cell", ["muchos", "12 o 13", "1'204,300", "inf", "2017-05-01", "=1+1"])
def test_no_number(cell: str) -> None:
    numbers, bad = cells.as_numbers(pd.Series([cell, "7"]))
    assert bad.tolist() == [True, False]
    assert numbers.isna().tolist() == [True, False]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1))
def test_whole_numbers_come_back(written: list[int]) -> None:
    assert cells.as_numbers(pd.Series([str(one) for one in written]))[0].tolist() == written


@given(st.text(alphabet="AEIOUaeiouáéíóúñÑüÜ çÁÉÍÓÚ", min_size=1))
def test_broken_letters_come_back(written: str) -> None:
    """What was read in Windows-1252 (its five blanks as Latin-1) is what was written."""
    broken = "".join(
        bytes([byte]).decode("latin-1" if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252")
        for byte in written.encode()
    )
    assert cells.repaired(pd.Series([broken])).tolist() == [written]


@pytest.mark.parametrize("name", ["SÃO PAULO", "Âncora", "Ñuñoa", "Camaná", "L'Hospitalet"])
def test_good_letters_are_left_alone(name: str) -> None:
    assert not cells.broken(pd.Series([name])).any()
    assert cells.repaired(pd.Series([name])).tolist() == [name]


def test_a_cell_in_a_message_is_short_and_harmless() -> None:
    assert cells.shown("\x1b[2Jhola\n") == "·[2Jhola·"
    assert len(cells.shown("a" * 10_000)) == cells.SHOWN


def test_the_nearest_word() -> None:
    assert nearest("MONTSERRAT", ["MONSERRAT", "RETIRO"]) == "MONSERRAT"
    assert nearest("breña", ["BRENA", "Barranco"]) == "BRENA"
    assert nearest("xyz", ["BRENA"]) == ""
    assert nearest("a", []) == ""
