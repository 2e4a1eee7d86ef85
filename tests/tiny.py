"""Small worlds for tests: networks of a few units, tasks of a few points, written out by hand where counts matter."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from depsim.assessment import Battery
from depsim.execution.course import (
    BaselineSource,
    Broken,
    Ended,
    Outcome,
    first_path,
    outcomes_of,
    prepare_chunk,
    train_baseline,
    walk,
)
from depsim.execution.work import Event, WorkUnit, perform
from depsim.follow_up import FollowUp, NoFollowUp
from depsim.model import Architecture, Cohort, Mlp, Model, StandingState, initial_cohort
from depsim.model.base import Stage
from depsim.model.state import NO_DRUG, Activity
from depsim.pathology import Overpruning, Pathology
from depsim.population import Hold
from depsim.protocol import Arm, Baseline, plan_arm
from depsim.steps import ChunkContext, Path, Step, number_steps
from depsim.streams import FIRST, Section, Streams
from depsim.task import GaussianClusters
from depsim.testing import follow, world
from depsim.training import HealthyTraining
from depsim.traits import NO_TRAITS, Traits
from depsim.treatment import NoiseTaperedTraining, NoTreatment, Regrowth, TonicInhibition, Treatment

CPU = torch.device("cpu")
CENTRES = ((-3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (3.0, -3.0))
PAPER_HIDDEN = (512, 512, 256)
PAPER_SHAPES = ((512, 2), (512, 512), (256, 512), (4, 256))
NOTHING_HELD = Hold(data=None, train=None, test=None, init=None, order=None)
BASELINE, TREATMENT = FIRST[Section.BASELINE], FIRST[Section.TREATMENT]


def drug(damping_factor: float = 1.0, bounded: bool = False, **noise: float) -> StandingState:
    """The standing state of a network on a drug."""
    return StandingState(Activity(damping_factor, bounded), **noise)


ON_DRUG = drug(0.7, True)
"""The neurosteroid's standing state."""
IN_LAYERS = StandingState(Activity(0.7, True, (1, 3)), noise_mean=0.1, kept=(Activity(1.3, False, (2,)),))
"""Drugs that act in some layers only."""
STATES = [
    NO_DRUG, ON_DRUG, drug(0.7), drug(1.4, noise_gain=2.0, noise_mean=0.25), drug(0.7, True, noise_mean=-0.3), IN_LAYERS
]  # fmt: skip
"""Standing states of every kind."""


def task(train: int = 200, test: int = 120, clean: int = 40, spread: float = 0.8) -> GaussianClusters:
    return GaussianClusters(centres=CENTRES, spread=spread, train_size=train, test_size=test, clean_size=clean)


def baseline(
    hidden: Sequence[int] = (20, 16),
    *,
    epochs: int = 2,
    learning_rate: float = 1e-2,
    batch_size: int = 64,
    data: Any = "individual",
    hold: Hold = NOTHING_HELD,
    points: GaussianClusters | None = None,
    model: Model | None = None,
) -> Baseline:
    training = HealthyTraining(epochs=epochs, learning_rate=learning_rate, batch_size=batch_size)
    return Baseline(points or task(), model or Mlp(hidden=tuple(hidden)), training, data, hold)


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


def treatments() -> dict[str, Treatment]:
    return {
        "none": NoTreatment(),
        "ketamine": regrowth(),
        "ssri": noise_tapered(),
        "neurosteroid": tonic_inhibition(),
    }


def battery(levels: Sequence[float] = (0.5, 2.5), further_pruning: float = 0.4) -> Battery:
    return world.battery(levels, further_pruning)


def arm(
    treatment: Treatment | None = None,
    *,
    where: Baseline | None = None,
    sparsity: float = 0.9,
    criterion: str = "magnitude",
    follow_up: FollowUp | None = None,
    traits: Traits = NO_TRAITS,
    pathology: Pathology | None = None,
    **exams: Any,
) -> Arm:
    pathology = pathology or overpruning(sparsity, criterion)
    return plan_arm(
        where or baseline(), pathology, treatment or NoTreatment(), battery(**exams), follow_up or NoFollowUp(), traits
    )


def chunk(seeds: Sequence[int] = (0,), where: Baseline | None = None) -> ChunkContext:
    return prepare_chunk(where or baseline(), tuple(seeds), CPU)


def path(cohort: Cohort, where: Baseline | None = None) -> Path:
    """A path that these networks have just begun."""
    return Path(chunk(cohort.seeds, where), cohort)


def after(cohort: Cohort, steps: Sequence[Step], where: Baseline | None = None) -> Cohort:
    """The networks that steps leave."""
    return follow(path(cohort, where), steps).cohort


