"""Plain training of what is left: the control for the time that any treatment trains."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.component import Epochs, LearningRate
from depsim.steps import Step
from depsim.training import Phase
from depsim.treatment.gaining import Gaining


class PlainTraining(Gaining):
    """Trains the synapses that are there, without noise, regrowth or inhibition: a sham treatment.

    Args:
        epochs, learning_rate: of the training.
    """

    epochs: Epochs
    learning_rate: LearningRate

    def plan(self) -> Sequence[Step]:
        """One training."""
        return self.trained(Phase.plain(self.epochs, self.learning_rate))
