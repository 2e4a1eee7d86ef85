"""Over-pruning: the paper's model of depression."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

from pydantic import AfterValidator

from depsim.component import Label, Share, module_of
from depsim.pathology.base import Pathology
from depsim.steps import Prune, Step, pruning_criteria


class Overpruning(Pathology):
    """Removes synapses per layer, in one shot, without retraining.

    Args:
        sparsity: share of each layer's weights that is masked afterwards.
        criterion: what decides which synapses stay: ``magnitude`` or ``random``; equals at the border all stay.

    References: paper, Methods, "Baseline training and pruning"; Cheung (2026), the pruning-plasticity model.
    """

    sparsity: Annotated[Share, Label("share of synapses pruned")]
    criterion: Annotated[str, AfterValidator(module_of(pruning_criteria)), Label("pruning by")]

    def plan(self) -> Sequence[Step]:
        """One pruning."""
        return (Prune(self.sparsity, import_module(f"{pruning_criteria.__name__}.{self.criterion}").scores),)
