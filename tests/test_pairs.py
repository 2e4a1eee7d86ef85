"""The rows that stand for a product of values."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from tests.pairs import every_pair, every_value, rows_with_every_pair, rows_with_every_value

COLUMNS: list[list[Any]] = [["a", "b", "c", "d"], [0, 1], [True, False, None], ["x"]]


@pytest.mark.parametrize("values", [COLUMNS[:1], COLUMNS[:2], COLUMNS, COLUMNS[::-1]])
def test_every_pair_of_values_occurs(values: list[list[Any]]) -> None:
    rows = rows_with_every_pair(values)
    assert set(rows) <= set(product(*values))
    assert len(rows) == len(set(rows)) <= len(list(product(*values)))
    for one, other in combinations(range(len(values)), 2):
        assert {(row[one], row[other]) for row in rows} == set(product(values[one], values[other]))
    assert all({row[place] for row in rows} == set(column) for place, column in enumerate(values))


def test_no_more_rows_than_the_two_longest_columns_need() -> None:
    assert len(rows_with_every_pair(COLUMNS)) == 12


def test_every_value_occurs() -> None:
    assert rows_with_every_value(COLUMNS) == [
        ("a", 0, True, "x"), ("b", 1, False, "x"), ("c", 0, None, "x"), ("d", 1, True, "x")
    ]  # fmt: skip


@every_pair(one={"a": 1, "b": 2}, other=[1, 2], third=[3, 4])
def test_a_test_has_its_rows(one: str, other: int, third: int, request: pytest.FixtureRequest) -> None:
    own = [item for item in request.session.items if getattr(item, "originalname", "") == "test_a_test_has_its_rows"]
    assert len(own) == (8 if request.config.getoption("--soak") else 4)
    assert (one in "ab", other in (1, 2), third in (3, 4)) == (True, True, True)


@every_value(one=[1, 2, 3], other=[4, 5])
def test_a_test_has_each_value(one: int, other: int, request: pytest.FixtureRequest) -> None:
    own = [item for item in request.session.items if getattr(item, "originalname", "") == "test_a_test_has_each_value"]
    assert len(own) == (6 if request.config.getoption("--soak") else 3)
    assert request.config.getoption("--soak") or (one, other) in {(1, 4), (2, 5), (3, 4)}
