from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from depsim.population import Hold, Population, format_seeds
from depsim.streams import Purpose
from tests.tiny import NOTHING_HELD


def population(**changes: Any) -> Population:
    fields: dict[str, Any] = {
        "size": 3,
        "first_seed": 5,
        "seeds": None,
        "data": "individual",
        "hold": NOTHING_HELD,
        "replicates": 1,
    }
    return Population(**(fields | changes))


def test_members_are_consecutive_seeds() -> None:
    assert population().members == (5, 6, 7)


def test_the_first_seed_may_be_0() -> None:
    assert population(size=2, first_seed=0).members == (0, 1)


def test_members_may_be_named_one_by_one() -> None:
    assert population(size=None, first_seed=None, seeds=[9, 2]).members == (9, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": [1]}, "not both"),
        ({"seeds": [1], "size": None}, "not both"),
        ({"size": None}, "both needed"),
        ({"first_seed": None}, "both needed"),
        ({"size": None, "first_seed": None, "seeds": [4, 4]}, "twice"),
        ({"size": None, "first_seed": None, "seeds": []}, "at least 1"),
        ({"first_seed": 4_294_966, "size": 2}, "4294967"),
        ({"size": 0}, "greater than or equal to 1"),
        ({"data": "common"}, "shared"),
        ({"replicates": 0}, "greater than or equal to 1"),
        ({"replicates": 101}, "less than or equal to 100"),
        ({"data": "shared", "hold": Hold(data=0, train=None, test=None, init=None, order=None)}, "hold.data=0 has no"),
        ({"data": "shared", "hold": Hold(data=None, train=0, test=None, init=None, order=None)}, "hold.train=0 has no"),
        ({"data": "shared", "hold": Hold(data=None, train=None, test=0, init=None, order=None)}, "hold.test=0 has no"),
    ],
)
def test_a_contradiction_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        population(**changes)


def test_the_last_possible_seed_is_allowed() -> None:
    assert population(first_seed=4_294_966, size=1).members == (4_294_966,)


def test_held_streams_are_those_with_a_seed_and_0_is_one() -> None:
    assert Hold(data=3, train=None, test=None, init=0, order=None).streams() == {Purpose.INIT: 0}
    assert Hold(data=None, train=None, test=None, init=None, order=7).streams() == {Purpose.ORDER: 7}
    assert NOTHING_HELD.streams() == {}


def test_held_data_are_training_and_test_points_and_each_can_be_held_alone() -> None:
    nothing: dict[str, Any] = dict.fromkeys(Hold.model_fields)
    assert Hold(**nothing | {"data": 3}).points == Hold(**nothing | {"train": 3, "test": 3}).points == (3, 3)
    assert Hold(**nothing | {"train": 0}).points == (0, None)
    assert Hold(**nothing | {"test": 0}).points == (None, 0)
    with pytest.raises(ValidationError, match=r"cohort\.hold\.data=1 holds training and test points; not allowed"):
        Hold(**nothing | {"data": 1, "test": 1})


@pytest.mark.parametrize(
    ("seeds", "spelt"),
    [((), ""), ((4,), "4"), ((3, 1, 2), "1-3"), ((0, 1, 2, 7, 9, 10), "0-2,7,9-10"), (tuple(range(50)), "0-49")],
)
def test_seeds_are_spelt_as_runs(seeds: tuple[int, ...], spelt: str) -> None:
    assert format_seeds(seeds) == spelt
