"""Several conditions against the best of them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration.best import (
    an_equal_condition_is_ruled_out,
    differences_from_the_best_are_held,
    the_best_stands_alone,
)
from benchmarks.calibration.values import NORMAL
from depsim.statistics import from_best
from depsim.statistics.resampling import bootstrap_counts


def test_two_conditions_by_hand() -> None:
    """Of two, the interval is the bootstrap-t interval of the one difference."""
    generator, n = np.random.default_rng(1), 40
    difference = generator.normal(1.0, 1.0, n)
    base = generator.normal(0.0, 9.0, n)  # what they have in common does not count
    better, worse = from_best(np.column_stack([base + difference, base]))
    counts = bootstrap_counts(n).astype(float)
    means = counts @ difference / n
    errors = np.sqrt(counts @ difference**2 / n - means**2)
    multiple = np.quantile(np.abs(means - difference.mean()) / errors, 0.95)
    assert worse.difference == pytest.approx(-difference.mean())
    assert (worse.low, worse.high) == pytest.approx(
        (-difference.mean() - multiple * difference.std(), -difference.mean() + multiple * difference.std())
    )
    assert (better.difference, better.low, better.high) == (0.0, 0.0, 0.0)
    assert (better.may_be_best, worse.may_be_best) == (True, False)


def test_close_ones_may_both_be_the_best_and_the_far_one_is_measured_from_either() -> None:
    noise = np.random.default_rng(2).normal(size=(50, 3))
    one, two, far = from_best(noise + np.array([10.0, 10.1, 0.0]))
    assert one.may_be_best
    assert two.may_be_best
    assert one.low is not None
    assert one.low < 0
    assert (one.high, two.high) == (0.0, 0.0)
    assert far.high is not None
    assert far.low is not None
    assert far.low < -10 < far.high < -8


def test_conditions_that_are_one_are_equal_and_do_not_widen_the_others() -> None:
    noise = np.random.default_rng(3).normal(size=(30, 2)) + np.array([0.0, 5.0])
    alone = from_best(noise)
    twice = from_best(noise[:, [0, 0, 1]])
    assert twice[0] == twice[1] == alone[0]
    constant = from_best(np.tile([1.0, 3.0, 3.0], (20, 1)))
    assert [(one.difference, one.low, one.high) for one in constant] == [(-2, -2, -2), (0, 0, 0), (0, 0, 0)]


def test_below_ten_individuals_nothing_is_inferred() -> None:
    few = from_best(np.random.default_rng(4).normal(size=(9, 3)) + np.array([0.0, 0.0, 50.0]))
    assert [(one.low, one.high, one.may_be_best) for one in few] == [(None, None, True)] * 3
    assert few[2].difference == 0


def test_one_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="of 1 conditions none is the best"):
        from_best(np.zeros((20, 1)))


def test_the_order_of_conditions_does_not_matter() -> None:
    values = np.random.default_rng(5).normal(size=(25, 4)) + np.array([0.0, 1.0, 2.0, 2.1])
    order = [2, 0, 3, 1]
    there, back = from_best(values), from_best(values[:, order])
    for place, original in enumerate(order):
        assert back[place].low == pytest.approx(there[original].low)
        assert back[place].high == pytest.approx(there[original].high)


@pytest.mark.slow
def test_simulated_studies_hold_the_truth_and_rule_out_the_best_in_one_of_twenty() -> None:
    generator = np.random.default_rng(6)
    held = differences_from_the_best_are_held(NORMAL)(generator, 50, 300)
    assert held.mean() >= 0.93
    assert an_equal_condition_is_ruled_out(NORMAL)(generator, 50, 300).mean() <= 0.055 + 3 * 0.0126
    assert the_best_stands_alone(NORMAL)(generator, 200, 100).mean() >= 0.95


def test_a_wild_condition_that_is_surely_worse_widens_no_lower_end() -> None:
    generator = np.random.default_rng(7)
    calm, wild = generator.normal(size=(50, 2)), generator.normal(-100, 150, size=(50, 1))
    first, second, worse = from_best(np.hstack([calm, wild]))
    assert not worse.may_be_best
    assert first.low is not None
    assert second.low is not None
    assert min(first.low, second.low) > -2


def test_differences_of_few_individuals_have_finite_intervals() -> None:
    """Two of thirty differ: some resamples have neither, and no spread."""
    rare = np.zeros((30, 2))
    rare[:2, 0] = 1.0, 2.0
    other = from_best(rare)[1]
    assert other.difference == pytest.approx(-0.1)
    assert other.low is not None
    assert np.isfinite(other.low)
    assert other.may_be_best
