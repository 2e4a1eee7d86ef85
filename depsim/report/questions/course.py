"""How does it change: over internal noise, as a drug is taken off, under a bias, over cycles, and layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from depsim.outcomes import long_name
from depsim.report.ask import Ask, Unasked
from depsim.report.cell import Cell, count_cell, difference_cell, number_cell, p_cell
from depsim.report.parts import Figure, Finding, Table, table_of
from depsim.report.questions.bias import bias
from depsim.report.questions.curves import LINES, curve_finding, few_words, line, names_of
from depsim.report.questions.cycles import cycles
from depsim.report.questions.layers import layers
from depsim.report.words import listed, mean_interval, n_words, paragraph
from depsim.stages import MAINTAINED, TREATED, WITHDRAWAL
from depsim.study.analyses.bias import BIASED
from depsim.study.analyses.course import (
    MEASURES,
    NOISE,
    ConditionCurve,
    borrowed,
    curve_rows,
    noise_curves,
    withdrawal_curves,
)
from depsim.study.analyses.layers import SPARSITY
from depsim.study.components import without_crossed
from depsim.study.estimate import Estimate
from depsim.study.groups import Group, groups
from depsim.study.reading import Study
from depsim.study.reference import published_cells

_BORROWED = 4


class Courses(Ask):
    """How conditions change.

    Args:
        over: ``noise``: internal noise; ``withdrawal``: the share of a drug that is left; ``bias``: the mean of the
            noise; ``cycles`` of stress; ``layers`` by stage.
    """

    word: ClassVar[str] = "course"
    shorthand: ClassVar[str] = "over"

    over: Literal["noise", "withdrawal", "bias", "cycles", "layers"]

    def findings(self, study: Study) -> Sequence[Finding]:
        """One; none where nobody was examined so."""
        made = _FINDINGS[self.over](study)
        return () if made is None else (made,)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Cycles and drugs that are taken off, which a study is for; then bias, noise of several drugs, and layers."""
        metrics = measured(study)
        several = len({arm.treatment for arm in without_crossed(study).arms}) > 1
        asked = {
            (40, "cycles"): f"{MAINTAINED}/combined/1" in metrics,
            (42, "withdrawal"): f"{WITHDRAWAL}/{MEASURES[0]}/0" in metrics,
            (110, "bias"): any(name.startswith(f"{TREATED}/{BIASED}") for name in metrics),
            (112, "noise"): several and any(name.startswith(f"{TREATED}/{NOISE}") for name in metrics),
            (114, "layers"): any(name.startswith(f"{TREATED}/{SPARSITY}/layer_") for name in metrics),
        }
        return [
            Unasked(turn, cls.model_validate({"over": over})) for (turn, over), is_there in asked.items() if is_there
        ]


def measured(study: Study) -> set[str]:
    """The names of what was measured of the first individual of each condition."""
    return {name for arm in without_crossed(study).arms for person in arm.individuals[:1] for name in person.metrics}


def noise(study: Study) -> Finding | None:
    """Accuracy against internal noise."""
    every = [(group, noise_curves(group)) for group in groups(study, ("treatment",))]
    parts = [(group, group_curves) for group, group_curves in every if names_of(group_curves)]
    if not parts:
        return None
    text = "Noise is added to every hidden unit; the area under the curve is its mean height."
    title, axes = "How much internal noise do they bear?", ("internal noise, SD", "accuracy", "%")
    return curve_finding("noise", title, axes, parts, text, [published_cells(group) for group, _ in parts])


def withdrawal(study: Study) -> Finding | None:
    """Accuracy while a drug is taken off, and how much of it is borrowed."""
    parts = [
        (group, group_curves) for group in groups(study, ("treatment",)) if (group_curves := withdrawal_curves(group))
    ]
    if not parts:
        return None
    every = [(curve, group.key) for group, group_curves in parts for curve in group_curves]
    tested = borrowed([curve for curve, _ in every], [key for _, key in every])
    rows = [curve_rows(group_curves, group.key) for group, group_curves in parts]
    (group, curves), drawn = parts[0], rows[0]
    here = [row for row in tested if all(row.key.get(key) == value for key, value in group.key.items())]
    return Finding(
        name="withdrawal",
        title="How much of the effect is borrowed from the drug?",
        sentence=(answer := _borrowed_words(here)),
        rows=(*tested, *(row for part in rows for row in part)),
        table=_borrowed_table(tested, here),
        figure=Figure(
            "withdrawal",
            f"Accuracy as less and less of the drug is left. {LINES} {n_words(drawn)}.",
            lambda: _draw_withdrawal(group, curves, drawn),
            drawn,
        ),
        text=paragraph([answer, "Networks are examined with less and less of the drug, without training in between."]),
        also=_steep_words(here),
        open=few_words(here),
        conditions=names_of(curves),
    )


