"""The protocol: healthy, depressed, treated, withdrawn and relapsed, for a cohort under one condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from depsim.assessment import Battery, dose, regrowth, relapse
from depsim.model import Cohort, Model
from depsim.model.masks import pack
from depsim.pathology import Pathology
from depsim.population import DataMode, Hold
from depsim.schedules import constant
from depsim.streams import Stage, Streams
from depsim.task import Dataset, Task
from depsim.training import HealthyTraining, Trained, Trainer
from depsim.treatment import Treatment

NOTHING_TO_PRUNE = "the relapse found nothing left to prune below its cap: the relapse drop is only noise"


@dataclass(frozen=True)
class Origin:
    """All that decides what an individual's healthy network is, besides its seed."""

    task: Task
    model: Model
    training: HealthyTraining
    data: DataMode
    hold: Hold


@dataclass(frozen=True)
class Condition:
    """What is done to a cohort: where it comes from, what makes it ill, what treats it, how it is examined."""

    origin: Origin
    pathology: Pathology
    treatment: Treatment
    assessment: Battery


@dataclass(frozen=True)
class Outcome:
    """Everything that one individual's course under one condition left. Plain values, no tensors.

    Args:
        seed: the individual.
        metrics: name to value; accuracies, sparsity and turnover in per cent, drops in points.
        curves: name to (step, value) pairs: ``<stage>/loss`` by epoch and ``<stage>/resilience`` by 100 sigma.
        masks: the masks of each stage, for :func:`depsim.model.masks.unpack`.
        notes: what a reader of the numbers has to know.
    """

    seed: int
    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[tuple[int, float]]]
    masks: bytes
    notes: tuple[str, ...]


class DivergedError(RuntimeError):
    """Training left weights that are not finite.

    Args:
        stage: after which the weights were looked at.
        seeds: whose they are.
    """

    def __init__(self, stage: Stage, seeds: tuple[int, ...]) -> None:
        super().__init__(f"training diverged: weights that are not finite in the {stage} network of {seeds=}")


@dataclass(frozen=True)
class Person:
    """The individuals of a chunk, with their data and their random streams, on the computing device."""

    streams: Streams
    data: Dataset
    trainer: Trainer


HealthySource = Callable[[Origin, Person], Trained]


def meet(origin: Origin, seeds: tuple[int, ...], device: torch.device) -> Person:
    """The individuals behind these seeds."""
    streams = Streams(seeds, origin.hold.streams())
    data = origin.task.draw(seeds, origin.data, origin.hold.data).to(device)
    return Person(streams, data, Trainer(data.train, streams, origin.training.batch_size))


def raise_healthy(origin: Origin, person: Person) -> Trained:
    """Train the healthy networks from their initial weights."""
    newborn = origin.model.initialise(person.streams, origin.task.inputs, origin.task.classes)
    silence = constant(0.0, origin.training.epochs)
    return person.trainer.train(
        newborn.to(person.data.train.x.device),
        Stage.HEALTHY,
        learning_rate=origin.training.learning_rate,
        internal_noise=silence,
    )


@dataclass(frozen=True)
class _State:
    """Networks at one stage and what was measured there."""

    cohort: Cohort
    metrics: Mapping[str, torch.Tensor]


