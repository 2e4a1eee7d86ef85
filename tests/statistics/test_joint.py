from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import Joint, exam_scatter, joint_verdict, mean_rank_p, noticed_shift

NAN = float("nan")
TINY = np.full(3, 1e-6)


def people(n: int, k: int = 3, seed: int = 0) -> np.ndarray:
    return 50 + 10 * np.random.RandomState(seed).randn(n, k)


def distances(pool: np.ndarray, floors: np.ndarray) -> np.ndarray:
    """The rule once more, in few lines: (M,) for a pool (M, K)."""
    scaled = (pool - pool.mean(axis=0)) / np.maximum(pool.std(axis=0, ddof=1), floors)
    inverse = np.linalg.inv(0.8 * scaled.T @ scaled / (len(pool) - 1) + 0.2 * np.eye(pool.shape[1]))
    return np.array([one @ inverse @ one for one in scaled])


@pytest.mark.parametrize("floors", [TINY, np.array([1e-6, 30.0, 1e-6])], ids=["no floor", "a floor"])
def test_the_rank_is_by_mahalanobis_distance_with_shrunken_correlations(floors: np.ndarray) -> None:
    everyone = people(24, seed=5)
    everyone[:, 2] += 0.8 * everyone[:, 0]
    far = distances(everyone, floors)
    for place in range(24):
        joint = joint_verdict(np.delete(everyone, place, axis=0), everyone[place], floors)
        assert (joint.rank, joint.p) == ((far >= far[place]).sum(), (far >= far[place]).mean())


def test_each_place_in_the_ranking_is_equally_likely() -> None:
    # Each of twenty takes the part of the published one once: the ranks are 1 to 20.
    everyone = people(20, seed=3)
    ranks = [joint_verdict(np.delete(everyone, i, axis=0), everyone[i], TINY).rank for i in range(20)]
    assert sorted(ranks) == list(range(1, 21))


def test_one_like_ours_and_one_unlike_them() -> None:
    reference = people(40)
    assert joint_verdict(reference, np.array([50.0, 51.0, 49.0]), TINY).distinguishable is False
    far = joint_verdict(reference, np.array([50.0, 100.0, 49.0]), TINY)
    assert (far.rank, far.p, far.can_reject, far.distinguishable) == (1, 1 / 41, True, True)


def test_a_combination_that_nobody_has_tells_apart_though_no_value_does() -> None:
    # Two values that go together in everyone, and in the one against each other, each within 1.5 SD.
    first = np.random.RandomState(1).randn(50)
    reference = np.column_stack([first, first + 0.1 * np.random.RandomState(2).randn(50)])
    assert joint_verdict(reference, np.array([1.5, -1.5]), np.full(2, 1e-6)).distinguishable is True
    assert joint_verdict(reference, np.array([1.5, 1.5]), np.full(2, 1e-6)).distinguishable is False


def test_a_hair_beside_a_ceiling_is_no_reason_where_the_exam_scatters_more() -> None:
    ceiling = np.column_stack([people(40, 1), np.full(40, 99.9)])
    ceiling[0, 1] = 100.0
    value = np.array([50.0, 99.7])
    assert joint_verdict(ceiling, value, np.array([0.1, 1e-6])).distinguishable is True
    assert joint_verdict(ceiling, value, np.array([0.1, 1.0])).distinguishable is False


@pytest.mark.parametrize(("n", "able"), [(18, False), (19, True)])
def test_below_nineteen_individuals_it_cannot_reject_and_says_so(n: int, able: bool) -> None:
    joint = joint_verdict(people(n), np.full(3, 1e6), TINY)
    assert (joint.rank, joint.p) == (1, 1 / (n + 1))
    assert joint.can_reject is able
    assert joint.distinguishable is (True if able else None)


def test_what_was_not_published_not_measured_or_all_equal_is_left_out() -> None:
    reference, value = people(25), np.array([50.0, NAN, 70.0])
    gap = np.vstack([reference, [50.0, 1.0, NAN]])
    hole = reference.copy()
    hole[0, 1] = NAN
    expected = joint_verdict(reference[:, [0, 2]], value[[0, 2]], TINY[:2])
    assert joint_verdict(gap, value, TINY) == expected
    assert joint_verdict(hole, value, TINY) == expected
    equal = reference.copy()
    equal[:, 1] = 100.0
    assert joint_verdict(equal, np.array([50.0, 100.0, 70.0]), TINY) == expected
    assert expected.values == 2


