"""Trials with other individuals in each group: their power, and what those see that find something."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from depsim.statistics import trial_power
from depsim.statistics.parallel_trial import _p_values


def population(shift: float, n: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    own, other = generator.normal(size=(2, n))
    return (own - own.mean()) / own.std() + shift, (other - other.mean()) / other.std()


@pytest.mark.parametrize(("shift", "n"), [(0.5, 60), (0.3, 60), (0.8, 20)])
def test_power_is_that_of_the_t_test(shift: float, n: int) -> None:
    found = trial_power(*population(shift), n)
    assert found.power == pytest.approx(TTestIndPower().power(shift, n, 0.05), abs=0.02)
    assert found.truth == pytest.approx(shift)
    half = 1.96 * np.sqrt(2 / n)
    assert (found.low, found.high) == pytest.approx((shift - half, shift + half), abs=0.05)
    needed = TTestIndPower().solve_power(shift, power=0.8, alpha=0.05)
    assert found.needed == np.ceil(needed)
    wide, narrow = (trial_power(*(scale * own for own in population(shift)), n, trials=100) for scale in (3.0, 0.1))
    assert wide.needed == narrow.needed == found.needed, "the unit does not matter"


def test_without_a_difference_one_trial_of_twenty_finds_one_and_no_number_of_individuals_helps() -> None:
    found = trial_power(*population(0.0), 30, trials=20_000)
    assert found.power == pytest.approx(0.05, abs=0.006)
    own = np.arange(40.0)
    assert trial_power(own, own[::-1].copy(), 30).needed is None


def test_small_trials_that_find_something_exaggerate_it_and_some_see_it_the_wrong_way_round() -> None:
    small, large = (trial_power(*population(0.2), n) for n in (10, 400))
    assert small.exaggeration is not None
    assert small.wrong_way is not None
    assert small.exaggeration > 3
    assert 0.02 < small.wrong_way < 0.2
    assert large.exaggeration == pytest.approx(1.1, abs=0.1)
    assert large.wrong_way == 0.0


def test_p_is_welchs() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.normal(0.5, 3.0, (25, 12)), generator.normal(0.0, 1.0, (25, 12))
    found = _p_values(first.mean(1) - second.mean(1), first.var(1, ddof=1) / 12, second.var(1, ddof=1) / 12, 12)
    assert found == pytest.approx(stats.ttest_ind(first, second, axis=1, equal_var=False).pvalue)


def test_groups_without_spread_are_different_or_not() -> None:
    alike, other = np.full(20, 98.0), np.full(20, 40.0)
    assert trial_power(alike, other, 5).power == 1.0
    assert trial_power(alike, alike, 5).power == 0.0
    assert trial_power(alike, other, 5).needed == 2
    assert trial_power(alike, alike, 5).exaggeration is None


def test_the_same_trials_again_and_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    before = trial_power(*population(0.4), 50)
    assert trial_power(*population(0.4), 50) == before
    monkeypatch.setattr("depsim.statistics.parallel_trial._BLOCK", 50 * 1_000)
    assert trial_power(*population(0.4), 50) == before


@pytest.mark.parametrize("n", [0, 1])
def test_a_group_of_one_is_none(n: int) -> None:
    with pytest.raises(ValueError, match="two individuals or more"):
        trial_power(np.zeros(5), np.zeros(5), n)
    with pytest.raises(ValueError, match="got 3 of 0 and 5"):
        trial_power(np.zeros(0), np.zeros(5), 3)
