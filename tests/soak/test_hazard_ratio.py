"""Hazard ratios of many simulated studies."""

from __future__ import annotations

import numpy as np

from depsim.statistics.simulated_rates import hazard_ratio_is_held, hazards_differ


def test_simulated_studies_of_fifty_hold_the_truth_and_rarely_differ_by_chance() -> None:
    generator = np.random.default_rng(2)
    assert hazard_ratio_is_held(2.0, 0.15)(generator, 50, 300).mean() >= 0.92
    assert hazards_differ(1.0, 0.15)(generator, 50, 300).mean() <= 0.065 + 3 * 0.0126
    assert hazards_differ(3.0, 0.15)(generator, 50, 50).mean() >= 0.9
