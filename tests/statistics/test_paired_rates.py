"""Two rates of the same individuals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import paired_rates

YES, NO = 1.0, 0.0


def table(both: int, only_first: int, only_second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Individuals by what holds of them."""
    first = np.repeat([YES, YES, NO, NO], [both, only_first, only_second, neither])
    second = np.repeat([YES, NO, YES, NO], [both, only_first, only_second, neither])
    return first, second


def test_a_table_worked_out_by_hand() -> None:
    rates = paired_rates(*table(10, 8, 2, 30))
    assert (rates.n, rates.first, rates.second) == (50, 0.36, 0.24)
    assert rates.difference == pytest.approx(0.12)
    up, down = 9 / 52, 3 / 52  # (8 + 1) / (50 + 2), (2 + 1) / (50 + 2)
    half = 1.959964 * math.sqrt((up + down - (up - down) ** 2) / 52)
    assert (rates.low, rates.high) == pytest.approx((up - down - half, up - down + half), abs=1e-6)
    assert rates.p == pytest.approx(2 * sum(math.comb(10, k) for k in (0, 1, 2)) / 2**10)


def test_who_is_in_no_rate_under_one_of_them_does_not_count() -> None:
    first, second = table(3, 2, 1, 4)
    gaps = np.concatenate([first, [math.nan, YES]]), np.concatenate([second, [YES, math.nan]])
    assert paired_rates(*gaps) == paired_rates(first, second)


def test_nobody_and_nobody_who_differs() -> None:
    none = paired_rates(np.array([math.nan]), np.array([YES]))
    assert (none.n, none.p, none.low, none.high) == (0, 1.0, -1.0, 1.0)
    alike = paired_rates(*table(5, 0, 0, 5))
    assert (alike.difference, alike.p) == (0.0, 1.0)
    assert alike.low < 0 < alike.high


def test_the_other_way_round_is_the_same_with_the_other_sign() -> None:
    one, other = paired_rates(*table(4, 9, 2, 5)), paired_rates(*reversed(table(4, 9, 2, 5)))
    assert (one.difference, one.low, one.high, one.p) == pytest.approx(
        (-other.difference, -other.high, -other.low, other.p)
    )


@pytest.mark.parametrize("n", [20, 50])
@pytest.mark.parametrize(("only_first", "only_second"), [(0.1, 0.1), (0.3, 0.1), (0.05, 0.02), (0.4, 0.0)])
def test_size_coverage_and_power_in_simulation(n: int, only_first: float, only_second: float) -> None:
    random = np.random.default_rng([n, int(100 * only_first), int(100 * only_second)])
    rest = (1 - only_first - only_second) / 2
    counts = random.multinomial(n, [rest, only_first, only_second, rest], size=1500)
    made = [paired_rates(*table(*map(int, row))) for row in counts]
    true = only_first - only_second
    assert np.mean([one.low <= true <= one.high for one in made]) >= 0.93
    rejected = float(np.mean([one.p <= 0.05 for one in made]))
    if true == 0:
        assert rejected <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1500)
    if only_first == 0.4:  # the power is that of six or more who all differ one way
        expected = float(stats.binom.sf(5, n, 0.4))
        assert rejected == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 1500) + 1e-3)
