from __future__ import annotations

from typing import Any

import pytest
import torch

from depsim.model import Activity, Cohort
from depsim.streams import Stage, Streams
from depsim.training import Trained
from depsim.treatment import NoiseTaperedTraining, NoTreatment, TonicInhibition
from tests import tiny
from tests.tiny import newborns, overpruning, same


class Recorder:
    """Stands in for a trainer; remembers how it was asked to train and trains nothing."""

    def __init__(self) -> None:
        self.calls: list[tuple[Cohort, Stage, dict[str, Any]]] = []

    def train(self, cohort: Cohort, stage: Stage, **how: Any) -> Trained:
        self.calls.append((cohort, stage, how))
        return Trained(cohort, torch.zeros(len(cohort), 0))


@pytest.fixture
def depressed() -> Cohort:
    return overpruning(0.9)(newborns((3,)), Streams((3,)))


def test_the_ssri_trains_under_noise_that_falls_from_a_half_to_0(depressed: Cohort) -> None:
    recorder = Recorder()
    treatment = NoiseTaperedTraining(epochs=100, learning_rate=1e-5, initial_noise=0.5)
    treatment(depressed, recorder)  # type: ignore[arg-type]
    ((cohort, stage, how),) = recorder.calls
    assert cohort is depressed
    assert stage is Stage.TREATED
    assert how == {"learning_rate": 1e-5, "internal_noise": tuple(0.5 * (1 - e / 99) for e in range(100))}
    assert (how["internal_noise"][0], how["internal_noise"][-1]) == (0.5, 0.0)
    assert treatment.withdraw(depressed) is None


def test_a_single_ssri_epoch_has_the_initial_noise(depressed: Cohort) -> None:
    recorder = Recorder()
    NoiseTaperedTraining(epochs=1, learning_rate=1e-5, initial_noise=0.5)(depressed, recorder)  # type: ignore[arg-type]
    assert recorder.calls[0][2]["internal_noise"] == (0.5,)


def test_the_noise_reaches_the_training(depressed: Cohort) -> None:
    trainer = tiny.person((3,)).trainer
    quiet, noisy = (tiny.noise_tapered(initial_noise=sigma)(depressed, trainer) for sigma in (0.0, 2.0))
    assert not same(quiet.cohort, noisy.cohort)
    assert bool((quiet.losses[:, 0] != noisy.losses[:, 0]).all())


def test_the_neurosteroid_is_on_during_its_training_and_after_it(depressed: Cohort) -> None:
    recorder = Recorder()
    treatment = TonicInhibition(damping_factor=0.7, bounded=True, epochs=10, learning_rate=5e-4)
    treated = treatment(depressed, recorder).cohort  # type: ignore[arg-type]
    ((cohort, stage, how),) = recorder.calls
    assert cohort.activity == treated.activity == Activity(0.7, True)
    assert stage is Stage.TREATED
    assert how == {"learning_rate": 5e-4, "internal_noise": (0.0,) * 10}
    assert depressed.activity == Activity(1.0, False)


@pytest.mark.parametrize("bounded", [True, False])
def test_damping_and_bounding_are_configured_apart(depressed: Cohort, bounded: bool) -> None:
    treatment = TonicInhibition(damping_factor=0.4, bounded=bounded, epochs=0, learning_rate=5e-4)
    assert treatment(depressed, Recorder()).cohort.activity == Activity(0.4, bounded)  # type: ignore[arg-type]


def test_withdrawal_takes_the_inhibition_away_and_nothing_else(depressed: Cohort) -> None:
    treatment = tiny.tonic_inhibition()
    treated = treatment(depressed, tiny.person((3,)).trainer).cohort
    assert treated.activity == Activity(0.7, True)
    off = treatment.withdraw(treated)
    assert off.activity == Activity(1.0, False)
    for one, other in zip((*off.weights, *off.biases, *off.masks), (*treated.weights, *treated.biases, *treated.masks), strict=True):  # noqa: E501  # fmt: skip
        assert torch.equal(one, other)


def test_the_untreated_control_is_left_as_it_is_after_no_epoch(depressed: Cohort) -> None:
    trained = NoTreatment()(depressed, tiny.person((3,)).trainer)
    assert trained.cohort is depressed
    assert trained.losses.shape == (1, 0)
    assert NoTreatment().withdraw(depressed) is None
