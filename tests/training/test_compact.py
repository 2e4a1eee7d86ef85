"""The learner that leaves out inactive units: whatever it guesses, it learns what the slow reference learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from depsim.model import Cohort, StandingState
from depsim.model.state import NO_DRUG
from depsim.testing import copied
from depsim.training import compact
from depsim.training.compact import CompactLearner
from tests import reference
from tests.pairs import every_pair
from tests.tiny import IN_LAYERS, ON_DRUG, STATES, drug, initial, ragged, run_epoch, with_random_masks

Batch = tuple[torch.Tensor, torch.Tensor]
LEARNING_RATE = 1e-2
GUESSES = {
    "none is inactive": -np.inf,
    "as it is": compact._DEEP,
    "those below a half": 0.5,
    "all are inactive": np.inf,
}
WEST, EAST = (-4.0, -1.0), (4.0, 1.0)


def batch(centre: Sequence[float], size: int = 16, seed: int = 0, spread: float = 0.5) -> Batch:
    """Points close together: a unit that answers none of them sleeps."""
    random = np.random.RandomState(seed)
    points = (random.randn(1, size, 2) * spread + np.array(centre)).astype(np.float32)
    return torch.from_numpy(points), torch.from_numpy(random.randint(0, 4, (1, size)))


def with_biases(cohort: Cohort, *shifts: float) -> Cohort:
    """The biases of each hidden layer moved."""
    moved = [bias + shift for bias, shift in zip(cohort.biases, shifts, strict=False)]
    return replace(cohort, biases=(*moved, *cohort.biases[len(moved) :]))


def active(learning: CompactLearner) -> list[int]:
    """How many units of each hidden layer are computed."""
    return [layer.active for layer in learning._layers[:-1]]


def driven(learning: CompactLearner) -> list[int]:
    return [layer.driven for layer in learning._layers[:-1]]


def assert_follows_the_reference(
    cohort: Cohort, epochs: Sequence[Sequence[Batch]], layers: tuple[int, ...] | None = None
) -> list[list[int]]:
    """After each epoch, loss and parameters are the reference's; returns who was active then, per hidden layer."""
    before, learning = copied(cohort), CompactLearner(cohort, LEARNING_RATE, layers=layers)
    weights, biases = reference.parameters(cohort, 0, layers)
    adam = torch.optim.Adam([each for each in (*weights, *biases) if each.requires_grad], lr=LEARNING_RATE)
    counts, steps = [], 0
    for batches in epochs:
        total = 0.0
        for x, y in batches:
            loss = reference.step(cohort, 0, adam, weights, biases, x[0], y[0], 0.0, None)
            total += loss * x.shape[1] / sum(points.shape[1] for points, _ in batches)
            steps += 1
        assert float(run_epoch(learning, batches, 0.0, None)) == pytest.approx(total, rel=2e-5)
        learned = learning.cohort()
        for found, expected in zip((*learned.weights, *learned.biases), (*weights, *biases), strict=True):
            torch.testing.assert_close(found[0].double(), expected.detach(), rtol=0, atol=steps * LEARNING_RATE * 1e-3)
        for weight, mask in zip(learned.weights, cohort.masks, strict=True):
            assert not weight[~mask].any()
        counts.append(active(learning))
    for new, old in zip((*cohort.weights, *cohort.biases), (*before.weights, *before.biases), strict=True):
        assert torch.equal(new, old)
    return counts


NETWORKS = {
    "dense": initial((3,), (40, 35)),
    "half": ragged(initial((3,), (40, 35)), 0.5),
    "sparse": ragged(initial((3,), (40, 35)), 0.85),
    "one hidden layer": ragged(initial((3,), (37,)), 0.3),
    "three hidden layers": ragged(initial((3,), (33, 18, 47)), 0.5),
    "exact multiples": initial((3,), (32, 16)),
}
COURSES = {
    "all stay": [[batch(WEST, seed=epoch), batch(WEST, 9, seed=epoch + 50)] for epoch in range(4)],
    "wake up in the middle of an epoch": [
        [batch(WEST), batch(WEST, seed=1)],
        [batch(WEST, seed=2), batch(EAST, seed=3), batch(WEST, 9, seed=4)],
        [batch(WEST, seed=5), batch(WEST, seed=6)],
        [batch(EAST, 5, seed=7)],
    ],
    "to and fro": [[batch((WEST, EAST)[epoch % 2], seed=epoch), batch((1, 5), 7, seed=epoch)] for epoch in range(7)],
    "smaller and larger batches": [
        [batch(WEST, size, seed=size), batch(EAST, 1, seed=size)] for size in (3, 20, 1, 33, 2)
    ],
}


