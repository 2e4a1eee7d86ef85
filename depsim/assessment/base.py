"""What an assessment is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from depsim.component import Component, Label, Neutral
from depsim.steps import Examining, Probe, Prune
from depsim.task import Task

RELEVANT: Mapping[str, float] = {"combined": 2.0, "internal_noise_2.5": 5.0, "resilience_auc": 2.0, "relapse_drop": 2.0}
"""The smallest differences that matter where a study was stored without them."""
COLLAPSE = 90.0
"""Per cent: below it an individual has collapsed, where a study was stored without the limit."""


class Assessment(Component):
    """What is measured, and the second wave of pruning that treated networks are put through.

    Args:
        relevant: the smallest difference that matters, by outcome; a reader's decision that changes no measurement.
        collapse: the standard accuracy below which an individual has collapsed; a reader's decision, too.
    """

    relevant: Annotated[
        dict[str, Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]],
        Label("smallest relevant differences", "points"),
        Neutral(dict(RELEVANT)),
    ] = dict(RELEVANT)  # noqa: RUF012
    collapse: Annotated[
        float,
        Field(ge=0, le=100, allow_inf_nan=False),
        Label("standard accuracy below which an individual has collapsed", "%"),
        Neutral(COLLAPSE),
    ] = COLLAPSE

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
