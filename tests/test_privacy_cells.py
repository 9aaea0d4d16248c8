"""Withheld cells cannot be had by subtraction: laws of complementary suppression, by hand and by linear algebra."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from secequity import privacy

K = 5
TABLES = st.integers(2, 5).flatmap(
    lambda rows: st.integers(2, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.sampled_from([0, 0, 1, 3, 4, 5, 6, 9, 20, 50]), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


def frame(table: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(table, index=[f"n{at}" for at in range(len(table))], columns=list("abcd")[: len(table[0])])


def solved(hidden: np.ndarray) -> np.ndarray:
    """Which withheld cells the totals of rows and columns determine, by the null space of all the sums."""
    rows, columns = hidden.shape
    cells = np.arange(rows * columns).reshape(rows, columns)
    sums = [np.isin(cells.ravel(), group) for group in (*cells, *cells.T)]
    free = null_space(np.array(sums, dtype=float)[:, hidden.ravel()])
    answer = np.zeros(hidden.shape, dtype=bool)
    answer[hidden] = np.abs(free).max(axis=1, initial=0.0) < 1e-9
    return answer


def test_the_smallest_cells_join_until_the_sum_is_of_enough_people() -> None:
    people = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 40.0})
    groups = pd.Series("zone", index=people.index)
    assert privacy.complement(people, groups, k=K).cells.tolist() == [True, True, True, False]
    two = pd.Series({"a": 4.0, "b": 0.0, "c": 30.0, "d": 40.0})
    assert privacy.complement(two, groups, k=K).cells.tolist() == [True, False, True, False]


def test_a_group_without_enough_people_loses_its_total() -> None:
    people = pd.Series({"a": 3.0, "b": 0.0, "c": 8.0, "d": 9.0})
    groups = pd.Series({"a": "small", "b": "small", "c": "large", "d": "large"})
    found = privacy.complement(people, groups, k=K)
    assert found.cells.tolist() == [True, False, False, False]
    assert found.totals.to_dict() == {"large": False, "small": True}


def test_inputs_are_not_changed() -> None:
    people, groups = pd.Series({"a": 3.0, "b": 9.0}), pd.Series({"b": "z", "a": "z"})
    few = pd.Series({"a": True, "b": False})
    before = people.copy(), groups.copy(), few.copy()
    privacy.complement(people, groups, k=K, few=few)
    for one, other in zip(before, (people, groups, few), strict=True):
        pd.testing.assert_series_equal(one, other)


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_groups_are_safe_and_rows_may_stand_in_any_order(table: list[list[int]], random: Random) -> None:
    people = frame(table).stack().astype(float)
    groups = pd.Series(people.index.get_level_values(0), index=people.index)
    found = privacy.complement(people, groups, k=K)
    for name, cells in people.groupby(level=0):
        held = cells[found.cells[cells.index]]
        assert (cells[~found.cells[cells.index]].between(1, K - 1)).sum() == 0
        assert found.totals[name] == (len(held) > 0 and (len(held) < 2 or held.sum() < K))
        if found.totals[name]:
            assert (cells[~found.cells[cells.index]] == 0).all()
    order = list(people.index)
    random.shuffle(order)
    again = privacy.complement(people[order], groups, k=K)
    pd.testing.assert_series_equal(again.cells[people.index], found.cells)


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_no_withheld_cell_of_a_two_way_table_can_be_solved(table: list[list[int]]) -> None:
    people = frame(table)
    hidden = privacy.protect(people, k=K)
    assert not (~hidden & people.gt(0) & people.lt(K)).to_numpy().any()
    exact = solved(hidden.to_numpy())
    assert (privacy.recoverable(hidden).to_numpy() == exact).all()
    everything = (hidden | people.eq(0)).to_numpy().all()
    assert everything or not exact.any()


@pytest.mark.parametrize(
    ("hidden", "solvable"),
    [([[1, 0], [0, 0]], [[1, 0], [0, 0]]), ([[1, 1], [1, 1]], [[0, 0], [0, 0]]), ([[1, 1], [0, 1]], [[1, 1], [0, 1]])],
)
def test_what_can_be_solved_by_hand(hidden: list[list[int]], solvable: list[list[int]]) -> None:
    found = privacy.recoverable(pd.DataFrame(hidden).astype(bool))
    assert found.astype(int).to_numpy().tolist() == solvable
