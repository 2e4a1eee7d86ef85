"""What a follow-up is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from depsim.component import Component
from depsim.steps import Modulate, Probe, Step


@dataclass(frozen=True)
class Treated:
    """What a follow-up knows of the treatment before it.

    Args:
        maintenance: the training that belongs to the treatment afterwards.
        drug_off: the step that takes off what is on, or None where nothing is.
        probes: what is measured at examinations in between.
        relapse: the deficit, in points, above which two examinations in a row are a relapse.
        remission: the largest deficit of whoever is well.
    """

    maintenance: tuple[Step, ...]
    drug_off: Modulate | None
    probes: tuple[Probe, ...]
    relapse: float
    remission: float


class FollowUp(Component):
    """What happens to treated networks afterwards: sections of steps, which compute nothing themselves."""

    @abstractmethod
    def plan(self, treated: Treated) -> Sequence[tuple[int, Sequence[Step]]]:
        """The steps of each section, in order."""
