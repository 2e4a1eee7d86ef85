"""Small worlds for tests: networks of a few units, tasks of a few points, written out by hand where counts matter."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from depsim.assessment import Battery
from depsim.model import Activity, Cohort, Mlp
from depsim.pathology import Overpruning
from depsim.population import Hold
from depsim.protocol import Condition, Origin, Person, meet
from depsim.streams import Streams
from depsim.task import GaussianClusters
from depsim.training import HealthyTraining, Trained, Trainer
from depsim.treatment import NoiseTaperedTraining, NoTreatment, Regrowth, TonicInhibition, Treatment

CPU = torch.device("cpu")
CENTRES = ((-3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (3.0, -3.0))
PAPER_HIDDEN = (512, 512, 256)
PAPER_SHAPES = ((512, 2), (512, 512), (256, 512), (4, 256))
NOBODY_HELD = Hold(data=None, init=None, order=None)


def task(train: int = 200, test: int = 120, clean: int = 40, spread: float = 0.8) -> GaussianClusters:
    return GaussianClusters(centres=CENTRES, spread=spread, train_size=train, test_size=test, clean_size=clean)


def origin(
    hidden: Sequence[int] = (20, 16),
    *,
    epochs: int = 2,
    learning_rate: float = 1e-2,
    batch_size: int = 64,
    data: Any = "individual",
    hold: Hold = NOBODY_HELD,
    points: GaussianClusters | None = None,
) -> Origin:
    training = HealthyTraining(epochs=epochs, learning_rate=learning_rate, batch_size=batch_size)
    return Origin(points or task(), Mlp(hidden=tuple(hidden)), training, data, hold)


def overpruning(sparsity: float = 0.9, criterion: str = "magnitude") -> Overpruning:
    return Overpruning(sparsity=sparsity, criterion=criterion)


def regrowth(**changes: Any) -> Regrowth:
    fields: dict[str, Any] = {
        "regrow_fraction": 0.5,
        "criterion": "gradient",
        "init_scale": 0.03,
        "scoring_batches": 5,
        "epochs": 2,
        "learning_rate": 5e-3,
    }
    return Regrowth(**(fields | changes))


def noise_tapered(epochs: int = 3, learning_rate: float = 1e-3, initial_noise: float = 0.5) -> NoiseTaperedTraining:
    return NoiseTaperedTraining(epochs=epochs, learning_rate=learning_rate, initial_noise=initial_noise)


def tonic_inhibition(epochs: int = 2, learning_rate: float = 5e-3) -> TonicInhibition:
    return TonicInhibition(damping_factor=0.7, bounded=True, epochs=epochs, learning_rate=learning_rate)


def arms() -> dict[str, Treatment]:
    return {
        "none": NoTreatment(),
        "ketamine": regrowth(),
        "ssri": noise_tapered(),
        "neurosteroid": tonic_inhibition(),
    }


def battery(levels: Sequence[float] = (0.5, 2.5), further_pruning: float = 0.4) -> Battery:
    return Battery(
        internal_noise=tuple(levels), input_noise=1.0, combined_internal_noise=0.5, further_pruning=further_pruning
    )


def condition(
    treatment: Treatment | None = None, *, where: Origin | None = None, sparsity: float = 0.9, **exams: Any
) -> Condition:
    return Condition(where or origin(), overpruning(sparsity), treatment or NoTreatment(), battery(**exams))


def person(seeds: Sequence[int] = (0,), where: Origin | None = None) -> Person:
    return meet(where or origin(), tuple(seeds), CPU)


def newborns(seeds: Sequence[int] = (0,), hidden: Sequence[int] = (8, 6)) -> Cohort:
    return Mlp(hidden=tuple(hidden)).initialise(Streams(tuple(seeds)), 2, 4)


def by_hand(
    layers: Sequence[Any],
    *,
    masks: Sequence[Any] | None = None,
    biases: Sequence[Any] | None = None,
    activity: Activity | None = None,
) -> Cohort:
    """A cohort from one nested list (N, O, I) per layer; all synapses present and biases 0 unless given."""
    weights = tuple(torch.tensor(layer, dtype=torch.float32) for layer in layers)
    present = (
        tuple(torch.ones_like(weight, dtype=torch.bool) for weight in weights)
        if masks is None
        else tuple(torch.tensor(mask, dtype=torch.bool) for mask in masks)
    )
    levels = (
        tuple(torch.zeros(weight.shape[:2]) for weight in weights)
        if biases is None
        else tuple(torch.tensor(bias, dtype=torch.float32) for bias in biases)
    )
    seeds = tuple(range(weights[0].shape[0]))
    hidden = tuple(weight.shape[1] for weight in weights[:-1]) or (1,)
    return Cohort(Mlp(hidden=hidden), seeds, weights, levels, present, activity or Activity())


def tie_free(shape: Sequence[int], seed: int = 0) -> torch.Tensor:
    """Weights of either sign whose magnitudes are all different and none 0, in random order."""
    random = np.random.RandomState(seed)
    size = int(np.prod(shape))
    magnitudes = (random.permutation(size) + 1) / size * 0.1
    signs = random.choice([-1.0, 1.0], size)
    weights = torch.from_numpy((magnitudes * signs).astype(np.float32)).reshape(*shape)
    assert weights.abs().unique().numel() == size
    return weights


def paper_sized(seed: int = 0) -> Cohort:
    """One dense network of the paper's shapes with tie-free weights."""
    weights = tuple(tie_free((1, *shape), seed + layer) for layer, shape in enumerate(PAPER_SHAPES))
    biases = tuple(torch.full((1, shape[0]), 0.01) for shape in PAPER_SHAPES)
    masks = tuple(torch.ones_like(weight, dtype=torch.bool) for weight in weights)
    return Cohort(Mlp(hidden=PAPER_HIDDEN), (seed,), weights, biases, masks)