@pytest.mark.parametrize(
    ("reference", "value"),
    [(np.empty((0, 2)), [1.0, 2.0]), (np.ones((1, 2)), [1.0, 2.0]), (np.ones((5, 2)), [NAN, NAN])],
)
def test_with_nothing_to_compare_with_nothing_is_said(reference: np.ndarray, value: list[float]) -> None:
    n = reference.shape[0]
    assert joint_verdict(reference, np.array(value), TINY[:2]) == Joint(n + 1, n, 1.0, 0, False, None)


def test_all_alike_is_no_distance() -> None:
    assert joint_verdict(np.ones((30, 2)), np.ones(2), TINY[:2]) == Joint(31, 30, 1.0, 0, True, False)


def test_each_group_has_the_shift_that_is_noticed_in_it() -> None:
    # Group a: three values that scatter apart; b: one alone, which a shift has to move further.
    reference, tiny = people(60, 4, seed=1), np.full(4, 1e-6)
    shifts = noticed_shift(reference, tiny, ["a", "a", "a", "b"])
    assert list(shifts) == ["a", "b"]
    assert shifts["a"] is not None
    assert shifts["b"] is not None
    assert shifts["a"] < shifts["b"] <= 5.5
    # Eight of ten: put onto each individual in turn, that shift is noticed and a quarter less is not.
    sd = reference.std(axis=0, ddof=1)
    for group, part in (("a", np.array([1, 1, 1, 0])), ("b", np.array([0, 0, 0, 1]))):
        needed = shifts[group]
        assert needed is not None
        for shift, enough in ((needed, True), (needed - 0.25, False)):
            shares = []
            for sign in (1, -1):
                moved = reference + sign * part * shift * sd
                joints = [joint_verdict(np.delete(reference, i, axis=0), moved[i], tiny) for i in range(60)]
                shares.append(np.mean([one.p <= 0.05 for one in joints]))
            assert bool(min(shares) >= 0.8) is enough


def test_a_group_that_does_not_vary_has_no_shift() -> None:
    reference = np.column_stack([people(30, 2), np.full(30, 100.0)])
    assert list(noticed_shift(reference, TINY, ["a", "a", "b"])) == ["a"]


def test_where_nothing_can_be_rejected_no_shift_is_noticed() -> None:
    assert noticed_shift(people(12), TINY, ["a"] * 3) == {"a": None}


def test_the_scatter_of_an_exam_is_binomial_with_rounding() -> None:
    assert exam_scatter(90.0, 10_000, 6) == pytest.approx(0.3, rel=1e-3)
    assert exam_scatter(50.0, 10**9, 1) == pytest.approx(0.1 / 12**0.5, rel=1e-2)
    assert exam_scatter(100.0, 1000, 1) > 0


def test_of_nineteen_a_shift_is_noticed_as_beside_a_twentieth() -> None:
    # The tried one is one of the nineteen, where the published one would be the twentieth.
    assert noticed_shift(people(19, 8), np.full(8, 1e-6), ["a"] * 8)["a"] is not None
    assert noticed_shift(people(18, 8), np.full(8, 1e-6), ["a"] * 8)["a"] is None


def test_the_mean_rank_errs_in_one_of_twenty_and_sees_a_low_individual() -> None:
    generator = np.random.default_rng(1)
    shared = generator.normal(size=(400, 40, 1))
    exams = shared + generator.exponential(size=(400, 40, 5))  # correlated, skewed
    exact = [mean_rank_p(one[:-1], one[-1]) <= 0.05 for one in exams]
    assert 0.02 <= np.mean(exact) <= 0.08
    assert np.mean([mean_rank_p(one[:-1], one[-1] - 4.0) <= 0.05 for one in exams]) > 0.9
    assert np.mean([mean_rank_p(one[:-1], one[-1] + 4.0) <= 0.05 for one in exams]) == 0.0


def test_the_mean_rank_by_hand() -> None:
    reference = np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    assert mean_rank_p(reference, np.array([0.0, 0.0])) == 0.25
    assert mean_rank_p(reference, np.array([2.0, 5.0])) == 0.75, "ties count"
    assert mean_rank_p(reference, np.array([9.0, 9.0])) == 1.0
