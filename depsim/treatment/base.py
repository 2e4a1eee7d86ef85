"""What a treatment is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated

from depsim.component import Component, Label, Neutral
from depsim.steps import Maintenance, Step


class Treatment(Component):
    """What is done for depressed networks: a plan of steps. It computes nothing itself and never prunes a synapse.

    Where its steps change the standing state, the networks are examined withdrawn, too: in the state before them.

    Args:
        maintenance: its training between stresses, where a follow-up goes on with it; None for none.
    """

    maintenance: Annotated[Maintenance | None, Label("maintenance of its own"), Neutral(None)] = None

    @abstractmethod
    def plan(self) -> Sequence[Step]:
        """The steps, in order."""

    def maintaining(self) -> Sequence[Step]:
        """The steps of its maintenance."""
        return () if self.maintenance is None else self.maintenance.steps()
