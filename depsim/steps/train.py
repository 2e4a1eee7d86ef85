"""Training, as a step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from depsim.lazy_torch import torch
from depsim.model.state import of_individual
from depsim.stages import DEPRESSED, HEALTHY, MAINTAINED, TREATED
from depsim.steps.base import Curve, Path, Step
from depsim.streams import FIRST, Position, Section
from depsim.training import Phase
from depsim.traits import PLASTICITY

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

_CURVES: dict[int, str] = {Section.BASELINE: HEALTHY, Section.PATHOLOGY: DEPRESSED, Section.TREATMENT: TREATED}
"""What the loss curve of each section is called; the phases of a section make one curve, and so do all cycles."""
EPOCHS, RATE_STEPS = "treatment/epochs", "treatment/rate_steps"
"""What a treatment spends: epochs of training, and the sum of learning rate x steps."""


@dataclass(frozen=True)
class Train(Step):
    """One phase of training, with a fresh optimiser; masks stay.

    Args:
        phase: how long and how.
        position: addresses the order of the samples and the internal noise.
    """

    phase: Phase
    position: Position = FIRST[Section.TREATMENT]
    has_position: ClassVar[bool] = True

    def __call__(self, path: Path) -> Path:
        """The trained networks, with their loss by epoch."""
        phase = self._own(path)
        trained = path.chunk.trainer.train(path.cohort, self.position, phase)
        section = self.position.section
        path = with_losses(path.with_weights(trained.cohort, section), section, trained.losses)
        return _spent(path, phase) if section == Section.TREATMENT else path

    def _own(self, path: Path) -> Phase:
        """The phase of these individuals: after the pathology, whoever differs in plasticity has an own rate."""
        if PLASTICITY not in path.traits or self.position.section <= Section.PATHOLOGY:
            return self.phase
        rate = self.phase.learning_rate
        own = tuple(p * of_individual(rate, n) for n, p in enumerate(path.traits[PLASTICITY].tolist()))
        return replace(self.phase, learning_rate=own)

    @property
    def is_nothing(self) -> bool:
        """Whether it has no epoch."""
        return self.phase.epochs == 0

    def seconds(self, network: NetworkEstimate) -> float:
        """Those of its epochs."""
        return network.training_seconds(self.phase.epochs, any(self.phase.internal_noise))


def _spent(path: Path, phase: Phase) -> Path:
    """The path with the epochs of the treatment so far, and their learning rate times steps."""
    steps = phase.epochs * path.chunk.trainer.batches
    rates = [of_individual(phase.learning_rate, n) for n in range(len(path.cohort))]
    added: dict[str, Any] = {EPOCHS: float(phase.epochs), RATE_STEPS: torch.tensor(rates, dtype=torch.float64) * steps}
    before = torch.zeros(len(path.cohort), dtype=torch.float64)
    return replace(path, metrics={**path.metrics, **{k: path.metrics.get(k, before) + v for k, v in added.items()}})


def with_losses(path: Path, section: int, losses: torch.Tensor) -> Path:
    """The path with losses (N, T) behind those of the section's earlier phases."""
    if not losses.shape[1]:
        return path
    name = f"{_CURVES.get(section, MAINTAINED)}/loss"
    before = [path.curves[name].values] if name in path.curves else []
    values = torch.cat([*before, losses], dim=1)
    return replace(path, curves={**path.curves, name: Curve(tuple(range(values.shape[1])), values)})
