"""How a panel's conditions look: one colour per treatment, broken and hollow where its drug is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from depsim.report.figures.style import colours, dashes, markers
from depsim.stages import WITHDRAWN
from depsim.study.groups import Condition

MANY = 200
"""Individuals from which dots and thin lines are drawn as one image, as a vector file would grow huge."""


@dataclass(frozen=True)
class ConditionStyle:
    """The style of one condition.

    Args:
        colour, marker, line: as matplotlib names them.
        hollow: whether its markers are.
    """

    colour: str
    marker: str
    line: str
    hollow: bool

    @property
    def face(self) -> str:
        """The inside of a marker."""
        return "none" if self.hollow else self.colour


def condition_styles(conditions: Sequence[Condition]) -> dict[str, ConditionStyle]:
    """A style for each condition, by name."""
    names = [condition.arm.treatment for condition in conditions]
    colour, marker = colours(dict.fromkeys(names)), markers(dict.fromkeys(names))
    return {
        c.name: ConditionStyle(colour[c.arm.treatment], marker[c.arm.treatment], dashes(c.stage), c.stage == WITHDRAWN)
        for c in conditions
    }


def thin(n: int) -> dict[str, Any]:
    """How one of ``n`` individuals' lines is drawn: the more there are, the fainter."""
    return {"linewidth": 0.5, "alpha": max(0.05, min(0.6, 12 / n)), "rasterized": n > MANY}
