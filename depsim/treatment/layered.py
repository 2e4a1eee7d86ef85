"""Treatments that may act in some layers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from depsim.component import Label, Neutral
from depsim.model import Architecture
from depsim.steps import Modulate, Step, Train
from depsim.treatment.base import Treatment


def _numbered(layers: Any) -> tuple[int, ...]:
    """Numbers of layers, ascending."""
    if not isinstance(layers, list | tuple) or not layers or any(type(each) is not int or each < 1 for each in layers):
        raise ValueError("must be a list of layers, counted from 1, or null for all")
    if len(set(layers)) < len(layers):
        raise ValueError("must name a layer only once")
    return tuple(sorted(layers))


class Layered(Treatment):
    """Acts in all layers or in some, maintenance included.

    Args:
        layers: the weight matrices that regrow and learn, with their biases, and the hidden layers whose activity the
            drug changes; None for all.

    References: paper, Figure 1.
    """

    layers: Annotated[
        Annotated[tuple[int, ...], BeforeValidator(_numbered)] | None,
        Label("layers that the drug acts in", symbol="layers"),
        Neutral(None),
    ] = None

    def maintaining(self) -> Sequence[Step]:
        """The steps of its maintenance, in its layers."""
        return () if self.maintenance is None else self.maintenance.steps(self.layers)

    def misplaced(self, parts: Architecture) -> str:
        """What is wrong with its layers in a network of these parts; empty where nothing is."""
        layers, hidden = self.layers or (1,), len(parts.hidden)
        if max(layers) > len(parts.matrices):
            return f"must name layers of the network, 1 to {len(parts.matrices)}"
        changes = any(
            isinstance(step, Modulate) or (isinstance(step, Train) and step.phase.activity) for step in self.plan()
        )
        if changes and min(layers) > hidden:
            return f"the drug changes the activity of hidden layers; must name one of them, 1 to {hidden}"
        return ""
