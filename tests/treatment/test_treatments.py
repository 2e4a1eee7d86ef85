"""What each treatment plans."""

from __future__ import annotations

import pytest

from depsim.model.state import Activity
from depsim.steps import Modulate, Train
from depsim.testing import same
from depsim.training import Phase
from depsim.treatment import NoiseTaperedTraining, NoTreatment, TonicInhibition
from tests.tiny import ON_DRUG, after, drug, initial, noise_tapered, overpruned, path, plan, tonic_inhibition


def test_the_ssri_trains_under_noise_that_falls_from_a_half_to_0() -> None:
    (step,) = plan(NoiseTaperedTraining(epochs=100, learning_rate=1e-5, initial_noise=0.5))
    assert step == Train(Phase(1e-5, tuple(0.5 * (1 - e / 99) for e in range(100))))
    assert isinstance(step, Train)
    assert (step.phase.internal_noise[0], step.phase.internal_noise[-1]) == (0.5, 0.0)


def test_a_single_ssri_epoch_has_the_initial_noise_and_none_is_nothing() -> None:
    (step,) = plan(NoiseTaperedTraining(epochs=1, learning_rate=1e-5, initial_noise=0.5))
    assert step == Train(Phase(1e-5, (0.5,)))
    assert plan(NoiseTaperedTraining(epochs=0, learning_rate=1e-5, initial_noise=0.5)) == ()


def test_the_noise_reaches_the_training() -> None:
    depressed = overpruned(initial((3,)), 0.9)
    quiet, noisy = (plan(noise_tapered(initial_noise=sigma))[0](path(depressed)) for sigma in (0.0, 2.0))
    assert not same(quiet.cohort, noisy.cohort)
    losses = [one.curves["treated/loss"].values for one in (quiet, noisy)]
    assert bool((losses[0][:, 0] != losses[1][:, 0]).all())


def test_the_neurosteroid_is_on_during_its_training_and_after_it() -> None:
    steps = plan(TonicInhibition(damping_factor=0.7, bounded=True, epochs=10, learning_rate=5e-4))
    assert steps == (Modulate(Activity(0.7, True)), Train(Phase(5e-4, (0.0,) * 10)))
    depressed = overpruned(initial((3,)), 0.9)
    assert after(depressed, steps).state == ON_DRUG


@pytest.mark.parametrize("bounded", [True, False])
def test_damping_and_bounding_are_configured_apart(bounded: bool) -> None:
    treatment = TonicInhibition(damping_factor=0.4, bounded=bounded, epochs=0, learning_rate=5e-4)
    assert after(initial((3,)), plan(treatment)).state == drug(0.4, bounded)
    assert after(initial((3,)), plan(tonic_inhibition())).state == ON_DRUG


def test_the_untreated_control_is_left_as_it_is() -> None:
    assert plan(NoTreatment()) == ()
