"""Slow refinement of the synapses that are left, under fading internal noise: SSRI-like."""

from __future__ import annotations

from depsim.component import Epochs, LearningRate, StandardDeviation
from depsim.model import Cohort
from depsim.schedules import linear_taper
from depsim.streams import Stage
from depsim.training import Trained, Trainer
from depsim.treatment.base import Treatment


class NoiseTaperedTraining(Treatment):
    """Prolonged training at a low learning rate while the internal noise falls linearly to zero.

    Args:
        epochs, learning_rate: of the training.
        initial_noise: standard deviation of the internal noise in the first epoch.

    References: paper, Methods, "SSRI-like recovery".
    """

    epochs: Epochs
    learning_rate: LearningRate
    initial_noise: StandardDeviation

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        """The refined cohort."""
        taper = linear_taper(self.initial_noise, self.epochs)
        return trainer.train(cohort, Stage.TREATED, learning_rate=self.learning_rate, internal_noise=taper)