def with_random_masks(cohort: Cohort, sparsity: float, seed: int = 0) -> Cohort:
    """The cohort with about this share of its synapses gone, by chance, each individual its own."""
    random = np.random.RandomState(seed)
    return cohort.with_masks([torch.from_numpy(random.rand(*mask.shape) >= sparsity) for mask in cohort.masks])


def ragged(cohort: Cohort, sparsity: float, seed: int = 0) -> Cohort:
    """As :func:`with_random_masks`, and in each hidden layer two units of either kind.

    Two have no synapses of their own but reach an output, two have some but reach none.
    """
    masks = [mask.clone() for mask in with_random_masks(cohort, sparsity, seed).masks]
    random = np.random.RandomState(seed + 1)
    for mask, above in pairwise(masks):
        silent, idle = (1 + random.permutation(mask.shape[1] - 1))[:4].reshape(2, 2)
        mask[:, 0, 0] = above[:, 0, 0] = True  # the first units are the way to the first output
        mask[:, silent] = False
        above[:, 0, silent] = True
        mask[:, idle, 0] = True
        above[:, :, idle] = False
    return cohort.with_masks(masks)


def structure_metrics(stage: str, layers: int = 3) -> set[str]:
    """Names of what is measured of a network's structure at one stage."""
    names = {f"{stage}/sparsity", *(f"{stage}/sparsity/layer_{k}" for k in range(1, layers + 1))}
    return names | {f"{stage}/units_without_{x}/layer_{k}" for x in ("input", "output") for k in range(1, layers)}


def regrowth_metrics(layers: int = 3) -> set[str]:
    """Names of what is measured of regrown synapses."""
    what = ("restored", "restored_chance", "lost_again", "lost_again_chance")
    return {f"regrowth/{name}/layer_{k}" for name in what for k in range(1, layers + 1)}


def copied(cohort: Cohort) -> Cohort:
    """A cohort with tensors of its own, to compare with later."""
    return Cohort(
        cohort.model,
        cohort.seeds,
        tuple(tensor.clone() for tensor in cohort.weights),
        tuple(tensor.clone() for tensor in cohort.biases),
        tuple(tensor.clone() for tensor in cohort.masks),
        cohort.activity,
    )


def same(one: Cohort, other: Cohort) -> bool:
    """Whether two cohorts are equal bit by bit."""
    pairs = zip((*one.weights, *one.biases, *one.masks), (*other.weights, *other.biases, *other.masks), strict=True)
    return (
        one.seeds == other.seeds
        and one.activity == other.activity
        and all(a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all()) for a, b in pairs)
    )


class Unwell(Treatment):
    """A treatment that fails for one individual."""

    victim: int

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        if self.victim in cohort.seeds:
            raise ArithmeticError(f"individual {self.victim} cannot be treated")
        return NoTreatment()(cohort, trainer)


class Lethal(Treatment):
    """A treatment that kills the process that computes it."""

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")