@every_pair(name=NETWORKS, course=COURSES, guess=GUESSES, state=[NO_DRUG, drug(0.7), drug(1.3, noise_mean=0.4)])
def test_guesses_decide_nothing(
    name: str, course: str, guess: str, state: StandingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "_DEEP", GUESSES[guess])
    cohort = replace(NETWORKS[name], state=state)
    counts = assert_follows_the_reference(cohort, COURSES[course])
    whole = driven(CompactLearner(cohort, LEARNING_RATE))
    assert all(count <= most for counted in counts for count, most in zip(counted, whole, strict=True))
    if guess == "none is inactive":
        assert counts == [whole] * len(counts)
    if guess == "all are inactive":
        assert counts == [[0] * len(whole)] * len(counts)


@every_pair(
    course=COURSES, guess=GUESSES, state=[NO_DRUG, replace(IN_LAYERS, kept=())], layers=[(1,), (2,), (3,), (1, 3)]
)
def test_guesses_decide_nothing_where_parts_are_frozen(
    course: str, guess: str, state: StandingState, layers: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layer 2 is a ReLU in either state: its units are guessed also beside a layer that is bounded."""
    monkeypatch.setattr(compact, "_DEEP", GUESSES[guess])
    cohort = replace(with_biases(NETWORKS["three hidden layers"], -0.3, -0.3), state=state)
    counts = assert_follows_the_reference(cohort, COURSES[course], layers)
    if guess == "all are inactive":
        bounded = driven(CompactLearner(cohort, LEARNING_RATE)) if state is not NO_DRUG else [0, 0, 0]
        assert counts == [[bounded[0], 0, bounded[2]]] * len(counts)


@every_pair(name=NETWORKS, size=[1, 3, 96, 128], state=STATES)
def test_gradients_are_those_of_autograd(name: str, size: int, state: StandingState) -> None:
    # Adam forgives a factor, so parameters alone would not show one.
    cohort = replace(NETWORKS[name], state=state)
    learning, (x, y) = CompactLearner(cohort, LEARNING_RATE), batch((0, 0), size, spread=3.0)
    learning._use(cohort.state)
    loss = learning._learn(x[0].numpy(), y[0].numpy())
    weights, biases = reference.parameters(cohort, 0)
    exact = functional.cross_entropy(reference.logits(weights, biases, x[0].double(), state), y[0])
    exact.backward()
    assert loss == pytest.approx(float(exact.detach()), rel=1e-5)
    for layer, weight, bias, mask in zip(learning._layers, weights, biases, cohort.masks, strict=True):
        assert weight.grad is not None
        assert bias.grad is not None
        own, of_biases = map(torch.from_numpy, (layer.weight_gradients, layer.bias_gradients))
        driven_units = layer.units[: layer.driven, None]
        torch.testing.assert_close(own.double(), weight.grad[driven_units, layer.below], rtol=1e-4, atol=2e-6)
        torch.testing.assert_close(of_biases.double(), bias.grad[layer.units], rtol=1e-4, atol=2e-6)
        seen = torch.zeros_like(mask[0])
        seen[driven_units, layer.below] = True
        assert not (weight.grad[~seen] * mask[0][~seen]).any()
        assert np.array_equal(layer.mask, mask[0].numpy()[driven_units, layer.below])


def test_inactive_units_are_left_out_and_computed_again_when_they_wake() -> None:
    cohort = with_biases(initial((3,), (40, 35)), -1.0, -0.5)
    learning = CompactLearner(cohort, LEARNING_RATE)
    assert active(learning) == driven(learning) == [40, 35]
    run_epoch(learning, [batch(WEST)], 0.0, None)
    inactive = active(learning)
    assert inactive[0] in (16, 32)  # the number of those active, rounded up
    run_epoch(learning, [batch(WEST, seed=1)], 0.0, None)
    assert active(learning) == inactive
    seen: list[list[int]] = []
    original = compact.cross_entropy

    def watched(*arguments: np.ndarray) -> float:
        seen.append(active(learning))
        return original(*arguments)  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "cross_entropy", watched)
        run_epoch(learning, [batch(WEST, seed=2), batch(EAST, seed=3), batch(WEST, seed=4)], 0.0, None)
    assert [counts[0] for counts in seen] == [inactive[0], 40, 40]


@pytest.mark.parametrize("shifts", [(-50.0, 0.0), (0.0, -50.0), (-50.0, -50.0)])
@pytest.mark.parametrize("name", ["dense", "half"])
def test_a_layer_may_sleep_as_a_whole_and_wake_up(name: str, shifts: tuple[float, float]) -> None:
    cohort = with_biases(NETWORKS[name], *shifts)
    near, far = batch((0, 0)), batch((0, 0), seed=1, spread=1500.0)
    learning = CompactLearner(cohort, LEARNING_RATE)
    run_epoch(learning, [near], 0.0, None)
    assert [count == 0 for count in active(learning)] == [shift < 0 for shift in shifts]
    assert_follows_the_reference(cohort, [[near, near], [near]])
    # Sums of hundreds: only the losses and the rough course can be held against float64.
    losses, weights, biases = [], *reference.parameters(cohort, 0)
    adam = torch.optim.Adam([*weights, *biases], lr=LEARNING_RATE)
    for x, y in (near, far, near):
        losses.append(reference.step(cohort, 0, adam, weights, biases, x[0], y[0], 0.0, None))
    assert float(run_epoch(learning, [far, near], 0.0, None)) == pytest.approx(sum(losses[1:]) / 2, rel=1e-3)
    for found, expected in zip(learning.cohort().weights, weights, strict=True):
        torch.testing.assert_close(found[0].double(), expected.detach(), rtol=0, atol=1e-3)


def test_inactive_units_go_on_with_what_adam_remembers() -> None:
    # A unit that learned and fell inactive still moves: its gradients are 0, its first moment is not.
    cohort = initial((3,), (40, 35))
    learning = CompactLearner(cohort, LEARNING_RATE)
    run_epoch(learning, [batch(EAST), batch(EAST, seed=1)], 0.0, None)
    run_epoch(learning, [batch(WEST), batch(WEST, seed=1)], 0.0, None)
    assert min(active(learning)) < 35
    then = learning.cohort()
    run_epoch(learning, [batch(WEST, seed=2)], 0.0, None)
    now = learning.cohort()
    weight, bias = then.weights[0][0], then.biases[0][0]
    east, west = (batch(where, seed=seed)[0][0] @ weight.T + bias for where, seed in ((EAST, 0), (WEST, 2)))
    fallen = (east > 0).all(0) & (west < 0).all(0)
    assert int(fallen.sum()) > 5
    assert bool((now.weights[0][0][fallen] != weight[fallen]).any(1).all())


def test_units_are_sorted_again_and_again_and_stay_who_they_are() -> None:
    cohort = initial((3,), (40, 35))
    learning = CompactLearner(cohort, LEARNING_RATE)
    orders = []
    for epoch in range(8):
        angle = epoch * 1.7
        run_epoch(learning, [batch((5 * np.cos(angle), 5 * np.sin(angle)), seed=epoch)], 0.0, None)
        orders.append(learning._layers[0].units.tolist())
        assert sorted(orders[-1]) == list(range(40))
        assert learning._layers[1].below.tolist() == orders[-1]
    assert len({tuple(order) for order in orders}) >= 4
    assert_follows_the_reference(
        cohort, [[batch((5 * np.cos(e * 1.7), 5 * np.sin(e * 1.7)), seed=e)] for e in range(8)]
    )


def test_bounded_units_are_never_inactive() -> None:
    cohort = replace(with_biases(initial((3,), (40, 35)), -1.0, -1.0), state=ON_DRUG)
    counts = assert_follows_the_reference(cohort, COURSES["wake up in the middle of an epoch"])
    assert counts == [[40, 35]] * 4


@pytest.mark.slow
@pytest.mark.parametrize("guess", GUESSES)
@pytest.mark.parametrize("seed", range(10))
def test_any_network_on_any_course(seed: int, guess: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "_DEEP", GUESSES[guess])
    random = np.random.RandomState(seed)
    hidden = tuple(int(size) for size in random.randint(5, 70, random.randint(1, 4)))
    cohort = ragged(initial((seed,), hidden), random.rand(), seed)
    cohort = with_biases(cohort, *random.uniform(-1, 0.5, len(hidden)))
    mean = float(random.choice([0.0, 0.3, -0.4]))
    state = drug(float(random.choice([1.0, 0.7, 1.3])), bool(random.randint(4) == 0), noise_mean=mean)
    cohort = replace(cohort, state=state)
    epochs = [
        [
            batch(random.uniform(-4, 4, 2), int(random.randint(1, 40)), int(random.randint(1000)))
            for _ in range(random.randint(1, 4))
        ]
        for _ in range(5)
    ]
    assert_follows_the_reference(cohort, epochs)


def test_only_constant_units_below_leave_one_answer_for_everyone() -> None:
    masks = [torch.zeros(1, 12, 2, dtype=torch.bool), *with_random_masks(initial((3,), (12, 10)), 0.2).masks[1:]]
    cohort = initial((3,), (12, 10)).with_masks(masks)
    assert driven(CompactLearner(cohort, LEARNING_RATE)) == [0, 10]
    assert_follows_the_reference(cohort, COURSES["to and fro"])
