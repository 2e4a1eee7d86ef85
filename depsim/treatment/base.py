"""What a treatment is."""

from __future__ import annotations

from abc import abstractmethod

from depsim.component import Component
from depsim.model import Cohort
from depsim.training import Trained, Trainer


class Treatment(Component):
    """Turns depressed networks into treated ones. Never logs, never touches its input, never prunes a synapse."""

    @abstractmethod
    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        """The treated cohort, with the training loss of each epoch that the treatment took.

        Args:
            cohort: depressed networks; left as they are.
            trainer: trains these individuals on their own points, in their own order.
        """

    def withdraw(self, cohort: Cohort) -> Cohort | None:
        """The treated cohort without the drug, or None where there is nothing to withdraw."""
        return None
