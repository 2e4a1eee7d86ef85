"""Giving individuals their traits, as a step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from depsim.lazy_torch import torch
from depsim.model.state import of_individual
from depsim.steps.base import Path, Step
from depsim.traits import STRESS_SENSITIVITY, Traits


@dataclass(frozen=True)
class Endow(Step):
    """Individuals have their traits from now on: those of networks act at once, the others in the steps to come.

    Metrics ``trait/<name>`` for each trait in which individuals differ.

    Args:
        traits: how they are spread.
        sparsity: the typical structural loss.
    """

    traits: Traits
    sparsity: float

    def __call__(self, path: Path) -> Path:
        """The path of individuals that differ."""
        found = {name: torch.from_numpy(own) for name, own in self.traits.of(path.cohort.seeds, self.sparsity).items()}
        state = path.cohort.state
        if STRESS_SENSITIVITY in found:
            own = enumerate(found[STRESS_SENSITIVITY].tolist())
            state = replace(state, sensitivity=tuple(of_individual(state.sensitivity, i) * value for i, value in own))
        metrics = {**path.metrics, **{f"trait/{name}": own for name, own in found.items()}}
        return replace(path, cohort=replace(path.cohort, state=state), traits=found, metrics=metrics)
