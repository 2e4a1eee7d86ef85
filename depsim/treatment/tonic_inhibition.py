"""Damped and bounded activity while the drug is on: neurosteroid-like."""

from __future__ import annotations

from dataclasses import replace

from depsim.component import Epochs, LearningRate, PositiveShare
from depsim.model import Activity, Cohort
from depsim.schedules import constant
from depsim.streams import Stage
from depsim.training import Trained, Trainer
from depsim.treatment.base import Treatment


class TonicInhibition(Treatment):
    """A global multiplier of the hidden activity, with tanh for ReLU, on during a short training and afterwards.

    Args:
        damping_factor: the multiplier; 0.7 is 30 % damping.
        bounded: tanh in place of ReLU.
        epochs, learning_rate: of the training.

    References: paper, Methods, "Neurosteroid-like recovery".
    """

    damping_factor: PositiveShare
    bounded: bool
    epochs: Epochs
    learning_rate: LearningRate

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        """The cohort with the inhibition on."""
        inhibited = replace(cohort, activity=Activity(self.damping_factor, self.bounded))
        silence = constant(0.0, self.epochs)
        return trainer.train(inhibited, Stage.TREATED, learning_rate=self.learning_rate, internal_noise=silence)

    def withdraw(self, cohort: Cohort) -> Cohort:
        """The cohort with the inhibition off, without retraining."""
        return replace(cohort, activity=Activity())
