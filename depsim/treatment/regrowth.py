"""Regrowth of synapses where the gradient asks for them, then consolidation: ketamine-like."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

from pydantic import AfterValidator

from depsim.component import Count, Epochs, Label, LearningRate, PositiveShare, StandardDeviation, module_of
from depsim.steps import Regrow, Step, regrowth_criteria
from depsim.training import Phase
from depsim.treatment.gaining import Gaining


class Regrowth(Gaining):
    """Regrows a share of the masked synapses of each layer and trains the richer network.

    Args:
        regrow_fraction: share of the masked weights of each layer that regrows, at least one where any is masked.
        criterion: which synapses regrow: the largest summed ``gradient`` magnitudes, or a ``random`` choice; among
            equals, such as the inputs of units whose output reaches nothing, those that regrow are drawn at random.
        init_scale: standard deviation of the new weights.
        scoring_batches: training batches that the gradients are summed over.
        epochs, learning_rate: of the consolidation.

    References: paper, Methods, "Ketamine-like recovery".
    """

    regrow_fraction: Annotated[PositiveShare, Label("share of the lost synapses that regrows", symbol="regrow")]
    criterion: Annotated[str, AfterValidator(module_of(regrowth_criteria)), Label("regrowth by")]
    init_scale: Annotated[StandardDeviation, Label("spread of the weights of regrown synapses", "SD")]
    scoring_batches: Annotated[Count, Label("batches that regrowth is scored on")]
    epochs: Epochs
    learning_rate: LearningRate

    def plan(self) -> Sequence[Step]:
        """A regrowth and a training."""
        scores = import_module(f"{regrowth_criteria.__name__}.{self.criterion}").scores
        regrow = Regrow(self.regrow_fraction, scores, self.init_scale, self.scoring_batches, layers=self.layers)
        return (regrow, *self.trained(Phase.plain(self.epochs, self.learning_rate)))
