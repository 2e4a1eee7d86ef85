"""No pathology: the healthy control."""

from __future__ import annotations

from depsim.model import Cohort
from depsim.pathology.base import Pathology
from depsim.streams import Streams


class NoPathology(Pathology):
    """Leaves every network as it is."""

    def __call__(self, cohort: Cohort, streams: Streams) -> Cohort:
        """The same cohort."""
        return cohort
