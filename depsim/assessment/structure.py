"""What is there of a network: sparsity, and units that are cut off."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.lazy_torch import torch
from depsim.model.masks import layer_sparsity
from depsim.steps import Exam, Measured, Probe


@dataclass(frozen=True)
class Structure(Probe):
    """Sparsity in per cent, overall and per weight matrix: ``<exam>/sparsity``, ``<exam>/sparsity/layer_1``, ...

    And, per hidden layer, how many units have no synapse from below (``<exam>/units_without_input/layer_1``) or none to
    above (``units_without_output``). And what the model itself tells of its weights.
    """

    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Shares and counts."""
        masks, parts = exam.cohort.masks, exam.cohort.architecture
        layers = layer_sparsity(masks) * 100
        metrics = {f"{exam.name}/sparsity": exam.cohort.sparsity() * 100}
        metrics |= {f"{exam.name}/sparsity/{name}": layers[:, k] for k, name in enumerate(parts.matrices)}
        for layer in parts.hidden:
            reached = torch.stack([masks[place].any(2) for place in layer.incoming]).any(0)
            reaching = torch.stack([masks[place].any(1) for place in layer.outgoing]).any(0)
            metrics[f"{exam.name}/units_without_input/{layer.name}"] = (~reached).sum(1).double().cpu()
            metrics[f"{exam.name}/units_without_output/{layer.name}"] = (~reaching).sum(1).double().cpu()
        own = exam.cohort.model.measures(exam.cohort.weights)
        return Measured(metrics | {f"{exam.name}/{name}": values for name, values in own.items()})


NOTHING_TO_PRUNE = "the relapse found nothing left to prune below its cap: the relapse drop is only noise"


@dataclass(frozen=True)
class NothingPruned(Probe):
    """A note on the individuals whose networks are no sparser than at an earlier examination.

    Args:
        since: the earlier examination.
    """

    since: str
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """No metric, only the note."""
        return Measured({}, notes={NOTHING_TO_PRUNE: exam.cohort.sparsity() <= exam.earlier[self.since].sparsity()})
