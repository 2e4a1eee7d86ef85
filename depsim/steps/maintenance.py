"""A training as settings."""

from __future__ import annotations

from typing import Annotated

from depsim.component import Component, Epochs, Label, LearningRate, StandardDeviation
from depsim.steps.train import Train
from depsim.training import Phase, linear_taper
from depsim.training.schedules import Layers


class Maintenance(Component):
    """The training of a cycle after stress.

    Args:
        epochs, learning_rate: of the training.
        initial_noise: standard deviation of the internal noise in the first epoch; it falls linearly to 0.
    """

    epochs: Epochs
    learning_rate: LearningRate
    initial_noise: Annotated[StandardDeviation, Label("internal noise in the first epoch of maintenance", "SD")]

    def steps(self, layers: Layers = None) -> tuple[Train, ...]:
        """One training, of these layers."""
        return (Train(Phase(self.learning_rate, linear_taper(self.initial_noise, self.epochs), layers=layers)),)
