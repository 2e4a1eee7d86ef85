"""What a pathology is."""

from __future__ import annotations

from abc import abstractmethod

from depsim.component import Component
from depsim.model import Cohort
from depsim.streams import Streams


class Pathology(Component):
    """Turns healthy networks into ill ones. Never logs, never touches its input, never regrows a synapse."""

    @abstractmethod
    def __call__(self, cohort: Cohort, streams: Streams) -> Cohort:
        """The ill cohort.

        Args:
            cohort: healthy networks; left as they are.
            streams: the individuals' random streams.
        """
