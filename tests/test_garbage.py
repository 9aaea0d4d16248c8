"""The search for garbage waits while a city is made, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from secequity.garbage import unsearched


@pytest.mark.parametrize("searching", [True, False])
def test_the_search_is_afterwards_as_it_was(searching: bool) -> None:
    was = gc.isenabled()
    (gc.enable if searching else gc.disable)()
    try:
        with unsearched(), unsearched():
            assert not gc.isenabled()
        assert gc.isenabled() is searching
        with pytest.raises(ValueError, match="told"), unsearched():
            raise ValueError("told")
        assert gc.isenabled() is searching
    finally:
        (gc.enable if was else gc.disable)()


def test_nothing_is_looked_through_however_much_is_made() -> None:
    @unsearched()
    def searches_while_made() -> int:
        before = _searches()
        kept = [[number] for number in range(20_000)]
        return _searches() - before if kept else -1

    assert searches_while_made() == 0


def _searches() -> int:
    return sum(one["collections"] for one in gc.get_stats())
