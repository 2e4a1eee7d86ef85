"""What a treatment is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from depsim.component import Component
from depsim.steps import Step


class Treatment(Component):
    """What is done for depressed networks: a plan of steps. It computes nothing itself and never prunes a synapse.

    Where its steps change the standing state, the networks are examined withdrawn, too: in the state before them.
    """

    @abstractmethod
    def plan(self) -> Sequence[Step]:
        """The steps, in order."""
