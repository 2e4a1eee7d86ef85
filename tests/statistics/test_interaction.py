"""Whether effects of two settings add up."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from depsim.statistics import interaction, sign_flip_p, simultaneous
from tests.pairs import every_value

ADDITIVE = np.add.outer(np.array([0.0, 4.0, 6.0]), np.array([0.0, 5.0, 8.0]))


def people(generator: np.random.Generator, n: int, effect: float, skewed: bool = False) -> np.ndarray:
    """Individuals with an additive part of their own, whose last cell is off by an effect."""
    sums = 3 * generator.normal(size=(n, 1, 1)) + generator.normal(size=(n, 3, 1)) + generator.normal(size=(n, 1, 3))
    noise = generator.lognormal(size=(n, 3, 3)) if skewed else generator.normal(size=(n, 3, 3))
    values = ADDITIVE + sums + noise
    values[:, 2, 2] += effect
    return np.asarray(values)


def tetrad(values: np.ndarray, x_low: int, x_high: int, y_low: int, y_high: int) -> np.ndarray:
    effects = values[:, x_high] - values[:, x_low]
    return np.asarray(effects[:, y_high] - effects[:, y_low])


PLACES = [(i, j, k, m) for (i, j), (k, m) in product([(0, 1), (0, 2), (1, 2)], repeat=2)]


@pytest.mark.parametrize("n", [8, 30])
def test_of_two_by_two_it_is_the_sign_flip_test_of_the_one_tetrad(n: int) -> None:
    values = people(np.random.default_rng(n), n, 1.0)[:, 1:, 1:]
    made, expected = interaction(values), tetrad(values, 0, 1, 0, 1)
    assert (made.n, made.x_low, made.x_high, made.y_low, made.y_high) == (n, 0, 1, 0, 1)
    assert made.difference == pytest.approx(expected.mean())
    assert made.p == pytest.approx(sign_flip_p(expected))
    assert (made.low, made.high) == pytest.approx([float(end[0]) for end in simultaneous(expected[:, None])])


def test_of_several_it_is_the_one_with_the_largest_t_among_all_sign_flips_of_whole_individuals() -> None:
    values = people(np.random.default_rng(5), 7, 2.0)
    tetrads = np.stack([tetrad(values, *place) for place in PLACES], axis=1)
    units = np.sqrt((tetrads**2).sum(axis=0))
    largest = [np.abs(np.array(signs) @ tetrads / units).max() for signs in product([1, -1], repeat=7)]
    at_hand = np.abs(tetrads.sum(axis=0) / units)
    made = interaction(values)
    assert made.p == np.mean([size >= at_hand.max() - 1e-9 for size in largest])
    place = int(at_hand.argmax())
    ts = tetrads.mean(axis=0) / tetrads.std(axis=0, ddof=1)
    assert place == np.abs(ts).argmax()
    assert (made.x_low, made.x_high, made.y_low, made.y_high) == PLACES[place]
    low, high = simultaneous(tetrads)
    assert (made.difference, made.low, made.high) == pytest.approx((tetrads[:, place].mean(), low[place], high[place]))


def test_what_is_the_same_in_every_row_or_column_changes_nothing() -> None:
    generator = np.random.default_rng(6)
    values = people(generator, 20, 1.0)
    shifted = values + 50 * generator.normal(size=(20, 3, 1)) + 50 * generator.normal(size=(20, 1, 3))
    there, back = interaction(values), interaction(shifted)
    assert (there.p, there.x_high, there.y_high) == (back.p, back.x_high, back.y_high)
    assert (there.difference, there.low, there.high) == pytest.approx((back.difference, back.low, back.high))


def test_effects_that_add_up_in_everybody_have_no_interaction() -> None:
    exact = ADDITIVE / 3 + np.random.default_rng(7).normal(size=(20, 1, 1)) * np.ones((3, 1)) * 1e3
    made = interaction(exact)
    assert (made.p, made.difference, made.low, made.high) == (1.0, 0.0, 0.0, 0.0)


def test_one_individual_has_no_test_and_two_no_interval() -> None:
    values = people(np.random.default_rng(8), 2, 3.0)
    one, two = interaction(values[:1]), interaction(values)
    assert (one.p, one.low) == (None, None)
    assert (two.low, two.high) == (None, None)
    assert two.p is not None


def test_a_large_family_draws_as_many_flips_as_it_needs() -> None:
    sure = np.zeros((20, 2, 2))
    sure[:, 1, 1] = 1 + np.arange(20)
    assert interaction(sure).p == 1 / 10_000
    assert interaction(sure, tests=1_000).p == 1 / 20_000


@pytest.mark.parametrize("shape", [(20, 1, 3), (20, 3, 1), (0, 2, 2)])
def test_settings_without_two_levels_are_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="two or more levels of both settings"):
        interaction(np.zeros(shape))
    with pytest.raises(ValueError, match="no gaps"):
        interaction(np.full((20, 2, 2), np.nan))


def rejected(n: int, effect: float, studies: int, skewed: bool = False) -> tuple[float, float]:
    """How often p is at most 0.05, and how often the interval holds the true tetrad."""
    generator = np.random.default_rng(n)
    made = [interaction(people(generator, n, effect, skewed)) for _ in range(studies)]
    held = [
        one.low is not None and one.high is not None
        and one.low <= effect * (one.x_high == 2) * (one.y_high == 2) <= one.high
        for one in made
    ]  # fmt: skip
    return float(np.mean([one.p is not None and one.p <= 0.05 for one in made])), float(np.mean(held))


@pytest.mark.slow
@every_value(n=[10, 20, 50], skewed=[False, True])
def test_where_effects_add_up_one_study_in_twenty_says_otherwise(n: int, skewed: bool) -> None:
    size, held = rejected(n, 0.0, 200, skewed)
    assert size <= 0.055 + 2.5 * 0.0154
    assert held >= 0.92


@pytest.mark.slow
def test_an_effect_of_one_standard_deviation_in_one_cell_is_noticed_by_fifty() -> None:
    power, held = rejected(50, 1.0, 100)
    assert power >= 0.85
    assert held >= 0.9
