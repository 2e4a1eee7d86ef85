from __future__ import annotations

import itertools

import numpy as np
import pytest

from depsim.statistics.orthogonal_array import _product, orthogonal_array


def test_gf8_is_a_field() -> None:
    elements = range(8)
    for a, b, c in itertools.product(elements, repeat=3):
        assert _product(a, b) == _product(b, a)
        assert _product(a, _product(b, c)) == _product(_product(a, b), c)
        assert _product(a, b ^ c) == _product(a, b) ^ _product(a, c)
    for a in elements[1:]:
        assert sorted(_product(a, b) for b in elements) == list(elements)
        assert _product(a, 1) == a


@pytest.mark.parametrize("factors", [2, 4, 8])
def test_every_pair_of_columns_holds_each_of_the_64_pairs_of_levels_once(factors: int) -> None:
    runs = orthogonal_array(factors, 2)
    assert runs.shape == (64, factors)
    for pair in itertools.combinations(range(factors), 2):
        assert sorted(map(tuple, runs[:, pair].tolist())) == list(itertools.product(range(8), repeat=2))


@pytest.mark.parametrize("factors", [3, 4, 8])
def test_every_three_columns_hold_each_of_the_512_triples_of_levels_once(factors: int) -> None:
    runs = orthogonal_array(factors, 3)
    assert runs.shape == (512, factors)
    for triple in itertools.combinations(range(factors), 3):
        assert sorted(map(tuple, runs[:, triple].tolist())) == list(itertools.product(range(8), repeat=3))


def test_no_run_comes_twice_and_each_level_of_a_factor_equally_often() -> None:
    for strength in (1, 2, 3):
        runs = orthogonal_array(5, strength)
        assert len({tuple(run) for run in runs.tolist()}) == len(runs) == 8**strength
        for column in runs.T:
            assert np.bincount(column).tolist() == [8 ** (strength - 1)] * 8


@pytest.mark.parametrize(("factors", "strength"), [(9, 2), (2, 3), (4, 0)])
def test_an_array_that_there_is_not_is_refused(factors: int, strength: int) -> None:
    with pytest.raises(ValueError, match=f"{factors} factors at strength {strength}: allowed are"):
        orthogonal_array(factors, strength)
