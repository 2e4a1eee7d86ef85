from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from depsim.model import Cohort, Mlp, Model, initial_cohort
from depsim.model.state import NO_DRUG, Activity, StandingState
from depsim.model.torch_module import TorchModule, _one_individual
from depsim.model.torch_networks import paper, small_convolution
from depsim.streams import Purpose, Streams
from depsim.task import Digits, Task
from depsim.testing import ModelContract
from tests.tiny import baseline, task
from tests.torch_models import SEEDS, SMALL_DIGITS, convolution, layered

DRUGS = (
    NO_DRUG,
    StandingState(Activity(0.7, True, (2,)), noise_mean=0.2),
    StandingState(Activity(1.5, False), noise_mean=(0.1, 0.0, -0.2)),
)


def small() -> TorchModule:
    return TorchModule(factory=layered, hidden=None, shape=None)


def images() -> TorchModule:
    return TorchModule(factory=small_convolution, hidden=None, shape=(1, 8, 8))


@pytest.mark.slow
class TestLayered(ModelContract):
    component = small()


@pytest.mark.slow
class TestConvolution(ModelContract):
    component = TorchModule(factory=convolution, hidden=None, shape=(1, 8, 8))
    task = SMALL_DIGITS


def batch(units: int, inputs: int = 2, classes: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs, labels and noise of three individuals."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(len(SEEDS), 9, inputs, generator=generator)
    y = torch.randint(0, classes, (len(SEEDS), 9), generator=generator)
    return x, y, torch.randn(len(SEEDS), 9, units, generator=generator)


def gradients(
    model: Model, cohort: Cohort, given: Sequence[torch.Tensor], state: StandingState, sd: float
) -> list[torch.Tensor]:
    x, y, noise = given
    places = [[torch.empty_like(own) for own in kind] for kind in (cohort.weights, cohort.biases)]
    loss = model.loss_and_gradients(
        cohort.weights, cohort.biases, x, y, state, sd, noise, weight_gradients=places[0], bias_gradients=places[1]
    )
    return [loss, *places[0], *places[1]]


@pytest.mark.parametrize("state", DRUGS)
@pytest.mark.parametrize("sd", [0.0, 0.5])
def test_a_sequential_network_computes_what_an_mlp_of_its_weights_does(state: StandingState, sd: float) -> None:
    module, mlp = small(), Mlp(hidden=(7, 5))
    cohort, given = initial_cohort(module, Streams(SEEDS), 2, 4), batch(12)
    parameters = cohort.weights, cohort.biases, given[0], state
    for one, other in (
        ([module.logits(*parameters, sd, given[2])], [mlp.logits(*parameters, sd, given[2])]),
        (module.signals(*parameters), mlp.signals(*parameters)),
        (gradients(module, cohort, given, state, sd), gradients(mlp, cohort, given, state, sd)),
    ):
        torch.testing.assert_close(list(one), list(other), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("state", DRUGS)
def test_all_at_once_is_one_after_the_other(state: StandingState) -> None:
    model, (x, _, noise) = images(), batch(800, 64, 10)
    cohort = initial_cohort(model, Streams(SEEDS), 64, 10)
    one = _one_individual(model.parts(64, 10), (1, 8, 8), state, 0.5)
    mean = state.mean(x)
    means = mean.flatten() if isinstance(mean, torch.Tensor) else torch.full((len(SEEDS),), mean)
    together, _ = torch.func.vmap(one)(*cohort.weights, *cohort.biases, x, means, noise)
    alone = model.logits(cohort.weights, cohort.biases, x, state, 0.5, noise)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_alone_is_as_in_company_bit_by_bit() -> None:
    model, given, state = images(), batch(800, 64, 10), DRUGS[2]
    cohort = initial_cohort(model, Streams(SEEDS), 64, 10)
    together = gradients(model, cohort, given, state, 0.5)
    for n in range(len(SEEDS)):
        alone = gradients(model, cohort.individual(n), [own[n : n + 1] for own in given], state.individual(n), 0.5)
        assert all(torch.equal(whole[n : n + 1], own) for whole, own in zip(together, alone, strict=True))


def test_weights_are_the_modules_own_initialisation_from_each_individuals_stream() -> None:
    before = torch.get_rng_state()
    cohort = initial_cohort(small(), Streams(SEEDS), 2, 4)
    assert torch.equal(torch.get_rng_state(), before)
    for n, sequence in enumerate(Streams(SEEDS).sequences(Purpose.INIT)):
        with torch.random.fork_rng():
            torch.manual_seed(int(sequence.generate_state(1, "uint64")[0]))
            own = layered()
        assert torch.equal(cohort.weights[1][n], own[2].weight)  # type: ignore[arg-type]
        assert torch.equal(cohort.biases[2][n], own[4].bias)  # type: ignore[arg-type]
    assert not torch.equal(cohort.weights[0][0], cohort.weights[0][1])


def test_held_initial_weights_are_everyones() -> None:
    cohort = initial_cohort(small(), Streams(SEEDS, {Purpose.INIT: 7}), 2, 4)
    assert torch.equal(cohort.weights[0][0], cohort.weights[0][2])


def test_noise_that_is_asked_for_has_to_be_given() -> None:
    cohort, (x, _, _) = initial_cohort(small(), Streams(SEEDS), 2, 4), batch(12)
    with pytest.raises(ValueError, match="no noise was given"):
        small().logits(cohort.weights, cohort.biases, x, NO_DRUG, 0.5)


EPOCHS = 20 + 15 + 10 + 100
"""Of an individual's healthy network, and of its networks under the paper's three drugs."""
DIGITS = Digits(train_size=1200, test_size=597, clean_size=1000, passes=3)
PAPER = TorchModule(factory=paper, hidden=None, shape=None)
FEWER = task(3840)


@pytest.mark.parametrize(("model", "points", "measured"), [(images(), DIGITS, 31), (PAPER, FEWER, 52)])
def test_training_is_said_to_cost_what_was_measured_within_a_factor_of_two(
    model: TorchModule, points: Task, measured: float
) -> None:
    network = replace(baseline(model=model), task=points).estimate
    assert measured / 2 < network.training_seconds(EPOCHS, True) < 2 * measured


def test_autograd_costs_twice_what_kernels_do_and_saves_nothing_by_pruning() -> None:
    module, mlp = (baseline(model=model, points=FEWER).estimate for model in (PAPER, Mlp(hidden=(512, 512, 256))))
    assert 1.9 / 1.5 < module.training_seconds(20, False) / mlp.training_seconds(20, False) < 1.9 * 1.5
    assert replace(module, density=0.05).training_seconds(20, True) == module.training_seconds(20, True)
