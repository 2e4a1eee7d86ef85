"""Products of values of which a test takes each pair, or each value, once; ``make soak`` takes the whole product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any

import pytest

Row = tuple[Any, ...]


def every_pair(**values: Sequence[Any]) -> Callable[[Any], Any]:
    """Parametrize a test: each pair of values of two arguments occurs, not each combination of all.

    Args:
        values: of each argument; a mapping stands for its keys.
    """
    return pytest.mark.products(tuple(values), [list(given) for given in values.values()], rows_with_every_pair)


def every_value(**values: Sequence[Any]) -> Callable[[Any], Any]:
    """Parametrize a test: each value of an argument occurs, for what does not hang together.

    Args:
        values: of each argument; a mapping stands for its keys.
    """
    return pytest.mark.products(tuple(values), [list(given) for given in values.values()], rows_with_every_value)


def rows_with_every_value(values: Sequence[Sequence[Any]]) -> list[Row]:
    """As many rows as the longest column has values; the others begin again."""
    return [tuple(column[row % len(column)] for column in values) for row in range(max(map(len, values)))]


def rows_with_every_pair(values: Sequence[Sequence[Any]]) -> list[Row]:
    """Rows of one value each that hold every pair of values of two columns: the same rows every time."""
    everything = list(product(*(range(len(column)) for column in values)))
    places = list(combinations(range(len(values)), 2)) or [(0, 0)]
    left = {(*place, row[place[0]], row[place[1]]) for row in everything for place in places}
    chosen: list[Row] = []

    def new(row: Sequence[int]) -> int:
        return sum((*place, row[place[0]], row[place[1]]) in left for place in places)

    while left:
        best = max(everything, key=new)
        left -= {(*place, best[place[0]], best[place[1]]) for place in places}
        chosen.append(tuple(column[index] for column, index in zip(values, best, strict=True)))
    return chosen


def parametrize_products(metafunc: pytest.Metafunc, whole: bool) -> None:
    """Give a test that is marked by one of these its rows, or the whole product."""
    marker = metafunc.definition.get_closest_marker("products")
    if marker is not None:
        names, values, rows = marker.args
        metafunc.parametrize(names, list(product(*values)) if whole else rows(values))