class Course:
    """Leads the individuals of one chunk through conditions, doing once what conditions share.

    Args:
        seeds: the individuals.
        device: where to compute.
        healthy: where their healthy networks come from.
    """

    def __init__(self, seeds: tuple[int, ...], device: torch.device, healthy: HealthySource = raise_healthy) -> None:
        self._seeds, self._device, self._source = seeds, device, healthy
        self._people: dict[Origin, tuple[Person, Trained]] = {}
        self._states: dict[tuple[object, ...], _State] = {}

    def outcomes(self, condition: Condition) -> list[Outcome]:
        """The outcome of each individual under a condition.

        Raises:
            DivergedError: if an individual's training diverged.
        """
        person, trained = self._person(condition.origin)
        healthy = self._healthy(condition, person, trained)
        depressed = self._depressed(condition, person, healthy)
        battery, streams, data = condition.assessment, person.streams, person.data
        therapy = condition.treatment(depressed.cohort, person.trainer)
        _require_finite(therapy.cohort, Stage.TREATED)
        treated = battery.examine(therapy.cohort, data, streams, Stage.TREATED)
        off = condition.treatment.withdraw(therapy.cohort)
        withdrawn = battery.examine(off, data, streams, Stage.WITHDRAWN) if off is not None else {}
        fallen = relapse(battery, therapy.cohort, data, streams, treated[f"{Stage.TREATED}/combined"])
        metrics = {
            **healthy.metrics,
            **depressed.metrics,
            **treated,
            **withdrawn,
            **fallen.metrics,
            **dose(depressed.cohort, therapy.cohort),
            **regrowth(healthy.cohort, depressed.cohort, therapy.cohort, fallen.cohort),
        }
        networks = {
            Stage.HEALTHY: healthy.cohort,
            Stage.DEPRESSED: depressed.cohort,
            Stage.TREATED: therapy.cohort,
            **({Stage.WITHDRAWN: off} if off is not None else {}),
            Stage.RELAPSED: fallen.cohort,
        }
        masks = {str(stage): [mask.cpu().numpy() for mask in cohort.masks] for stage, cohort in networks.items()}
        losses = {Stage.HEALTHY: trained.losses, Stage.TREATED: therapy.losses}
        return [
            Outcome(
                seed=seed,
                metrics=(own := {name: float(values[index]) for name, values in metrics.items()}),
                curves=_loss_curves(losses, index) | _resilience_curves(own, battery),
                masks=pack({stage: [mask[index] for mask in layers] for stage, layers in masks.items()}),
                notes=() if bool(fallen.pruned[index]) else (NOTHING_TO_PRUNE,),
            )
            for index, seed in enumerate(self._seeds)
        ]

    def _person(self, origin: Origin) -> tuple[Person, Trained]:
        if origin not in self._people:
            person = meet(origin, self._seeds, self._device)
            trained = self._source(origin, person)
            _require_finite(trained.cohort, Stage.HEALTHY)
            self._people = {origin: (person, trained)}  # one at a time: memory stays bounded
        return self._people[origin]

    def _healthy(self, condition: Condition, person: Person, trained: Trained) -> _State:
        key = (condition.origin, condition.assessment)
        if key not in self._states:
            metrics = condition.assessment.examine(trained.cohort, person.data, person.streams, Stage.HEALTHY)
            self._states = {key: _State(trained.cohort, metrics)}
        return self._states[key]

    def _depressed(self, condition: Condition, person: Person, healthy: _State) -> _State:
        key = (condition.origin, condition.assessment, condition.pathology)
        if key not in self._states:
            cohort = condition.pathology(healthy.cohort, person.streams)
            metrics = condition.assessment.examine(cohort, person.data, person.streams, Stage.DEPRESSED)
            self._states = {key[:2]: healthy, key: _State(cohort, metrics)}
        return self._states[key]


def _require_finite(cohort: Cohort, stage: Stage) -> None:
    if diverged := cohort.diverged():
        raise DivergedError(stage, diverged)


def _loss_curves(losses: Mapping[Stage, torch.Tensor], index: int) -> dict[str, list[tuple[int, float]]]:
    return {
        f"{stage}/loss": list(enumerate(values[index].tolist())) for stage, values in losses.items() if values.shape[1]
    }


def _resilience_curves(metrics: Mapping[str, float], battery: Battery) -> dict[str, list[tuple[int, float]]]:
    """Accuracy against internal noise for each examined stage, as a chart can draw it: the step is 100 sigma."""
    curves = {}
    for stage in Stage:
        if f"{stage}/standard" in metrics:
            points = [(0, metrics[f"{stage}/standard"])]
            points += [(round(100 * s), metrics[f"{stage}/internal_noise_{s}"]) for s in battery.internal_noise]
            curves[f"{stage}/resilience"] = points
    return curves
