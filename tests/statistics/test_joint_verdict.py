from __future__ import annotations

import math

import numpy as np
import pytest

from depsim.statistics import Joint, joint_verdict

NAN = float("nan")


def people(n: int, k: int = 3, seed: int = 0) -> np.ndarray:
    return 50 + 10 * np.random.RandomState(seed).randn(n, k)


def test_the_deviation_is_the_largest_in_standard_deviations_of_one_more() -> None:
    # First column: mean 2, SD 1, distance 1; second: mean 20, SD 10, distance 40.
    reference = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    found = joint_verdict(reference, np.array([3.0, 60.0]))
    assert found.deviation == pytest.approx(4 / math.sqrt(4 / 3))


def test_the_rank_by_hand() -> None:
    # 0 is farther from {1, 2, 3, 9} than 3 from {0, 1, 2, 9}, but 9 is farthest.
    found = joint_verdict(np.array([[1.0], [2.0], [3.0], [9.0]]), np.array([0.0]))
    assert (found.rank, found.n, found.p) == (2, 4, 2 / 5)


def test_a_typical_and_an_atypical_individual() -> None:
    reference = people(40)
    assert joint_verdict(reference, np.array([50.0, 51.0, 49.0])).typical is True
    far = joint_verdict(reference, np.array([50.0, 100.0, 49.0]))
    assert (far.rank, far.p, far.can_reject, far.typical) == (1, 1 / 41, True, False)


def test_one_odd_value_among_many_is_no_cause() -> None:
    # The 97.5 % point of one value is often passed by the farthest of ten.
    reference = people(60, 10)
    assert joint_verdict(reference, np.concatenate([[50 + 22.0], np.full(9, 50.0)])).typical is True


@pytest.mark.parametrize(("n", "able"), [(18, False), (19, True)])
def test_below_nineteen_individuals_it_cannot_reject_and_says_so(n: int, able: bool) -> None:
    found = joint_verdict(people(n), np.full(3, 1e6))
    assert (found.rank, found.p) == (1, 1 / (n + 1))
    assert found.can_reject is able
    assert found.typical is (False if able else None)


def test_each_place_in_the_ranking_is_equally_likely() -> None:
    # Each of twenty takes the part of the published one once: the ranks are 1 to 20.
    everyone = people(20, seed=3)
    ranks = [joint_verdict(np.delete(everyone, i, axis=0), everyone[i], decimals=None).rank for i in range(20)]
    assert sorted(ranks) == list(range(1, 21))


def test_ours_are_rounded_before_they_are_compared() -> None:
    reference = np.tile([[99.96], [100.0]], (10, 1))
    assert joint_verdict(reference, np.array([100.0])).typical is True
    assert joint_verdict(reference, np.array([100.0])).deviation == 0.0
    assert joint_verdict(reference, np.array([99.9])).typical is False


def test_off_a_value_that_all_share_is_infinitely_far() -> None:
    reference = np.column_stack([people(20, 1), np.full(20, 0.1)])
    assert joint_verdict(reference, np.array([50.0, 0.1])).deviation < 5
    found = joint_verdict(reference, np.array([50.0, 0.2]))
    assert (found.deviation, found.rank, found.typical) == (math.inf, 1, False)


def test_what_was_not_published_or_not_measured_is_left_out() -> None:
    reference, value = people(25), np.array([50.0, NAN, 70.0])
    gap = np.vstack([reference, [50.0, 1.0, NAN]])
    hole = reference.copy()
    hole[0, 1] = NAN
    expected = joint_verdict(reference[:, [0, 2]], value[[0, 2]])
    assert joint_verdict(gap, value) == expected
    assert joint_verdict(hole, value) == expected


@pytest.mark.parametrize(
    ("reference", "value"),
    [(np.empty((0, 2)), [1.0, 2.0]), (np.ones((1, 2)), [1.0, 2.0]), (np.ones((1, 2)), [NAN, NAN])],
)
def test_with_nothing_to_compare_with_nothing_is_said(reference: np.ndarray, value: list[float]) -> None:
    n = reference.shape[0]
    assert joint_verdict(reference, np.array(value)) == Joint(None, n + 1, n, 1.0, False, None)


def test_nothing_published_is_nothing_to_compare() -> None:
    assert joint_verdict(people(30, 1), np.array([NAN])).typical is None
