"""What every treatment in conf/treatment/ has to keep."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from depsim.model import Cohort
from depsim.streams import Purpose
from depsim.training import Trained, Trainer
from depsim.treatment import Treatment
from tests import tiny
from tests.contracts.choices import build, fields, names
from tests.tiny import copied, newborns, overpruning, same, with_random_masks

SEEDS = (3, 7, 9)
WORLD = tiny.origin(points=tiny.task(train=100), batch_size=64)


def trainer(seeds: tuple[int, ...] = SEEDS) -> Trainer:
    return tiny.person(seeds, WORLD).trainer


@dataclass(frozen=True)
class Trial:
    """One treatment given to one group of depressed networks."""

    name: str
    treatment: Treatment
    depressed: Cohort
    untouched: Cohort
    treated: Trained


def starts() -> dict[str, Cohort]:
    dense = newborns(SEEDS, (20, 16))
    streams = tiny.person(SEEDS, WORLD).streams
    return {
        "overpruned": overpruning(0.9)(dense, streams),
        "mildly pruned": with_random_masks(dense, 0.5),
        "healthy": dense,
    }


@pytest.fixture(
    scope="module", params=[(name, start) for name in names("treatment") for start in starts()], ids="-".join
)
def trial(request: pytest.FixtureRequest) -> Trial:
    name, start = request.param
    treatment, depressed = build("treatment", name), starts()[start]
    untouched = copied(depressed)
    return Trial(name, treatment, depressed, untouched, treatment(depressed, trainer()))


def test_there_are_treatments_to_check() -> None:
    assert {"none", "ketamine", "ssri", "neurosteroid"} <= set(names("treatment"))
    assert all(isinstance(build("treatment", name), Treatment) for name in names("treatment"))


def test_the_input_is_unchanged(trial: Trial) -> None:
    assert same(trial.depressed, trial.untouched)


def test_masks_only_grow(trial: Trial) -> None:
    for old, new in zip(trial.depressed.masks, trial.treated.cohort.masks, strict=True):
        assert new.dtype == torch.bool
        assert bool((new | ~old).all())


def test_no_weight_is_off_its_mask(trial: Trial) -> None:
    cohort = trial.treated.cohort
    assert not any(weight[~mask].any() for weight, mask in zip(cohort.weights, cohort.masks, strict=True))


def test_the_network_stays_finite_and_keeps_its_shapes(trial: Trial) -> None:
    cohort = trial.treated.cohort
    assert cohort.diverged() == ()
    assert cohort.seeds == SEEDS
    for new, old in zip(
        (*cohort.weights, *cohort.biases), (*trial.depressed.weights, *trial.depressed.biases), strict=True
    ):
        assert new.shape == old.shape
        assert new.dtype == torch.float32


def test_there_is_a_loss_for_every_epoch(trial: Trial) -> None:
    assert trial.treated.losses.shape == (3, fields("treatment", trial.name).get("epochs", 0))
    assert trial.treated.losses.dtype == torch.float64
    assert bool(trial.treated.losses.isfinite().all())


def test_training_learns(trial: Trial) -> None:
    losses = trial.treated.losses
    if losses.shape[1]:
        assert bool((losses[:, -1] < losses[:, 0]).all())
    else:
        assert same(trial.treated.cohort, trial.depressed)


def test_the_same_streams_give_the_same_bits_whatever_was_drawn_before(trial: Trial) -> None:
    again = trainer()
    for generator in again.streams.numpy(Purpose.TREATMENT):
        generator.random(10)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    repeated = trial.treatment(trial.depressed, again)
    assert same(repeated.cohort, trial.treated.cohort)
    assert torch.equal(repeated.losses, trial.treated.losses)
    assert torch.equal(torch.get_rng_state(), state)


def test_alone_is_as_in_company(trial: Trial) -> None:
    alone = trial.treatment(trial.depressed.individual(1), trainer((7,)))
    assert same(trial.treated.cohort.individual(1), alone.cohort)
    assert torch.equal(trial.treated.losses[[1]], alone.losses)


def test_withdrawal_changes_no_weight_and_returns_to_plain_activity(trial: Trial) -> None:
    off = trial.treatment.withdraw(trial.treated.cohort)
    if off is None:
        assert trial.treated.cohort.activity == tiny.Activity()
    else:
        assert trial.treated.cohort.activity != tiny.Activity()
        assert off.activity == tiny.Activity()
        on = trial.treated.cohort
        pairs = zip((*off.weights, *off.biases, *off.masks), (*on.weights, *on.biases, *on.masks), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)
