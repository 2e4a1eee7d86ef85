"""Damped and bounded activity while the drug is on: neurosteroid-like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from depsim.component import Epochs, Gain, Label, LearningRate
from depsim.model.state import Activity
from depsim.steps import Modulate, Step, Train
from depsim.training import Phase
from depsim.treatment.layered import Layered


class TonicInhibition(Layered):
    """A multiplier of the hidden activity, with tanh for ReLU, on during a short training and afterwards.

    Args:
        damping_factor: multiplier of hidden activity; 0.7 is 30 % damping, above 1 it is a gain.
        bounded: tanh in place of ReLU.
        epochs, learning_rate: of the training.

    References: paper, Methods, "Neurosteroid-like recovery".
    """

    damping_factor: Annotated[Gain, Label("damping factor of hidden activity", symbol="damping")]
    bounded: Annotated[bool, Label("bounded response of hidden units")]
    epochs: Epochs
    learning_rate: LearningRate

    def plan(self) -> Sequence[Step]:
        """The drug, then a training under it."""
        drug = Modulate(Activity(self.damping_factor, self.bounded, self.layers))
        return (drug, Train(replace(Phase.plain(self.epochs, self.learning_rate), layers=self.layers)))
