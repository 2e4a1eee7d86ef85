"""What a pathology is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from depsim.component import Component
from depsim.steps import Step


class Pathology(Component):
    """What turns healthy networks into depressed ones: a plan of steps. It never regrows a synapse."""

    @abstractmethod
    def plan(self) -> Sequence[Step]:
        """The steps, in order."""
