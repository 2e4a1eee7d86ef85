from __future__ import annotations

import pytest

from depsim.model.state import Activity
from depsim.training.schedules import Phase, linear_taper


def test_the_papers_taper_falls_from_a_half_to_nothing_over_a_hundred_epochs() -> None:
    taper = linear_taper(0.5, 100)
    assert taper == tuple(0.5 * (1 - e / 99) for e in range(100))
    assert taper[0] == 0.5
    assert taper[-1] == 0.0
    assert len(taper) == 100


def test_a_short_taper_by_hand() -> None:
    assert linear_taper(1.0, 5) == (1.0, 0.75, 0.5, 0.25, 0.0)


def test_two_epochs_are_the_beginning_and_the_end() -> None:
    assert linear_taper(0.5, 2) == (0.5, 0.0)


def test_a_single_epoch_has_the_initial_value() -> None:
    assert linear_taper(0.5, 1) == (0.5,)


@pytest.mark.parametrize("epochs", [0, 1, 4])
def test_a_plain_phase_has_as_many_quiet_epochs_as_asked(epochs: int) -> None:
    phase = Phase.plain(epochs, 1e-3)
    assert phase.internal_noise == (0.0,) * epochs
    assert (phase.epochs, phase.learning_rate, phase.activity) == (epochs, 1e-3, None)


def test_schedules_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="1 epochs of activity, but 2 of noise"):
        Phase(1e-3, (0.0, 0.0), (Activity(0.7, True),))


def test_no_epoch_has_no_taper() -> None:
    assert linear_taper(0.5, 0) == ()
