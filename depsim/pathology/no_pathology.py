"""No pathology: the healthy control."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.pathology.base import Pathology
from depsim.steps import Step


class NoPathology(Pathology):
    """Leaves every network as it is."""

    def plan(self) -> Sequence[Step]:
        """Nothing."""
        return ()
