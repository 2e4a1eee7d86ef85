"""Two hazards in discrete time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from depsim.statistics import hazard_ratio


def individuals(first: list[tuple[int, bool]], second: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array([first, second], dtype=int)
    return pairs[:, :, 0].T, pairs[:, :, 1].T.astype(bool)


def test_of_one_cycle_it_is_the_ratio_of_the_log_shares_without_an_event() -> None:
    """12 of 20 relapse at cycle 1 under the first, 5 under the second, nobody later."""
    made = individuals([(1, True)] * 12 + [(3, False)] * 8, [(1, True)] * 5 + [(3, False)] * 15)
    found = hazard_ratio(*made)
    assert found is not None
    assert found.ratio == pytest.approx(math.log(8 / 20) / math.log(15 / 20), rel=1e-5)
    assert (found.n, found.events) == (20, (12, 5))
    assert found.low < found.ratio < found.high
    # The second's events are all among the first's: paired, that is surer than apart.
    apart = hazard_ratio(*individuals([(1, True)] * 12 + [(3, False)] * 8, [(3, False)] * 15 + [(1, True)] * 5))
    assert apart is not None
    assert apart.ratio == pytest.approx(found.ratio, rel=1e-5)
    assert apart.high / apart.low > found.high / found.low


def test_the_other_way_round_it_is_the_inverse() -> None:
    generator = np.random.default_rng(1)
    times = generator.integers(1, 9, size=(40, 2))
    ended = times < 8
    one, other = hazard_ratio(times, ended), hazard_ratio(times[:, ::-1], ended[:, ::-1])
    assert one is not None
    assert other is not None
    assert (one.ratio, one.low, one.high) == pytest.approx((1 / other.ratio, 1 / other.high, 1 / other.low), rel=1e-4)
    assert one.p == pytest.approx(other.p, rel=1e-4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([(3, False)] * 20, [(1, True)] * 8 + [(3, False)] * 12),  # no event under the first
        ([(1, True)] * 20, [(3, False)] * 20),
        ([(1, True)] * 20, [(2, True)] * 20),  # all of one before any of the other
        ([(1, True)] * 20, [(1, True)] * 4 + [(3, False)] * 16),  # all at once under the first
        # While both are at risk all events are of one condition, or everybody of the other has one.
        (
            [(time, True) for time in (5, 6, 7) for _ in range(7)],
            [(time, True) for time in (1, 2, 3) for _ in range(7)],
        ),
        ([(1, True)] * 9 + [(2, True)] * 11, [(2, True)] * 4 + [(3, True)] * 16),
        ([(1, True)] * 4 + [(3, False)] * 5, [(1, True)] * 2 + [(3, False)] * 7),  # nine individuals
    ],
)
def test_where_there_is_no_ratio_nothing_is_said(first: list[tuple[int, bool]], second: list[tuple[int, bool]]) -> None:
    assert hazard_ratio(*individuals(first, second)) is None


def test_a_cycle_without_an_event_does_not_count() -> None:
    first, second = [(1, True)] * 6 + [(4, True)] * 6 + [(8, False)] * 8, [(1, True)] * 3 + [(8, False)] * 17
    later = [(time + 2 * (time > 2), ended) for time, ended in first]
    one, other = hazard_ratio(*individuals(first, second)), hazard_ratio(*individuals(later, second))
    assert one is not None
    assert one == other
