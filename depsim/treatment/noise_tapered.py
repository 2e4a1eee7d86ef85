"""Slow refinement of the synapses that are left, under fading internal noise: SSRI-like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from depsim.component import Epochs, Label, LearningRate, StandardDeviation
from depsim.steps import Step
from depsim.training import Phase, linear_taper
from depsim.treatment.gaining import Gaining


class NoiseTaperedTraining(Gaining):
    """Prolonged training at a low learning rate while the internal noise falls linearly to zero.

    Args:
        epochs, learning_rate: of the training.
        initial_noise: standard deviation of the internal noise in the first epoch.

    References: paper, Methods, "SSRI-like recovery".
    """

    epochs: Epochs
    learning_rate: LearningRate
    initial_noise: Annotated[StandardDeviation, Label("internal noise in the first epoch", "SD", "noise")]

    def plan(self) -> Sequence[Step]:
        """One training."""
        return self.trained(Phase(self.learning_rate, linear_taper(self.initial_noise, self.epochs)))
