"""Treatments that may change the gain of hidden activity beside what they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from depsim.component import Gain, Label, Neutral
from depsim.model.state import Activity
from depsim.steps import Modulate, Step, Train
from depsim.training import Phase, linear_rise
from depsim.treatment.layered import Layered


class Gaining(Layered):
    """Trains under a gain of the hidden activity, which stays on afterwards.

    Args:
        gain: multiplier of hidden activity, in training and afterwards; a regrowth, where there is one, is scored
            without it.
        initial_gain: the multiplier in the first epoch, from where it changes linearly to ``gain`` in the last;
            None for constant.
    """

    gain: Annotated[Gain, Label("gain of hidden activity"), Neutral(1.0)] = 1.0
    initial_gain: Annotated[Gain | None, Label("gain of hidden activity in the first epoch"), Neutral(None)] = None

    def trained(self, phase: Phase) -> tuple[Step, ...]:
        """A phase of training under the gain."""
        phase = replace(phase, layers=self.layers)
        after = () if self.gain == 1 else (Modulate(Activity(self.gain, False, self.layers)),)
        if self.initial_gain is None:
            return (*after, Train(phase))
        gains = linear_rise(self.initial_gain, self.gain, phase.epochs)
        rising = tuple(Activity(gain, False, self.layers) for gain in gains)
        return (Train(replace(phase, activity=rising)), *after)