_FINDINGS: Mapping[str, Callable[[Study], Finding | None]] = {
    "noise": noise,
    "withdrawal": withdrawal,
    "bias": bias,
    "cycles": cycles,
    "layers": layers,
}


def _measure(column: str) -> str:
    return "biased noise (mean 0.5)" if column == "biased_0.5" else long_name(column)


def _draw_withdrawal(group: Group, curves: Sequence[ConditionCurve], rows: Sequence[Estimate]) -> Any:
    """A panel for each measure, a line for each condition."""
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.courses import draw_courses
    from depsim.report.figures.lines import Panel

    styles = condition_styles(group.conditions)
    panels: dict[str, list[Any]] = {}
    for curve in curves:
        name = curve.condition.name
        mine = [row for row in rows if (row.of("condition"), row.of("outcome")) == (name, curve.outcome)]
        panels.setdefault(curve.outcome, []).append(line(mine, styles[name], name, curve))
    shown = [Panel(_measure(measure), "accuracy, %", tuple(lines)) for measure, lines in panels.items()]
    return draw_courses(shown, len(shown), "share of the drug that is left, %", falling=True)


def _borrowed_words(rows: Sequence[Estimate]) -> str:
    """What is lost without the drug in the first measure."""
    first_measure = [row for row in rows if row.of("outcome") == rows[0].of("outcome")][:_BORROWED]
    lower = listed(
        [
            f"{mean_interval(row)} {'points ' * (row is first_measure[0])}under {row.of('condition')}"
            for row in first_measure
        ]
    )
    return f"Off the drug {_measure(first_measure[0].of('outcome'))} loses {lower} ({n_words(first_measure)})."


def _steep_words(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Where most of what is surely lost in the first measure is lost in one step."""
    sure = [row for row in rows if row.of("outcome") == rows[0].of("outcome") and row.verdict == "yes"]
    most = [row for row in sure if (row.value or 0) > 0 and 2 * (row.number("lost") or 0) > (row.value or 0)]
    losses = listed([f"{_lost(row)} points from {_step(row)} under {row.of('condition')}" for row in most[:3]] or [""])
    return (f"Most of {_measure(rows[0].of('outcome'))} is lost in one step: {losses}.",) if most else ()


def _borrowed_table(every: Sequence[Estimate], shown: Sequence[Estimate]) -> Table:
    tests = len(every)
    return table_of(
        "withdrawal",
        f"All of the drug less none of it, points, {n_words(shown)}",
        every,
        {
            "condition": lambda row: row.of("condition"),
            "outcome": lambda row: _measure(row.of("outcome")),
            "all": lambda row: number_cell(row.number("mean_a")),
            "none": lambda row: number_cell(row.number("mean_b")),
            "borrowed [95 % interval]": difference_cell,
            "relief": lambda row: number_cell(row.number("relief"), 1, True),
            "p (Holm)": lambda row: p_cell(row.p_holm),
            "differ?": lambda row: row.verdict or "",
            "steepest from": _step,
            "lost there": _lost,
            "steepest there too": lambda row: count_cell(row.number("agreeing") or 0, row.n),
        },
        shown=shown,
        note=f"p adjusted by Holm over {tests} tests. Relief: all of the drug less the depressed network. The steepest "
        "step is that of the means; its interval holds for all steps at once.",
    )


def _step(row: Estimate) -> Cell:
    return Cell(
        row.number("steepest_from"), spelled=f"{row.number('steepest_from'):g} to {row.number('steepest_to'):g} %"
    )


def _lost(row: Estimate) -> Cell:
    return Cell(row.number("lost"), row.number("lost_low"), row.number("lost_high"))
