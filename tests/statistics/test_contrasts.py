from __future__ import annotations

import math
import time
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from depsim.statistics import contrast, holm, proportion, sign_test_p, summarise
from depsim.statistics.sign_flip import sign_flip_p

NAN = float("nan")


def differences(n: int, seed: int = 0, shift: float = 0.3) -> np.ndarray:
    return np.random.RandomState(seed).randn(n) + shift


def test_a_contrast_by_hand() -> None:
    made = contrast(np.array([3.0, 4.0, 5.0, 1.0]), np.array([1.0, 3.0, 2.0, 1.0]))
    assert (made.n, made.difference.mean, made.difference.median) == (4, 1.5, 1.5)
    assert made.d_z == pytest.approx(1.5 / math.sqrt(5 / 3))
    # The signs of 2, 1 and 3: two of eight reach 6 in size.
    assert made.p == 0.25
    assert made.superiority == proportion(np.array([1.0, 1.0, 1.0, 0.5]))


def test_that_one_is_above_the_other_has_a_p_of_its_own_beside_the_share() -> None:
    """The mean is undecided as few collapse, and yet one is higher in nearly all."""
    a = np.full(40, 97.0) + np.linspace(0, 0.1, 40)
    b = a + np.where(np.arange(40) < 4, -6.0, 0.5)
    made = contrast(a, b)
    assert made.difference.mean == pytest.approx(0.15)
    assert made.p is not None
    assert made.p > 0.5
    assert made.superiority is not None
    assert made.superiority.share == 0.1
    assert made.superiority_p == pytest.approx(stats.binomtest(4, 40).pvalue)


def test_the_sign_test_leaves_ties_out_and_says_nothing_of_ties_alone() -> None:
    assert contrast(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 2.0, 4.0])).superiority_p == 0.25
    assert contrast(np.ones(12), np.ones(12)).superiority_p is None
    assert contrast(np.array([NAN]), np.array([1.0])).superiority_p is None
    assert sign_test_p(np.array([1.0, NAN, -1.0, 0.0])) == 1.0


def test_the_sign_test_errs_in_at_most_one_of_twenty_studies() -> None:
    random = np.random.RandomState(4)
    for n in (10, 20, 50, 200):
        ps = [sign_test_p(differences) for differences in random.randn(2_000, n)]
        assert np.mean([p is not None and p <= 0.05 for p in ps]) <= 0.065


def test_the_difference_is_summarised_like_everything_else() -> None:
    a, b = np.random.RandomState(1).rand(2, 30)
    assert contrast(a, b).difference == summarise((a - b)[:, None])[0]


def test_the_contrast_turned_round_is_its_mirror() -> None:
    a, b = np.random.RandomState(1).rand(2, 30)
    there, back = contrast(a, b), contrast(b, a)
    assert there.p == back.p
    assert there.d_z == -back.d_z
    assert there.superiority.share == pytest.approx(1 - back.superiority.share)


def test_who_lacks_one_of_both_is_left_out() -> None:
    a, b = np.array([1.0, NAN, 5.0, 7.0, 2.0]), np.array([0.0, 3.0, NAN, 1.0, 2.5])
    assert contrast(a, b) == contrast(a[[0, 3, 4]], b[[0, 3, 4]])


def test_unequal_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="equal numbers, got 3 and 1"):
        contrast(np.ones(3), np.ones(1))


def test_of_nobody_and_of_one_there_is_no_test() -> None:
    nobody, one = contrast(np.array([NAN]), np.array([1.0])), contrast(np.array([2.0]), np.array([1.0]))
    assert (nobody.n, nobody.p, nobody.d_z, nobody.superiority) == (0, None, None, None)
    assert (one.n, one.p, one.d_z, one.difference.sd) == (1, None, None, None)
    assert one.superiority is not None
    assert one.superiority.share == 1.0


def test_equal_arms_do_not_differ() -> None:
    made = contrast(np.full(12, 3.0), np.full(12, 3.0))
    assert (made.p, made.d_z, made.difference.mean) == (1.0, None, 0.0)
    assert made.superiority is not None
    assert made.superiority.share == 0.5


def test_a_difference_that_all_share_has_no_effect_size_but_a_p() -> None:
    made = contrast(np.full(5, 3.5), np.full(5, 3.0))
    assert (made.p, made.d_z) == (2 / 32, None)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_up_to_sixteen_differences_every_combination_of_signs_is_tried(n: int) -> None:
    values = np.round(differences(n), 1)
    sums = [abs(float(np.dot(signs, values))) for signs in product([1, -1], repeat=n)]
    assert sign_flip_p(values) == np.mean([s >= abs(values.sum()) - 1e-9 for s in sums])


@pytest.mark.parametrize(("n", "shift"), [(12, 0.5), (16, 0.0), (17, 0.4), (50, 0.3), (50, 0.0)])
def test_the_p_is_scipys(n: int, shift: float) -> None:
    values = differences(n, seed=n, shift=shift)
    resamples = 2**16 if n <= 16 else 2**14
    expected = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=resamples, rng=np.random.default_rng(0)
    ).pvalue
    # Both are random beyond 16: four standard errors of the difference.
    error = 0.0 if n <= 16 else 4 * math.sqrt(expected * (1 - expected) * (1 / 9_999 + 1 / resamples))
    assert sign_flip_p(values) == pytest.approx(expected, rel=1e-12, abs=error + 1e-12)


@pytest.mark.parametrize("n", [8, 12, 30])
def test_sums_that_rounding_alone_tells_apart_are_ties(n: int) -> None:
    for seed in range(20):
        tenths = np.random.RandomState(seed).randint(1, 9, n) * np.random.RandomState(seed + 50).choice([-1, 1, 1], n)
        assert sign_flip_p(tenths / 10) == sign_flip_p(tenths.astype(float))


def test_differences_of_0_change_nothing() -> None:
    values = differences(40)
    assert sign_flip_p(np.concatenate([values, np.zeros(7)])) == sign_flip_p(values)


def test_p_is_never_0_and_the_same_numbers_get_the_same() -> None:
    far = differences(50, shift=100.0)
    assert sign_flip_p(far) == 1 / 10_000
    values = differences(50)
    assert sign_flip_p(values) == sign_flip_p(values.copy())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_holm_is_statsmodels(seed: int) -> None:
    ps = (np.random.RandomState(seed).rand(9) ** 3).tolist()
    assert holm(ps) == pytest.approx(multipletests(ps, method="holm")[1].tolist())


def test_holm_by_hand_with_ties_and_the_untested() -> None:
    assert holm([0.04, None, 0.01, 0.04]) == pytest.approx([0.08, None, 0.03, 0.08])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([None]) == [None]
    assert holm([]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("n", "seconds"), [(50, 30.0), (1_000, 200.0)])
def test_all_contrasts_of_a_study_come_to_an_end(n: int, seconds: float) -> None:
    values = np.random.RandomState(0).randn(5, 4, n)
    began = time.process_time()
    made = [contrast(values[a, k], values[b, k]) for a, b in combinations(range(5), 2) for k in range(4)]
    assert time.process_time() - began < seconds
    assert len(holm([one.p for one in made])) == 40
