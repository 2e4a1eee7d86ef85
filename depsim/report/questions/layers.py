"""What is left of each layer at each stage, and how much of what regrew is what mattered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.report.cell import NOTHING, Cell, Content, mean_cell, with_words
from depsim.report.parts import MOST_ROWS, Figure, Finding, Table
from depsim.report.words import listed, n_words, number, paragraph
from depsim.stages import STAGES, TREATED, WITHDRAWN
from depsim.study.analyses.layers import LOST_AGAIN, RESTORED, SPARSITY, overlap_rows, sparsity_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, groups
from depsim.study.reading import Study

_KINDS = {RESTORED: "regrown that a milder pruning had spared", LOST_AGAIN: "lost to the relapse that had regrown"}
_ROWS_IN_A_FIGURE = 16


def layers(study: Study) -> Finding | None:
    """Layer sparsity by stage, and the overlap of regrowth with what matters; None where neither was measured."""
    parts = [
        (group, [condition for condition in group.conditions if condition.stage == TREATED])
        for group in groups(study, ("treatment",))
    ]
    every = [
        (sparsity_rows(condition, group.key), overlap_rows(condition, group.key))
        for group, conditions in parts
        for condition in conditions
    ]
    rows = tuple(row for both in every for kind_rows in both for row in kind_rows)
    if not rows:
        return None
    group, conditions = parts[0]
    here = [row for row in rows if all(row.key.get(key) == value for key, value in group.key.items())]
    sparsity = [row for row in here if row.of("outcome") == SPARSITY]
    overlaps = [row for row in here if row.of("outcome") != SPARSITY]
    return Finding(
        name="layers",
        title="What is left of each layer, and does regrowth restore what was lost?",
        sentence=(answer := _restored_words(overlaps) if overlaps else _sparsity_words(sparsity)),
        rows=rows,
        table=_table(rows, sparsity, overlaps),
        figure=_figure(conditions, overlaps) if overlaps else None,
        text=paragraph(
            [
                answer,
                "Had mattered: a milder pruning, leaving as many, had spared them." if overlaps else "",
                "Layers count from the input.",
            ]
        ),
        conditions=tuple(condition.name for condition in conditions),
    )


def _restored_words(overlaps: Sequence[Estimate]) -> str:
    """The share of what regrew that was lost, layer by layer, with its expectation, of the first condition."""
    first = overlaps[0]
    shown = [
        row
        for row in overlaps
        if (row.of("condition"), row.of("outcome")) == (first.of("condition"), first.of("outcome"))
    ]
    shares = _each([number(row.value) for row in shown])
    expected = _each([number(row.number("expected")) for row in shown])
    above = sum(row.more["beyond"] == "above" for row in shown)
    more = f"; more than that is established in {above} of them" if first.n > 2 else ""
    return (
        f"Under {first.of('condition')} {shares} % of what regrows in layers 1 to {len(shown)} had mattered, where "
        f"{expected} % are expected at random ({n_words(shown)}){more}."
    )


def _each(numbers: Sequence[str]) -> str:
    """Numbers of all layers; one where they are equal."""
    return "/".join(numbers if len(set(numbers)) > 1 else numbers[:1])


def _sparsity_words(rows: Sequence[Estimate]) -> str:
    shown = [row for row in rows if row.of("condition") == rows[0].of("condition") and row.of("stage") == TREATED]
    shares = _each([number(row.value) for row in shown])
    return f"Sparsity of layers 1 to {len(shown)} under {rows[0].of('condition')} is {shares} % ({n_words(rows)})."


def _table(rows: Sequence[Estimate], sparsity: Sequence[Estimate], overlaps: Sequence[Estimate]) -> Table:
    """A line for each layer; conditions that are alike in all of it share their lines."""
    stages = [stage for stage in STAGES if stage != WITHDRAWN and any(row.of("stage") == stage for row in sparsity)]
    kinds = [kind for kind in _KINDS if any(row.of("outcome") == kind for row in overlaps)]
    lines: dict[tuple[tuple[Content, ...], ...], list[str]] = {}
    for name in dict.fromkeys(row.of("condition") for row in (*sparsity, *overlaps)):
        condition_rows = [row for row in (*sparsity, *overlaps) if row.of("condition") == name]
        cells: tuple[tuple[Content, ...], ...] = tuple(
            (
                layer,
                *(_cell(condition_rows, layer, SPARSITY, stage) for stage in stages),
                *(_cell(condition_rows, layer, kind) for kind in kinds),
            )
            for layer in dict.fromkeys(row.of("layer") for row in condition_rows)
        )
        lines.setdefault(cells, []).append(name)
    shown = [(listed(names), *line) for cells, names in lines.items() for line in cells]
    headings = (
        "",
        "layer",
        *stages,
        *({RESTORED: "restored (expected)", LOST_AGAIN: "lost again (expected)"}[kind] for kind in kinds),
    )
    more = f" {len(shown) - MOST_ROWS} more lines are in `tables/layers.csv`." if len(shown) > MOST_ROWS else ""
    note = "Conditions with equal numbers share their lines."
    if kinds:
        note += " Lost again: of the synapses that the relapse removes, those that had regrown; expected: at random."
    title = f"Sparsity of each layer by stage and overlap of what regrew, in %, {n_words(list(rows))}"
    return Table("layers", title, headings, tuple(shown[:MOST_ROWS]), tuple(rows), f"{note}{more}")


def _cell(rows: Sequence[Estimate], layer: str, outcome: str, stage: str = "") -> Cell:
    for row in rows:
        if (row.of("layer"), row.of("outcome"), row.of("stage")) == (layer, outcome, stage):
            if outcome == SPARSITY:
                return mean_cell(row, 2 if row.interval is None else 1)
            return with_words(mean_cell(row), f"({number(row.number('expected'))})")
    return NOTHING


def _figure(conditions: Sequence[Condition], overlaps: Sequence[Estimate]) -> Figure:
    drawn = tuple(overlaps)
    known = any(row.more.get("expected_low") is not None for row in drawn)
    grey = "grey: expected at random, with the interval of 95 % of individuals" if known else "grey: expected at random"
    caption = f"Dot: mean over individuals with its 95 % interval; {grey}. {n_words(drawn)}."

    def draw() -> Any:
        from depsim.report.figures.condition_style import condition_styles
        from depsim.report.figures.rates import Rate, draw_rates

        styles = condition_styles(conditions)
        several = len({row.of("condition") for row in drawn}) > 1
        panels: dict[str, list[Rate]] = {}
        for row in drawn:
            name = f"{row.of('condition')}, layer {row.of('layer')}" if several else f"layer {row.of('layer')}"
            middle = row.number("expected") or 0.0
            low, high = (row.number(f"expected_{end}") for end in ("low", "high"))
            expected = (middle, middle if low is None else low, middle if high is None else high)
            rate = Rate(name, styles[row.of("condition")], row.value or 0.0, row.interval, expected=expected)
            panels.setdefault(_KINDS[row.of("outcome")], []).append(rate)
        return draw_rates({title: rates[:_ROWS_IN_A_FIGURE] for title, rates in panels.items()}, "%", whole=False)

    return Figure("layers", caption, draw, drawn)
