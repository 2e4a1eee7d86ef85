"""What an assessment is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from depsim.component import Component
from depsim.steps import Examining, Probe, Prune
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

    def before(self, stage: str) -> tuple[Probe, ...]:
        """What is measured of the healthy and of the depressed networks before treatment, on streams of its own."""
        return ()

    def recovery(self) -> tuple[Probe, ...]:
        """What is measured of the treated networks beside :meth:`probes`: what is left of the deficit."""
        return ()

    @abstractmethod
    def examining(self) -> Examining:
        """How networks are examined in between, where a treatment asks for it."""

    def ceilings(self, task: Task) -> Mapping[str, float]:
        """The accuracies that no network can be expected to exceed, by metric without its exam; others: 100."""
        return {}
