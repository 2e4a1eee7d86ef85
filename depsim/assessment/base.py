"""What an assessment is."""

from __future__ import annotations

from abc import abstractmethod

from depsim.component import Component
from depsim.steps import Probe, Prune


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
