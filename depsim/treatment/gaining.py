"""Treatments that may change the gain of hidden activity beside what they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from depsim.component import Gain, Label, Neutral
from depsim.model.state import Activity
from depsim.steps import Modulate, Step, Train
from depsim.training import Phase, linear_rise
from depsim.treatment.base import Treatment


class Gaining(Treatment):
    """Trains under a gain of the hidden activity, which stays on afterwards.

    Args:
        gain: in training and afterwards; regrowth is scored without it.
        initial_gain: in the first epoch, from where it changes linearly to ``gain`` in the last; None for constant.

    References: SCENARIOS 3, "Gain".
    """

    gain: Annotated[Gain, Label("gain of hidden activity"), Neutral(1.0)] = 1.0
    initial_gain: Annotated[Gain | None, Label("gain of hidden activity in the first epoch"), Neutral(None)] = None

    def trained(self, phase: Phase) -> tuple[Step, ...]:
        """A phase of training under the gain."""
        after = () if self.gain == 1 else (Modulate(Activity(self.gain, False)),)
        if self.initial_gain is None:
            return (*after, Train(phase))
        rising = tuple(Activity(gain, False) for gain in linear_rise(self.initial_gain, self.gain, phase.epochs))
        return (Train(replace(phase, activity=rising)), *after)
