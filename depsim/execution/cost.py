"""What work costs, roughly: to say how far it is and how long it will take. No result depends on it.

The rates are those of one core of the machine in ``docs/engine.md``; on another one the shares stay about right.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from depsim.model.sparse import WORTHWHILE
from depsim.protocol import Condition, Origin
from depsim.streams import Streams

_SECONDS_PER_DENSE_WEIGHT = 6.5e-11
"""Of training, per sample; all three products and Adam."""
_SECONDS_PER_SYNAPSE = 1.0e-10
"""Of sparse training, per sample."""
_SECONDS_PER_NOISY_UNIT = 2.0e-9
"""Of internal noise, per sample."""
_TRAINING_TO_EXAM = 0.35
_NOISY_EXAMS = 7
GIB_PER_WORKER = 0.4
"""Memory of a worker process with one individual in hand; the driver takes about as much."""


def healthy_seconds(origin: Origin) -> float:
    """One individual's healthy network, which all its conditions share: training and exams on one core."""
    weights, units = network_size(origin)
    training = origin.training.epochs * origin.task.train_size * weights * _SECONDS_PER_DENSE_WEIGHT
    return training + _exams(origin, 1.0, weights, units)


def condition_seconds(condition: Condition) -> float:
    """One individual under one condition, without its healthy network, on one core."""
    origin, treatment = condition.origin, condition.treatment
    weights, units = network_size(origin)
    density = 1 - float(getattr(condition.pathology, "sparsity", 0.0))
    density += (1 - density) * float(getattr(treatment, "regrow_fraction", 0.0))
    noisy = units if getattr(treatment, "initial_noise", 0.0) else 0
    samples = int(getattr(treatment, "epochs", 0)) * origin.task.train_size
    return samples * _per_sample(density, weights, noisy) + 2 * _exams(origin, density, weights, units)


def _per_sample(density: float, weights: int, noisy_units: int) -> float:
    """Seconds of training per sample."""
    if 1 - density >= WORTHWHILE:
        own = density * weights * _SECONDS_PER_SYNAPSE
    else:
        own = (0.3 + 0.7 * density) * weights * _SECONDS_PER_DENSE_WEIGHT
    return own + noisy_units * _SECONDS_PER_NOISY_UNIT


def _exams(origin: Origin, density: float, weights: int, units: int) -> float:
    """Seconds of one stage's exams."""
    samples = origin.task.test_size * (_NOISY_EXAMS + 2)
    return samples * (_TRAINING_TO_EXAM * _per_sample(density, weights, 0) + units * _SECONDS_PER_NOISY_UNIT)


@cache
def network_size(origin: Origin) -> tuple[int, int]:
    """Numbers of weights and hidden units; every hidden unit and every class has a bias besides."""
    hidden = getattr(origin.model, "hidden", None)
    if hidden is None:  # a model of another kind has to be built
        nobody = origin.model.initialise(Streams((0,)), origin.task.inputs, origin.task.classes)
        return sum(weight.numel() for weight in nobody.weights), nobody.hidden_units
    layers = (origin.task.inputs, *hidden, origin.task.classes)
    return sum(fan_in * fan_out for fan_in, fan_out in pairwise(layers)), sum(hidden)
