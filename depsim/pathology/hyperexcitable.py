"""Hyper-excitability: internal noise that is stronger, and pushes all hidden units one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from depsim.component import Label, StandardDeviation
from depsim.pathology.base import Pathology
from depsim.pathology.overpruning import Overpruning
from depsim.steps import Modulate, Step

Mean = Annotated[float, Field(allow_inf_nan=False)]


class Hyperexcitable(Pathology):
    """Changes the internal noise of every network from then on; no treatment takes that off.

    Args:
        noise_gain: multiplier of all internal noise.
        noise_mean: mean of all internal noise, in every examination and in the scoring of synapses, also where the
            noise has a standard deviation of 0.
    """

    noise_gain: Annotated[StandardDeviation, Label("multiplier of the internal noise")]
    noise_mean: Annotated[Mean, Label("mean of the internal noise")]

    def plan(self) -> Sequence[Step]:
        """One change of state."""
        return (Modulate(noise_gain=self.noise_gain, noise_mean=self.noise_mean),)


class Mixed(Overpruning, Hyperexcitable):
    """Over-pruning and hyper-excitability together, with the settings of both."""

    def plan(self) -> Sequence[Step]:
        """One pruning, one change of state."""
        return (*Overpruning.plan(self), *Hyperexcitable.plan(self))
