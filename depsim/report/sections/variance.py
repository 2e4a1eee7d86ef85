"""Which seed matters: how much of an outcome's variance comes from each stream of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.stacked_bars import draw_stacked_bars
from depsim.report.points import OUTCOMES, Measured
from depsim.report.settings import spell_fixed
from depsim.report.wording import counted
from depsim.stages import WITHDRAWN
from depsim.statistics import Component, variance_components
from depsim.study.axes import varied
from depsim.study.components import REMAINING, Balanced, Crossed, crossed_designs
from depsim.study.reading import Study

_RESIDUAL = "residual"


@dataclass(frozen=True)
class _Split:
    """The components of one outcome in one design."""

    who: str
    outcome: Measured
    when: str
    cells: Balanced
    components: tuple[Component, ...]

    @property
    def varies(self) -> bool:
        return any(component.variance > 0 for component in self.components)


def section(study: Study) -> Section | None:
    """The section; None where no streams were crossed."""
    designs = crossed_designs(study)
    if not designs:
        return None
    splits = _splits(designs)
    streams = sorted({stream for design in designs for stream in design.streams})
    blocks: list[Block] = [Paragraph(_intro(streams)), *_remarks(designs, splits)]
    if any(split.varies for split in splits):
        blocks.append(_picture([split for split in splits if split.varies]))
    if splits:
        blocks.append(_sheet("variance_components", splits))
    return Section("variance", "Which seed matters", tuple(blocks))


def facts(study: Study) -> dict[str, Any]:
    """The components for ``study.json``."""
    return {
        "components": [
            {
                "condition": split.who,
                "outcome": split.outcome.name,
                "when": split.when,
                "cells": len(split.cells.values),
                "levels": split.cells.sizes,
                "shares": {component.name: component.share for component in split.components},
            }
            for split in _splits(crossed_designs(study))
        ]
    }


def _splits(designs: Sequence[Crossed]) -> list[_Split]:
    found = []
    for design in designs:
        for outcome in OUTCOMES:
            for when, metric in outcome.metrics.items():
                cells = design.balanced(metric)
                if cells is not None and len(cells.levels) > 1:
                    components = tuple(variance_components(cells.values, cells.levels))
                    found.append(_Split(_name(design, designs), outcome, when, cells, components))
    return found


def _name(design: Crossed, designs: Sequence[Crossed]) -> str:
    """The treatment, and what tells the design from others of the same treatment."""
    namesakes = [arm for other in designs if other.treatment == design.treatment for arm in other.arms]
    told = sorted(key for key in varied(namesakes) if key in design.settings)
    return ", ".join(filter(None, (design.treatment, spell_fixed({key: design.settings[key] for key in told}))))


def _intro(streams: Sequence[str]) -> str:
    return (
        f"Individuals were made of every combination of held streams ({', '.join(streams)}), each stream at several "
        "seeds. A share says how much of an outcome's variance between individuals comes with that stream alone; "
        "`a x b` is what only their combination explains, and the residual holds combinations of more. With few levels "
        "a share is known roughly only: read the intervals."
    )


def _remarks(designs: Sequence[Crossed], splits: Sequence[_Split]) -> list[Paragraph]:
    said = []
    left_out = max((split.cells.left_out for split in splits), default=0)
    if left_out:
        said.append(
            f"The design is not complete: up to {counted(left_out, 'cell')} of a condition lie outside its largest "
            "complete part and are left out."
        )
    failed = sum(len(arm.failures) for design in designs for arm in design.arms)
    if failed:
        said.append(f"{counted(failed, 'individual')} of the design failed.")
    shown = {split.who for split in splits}
    missing = [name for design in designs if (name := _name(design, designs)) not in shown]
    if missing:
        text = "Two streams have to vary in complete combinations to split a variance; not so for "
        said.append(f"{text}{', '.join(missing)}.")
    constant = [f"{split.who}: {split.outcome.name}, {split.when}" for split in splits if not split.varies]
    if constant:
        said.append(f"The same for all individuals, so there is no variance to split: {'; '.join(constant)}.")
    return [Paragraph(text, "warning") for text in said]


def _picture(splits: Sequence[_Split]) -> Picture:
    panels: dict[str, dict[str, dict[str, float]]] = {}
    for split in splits:
        off = " (withdrawn)" if split.when == WITHDRAWN else ""
        shares = {component.name: component.share for component in split.components}
        panels.setdefault(split.outcome.name, {})[split.who + off] = shares
    sizes = splits[0].cells.sizes
    levels = ", ".join(f"{count} of {name}" for name, count in sizes.items())
    cells = sorted({len(split.cells.values) for split in splits})
    many = f"{cells[0]}" if len(cells) == 1 else f"{cells[0]} to {cells[-1]}"
    return Picture(
        name="variance_components",
        title="Where the variance between individuals comes from",
        caption=(
            f"Each bar is the variance of one outcome over n = {many} individuals ({levels} levels), split into its "
            "components; estimates below 0 are shown as 0. Intervals are in the table."
        ),
        draw=partial(draw_stacked_bars, panels, _RESIDUAL),
        data=_sheet("variance_shares", splits),
        alt=f"Stacked bars of variance components for {', '.join(panels)}; numbers in the table.",
    )


def _sheet(name: str, splits: Sequence[_Split]) -> Sheet:
    columns = (
        Column("condition", "condition"),
        Column("outcome", "outcome"),
        Column("when", "when"),
        Column("component", "component"),
        Column("n", "n"),
        Column("levels", "levels"),
        Column("share", "share, %", ".1f"),
        Column("share_low", "95 % from", ".1f"),
        Column("share_high", "to", ".1f"),
        Column("sd", "SD", ".2f"),
        Column("sd_low", "95 % from", ".2f"),
        Column("sd_high", "to", ".2f"),
        Column("unit", "unit"),
    )
    rows = []
    for split in splits:
        for part in split.components:
            head: tuple[Value, ...] = (split.who, split.outcome.name, split.when, part.name)
            size = (len(split.cells.values), split.cells.sizes.get(part.name))
            shares = (100 * part.share, _times(part.low, 100), _times(part.high, 100))
            spread = (part.variance**0.5, _root(part.variance_low), _root(part.variance_high))
            rows.append((*head, *size, *shares, *spread, split.outcome.unit))
    note = (
        "n individuals, one per combination. Variance components of a crossed random-effects design (analysis of "
        "variance); share of their sum, and the component as a standard deviation, with 95 % generalised intervals. "
        f"`{REMAINING}` stands for the streams that were not held. What no stream varies (with one individual per "
        "combination: regrowth, treatment noise and exams) adds nothing."
    )
    return Sheet(name, "Variance components", columns, tuple(rows), note)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else factor * value


def _root(value: float | None) -> float | None:
    return None if value is None else value**0.5
