"""A gain of hidden activity: what it plans, and that it is no excitability."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from depsim.model import Mlp, StandingState
from depsim.model.state import Activity
from depsim.steps import Modulate, Regrow, Train
from depsim.streams import Streams
from depsim.training import Phase
from depsim.treatment import PlainTraining, Treatment
from tests.tiny import after, arm, initial, noise_tapered, overpruned, plan, regrowth, tonic_inhibition


def with_gain(treatment: Treatment, **gains: float) -> Treatment:
    return type(treatment).model_validate(dict(treatment) | gains)


PLAIN: dict[str, Treatment] = {
    "ketamine": regrowth(), "ssri": noise_tapered(), "sham": PlainTraining(epochs=2, learning_rate=1e-3),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_a_gain_of_1_changes_no_step(name: str) -> None:
    assert plan(with_gain(PLAIN[name], gain=1.0)) == plan(PLAIN[name])
    assert not [step for step in plan(PLAIN[name]) if isinstance(step, Modulate)]


@pytest.mark.parametrize("name", PLAIN)
def test_a_constant_gain_is_on_in_training_and_afterwards(name: str) -> None:
    *before, drug, training = plan(with_gain(PLAIN[name], gain=1.25))
    assert (drug, training) == (Modulate(Activity(1.25, False)), plan(PLAIN[name])[-1])
    assert [type(step) for step in before] == ([Regrow] if name == "ketamine" else [])


def test_regrowth_is_scored_without_the_gain() -> None:
    start = overpruned(initial((3,)), 0.8)
    plain, gained = (plan(each) for each in (PLAIN["ketamine"], with_gain(PLAIN["ketamine"], gain=3.0)))
    masks = [after(start, steps).masks for steps in (plain, gained)]
    assert all(torch.equal(a, b) for a, b in zip(*masks, strict=True))


def test_a_gain_that_rises_beside_the_fading_noise() -> None:
    """The author's SSRI: 1 + 0.6 e / (E - 1), and 1.6 afterwards."""
    training, drug = plan(with_gain(noise_tapered(epochs=4), gain=1.6, initial_gain=1.0))
    assert drug == Modulate(Activity(1.6, False))
    assert isinstance(training, Train)
    assert [a.damping_factor for a in training.phase.activity or ()] == pytest.approx(
        [1 + 0.6 * e / 3 for e in range(4)]
    )
    assert training.phase.internal_noise == pytest.approx([0.5, 1 / 3, 1 / 6, 0.0])
    (only, _) = plan(with_gain(noise_tapered(epochs=1), gain=1.6, initial_gain=1.0))
    assert only.phase.activity == (Activity(1.6, False),)  # type: ignore[attr-defined]


def test_a_gain_that_ends_at_1_leaves_nothing_on() -> None:
    (training,) = plan(with_gain(noise_tapered(epochs=3), gain=1.0, initial_gain=2.0))
    assert [a.damping_factor for a in training.phase.activity] == [2.0, 1.5, 1.0]  # type: ignore[attr-defined]


def test_a_gain_can_be_withdrawn_like_any_drug() -> None:
    steps = arm(with_gain(regrowth(), gain=1.25)).steps
    assert [step for step in steps if "withdrawn" in str(step)]
    assert not [step for step in arm(regrowth()).steps if "withdrawn" in str(step)]


def test_a_damping_factor_may_be_a_gain_and_a_gain_is_above_0() -> None:
    assert with_gain(tonic_inhibition(), damping_factor=1.4).damping_factor == 1.4  # type: ignore[attr-defined]
    for wrong in (0.0, -1.0, 101.0, float("nan")):
        with pytest.raises(ValidationError):
            with_gain(regrowth(), gain=wrong)


def test_the_schedule_is_that_of_the_training_in_every_epoch() -> None:
    phase = Phase(1e-3, (0.0, 0.0), activity=(Activity(1.0, False), Activity(2.0, False)))
    kept = StandingState(kept=(Activity(0.5, True),))
    assert [phase.state(e, kept).in_layer(1) for e in range(2)] == [Activity(0.5, True), Activity(1.0, True)]


@pytest.mark.parametrize(("gain", "sigma"), [*itertools.product((0.5, 1.25, 1.6), (0.0, 1.0))])
def test_a_gain_equals_less_noise_and_smaller_biases_in_later_layers(gain: float, sigma: float) -> None:
    """By hand: sigma, sigma/g, sigma/g^2 in layers 1, 2, 3; biases b, b/g, b/g^2, b/g^3; logits over g^3."""
    model, random = Mlp(hidden=(9, 8, 7)), np.random.default_rng(5)
    weights, biases = model.initialise(Streams((1,)), 2, 4)
    weights, biases = tuple(w.double() for w in weights), tuple(b.double() + 0.1 for b in biases)
    x = torch.from_numpy(random.normal(size=(1, 50, 2)))
    noise = torch.from_numpy(random.normal(size=(1, 50, 24)))
    gained = model.logits(weights, biases, x, StandingState(Activity(gain, False)), sigma, noise)
    layers = torch.repeat_interleave(torch.arange(3), torch.tensor([9, 8, 7]))
    smaller = [b / gain**layer for layer, b in enumerate(biases)]
    found = model.logits(weights, smaller, x, StandingState(), sigma, noise / gain ** layers.double())
    assert float((gained / gain**3 - found).abs().max()) < 1e-13