def overpruned(cohort: Cohort, sparsity: float, criterion: str = "magnitude") -> Cohort:
    """The networks after the pathology."""
    return after(cohort, number_steps(Section.PATHOLOGY, overpruning(sparsity, criterion).plan()))


def plan(treatment: Treatment) -> tuple[Step, ...]:
    """A treatment's numbered steps."""
    return number_steps(Section.TREATMENT, treatment.plan())


def initial(seeds: Sequence[int] = (0,), hidden: Sequence[int] = (8, 6)) -> Cohort:
    return initial_cohort(Mlp(hidden=tuple(hidden)), Streams(tuple(seeds)), 2, 4)


def outcomes(of: Arm, seeds: Sequence[int] = (0,), source: BaselineSource = train_baseline) -> list[Outcome]:
    """The outcomes of individuals in one arm, computed here."""
    (found,) = all_outcomes([of], seeds, source)
    return found


def all_outcomes(
    arms: Sequence[Arm], seeds: Sequence[int] = (0,), source: BaselineSource = train_baseline
) -> list[list[Outcome]]:
    """The outcomes of individuals in arms of one baseline, walked as a tree; one list per arm."""
    root = first_path(arms[0].baseline, tuple(seeds), CPU, source)
    found: dict[int, list[Outcome]] = {}
    for event in walk(root, {number: arm.steps for number, arm in enumerate(arms)}, 0.0, fork=False):
        if isinstance(event, Broken):
            raise ArithmeticError(event.traceback)
        assert isinstance(event, Ended)
        found[event.job] = outcomes_of(event.path)
    return [found[number] for number in range(len(arms))]


class OneLayer(Mlp):
    """A network without hidden units."""

    def architecture(self, inputs: int, outputs: int) -> Architecture:
        return Architecture(("layer_1",), ((outputs, inputs),), (), 0, stages=(Stage(((0, 0),), 0, 0),))


def by_hand(
    layers: Sequence[Any],
    *,
    masks: Sequence[Any] | None = None,
    biases: Sequence[Any] | None = None,
    state: StandingState = NO_DRUG,
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
    hidden = tuple(weight.shape[1] for weight in weights[:-1])
    model = Mlp(hidden=hidden) if hidden else OneLayer(hidden=(1,))
    return Cohort(model, seeds, weights, levels, present, state)


def run_epoch(
    learner: Any, batches: Any, sigma: float = 0.0, noise: Any = None, state: StandingState | None = None
) -> torch.Tensor:
    """One epoch of a learner in its networks' standing state, or another one."""
    found = learner.epoch(batches, state or learner.cohort().state, sigma, noise)
    assert isinstance(found, torch.Tensor)
    return found


def unit(seeds: Sequence[int], *arms: Arm, jobs: Sequence[int] | None = None, **more: Any) -> WorkUnit:
    """Individuals and the arms that they go through; jobs are numbered 0, 1, ... unless given."""
    numbered = tuple(zip(jobs or range(len(arms)), (each.steps for each in arms), strict=True))
    return WorkUnit(tuple(seeds), arms[0].baseline, numbered, **({"device": "cpu", "store": None} | more))


def performed(work: WorkUnit, **how: Any) -> list[Event]:
    """What happens when a unit is done in this process."""
    events: list[Event] = []
    perform(work, events.append, **how)
    return events


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
        constant, idle = (1 + random.permutation(mask.shape[1] - 1))[:4].reshape(2, 2)
        mask[:, 0, 0] = above[:, 0, 0] = True  # the first units are the way to the first output
        mask[:, constant] = False
        above[:, 0, constant] = True
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


@dataclass(frozen=True)
class Fail(Step):
    """A step that fails for one individual."""

    victim: int

    def __call__(self, path: Path) -> Path:
        if self.victim in path.cohort.seeds:
            raise ArithmeticError(f"individual {self.victim} cannot be treated")
        return path


@dataclass(frozen=True)
class Kill(Step):
    """A step that kills the process that computes it."""

    def __call__(self, path: Path) -> Path:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")


@dataclass(frozen=True)
class Starve(Kill):
    """A step for which a worker gets no memory as it is handed over."""

    def __reduce__(self) -> tuple[object, ...]:
        return bytearray, (2**60,)


class Failing(Treatment):
    """A treatment that fails for one individual."""

    victim: int

    def plan(self) -> Sequence[Step]:
        return (Fail(self.victim),)


class Killing(Treatment):
    """A treatment that kills the process that computes it."""

    def plan(self) -> Sequence[Step]:
        return (Kill(),)


class Starving(Treatment):
    """A treatment that no worker has room for."""

    def plan(self) -> Sequence[Step]:
        return (Starve(),)
