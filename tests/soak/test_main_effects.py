"""What share of the variance each setting accounts for, on functions whose Sobol indices are known, and on noise."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.search.points import sobol_shares
from depsim.study.main_effects import main_effects


def test_shares_are_the_sobol_indices_of_a_known_function() -> None:
    places = sobol_shares(256, 6)
    weights = np.array([4.0, 2.0, 1.0, 0.0, 0.0, 0.0])
    effects = places @ weights
    made = main_effects(places, effects, resamples=8)
    assert made is not None
    assert made.shares == pytest.approx(weights**2 / (weights**2).sum(), abs=0.08)
    assert made.deciding == 0
    assert (made.low <= made.shares).all()
    assert (made.shares <= made.high).all()
    bent = main_effects(places, (places[:, 4] - 0.5) ** 2, resamples=8)
    assert bent is not None
    assert bent.deciding == 4, "no straight line"


def test_settings_that_act_in_waves_and_together_count_too_and_one_that_only_acts_with_another_does_not() -> None:
    places = sobol_shares(256, 3)  # Ishigami's function, whose indices are 0.314, 0.442 and 0
    x, y, z = (2 * places.T - 1) * np.pi
    made = main_effects(places, np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x), resamples=2)
    assert made is not None
    assert made.shares[:2] == pytest.approx([0.314, 0.442], abs=0.2)
    assert made.shares[:2].min() > 5 * made.shares[2]


def test_where_there_is_no_effect_nothing_decides() -> None:
    places, draw = sobol_shares(64, 6), np.random.default_rng(3)
    made = [main_effects(places, draw.normal(size=64), resamples=12) for _ in range(6)]
    assert [effects.deciding for effects in made if effects is not None] == [None] * 6
