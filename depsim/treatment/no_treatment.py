"""No treatment: the untreated control."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.steps import Step
from depsim.treatment.base import Treatment


class NoTreatment(Treatment):
    """Leaves every network as it is."""

    def plan(self) -> Sequence[Step]:
        """Nothing."""
        return ()
