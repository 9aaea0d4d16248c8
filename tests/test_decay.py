"""Decay functions, against the values their definitions give by hand and those of ipeaGIT/accessibility's own tests."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secequity import decay
from secequity.errors import LayerError
from secequity.texts import LANGUAGES

EVERY = {
    "binary": decay.binary(30),
    "gaussian": decay.gaussian(sigma=10),
    "exponential": decay.exponential(beta=0.1),
    "linear": decay.linear(30),
}
every_family = pytest.mark.parametrize("weigh", EVERY.values(), ids=EVERY)


def test_values_by_hand() -> None:
    assert decay.binary(30)([20, 30, 30.001, 35]).tolist() == [1, 1, 0, 0]
    assert decay.linear(30)([0, 10, 20, 30, 60]) == pytest.approx([1, 0.6667, 0.3333, 0, 0], abs=5e-5)
    assert decay.exponential(beta=0.1)([0, 20, 35]) == pytest.approx([1, math.exp(-2), math.exp(-3.5)])
    assert decay.gaussian(sigma=10)([0, 10, 20, 30]) == pytest.approx([1, 0.6065, 0.1353, 0.0111], abs=5e-5)


@every_family
def test_shapes_are_kept_and_missing_stays_missing(weigh: decay.Decay) -> None:
    given = np.array([[0.0, 5.0], [np.nan, 40.0]])
    before = given.copy()
    found = weigh(given)
    assert found.shape == (2, 2)
    assert np.isnan(found).tolist() == [[False, False], [True, False]]
    assert weigh(0.0) == 1
    assert weigh([]).shape == (0,)
    np.testing.assert_array_equal(given, before)


@every_family
@given(costs=st.lists(st.floats(0, 1e6), min_size=2))
def test_farther_never_counts_more(weigh: decay.Decay, costs: list[float]) -> None:
    found = weigh(sorted(costs))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) <= 0).all()


def test_a_decay_says_what_it_is() -> None:
    assert [repr(one) for one in EVERY.values()] == [
        "binary(cutoff=30)",
        "gaussian(sigma=10)",
        "exponential(beta=0.1)",
        "linear(cutoff=30)",
    ]
    assert decay.linear(30) == decay.linear(30.0) != decay.binary(30)
    assert len({decay.linear(30), decay.linear(30.0)}) == 1
    assert pickle.loads(pickle.dumps(decay.gaussian(sigma=10))) == decay.gaussian(sigma=10)
    with pytest.raises(AttributeError):
        decay.binary(30).value = 40


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize(
    ("make", "option"),
    [
        (decay.binary, "cutoff"),
        (decay.linear, "cutoff"),
        (lambda value: decay.gaussian(sigma=value), "sigma"),
        (lambda value: decay.exponential(beta=value), "beta"),
    ],
)
def test_an_option_that_cannot_be_used(make, option: str, value: float) -> None:
    with pytest.raises(LayerError, match=option) as caught:
        make(value)
    assert caught.value.problems[0].code == "catchment_option"
    for language in LANGUAGES:
        assert option in caught.value.problems[0].say(language)
