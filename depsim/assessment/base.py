"""What an assessment is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from depsim.component import Component
from depsim.steps import Probe, Prune
from depsim.task import Task


class Assessment(Component):
    """What is measured, and the second wave of pruning that treated networks are put through."""

    @abstractmethod
    def probes(self) -> tuple[Probe, ...]:
        """What is measured at every examination."""

    @abstractmethod
    def relapse(self) -> Prune:
        """The second wave."""

    @abstractmethod
    def relapse_probes(self) -> tuple[Probe, ...]:
        """What is measured after it; among it the drop since the treated networks."""

    def ceilings(self, task: Task) -> Mapping[str, float]:
        """The accuracies that no network can be expected to exceed, by metric without its exam; others: 100."""
        return {}
