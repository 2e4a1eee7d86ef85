"""Probes: the accuracy of a cohort on points, undisturbed or under noise."""

from __future__ import annotations

from enum import IntEnum

import torch

from depsim.model.answers import Answers
from depsim.streams import Purpose, Stage, Streams, words
from depsim.task import Points

_ROWS = 250
"""Points examined at a time; the block shape of the exam's noise, so part of its streams."""


class Probe(IntEnum):
    """The kinds of noisy exam. The numbers address streams: never renumber."""

    INTERNAL = 0
    COMBINED = 1
    COMBINED_INPUT = 2


def accuracy(
    answers: Answers,
    hidden_units: int,
    points: Points,
    streams: Streams,
    stage: Stage,
    probe: Probe = Probe.INTERNAL,
    *,
    internal_noise: float = 0.0,
    input_noise: float = 0.0,
) -> torch.Tensor:
    """Share of right answers in per cent, (N,) float64 on the CPU.

    The noise is addressed by individual, stage, probe and standard deviation: every arm meets the same noise, and
    leaving one exam out changes no other.

    Args:
        answers: of the networks to examine.
        hidden_units: how many units their internal noise reaches.
        points: what to examine them on, on the networks' device.
        streams, stage, probe: address of the noise.
        internal_noise: standard deviation after each hidden layer.
        input_noise: standard deviation added to the points.
    """
    device, inputs = points.x.device, points.x.shape[-1]
    internal = external = None
    if internal_noise > 0:
        key = (int(stage), int(probe), *words(internal_noise))
        internal = streams.noise(_ROWS, hidden_units, device, Purpose.EXAM, *key)
    if input_noise > 0:
        key = (int(stage), int(Probe.COMBINED_INPUT), *words(input_noise))
        external = streams.noise(_ROWS, inputs, device, Purpose.EXAM, *key)
    right = torch.zeros(len(points.y), dtype=torch.int64, device=device)
    for x, y in zip(points.x.split(_ROWS, 1), points.y.split(_ROWS, 1), strict=True):
        rows = x.shape[1]
        if external is not None:
            x = torch.add(x, external.block()[:, :rows], alpha=input_noise)
        right += (answers(x, internal_noise, internal).argmax(-1) == y).sum(1)
    return right.cpu().double() * 100 / points.y.shape[1]
