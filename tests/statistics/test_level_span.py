"""Which levels of a setting are as good as the best one."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import from_best, level_span
from tests.pairs import every_value

MARGIN = 2.0
LINEAR = 95 - 1.5 * np.arange(6.0)
CLIFF = np.array([95.0, 95.0, 95.0, 95.0, 80.0, 80.0])
AT_THE_MARGIN = 95 - np.array([0.0, 2.0, 2.0, 2.0, 2.0, 2.0])


def people(generator: np.random.Generator, n: int, means: np.ndarray) -> np.ndarray:
    return means + 4 * generator.normal(size=(n, 1)) + 2 * generator.normal(size=(n, means.size))


def test_the_band_is_the_difference_from_the_best_and_the_margin_lies_in_it_or_beside_it() -> None:
    values = people(np.random.default_rng(1), 40, LINEAR)
    span, band = level_span(values, MARGIN, higher_is_better=True), from_best(values)
    assert span.best == 0
    assert span.low.tolist() == [level.low for level in band]
    assert span.high.tolist() == [level.high for level in band]
    assert span.within.tolist() == [low > -2.0 for low in span.low]
    assert span.beyond.tolist() == [high < -2.0 for high in span.high]
    assert (span.within & span.beyond).sum() == 0
    assert span.within.any()
    assert span.beyond.any()


def test_where_less_is_better_the_same_holds_of_what_is_less() -> None:
    values = people(np.random.default_rng(2), 30, LINEAR)
    up, down = level_span(values, MARGIN, True), level_span(200 - values, MARGIN, False)
    assert down.best == up.best
    assert down.low == pytest.approx(up.low)
    assert (down.within.tolist(), down.beyond.tolist()) == (up.within.tolist(), up.beyond.tolist())


def test_a_best_level_in_the_middle_has_worse_ones_on_both_sides() -> None:
    values = np.tile([-0.1, 0.1], 10)[:, None] * [1, -1, 1] + [80.0, 90.0, 80.0]
    span = level_span(values, MARGIN, True)
    assert (span.best, span.within.tolist(), span.beyond.tolist()) == (1, [False, True, False], [True, False, True])


def test_below_ten_individuals_nothing_is_sure() -> None:
    span = level_span(people(np.random.default_rng(3), 9, CLIFF), MARGIN, True)
    assert np.isnan(span.low).all()
    assert not span.within.any()
    assert not span.beyond.any()


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        level_span(np.zeros((20, 3)), margin, True)


def shares(means: np.ndarray, n: int, studies: int) -> tuple[float, np.ndarray, np.ndarray]:
    """How often anything wrong is called sure, and how often each level is called within and beyond."""
    generator, off = np.random.default_rng(n), means.max() - means
    spans = [level_span(people(generator, n, means), MARGIN, True) for _ in range(studies)]
    wrong = [bool((one.within & (off >= MARGIN)).any() or (one.beyond & (off <= MARGIN)).any()) for one in spans]
    within, beyond = (np.mean([getattr(one, name) for one in spans], axis=0) for name in ("within", "beyond"))
    return float(np.mean(wrong)), within, beyond


MEANS = {"linear": LINEAR, "cliff": CLIFF, "at the margin": AT_THE_MARGIN}
STUDIES = {10: 100, 20: 100, 50: 100, 200: 40}
"""Individuals of a study to how many are made."""


@pytest.mark.slow
@every_value(means=MEANS, n=STUDIES)
def test_what_is_sure_is_wrong_in_one_of_twenty_studies_whatever_their_size(means: str, n: int) -> None:
    wrong, _, _ = shares(MEANS[means], n, STUDIES[n])
    assert wrong <= 0.055 + 2.5 * (0.05 * 0.95 / STUDIES[n]) ** 0.5


@pytest.mark.slow
def test_more_individuals_make_more_levels_sure_and_never_another_dose() -> None:
    """The first step that falls was any at n = 20 and the first at 200; a true cliff was named in 70 and in 1 %."""
    few, many = shares(CLIFF, 50, 40), shares(CLIFF, 200, 40)
    for _, within, beyond in (few, many):
        assert (within[:4] >= 0.85).all()
        assert (beyond[4:] == 1).all()
    _, within, beyond = shares(LINEAR, 200, 40)
    assert (within[2:] <= 0.1).all()  # 3 points and more
    assert (beyond[2:] >= 0.9).all()
    assert (beyond[:2] <= 0.1).all()
