"""What a trial with groups of different individuals would have seen of a population that took every path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.families import LEVEL
from depsim.statistics.resampling import GENERATOR_SEED

TRIALS = 10_000
_POWER = 0.8
_LEAST, _OBVIOUS = 0.01, 10.0
"""Differences in spreads that no trial finds, and that any does."""
_FEW = 10
_BLOCK = 4_000_000
"""Draws at a time."""


@dataclass(frozen=True)
class TrialPower:
    """Trials of one treatment against a control, each with other individuals in its two groups.

    Args:
        n: individuals a group.
        truth: difference of the two means in the whole population.
        low, high: between which 95 of 100 trials see it.
        power: share of trials that find a difference (Welch's t test, two-sided, 5 %), 0 to 1.
        exaggeration: mean size of the difference among those over the true one; None where none finds it, or it is 0.
        wrong_way: share of those in which it has the wrong sign, 0 to 1; None likewise.
        needed: individuals a group for a power of 0.8; None for less than a hundredth of the spread.
    """

    n: int
    truth: float
    low: float
    high: float
    power: float
    exaggeration: float | None
    wrong_way: float | None
    needed: int | None


def trial_power(treated: np.ndarray, control: np.ndarray, n: int, trials: int = TRIALS) -> TrialPower:
    """Draw trials from a population.

    Args:
        treated, control: outcomes of everybody under either, (N,) each, finite.
        n: individuals a group, two or more; each trial draws its groups anew, from everybody, with replacement.
        trials: how many.

    Raises:
        ValueError: for a group of fewer than two, or an empty population.

    References: Gelman, Carlin (2014), "Beyond power calculations: assessing type S (sign) and type M (magnitude)
    errors".

    >>> found = trial_power(np.arange(50.0) + 40, np.arange(50.0), 30)
    >>> found.truth, found.power, found.wrong_way
    (40.0, 1.0, 0.0)
    """
    if n < 2 or not len(treated) or not len(control):
        raise ValueError(f"a group has two individuals or more, got {n} of {len(treated)} and {len(control)}")
    generator = np.random.default_rng(GENERATOR_SEED + 2)
    groups = [_groups(values, n, trials, generator) for values in (treated, control)]
    (first, first_error), (second, second_error) = groups
    seen, truth = first - second, float(treated.mean() - control.mean())
    found = _p_values(seen, first_error, second_error, n) < LEVEL
    low, high = np.quantile(seen, (0.025, 0.975)).tolist()
    told = seen[found]
    exaggeration = wrong_way = None
    if told.size and truth:
        exaggeration, wrong_way = float(np.abs(told).mean() / abs(truth)), float((told * truth < 0).mean())
    return TrialPower(n, truth, low, high, float(found.mean()), exaggeration, wrong_way, _needed(treated, control))


def _groups(values: np.ndarray, n: int, trials: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mean and squared standard error of a group per trial, (trials,) each."""
    means, errors = np.empty(trials), np.empty(trials)
    step = max(1, _BLOCK // n)
    for start in range(0, trials, step):
        drawn = values[generator.integers(0, len(values), size=(min(step, trials - start), n))]
        means[start : start + step], errors[start : start + step] = drawn.mean(axis=1), drawn.var(axis=1, ddof=1) / n
    return means, errors


def _p_values(seen: np.ndarray, first: np.ndarray, second: np.ndarray, n: int) -> np.ndarray:
    """Two-sided p of Welch's t test; 1 where nothing differs, 0 where groups differ and nobody within them does."""
    from scipy.special import stdtr

    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = total**2 * (n - 1) / (first**2 + second**2)
        p = 2 * stdtr(freedom, -np.abs(seen) / np.sqrt(total))
    return np.where(total > 0, p, np.where(seen == 0, 1.0, 0.0))


def _needed(treated: np.ndarray, control: np.ndarray) -> int | None:
    """Individuals a group for the power, by the t test of equal groups."""
    spread = float(np.sqrt((treated.var() + control.var()) / 2))
    difference = abs(float(treated.mean() - control.mean()))
    if difference <= _LEAST * spread:
        return None
    if spread < difference / _OBVIOUS:
        return 2
    from statsmodels.stats.power import TTestIndPower  # slow to import

    for few in range(2, _FEW):  # where the solver does not converge
        if TTestIndPower().power(difference / spread, few, LEVEL) >= _POWER:
            return few
    return int(np.ceil(TTestIndPower().solve_power(difference / spread, power=_POWER, alpha=LEVEL)))
